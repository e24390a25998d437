"""Judging a city: 88 agencies, sixteen measures, 50,000 hosts, two million rows of facts from CSV files.

Each size runs in a process of its own, so that its peak of memory is its own. The yardstick, measured in the same run, is
what no program can avoid: reading and hashing the same bytes, and letting Polars split the same files into cells.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

AGENCIES = 88
DAY = dt.date(2026, 2, 23)
# hosts, rows of software a host, rows of flaws a host; all other tables follow.
SIZES = (12_500, 25_000, 50_000)
SOFTWARE = 20
FLAWS = 14


def run() -> None:
    """Measure three sizes and print a table."""
    print(
        f"{'rows':>10} {'MB':>6} {'judge s':>8} {'µs/row':>7} {'peak MB':>8} {'hash s':>7} {'split s':>8} {'÷ split':>8}"
    )
    with tempfile.TemporaryDirectory(prefix="haidang-bench-") as folder:
        for hosts in SIZES:
            place = Path(folder) / str(hosts)
            rows = write_city(place, hosts)
            figures = {name: _in_process(name, place) for name in ("hash", "split", "judge")}
            size = sum(path.stat().st_size for path in place.rglob("*.csv"))
            seconds, peak = figures["judge"]
            split = figures["split"][0]
            print(
                f"{rows:>10,} {size / 1e6:>6.0f} {seconds:>8.2f} {seconds / rows * 1e6:>7.2f} {peak:>8.0f} "
                f"{figures['hash'][0]:>7.2f} {split:>8.2f} {seconds / split:>8.1f}",
                flush=True,
            )


def _in_process(name: str, place: Path) -> tuple[float, float]:
    """Run one of the jobs below in a fresh process: (seconds, peak in MB)."""
    command = [sys.executable, "-m", "bench.judging", name, str(place)]
    out = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "POLARS_MAX_THREADS": "2"}
    )
    seconds, peak = json.loads(out.stdout.splitlines()[-1])
    return float(seconds), float(peak)


def judge_city(place: Path) -> None:
    """Read, hash, test and judge everything, and write the document as JSON."""
    import orjson

    from haidang import content
    from haidang.engine.law import read_law
    from haidang.engine.obligations.facts import read_agencies, read_facts
    from haidang.engine.obligations.judge import judge
    from haidang.engine.obligations.measure import Question
    from haidang.engine.obligations.measures import all_measures
    from haidang.parcels import fact_files, read_letter_file

    agencies = read_agencies((place / "agencies.csv").read_bytes(), "agencies.csv")
    facts = read_facts(fact_files(place / "facts", [place / "intel"]), agencies)
    letter = read_letter_file("content/examples/letter.txt")
    law = read_law(content.files("law", ".yaml")).at(DAY)
    cited = tuple(citation.number for citation in letter.letter.citations)
    question = Question(DAY, DAY - dt.timedelta(days=29), DAY, law, cited, letter.letter.cves)
    judgement = judge(letter.letter, letter.sha256, facts, question, all_measures(), ground="default")
    (place / "verdicts.json").write_bytes(orjson.dumps(judgement.document, option=orjson.OPT_INDENT_2))


def hash_city(place: Path) -> None:
    """Read and hash every file."""
    for path in sorted(place.rglob("*.csv")):
        hashlib.sha256(path.read_bytes()).hexdigest()


def split_city(place: Path) -> None:
    """Read, hash and split every file into cells of text, and nothing else."""
    import polars as pl

    kept = []
    for path in sorted(place.rglob("*.csv")):
        data = path.read_bytes()
        hashlib.sha256(data).hexdigest()
        kept.append(pl.read_csv(data, infer_schema=False))


def write_city(place: Path, hosts: int, seed: int = 1) -> int:
    """Write a made-up city's files; give the number of rows. The same arguments write the same bytes."""
    dice = random.Random(seed)
    keys = [f"don-vi-{number:02}" for number in range(AGENCIES)]
    place.mkdir(parents=True)
    people = [
        f"{key},Đơn vị {key},Khối {number % 7},{'provider' if number % 11 == 0 else 'agency'}"
        for number, key in enumerate(keys)
    ]
    total = _write(place / "agencies.csv", "agency,name,block,kind", people)
    for number, key in enumerate(keys):
        folder = place / "facts" / key
        folder.mkdir(parents=True)
        count = hosts // AGENCIES + (number < hosts % AGENCIES)
        for table, (heading, rows) in _agency_tables(dice, key, count).items():
            total += _write(folder / f"{table}.csv", heading, rows)
    (place / "intel").mkdir()
    for table, (heading, rows) in _department_tables(dice, keys).items():
        total += _write(place / "intel" / f"{table}.csv", heading, rows)
    return total


def _write(path: Path, heading: str, rows: Iterator[str] | list[str]) -> int:
    lines = list(rows)
    path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
    return len(lines)


def _day(dice: random.Random, most: int = 25) -> dt.date:
    return DAY - dt.timedelta(days=dice.randint(0, most))


def _time(dice: random.Random, most: int = 25) -> str:
    return f"{_day(dice, most)} {dice.randint(0, 23):02}:{dice.randint(0, 59):02}"


def _agency_tables(dice: random.Random, key: str, count: int) -> dict[str, tuple[str, list[str]]]:
    names = [f"{key.upper()}-PC{number:05}" for number in range(count)]
    systems = [f"Hệ thống {number}" for number in range(5)]
    incidents = [f"SC-{number}" for number in range(20)]
    states = ["fixed", "fixed", "fixed", "mitigated", "not_present", "not_present", "affected", "cannot_tell"]

    def each(of: list[str], row: Callable[[str], str]) -> list[str]:
        return [row(one) for one in of]

    return {
        "hosts": ("host,kind,system,os,address", each(names, lambda h: f"{h},{dice.choice(['server', 'workstation', 'workstation', 'network'])},{dice.choice(systems)},Windows 10,192.0.2.{dice.randint(1, 254)}")),
        "software": ("host,vendor,product,version,seen_on", [f"{h},Hãng {n % 7},Phần mềm số {n},{n}.{dice.randint(0, 99)}.{dice.randint(0, 9999)},{_day(dice)}" for h in names for n in range(SOFTWARE)]),
        "flaws": ("host,flaw,state,letter,checked_on,evidence", [f"{h},CVE-2025-{10000 + (n * 37 + dice.randint(0, 3)) % 400},{dice.choice(states)},{dice.choice(['117/TTGS-CB', '142/TTGS-CB', ''])},{_day(dice, 40)},KB50{n:05}" for h in names for n in range(FLAWS)]),
        "scan_receipts": ("host,finished,rule_set,rules_from,canary,not_checked,found,left", each(names, lambda h: f"{h},{_time(dice)},HT-2026.02,{DAY - dt.timedelta(days=30)},{dice.choice(['seen', 'seen', 'seen', 'missing'])},{dice.randint(0, 90)},0,0")),
        "monitored_hosts": ("host,last_heard,source", each(names, lambda h: f"{h},{_time(dice, 8)},agent")),
        "antimalware_hosts": ("host,last_heard,signatures_on,product", each(names, lambda h: f"{h},{_time(dice, 8)},{_day(dice, 16)},AV")),
        "systems": ("system,level,decision,decided_on", each(systems, lambda s: f"{s},3,12/QĐ,2024-05-06")),
        "controls": ("system,control,state,checked_on", [f"{s},Nhóm {n},full,2026-01-02" for s in systems for n in range(30)]),
        "networks": ("network,valid_from", ["192.0.2.0/24,2020-01-01", "2001:db8::/48,2020-01-01"]),
        "log_sources": ("source,system", each(systems, lambda s: f"Nhật ký {s},{s}")),
        "hunt_receipts": ("source,covers_from,covers_to,finished,rule_set,canary,hits,untriaged", [f"Nhật ký {s},{DAY - dt.timedelta(days=n)} 00:00,{DAY - dt.timedelta(days=n - 1)} 00:00,{DAY} 01:00,R1,seen,1,0" for s in systems for n in range(31)]),
        "shifts": ("person,starts,ends", [f"CB-{n % 5},{DAY - dt.timedelta(days=n)} {8 * k:02}:00,{DAY - dt.timedelta(days=n - (k == 2))} {8 * (k + 1) % 24:02}:00" for n in range(31) for k in range(3)]),
        "malware_alerts": ("alert,raised,host,verified,closed,cause", [f"A-{n},{DAY - dt.timedelta(days=9)} 08:00,{dice.choice(names)},có,{DAY - dt.timedelta(days=8)} 08:00,USB" for n in range(50)]),
        "incidents": ("incident,detected,severity,ended,reported,reference,needs_forensics", each(incidents, lambda i: f"{i},{DAY - dt.timedelta(days=9)} 08:00,ordinary,,{DAY - dt.timedelta(days=7)} 08:00,REF-{i},{dice.choice(['có', 'không'])}")),
        "evidence": ("incident,kind,collected,sha256", [f"{i},{kind},{DAY - dt.timedelta(days=8)} 08:00,{'ab' * 32}" for i in incidents for kind in ("timeline", "log")]),
        "botnet_closings": ("address,closed,outcome,host,evidence", [f"192.0.2.{n},{DAY - dt.timedelta(days=2)} 08:00,{dice.choice(['moved', 'off', 'cleaned', 'not_ours'])},{dice.choice(names)},x" for n in range(1, 30)]),
        "training": ("person,reached_on,trained_on,tested_on,score", [f"CB-{n},{_day(dice)},{_day(dice)},{_day(dice)},{dice.randint(60, 100)}" for n in range(count)]),
        "contacts": ("role,person,phone,email,confirmed_on,answered_on", [f"{role},Trực ban,0900.000.000,a@example.vn,{DAY},{DAY}" for role in ("incident", "focal_point")]),
    }  # fmt: skip


def _department_tables(dice: random.Random, keys: list[str]) -> dict[str, tuple[str, list[str]]]:
    return {
        "challenge_calls": ("agency,called,answered", [f"{k},{DAY - dt.timedelta(days=n)} 03:00,{DAY - dt.timedelta(days=n)} 03:0{dice.randint(1, 9)}" for k in keys for n in range(10)]),
        "botnet_rows": ("agency,address,seen,port,family,list", [f"{k},192.0.2.{n},{DAY - dt.timedelta(days=9)} 03:00,4{n:03},Mozi,01/2026" for k in keys for n in range(1, 30)]),
        "advisories": ("letter,flaw,product", [f"{letter},CVE-2025-{10000 + n},P" for letter in ("117/TTGS-CB", "142/TTGS-CB") for n in range(0, 400, 40)]),
        "findings": ("agency,finding,kind,subject,host,found_at,state", [f"{k},F-{n},{dice.choice(['rule', 'malware', 'flaw'])},X-{n},,{_time(dice)},fixed" for k in keys for n in range(50)]),
        "block_orders": ("agency,order,item,issued", [f"{k},YC-{n},x{n}.example,{DAY - dt.timedelta(days=9)} 03:00" for k in keys[::11] for n in range(200)]),
        "block_probes": ("agency,order,item,probed,blocked", [f"{k},YC-{n},x{n}.example,{DAY - dt.timedelta(days=2)} 03:00,có" for k in keys[::11] for n in range(200)]),
        "authority_requests": ("agency,request,received,executed", [f"{k},CV-{n},{DAY - dt.timedelta(days=9)} 03:00,{DAY - dt.timedelta(days=9)} 13:00" for k in keys[::11] for n in range(20)]),
    }  # fmt: skip


_JOBS = {"judge": judge_city, "hash": hash_city, "split": split_city}

if __name__ == "__main__":
    started = time.perf_counter()
    _JOBS[sys.argv[1]](Path(sys.argv[2]))
    spent = time.perf_counter() - started
    print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
