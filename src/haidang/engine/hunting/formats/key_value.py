"""Lines of name=value, with or without the head of syslog: FortiGate, Sophos, SonicWall, CEF, LEEF and others."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from haidang.engine.hunting.fields import make_record
from haidang.engine.hunting.lines import TextReader
from haidang.engine.hunting.record import LineReader, LogRecord
from haidang.engine.hunting.times import Clock

ORDER: Final = 30
_PAIR: Final = re.compile(r'([A-Za-z][\w.\-/]{0,60})=(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*))')
_EXTENSION: Final = re.compile(
    r"(?:^|(?<=\s))([A-Za-z][\w.\[\]]{0,60})=(.*?)(?=\s[A-Za-z][\w.\[\]]{0,60}=|$)", re.DOTALL
)
_CEF: Final = re.compile(r"CEF:\d+\|((?:[^|\\]|\\.)*\|){6}", re.DOTALL)
_LEEF: Final = re.compile(r"LEEF:(1\.0|2\.0)\|(?:[^|]*\|){4}(?:([^|]{0,10})\|)?")
_FORTINET: Final = ("devid=", "logid=", "type=")
_DATE_AND_TIME: Final = re.compile(rb'\bdate="?([\d-]{10})"?,? time="?([\d:]{8})')
_ZONE: Final = re.compile(rb'\btz="?([+-]\d{4})')
_LEAST: Final = 4  # pairs of a line


class KeyValue(TextReader):
    """Reads pairs, wherever in the line they begin."""

    def __init__(self, clock: Clock, form: str) -> None:
        super().__init__(clock)
        self.form = form

    def time(self, line: bytes) -> dt.datetime | None:
        """Read only when: FortiGate's two fields, else all of them."""
        match = _DATE_AND_TIME.search(line[:400])
        found = self.clock.read(f"{match[1].decode()} {match[2].decode()} {self._zone(line)}") if match else None
        return found or super().time(line)

    @staticmethod
    def _zone(line: bytes) -> str:
        match = _ZONE.search(line[:2_000])
        return match[1].decode() if match else ""

    def parse(self, text: str) -> LogRecord | None:
        """Read the pairs of a line; where they name no time, the line's head does."""
        record = make_record(_pairs(text), self.clock)
        return record if record.time else replace(record, time=self.clock.anywhere(text))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    cef = _CEF.search(text)
    if cef:
        yield from ((name, value.strip().replace("\\=", "=")) for name, value in _EXTENSION.findall(text[cef.end() :]))
        return
    leef = _LEEF.search(text)
    if leef:
        separator = _separator(leef[2]) if leef[1] == "2.0" else "\t"
        for pair in text[leef.end() :].split(separator):
            name, _, value = pair.partition("=")
            yield name.strip(), value
        return
    for name, quoted, bare in _PAIR.findall(text):
        yield name, quoted or bare


def _separator(said: str | None) -> str:
    """Read LEEF's separator: a character, or its number (x09)."""
    text = (said or "").lower().removeprefix("0").removeprefix("x")
    if said and len(said) > 1 and all(digit in "0123456789abcdef" for digit in text):
        return chr(int(text[:4], 16))
    return said or "\t"


def make(head: Sequence[str], name: str, clock: Clock) -> LineReader | None:  # noqa: ARG001
    """Take a log most of whose lines are pairs."""
    cef, leef = (sum(1 for line in head if mark in line) for mark in ("CEF:", "LEEF:"))
    if (cef or leef) and (cef + leef) * 2 > len(head):
        return KeyValue(clock, "CEF" if cef else "LEEF")
    paired = [line for line in head if len(_PAIR.findall(line[:4_000])) >= _LEAST]
    if not head or len(paired) * 2 <= len(head):
        return None
    return KeyValue(clock, "FortiGate" if all(mark in paired[0] for mark in _FORTINET) else "key=value")
