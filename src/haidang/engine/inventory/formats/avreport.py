"""AVReport in an edXML envelope, which anti-malware consoles send by 2290/BTTTT-CATTT: machines and their systems.

The signature in it proves nothing: known connectors write a constant there.
"""

from __future__ import annotations

import datetime as dt

from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import head_of
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.spelling import day_of, lacks_revision, something
from haidang.engine.inventory.xml_tree import Node, read_xml, root_of

ORDER = 12

_ENVELOPE = "edXMLEnvelope"
_REPORT = "AVReport"


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take XML whose first element is the envelope or the report itself."""
    root, _ = root_of(head_of(data))
    return root == _REPORT or (
        root == _ENVELOPE and any(_REPORT.encode(code) in data for code in ("ascii", "utf-16-le"))
    )


def read(data: bytes, name: str) -> Inventory:
    """Read every machine that the report names, and its system where that is said.

    What the report calls vulnerabilities are names of flaws, no software.

    Raises:
        UnreadableParcel: broken, hostile, or without a report.
    """
    root = read_xml(data, name)
    reports = [node for node in root.walk() if node.tag == _REPORT]
    if not reports:
        raise UnreadableParcel(f"{name} holds no AVReport")
    rows = Rows("AVReport (edXML)", name)
    for report in reports:
        _read_report(rows, report)
    return rows.done()


def _read_report(rows: Rows, report: Node) -> None:
    seen: dict[tuple[str, str], tuple[str | None, str | None, int]] = {}
    for section in report.children:
        for machine in _machines(section):
            key = (machine.attrs.get("name", "").strip(), machine.attrs.get("ip", "").strip())
            if not any(key):
                rows.unread(machine.line, "máy không có tên và địa chỉ / a machine without name and address")
                continue
            os, updated = _system(machine)
            before = seen.get(key)
            # Of several mentions the one that names the system is the one to keep.
            if before is None or (before[0] is None and os is not None):
                seen[key] = (os, updated, machine.line)
    for (host, address), (os, updated, line) in seen.items():
        rows.host(host or address, line=line, os=os, address=address)
        if os is None:
            rows.lack(host or address, "no_os", _NO_OS, line)
        elif lacks_revision(os, "10.0"):
            rows.lack(host or address, "no_build", _ask_for_build(updated), line)
    if seen:
        rows.lack("", "no_software", asking.NO_SOFTWARE, report.line)


def _machines(section: Node) -> list[Node]:
    return [node for node in section.walk() if node.tag == "Machine"]


def _system(machine: Node) -> tuple[str | None, str | None]:
    found = {node.tag: node.text.strip() for node in machine.walk() if node is not machine}
    values = {**found, **machine.attrs}
    return something(values.get("OSName")), something(values.get("LastUpdate"))


def _ask_for_build(updated: str | None) -> str:
    if updated is None:
        return asking.NO_BUILD
    day = _day(updated)
    vi, _, en = asking.NO_BUILD.partition(" / ")
    return f"hệ điều hành cập nhật lần cuối {day}; {vi} / the system was last updated on {day}; {en}"


def _day(text: str) -> str:
    """Write a day; connectors give Unix seconds or a date."""
    if text.isdecimal() and 9 <= len(text) <= 10:
        return dt.datetime.fromtimestamp(int(text), dt.UTC).date().isoformat()
    return day_of(text) or text


_NO_OS = (
    "không rõ hệ điều hành của máy; xin kết quả systeminfo / "
    "the machine's operating system is not said; ask for systeminfo"
)
