"""Inventory documents of GLPI and FusionInventory agents, JSON and XML: computers, network gear, printers, phones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import head_of
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.json_tree import Json, mapping, mappings, starts_json, words
from haidang.engine.inventory.naming import host_of_file
from haidang.engine.inventory.spelling import arch_of, day_of, kind_of, lacks_revision, purl_of, something, updates_in
from haidang.engine.inventory.xml_tree import Node, read_xml, root_of

ORDER = 14

_ACTIONS = (b"inventory", b"netinventory", b"netdiscovery", b"snmpquery", b"register")
_ACTION = re.compile(rb'"action"\s*:\s*"(\w+)"')
_UPDATES = ("update", "security_update", "hotfix", "security update", "service_pack")
_PACKAGES = {"deb": "deb", "rpm": "rpm"}
_DISTRIBUTIONS = ("debian", "ubuntu", "fedora", "centos", "rocky", "almalinux", "opensuse")
# How Cisco's SNMP table writes a version: "CW_VERSION$5.2(1)N1(5)$".
_CISCO = re.compile(r"^CW_VERSION\$(.*)\$$")
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")

# Of the fields of a document only these are looked at; the XML has the same names in capitals.
_Content = Mapping[str, Any]


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take XML of a REQUEST with CONTENT, and JSON with "action", "deviceid" and "content"."""
    head = head_of(data)
    if starts_json(head, lists=False):
        found = _ACTION.search(data)
        return found is not None and found[1] in _ACTIONS and b'"content"' in data and b'"deviceid"' in data
    return root_of(head)[0] == "REQUEST" and "<CONTENT" in head


def read(data: bytes, name: str) -> Inventory:
    """Read the machine or the devices of a document.

    Raises:
        UnreadableParcel: broken, hostile, or no inventory document.
    """
    rows = Rows("GLPI inventory", name)
    if starts_json(head_of(data), lists=False):
        document = Json(data, name)
        content = mapping(document.root, "content")
        reader = _Reader(rows, words(document.root, "deviceid"), name, document.line)
        reader.read_machine(content)
        return rows.done()
    root = read_xml(data, name)
    node = root.first("CONTENT")
    if root.tag != "REQUEST" or node is None:
        raise UnreadableParcel(f"{name} is no inventory document of GLPI or FusionInventory")
    lines: dict[int, int] = {}
    content = _as_mapping(node, lines)
    reader = _Reader(rows, root.words("DEVICEID"), name, lambda entry: lines.get(id(entry), 1))
    devices = mappings(content, "device")
    if devices:
        for device in devices:
            reader.read_device(device)
    else:
        reader.read_machine(content)
    return rows.done()


def _as_mapping(node: Node, lines: dict[int, int]) -> dict[str, Any]:
    """Bring an element to the shape that the JSON has: names in small letters, what comes twice as a list."""
    made: dict[str, Any] = {}
    lines[id(made)] = node.line
    for child in node.children:
        value = _as_mapping(child, lines) if child.children else child.text
        tag = child.tag.lower()
        if tag not in made:
            made[tag] = value
        elif isinstance(made[tag], list):
            made[tag].append(value)
        else:
            made[tag] = [made[tag], value]
    return made


class _Reader:
    """Adds what a document says of its machines."""

    def __init__(self, rows: Rows, device_id: str, name: str, line: Any) -> None:  # noqa: ANN401 - a function of anything
        self.rows = rows
        self.device_id = device_id
        self.name = name
        self.line = line

    def read_machine(self, content: _Content) -> None:
        """Read a computer, a phone, or a device of the network in the new form."""
        device = mapping(content, "network_device")
        if device:
            self.read_device({"info": device, **content})
            return
        system, hardware = mapping(content, "operatingsystem"), mapping(content, "hardware")
        host = words(hardware, "name") or words(system, "hostname") or words(system, "fqdn") or self._of_id()
        os = words(system, "full_name") or words(system, "name") or words(hardware, "osname")
        version = _version_of(system) or words(hardware, "osversion")
        self.rows.host(
            host,
            line=self.line(hardware or content),
            kind=_kind(words(hardware, "chassis_type"), os),
            os=os,
            os_version=version,
            arch=arch_of(words(system, "arch") or words(mapping(content, "hardware"), "archname")),
            address=self._address(content, hardware),
        )
        if lacks_revision(os, version):
            self.rows.lack(host, "no_build", asking.NO_BUILD, self.line(system))
        self._read_programs(host, content, system)

    def _of_id(self) -> str:
        """Take the name from the document's id ("glpixps-2018-07-09-09-07-13"), else from the file."""
        host = re.sub(r"-\d{4}(?:-\d\d){5}$", "", self.device_id)
        if host:
            return host
        self.rows.lack("", "no_hostname", asking.NO_HOSTNAME)
        return host_of_file(self.name)

    def _address(self, content: _Content, hardware: _Content) -> str | None:
        cards = (words(card, "ipaddress") for card in mappings(content, "networks"))
        usable = (
            address for address in cards if _ADDRESS.fullmatch(address) and not address.startswith(("127.", "169.254."))
        )
        return next(usable, None) or something(words(hardware, "ipaddr").split("/")[0])

    def _read_programs(self, host: str, content: _Content, system: _Content) -> None:
        programs = mappings(content, "softwares")
        for program in programs:
            self._add_program(host, program, system)
        for kind in ("antivirus", "databases_services"):
            for program in mappings(content, kind):
                maker = words(program, "company") or words(program, "manufacturer")
                self._add(host, program, maker, words(program, "version"))
        for firmware in mappings(content, "firmwares"):
            self._add(host, firmware, words(firmware, "manufacturer"), words(firmware, "version"))
        if not programs:
            self.rows.lack(host, "no_software", asking.NO_SOFTWARE, self.line(content))

    def _add(self, host: str, program: _Content, vendor: str, version: str) -> None:
        product = words(program, "name")
        if not product:
            self.rows.unread(self.line(program), "mục không có tên / an entry without a name")
            return
        self.rows.software(host, product, line=self.line(program), vendor=vendor, version=something(version))

    def _add_program(self, host: str, program: _Content, system: _Content) -> None:
        product = words(program, "name") or words(program, "guid")
        if not product:
            self.rows.unread(self.line(program), "phần mềm không có tên / software without a name")
            return
        updates = updates_in(product)
        category = (words(program, "system_category") or words(program, "releasetype")).lower()
        if updates and (category in _UPDATES or re.fullmatch(r"KB\d{5,8}", product)):
            day = day_of(words(program, "install_date") or words(program, "installdate"))
            self.rows.hotfix(host, updates[0], line=self.line(program), installed_on=day)
            return
        version = something(words(program, "version"))
        arch = words(program, "arch")
        self.rows.software(
            host,
            product,
            line=self.line(program),
            vendor=words(program, "publisher"),
            version=version,
            purl=_purl(words(program, "from").lower(), system, product, version, arch),
            arch=arch_of(arch),
        )

    def read_device(self, device: _Content) -> None:
        """Read a device of the network that an agent asked over SNMP."""
        info = mapping(device, "info") or device
        host = (
            words(info, "name")
            or words(info, "snmphostname")
            or words(info, "dnshostname")
            or words(info, "netbiosname")
        )
        address = words(info, "ip") or _first(mapping(info, "ips").get("ip", info.get("ips")))
        host = host or address or words(info, "mac")
        if not host:
            self.rows.unread(self.line(device), "thiết bị không có tên và địa chỉ / a device without name and address")
            return
        maker, model = words(info, "manufacturer"), words(info, "model")
        kind = words(info, "type")
        self.rows.host(
            host,
            line=self.line(info),
            kind="network" if kind.upper().startswith("NETWORK") else kind_of(kind),
            os=model if model.startswith(maker) else f"{maker} {model}".strip(),
            os_version=something(_CISCO.sub(r"\1", words(info, "firmware"))),
            address=address,
        )
        for firmware in mappings(device, "firmwares"):
            self._add(host, firmware, words(firmware, "manufacturer") or maker, words(firmware, "version"))


def _first(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return value.strip() if isinstance(value, str) else ""


def _version_of(system: _Content) -> str | None:
    """Give the version of the system: on Windows that of its kernel, which is the build."""
    kernel, version = words(system, "kernel_version"), words(system, "version")
    windows = "windows" in (words(system, "full_name") + words(system, "name")).lower()
    return something(kernel or version) if windows else something(version)


def _kind(chassis: str, os: str) -> str | None:
    if "server" in os.lower() or "server" in chassis.lower() or "rack" in chassis.lower():
        return "server"
    return kind_of(chassis) if kind_of(chassis) in ("workstation", "server") else None


def _purl(source: str, system: _Content, product: str, version: str | None, arch: str) -> str | None:
    name = words(system, "name").lower()
    distribution = next((word for word in _DISTRIBUTIONS if name.startswith(word)), "")
    if source not in _PACKAGES or not distribution or not version:
        return None
    number = re.match(r"\d+(?:\.\d+)*", words(system, "version"))
    distro = f"{distribution}-{number[0]}" if number else distribution
    return purl_of(_PACKAGES[source], distribution, product, version, arch=arch, distro=distro)
