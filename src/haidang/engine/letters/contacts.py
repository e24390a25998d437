"""Whom to call or write to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise, takewhile

from haidang.engine.letters.letter import Clause, Contact, Phone
from haidang.engine.text import fold, squeeze

_EMAIL = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}")
_PHONE = re.compile(
    r"(?<![\w@/.-])(?:\(?\+?84\)?[\s.\-()]{0,2}|0)[35789](?:[\s.\-()]{0,2}\d){8}(?![\w@]|[./-]\d)"
    r"|(?<![\w@/.-])(?!\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d{2}(?!\d))(?:\(?\+?84\)?|\(0\d{1,3}\)|0)(?:[\s.\-()]{0,2}\d){7,11}(?![\w@]|[./-]\d)"
    r"|(?<![\w@/.-])1[89]00(?:[\s.]?\d){4,6}(?![\w@])"
)
_PERSON = re.compile(
    r"(?:\b(?:ông|bà|đồng chí|đ/c|anh|chị|ô\.|đ\.c)|(?<=[\s(,;:])(?:Ông|Bà|Đồng chí|Đ/c|Đ/C|Anh|Chị)|^(?:Ông|Bà|Đồng chí|Đ/c|Anh|Chị))[\s:]+"
    r"(?P<name>[^\W\d_]\w*(?:\s+[^\W\d_]\w*){1,5})"
)
_INLINE = re.compile(r"\(\d{1,2}\)\s*")
_LEAD = re.compile(
    r"^(?:(?:thong\s+tin\s+|dau\s+moi\s+|moi\s+[^:]{0,80}?)?(?:xin\s+|vui\s+long\s+|de\s+nghi\s+)?(?:lien\s+he|dau\s+moi|ho\s+tro)[^:]{0,80}:\s*|[^:]{0,160}lien\s+he\s*(?:voi|ngay|:|qua)?\s*(?:voi\s+)?:?\s*)"
)
_LABELS = re.compile(
    r"[\s,;:(.\-–]*(?:(?:số\s+)?(?:điện thoại|đt|sđt|đtdđ|di động|hotline|đường dây nóng|tel|mobile|phone)|(?:địa chỉ\s+)?(?:thư điện tử|e-?mail|hộp thư|thư công vụ)|fax)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
# "… gửi báo cáo về Sở Y tế trước ngày …": the party is whom the report goes to.
_SENDS = re.compile(r"\b(?:bao\s+cao|gui|de\s+nghi|yeu\s+cau|can\s+cu|truoc\s+ngay)\b")
_SENT_TO = re.compile(r"\b(?:ve|toi|den|cho)\s+(\S[^,;:()]{1,80}?)(?=\s+(?:truoc|cham|qua|theo|de|han)\b|[,;:(.]|$)")


def find_contacts(clauses: Iterable[Clause], elsewhere: Iterable[str]) -> tuple[Contact, ...]:
    """List the parties that clauses (and other paragraphs) give with a phone or an address.

    Args:
        clauses: the letter's, as a tree.
        elsewhere: paragraphs that are no clause.
    """
    out = [contact for clause in clauses for contact in _of_clause(clause)]
    for words in elsewhere:
        out.extend(_parties(words, None))
    return tuple(out)


def _of_clause(clause: Clause) -> Iterator[Contact]:
    yield from _parties(clause.text, clause.ref)
    for child in clause.children:
        yield from _of_clause(child)


def _parties(words: str, clause: str | None) -> Iterator[Contact]:
    for party in _split(words):
        phones = tuple(Phone(to_e164(found[0]), found[0].strip()) for found in _PHONE.finditer(party))
        emails = tuple(dict.fromkeys(found[0] for found in _EMAIL.finditer(party)))
        if not phones and not emails:
            continue
        yield Contact(_organisation(party), _person(party), phones, emails, clause)


def _person(party: str) -> str | None:
    """Take the capitalised words behind "ông", "bà", "đồng chí"."""
    found = _PERSON.search(party)
    words = list(takewhile(lambda word: word[0].isupper(), found["name"].split())) if found else []
    return " ".join(words) if len(words) > 1 else None


def _split(words: str) -> list[str]:
    """Cut a paragraph into parties: by (1) (2) (3), or by semicolons when each piece names somebody to reach."""
    pieces = [piece for piece in _INLINE.split(words) if piece.strip()]
    if len(pieces) > 2 and _INLINE.search(words):
        return pieces[1:] if not _reachable(pieces[0]) else pieces
    persons = [found.start() for found in _PERSON.finditer(words)]
    if len(persons) > 1:
        edges = [0, *persons[1:], len(words)]
        pieces = [words[start:end] for start, end in pairwise(edges)]
        if all(_reachable(piece) for piece in pieces):
            return pieces
    pieces = [piece for piece in words.split(";") if piece.strip()]
    if len(pieces) > 1 and all(_reachable(piece) and (_organisation(piece) or _person(piece)) for piece in pieces):
        return pieces
    return [words]


def _reachable(words: str) -> bool:
    return bool(_PHONE.search(words) or _EMAIL.search(words))


def _organisation(party: str) -> str | None:
    """Take what stands before the first number, address or person, without "liên hệ:" before it."""
    words = squeeze(party)
    lead = _LEAD.match(fold(words))
    if lead:
        words = words[lead.end() :]
    edges = [found.start() for pattern in (_PHONE, _EMAIL, _PERSON) if (found := pattern.search(words))]
    words = words[: min(edges)] if edges else words
    words = _LABELS.sub("", words)
    if _SENDS.search(fold(words)):
        sent = next((found for found in _SENT_TO.finditer(fold(words)) if words[found.start(1)].isupper()), None)
        return squeeze(words[sent.start(1) : sent.end(1)]) if sent else None
    name = words.split(":")[0] if ":" in words else words
    name = re.split(r"\.\s", name)[-1]
    name = re.sub(r"^(?:qua|tới|về|với|gửi về|và)\s+", "", name.strip(" ,;:.-–("), flags=re.IGNORECASE)
    return squeeze(name) if 1 < len(name) < 160 and any(c.isupper() for c in name) else None


def to_e164(written: str) -> str:
    """Give a Vietnamese number as dialled from anywhere: "(0225) 000.0102" → "+842250000102".

    Service numbers (1800…, 1900…) can't be dialled from abroad and keep their digits.
    """
    digits = re.sub(r"\D", "", written)
    if digits.startswith(("1800", "1900")):
        return digits
    digits = digits.removeprefix("84")
    return "+84" + digits.lstrip("0")
