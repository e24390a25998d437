"""Who gets copies, and who signed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from haidang.engine.letters.letter import Signatory
from haidang.engine.letters.regions import RECIPIENTS, SEND_TO, is_signing
from haidang.engine.text import fold, squeeze

_DASH = re.compile(r"^\s*(?:[-–—−+•*●▪]|\d{1,2}[.)])\s*")
_NAME = re.compile(r"[^\W\d_]+(?:\s+[^\W\d_]+){1,5}")
_STAMP = re.compile(r"\(?(?:da\s+ky|ky\s+dien\s+tu|ky\s+boi|dau|\[?daky\]?|da\s+ky\s+va\s+dong\s+dau)\b.*")


def read_addressees(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Give the addressees: one a dashed line; on a single line, one between semicolons."""
    items: list[str] = []
    for at, words in enumerate(paragraphs):
        if at == 0 and (lead := SEND_TO.match(fold(words))):
            words = words[lead.end() :]
        for piece in [words] if _DASH.match(words) else words.split(";"):
            name = squeeze(_DASH.sub("", piece)).strip(" ;.,")
            if name:
                items.append(name)
    return tuple(items)


def read_recipients(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Give the lines of "Nơi nhận"."""
    items = []
    for words in paragraphs:
        lead = RECIPIENTS.match(fold(words))
        name = squeeze(_DASH.sub("", words[lead.end() :] if lead else words)).strip(" ;.,")
        if name:
            items.append(name)
    return tuple(items)


def read_signatory(lines: Sequence[str]) -> Signatory | None:
    """Give the lines of authority and post, and the name under them."""
    titles: list[str] = []
    for line in lines:
        if is_signing(line):
            titles.append(line.strip(" ,"))
            continue
        if not titles or _STAMP.fullmatch(fold(line)):
            continue
        bare = re.sub(
            r"^(?:(?:TS|ThS|PGS|GS|KS|BS)\.\s*|(?:Đại|Thượng|Trung|Thiếu)\s+(?:tướng|tá|úy)\s+)", "", line.strip()
        )
        if _NAME.fullmatch(bare) and all(word[0].isupper() for word in bare.split()):
            return Signatory(" / ".join(titles), squeeze(line))
        if _POST_LINE.match(fold(line)):
            titles.append(line.strip(" ,"))
    return Signatory(" / ".join(titles), None) if titles else None


_POST_LINE = re.compile(
    r"(?:pho\s+)?(?:thu\s+tuong|bo\s+truong|giam\s+doc|chu\s+tich|cuc\s+truong|thu\s+truong|truong|chanh)"
)
