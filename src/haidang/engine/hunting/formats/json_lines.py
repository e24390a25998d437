"""JSON, an object a line: Suricata EVE, Zeek's JSON, and any other program's."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson

from haidang.engine.hunting.fields import make_record
from haidang.engine.hunting.lines import TextReader
from haidang.engine.hunting.record import LineReader, LogRecord
from haidang.engine.hunting.times import Clock

ORDER: Final = 10
_DEEPEST: Final = 8
_MOST: Final = 400
_TIME: Final = re.compile(rb'"(?:timestamp|@timestamp|ts|time|eventTime|date)"\s*:\s*"?([\d][\d:T +.Z-]{8,38})')


class JsonLines(TextReader):
    """Reads objects; fields within fields are named by their path."""

    def __init__(self, clock: Clock, form: str) -> None:
        super().__init__(clock)
        self.form = form

    def time(self, line: bytes) -> dt.datetime | None:
        """Read only when: the first field that is named like a time, else all of them."""
        match = _TIME.search(line[:2_000])
        return (self.clock.read(match[1].decode()) if match else None) or super().time(line)

    def parse(self, text: str) -> LogRecord | None:
        """Read one object; one that is damaged still tells its time."""
        try:
            told = orjson.loads(text.rstrip(","))
        except orjson.JSONDecodeError:
            return LogRecord(time=self.clock.anywhere(text))
        return make_record(_fields(told), self.clock) if isinstance(told, dict) else None


def _fields(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the values of an object and of those within it, the outer ones first."""
    level: list[tuple[str, Any]] = [("", told)]
    for _ in range(_DEEPEST):
        inner: list[tuple[str, Any]] = []
        for path, value in level:
            members = value.items() if isinstance(value, dict) else enumerate(value[:20])
            for name, member in members:
                place = f"{path}.{name}" if path else str(name)
                if isinstance(member, (dict, list)):
                    inner.append((place, member))
                elif member is not None:
                    yield place, str(member)
        if not inner:
            return
        level = inner[:_MOST]


def make(head: Sequence[str], name: str, clock: Clock) -> LineReader | None:  # noqa: ARG001
    """Take a log most of whose lines are objects."""
    objects = [line for line in head if line.lstrip().startswith("{")]
    if not head or len(objects) * 2 <= len(head):
        return None
    first = objects[0]
    is_eve = '"event_type"' in first and ('"flow_id"' in first or '"src_ip"' in first)
    return JsonLines(clock, "Suricata EVE" if is_eve else "Zeek JSON" if '"id.orig_h"' in first else "JSON")
