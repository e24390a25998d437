"""CVRF 1.1 and 1.2: security advisories in XML, before CSAF (Cisco, Red Hat, Fortinet); not Microsoft's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from haidang.engine.advisories.record import Bulletin
from haidang.engine.advisories.security_advisory import Origin, read_records
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread

ORDER = 35
FORM = "CVRF"

_TABLE = "cvrf"
_HEAD_BYTES = 20_000
# No advisory nests so deeply; a document that does is made to hurt.
_DEEPEST = 100
_CHUNK_BYTES = 1 << 16
_SCHEMA = re.compile(rb"/(?:CVRF/schema/cvrf/|csaf-cvrf/v)(1\.[12])")


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001
    """Look for the root element; Microsoft's documents have a reader of their own."""
    head = data[:_HEAD_BYTES]
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or b"cvrfdoc" not in head:
        return False
    return not (b"icasi.org/CVRF" in head and b"secure@microsoft.com" in head)


def read(data: bytes, name: str) -> Bulletin:
    """Read one document, flaw by flaw.

    Raises:
        UnreadableParcel: no sound XML, with entities or a document type, nested too deeply, or no CVRF document.
    """
    root = _parse(data, name)
    if root.tag != "cvrfdoc":
        raise UnreadableParcel(f"{name} is XML but no CVRF document")
    unread: list[Unread] = []
    shaping = _Shaping()
    advisory = shaping.advisory(root)
    if not advisory["document"]["tracking"]["id"]:
        raise UnreadableParcel(f"{name} is a CVRF document without an identification")

    def tell(pointer: str, vietnamese: str, english: str) -> None:
        unread.append(Unread(Source(name, shaping.line(pointer)), f"{vietnamese} / {english}", _TABLE))

    origin = Origin(name, "cvrf", "", tell, lambda pointer: f"line {shaping.line(pointer)}")
    records = read_records(advisory, origin)
    found = _SCHEMA.search(data[:_HEAD_BYTES])
    notes = {"schema": f"CVRF {found[1].decode()}"} if found else {}
    return Bulletin(FORM, tuple(records), unread=tuple(unread), notes=notes)


class _Element:
    """An element without its namespace, with the line on which it begins."""

    __slots__ = ("attributes", "children", "line", "tag", "words")

    def __init__(self, tag: str, attributes: dict[str, str], line: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.line = line
        self.children: list[_Element] = []
        self.words: list[str] = []

    def text(self, *path: str) -> str:
        """Give the text of the first element down a path of names."""
        found: _Element | None = self
        for name in path:
            found = next(found.all(name), None) if found else None
        return "".join(found.words).strip() if found else ""

    def all(self, *path: str) -> Iterator[_Element]:
        """Give the elements at the end of a path of names."""
        for child in self.children:
            if child.tag == path[0]:
                if len(path) == 1:
                    yield child
                else:
                    yield from child.all(*path[1:])

    def get(self, attribute: str) -> str:
        return self.attributes.get(attribute, "")


class _Builder:
    """Builds elements as the parser meets them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parser: Any = None
        self.open: list[_Element] = []
        self.root = _Element("", {}, 1)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.open) == _DEEPEST:
            raise UnreadableParcel(f"{self.name} is nested more than {_DEEPEST} deep")
        element = _Element(tag.rpartition("}")[2], attributes, self.parser.CurrentLineNumber)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def data(self, words: str) -> None:
        if self.open:
            self.open[-1].words.append(words)

    def end(self, tag: str) -> None:  # noqa: ARG002
        self.open.pop()

    def close(self) -> _Element:
        return self.root


def _parse(data: bytes, name: str) -> _Element:
    builder = _Builder(name)
    parser = XMLParser(target=builder, forbid_dtd=True)
    builder.parser = parser.parser
    try:
        for at in range(0, len(data), _CHUNK_BYTES):
            parser.feed(data[at : at + _CHUNK_BYTES])
        parser.close()
    except ParseError as error:
        raise UnreadableParcel(f"{name} is no sound XML: {error}") from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableParcel(f"{name} holds entities, a document type or an unknown encoding") from error
    return builder.root


def _snake(words: str) -> str:
    return "_".join(words.lower().split())


class _Shaping:
    """Brings a document to the shape of CSAF, and remembers on which line each part stands."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {"": 1}

    def line(self, pointer: str) -> int:
        """Give the line of a place, or of what it is in."""
        while pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines[pointer]

    def advisory(self, root: _Element) -> dict[str, Any]:
        tree = next(root.all("ProductTree"), _Element("ProductTree", {}, 1))
        self.lines["/product_tree"] = tree.line
        return {
            "document": _document(root),
            "product_tree": self._tree(tree),
            "vulnerabilities": [
                self._flaw(one, f"/vulnerabilities/{at}") for at, one in enumerate(root.all("Vulnerability"))
            ],
        }

    def _tree(self, tree: _Element) -> dict[str, Any]:
        relationships = []
        for at, one in enumerate(tree.all("Relationship")):
            self.lines[f"/product_tree/relationships/{at}"] = one.line
            relationships.append(
                {
                    "category": _snake(one.get("RelationType")),
                    "product_reference": one.get("ProductReference"),
                    "relates_to_product_reference": one.get("RelatesToProductReference"),
                    "full_product_name": next((_product(named) for named in one.all("FullProductName")), {}),
                }
            )
        return {
            "branches": self._branches(tree, "/product_tree"),
            "full_product_names": [_product(one) for one in tree.all("FullProductName")],
            "relationships": relationships,
            "product_groups": [
                {"group_id": group.get("GroupID"), "product_ids": _texts(group, "ProductID")}
                for group in tree.all("ProductGroups", "Group")
            ],
        }

    def _branches(self, above: _Element, pointer: str) -> list[dict[str, Any]]:
        """Turn branches into CSAF's: one that holds several products becomes one for each."""
        found: list[dict[str, Any]] = []
        for one in above.all("Branch"):
            place = f"{pointer}/branches/{len(found)}"
            self.lines[place] = one.line
            branch = {"category": _snake(one.get("Type")), "name": one.get("Name")}
            products = [_product(named) for named in one.all("FullProductName")]
            below = self._branches(one, place)
            found.append({**branch, "branches": below, **({"product": products[0]} if products else {})})
            for product in products[1:]:
                self.lines[f"{pointer}/branches/{len(found)}"] = one.line
                found.append({**branch, "product": product})
        return found

    def _flaw(self, flaw: _Element, pointer: str) -> dict[str, Any]:
        self.lines[pointer] = flaw.line
        statuses: dict[str, list[str]] = {}
        for status in flaw.all("ProductStatuses", "Status"):
            key = _snake(status.get("Type"))
            self.lines.setdefault(f"{pointer}/product_status/{key}", status.line)
            for product in status.all("ProductID"):
                ids = statuses.setdefault(key, [])
                self.lines[f"{pointer}/product_status/{key}/{len(ids)}"] = product.line
                ids.append(product.text())
        return {
            "cve": flaw.text("CVE"),
            "ids": [{"text": one.text()} for one in flaw.all("ID")],
            "title": flaw.text("Title"),
            "release_date": flaw.text("ReleaseDate"),
            "notes": _notes(flaw, "Notes"),
            "references": [{"url": one.text("URL")} for one in flaw.all("References", "Reference")],
            "product_status": statuses,
            "remediations": [_remediation(one) for one in flaw.all("Remediations", "Remediation")],
            "scores": list(_scores(flaw)),
            "threats": [
                {"category": _snake(one.get("Type")), "details": one.text("Description")}
                for one in flaw.all("Threats", "Threat")
            ],
        }


def _document(root: _Element) -> dict[str, Any]:
    # SOURCE FIELDS: https://docs.oasis-open.org/csaf/csaf-cvrf/v1.2/csaf-cvrf-v1.2.html
    publisher = next(root.all("DocumentPublisher"), _Element("DocumentPublisher", {}, 1))
    tracking = next(root.all("DocumentTracking"), _Element("DocumentTracking", {}, 1))
    return {
        "category": root.text("DocumentType"),
        "title": root.text("DocumentTitle"),
        "publisher": {
            "category": publisher.get("Type").lower(),
            "name": publisher.text("IssuingAuthority").partition(".")[0][:60],
            "contact_details": publisher.text("ContactDetails"),
        },
        "tracking": {
            "id": tracking.text("Identification", "ID"),
            "status": tracking.text("Status").lower(),
            "current_release_date": tracking.text("CurrentReleaseDate"),
            "initial_release_date": tracking.text("InitialReleaseDate"),
        },
        "notes": _notes(root, "DocumentNotes"),
        "references": [{"url": one.text("URL")} for one in root.all("DocumentReferences", "Reference")],
    }


def _product(named: _Element) -> dict[str, Any]:
    return {
        "name": named.text(),
        "product_id": named.get("ProductID"),
        "product_identification_helper": {"cpe": named.get("CPE")},
    }


def _texts(holder: _Element, tag: str) -> list[str]:
    return [one.text() for one in holder.all(tag)]


def _notes(holder: _Element, tag: str) -> list[dict[str, str]]:
    return [{"category": _snake(note.get("Type")), "text": note.text()} for note in holder.all(tag, "Note")]


def _remediation(one: _Element) -> dict[str, Any]:
    kind = _snake(one.get("Type"))
    named = {"product_ids": _texts(one, "ProductID"), "group_ids": _texts(one, "GroupID")}
    return {
        "category": "no_fix_planned" if kind == "will_not_fix" else kind,
        "details": one.text("Description"),
        "url": one.text("URL"),
        **{key: ids for key, ids in named.items() if ids},
    }


def _scores(flaw: _Element) -> Iterator[dict[str, Any]]:
    """Give the score sets; 1.1 has no V3 and calls those of version 2 just ScoreSet, later also for version 3."""
    for tag, ending in (("ScoreSetV3", "V3"), ("ScoreSetV2", "V2"), ("ScoreSet", "")):
        for one in flaw.all("CVSSScoreSets", tag):
            vector = one.text(f"Vector{ending}") or one.text("Vector")
            found = re.match(r"CVSS:(3\.[01])/", vector)
            version = found[1] if found else "3.0" if ending == "V3" else "2.0"
            cvss = {"version": version, "vectorString": vector}
            try:
                base = float(one.text(f"BaseScore{ending}") or one.text("BaseScore"))
            except ValueError:
                yield {"cvss_v2" if version == "2.0" else "cvss_v3": cvss}
                continue
            yield {"cvss_v2" if version == "2.0" else "cvss_v3": {**cvss, "baseScore": base}}
