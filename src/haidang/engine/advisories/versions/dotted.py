"""Versions of no declared kind: numbers parted by anything, with words that come before or after a release."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import (
    END,
    POST,
    PRE,
    Interval,
    beginning,
    exactly,
    number,
    word,
)

NAMES = ("dotted", "custom", "apk", "packagist")

_LEAD = re.compile(r"(?:version|ver\.?|release|rel\.?|firmware|v)?\s*\.?\s*(?=[a-z]{0,3}[\s.-]?\d)")
_SOUND = re.compile(r"[a-z]{0,3}[\s.-]?\d[\w\s.,:+~()/\\-]*")
_TOKEN = re.compile(r"\d+|[a-z]+")
_WILD = re.compile(r"(?:\.[x*]+)+$|(?<=\d)[x*]+(?:\.[x*]+)*$")
# Words that come before the release that they lead to, in their order; the numbers after them count on.
_BEFORE = {
    "dev": 1, "nightly": 1, "canary": 1, "snapshot": 1, "alpha": 2, "beta": 3, "preview": 4, "pre": 4, "ea": 4,
    "rc": 5, "cr": 5,
}  # fmt: skip
# Words that say nothing about the order.
_SILENT = {"ga", "final", "release", "stable", "lts", "build", "bld", "version", "and", "rev"}
_SAME = {
    "patch": "p", "pl": "p", "update": "u", "upd": "u", "hotfix": "hf", "servicepack": "sp", "cumulative": "cu",
    "fixpack": "fp", "maintenance": "mr",
}  # fmt: skip
# Words of a sentence: what holds them is no version but a statement about some.
_PROSE = {
    "prior", "earlier", "before", "through", "below", "older", "previous", "all", "any", "other", "later", "newer",
    "above", "see", "than", "to", "up", "only", "versions", "from", "affected", "none", "or", "unknown",
}  # fmt: skip
_LONGEST_WORD = 12
_MOST_TOKENS = 16


def interval(text: str) -> Interval | None:
    """Read a version; None where it is none.

    One of fewer than three numbers may be the short way to write any that begins so, but never an earlier one:
    "3.0" runs from 3.0 to before 3.1. So does one with a wild card ("5.4.*", "7.0.x").
    """
    lowered = text.strip().lower()
    wild = _WILD.sub("", lowered)
    if wild != lowered:
        read = tokens(wild)
        return _any_that_begins(read) if read is not None else None
    read = tokens(lowered)
    if read is None:
        return None
    key = b"".join(encode(read)) + END
    if sum(token.isdigit() for token in read) < 3 and read[-1].isdigit():
        return Interval(key, _any_that_begins(read).high)
    return exactly(key)


def _any_that_begins(read: list[str]) -> Interval:
    """Give the interval of "5.0.*": 5.0 itself, written without its zero, lies at the low end."""
    return Interval(b"".join(encode(read)), beginning(b"".join(encode(read, whole=False))).high)


def tokens(text: str) -> list[str] | None:
    """Split a version into numbers and words; None where the text is prose or no version."""
    text = _LEAD.sub("", text.strip().lower(), count=1)
    if not _SOUND.fullmatch(text):
        return None
    found = [_SAME.get(token, token) for token in _TOKEN.findall(text)]
    found = [token for token in found if token not in _SILENT]
    words = [token for token in found if not token.isdigit()]
    if len(found) > _MOST_TOKENS or any(len(token) > _LONGEST_WORD or token in _PROSE for token in words):
        return None
    return found if any(token.isdigit() for token in found) else None


def encode(read: list[str], *, whole: bool = True) -> list[bytes]:
    """Write the tokens; zeros that nothing follows are left out of a whole version, so that 1.0 equals 1."""
    out: list[bytes] = []
    zeros: list[bytes] = []
    for token in read:
        if token.isdigit():
            (zeros if int(token) == 0 else out).append(number(token)) if not zeros else _flush(token, zeros, out)
        else:
            zeros.clear()
            out.append(PRE + bytes([_BEFORE[token]]) if token in _BEFORE else word(POST, token))
    return out if whole else out + zeros


def _flush(token: str, zeros: list[bytes], out: list[bytes]) -> None:
    """Keep zeros that a number follows."""
    if int(token) == 0:
        zeros.append(number(token))
    else:
        out.extend([*zeros, number(token)])
        zeros.clear()
