"""Tables: CSV, TSV and workbooks whose columns are told by their headings, or by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from haidang.engine.errors import UnreadableParcel
from haidang.engine.indicators.indicator import SCHEMA, TYPES, Bulletin
from haidang.engine.indicators.many import KINDS, guess_many, spell_many
from haidang.engine.indicators.spelling import guess
from haidang.engine.records import Source, Unread
from haidang.engine.sheets import Sheet, read_sheet
from haidang.engine.text import fold

ORDER: Final = 40
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    ours: tuple(names.split("; "))
    for ours, names in {
        "value": "value; ioc; ioc value; indicator; dau hieu; gia tri; url; domain; ip; ip address; dst ip; dstip; "
        "host; hash; sha256 hash; sha256; md5 hash; md5; sha1 hash; sha1; "
        "ten mien; dia chi ip; dia chi; ma bam; observable; pattern",
        "type": "type; ioc type; indicator type; loai; kieu; category",
        "name": "malware; malware printable; malware family; signature; threat; family; ho ma doc; ten; description; "
        "mo ta; tags; comment; listingreason; name",
        "publisher": "source; reporter; nguon; publisher",
        "tlp": "tlp",
        "confidence": "confidence; confidence level; do tin cay",
        "valid_from": "valid from; first seen; first seen utc; dateadded; date added; listingdate; tu ngay",
        "valid_until": "valid until; expires; expiration; den ngay; het han",
        "together": "together",  # of our own lists
        "id": "id; ioc id; uuid",
    }.items()
}
_WORKBOOKS: Final = (b"PK\x03\x04", b"PAR1")
_COMMENTED: Final = re.compile(rb"^#[^\n]*\n", re.MULTILINE)
_LAST_COMMENT: Final = re.compile(rb"^#\s?\"?([\w ]+\"?(?:,\s?\"?[\w ]+\"?){2,})\s*$", re.MULTILINE)


def is_mine(data: bytes, name: str) -> bool:
    """Take workbooks, and text whose first line names a column of values."""
    heads = _heads(data)
    is_text = name.lower().endswith((".csv", ".tsv")) or (name.lower().endswith(".txt") and len(heads) > 1)
    return data.startswith(_WORKBOOKS) or (is_text and bool(heads))


def read(data: bytes, name: str) -> Bulletin:
    """Read a table, whatever its size, column by column."""
    sheet = _sheet(data, name)
    plan = _plan(list(sheet.headings))
    if "value" not in plan:
        raise UnreadableParcel(f"{name}: no column of indicators; a heading “value”, “ioc” or “indicator” was expected")
    columns = {ours: sheet.rows[sheet.rows.columns[at]].fill_null("").alias(ours) for ours, at in plan.items()}
    told = pl.DataFrame(list(columns.values())).with_columns(line=sheet.lines, at=pl.lit(0))
    headings = [_plain(sheet.headings[plan["value"]])]
    if "type" not in told.columns:  # a column for each kind: a row may name several things
        for at, heading in enumerate(map(_plain, sheet.headings)):
            if at not in plan.values() and heading in _NAMES["value"]:
                more = sheet.rows[sheet.rows.columns[at]].fill_null("").alias("value")
                told = pl.concat([told, told.filter(pl.col("at") == 0).with_columns(more, at=pl.lit(len(headings)))])
                headings.append(heading)
    typed = _types(told, headings)
    spelled = guess_many(told["value"]) if typed is None else spell_many(typed, told["value"])
    frame = told.with_columns(spelled.get_column("type"), spelled.get_column("spelled"), name_of=pl.lit(name))
    lost = frame.filter(pl.col("spelled").is_null() & (pl.col("value") != "")).select("line", "value")
    unread = [
        Unread(Source(name, line), f"không phải dấu hiệu / no indicator: {value[:100]}", "indicator")
        for line, value in lost.iter_rows()
    ]
    return Bulletin("table", _finished(frame.filter(pl.col("spelled").is_not_null())), (*sheet.unread, *unread))


def _plain(heading: str) -> str:
    return fold(heading).strip().replace("_", " ")


def _sheet(data: bytes, name: str) -> Sheet:
    if data.startswith(_WORKBOOKS):
        return read_sheet(data, name)
    heads = _LAST_COMMENT.findall(data[:20_000])
    body = _COMMENTED.sub(b"", data)
    first = body.lstrip().split(b"\n", 1)[0]
    if heads and not any(
        fold(word).strip(' "') in _NAMES["value"]
        for word in first.decode("utf-8", "replace").replace("\t", ",").split(",")
    ):
        body = heads[-1].replace(b", ", b",") + b"\n" + body
    return read_sheet(body, name if name.lower().endswith((".csv", ".tsv")) else f"{name}.csv")


def _heads(data: bytes) -> list[str]:
    """Give the headings of a table of text: its first line, or the last comment before it."""
    head = data[:20_000]
    comments = _LAST_COMMENT.findall(head)
    first = _COMMENTED.sub(b"", head).lstrip().split(b"\n", 1)[0]
    for line in (first, *(comments[-1:])):
        text = line.decode("utf-8", "replace").strip().lstrip("\ufeff")
        cells = [cell.strip(' "') for cell in re.split(r"[,;\t]", text)]
        if "value" in _plan(cells) and not any(guess(cell) for cell in cells):
            return cells
    return []


def _plan(headings: list[str]) -> dict[str, int]:
    """Tell which column is which: ours → its place. Empty without a column of values."""
    squashed = [fold(heading).replace("_", " ").strip() for heading in headings]
    plan: dict[str, int] = {}
    for ours, names in _NAMES.items():
        found = next(
            (squashed.index(name) for name in names if name in squashed and squashed.index(name) not in plan.values()),
            None,
        )
        if found is not None:
            plan[ours] = found
    return plan if "value" in plan else {}


def _types(told: pl.DataFrame, headings: Sequence[str]) -> pl.Series | None:
    """Give the kind of each row as its type or its column's heading tells; None where the values have to tell it."""
    if "type" in told.columns:
        words = told["type"].str.to_lowercase().str.strip_chars()
        typed = words.replace_strict(dict(KINDS), default=None, return_dtype=pl.String)
        return typed if typed.null_count() < typed.len() else None
    kinds = {at: KINDS.get(heading) for at, heading in enumerate(headings)}
    # “host” and “domain” columns hold addresses too.
    sure = {at: kind for at, kind in kinds.items() if kind not in (None, "domain", "host")}
    return told["at"].replace_strict(sure, default=None, return_dtype=pl.String) if sure else None


def _finished(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the columns of a list of indicators."""

    def text(name: str) -> pl.Expr:
        return (pl.col(name) if name in frame.columns else pl.lit("")).fill_null("").alias(name)

    def time(name: str) -> pl.Expr:
        if name not in frame.columns:
            return pl.lit(None, dtype=SCHEMA[name]).alias(name)
        return pl.col(name).str.to_datetime(strict=False, time_zone="UTC", time_unit="us").alias(name)

    confidence = (
        pl.col("confidence").cast(pl.Int64, strict=False)
        if "confidence" in frame.columns
        else pl.lit(None, dtype=pl.Int64)
    )
    return frame.select(
        "type",
        pl.col("spelled").alias("value"),
        text("name"),
        text("publisher"),
        text("tlp").str.to_lowercase().str.replace("tlp:", "", literal=True).str.replace("white", "clear"),
        confidence.alias("confidence"),
        time("valid_from"),
        time("valid_until"),
        text("together"),
        pl.when(pl.col("value") != pl.col("spelled")).then("value").otherwise(pl.lit("")).alias("written"),
        pl.col("name_of").alias("file"),
        pl.col("line").cast(pl.Int64),
        text("id"),
    ).filter(pl.col("type").is_in(TYPES))
