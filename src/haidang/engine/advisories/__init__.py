"""What is known to be dangerous: flaws, the versions that have them, the builds that fix them."""
