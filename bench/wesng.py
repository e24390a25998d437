"""Beside wesng (Windows Exploit Suggester - Next Generation): what each says of the same machines, and at what cost.

    git clone https://github.com/bitsadmin/wesng DIR; pip install --target DIR 'chardet<6'
    python -m bench wesng --wesng DIR

Machines are the real `systeminfo` and `wmic qfe` outputs of the shared data set. The truth is what Microsoft's monthly
documents say of them, worked out by `_monthly.py`. Only flaws of Windows itself count, and only those of the months
whose documents are at hand, though wesng's definitions know all months.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import re
import shutil
import sys
import tempfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench._measured import Clock, Spent, middle, run_job, run_program
from bench._monthly import MENDED, NOT_LISTED, UNKNOWN, VULNERABLE, Tables, read_documents, read_machine

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
VULN = SHARED / "vuln"
MACHINES = SHARED / "inventory" / "windows"
DAY = "2026-07-06"  # the day of the documents
ROUNDS = 3
COPIES = 40  # of every machine, for a batch of a city's size
TRUTHS = (VULNERABLE, MENDED, NOT_LISTED, UNKNOWN)
_OUT_OF_SUPPORT = "out_of_support"
AFFECTED, ASKED, CLEARED = "affected", "asks", "cleared"

Said = Mapping[str, Mapping[str, str]]  # machine → flaw → AFFECTED or ASKED; all others are cleared


@dataclass(frozen=True, slots=True)
class Case:
    """A machine's files as handed in."""

    name: str
    systeminfo: Path
    qfe: Path | None = None


def run() -> None:
    """Measure both, compare both with the documents, and tell where they differ."""
    peer = Path(os.environ.get("WESNG", "/nowhere")).resolve()
    if not MACHINES.is_dir():
        print(f"skipped: the shared data set is not at hand ({SHARED})")
        return
    if not (peer / "wes.py").is_file():
        print("skipped: say with --wesng DIR where wes.py of github.com/bitsadmin/wesng lies")
        return
    with tempfile.TemporaryDirectory(prefix="haidang-bench-") as scratch:
        place = Path(scratch)
        definitions = _definitions(peer, place)
        theirs = _costs(peer, definitions, place)
        tables = read_documents(VULN)
        (place / "flaws.json").write_text(json.dumps(sorted(tables.flaws())), encoding="utf-8")
        run_job("bench.wesng", "ours", place)
        ours = json.loads((place / "ours.json").read_text(encoding="utf-8"))
        _compare(tables, theirs, ours)


def cases() -> list[Case]:
    """List the machines; those with a list of updates of their own once more, with it."""
    plain = [
        Case(path.name.removesuffix("_systeminfo.txt"), path) for path in sorted(MACHINES.glob("*_systeminfo.txt"))
    ]
    lists = [(case, case.systeminfo.with_name(f"{case.name}_qfe.txt")) for case in plain]
    return plain + [Case(f"{case.name}+qfe", case.systeminfo, qfe) for case, qfe in lists if qfe.is_file()]


def _definitions(peer: Path, place: Path) -> Path:
    """Take wesng's own definitions; where they were left out, make them of the shared copy."""
    own = peer / "definitions.zip"
    if own.is_file():
        return own
    from haidang.archives import open_files

    made = place / "definitions.zip"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("Version_1.00.txt", "")
        for name, data in open_files(VULN / "msrc" / "wesng"):
            if isinstance(data, bytes) and name.endswith(".csv"):
                archive.writestr(name.replace(".open", ""), data)
    return made


# What it costs.


def _costs(peer: Path, definitions: Path, place: Path) -> Said:
    """Measure both, and give what wesng says."""
    plain = [case for case in cases() if case.qfe is None]
    said, each = _run_wesng(peer, definitions, place)
    alone = [each[case.name] for case in plain if case.name in each]
    loaded = [run_job("bench.wesng", "loaded", peer, definitions) for _ in range(ROUNDS)]
    _lay_out(place / "one-batch", plain, 1)
    _lay_out(place / "city", plain, COPIES)
    cache = place / "cache"
    check = [sys.executable, "-m", "haidang.cli.main", "check"]
    options = ["--advisories", str(VULN), "--cache", str(cache), "--on", DAY, "--out", str(place / "out")]

    def cost(folder: Path) -> Spent:
        spent = run_program([*check, str(folder), *options], accept=(0, 10, 20))[1]
        shutil.rmtree(place / "out")
        return spent

    first = cost(place / "one-batch")
    singles = [cost(place / "one-batch" / case.name) for case in plain]
    batch = middle([cost(place / "one-batch") for _ in range(ROUNDS)])
    city = middle([cost(place / "city") for _ in range(ROUNDS)])
    single = sum(spent.cpu for spent in singles) / len(singles)
    theirs = sum(spent.cpu for spent in alone) / len(alone)
    print(f"processor seconds a machine, {len(plain)} machines (systeminfo alone)")
    rows = [
        ("wesng, a process a machine, as its users run it", theirs),
        ("wesng, definitions loaded once: matching alone", middle([one.phases["match"] for one in loaded]).cpu / len(alone)),
        ("wesng, definitions loaded once: loading and matching",
         sum(middle([one.phases[name] for one in loaded]).cpu for name in ("load", "match")) / len(alone)),
        ("haidang check, a process a machine, advisories compiled before", single),
        (f"haidang check, {len(plain)} machines at once", batch.cpu / len(plain)),
        (f"haidang check, {len(plain) * COPIES} machines at once", city.cpu / len(plain) / COPIES),
    ]  # fmt: skip
    for name, cpu in rows:
        print(f"  {name:64}{cpu:>9.3f}{theirs / cpu:>8.1f}×")
    print(
        f"  (compiling all advisories, once: {first.cpu - batch.cpu:.0f} s; wesng's definitions come compiled)",
        flush=True,
    )
    return said


def _run_wesng(peer: Path, definitions: Path, place: Path) -> tuple[Said, dict[str, Spent]]:
    """Run wes.py on every machine as its manual says: what it says, and what each run cost."""
    wes = _load_wes(peer)
    said: dict[str, Mapping[str, str]] = {}
    spent: dict[str, Spent] = {}
    out = place / "wesng.csv"
    for case in cases():
        command = [sys.executable, str(peer / "wes.py"), "--definitions", str(definitions), "-o", str(out)]
        if case.qfe:
            # Of systems in words it knows nothing in this version, only of the numbers that it lists.
            listed = run_program([*command[:-2], "--qfe", str(case.qfe)])[0]
            name = re.escape(wes.determine_product(case.systeminfo.read_bytes())[0].removeprefix("Microsoft "))
            number = re.search(rf"\[(\d+)\] {name}$", listed, re.MULTILINE)
            if number is None:
                print(f"  wesng does not list the system of {case.name}")
                continue
            command += ["--os", number[1], "--qfe", str(case.qfe)]
        told, spent[case.name] = run_program([*command, *([] if case.qfe else [str(case.systeminfo)])], accept=(0, 1))
        if not out.is_file() and "No vulnerabilities" not in told:
            print(f"  wesng can't tell of {case.name}: {told.strip().splitlines()[-1]}")
            continue
        rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8")))) if out.is_file() else []
        said[case.name] = {row["CVE"]: AFFECTED for row in rows if " on " not in row["AffectedProduct"]}
        out.unlink(missing_ok=True)
    return said, spent


def _load_wes(peer: Path) -> Any:  # noqa: ANN401 - somebody else's module
    sys.path.insert(0, str(peer))
    spec = importlib.util.spec_from_file_location("wes", peer / "wes.py")
    assert spec
    assert spec.loader
    wes = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(wes)
    return wes


def _lay_out(place: Path, machines: Sequence[Case], copies: int) -> None:
    """Lay a folder for each machine, so that equal names are no matter."""
    for copy in range(copies):
        for case in machines:
            folder = place / (case.name if copies == 1 else f"{case.name}-{copy:02}")
            folder.mkdir(parents=True)
            shutil.copy(case.systeminfo, folder / case.systeminfo.name)
            if case.qfe:
                (folder / case.qfe.name).write_bytes(_with_host(case))


def _with_host(case: Case) -> bytes:
    """Write the machine's name above its list of updates, as the manual says, for lists that name none."""
    data = case.qfe.read_bytes() if case.qfe else b""
    found = re.search(rb":[ ]+(\S+)\r", case.systeminfo.read_bytes().replace(b"\0", b""))
    head = f"# host: {found[1].decode('ascii')}\r\n" if found else ""
    wide = data.startswith(b"\xff\xfe")
    return data[:2] + head.encode("utf-16-le") + data[2:] if wide else head.encode() + data


def run_loaded(clock: Clock, peer: str, definitions: str) -> None:
    """Run wesng's own functions on every machine, its definitions loaded once."""
    wes = _load_wes(Path(peer))
    rows, _ = clock.time("load", lambda: wes.load_definitions(definitions))

    def match(case: Case) -> None:
        product, *_, updates = wes.determine_product(case.systeminfo.read_bytes())
        _, found = wes.determine_missing_patches(product, rows, list(set(updates)))
        if "Windows Server" in product:
            wes.filter_duplicates(found)

    for case in cases():
        if case.qfe is None:
            with redirect_stdout(io.StringIO()):
                try:
                    clock.time("match", partial(match, case))
                except wes.WesException:
                    continue


def run_ours(clock: Clock, place: str) -> None:
    """Ask haidang for the state of every flaw of Windows on every machine."""
    import polars as pl

    from haidang.checks import Shelf, compile_advisories, read_handed
    from haidang.engine.advisories.decide import WHYS
    from haidang.engine.advisories.installed import PART, find_installed
    from haidang.engine.advisories.match import STATES, Index, match

    shelf = Shelf()
    folder = Path(place)
    flaws = json.loads((folder / "flaws.json").read_text(encoding="utf-8"))
    store = compile_advisories([VULN], shelf, folder / "cache")
    _lay_out(folder / "all", cases(), 1)
    inventory = read_handed([folder / "all"], shelf).inventory
    cut = frozenset((lack.agency, lack.host.lower()) for lack in inventory.lacks if lack.what == "truncated")
    index = Index(store)
    installed = find_installed(
        inventory.hosts, inventory.software, inventory.hotfixes, shelf.products, shelf.windows, index.known, cut
    )
    clock.numbers["machines"] = installed.hosts.height
    decisions = match(index, installed).decisions
    systems = [at for at, one in enumerate(installed.components) if one.windows and not one.doubts & PART]
    rows = (
        installed.on.join(decisions.filter(pl.col("component").is_in(systems)).cast({"component": pl.UInt32}), on="component")
        .join(store.flaws.with_row_index("at").select(pl.col("at").cast(pl.Int32), flaw_id="flaw"), left_on="flaw", right_on="at")
        .filter(pl.col("flaw_id").is_in(flaws))
    )  # fmt: skip
    said: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in installed.hosts["agency"].to_list()}
    names = installed.hosts["agency"]
    for host, flaw, state, why in rows.select("host_at", "flaw_id", "state", "why").iter_rows():
        said[names[host]][flaw] = (STATES[state], WHYS[why])
    (folder / "ours.json").write_text(json.dumps(said), encoding="utf-8")


# What each says.


def _compare(tables: Tables, theirs: Said, ours: Mapping[str, Mapping[str, tuple[str, str]]]) -> None:
    flaws = tables.flaws()
    print(f"\n{len(flaws):,} flaws of Windows itself in the documents of {len(tables.months)} months")
    classes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    totals: dict[tuple[bool, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    print(
        f"  {'machine':46}{'vulnerable':>11}{'unknown':>9}{'wesng':>8}{'right':>7}{'haidang':>9}{'right':>7}{'asks':>7}"
    )
    for case in cases():
        machine = read_machine(case.systeminfo.read_bytes(), case.qfe.read_bytes() if case.qfe else b"")
        if not machine.product:
            print(f"  {case.name[:45]:46} of no line that the documents name")
            continue
        truths = tables.judge(machine)
        counts: Counter[tuple[str, str, str]] = Counter()
        for flaw, truth in truths.items():
            their = theirs.get(case.name, {}).get(flaw, CLEARED)
            state, why = ours.get(case.name, {}).get(flaw, ("not_present", "no statement"))
            our = {"affected": AFFECTED, "cannot_tell": ASKED}.get(state, CLEARED)
            if truth == NOT_LISTED and why == _OUT_OF_SUPPORT:
                our = CLEARED  # one question for a line that nobody looks at any more, not one a flaw
            counts["truth", truth, ""] += 1
            for tool, said in (("wesng", their), ("haidang", our)):
                if tool == "wesng" and case.name not in theirs:
                    continue
                counts[tool, truth, said] += 1
                totals[case.qfe is not None, tool][truth, said] += 1
            classes[truth, their, our, why].append(f"{case.name} {flaw}")
        told = {tool: sum(counts[tool, truth, AFFECTED] for truth in TRUTHS) for tool in ("wesng", "haidang")}
        print(
            f"  {case.name[:45]:46}{counts['truth', VULNERABLE, '']:>11,}{counts['truth', UNKNOWN, '']:>9,}"
            f"{told['wesng']:>8,}{counts['wesng', VULNERABLE, AFFECTED]:>7,}"
            f"{told['haidang']:>9,}{counts['haidang', VULNERABLE, AFFECTED]:>7,}"
            f"{sum(counts['haidang', truth, ASKED] for truth in TRUTHS):>7,}"
        )
    for (with_qfe, tool), total in totals.items():
        _print_total(f"{tool}, {'systeminfo and qfe' if with_qfe else 'systeminfo alone'}", total)
    print("\nwhat the documents say, wesng, haidang (why)")
    for (truth, their, our, why), found in sorted(classes.items(), key=lambda item: -len(item[1])):
        if (their == AFFECTED) != (truth == VULNERABLE) or (our == AFFECTED) != (truth == VULNERABLE):
            print(
                f"  {len(found):>7,}  {truth:11} wesng {their:9} haidang {our:9} ({why:20}) e.g. {found[len(found) // 2]}"
            )


def _print_total(name: str, total: Counter[tuple[str, str]]) -> None:
    right = total[VULNERABLE, AFFECTED]
    wrong = total[MENDED, AFFECTED] + total[NOT_LISTED, AFFECTED]
    vulnerable = sum(total[VULNERABLE, said] for said in (AFFECTED, ASKED, CLEARED))
    unknown = {said: total[UNKNOWN, said] for said in (AFFECTED, ASKED, CLEARED)}
    print(
        f"  {name:32} precision {right / (right + wrong or 1):.4f} ({wrong:,} wrong of {right + wrong:,}); recall "
        f"{right / (vulnerable or 1):.4f}, asking counted {(right + total[VULNERABLE, ASKED]) / (vulnerable or 1):.4f} "
        f"({total[VULNERABLE, CLEARED]:,} of {vulnerable:,} missed); of unknown ones: {unknown}"
    )


_JOBS: Mapping[str, Callable[..., object]] = {"loaded": run_loaded, "ours": run_ours}

if __name__ == "__main__":
    measured = Clock()
    _JOBS[sys.argv[1]](measured, *sys.argv[2:])
    measured.tell()
