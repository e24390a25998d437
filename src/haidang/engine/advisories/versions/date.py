"""Versions that are days: 2023-07-11, 20230711, 11/07/2023."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import END, Interval, beginning, exactly, number

NAMES = ("date",)

_YEAR_FIRST = re.compile(r"(\d{4})[./-]?(\d{2})(?:[./-]?(\d{2}))?")
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def interval(text: str) -> Interval | None:
    """Read a day, or a month for any day of it."""
    if found := _DAY_FIRST.fullmatch(text.strip()):
        return exactly(b"".join(map(number, (found[3], found[2], found[1]))) + END)
    found = _YEAR_FIRST.fullmatch(text.strip())
    if not found:
        return None
    month = number(found[1]) + number(found[2])
    return exactly(month + number(found[3]) + END) if found[3] else beginning(month)
