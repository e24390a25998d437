"""What the CycloneDX specification forbids, as far as it is told here: a file that breaks its form may mislead.

References:
    - https://cyclonedx.org/docs/1.7/json/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from haidang.engine.inventory.json_tree import mapping, mappings, words

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
# What an XML file that repeats an element leaves in the place of one value.
REPEATED = "\0repeated"

_TYPES = frozenset((
    "application", "framework", "library", "container", "platform", "operating-system", "device", "device-driver",
    "firmware", "file", "machine-learning-model", "data", "cryptographic-asset",
))  # fmt: skip
_SCOPES = frozenset(("required", "optional", "excluded"))
_PATCHES = frozenset(("unofficial", "monkey", "backport", "cherry-pick"))
_ISSUES = frozenset(("defect", "enhancement", "security"))
_FLOWS = frozenset(("inbound", "outbound", "bi-directional", "unknown"))
# Length in hexadecimal digits; 0: any.
_HASHES = {
    "MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128,
    "SHA3-256": 64, "SHA3-384": 96, "SHA3-512": 128, "BLAKE2b-256": 64, "BLAKE2b-384": 96, "BLAKE2b-512": 128,
    "BLAKE3": 0, "Streebog-256": 64, "Streebog-512": 128,
}  # fmt: skip
_SERIAL = re.compile(r"^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", re.IGNORECASE)
_UUID = re.compile(r"^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$", re.IGNORECASE)
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$", re.IGNORECASE)
_LICENSE_FREE_EXCEPTION = re.compile(r"exception", re.IGNORECASE)

_Entry = Mapping[str, Any]


def complain_of_document(bom: _Entry) -> Iterator[str]:
    """Say what is wrong with a document outside its components."""
    serial = words(bom, "serialNumber")
    if serial and not (_SERIAL.match(serial) or _UUID.match(serial)):
        yield f"serialNumber “{serial[:60]}” is no urn:uuid"
    time = words(bom, "metadata", "timestamp")
    if time and not _TIME.match(time):
        yield f"metadata.timestamp “{time[:40]}” is no time"
    yield from _of_licenses("metadata", mapping(bom, "metadata"))
    yield from _of_properties("metadata", mapping(bom, "metadata"))
    for number, entry in enumerate(mappings(bom, "dependencies"), 1):
        if not words(entry, "ref"):
            yield f"dependency {number} has no ref"
    for service in mappings(bom, "services"):
        yield from _of_service(service)


def complain_of_component(component: _Entry, seen: set[str]) -> Iterator[str]:
    """Say what is wrong with one component; `seen` gathers the bom-refs, which have to differ."""
    name = words(component, "name")[:60] or "?"
    kind = component.get("type")
    if not isinstance(kind, str) or not kind:
        yield f"{name}: type is missing"
    elif kind not in _TYPES:
        yield f"{name}: type “{kind[:40]}” is unknown"
    scope = words(component, "scope")
    if scope and scope not in _SCOPES:
        yield f"{name}: scope “{scope[:40]}” is unknown"
    yield from _of_reference(name, component, seen)
    yield from _of_versions(name, component)
    yield from _of_hashes(name, component)
    yield from _of_licenses(name, component)
    yield from _of_properties(name, component)
    yield from _of_pedigree(name, mapping(component, "pedigree"))
    swid = component.get("swid")
    if isinstance(swid, dict) and not (words(swid, "tagId") and words(swid, "name")):
        yield f"{name}: swid lacks tagId or name"


def _of_reference(name: str, component: _Entry, seen: set[str]) -> Iterator[str]:
    if "bom-ref" not in component:
        return
    reference = words(component, "bom-ref")
    if not reference or reference in seen:
        yield f"{name}: bom-ref “{reference[:60]}” is {'given twice' if reference else 'empty'}"
    seen.add(reference)


def _of_versions(name: str, component: _Entry) -> Iterator[str]:
    if not words(component, "versionRange"):
        return
    if words(component, "version"):
        yield f"{name}: both version and versionRange"
    if component.get("isExternal") not in (True, "true", "1"):
        yield f"{name}: versionRange, though it is not external"


def _of_hashes(name: str, component: _Entry) -> Iterator[str]:
    for entry in mappings(component, "hashes"):
        kind, content = words(entry, "alg"), words(entry, "content")
        if kind not in _HASHES:
            yield f"{name}: hash “{kind[:30]}” is unknown"
        elif not re.fullmatch(r"[0-9a-fA-F]+", content) or _HASHES[kind] not in (0, len(content)):
            yield f"{name}: “{content[:30]}” is no {kind}"


def _of_licenses(name: str, owner: _Entry) -> Iterator[str]:
    entries = mappings(owner, "licenses")
    expressions = sum("expression" in entry for entry in entries)
    if expressions and len(entries) > expressions and not any("licensing" in entry for entry in entries):
        yield f"{name}: licences and an expression together"
    for entry in entries:
        if "license" not in entry:
            continue
        license_ = mapping(entry, "license")
        given = [key for key in ("id", "name") if key in license_]
        if len(given) != 1 or REPEATED in [license_[key] for key in given]:
            yield f"{name}: a licence needs one id or one name"
        elif given == ["id"] and not _is_licence(words(license_, "id")):
            yield f"{name}: licence “{words(license_, 'id')[:40]}” is not on SPDX's list"
        encoding = words(license_, "text", "encoding")
        if encoding not in ("", "base64"):
            yield f"{name}: licence text in encoding “{encoding[:20]}”"
        yield from _of_properties(name, license_)


def _is_licence(text: str) -> bool:
    if _LICENSE_FREE_EXCEPTION.search(text):
        return True
    try:
        canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return False
    return True


def _of_properties(name: str, owner: _Entry) -> Iterator[str]:
    listed = owner.get("properties")
    if isinstance(listed, list) and any(not isinstance(entry, dict) or not words(entry, "name") for entry in listed):
        yield f"{name}: a property without a name"


def _of_pedigree(name: str, pedigree: _Entry) -> Iterator[str]:
    for patch in mappings(pedigree, "patches"):
        if words(patch, "type") not in _PATCHES:
            yield f"{name}: patch type “{words(patch, 'type')[:30]}” is unknown"
        for issue in mappings(patch, "resolves"):
            if words(issue, "type") not in _ISSUES:
                yield f"{name}: issue type “{words(issue, 'type')[:30]}” is unknown"


def _of_service(service: _Entry) -> Iterator[str]:
    name = words(service, "name")[:60]
    if not name:
        yield "a service without a name"
    for entry in mappings(service, "data"):
        if words(entry, "flow") and words(entry, "flow") not in _FLOWS:
            yield f"service {name}: flow “{words(entry, 'flow')[:30]}” is unknown"
    yield from _of_properties(f"service {name}", service)
