"""Days and times as people in Vietnam write them; inside, times are UTC."""

from __future__ import annotations

import datetime as dt
import re

from haidang.engine.errors import BadRequest

# Vietnam has kept UTC+7 without summer time since 1975-06-13, so a fixed offset says the same as Asia/Ho_Chi_Minh
# and needs no time-zone files on an agency's old PC.
ICT = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")

_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def make_day(year: int, month: int, day: int) -> dt.date | None:
    """Build a day, or None where the calendar has no such day or a letter would not name it."""
    if not 1945 <= year <= 2199:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def parse_day(text: str) -> dt.date:
    """Read `2024-02-09` or `09/02/2024` (day first).

    Raises:
        BadRequest: it is no day.
    """
    found = _DAY.fullmatch(text.strip())
    if found:
        parts = [int(part) for part in found.groups() if part is not None]
        day = make_day(*parts) if found[1] else make_day(parts[2], parts[1], parts[0])
        if day:
            return day
    raise BadRequest(f"“{text}” is not a day; write 2024-02-09 or 09/02/2024")


def start_of(day: dt.date) -> dt.datetime:
    """Give the instant at which a day begins in Vietnam, in UTC."""
    return dt.datetime.combine(day, dt.time(), ICT).astimezone(dt.UTC)


def end_of(day: dt.date) -> dt.datetime:
    """Give the first instant after a day in Vietnam, in UTC."""
    return start_of(day + dt.timedelta(days=1))
