"""Nmap's XML (-oX): machines that answered, their addresses and names, and the services that gave a product away."""

from __future__ import annotations

from haidang.engine.cpe import formatted, split_cpe, unescaped
from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory.decoding import head_of
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.xml_tree import Node, read_xml, root_of

ORDER = 10

_GUESSED = (
    "hệ điều hành do nmap đoán qua mạng ({accuracy} %), chưa phải kiểm kê; xin kết quả systeminfo hoặc os-release / "
    "the operating system is nmap's guess over the network ({accuracy} %); ask for systeminfo or os-release"
)
_SEEN = (
    "chỉ thấy phần mềm mở cổng mạng, không thấy phần mềm khác; xin danh sách phần mềm của máy / "
    "only software with an open port was seen, no other; ask for the machine's list of software"
)
_NAMELESS = (
    "{count} cổng mở không rõ phần mềm; xin quét lại với -sV hoặc hỏi đơn vị / "
    "{count} open ports whose software is not known; ask for a scan with -sV, or ask the agency"
)
_DOWN = (
    "{count} địa chỉ không trả lời lúc quét, không có nghĩa là không có máy / "
    "{count} addresses did not answer; that does not mean there is no machine"
)
_FAILED = "nmap dừng giữa chừng; xin quét lại / nmap stopped half way; ask for another scan"


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take XML whose first element is nmaprun."""
    return root_of(head_of(data))[0] == "nmaprun"


def read(data: bytes, name: str) -> Inventory:
    """Read the machines that answered.

    Raises:
        UnreadableParcel: broken, hostile, or no report of nmap.
    """
    root = read_xml(data, name)
    if root.tag != "nmaprun":
        raise UnreadableParcel(f"{name} is no report of nmap")
    rows = Rows("nmap XML", name)
    down = 0
    for host in root.all("host"):
        status = host.first("status")
        if status is not None and status.attrs.get("state") == "down":
            down += 1
        else:
            _add_host(rows, host)
    rows.lack("", "no_software", _SEEN, root.line)
    if down:
        rows.lack("", "down", _DOWN.format(count=down))
    finished = root.first("runstats", "finished")
    if finished is None or finished.attrs.get("exit", "success") != "success":
        rows.lack("", "truncated", _FAILED, root.line)
    return rows.done()


def _add_host(rows: Rows, host: Node) -> None:
    addresses = {
        node.attrs.get("addrtype", ""): node.attrs.get("addr", "") for node in reversed(list(host.all("address")))
    }
    address = addresses.get("ipv4") or addresses.get("ipv6") or ""
    hostnames = host.first("hostnames")
    named = [node.attrs.get("name", "") for node in hostnames.all("hostname")] if hostnames is not None else []
    name = next((entry for entry in named if entry.strip()), "") or address or addresses.get("mac", "")
    if not name.strip():
        rows.unread(host.line, "máy không có địa chỉ và tên / a machine without address and name")
        return
    match = _best_match(host)
    os, line = (match.attrs.get("name"), match.line) if match is not None else (None, host.line)
    rows.host(name, line=host.line, os=os, address=address)
    if match is not None:
        rows.lack(name, "guessed", _GUESSED.format(accuracy=match.attrs.get("accuracy", "?")), line)
    nameless = sum(_add_port(rows, name, port) for port in _ports(host))
    if nameless:
        rows.lack(name, "no_product", _NAMELESS.format(count=nameless), host.line)


def _best_match(host: Node) -> Node | None:
    os = host.first("os")
    matches = list(os.all("osmatch")) if os is not None else []
    return max(matches, key=lambda node: _number(node.attrs.get("accuracy", "")), default=None)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _ports(host: Node) -> list[Node]:
    ports = host.first("ports")
    return list(ports.all("port")) if ports is not None else []


def _add_port(rows: Rows, host: str, port: Node) -> int:
    """Add the product behind an open port; give 1 when there is an open port and no product."""
    state = port.first("state")
    if state is None or state.attrs.get("state") != "open":
        return 0
    service = port.first("service")
    if service is None:
        return 1
    cpes = [cpe for node in service.all("cpe") if (cpe := formatted(node.text)) and cpe.startswith("cpe:2.3:a:")]
    product = service.attrs.get("product", "").strip()
    if not product and not cpes:
        return 1
    parts = [unescaped(part) for part in split_cpe(cpes[0])] if cpes else []
    rows.software(
        host,
        product or parts[2],
        line=service.line,
        vendor=parts[1] if parts and parts[1] != "*" else None,
        version=service.attrs.get("version"),
        cpe=cpes[0] if cpes else None,
    )
    return 0
