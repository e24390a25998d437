"""A hunt: log after log against all indicators; hits line by line, groups by machine, and what was read of each log."""

from __future__ import annotations

import datetime as dt
import ipaddress
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import polars as pl

from haidang.engine.hunting import plain
from haidang.engine.hunting.blocks import Block, Blocks, Stream
from haidang.engine.hunting.fields import column_of
from haidang.engine.hunting.index import Index
from haidang.engine.hunting.kernel import EDGE
from haidang.engine.hunting.record import LineReader, LogRecord
from haidang.engine.hunting.scan import FoundLine, scan_block

_PRIVATE: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)
_SAMPLES: Final = 16  # lines of a block whose time is read, besides those that are found
_MOST_LOOKS: Final = 4_000  # in a block; what is not looked at stays a hole
_MINUTE: Final = dt.timedelta(minutes=1)
_FAR: Final = dt.timedelta(hours=1)
_LONGEST_TIME: Final = 4_096  # bytes at a line's start in which its time is looked for
_LONGEST_TEXT: Final = 500  # bytes of a line that a hit shows
_BATCH: Final = 20_000
_TIME: Final = pl.Datetime("us", "UTC")

HITS: Final[Mapping[str, pl.DataType]] = {
    "type": pl.String(), "value": pl.String(), "name": pl.String(), "publisher": pl.String(), "tlp": pl.String(),
    "confidence": pl.Int64(), "valid": pl.String(), "file": pl.String(), "line": pl.Int64(), "time": _TIME,
    "direction": pl.String(), "field": pl.String(), "agency": pl.String(), "host": pl.String(), "src": pl.String(),
    "src_port": pl.Int64(), "dst": pl.String(), "dst_port": pl.Int64(), "proto": pl.String(), "user": pl.String(),
    "action": pl.String(), "bytes_out": pl.Int64(), "bytes_in": pl.Int64(), "start": pl.Int64(), "text": pl.String(),
}  # fmt: skip
GROUPS: Final[Mapping[str, pl.DataType]] = {
    "agency": pl.String(), "host": pl.String(), "type": pl.String(), "value": pl.String(), "name": pl.String(),
    "publisher": pl.String(), "tlp": pl.String(), "confidence": pl.Int64(), "hits": pl.Int64(), "first": _TIME,
    "last": _TIME, "out": pl.Int64(), "in": pl.Int64(), "blocked": pl.Int64(), "bytes_out": pl.Int64(),
    "bytes_in": pl.Int64(), "file": pl.String(), "line": pl.Int64(),
}  # fmt: skip


class Log(Protocol):
    """A log that can be read once."""

    name: str
    source: str
    reader: LineReader

    def open(self) -> Stream:
        """Open it from its beginning."""


@dataclass(slots=True)
class LogRead:
    """What was read of a log.

    Attributes:
        name: of the file.
        source: the log source that it belongs to.
        form: of its lines.
        bytes: unpacked.
        lines: of them all.
        times: of lines, as far as they were read: at most one a minute that follows the other, and the ends.
        untimed: of the lines whose time was asked for, those that have none that can be read.
        asked: lines whose time was asked for.
        hits: lines and indicators found.
        trouble: why it was not read to its end; empty where it was.
    """

    name: str
    source: str
    form: str
    bytes: int = 0
    lines: int = 0
    times: list[dt.datetime] = field(default_factory=list)
    untimed: int = 0
    asked: int = 0
    hits: int = 0
    trouble: str = ""

    def note(self, time: dt.datetime | None) -> None:
        """Note that a line's time was asked for; what lies within the minute of the last one only moves it."""
        self.asked += 1
        if time is None:
            self.untimed += 1
        elif len(self.times) > 1 and self.times[-2] <= self.times[-1] <= time < self.times[-2] + _MINUTE:
            self.times[-1] = time
        elif not self.times or time != self.times[-1]:
            self.times.append(time)

    def spans(self, silence: dt.timedelta) -> list[tuple[dt.datetime, dt.datetime]]:
        """Give from when to when its lines are, parted where it says nothing for longer than `silence`."""
        found: list[tuple[dt.datetime, dt.datetime]] = []
        for time in sorted(self.times):
            if found and time - found[-1][1] <= silence:
                found[-1] = (found[-1][0], time)
            else:
                found.append((time, time))
        return found


@dataclass(frozen=True, slots=True)
class Site:
    """Whose logs these are.

    Attributes:
        agency: its key; empty where it is not said.
        networks: its own addresses, beside the private ones.
        hosts: address → name of the machine, where an inventory says so.
    """

    agency: str = ""
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)

    def is_inside(self, text: str) -> bool:
        """Tell whether an address is on our side."""
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in (*_PRIVATE, *self.networks))


class Hunt:
    """One run over logs.

    Args:
        indicators: type, value, name, publisher, tlp, confidence, valid_from, valid_until, together; a row each.
        site: whose logs they are.
        index: of the same list.
        mark: the row that stands for the test mark; None where none was issued.
    """

    def __init__(self, indicators: pl.DataFrame, site: Site, index: Index, mark: int | None = None) -> None:
        self.indicators = indicators
        self.site = site
        self.index = index
        self.mark = mark  # a row, not a name: somebody's list may call what it likes a canary
        self.logs: list[LogRead] = []
        self.canaries: dict[str, tuple[str, int]] = {}  # source → file and line where the test mark stood first
        self.groups: dict[tuple[str, str, str, str], dict[str, Any]] = {}
        self._together = _parts_of_patterns(self.indicators, self.index)

    def run(self, logs: Iterable[Log], jobs: int = 1) -> Iterator[pl.DataFrame]:
        """Hunt through logs; give the hits in batches, in the order of logs and lines.

        A log that breaks off is read as far as it goes, and says so in `logs`.
        """
        rows: list[tuple[Any, ...]] = []
        for log, read, block, found, lines in _scanned(logs, self.index, jobs, self.logs):
            rows += self._take(log, read, block, found)
            read.lines += lines
            read.bytes += block.size
            if len(rows) >= _BATCH:
                yield pl.DataFrame(rows, schema=HITS, orient="row")
                rows = []
        if rows:
            yield pl.DataFrame(rows, schema=HITS, orient="row")

    def grouped(self) -> pl.DataFrame:
        """Give the hits by machine and indicator, the most hits first."""
        rows = [tuple(group[name] for name in GROUPS) for group in self.groups.values()]
        frame = pl.DataFrame(rows, schema=GROUPS, orient="row")
        return frame.sort(["agency", "hits", "host", "type", "value"], descending=[False, True, False, False, False])

    def _take(self, log: Log, read: LogRead, block: Block, found: Sequence[FoundLine]) -> Iterator[tuple[Any, ...]]:
        """Read the times of some lines of a block and all that its found lines mean, in the order of the lines."""
        lines = {one.start: one for one in found}
        known: list[tuple[int, dt.datetime | None]] = []
        for start in sorted({*lines, *_headings(block, log.reader), *_samples(block)}):
            one = lines.get(start)
            if one is not None:
                yield from self._read_line(log, read, one)
                continue
            line = _line_at(block, start)
            if log.reader.is_heading(line):
                log.reader.read(line)
            elif line:
                time = log.reader.time(line)
                read.note(time)
                known.append((start, time))
        _look_closer(block, log.reader, read, known)

    def _read_line(self, log: Log, read: LogRead, one: FoundLine) -> Iterator[tuple[Any, ...]]:
        record = log.reader.read(one.line) or LogRecord()
        hits = one.hits
        if one.has_host_of_url:
            hits = (*hits, *_split_urls(record, self.index, {value for _, _, value in hits}))
        read.note(record.time)
        values = {value for _, _, value in hits}
        for start, end, value in hits:
            for row in self.index.rows_of(value):
                needed = self._together.get(row)
                if needed is None or needed <= values:
                    yield from self._hit(read, one, record, row, (start, end))

    def _hit(
        self, read: LogRead, one: FoundLine, record: LogRecord, row: int, place: tuple[int, int]
    ) -> Iterator[tuple[Any, ...]]:
        indicator = self.indicators.row(row, named=True)
        number = read.lines + one.number + 1
        if row == self.mark:
            self.canaries.setdefault(read.source, (read.name, number))
            return
        read.hits += 1
        where, direction = _place_of(indicator["value"], one.line[place[0] : place[1]], record, self.site)
        inner, host = self._host(record, direction)
        hit = {
            **{name: indicator[name] for name in ("type", "value", "name", "publisher", "tlp", "confidence")},
            "valid": _validity(indicator, record.time),
            "file": read.name,
            "line": number,
            "time": record.time,
            "direction": direction,
            "field": where,
            "agency": self.site.agency,
            "host": host or inner,
            **{
                name: getattr(record, name)
                for name in ("src", "src_port", "dst", "dst_port", "proto", "user", "action")
            },
            "bytes_out": record.bytes_out,
            "bytes_in": record.bytes_in,
            "start": place[0],
            "text": _shown(one.line, place[0]),
        }
        self._group(hit)
        yield tuple(hit[name] for name in HITS)

    def _host(self, record: LogRecord, direction: str) -> tuple[str, str]:
        """Give the address and the name of the machine on our side."""
        ends = [record.dst, record.src] if direction == "in" else [record.src, record.dst]
        inner = next((end for end in ends if end and self.site.is_inside(end)), ends[0])
        return inner, record.host or self.site.hosts.get(inner, "")

    def _group(self, hit: Mapping[str, Any]) -> None:
        at = (hit["agency"], hit["host"], hit["type"], hit["value"])
        group = self.groups.get(at)
        if group is None:
            kept = ("agency", "host", "type", "value", "name", "publisher", "tlp", "confidence", "file", "line")
            group = {name: hit[name] for name in kept}
            group |= {
                "hits": 0,
                "first": None,
                "last": None,
                "out": 0,
                "in": 0,
                "blocked": 0,
                "bytes_out": 0,
                "bytes_in": 0,
            }
            self.groups[at] = group
        time = hit["time"]
        group["hits"] += 1
        group["blocked"] += hit["action"] == "block"
        if hit["direction"]:
            group[hit["direction"]] += 1
        for name in ("bytes_out", "bytes_in"):
            group[name] += hit[name] or 0
        if time is not None:
            group["first"] = min(group["first"] or time, time)
            group["last"] = max(group["last"] or time, time)


def with_canary(indicators: pl.DataFrame, canary: str) -> pl.DataFrame:
    """Add the department's test mark as the last row: best a name with a dot, which costs nothing."""
    if not canary:
        return indicators
    row = {"type": "host", "value": canary.strip().lower()}
    return pl.concat([indicators, pl.DataFrame([row])], how="diagonal_relaxed")


def _scanned(
    logs: Iterable[Log], index: Index, jobs: int, reads: list[LogRead]
) -> Iterator[tuple[Log, LogRead, Block, list[FoundLine], int]]:
    """Scan block after block, some ahead of the one that is taken, and give them in order."""
    pool = Blocks()
    waiting: deque[tuple[Log, LogRead, Block, Future[tuple[list[FoundLine], int]]]] = deque()

    def taken() -> tuple[Log, LogRead, Block, list[FoundLine], int]:
        log, read, block, future = waiting.popleft()
        return log, read, block, *future.result()

    with ThreadPoolExecutor(jobs) as workers:
        for log, read, block in _blocks(logs, pool, reads):
            waiting.append((log, read, block, workers.submit(scan_block, block, index)))
            if len(waiting) > jobs:
                done = taken()
                yield done
                pool.give_back(done[2])
        while waiting:
            yield taken()


def _blocks(logs: Iterable[Log], pool: Blocks, reads: list[LogRead]) -> Iterator[tuple[Log, LogRead, Block]]:
    for log in logs:
        read = LogRead(log.name, log.source, log.reader.form)
        reads.append(read)
        try:
            for block in pool.read(log.open()):
                yield log, read, block
        except OSError as error:  # a packed log that breaks off, a file that can't be read on
            read.trouble = str(error)[:200] or type(error).__name__


def _headings(block: Block, reader: LineReader) -> Iterator[int]:
    """Give where lines begin that may say what the columns mean."""
    for start in reader.headings:
        at = block.buffer.find(b"\n" + start, EDGE - 1, EDGE + block.size)
        while at >= 0:
            yield at + 1
            at = block.buffer.find(b"\n" + start, at + 1, EDGE + block.size)


def _samples(block: Block) -> Iterator[int]:
    """Give where some lines of a block begin: the first, the last, and some between at even distances."""
    stop = EDGE + block.size
    for at in range(EDGE, stop, max(1, block.size // _SAMPLES)):
        start = block.buffer.find(b"\n", at - 1, stop) + 1
        if EDGE <= start < stop:
            yield start
    yield block.buffer.rfind(b"\n", 0, stop - 1) + 1


def _line_at(block: Block, start: int) -> bytes:
    end = block.buffer.find(b"\n", start, min(start + _LONGEST_TIME, EDGE + block.size))
    return bytes(block.buffer[start : end if end >= 0 else min(start + _LONGEST_TIME, EDGE + block.size)])


def _look_closer(
    block: Block, reader: LineReader, read: LogRead, known: Sequence[tuple[int, dt.datetime | None]]
) -> None:
    """Read more times between two that lie far from each other, until it is sure that the log was silent there."""
    timed = [(start, time) for start, time in known if time]
    waiting = [(*left, *right) for left, right in itertools.pairwise(timed) if abs(right[1] - left[1]) > _FAR]
    for _ in range(_MOST_LOOKS):
        if not waiting:
            return
        begin, first, end, last = waiting.pop()
        middle = block.buffer.rfind(b"\n", begin, (begin + end) // 2) + 1 or begin
        if middle <= begin:
            middle = block.buffer.find(b"\n", begin, end) + 1
        if not begin < middle < end:
            continue
        time = reader.time(_line_at(block, middle))
        read.note(time)
        if time:
            pairs = ((begin, first, middle, time), (middle, time, end, last))
            waiting += [pair for pair in pairs if abs(pair[3] - pair[1]) > _FAR]


def _split_urls(record: LogRecord, index: Index, already: set[int]) -> Iterator[plain.Hit]:
    """Find listed URLs in a line that keeps host and path apart."""
    host = next((record.fields[name] for name in ("http_host", "host", "sni") if record.fields.get(name)), record.dst)
    path = next((record.fields[name] for name in ("uri", "path", "url") if record.fields.get(name)), "")
    if host and path.startswith("/"):
        for _, _, value in plain.find(f"http://{host}{path}".encode(), index):
            if index.value(value)[0] == "url" and value not in already:
                yield 0, 0, value


def _parts_of_patterns(indicators: pl.DataFrame, index: Index) -> Mapping[int, frozenset[int]]:
    """Give, for each row that is a part of a pattern, the numbers of the values of all its parts."""
    if "together" not in indicators.columns:
        return {}
    rows = indicators.with_row_index("row").filter(pl.col("together").fill_null("") != "").select("row", "together")
    if rows.is_empty():
        return {}
    value_of = dict(
        index.values.select("type", "value")
        .with_row_index("number")
        .join(indicators.with_row_index("row").select("type", "value", "row"), on=["type", "value"])
        .select("row", "number")
        .iter_rows()
    )
    needed: dict[str, set[int]] = {}
    for row, together in rows.iter_rows():
        needed.setdefault(together, set()).add(value_of[row])
    return {row: frozenset(needed[together]) for row, together in rows.iter_rows()}


def _place_of(value: str, written: bytes, record: LogRecord, site: Site) -> tuple[str, str]:
    """Tell which field of a line held an indicator, and whether it was asked for (out) or came to us (in)."""
    text = written.decode("utf-8", "replace").lower() or value
    if text == record.src.lower() or value == record.src:
        return "src", "in" if not site.is_inside(record.src) else "out"
    if text == record.dst.lower() or value == record.dst:
        return "dst", "out" if not site.is_inside(record.dst) else "in"
    for name, told in record.fields.items():
        if text in told.lower():
            return name, "out" if column_of(name) in _ASKED or name in _ASKED else ""
    return "", ""


# Fields that say what a machine of ours asked for.
_ASKED: Final = frozenset({"query", "uri", "http_host", "host", "answer", "referer", "dst"})


def _validity(indicator: Mapping[str, Any], time: dt.datetime | None) -> str:
    """Tell whether a hit lies before or after the time in which its indicator is said to mean something."""
    since, until = indicator.get("valid_from"), indicator.get("valid_until")
    if time is None or (since is None and until is None):
        return ""
    if since is not None and time < since:
        return "before"
    return "after" if until is not None and time >= until else "within"


def _shown(line: bytes, at: int) -> str:
    """Give the part of a line around a hit, without what a terminal or a page would obey."""
    start = max(0, at - _LONGEST_TEXT // 2) if len(line) > _LONGEST_TEXT else 0
    text = line[start : start + _LONGEST_TEXT].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else " " for letter in text)
