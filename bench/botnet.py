"""A botnet list of 500,000 rows against 20,000 networks with days of validity: from the file to who answered for each."""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from bench._measured import Clock, middle, run_job

ROWS = 500_000
NETWORKS = 20_000
AGENCIES = 500
RUNS = 3


def run() -> None:
    """Print the seconds of each phase on two cores, median of three runs."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder)
        reports = [run_job("bench.botnet", "job", folder) for _ in range(RUNS)]
    print(f"{ROWS:,} rows x {NETWORKS:,} networks, {reports[0].numbers['owned']:,.0f} rows owned")
    whole = 0.0
    for phase in reports[0].phases:
        spent = middle([report.phases[phase] for report in reports])
        whole += spent.wall
        print(f"{phase:10} {spent.wall:6.2f} s  {spent.cpu:6.2f} s cpu")
    print(f"{'together':10} {whole:6.2f} s (must be at most 3 s), peak {max(r.whole.peak for r in reports):,.0f} MB")


def write(folder: Path) -> None:
    """Write a seeded list and a register of networks."""
    dice = random.Random(4)
    starts = [dice.randrange(1 << 24, 223 << 24) & ~0x3FF for _ in range(NETWORKS)]
    lines = ["agency,network,valid_from,valid_to"]
    for number, start in enumerate(starts):
        since = f"{dice.randrange(2020, 2026)}-{dice.randrange(1, 13):02}-01"
        until = "2026-06-30" if dice.random() < 0.5 else ""
        lines.append(f"a{number % AGENCIES},{_quad(start)}/{dice.randrange(22, 30)},{since},{until}")
    (folder / "networks.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = ["timestamp,ip,port,infection,cc_ip"]
    for _ in range(ROWS):
        address = dice.choice(starts) + dice.randrange(1024) if dice.random() < 0.5 else dice.randrange(1 << 32)
        at = f"2026-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02} {dice.randrange(24):02}:{dice.randrange(60):02}:11"
        rows.append(f"{at},{_quad(address)},{dice.randrange(1024, 65536)},mozi,198.51.100.7")
    (folder / "list.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _quad(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def job(folder: Path) -> None:
    """Read the list and the networks, and match."""
    from haidang.engine.botnet.formats import read_list
    from haidang.engine.botnet.match import match
    from haidang.engine.botnet.networks import make_networks
    from haidang.engine.obligations.facts import Agencies, Agency, FactFile, read_facts

    clock = Clock()
    listed = clock.time("list", lambda: read_list((folder / "list.csv").read_bytes(), "list.csv"))
    agencies = Agencies(tuple(Agency(f"a{n}", f"A {n}", "", "agency") for n in range(AGENCIES)))
    file = FactFile("", "networks.csv", (folder / "networks.csv").read_bytes())
    networks = clock.time("networks", lambda: make_networks(read_facts([file], agencies).table("networks")))
    outcome, _ = clock.time("match", lambda: match(listed.rows, networks))
    clock.numbers["owned"] = int((outcome == "owned").sum())
    clock.tell()


if __name__ == "__main__":
    job(Path(sys.argv[2]))
