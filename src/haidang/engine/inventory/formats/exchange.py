"""Microsoft Exchange: `Get-ExchangeServer` as list or table, and the version of ExSetup.exe."""

from __future__ import annotations

import re

from haidang.engine.inventory.decoding import decode, head_of, lines_of
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.naming import host_in, host_of_file

ORDER = 62

_BUILD = r"Version (\d{1,2}\.\d{1,2}) \(Build (\d{1,5}\.\d{1,5})\)"
_FIELD = re.compile(rf"^\s*(Name|Fqdn|Identity|AdminDisplayVersion)\s*:\s*(?:{_BUILD}|(\S.{{0,120}}?))\s*$")
_ROW = re.compile(rf"^\s*([A-Za-z0-9][\w.\-]{{0,80}})\s+(?:\S.{{0,120}}\s)?{_BUILD}\s*$")
# (Get-Command ExSetup.exe).FileVersionInfo: "15.02.1118.040   15.02.1118.040   C:\…\bin\ExSetup.exe"
_SETUP = re.compile(r"\b(1[45]\.\d{1,2}\.\d{3,5}\.\d{1,4})\b.{0,200}ExSetup\.exe", re.IGNORECASE)
_SHORT = re.compile(_BUILD)
_NAMES = {"8": "2007", "14": "2010", "15.0": "2013", "15.1": "2016", "15.2": "2019"}
_FIRST_OF_SUBSCRIPTION = 2562  # 15.2.2562 is its first release; builds below are 2019
_LONGEST = 600
_NO_UPDATE = (
    "AdminDisplayVersion không đổi khi cài bản cập nhật bảo mật (SU); xin thêm kết quả "
    "“Get-Command ExSetup.exe | % {$_.FileVersionInfo}” / AdminDisplayVersion does not move with security updates; "
    "ask for the output of “Get-Command ExSetup.exe | % {$_.FileVersionInfo}”"
)


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take a text that names AdminDisplayVersion or the version of ExSetup.exe."""
    if len(data) > 2_000_000:
        return False
    head = head_of(data)
    return ("AdminDisplayVersion" in head and bool(_SHORT.search(head))) or any(
        _SETUP.search(line[:_LONGEST]) for line in lines_of(head)
    )


def read(data: bytes, name: str) -> Inventory:
    """Read one server for each version."""
    rows = Rows("Get-ExchangeServer", name)
    host: str | None = None
    for number, line in enumerate(lines_of(decode(data)[0]), 1):
        cut = line[:_LONGEST]
        if said := host_in(cut):
            host = said
        if field := _FIELD.match(cut):
            if field[1] == "AdminDisplayVersion" and field[2]:
                _add(rows, name, host, f"{field[2]}.{field[3]}", number)
                host = None
            elif field[1] == "Name" or host is None:
                host = (field[4] or "").strip() or host
        elif setup := _SETUP.search(cut):
            _add(rows, name, host, setup[1], number, moves=True)
            host = None
        elif row := _ROW.match(cut):
            _add(rows, name, row[1], f"{row[2]}.{row[3]}", number)
        elif _SHORT.search(cut):
            rows.unread(number, "có phiên bản nhưng không rõ máy nào / a version, but of which server is not clear")
    return rows.done()


def _add(rows: Rows, name: str, host: str | None, version: str, line: int, *, moves: bool = False) -> None:
    if host is None:
        host = host_of_file(name)
        rows.lack(host, "no_hostname", _NO_NAME, line)
    major, minor, build = version.split(".")[:3]
    line_of_releases = f"{major}.{int(minor)}"
    year = _NAMES.get(line_of_releases) or _NAMES.get(major, "")
    if line_of_releases == "15.2" and int(build) >= _FIRST_OF_SUBSCRIPTION:
        year = "Subscription Edition"
    if not moves:
        version = f"{major}.{minor}.{build}"  # the cumulative update; which security update stands on it is not told
    rows.host(host, line=line, kind="server")
    rows.software(
        host, f"Microsoft Exchange Server {year}".strip(), line=line, vendor="Microsoft Corporation", version=version
    )
    if not moves:
        rows.lack(host, "no_build", _NO_UPDATE, line)


_NO_NAME = (
    "không ghi tên máy chủ; xin thêm “Get-ExchangeServer | fl Name,AdminDisplayVersion” / "
    "the server's name is not said; ask for “Get-ExchangeServer | fl Name,AdminDisplayVersion”"
)
