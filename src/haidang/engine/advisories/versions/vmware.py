"""Versions of vCenter: as records count them, in updates and letters (7.0 U3o), and as its own numbers (7.0.3.01700).

The third number is the update's; which letter the fourth stands for is not in the number, so that 7.0.3.01700 may be
any of 7.0 U3.
"""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import END, POST, Interval, beginning, exactly, number, word

NAMES = ("vmware",)

_BUILD = r"(?:[\s,(-]*build[\s-]*\d+\)?)?"
_UPDATE = re.compile(rf"v?(\d+)\.(\d+)[\s.]*(?:u|update|upd)[\s.]*(\d+)\s*([a-z]?){_BUILD}", re.IGNORECASE)
_NUMBERS = re.compile(rf"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.\d+)?{_BUILD}", re.IGNORECASE)


def interval(text: str) -> Interval | None:
    """Read a version; numbers alone are all that they may stand for."""
    bare = text.strip().removesuffix(".*")
    if found := _UPDATE.fullmatch(bare):
        letter = word(POST, found[4].lower()) if found[4] else b""
        return exactly(b"".join(map(number, found.groups()[:3])) + letter + END)
    if found := _NUMBERS.fullmatch(bare):
        return beginning(b"".join(number(part) for part in found.groups() if part is not None))
    return None
