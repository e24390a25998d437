"""The machine behind a public address: NAT, DHCP and proxy logs laid beside the port and the minute of a sighting."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from haidang.engine.botnet.address_list import spell
from haidang.engine.botnet.addresses import read_addresses
from haidang.engine.botnet.times import TIME, read_times
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread
from haidang.engine.sheets import Sheet, read_sheet
from haidang.engine.text import key

Numbers = npt.NDArray[np.int64]
CONFIDENCES = ("exact", "likely", "several", "none")
# Why a row has no machine: no log of that address, none of that time, or a log without such a session.
GROUNDS = ("nat", "proxy", "hosts", "no_log", "not_covered", "no_session")
TRANSLATIONS: dict[str, pl.DataType] = {
    "starts": TIME, "ends": TIME, "inner": pl.String(), "inner_port": pl.UInt16(), "public": pl.String(),
    "first_port": pl.UInt16(), "last_port": pl.UInt16(), "destination": pl.String(), "file": pl.String(),
    "line": pl.Int64(),
}  # fmt: skip
LEASES: dict[str, pl.DataType] = {
    "starts": TIME, "ends": TIME, "inner": pl.String(), "mac": pl.String(), "name": pl.String(), "file": pl.String(),
    "line": pl.Int64(),
}  # fmt: skip
VISITS: dict[str, pl.DataType] = {
    "starts": TIME, "inner": pl.String(), "destination": pl.String(), "file": pl.String(), "line": pl.Int64(),
}  # fmt: skip
MACHINES: dict[str, pl.DataType] = {
    "row": pl.UInt32(), "confidence": pl.Enum(CONFIDENCES), "inner": pl.String(), "host": pl.String(),
    "mac": pl.String(), "candidates": pl.UInt32(), "ground": pl.Enum(GROUNDS), "log_file": pl.String(),
    "log_line": pl.Int64(),
}  # fmt: skip
# How far from a sighting a session without its port, or without its end, may lie.
NEAR = dt.timedelta(minutes=5)
# Seconds: classes of how long sessions and blocks last; and how many sightings are laid beside a log at once.
_DURATIONS = (600, 1_200, 3_600, 14_400, 86_400, 1_000_000, 1 << 33)
_AT_ONCE = 500
_HEADINGS = {
    "public": "public ip; nat ip; translated ip; transip; mapped ip; ip công cộng; ip public; địa chỉ công cộng; "
    "public address; post nat source ip; xlated ip; global ip; inside global; outside ip; natip; ip nat; "
    "ip wan; wan ip; translated source; nat source ip; public; địa chỉ ip công cộng; ip sau nat",
    "inner": "inner ip; private ip; local ip; inside local; ip nội bộ; địa chỉ nội bộ; ip trong; internal ip; "
    "inside ip; src ip; srcip; source ip; client ip; ip máy trạm; ip nguồn; ip máy; ip address; ip; địa "
    "chỉ ip; client; src; local address; địa chỉ ip nội bộ; ip trước nat; cip; c-ip",
    "port": "public port; nat port; translated port; transport port; mapped port; cổng công cộng; cổng nat; post "
    "nat source port; xlated port; global port; natport; port public; cổng sau nat; port range; port "
    "block; dải cổng; khối cổng; ports; cổng; port",
    "port_from": "port start; start port; first port; port from; từ cổng; cổng đầu; block start",
    "port_to": "port end; end port; last port; port to; đến cổng; cổng cuối; block end",
    "inner_port": "inner port; private port; local port; src port; srcport; source port; cổng nội bộ; cổng nguồn; cổng "
    "trong; cổng trước nat",
    "starts": "start; starts; start time; begin; bắt đầu; từ; từ lúc; thời điểm bắt đầu; time; timestamp; thời "
    "gian; date time; datetime; thời điểm; ngày giờ; lease start; cấp lúc; logged; session start; date",
    "ends": "end; ends; end time; stop; kết thúc; đến; đến lúc; thời điểm kết thúc; lease end; expires; hết hạn; "
    "lease expires; session end; thu hồi lúc; hết hạn lúc",
    "destination": "destination ip; dst ip; dstip; destination; ip đích; đích; dst; remote ip; "
    "server ip; địa chỉ đích; "
    "host; url; domain; tên miền; cs-host; cs-uri; dest ip; máy chủ đích",
    "mac": "mac; mac address; địa chỉ mac; hardware address; client id; unique id; hwaddr",
    "name": "hostname; host name; tên máy; computer name; client name; tên máy tính; device name; name",
}


def _squash(heading: str) -> str:
    return re.sub(r"[\s_.+-]+", "", key(heading))


_KNOWN = {
    _squash(words): (column, rank)
    for column, written in reversed(_HEADINGS.items())
    for rank, words in enumerate(written.split(";"))
}


@dataclass(frozen=True, slots=True)
class NatRow:
    """One translation of a NAT log: what some reader of logs hands over.

    Attributes:
        starts: when the session, or the block of ports, began; aware, UTC.
        ends: when it ended; None where the log does not say.
        inner: address inside.
        public: address outside.
        first_port: first port outside; 0 where the whole address is translated.
        last_port: last one; the same for a single session.
        destination: far end; empty where not said.
        source: file and line.
    """

    starts: dt.datetime
    ends: dt.datetime | None
    inner: str
    public: str
    first_port: int = 0
    last_port: int = 0
    destination: str = ""
    source: Source = field(default=Source("", 0))


@dataclass(frozen=True, slots=True, eq=False)
class NatLog:
    """All logs that lead from a public address to a machine.

    Attributes:
        translations: `TRANSLATIONS`; ends is null where unknown, both ports where the whole address is translated.
        leases: `LEASES` of DHCP.
        visits: `VISITS` through a proxy.
        unread: rows that could not be read.
        files: name → what it was read as.
    """

    translations: pl.DataFrame
    leases: pl.DataFrame
    visits: pl.DataFrame
    unread: tuple[Unread, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


def no_logs() -> NatLog:
    """Give what is known without any log."""
    return NatLog(pl.DataFrame(schema=TRANSLATIONS), pl.DataFrame(schema=LEASES), pl.DataFrame(schema=VISITS))


def join_logs(logs: Sequence[NatLog]) -> NatLog:
    """Join logs into one."""
    every = [no_logs(), *logs]
    return NatLog(
        pl.concat([one.translations for one in every]),
        pl.concat([one.leases for one in every]),
        pl.concat([one.visits for one in every]),
        tuple(row for one in every for row in one.unread),
        tuple(file for one in every for file in one.files),
    )


def from_rows(rows: Iterable[NatRow]) -> NatLog:
    """Make a log of records that a reader of logs gave."""
    cells = [
        (
            row.starts, row.ends, row.inner, None, row.public, row.first_port or None,
            row.last_port or row.first_port or None, row.destination or None, row.source.file, row.source.line,
        )
        for row in rows
    ]  # fmt: skip
    return replace(no_logs(), translations=pl.DataFrame(cells, schema=TRANSLATIONS, orient="row"))


def read_log(data: bytes, name: str) -> NatLog:
    """Read a table of translations, leases or visits; which one its headings say.

    Raises:
        UnreadableParcel: no such table.
    """
    sheet = read_sheet(data, name)
    places: dict[str, tuple[int, int]] = {}
    for place, heading in enumerate(sheet.headings):
        for text in (heading, re.sub(r"\([^()]*\)", " ", heading)):
            if known := _KNOWN.get(_squash(text)):
                column, rank = known
                if column not in places or rank < places[column][0]:
                    places[column] = (rank, place)
                break
    columns = {column: place for column, (_, place) in places.items()}
    unread = tuple(replace(row, table="nat") for row in sheet.unread)
    if not {"inner", "starts"} <= columns.keys():
        raise UnreadableParcel(
            f"{name} is no NAT, DHCP or proxy log: it needs a column of inner addresses and one of times"
        )
    if "public" in columns:
        return _translations(sheet, columns, name, unread)
    if columns.keys() & {"mac", "name"}:
        return _leases(sheet, columns, name, unread)
    if "destination" in columns:
        return _visits(sheet, columns, name, unread)
    raise UnreadableParcel(f"{name} has neither public addresses (NAT), machines (DHCP) nor destinations (proxy)")


def _cells(sheet: Sheet, columns: dict[str, int], column: str) -> pl.Series:
    if column not in columns:
        return pl.Series(column, [None] * sheet.rows.height, dtype=pl.String)
    return sheet.rows[str(columns[column])].str.strip_chars().alias(column)


def _address(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Give (spelling, port beside it); what is no address stays as it is, in lower case."""
    read = read_addresses(cells)
    spelled = spell(read)
    named = (
        cells.str.to_lowercase().str.replace(r"^[a-z]+://", "").str.replace(r"[/?].*$", "").str.replace(r":\d+$", "")
    )
    return spelled.zip_with(spelled.is_not_null(), named), read["port_beside"]


def _finish(
    frame: pl.DataFrame, schema: dict[str, pl.DataType], sheet: Sheet, name: str, needed: Sequence[str]
) -> tuple[pl.DataFrame, tuple[Unread, ...]]:
    """Take out and tell the rows that lack what makes them one."""
    frame = frame.with_columns(pl.lit(name).alias("file"), sheet.lines.alias("line")).select(schema.keys()).cast(schema)  # type: ignore[arg-type]
    good = frame.select(pl.all_horizontal(pl.col(column).is_not_null() for column in needed)).to_series()
    if "ends" in schema:
        good &= (frame["ends"] >= frame["starts"]).fill_null(value=True)
    why = "thiếu địa chỉ hoặc thời điểm, hoặc kết thúc trước khi bắt đầu / no address or time, or it ends too early"
    return frame.filter(good), tuple(Unread(Source(name, line), why, "nat") for line in frame.filter(~good)["line"])


def _translations(sheet: Sheet, columns: dict[str, int], name: str, unread: tuple[Unread, ...]) -> NatLog:
    public, beside = _address(_cells(sheet, columns, "public"))
    block = _cells(sheet, columns, "port").to_frame("p").select(
        pl.col("p").str.extract(r"^(\d+)").cast(pl.UInt16, strict=False).alias("first"),
        pl.col("p").str.extract(r"(\d+)$").cast(pl.UInt16, strict=False).alias("last"),
    )  # fmt: skip
    first = _cells(sheet, columns, "port_from").cast(pl.UInt16, strict=False)
    last = _cells(sheet, columns, "port_to").cast(pl.UInt16, strict=False)
    frame = pl.DataFrame(
        {
            **_times(sheet, columns),
            "inner": _address(_cells(sheet, columns, "inner"))[0],
            "inner_port": _cells(sheet, columns, "inner_port").cast(pl.UInt16, strict=False),
            "public": public,
            "first_port": _first_of(first, block["first"], beside),
            "last_port": _first_of(last, block["last"], first, beside),
            "destination": _address(_cells(sheet, columns, "destination"))[0],
        }
    )
    kept, bad = _finish(frame, TRANSLATIONS, sheet, name, ("starts", "inner", "public"))
    return replace(no_logs(), translations=kept, unread=(*unread, *bad), files=((name, "NAT"),))


def _leases(sheet: Sheet, columns: dict[str, int], name: str, unread: tuple[Unread, ...]) -> NatLog:
    mac = (
        _cells(sheet, columns, "mac")
        .str.to_lowercase()
        .str.replace_all(r"[^0-9a-f]", "")
        .str.replace_all(r"(..)", "$1:")
    )
    frame = pl.DataFrame(
        {
            **_times(sheet, columns),
            "inner": _address(_cells(sheet, columns, "inner"))[0],
            "mac": mac.str.strip_chars_end(":"),
            "name": _cells(sheet, columns, "name"),
        }
    )
    kept, bad = _finish(frame, LEASES, sheet, name, ("starts", "inner"))
    return replace(no_logs(), leases=kept, unread=(*unread, *bad), files=((name, "DHCP"),))


def _visits(sheet: Sheet, columns: dict[str, int], name: str, unread: tuple[Unread, ...]) -> NatLog:
    frame = pl.DataFrame(
        {
            "starts": _times(sheet, columns)["starts"],
            "inner": _address(_cells(sheet, columns, "inner"))[0],
            "destination": _address(_cells(sheet, columns, "destination"))[0],
        }
    )
    kept, bad = _finish(frame, VISITS, sheet, name, ("starts", "inner", "destination"))
    return replace(no_logs(), visits=kept, unread=(*unread, *bad), files=((name, "proxy"),))


def _times(sheet: Sheet, columns: dict[str, int]) -> dict[str, pl.Series]:
    # The first instant that a start can have been, the last that an end can.
    return {
        "starts": read_times(_cells(sheet, columns, "starts"))["seen"],
        "ends": read_times(_cells(sheet, columns, "ends"))["seen_until"],
    }


def _first_of(*columns: pl.Series) -> pl.Series:
    found = columns[0]
    for column in columns[1:]:
        found = found.zip_with(found.is_not_null(), column)
    return found


def resolve(asked: pl.DataFrame, log: NatLog, hosts: pl.DataFrame, skew: dt.timedelta) -> pl.DataFrame:
    """Find the machine behind each sighting: `MACHINES`, a row each.

    *exact*: one inner address had that public address and port in a session (or a block) over that instant. *likely*:
    the port or the hour is not known, or the log does not say when sessions end, and one inner address alone fits
    within five minutes. *several*: more than one fits.

    Args:
        asked: row, agency, address, port, seen, seen_until, precision, cc_address. Rows of unknown time get nobody.
        log: the logs.
        hosts: agency, host, address: names of inner addresses, and of machines with a public one.
        skew: by how much clocks of lists and of logs may differ.
    """
    found = pl.concat([_by_nat(asked, log.translations, skew), _by_proxy(asked, log.visits, hosts, skew)])
    best = _settle(found)
    direct = (
        asked.join(hosts, on=["agency", "address"], how="inner")
        .join(best, on="row", how="anti")
        .unique("row", keep="first", maintain_order=True)
        .select(
            "row",
            pl.lit("exact").alias("confidence"),
            pl.col("address").alias("inner"),
            pl.lit(1, pl.UInt32()).alias("candidates"),
            pl.lit("hosts").alias("ground"),
            pl.lit(None, pl.String()).alias("log_file"),
            pl.lit(None, pl.Int64()).alias("log_line"),
        )
    )
    told = asked.join(pl.concat([best, direct]), on="row", how="left", maintain_order="left")
    told = _with_names(told, log.leases, hosts, skew).with_columns(
        pl.col("confidence").fill_null("none"), pl.col("candidates").fill_null(0), _why_none(log.translations, skew)
    )
    return told.select(MACHINES.keys()).cast(MACHINES)  # type: ignore[arg-type]


def _by_nat(asked: pl.DataFrame, translations: pl.DataFrame, skew: dt.timedelta) -> pl.DataFrame:
    """Give (row, inner, sure, there, ground, log_file, log_line) of every session that fits."""
    there = (pl.col("destination") == pl.col("cc_address")).fill_null(value=False)
    far_is_address = pl.col("cc_address").str.contains(r"^[\d.]+$|:").fill_null(value=False)
    # A session to somewhere else than the list says is only likely: some logs note the first far end alone.
    elsewhere = (pl.col("destination") != pl.col("cc_address")).fill_null(value=False) & far_is_address
    closed = pl.col("ends").is_not_null() | (pl.col("seen") <= pl.col("starts") + skew)
    # The whole address of one machine needs no end of a session.
    whole = pl.col("first_port").is_null()
    sure = (pl.col("precision") == "exact") & (closed | whole) & ~elsewhere
    timed = asked.filter(pl.col("seen").is_not_null())
    parts = (
        _with_port(timed.filter(pl.col("port").is_not_null()), translations, skew).with_columns(sure=sure, there=there),
        _without_port(timed.filter(pl.col("port").is_null()), translations, skew).with_columns(
            sure=pl.lit(value=False), there=there
        ),
    )
    names = (pl.col("file").alias("log_file"), pl.col("line").alias("log_line"))
    return pl.concat(
        [part.select("row", "inner", "sure", "there", pl.lit("nat").alias("ground"), *names) for part in parts]
    )


def _with_port(asked: pl.DataFrame, translations: pl.DataFrame, skew: dt.timedelta) -> pl.DataFrame:
    """Join by public address and port: single sessions by their port, blocks by their bounds."""
    until = pl.coalesce(pl.col("ends") + skew, pl.col("starts") + NEAR + skew)
    logged = translations.with_columns((pl.col("starts") - skew).alias("from"), until.alias("until"))
    is_single = (pl.col("first_port") == pl.col("last_port")).fill_null(value=False)
    single = asked.join(
        logged.filter(is_single).with_columns(pl.col("first_port").alias("port")),
        left_on=["address", "port"],
        right_on=["public", "port"],
        how="inner",
    ).filter((pl.col("seen_until") >= pl.col("from")) & (pl.col("seen") <= pl.col("until")))
    block = _overlapping(asked, logged.filter(~is_single), ["address"], ["public"]).filter(
        pl.col("first_port").is_null() | pl.col("port").is_between(pl.col("first_port"), pl.col("last_port"))
    )
    return pl.concat([single, block.select(single.columns)])


def _without_port(asked: pl.DataFrame, translations: pl.DataFrame, skew: dt.timedelta) -> pl.DataFrame:
    """Join by public address, far end and time; where one side names no far end, only at a known hour."""
    until = pl.coalesce("ends", "starts") + NEAR + skew
    logged = translations.with_columns((pl.col("starts") - NEAR - skew).alias("from"), until.alias("until"))
    far = _overlapping(asked, logged, ["address", "cc_address"], ["public", "destination"])
    by_time = _overlapping(asked.filter(pl.col("precision") == "exact"), logged, ["address"], ["public"])
    by_time = by_time.filter(pl.col("cc_address").is_null() | pl.col("destination").is_null())
    return pl.concat([far, by_time.select(far.columns)])


def _overlapping(asked: pl.DataFrame, logged: pl.DataFrame, left: list[str], right: list[str]) -> pl.DataFrame:
    """Pair sightings with log rows of equal keys whose stretches from–until run over theirs.

    Log rows are sorted by key and beginning and laid in classes of like duration, so that for each sighting only
    those that can still last are looked at, however many there are.
    """
    keys = pl.concat([asked.select(left).rename(dict(zip(left, right, strict=True))), logged.select(right)])
    codes = keys.select(pl.struct(right).rank("dense").cast(pl.Int64)).to_series()
    usable = asked.select(pl.all_horizontal(pl.col(left).is_not_null())).to_series()
    asked_codes, logged_codes = codes[: asked.height], codes[asked.height :]
    wanted = asked.with_columns(asked_codes.alias("code")).filter(usable)
    known = logged.with_columns(logged_codes.alias("code")).filter(
        pl.col("code").is_in(wanted["code"].unique().implode())
    )
    lasts = (pl.col("until") - pl.col("from")).dt.total_seconds()
    parts: list[pl.DataFrame] = []
    below = -1
    for most in _DURATIONS:
        part = known.filter((lasts > below) & (lasts <= most)).sort("code", "from", maintain_order=True)
        starts = range(0, wanted.height, _AT_ONCE) if part.height else ()
        parts += [_pairs(wanted.slice(start, _AT_ONCE), part, most) for start in starts]
        below = most
    blank = wanted.clear().drop("code").hstack(known.clear().drop("code").get_columns())
    return pl.concat([blank, *parts])


def _pairs(asked: pl.DataFrame, logged: pl.DataFrame, most: int) -> pl.DataFrame:
    def seconds(frame: pl.DataFrame, column: str) -> Numbers:
        return frame[column].dt.epoch("s").to_numpy()

    def key(frame: pl.DataFrame, at: Numbers) -> Numbers:
        placed: Numbers = (frame["code"].to_numpy() << 34) + np.clip(at, 0, (1 << 34) - 1)
        return placed

    begins = key(logged, seconds(logged, "from"))
    first = np.searchsorted(begins, key(asked, seconds(asked, "seen") - most - 1), side="left")
    after = np.searchsorted(begins, key(asked, seconds(asked, "seen_until") + 1), side="right")
    counts = after - first
    places = np.repeat(np.arange(asked.height), counts)
    within = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    sighting, row = asked[["seen", "seen_until"]][places], logged[["from", "until"]][within]
    over = ((sighting["seen_until"] >= row["from"]) & (sighting["seen"] <= row["until"])).to_numpy()
    paired: pl.DataFrame = asked.drop("code")[places[over]].hstack(logged.drop("code")[within[over]].get_columns())
    return paired


def _by_proxy(asked: pl.DataFrame, visits: pl.DataFrame, hosts: pl.DataFrame, skew: dt.timedelta) -> pl.DataFrame:
    """Find who went to the far end through a proxy. It knows no public address: its clients have to be the agency's."""
    ours = hosts.select("agency", pl.col("address").alias("inner")).unique()
    found = (
        asked.filter(pl.col("seen").is_not_null() & pl.col("cc_address").is_not_null())
        .join(visits, left_on="cc_address", right_on="destination", how="inner")
        .join(ours, on=["agency", "inner"], how="inner")
        .filter(
            (pl.col("seen_until") >= pl.col("starts") - NEAR - skew)
            & (pl.col("seen") <= pl.col("starts") + NEAR + skew)
        )
    )
    return found.select(
        "row",
        "inner",
        pl.lit(value=False).alias("sure"),
        pl.lit(value=True).alias("there"),
        pl.lit("proxy").alias("ground"),
        pl.col("file").alias("log_file"),
        pl.col("line").alias("log_line"),
    )


def _settle(found: pl.DataFrame) -> pl.DataFrame:
    """Keep the best of each row's candidates: sure ones, of them those to the listed far end; of several, name none."""
    by_nat = pl.col("ground") == "nat"
    rank = pl.when(pl.col("sure") & pl.col("there")).then(0).when("sure").then(1).when(by_nat).then(2).otherwise(3)
    ranked = found.with_columns(rank.alias("rank"))
    best = ranked.filter(pl.col("rank") == pl.col("rank").min().over("row")).sort(
        "row", "log_file", "log_line", "inner"
    )
    told = best.group_by("row", maintain_order=True).agg(
        pl.col("inner").n_unique().alias("candidates"),
        pl.col("inner", "ground", "log_file", "log_line", "sure").first(),
    )
    one = pl.col("candidates") == 1
    return told.select(
        "row",
        pl.when(~one)
        .then(pl.lit("several"))
        .when("sure")
        .then(pl.lit("exact"))
        .otherwise(pl.lit("likely"))
        .alias("confidence"),
        pl.when(one).then("inner").alias("inner"),
        pl.col("candidates").cast(pl.UInt32),
        "ground",
        pl.when(one).then("log_file").alias("log_file"),
        pl.when(one).then("log_line").alias("log_line"),
    )


def _with_names(told: pl.DataFrame, leases: pl.DataFrame, hosts: pl.DataFrame, skew: dt.timedelta) -> pl.DataFrame:
    """Name the inner address: by the lease of that minute, else by the table of machines."""
    leased = (
        told.filter(pl.col("inner").is_not_null())
        .select("row", "inner", "seen", "seen_until")
        .join(
            leases.select("inner", "mac", "name", pl.col("starts").alias("from"), pl.col("ends").alias("to")),
            on="inner",
            how="inner",
        )
        .filter(
            (pl.col("seen_until") >= pl.col("from") - skew)
            & (pl.col("to").is_null() | (pl.col("seen") <= pl.col("to") + skew))
        )
        .sort("row", "from")
        .unique("row", keep="last", maintain_order=True)
        .select("row", "mac", "name")
    )
    named = hosts.select("agency", pl.col("address").alias("inner"), pl.col("host").alias("listed"))
    named = named.unique(["agency", "inner"], keep="first", maintain_order=True)
    told = told.join(leased, on="row", how="left", maintain_order="left")
    told = told.join(named, on=["agency", "inner"], how="left", maintain_order="left")
    return told.with_columns(pl.coalesce("name", "listed").alias("host"))


def _why_none(translations: pl.DataFrame, skew: dt.timedelta) -> pl.Expr:
    covered = translations.group_by("public").agg(
        pl.col("starts").min().alias("a"), pl.max_horizontal(pl.col("ends").max(), pl.col("starts").max()).alias("b")
    )
    publics = covered["public"].to_list()
    if not publics:
        return pl.col("ground").fill_null("no_log")
    first = pl.col("address").replace_strict(publics, covered["a"], default=None, return_dtype=TIME)
    last = pl.col("address").replace_strict(publics, covered["b"], default=None, return_dtype=TIME)
    within = (pl.col("seen_until") >= first - skew) & (pl.col("seen") <= last + skew)
    why = (
        pl.when(first.is_null())
        .then(pl.lit("no_log"))
        .when(within)
        .then(pl.lit("no_session"))
        .otherwise(pl.lit("not_covered"))
    )
    return pl.coalesce("ground", why).alias("ground")
