"""RubyGems versions, compared as Gem::Version does: any letter makes a release that comes before."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import END, PRE, Interval, exactly, number, word

NAMES = ("rubygems", "gem")

_SOUND = re.compile(r"v?(\d+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)", re.ASCII)
_SEGMENT = re.compile(r"\d+|[A-Za-z]+")


def interval(text: str) -> Interval | None:
    """Read a version; None where RubyGems knows none such. What follows a hyphen comes before the release too."""
    found = _SOUND.fullmatch(text.strip())
    if not found:
        return None
    key: list[bytes] = []
    zeros: list[bytes] = []
    for segment in _SEGMENT.findall(found[1].replace("-", ".pre.")):
        if segment.isdigit() and int(segment) == 0:
            zeros.append(number(0))
            continue
        # Zeros that nothing follows, or a word, do not count: 1.0 is 1, and 1.0.a is 1.a.
        key += [*zeros, number(segment)] if segment.isdigit() else [word(PRE, segment)]
        zeros.clear()
    return exactly(b"".join(key) + END)
