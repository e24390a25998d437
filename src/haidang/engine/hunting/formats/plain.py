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
# Who came: “from 192.0.2.9 port 50123”, “client: 192.0.2.9”, “[client 192.0.2.9:80]”, “rhost=192.0.2.9”.
_FROM: Final = re.compile(
    r"(?:\bfrom[ =]|\bclient:? |\brhost=|\bip=)\[?(\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F:]{3,39})\b"
    r"(?:\]?(?: port |:)(\d{1,5}))?",
    re.IGNORECASE,
)


class Plain(TextReader):
    """Reads what has no known form."""

    form = "text"

    def parse(self, text: str) -> LogRecord | None:
        """Read the time, and who to whom where an arrow says so."""
        match = _TO.search(text[:4_000])
        if not match:
            said = _FROM.search(text[:4_000])
            src, port = (said[1], int(said[2] or 0)) if said else ("", 0)
            return LogRecord(self.clock.anywhere(text), src, port)
        src, sport, dst, dport = match.groups()
        return LogRecord(self.clock.anywhere(text), src, int(sport or 0), dst, int(dport or 0))


def make(head: Sequence[str], name: str, clock: Clock) -> LineReader | None:  # noqa: ARG001 - it takes any
    """Take any log."""
    return Plain(clock)
