"""OSV: the records of package ecosystems' databases, as JSON and as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from haidang.engine.advisories import json_shape as shape
from haidang.engine.advisories.cvss import base_score
from haidang.engine.advisories.identifiers import bare_purl, encoded, is_cve, only_cve
from haidang.engine.advisories.json_parcel import Piece, misshapen, pieces, told
from haidang.engine.advisories.record import ECOSYSTEM, Bulletin, Record, Score, Span, Statement
from haidang.engine.advisories.stamps import day, moment
from haidang.engine.advisories.versions import interval, scheme_name
from haidang.engine.advisories.yaml_parcel import yaml_pieces
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread

ORDER = 50
FORM = "OSV"

_TABLE = "osv"
_MOST_TEXT = 4_000
_MOST_TITLE = 300
_MOST_URLS = 30
_RANGE = {"type": str, "repo": str, "events": [{"introduced": str, "fixed": str, "last_affected": str, "limit": str}]}
_SEVERITY = [{"type": str, "score": str}]
# SOURCE FIELDS: https://ossf.github.io/osv-schema/
_SHAPE: dict[str, Any] = {
    "id": str,
    "modified": str,
    "published": str,
    "withdrawn": str,
    "aliases": [str],
    "upstream": [str],
    "summary": str,
    "details": str,
    "severity": _SEVERITY,
    "affected": [
        {
            "package": {"ecosystem": str, "name": str, "purl": str},
            "severity": _SEVERITY,
            "ranges": [_RANGE],
            "versions": [str],
        }
    ],
    "references": [{"url": str}],
}
# Ecosystem → how its versions compare, the type of its package URLs, and their namespace where the name has none.
_ECOSYSTEMS: Mapping[str, tuple[str, str, str]] = {
    "AlmaLinux": ("rpm", "rpm", "almalinux"),
    "Alpaquita": ("apk", "apk", "alpaquita"),
    "Alpine": ("apk", "apk", "alpine"),
    "Bitnami": ("semver", "bitnami", ""),
    "Chainguard": ("apk", "apk", "chainguard"),
    "CRAN": ("", "cran", ""),
    "Debian": ("deb", "deb", "debian"),
    "GitHub Actions": ("semver", "github", ""),
    "Go": ("go", "golang", ""),
    "Hackage": ("", "hackage", ""),
    "Hex": ("semver", "hex", ""),
    "Mageia": ("rpm", "rpm", "mageia"),
    "Maven": ("maven", "maven", ""),
    "MinimOS": ("apk", "apk", "minimos"),
    "npm": ("npm", "npm", ""),
    "NuGet": ("nuget", "nuget", ""),
    "openEuler": ("rpm", "rpm", "openeuler"),
    "openSUSE": ("rpm", "rpm", "opensuse"),
    "Packagist": ("packagist", "composer", ""),
    "Photon OS": ("rpm", "rpm", "photon"),
    "Pub": ("semver", "pub", ""),
    "PyPI": ("pypi", "pypi", ""),
    "Red Hat": ("rpm", "rpm", "redhat"),
    "Rocky Linux": ("rpm", "rpm", "rocky-linux"),
    "RubyGems": ("rubygems", "gem", ""),
    "SUSE": ("rpm", "rpm", "suse"),
    "SwiftURL": ("semver", "swift", ""),
    "Ubuntu": ("deb", "deb", "ubuntu"),
    "Wolfi": ("apk", "apk", "wolfi"),
    "crates.io": ("semver", "cargo", ""),
}
# How a database's ids begin → its short name.
_PUBLISHERS: Mapping[str, str] = {
    "A": "android",
    "ALBA": "almalinux",
    "ALEA": "almalinux",
    "ALPINE": "alpine",
    "ALSA": "almalinux",
    "ASB": "android",
    "BIT": "bitnami",
    "CGA": "chainguard",
    "CVE": "osv",
    "DEBIAN": "debian",
    "DLA": "debian",
    "DSA": "debian",
    "DTSA": "debian",
    "GHSA": "github",
    "GO": "golang",
    "GSD": "gsd",
    "HSEC": "haskell",
    "MAL": "openssf",
    "MGASA": "mageia",
    "OESA": "openeuler",
    "OPENSUSE": "opensuse",
    "PUB": "android",
    "PYSEC": "pypa",
    "RHBA": "redhat",
    "RHEA": "redhat",
    "RHSA": "redhat",
    "RLSA": "rocky",
    "RUSTSEC": "rustsec",
    "RXSA": "rocky",
    "SUSE": "suse",
    "UBUNTU": "ubuntu",
    "USN": "ubuntu",
}
_YAML = (
    re.compile(rb"^id:\s*\S", re.MULTILINE),
    re.compile(rb"^modified:\s*\S", re.MULTILINE),
    re.compile(rb"^(?:affected|details|summary|schema_version|withdrawn):", re.MULTILINE),
)
# A record with more ranges lists its versions for no one; they are then kept one by one.
_MOST_SPANS_COMPARED = 100
_EVENTS = ("introduced", "fixed", "last_affected", "limit")
_CVE_AT_END = re.compile(r"CVE-\d{4}-\d{4,19}$", re.ASCII)
_HEAD_BYTES = 1_000  # where a scanner's report, which holds such records, says so
_FOREIGN = (b'"CVE_RECORD"', b'"cveMetadata"', b'"vulnStatus"', b'"bomFormat"', b'"csaf_version"')


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001
    """Look for the keys that every record has."""
    head = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if head in (b"{", b"["):
        if any(mark in data for mark in _FOREIGN) or b'"results"' in data[:_HEAD_BYTES]:
            return False
        named = b'"id"' in data and b'"modified"' in data
        return named and (b'"affected"' in data or b'"schema_version"' in data or b'"withdrawn"' in data)
    return head != b"<" and all(pattern.search(data) for pattern in _YAML)


def read(data: bytes, name: str) -> Bulletin:
    """Read one record, a list of records, or a record a line.

    Raises:
        UnreadableParcel: neither JSON nor YAML, or without a record that can be read.
    """
    reading = _Reading(name)
    is_json = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    for piece in pieces(data, name, reading.unread, _TABLE) if is_json else yaml_pieces(data, name):
        reading.take(piece)
    if not reading.records:
        raise UnreadableParcel(f"{name} holds no OSV record that can be read")
    notes = {"CVSS 4.0 vectors, of which no score is made": str(reading.unscored)} if reading.unscored else {}
    return Bulletin(FORM, tuple(reading.records), unread=tuple(reading.unread), notes=notes)


class _Reading:
    """Reads the records of one file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.records: list[Record] = []
        self.unread: list[Unread] = []
        self.unscored = 0

    def take(self, piece: Piece) -> None:
        content = piece.content
        own = shape.text(content, "id").strip()
        if not own or not ({"affected", "modified", "withdrawn", "schema_version"} & content.keys()):
            self._tell(piece, piece.pointer, "không phải bản ghi OSV", "no OSV record")
            return
        self.unread += misshapen(piece, _SHAPE, self.name, _TABLE)
        publisher = _PUBLISHERS.get(own.split("-", 1)[0].upper(), own.split("-", 1)[0].lower())
        aliases = shape.texts(content, "aliases")
        flaw = _flaw(own, aliases, shape.texts(content, "upstream"))
        record = Record(
            flaw=flaw,
            document=f"osv/{own}",
            publisher=publisher,
            rank=ECOSYSTEM,
            revision=moment(shape.text(content, "modified")),
            published=day(shape.text(content, "published")),
            aliases=tuple(
                dict.fromkeys(one for one in [own, *aliases, *shape.texts(content, "upstream")] if one and one != flaw)
            ),
            file=self.name,
            place=piece.pointer or "/",
        )
        if shape.text(content, "withdrawn"):
            self.records.append(replace(record, withdrawn=True))
            return
        affected = content.get("affected")
        statements = [
            statement
            for place, entry in enumerate(affected if isinstance(affected, list) else ())
            if isinstance(entry, dict)
            for statement in self._statements(entry, piece, f"{piece.pointer}/affected/{place}")
        ]
        self.records.append(
            replace(
                record,
                title=" ".join(shape.text(content, "summary").split())[:_MOST_TITLE],
                text=shape.text(content, "details").strip()[:_MOST_TEXT],
                statements=tuple(statements),
                scores=tuple(dict.fromkeys(self._scores(content, publisher))),
                urls=tuple(url for one in shape.mappings(content, "references") if (url := shape.text(one, "url")))[
                    :_MOST_URLS
                ],
            )
        )

    def _tell(self, piece: Piece, pointer: str, vietnamese: str, english: str) -> None:
        self.unread.append(Unread(Source(self.name, piece.line), told(pointer, vietnamese, english), _TABLE))

    def _scores(self, content: Mapping[str, Any], giver: str) -> Iterator[Score]:
        for holder in [content, *shape.mappings(content, "affected")]:
            for severity in shape.mappings(holder, "severity"):
                vector = shape.text(severity, "score").strip()
                scored = base_score(vector)
                if scored:
                    yield Score(scored[0], scored[1], vector[:200], giver)
                elif vector.startswith("CVSS:4"):
                    self.unscored += 1

    def _statements(self, entry: Mapping[str, Any], piece: Piece, place: str) -> Iterator[Statement]:
        """Give what is said of one package; commits, which have no order, stand in a statement of their own."""
        package = shape.mapping(entry, "package")
        ecosystem, name = shape.text(package, "ecosystem").strip(), shape.text(package, "name").strip()
        base, _, release = ecosystem.partition(":")
        scheme = _ECOSYSTEMS.get(base, ("", "", ""))[0]
        whole = Statement(
            product=name,
            purls=_purls(package, base, name),
            default="unaffected",
            platforms=(ecosystem,) if release else (),
            place=place,
        )
        if base == "Go":
            whole = _within_go(whole, shape.mapping(entry, "ecosystem_specific"))
        ranges = self._ranges(entry, "ranges", piece, place)
        spans = [span for kind, _, found in ranges if kind != "GIT" for span in self._spans(found, scheme, piece)]
        if not scheme and any(kind == "SEMVER" for kind, _, _ in ranges):
            scheme = "semver"
        spans += _exact(shape.texts(entry, "versions"), spans, scheme)
        custom = self._ranges(shape.mapping(entry, "ecosystem_specific"), "custom_ranges", piece, place)
        if custom and base == "Go" and all(not span.high for span in spans):
            # The database could not say the product's own versions as a module's: its open range means "see these".
            scheme, spans = "custom", [span for _, _, found in custom for span in self._spans(found, scheme, piece)]
        commits = [(repository, found) for kind, repository, found in ranges if kind == "GIT"]
        if not name and commits:
            whole = replace(whole, product=commits[0][0])  # a record on a repository, of no ecosystem
        if spans or not commits:
            decided = bool(spans) and not any(span.prose for span in spans)
            yield replace(whole, scheme=scheme, spans=tuple(spans), default="unaffected" if decided else "unknown")
        if not spans and not commits:
            self._tell(piece, place, "không nói phiên bản nào", "says nothing about versions")
        yield from _commits(whole, commits)

    def _ranges(
        self, holder: Mapping[str, Any], key: str, piece: Piece, place: str
    ) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
        """Give (type, repository, events) of each range, an event being (what, version, where)."""
        found = []
        listed = holder.get(key)
        for at, one in enumerate(listed if isinstance(listed, list) else ()):
            pointer = f"{place}/{key}/{at}"
            events = [
                (what, version.strip(), f"{pointer}/events")
                for event in shape.mappings(one, "events")
                for what in _EVENTS
                if (version := shape.text(event, what)).strip()
            ]
            if events:
                found.append((shape.text(one, "type").upper(), shape.text(one, "repo"), events))
            elif isinstance(one, dict):
                self._tell(piece, pointer, "khoảng không có sự kiện nào", "a range without events")
        return found

    def _spans(self, events: list[tuple[str, str, str]], scheme: str, piece: Piece) -> list[Span]:
        spans = _pair(events) or _pair(_in_order(events, scheme))
        if spans is None:
            words = ", ".join(f"{what} {version}" for what, version, _ in events)
            self._tell(piece, events[0][2], "không xếp được thứ tự các sự kiện", "events that make no ranges")
            return [Span("affected", prose=words[:300])]
        return spans


def _flaw(own: str, aliases: list[str], upstream: list[str]) -> str:
    """Give the CVE id that the record is about where there is exactly one, else the record's own id."""
    if is_cve(own):
        return own
    found = _CVE_AT_END.search(own)
    return only_cve(aliases) or (found[0] if found else "") or only_cve(upstream) or own


def _within_go(whole: Statement, specific: Mapping[str, Any]) -> Statement:
    """Keep the packages of a Go module, and the systems where all of them are limited to some."""
    imports = shape.mappings(specific, "imports")
    paths = dict.fromkeys(path for one in imports if (path := shape.text(one, "path")))
    systems = [shape.texts(one, "goos") for one in imports]
    limited = dict.fromkeys(one for listed in systems for one in listed) if all(systems) else {}
    return replace(whole, modules=tuple(paths), platforms=tuple(limited))


def _purls(package: Mapping[str, Any], base: str, name: str) -> tuple[str, ...]:
    given = bare_purl(shape.text(package, "purl"))
    if given or not name or base not in _ECOSYSTEMS:
        return (given,) if given else ()
    _, kind, namespace = _ECOSYSTEMS[base]
    if kind == "pypi":
        name = re.sub(r"[-_.]+", "-", name).lower()
    elif kind == "maven":
        name = name.replace(":", "/")
    elif kind == "swift":
        name = re.sub(r"^[a-z]+://|\.git$", "", name)
    return (f"pkg:{kind}/{namespace}{'/' if namespace else ''}{encoded(name)}",)


def _pair(events: Iterable[tuple[str, str, str]] | None) -> list[Span] | None:
    """Pair events, in their order, into spans; None when they are not one beginning and one end in turn."""
    if events is None:
        return None
    spans: list[Span] = []
    low: str | None = None
    limit = ""
    for what, version, _ in events:
        if what == "limit":
            limit = version if version != "*" else ""
        elif what == "introduced":
            if low is not None:
                return None
            low = "" if version == "0" else version
        else:
            if low is None:
                return None
            spans.append(Span("affected", low, version, high_in=what == "last_affected"))
            low = None
    if low is not None:
        spans.append(Span("affected", low, limit))
    return spans


def _in_order(events: list[tuple[str, str, str]], scheme: str) -> list[tuple[str, str, str]] | None:
    """Sort events by version and leave out those that change nothing; None where a version can't be compared."""
    name = scheme_name(scheme)
    keyed = []
    for event in events:
        if event[0] == "limit":
            continue
        read = None if event[1] == "0" else interval(name, event[1])
        if read is None and event[1] != "0":
            return None
        # Where a version begins; one that is "last affected" still holds there.
        keyed.append((read.low if read else b"", event[0] == "last_affected", event))
    keyed.sort(key=lambda one: one[:2])
    kept: list[tuple[str, str, str]] = []
    is_open = False
    for _, _, event in keyed:
        if (event[0] == "introduced") != is_open:
            kept.append(event)
            is_open = not is_open
    return [*kept, *(event for event in events if event[0] == "limit")]


def _exact(versions: list[str], spans: list[Span], scheme: str) -> list[Span]:
    """Turn the versions that are listed and that no span is sure to hold into spans of one version each."""
    name = scheme_name(scheme)
    bounds = []
    for span in spans if len(spans) <= _MOST_SPANS_COMPARED else ():
        low = interval(name, span.low) if span.low else None
        high = interval(name, span.high) if span.high else None
        if (low or not span.low) and (high or not span.high) and not span.prose:
            top = (high.high if span.high_in else high.low) if high else None
            bounds.append((low.low if low else b"", top))
    found: list[Span] = []
    for version in dict.fromkeys(one.strip() for one in versions if one.strip()):
        read = interval(name, version) if bounds else None
        if read is None and bounds:
            continue  # the ecosystem itself can't install it, and the ranges speak of all that it can
        if read is None or not any(low <= read.low and (top is None or read.high <= top) for low, top in bounds):
            found.append(Span("affected", version, version, high_in=True))
    return found


def _commits(whole: Statement, ranges: list[tuple[str, list[tuple[str, str, str]]]]) -> Iterator[Statement]:
    """Give a statement on commits: each end that a branch has makes a span of its own, since they have no order."""
    spans: list[Span] = []
    for _, events in ranges:
        begun = ["" if version == "0" else version for what, version, _ in events if what == "introduced"] or [""]
        ends = [(version, what) for what, version, _ in events if what in ("fixed", "last_affected", "limit")]
        paired = _pair(events)
        if paired is None:
            paired = [Span("affected", begun[0], end, high_in=what == "last_affected") for end, what in ends]
            paired += [Span("affected", low) for low in begun[1:]]
        spans += paired
    if spans:
        yield replace(whole, spans=tuple(dict.fromkeys(spans)), scheme="git", default="unknown")
