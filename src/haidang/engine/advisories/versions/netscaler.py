"""Builds of Citrix NetScaler: a line of two numbers and a build in it: 14.1-12.35, "NS13.1: Build 49.15.nc"."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import END, Interval, beginning, exactly, number

NAMES = ("netscaler",)

_BUILD = re.compile(
    r"(?:netscaler\s*)?(?:ns)?\s*(\d+)\.(\d+)(?:[\s:,-]+(?:build\s*)?(\d+)(?:\.(\d+))?(?:\.nc)?)?(?:[\s,-]*(?:fips|ndcpp).*)?",
    re.IGNORECASE,
)


def interval(text: str) -> Interval | None:
    """Read a build; a line alone, or a build without its last number, is all that begin so."""
    found = _BUILD.fullmatch(text.strip().removesuffix(".*"))
    if not found:
        return None
    numbers = [part for part in found.groups() if part is not None]
    prefix = b"".join(map(number, numbers))
    return exactly(prefix + END) if len(numbers) == 4 else beginning(prefix)
