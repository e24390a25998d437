"""Checking botnet lists against networks, from paths to answers: what the command line and the portal both do."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import polars as pl

from haidang import content
from haidang.archives import open_files
from haidang.engine.botnet.address_list import ROWS, AddressList, date_rows, spell
from haidang.engine.botnet.addresses import read_addresses
from haidang.engine.botnet.closing import CLOSINGS, STATES, close, read_closings
from haidang.engine.botnet.columns import ListProfile, read_list_profiles
from haidang.engine.botnet.compare import CHANGED, compare
from haidang.engine.botnet.formats import read_list
from haidang.engine.botnet.formats.plain_text import read_lines
from haidang.engine.botnet.match import OUTCOMES, match
from haidang.engine.botnet.nat import MACHINES, NatLog, NatRow, from_rows, join_logs, read_log, resolve
from haidang.engine.botnet.networks import Networks, make_networks
from haidang.engine.botnet.times import Moment, month_of
from haidang.engine.calendar import ICT, end_of
from haidang.engine.errors import UnreadableParcel
from haidang.engine.hunting.fields import number_of
from haidang.engine.hunting.reading import detect
from haidang.engine.letters.formats import read_manuscript
from haidang.engine.obligations.facts import Agencies, Agency, FactFile, Facts, read_facts
from haidang.engine.records import Source, Unread
from haidang.engine.sheets import read_sheet
from haidang.engine.text import fold, key
from haidang.parcels import MOST_FACT_BYTES, fact_files, read_bytes

SKEW = dt.timedelta(seconds=60)
_HEAD = 1 << 16  # bytes that tell the form of a log
_TABLES = ("networks", "hosts", "botnet_closings")
_MONTH = re.compile(r"(?<!\d)(?:(20\d\d)[-_./ ]?(0[1-9]|1[0-2])|(0?[1-9]|1[0-2])[-_./ ](20\d\d))(?!\d)")
_HOSTS: dict[str, pl.DataType] = {"agency": pl.String(), "host": pl.String(), "address": pl.String()}


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Botnet lists as they were handed in.

    Attributes:
        rows: `ROWS` of all files, in order.
        lists: each file that was read.
        unread: rows and files that could not be read.
    """

    rows: pl.DataFrame
    lists: dict[str, AddressList]
    unread: tuple[Unread, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Holdings:
    """What is known of agencies.

    Attributes:
        networks: whose is what, and when.
        hosts: agency, host, address: machines by their address inside.
        closings: how listed addresses were closed.
        names: agency → its name.
        unread: rows and files that could not be read.
    """

    networks: Networks
    hosts: pl.DataFrame
    closings: pl.DataFrame
    names: dict[str, str]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ListChecked:
    """What a check of lists found.

    Attributes:
        rows: `ROWS`, outcome and why; the rows that could not be read stand at the end.
        answers: one row a listed row and agency: how it stood to it, how it closed it, which machine it was.
        changes: list beside the earlier ones; None where there were none.
        lists: what was read.
        holdings: what it was laid beside.
        log: the logs of NAT.
        as_of: the day.
        skew: by how much clocks were allowed to differ.
    """

    rows: pl.DataFrame
    answers: pl.DataFrame
    changes: pl.DataFrame | None
    lists: Lists
    holdings: Holdings
    log: NatLog
    as_of: dt.date
    skew: dt.timedelta = field(default=SKEW)


def read_profiles() -> tuple[ListProfile, ...]:
    """Read the reviewed layouts of lists."""
    return read_list_profiles(content.files("mappings/botnet", ".yaml"))


def read_lists(paths: Sequence[Path], profiles: Sequence[ListProfile]) -> Lists:
    """Read lists: files, archives and folders of them. A PDF's text is read as text.

    Raises:
        UnreadableParcel: a path is not there, or a file that was asked for by itself can't be read.
    """
    lists: dict[str, AddressList] = {}
    unread: list[Unread] = []
    for path in paths:
        for name, data in open_files(path):
            try:
                if isinstance(data, UnreadableParcel):
                    raise data
                lists[name] = _dated(_read_one(data, name, profiles), name)
            except UnreadableParcel as error:
                if path.is_file() and name == path.name:
                    raise
                unread.append(Unread(Source(name, 1), str(error), "botnet_rows"))
    rows = pl.concat([pl.DataFrame(schema=ROWS), *(one.rows for one in lists.values())])
    return Lists(rows, lists, (*(row for one in lists.values() for row in one.unread), *unread))


def _read_one(data: bytes, name: str, profiles: Sequence[ListProfile]) -> AddressList:
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return read_lines([line.text for line in read_manuscript(data, name).lines], name, "PDF")
    return read_list(data, name, profiles)


def _dated(listed: AddressList, name: str) -> AddressList:
    """Give rows without a time the month that their list, or the name of its file, says."""
    rows = listed.rows
    if not (rows["precision"] == "unknown").any():
        return listed
    parts: list[pl.DataFrame] = []
    notes: list[str] = []
    numbered = rows.with_row_index("place")
    for text in numbered["list"].unique(maintain_order=True).to_list():
        part = numbered.filter(pl.col("list").eq_missing(text))
        month = month_in(text or "") or month_in(PurePosixPath(name).stem)
        count = (part["precision"] == "unknown").sum()
        if month and count:
            part = date_rows(part, month)
            shown = f"{month.last:%m/%Y}"
            notes.append(
                f"{count} dòng không có thời điểm, lấy tháng của danh sách {shown} / {count} rows take the list's month"
            )
        parts.append(part)
    rows = pl.concat(parts).sort("place").drop("place")
    return AddressList(listed.form, rows, listed.unread, listed.columns, (*listed.notes, *notes))


def month_in(text: str) -> Moment | None:
    """Find the month that a name of a list says: “01/2026”, “thang-1-2026”, “botnet_202601”."""
    found = _MONTH.search(fold(text))
    if not found:
        return None
    return month_of(int(found[1] or found[4]), int(found[2] or found[3]))


def read_holdings(
    networks: Path, agencies: Agencies | None = None, hosts: Path | None = None, closings: Path | None = None
) -> Holdings:
    """Read what is known of agencies.

    Args:
        networks: a folder of agencies' folders of facts, or one table with a column of agencies.
        agencies: the list of agencies; without it, who has networks is the list.
        hosts: one table of machines with a column of agencies; else those of the folders.
        closings: a table of closings or an annex that was filled in, or a folder of them; else those of the folders.

    Raises:
        UnreadableParcel: a path is not there or no such table.
    """
    files = list(_fact_files(networks, "networks"))
    files += list(_fact_files(hosts, "hosts")) if hosts else []
    known = agencies or _who(files)
    facts = read_facts(files, known)
    unread = [
        Unread(Source(row["file"], row["line"]), row["why"], row["table"], row["agency"])
        for row in facts.unread.iter_rows(named=True)
        if row["table"] in _TABLES or not row["table"]
    ]
    tree = make_networks(facts.table("networks"))
    closed = [_closings_of(facts)]
    for name, data in open_files(closings) if closings else ():
        if isinstance(data, UnreadableParcel):
            raise data
        stem = PurePosixPath(name).stem
        frame, bad = read_closings(data, name, stem if stem in known.keys else "")
        closed.append(frame)
        unread += bad
    names = {row.agency: row.name for row in known.rows}
    return Holdings(tree, _hosts_of(facts), pl.concat(closed), names, (*unread, *tree.unread))


def _fact_files(path: Path, table: str) -> Iterator[FactFile]:
    if path.is_dir():
        yield from (one for one in fact_files(path) if PurePosixPath(one.file).stem.lower() in _TABLES)
        return
    suffix = path.suffix.lower() if path.suffix.lower() in (".csv", ".xlsx", ".parquet") else ".csv"
    name = path.name if path.stem.lower() == table else f"{path.name}/{table}{suffix}"
    yield FactFile("", name, read_bytes(str(path), MOST_FACT_BYTES))


def _who(files: Sequence[FactFile]) -> Agencies:
    """List whoever has a folder, or stands in a column of agencies."""
    found: set[str] = {one.agency for one in files if one.agency}
    for one in files:
        if not one.agency and one.data:
            sheet = read_sheet(one.data, one.file)
            headings = [key(heading) for heading in sheet.headings]
            place = next(
                (headings.index(words) for words in ("agency", "ma don vi", "don vi") if words in headings), None
            )
            if place is None:
                raise UnreadableParcel(f"{one.file} needs a column “agency”: whose each row is")
            found |= {text.strip() for text in sheet.rows[str(place)].drop_nulls().unique().to_list()}
    return Agencies(tuple(Agency(name, name, "", "agency") for name in sorted(found - {""})))


def _hosts_of(facts: Facts) -> pl.DataFrame:
    hosts = facts.table("hosts").select(pl.col("agency").cast(pl.String), "host", "address")
    hosts = (
        hosts.with_columns(pl.col("address").str.split(";"))
        .explode("address")
        .with_columns(pl.col("address").str.strip_chars())
    )
    return hosts.with_columns(spell(read_addresses(hosts["address"])).alias("address")).drop_nulls().cast(_HOSTS)  # type: ignore[arg-type]


def _closings_of(facts: Facts) -> pl.DataFrame:
    table = facts.table("botnet_closings").with_columns(pl.col("agency", "file").cast(pl.String))
    return (
        table.with_columns(spell(read_addresses(table["address"])).alias("address"))
        .drop_nulls("address")
        .select(CLOSINGS.keys())
    )


def read_logs(paths: Sequence[Path], today: dt.date) -> NatLog:
    """Read logs of NAT, DHCP and proxies: tables, and what firewalls write.

    Args:
        paths: files, folders, archives.
        today: the day, for times without a year.

    Raises:
        UnreadableParcel: a path is not there, or neither such a table nor a log that tells of translations.
    """
    logs: list[NatLog] = []
    for path in paths:
        for name, data in open_files(path):
            if isinstance(data, UnreadableParcel):
                raise data
            rows = list(_translations(data, name, today))
            if rows:
                form = detect(data[:_HEAD], name, today, ICT).form
                logs.append(replace(from_rows(rows), files=((name, form),)))
            else:
                logs.append(read_log(data, name))
    return join_logs(logs)


def _translations(data: bytes, name: str, today: dt.date) -> Iterator[NatRow]:
    """Give the translations that a firewall's log tells of; none for a table, which is read by its headings."""
    reader = detect(data[:_HEAD], name, today, ICT)
    if data.startswith((b"PK", b"PAR1")) or reader.form in ("CSV", "nfdump", "text"):
        return
    for number, line in enumerate(data.split(b"\n"), 1):
        record = reader.read(line)
        public = record.fields.get("nat_src", "") if record else ""
        if record is None or record.time is None or not public or not record.src or public == record.src:
            continue
        lasted = dt.timedelta(seconds=number_of(record.fields.get("duration")) or 0)
        port = number_of(record.fields.get("nat_src_port")) or 0
        # Devices write a session down when it ends, if they say how long it took; else when it begins.
        ends = record.time if lasted else None
        yield NatRow(record.time - lasted, ends, record.src, public, port, port, record.dst, Source(name, number))


def check_lists(
    lists: Lists,
    holdings: Holdings,
    log: NatLog,
    as_of: dt.date,
    *,
    before: Lists | None = None,
    skew: dt.timedelta = SKEW,
) -> ListChecked:
    """Lay botnet lists beside everyone's networks.

    Args:
        lists: the lists.
        holdings: networks, machines, closings; closings after the day are not known yet.
        log: NAT, DHCP and proxy logs.
        as_of: the day.
        before: earlier lists, to compare.
        skew: by how much the clocks of lists and logs may differ.
    """
    outcome, found = match(lists.rows, holdings.networks)
    numbered = lists.rows.with_row_index("row").with_columns(outcome.alias("outcome"))
    answers = found.join(numbered, on="row", how="left", maintain_order="left")
    known = holdings.closings.filter(pl.col("closed") < end_of(as_of))
    held = close(
        answers.filter(pl.col("stand") != "not_then")
        .with_row_index("answer")
        .rename({"row": "listed", "answer": "row"}),
        known,
    )
    asked = held.select("row", "agency", "address", "port", "seen", "seen_until", "precision", "cc_address")
    machines = resolve(asked, log, holdings.hosts, skew)
    told = held.join(machines, on="row", how="left", maintain_order="left").drop("row").rename({"listed": "row"})
    past = answers.filter(pl.col("stand") == "not_then")
    everything = pl.concat([told, past], how="diagonal").sort("row", "agency").select(answers.columns + _TOLD)
    changes = compare(lists.rows, before.rows) if before else None
    if changes is not None:
        now = changes.select("address", pl.col("change").cast(pl.String))
        everything = everything.join(now, on="address", how="left", maintain_order="left")
    else:
        everything = everything.with_columns(change=pl.lit(None, pl.String()))
    return ListChecked(_all_rows(numbered, lists), everything, changes, lists, holdings, log, as_of, skew)


_TOLD = ["state", "closed", "closed_host", *(name for name in MACHINES if name != "row")]


def _all_rows(numbered: pl.DataFrame, lists: Lists) -> pl.DataFrame:
    bad = pl.DataFrame(
        {
            "file": [row.source.file for row in lists.unread],
            "line": [row.source.line for row in lists.unread],
            "why": [row.why for row in lists.unread],
        },
        schema={"file": pl.String, "line": pl.Int64, "why": pl.String},
    ).with_columns(outcome=pl.lit("unreadable", pl.Enum(OUTCOMES)))
    return pl.concat([numbered.drop("row"), bad], how="diagonal")


__all__ = [
    "CHANGED",
    "STATES",
    "Holdings",
    "ListChecked",
    "Lists",
    "check_lists",
    "read_holdings",
    "read_lists",
    "read_logs",
]
