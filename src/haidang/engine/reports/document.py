"""The document of verdicts as its readers see it: the shapes of `docs/verdicts.md`, and an index over them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypedDict

import polars as pl

from haidang.engine.text import fold, normalise


class Bilingual(TypedDict):
    """A text in both languages."""

    vi: str
    en: str


class Gap(TypedDict):
    """What the letter leaves open."""

    kind: str
    text: str


class Letter(TypedDict):
    """The head of the letter; None where it says nothing."""

    number: str | None
    date: str | None
    issuer: str | None
    subject: str | None
    sha256: str
    gaps: list[Gap]


# `from` is a word of the language, so the class form can't be used.
Period = TypedDict("Period", {"from": str, "to": str, "ground": str})


class Agency(TypedDict):
    """Who received the letter."""

    agency: str
    name: str
    block: str | None
    kind: str


class Due(TypedDict):
    """A deadline and where it comes from."""

    date: str
    ground: str


class Clause(TypedDict):
    """One order of the letter."""

    ref: str
    text: str
    kind: str
    audience: str
    measures: list[str]
    due: Due | None


class LawValue(TypedDict):
    """A number that the law (or, when it is not sure, our policy) sets."""

    key: str
    value: Any
    unit: str
    since: str
    reference: str
    sure: bool


class MeasureWords(TypedDict):
    """How a measure is called and judged."""

    title: Bilingual
    how: Bilingual
    parts: dict[str, Bilingual]
    whys: dict[str, Bilingual]
    law: list[LawValue]


class Obligation(TypedDict):
    """The verdict of one clause for one agency."""

    clause: str
    agency: str
    verdict: str


class PartCount(TypedDict):
    """One count of a measure; `share` is the part that is enough."""

    part: str
    verdict: str
    passed: int
    failed: int
    unknown: int
    exempt: int
    total: int
    share: float


class Reason(TypedDict):
    """How many subjects have this outcome for this reason."""

    why: str
    outcome: str
    count: int


class Row(TypedDict):
    """A row that decides; what it doesn't name (a table that was not handed in has no file) is empty or None."""

    part: str | None
    subject: str | None
    outcome: str
    why: str
    table: str | None
    file: str | None
    line: int | None


class VerdictEntry(TypedDict):
    """The verdict of one measure for one clause and agency."""

    clause: str
    agency: str
    measure: str | None
    verdict: str
    numerator: int | None
    denominator: int | None
    unit: Any
    as_of: str
    parts: list[PartCount]
    reasons: list[Reason]
    rows: list[Row]
    rows_total: int


class UnreadRow(TypedDict):
    """A row that could not be read; `agency` is empty for the department's own files."""

    agency: str
    table: str
    file: str
    line: int
    why: str


class InputFile(TypedDict):
    """A file that the verdicts stand on."""

    file: str
    sha256: str
    rows: int | None


class Document(TypedDict):
    """The whole of `verdicts.json`."""

    format: str
    letter: Letter
    as_of: str
    period: Period
    agencies: list[Agency]
    clauses: list[Clause]
    measures: dict[str, MeasureWords]
    obligations: list[Obligation]
    verdicts: list[VerdictEntry]
    unread: list[UnreadRow]
    inputs: list[InputFile]


# Worst first, as the document says; also the order of every legend and bar.
VERDICT_ORDER = ("not_met", "not_provable", "met", "not_applicable")


@dataclass(frozen=True, slots=True)
class Cell:
    """One clause for one agency.

    Attributes:
        verdict: the worst of its measures' verdicts.
        numerator: of the first part that has this verdict and something to count; None when none has.
        denominator: likewise.
        entries: its measures' verdicts, in the order of the clause.
    """

    verdict: str
    numerator: int | None
    denominator: int | None
    entries: tuple[VerdictEntry, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Agencies that stand together; `name` is empty for those without a block."""

    name: str
    agencies: tuple[Agency, ...]


@dataclass(frozen=True)
class Reading:
    """The document and the rows behind it, indexed for whoever tells them.

    Attributes:
        document: the whole document.
        failing: every row that doesn't pass: clause, agency, measure, part, subject, outcome, why, table, file, line.
            Sorted by agency, clause, measure; rows that fail before rows that can't be told.
        cells: (clause, agency) → what stands there. A pair without an obligation is missing.
        blocks: in the order of their first agency.
        files: agency → the name of its annex, without ending. Letters, digits, `.`, `-` and `_` only; never two alike.
    """

    document: Document
    failing: pl.DataFrame
    cells: Mapping[tuple[str, str], Cell]
    blocks: tuple[Block, ...]
    files: Mapping[str, str]

    @staticmethod
    def of(document: Document, rows: pl.DataFrame) -> Reading:
        """Index a document."""
        return Reading(
            document,
            _failing_rows(document, rows),
            _index_cells(document),
            _group_blocks(document["agencies"]),
            _name_files(agency["agency"] for agency in document["agencies"]),
        )

    @cached_property
    def agencies(self) -> tuple[Agency, ...]:
        """Agencies block by block: the order of the board."""
        return tuple(agency for block in self.blocks for agency in block.agencies)

    @cached_property
    def unread_by_agency(self) -> Mapping[str, tuple[UnreadRow, ...]]:
        """Unread rows by who handed them in."""
        found: dict[str, list[UnreadRow]] = {}
        for row in self.document["unread"]:
            found.setdefault(row["agency"], []).append(row)
        return {agency: tuple(rows) for agency, rows in found.items()}

    def cell(self, clause: str, agency: str) -> Cell | None:
        """Give what stands at a clause and agency."""
        return self.cells.get((clause, agency))

    def count(self, clauses: Iterable[str], agencies: Iterable[str]) -> dict[str, int]:
        """Count the verdicts of these clauses and agencies; every verdict is a key."""
        counts = dict.fromkeys(VERDICT_ORDER, 0)
        names = list(agencies)
        for clause in clauses:
            for agency in names:
                cell = self.cells.get((clause, agency))
                if cell:
                    counts[cell.verdict] += 1
        return counts


def _index_cells(document: Document) -> dict[tuple[str, str], Cell]:
    entries: dict[tuple[str, str], list[VerdictEntry]] = {}
    for entry in document["verdicts"]:
        entries.setdefault((entry["clause"], entry["agency"]), []).append(entry)
    cells = {}
    for obligation in document["obligations"]:
        place = (obligation["clause"], obligation["agency"])
        cells[place] = _make_cell(obligation["verdict"], entries.get(place, []))
    return cells


def _make_cell(verdict: str, entries: list[VerdictEntry]) -> Cell:
    for entry in entries:
        if entry["verdict"] == verdict and verdict != "not_applicable":
            numerator, denominator = deciding_count(entry)
            if denominator:
                return Cell(verdict, numerator, denominator, tuple(entries))
    return Cell(verdict, None, None, tuple(entries))


def deciding_count(entry: VerdictEntry) -> tuple[int | None, int | None]:
    """Give the count that decides a measure: of the first part that has its verdict, else of its first part."""
    for part in entry["parts"]:
        whole = part["passed"] + part["failed"] + part["unknown"]
        if part["verdict"] == entry["verdict"] and whole:
            return part["passed"], whole
    return entry["numerator"], entry["denominator"]


def _group_blocks(agencies: list[Agency]) -> tuple[Block, ...]:
    found: dict[str, list[Agency]] = {}
    for agency in agencies:
        found.setdefault(agency["block"] or "", []).append(agency)
    return tuple(Block(name, tuple(members)) for name, members in found.items())


# Names that Windows keeps for devices, whatever the ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def _name_files(agencies: Iterable[str]) -> dict[str, str]:
    """Give each agency a file name that is safe on every system and in a link, and apart from all others."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for agency in agencies:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", _keep_case_fold(agency)).strip("-.") or "agency"
        stem = f"agency-{plain}" if _DEVICES.match(plain.lower()) else plain[:100]
        name, turn = stem, 2
        while name.lower() in taken:
            name, turn = f"{stem}-{turn}", turn + 1
        taken.add(name.lower())
        names[agency] = name
    return names


def _keep_case_fold(text: str) -> str:
    """Strip diacritics but leave the case of plain letters as it is."""
    text = normalise(text)
    return "".join(letter if letter.isascii() else bare for letter, bare in zip(text, fold(text), strict=True))


ROW_COLUMNS = ("clause", "agency", "measure", "part", "subject", "outcome", "why", "table", "file", "line")
_ROW_SCHEMA = {name: pl.Int64 if name == "line" else pl.String for name in ROW_COLUMNS}


def _failing_rows(document: Document, rows: pl.DataFrame) -> pl.DataFrame:
    """Bring the rows that don't pass to one form, those that only the document has included."""
    frame = _with_clauses(document, rows)
    told = frame.select("clause", "agency", "measure").unique()
    carried = [
        {**row, "clause": entry["clause"], "agency": entry["agency"], "measure": entry["measure"] or ""}
        for entry in document["verdicts"]
        for row in entry["rows"]
        if row["outcome"] in ("fail", "unknown")
    ]
    extra = pl.DataFrame(carried, schema=_ROW_SCHEMA) if carried else pl.DataFrame(schema=_ROW_SCHEMA)
    extra = _fill_gaps(extra).join(told, on=["clause", "agency", "measure"], how="anti")
    return _sort_rows(document, pl.concat([frame, extra]))


def _with_clauses(document: Document, rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows that don't pass, in the columns of ROW_COLUMNS; a measure's rows stand in each of its clauses."""
    if rows.is_empty() or "measure" not in rows.columns:
        return pl.DataFrame(schema=_ROW_SCHEMA)
    rows = rows.filter(pl.col("outcome").cast(pl.String).is_in(["fail", "unknown"]))
    if "clause" not in rows.columns:
        pairs = [(c["ref"], name) for c in document["clauses"] for name in c["measures"]]
        places = pl.DataFrame(pairs, schema={"clause": pl.String, "measure": pl.String}, orient="row")
        rows = rows.with_columns(pl.col("measure").cast(pl.String)).join(places, on="measure", how="inner")
    return _fill_gaps(rows.select(pl.col(name).cast(kind) for name, kind in _ROW_SCHEMA.items()))


def _fill_gaps(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col(name).fill_null("") for name, kind in _ROW_SCHEMA.items() if kind == pl.String)


def _sort_rows(document: Document, frame: pl.DataFrame) -> pl.DataFrame:
    agencies = {agency["agency"]: place for place, agency in enumerate(document["agencies"])}
    clauses = {clause["ref"]: place for place, clause in enumerate(document["clauses"])}
    measures = {name: place for place, name in enumerate(document["measures"])}
    ranks = [
        pl.col(column).replace_strict(places, default=len(places), return_dtype=pl.Int64)
        for column, places in (("agency", agencies), ("clause", clauses), ("measure", measures))
        if places
    ]
    return frame.sort([*ranks, "part", "outcome", "why", "table", "file", "line", "subject"], maintain_order=True)
