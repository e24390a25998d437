"""CVE records, JSON 5.x: what the numbering authority says, and beside it CISA's and other publishers' containers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from haidang.engine.advisories import json_shape as shape
from haidang.engine.advisories.identifiers import encoded, host_of, short_name
from haidang.engine.advisories.ranges import from_text, high_end, low_end
from haidang.engine.advisories.record import (
    COORDINATOR,
    DATABASE,
    NUMBERING,
    Bulletin,
    Fix,
    FixKind,
    Record,
    Score,
    Span,
    Ssvc,
    Statement,
    Status,
)
from haidang.engine.advisories.versions import WITHOUT_ORDER
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread

ORDER = 10
FORM = "CVE JSON 5"

_MARKS = (b'"CVE_RECORD"', b'"cveMetadata"', b'"additionalMetadata"')
_MOST_TEXT = 4_000
_MOST_URLS = 30
_MOST_NAMES = 20
_STATUSES: Mapping[str, Status] = {"affected": "affected", "unaffected": "unaffected", "unknown": "unknown"}
_SCORES = (("cvssV4_0", "4.0"), ("cvssV3_1", "3.1"), ("cvssV3_0", "3.0"), ("cvssV2_0", "2.0"))
# A collection's address → the type of its package URLs.
_COLLECTIONS = (
    ("pypi.", "pypi"),
    ("npmjs.", "npm"),
    ("maven.", "maven"),
    ("repo1.maven", "maven"),
    ("crates.io", "cargo"),
    ("rubygems.", "gem"),
    ("packagist.", "composer"),
    ("nuget.", "nuget"),
    ("pkg.go.dev", "golang"),
    ("wordpress.org/plugins", "wordpress-plugin"),
)


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001
    """Look for the mark of a CVE record near the beginning."""
    head = data[:4000].lstrip()
    return head[:1] in (b"{", b"[") and any(mark in data[:200_000] for mark in _MARKS)


def read(data: bytes, name: str) -> Bulletin:
    """Read one record, a list of records, or a record a line.

    Raises:
        UnreadableParcel: it is no JSON, or holds no CVE record.
    """
    records: list[Record] = []
    unread: list[Unread] = []
    for line, pointer, content in _each(data, name):
        read_one = list(_read_record(content, name, pointer))
        records += read_one
        if not read_one:
            unread.append(
                Unread(Source(name, line), f"{pointer or '/'}: không phải bản ghi CVE / no CVE record", "cve")
            )
    if not records:
        raise UnreadableParcel(f"{name} holds no CVE record that can be read")
    return Bulletin(FORM, tuple(records), unread=tuple(unread))


def _each(data: bytes, name: str) -> Iterator[tuple[int, str, Any]]:
    """Give (line, JSON pointer, record)."""
    try:
        content = orjson.loads(data)
    except orjson.JSONDecodeError:
        yield from _each_line(data, name)
        return
    if isinstance(content, list):
        yield from ((1, f"/{place}", one) for place, one in enumerate(content))
    else:
        yield 1, "", content


def _each_line(data: bytes, name: str) -> Iterator[tuple[int, str, Any]]:
    lines = data.splitlines()
    if len(lines) < 2:
        raise UnreadableParcel(f"{name} is no sound JSON")
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, "", orjson.loads(line)
            except orjson.JSONDecodeError:
                yield number, "", None


def _read_record(content: object, name: str, pointer: str) -> Iterator[Record]:
    """Give a record a container: the authority's own first. A rejected one is one withdrawn record.

    A container that somebody publishes by itself, to be laid beside the record, stands under "adp".
    """
    loose = shape.mapping(content, "additionalMetadata")
    if loose:
        yield from _read_loose(content, shape.text(loose, "cveId").upper(), name, pointer)
        return
    meta = shape.mapping(content, "cveMetadata")
    flaw = shape.text(meta, "cveId").upper()
    if not flaw.startswith("CVE-"):
        return
    shared = Record(
        flaw=flaw,
        document=f"cve/{flaw}",
        publisher=shape.text(meta, "assignerShortName").lower(),
        rank=NUMBERING,
        revision=_moment(shape.text(meta, "dateUpdated") or shape.text(meta, "datePublished")),
        published=shape.text(meta, "datePublished")[:10],
        file=name,
        place=pointer or "/",
    )
    if shape.text(meta, "state").upper() == "REJECTED":
        yield replace(shared, withdrawn=True)
        return
    containers = shape.mapping(content, "containers")
    cna = shape.mapping(containers, "cna")
    if not cna:
        return
    yield _read_container(cna, f"{pointer}/containers/cna", shared)
    for place, adp in enumerate(shape.mappings(containers, "adp")):
        told = _read_container(
            adp, f"{pointer}/containers/adp/{place}", replace(shared, rank=COORDINATOR, published="")
        )
        if told.statements or told.scores or told.ssvc or told.exploited:
            yield replace(told, title="")  # it names the container


def _read_loose(content: object, flaw: str, name: str, pointer: str) -> Iterator[Record]:
    adp = shape.mapping(content, "adp")
    publisher = shape.text(shape.mapping(adp, "providerMetadata"), "shortName").lower()
    if flaw.startswith("CVE-") and adp:
        shared = Record(flaw, f"adp/{publisher}/{flaw}", publisher, DATABASE, file=name, place=pointer or "/")
        yield _read_container(adp, f"{pointer}/adp", shared)


def _read_container(container: Mapping[str, Any], pointer: str, shared: Record) -> Record:
    publisher = shape.text(shape.mapping(container, "providerMetadata"), "shortName").lower()
    metrics = shape.mappings(container, "metrics")
    fixes = _fixes(container)
    statements = [
        statement
        for place, affected in enumerate(shape.mappings(container, "affected"))
        for statement in _statements(affected, f"{pointer}/affected/{place}", fixes)
    ]
    return replace(
        shared,
        publisher=publisher or shared.publisher,
        title=shape.text(container, "title")[:300],
        text=_english(shape.mappings(container, "descriptions"))[:_MOST_TEXT],
        statements=tuple(statements),
        scores=tuple(_scores(metrics, publisher or shared.publisher)),
        ssvc=_ssvc(metrics),
        exploited=any(_other(metric, "kev") for metric in metrics),
        urls=tuple(shape.text(one, "url") for one in shape.mappings(container, "references")[:_MOST_URLS]),
        place=pointer,
    )


def _statements(affected: Mapping[str, Any], pointer: str, fixes: tuple[Fix, ...]) -> Iterator[Statement]:
    """Give what is said of one product; commits, which have no order, stand in a statement of their own."""
    for name, versions in _several(affected).items():
        yield from _statements({**affected, "product": name, "versions": versions}, pointer, fixes)
    by_kind: dict[bool, list[Span]] = {}
    schemes: dict[bool, str] = {}
    for version in shape.mappings(affected, "versions"):
        scheme = shape.text(version, "versionType").strip().lower()
        unordered = scheme in WITHOUT_ORDER
        by_kind.setdefault(unordered, []).extend(_spans(version))
        schemes.setdefault(unordered, scheme)
    vendor = _named(affected, "vendor")
    whole = Statement(
        vendor=vendor or _owner(affected),
        product=_named(affected, "product") or ("" if vendor else _named(affected, "packageName")),
        cpes=tuple(shape.texts(affected, "cpes")),
        purls=_purls(affected),
        default=_STATUSES.get(shape.text(affected, "defaultStatus"), "unknown"),
        platforms=tuple(shape.texts(affected, "platforms")),
        modules=tuple(shape.texts(affected, "modules")),
        fixes=fixes,
        place=pointer,
    )
    for unordered, spans in sorted(by_kind.items()):
        scheme = schemes[unordered]
        yield replace(whole, spans=tuple(spans), scheme="git" if unordered else scheme)
    if not by_kind:
        yield whole


def _spans(version: Mapping[str, Any]) -> Iterator[Span]:
    """Turn one entry of `versions` into spans; `changes` part a range where its status changes."""
    status = _STATUSES.get(shape.text(version, "status"), "unknown")
    written = shape.text(version, "version")
    # SOURCE FIELDS: version, status; of a range lessThan (left out) or lessThanOrEqual, changes [{at, status}]
    below, through = shape.text(version, "lessThan"), shape.text(version, "lessThanOrEqual")
    changes = shape.mappings(version, "changes")
    if not below and not through and not changes:
        yield from from_text(written, status)
        return
    if shape.text(version, "versionType").lower() == "patch" and _is_below(below or through, written):
        # A build counts in its line: 14.1-12.35.
        below, through = (f"{written}-{end}" if end else "" for end in (below, through))
    # Google and others write the first fixed version at both ends of a range that begins with the first version.
    low, high_in = low_end(written) if written != below else "", bool(through)
    for change in changes:
        at = shape.text(change, "at")
        yield Span(status, low, at)
        low, status = at, _STATUSES.get(shape.text(change, "status"), "unknown")
    yield Span(status, low, high_end(through or below), high_in=high_in)


def _several(affected: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Part an entry that names several products in one field and in one version: "FortiOS 7.0.6, 7.0.5, FortiProxy …".

    Returns:
        Product → its versions, as entries of their own; empty for any other entry.
    """
    names = [name.strip() for name in shape.text(affected, "product").split(",")]
    found: dict[str, list[dict[str, str]]] = {}
    if not 1 < len(names) < _MOST_NAMES or not all(names):
        return found
    bare = [names[0].removeprefix(shape.text(affected, "vendor")).strip(), *names[1:]]
    parts = re.compile("|".join(re.escape(name) for name in sorted(bare, key=len, reverse=True)), re.IGNORECASE)
    for version in shape.mappings(affected, "versions"):
        text = shape.text(version, "version")
        starts = [*parts.finditer(text)] if set(version) <= {"status", "version"} else []
        for here, there in itertools.zip_longest(starts, starts[1:]):
            listed = re.findall(r"\d+(?:\.\d+)+", text[here.end() : there.start() if there else None])
            status = shape.text(version, "status")
            found.setdefault(here[0], []).extend({"version": one, "status": status} for one in listed)
    return found


def _owner(affected: Mapping[str, Any]) -> str:
    """Give whoever publishes a package that is named without a vendor: the owner of its repository, or of its site."""
    if _named(affected, "product"):
        return ""
    address = shape.text(affected, "collectionURL")
    repository = re.match(r"https?://(?:github|gitlab)\.com/([^/]+)/", f"{address}/")
    return repository[1] if repository else short_name(host_of(address))


def _is_below(end: str, line: str) -> bool:
    """Tell a build that counts within its line: 12.35 of line 14.1."""
    numbers = [re.fullmatch(r"(\d+)(?:\.\d+)*", text.strip()) for text in (end, line)]
    first, second = (int(found[0].partition(".")[0]) if found else 0 for found in numbers)
    return all(numbers) and first < second


def _named(affected: Mapping[str, Any], field: str) -> str:
    name = shape.text(affected, field).strip()
    return "" if name.lower() in ("n/a", "unknown", "unspecified", "-") else name


def _purls(affected: Mapping[str, Any]) -> tuple[str, ...]:
    collection, package = shape.text(affected, "collectionURL").lower(), shape.text(affected, "packageName")
    kind = next((kind for mark, kind in _COLLECTIONS if mark in collection), "")
    if package and "access.redhat.com" in collection:
        # What is said is said of this package in that product, not of the product.
        return (f"pkg:rpm/redhat/{package}?distro={encoded(shape.text(affected, 'product'))}",)
    if not kind or not package:
        return ()
    return (f"pkg:{kind}/{package.replace(':', '/') if kind == 'maven' else package}",)


def _fixes(container: Mapping[str, Any]) -> tuple[Fix, ...]:
    """Take what the record says of solutions and work-arounds; they are sentences, not versions."""
    kinds: Iterable[tuple[str, FixKind]] = (("solutions", "update"), ("workarounds", "workaround"))
    return tuple(
        Fix(kind, text=words)
        for field, kind in kinds
        for entry in shape.mappings(container, field)
        if (words := " ".join(shape.text(entry, "value").split())[:500])
    )


def _english(descriptions: list[Mapping[str, Any]]) -> str:
    english = [one for one in descriptions if shape.text(one, "lang").lower().startswith("en")] or descriptions
    return " ".join(" ".join(shape.text(one, "value").split()) for one in english[:1])


def _scores(metrics: list[Mapping[str, Any]], giver: str) -> Iterator[Score]:
    for metric in metrics:
        for field, version in _SCORES:
            cvss = shape.mapping(metric, field)
            base = shape.number(cvss, "baseScore")
            if cvss and base is not None and 0 <= base <= 10:
                yield Score(version, base, shape.text(cvss, "vectorString")[:200], giver)


def _other(metric: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    other = shape.mapping(metric, "other")
    return shape.mapping(other, "content") if shape.text(other, "type").lower() == kind else {}


def _ssvc(metrics: list[Mapping[str, Any]]) -> Ssvc | None:
    for metric in metrics:
        if content := _other(metric, "ssvc"):
            points = {
                key.lower(): str(value).lower()
                for one in shape.mappings(content, "options")
                for key, value in one.items()
            }
            return Ssvc(
                points.get("exploitation", ""),
                points.get("automatable", ""),
                points.get("technical impact", ""),
                shape.text(content, "timestamp")[:10],
            )
    return None


def _moment(text: str) -> str:
    """Bring a time to a text that sorts: records write it with and without zone and fractions, always in UTC."""
    return text.strip().removesuffix("Z")[:26]
