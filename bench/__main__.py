"""Runs the benches: all of them, or those named on the command line."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil

import bench


def main() -> int:
    """Run each bench found here and print its figures."""
    names = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", metavar="NAME", nargs="*", help=", ".join(names))
    parser.add_argument("--wesng", metavar="DIR", help="where wes.py of github.com/bitsadmin/wesng lies")
    args = parser.parse_args()
    if args.wesng:
        os.environ["WESNG"] = args.wesng
    for name in args.names or names:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"bench.{name}").run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
