"""A security advisory of the shape of CSAF, made into records: one a vulnerability, statements product by product."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from haidang.engine.advisories import json_shape as shape
from haidang.engine.advisories.cvss import base_score
from haidang.engine.advisories.identifiers import host_of, is_cve, publisher_in, short_name
from haidang.engine.advisories.product_tree import TREE_SHAPE, Teller, TreeProduct, product_groups, read_tree
from haidang.engine.advisories.record import (
    COORDINATOR,
    DATABASE,
    VENDOR,
    Fix,
    FixKind,
    Record,
    Score,
    Span,
    Statement,
    Status,
)
from haidang.engine.advisories.stamps import day, moment
from haidang.engine.advisories.vers import follows, read_versions

_CVSS = {"version": str, "baseScore": float, "vectorString": str}
_NOTES = [{"category": str, "text": str}]
# SOURCE FIELDS: https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html, and what 2.1 adds
ADVISORY_SHAPE: dict[str, Any] = {
    "document": {
        "category": str,
        "csaf_version": str,
        "title": str,
        "publisher": {"category": str, "name": str, "namespace": str, "contact_details": str},
        "tracking": {
            "id": str,
            "version": str,
            "status": str,
            "current_release_date": str,
            "initial_release_date": str,
        },
        "notes": _NOTES,
        "references": [{"url": str}],
    },
    "product_tree": TREE_SHAPE,
    "vulnerabilities": [
        {
            "cve": str,
            "ids": [{"text": str}],
            "title": str,
            "release_date": str,
            "disclosure_date": str,
            "notes": _NOTES,
            "references": [{"url": str}],
            "product_status": {
                key: [str]
                for key in (
                    "first_affected", "first_fixed", "fixed", "known_affected", "known_not_affected", "last_affected",
                    "recommended", "under_investigation", "unknown",
                )
            },
            "remediations": [
                {"category": str, "details": str, "url": str, "product_ids": [str], "group_ids": [str]}
            ],
            "scores": [{"cvss_v2": _CVSS, "cvss_v3": _CVSS}],
            "metrics": [{"content": {"cvss_v2": _CVSS, "cvss_v3": _CVSS, "cvss_v4": _CVSS}}],
            "threats": [{"category": str, "details": str}],
            "flags": [{"label": str}],
        }
    ],
}  # fmt: skip
_RANKS = {"vendor": VENDOR, "coordinator": COORDINATOR}
_WITHDRAWN = {"csaf_withdrawn", "csaf_superseded"}
# Product status → what it says of the versions, and the class of those that contradict each other (CSAF 2.0, 6.1.6).
_STATUSES: Mapping[str, tuple[Status, str]] = {
    "first_affected": ("affected", "affected"),
    "known_affected": ("affected", "affected"),
    "last_affected": ("affected", "affected"),
    "known_not_affected": ("unaffected", "not affected"),
    "first_fixed": ("unaffected", "fixed"),
    "fixed": ("unaffected", "fixed"),
    "under_investigation": ("unknown", "under investigation"),
    "unknown": ("unknown", "under investigation"),
    "recommended": ("unknown", ""),
}
# What is said of some versions only, even where none is named.
_SOME_ONLY = {"fixed", "first_fixed", "recommended", "first_affected", "last_affected"}
_FIXES: Mapping[str, FixKind] = {
    "vendor_fix": "update",
    "optional_patch": "update",
    "workaround": "workaround",
    "mitigation": "workaround",
    "none_available": "none",
    "no_fix_planned": "none",
    "fix_planned": "none",
}
_TEXT_NOTES = ("description", "summary", "details", "general")
_EXPLOITED = re.compile(
    r"exploited\s*:\s*yes|known-exploited-vulnerabilities-catalog"
    r"|^\s*(?:(?:actively )?exploited(?: in the wild)?\W*$|đã bị khai thác)",
    re.IGNORECASE,
)
_UPDATE_TO = re.compile(
    r"\b(?:update|upgrade)s?\s+(?:(?:the\s+)?(?:firmware|software|products?|devices?|systems?)\s+)?"
    r"to\s+(?:the\s+)?(?:(?:firmware|software)\s+)?(?:versions?\s+|release\s+)?"
    r"([vVrR]?\d+(?:\.\d+)+(?:[-.\w]*\w)?(?:\s(?:SP|Update|Upd|HF|Patch|Hotfix)\s?\d+)*)"
    r"(?=\s*(?:$|[,;)]|\.(?:\s|$)|(?:or|and)\s+(later|newer|higher|above)))",
    re.IGNORECASE,
)
# What Cisco and Red Hat write under "workaround" where there is none.
_NO_WORKAROUND = re.compile(
    r"there are no workarounds that address (?:this vulnerability|these vulnerabilities)\.?"
    r"|mitigation for this issue is either not available or the currently available options do not meet .*",
    re.IGNORECASE,
)
_MOST_TEXT = 4_000
_MOST_WORDS = 500
_MOST_TITLE = 300
_MOST_URLS = 30


@dataclass(frozen=True, slots=True)
class Origin:
    """Which document records are read from.

    Attributes:
        file: its file.
        family: how the ids of its records begin: "csaf", "cvrf".
        pointer: where in the file the document is.
        tell: tells what could not be read.
        place: turns a JSON pointer into a place of the file.
    """

    file: str
    family: str
    pointer: str
    tell: Teller
    place: Callable[[str], str]


@dataclass
class _Group:
    """What a vulnerability says of one product, while it is gathered."""

    product: TreeProduct
    scheme: str
    place: str
    cpes: dict[str, None] = field(default_factory=dict)
    purls: dict[str, None] = field(default_factory=dict)
    spans: dict[Span, None] = field(default_factory=dict)
    fixes: dict[Fix, None] = field(default_factory=dict)
    ends: list[tuple[str, str, Span]] = field(default_factory=list)  # (status, version, its span) of first and last


def read_records(advisory: Mapping[str, Any], origin: Origin) -> list[Record]:
    """Make one record of each vulnerability; one that is withdrawn is a single record without statements."""
    document = shape.mapping(advisory, "document")
    shared = _shared(document, origin)
    if shape.text(document, "category").lower() in _WITHDRAWN:
        return [replace(shared, withdrawn=True)]
    tree = shape.mapping(advisory, "product_tree")
    reading = _Reading(
        read_tree(tree, f"{origin.pointer}/product_tree", origin.tell), product_groups(tree), shared, document, origin
    )
    listed = advisory.get("vulnerabilities")
    return [
        reading.read(one, at)
        for at, one in enumerate(listed if isinstance(listed, list) else ())
        if isinstance(one, dict)
    ]


def _shared(document: Mapping[str, Any], origin: Origin) -> Record:
    """Read what all records of a document have alike."""
    publisher, tracking = shape.mapping(document, "publisher"), shape.mapping(document, "tracking")
    own, host = shape.text(tracking, "id").strip(), host_of(shape.text(publisher, "namespace"))
    name = (
        (short_name(host) if host else publisher_in(shape.text(publisher, "contact_details")))
        or "-".join(re.findall(r"\w+", shape.text(publisher, "name").lower()[:80]))
        or "unknown"
    )
    revision = moment(shape.text(tracking, "current_release_date"))
    if not revision:
        pointer = f"{origin.pointer}/document/tracking/current_release_date"
        origin.tell(pointer, "thiếu ngày của bản này", "no time of this revision")
    return Record(
        flaw=own,
        document=f"{origin.family}/{host or name}/{own}",
        publisher=name,
        rank=_RANKS.get(shape.text(publisher, "category").strip().lower(), DATABASE),
        revision=revision,
        title=" ".join(shape.text(document, "title").split())[:_MOST_TITLE],
        published=day(shape.text(tracking, "initial_release_date")),
        file=origin.file,
        place=origin.place(origin.pointer) or "/",
    )


class _Reading:
    """Reads the vulnerabilities of one document."""

    def __init__(
        self,
        products: Mapping[str, TreeProduct],
        groups: Mapping[str, list[str]],
        shared: Record,
        document: Mapping[str, Any],
        origin: Origin,
    ) -> None:
        self.products = products
        self.groups = groups
        self.shared = shared
        self.document = document
        self.origin = origin
        self.seen: dict[str, int] = {}

    def read(self, flaw: Mapping[str, Any], at: int) -> Record:
        pointer = f"{self.origin.pointer}/vulnerabilities/{at}"
        ids = [one for entry in shape.mappings(flaw, "ids") if (one := shape.text(entry, "text").strip())]
        own = shape.text(flaw, "cve").strip().upper()
        if own and not is_cve(own):
            self.origin.tell(f"{pointer}/cve", f"không phải mã CVE: {own[:60]}", "no CVE id")
            ids, own = [own, *ids], ""
        name = own or (ids[0] if ids else f"{self.shared.flaw}/{at + 1}")
        title = " ".join(shape.text(flaw, "title").split())[:_MOST_TITLE]
        references = [*shape.mappings(flaw, "references"), *shape.mappings(self.document, "references")]
        released = shape.text(flaw, "release_date") or shape.text(flaw, "disclosure_date")
        return replace(
            self.shared,
            flaw=name,
            document=self._document(name),
            title=title if title and title != name else self.shared.title,
            text=self._text(flaw),
            published=day(released) or self.shared.published,
            statements=tuple(self._statements(flaw, pointer)),
            scores=tuple(dict.fromkeys(_scores(flaw, self.shared.publisher))),
            exploited=_is_exploited(flaw),
            aliases=tuple(one for one in dict.fromkeys(ids) if one != name),
            urls=tuple(dict.fromkeys(url for one in references if (url := shape.text(one, "url"))))[:_MOST_URLS],
            place=self.origin.place(pointer),
        )

    def _document(self, name: str) -> str:
        """Give each record an id of its own, even where a document has one flaw twice."""
        count = self.seen[name] = self.seen.get(name, 0) + 1
        return f"{self.shared.document}/{name}{f'~{count}' if count > 1 else ''}"

    def _text(self, flaw: Mapping[str, Any]) -> str:
        notes = [*shape.mappings(flaw, "notes"), *shape.mappings(self.document, "notes")]
        for kind in _TEXT_NOTES:
            for note in notes:
                if shape.text(note, "category") == kind:
                    return shape.text(note, "text").strip()[:_MOST_TEXT]
        return ""

    def _statements(self, flaw: Mapping[str, Any], pointer: str) -> Iterator[Statement]:
        """Gather what is said of each product, in the order of the document."""
        statuses = {
            key: [one for one in ids if isinstance(one, str)]
            for key, ids in shape.mapping(flaw, "product_status").items()
            if isinstance(ids, list)
        }
        contradicted = self._contradicted(statuses, pointer)
        advice = self._advice(flaw)
        gathered: dict[tuple[object, ...], _Group] = {}
        for key, ids in statuses.items():
            if key not in _STATUSES:
                self.origin.tell(f"{pointer}/product_status/{key}", "tình trạng không rõ", "an unknown status")
                continue
            for at, own in enumerate(ids):
                place = f"{pointer}/product_status/{key}/{at}"
                product = self.products.get(own)
                if product is None:
                    self.origin.tell(place, f"không có product_id {own[:80]}", "no such product_id in the tree")
                    continue
                fixes = advice.get(own, []) + advice.get("", [])
                status = "unknown" if own in contradicted else _STATUSES[key][0]
                self._gather(gathered, product, (key, status), fixes, place)
        yield from _joined(_statement(group) for group in gathered.values())

    def _contradicted(self, statuses: Mapping[str, list[str]], pointer: str) -> set[str]:
        classes: dict[str, set[str]] = {}
        for key, ids in statuses.items():
            if key in _STATUSES and _STATUSES[key][1]:
                for own in ids:
                    classes.setdefault(own, set()).add(_STATUSES[key][1])
        found = {own: said for own, said in classes.items() if len(said) > 1}
        for own, said in found.items():
            words = ", ".join(sorted(said))
            pointed = f"{pointer}/product_status"
            self.origin.tell(pointed, f"{own[:80]} có nhiều tình trạng trái nhau", f"contradicts itself: {words}")
        return set(found)

    def _advice(self, flaw: Mapping[str, Any]) -> dict[str, list[Fix]]:
        """Give the fixes of each product id; under "" those that are meant for all."""
        advice: dict[str, list[Fix]] = {}
        for remediation in shape.mappings(flaw, "remediations"):
            kind = _FIXES.get(shape.text(remediation, "category").strip().lower())
            if kind is None:
                continue
            details = " ".join(shape.text(remediation, "details").split())[:_MOST_WORDS]
            if kind == "workaround" and _NO_WORKAROUND.fullmatch(details):
                continue
            fix = Fix(kind, details, url=shape.text(remediation, "url"))
            meant = shape.texts(remediation, "product_ids")
            for group in shape.texts(remediation, "group_ids"):
                meant += self.groups.get(group, [])
            # One that names no product is meant for all; one that names them in a way that can't be read, for none.
            everyone = [] if remediation.keys() & {"product_ids", "group_ids"} else [""]
            for own in dict.fromkeys(meant) or everyone:
                advice.setdefault(own, []).append(fix)
        return advice

    def _gather(
        self,
        gathered: dict[tuple[object, ...], _Group],
        product: TreeProduct,
        said: tuple[str, Status],
        fixes: list[Fix],
        pointer: str,
    ) -> None:
        key, status = said
        scheme, spans = _spans(product, key, status, fixes)
        fixes = [_with_build(fix, product.product) for fix in fixes]
        about = (product.vendor, product.product, product.platforms(), product.modules, product.requires, scheme)
        group = gathered.get(about)
        if group is None:
            group = gathered[about] = _Group(product, scheme, self.origin.place(pointer))
        group.cpes.update(dict.fromkeys(product.cpes))
        group.purls.update(dict.fromkeys(product.purls))
        version = _one_version(spans)
        if key in ("fixed", "first_fixed", "recommended") and version:
            updates = [fix for fix in fixes if fix.kind == "update"] or [Fix("update", product.full[:_MOST_WORDS])]
            fixes = [replace(fix, build=version) for fix in updates] + [fix for fix in fixes if fix.kind != "update"]
        group.fixes.update(dict.fromkeys(fixes))
        if key in ("first_affected", "last_affected", "first_fixed") and version:
            group.ends.append((key, version, spans[0]))
        if key != "recommended":
            group.spans.update(dict.fromkeys(spans))


def _spans(product: TreeProduct, key: str, status: Status, fixes: list[Fix]) -> tuple[str, tuple[Span, ...]]:
    """Give the scheme of a product's versions and what is said of them."""
    if product.ambiguous:
        return product.scheme, (Span(status, prose=f"{product.full[:200]} (product_id used twice)"),)
    if product.exact:
        return product.scheme, (Span(status, product.versions, product.versions, high_in=True),)
    if product.versions:
        versions = read_versions(product.versions, status, product.product)
        return versions.scheme or product.scheme, versions.spans
    # Named without a version. That all are affected is clear only where the publisher says that there is no fix.
    all_meant = status != "affected" and key not in _SOME_ONLY
    if all_meant or (key == "known_affected" and {fix.kind for fix in fixes} & {"none", "update"} == {"none"}):
        return product.scheme, (Span(status),)
    return product.scheme, (Span(status, prose=product.full[:200] or product.product[:200] or "-"),)


def _with_build(fix: Fix, product: str) -> Fix:
    build = _update_to(fix.text, product)[0] if fix.kind == "update" else ""
    return replace(fix, build=build) if build else fix


def _one_version(spans: tuple[Span, ...]) -> str:
    return spans[0].low if len(spans) == 1 and spans[0].low == spans[0].high else ""


def _statement(group: _Group) -> Statement:
    product = group.product
    return Statement(
        vendor=product.vendor,
        product=product.product or product.full,
        cpes=tuple(group.cpes),
        purls=tuple(group.purls),
        spans=_mended(_with_ranges(group), group.fixes, product.product),
        scheme=group.scheme,
        platforms=product.platforms(),
        modules=product.modules,
        requires=product.requires,
        fixes=tuple(group.fixes),
        place=group.place,
    )


def _with_ranges(group: _Group) -> tuple[Span, ...]:
    """Join the first affected version and the last, or the first fixed, where each is the only one."""
    by_key: dict[str, list[tuple[str, Span]]] = {}
    for key, version, span in group.ends:
        by_key.setdefault(key, []).append((version, span))
    firsts, lasts = by_key.get("first_affected", []), by_key.get("last_affected", [])
    fixed = by_key.get("first_fixed", [])
    if len(firsts) != 1 or len(lasts) > 1 or (not lasts and len(fixed) != 1):
        return tuple(group.spans)
    (low, first), (high, last) = firsts[0], (lasts or fixed)[0]
    if first.status != "affected":
        return tuple(group.spans)
    whole = Span("affected", low, high, high_in=bool(lasts))
    replaced = {first, last} if lasts else {first}
    return tuple(dict.fromkeys(whole if span in replaced else span for span in group.spans))


def _joined(statements: Iterator[Statement]) -> Iterator[Statement]:
    """Join statements that differ only in what they require: these are alternatives."""
    found: dict[Statement, Statement] = {}
    for statement in statements:
        alike = replace(statement, requires=(), place="")
        before = found.get(alike)
        if before is None or not (before.requires and statement.requires):
            found[alike if before is None else statement] = statement
        else:
            requires = tuple(dict.fromkeys((*before.requires, *statement.requires)))
            found[alike] = replace(before, requires=requires)
    yield from found.values()


@functools.lru_cache(maxsize=20_000)
def _update_to(advice: str, product: str) -> tuple[str, bool]:
    """Find the version of a product that an advice says to update to, where it says one, and whether "or later"."""
    words = advice.replace(product, "product") if product else advice
    found = _UPDATE_TO.findall(words)
    versions = {version for version, _ in found}
    return (versions.pop(), any(later for _, later in found)) if len(versions) == 1 else ("", False)


def _mended(spans: tuple[Span, ...], fixes: Iterable[Fix], product: str) -> tuple[Span, ...]:
    """Say that versions from the fixed one on are not affected, where the publisher says "update to V2.3 or later".

    Only where that is the very end of the one range that is affected, or lies behind it: of several ranges, each may
    have a fix of its own.
    """
    builds = {fix.build for fix in fixes if fix.build}
    later = {fix.build for fix in fixes if fix.build and _update_to(fix.text, product)[1]}
    affected = [span for span in spans if span.status == "affected"]
    if len(builds) != 1 or later != builds or len(affected) != 1:
        return spans
    (build,), (whole,) = builds, affected
    ends_there = whole.high == build and not whole.high_in
    ends_before = whole.high_in and whole.low != whole.high and whole.high != build and follows(whole.high, build)
    return (*spans, Span("unaffected", build)) if ends_there or ends_before else spans


def _scores(flaw: Mapping[str, Any], giver: str) -> Iterator[Score]:
    holders = shape.mappings(flaw, "scores")
    holders += [shape.mapping(metric, "content") for metric in shape.mappings(flaw, "metrics")]
    for holder in holders:
        for key, version in (("cvss_v4", "4.0"), ("cvss_v3", ""), ("cvss_v2", "2.0")):
            cvss = shape.mapping(holder, key)
            vector = shape.text(cvss, "vectorString").strip()
            computed = base_score(vector)
            named = version or shape.text(cvss, "version") or (computed[0] if computed else "")
            base = shape.number(cvss, "baseScore")
            if base is None and computed:
                base = computed[1]
            if base is not None and 0 <= base <= 10 and named in ("2.0", "3.0", "3.1", "4.0"):
                yield Score(named, base, vector[:200], giver)


def _is_exploited(flaw: Mapping[str, Any]) -> bool:
    if shape.mappings(flaw, "first_known_exploitation_dates"):
        return True
    return any(
        shape.text(threat, "category") == "exploit_status"
        and _EXPLOITED.search(shape.text(threat, "details")[:_MOST_TEXT])
        for threat in shape.mappings(flaw, "threats")
    )
