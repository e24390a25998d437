"""Queries as BIND and dnsmasq write them, to a file of their own or to syslog."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from haidang.engine.hunting.lines import TextReader
from haidang.engine.hunting.record import LineReader, LogRecord
from haidang.engine.hunting.times import Clock

ORDER: Final = 26
_BIND: Final = re.compile(
    r"client (?:@\S+ )?([\da-fA-F.:]+)#(\d+)(?: \([^)]*\))?: (?:view [^:]+: )?query: (\S+) IN (\S+)"
)
_DNSMASQ: Final = re.compile(
    r"(?:dnsmasq(?:-\w+)?\[\d+\]: |^)(?:\d+ [\d.:a-f]+/\d+ )?"
    r"(query\[\w+\]|reply|cached|forwarded|config|/\S+) (\S+) (from|is|to) (\S+)"
)


class DnsServer(TextReader):
    """Reads who asked for which name, and the answers that dnsmasq tells."""

    form = "DNS server"

    def parse(self, text: str) -> LogRecord | None:
        """Read a line."""
        time = self.clock.anywhere(text)
        match = _BIND.search(text)
        if match:
            return LogRecord(
                time, match[1], int(match[2][:5]), match[3], 53, "udp", fields={"query": match[3], "qtype": match[4]}
            )
        match = _DNSMASQ.search(text)
        if not match:
            return LogRecord(time=time)
        what, name, word, other = match.groups()
        src = other if word == "from" else ""
        fields = {"query": name, **({"answer": other} if word == "is" else {})}
        return LogRecord(time, src, dst=name if src else "", dst_port=53, proto="udp", fields={**fields, "what": what})


def make(head: Sequence[str], name: str, clock: Clock) -> LineReader | None:  # noqa: ARG001
    """Take a log most of whose lines are queries and answers."""
    known = sum(1 for line in head if _BIND.search(line) or _DNSMASQ.search(line))
    return DnsServer(clock) if head and known * 2 > len(head) else None
