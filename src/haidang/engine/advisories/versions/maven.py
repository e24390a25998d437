"""Maven versions, by the order that its POM reference specifies."""

from __future__ import annotations

import re

from haidang.engine.advisories.versions.bytekeys import END, POST, PRE, Interval, beginning, exactly, number, word

NAMES = ("maven",)

_SOUND = re.compile(r"[\w.+-]*\d[\w.+-]*", re.ASCII)
_TOKEN = re.compile(r"\d+|[^\d.-]*")
_BEFORE = {"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "cr": 3, "snapshot": 4}
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}
_NOTHING = {"final", "ga", "release"}
# A number after a hyphen comes before one after a dot, and after every qualifier.
_HYPHEN_NUMBER = b"\x38"
# What counts as nothing, with more behind it: 1 < 1-ga.1 < 1-sp.
_BETWEEN = b"\x28"

_Token = tuple[str, str]


def interval(text: str) -> Interval | None:
    """Read a version; None where there is no number in it. "2.426.*" is every version that begins so."""
    lowered = re.sub(r"\s+", "-", text.strip().lower())
    whole = lowered.removesuffix(".*")
    if not _SOUND.fullmatch(whole):
        return None
    tokens = _split(whole)
    key = b"".join(map(_encode, _trim(tokens)))
    if whole != lowered:
        return Interval(key, beginning(b"".join(map(_encode, tokens))).high)
    return exactly(key + END)


def _split(text: str) -> list[_Token]:
    """Give (separator, token); going from digits to letters or back parts tokens as a hyphen does."""
    tokens: list[_Token] = []
    place = 0
    while place < len(text):
        separator = "."
        if text[place] in ".-":
            separator = text[place]
            place += 1
        elif tokens:
            separator = "-"
        found = _TOKEN.match(text, place)
        token = found[0] if found else ""
        place += len(token)
        followed_by_digit = place < len(text) and text[place].isdigit()
        token = _SHORT.get(token, token) if followed_by_digit else token
        tokens.append((separator, token or "0"))
    return tokens


def _trim(tokens: list[_Token]) -> list[_Token]:
    """Take away what stands for nothing at the end, and before each hyphen."""
    kept: list[_Token] = []
    for separator, token in tokens:
        if separator == "-" or not token.isdigit():
            while kept and _is_nothing(kept[-1][1]) and len(kept) > 1:
                kept.pop()
        kept.append((separator, token))
    while len(kept) > 1 and _is_nothing(kept[-1][1]):
        kept.pop()
    return kept


def _is_nothing(token: str) -> bool:
    return token in _NOTHING or (token.isdigit() and int(token) == 0)


def _encode(token: _Token) -> bytes:
    separator, text = token
    if text.isdigit():
        return number(text) if separator == "." else _HYPHEN_NUMBER + number(text)
    if text in _BEFORE:
        return PRE + bytes([_BEFORE[text]])
    if text in _NOTHING:
        return _BETWEEN
    return POST + (b"\x01" if text == "sp" else word(b"\x02", text))
