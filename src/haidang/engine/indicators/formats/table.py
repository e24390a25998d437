"""Tables: CSV, TSV and workbooks whose columns are told by their headings, or by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from haidang.engine.errors import UnreadableParcel
from haidang.engine.indicators.indicator import SCHEMA, TYPES, Bulletin
from haidang.engine.indicators.many import guess_many, spell_many
from haidang.engine.records import Source, Unread
from haidang.engine.sheets import Sheet, read_sheet
from haidang.engine.text import fold

ORDER: Final = 40
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    ours: tuple(names.split("; "))
    for ours, names in {
        "value": "value; ioc; ioc value; indicator; dau hieu; gia tri; url; domain; ip; ip address; dst ip; dstip; "
        "host; hash; sha256 hash; sha256; md5; sha1; ten mien; dia chi ip; dia chi; ma bam; observable; pattern",
        "type": "type; ioc type; indicator type; loai; kieu; category",
        "name": "malware; malware printable; malware family; signature; threat; family; ho ma doc; ten; description; "
        "mo ta; tags; comment; listingreason",
        "publisher": "source; reporter; nguon; publisher",
        "tlp": "tlp",
        "confidence": "confidence; confidence level; do tin cay",
        "valid_from": "valid from; first seen; first seen utc; dateadded; date added; listingdate; tu ngay",
        "valid_until": "valid until; expires; expiration; den ngay; het han",
        "id": "id; ioc id; uuid",
    }.items()
}
# What a table calls a type: “address” stands for addresses and networks of both versions.
_KINDS: Final[Mapping[str, str]] = {
    name: kind
    for kind, names in {
        "address": "ip; ipv4; ipv6; ip address; ip-dst; ip-src; cidr; network; ip:port; dia chi ip",
        "domain": "domain; hostname; fqdn; ten mien",
        "host": "host",
        "url": "url; uri",
        "email": "email; e-mail; thu dien tu",
        "md5": "md5; md5 hash; md5_hash; filehash-md5",
        "sha1": "sha1; sha-1; sha1 hash; sha1_hash; filehash-sha1",
        "sha256": "sha256; sha-256; sha256 hash; sha256_hash; filehash-sha256",
        "file_name": "file name; filename; file_name; ten tep",
        "registry_key": "registry_key; registry key; regkey",
    }.items()
    for name in names.split("; ")
}
_WORKBOOKS: Final = (b"PK\x03\x04", b"PAR1")
_COMMENTED: Final = re.compile(rb"^#[^\n]*\n", re.MULTILINE)
_LAST_COMMENT: Final = re.compile(rb"^#\s?\"?([\w ]+\"?(?:,\s?\"?[\w ]+\"?){2,})\s*$", re.MULTILINE)


def is_mine(data: bytes, name: str) -> bool:
    """Take workbooks, and text whose first line names a column of values."""
    return data.startswith(_WORKBOOKS) or (
        name.lower().endswith((".csv", ".tsv", ".txt")) and _plan(_heads(data)) != {}
    )


def read(data: bytes, name: str) -> Bulletin:
    """Read a table, whatever its size, column by column."""
    sheet = _sheet(data, name)
    plan = _plan(list(sheet.headings))
    if "value" not in plan:
        raise UnreadableParcel(f"{name}: no column of indicators; a heading “value”, “ioc” or “indicator” was expected")
    columns = {ours: sheet.rows[sheet.rows.columns[at]].fill_null("").alias(ours) for ours, at in plan.items()}
    told = pl.DataFrame(list(columns.values())).with_columns(line=sheet.lines)
    heading = fold(sheet.headings[plan["value"]]).strip().replace("_", " ")
    typed = _types(told, heading)
    spelled = guess_many(told["value"]) if typed is None else spell_many(typed, told["value"])
    frame = told.with_columns(spelled.get_column("type"), spelled.get_column("spelled"), name_of=pl.lit(name))
    unread = [
        Unread(Source(name, line), f"không phải dấu hiệu / no indicator: {value[:100]}", "indicator")
        for line, value in frame.filter(pl.col("spelled").is_null() & (pl.col("value") != ""))
        .select("line", "value")
        .iter_rows()
    ]
    return Bulletin("table", _finished(frame.filter(pl.col("spelled").is_not_null())), (*sheet.unread, *unread))


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
        if "value" in _plan(cells) and (len(cells) > 1 or fold(cells[0]) in _NAMES["value"]):
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


def _types(told: pl.DataFrame, heading: str) -> pl.Series | None:
    """Give the type of each row as it is told; None where the values have to tell it themselves."""
    if "type" in told.columns:
        words = told["type"].str.to_lowercase().str.strip_chars()
        typed = words.replace_strict(dict(_KINDS), default=None, return_dtype=pl.String)
        return typed if typed.null_count() < typed.len() else None
    kind = _KINDS.get(heading)
    return pl.Series("type", [kind] * told.height, dtype=pl.String) if kind and kind not in ("domain", "host") else None


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
        pl.lit("").alias("together"),
        pl.when(pl.col("value") != pl.col("spelled")).then("value").otherwise(pl.lit("")).alias("written"),
        pl.col("name_of").alias("file"),
        pl.col("line").cast(pl.Int64),
        text("id"),
    ).filter(pl.col("type").is_in(TYPES))
