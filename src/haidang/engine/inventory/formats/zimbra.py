"""Zimbra: the output of `zmcontrol -v`, release and patch."""

from __future__ import annotations

import re

from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import decode, head_of, lines_of
from haidang.engine.inventory.distribution import sections
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.naming import host_in, host_of_file, lone_name

ORDER = 61

# Release 8.8.15_GA_3869.UBUNTU18.64 UBUNTU18_64 FOSS edition, Patch 8.8.15_P41.
_RELEASE = re.compile(
    r"\bRelease (\d{1,2}\.\d{1,2}\.\d{1,3})[._](?:GA|BETA\d?|RC\d?)[._]\d{1,6}\.\S{0,60} "
    r".{0,60}?\b(?:FOSS|NETWORK)\b edition(.{0,80})"
)
_PATCH = re.compile(r"Patch (\d{1,2}\.\d{1,2}\.\d{1,3})[._ ]?P(\d{1,3})", re.IGNORECASE)


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take a short text with Zimbra's line of its release."""
    return len(data) < 1_000_000 and any(_RELEASE.search(line[:400]) for line in lines_of(head_of(data)))


def read(data: bytes, name: str) -> Inventory:
    """Read one server for each line of a release."""
    rows = Rows("zmcontrol -v", name)
    for section in sections(lines_of(decode(data)[0])):
        host: str | None = None
        for number, line in section:
            found = _RELEASE.search(line[:400])
            if found is None:
                host = host_in(line) or lone_name(line) or host
                continue
            _add(rows, host or _unnamed(rows, name, number), found, number)
    return rows.done()


def _add(rows: Rows, host: str, found: re.Match[str], line: int) -> None:
    patch = _PATCH.search(found[2])
    # A patch may stand on a later release than the one that was installed first.
    version = f"{patch[1]} P{patch[2]}" if patch else found[1]
    rows.host(host, line=line, kind="server")
    rows.software(host, "Zimbra Collaboration", line=line, vendor="Zimbra", version=version)


def _unnamed(rows: Rows, name: str, line: int) -> str:
    host = host_of_file(name)
    rows.lack(host, "no_hostname", asking.NO_HOSTNAME, line)
    return host
