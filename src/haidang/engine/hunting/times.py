"""Times as logs write them, made UTC."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS: Final = {name: at for at, name in enumerate(_NAMES, 1)}
_ISO: Final = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)[T _](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:?\d\d)?"
)
_DAY_FIRST: Final = re.compile(r"(\d\d?)[/.-](\d\d?)[/.-](\d{4})[ T](\d\d):(\d\d)(?::(\d\d))?")
_WEB: Final = re.compile(r"(\d\d?)[/-]([A-Za-z]{3})[/-](\d{4})[: ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?: ([+-]\d{4}))?")
_SYSLOG: Final = re.compile(r"([A-Z][a-z]{2})\s+(\d\d?)\s+(?:(\d{4})\s+)?(\d\d):(\d\d):(\d\d)(?:\.\d+)?")
_EPOCH: Final = re.compile(r"(?<![\d.\w-])(\d{10})(\d{3})?(\d{3})?(\d{3})?(?:\.(\d{1,9}))?(?![\d\w-])")
_HEAD: Final = 200  # characters of a line in which its time is looked for
_FIRST, _LAST = 946_684_800, 4_102_444_800  # 2000 to 2099
_SLACK: Final = dt.timedelta(days=2)  # a log may be ahead of our day


class Clock:
    """Reads times; where they name no zone or no year it knows them.

    Args:
        zone: of times that name none.
        today: the day on which the log is read: a time without a year is the last one before its end.
    """

    def __init__(self, zone: dt.tzinfo, today: dt.date) -> None:
        self._zone = zone
        self.today = today

    def anywhere(self, text: str) -> dt.datetime | None:
        """Read the first time near the start of a line."""
        head = text[:_HEAD]
        for pattern, make in _FORMS:
            match = pattern.search(head)
            if match and (time := make(self, match)):
                return time
        return None

    def read(self, text: str) -> dt.datetime | None:
        """Read a field that holds a time and nothing else."""
        return self.anywhere(text.strip().strip('"[]'))

    def epoch(self, number: float) -> dt.datetime | None:
        """Read seconds, or thousandths, millionths or billionths of them, since 1970."""
        while number > _LAST:
            number /= 1000
        return dt.datetime.fromtimestamp(number, dt.UTC) if number >= _FIRST else None

    def local(
        self,
        year: int,
        month: int,
        day: int,
        hour: int = 0,
        minute: int = 0,
        second: int = 0,
        micros: int = 0,
        *,
        offset: str | None = None,
    ) -> dt.datetime | None:
        """Make a time of its parts; None where there is no such day or hour."""
        try:
            zone = _zone_of(offset) if offset else self._zone
            return dt.datetime(year, month, day, hour, minute, second, micros, zone).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            return None

    def _iso(self, match: re.Match[str]) -> dt.datetime | None:
        *parts, fraction, offset = match.groups()
        micros = int((fraction or "").ljust(6, "0")[:6])
        year, month, day, hour, minute, second = map(int, parts)
        return self.local(year, month, day, hour, minute, second, micros, offset=offset)

    def _day_first(self, match: re.Match[str]) -> dt.datetime | None:
        day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
        return self.local(year, month, day, hour, minute, second)

    def _web(self, match: re.Match[str]) -> dt.datetime | None:
        day, month, year, hour, minute, second, offset = match.groups()
        number = _MONTHS.get(month.lower())
        if not number:
            return None
        return self.local(int(year), number, int(day), int(hour), int(minute), int(second), offset=offset)

    def _syslog(self, match: re.Match[str]) -> dt.datetime | None:
        name, day, year, hour, minute, second = match.groups()
        month = _MONTHS.get(name.lower())
        if not month:
            return None
        parts = (month, int(day), int(hour), int(minute), int(second))
        time = self.local(int(year or self.today.year), *parts)
        if year or time is None:
            return time
        end = dt.datetime.combine(self.today, dt.time(), self._zone) + _SLACK
        return time if time < end else self.local(self.today.year - 1, *parts)

    def _stamp(self, match: re.Match[str]) -> dt.datetime | None:
        whole = "".join(part or "" for part in match.groups()[:4])
        return self.epoch(float(f"{whole}.{match[5] or 0}"))


_FORMS: Final = (
    (_ISO, Clock._iso),
    (_WEB, Clock._web),
    (_SYSLOG, Clock._syslog),
    (_DAY_FIRST, Clock._day_first),
    (_EPOCH, Clock._stamp),
)


def _zone_of(offset: str) -> dt.tzinfo:
    if offset in ("Z", "UTC"):
        return dt.UTC
    sign = -1 if offset[0] == "-" else 1
    digits = offset[1:].replace(":", "")
    return dt.timezone(sign * dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
