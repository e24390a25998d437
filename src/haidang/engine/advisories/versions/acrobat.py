"""Builds of Acrobat and Reader: the year in two digits or four, then two numbers: 23.006.20380, 2020.013.20074."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import END, Interval, beginning, exactly, number

NAMES = ("acrobat",)

_BUILD = re.compile(r"v?(\d{1,4})(?:\.(\d{1,5}))?(?:\.(\d{1,6}))?(?:\.0)?")
_CENTURY = 2000


def interval(text: str) -> Interval | None:
    """Read a build; one of fewer than three numbers is all that begin so."""
    found = _BUILD.fullmatch(text.strip().lower().removesuffix(".*"))
    if not found:
        return None
    numbers = [int(part) for part in found.groups() if part is not None]
    numbers[0] -= _CENTURY if numbers[0] >= _CENTURY else 0
    prefix = b"".join(map(number, numbers))
    return exactly(prefix + END) if len(numbers) == 3 else beginning(prefix)
