"""What says the full build of Windows: `ver`, or the values of the registry that `winver` shows."""

from __future__ import annotations

import re

from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import decode, head_of, lines_of
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.naming import host_in, host_of_file, lone_name

ORDER = 42

_VER = re.compile(
    r"(Microsoft Windows(?: [A-Za-z0-9 ]{1,30}?)?) ?\[[^\]\d]{0,40}(\d{1,2}\.\d{1,2}\.\d{4,5}(?:\.\d{1,6})?)\]"
)
# "UBR            : 3324", "    UBR    REG_DWORD    0xcfc"
_VALUE = re.compile(
    r"^\s*(ProductName|CurrentBuild(?:Number)?|UBR|CSName|PSComputerName|DisplayVersion)\s*(?::|REG_(?:SZ|DWORD))\s*(\S.{0,200})$"
)
_LONGEST = 400


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take a short text that `ver` printed, or that holds both a build and its revision."""
    if len(data) > 2_000_000:
        return False
    lines = [line for line in lines_of(head_of(data)) if line.strip()]
    names = {found[1] for line in lines if len(line) < _LONGEST and (found := _VALUE.match(line))}
    if "UBR" in names and names & {"CurrentBuild", "CurrentBuildNumber"}:
        return True
    told = sum(bool(len(line) < _LONGEST and _VER.search(line)) for line in lines)
    return told > 0 and len(lines) <= 6 * told + 6


def read(data: bytes, name: str) -> Inventory:
    """Read the build of each machine that the text names."""
    lines = lines_of(decode(data)[0])
    rows = Rows("Windows version", name)
    _read_ver(rows, name, lines)
    _read_values(rows, name, lines)
    return rows.done()


def _read_ver(rows: Rows, name: str, lines: list[str]) -> None:
    host: str | None = None
    for number, line in enumerate(lines, 1):
        if len(line) > _LONGEST:
            continue
        found = _VER.search(line)
        if found is None:
            host = host_in(line) or lone_name(line) or host
            continue
        before = line[: found.start()].strip().rstrip(":=,;\t ")
        rows.host(
            _named(rows, name, lone_name(before) or host, number), line=number, os=found[1].strip(), os_version=found[2]
        )
        host = None


def _read_values(rows: Rows, name: str, lines: list[str]) -> None:
    values: dict[str, str] = {}
    at = 0
    for number, line in enumerate([*lines, ""], 1):
        found = _VALUE.match(line) if len(line) < _LONGEST else None
        if found and found[1] not in values:
            values[found[1]] = found[2].strip()
            at = at or number
        elif not line.strip() and "UBR" in values:
            _add(rows, name, values, at)
            values, at = {}, 0
        elif host := host_in(line):
            values["host"] = host


def _add(rows: Rows, name: str, values: dict[str, str], line: int) -> None:
    build = values.get("CurrentBuild") or values.get("CurrentBuildNumber")
    revision = values["UBR"]
    if not build or not build.isdigit() or not re.fullmatch(r"\d{1,7}|0x[0-9a-fA-F]{1,6}", revision):
        rows.unread(line, f"không có số bản dựng đọc được (“{build}”, “{revision}”) / no build that can be read")
        return
    host = values.get("PSComputerName") or values.get("CSName") or values.get("host")
    rows.host(
        _named(rows, name, host, line),
        line=line,
        os=values.get("ProductName", "Microsoft Windows"),
        os_version=f"10.0.{build}.{int(revision, 16 if revision.startswith('0x') else 10)}",
    )


def _named(rows: Rows, name: str, host: str | None, line: int) -> str:
    if host is None:
        host = host_of_file(name)
        rows.lack(host, "no_hostname", asking.NO_HOSTNAME, line)
    return host
