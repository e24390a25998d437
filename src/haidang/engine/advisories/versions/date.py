"""Versions that are days: 2023-07-11, 20230711, 11/07/2023."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import END, Interval, beginning, exactly, number

NAMES = ("date",)

_YEAR_FIRST = re.compile(r"(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?|([./-])(\d{1,2})(?:\4(\d{1,2}))?)(?:[T ]\d{2}:\d{2}\S*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_MONTHS, _DAYS = 12, 31


def interval(text: str) -> Interval | None:
    """Read a day, or a month for any day of it; None where there is no such day.

    Of two numbers before a year the first is the day, unless only the other one can be.
    """
    if found := _DAY_FIRST.fullmatch(text.strip()):
        day, month = (found[1], found[3]) if int(found[3]) <= _MONTHS else (found[3], found[1])
        return _day(found[4], month, day)
    found = _YEAR_FIRST.fullmatch(text.strip())
    return _day(found[1], found[2] or found[5], found[3] or found[6]) if found else None


def _day(year: str, month: str, day: str | None) -> Interval | None:
    if not 1 <= int(month) <= _MONTHS or not 1 <= int(day or 1) <= _DAYS:
        return None
    key = number(year) + number(month)
    return exactly(key + number(day) + END) if day else beginning(key)
