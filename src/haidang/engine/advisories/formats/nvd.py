"""NVD: pages and records of its API 2.0, its older feeds 1.1, and reviewed overrides in the same shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from haidang.engine.advisories import json_shape as shape
from haidang.engine.advisories.identifiers import is_cve, short_name
from haidang.engine.advisories.json_parcel import Piece, Shape, misshapen, pieces, told
from haidang.engine.advisories.record import DATABASE, Bulletin, Record, Score, Span, Ssvc, Statement, Status
from haidang.engine.advisories.stamps import day, moment
from haidang.engine.cpe import formatted, split_cpe, unescaped
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread

ORDER = 40
FORM = "NVD"

_TABLE = "nvd"
_MOST_TEXT = 4_000
_MOST_TITLE = 300
_MOST_URLS = 30
_DEEPEST = 20
_FOREIGN = (b'"CVE_RECORD"', b'"cveMetadata"', b'"NVD_CVEHistory"')
# Whose configurations are finished; in all other states, what is not listed may still be added.
_ANALYSED = {"analyzed", "modified"}
_GIVERS = {"nvd@nist.gov": "nvd", "134c704f-9b21-4f2e-91b3-4a467353bcc0": "cisa-adp"}
# Values of a CPE's target software that name an operating system, and not something that the product plugs into.
_SYSTEMS = {
    "android", "chrome_os", "freebsd", "ios", "ipad_os", "ipados", "iphone_os", "linux", "linux_kernel", "mac_os",
    "mac_os_x", "macos", "solaris", "unix", "windows",
}  # fmt: skip

_CVSS = {"version": str, "vectorString": str, "baseScore": float}
_METRIC = [{"source": str, "cvssData": _CVSS}]
_MATCH_2 = {
    "vulnerable": bool,
    "criteria": str,
    "versionStartIncluding": str,
    "versionStartExcluding": str,
    "versionEndIncluding": str,
    "versionEndExcluding": str,
}
# SOURCE FIELDS of API 2.0: https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema
_CVE_2: dict[str, Any] = {
    "id": str,
    "published": str,
    "lastModified": str,
    "vulnStatus": str,
    "cisaExploitAdd": str,
    "cisaVulnerabilityName": str,
    "descriptions": [{"lang": str, "value": str}],
    "metrics": {
        "cvssMetricV40": _METRIC,
        "cvssMetricV31": _METRIC,
        "cvssMetricV30": _METRIC,
        "cvssMetricV2": _METRIC,
        "ssvcV203": [{"ssvcData": {"timestamp": str, "options": [object]}}],
    },
    "configurations": [
        {"operator": str, "negate": bool, "nodes": [{"operator": str, "negate": bool, "cpeMatch": [_MATCH_2]}]}
    ],
    "references": [{"url": str}],
}
# SOURCE FIELDS of the feeds 1.1: https://csrc.nist.gov/schema/nvd/feed/1.1/nvd_cve_feed_json_1.1.schema
_MATCH_1 = {**{key: kind for key, kind in _MATCH_2.items() if key != "criteria"}, "cpe23Uri": str, "cpe22Uri": str}
_NODE_1: dict[str, Any] = {"operator": str, "negate": bool, "cpe_match": [_MATCH_1]}
_NODE_1["children"] = [_NODE_1]
_ITEM_1: dict[str, Any] = {
    "cve": {
        "CVE_data_meta": {"ID": str},
        "description": {"description_data": [{"lang": str, "value": str}]},
        "references": {"reference_data": [{"url": str}]},
    },
    "configurations": {"nodes": [_NODE_1]},
    "impact": {"baseMetricV3": {"cvssV3": _CVSS}, "baseMetricV2": {"cvssV2": _CVSS}},
    "publishedDate": str,
    "lastModifiedDate": str,
}


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001
    """Look for what only NVD writes."""
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return False
    marked = (
        b'"NVD_CVE"' in data
        or b'"CVE_Items"' in data
        or b'"sourceIdentifier"' in data
        or (b'"CVE_data_meta"' in data and b'"configurations"' in data)
        or (b'"_annotation"' in data and b'"cve_id"' in data)
    )
    return marked and not any(mark in data for mark in _FOREIGN)


def read(data: bytes, name: str) -> Bulletin:
    """Read a page, a feed, one record, a list of records, or a record a line.

    Raises:
        UnreadableParcel: no JSON, or without a record that can be read.
    """
    reading = _Reading(name)
    for piece in pieces(data, name, reading.unread, _TABLE):
        reading.take(piece)
    if not reading.records and not reading.notes:
        raise UnreadableParcel(f"{name} holds no NVD record that can be read")
    return Bulletin(FORM, tuple(reading.records), unread=tuple(reading.unread), notes=reading.notes)


class _Match(NamedTuple):
    """One line of a configuration: a CPE, the versions of it, and whether it is what has the flaw."""

    criteria: str
    fields: tuple[str, ...]
    vulnerable: bool
    span: Span
    has_range: bool
    pointer: str


class _Node(NamedTuple):
    """A node of a configuration, brought to one form: alternatives, or things that have to be there together."""

    together: bool
    negated: bool
    matches: tuple[_Match, ...]
    children: tuple[_Node, ...]
    pointer: str


@dataclass
class _Group:
    """The matches of one product that become one statement."""

    first: _Match
    requires: tuple[str, ...]
    cpes: dict[str, None] = field(default_factory=dict)
    spans: dict[Span, None] = field(default_factory=dict)


class _Reading:
    """Reads the records of one file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.records: list[Record] = []
        self.unread: list[Unread] = []
        self.notes: dict[str, str] = {}
        self.line = 1

    def take(self, piece: Piece) -> None:
        """Find the records in a document: a page, a feed, or a record by itself."""
        self.line = piece.line
        content = piece.content if isinstance(piece.content, dict) else {}
        for key in ("vulnerabilities", "CVE_Items"):
            if key not in content:
                continue
            listed = content[key]
            if not isinstance(listed, list):
                self._tell(f"{piece.pointer}/{key}", "không phải danh sách", "not a list")
                return
            self._note_page(content)
            for place, one in enumerate(listed):
                self._take_one(one, f"{piece.pointer}/{key}/{place}")
            return
        self._take_one(piece.content, piece.pointer)

    def _note_page(self, content: Mapping[str, Any]) -> None:
        total, first = shape.number(content, "totalResults"), shape.number(content, "startIndex")
        self.notes["entries"] = str(len(content.get("vulnerabilities", content.get("CVE_Items", []))))
        if total is not None and first is not None:
            self.notes["first entry"], self.notes["entries in all"] = f"{first:.0f}", f"{total:.0f}"

    def _take_one(self, one: object, pointer: str) -> None:
        cve = shape.mapping(one, "cve")
        if "CVE_data_meta" in cve and isinstance(one, dict):
            self._check(one, _ITEM_1, pointer)
            self._read_1(one, pointer)
        elif isinstance(one, dict) and "_annotation" in one:
            self._check(cve, _CVE_2, f"{pointer}/cve")
            self._read_override(one, cve, f"{pointer}/cve")
        elif cve and "id" in cve:
            self._check(cve, _CVE_2, f"{pointer}/cve")
            self._read_2(cve, f"{pointer}/cve")
        elif isinstance(one, dict) and "id" in one and ("sourceIdentifier" in one or "vulnStatus" in one):
            self._check(one, _CVE_2, pointer)
            self._read_2(one, pointer)
        else:
            self._tell(pointer, "không phải bản ghi NVD", "no NVD record")

    def _check(self, content: Mapping[str, Any], expected: Shape, pointer: str) -> None:
        self.unread += misshapen(Piece(content, pointer, self.line), expected, self.name, _TABLE)

    def _tell(self, pointer: str, vietnamese: str, english: str) -> None:
        self.unread.append(Unread(Source(self.name, self.line), told(pointer, vietnamese, english), _TABLE))

    def _record(self, flaw: str, family: str, publisher: str, pointer: str) -> Record | None:
        flaw = flaw.strip().upper()
        if not is_cve(flaw):
            self._tell(pointer, "không có mã CVE", "no CVE id")
            return None
        return Record(flaw, f"{family}/{flaw}", publisher, DATABASE, file=self.name, place=pointer or "/")

    def _read_2(self, cve: Mapping[str, Any], pointer: str) -> None:
        record = self._record(shape.text(cve, "id"), "nvd", "nvd", pointer)
        if record is None:
            return
        status = shape.text(cve, "vulnStatus").strip().lower()
        record = replace(
            record,
            revision=moment(shape.text(cve, "lastModified")),
            published=day(shape.text(cve, "published")),
        )
        if status == "rejected":
            self.records.append(replace(record, withdrawn=True))
            return
        metrics = shape.mapping(cve, "metrics")
        default: Status = "unaffected" if status in _ANALYSED else "unknown"
        if shape.mappings(cve, "vcConfigurations"):
            self._tell(f"{pointer}/vcConfigurations", "cấu hình của VulnCheck, không đọc", "VulnCheck's own, not read")
        self.records.append(
            replace(
                record,
                title=shape.text(cve, "cisaVulnerabilityName")[:_MOST_TITLE],
                text=_english(shape.mappings(cve, "descriptions")),
                statements=tuple(self._statements(self._nodes_2(cve, pointer), default)),
                scores=tuple(dict.fromkeys(_scores_2(metrics))),
                ssvc=_ssvc(metrics),
                exploited=bool(shape.text(cve, "cisaExploitAdd")),
                urls=_urls(shape.mappings(cve, "references")),
            )
        )

    def _read_override(self, one: Mapping[str, Any], cve: Mapping[str, Any], pointer: str) -> None:
        annotation = shape.mapping(one, "_annotation")
        record = self._record(shape.text(annotation, "cve_id"), "nvd-overrides", "anchore", pointer)
        if record is not None:
            statements = tuple(self._statements(self._nodes_2(cve, pointer), "unaffected"))
            urls = _urls(shape.mappings(cve, "references"))
            self.records.append(replace(record, statements=statements, urls=urls))

    def _read_1(self, item: Mapping[str, Any], pointer: str) -> None:
        cve = shape.mapping(item, "cve")
        record = self._record(shape.text(shape.mapping(cve, "CVE_data_meta"), "ID"), "nvd", "nvd", pointer)
        if record is None:
            return
        text = _english(shape.mappings(shape.mapping(cve, "description"), "description_data"))
        record = replace(
            record,
            revision=moment(shape.text(item, "lastModifiedDate")),
            published=day(shape.text(item, "publishedDate")),
        )
        if text.startswith(("** REJECT **", "Rejected reason:")):
            self.records.append(replace(record, withdrawn=True))
            return
        listed = shape.mapping(item, "configurations").get("nodes")
        nodes = self._nodes_1(listed, f"{pointer}/configurations/nodes", 0)
        self.records.append(
            replace(
                record,
                text=text,
                statements=tuple(self._statements(nodes, "unaffected")),
                scores=tuple(_scores_1(shape.mapping(item, "impact"))),
                urls=_urls(shape.mappings(shape.mapping(cve, "references"), "reference_data")),
            )
        )

    def _nodes_2(self, cve: Mapping[str, Any], pointer: str) -> list[_Node]:
        """Bring each configuration to one form; several without a word between them are alternatives."""
        found: list[_Node] = []
        configurations = cve.get("configurations")
        for at, one in enumerate(configurations if isinstance(configurations, list) else ()):
            place = f"{pointer}/configurations/{at}"
            nodes = one.get("nodes") if isinstance(one, dict) else None
            children = tuple(
                _Node(
                    shape.text(node, "operator").upper() == "AND",
                    node.get("negate") is True,
                    tuple(self._matches(node.get("cpeMatch"), "criteria", f"{place}/nodes/{number}/cpeMatch")),
                    (),
                    f"{place}/nodes/{number}",
                )
                for number, node in enumerate(nodes if isinstance(nodes, list) else ())
                if isinstance(node, dict)
            )
            if children:
                together = shape.text(one, "operator").upper() == "AND"
                found.append(_Node(together, one.get("negate") is True, (), children, place))
        return found

    def _nodes_1(self, listed: object, pointer: str, depth: int) -> list[_Node]:
        if depth > _DEEPEST:
            self._tell(pointer, "lồng quá sâu", "nested too deeply")
            return []
        return [
            _Node(
                shape.text(node, "operator").upper() == "AND",
                node.get("negate") is True,
                tuple(self._matches(node.get("cpe_match"), "cpe23Uri", f"{pointer}/{at}/cpe_match")),
                tuple(self._nodes_1(node.get("children"), f"{pointer}/{at}/children", depth + 1)),
                f"{pointer}/{at}",
            )
            for at, node in enumerate(listed if isinstance(listed, list) else ())
            if isinstance(node, dict)
        ]

    def _matches(self, listed: object, key: str, pointer: str) -> Iterator[_Match]:
        for at, one in enumerate(listed if isinstance(listed, list) else ()):
            if not isinstance(one, dict):
                continue
            written = shape.text(one, key) or shape.text(one, "cpe22Uri")
            criteria = formatted(written)
            fields = split_cpe(criteria)
            if len(fields) != 11:
                self._tell(f"{pointer}/{at}", f"không phải tên CPE: {written[:100]}", "no CPE name")
                continue
            vulnerable = one.get("vulnerable") is not False
            span, has_range = self._span(one, fields, "affected" if vulnerable else "unaffected", f"{pointer}/{at}")
            yield _Match(criteria, fields, vulnerable, span, has_range, f"{pointer}/{at}")

    def _span(self, one: Mapping[str, Any], fields: tuple[str, ...], status: Status, pointer: str) -> tuple[Span, bool]:
        """Read the versions that a line means; of a range, the version inside the CPE says nothing."""
        low_in, low_out = shape.text(one, "versionStartIncluding"), shape.text(one, "versionStartExcluding")
        high_in, high_out = shape.text(one, "versionEndIncluding"), shape.text(one, "versionEndExcluding")
        if (low_in and low_out) or (high_in and high_out):
            self._tell(pointer, "hai đầu khoảng cùng một phía", "two ends on one side")
            words = f"{low_in} {low_out} - {high_in} {high_out}".strip()
            return Span(status, prose=words[:300]), True
        low, high = (low_in or low_out).strip(), (high_in or high_out).strip()
        if low or high:
            return Span(status, low, high, not low_out, bool(high_in)), True
        return _exact(fields[3], fields[4], status), False

    def _statements(self, nodes: list[_Node], default: Status) -> Iterator[Statement]:
        """Give a statement a product, and apart for each set of products that have to be there too."""
        groups: dict[tuple[object, ...], _Group] = {}
        for parts, negated in self._alternatives(nodes):
            if len(parts) > 2:
                pointer = parts[0][0].pointer
                self._tell(
                    pointer, f"cần cùng lúc {len(parts)} thứ, chỉ giữ hai", "of things required together, two are kept"
                )
            required = self._required(parts)
            for at, part in enumerate(parts):
                requires = next((cpes for place, cpes in required if place != at), ())
                for match in part:
                    if len(parts) > 1 and not match.vulnerable:
                        continue  # it is what the others of its configuration require
                    fields = match.fields
                    key = (*fields[:3], *fields[5:], requires)
                    group = groups.setdefault(key, _Group(match, requires))
                    group.cpes[match.criteria] = None
                    span = Span("affected", prose=_words(match.span, negated=True)) if negated else match.span
                    group.spans[span] = None
        for group in groups.values():
            if unescaped(group.first.fields[1]) == unescaped(group.first.fields[2]) == "null":
                self._tell(group.first.pointer, "không nói sản phẩm nào", "names no product")
                continue
            yield _statement(group, default)

    def _alternatives(self, nodes: list[_Node]) -> Iterator[tuple[list[tuple[_Match, ...]], bool]]:
        """Give each alternative as parts that have to be there together, and whether a "not" is somewhere in it."""
        for node in nodes:
            negated = _has_not(node)
            if negated:
                self._tell(node.pointer, "phép phủ định trong cấu hình", "a configuration with a negation")
            if any(below.together for child in node.children for below in child.children):
                self._tell(node.pointer, "điều kiện lồng nhiều tầng được gộp lại", "nested conditions are read as one")
            if node.together:
                parts = [part for child in node.children for part in _parts(child)]
                yield [*parts, *((match,) for match in node.matches)], negated
                continue
            if node.matches:
                yield [node.matches], negated
            for child in node.children:
                yield _parts(child), negated

    def _required(self, parts: list[tuple[_Match, ...]]) -> list[tuple[int, tuple[str, ...]]]:
        """Choose the part that the others require, and the one that it requires itself: (which part, its CPE names).

        First of all comes a part that is only there to be required, and of these one that lists of software show.
        """
        if len(parts) < 2:
            return []
        ranked = sorted(
            range(len(parts)),
            key=lambda at: (
                any(match.vulnerable for match in parts[at]),
                all(match.fields[0] == "h" for match in parts[at]),
            ),
        )
        for match in parts[ranked[0]]:
            if match.has_range and not match.vulnerable:
                self._tell(match.pointer, "khoảng phiên bản của thứ được đòi hỏi không giữ", "a required range is lost")
        return [(at, tuple(dict.fromkeys(match.criteria for match in parts[at]))) for at in ranked[:2]]


def _parts(node: _Node) -> list[tuple[_Match, ...]]:
    """Give a node as parts that have to be there together; what is below it counts as one part."""
    below = tuple(match for child in node.children for part in _parts(child) for match in part)
    if node.together:
        return [*((match,) for match in node.matches), *([below] if below else [])]
    matches = (*node.matches, *below)
    return [matches] if matches else []


def _has_not(node: _Node) -> bool:
    return node.negated or any(_has_not(child) for child in node.children)


def _statement(group: _Group, default: Status) -> Statement:
    fields = group.first.fields
    spans = tuple(group.spans)
    decided = all(not span.prose for span in spans) and any(span.status == "affected" for span in spans)
    limits = [fields[8]] if fields[8].lower() in _SYSTEMS else []
    limits += [fields[9]] if fields[9] not in ("*", "-") else []
    return Statement(
        vendor=unescaped(fields[1]),
        product=unescaped(fields[2]),
        cpes=tuple(group.cpes),
        default=default if decided else "unknown",
        spans=spans,
        platforms=tuple(unescaped(limit) for limit in limits),
        requires=group.requires,
        place=group.first.pointer,
    )


def _exact(version: str, update: str, status: Status) -> Span:
    """Read the version and update inside a CPE: "*" is any, "-" says that there are none."""
    has_update = update not in ("*", "-")
    if version == "*" and not has_update:
        return Span(status)
    if version in ("*", "-"):
        return Span(status, prose=f"{version} {unescaped(update)}" if has_update else version)
    text = f"{unescaped(version)} {unescaped(update)}" if has_update else unescaped(version)
    if "*" in version.replace("\\*", "") or "?" in version.replace("\\?", ""):
        return Span(status, prose=text)
    return Span(status, text, text, high_in=True)


def _words(span: Span, *, negated: bool) -> str:
    """Word a span that a negation makes undecidable."""
    if span.prose:
        return span.prose
    words = span.low if span.low and span.low == span.high else f"{span.low or '*'} - {span.high or '*'}"
    return f"{words} (with a negated condition)" if negated else words


def _english(descriptions: list[Mapping[str, Any]]) -> str:
    chosen = [one for one in descriptions if shape.text(one, "lang").lower().startswith("en")] or descriptions
    return " ".join(shape.text(chosen[0], "value").split())[:_MOST_TEXT] if chosen else ""


def _urls(references: list[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(url for one in references if (url := shape.text(one, "url"))))[:_MOST_URLS]


def _scores_2(metrics: Mapping[str, Any]) -> Iterator[Score]:
    for key in ("cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2"):
        for metric in shape.mappings(metrics, key):
            source = shape.text(metric, "source")
            giver = _GIVERS.get(source) or (short_name(source.rpartition("@")[2]) if "@" in source else source)
            yield from _score(shape.mapping(metric, "cvssData"), giver)


def _scores_1(impact: Mapping[str, Any]) -> Iterator[Score]:
    yield from _score(shape.mapping(shape.mapping(impact, "baseMetricV3"), "cvssV3"), "nvd")
    yield from _score(shape.mapping(shape.mapping(impact, "baseMetricV2"), "cvssV2"), "nvd")


def _score(cvss: Mapping[str, Any], giver: str) -> Iterator[Score]:
    base, version = shape.number(cvss, "baseScore"), shape.text(cvss, "version")
    if base is not None and 0 <= base <= 10 and version in ("2.0", "3.0", "3.1", "4.0"):
        yield Score(version, base, shape.text(cvss, "vectorString")[:200], giver)


def _ssvc(metrics: Mapping[str, Any]) -> Ssvc | None:
    for metric in shape.mappings(metrics, "ssvcV203"):
        told_points = shape.mapping(metric, "ssvcData")
        points = {
            key.lower().replace("_", " "): str(value).lower()
            for option in shape.mappings(told_points, "options")
            for key, value in option.items()
        }
        if points:
            impact = points.get("technical impact", points.get("technicalimpact", ""))
            when = day(shape.text(told_points, "timestamp"))
            return Ssvc(points.get("exploitation", ""), points.get("automatable", ""), impact, when)
    return None
