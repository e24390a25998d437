"""Cisco ASA and Firepower: connections built, torn down, denied."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Final

from haidang.engine.hunting.fields import action_of, number_of
from haidang.engine.hunting.lines import TextReader
from haidang.engine.hunting.record import LineReader, LogRecord
from haidang.engine.hunting.times import Clock

ORDER: Final = 25
_MESSAGE: Final = re.compile(r"%(?:ASA|FTD|PIX|FWSM)-(?:\w+-)?\d-(\d{6}): (.*)", re.DOTALL)
_AT: Final = r"(?:[\w.\-]+[:/])?([\da-fA-F.:]+)[/(](\d+)\)?(?: ?\(([\da-fA-F.:]+)/(\d+)\))?"
_CONNECTION: Final = re.compile(rf"(in|out)bound (\w+) connection \d+ for {_AT}(?: ?\([^)]*\))* to {_AT}")
_TEARDOWN: Final = re.compile(
    rf"Teardown (\w+) connection \d+ for {_AT}(?: ?\([^)]*\))* to {_AT}.*?(?:bytes (\d+))?(?= |$)"
)
_BYTES: Final = re.compile(r"\bbytes (\d+)")
_ACCESS: Final = re.compile(
    r"(?:Deny|denied|permitted)\s+(?:protocol )?(\w+)\s+(?:src\s+)?(?:[\w.\-]+[:/])?([\da-fA-F.]+)[/(](\d+)\)?"
    r".*?(?:->|dst|to)\s+(?:[\w.\-]+[:/])?([\da-fA-F.]+)[/(](\d+)\)?"
)


class CiscoAsa(TextReader):
    """Reads messages of connections and access lists; of others only the time."""

    form = "Cisco ASA"

    def parse(self, text: str) -> LogRecord | None:
        """Read a message."""
        match = _MESSAGE.search(text)
        time = self.clock.anywhere(text)
        if not match:
            return LogRecord(time=time)
        fields = {"message_id": match[1]}
        message = match[2]
        told = _CONNECTION.search(message)
        if told:
            return _connection(told, time, fields)
        told = _TEARDOWN.search(message)
        if told:
            return _teardown(told, message, time, fields)
        told = _ACCESS.search(message)
        if told:
            return LogRecord(time, told[2], int(told[3]), told[4], int(told[5]), told[1].lower(),
                             action=action_of(message), fields=fields)  # fmt: skip
        return LogRecord(time=time, action=action_of(message[:60]), fields=fields)


def _connection(told: re.Match[str], time: dt.datetime | None, fields: dict[str, str]) -> LogRecord:
    """Read who began a connection: what the message names last in one that goes out."""
    near = (told[7], told[8], told[9], told[10])
    far = (told[3], told[4], told[5], told[6])
    first, second = (near, far) if told[1] == "out" else (far, near)
    if first[2] and first[2] != first[0]:
        fields = {**fields, "nat_src": first[2], "nat_src_port": first[3]}
    return LogRecord(
        time, first[0], int(first[1]), second[0], int(second[1]), told[2].lower(), action="allow", fields=fields
    )


def _teardown(told: re.Match[str], message: str, time: dt.datetime | None, fields: dict[str, str]) -> LogRecord:
    """Read the end of a connection; it does not say who began it: the end with the higher port, most likely."""
    ends = sorted(((told[2], int(told[3])), (told[6], int(told[7]))), key=lambda end: -end[1])
    counted = _BYTES.search(message)
    size = number_of(counted[1]) if counted else None
    (src, sport), (dst, dport) = ends
    return LogRecord(time, src, sport, dst, dport, told[1].lower(), action="allow", bytes_in=size, fields=fields)


def make(head: Sequence[str], name: str, clock: Clock) -> LineReader | None:  # noqa: ARG001
    """Take a log most of whose lines bear the mark of such a device."""
    marked = sum(1 for line in head if _MESSAGE.search(line))
    return CiscoAsa(clock) if head and marked * 2 > len(head) else None
