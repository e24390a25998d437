"""NuGet versions: semantic ones of one to four numbers, in which case does not count."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions import semver
from haidang.engine.advisories.versions.bytekeys import Interval

NAMES = ("nuget",)

_SOUND = re.compile(r"v?(\d+(?:\.\d+){0,3})([-+][0-9a-z.+-]+)?", re.ASCII)


def interval(text: str) -> Interval | None:
    """Read a version; what is none is read as `semver` reads it."""
    lowered = text.strip().lower()
    found = _SOUND.fullmatch(lowered)
    if not found:
        return semver.interval(lowered)
    numbers = found[1].split(".")
    return semver.interval(".".join([*numbers, *["0"] * (3 - len(numbers))]) + (found[2] or ""))
