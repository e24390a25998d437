"""The output of `systeminfo`, in any language and code page; several machines in one file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import decode, head_of, lines_of
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.naming import host_in, host_of_file
from haidang.engine.inventory.spelling import arch_of, lacks_revision, something, updates_in

ORDER = 40

# Labels are translated, so the line of the version is the landmark: its build stands there twice.
# "OS Version:   10.0.19045 N/A Build 19045", "OS 版本:  10.0.17763 暂缺 Build 17763"
_VERSION = re.compile(r"^\s{0,3}\S[^:：]{0,70}[:：]\s+(\d{1,2}\.\d{1,2}\.(\d{4,5}))\b(.{0,80}?)(?<!\d)\2\s*$")
_LABELLED = re.compile(r"^\S[^:：]{0,70}[:：](?:\s+(.*)|\s*)$")
_PACK = re.compile(r"Service Pack \d", re.IGNORECASE)
_PROCESSOR = re.compile(r"[:：]\s+(x64|x86|arm64|itanium|ia64)[- ]?based", re.IGNORECASE)
_ENTRY = re.compile(r"^\s+\[(\d{1,4})\]:?\s*(.*?)\s*$")
_CUT_ENTRY = re.compile(r"^\s+\[\d{0,4}\]?:?\s*$")
_UPDATE = re.compile(r"(?:KB|Q)\d|\d{6,7}\b|File \d|\{[0-9A-F]{8}-", re.IGNORECASE)
_WHOLE_NUMBER = 7  # digits; a cut number has fewer
_ADDRESS = re.compile(r"^\s+\[\d+\]:\s*((?:\d{1,3}\.){3}\d{1,3})\s*$")
_SERVES = re.compile(r"[:：]\s+(?:\d{1,3}\.){3}\d{1,3}\s*$")
_NO_ADDRESS = ("0.", "127.", "169.254.")
# `ver`: "Microsoft Windows [Version 10.0.19045.3324]"; the word inside is translated.
_VER = re.compile(r"Windows \[[^\]\d]{0,40}(\d{1,2}\.\d{1,2}\.\d{4,5}\.\d{1,6})\]")


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take a text with a line of Windows' version below the line of its name."""
    return any(True for _ in _landmarks(lines_of(head_of(data))))


def read(data: bytes, name: str) -> Inventory:
    """Read every machine of the file: its system and its list of updates."""
    text, page = decode(data)
    lines = lines_of(text)
    rows = Rows("systeminfo", name)
    landmarks = list(_landmarks(lines))
    if not landmarks:
        raise UnreadableParcel(f"{name} breaks off before the version of Windows; run systeminfo again")
    if page:
        rows.lack("", "guessed", asking.guessed_page(page))
    starts = [_start(lines, at) for at in landmarks] + [len(lines)]
    for number, at in enumerate(landmarks):
        first = 0 if number == 0 else starts[number]
        _read_machine(rows, name, _Block(lines, first, at, starts[number + 1]), alone=len(landmarks) == 1)
    return rows.done()


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines of one machine: from `first` to before `end`, the version at `landmark`."""

    lines: list[str]
    first: int
    landmark: int
    end: int

    def numbered(self) -> Iterator[tuple[int, str]]:
        return ((at + 1, self.lines[at]) for at in range(self.first, self.end))


def _landmarks(lines: list[str]) -> Iterator[int]:
    for at in range(1, len(lines)):
        if len(lines[at]) < 400 and _VERSION.match(lines[at]) and "windows" in lines[at - 1].lower():
            yield at


def _start(lines: list[str], landmark: int) -> int:
    """Find where a machine begins: the line of its name, two above; a header line above that belongs to it too."""
    at = landmark - 1
    if landmark >= 2 and _LABELLED.match(lines[landmark - 2]):
        at = landmark - 2
    while at > 0 and (not lines[at - 1].strip() or host_in(lines[at - 1])):
        at -= 1
    return at


def _read_machine(rows: Rows, name: str, block: _Block, *, alone: bool) -> None:
    at = block.landmark
    version = _VERSION.match(block.lines[at])
    system = _LABELLED.match(block.lines[at - 1])
    os = (system[1] or "").strip() if system else block.lines[at - 1].strip()
    build = version[1] if version else ""
    if version and (pack := _PACK.search(version[3])):
        os = f"{os} {pack[0]}"
    if revision := _revision(block, build):
        build = revision
    host = _host(block)
    if host is None:
        host = host_of_file(name) if alone else f"{host_of_file(name)}-{block.first + 1}"
        rows.lack(host, "no_hostname", asking.NO_HOSTNAME, at + 1)
    rows.host(
        host,
        line=at + 1,
        kind="server" if "server" in os.lower() else "workstation",
        os=os,
        os_version=build,
        arch=_arch(block),
        address=_address(block),
    )
    if lacks_revision(os, build):
        rows.lack(host, "no_build", asking.NO_BUILD, at + 1)
    _read_updates(rows, host, block)


def _host(block: _Block) -> str | None:
    at = block.landmark - 2
    if at >= block.first and (found := _LABELLED.match(block.lines[at])):
        return something(found[1])
    said = (host_in(block.lines[above]) for above in range(block.first, block.landmark))
    return next((host for host in said if host), None)


def _revision(block: _Block, build: str) -> str | None:
    """Find the full build that `ver` printed into the same file."""
    for _, line in block.numbered():
        if (found := _VER.search(line)) and found[1].startswith(f"{build}."):
            return found[1]
    return None


def _arch(block: _Block) -> str | None:
    found = next((found for _, line in block.numbered() if (found := _PROCESSOR.search(line[:200]))), None)
    return arch_of(found[1].lower()) if found else None


def _address(block: _Block) -> str | None:
    """Take the first address of the first card that was given one by a server, else of any card."""
    addresses: list[tuple[bool, str]] = []
    served = False
    for _, line in block.numbered():
        if found := _ADDRESS.match(line):
            if not found[1].startswith(_NO_ADDRESS):
                addresses.append((not served, found[1]))
        elif _SERVES.search(line[:200]):
            served = True
        elif _ENTRY.match(line):
            served = False
    return min(addresses, key=lambda entry: entry[0])[1] if addresses else None


def _read_updates(rows: Rows, host: str, block: _Block) -> None:
    found = _list_of_updates(block)
    if found is None:
        rows.lack(host, "no_updates", asking.NO_UPDATES, block.landmark + 1)
        return
    head, entries, cut = found
    told = re.search(r"\d+", block.lines[head].partition(":")[2] or block.lines[head])
    short = told is not None and int(told[0][:6]) > len(entries)
    nameless = 0
    for number, (line, text) in enumerate(entries):
        updates = updates_in(text)
        is_last = number == len(entries) - 1
        if short and is_last and not cut and " " not in text and len("".join(updates)) < _WHOLE_NUMBER + 2:
            rows.unread(line, f"số KB có thể bị cắt: “{text}” / the KB number may be cut off: “{text}”")
            continue
        nameless += not updates
        for update in updates[:1]:
            rows.hotfix(host, update, line=line)
    if nameless:
        rows.lack(host, "no_update_number", asking.without_number(nameless), head + 1)
    if short and told:
        rows.lack(host, "truncated", asking.truncated(len(entries), int(told[0][:6])), head + 1)


def _list_of_updates(block: _Block) -> tuple[int, list[tuple[int, str]], bool] | None:
    """Find the list whose entries are updates: (its head, entries with their lines, whether a broken entry ends it)."""
    at = block.landmark
    while at < block.end - 1:
        at += 1
        if block.lines[at][:1].isspace() or not _LABELLED.match(block.lines[at][:400]):
            continue
        entries, cut = _entries(block, at + 1)
        if any(_UPDATE.match(text) for _, text in entries):
            return at, entries, cut
    return None


def _entries(block: _Block, first: int) -> tuple[list[tuple[int, str]], bool]:
    entries: list[tuple[int, str]] = []
    for at in range(first, block.end):
        line = block.lines[at]
        found = _ENTRY.match(line[:300])
        if found and found[2]:
            entries.append((at + 1, found[2]))
        elif line.strip():
            return entries, bool(_CUT_ENTRY.match(line))
    return entries, False
