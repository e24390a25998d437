"""Results that are folders: written beside their place and swapped in whole, and never over what somebody else put there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from haidang.engine.errors import BadRequest


def check_out(out: Path, sources: Iterable[Path | None], mark: str, result: Collection[str]) -> None:
    """Refuse to write over what is not an earlier result, or among what is read.

    Args:
        out: the folder asked for.
        sources: what is read.
        mark: the file by which an earlier result is known.
        result: all that an earlier result may hold.

    Raises:
        BadRequest: the folder holds something else, or lies where it would be read or pull the floor away.
    """
    if out.is_symlink() or (out.exists() and not _is_ours(out, mark, result)):
        raise BadRequest(f"{out} is there already and is no earlier result; give another --out")
    place = out.resolve()
    if Path.cwd().is_relative_to(place):
        raise BadRequest(f"{out} is the folder you are in, or one above it; give another --out")
    for source in sources:
        if source is not None and place.is_relative_to(source.resolve()):
            raise BadRequest(f"{out} lies in {source}, where it would be read; give another --out")


def _is_ours(out: Path, mark: str, result: Collection[str]) -> bool:
    """Tell whether a folder is empty, or holds an earlier result and nothing else."""
    if not out.is_dir():
        return False
    names = {path.name for path in out.iterdir()}
    return not names or (mark in names and names <= set(result))


@contextmanager
def written(out: Path) -> Iterator[Path]:
    """Give a fresh folder to write into; it takes the place of `out` when all is written, and only then."""
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield fresh
        fresh.chmod(0o755)
        _swap(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, out: Path) -> None:
    if not out.exists():
        fresh.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
    try:
        os.replace(out, old / "old")  # noqa: PTH105 - one step, whatever lies there
        try:
            fresh.rename(out)
        except OSError:
            os.replace(old / "old", out)  # noqa: PTH105
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
