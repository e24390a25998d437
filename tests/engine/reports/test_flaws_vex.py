"""What an agency answers in CSAF's VEX profile: valid, complete, and read back to the same states."""

from __future__ import annotations

import datetime as dt
import json
import tarfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from csaf_rules import CHECKED, breaks, defined_products, faults, used_products

from haidang.engine.advisories.findings import FINDING_STATES
from haidang.engine.advisories.formats.csaf import read
from haidang.engine.reports.flaws.tables import blank_rows
from haidang.engine.reports.flaws.vex import make_vex

SHARED = Path(__file__).parents[4] / "shared" / "data" / "vuln" / "csaf"
OASIS = "oasis-csaf_2.0-tests-examples.tar.zst"
DAY = "2030-01-10"


def row(state: str = "affected", **told: Any) -> dict[str, Any]:
    plain = {
        "agency": "acme", "host": "PC1", "flaw": "CVE-2030-0001", "state": state, "why": "in_range", "product": "Ledger",
        "version": "1.0", "said": "< 2.0", "fixed_in": "2.0", "fix": "Update to 2.0", "publisher": "acme",
        "decision": "track", "due": dt.date(2030, 1, 31), "exploited": False, "cvss": 9.8, "letters": "", "title": "A flaw",
    }  # fmt: skip
    return plain | told


def vex(*rows: dict[str, Any], agency: str = "acme", name: str = "Acme") -> dict[str, Any]:
    frame = pl.concat([blank_rows(), pl.DataFrame([row() | one for one in rows], schema=blank_rows().schema)])
    made = make_vex(agency, name, DAY, frame)
    assert made is not None
    return made


ALL = [
    row(state, host=f"PC{at}", version=f"1.{at}", flaw=flaw)
    for at, state in enumerate(FINDING_STATES)
    for flaw in ("CVE-2030-0001", "CVE-2030-00012", "GHSA-xxxx-yyyy-zzzz")
]
ODD = [
    row("affected", version=None),
    row("fixed", version="", host="PC2"),
    row("affected", version="16.0 (all editions), earlier"),
    row("cannot_tell", version="< 3", flaw="CVE-2030-0002"),
    row("affected", product=None, version=None, title="", fixed_in="", fix="", flaw="CVE-2030-0003"),
    row("affected", product="</script>", version="\x1b[31m", flaw="weird id", publisher=""),
    row("affected", product="Ledger 1.0", version=None, flaw="CVE-2030-0004"),
    row("affected", fixed_in=None, fix=None, flaw="CVE-2030-0005"),
]


@pytest.fixture(scope="module")
def oasis() -> dict[str, Any]:
    """Give the test documents of the standard's own committee, by name."""
    path = SHARED / OASIS
    if not path.exists():
        pytest.skip("the standard's schema and test documents are not at hand")
    import zstandard

    with (
        path.open("rb") as packed,
        zstandard.open(packed, "rb") as stream,
        tarfile.open(fileobj=stream, mode="r|") as archive,
    ):
        return {
            Path(member.name).name: json.load(content)
            for member in archive
            if member.name.endswith(".json") and (content := archive.extractfile(member))
        }


@pytest.mark.parametrize("rows", [ALL, ODD, *([one] for one in ODD)], ids=["all", "odd", *map(str, range(len(ODD)))])
@pytest.mark.parametrize("agency", ["acme", "", "Sở Y tế/%\n"])
def test_no_mandatory_test_of_the_standard_fails(rows: list[dict[str, Any]], agency: str) -> None:
    document = vex(*rows, agency=agency, name=agency)
    assert faults(document) == set()
    assert used_products(document) == set(defined_products(document))


@pytest.mark.parametrize("rows", [ALL, ODD, *([one] for one in ODD)], ids=["all", "odd", *map(str, range(len(ODD)))])
@pytest.mark.parametrize("agency", ["acme", "", "Sở Y tế/%\n"])
def test_the_schema_of_the_standard_holds(rows: list[dict[str, Any]], agency: str, oasis: dict[str, Any]) -> None:
    assert breaks(oasis["csaf_json_schema.json"], vex(*rows, agency=agency, name=agency)) == []


def test_our_reading_of_the_rules_agrees_with_the_standards_own_documents(oasis: dict[str, Any]) -> None:
    cases = oasis["testcases.json"]["tests"]
    tried = 0
    for case in cases:
        if case["id"] not in CHECKED:
            continue
        for one in case.get("failures", ()):
            assert case["id"] in faults(oasis[Path(one["name"]).name]), one["name"]
        for one in case.get("valid", ()):
            assert case["id"] not in faults(oasis[Path(one["name"]).name]), one["name"]
        tried += 1
    assert tried == len(CHECKED)


def test_our_reading_of_the_schema_agrees_with_the_standards_own_documents(oasis: dict[str, Any]) -> None:
    schema = oasis["csaf_json_schema.json"]
    sound = [one for name, one in oasis.items() if "-6-1-" in name and "document" in one]
    assert len(sound) > 50
    assert [breaks(schema, one) for one in sound if breaks(schema, one)] == []
    document = vex(*ALL)
    for broken in (
        {**document, "document": {}},
        {**document, "vulnerabilities": []},
        {**document, "product_tree": {"branches": [{"category": "maker", "name": "", "branches": []}]}},
        {**document, "more": 1},
    ):
        assert breaks(schema, broken)


def statuses(document: dict[str, Any], flaw: str = "CVE-2030-0001") -> dict[str, list[str]]:
    names = {}

    def walk(branches: list[dict[str, Any]]) -> None:
        for branch in branches:
            if "product" in branch:
                names[branch["product"]["product_id"]] = branch["product"]["name"]
            walk(branch.get("branches", []))

    walk(document["product_tree"]["branches"])
    (found,) = (one for one in document["vulnerabilities"] if one.get("cve") == flaw)
    return {status: [names[one] for one in listed] for status, listed in found["product_status"].items()}


def test_each_state_has_its_status() -> None:
    assert statuses(vex(*ALL)) == {
        "known_affected": ["Ledger 1.0", "Ledger 1.2"],
        "under_investigation": ["Ledger 1.1"],
        "fixed": ["Ledger 1.3"],
        "known_not_affected": ["Ledger 1.4"],
    }


def test_a_product_is_fixed_only_where_every_machine_is() -> None:
    both = [row("fixed", host="PC1"), row("affected", host="PC2"), row("cannot_tell", host="PC3")]
    assert statuses(vex(*both)) == {"known_affected": ["Ledger 1.0"]}
    assert statuses(vex(both[0], both[2])) == {"under_investigation": ["Ledger 1.0"]}


def test_what_is_done_about_an_affected_product_is_told() -> None:
    rows = [
        row("affected", version="1.0"),
        row("affected", version="1.1"),
        row("affected", version="1.2", fixed_in="", fix=""),
        row("mitigated", version="1.3", fixed_in="", fix=""),
        row("cannot_tell", version="1.4"),
    ]
    (flaw,) = vex(*rows)["vulnerabilities"]
    told = {one["category"]: (one["details"], one["product_ids"]) for one in flaw["remediations"]}
    assert told["vendor_fix"] == ("2.0", ["P00001", "P00002"])
    assert told["none_available"][1] == ["P00003"]
    assert told["workaround"][1] == ["P00004"]
    assert "work-around is on record" in told["workaround"][0]
    assert len(flaw["remediations"]) == 3


def test_a_product_that_never_had_the_flaw_says_why() -> None:
    (flaw,) = vex(row("not_present"))["vulnerabilities"]
    assert flaw["flags"] == [{"label": "vulnerable_code_not_present", "product_ids": ["P00001"]}]


def test_nothing_found_is_no_statement() -> None:
    assert make_vex("acme", "Acme", DAY, blank_rows()) is None


def test_our_own_reader_reads_the_same_states_back() -> None:
    document = vex(*ALL)
    records = {one.flaw: one for one in read(json.dumps(document).encode(), "acme.json").records}
    assert set(records) == {"CVE-2030-0001", "CVE-2030-00012", "GHSA-xxxx-yyyy-zzzz"}
    for record in records.values():
        spans = {span.low: span.status for one in record.statements for span in one.spans}
        assert spans == {
            "1.0": "affected",
            "1.1": "unknown",
            "1.2": "affected",
            "1.3": "unaffected",
            "1.4": "unaffected",
        }
        fixes = {fix.kind for one in record.statements for fix in one.fixes}
        assert {"update", "workaround"} <= fixes
        assert not record.withdrawn
