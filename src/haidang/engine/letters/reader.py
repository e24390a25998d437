"""From a file's bytes to a letter."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from haidang.engine.calendar import make_day
from haidang.engine.errors import UnreadableParcel
from haidang.engine.letters import annexes as annex_reader
from haidang.engine.letters.clauses import read_body
from haidang.engine.letters.contacts import find_contacts
from haidang.engine.letters.foot import read_addressees, read_recipients, read_signatory
from haidang.engine.letters.formats import read_manuscript
from haidang.engine.letters.gaps import find_gaps
from haidang.engine.letters.head import NOTATION, Head, read_head, with_dateline
from haidang.engine.letters.letter import Annex, Clause, Gap, Letter, Span
from haidang.engine.letters.lines import Line, blanks_mean_nothing, without_furniture
from haidang.engine.letters.mentions import find_citations, find_cves, find_dates
from haidang.engine.letters.paragraphs import Paragraph, join
from haidang.engine.letters.products import ProductName, find_products
from haidang.engine.letters.regions import MOTTO, RECIPIENTS, SEND_TO, names_its_kind, split
from haidang.engine.text import fold

MOST_BYTES = 40_000_000
MOST_CHARACTERS = 1_000_000
MOST_CHARACTERS_A_LINE = 100_000


@dataclass(slots=True)
class _Sheet:
    """The normalised text while it is put together, paragraph by paragraph."""

    parts: list[str]
    length: int = 0

    def add(self, words: str, cells: tuple[str, ...] = ()) -> Paragraph:
        paragraph = Paragraph(words, self.length, cells or (words,))
        self.parts.append(words)
        self.length += len(words) + 1
        return paragraph

    def add_all(self, words: Sequence[str]) -> list[Paragraph]:
        return [self.add(each) for each in words]


def read_letter(data: bytes, name: str, products: Sequence[ProductName] = (), on_file: Collection[str] = ()) -> Letter:
    """Read a letter exactly as it stands, and flag what it lacks.

    Args:
        data: the file's bytes, of any format under `formats/`.
        name: what to call the file in messages.
        products: names to look for (`content/products.yaml`).
        on_file: numbers of letters that are at hand, so that citing them leaves no gap.

    Raises:
        UnreadableParcel: too large, of no known format, or no letter.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableParcel(
            f"{name} has {len(data) // 1_000_000} MB; a letter has at most {MOST_BYTES // 1_000_000}"
        )
    manuscript = read_manuscript(data, name)
    lines = without_furniture(manuscript.lines)
    longest = max((len(line.text) for line in lines), default=0)
    if longest > MOST_CHARACTERS_A_LINE or sum(len(line.text) for line in lines) > MOST_CHARACTERS:
        raise UnreadableParcel(f"{name} holds more text than any letter")
    if not lines:
        raise UnreadableParcel(f"{name} holds no text")
    letter = _read(lines, products, on_file)
    if not _is_letter(letter, lines):
        raise UnreadableParcel(f"{name} is no directive letter: no addressee, no order and no number were found in it")
    return replace(letter, gaps=(*letter.gaps, *(Gap(kind, words) for kind, words in manuscript.notes)))


def _read(lines: list[Line], names: Sequence[ProductName], on_file: Collection[str]) -> Letter:
    regions = split(lines)
    sheet = _Sheet([])
    blanks_speak = not blanks_mean_nothing(lines)
    head_lines = [line.text for line in regions.head]
    sheet.add_all(head_lines)
    addressed = sheet.add_all(join(regions.addressees, blanks_speak=blanks_speak))
    body_start = sheet.length
    paragraphs = sheet.add_all(join(regions.body, blanks_speak=blanks_speak))
    body = read_body(paragraphs, body_start, max(sheet.length - 1, body_start))
    recipients = sheet.add_all(join(regions.recipients, blanks_speak=blanks_speak))
    signature = sheet.add_all([line.text for line in regions.signature])
    annex_start = sheet.length
    annexes = tuple(
        _read_annex(part, sheet, blanks_speak=blanks_speak) for part in annex_reader.split_annexes(regions.annexes)
    )
    text = "\n".join(sheet.parts)
    head = _with_annex_head(read_head(head_lines), regions.annexes)
    if not head_lines and paragraphs:
        head = with_dateline(head, paragraphs[0].text)
    party = "/" in (head.notation or "") and not (head.notation or "")[0].isdecimal()
    own = f"{head.number or ''}{'-' if party else '/'}{head.notation}" if head.notation else ""
    parts: list[Span] = [(body_start, annex_start), (annex_start, len(text))]
    citations = tuple(
        c
        for c in find_citations(text, [*_not_attached(text, parts), *_subject_span(text, body_start)], own)
        if c.number != own
    )
    found = find_products(text, [(0, body_start), *parts], names)
    dates = find_dates(text, (body_start, body.closing[1]), citations, lambda at: _clause_at(body.clauses, at))
    addressees = read_addressees([paragraph.text for paragraph in addressed])
    preamble = [p.text for p in paragraphs if p.start < body.preamble[1]]
    return Letter(
        issuer=head.issuer,
        number=head.number,
        notation=head.notation,
        date=head.date,
        place=head.place,
        subject=head.subject,
        addressees=addressees,
        clauses=body.clauses,
        citations=citations,
        cves=find_cves(text),
        products=found,
        dates=dates,
        contacts=find_contacts(body.clauses, preamble),
        signatory=read_signatory([paragraph.text for paragraph in signature]),
        recipients=read_recipients([paragraph.text for paragraph in recipients]),
        annexes=annexes,
        gaps=find_gaps(
            head=head,
            has_head=any(MOTTO.search(fold(line)) for line in head_lines)
            or (head.issuer is not None and head.has_number),
            has_addressees=bool(addressees) or any(names_its_kind(line) for line in head_lines),
            text=text,
            clauses=body.clauses,
            lost_labels=body.lost_labels,
            citations=citations,
            products=found,
            names=names,
            dates=dates,
            addressees=addressees,
            annexes=annexes,
            on_file=on_file,
        ),
        text=text,
        preamble=_within(body.preamble, text),
        closing=_within(body.closing, text),
    )


def _within(span: Span, text: str) -> Span:
    """A letter may end before its body begins."""
    return min(span[0], len(text)), min(span[1], len(text))


def _read_annex(lines: Sequence[Line], sheet: _Sheet, *, blanks_speak: bool) -> Annex:
    by_text = {line.text: line.cells for line in lines if len(line.cells) > 1}
    words = annex_reader.paragraphs_of(lines, blanks_speak=blanks_speak)
    rows = [sheet.add(each, by_text.get(each, (each,))) for each in words]
    return annex_reader.read_annex([(row.text, row.cells) for row in rows])


def _with_annex_head(head: Head, annex: Sequence[Line]) -> Head:
    """Take issuer and notation from "(Kèm theo Công văn số /… của …)" where the head lost them."""
    if head.notation and head.issuer:
        return head
    words = " ".join(line.text for line in annex[:8])
    at = fold(words).find("kem theo")
    if at < 0:
        return head
    attached = read_attached(words[at : at + 300])
    return replace(
        head,
        number=head.number or attached.number,
        notation=head.notation or attached.notation,
        date=head.date or attached.date,
        issuer=head.issuer or attached.issuer,
    )


def read_attached(words: str) -> Head:
    """Read "Kèm theo Công văn số 12/ABC-X ngày 1/2/2024 của Sở …"."""
    found = re.search(
        rf"[Ss]ố\s*:?\s*(\d+[a-z]?)?[\s.…_]*/\s*({NOTATION})(?:\s*,?\s*ngày[\s.…_]*(\d{{0,2}})[\s.…_]*(?:/|tháng)[\s.…_]*(\d{{0,2}})[\s.…_]*(?:/|năm)[\s.…_]*(\d{{0,4}}))?"
        r"(?:[\s.…_]*của\s+([^)\n]{3,120}))?",
        words,
    )
    if not found:
        return Head()
    day = make_day(int(found[5]), int(found[4]), int(found[3])) if found[3] and found[4] and found[5] else None
    return Head(issuer=found[6].strip(" .") if found[6] else None, number=found[1], notation=found[2].strip(), date=day)


def _not_attached(text: str, parts: Sequence[Span]) -> list[Span]:
    """Leave out the annex's own "(Kèm theo Công văn số …)", which cites the letter itself."""
    (body, annex) = parts
    at = fold(text[annex[0] : annex[0] + 600]).find("kem theo")
    if at < 0:
        return [body, annex]
    close = text.find(")", annex[0] + at)
    return [body, (annex[0], annex[0] + at), (close + 1 if close > 0 else annex[0] + at + 8, annex[1])]


def _subject_span(text: str, body_start: int) -> list[Span]:
    """A subject may cite a letter ("V/v triển khai Công văn số …"); the head's own number does not count."""
    at = fold(text[:body_start]).find("v/v")
    end = fold(text[:body_start]).find("kinh gui")
    return [(at, end if end > at else body_start)] if at >= 0 else []


def _clause_at(clauses: Sequence[Clause], at: int) -> Clause | None:
    place = bisect_right(clauses, at, key=lambda clause: clause.span[0]) - 1
    if place < 0 or at >= clauses[place].span[1]:
        return None
    return _clause_at(clauses[place].children, at) or clauses[place]


def _is_letter(letter: Letter, lines: Sequence[Line]) -> bool:
    """Tell a letter from any other text: somebody is told, in Vietnamese, to do something."""
    words = fold(" ".join(line.text for line in lines))
    marks = [
        any(SEND_TO.match(fold(line.text)) and "gui" in fold(line.text)[:12] for line in lines),
        bool(MOTTO.search(words)),
        letter.notation is not None,
        any(RECIPIENTS.fullmatch(fold(line.text)) for line in lines),
        any(verb in words for verb in ("de nghi", "yeu cau", "khuyen nghi", "chi dao", "lenh dieu phoi")),
    ]
    return sum(marks) >= 2 or (marks[4] and bool(letter.clauses) and _has_order(letter.clauses))


def _has_order(clauses: Sequence[Clause]) -> bool:
    return any(clause.kind == "order" or _has_order(clause.children) for clause in clauses)
