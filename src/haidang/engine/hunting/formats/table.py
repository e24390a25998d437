"""A table with a heading: CSV of any program, `nfdump -o csv` among them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Final

from haidang.engine.hunting.fields import NAMES, make_record, squash
from haidang.engine.hunting.lines import TextReader
from haidang.engine.hunting.record import LineReader, LogRecord
from haidang.engine.hunting.times import Clock

ORDER: Final = 50
_KNOWN: Final = {name for names in NAMES.values() for name in names}
_LEAST: Final = 2  # headings that are known, of a table
_NFDUMP: Final = ("ts", "te", "td", "sa", "da")


class Table(TextReader):
    """Reads rows by the heading that was read last."""

    def __init__(self, clock: Clock, heading: str, separator: str) -> None:
        super().__init__(clock)
        self._separator = separator
        self._names = _cells(heading, separator)
        self.form = "nfdump" if tuple(self._names[:5]) == _NFDUMP else "CSV"
        self.headings = (heading.encode(),)

    def parse(self, text: str) -> LogRecord | None:
        """Read a row; a heading is none."""
        cells = _cells(text, self._separator)
        if cells == self._names:
            return None
        return make_record(zip(self._names, cells, strict=False), self.clock)


def _cells(text: str, separator: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=separator), [])]
    except csv.Error:
        return text.split(separator)


def make(head: Sequence[str], name: str, clock: Clock) -> LineReader | None:  # noqa: ARG001
    """Take a log whose first line names at least two columns that are known."""
    if not head:
        return None
    heading = head[0].lstrip("#").strip()
    separator = max(",;\t|", key=heading.count)
    names = [squash(cell) for cell in _cells(heading, separator)]
    if len(names) < 3 or sum(1 for one in names if one in _KNOWN) < _LEAST:
        return None
    return Table(clock, heading, separator)
