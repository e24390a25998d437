"""How far Windows is read rightly: a made-up machine for each update of each line, against the monthly documents.

One machine shows the update alone, another one the build that the update brings and no update. What the documents say
of each is worked out by `_monthly.py`; `haidang` has to say the same. No speed is measured here.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bench._measured import Clock, run_job
from bench._monthly import CLIENTS, MENDED, NOT_LISTED, SERVERS, VULNERABLE, Machine, Tables, read_documents

if TYPE_CHECKING:
    import polars as pl

ROOT = Path(__file__).resolve().parents[1]
VULN = ROOT.parent / "shared" / "data" / "vuln"
_VERSIONS = {6002: "6.0", 7601: "6.1", 9200: "6.2", 9600: "6.3"}
_PACKS = {6002: " Service Pack 2", 7601: " Service Pack 1"}
# What the documents say → what is right to say. cannot_tell is a question, and is counted apart: that of a line out of
# support is right too, as nobody looks at such lines any more.
_RIGHT = {VULNERABLE: ("affected",), MENDED: ("fixed", "not_present"), NOT_LISTED: ("fixed", "not_present")}
_SHOWN = 8
_SHOWN_OF_A_LINE = 2
_OUT_OF_SUPPORT = "out_of_support"


def run() -> None:
    """Compare all, and print where they differ."""
    if not VULN.is_dir():
        print(f"skipped: the shared data set is not at hand ({VULN.parent})")
        return
    tables = read_documents(VULN)
    with tempfile.TemporaryDirectory(prefix="haidang-bench-") as scratch:
        place = Path(scratch)
        made = dict(_machines(tables))
        flaws = sorted(tables.flaws())
        told = {name: [os, version, update] for name, (_, os, version, update) in made.items()}
        (place / "in.json").write_text(json.dumps([told, flaws]), encoding="utf-8")
        run_job("bench.updates", "ours", place)
        ours = json.loads((place / "out.json").read_text(encoding="utf-8"))
        for kind in ("update", "build"):
            _compare(kind, tables, {name: row[0] for name, row in made.items() if name.endswith(kind)}, ours)


def _machines(tables: Tables) -> Iterator[tuple[str, tuple[Machine, str, str, str]]]:
    """Make the machines: name → machine, and its system, version and update as an inventory shows them."""
    lines = [("workstation", build, name) for build, name in CLIENTS.items()]
    lines += [("server", build, name) for build, name in SERVERS.items()]
    for kind, build, name in lines:
        product = name.format(arch="x64-based")
        version = f"{_VERSIONS.get(build, '10.0')}.{build}"
        edition = "Standard" if kind == "server" else "Pro"
        plain = product.split(" for ")[0].split(" Version ")[0].split(" version ")[0]
        os = f"Microsoft {plain} {edition}{_PACKS.get(build, '')}"
        for kb, update in tables.updates.get(product, {}).items():
            alone = Machine(product, frozenset([kb]), is_whole=True)
            yield f"{product}, KB{kb}, update", (alone, os, version, f"KB{kb}")
            if update.build and update.is_cumulative:
                shown = f"{version.replace('6002', '6003')}.{update.build[3]}"
                yield f"{product}, {shown}, build", (Machine(product, frozenset(), True, shown), os, shown, "")


def _compare(
    kind: str, tables: Tables, machines: Mapping[str, Machine], ours: Mapping[str, Mapping[str, tuple[str, str]]]
) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    wrong: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    example: dict[tuple[str, str, str, str], str] = {}
    for name, machine in machines.items():
        for flaw, truth in sorted(tables.judge(machine).items()):
            state, why = ours.get(name, {}).get(flaw, ("not_present", "no statement"))
            if truth == NOT_LISTED and why == _OUT_OF_SUPPORT:
                continue
            counts[truth, state] += 1
            if truth in _RIGHT and state not in _RIGHT[truth]:
                wrong[truth, state, why][name] += 1
                example.setdefault((truth, state, why, name), flaw)
    vulnerable = sum(counts[VULNERABLE, state] for state in ("affected", "cannot_tell", "fixed", "not_present"))
    right = counts[VULNERABLE, "affected"]
    alarms = counts[MENDED, "affected"] + counts[NOT_LISTED, "affected"]
    cleared = counts[VULNERABLE, "fixed"] + counts[VULNERABLE, "not_present"]
    print(
        f"\n{len(machines):,} machines that show one {kind} each: precision {right / (right + alarms):.5f}, recall "
        f"{right / vulnerable:.5f}; {alarms:,} false alarms, {cleared:,} wrongly cleared, "
        f"{sum(count for (_, state), count in counts.items() if state == 'cannot_tell'):,} asked about, of {vulnerable:,} vulnerable pairs"
    )
    for (truth, state, why), names in sorted(wrong.items(), key=lambda item: -item[1].total()):
        print(f"  {names.total():>8,}  {truth}, but {state} ({why}), {len(names):,} machines:")
        shown: Counter[str] = Counter()
        for name, count in names.most_common():
            line = name.split(",")[0]
            if shown[line] < _SHOWN_OF_A_LINE and shown.total() < _SHOWN:
                shown[line] += 1
                print(f"  {'':12}{count:>6,}  {name}  {example[truth, state, why, name]}")


def run_ours(_: Clock, place: str) -> None:
    """Ask haidang for the state of every flaw of Windows on every machine."""
    import polars as pl

    from haidang.checks import Shelf, compile_advisories
    from haidang.engine.advisories.decide import WHYS
    from haidang.engine.advisories.installed import PART, find_installed
    from haidang.engine.advisories.match import STATES, Index, match

    told, flaws = json.loads((Path(place) / "in.json").read_text(encoding="utf-8"))
    shelf = Shelf()
    store = compile_advisories([VULN], shelf, None)
    index = Index(store)
    hosts = [
        {"agency": name, "host": "h", "os": os, "os_version": at, "arch": "x64"} for name, (os, at, _) in told.items()
    ]
    hotfixes = [{"agency": name, "host": "h", "update": update} for name, (_, _, update) in told.items() if update]
    installed = find_installed(
        _frame("hosts", hosts),
        _frame("software", []),
        _frame("hotfixes", hotfixes),
        shelf.products,
        shelf.windows,
        index.known,
    )
    systems = [at for at, one in enumerate(installed.components) if one.windows and not one.doubts & PART]
    decisions = match(index, installed).decisions.filter(pl.col("component").is_in(systems))
    rows = installed.on.join(decisions.cast({"component": pl.UInt32}), on="component")
    said: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    names, known = installed.hosts["agency"], store.flaws["flaw"]
    wanted = set(flaws)
    for host, flaw, state, why in rows.select("host_at", "flaw", "state", "why").iter_rows():
        if known[flaw] in wanted:
            said[names[host]][known[flaw]] = (STATES[state], WHYS[why])
    (Path(place) / "out.json").write_text(json.dumps(said), encoding="utf-8")


def _frame(kind: str, rows: list[dict[str, str]]) -> pl.DataFrame:
    """Lay rows out as the table of an inventory."""
    import polars as pl

    from haidang.engine.inventory.inventory import SCHEMAS

    told = [{**row, "file": "made up", "line": at} for at, row in enumerate(rows, 1)]
    return pl.DataFrame(told, schema=dict(SCHEMAS[kind]), orient="row")


if __name__ == "__main__":
    run_ours(Clock(), sys.argv[2])
    Clock().tell()
