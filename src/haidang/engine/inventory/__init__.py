"""What agencies have: machines, operating systems with builds, software with versions, installed updates."""
