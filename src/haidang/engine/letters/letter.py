"""What a letter says, and where it says it. The fields are the keys of `haidang read --json`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

ClauseKind = Literal["order", "information", "contact"]
DateKind = Literal["deadline", "event", "citation"]

# Start (counted in) and end (left out) in the normalised text: `text.normalise`, wrapped lines joined,
# page furniture left out, one paragraph a line. The same letter as PDF, DOCX or text gives the same spans.
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Clause:
    """One numbered (or dashed) item of a letter's body.

    Attributes:
        ref: the full path ("1.đ", "I.3"; the second unlabelled dash under 1 is "1.-2").
        label: the label as written ("đ)", "1.", "Thứ nhất,", "-"); empty when the letter lost it.
        text: its own words, without label and without those of its children.
        span: from the label to the end of its last child.
        kind: what it is there for.
        audience: whom it binds, as written; empty: everyone that the letter addresses.
        children: the items under it, in order.
        measures: names of the measures that it asks for; empty until they are recognised.
    """

    ref: str
    label: str
    text: str
    span: Span
    kind: ClauseKind
    audience: str = ""
    measures: tuple[str, ...] = ()
    children: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """Another letter that this one leans on. `number` is as "1943/CATTT-NCSC"; about: what it is cited for."""

    number: str
    date: dt.date | None
    issuer: str | None
    about: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Product:
    """A product named in the letter: its right name, and how the letter writes it."""

    name: str
    written: str
    span: Span


@dataclass(frozen=True, slots=True)
class QuotedDate:
    """A day that the letter itself states. `clause` is the ref of the clause it stands in, None elsewhere."""

    date: dt.date
    text: str
    kind: DateKind
    clause: str | None


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number: as dialled from anywhere (E.164), and as written."""

    number: str
    written: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A party to call or write to."""

    organisation: str | None
    person: str | None
    phones: tuple[Phone, ...]
    emails: tuple[str, ...]
    clause: str | None


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signed. `title` keeps the lines above the name, joined by " / " ("KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC")."""

    title: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Unit:
    """A numbered row of an annex block: `row` as printed, `name` whole."""

    row: int
    name: str


@dataclass(frozen=True, slots=True)
class Block:
    """A block of recipients in an annex."""

    name: str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Annex:
    """One annex: blocks of units, and tables as rows of cells (the first row is the heading)."""

    title: str
    blocks: tuple[Block, ...]
    tables: tuple[tuple[tuple[str, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a letter of this kind has and this one lacks, or has wrongly."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A directive letter.

    Attributes:
        number: "1943"; None when blank. `notation` is what follows the slash ("CATTT-NCSC").
        text: the normalised text that all spans index.
        preamble: the span before the first clause.
        closing: the span after the last clause of the body.
    """

    issuer: str | None
    number: str | None
    notation: str | None
    date: dt.date | None
    place: str | None
    subject: str | None
    addressees: tuple[str, ...]
    clauses: tuple[Clause, ...]
    citations: tuple[Citation, ...]
    cves: tuple[str, ...]
    products: tuple[Product, ...]
    dates: tuple[QuotedDate, ...]
    contacts: tuple[Contact, ...]
    signatory: Signatory | None
    recipients: tuple[str, ...]
    annexes: tuple[Annex, ...]
    gaps: tuple[Gap, ...]
    text: str
    preamble: Span
    closing: Span
