"""All real advisories at hand: each reads, and what was read is what a plain count finds in the files."""

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest
import yaml
from advisory_parcels import VULNERABILITIES, archive, needs_data

from haidang.engine.advisories.formats import csaf, cvrf, epss, kev, nvd, osv
from haidang.engine.advisories.record import Bulletin, Record, Span
from haidang.engine.errors import UnreadableParcel

pytestmark = needs_data

CISA = ("csaf/cisa-ics-to-2021", "csaf/cisa-ics-2022", "csaf/cisa-ics-2023", "csaf/cisa-ics-2024")
OASIS = "csaf/oasis-csaf_2.0-tests-examples.tar.zst"
OVERRIDES = "nvd/anchore-nvd-data-overrides.tar.zst"


def cisa() -> Iterator[tuple[str, bytes]]:
    for name in CISA:
        yield from archive(f"{name}.tar.zst")


def leaves(
    branches: list[dict[str, Any]], above: tuple[tuple[str, str], ...] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    for branch in branches:
        path = (*above, (branch["category"], branch["name"]))
        if "product" in branch:
            yield branch["product"]["product_id"], dict(path)
        yield from leaves(branch.get("branches", []), path)


def spans_of(record: Record) -> list[Span]:
    return [span for statement in record.statements for span in statement.spans]


def test_every_csaf_of_cisa_reads_with_nothing_left_over() -> None:
    count = 0
    for name, data in cisa():
        assert csaf.is_mine(data, name)
        bulletin = csaf.read(data, name)
        assert bulletin.unread == (), name
        count += len(bulletin.records)
    assert count == 3510


def test_products_read_from_csaf_are_the_products_of_a_plain_count() -> None:
    for name, data in cisa():
        document = orjson.loads(data)
        named = dict(leaves(document["product_tree"]["branches"]))
        records = csaf.read(data, name).records
        assert len(records) == len(document["vulnerabilities"])
        for record, flaw in zip(records, document["vulnerabilities"], strict=True):
            counted = {
                (
                    " ".join(named[own]["vendor"].split()),
                    " ".join((named[own].get("product_name") or named[own]["product_family"]).split()),
                )
                for ids in flaw["product_status"].values()
                for own in ids
            }
            assert {(one.vendor, one.product) for one in record.statements} == counted, (name, record.flaw)
            assert record.flaw == flaw["cve"]


def test_of_the_version_ranges_of_csaf_few_are_left_as_prose() -> None:
    spans = [span for name, data in cisa() for record in csaf.read(data, name).records for span in spans_of(record)]
    prose = sum(bool(span.prose) for span in spans)
    assert prose / len(spans) < 0.08


def test_the_ends_of_affected_spans_stand_in_the_branches_as_written() -> None:
    for name, data in cisa():
        document = orjson.loads(data)
        written = " | ".join(" ".join(path[-1].split()) for path in branch_names(document))
        for record in csaf.read(data, name).records:
            for span in (one for one in spans_of(record) if one.status == "affected"):
                assert all(end.removesuffix(".*") in written for end in (span.low, span.high)), (name, span)


def branch_names(document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for _, path in leaves(document["product_tree"]["branches"]):
        yield tuple(path.values())


def test_valid_documents_of_the_oasis_test_set_read_and_invalid_ones_never_crash() -> None:
    files = dict(archive(OASIS))
    (cases,) = (orjson.loads(data) for name, data in files.items() if name.endswith("data/testcases.json"))
    told = {}
    count = 0
    for case in cases["tests"]:
        for listed in [*case.get("failures", []), *case.get("valid", [])]:
            (data,) = (content for name, content in files.items() if name.endswith(listed["name"]))
            assert csaf.is_mine(data, listed["name"])
            bulletin = csaf.read(data, listed["name"])
            count += 1
            if bulletin.unread:
                told.setdefault(case["id"], []).append(listed["valid"])
    assert count == 239
    # Product ids defined twice, relationships in a circle, contradicting statuses: and no valid document among them.
    assert told == {"6.1.2": [False], "6.1.3": [False], "6.1.6": [False] * 5}


def test_what_lies_beside_csaf_documents_is_not_taken_for_one() -> None:
    for name, data in archive("csaf/gocsaf-provider-layout.tar.zst"):
        if not csaf.is_mine(data, name):
            assert "csaf_version" not in data.decode("utf-8", "replace")
        elif "trailing-garbage" in name:
            with pytest.raises(UnreadableParcel, match="no sound JSON"):
                csaf.read(data, name)
        else:
            assert csaf.read(data, name).unread == ()


def test_the_same_advisory_as_csaf_and_as_cvrf_reads_alike() -> None:
    (as_csaf,) = (data for name, data in archive(OASIS) if name.endswith("csaf/cisco-sa-20180328-smi2.json"))
    as_cvrf = (VULNERABILITIES / "csaf" / "cvrf12" / "cisco-sa-20180328-smi2_cvrf.xml").read_bytes()
    (one,), (other,) = csaf.read(as_csaf, "a").records, cvrf.read(as_cvrf, "b").records
    assert one.flaw == other.flaw == "CVE-2018-0171"
    assert one.revision < other.revision
    assert [(said.vendor, said.product) for said in one.statements] == [
        (said.vendor, said.product) for said in other.statements
    ]
    # The later revision, the CVRF one, took back some releases and added others.
    flaw = orjson.loads(as_csaf)["vulnerabilities"][0]
    named = re.search(rb"<cvrf:Status .*?</cvrf:Status>|<Status .*?</Status>", as_cvrf, re.DOTALL)
    assert named
    assert len(spans_of(one)) == len(flaw["product_status"]["known_affected"])
    assert len(spans_of(other)) == named[0].count(b"ProductID>") // 2
    assert len(set(spans_of(one)) & set(spans_of(other))) > 200
    assert not any(span.prose for span in (*spans_of(one), *spans_of(other)))


def test_the_packages_of_a_cvrf_document_are_the_fixed_ones_of_a_plain_count() -> None:
    data = (VULNERABILITIES / "csaf" / "cvrf12" / "cvrf-rhba-2018-0489.xml").read_bytes()
    bulletin = cvrf.read(data, "rhba.xml")
    counted = re.findall(rb"<ProductID>([^<]+)</ProductID>", data)
    fixed = {own for own in counted if own.startswith(b"7Server-RH7-RHOSE-3.9:")}
    assert bulletin.unread == ()
    assert len(bulletin.records) == 2
    for record in bulletin.records:
        assert sum(len(statement.spans) for statement in record.statements) == len(fixed)
        assert all(statement.scheme == "rpm" for statement in record.statements)
        assert all(fix.build for statement in record.statements for fix in statement.fixes)


def osv_documents() -> Iterator[tuple[Bulletin, dict[str, Any]]]:
    for name, data in archive("osv/go-vulndb-osv.tar.zst"):
        assert osv.is_mine(data, name)
        yield osv.read(data, name), orjson.loads(data)
    for name, data in archive("osv/pypa-advisories.tar.zst"):
        if name.endswith(".yaml"):
            assert osv.is_mine(data, name)
            yield osv.read(data, name), yaml.load(data, Loader=yaml.CBaseLoader)


def test_every_osv_record_reads_and_its_ranges_are_those_of_a_plain_count() -> None:
    count = 0
    for bulletin, document in osv_documents():
        (record,) = bulletin.records
        assert bulletin.unread == ()
        count += 1
        assert record.withdrawn == ("withdrawn" in document)
        if record.withdrawn:
            assert record.statements == ()
            continue
        custom = any("custom_ranges" in one.get("ecosystem_specific", {}) for one in document["affected"])
        begun = {
            (one["package"]["name"], event["introduced"].replace("\n", ""))
            for one in document["affected"]
            for listed in one["ranges"]
            if listed["type"] != "GIT"
            for event in listed["events"]
            if "introduced" in event
        }
        read = {
            (one.product, span.low or "0")
            for one in record.statements
            if one.scheme != "git"
            for span in one.spans
            if span.low != span.high or not span.low
        }
        assert custom or read == begun, document["id"]
        assert not any(span.prose for span in spans_of(record))
        assert all(one.purls for one in record.statements)
    assert count == 3481


def test_every_listed_version_of_a_python_package_is_affected_by_a_span() -> None:
    from packaging.version import InvalidVersion, Version

    def can_be_installed(version: str) -> bool:
        try:
            return bool(Version(version))
        except InvalidVersion:
            return False

    def holds(span: Span, version: str) -> bool:
        if span.low == version == span.high:
            return True
        own = Version(version)
        try:
            low = not span.low or (own >= Version(span.low) if span.low_in else own > Version(span.low))
            high = not span.high or (own <= Version(span.high) if span.high_in else own < Version(span.high))
        except InvalidVersion:
            return False
        return low and high

    for bulletin, document in osv_documents():
        (record,) = bulletin.records
        if document["id"].startswith("PYSEC") and not record.withdrawn:
            spans = [span for one in record.statements if one.scheme == "pypi" for span in one.spans]
            listed = [one for entry in document["affected"] for one in entry.get("versions", [])]
            # What is no version of the ecosystem no tool of it can install, and the spans speak of all others.
            for version in filter(can_be_installed, listed):
                assert any(holds(span, version) for span in spans), (document["id"], version)


def fields(match: Mapping[str, Any]) -> list[str]:
    return re.split(r"(?<!\\):", match["criteria"])


def bounds(match: Mapping[str, Any]) -> tuple[str, str]:
    version, update = fields(match)[5:7]
    exact = "" if any(key.startswith("version") for key in match) else version.replace("*", "")
    if exact and update not in ("*", "-"):
        exact = f"{exact} {update}"
    return (
        match.get("versionStartIncluding", match.get("versionStartExcluding", "")) or exact,
        match.get("versionEndIncluding", match.get("versionEndExcluding", "")) or exact,
    )


def test_every_override_reads_to_the_ranges_of_a_plain_count() -> None:
    count = 0
    for name, data in archive(OVERRIDES):
        assert nvd.is_mine(data, name)
        bulletin = nvd.read(data, name)
        (record,) = bulletin.records
        document = orjson.loads(data)
        counted = {
            (fields(match)[4], *bounds(match))
            for configuration in document["cve"].get("configurations", [])
            for node in configuration["nodes"]
            for match in node["cpeMatch"]
            if match["vulnerable"]
        }
        read = {
            (one.product, span.low.replace("\\", ""), span.high.replace("\\", ""))
            for one in record.statements
            for span in one.spans
            if span.status == "affected"
        }
        assert read == {tuple(part.replace("\\", "") for part in one) for one in counted}, name
        count += 1
    assert count == 9795


def test_what_a_configuration_only_requires_is_no_statement_of_its_own() -> None:
    for name, data in archive(OVERRIDES):
        if b'"AND"' in data:
            (record,) = nvd.read(data, name).records
            assert any(one.requires for one in record.statements), name
            assert not {own for one in record.statements for own in one.requires} & {
                own for one in record.statements if one.requires for own in one.cpes if ":windows:" in own
            }


def test_old_feeds_and_new_pages_of_nvd_read() -> None:
    found = dict(archive("nvd/osv-vulnfeeds-testdata.tar.zst"))
    (feed,) = (data for name, data in found.items() if name.endswith("nvdcve-1.1-test-data.json"))
    bulletin = nvd.read(feed, "feed.json")
    assert len(bulletin.records) == len(orjson.loads(feed)["CVE_Items"]) == 669
    assert bulletin.unread == ()
    pages = [nvd.read(data, name) for name, data in found.items() if "/nvdcve-2.0/" in name]
    assert [len(page.records) for page in pages] == [1] * 8
    assert all(page.unread == () for page in pages)


def test_fixtures_of_other_programs_read_where_they_are_in_the_publishers_own_layout() -> None:
    read: dict[str, int] = {}
    for part in ("vendor-advisory-fixtures.tar.zst", "vendor-advisory-per-record-fixtures.tar.zst"):
        for name, data in archive(part):
            for form in (csaf, cvrf, epss, kev, nvd, osv):
                if form.is_mine(data, name):
                    bulletin = form.read(data, name)
                    kind = form.__name__.rpartition(".")[2]
                    read[kind] = read.get(kind, 0) + 1
                    told = {row.why for row in bulletin.unread if "no such product_id" not in row.why}
                    told = {why for why in told if "vcConfigurations" not in why and "/count" not in why}
                    assert not told or "invalid-csaf" in name, name
    assert read == {"csaf": 14, "cvrf": 1, "epss": 4, "kev": 1, "nvd": 33}


def test_the_catalogue_is_the_same_as_json_and_as_csv() -> None:
    folder = VULNERABILITIES / "kev" / "2025-08-25"
    one = kev.read((folder / "known_exploited_vulnerabilities.json").read_bytes(), "kev.json")
    other = kev.read((folder / "known_exploited_vulnerabilities.csv").read_bytes(), "kev.csv")
    assert one.exploited == other.exploited
    assert len(one.exploited) == 1404
    assert one.unread == other.unread == ()


def test_scores_of_exploitation_read_in_every_layout() -> None:
    joined = (VULNERABILITIES / "epss" / "epss_kev_nvd.csv").read_bytes()
    first = (VULNERABILITIES / "epss" / "epss_scores-2025-x-x.sample.csv").read_bytes()
    assert len(epss.read(joined, "joined.csv").likelihoods) == 1556
    bulletin = epss.read(first, "first.csv")
    assert {row.day for row in bulletin.likelihoods} == {"2025-12-26"}
    assert len(bulletin.likelihoods) == first.count(b"\nCVE-")


def test_all_of_it_reads_in_some_seconds() -> None:
    parcels = [
        *((csaf, name, data) for name, data in cisa()),
        *((osv, name, data) for name, data in archive("osv/go-vulndb-osv.tar.zst")),
        *((nvd, name, data) for name, data in archive(OVERRIDES)),
    ]
    before = time.process_time()
    for form, name, data in parcels:
        form.read(data, name)
    assert time.process_time() - before < 20
