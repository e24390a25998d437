"""Versions of MOVEit Transfer: by year (2023.0.6), and as machines show them (15.0.6)."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import END, Interval, beginning, exactly, number

NAMES = ("moveit",)

_VERSION = re.compile(r"v?(\d{1,4})(?:\.(\d+))?(?:\.(\d+))?(?:\.(\d+))?(?:\s*\([\d.]+\))?")
_YEAR = 2000
_FIRST_YEAR = 2008  # 2023.0 is 15.0, 2020.1 is 12.1


def interval(text: str) -> Interval | None:
    """Read a version; one of fewer than three numbers is all that begin so."""
    found = _VERSION.fullmatch(text.strip().lower().removesuffix(".*"))
    if not found:
        return None
    numbers = [int(part) for part in found.groups() if part is not None]
    numbers[0] -= _FIRST_YEAR if numbers[0] >= _YEAR else 0
    prefix = b"".join(map(number, numbers))
    return exactly(prefix + END) if len(numbers) >= 3 else beginning(prefix)
