"""Zimbra versions: 8.8.15 P41; up to 9.0.0 the patch tells one build from another, from 10 on the third number does."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import END, Interval, beginning, exactly, number

NAMES = ("zimbra",)

_VERSION = re.compile(
    r"(?:zcs|zimbra|release)?[\s_-]*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?"
    r"(?:[\s._-]*ga(?:[\s._-]\d+)?)?(?:[^\n,]*?[\s,._:/-]*\b(?:p|patch)[\s._-]*(\d+))?",
    re.IGNORECASE,
)
_STUCK = re.compile(r"(?<=\d)(?=p(?:atch)?[\s._-]*\d)", re.IGNORECASE)
_FIRST_WITHOUT_PATCHES = 10


def interval(text: str) -> Interval | None:
    """Read "8.8.15 P41", "9.0.0patch38", "8.8.15_GA_3869 … Patch 8.8.15_P41" or "10.0.5".

    Up to 9.0.0, a release without its patch may carry any.
    """
    found = _VERSION.fullmatch(_STUCK.sub(" ", text.strip().removesuffix(".")).replace("_P", " P"))
    if not found:
        return None
    major, minor, micro, patch = found.groups()
    if micro is None:
        return beginning(b"".join(number(part) for part in (major, minor) if part))
    release = number(major) + number(minor) + number(micro)
    if patch is None and int(major) < _FIRST_WITHOUT_PATCHES:
        return beginning(release)
    return exactly(release + number(patch or 0) + END)
