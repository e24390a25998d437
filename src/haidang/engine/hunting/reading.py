"""Which form a log has, told by its head; its lines are read by that form's reader from then on."""

from __future__ import annotations

import datetime as dt
from typing import Final

from haidang.engine.hunting.formats import find_reader
from haidang.engine.hunting.record import LineReader
from haidang.engine.hunting.times import Clock

_LINES: Final = 60
_LONGEST: Final = 8_000


def detect(head: bytes, name: str, today: dt.date, zone: dt.tzinfo) -> LineReader:
    """Give the reader for a log.

    Args:
        head: its first bytes; the last line may be cut.
        name: of the file.
        today: the day on which it is read: it tells the year where the log does not.
        zone: of times that name none.
    """
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").decode("utf-8", "replace")
    lines = [line[:_LONGEST].rstrip("\r") for line in text.split("\n", _LINES)[:_LINES] if line.strip()]
    return find_reader(lines[:-1] if len(lines) > 1 and not text.endswith("\n") else lines, name, Clock(zone, today))
