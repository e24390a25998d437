"""Speed, measured: `python -m bench` runs every module here that has `run`."""
