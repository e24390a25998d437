"""What a line of a log means: when, who to whom, how much."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A line of a log, as far as its form is known.

    Attributes:
        time: aware, UTC; None where the line has none that can be read.
        src: address that began the connection or asked; canonical spelling, empty where unknown.
        src_port: 0 where unknown.
        dst: address or name that was asked for.
        dst_port: 0 where unknown.
        proto: "tcp", "udp", …; empty where unknown.
        host: name of the machine on our side, where the line says one.
        user: account, where the line says one.
        action: "allow" or "block" as the device says it, else its own word in lower case.
        bytes_out: from src to dst; None where not said.
        bytes_in: from dst to src.
        fields: further values by the name of their field, as written (qname, url, http host, hash, file …): which
            field of the line held the indicator is told from here.
    """

    time: dt.datetime | None = None
    src: str = ""
    src_port: int = 0
    dst: str = ""
    dst_port: int = 0
    proto: str = ""
    host: str = ""
    user: str = ""
    action: str = ""
    bytes_out: int | None = None
    bytes_in: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


class LineReader(Protocol):
    """Reads lines of one form; it keeps what the head of the file said (columns, year, zone)."""

    form: str
    headings: tuple[bytes, ...]  # how lines begin that say what the columns mean; none for most forms

    def is_heading(self, line: bytes) -> bool:
        """Tell whether a line says what the columns of those after it mean; `read` takes it then."""

    def read(self, line: bytes) -> LogRecord | None:
        """Read one line, without its end; None where it is no record (a comment, a heading, damage)."""

    def time(self, line: bytes) -> dt.datetime | None:
        """Read only when, as cheaply as can be; None where the line has no time."""
