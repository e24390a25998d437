"""A list of addresses once read: one row an address seen, with all that the list says of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from haidang.engine.botnet.addresses import ADDRESSES, format_span, read_addresses
from haidang.engine.botnet.times import TIMES, Moment, read_times
from haidang.engine.calendar import ICT
from haidang.engine.records import Source, Unread

# Cells as a form hands them over: text under our names.
CELLS = (
    "address", "port", "seen", "clock", "last_seen", "family", "list", "cc_address", "cc_port", "protocol", "named",
)  # fmt: skip
ROWS: dict[str, pl.DataType] = {
    "file": pl.String(),
    "line": pl.Int64(),
    "written": pl.String(),
    "address": pl.String(),
    **{name: ADDRESSES[name] for name in ("version", "first_hi", "first_lo", "last_hi", "last_lo")},
    "wide": pl.Boolean(),
    "port": pl.UInt16(),
    **TIMES,
    "family": pl.String(),
    "list": pl.String(),
    "cc_address": pl.String(),
    "cc_port": pl.UInt16(),
    "protocol": pl.String(),
    "named": pl.String(),
}
_SEVERAL = r"[\s,;]+"


@dataclass(frozen=True, slots=True, eq=False)
class AddressList:
    """One file of a botnet list, or several joined.

    Attributes:
        form: what it was read as, for people.
        rows: `ROWS`. `seen` and `seen_until` are the first and the last instant that the sighting can have been;
            both null where the list says nothing. `address` is the one spelling of what was `written`.
        unread: rows that could not be read.
        columns: our column → the heading it was read from.
        notes: what else has to be known of how it was read.
    """

    form: str
    rows: pl.DataFrame
    unread: tuple[Unread, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def make_list(
    form: str,
    name: str,
    cells: pl.DataFrame,
    *,
    zone: dt.tzinfo = ICT,
    unread: tuple[Unread, ...] = (),
    columns: Mapping[str, str] | None = None,
    notes: tuple[str, ...] = (),
) -> AddressList:
    """Read the cells of a list.

    Args:
        form: what the list was read as.
        name: of the file.
        cells: text under the names of `CELLS`, as many as there are, and `line`.
        zone: of times that name none.
        unread: rows that the form itself could not read.
        columns: our column → its heading.
        notes: what the form has to tell.
    """
    blank = [pl.lit(None, pl.String()).alias(column) for column in CELLS if column not in cells.columns]
    cells = _one_a_row(cells.with_columns(blank).cast(dict.fromkeys(CELLS, pl.String())))
    read = read_addresses(cells["address"])
    ports, port_wrong = _ports(cells["port"])
    known = read["version"].is_not_null() & ~port_wrong
    why = read["why"].zip_with(~port_wrong | read["version"].is_null(), _why_port(cells["port"]))
    bad = tuple(
        Unread(Source(name, line), f"“{(text or '')[:60]}”: {reason}", "botnet_rows")
        for line, text, reason in zip(
            *(column.filter(~known).to_list() for column in (cells["line"], cells["address"], why)), strict=True
        )
    )
    if not known.all():
        cells, read, ports = cells.filter(known), read.filter(known), ports.filter(known)
    times, time_notes = _times(cells, zone)
    cc = _spelled(cells["cc_address"])
    rows = pl.DataFrame(
        [
            pl.Series("file", [name], dtype=pl.String).new_from_index(0, cells.height),
            cells["line"].cast(pl.Int64),
            cells["address"].alias("written"),
            spell(read),
            *(read[column] for column in ("version", "first_hi", "first_lo", "last_hi", "last_lo")),
            ((read["first_hi"] != read["last_hi"]) | (read["first_lo"] != read["last_lo"])).alias("wide"),
            ports.zip_with(ports.is_not_null(), read["port_beside"]).alias("port"),
            *(times[column] for column in TIMES),
            _trimmed(cells["family"]),
            _trimmed(cells["list"]),
            cc["address"].alias("cc_address"),
            _ports(cells["cc_port"])[0].alias("cc_port").zip_with(cells["cc_port"].is_not_null(), cc["port"]),
            _trimmed(cells["protocol"]).str.to_lowercase(),
            _trimmed(cells["named"]),
        ]
    )
    told = tuple(sorted((*unread, *bad), key=lambda row: row.source.line))
    return AddressList(form, rows, told, columns or {}, (*notes, *time_notes))


def join_lists(lists: list[AddressList]) -> AddressList:
    """Join lists into one."""
    rows = pl.concat([pl.DataFrame(schema=ROWS), *(one.rows for one in lists)])
    unread = tuple(row for one in lists for row in one.unread)
    return AddressList("; ".join(dict.fromkeys(one.form for one in lists)), rows, unread)


def date_rows(rows: pl.DataFrame, moment: Moment) -> pl.DataFrame:
    """Give rows of unknown time the stretch in which the list itself was made."""
    unknown = pl.col("precision") == "unknown"
    return rows.with_columns(
        pl.when(unknown).then(pl.lit(moment.first, TIMES["seen"])).otherwise("seen").alias("seen"),
        pl.when(unknown).then(pl.lit(moment.last, TIMES["seen"])).otherwise("seen_until").alias("seen_until"),
        pl.when(unknown).then(pl.lit(moment.precision, TIMES["precision"])).otherwise("precision").alias("precision"),
    )


def spell(read: pl.DataFrame) -> pl.Series:
    """Write addresses in their one spelling; IPv4 ones all at once."""
    n = pl.col("first_lo")
    parts = [(n // (1 << shift)) % 256 for shift in (24, 16, 8, 0)]
    quick = pl.format("{}.{}.{}.{}", *parts)
    is_quick = (pl.col("version") == 4) & (n == pl.col("last_lo"))
    out = read.select(pl.when(is_quick).then(quick).alias("address")).to_series()
    if out.null_count() == 0:
        return out
    slow = [
        None if version is None else format_span(version, hi << 64 | lo, last_hi << 64 | last_lo)
        for version, hi, lo, last_hi, last_lo in read.filter(out.is_null())
        .select("version", "first_hi", "first_lo", "last_hi", "last_lo")
        .iter_rows()
    ]
    return out.scatter(out.is_null().arg_true(), pl.Series(slow, dtype=pl.String))


def _one_a_row(cells: pl.DataFrame) -> pl.DataFrame:
    """Part cells that hold several addresses, as n6 and spreadsheets with line breaks have them."""
    spaced = cells["address"].str.strip_chars().str.contains(r"[\d\]A-Fa-f][\s,;]+[\[\dA-Fa-f]").fill_null(value=False)
    if not spaced.any():
        return cells
    parts = pl.col("address").str.strip_chars().str.replace_all(_SEVERAL, " ").str.split(" ")
    each = cells.with_row_index("place").filter(spaced).with_columns(parts).explode("address")
    whole = read_addresses(each["address"])["why"].is_null()
    # Only where every part is an address is the cell one of several.
    bad = each.filter(~whole)["place"].unique()
    each = each.filter(~pl.col("place").is_in(bad.implode()))
    rest = cells.with_row_index("place").filter(~pl.col("place").is_in(each["place"].unique().implode()))
    return pl.concat([rest, each]).sort("place", maintain_order=True).drop("place")


def _ports(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Read ports: (numbers, where a cell holds something else). 0 and a dash say that there is none."""
    cells = _trimmed(cells)
    text = cells.str.replace(r"\.0+$", "")
    numbers = text.cast(pl.UInt16, strict=False)
    none = text.str.contains(r"^(?:0|-+|n/?a|null|none|\?)$") | (text == "")
    wrong = cells.is_not_null() & numbers.is_null() & ~none.fill_null(value=False)
    return numbers.zip_with((numbers > 0).fill_null(value=False), pl.Series([None], dtype=pl.UInt16)), wrong


def _why_port(cells: pl.Series) -> pl.Series:
    return (
        cells.to_frame("p")
        .select(
            pl.format(
                "cổng “{}” không đọc được / a port that can't be read", pl.col("p").fill_null("").str.slice(0, 20)
            )
        )
        .to_series()
    )


def _times(cells: pl.DataFrame, zone: dt.tzinfo) -> tuple[pl.DataFrame, tuple[str, ...]]:
    seen = _trimmed(cells["seen"])
    clock = _trimmed(cells["clock"])
    if clock.null_count() < len(clock):
        clock = clock.str.replace(r"^\d{4}-\d{2}-\d{2} ", "")  # a workbook's time of day
        joined = cells.select(pl.concat_str([seen, clock], separator=" ", ignore_nulls=True)).to_series()
        seen = joined.zip_with(seen.is_not_null(), seen)
    times = read_times(seen, zone)
    written = seen.is_not_null()
    last = _trimmed(cells["last_seen"])
    if last.null_count() < len(last):
        later = read_times(last, zone)
        use = later["seen"].is_not_null()
        times = pl.DataFrame([times[column].zip_with(~use, later[column]).alias(column) for column in TIMES])
        written = written | last.is_not_null()
    unread = times["seen"].is_null() & written
    if not unread.any():
        return times, ()
    shown = ", ".join(f"“{text[:30]}”" for text in seen.filter(unread).drop_nulls().unique(maintain_order=True).head(3))
    count = unread.sum()
    return times, (f"{count} thời điểm không đọc được ({shown}), coi là không rõ / {count} times can't be read",)


def _spelled(cells: pl.Series) -> pl.DataFrame:
    """Spell the far ends; a name of a server stays a name."""
    text = _trimmed(cells)
    if text.null_count() == len(text):
        return pl.DataFrame({"address": text, "port": pl.Series([None] * len(text), dtype=pl.UInt16)})
    read = read_addresses(text)
    spelled = spell(read)
    return pl.DataFrame(
        {"address": spelled.zip_with(spelled.is_not_null(), text.str.to_lowercase()), "port": read["port_beside"]}
    )


def _trimmed(cells: pl.Series) -> pl.Series:
    text = cells.str.strip_chars()
    return text.to_frame("t").select(pl.when(pl.col("t") != "").then(pl.col("t")).alias(cells.name)).to_series()
