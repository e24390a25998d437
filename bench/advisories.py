"""Advisories against inventories: compiling every record at hand, and laying it beside a city's machines.

Needs the shared data set (`../shared/data/vuln`). Each job runs in a process of its own, on two cores; its own clock
tells seconds on the clock and of processor time, and its peak of memory. Two yardsticks are measured in the same run:
opening and parsing the same files, and joining the same rows by whole numbers and keeping the result.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench._fleet import NEGLECTED, TENDED, write_fleet
from bench._measured import Clock, Report, Spent, middle, run_job, run_program

if TYPE_CHECKING:
    import polars as pl

    from haidang.checks import Shelf
    from haidang.engine.advisories.findings import Circumstances
    from haidang.engine.advisories.installed import Installed
    from haidang.engine.advisories.match import Index
    from haidang.engine.advisories.store import Store

ROOT = Path(__file__).resolve().parents[1]
VULN = ROOT.parent / "shared" / "data" / "vuln"
SIZES = (12_500, 25_000, 50_000)
ROUNDS = 3
KINDS = ("hosts", "software", "hotfixes")
DAY = dt.date(2026, 1, 15)
# New advisories: of a mail server that few have, of a load balancer, of browsers that most have, of Windows itself.
NEW = ("CVE-2022-41352", "CVE-2023-46747", "CVE-2024-0519", "CVE-2023-36033")
MONTH = "2023-Nov"
MACHINES = 30
MATCHING = ("components", "match")
JOINING = ("join", "write", "read back")


def run() -> None:
    """Measure compiling once, each size three times, and print tables."""
    if not VULN.is_dir():
        print(f"skipped: the shared data set is not at hand ({VULN.parent})")
        return
    with tempfile.TemporaryDirectory(prefix="haidang-bench-") as scratch:
        cache = Path(scratch) / "cache"
        _compiling(cache)
        place = Path(scratch) / "warm"
        run_job("bench.advisories", "fleet", place, 88, cache, TENDED)
        run_job("bench.advisories", "keep", place)
        run_job("bench.advisories", "match", place, cache)  # numba's code is made here and kept
        _sizes(Path(scratch), cache)


def _compiling(cache: Path) -> None:
    parse = run_job("bench.advisories", "parse")
    compiled = run_job("bench.advisories", "compile", cache)
    loads = [run_job("bench.advisories", "load", cache) for _ in range(ROUNDS)]
    numbers = compiled.numbers
    print(f"{parse.numbers['files']:,.0f} files, {parse.numbers['bytes'] / 1e6:,.0f} MB unpacked; " + _told(numbers))
    _heading("job", "wall s", "cpu s", "peak MB")
    for name in ("open", "parse"):
        _line(f"{name} every file", parse.phases[name])
    _line("compile, cold", compiled.phases["compile"])
    _line("load from the cache", middle([one.phases["load"] for one in loads]))
    _line("number it for matching", middle([one.phases["index"] for one in loads]))
    least = sum(parse.phases[name].cpu for name in ("open", "parse"))
    print(f"compile ÷ (open and parse), processor time: {compiled.phases['compile'].cpu / least:.1f}")


def _sizes(scratch: Path, cache: Path) -> None:
    last: list[Report] = []
    for lag, sizes in ((TENDED, SIZES), (NEGLECTED, SIZES[-1:])):
        for count in sizes:
            place = scratch / f"{count}-{lag}"
            run_job("bench.advisories", "fleet", place, count, cache, lag)
            read = run_job("bench.advisories", "keep", place)
            rounds = [run_job("bench.advisories", "match", place, cache) for _ in range(ROUNDS)]
            joins = [run_job("bench.advisories", "join", place, cache) for _ in range(ROUNDS)]
            _print_size(count, lag, read, rounds, joins)
            if lag == TENDED:
                last = [run_job("bench.advisories", "new", place, cache) for _ in range(ROUNDS)]
    _print_new(last)
    place = scratch / f"{SIZES[0]}-{TENDED}" / "don-vi-00"
    one = scratch / "one" / "don-vi-00"
    one.mkdir(parents=True)
    for kind in KINDS:
        head, *rows = (place / f"{kind}.csv").read_text(encoding="utf-8").splitlines()
        (one / f"{kind}.csv").write_text("\n".join([head, *_of_first(rows)]) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "haidang.cli.main", "check", str(one.parent), "--advisories", str(VULN)]
    command += ["--cache", str(cache), "--on", DAY.isoformat()]
    cold = middle([run_program(command, accept=(0, 10, 20))[1] for _ in range(ROUNDS)])
    _line("haidang check, one machine, compiled before", cold)


def _of_first(rows: Sequence[str]) -> list[str]:
    """Keep the rows of the machine that has the first row of all."""
    return [row for row in rows if row.split(",")[0].endswith("-00000")]


def _print_size(count: int, lag: float, read: Report, rounds: Sequence[Report], joins: Sequence[Report]) -> None:
    numbers = rounds[0].numbers
    print(
        f"\n{count:,} machines, versions {'mostly new' if lag == TENDED else 'of all ages'}: {read.numbers['rows']:,.0f} "
        f"rows of software, {numbers['components']:,.0f} distinct components; {_told(numbers)}"
    )
    _heading("job", "wall s", "cpu s", "peak MB")
    _line("read CSV", read.phases["csv"])
    _line("read the same rows from Parquet", middle([one.phases["parquet"] for one in rounds]))
    phases = _middles(rounds) | _middles(joins)
    for name in (*MATCHING, "find", *JOINING):
        _line(name, phases[name])
    matching = sum(phases[name].cpu for name in MATCHING)
    wall = sum(phases[name].wall for name in MATCHING)
    least = sum(phases[name].cpu for name in JOINING)
    peak = max(one.numbers["matching_peak"] for one in rounds)
    print(
        f"matching: {wall:.2f} s wall, {matching:.2f} s cpu, {peak:,.0f} MB at the peak, "
        f"{matching / read.numbers['rows'] * 1e6:.2f} µs a row; ÷ (join, write, read back) {matching / least:.1f}"
    )


def _print_new(rounds: Sequence[Report]) -> None:
    print()
    _heading("beside it, in a process that holds it all", "wall s", "cpu s", "peak MB")
    for name, spent in _middles(rounds).items():
        pairs = rounds[0].numbers.get(name.rpartition(" ")[2])
        _line(name if pairs is None else f"{name} ({pairs:,.0f} open)", spent)


def _middles(rounds: Sequence[Report]) -> dict[str, Spent]:
    return {name: middle([one.phases[name] for one in rounds]) for name in rounds[0].phases}


def _told(numbers: Mapping[str, float]) -> str:
    return ", ".join(f"{value:,.0f} {name}" for name, value in numbers.items() if "_" not in name)


def _heading(*cells: str) -> None:
    print(f"  {cells[0]:48}" + "".join(f"{cell:>10}" for cell in cells[1:]))


def _line(name: str, spent: Spent) -> None:
    print(f"  {name:48}{spent.wall:>10.2f}{spent.cpu:>10.2f}{spent.peak:>10,.0f}", flush=True)


# The jobs, each in a process of its own.


def compile_all(clock: Clock, cache: str) -> None:
    """Compile every record at hand."""
    from haidang.checks import Shelf, compile_advisories

    store = clock.time("compile", lambda: compile_advisories([VULN], Shelf(), Path(cache)))
    clock.numbers |= {"records": float(store.notes["records"])}
    clock.numbers |= {name: getattr(store, name).height for name in ("flaws", "statements", "spans", "unread")}


def parse_all(clock: Clock) -> None:
    """Open the same files, and parse JSON, XML and YAML to plain objects: what no compiler of them can avoid."""
    from xml.etree import ElementTree

    import orjson
    import yaml

    from haidang.archives import open_files

    files = clock.time("open", lambda: [data for _, data in open_files(VULN) if isinstance(data, bytes)])
    broken = 0

    def parse() -> None:
        nonlocal broken
        for data in files:
            try:
                head = data[:64].lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
                if head in (b"{", b"["):
                    orjson.loads(data)
                elif head == b"<":
                    ElementTree.fromstring(data)
                elif data.startswith((b"id:", b"affected:", b"schema_version:")):
                    yaml.load(data, yaml.CSafeLoader)
            except (orjson.JSONDecodeError, ElementTree.ParseError, yaml.YAMLError):
                broken += 1

    clock.time("parse", parse)
    clock.numbers |= {"files": len(files), "bytes": sum(map(len, files)), "broken": broken}


def load(clock: Clock, cache: str) -> tuple[Store, Index]:
    """Take the store that was compiled before, and make it ready for matching."""
    from haidang.checks import Shelf, compile_advisories
    from haidang.engine.advisories.match import Index

    store = clock.time("load", lambda: compile_advisories([VULN], Shelf(), Path(cache)))

    def ready() -> Index:
        index = Index(store)
        _ = index.ladders, index.known_updates, index.schemes_of, index.epochs_of, index.known
        return index

    return store, clock.time("index", ready)


def make_fleet(_: Clock, place: str, count: str, cache: str, lag: str) -> None:
    """Write a city's inventories, Windows at the builds that the advisories name."""
    import polars as pl

    from haidang.checks import Shelf, compile_advisories

    shelf = Shelf()
    rungs = compile_advisories([VULN], shelf, Path(cache)).rungs.filter(pl.col("update").is_not_null())
    builds: dict[str, list[tuple[str, str]]] = {}
    for key, kb, update in rungs.select("key", "kb", "update").iter_rows():
        if line := shelf.windows.line_of(key):
            build = f"{line.version}.{line.build}.{update}"
            builds.setdefault(key.removeprefix("microsoft/"), []).append((build, kb))
    write_fleet(Path(place), int(count), builds, float(lag))


def keep(clock: Clock, place: str) -> None:
    """Read the inventories as agencies hand them in, and keep their rows as Parquet."""
    from haidang.checks import Shelf, read_handed

    folder = Path(place)
    inventory = clock.time("csv", lambda: read_handed([folder], Shelf()).inventory)
    clock.numbers["rows"] = inventory.software.height
    for kind in KINDS:
        inventory.frame(kind).write_parquet(folder / f"{kind}.parquet")


Rows = tuple["pl.DataFrame", "pl.DataFrame", "pl.DataFrame"]


def _frames(place: str) -> Rows:
    import polars as pl

    hosts, software, hotfixes = (pl.read_parquet(Path(place) / f"{kind}.parquet") for kind in KINDS)
    return hosts, software, hotfixes


def _installed(rows: Rows, shelf: Shelf, index: Index) -> Installed:
    from haidang.engine.advisories.installed import find_installed

    return find_installed(*rows, shelf.products, shelf.windows, index.known)


def match_all(clock: Clock, place: str, cache: str) -> None:
    """Match everything with everything, and make findings of it."""
    from bench._measured import peak
    from haidang.checks import Shelf
    from haidang.engine.advisories.findings import find
    from haidang.engine.advisories.match import match

    shelf = Shelf()
    _, index = load(clock, cache)
    rows = clock.time("parquet", lambda: _frames(place))
    _ = shelf.products, shelf.windows
    installed = clock.time("components", lambda: _installed(rows, shelf, index))
    matched = clock.time("match", lambda: match(index, installed))
    clock.numbers["matching_peak"] = peak()
    clock.numbers |= {"machines": installed.hosts.height, "components": len(installed.components)}
    clock.numbers |= {"open pairs": matched.pairs.height, "decisions": matched.decisions.height}
    known = _circumstances(shelf)
    clock.time("find", lambda: find(index, installed, matched, known))


def join_all(clock: Clock, place: str, cache: str) -> None:
    """The yardstick: Polars joins the same rows by whole numbers, to just as many, writes them and reads them back."""
    import polars as pl

    from haidang.checks import Shelf
    from haidang.engine.advisories.decide import CANNOT_TELL
    from haidang.engine.advisories.match import match

    _, index = load(Clock(), cache)
    installed = _installed(_frames(place), Shelf(), index)
    matched = match(index, installed)
    rows = matched.pairs.height
    numbered = matched.decisions.with_row_index("decision").filter(pl.col("state") >= CANNOT_TELL)
    right = numbered.select(pl.col("component").cast(pl.UInt32), "decision")
    left = installed.on.select("host_at", "component").with_row_index("place")
    del matched
    joined = clock.time("join", lambda: left.join(right, on="component").head(rows))
    out = Path(place) / "joined.parquet"
    kept = joined.select("host_at", "decision", "place")
    clock.time("write", lambda: kept.write_parquet(out, compression="lz4"))
    clock.numbers["rows"] = clock.time("read back", lambda: pl.read_parquet(out)).height
    out.unlink()


def match_new(clock: Clock, place: str, cache: str) -> None:
    """With all machines in memory a new advisory comes; with all advisories in memory a new machine comes."""
    import polars as pl

    from haidang.checks import Shelf
    from haidang.engine.advisories.compile import Compiler
    from haidang.engine.advisories.findings import find
    from haidang.engine.advisories.formats import read_advisories
    from haidang.engine.advisories.match import Index, match

    shelf = Shelf()
    _, index = load(Clock(), cache)
    rows = _frames(place)
    installed = _installed(rows, shelf, index)
    known = _circumstances(shelf)

    def take(data: bytes, name: str) -> int:
        compiler = Compiler(shelf.products, shelf.windows, shelf.mentioned)
        compiler.add(read_advisories(data, name))
        return match(Index(compiler.done()), installed).pairs.height

    new = [*_records(NEW), _month()]
    take(new[0][1], new[0][0])
    for name, data in new:
        clock.numbers[name] = clock.time(f"a new advisory: {name}", partial(take, data, name))

    def add(machine: Rows) -> None:
        own = _installed(machine, shelf, index)
        find(index, own, match(index, own), known)

    mean = f"a new machine, mean of {MACHINES}"
    for at, host in enumerate(rows[0].sample(1 + MACHINES, seed=1)["host"].to_list()):
        hosts, software, hotfixes = (frame.filter(pl.col("host") == host) for frame in rows)
        (clock if at else Clock()).time(mean, partial(add, (hosts, software, hotfixes)))
    wall, cpu = clock.phases[mean]
    clock.phases[mean] = wall / MACHINES, cpu / MACHINES


def _records(wanted: Sequence[str]) -> list[tuple[str, bytes]]:
    """Find CVE records, each in the form that its numbering authority publishes."""
    from haidang.archives import open_files

    found: dict[str, bytes] = {}
    for name, data in open_files(VULN / "cve5"):
        flaw = Path(name).stem
        if flaw in wanted and isinstance(data, bytes):
            found.setdefault(flaw, data)
    return [(f"{flaw}.json", found[flaw]) for flaw in wanted if flaw in found]


def _month() -> tuple[str, bytes]:
    from haidang.archives import open_files

    ((name, data),) = open_files(VULN / "msrc" / "cvrf-2026-07" / f"{MONTH}.xml.zst")
    assert isinstance(data, bytes)
    return name, data


def _circumstances(shelf: Shelf) -> Circumstances:
    import polars as pl

    from haidang.engine.advisories.cited import BOUND
    from haidang.engine.advisories.findings import Circumstances

    levels = pl.DataFrame(schema={"agency": pl.String, "system": pl.String, "level": pl.Int64})
    workarounds = pl.DataFrame(
        schema=dict.fromkeys(("agency", "host", "flaw", "evidence", "file"), pl.String) | {"line": pl.Int64}
    )
    return Circumstances(DAY, shelf.law(DAY), shelf.table, levels, workarounds, pl.DataFrame(schema=BOUND))


_JOBS: Mapping[str, Callable[..., object]] = {
    "compile": compile_all,
    "parse": parse_all,
    "load": load,
    "fleet": make_fleet,
    "keep": keep,
    "match": match_all,
    "join": join_all,
    "new": match_new,
}

if __name__ == "__main__":
    measured = Clock()
    _JOBS[sys.argv[1]](measured, *sys.argv[2:])
    measured.tell()
