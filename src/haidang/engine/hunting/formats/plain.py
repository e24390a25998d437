"""Any other text: a time near the line's start, and the two addresses of a line that has two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from haidang.engine.hunting.lines import TextReader
from haidang.engine.hunting.record import LineReader, LogRecord
from haidang.engine.hunting.times import Clock

ORDER: Final = 1_000
_END: Final = r"(\d{1,3}(?:\.\d{1,3}){3})(?:[:.](\d{1,5}))?(?![\w.])"
_TO: Final = re.compile(rf"(?<![\w.]){_END}\s*(?:->|→|>|\bto\b)\s*{_END}")


class Plain(TextReader):
    """Reads what has no known form."""

    form = "text"

    def parse(self, text: str) -> LogRecord | None:
        """Read the time, and who to whom where an arrow says so."""
        match = _TO.search(text[:4_000])
        if not match:
            return LogRecord(time=self.clock.anywhere(text))
        src, sport, dst, dport = match.groups()
        return LogRecord(self.clock.anywhere(text), src, int(sport or 0), dst, int(dport or 0))


def make(head: Sequence[str], name: str, clock: Clock) -> LineReader | None:  # noqa: ARG001 - it takes any
    """Take any log."""
    return Plain(clock)
