"""Columns of text turned into days, times, numbers and choices, a whole column at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from haidang.engine.tables import Column
from haidang.engine.text import key

TIME = pl.Datetime("us", "UTC")
DTYPES: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "int": pl.Int64(),
    "date": pl.Date(),
    "time": TIME,
    "yes_no": pl.Boolean(),
    "choice": pl.String(),
}
# What a cell should have been, for the person who mends it.
COMPLAINTS = {
    "int": "không phải số nguyên không âm / not a whole number",
    "date": "không phải ngày; viết 2024-02-09 hoặc 09/02/2024 / not a day",
    "time": "không phải thời điểm; viết 2024-02-09 07:30 hoặc 09/02/2024 07:30 / not a time",
    "yes_no": "không phải có hoặc không / neither yes nor no",
    "choice": "không thuộc các giá trị được phép / not one of the allowed values",
}
_YES = {"co", "yes", "true", "x", "1", "y", "dung", "roi"}
_NO = {"khong", "no", "false", "0", "n", "sai", "chua"}
_DAY_FIRST = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})"
_ZONE = r"\s*(?:[zZ]|[+-]\d\d:?\d\d)$"
_HIDDEN = "[\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f]"
_STRANGE_SPACES = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"


def trim(column: pl.Series) -> pl.Series:
    """Take the spaces off both ends and bring letters to NFC; a cell without text becomes null."""
    if (column.str.len_bytes() != column.str.len_chars()).any():
        column = column.str.normalize("NFC").str.replace_all(_HIDDEN, "").str.replace_all(_STRANGE_SPACES, " ")
    column = column.str.strip_chars()
    return column.to_frame().select(pl.when(pl.first().str.len_bytes() > 0).then(pl.first())).to_series()


def cast(column: pl.Series, form: Column) -> pl.Series:
    """Read trimmed cells as the column's type; what is not of that type becomes null."""
    readers: Mapping[str, Callable[[pl.Series], pl.Series]] = {
        "text": lambda cells: cells,
        "int": _read_whole_numbers,
        "date": _read_days,
        "time": _read_times,
        "yes_no": lambda cells: _look_up(cells, dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False), pl.Boolean()),
        "choice": lambda cells: _look_up(cells, {_plain(choice): choice for choice in form.choices}, pl.String()),
    }
    return readers[form.type](column)


def _plain(text: str) -> str:
    return key(text).replace("_", " ")


def _look_up(cells: pl.Series, meanings: Mapping[str, object], dtype: pl.DataType) -> pl.Series:
    """Translate each distinct cell once."""
    known = {cell: meanings.get(_plain(cell[:100])) for cell in cells.drop_nulls().unique().to_list()}
    if not known:
        return cells.cast(dtype)
    return cells.replace_strict(list(known), list(known.values()), default=None, return_dtype=dtype)


def _read_whole_numbers(cells: pl.Series) -> pl.Series:
    numbers = cells.cast(pl.Int64, strict=False)
    return numbers.to_frame().select(pl.when(pl.first() >= 0).then(pl.first())).to_series()


def _fill(found: pl.Series, more: pl.Series) -> pl.Series:
    return found.zip_with(found.is_not_null(), more)


def _within_calendar(found: pl.Series) -> pl.Series:
    """Drop years that no letter names: a two-digit year is no year."""
    year = found.dt.year()
    return found.zip_with((year >= 1945) & (year <= 2199), pl.Series([None], dtype=found.dtype))


def _read_days(cells: pl.Series) -> pl.Series:
    found = cells.str.to_date("%Y-%m-%d", strict=False)
    if found.null_count() > cells.null_count():
        # A workbook can't tell a day from its midnight.
        plain = cells.str.replace(r"[ T]00:00(:00)?$", "").str.replace(_DAY_FIRST, "$3-$2-$1")
        found = _fill(found, plain.str.to_date("%Y-%m-%d", strict=False))
    return _within_calendar(found)


def _read_times(cells: pl.Series) -> pl.Series:
    """Read times; those without a zone are Vietnam's, seven hours ahead of UTC."""
    here = _read_local(cells)
    if here.null_count() > cells.null_count():
        here = _fill(here, _read_local(cells.str.replace(_DAY_FIRST, "$3-$2-$1").str.replace(r"^(\S{8,10})T", "$1 ")))
    if here.null_count() > cells.null_count():
        here = _fill(here, _read_spoken(cells))
    found = here.dt.offset_by("-7h").dt.replace_time_zone("UTC")
    if found.null_count() > cells.null_count() and cells.str.contains(_ZONE).any():
        found = _fill(found, _read_zoned(cells))
    return _within_calendar(found)


def _read_local(cells: pl.Series) -> pl.Series:
    found = cells.str.to_datetime("%Y-%m-%d %H:%M", strict=False, time_unit="us")
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%.f"):
        if found.null_count() > cells.null_count():
            found = _fill(found, cells.str.to_datetime(form, strict=False, time_unit="us"))
    return found


def _read_spoken(cells: pl.Series) -> pl.Series:
    """Read times as rosters have them: 7h30, 17h, 7h30 ngày 09/02/2024, and 24:00, the end of a day."""
    cells = cells.str.replace(r"(?i)\b(\d{1,2})\s*(?:h|giờ|g)\s*(\d{2})(?:\s*(?:phút|ph|p))?", "$1:$2")
    cells = cells.str.replace(r"(?i)\b(\d{1,2})\s*(?:h|giờ|g)(?:\b|$)", "$1:00")
    cells = cells.str.replace(r"(?i)^(\d{1,2}:\d\d(?::\d\d)?)[,\s]+(?:ngày\s+)?(\S+)$", "$2 $1")
    cells = cells.str.replace(_DAY_FIRST, "$3-$2-$1")
    midnight = cells.str.contains(r" 24:00(?::00)?$").fill_null(value=False)
    read = _read_local(cells.str.replace(r" 24:00(?::00)?$", " 00:00"))
    return read.dt.offset_by("1d").zip_with(midnight, read)


def _read_zoned(cells: pl.Series) -> pl.Series:
    cells = (
        cells.str.replace(_DAY_FIRST, "$3-$2-$1").str.replace(r"^(\S{8,10})T", "$1 ").str.replace(r"\s*[zZ]$", "+0000")
    )
    cells = cells.str.replace(r"\s*([+-]\d\d):?(\d\d)$", "$1$2")
    found = pl.Series(cells.name, [None] * len(cells), dtype=TIME)
    for form in ("%Y-%m-%d %H:%M%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M:%S%.f%z"):
        found = _fill(found, cells.str.to_datetime(form, strict=False, time_unit="us").cast(TIME))
    return found
