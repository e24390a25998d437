"""What the readers of all forms share: bytes to text, and a time wherever it stands."""

from __future__ import annotations

import datetime as dt
from typing import Final

from haidang.engine.hunting.record import LogRecord
from haidang.engine.hunting.times import Clock

_LONGEST: Final = 1 << 16  # bytes of a line that are parsed; an indicator further on is found, its field is not told


class TextReader:
    """Reads lines of text; a form says `form` and `parse`, and `headings` where some lines tell what columns mean."""

    form = ""
    headings: tuple[bytes, ...] = ()

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def is_heading(self, line: bytes) -> bool:
        """Tell whether a line says what the columns of those after it mean."""
        return line.startswith(self.headings) if self.headings else False

    def read(self, line: bytes) -> LogRecord | None:
        """Read one line; None where it is no record of this form."""
        text = line[:_LONGEST].replace(b"\0", b"").decode("utf-8", "replace").strip("\r\n")
        return self.parse(text) if text else None

    def time(self, line: bytes) -> dt.datetime | None:
        """Read only when."""
        record = self.read(line)
        return record.time if record else None

    def parse(self, text: str) -> LogRecord | None:
        """Read a line of text."""
        return LogRecord(time=self.clock.anywhere(text))
