"""`haidang`: finds the command, runs it, and turns what went wrong into one sentence.

A command is a module of this package with `HELP` (one line), `EXAMPLE` (a command line that works),
`add_arguments(parser)` and `run(args) -> int`. Its heavy imports stand inside `run`, so that `haidang --help` starts at once.

Exit codes of every command: 0 done (clean), 2 wrong usage or a file that can't be read, 10 found, 20 not checked.
"""

from __future__ import annotations

import argparse
import importlib
import io
import pkgutil
import sys
from collections.abc import Sequence

import haidang.cli
from haidang import __version__
from haidang.engine.errors import HaidangError

_NOT_COMMANDS = {"main", "folder", "list_check"}


def command_names() -> list[str]:
    """List the commands: every module of this package that is not part of the frame."""
    return sorted(m.name for m in pkgutil.iter_modules(haidang.cli.__path__) if m.name not in _NOT_COMMANDS)


def make_parser() -> argparse.ArgumentParser:
    """Build the parser with every command in it."""
    parser = argparse.ArgumentParser(
        prog="haidang",
        description="Hải Đăng: đọc công văn, đối chiếu với thực tế, trả lời từng điểm cho từng đơn vị. "
        "Reads a directive letter and answers every clause for every agency.",
    )
    parser.add_argument("--version", action="version", version=f"haidang {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in command_names():
        module = importlib.import_module(f"haidang.cli.{name}")
        command = commands.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            epilog=f"example:\n  {module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # Vietnamese has to come out whatever the console's code page, and a name that is no text must not stop us.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    args = make_parser().parse_args(arguments)
    try:
        return int(args.run(args))
    except HaidangError as error:
        return _fail(args.command, str(error))
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        # A disk that is full, a folder that is not ours to write.
        return _fail(args.command, ": ".join(str(word) for word in (error.filename, error.strerror or error) if word))
    except KeyboardInterrupt:
        return 130


def _fail(command: str, sentence: str) -> int:
    print(f"haidang {command}: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
