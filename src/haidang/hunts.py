"""Hunting through logs, from paths to hits and receipts: what the command line and an agency's machine both do."""

from __future__ import annotations

import codecs
import datetime as dt
import hashlib
import io
import ipaddress
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import orjson
import polars as pl

from haidang import __version__
from haidang.archives import DAMAGES, is_archive, open_files, open_stream
from haidang.engine.calendar import ICT
from haidang.engine.errors import UnreadableParcel
from haidang.engine.hunting.blocks import Stream
from haidang.engine.hunting.hunt import Hunt, LogRead, Site, with_canary
from haidang.engine.hunting.index import FORMAT, Index, load_index, make_index, save_index
from haidang.engine.hunting.reading import detect
from haidang.engine.hunting.record import LineReader
from haidang.engine.indicators.catalogue import Catalogue
from haidang.engine.indicators.spelling import spell
from haidang.engine.records import Source, Unread
from haidang.engine.sheets import read_sheet
from haidang.engine.tables import TABLES
from haidang.engine.text import fold
from haidang.intelligence import Gathered, gather_indicators, read_lists
from haidang.parcels import MOST_FACT_BYTES, read_bytes

_HEAD: Final = 1 << 16
_ROWS: Final = 20_000  # of a Parquet file, turned into lines at once
_WHOLE: Final = "prepared.json"  # the file that is written last
# What is left of a rotated log's name: "fw.log.2.gz", "dns-2026-02-23.log", "access_log.1".
_ROTATION: Final = re.compile(
    r"(?:\.(?:gz|zst|bz2|xz|log|txt|csv|tsv|json|jsonl|parquet|\d{1,8})|[-_.]?\d{4}-?\d\d-?\d\d(?:T?\d+)?)+$"
)
_WIDE: Final = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(slots=True)
class LogFile:
    """A log that lies on a disk, in an archive, or comes in on standard input."""

    name: str
    source: str
    reader: LineReader
    stream: IO[bytes] = field(repr=False)

    def open(self) -> Stream:
        """Give its bytes, from the beginning, once."""
        return self.stream  # type: ignore[return-value]  # it has readinto, though its type does not say so


def open_logs(
    paths: Sequence[Path], zone: dt.tzinfo, today: dt.date, source: str, unread: list[Unread]
) -> Iterator[LogFile]:
    """Open logs one after the other, each with the reader of its form.

    Args:
        paths: files, folders (links in them are not followed), archives; "-" is standard input.
        zone: of times that name none.
        today: the day, for times that name no year.
        source: the log source that all belong to; where empty, the first folder below a path, or the file's name, says.
        unread: what can't be opened is added here.
    """
    for path in paths:
        for name, of, opened in _opened(path):
            if isinstance(opened, UnreadableParcel):
                unread.append(Unread(Source(name, 0), str(opened)))
                continue
            try:
                with opened:
                    yield _log(name, source or of, opened, zone, today)
            except (OSError, *DAMAGES) as error:
                unread.append(Unread(Source(name, 0), f"{type(error).__name__}: {error}"))


def _log(name: str, source: str, stream: IO[bytes], zone: dt.tzinfo, today: dt.date) -> LogFile:
    head = stream.read(_HEAD)
    whole: IO[bytes] = io.BufferedReader(_Behind(head, stream), 1 << 20)
    wide = next((name for mark, name in _WIDE.items() if head.startswith(mark)), "")
    if wide:
        whole = io.BufferedReader(_Narrow(whole, wide), 1 << 20)
        head = head.decode(wide, "replace").encode()
    return LogFile(name, source, detect(head, name, today, zone), whole)


class _Behind(io.RawIOBase):
    """A stream, with what was already read of it before it."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        if self._head:
            taken = min(len(into), len(self._head))
            into[:taken], self._head = self._head[:taken], self._head[taken:]
            return taken
        return self._stream.readinto(into)  # type: ignore[attr-defined, no-any-return]


class _Narrow(io.RawIOBase):
    """A stream of UTF-16 as UTF-8."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            wide = self._stream.read(1 << 18)
            self._ready = self._decoder.decode(wide, final=not wide).encode("utf-8", "replace")
            if not wide:
                break
        taken = min(len(into), len(self._ready))
        into[:taken], self._ready = self._ready[:taken], self._ready[taken:]
        return taken


Opened = tuple[str, str, IO[bytes] | UnreadableParcel]  # name, source, bytes


def _opened(path: Path) -> Iterator[Opened]:
    if str(path) == "-":
        yield "-", "stdin", sys.stdin.buffer
    elif not path.exists():
        raise UnreadableParcel(f"{path} is not there")
    elif path.is_dir():
        yield from _in_folder(path)
    elif is_archive(path):
        for name, data in open_files(path):
            yield name, _source_of(name), io.BytesIO(data) if isinstance(data, bytes) else data
    else:
        yield path.name, _source_of(path.name), _open(path, path.name)


def _in_folder(root: Path) -> Iterator[Opened]:
    for folder, folders, files in os.walk(root, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for entry in sorted(files):
            path = Path(folder) / entry
            inner = path.relative_to(root)
            name = os.fsencode(str(inner)).decode("utf-8", "replace").replace(os.sep, "/")
            source = inner.parts[0] if len(inner.parts) > 1 else _source_of(name)
            if path.is_symlink() or not path.is_file():
                yield name, source, UnreadableParcel(f"{name} is a link or no ordinary file; it is not followed")
            elif is_archive(path):
                for member, data in open_files(path, root):
                    yield member, source, io.BytesIO(data) if isinstance(data, bytes) else data
            else:
                yield name, source, _open(path, name)


class _Rows(io.RawIOBase):
    """The rows of a Parquet file, each as a line of JSON."""

    def __init__(self, path: Path) -> None:
        self._table = pl.scan_parquet(path)
        self._at = 0
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        if not self._ready:
            out = io.BytesIO()
            self._table.slice(self._at, _ROWS).collect().write_ndjson(out)
            self._at += _ROWS
            self._ready = memoryview(out.getvalue())
        taken = min(len(into), len(self._ready))
        into[:taken] = self._ready[:taken]
        self._ready = self._ready[taken:]
        return taken


def _open(path: Path, name: str) -> IO[bytes] | UnreadableParcel:
    try:
        if name.lower().endswith(".parquet"):
            pl.read_parquet_schema(path)
            return io.BufferedReader(_Rows(path), 1 << 20)
        return open_stream(path, name)
    except OSError as error:
        return UnreadableParcel(f"{name} can't be opened: {error.strerror or error}")
    except pl.exceptions.PolarsError as error:
        return UnreadableParcel(f"{name} is no Parquet: {error}")


def _source_of(name: str) -> str:
    last = name.rpartition("/")[2]
    return _ROTATION.sub("", last) or last


def hash_indicators(indicators: pl.DataFrame) -> str:
    """Give the hash of what was looked for: type and value of every indicator, in order of their spelling."""
    told = indicators.select(pl.concat_str("type", pl.lit("\t"), "value").unique().sort()).to_series()
    return hashlib.sha256("\n".join(told.to_list()).encode()).hexdigest()


def receipts(hunt: Hunt, finished: dt.datetime, rule_set: str, canary: str, silence: dt.timedelta) -> pl.DataFrame:
    """Give the hunt's receipts as rows of `hunt_receipts`: a source and a span of time each.

    Args:
        hunt: that has run.
        finished: when.
        rule_set: the hash of what was looked for.
        canary: the test mark that was issued; empty where none was.
        silence: how long a log may say nothing and still count as without a hole.
    """
    spans: dict[str, list[tuple[dt.datetime, dt.datetime]]] = {}
    for read in hunt.logs:
        if not read.trouble:
            spans.setdefault(read.source, []).extend(read.spans(silence))
    hits = {source: sum(read.hits for read in hunt.logs if read.source == source) for source in spans}
    rows = [
        (source, begin, end, finished, f"sha256:{rule_set}", _state(hunt, source, canary), hits[source], hits[source])
        for source in sorted(spans)
        for begin, end in _joined(spans[source], silence)
    ]
    time = pl.Datetime("us", "UTC")
    return pl.DataFrame(
        rows,
        schema={
            "source": pl.String, "covers_from": time, "covers_to": time, "finished": time, "rule_set": pl.String,
            "canary": pl.String, "hits": pl.Int64, "untriaged": pl.Int64,
        },
        orient="row",
    )  # fmt: skip


def _state(hunt: Hunt, source: str, canary: str) -> str:
    if not canary:
        return "none"
    return "seen" if source in hunt.canaries else "missing"


def _joined(
    spans: Iterable[tuple[dt.datetime, dt.datetime]], silence: dt.timedelta
) -> list[tuple[dt.datetime, dt.datetime]]:
    found: list[tuple[dt.datetime, dt.datetime]] = []
    for begin, end in sorted(spans):
        if found and begin - found[-1][1] <= silence:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


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
        """“found”, “clean”, or “not_checked” where something was not read, has no times, or misses the test mark."""
        if self.hunt.groups:
            return "found"
        logs = self.hunt.logs
        whole = logs and all(log.lines and log.times and not log.trouble for log in logs) and not self.unread
        marked = not self.question.canary or all(log.source in self.hunt.canaries for log in logs)
        return "clean" if whole and marked and self.hunt.indicators.height else "not_checked"


def hunt_logs(question: Question, take: Callable[[pl.DataFrame], None], now: Callable[[], dt.datetime]) -> HuntRun:
    """Hunt through logs.

    Args:
        question: what is asked.
        take: is given the hits, batch by batch.
        now: tells the time.

    Raises:
        UnreadableParcel: a path is not there, or the table of networks can't be read.
    """
    started = now()
    for path in question.logs:
        if str(path) != "-" and not path.exists():
            raise UnreadableParcel(f"{path} is not there")
    site = Site(question.agency, _networks(question.networks))
    gathered, frame, index, rule_set = _prepare(question)
    hunt = Hunt(frame, site, index)
    unread: list[Unread] = []
    for batch in hunt.run(open_logs(question.logs, ICT, question.today, question.source, unread), question.jobs):
        take(batch)
    return HuntRun(question, hunt, gathered, rule_set, tuple(unread), started, now())


Prepared = tuple[Gathered, pl.DataFrame, Index, str]  # indicators, with the test mark, their index, their hash


def _prepare(question: Question) -> Prepared:
    """Read the indicators and index them, or take what was kept of the same bytes."""
    if question.cache is None:
        return _read_all(question)
    kept = question.cache / f"hunt-{_digest(question)}"
    if (kept / _WHOLE).is_file():
        return _load(kept)
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
    names = {name for column in ("network",) for name in (column, *TABLES["networks"].column(column).headings)}
    at = next((at for at, heading in enumerate(sheet.headings) if fold(heading).strip() in names), None)
    if at is None:
        raise UnreadableParcel(f"{path}: a column “network” was expected")
    found = []
    for text in sheet.rows[sheet.rows.columns[at]].drop_nulls().to_list():
        value = spell("cidr", text) or spell("ipv4", text) or spell("ipv6", text)
        if value:
            found.append(ipaddress.ip_network(value))
    return tuple(found)


def make_receipt(run: HuntRun) -> dict[str, Any]:
    """Write down what was looked for, what was read and what was found: the hunt receipt."""
    hunt, question, catalogue = run.hunt, run.question, run.gathered.catalogue
    groups = hunt.grouped()
    sources = [_source(run, source) for source in dict.fromkeys(log.source for log in hunt.logs)]
    states = {source["canary"] for source in sources}
    skipped = catalogue.skipped.group_by("reason").len().sort("reason")
    return {
        "form": "haidang hunt receipt 1",
        "program": f"haidang {__version__}",
        "answer": run.answer,
        "agency": question.agency,
        "started": _shown(run.started),
        "finished": _shown(run.finished),
        "canary": "none" if not question.canary else "missing" if "missing" in states or not states else "seen",
        "canaries": {source: {"file": place[0], "line": place[1]} for source, place in hunt.canaries.items()},
        "indicators": {
            "sha256": run.rule_set,
            "loaded": catalogue.frame.height,
            "types": dict(catalogue.frame.group_by("type").len().sort("type").iter_rows()),
            "skipped": catalogue.skipped.height,
            "reasons": dict(skipped.iter_rows()),
            "unread": len(catalogue.unread),
            "files": [
                dict(zip(("file", "form", "indicators", "unread"), one, strict=True)) for one in run.gathered.files
            ],
        },
        "files": len(hunt.logs),
        "lines": sum(log.lines for log in hunt.logs),
        "bytes": sum(log.bytes for log in hunt.logs),
        "sources": sources,
        "logs": [_log_entry(log) for log in hunt.logs],
        "unread": [{"file": one.source.file, "line": one.source.line, "why": one.why} for one in run.unread],
        "groups": [
            {name: _shown(value) if isinstance(value, dt.datetime) else value for name, value in row.items()}
            for row in groups.head(1_000).iter_rows(named=True)
        ],
        "groups_total": groups.height,
    }


def _source(run: HuntRun, source: str) -> dict[str, Any]:
    logs = [log for log in run.hunt.logs if log.source == source]
    spans = _joined((span for log in logs for span in log.spans(run.question.silence)), run.question.silence)
    return {
        "source": source,
        "files": len(logs),
        "lines": sum(log.lines for log in logs),
        "bytes": sum(log.bytes for log in logs),
        "from": _shown(spans[0][0]) if spans else None,
        "to": _shown(spans[-1][1]) if spans else None,
        "spans": [[_shown(begin), _shown(end)] for begin, end in spans],
        "holes": max(0, len(spans) - 1),
        "hits": sum(log.hits for log in logs),
        "canary": _state(run.hunt, source, run.question.canary),
    }


def _log_entry(log: LogRead) -> dict[str, Any]:
    return {
        "file": log.name,
        "source": log.source,
        "form": log.form,
        "bytes": log.bytes,
        "lines": log.lines,
        "from": _shown(min(log.times)) if log.times else None,
        "to": _shown(max(log.times)) if log.times else None,
        "asked": log.asked,
        "untimed": log.untimed,
        "hits": log.hits,
        "trouble": log.trouble,
    }


def _shown(time: dt.datetime) -> str:
    """Write a time in Vietnam's zone."""
    return time.astimezone(ICT).isoformat(sep=" ", timespec="seconds")


def findings(run: HuntRun) -> pl.DataFrame:
    """Give the groups as rows of the table `findings`, with the agency."""
    rows = [
        (
            row["agency"],
            "HUNT-"
            + hashlib.sha256("\t".join((row["agency"], row["host"], row["type"], row["value"])).encode()).hexdigest()[
                :12
            ],
            "indicator",
            row["value"],
            row["host"],
            run.finished,
            "open",
        )
        for row in run.hunt.grouped().iter_rows(named=True)
    ]
    text = pl.String()
    schema = {
        "agency": text,
        "finding": text,
        "kind": text,
        "subject": text,
        "host": text,
        "found_at": pl.Datetime("us", "UTC"),
        "state": text,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
