"""Days and times as publishers write them, brought to one form that sorts."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime

# 2023-10-26T23:04:01Z, …01.123Z, …01 (UTC is meant), …01+02:00, …01+0000, 2023-10-26T23:04Z, 2023-10-26
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d))?(?:[.,]\d+)?\s*(Z|z|UTC|[+-]\d\d:?\d\d)?)?", re.ASCII
)
# Earlier years stand where a day is not known: 0001-01-01, 1970-01-01.
_FIRST_YEAR = "1980"


@functools.lru_cache(maxsize=50_000)
def moment(text: str) -> str:
    """Give a time in UTC, "2023-10-26T23:04:01Z"; a day counts from midnight; empty when it is no time."""
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        return ""
    day, minutes, seconds, zone = found.groups()
    offset = "+00:00" if zone is None or zone in ("Z", "z", "UTC") else zone
    try:
        there = datetime.fromisoformat(f"{day}T{minutes or '00:00'}:{seconds or '00'}{offset}")
        return f"{there.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
    except (ValueError, OverflowError):
        return ""


def day(text: str) -> str:
    """Give the day of a time, ISO, in UTC; empty when it is none, or one that stands for "not known"."""
    found = moment(text)[:10]
    return found if found >= _FIRST_YEAR else ""
