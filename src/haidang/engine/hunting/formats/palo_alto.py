"""Palo Alto's traffic and threat logs: values in a fixed order, parted by commas."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Final

from haidang.engine.hunting.fields import action_of, number_of
from haidang.engine.hunting.lines import TextReader
from haidang.engine.hunting.record import LineReader, LogRecord
from haidang.engine.hunting.times import Clock

ORDER: Final = 24
_KINDS: Final = ("TRAFFIC", "THREAT", "URL")
_LEAST: Final = 32


class PaloAlto(TextReader):
    """Reads traffic and threat messages."""

    form = "Palo Alto"

    def parse(self, text: str) -> LogRecord | None:
        """Read a message by the places of its values."""
        cells = _cells(text)
        if len(cells) < _LEAST or cells[3] not in _KINDS:
            return LogRecord(time=self.clock.anywhere(text))
        fields = {"rule": cells[11], "app": cells[14], "nat_src": cells[9], "nat_src_port": cells[26]}
        out = back = None
        if cells[3] == "TRAFFIC" and len(cells) > 33:
            out, back = number_of(cells[32]), number_of(cells[33])
        elif len(cells) > 31:
            fields["url"] = cells[31]
        return LogRecord(
            self.clock.read(cells[6]) or self.clock.read(cells[1]),
            cells[7],
            number_of(cells[24]) or 0,
            cells[8],
            number_of(cells[25]) or 0,
            cells[29],
            user=cells[12],
            action=action_of(cells[30]),
            bytes_out=out,
            bytes_in=back,
            fields={name: value for name, value in fields.items() if value and value not in ("0", "0.0.0.0")},  # noqa: S104 - how it writes "none"
        )


def _cells(text: str) -> list[str]:
    """Part a line; the head of syslog goes with the first cell."""
    try:
        return next(csv.reader([text]), [])
    except csv.Error:
        return []


def make(head: Sequence[str], name: str, clock: Clock) -> LineReader | None:  # noqa: ARG001
    """Take a log most of whose lines are such messages."""
    known = sum(1 for line in head if len(cells := _cells(line)) >= _LEAST and cells[3] in _KINDS)
    return PaloAlto(clock) if head and known * 2 > len(head) else None
