"""Builds of four numbers, as Microsoft counts them: 10.0.19045.3324, 15.02.1118.030; fewer name a whole line."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import END, Interval, beginning, exactly, number

NAMES = ("quad", "windows")

_BUILD = re.compile(
    r"(?:version|build)?\s*v?(\d+(?:\.\d+){0,4})(?:[\s(]*(?:build\s*)?(\d+(?:\.\d+)?)\)?)?", re.IGNORECASE
)
_WHOLE = 4


def interval(text: str) -> Interval | None:
    """Read a build, also as "15.2 (Build 1118.26)"; one of fewer than four numbers may be any that begins so.

    "10.0.19045 Build 19045" says its third number twice: the fourth, which tells what is mended, is not told.
    """
    found = _BUILD.fullmatch(text.strip().removesuffix(".*"))
    if not found:
        return None
    numbers = found[1].split(".")
    build = found[2].split(".") if found[2] else []
    numbers += build[1:] if build and int(build[0]) == int(numbers[-1]) else build
    prefix = b"".join(map(number, numbers))
    return exactly(prefix + END) if len(numbers) >= _WHOLE else beginning(prefix)
