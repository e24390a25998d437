"""Vietnamese text, compared as a person would: blind to case, diacritics, tone placement and spacing."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"))
_SPACES = dict.fromkeys(
    map(ord, "\t\x0b\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"),
    " ",
)


def _base_letters() -> dict[int, str]:
    """Map every precomposed Latin letter to its bare lower-case letter, one character to one character."""
    table: dict[int, str] = {
        ord("đ"): "d",
        ord("Đ"): "d",
        ord("–"): "-",
        ord("—"): "-",
        ord("\u2010"): "-",
        ord("\u2011"): "-",
    }
    for code in [*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00)]:
        bare = unicodedata.normalize("NFD", chr(code))[0].lower()
        if bare.isascii() and len(bare) == 1:
            table.setdefault(code, bare)
    return table


_BASE = _base_letters()
_RUNS_OF_SPACE = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Bring text to NFC with plain spaces and newline line ends, without invisible characters and control bytes."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    text = text.translate(_INVISIBLE).translate(_SPACES)
    return "".join(c for c in text if c >= " " or c in "\n\f")


def fold(text: str) -> str:
    """Strip case and diacritics, character by character.

    The result is as long as the (NFC) input, so a position found in the folded text is the position in the text.
    "Hoà" and "Hòa" fold alike; so do "Sở" and the "So" of a text layer that lost its diacritics.
    """
    return text.translate(_BASE).lower()


def squeeze(text: str) -> str:
    """Put one space where there was any white space, none at the ends."""
    return _RUNS_OF_SPACE.sub(" ", text).strip()


def key(text: str) -> str:
    """Give the form in which two names are compared: folded, one space, no punctuation."""
    return squeeze(re.sub(r"[^\w&/+.]+", " ", fold(normalise(text))))
