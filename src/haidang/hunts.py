"""Hunting through logs, from paths to hits and receipts: what the command line and an agency's machine both do."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
import polars as pl

from haidang import __version__
from haidang.engine.calendar import ICT
from haidang.engine.errors import BadRequest, UnreadableParcel
from haidang.engine.hunting.hunt import Hunt, Site, with_canary
from haidang.engine.hunting.index import FORMAT, Index, anchor, load_index, make_index, save_index
from haidang.engine.indicators.catalogue import Catalogue
from haidang.engine.indicators.spelling import spell
from haidang.engine.records import Source, Unread
from haidang.engine.sheets import read_sheet
from haidang.engine.tables import TABLES
from haidang.engine.text import fold
from haidang.intelligence import CLOSED, Gathered, gather_indicators, read_lists
from haidang.log_files import open_logs
from haidang.parcels import MOST_FACT_BYTES, read_bytes

_WHOLE: Final = "prepared.json"  # the file that is written last


def hash_indicators(indicators: pl.DataFrame) -> str:
    """Give the hash of what was looked for: type and value of every indicator, in order of their spelling."""
    told = indicators.select(pl.concat_str("type", pl.lit("\t"), "value").unique().sort()).to_series()
    return hashlib.sha256("\n".join(told.to_list()).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Question:
    """What a hunt is asked.

    Attributes:
        logs: paths of logs.
        indicators: paths of indicators.
        jobs: how many blocks are looked at at once.
        source: the log source that all logs belong to; empty: told by folder or file.
        agency: whose logs they are.
        networks: a table of the agency's own networks.
        canary: the department's test mark; empty where none was issued.
        warning_lists: what is never hunted; None: our own lists.
        silence: how long a log may say nothing.
        today: the day, for times without a year.
        cache: where prepared indicators are kept; None: nowhere.
    """

    logs: tuple[Path, ...]
    indicators: tuple[Path, ...]
    jobs: int = 1
    source: str = ""
    agency: str = ""
    networks: Path | None = None
    canary: str = ""
    warning_lists: tuple[Path, ...] | None = None
    silence: dt.timedelta = dt.timedelta(hours=24)
    today: dt.date = dt.date(1970, 1, 1)
    cache: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class HuntRun:
    """A hunt that has run.

    Attributes:
        question: what was asked.
        hunt: with its groups and what it read.
        gathered: the indicators.
        rule_set: the hash of what was looked for.
        unread: logs that could not be opened.
        started: when; aware.
        finished: when.
    """

    question: Question
    hunt: Hunt
    gathered: Gathered
    rule_set: str
    unread: tuple[Unread, ...]
    started: dt.datetime
    finished: dt.datetime

    @property
    def answer(self) -> str:
        """“found”, “clean”, or “not_checked” where a file was not read, has no times, or misses the test mark."""
        if self.hunt.groups:
            return "found"
        logs = self.hunt.logs
        whole = logs and all(log.lines and log.times and not log.trouble for log in logs) and not self.unread
        marked = not self.question.canary or all(log.source in self.hunt.canaries for log in logs)
        known = self.gathered.catalogue.frame.height and all(form != CLOSED for _, form, _, _ in self.gathered.files)
        return "clean" if whole and marked and known else "not_checked"


def hunt_logs(question: Question, take: Callable[[pl.DataFrame], None], now: Callable[[], dt.datetime]) -> HuntRun:
    """Hunt through logs.

    Args:
        question: what is asked.
        take: is given the hits, batch by batch.
        now: tells the time.

    Raises:
        UnreadableParcel: a path is not there, or the table of networks can't be read.
        BadRequest: agency, source or test mark is none.
    """
    _check(question)
    started = now()
    for path in question.logs:
        if str(path) != "-" and not path.exists():
            raise UnreadableParcel(f"{path} is not there")
    site = Site(question.agency, _networks(question.networks))
    gathered, frame, index, rule_set = prepare(question)
    hunt = Hunt(frame, site, index, frame.height - 1 if question.canary else None)
    unread: list[Unread] = []
    for batch in hunt.run(open_logs(question.logs, ICT, question.today, question.source, unread), question.jobs):
        take(batch)
    return HuntRun(question, hunt, gathered, rule_set, tuple(unread), started, now())


def _check(question: Question) -> None:
    """Refuse names that are no text, an agency that is no name of a folder, a mark that no log can be seen to hold."""
    for what, text in (("agency", question.agency), ("source", question.source), ("test mark", question.canary)):
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise BadRequest(f"the {what} is not written in UTF-8")
    if question.agency.startswith(".") or any(sign in question.agency for sign in "/\\\0"):
        raise BadRequest(f"“{question.agency}” is no key of an agency")
    mark = question.canary.strip()
    if question.canary and (not anchor("host", mark) or any(spell(type_, mark) for type_ in ("ipv4", "ipv6", "cidr"))):
        raise BadRequest(f"“{question.canary}” is no test mark: a name or a word was expected")


Prepared = tuple[Gathered, pl.DataFrame, Index, str]  # indicators, with the test mark, their index, their hash


def prepare(question: Question) -> Prepared:
    """Read the indicators and index them, or take what was kept of the same bytes."""
    if question.cache is None:
        return _read_all(question)
    kept = question.cache / f"hunt-{_digest(question)}"
    if (kept / _WHOLE).is_file():
        try:
            return _load(kept)
        except (OSError, EOFError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
            shutil.rmtree(kept, ignore_errors=True)  # a disk or a person damaged it: it is made anew
    prepared = _read_all(question)
    question.cache.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".hunt-", dir=question.cache))
    try:
        _save(prepared, fresh)
        fresh.rename(kept)
    except OSError:  # somebody was faster, or the disk is full: what was read is as good
        shutil.rmtree(fresh, ignore_errors=True)
    return prepared


def _read_all(question: Question) -> Prepared:
    gathered = gather_indicators(question.indicators, read_lists(question.warning_lists))
    frame = with_canary(gathered.catalogue.frame, question.canary)
    return gathered, frame, make_index(frame), hash_indicators(gathered.catalogue.frame)


def _digest(question: Question) -> str:
    """Give the hash of all that a prepared list depends on: the files, the warning lists, the mark, the program."""
    told = hashlib.sha256(f"{__version__}\0{FORMAT}\0{question.canary}".encode())
    for at, one in enumerate(read_lists(question.warning_lists)):
        told.update(f"\0{at}{one}".encode())
    for path in question.indicators:
        inner = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in inner:
            name = file.relative_to(path) if file != path else file.name
            told.update(f"\0{name}\0".encode("utf-8", "surrogateescape"))
            with file.open("rb") as stream:
                told.update(hashlib.file_digest(stream, "sha256").digest())
    return told.hexdigest()[:32]


def _save(prepared: Prepared, folder: Path) -> None:
    gathered, frame, index, rule_set = prepared
    frame.write_ipc(folder / "indicators.arrow")
    gathered.catalogue.skipped.write_ipc(folder / "skipped.arrow")
    save_index(index, folder)
    unread = [(one.source.file, one.source.line, one.why, one.table) for one in gathered.catalogue.unread]
    told = {"unread": unread, "doubles": gathered.catalogue.doubles, "files": gathered.files, "rule_set": rule_set}
    (folder / _WHOLE).write_bytes(orjson.dumps({**told, "loaded": gathered.catalogue.frame.height}))


def _load(folder: Path) -> Prepared:
    told = orjson.loads((folder / _WHOLE).read_bytes())
    frame = pl.scan_ipc(folder / "indicators.arrow").collect()
    unread = tuple(Unread(Source(file, line), why, table) for file, line, why, table in told["unread"])
    catalogue = Catalogue(frame.head(told["loaded"]), pl.read_ipc(folder / "skipped.arrow"), unread, told["doubles"])
    files = tuple((name, form, count, lost) for name, form, count, lost in told["files"])
    return Gathered(catalogue, files), frame, load_index(folder), told["rule_set"]


def _networks(path: Path | None) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Read an agency's own networks: the table `networks`."""
    if path is None:
        return ()
    sheet = read_sheet(read_bytes(str(path), MOST_FACT_BYTES), path.name)
    names = {"network", *TABLES["networks"].column("network").headings}
    at = next((at for at, heading in enumerate(sheet.headings) if fold(heading).strip() in names), None)
    if at is None:
        raise UnreadableParcel(f"{path}: a column “network” was expected")
    found = []
    for text in sheet.rows[sheet.rows.columns[at]].drop_nulls().to_list():
        value = spell("cidr", text) or spell("ipv4", text) or spell("ipv6", text)
        if value:
            found.append(ipaddress.ip_network(value))
        elif text.strip():  # left out, it would turn the direction of hits
            raise UnreadableParcel(f"{path}: “{text[:60]}” is no network")
    return tuple(found)
