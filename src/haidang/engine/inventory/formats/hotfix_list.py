"""Lists of Windows updates: `Get-HotFix`, `wmic qfe` as a table or as a list, and lines of "KB5029244: title"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import decode, head_of, lines_of
from haidang.engine.inventory.inventory import Inventory, Rows
from haidang.engine.inventory.naming import host_in, host_of_file
from haidang.engine.inventory.spelling import day_of, updates_in

ORDER = 44

# What wmic says, on the same line, when it runs for the first time.
_WELCOME = "Please wait while WMIC is being installed."
_HEADS = {
    "Caption",
    "CSName",
    "Description",
    "FixComments",
    "InstalledBy",
    "InstalledOn",
    "Source",
    "ServicePackInEffect",
}
# "HotFixID : KB5029244" (Format-List), "HotFixID=KB5029244" (/format:list)
_PAIR = re.compile(r"^\s*(\w{2,24})\s*[:=] ?(.*?)\s*$")
_TITLE = re.compile(r"^\s*(?:\[?\d{1,4}[\].)]?\s+)?KB\s?\d{5,8}\s*(?:[:;,\-–\t]|$)")
_TITLE_SHARE = 0.7
_LONGEST = 4_000
_AMERICAN = re.compile(r"^\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d [AP]M$")


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take a table or list with a column HotFixID, and lines that nearly all begin with a KB number."""
    lines = [line for line in lines_of(head_of(data)) if line.strip()]
    if any(_columns(line) for line in lines[:40]):
        return True
    pairs = {found[1] for line in lines[:200] if (found := _PAIR.match(line[:_LONGEST]))}
    if "HotFixID" in pairs:
        return len(pairs & _HEADS) > 0
    lines = [line for line in lines if host_in(line) is None]
    titles = sum(bool(_TITLE.match(line[:_LONGEST])) for line in lines)
    return titles > 0 and titles >= _TITLE_SHARE * len(lines)


def read(data: bytes, name: str) -> Inventory:
    """Read the updates of the machines that the text names; without a name, of one machine called as the file is."""
    text, page = decode(data)
    lines = lines_of(text)
    rows = Rows("list of updates", name)
    if page:
        rows.lack("", "guessed", asking.guessed_page(page))
    reader = _Reader(rows, name)
    if any(_columns(line) for line in lines[:200]):
        reader.read_table(lines)
    elif any((found := _PAIR.match(line[:_LONGEST])) and found[1] == "HotFixID" for line in lines):
        reader.read_pairs(lines)
    else:
        reader.read_titles(lines)
    reader.finish()
    return rows.done()


def _columns(line: str) -> Mapping[str, slice] | None:
    """Find where the columns of a table begin and end, by its line of headings."""
    head = line.replace(_WELCOME, "")[:_LONGEST]
    if "HotFixID" not in head or "," in head:
        return None
    names = [(found[0], found.start()) for found in re.finditer(r"\S+", head)]
    if not {word for word, _ in names} & _HEADS:
        return None
    ends = [start for _, start in names[1:]] + [None]
    return {word: slice(start, end) for (word, start), end in zip(names, ends, strict=True)}


class _Reader:
    """Adds updates and remembers what it saw of each machine."""

    def __init__(self, rows: Rows, name: str) -> None:
        self.rows = rows
        self.fallback = host_of_file(name)
        self.current: str | None = None
        self.hosts: dict[str, int] = {}
        self.nameless: dict[str, int] = {}
        self.unnamed = False

    def read_table(self, lines: list[str]) -> None:
        columns: Mapping[str, slice] | None = None
        for number, line in enumerate(lines, 1):
            found = _columns(line)
            if found:
                columns = found
            elif not line.strip() or set(line.strip()) <= set("- "):
                continue
            elif columns is None:
                self.current = host_in(line) or self.current
            elif len(line) > _LONGEST:
                self.rows.unread(number, "dòng quá dài / the line is far too long")
            elif host := host_in(line):
                self.current, columns = host, None
            else:
                self.add({name: line[place].strip() for name, place in columns.items()}, number, american=True)

    def read_pairs(self, lines: list[str]) -> None:
        for cells, number in _groups(lines):
            if "HotFixID" in cells:
                self.add(cells, number, american="Caption" in cells or "FixComments" in cells)
            else:
                self.rows.unread(number, "nhóm dòng không có HotFixID / a group of lines without HotFixID")

    def read_titles(self, lines: list[str]) -> None:
        for number, line in enumerate(lines, 1):
            if host := host_in(line):
                self.current = host
            elif _TITLE.match(line[:_LONGEST]):
                self.add({"HotFixID": " ".join(updates_in(line[:_LONGEST])[:1])}, number, american=False)
            elif line.strip():
                self.rows.unread(number, "dòng không bắt đầu bằng số KB / the line does not begin with a KB number")

    def add(self, cells: Mapping[str, str], line: int, *, american: bool) -> None:
        host = (
            cells.get("CSName")
            or cells.get("PSComputerName")
            or cells.get("Source")
            or cells.get("__SERVER")
            or self.current
        )
        self.unnamed = self.unnamed or not host
        host = host or self.fallback
        self.hosts.setdefault(host, line)
        updates = updates_in(cells.get("HotFixID", "")) or updates_in(cells.get("ServicePackInEffect", ""))
        if not updates:
            self.nameless[host] = self.nameless.get(host, 0) + 1
        day = cells.get("InstalledOn") or ""
        for update in updates[:1]:
            installed = day_of(day, american=american or bool(_AMERICAN.match(day)))
            self.rows.hotfix(host, update, line=line, installed_on=installed)

    def finish(self) -> None:
        """Say which machines were seen, and what is missing of them."""
        for host, line in self.hosts.items():
            self.rows.host(host, line=line)
        for host, count in self.nameless.items():
            self.rows.lack(host, "no_update_number", asking.without_number(count), self.hosts[host])
        if self.unnamed:
            self.rows.lack(self.fallback, "no_hostname", asking.NO_HOSTNAME)


def _groups(lines: list[str]) -> Iterator[tuple[dict[str, str], int]]:
    """Give groups of "name : value" lines, parted by blank lines or by a name that comes again."""
    cells: dict[str, str] = {}
    first = 1
    for number, line in enumerate([*lines, ""], 1):
        found = _PAIR.match(line[:_LONGEST])
        again = found is not None and found[1] in cells
        # wmic ends its lines twice over: a blank line alone parts nothing once HotFixID is still to come.
        if cells and (again or (not line.strip() and "HotFixID" in cells and "InstalledOn" in cells)):
            yield cells, first
            cells = {}
        if found:
            first = first if cells else number
            cells[found[1]] = found[2]
    if cells:
        yield cells, first
