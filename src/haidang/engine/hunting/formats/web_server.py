"""Access logs of nginx, Apache and their kin, in the common and the combined format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from haidang.engine.hunting.fields import number_of
from haidang.engine.hunting.lines import TextReader
from haidang.engine.hunting.record import LineReader, LogRecord
from haidang.engine.hunting.times import Clock

ORDER: Final = 40
_LINE: Final = re.compile(
    r"(?:(?P<vhost>[\w.-]+)(?::\d+)? )?(?P<src>[\da-fA-F.:]+|\w[\w.-]*) \S+ (?P<user>\S+(?: [^\s\[]+){0,3}) "
    r"\[(?P<time>[^\]]{10,40})\] "
    r'"(?P<method>[A-Z]{3,12}) (?P<uri>\S+)[^"]*" (?P<status>\d{3}) (?P<size>\d+|-)'
    r'(?: "(?P<referer>[^"]*)" "(?P<agent>[^"]*)")?'
)


class WebServer(TextReader):
    """Reads one request a line."""

    form = "nginx/Apache"

    def parse(self, text: str) -> LogRecord | None:
        """Read a request; a line of another kind gives its time."""
        match = _LINE.match(text)
        if not match:
            return LogRecord(time=self.clock.anywhere(text))
        told = {name: value for name, value in match.groupdict().items() if value and value != "-"}
        fields = {"uri": told.get("uri", ""), "status": told["status"]}
        fields |= {name: told[name] for name in ("referer", "agent") if name in told}
        if "vhost" in told:
            fields["http_host"] = told["vhost"]
        return LogRecord(
            self.clock.read(told["time"]),
            told.get("src", ""),
            user=told.get("user", ""),
            action="allow" if told["status"] < "400" else "block" if told["status"] == "403" else "",
            bytes_in=number_of(told.get("size")),
            fields=fields,
        )


def make(head: Sequence[str], name: str, clock: Clock) -> LineReader | None:  # noqa: ARG001
    """Take a log most of whose lines are requests."""
    requests = sum(1 for line in head if _LINE.match(line))
    return WebServer(clock) if head and requests * 2 > len(head) else None
