"""RPM versions: [epoch:]version[-release], compared as rpmvercmp does."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import Interval, exactly, number

NAMES = ("rpm", "redhat", "rhel", "suse")

_SOUND = re.compile(r"(?:(\d+):)?([^\s:-][^\s:-]*)(?:-([^\s:-]+))?")
_PIECE = re.compile(r"\d+|[A-Za-z]+|~|\^")
_TILDE, _END, _CARET, _WORD = b"\x01", b"\x02", b"\x03", b"\x10"


def interval(text: str) -> Interval | None:
    """Read a version; None where there is no number in it."""
    found = _SOUND.fullmatch(text.strip())
    if not found or not re.search(r"\d", found[2]):
        return None
    return exactly(number(found[1] or 0) + _part(found[2]) + (_part(found[3]) if found[3] else _END))


def _part(text: str) -> bytes:
    return b"".join(map(_piece, _PIECE.findall(text))) + _END


def _piece(text: str) -> bytes:
    if text == "~":
        return _TILDE
    if text == "^":
        return _CARET
    return number(text) if text.isdigit() else _WORD + text.encode() + b"\x00"
