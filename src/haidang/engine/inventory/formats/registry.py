"""Installed programs from the Windows registry: exports (.reg) of the key Uninstall, and `reg query … /s`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import decode, lines_of
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.naming import host_in, host_of_file
from haidang.engine.inventory.spelling import day_of, updates_in

ORDER = 46

_PLACE = "\\currentversion\\uninstall\\"
_MARKS = ("windows registry editor version", "regedit4")
_KEY = re.compile(r"^\[(-?)(HKEY_.{1,600})\]\s*$|^(HKEY_[A-Z_]+\\.{1,600})$")
# "DisplayName"="7-Zip 19.00", with \\ and \" escaped; other kinds of values are of no use here
_STRING = re.compile(r'^"((?:[^"\\]|\\.){1,200})"="((?:[^"\\]|\\.){0,2000})"\s*$')
# reg query: "    DisplayName    REG_SZ    7-Zip 19.00"
_QUERIED = re.compile(r"^\s{2,8}(\S.{0,100}?)\s{2,}REG_(?:EXPAND_)?SZ(?:\s{1,8}(.{0,2000}))?$")
_VALUES = {"DisplayName", "DisplayVersion", "Publisher", "InstallDate", "ReleaseType", "ParentKeyName", "ComputerName"}
_UPDATE_TYPES = ("update", "hotfix", "security update", "service pack")


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take text with keys below CurrentVersion\\Uninstall, as the registry writes them."""
    start = data[:4096].lower()
    if not any(mark.encode(code) in start for mark in (*_MARKS, "hkey_") for code in ("ascii", "utf-16-le")):
        return False
    lowered = data[:50_000_000].lower()
    return any(_PLACE.encode(code) in lowered for code in ("ascii", "utf-16-le"))


@dataclass(slots=True)
class _Key:
    path: str
    line: int
    deleted: bool = False
    values: dict[str, str] = field(default_factory=dict)


def read(data: bytes, name: str) -> Inventory:
    """Read what Windows shows under “Programs and Features”, updates apart."""
    text, page = decode(data)
    rows = Rows("registry export", name)
    if page:
        rows.lack("", "guessed", asking.guessed_page(page))
    lines = lines_of(text)
    keys = list(_keys(lines))
    host = next((host for line in lines[:50] if (host := host_in(line))), None) or _computer(keys)
    if host is None:
        host = host_of_file(name)
        rows.lack(host, "no_hostname", asking.NO_HOSTNAME)
    rows.host(host, line=1, os="Microsoft Windows")
    nameless = 0
    for key in keys:
        if _PLACE in key.path.lower() and not key.deleted:
            nameless += not _add(rows, host, key)
    if nameless:
        rows.lack(
            host,
            "nameless",
            f"{nameless} khoá không có DisplayName, Windows cũng không hiển thị / "
            f"{nameless} keys have no DisplayName; Windows does not show them either",
        )
    return rows.done()


def _keys(lines: list[str]) -> Iterator[_Key]:
    key: _Key | None = None
    for number, line in enumerate(lines, 1):
        if found := _KEY.match(line[:700]):
            if key is not None:
                yield key
            key = _Key(found[2] or found[3], number, deleted=found[1] == "-")
        elif key is not None and (value := _STRING.match(line) or _QUERIED.match(line)) and value[1] in _VALUES:
            text = value[2] or ""
            key.values[value[1]] = re.sub(r"\\(.)", r"\1", text) if value.re is _STRING else text
    if key is not None:
        yield key


def _computer(keys: list[_Key]) -> str | None:
    named = (key.values.get("ComputerName") for key in keys if key.path.lower().endswith("computername"))
    return next((host for host in named if host), None)


def _add(rows: Rows, host: str, key: _Key) -> bool:
    product = key.values.get("DisplayName", "").strip()
    if not product:
        return False
    updates = updates_in(product)
    if updates and (key.values.get("ReleaseType", "").lower() in _UPDATE_TYPES or "ParentKeyName" in key.values):
        rows.hotfix(host, updates[0], line=key.line, installed_on=day_of(key.values.get("InstallDate")))
        return True
    rows.software(
        host,
        product,
        line=key.line,
        vendor=key.values.get("Publisher"),
        version=key.values.get("DisplayVersion"),
        arch="x86" if "wow6432node" in key.path.lower() else None,
    )
    return True
