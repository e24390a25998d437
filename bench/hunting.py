"""Hunting: five kinds of logs of 1 GB each against 10 thousand and a million indicators, beside rg, grepcidr and wc.

A seeded script makes 100 MB of each kind, which are repeated to the size. All run on the same machine, from the page cache,
one after the other. Peers get a slice of the log, because the slowest need a minute for it; figures are bytes a second of
processor time. HUNT_MB sets the size (1,000), HUNT_SLICE that of the peers' slice (100).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import string
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from bench._measured import Clock, Spent, run_job, run_program

KINDS = ("firewall", "eve", "dns", "proxy", "flows")
COUNTS = (10_000, 1_000_000)
UNIQUE = 100  # MB of a log that are made; the rest repeats them
SIZE = int(os.environ.get("HUNT_MB", "1000"))
SLICE = int(os.environ.get("HUNT_SLICE", "100"))
FOUND = (0, 10, 20)
_COUNTRIES = ("com", "vn", "net", "org", "com.vn", "io")


def run() -> None:
    """Make logs and indicators, hunt them, let the peers search a slice, print the figures."""
    with tempfile.TemporaryDirectory(prefix="haidang-bench-") as name:
        folder = Path(name)
        lists = {count: make_indicators(folder, count) for count in COUNTS}
        print(f"{SIZE:,} MB of each kind; figures are GB a second of processor time")
        report = run_job("bench.hunting", "load", lists[COUNTS[1]])
        print(f"a million indicators: {_phases(report.phases)}; peak {report.whole.peak:,.0f} MB")
        empty = folder / "empty.log"
        empty.write_text("2026-02-01 00:00:00 -\n", encoding="utf-8")
        starts = {count: _best(partial(_hunt, empty, listed, folder / "cache"))[0] for count, listed in lists.items()}
        told = ", ".join(f"{count:,} indicators {spent.cpu:.2f} s" for count, spent in starts.items())
        print(f"to start, with what is kept of the indicators: {told}; it is in all figures but those “net”")
        for kind in KINDS:
            log = make_log(folder, kind)
            _measure(folder, kind, log, lists, starts)
            log.unlink()


def _measure(folder: Path, kind: str, log: Path, lists: dict[int, Path], starts: dict[int, Spent]) -> None:
    size = log.stat().st_size
    part = folder / f"{kind}.slice"
    with log.open("rb") as whole, part.open("wb") as out:
        out.write(whole.read(SLICE * 1_000_000))
    few, many = (lists[count] for count in COUNTS)
    cache = folder / "cache"
    for listed in lists.values():
        run_program([*_hunt(part, listed, cache)], accept=FOUND)  # compiles and prepares
    ours = {
        "10,000": _best(lambda: _hunt(log, few, cache)),
        "1,000,000": _best(lambda: _hunt(log, many, cache)),
        "10,000, two jobs": _best(lambda: [*_hunt(log, few, cache), "--jobs", "2"]),
    }
    print(f"\n{kind}")
    for name, (spent, found) in ours.items():
        start = starts[COUNTS[1] if name.startswith("1,") else COUNTS[0]].cpu
        speed, net = (size / max(seconds, 0.01) / 1e9 for seconds in (spent.cpu, spent.cpu - start))
        print(
            f"  haidang hunt, {name:18} {speed:6.2f}  net {net:5.2f}  wall {spent.wall:5.2f} s  {spent.peak:6,.0f} MB  {found}"
        )
    one, two = ours["10,000"][0], ours["10,000, two jobs"][0]
    print(f"  two jobs against one, wall {one.wall / two.wall:6.2f}×")
    for name, command in _peers(folder, part, few).items():
        if shutil.which(command[0]):
            _, spent = run_program(command, accept=(0, 1))
            speed = part.stat().st_size / spent.cpu / 1e9
            net = size / (one.cpu - starts[COUNTS[0]].cpu) / 1e9
            print(f"  {name:32} {speed:6.3f}  haidang is {size / one.cpu / 1e9 / speed:6.2f}×, net {net / speed:6.2f}×")
    part.unlink()


def _hunt(log: Path, listed: Path, cache: Path) -> list[str]:
    return [
        sys.executable, "-m", "haidang.cli.main", "hunt", str(log), "--indicators", str(listed), "--cache", str(cache),
        "--on", "2026-11-25",
    ]  # fmt: skip


def _best(command: Callable[[], list[str]]) -> tuple[Spent, str]:
    """Take the quickest of three: others work on this machine too."""
    runs = [run_program(command(), accept=FOUND) for _ in range(3)]
    told, spent = min(runs, key=lambda one: one[1].cpu)
    return spent, next((line.partition(":")[2].strip() for line in told.splitlines() if line.startswith("Kết quả")), "")


def _peers(folder: Path, part: Path, listed: Path) -> dict[str, list[str]]:
    words, nets = folder / "words.txt", folder / "nets.txt"
    rows = [line.split(",", 1) for line in listed.read_text(encoding="utf-8").splitlines()[1:]]
    words.write_text("\n".join(value for _, value in rows) + "\n", encoding="utf-8")
    nets.write_text(
        "\n".join(value for kind, value in rows if kind == "ip" and ":" not in value) + "\n", encoding="utf-8"
    )
    return {
        "rg -F -f (one thread)": ["rg", "-j1", "-F", "-c", "-f", str(words), str(part)],
        "grepcidr -f (addresses)": ["grepcidr", "-c", "-f", str(nets), str(part)],
        "wc -l": ["wc", "-l", str(part)],
    }


def _phases(phases: Mapping[str, Spent]) -> str:
    return ", ".join(f"{name} {spent.wall:.2f} s" for name, spent in phases.items())


def make_indicators(folder: Path, count: int) -> Path:
    """Write a table of indicators of mixed kinds."""
    dice = random.Random(count)
    path = folder / f"{count}.csv"
    kinds: tuple[tuple[float, Callable[[random.Random], tuple[str, str]]], ...] = (
        (0.40, lambda r: ("ip", _address(r))),
        (0.42, lambda r: ("ip", f"{r.randrange(1, 224)}.{r.randrange(256)}.{r.randrange(256)}.0/24")),
        (0.44, lambda r: ("ip", f"2001:db8:{r.randrange(1, 65536):x}::{r.randrange(1, 65536):x}")),
        (0.70, lambda r: ("domain", _domain(r))),
        (0.85, lambda r: ("url", f"http://{_domain(r)}/{_word(r, 3, 9)}/{_word(r, 3, 9)}.php")),
        (0.95, lambda r: ("sha256", f"{r.getrandbits(256):064x}")),
        (0.97, lambda r: ("email", f"{_word(r, 3, 8)}@{_domain(r)}")),
        (1.01, lambda r: ("file_name", f"{_word(r, 4, 12)}.exe")),
    )
    with path.open("w", encoding="utf-8") as out:
        out.write("type,value\n")
        for _ in range(count):
            drawn = dice.random()
            out.write(",".join(next(make for share, make in kinds if drawn < share)(dice)) + "\n")
    return path


def make_log(folder: Path, kind: str) -> Path:
    """Write a log of a kind: a unique part, repeated up to the size."""
    path = folder / f"{kind}.log"
    part = bytearray()
    lines = _LINES[kind](random.Random(kind))
    while len(part) < min(UNIQUE, SIZE) * 1_000_000:
        part += next(lines).encode()
    with path.open("wb") as out:
        written = 0
        while written < SIZE * 1_000_000:
            out.write(part)
            written += len(part)
    return path


def _word(dice: random.Random, least: int, most: int) -> str:
    return "".join(dice.choices(string.ascii_lowercase, k=dice.randrange(least, most)))


def _domain(dice: random.Random) -> str:
    return f"{_word(dice, 5, 14)}.{dice.choice(_COUNTRIES)}"


def _address(dice: random.Random) -> str:
    return f"{dice.randrange(1, 224)}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"


def _inner(dice: random.Random) -> str:
    return f"10.{dice.randrange(4)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"


def _times() -> Iterator[dt.datetime]:
    time_ = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    while True:
        for _ in range(300):
            yield time_
        time_ += dt.timedelta(seconds=1)


def _firewall(r: random.Random) -> Iterator[str]:
    for at in _times():
        yield (
            f'date={at:%Y-%m-%d} time={at:%H:%M:%S} devname="FG100" devid="FG100FTK20000001" logid="0000000013" type="traffic" '
            f'subtype="forward" level="notice" vd="root" eventtime={int(at.timestamp())}000 srcip={_inner(r)} '
            f'srcport={r.randrange(1024, 65535)} srcintf="lan" srcintfrole="lan" dstip={_address(r)} '
            f'dstport={r.choice((80, 443, 53))} dstintf="wan1" sessionid={r.randrange(10**8)} proto=6 action="accept" '
            f'policyid={r.randrange(200)} service="HTTPS" dstcountry="Vietnam" sentbyte={r.randrange(10**6)} '
            f"rcvdbyte={r.randrange(10**7)} sentpkt=12 rcvdpkt=14\n"
        )


def _eve(r: random.Random) -> Iterator[str]:
    names = [f"{_word(r, 3, 6)}.{_domain(r)}" for _ in range(20_000)]
    for at in _times():
        told = {
            "timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.123456+0000", "flow_id": r.randrange(10**15), "in_iface": "eth0",
            "event_type": "http", "src_ip": _inner(r), "src_port": r.randrange(1024, 65535), "dest_ip": _address(r),
            "dest_port": 80, "proto": "TCP", "tx_id": 0,
            "http": {
                "hostname": r.choice(names), "url": f"/{r.randrange(10**6)}/index.php?id={r.randrange(1000)}",
                "http_user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36",
                "http_method": "GET", "protocol": "HTTP/1.1", "status": 200, "length": r.randrange(100_000),
            },
        }  # fmt: skip
        yield json.dumps(told) + "\n"


def _dns(r: random.Random) -> Iterator[str]:
    names = [f"{_word(r, 3, 6)}.{_domain(r)}" for _ in range(20_000)]
    for at in _times():
        told = {
            "ts": at.timestamp(),
            "client": _inner(r),
            "qname": r.choice(names),
            "qtype": "A",
            "answers": [_address(r)],
            "ttl": 300,
        }
        yield json.dumps(told) + "\n"


def _proxy(r: random.Random) -> Iterator[str]:
    names = [f"{_word(r, 3, 6)}.{_domain(r)}" for _ in range(20_000)]
    for at in _times():
        yield (
            f"{int(at.timestamp())}.{r.randrange(1000):03} {r.randrange(5000):6} {_inner(r)} TCP_MISS/200 {r.randrange(100000)} GET "
            f"http://{r.choice(names)}/{r.randrange(10**6)}/a.js - HIER_DIRECT/{_address(r)} text/html\n"
        )


def _flows(r: random.Random) -> Iterator[str]:
    yield "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt\n"
    for at in _times():
        yield (
            f"{at:%Y-%m-%d %H:%M:%S},{at:%Y-%m-%d %H:%M:%S},{r.random():.3f},{_inner(r)},{_address(r)},{r.randrange(65536)},"
            f"{r.choice((80, 443, 53))},TCP,.AP.SF,0,0,{r.randrange(100)},{r.randrange(10**6)},0,0\n"
        )


_LINES: dict[str, Callable[[random.Random], Iterator[str]]] = {
    "firewall": _firewall, "eve": _eve, "dns": _dns, "proxy": _proxy, "flows": _flows,
}  # fmt: skip


def _load(listed: Path) -> None:
    """Measure reading, indexing, keeping and taking up again; in a process of its own."""
    from haidang.hunts import Question, prepare

    clock = Clock()
    prepare(Question((), (listed.with_name(f"{COUNTS[0]}.csv"),)))  # compiles
    with tempfile.TemporaryDirectory() as name:
        asked = Question((), (listed,), cache=Path(name))
        plain = Question((), (listed,))
        clock.time("read and index", lambda: prepare(plain))
        prepare(asked)
        clock.time("from the cache", lambda: prepare(asked))
    clock.tell()


if __name__ == "__main__":
    _load(Path(sys.argv[2]))
