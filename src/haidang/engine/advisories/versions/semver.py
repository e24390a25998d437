"""Semantic versions (semver.org 2.0.0), as npm and Go use them; what only calls itself so is read like any other."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions import dotted
from haidang.engine.advisories.versions.bytekeys import END, PRE, TEXT, Interval, exactly, number, word

NAMES = ("semver", "npm", "go", "golang", "crates.io", "cargo", "hex", "pub", "swift")

_STRICT = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")

_TOOLCHAIN = re.compile(r"^go(?=\d)")  # how Go names its own releases: go1.21.5


def interval(text: str) -> Interval | None:
    """Read a version: what follows a hyphen comes before the release, what follows a plus does not count."""
    bare = _TOOLCHAIN.sub("", text.strip())
    found = _STRICT.fullmatch(bare)
    if not found:
        return dotted.interval(bare)
    key = b"".join(dotted.encode([part for part in found.groups()[:4] if part]))
    if found[5] is None:
        return exactly(key + END)
    # Below every word of `dotted` that leads to a release, so that both kinds of key can stand in one column.
    return exactly(key + PRE + b"\x00" + b"".join(map(_identifier, found[5].split("."))) + END)


def _identifier(text: str) -> bytes:
    return number(text) if text.isdigit() else word(TEXT, text)
