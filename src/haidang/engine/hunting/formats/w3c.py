"""W3C's extended log format, as IIS writes it: columns named by a line of `#Fields:`; times are UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from haidang.engine.hunting.fields import make_record
from haidang.engine.hunting.lines import TextReader
from haidang.engine.hunting.record import LineReader, LogRecord
from haidang.engine.hunting.times import Clock

ORDER: Final = 21
# c-ip asked, s-ip answered: their byte counts are named from the server's side.
_OURS: Final = {
    "sc-bytes": "bytes_in",
    "cs-bytes": "bytes_out",
    "cs-host": "cs-host",
    "s-port": "server_port",
    "s-ip": "server_ip",
}


class W3c(TextReader):
    """Reads rows by the heading that was read last."""

    form = "W3C"
    headings: tuple[bytes, ...] = (b"#Fields:",)

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._names: list[str] = []

    def parse(self, text: str) -> LogRecord | None:
        """Read a row, or take the names of a heading."""
        if text.startswith("#"):
            if text.startswith("#Fields:"):
                self._names = [_OURS.get(name, name) for name in text.removeprefix("#Fields:").split()]
            return None
        return make_record(zip(self._names, text.split(" "), strict=False), self.clock)


def make(head: Sequence[str], name: str, clock: Clock) -> LineReader | None:  # noqa: ARG001
    """Take a log with `#Fields:` in its head."""
    fields = next((line for line in head if line.startswith("#Fields:")), None)
    if fields is None:
        return None
    reader = W3c(Clock(dt.UTC, clock.today))
    reader.parse(fields)
    return reader
