"""SPDX documents: 2.x as JSON and as tag-value, 3.0 as JSON-LD."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from haidang.engine.cpe import formatted
from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import decode, head_of, lines_of
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.json_tree import Json, as_utf8, mapping, mappings, starts_json, words
from haidang.engine.inventory.naming import host_of_file
from haidang.engine.inventory.spelling import something

ORDER = 22

_TAG = re.compile(r"^([A-Z][A-Za-z]{2,40}):[ \t]*(.*)$")
# "Organization: Example Ltd. (mail@example.vn)", "Person: …", "Tool: …"
_PARTY = re.compile(r"^(?:Organization|Person|Tool):\s*(.*?)\s*(?:\(.*\))?$")
_CPE_KINDS = {"cpe23Type", "cpe22Type", "cpe23", "cpe22"}
_PURL_KINDS = {"purl", "packageUrl", "packageURL"}
_SYSTEMS = {"OPERATING-SYSTEM", "OPERATING_SYSTEM", "operatingSystem"}
_VERSION = re.compile(r"^SPDX-2\.\d$")


@dataclass(slots=True)
class _Package:
    id: str
    name: str
    version: str
    vendor: str
    purpose: str
    line: int
    names: list[tuple[str, str]] = field(default_factory=list)
    """kind of outside name, and the name."""


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take JSON with spdxVersion or the context of SPDX 3, and text that begins with the tag SPDXVersion."""
    head = head_of(data)
    if starts_json(head):
        plain = as_utf8(data)
        return b'"spdxVersion"' in plain or (b'"@graph"' in plain and b"spdx.org/rdf/3" in plain)
    return any(line.startswith("SPDXVersion:") for line in lines_of(head)[:60])


def read(data: bytes, name: str) -> Inventory:
    """Read the packages of a document, under the name of what it describes.

    Raises:
        UnreadableParcel: broken, or of a version that is not known.
    """
    if not starts_json(head_of(data)):
        rows = Rows("SPDX tag-value", name)
        _read_tags(rows, decode(data)[0], name)
        return rows.done()
    document = Json(data, name)
    root = document.root if isinstance(document.root, dict) else {}
    if "@graph" in root:
        rows = Rows("SPDX 3 JSON-LD", name)
        _read_graph(rows, document, name)
        return rows.done()
    rows = Rows("SPDX JSON", name)
    _check_version(words(root, "spdxVersion"), name)
    packages = [_of_json(entry, document.line(entry)) for entry in mappings(root, "packages")]
    described = _described(root)
    _write(rows, name, words(root, "name"), packages, described)
    return rows.done()


def _check_version(version: str, name: str) -> None:
    if not _VERSION.match(version):
        raise UnreadableParcel(f"{name} says SPDX version “{version[:40]}”; 2.0 to 2.3 and 3.0 are read")


def _of_json(entry: Mapping[str, Any], line: int) -> _Package:
    package = _Package(
        words(entry, "SPDXID"),
        words(entry, "name"),
        words(entry, "versionInfo"),
        _party(words(entry, "supplier")) or _party(words(entry, "originator")),
        words(entry, "primaryPackagePurpose"),
        line,
    )
    for reference in mappings(entry, "externalRefs"):
        package.names.append((words(reference, "referenceType"), words(reference, "referenceLocator")))
    return package


def _described(root: Mapping[str, Any]) -> set[str]:
    listed = root.get("documentDescribes")
    found = {entry for entry in listed if isinstance(entry, str)} if isinstance(listed, list) else set()
    for relation in mappings(root, "relationships"):
        if words(relation, "relationshipType") == "DESCRIBES":
            found.add(words(relation, "relatedSpdxElement"))
    return found


def _party(text: str) -> str:
    found = _PARTY.match(text)
    return (something(found[1]) or "") if found else (something(text) or "")


def _read_tags(rows: Rows, text: str, name: str) -> None:
    document, described = "", set()
    packages: list[_Package] = []
    current: _Package | None = None
    for number, tag, value in _tags(text):
        if tag == "SPDXVersion":
            _check_version(value, name)
        elif tag == "DocumentName":
            document = value
        elif tag == "PackageName":
            current = _Package("", value, "", "", "", number)
            packages.append(current)
        elif tag in ("FileName", "SnippetSPDXID", "LicenseID"):
            current = None
        elif tag == "Relationship" and (found := re.match(r"\S+ DESCRIBES (\S+)", value)):
            described.add(found[1])
        elif current is not None:
            _take_tag(current, tag, value)
    _write(rows, name, document, packages, described)


def _tags(text: str) -> Iterator[tuple[int, str, str]]:
    """Give (line, tag, value); what stands between <text> and </text> belongs to the tag before it."""
    inside = False
    for number, line in enumerate(lines_of(text), 1):
        if inside:
            inside = "</text>" not in line
            continue
        found = _TAG.match(line[:5_000])
        if found:
            inside = "<text>" in found[2] and "</text>" not in found[2]
            yield number, found[1], found[2].strip()


def _take_tag(package: _Package, tag: str, value: str) -> None:
    if tag == "SPDXID":
        package.id = package.id or value
    elif tag == "PackageVersion":
        package.version = value
    elif tag == "PackageSupplier" or (tag == "PackageOriginator" and not package.vendor):
        package.vendor = _party(value)
    elif tag == "PrimaryPackagePurpose":
        package.purpose = value
    elif tag == "ExternalRef":
        # ExternalRef: SECURITY cpe23Type cpe:2.3:a:…
        parts = value.split(None, 2)
        if len(parts) == 3:
            package.names.append((parts[1], parts[2].strip()))


def _read_graph(rows: Rows, document: Json, name: str) -> None:
    graph = mappings(document.root, "@graph")
    agents = {words(entry, "spdxId"): words(entry, "name") for entry in graph}
    packages: list[_Package] = []
    title, described = "", set()
    for entry in graph:
        kind = words(entry, "type") or words(entry, "@type")
        if kind == "SpdxDocument":
            title = title or words(entry, "name")
        if kind in ("SpdxDocument", "software_Sbom"):
            roots = entry.get("rootElement")
            described |= {root for root in roots if isinstance(root, str)} if isinstance(roots, list) else set()
        if kind.endswith(("software_Package", "ai_AIPackage", "dataset_DatasetPackage")):
            packages.append(_of_graph(entry, agents, document.line(entry)))
    _write(rows, name, title, packages, described)


def _of_graph(entry: Mapping[str, Any], agents: Mapping[str, str], line: int) -> _Package:
    supplier = entry.get("suppliedBy")
    who = agents.get(supplier, "") if isinstance(supplier, str) else words(mapping(entry, "suppliedBy"), "name")
    version = words(entry, "software_packageVersion") or words(entry, "packageVersion")
    package = _Package(
        words(entry, "spdxId"), words(entry, "name"), version, who, words(entry, "software_primaryPurpose"), line
    )
    if purl := words(entry, "software_packageUrl"):
        package.names.append(("purl", purl))
    for outside in mappings(entry, "externalIdentifier"):
        package.names.append((words(outside, "externalIdentifierType"), words(outside, "identifier")))
    return package


def _write(rows: Rows, name: str, title: str, packages: list[_Package], described: set[str]) -> None:
    main = next((package for package in packages if package.id in described and package.name), None)
    host = (main.name if main else "") or title
    if not host:
        host = host_of_file(name)
        rows.lack(host, "no_hostname", asking.NO_HOSTNAME)
    system = next((package for package in packages if package.purpose in _SYSTEMS), None)
    rows.host(
        host,
        line=main.line if main else 1,
        os=system.name if system else None,
        os_version=something(system.version) if system else None,
    )
    for package in packages:
        if not package.name:
            rows.unread(package.line, "gói không có tên / a package without a name")
            continue
        cpes = [cpe for kind, text in package.names if kind in _CPE_KINDS and (cpe := formatted(text))]
        purls = [text for kind, text in package.names if kind in _PURL_KINDS and text.startswith("pkg:")]
        rows.software(
            host,
            package.name,
            line=package.line,
            vendor=package.vendor,
            version=something(package.version),
            cpe=next(iter(cpes), None),
            purl=next(iter(purls), None),
        )
    if not packages:
        rows.lack(host, "no_software", asking.NO_SOFTWARE)
