"""Ranges as others read them: OASIS's, NVD's and OSV's own vectors and algorithms, beside what our readers make of them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version
from univers.version_range import VersionRange

from haidang.engine.advisories.cvss import base_score
from haidang.engine.advisories.descriptions import versions_after
from haidang.engine.advisories.formats import csaf, nvd, osv
from haidang.engine.advisories.products import Identity, ProductRules
from haidang.engine.advisories.ranges import from_text
from haidang.engine.advisories.record import Span, Statement
from haidang.engine.advisories.spans import AFFECTED, CompiledSpan, compile_spans
from haidang.engine.advisories.vers import read_versions
from haidang.engine.advisories.versions import interval, scheme_name
from haidang.engine.advisories.windows import Windows

VULNERABILITIES = Path(__file__).parents[4] / "shared" / "data" / "vuln"

needs_data = pytest.mark.skipif(
    not VULNERABILITIES.is_dir(), reason="the shared advisories are not beside this checkout"
)


@cache
def files(name: str) -> dict[str, bytes]:
    from haidang.archives import open_files

    path = VULNERABILITIES / name
    return {inner.removeprefix(f"{path.name}/"): data for inner, data in open_files(path) if isinstance(data, bytes)}


def compiled(statement: Statement) -> list[CompiledSpan]:
    return compile_spans(statement, scheme_name(statement.scheme), ProductRules(""), Identity(""), None, Windows({}))


def is_affected(spans: Iterable[CompiledSpan], scheme: str, version: str) -> bool | None:
    """Tell whether some affected span holds a version; None where it is no version of the scheme."""
    own = interval(scheme, version)
    if own is None:
        return None
    holding = [span for span in spans if span.status == AFFECTED and not span.prose]
    return any(span.low <= own.low and own.low < span.high for span in holding)


# --- OASIS: CSAF 2.0 -------------------------------------------------------------------------------------------------

OASIS = "csaf/oasis-csaf_2.0-tests-examples.tar.zst"
# What a CSAF status says of a flaw. "recommended" names a version to move to and says nothing of the flaw (3.2.3.9.7).
STATUSES = {
    "first_affected": "affected", "known_affected": "affected", "last_affected": "affected", "first_fixed": "unaffected",
    "fixed": "unaffected", "known_not_affected": "unaffected", "under_investigation": "unknown",
}  # fmt: skip


def named_products(document: Mapping[str, Any]) -> dict[str, str]:
    """Give the full name of each product id, wherever the tree defines it."""
    tree = document.get("product_tree", {})
    found = {one["product_id"]: one["name"] for one in tree.get("full_product_names", [])}
    for relation in tree.get("relationships", []):
        found[relation["full_product_name"]["product_id"]] = relation["full_product_name"]["name"]
    branches = list(tree.get("branches", []))
    while branches:
        branch = branches.pop()
        branches += branch.get("branches", [])
        if "product" in branch:
            found[branch["product"]["product_id"]] = branch["product"]["name"]
    return found


def valid_documents() -> Iterator[tuple[str, bytes]]:
    held = files(OASIS)
    (cases,) = (orjson.loads(data) for name, data in held.items() if name.endswith("data/testcases.json"))
    for listed in (one for case in cases["tests"] for one in case.get("valid", [])):
        (name,) = (name for name in held if name.endswith(listed["name"]))
        yield name, held[name]
    yield from ((name, data) for name, data in held.items() if "examples/csaf/" in name and name.endswith(".json"))


@needs_data
def test_every_status_of_a_valid_csaf_document_is_kept_with_its_product() -> None:
    count = 0
    for name, data in valid_documents():
        document, bulletin = orjson.loads(data), csaf.read(data, name)
        names, flaws = named_products(document), document.get("vulnerabilities", [])
        assert bulletin.unread == ()
        assert len(bulletin.records) == len(flaws)
        for record, flaw in zip(bulletin.records, flaws, strict=True):
            said = {
                (statement.product.split()[0].lower(), status)
                for statement in record.statements
                for status in (statement.default, *(span.status for span in statement.spans))
            }
            for status, products in flaw.get("product_status", {}).items():
                for product in products if status in STATUSES else ():
                    count += 1
                    words = names[product].lower()
                    assert any(first in words and told == STATUSES[status] for first, told in said), (name, product)
    assert count == 430


@needs_data
def test_an_invalid_csaf_document_gives_what_it_holds_or_says_why_not() -> None:
    held = files(OASIS)
    (cases,) = (orjson.loads(data) for name, data in held.items() if name.endswith("data/testcases.json"))
    listed = [one for case in cases["tests"] for one in case.get("failures", [])]
    assert len(listed) > 140
    for one in listed:
        (data,) = (data for name, data in held.items() if name.endswith(one["name"]))
        bulletin = csaf.read(data, one["name"])
        assert len(bulletin.records) == len(orjson.loads(data).get("vulnerabilities", [])) or bulletin.unread


# --- NVD -------------------------------------------------------------------------------------------------------------

NUMBERS = re.compile(r"\d{1,6}(?:\.\d{1,6}){0,4}")
ENDS = ("versionStartIncluding", "versionStartExcluding", "versionEndIncluding", "versionEndExcluding")


def key(version: str) -> tuple[int, ...]:
    """Order versions of plain numbers, without anything of ours: 1.0 is 1."""
    numbers = [int(part) for part in version.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def begins(version: str, end: str) -> bool:
    """Tell whether an end of fewer than three numbers is the short way to write a version: 3.17 for 3.17.1.

    So are all versions read, the ends of ranges included; NVD itself would let "up to (including) 3.17" end there.
    """
    return end.count(".") < 2 and (version == end or version.startswith(f"{end}."))


def is_within(match: Mapping[str, Any], version: str) -> bool:
    """Tell whether a line of a configuration means a version, by the names of its ends."""
    own = key(version)
    from_in, from_out, to_in, to_out = (match.get(end) for end in ENDS)
    return (
        (from_in is None or own >= key(from_in))
        and (from_out is None or (own > key(from_out) and not begins(version, from_out)))
        and (to_in is None or own <= key(to_in))
        and (to_out is None or own < key(to_out))
    )


def ranges_of(configurations: Iterable[Mapping[str, Any]], name: str) -> dict[str, list[Mapping[str, Any]]]:
    """Give the vulnerable lines of each product; those whose ends are no plain numbers make its product fall out."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    odd: set[str] = set()
    for configuration in configurations:
        for node in [*configuration.get("nodes", []), *configuration.get("children", []), configuration]:
            for match in node.get("cpeMatch", node.get("cpe_match", [])):
                fields = re.split(r"(?<!\\):", match[name])
                product = ":".join(fields[3:5])
                ends = [match[end] for end in ENDS if end in match]
                if not match["vulnerable"]:
                    continue
                if not ends or not all(map(NUMBERS.fullmatch, ends)):
                    odd.add(product)
                found.setdefault(product, []).append(match)
    return {product: matches for product, matches in found.items() if product not in odd}


def next_to(version: str) -> list[str]:
    *front, last = version.split(".")
    near = [str(max(int(last) - 1, 0)), last, str(int(last) + 1)]
    return [".".join([*front, one]) for one in near] + [f"{version}.1"]


def assert_same_ranges(ranges: Mapping[str, Sequence[Mapping[str, Any]]], statements: Sequence[Statement]) -> int:
    count = 0
    for product, matches in ranges.items():
        own = [one for one in statements if f"{one.vendor}:{one.product}" == product.replace("\\", "")]
        spans = [span for one in own for span in compiled(one)]
        for end in {match[end] for match in matches for end in ENDS if end in match}:
            for version in next_to(end):
                expected = any(is_within(match, version) for match in matches)
                assert is_affected(spans, "dotted", version) is expected, (product, version, matches)
                count += 1
    return count


@needs_data
def test_ranges_of_nvd_hold_the_versions_at_their_ends_as_written() -> None:
    held = files("nvd/anchore-nvd-data-overrides.tar.zst")
    count = 0
    for name in sorted(held)[::4]:
        (record,) = nvd.read(held[name], name).records
        ranges = ranges_of(orjson.loads(held[name])["cve"].get("configurations", []), "criteria")
        count += assert_same_ranges(ranges, record.statements)
    assert count > 8_000


@needs_data
def test_ranges_of_an_old_feed_hold_the_versions_at_their_ends_as_written() -> None:
    (feed,) = (
        data
        for name, data in files("nvd/osv-vulnfeeds-testdata.tar.zst").items()
        if name.endswith("nvdcve-1.1-test-data.json")
    )
    records = {record.flaw: record for record in nvd.read(feed, "feed.json").records}
    count = 0
    for item in orjson.loads(feed)["CVE_Items"]:
        record = records[item["cve"]["CVE_data_meta"]["ID"]]
        nodes = [node for one in item["configurations"]["nodes"] for node in [one, *one.get("children", [])]]
        count += assert_same_ranges(ranges_of([{"nodes": nodes}], "cpe23Uri"), record.statements)
    assert count > 800


@needs_data
def test_our_reading_of_nvd_is_that_of_osv_dev() -> None:
    """Of its pairs, one has its record of NVD beside it: CVE-2022-32746, three lines of Samba."""
    held = files("nvd/osv-vulnfeeds-testdata.tar.zst")
    (theirs,) = (orjson.loads(data) for name, data in held.items() if name.endswith("CVE-2022-32746.nvd.json"))
    (feed,) = (data for name, data in held.items() if name.endswith("nvdcve-1.1-test-data.json"))
    (record,) = (record for record in nvd.read(feed, "feed.json").records if record.flaw == "CVE-2022-32746")
    ours = {(span.low, span.high) for one in record.statements for span in one.spans}
    (package,) = theirs
    assert ours == {(one["introduced"], one["fixed"]) for one in package["fixed_version"]["affected_versions"]}
    assert all(span.low_in and not span.high_in for one in record.statements for span in one.spans)


# --- OSV: https://ossf.github.io/osv-schema/#evaluation ---------------------------------------------------------------


def semantic(version: str) -> tuple[Any, ...]:
    """Order semantic versions as semver.org has it, without anything of ours."""
    core, _, pre = version.removeprefix("v").partition("+")[0].partition("-")
    numbers = [int(part) for part in core.split(".")]
    fields = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split(".")] if pre else []
    return (*numbers, *[0] * (3 - len(numbers)), not pre, fields)


READERS: dict[str, Callable[[str], Any]] = {"Go": semantic, "PyPI": Version}


def is_vulnerable(entry: Mapping[str, Any], version: str, read: Callable[[str], Any]) -> bool:
    """Decide as the specification's own lines of code do.

    At one version an end comes before a beginning: else a range that begins where another one ends would hold nothing.
    """
    if version in entry.get("versions", []):
        return True
    own = read(version)
    for one in entry.get("ranges", []):
        events = [(what, at) for event in one["events"] for what, at in event.items()]
        limits = [at for what, at in events if what == "limit" and at != "*"]
        if one["type"] == "GIT" or (limits and not any(own < read(at) for at in limits)):
            continue
        begun = any(what == "introduced" and at == "0" for what, at in events)
        placed = [(read(at), what == "introduced", what) for what, at in events if at != "0" and what != "limit"]
        for at, _, what in sorted(placed, key=lambda event: event[:2]):
            if what == "introduced" and own >= at:
                begun = True
            elif (what == "fixed" and own >= at) or (what == "last_affected" and own > at):
                begun = False
        if begun:
            return True
    return False


def around(version: str, ecosystem: str) -> list[str]:
    if ecosystem == "PyPI":
        return [version, *(version + end for end in (".0", ".1", "a1", "rc1", ".dev0", ".post1"))]
    numbers = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version)
    if not numbers:
        return [version]
    major, minor, patch = (int(part) for part in numbers.groups())
    release = f"{major}.{minor}.{patch}"
    ends = ("", "-0", "-rc.1", "+incompatible")
    later = f"{major}.{minor}.{patch + 1}"
    return [
        version, *(release + end for end in ends), later, f"{later}-0.20200101000000-abcdefabcdef",
        f"{major}.{minor}.{max(patch - 1, 0)}", f"{major}.{max(minor - 1, 0)}.9",
    ]  # fmt: skip


def osv_documents(step: int) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    go, python = files("osv/go-vulndb-osv.tar.zst"), files("osv/pypa-advisories.tar.zst")
    for name in sorted(go)[::step]:
        yield name, go[name], orjson.loads(go[name])
    for name in sorted(one for one in python if one.endswith(".yaml"))[::step]:
        yield name, python[name], yaml.load(python[name], Loader=yaml.CBaseLoader)


@needs_data
def test_a_package_is_affected_exactly_when_the_algorithm_of_osv_says_so() -> None:
    count = 0
    for name, data, document in osv_documents(7):
        (record,) = osv.read(data, name).records
        for place, entry in enumerate(document["affected"] if not record.withdrawn else ()):
            own = [one for one in record.statements if one.place == f"/affected/{place}" and one.scheme != "git"]
            if any(one.scheme == "custom" for one in own):
                continue  # told in the product's own versions, which OSV's ranges can't hold
            read = READERS[entry["package"]["ecosystem"]]
            spans = [span for one in own for span in compiled(one)]
            for version in asked(entry):
                try:
                    expected = is_vulnerable(entry, version, read)
                except (InvalidVersion, ValueError):
                    continue
                decided = is_affected(spans, scheme_name(own[0].scheme), version)
                assert decided is None or decided is expected, (name, version)
                count += decided is not None
    assert count > 10_000


def asked(entry: Mapping[str, Any]) -> set[str]:
    ecosystem = entry["package"]["ecosystem"]
    events = [
        at.strip()
        for one in entry["ranges"]
        if one["type"] != "GIT"
        for event in one["events"]
        for at in event.values()
        if at != "0"
    ]
    return {
        "0.0.1",
        "99.0.0",
        *entry.get("versions", [])[:10],
        *(one for at in events for one in around(at, ecosystem)),
    }


@pytest.mark.parametrize(
    ("events", "affected", "not_affected"),
    [
        # Examples of the specification's own text.
        ([{"introduced": "0"}, {"fixed": "1.0.2"}], ["0.0.1", "1.0.1"], ["1.0.2", "2.0.0"]),
        ([{"introduced": "1.0.0"}, {"last_affected": "1.2.0"}], ["1.0.0", "1.2.0"], ["0.9.9", "1.2.1"]),
        (
            [{"introduced": "1.0.0"}, {"fixed": "1.0.2"}, {"introduced": "3.0.0"}, {"fixed": "3.2.5"}],
            ["1.0.1", "3.0.0", "3.2.4"],
            ["0.9.0", "1.0.2", "2.5.0", "3.2.5"],
        ),
        (
            [{"fixed": "3.2.5"}, {"introduced": "3.0.0"}, {"introduced": "0"}, {"fixed": "1.0.2"}],
            ["1.0.1", "3.1.0"],
            ["2.0.0", "3.2.5"],
        ),
        ([{"introduced": "1.0.0"}], ["1.0.0", "9.0.0"], ["0.9.0"]),
        ([{"introduced": "1.0.0"}, {"limit": "2.0.0"}], ["1.0.0", "1.9.9"], ["0.9.0", "2.0.0"]),
    ],
)
def test_events_make_the_ranges_of_the_specification(
    events: list[dict[str, str]], affected: list[str], not_affected: list[str]
) -> None:
    entry = {
        "package": {"ecosystem": "Go", "name": "example.org/lantern"},
        "ranges": [{"type": "SEMVER", "events": events}],
    }
    document = {"id": "GO-2024-0001", "modified": "2024-01-01T00:00:00Z", "affected": [entry]}
    (record,) = osv.read(orjson.dumps(document), "GO-2024-0001.json").records
    (statement,) = record.statements
    for version in [*affected, *not_affected]:
        expected = version in affected
        assert is_vulnerable(entry, version, semantic) is expected
        assert is_affected(compiled(statement), "go", version) is expected, version


# --- vers: https://github.com/package-url/vers-spec ------------------------------------------------------------------

ORDERED: dict[str, list[str]] = {
    "npm": ["1.0.0", "1.0.1", "1.2.0-rc.1", "1.2.0", "2.0.0-alpha", "2.0.0", "10.0.0"],
    "pypi": ["1.0", "1.0.post1", "1.1a1", "1.1", "1.2", "2.0.dev1", "2.0", "10.0"],
    "deb": ["1.0-1", "1.0-1+deb11u1", "1.0-2~bpo1", "1.0-2", "1.1~rc1", "1.1", "1:0.5"],
    "rpm": ["1.0-1.el8", "1.0-2.el8", "1.1-1", "1.10-1", "2.0~rc1-1", "2.0-1", "1:0.1-1"],
    "maven": ["1.0", "1.0.1", "1.1-rc1", "1.1", "2.0-SNAPSHOT", "2.0"],
    "gem": ["1.0", "1.0.1", "1.1.0.rc1", "1.1.0", "2.0"],
    "nuget": ["1.0.0", "1.0.1", "1.1.0-beta", "1.1.0", "2.0.0"],
    "golang": ["1.0.0", "1.1.0-rc.1", "1.1.0", "2.0.0"],
}  # fmt: skip
# What may follow what in a range of vers: "… must alternate", and "=" stands outside of ranges, "!=" within.
FOLLOWS = {"": "<,<=,>,>=,=", "<": ">,>=,=", ">": "<,<=,!=", "=": ">,>=,=", "!=": "<,<=,!="}


@st.composite
def vers_ranges(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a range as vers wants it: versions in order and no two alike, comparators that follow each other."""
    kind = draw(st.sampled_from(sorted(ORDERED)))
    versions = [version for version in ORDERED[kind] if draw(st.booleans())] or ORDERED[kind][:1]
    parts: list[str] = []
    last = ""
    for version in versions:
        comparator = draw(st.sampled_from(FOLLOWS[last].split(",")))
        parts.append(f"{'' if comparator == '=' else comparator}{version}")
        last = comparator.rstrip("=") if comparator not in ("=", "!=") else comparator
    return kind, f"vers:{kind}/{'|'.join(parts)}"


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=400, deadline=None)
@given(vers_ranges())
def test_a_range_of_vers_holds_what_univers_says_it_holds(drawn: tuple[str, str]) -> None:
    kind, text = drawn
    read = read_versions(text, "affected")
    assert not any(span.prose for span in read.spans), text
    theirs = VersionRange.from_string(text)
    spans = compiled(Statement(spans=read.spans, scheme=read.scheme))
    for version in ORDERED[kind]:
        expected = theirs.contains(theirs.version_class(version))
        assert is_affected(spans, scheme_name(read.scheme), version) is expected, (text, version)


# --- words ------------------------------------------------------------------------------------------------------------

VERSIONS = st.lists(st.integers(0, 40), min_size=2, max_size=4).map(lambda numbers: ".".join(map(str, numbers)))
BEFORE = ("< {0}", "<{0}", "before {0}", "prior to {0}", "versions prior to {0}", "All versions prior to {0}", "Versions before {0}",
          "earlier than {0}", "up to (excluding) {0}", "firmware versions before {0}")  # fmt: skip
UP_TO = ("<= {0}", "≤ {0}", "{0} and earlier", "{0} and prior", "{0} and below", "Version {0} and earlier versions", "through {0}",
         "up to and including {0}", "versions {0} and prior")  # fmt: skip
FROM = (">= {0}", "{0} and later", "{0} and above", "{0} or newer", "Versions {0} and later")
BETWEEN = (
    ">= {0}, < {1}",
    ">={0} <{1}",
    ">= {0} | < {1}",
    "from {0} before {1}",
    "{0} prior to {1}",
    "versions {0} before {1}",
)
BOTH_IN = (
    ">= {0}, <= {1}",
    "{0} through {1}",
    "from {0} to {1}",
    "between {0} and {1}",
    "{0} - {1}",
    "Versions {0} to {1}",
)


def behind(text: str, version: str, words: tuple[str, bool]) -> tuple[Span, ...]:
    """Give what is not known: a sentence (no comparison) that counts in a short version may mean all that begin so."""
    if not words[1] or text[0] in "<>=≤" or version.count(".") >= 2:
        return ()
    return (Span("unknown", version, f"{version}.*", low_in=False, high_in=True),)


@given(VERSIONS, st.sampled_from([*((one, False) for one in BEFORE), *((one, True) for one in UP_TO)]))
def test_words_that_end_a_range_are_read_with_or_without_their_end(version: str, words: tuple[str, bool]) -> None:
    text = words[0].format(version)
    assert from_text(text, "affected") == (
        Span("affected", "", version, high_in=words[1]),
        *behind(text, version, words),
    )


@given(VERSIONS, st.sampled_from(FROM))
def test_words_that_begin_a_range_hold_their_beginning(version: str, words: str) -> None:
    assert from_text(words.format(version), "affected") == (Span("affected", version),)


@given(VERSIONS, VERSIONS, st.sampled_from([*((one, False) for one in BETWEEN), *((one, True) for one in BOTH_IN)]))
def test_words_that_say_both_ends_are_read_with_both(low: str, high: str, words: tuple[str, bool]) -> None:
    text = words[0].format(low, high)
    expected = Span("affected", low, high, high_in=words[1])
    assert from_text(text, "affected") == (expected, *(behind(text, high, words) if low != high else ()))


@settings(max_examples=150)
@given(st.text(max_size=400))
def test_whatever_is_written_is_read_or_kept_in_its_words(text: str) -> None:
    for spans in (from_text(text, "affected"), read_versions(text, "affected").spans):
        assert spans
        assert all(span.prose or span.low or span.high or span == Span("affected") for span in spans)


def told_after(text: str, name: str) -> list[str]:
    """Word what a description says of a product's versions: "[8.0, 8.8.15 P41)", with a sign where they are mended."""
    spans = versions_after(text, text.index(name) + len(name))
    return [
        f"{'' if span.status == 'affected' else '+'}{'[' if span.low_in else '('}{span.low}, {span.high}{']' if span.high_in else ')'}"
        for span in spans
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In Lantern before 8.8.15 Patch 41, a file can be read.", ["[, 8.8.15 Patch 41)"]),
        ("Lantern Suite (LS) 8 before 8.8.15 P41, 9 before 9.0.0 P34, and 10 before 10.0.2 allows XSS.",
         ["[8, 8.8.15 P41)", "[9, 9.0.0 P34)", "[10, 10.0.2)"]),
        ("Lantern 10.1.x before 10.1.1 and 10.0.x before 10.0.9 has a flaw.", ["[10.1, 10.1.1)", "[10.0, 10.0.9)"]),
        ("Lantern Server 2.0 through 2.4.57 mishandles a header.", ["[2.0, 2.4.57]"]),
        ("Lantern through 3.2 allows XSS.", ["[, 3.2]"]),
        ("Lantern 3.2.1 and earlier allows XSS.", ["[, 3.2.1]"]),
        ("Lantern before 10.0.3 allows XSS. This is also fixed in 9.0.0 Patch 35 and 8.8.15 Patch 42.",
         ["[, 10.0.3)", "+[9.0.0 Patch 35, 9.0.*]", "+[8.8.15 Patch 42, 8.8.*]"]),
        ("Lantern versions prior to 8.7.4 and 8.8.2 have a flaw.", []),  # of which versions in 8.8 is not said
        ("Lantern for Windows, versions 5.0.4 and below, has a flaw.", []),  # a product of another name
        ("Lantern 8.8.15, 9.0, and 10.0 have a flaw.", []),  # which builds of them is not said
        ("Lantern allows XSS; see the vendor's page.", []),
        ("Lantern, before an update is installed, allows XSS.", []),
    ],
)  # fmt: skip
def test_descriptions_are_read_where_they_say_versions_plainly(text: str, expected: list[str]) -> None:
    assert told_after(text, "Lantern") == expected


def test_what_a_description_says_of_zimbra_decides_builds() -> None:
    text = "Zimbra before 10.0.3 allows access. This is also fixed in 9.0.0 Patch 35 and 8.8.15 Patch 42."
    spans = compile_spans(
        Statement(spans=versions_after(text, len("Zimbra"))),
        "zimbra",
        ProductRules(""),
        Identity(""),
        None,
        Windows({}),
    )
    assert not any(span.prose for span in spans)
    mended = [span for span in spans if span.status != AFFECTED]
    for version, is_mended in (
        ("9.0.0 P34", False),
        ("9.0.0 P35", True),
        ("9.0.0 P40", True),
        ("8.8.15 P42", True),
        ("8.8.12", False),
    ):
        own = interval("zimbra", version)
        assert own is not None
        assert any(span.low <= own.low and own.high <= span.high for span in mended) is is_mended, version


# --- CVSS ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vector", "version", "score"),
    [
        # Examples of FIRST: https://www.first.org/cvss/v3.1/examples
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:N", "3.1", 5.4),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "3.1", 6.1),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", "3.1", 6.4),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.1", 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", "3.1", 0.0),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "3.1", 10.0),
        # Guide to CVSS 2: https://www.first.org/cvss/v2/guide#3-3-Examples
        ("AV:N/AC:L/Au:N/C:N/I:N/A:C", "2.0", 7.8),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", "2.0", 10.0),
        ("AV:L/AC:H/Au:N/C:C/I:C/A:C", "2.0", 6.2),
    ],
)
def test_scores_are_those_of_the_examples(vector: str, version: str, score: float) -> None:
    assert base_score(vector) == (version, score)
