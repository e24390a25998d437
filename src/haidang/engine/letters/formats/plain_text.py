"""Plain text and Markdown, in any of the encodings that offices still use."""

from __future__ import annotations

import re

from haidang.engine.errors import UnreadableParcel
from haidang.engine.letters.lines import Line, Manuscript, lines_of_text
from haidang.engine.text import normalise

MOST_TEXT_BYTES = 6_000_000
ORDER = 90  # anything that decodes is text, so it is asked last

_FRONT_MATTER = re.compile(r"\A\s*---\n(?:[\w-]+:.*\n|\s+.*\n|- .*\n)+---\n")
_HEADING = re.compile(r"^#{1,6}\s+", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.{1,400}?)(?<=\S)\1")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,400})(?<=\S)\*(?![\w*])")
_TABLE_RULE = re.compile(r"^\|?(?:\s*:?-{3,}:?\s*\|)+\s*:?-*:?\s*$", re.MULTILINE)


def is_mine(data: bytes) -> bool:
    """Take what is not binary."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    head = data[:4096]
    return b"\0" not in head and sum(byte < 9 or 13 < byte < 32 for byte in head) <= len(head) // 50


def read(data: bytes, name: str) -> Manuscript:
    """Decode, take off Markdown's marks, cut into lines.

    Raises:
        UnreadableParcel: far too long, or text in no encoding known here.
    """
    if len(data) > MOST_TEXT_BYTES:
        raise UnreadableParcel(f"{name} holds more text than any letter")
    return Manuscript(tuple(read_text(decode(data, name))))


def read_text(text: str) -> list[Line]:
    """Cut decoded text into lines."""
    return lines_of_text(_without_markdown(normalise(text)))


def decode(data: bytes, name: str) -> str:
    """Decode UTF-8, UTF-16 and Windows-1258 (with its combining tone marks, made whole later).

    Raises:
        UnreadableParcel: none of them fits.
    """
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1258"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableParcel(f"{name} is text in an unknown encoding; save it as UTF-8")


def _without_markdown(text: str) -> str:
    """Take off emphasis, heading marks, front matter and table rules, where the text is Markdown at all."""
    if not (_FRONT_MATTER.match(text) or _HEADING.search(text) or "**" in text):
        return text
    text = _FRONT_MATTER.sub("", text)
    text = _TABLE_RULE.sub("", _HEADING.sub("", text))
    return _ITALIC.sub(r"\1", _EMPHASIS.sub(r"\2", text))
