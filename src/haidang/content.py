"""Finds what analysts and lawyers edit: the folder `content/`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from haidang.engine.errors import BadContent


@cache
def folder() -> Path:
    """Give the folder: inside the installed package, or at the root of the repository.

    Raises:
        BadContent: it is in neither place.
    """
    here = Path(__file__).parent
    for place in (here / "content", here.parents[1] / "content"):
        if (place / "law").is_dir():
            return place
    raise BadContent("the folder content/ is missing; install haidang again")


def files(name: str, ending: str) -> Iterator[tuple[str, bytes]]:
    """Give the files of one of its folders: (name, content), in order."""
    for path in sorted((folder() / name).glob(f"*{ending}")):
        yield path.name, path.read_bytes()
