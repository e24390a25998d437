"""Zeek's own tables: columns named by a line of `#fields`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from haidang.engine.hunting.fields import make_record
from haidang.engine.hunting.lines import TextReader
from haidang.engine.hunting.record import LineReader, LogRecord
from haidang.engine.hunting.times import Clock

ORDER: Final = 20


class Zeek(TextReader):
    """Reads rows by the heading that was read last."""

    form = "Zeek"
    headings: tuple[bytes, ...] = (b"#fields", b"#separator")

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._separator = "\t"
        self._names: list[str] = []

    def parse(self, text: str) -> LogRecord | None:
        """Read a row, or take the names of a heading."""
        if text.startswith("#"):
            name, _, rest = text.partition(" " if text.startswith("#separator") else self._separator)
            if name == "#separator":
                self._separator = _character(rest)
            elif name == "#fields":
                self._names = rest.split(self._separator)
            return None
        return make_record(zip(self._names, text.split(self._separator), strict=False), self.clock)


def _character(said: str) -> str:
    """Read what parts the columns: a character, or its number (\\x09); a tab where that is damaged."""
    number = re.search(r"\\x([0-9a-fA-F]{2})", said)
    return chr(int(number[1], 16)) if number else said.strip()[:1].replace("\\", "") or "\t"


def make(head: Sequence[str], name: str, clock: Clock) -> LineReader | None:  # noqa: ARG001
    """Take a log with `#fields` in its head."""
    if not any(line.startswith("#fields") for line in head):
        return None
    reader = Zeek(clock)
    for line in head:
        if line.startswith("#"):
            reader.parse(line)
    return reader
