"""Packages of Debian and Ubuntu: `dpkg -l` and `dpkg-query -W`, with os-release and the machine's name around."""

from __future__ import annotations

import re

from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import decode, head_of, lines_of
from haidang.engine.inventory.distribution import Surroundings, says_something, sections
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.naming import host_of_file
from haidang.engine.inventory.spelling import arch_of

ORDER = 50

_NAME = r"(?=[^a-z]{0,120}[a-z])[a-z0-9][a-z0-9+.\-]{1,120}"
# "ii  adduser  3.134  all  add and remove users and groups"; the third letter tells an error
_LISTED = re.compile(rf"^([uirph])([ncHUFWti])([R ]?)\s+({_NAME})(?::([a-z0-9-]+))?\s+(\S+)\s+(\S+)(?:\s|$)")
_LISTED_OLD = re.compile(rf"^([uirph])([ncHUFWti])([R ]?)\s+({_NAME})(?::([a-z0-9-]+))?\s+(\S+)(?:\s{{2,}}|\s*$)")
_LEGEND = re.compile(r"^(?:Desired=|\| Status=|\|/ Err\?=|\|\|/ |\+\+\+-)")
_RULE = re.compile(r"^\+\+\+-(=+)-(=+)-(?:(=+)-)?")
# "adduser\t3.134", "libc6:amd64\t2.36-9", and -f '${Package} ${Version} ${Architecture}'
_QUERIED = re.compile(
    rf"^({_NAME})(?::([a-z0-9-]+))?(?:\t| {{1,40}}|\|)((?:\d{{1,9}}:)?\d[A-Za-z0-9.+~:\-]{{0,120}})"
    r"(?:(?:\t| {1,40}|\|)(all|amd64|i386|arm64|armhf|armel|ppc64el|s390x|riscv64|mips64el))?\s*$"
)
_GONE = "ncp"  # not installed, only its settings are left; "p" as wish: purged
_FULL_COLUMNS = 3


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take a text with the legend of `dpkg -l`, or whose lines are packages with versions."""
    lines = [line for line in lines_of(head_of(data)) if line.strip()]
    if any(_LEGEND.match(line) for line in lines[:200]):
        return sum(bool(_LISTED_OLD.match(line[:600])) for line in lines) > 0
    lines = [line for line in lines if not says_something(line)]
    listed = sum(bool(_LISTED.match(line[:600])) for line in lines)
    queried = sum(bool(_QUERIED.match(line[:600])) for line in lines)
    enough = (
        1 if any("debian" in line.lower() or "ubuntu" in line.lower() for line in lines_of(head_of(data))[:40]) else 3
    )
    return max(listed, queried) >= max(enough, 0.9 * (len(lines) - 2))


def read(data: bytes, name: str) -> Inventory:
    """Read the packages that are installed; those of which only settings are left are counted, not listed."""
    text, page = decode(data)
    rows = Rows("dpkg", name)
    if page:
        rows.lack("", "guessed", asking.guessed_page(page))
    for section in sections(lines_of(text)):
        _read_machine(rows, name, section)
    return rows.done()


def _read_machine(rows: Rows, name: str, lines: list[tuple[int, str]]) -> None:
    around = Surroundings()
    found: list[tuple[int, str, str, str]] = []
    gone = 0
    for number, line in lines:
        cut = line[:600]
        if not cut.strip() or _LEGEND.match(cut):
            continue
        if package := _LISTED.match(cut) or _LISTED_OLD.match(cut):
            if package[2] in _GONE:
                gone += 1
                continue
            arch = package[5] or (package[7] if package.re is _LISTED else "")
            found.append((number, package[4], package[6], arch))
        elif package := _QUERIED.match(cut):
            found.append((number, package[1], package[3], package[2] or package[4] or ""))
        elif not around.take(cut, number) and not _is_noise(cut):
            rows.unread(number, f"không phải dòng của dpkg: “{cut[:60]}” / not a line of dpkg: “{cut[:60]}”")
    _add(rows, name, around, found)
    _tell(rows, around.host or host_of_file(name), lines, found, gone)


def _is_noise(line: str) -> bool:
    """Tell the error line that dpkg-query prints for packages without a version ("name\t")."""
    return bool(re.match(rf"^{_NAME}(?::[a-z0-9-]+)?\s*$", line)) or line.startswith(("dpkg-query:", "#", "$ "))


def _add(rows: Rows, name: str, around: Surroundings, found: list[tuple[int, str, str, str]]) -> None:
    host = around.host or host_of_file(name)
    rows.host(host, line=around.line, os=around.os, os_version=around.version or None, arch=around.arch)
    if around.host is None:
        rows.lack(host, "no_hostname", asking.NO_HOSTNAME)
    if not around.id:
        rows.lack(host, "no_distribution", asking.NO_DISTRIBUTION)
    for number, package, version, arch in found:
        purl = around.purl("deb", package, version, arch)
        rows.software(host, package, line=number, version=version, purl=purl, arch=arch_of(arch))


def _tell(
    rows: Rows, host: str, lines: list[tuple[int, str]], found: list[tuple[int, str, str, str]], gone: int
) -> None:
    if gone:
        rows.lack(
            host,
            "removed",
            f"{gone} gói đã gỡ, chỉ còn tệp cấu hình, không tính / "
            f"{gone} packages are removed, only their settings are left; not counted",
        )
    rule = next((rule for _, line in lines[:200] if (rule := _RULE.match(line[:600]))), None)
    width = len(rule[1]) if rule else 0
    # dpkg cuts names at the width of the terminal; a column made to fit is filled by its longest name alone.
    full = {package for _, package, _, _ in found if width and len(package) == width}
    if len(full) >= _FULL_COLUMNS:
        rows.lack(
            host,
            "truncated",
            "tên gói có thể bị cắt theo bề rộng màn hình; xin gửi kết quả “dpkg-query -W” / "
            "names may be cut at the width of the screen; ask for the output of “dpkg-query -W”",
        )
