"""CycloneDX bills of materials, JSON and XML, 1.0 to 1.7."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from haidang.engine.cpe import formatted
from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory import asking
from haidang.engine.inventory.cyclonedx_rules import REPEATED, VERSIONS, complain_of_component, complain_of_document
from haidang.engine.inventory.decoding import head_of
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.json_tree import Json, as_utf8, mapping, mappings, starts_json, words
from haidang.engine.inventory.naming import host_of_file
from haidang.engine.inventory.spelling import something
from haidang.engine.inventory.xml_tree import Node, read_xml, root_of

ORDER = 20

_MARK = re.compile(rb'"bomFormat"\s*:|"\$schema"\s*:\s*"[^"]{0,100}cyclonedx')
_SPACE = "http://cyclonedx.org/schema/bom/"
# Elements of the XML that are lists in the JSON: the list, and what stands in it.
_LISTS = {
    "components": ("component",), "hashes": ("hash",), "dependencies": ("dependency",), "services": ("service",),
    "properties": ("property",), "patches": ("patch",), "resolves": ("issue",),
    "tools": ("tool", "components", "services"), "licenses": ("license", "expression"),
    "externalReferences": ("reference",), "data": ("classification", "dataflow"),
}  # fmt: skip
_NO_SOFTWARE = ("data", "cryptographic-asset", "machine-learning-model")
_SHOWN = 3
_Entry = Mapping[str, Any]


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take JSON with bomFormat, and XML whose first element is a bom of CycloneDX."""
    head = head_of(data)
    if starts_json(head, lists=False):
        return bool(_MARK.search(as_utf8(data)))
    root, attrs = root_of(head)
    return root == "bom" and "cyclonedx.org/schema/bom" in attrs


def read(data: bytes, name: str) -> Inventory:
    """Read components, nested ones too, under the name of what the bill is about.

    Raises:
        UnreadableParcel: broken, or no CycloneDX of a known version.
    """
    if starts_json(head_of(data), lists=False):
        document = Json(data, name)
        bom, line = mapping({"bom": document.root}, "bom"), document.line
        if words(bom, "bomFormat") != "CycloneDX":
            raise UnreadableParcel(f"{name} says bomFormat “{words(bom, 'bomFormat')[:40]}”, not CycloneDX")
        _check_version(words(bom, "specVersion"), name)
        return _read_bom(Rows("CycloneDX JSON", name), name, bom, line)
    root = read_xml(data, name)
    if root.tag != "bom" or not root.space.startswith(_SPACE):
        raise UnreadableParcel(f"{name} is no bill of CycloneDX")
    _check_version(root.space.removeprefix(_SPACE), name)
    lines: dict[int, int] = {}
    bom = _as_json(root, lines)
    return _read_bom(Rows("CycloneDX XML", name), name, bom, lambda entry: lines.get(id(entry), 1))


def _check_version(version: str, name: str) -> None:
    if version not in VERSIONS:
        raise UnreadableParcel(f"{name} says CycloneDX “{version[:40]}”; 1.0 to 1.7 are read")


def _as_json(node: Node, lines: dict[int, int]) -> dict[str, Any]:
    """Bring an element to the shape that it has in the JSON."""
    made: dict[str, Any] = dict(node.attrs)
    lines[id(made)] = node.line
    if "ref" in made and node.tag == "dependency":
        made["dependsOn"] = [child.attrs.get("ref", "") for child in node.children]
    for child in node.children:
        if child.tag in _LISTS:
            made[child.tag] = [
                _of_list(child, entry, lines) for entry in child.children if entry.tag in _LISTS[child.tag]
            ]
        elif child.tag in made and child.tag not in node.attrs:
            made[child.tag] = REPEATED
        elif child.children or child.attrs:
            made[child.tag] = _as_json(child, lines)
        else:
            made[child.tag] = child.text.strip()
    if node.text.strip() and not node.children:
        made["content"] = node.text.strip()
    return made


def _of_list(owner: Node, node: Node, lines: dict[int, int]) -> dict[str, Any]:
    if owner.tag == "licenses":
        return {node.tag: node.text if node.tag == "expression" else _as_json(node, lines)}
    return _as_json(node, lines)


def _read_bom(rows: Rows, name: str, bom: _Entry, line: Callable[[object], int]) -> Inventory:
    main = mapping(bom, "metadata", "component")
    host = words(main, "name")
    if not host:
        host = host_of_file(name)
        rows.lack(host, "no_hostname", asking.NO_HOSTNAME, line(bom))
    components = list(_all_components(bom))
    system = next((entry for entry in components if words(entry, "type") == "operating-system"), None)
    rows.host(
        host,
        line=line(main or bom),
        os=words(system, "name") or None,
        os_version=something(words(system, "version")),
    )
    seen: set[str] = set()
    complaints = list(complain_of_document(bom))
    left: dict[str, int] = {}
    for component in components:
        complaints += complain_of_component(component, seen)
        kind = words(component, "type")
        if kind in _NO_SOFTWARE:
            left[kind] = left.get(kind, 0) + 1
        else:
            _add(rows, host, component, line(component))
    _tell(rows, host, complaints, left, line(bom))
    if not components:
        rows.lack(host, "no_software", asking.NO_SOFTWARE, line(bom))
    return rows.done()


def _all_components(bom: _Entry) -> Iterator[_Entry]:
    """Give what the bill is about and every component, each before its parts."""
    main = mapping(bom, "metadata", "component")
    stack = [*reversed(mappings(bom, "components")), *([main] if main else [])]
    while stack:
        component = stack.pop()
        yield component
        stack.extend(reversed(mappings(component, "components")))


def _add(rows: Rows, host: str, component: _Entry, line: int) -> None:
    product = words(component, "name")
    if not product:
        rows.unread(line, "thành phần không có tên / a component without a name")
        return
    purl = words(component, "purl")
    rows.software(
        host,
        product,
        line=line,
        vendor=_vendor(component),
        version=something(words(component, "version")),
        cpe=formatted(words(component, "cpe")),
        purl=purl if purl.startswith("pkg:") else None,
    )


def _vendor(component: _Entry) -> str:
    return (
        words(component, "publisher")
        or words(component, "manufacturer", "name")
        or words(component, "supplier", "name")
        or words(component, "group")
        or words(component, "author")
    )


def _tell(rows: Rows, host: str, complaints: list[str], left: Mapping[str, int], line: int) -> None:
    for kind, count in left.items():
        rows.lack(
            host,
            "no_product",
            f"{count} mục loại {kind} không phải phần mềm, không tính / "
            f"{count} entries of type {kind} are no software and not counted",
            line,
        )
    if complaints:
        shown = "; ".join(complaints[:_SHOWN])
        rows.lack(
            host,
            "breaks_form",
            f"tệp sai quy cách CycloneDX ở {len(complaints)} chỗ, xin xuất lại: {shown} / "
            f"the file breaks CycloneDX's own rules in {len(complaints)} places; ask for a new export: {shown}",
            line,
        )
