"""Debian versions: [epoch:]upstream[-revision], compared as deb-version(7) says."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import Interval, exactly, number

NAMES = ("deb", "debian", "ubuntu", "dpkg")

_SOUND = re.compile(r"(?:(\d+):|(?![^:]*:))([A-Za-z0-9.+~:-]*?\d[A-Za-z0-9.+~:-]*?)(?:-([A-Za-z0-9.+~]+))?")
_PIECE = re.compile(r"(\D*)(\d*)")
_TILDE, _NOTHING, _LETTER, _OTHER = 1, 2, 0x10, 0x80


def interval(text: str) -> Interval | None:
    """Read a version; None where dpkg would refuse it."""
    found = _SOUND.fullmatch(text.strip())
    if not found:
        return None
    return exactly(number(found[1] or 0) + _part(found[2]) + _part(found[3] or "0"))


def _part(text: str) -> bytes:
    """Write runs of other characters and numbers by turns, as dpkg compares them; a run that ends counts as nothing."""
    out = bytearray()
    for run, digits in _PIECE.findall(text):
        if not run and not digits:
            break
        out += bytes(map(_place, run)) + bytes([_NOTHING]) + number(digits or 0)
    out.append(_NOTHING)
    return bytes(out)


def _place(character: str) -> int:
    if character == "~":
        return _TILDE
    if character.isalpha():
        return _LETTER + ord(character) - ord("A")
    return _OTHER + ord(character) - ord("+")
