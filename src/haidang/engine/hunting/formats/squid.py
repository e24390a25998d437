"""Squid's own access log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from haidang.engine.hunting.fields import number_of
from haidang.engine.hunting.lines import TextReader
from haidang.engine.hunting.record import LineReader, LogRecord
from haidang.engine.hunting.times import Clock

ORDER: Final = 41
_LINE: Final = re.compile(
    r"(?:\S+ \S+ )*?(?P<time>\d{10}\.\d{3})\s+\d+ (?P<src>\S+) (?P<result>[A-Z_]+/\d{3}) (?P<size>\d+) "
    r"(?P<method>[A-Z_]+) (?P<url>\S+) (?P<user>\S+) [A-Z_]+/(?P<dst>\S+)"
)
_HOST: Final = re.compile(r"(?:[a-z]+://)?(?:[^/@]*@)?(\[[^\]]+\]|[^/:]+)(?::(\d+))?")


class Squid(TextReader):
    """Reads one request a line."""

    form = "Squid"

    def parse(self, text: str) -> LogRecord | None:
        """Read a request; a line of another kind gives its time."""
        match = _LINE.match(text)
        if not match:
            return LogRecord(time=self.clock.anywhere(text))
        told = match.groupdict()
        host = _HOST.match(told["url"])
        scheme_port = 443 if told["method"] == "CONNECT" or told["url"].startswith("https:") else 80
        return LogRecord(
            self.clock.epoch(float(told["time"])),
            told["src"],
            dst=host[1] if host else told["dst"],
            dst_port=number_of(host[2]) or scheme_port if host else 0,
            user="" if told["user"] == "-" else told["user"],
            action="block" if "DENIED" in told["result"] else "allow",
            bytes_in=number_of(told["size"]),
            fields={"url": told["url"], "result": told["result"], "peer": told["dst"]},
        )


def make(head: Sequence[str], name: str, clock: Clock) -> LineReader | None:  # noqa: ARG001
    """Take a log most of whose lines are requests."""
    requests = sum(1 for line in head if _LINE.match(line))
    return Squid(clock) if head and requests * 2 > len(head) else None
