"""Wazuh's inventory: answers of its interface (syscollector), documents of its index, and deltas of the agents of 5."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import head_of
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.json_tree import Json, as_utf8, mapping, mappings, starts_json, words
from haidang.engine.inventory.naming import host_of_file
from haidang.engine.inventory.spelling import arch_of, day_of, lacks_revision, purl_of, something, updates_in

ORDER = 32

_Entry = Mapping[str, Any]
_INDEX = re.compile(rb'"wazuh-states-(?:inventory-(?:packages|system|hotfixes)|vulnerabilities)')
_PURLS = {"deb": "deb", "rpm": "rpm"}
_VULNERABLE_ONLY = (
    "đây là danh sách lỗ hổng, chỉ có phần mềm đang có lỗ hổng; xin chỉ mục wazuh-states-inventory-packages / "
    "this is a list of flaws and names only software that has one; ask for the index wazuh-states-inventory-packages"
)


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take answers with affected_items of an inventory, and documents with an agent's packages, hotfixes or system."""
    head = head_of(data)
    if not starts_json(head):
        return False
    plain = as_utf8(data[:2_000_000])
    if b'"affected_items"' in plain:
        return bool(re.search(rb'"(?:hotfix|os_release|scan|sysname|agent_id)"', plain)) and b'"rule"' not in plain
    if b'"data_values"' in plain and b'"Start"' in plain:
        return True
    if _INDEX.search(plain):
        return True
    documents = b'"agent"' in plain and (b'"hotfix"' in plain or bool(re.search(rb'"package"\s*:\s*\{', plain)))
    systems = b'"agent"' in plain and bool(re.search(rb'"host"\s*:\s*\{[^{}]*(?:"os"|"hostname")', plain))
    # Alerts and findings name agents and systems too, but also the event that they are about.
    events = bool(re.search(rb'"(?:rule|event|vulnerability|full_log|check|decoder)"\s*:\s*\{', plain))
    vulnerable = bool(re.search(rb'"vulnerability"\s*:\s*\{', plain)) and bool(re.search(rb'"package"\s*:\s*\{', plain))
    return (documents or systems) and (
        not events or (vulnerable and b'"rule"' not in plain and b'"event"' not in plain)
    )


def read(data: bytes, name: str) -> Inventory:
    """Read agents with their systems, packages and hotfixes.

    Raises:
        UnreadableParcel: broken, or too large.
    """
    reader = _Reader(Rows("Wazuh", name), name)
    plain = as_utf8(data)
    first = plain.lstrip().split(b"\n", 1)[0].strip()
    if first.startswith(b"{") and first.endswith(b"}") and plain.count(b"\n") > 0 and _is_json(first):
        for number, line in enumerate(plain.split(b"\n"), 1):
            if line.strip():
                reader.take_line(line, number)
    else:
        document = Json(data, name)
        reader.line = document.line
        for entry in document.root if isinstance(document.root, list) else [document.root]:
            reader.take(entry)
    reader.finish()
    return reader.rows.done()


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


class _Reader:
    """Adds agents' systems, packages and hotfixes, whatever they are wrapped in."""

    def __init__(self, rows: Rows, name: str) -> None:
        self.rows = rows
        self.name = name
        self.line: Callable[[object], int] = lambda _: 1
        self.hosts: dict[str, tuple[_Entry, int]] = {}
        self.systems: dict[str, _Entry] = {}
        self.packages: list[tuple[str, _Entry, int]] = []
        self.unnamed = False
        self.vulnerable_only = False

    def take_line(self, line: bytes, number: int) -> None:
        try:
            entry = orjson.loads(line)
        except orjson.JSONDecodeError:
            self.rows.unread(number, "dòng không phải JSON trọn vẹn / the line is no whole JSON")
            return
        self.line = lambda _: number
        if isinstance(entry, dict) and set(entry) <= {"index", "create"}:
            return  # the line of a bulk request that says where the next one goes
        self.take(entry)

    def take(self, entry: object) -> None:
        """Take a document, or an answer that holds some."""
        if not isinstance(entry, dict):
            self.rows.unread(self.line(entry), "mục không phải đối tượng JSON / the entry is no JSON object")
        elif "affected_items" in mapping(entry, "data"):
            self._answer(mapping(entry, "data"))
        elif "data_values" in entry:
            self._delta(entry)
        elif isinstance(entry.get("hits"), dict):
            self._hits(mapping(entry, "hits"))
        else:
            self._document(mapping(entry, "_source") or entry, self.line(entry))

    def _answer(self, data: _Entry) -> None:
        items = mappings(data, "affected_items")
        for item in items:
            self._item(item)
        told = words(data, "total_affected_items")
        if told.isdecimal() and int(told) > len(items):
            self.rows.lack("", "truncated", asking.incomplete(len(items), int(told)), self.line(data))
        for failed in mappings(data, "failed_items"):
            agents = failed.get("id")
            who = ", ".join(str(agent) for agent in agents) if isinstance(agents, list) else str(agents)
            why = words(failed, "error", "message")
            self.rows.unread(
                self.line(failed), f"Wazuh không đọc được agent {who}: {why} / Wazuh failed for agent {who}: {why}"
            )

    def _item(self, item: _Entry) -> None:
        """Read an entry of /syscollector: what kind it is, its fields tell."""
        line = self.line(item)
        agent = words(item, "agent_name") or words(item, "agent_id")
        if "hotfix" in item:
            self._hotfix(self._host(words(item, "hostname") or agent, line), words(item, "hotfix"), line)
        elif "os" in item or "os_release" in item or "sysname" in item:
            host = self._host(words(item, "hostname") or agent, line)
            if agent and agent != host:
                self.systems.setdefault(agent, {"renamed": host})
            self.systems[host] = item
            self.hosts[host] = (item, line)
        elif "name" in item and ("version" in item or "format" in item or "vendor" in item):
            self.packages.append((self._host(agent, line), item, line))
        else:
            self.rows.unread(
                line, "mục không phải gói, bản vá hay hệ điều hành / the entry is no package, hotfix or system"
            )

    def _delta(self, entry: _Entry) -> None:
        """Read what an agent of Wazuh 5 sends: operations on its inventory."""
        start = mapping(entry, "Start")
        host = self._host(words(start, "hostname") or words(start, "agentname"), self.line(entry))
        context = [mapping(context, "payload", "host") for context in mappings(entry, "data_context")]
        system = next((found for found in context if mapping(found, "os")), None)
        flat = {
            "os": {
                "name": words(start, "osname"),
                "version": words(start, "osversion"),
                "platform": words(start, "osplatform"),
            }
        }
        found = {
            **(system or flat),
            "architecture": words(system or {}, "architecture") or words(start, "architecture"),
        }
        self.hosts[host] = (found, self.line(start))
        self.systems[host] = found
        current: dict[str, tuple[_Entry, int]] = {}
        for number, value in enumerate(mappings(entry, "data_values")):
            payload = mapping(value, "payload")
            if words(value, "operation") == "delete":
                current.pop(words(value, "id"), None)
            else:
                # Wazuh's own scanner looks at the first of two packages with one id, others at the last: both are kept.
                key = words(value, "id")
                current[key if key and key not in current else f"{key}\0{number}"] = (payload, self.line(payload))
        for payload, line in current.values():
            self._payload(host, payload, line)

    def _hits(self, hits: _Entry) -> None:
        entries = mappings(hits, "hits")
        for entry in entries:
            self._document(mapping(entry, "_source") or mapping(entry, "fields"), self.line(entry))
        told = words(hits, "total", "value") or words(hits, "total")
        if told.isdecimal() and int(told) > len(entries):
            self.rows.lack("", "truncated", asking.incomplete(len(entries), int(told)), self.line(hits))

    def _document(self, source: _Entry, line: int) -> None:
        agent = mapping(source, "agent") or mapping(source, "wazuh", "agent")
        system = mapping(source, "host") or mapping(agent, "host")
        host = self._host(words(agent, "name") or words(system, "hostname") or words(agent, "id"), line)
        if mapping(system, "os") and not mapping(self.systems.get(host, {}), "os"):
            self.hosts[host] = (system, line)
            self.systems[host] = system
        elif host not in self.systems and system:
            self.systems[host] = system
        if mapping(source, "vulnerability") and not self.vulnerable_only:
            self.rows.lack("", "vulnerable_only", _VULNERABLE_ONLY, line)
            self.vulnerable_only = True
        if mapping(source, "package"):
            self._payload(host, source, line)
        elif not mapping(system, "os"):
            self.rows.unread(
                line, "tài liệu không có gói, bản vá hay hệ điều hành / a document without package, hotfix or system"
            )

    def _payload(self, host: str, payload: _Entry, line: int) -> None:
        package = mapping(payload, "package")
        hotfix = words(package, "hotfix", "name") or words(payload, "hotfix", "name")
        if hotfix:
            self._hotfix(host, hotfix, line)
        elif package:
            self.packages.append((host, package, line))
        elif not mapping(payload, "host"):
            self.rows.unread(line, "mục không phải gói hay bản vá / the entry is neither package nor hotfix")

    def _hotfix(self, host: str, update: str, line: int) -> None:
        found = updates_in(update)
        if found:
            self.rows.hotfix(host, found[0], line=line)
        else:
            self.rows.unread(
                line, f"bản vá không có số KB: “{update[:60]}” / an update without a KB number: “{update[:60]}”"
            )

    def _host(self, host: str, line: int) -> str:
        if not host:
            host, self.unnamed = host_of_file(self.name), True
        self.hosts.setdefault(host, ({}, line))
        return host

    def finish(self) -> None:
        """Write systems and packages: a package's URL needs the system, which may come later in the file."""
        if self.unnamed:
            self.rows.lack(host_of_file(self.name), "no_hostname", asking.NO_HOSTNAME)
        renamed = {agent: words(entry, "renamed") for agent, entry in self.systems.items() if "renamed" in entry}
        for host, (system, line) in self.hosts.items():
            if host in renamed:
                continue
            os, version = _os_of(system), _version_of(system)
            arch = words(system, "architecture") or words(self.systems.get(host, {}), "architecture")
            self.rows.host(
                host,
                line=line,
                kind="server" if os and "server" in os.lower() else None,
                os=os,
                os_version=version,
                arch=arch_of(arch),
                address=_address(self.systems.get(host, {})),
            )
            if host.isdecimal():
                self.rows.lack(host, "no_hostname", _ONLY_NUMBER, line)
            if os is None:
                self.rows.lack(host, "no_os", _NO_OS, line)
            elif lacks_revision(os, version):
                self.rows.lack(host, "no_build", asking.NO_BUILD, line)
        for host, package, line in self.packages:
            owner = renamed.get(host, host)
            self._write_package(owner, package, line, self.systems.get(owner, {}))

    def _write_package(self, host: str, package: _Entry, line: int, system: _Entry) -> None:
        product = words(package, "name")
        if not product:
            self.rows.unread(line, "gói không có tên / a package without a name")
            return
        version, arch = something(words(package, "version")), words(package, "architecture")
        kind = words(package, "type") or words(package, "format")
        platform = words(system, "os", "platform").lower()
        purl = None
        if version and kind in _PURLS and platform:
            number = re.match(r"\d+(?:\.\d+)?", words(system, "os", "version"))
            distro = f"{platform}-{number[0]}" if number else platform
            purl = purl_of(_PURLS[kind], platform, product, version, arch=arch, distro=distro)
        self.rows.software(
            host,
            product,
            line=line,
            vendor=words(package, "vendor"),
            version=version,
            purl=purl,
            arch=arch_of(arch),
            seen_on=day_of(words(package, "scan_time")[:10]),
        )


def _os_of(system: _Entry) -> str | None:
    return something(words(system, "os", "name") or words(system, "os", "full") or words(system, "sysname"))


def _version_of(system: _Entry) -> str | None:
    """Give the version of the system; Windows' full build, wherever it stands."""
    version, build = words(system, "os", "version"), words(system, "os", "build") or words(system, "os_release")
    windows = "windows" in (words(system, "os", "name") + words(system, "os", "platform")).lower()
    if windows and re.fullmatch(r"\d{5}\.\d+", build) and not re.fullmatch(r"\d+\.\d+\.\d+\.\d+", version):
        return f"10.0.{build}"
    return something(version)


def _address(system: _Entry) -> str | None:
    value = system.get("ip")
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) else None


_ONLY_NUMBER = (
    "Wazuh chỉ ghi số của agent, không ghi tên máy; xin thêm kết quả /agents / "
    "Wazuh gives only the agent's number, not the machine's name; ask for the answer of /agents"
)
_NO_OS = (
    "không rõ hệ điều hành của máy; xin thêm chỉ mục wazuh-states-inventory-system hoặc /syscollector/…/os / "
    "the machine's system is not said; ask for the index wazuh-states-inventory-system or /syscollector/…/os"
)
