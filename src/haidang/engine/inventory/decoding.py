"""Text that consoles write: UTF-8, UTF-16 with or without its mark, and the code pages of old Windows and DOS."""

from __future__ import annotations

import re
import unicodedata

# A console writes in the code page of its language: Vietnamese and Western ones first, then DOS, Russian, Chinese.
_PAGES = ("cp1258", "cp1252", "cp850", "cp437", "cp866", "cp1251")
_SAMPLE = 40_000
_WIDE_SHARE = 0.3
# A few broken letters leave a file UTF-8; letters of a code page look like it only now and then.
_BROKEN_WEIGHT = 2
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_RUN = re.compile(rb"[\x80-\xff]+")
_CHINESE_FIRST = 0xA1
_BOXES = range(0x2500, 0x25A0)
_C1 = range(0x80, 0xA0)
_ACCENTED = re.compile("[\u00c0-\u024f\u0300-\u0323]{4,}")
_VOWELS = frozenset("aăâeêioôơuưyAĂÂEÊIOÔƠUƯY")


def decode(data: bytes) -> tuple[str, str]:
    """Decode text.

    Returns:
        The text, and the code page where it had to be guessed (else ""). What is no text at all decodes to "".
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), ""
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode("utf-8", "replace"), ""
    if b"\0" in data:
        return _decode_wide(data), ""
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        pass
    if _is_chinese(data[:_SAMPLE]):
        return data.decode("gbk", "replace"), "gbk"
    whole, broken = len(_UTF8.findall(data[:_SAMPLE])), len(_RUN.findall(_UTF8.sub(b"", data[:_SAMPLE])))
    if whole > _BROKEN_WEIGHT * broken:
        return data.decode("utf-8", "replace"), ""
    page = _guess_page(data)
    return data.decode(page, "replace"), page


def head_of(data: bytes, most: int = 65_536) -> str:
    """Decode the beginning, for a look at what it is; "" when it is no text."""
    cut = data[: most - most % 2]
    while cut and len(cut) < len(data) and cut[-1] >= 0x80 and len(cut) > most - 8:
        cut = cut[:-1]
    return decode(cut)[0]


def _decode_wide(data: bytes) -> str:
    """Decode UTF-16 without a mark, also behind a line of single bytes, as `wmic` writes it on its first run."""
    first = data.index(b"\0")
    for encoding, start, step in (("utf-16-le", max(first - 1, 0), 1), ("utf-16-be", first, 0)):
        wide = data[start:]
        if wide[step::2].count(0) > _WIDE_SHARE * len(wide) / 2 and 0 not in data[:start]:
            return data[:start].decode("latin-1") + wide.decode(encoding, "replace")
    return ""


def _guess_page(data: bytes) -> str:
    """Find the code page in which the letters make the most plausible words."""
    sample = data[:_SAMPLE]
    return max(_PAGES, key=lambda page: _plausible(sample.decode(page, "replace")))


def _is_chinese(sample: bytes) -> bool:
    """Tell GBK by its pairs: every run of high bytes is even, and all of them stand in the range of common letters."""
    runs = _RUN.findall(sample)
    return all(len(run) % 2 == 0 and min(run) >= _CHINESE_FIRST for run in runs)


def _plausible(text: str) -> float:
    """Count letters that stand well, less what no office writes: boxes, control characters, signs inside words."""
    score = 0.0
    padded = f" {text} "
    for at in range(1, len(padded) - 1):
        letter = padded[at]
        if letter >= "\x80":
            score += _stands(padded[at - 1], letter, padded[at + 1])
    # Words of Western letters have no long runs of accented ones; Russian read in a Western code page is full of them.
    return score - 3 * sum(len(run) for run in _ACCENTED.findall(text))


def _stands(before: str, letter: str, after: str) -> float:
    code = ord(letter)
    if code in _BOXES or code in _C1 or letter == "\ufffd":
        return -6
    if unicodedata.combining(letter):
        return 1 if before in _VOWELS or (before.isalpha() and not before.isascii()) else -6
    if not letter.isalpha():
        return -4 if before.isalpha() and after.isalpha() else -1
    if letter.isupper() and before.islower():
        return -4
    if _script(letter) != _script(before) and before.isalpha():
        return -4
    return 1


def _script(letter: str) -> str:
    return "cyrillic" if "\u0400" <= letter <= "\u04ff" else "greek" if "\u0370" <= letter <= "\u03ff" else "latin"


def lines_of(text: str) -> list[str]:
    """Cut a text into lines as editors count them; `wmic` ends its lines with two carriage returns."""
    plain = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    return plain.removesuffix("\n").split("\n")
