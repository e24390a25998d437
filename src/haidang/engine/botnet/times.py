"""Days and times of any common form, a whole column at a time; a day alone is a stretch of time, and so is a month."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from dataclasses import dataclass

import polars as pl

from haidang.engine.calendar import ICT, make_day

TIME = pl.Datetime("us", "UTC")
PRECISIONS = ("exact", "day", "month", "unknown")
TIMES: dict[str, pl.DataType] = {
    "seen": TIME,
    "seen_until": TIME,
    "precision": pl.Enum(PRECISIONS),
}
_TICK = dt.timedelta(microseconds=1)
_EXCEL = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's clock has no zone
_CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
_HALF = r"(?:\s*(am|pm|sa|ch|a\.m\.|p\.m\.))?"
_ZONE = r"(?:\s*(z|utc|gmt|ict|[+-]\d{2}:?\d{2}|(?:utc|gmt)?[+-]\d{1,2}))?"
_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: n for n, name in enumerate(_NAMES.split(), 1)}
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})(?:[t ,]\s*{_CLOCK}{_HALF}{_ZONE})?",
        rf"(?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}})[-/.](?P<y>\d{{4}})(?:[t ,:]\s*{_CLOCK}{_HALF}{_ZONE})?",
        rf"(?P<d>\d{{1,2}})[-/ ](?P<n>[a-z]{{3}})[a-z]*[-/ ,]+(?P<y>\d{{4}})(?:[t ,:]\s*{_CLOCK}{_HALF}{_ZONE})?",
        rf"(?P<n>[a-z]{{3}})[a-z]* (?P<d>\d{{1,2}}),? (?P<y>\d{{4}})(?:,? {_CLOCK}{_HALF}{_ZONE})?",
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:t?(\d{2})(\d{2})(?:(\d{2})(?:[.](\d{1,9}))?)?(?:(am|pm))?(z|[+-]\d{4})?)?",
    )
)
_MONTH_ONLY = re.compile(r"(?:tháng |thang |t)?(?P<m>\d{1,2})[-/.](?P<y>\d{4})|(?P<y2>\d{4})[-/.](?P<m2>\d{1,2})")
_SPOKEN = re.compile(
    r"(?:lúc |luc )?(\d{1,2})\s*(?:h|giờ|gio|g)\s*(\d{2})?(?:\s*(?:phút|phut|ph|p))?(?:\s*(\d{2})\s*(?:giây|giay|s))?\b"
)
_WORDED_DAY = re.compile(r"(?:ngày |ngay )?(\d{1,2})\s+(?:tháng|thang)\s+(\d{1,2})\s+(?:năm|nam)\s+(\d{4})")
_CLOCK_FIRST = re.compile(r"(\d{1,2}:\d{2}(?::\d{2})?)[,\s]+(?:ngày |ngay )?(\d\S+)")
_EITHER = r"^\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was seen, as exactly as was written.

    Attributes:
        first: the first instant that it can have been, UTC.
        last: the last one; the same where the time of day is known.
        precision: exact, day or month.
    """

    first: dt.datetime
    last: dt.datetime
    precision: str


def read_moment(written: str, zone: dt.tzinfo = ICT, *, month_first: bool = False) -> Moment | None:
    """Read one day or time; None where it is none.

    Args:
        written: in any common form; Vietnamese ones first, so 05/02/2026 is in February.
        zone: of times that name none.
        month_first: 02/05/2026 is in February.
    """
    text = " ".join(written.strip().strip("\"'[]").lower().split())
    if not text or len(text) > 60:
        return None
    if re.fullmatch(r"\d+(?:[.,]\d+)?", text) and not re.fullmatch(r"(?:19|20)\d{6}|(?:19|20)\d{10}(?:\d\d)?", text):
        return _numbered(text.replace(",", "."), zone)
    text = _unspoken(text)
    for form in _FORMS:
        found = form.fullmatch(text)
        if found:
            return _found(found, zone, month_first=month_first)
    month = _MONTH_ONLY.fullmatch(text)
    if month:
        return month_of(int(month["y"] or month["y2"]), int(month["m"] or month["m2"]), zone)
    return _posted(written, zone)


def month_of(year: int, month: int, zone: dt.tzinfo = ICT) -> Moment | None:
    """Give the stretch of a month."""
    day = make_day(year, month, 1)
    if day is None:
        return None
    after = dt.date(year + month // 12, month % 12 + 1, 1)
    return Moment(_instant(day, zone), _instant(after, zone) - _TICK, "month")


def day_of(day: dt.date, zone: dt.tzinfo = ICT) -> Moment:
    """Give the stretch of a day."""
    first = _instant(day, zone)
    return Moment(first, first + dt.timedelta(days=1) - _TICK, "day")


def _instant(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def _numbered(text: str, zone: dt.tzinfo) -> Moment | None:
    """Read seconds, milliseconds or microseconds since 1970, or the days of a spreadsheet."""
    whole = text.split(".")[0]
    number = float(text)
    if 20_000 <= number < 80_000:
        at = _EXCEL + dt.timedelta(seconds=round(number * 86_400))
        return day_of(at.date(), zone) if "." not in text else _exact(at.replace(tzinfo=zone))
    scale = {9: 1, 10: 1, 13: 1_000, 16: 1_000_000}.get(len(whole))
    if scale is None:
        return None
    return _exact(dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(seconds=number / scale))


def _exact(at: dt.datetime) -> Moment | None:
    at = at.astimezone(dt.UTC)
    return Moment(at, at, "exact") if make_day(at.year, at.month, at.day) else None


def _unspoken(text: str) -> str:
    """Bring “21h05 ngày 26/01/2026” and “ngày 26 tháng 1 năm 2026, 21 giờ” to a day and a clock."""
    text = _WORDED_DAY.sub(r"\1/\2/\3", text)
    spoken = _SPOKEN.search(text)
    if spoken:
        clock = f"{spoken[1]}:{spoken[2] or '00'}" + (f":{spoken[3]}" if spoken[3] else "")
        rest = " ".join(re.sub(r"(?:ngày|ngay)\b|,", " ", text[: spoken.start()] + " " + text[spoken.end() :]).split())
        text = f"{rest} {clock}"
    text = re.sub(r"^(?:ngày|ngay) ", "", text)
    return _CLOCK_FIRST.sub(r"\2 \1", text) if _CLOCK_FIRST.fullmatch(text) else text


def _found(found: re.Match[str], zone: dt.tzinfo, *, month_first: bool) -> Moment | None:
    named = found.groupdict()
    day: dt.date | None
    if named.get("a"):
        parts = (int(named["b"]), int(named["a"])) if not month_first else (int(named["a"]), int(named["b"]))
        day = make_day(int(named["y"]), *parts)
    else:
        month = _MONTHS.get(named["n"], 0) if named.get("n") else int(named["m"])
        day = make_day(int(named["y"]), month, int(named["d"]))
    if day is None:
        return None
    hour, minute, second, part, half, told = found.groups()[3:9]
    if hour is None:
        return day_of(day, zone)
    clock = _clock(int(hour), int(minute), int(second or 0), half)
    if clock is None:
        return None
    micro = int((part or "0").ljust(6, "0")[:6])
    at = dt.datetime.combine(day, dt.time(), _zone(told) or zone) + clock + dt.timedelta(microseconds=micro)
    return _exact(at)


def _clock(hour: int, minute: int, second: int, half: str | None) -> dt.timedelta | None:
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[0] in "pc" else 0)
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    return dt.timedelta(hours=hour, minutes=minute, seconds=second)


def _zone(told: str | None) -> dt.tzinfo | None:
    if not told:
        return None
    if told in ("z", "utc", "gmt"):
        return dt.UTC
    if told == "ict":
        return ICT
    sign = -1 if "-" in told else 1
    digits = re.sub(r"\D", "", told)
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    return dt.timezone(sign * dt.timedelta(hours=hours, minutes=minutes)) if hours < 24 and minutes < 60 else None


def _posted(written: str, zone: dt.tzinfo) -> Moment | None:
    """Read a time as letters on the network carry it: Mon, 26 Jan 2026 21:05:00 +0700."""
    try:
        at = email.utils.parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _exact(at if at.tzinfo else at.replace(tzinfo=zone))


def read_times(cells: pl.Series, zone: dt.tzinfo = ICT) -> pl.DataFrame:
    """Read a column of times: `TIMES`, a row each; what is empty or no time is of unknown time.

    The two plainest forms are read all at once; each distinct other text once. Where every time of day is midnight,
    the column was one of days, which programs write so.
    """
    found = pl.Series("seen", [None] * len(cells), dtype=pl.Datetime("us"))
    month_first = _is_month_first(cells)
    day_first = "%m/%d/%Y" if month_first else "%d/%m/%Y"
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", f"{day_first} %H:%M:%S", f"{day_first} %H:%M"):
        if found.null_count() > cells.null_count():
            read = cells.str.to_datetime(form, strict=False, time_unit="us")
            found = found.zip_with(found.is_not_null(), read)
    offset = zone.utcoffset(None) or dt.timedelta()
    seen = (found - offset).dt.replace_time_zone("UTC")
    year = found.dt.year()
    known = (found.is_not_null() & (year >= 1945) & (year <= 2199)).fill_null(value=False)
    fast = pl.DataFrame({"seen": seen, "seen_until": seen}).with_columns(precision=pl.lit("exact", TIMES["precision"]))
    if not known.all():
        fast = _with_slow(cells, known, fast, zone, month_first=month_first)
    return _days_of_midnights(fast, zone)


def _with_slow(
    cells: pl.Series, known: pl.Series, fast: pl.DataFrame, zone: dt.tzinfo, *, month_first: bool
) -> pl.DataFrame:
    rest = cells.filter(~known).unique(maintain_order=True).to_list()
    rows = []
    for text in rest:
        moment = read_moment(text or "", zone, month_first=month_first)
        rows.append((text, moment.first, moment.last, moment.precision) if moment else (text, None, None, "unknown"))
    read = pl.DataFrame(rows, schema={"written": pl.String(), **TIMES}, orient="row")
    slow = (
        cells.alias("written").to_frame().join(read, on="written", how="left", nulls_equal=True, maintain_order="left")
    )
    return pl.DataFrame([fast[column].zip_with(known, slow[column]).alias(column) for column in TIMES])


def _is_month_first(cells: pl.Series) -> bool:
    """Tell whether a column writes the month first: some second part is no month, and no first part is beyond one."""
    if not cells.str.contains("/", literal=True).any():
        return False
    parts = cells.to_frame("t").select(pl.col("t").str.extract_groups(_EITHER)).unnest("t").cast(pl.Int64)
    first, second = parts.columns[0], parts.columns[1]
    return bool((parts[second] > 12).any()) and not bool((parts[first] > 12).any())


def _days_of_midnights(times: pl.DataFrame, zone: dt.tzinfo) -> pl.DataFrame:
    exact = times.filter(pl.col("precision") == "exact")
    offset = int((zone.utcoffset(None) or dt.timedelta()).total_seconds() * 1_000_000)
    day = 86_400_000_000
    if exact.is_empty() or ((exact["seen"].dt.epoch("us") + offset) % day != 0).any():
        return times
    is_exact = pl.col("precision") == "exact"
    return times.with_columns(
        pl.when(is_exact)
        .then(pl.col("seen") + pl.duration(microseconds=day - 1))
        .otherwise("seen_until")
        .alias("seen_until"),
        pl.when(is_exact).then(pl.lit("day", TIMES["precision"])).otherwise("precision").alias("precision"),
    )
