"""osquery: the JSON of `osqueryi --json`, and the result log of osqueryd (differences, snapshots, batches)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import head_of
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.json_tree import MOST_BYTES, Json, as_utf8, mapping, mappings, starts_json, words
from haidang.engine.inventory.naming import host_of_file
from haidang.engine.inventory.spelling import (
    arch_of,
    day_of,
    lacks_revision,
    purl_of,
    something,
    updates_in,
    windows_version,
)

ORDER = 30

_Row = Mapping[str, Any]
# A row does not say from which table it is: the columns that only that table has tell it.
_TABLES: tuple[tuple[str, frozenset[str]], ...] = (
    ("patches", frozenset({"hotfix_id"})),
    ("os_version", frozenset({"name", "version", "major", "platform"})),
    ("os_version", frozenset({"name", "version", "build", "platform"})),
    ("system_info", frozenset({"hostname", "uuid"})),
    ("system_info", frozenset({"hostname", "cpu_type"})),
    ("system_info", frozenset({"computer_name", "hostname"})),
    ("deb_packages", frozenset({"name", "version", "maintainer"})),
    ("deb_packages", frozenset({"name", "version", "status", "arch"})),
    ("rpm_packages", frozenset({"name", "version", "release", "arch"})),
    ("programs", frozenset({"name", "version", "publisher"})),
    ("programs", frozenset({"name", "version", "install_location"})),
    ("programs", frozenset({"name", "version", "uninstall_string"})),
    ("programs", frozenset({"name", "version", "identifying_number"})),
    ("apps", frozenset({"name", "bundle_identifier"})),
    ("apps", frozenset({"name", "bundle_short_version"})),
)
# Names under which several tables are handed in together: {"os_version": […], "programs": […]}.
_KNOWN = {name for name, _ in _TABLES} | {"packages"}
_LOG = (b'"hostIdentifier"', b'"host_identifier"')
_NOT_THESE = (b'"bomFormat"', b'"spdxVersion"', b'"affected_items"', b'"deviceid"', b'"data_context"', b'"@graph"')
_INSTALLED = ("", "install ok installed", "hold ok installed", "ii")


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take result-log lines, and lists of rows with the columns of a table that is read here."""
    head = head_of(data)
    if not starts_json(head):
        return False
    start = as_utf8(data[:65_536])
    if any(mark in start for mark in _LOG) and (
        b'"columns"' in start or b'"snapshot"' in start or b'"diffResults"' in start
    ):
        return True
    if any(mark in start for mark in _NOT_THESE):
        return False
    keys = set(re.findall(r'"(\w{2,40})"\s*:', head[:20_000]))
    if head.lstrip().startswith("{"):
        return any(re.match(rf'\s*\{{\s*"{table}"\s*:\s*\[', head) for table in _KNOWN)
    return _table_of(dict.fromkeys(keys)) != ""


def read(data: bytes, name: str) -> Inventory:
    """Read rows of the tables programs, deb_packages, rpm_packages, apps, os_version, patches and system_info.

    Raises:
        UnreadableParcel: broken, or too large.
    """
    rows = Rows("osquery", name)
    state = _State(rows)
    if any(mark in data for mark in _LOG):
        _read_log(rows, state, as_utf8(data), name)
    else:
        document = Json(data, name)
        for table, row in _tables(document.root):
            state.add(None, table, row, document.line(row))
    state.finish(host_of_file(name))
    return rows.done()


def _tables(root: object) -> Iterator[tuple[str, _Row]]:
    if isinstance(root, dict):
        for table in root:
            yield from ((str(table), row) for row in mappings(root, table))
    elif isinstance(root, list):
        yield from (("", row) for row in root if isinstance(row, dict))


def _read_log(rows: Rows, state: _State, data: bytes, name: str) -> None:
    """Read a log, a JSON object a line; one that is a list is read too."""
    if len(data) > MOST_BYTES:
        raise UnreadableParcel(f"{name} has more than {MOST_BYTES // 1_000_000} MB of JSON; split it")
    if data.lstrip().startswith(b"["):
        document = Json(data, name)
        for entry in document.root if isinstance(document.root, list) else []:
            state.take(entry, document.line(entry))
        return
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            entry = orjson.loads(line)
        except orjson.JSONDecodeError:
            rows.unread(number, "dòng không phải JSON trọn vẹn / the line is no whole JSON")
            continue
        state.take(entry, number)


def _table_of(row: _Row) -> str:
    return next((table for table, columns in _TABLES if columns <= row.keys()), "")


class _State:
    """What is on each machine after every line: rows come and go in a log of differences."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.present: dict[tuple[str | None, str, bytes], tuple[_Row, int]] = {}
        self.other: dict[str, int] = {}

    def take(self, entry: object, line: int) -> None:
        """Take a line of the log."""
        if not isinstance(entry, dict):
            self.rows.unread(line, "dòng không phải đối tượng JSON / the line is no JSON object")
            return
        data = mapping(entry, "data") or entry
        host = (
            words(mapping(data, "decorations"), "hostname")
            or words(data, "hostIdentifier")
            or words(data, "host_identifier")
        )
        query = words(data, "name")
        differences = mapping(data, "diffResults")
        if words(data, "action") == "snapshot" or "snapshot" in data:
            self._snapshot(host or None, query, data, line)
        elif differences:
            for row in mappings(differences, "added"):
                self.add(host or None, "", row, line)
            for row in mappings(differences, "removed"):
                self.remove(host or None, row)
        elif not isinstance(data.get("columns"), dict):
            self.rows.unread(line, "dòng không có columns / the line has no columns")
        elif words(data, "action") == "removed":
            self.remove(host or None, mapping(data, "columns"))
        else:
            self.add(host or None, "", mapping(data, "columns"), line)

    def _snapshot(self, host: str | None, query: str, data: _Row, line: int) -> None:
        """Replace what an earlier snapshot of the same query said."""
        for key in [key for key, (row, _) in self.present.items() if key[0] == host and row.get("\0query") == query]:
            del self.present[key]
        rows = mappings(data, "snapshot") or mappings(data, "columns")
        for row in rows:
            self.add(host, "", {**row, "\0query": query}, line)

    def add(self, host: str | None, table: str, row: _Row, line: int) -> None:
        """Add a row of a table; "" where its columns have to tell the table."""
        known = table if table in _KNOWN and table != "packages" else _table_of(row)
        if not known:
            query = table or ",".join(sorted(str(key) for key in row)[:4])
            self.other[query] = self.other.get(query, 0) + 1
            return
        self.present[(host, known, _key(row))] = (row, line)

    def remove(self, host: str | None, row: _Row) -> None:
        """Take a row away again; one that was never added was added before this log began."""
        self.present.pop((host, _table_of(row), _key(row)), None)

    def finish(self, fallback: str) -> None:
        """Write the rows that are left, machine by machine."""
        names = {host: self._name(host) for host, _, _ in self.present}
        if None in names:
            names[None] = names[None] or fallback
            if names[None] == fallback:
                self.rows.lack(fallback, "no_hostname", asking.NO_HOSTNAME)
        for host, name in names.items():
            self._write(
                name or host or fallback,
                [(table, *entry) for (owner, table, _), entry in self.present.items() if owner == host],
            )
        for query, count in self.other.items():
            self.rows.lack(
                "",
                "other_table",
                f"{count} dòng thuộc bảng khác ({query[:80]}), không phải kiểm kê / "
                f"{count} rows are of another table ({query[:80]}), no inventory",
            )

    def _name(self, host: str | None) -> str | None:
        """Give the name that the machine has for itself, where it is told."""
        told = (row for (owner, table, _), (row, _) in self.present.items() if owner == host and table == "system_info")
        row = next(told, None)
        if row is not None:
            return words(row, "hostname") or words(row, "computer_name") or host
        patched = (row for (owner, table, _), (row, _) in self.present.items() if owner == host and table == "patches")
        return host or words(next(patched, {}), "csname") or None

    def _write(self, host: str, entries: list[tuple[str, _Row, int]]) -> None:
        system = next(((row, line) for table, row, line in entries if table == "os_version"), None)
        info = next(((row, line) for table, row, line in entries if table == "system_info"), None)
        row, line = system or info or ({}, entries[0][2])
        os = words(system[0], "name") if system else ""
        version = windows_version(words(row, "version"), words(row, "revision")) if system else ""
        arch = (words(system[0], "arch") if system else "") or (words(info[0], "cpu_type") if info else "")
        kind = "server" if "server" in os.lower() else None
        self.rows.host(host, line=line, kind=kind, os=os, os_version=something(version), arch=arch_of(arch))
        if lacks_revision(os, version):
            self.rows.lack(host, "no_build", asking.NO_BUILD, line)
        if not system:
            self.rows.lack(host, "no_os", _NO_OS, line)
        for table, row, line in entries:
            self._write_row(host, table, row, line, system[0] if system else {})

    def _write_row(self, host: str, table: str, row: _Row, line: int, system: _Row) -> None:
        if table == "patches":
            update = next(iter(updates_in(words(row, "hotfix_id"))), "")
            if update:
                day = day_of(words(row, "installed_on"), american=True)
                self.rows.hotfix(host, update, line=line, installed_on=day)
            else:
                self.rows.lack(host, "no_update_number", asking.without_number(1), line)
        elif table in ("deb_packages", "rpm_packages"):
            self._write_package(host, table[:3], row, line, system)
        elif table in ("programs", "apps"):
            version = words(row, "bundle_short_version") or words(row, "bundle_version") or words(row, "version")
            product = words(row, "bundle_name") or words(row, "name").removesuffix(".app")
            if product:
                self.rows.software(
                    host,
                    product,
                    line=line,
                    vendor=words(row, "publisher"),
                    version=something(version),
                    arch=arch_of(words(row, "arch")),
                )
            else:
                self.rows.unread(line, "chương trình không có tên / a program without a name")

    def _write_package(self, host: str, kind: str, row: _Row, line: int, system: _Row) -> None:
        product, version, arch = words(row, "name"), words(row, "version"), words(row, "arch")
        if words(row, "status") not in _INSTALLED:
            return
        if not product:
            self.rows.unread(line, "gói không có tên / a package without a name")
            return
        epoch = words(row, "epoch") if kind == "rpm" and words(row, "epoch") not in ("0", "") else ""
        if kind == "rpm" and words(row, "release"):
            version = f"{version}-{words(row, 'release')}"
        elif kind == "deb" and words(row, "revision") and "-" not in version:
            version = f"{version}-{words(row, 'revision')}"
        purl = None
        if distribution := words(system, "platform").lower():
            number = re.match(r"\d+(?:\.\d+)?", words(system, "version"))
            distro = f"{distribution}-{number[0]}" if number else distribution
            purl = (
                purl_of(kind, distribution, product, version, arch=arch, distro=distro, epoch=epoch)
                if version
                else None
            )
        self.rows.software(
            host,
            product,
            line=line,
            vendor=words(row, "vendor") or words(row, "maintainer"),
            version=something(f"{epoch}:{version}" if epoch else version),
            purl=purl,
            arch=arch_of(arch),
        )


def _key(row: _Row) -> bytes:
    return orjson.dumps({key: value for key, value in row.items() if key != "\0query"}, option=orjson.OPT_SORT_KEYS)


_NO_OS = (
    "không rõ hệ điều hành; xin thêm kết quả “select * from os_version” / "
    "the operating system is not said; ask for “select * from os_version”"
)
