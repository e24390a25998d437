"""Packages of Red Hat, CentOS, Rocky, Oracle, SUSE: `rpm -qa`, as it comes or with the usual --queryformat."""

from __future__ import annotations

import re
from collections.abc import Iterator

from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import decode, head_of, lines_of
from haidang.engine.inventory.distribution import Surroundings, says_something, sections
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.naming import host_of_file
from haidang.engine.inventory.spelling import arch_of

ORDER = 52

_ARCHES = r"x86_64|noarch|i[3-6]86|aarch64|ppc64le|ppc64|s390x|armv7hl|athlon|\(none\)"
_PART = r"[A-Za-z0-9._+~^]+"
# bash-5.1.8-6.el9.x86_64; before RHEL 6 without the processor
_WHOLE = re.compile(rf"^([A-Za-z0-9][\w.+\-]{{0,120}})-((?:\d+:)?{_PART})-({_PART}?)(?:\.({_ARCHES}))?\s*$")
# The end of a release that a distribution writes.
_DIST = re.compile(r"\.(?:el|fc|amzn|ol|centos|rocky|alma|oe|mga|suse|lp|cm|azl|ky|uelc)\d|-lp\d|\.\d+$")
# NAME VERSION-RELEASE ARCH, NAME EPOCH:VERSION-RELEASE ARCH, NAME|EPOCH|VERSION|RELEASE|ARCH …
_SPLIT = re.compile(r"[\t|;, ]+")
_EVR = re.compile(rf"^(?:(\d+|\(none\)):)?({_PART})-({_PART})$")
_KEYS = re.compile(r"^gpg-pubkey\b")
_LONGEST = 400


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take a text whose lines are nearly all packages as rpm names them."""
    lines = [line.strip() for line in lines_of(head_of(data)) if line.strip()]
    lines = [line for line in lines if len(line) < _LONGEST and not says_something(line)]
    packages = [found for line in lines if (found := _package(line))]
    sure = sum(bool(arch or _DIST.search(f"-{release}")) for _, _, _, release, arch in packages)
    return sure >= 1 and len(packages) >= 0.9 * (len(lines) - 2) and sure >= 0.5 * len(packages)


def read(data: bytes, name: str) -> Inventory:
    """Read the packages. Keys that rpm lists among them are no software."""
    text, page = decode(data)
    rows = Rows("rpm", name)
    if page:
        rows.lack("", "guessed", asking.guessed_page(page))
    for section in sections(lines_of(text)):
        _read_machine(rows, name, section)
    return rows.done()


def _read_machine(rows: Rows, name: str, lines: list[tuple[int, str]]) -> None:
    around = Surroundings()
    packages = list(_packages(rows, around, lines))
    host = around.host or host_of_file(name)
    rows.host(host, line=around.line, os=around.os, os_version=around.version or None, arch=around.arch)
    if around.host is None:
        rows.lack(host, "no_hostname", asking.NO_HOSTNAME)
    if not around.id:
        rows.lack(host, "no_distribution", asking.NO_DISTRIBUTION)
    for number, (package, epoch, version, release, arch) in packages:
        full = f"{version}-{release}" if release else version
        rows.software(
            host,
            package,
            line=number,
            version=f"{epoch}:{full}" if epoch else full,
            purl=around.purl("rpm", package, full, arch, epoch),
            arch=arch_of(arch),
        )


def _packages(
    rows: Rows, around: Surroundings, lines: list[tuple[int, str]]
) -> Iterator[tuple[int, tuple[str, str, str, str, str]]]:
    for number, line in lines:
        bare = line.strip()
        if not bare or _KEYS.match(bare):
            continue
        package = _package(bare) if len(bare) < _LONGEST and not says_something(bare) else None
        if package:
            yield number, package
        elif not around.take(bare[:_LONGEST], number) and not bare.startswith(("#", "warning:", "rpm: ")):
            rows.unread(number, f"không phải dòng của rpm: “{bare[:60]}” / not a line of rpm: “{bare[:60]}”")


def _package(line: str) -> tuple[str, str, str, str, str] | None:
    """Take a line apart: name, epoch, version, release, arch; None when it names no package."""
    cells = _SPLIT.split(line)
    if len(cells) == 1:
        found = _WHOLE.match(line)
        if not found or not found[3]:
            return None
        epoch, _, version = found[2].rpartition(":")
        return found[1], epoch, version, found[3], _arch(found[4])
    arch = cells.pop() if re.fullmatch(_ARCHES, cells[-1]) else ""
    if len(cells) == 2 and (found := _EVR.match(cells[1])):
        return cells[0], _epoch(found[1]), found[2], found[3], _arch(arch)
    if not arch or not all(re.fullmatch(r"[\w.+~^\-()]+", cell) for cell in cells):
        return None
    if len(cells) == 4:
        return cells[0], _epoch(cells[1]), cells[2], cells[3], _arch(arch)
    return (cells[0], "", cells[1], cells[2], _arch(arch)) if len(cells) == 3 else None


def _epoch(text: str | None) -> str:
    return text if text and text.isdigit() and text != "0" else ""


def _arch(text: str | None) -> str:
    return "" if text in (None, "(none)") else text
