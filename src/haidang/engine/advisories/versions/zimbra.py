"""Zimbra versions: 8.8.15 P41; up to 9.0.0 the patch tells one build from another, from 10 on the third number does."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import END, Interval, beginning, exactly, number

NAMES = ("zimbra",)

_VERSION = re.compile(
    r"(?:zcs|zimbra|release)?[\s_-]*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?P<wild>\.[x*])?"
    # The system that a build is for: 8.8.15_GA_3869.UBUNTU18.64 UBUNTU18_64 FOSS edition
    r"(?:[\s._-]*ga(?:[\s._-]\d+(?:\.[a-z]+\d[\w.]*(?: [^\n,]*)?)?)?)?"
    r"(?:[^\n,]*?[\s,._:/-]*\b(?:p|patch)[\s._-]*(\d+))?",
    re.IGNORECASE,
)
_STUCK = re.compile(r"(?<=\d)(?=p(?:atch)?[\s._-]*\d)", re.IGNORECASE)
# A patch names the release that it stands on, which may be a later one than was installed first.
_PATCH = re.compile(r", patch (\d+\.\d+\.\d+[\s._]p\d+)", re.IGNORECASE)
_FIRST_WITHOUT_PATCHES = 10


def interval(text: str) -> Interval | None:
    """Read "8.8.15 P41", "9.0.0patch38", "8.8.15_GA_3869 …, Patch 8.8.15_P41", "10.0.5" or "10.0.*".

    Up to 9.0.0, a release without its patch may carry any.
    """
    patched = _PATCH.search(text)
    bare = patched[1] if patched else text.strip().removesuffix(".")
    found = _VERSION.fullmatch(_STUCK.sub(" ", bare).replace("_P", " P").replace("_p", " p"))
    if not found:
        return None
    major, minor, micro, wild, patch = found.groups()
    if micro is None or (wild and not patch):
        return beginning(b"".join(number(part) for part in (major, minor, micro) if part))
    release = number(major) + number(minor) + number(micro)
    if patch is None and int(major) < _FIRST_WITHOUT_PATCHES:
        return beginning(release)
    return exactly(release + number(patch or 0) + END)
