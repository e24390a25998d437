"""The hand-checked set: which machine has which flaw, decided from the publishers' own facts before the program ran.

A case is a folder of small advisories in their publishers' formats, an inventory, and `expected.csv`: a row a machine
and flaw with the state, the rule that decides (`why`; empty where it is not pinned), the publisher's fact that decides
(`note`), and what makes it hard (`kind`). The advisories are written for these cases; flaws, versions and numbers of
updates are the publishers'. Flaws numbered from 90000 on, and the maker Example, are invented.

`faults.csv` lists the pairs that the matcher is known to get wrong, with the reason. Expectations stay as they are; a
fault that is mended makes its pairs fail here until they are taken off that list.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from haidang.checks import Shelf, check, compile_advisories, read_handed
from haidang.engine.advisories.findings import FINDING_STATES, WHYS_OF_FINDINGS
from haidang.engine.advisories.formats import read_advisories
from haidang.engine.letters.letter import Letter

CASES = Path(__file__).parents[2] / "golden" / "matching"
DAY = dt.date(2025, 6, 1)
SHELF = Shelf()

# Each kind of hard case that the set has to hold, and in how many pairs at least.
KINDS = {
    "later cumulative update": 10, "KB without build": 5, "truncated list": 6, "hotfix on one version": 8,
    "end of life": 10, "two names": 12, "version missing": 8, "unreadable version": 3, "exclusion": 5,
    "disjoint ranges": 10, "odd range": 10, "default affected": 6, "default unaffected": 5, "wild card": 6,
    "processor": 6, "client or server": 6, "shared files": 8, "Exchange CU and SU": 8, "SQL GDR or CU": 8,
    "Office from MSI": 5, "SharePoint": 5, "Zimbra patches": 12, "epoch or tilde": 6, "backport": 4,
    "source package": 2, "release of the distribution": 3, "upstream": 4, "PyPI": 3, "npm": 2, "Maven": 2, "Go": 3,
    "pre-release": 6, "date version": 5, "withdrawn": 4, "later revision": 6, "publishers disagree": 6,
    "words only": 4, "VEX": 2, "work-around": 8, "two versions": 4, "hotpatch": 2, "security only": 2,
    "versionStartExcluding": 3, "list of versions": 5, "CSAF": 8,
}  # fmt: skip
# How many pairs each format has to have a say in.
SHARES = {"MSRC CVRF": 40, "CVE JSON 5": 40, "CSAF": 20, "OSV": 20, "NVD": 20}


class Pair(NamedTuple):
    """One machine and flaw of a case, and what is expected of them."""

    case: str
    host: str
    flaw: str
    state: str
    why: str
    note: str
    kind: str


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


PAIRS = [Pair(path.parent.name, **row) for path in sorted(CASES.glob("*/expected.csv")) for row in rows_of(path)]
FAULTS = {(row["case"], row["host"], row["flaw"]): row["reason"] for row in rows_of(CASES / "faults.csv")}


@cache
def decided(case: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Give (machine, flaw) → (state, why) as a check finds them for a letter that names every flaw."""
    store = compile_advisories([CASES / case / "advisories"], SHELF, None)
    handed = read_handed([CASES / case / "inventory"], SHELF)
    checked = check(handed, store, SHELF, DAY, a_letter_that_names(store.flaws["flaw"].to_list()))
    return {
        (row["host"], row["flaw"]): (str(row["state"]), str(row["why"]))
        for frame in checked.findings.rows()
        for row in frame.select("host", "flaw", "state", "why").iter_rows(named=True)
    }


def a_letter_that_names(flaws: list[str]) -> Letter:
    return Letter(
        issuer=None, number="1", notation="GOLDEN", date=None, place=None, subject=None, addressees=(), clauses=(),
        citations=(), cves=tuple(flaws), products=(), dates=(), contacts=(), signatory=None, recipients=(), annexes=(),
        gaps=(), text="", preamble=(0, 0), closing=(0, 0),
    )  # fmt: skip


def marked(pair: Pair) -> object:
    reason = FAULTS.get((pair.case, pair.host, pair.flaw))
    marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
    return pytest.param(pair, marks=marks, id=f"{pair.case}-{pair.host}-{pair.flaw}")


@pytest.mark.parametrize("pair", [marked(pair) for pair in PAIRS])
def test_a_machine_and_a_flaw_come_out_as_the_publishers_facts_say(pair: Pair) -> None:
    # No row, though the flaw was asked for by name: no product of the machine is one that an advisory on it names.
    state, why = decided(pair.case).get((pair.host, pair.flaw), ("not_present", ""))
    assert state == pair.state, f"{pair.note} (said by {why})"
    assert why == (pair.why or why), pair.note


@pytest.mark.parametrize("case", sorted({pair.case for pair in PAIRS}))
def test_everything_in_a_case_can_be_read_and_names_its_machines(case: str) -> None:
    for path in sorted((CASES / case / "advisories").iterdir()):
        assert not read_advisories(path.read_bytes(), path.name).unread, path.name
    handed = read_handed([CASES / case / "inventory"], SHELF)
    assert not handed.left
    hosts = {str(host) for kind in ("hosts", "software", "hotfixes") for host in handed.inventory.frame(kind)["host"]}
    assert {pair.host for pair in PAIRS if pair.case == case} <= hosts


def test_the_set_is_large_its_states_are_mixed_and_no_pair_stands_twice() -> None:
    assert len(PAIRS) >= 400
    assert len({pair[:3] for pair in PAIRS}) == len(PAIRS)
    states = Counter(pair.state for pair in PAIRS)
    assert set(states) == set(FINDING_STATES)
    assert min(states["affected"], states["fixed"], states["cannot_tell"], states["not_present"]) >= 25
    assert {pair.why for pair in PAIRS} <= {"", *WHYS_OF_FINDINGS}
    assert all(pair.note for pair in PAIRS)


def test_every_known_fault_is_one_of_a_pair() -> None:
    assert {pair[:3] for pair in PAIRS} >= FAULTS.keys()


def test_every_kind_of_hard_case_is_there() -> None:
    held = Counter(pair.kind for pair in PAIRS)
    assert {kind: held[kind] for kind, least in KINDS.items() if held[kind] < least} == {}


def test_every_format_has_a_say_in_its_share() -> None:
    shares: Counter[str] = Counter()
    for case in {pair.case for pair in PAIRS}:
        read = [read_advisories(path.read_bytes(), path.name) for path in (CASES / case / "advisories").iterdir()]
        told = {(bulletin.form, record.flaw) for bulletin in read for record in bulletin.records}
        shares.update(form for pair in PAIRS if pair.case == case for form, flaw in told if flaw == pair.flaw)
    assert {form: shares[form] for form, least in SHARES.items() if shares[form] < least} == {}
