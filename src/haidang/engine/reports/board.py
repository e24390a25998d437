"""The board: one page with every clause and every agency, for the department's desk, wall and phone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from haidang.engine.obligations.measure import Words
from haidang.engine.reports.document import VERDICT_ORDER, Block, Cell, Due, Reading, Row, VerdictEntry, deciding_count
from haidang.engine.reports.page import make_data, make_page
from haidang.engine.reports.words import (
    AUDIENCES,
    OUTCOMES,
    VERDICTS,
    all_whys,
    fraction_words,
    ground_words,
    measure_title,
    table_words,
    why_words,
)

# What one page carries, so that it stays below some 5 MB and opens at once; the annexes have the rest.
_ROWS_A_VERDICT = 50
_ROWS_A_PAGE = 75_000
_UNREAD_A_PAGE = 500

_OUTCOME_ORDER = ("fail", "unknown", "pass", "exempt")

# part, outcome, why, table, file: what rows that are packed together share.
_RowKey = tuple[str | None, str, str, str | None, str | None]


def render(reading: Reading) -> Iterator[tuple[str, bytes]]:
    """Write `board.html`."""
    context = {
        "document": reading.document,
        "reading": reading,
        "verdicts": VERDICTS,
        "order": VERDICT_ORDER,
        "audiences": AUDIENCES,
        "ground": ground_words,
        "title": lambda name: measure_title(reading.document, name),
        "table": table_words,
        "blocks": _show_blocks(reading),
        "clauses": _show_clauses(reading),
        "totals": _count_all(reading),
        "clean": _count_clean(reading),
        "todo": _list_todo(reading),
        "unread": reading.document["unread"][:_UNREAD_A_PAGE],
        "data": make_data(_Packer(reading).pack()),
    }
    yield "board.html", make_page("board.html", ("page.js", "board.js"), context)


def _refs(reading: Reading) -> list[str]:
    return [clause["ref"] for clause in reading.document["clauses"]]


def _count_all(reading: Reading) -> dict[str, int]:
    return reading.count(_refs(reading), (agency["agency"] for agency in reading.agencies))


def _count_clean(reading: Reading) -> int:
    """Count the agencies that meet every order that a measure tests; one that nothing tests is held against nobody."""
    refs = [clause["ref"] for clause in reading.document["clauses"] if clause["measures"]]
    counts = (reading.count(refs, [agency["agency"]]) for agency in reading.agencies)
    return sum(not (count["not_met"] or count["not_provable"]) for count in counts)


def _show_clauses(reading: Reading) -> list[dict[str, Any]]:
    names = [agency["agency"] for agency in reading.agencies]
    return [
        {"clause": clause, "counts": reading.count([clause["ref"]], names)} for clause in reading.document["clauses"]
    ]


def _show_blocks(reading: Reading) -> list[dict[str, Any]]:
    places = {agency["agency"]: place for place, agency in enumerate(reading.agencies)}
    return [_show_block(reading, block, places) for block in reading.blocks]


def _show_block(reading: Reading, block: Block, places: Mapping[str, int]) -> dict[str, Any]:
    refs = _refs(reading)
    names = [agency["agency"] for agency in block.agencies]
    return {
        "name": block.name,
        "counts": [reading.count([ref], names) for ref in refs],
        "total": reading.count(refs, names),
        "agencies": [
            {
                "agency": agency,
                "file": reading.files[agency["agency"]],
                "place": places[agency["agency"]],
                "total": reading.count(refs, [agency["agency"]]),
                "cells": [_show_cell(ref, reading.cell(ref, agency["agency"])) for ref in refs],
            }
            for agency in block.agencies
        ],
    }


def _show_cell(ref: str, cell: Cell | None) -> dict[str, Any]:
    if cell is None:
        return {"ref": ref, "verdict": ""}
    return {"ref": ref, "verdict": cell.verdict, "fraction": fraction_words(cell.numerator, cell.denominator)}


def _list_todo(reading: Reading) -> list[dict[str, Any]]:
    """List, agency by agency, what is not met or not provable, with the main reason: what a print must not lose."""
    listed = []
    for agency in reading.agencies:
        lines = [_todo_line(reading, ref, agency["agency"]) for ref in _refs(reading)]
        kept = sorted((line for line in lines if line), key=lambda line: VERDICT_ORDER.index(line["verdict"]))
        if kept:
            listed.append({"agency": agency, "lines": kept})
    return listed


def _todo_line(reading: Reading, ref: str, agency: str) -> dict[str, Any] | None:
    cell = reading.cell(ref, agency)
    if cell is None or cell.verdict not in ("not_met", "not_provable"):
        return None
    told = []
    for entry in cell.entries:
        reasons = [reason for reason in entry["reasons"] if reason["outcome"] in ("fail", "unknown")]
        if entry["verdict"] == cell.verdict:
            told.append(
                {
                    "title": measure_title(reading.document, entry["measure"]),
                    "fraction": fraction_words(*deciding_count(entry)),
                    "reasons": [
                        (why_words(reading.document, entry["measure"], reason["why"]), reason["count"])
                        for reason in reasons[:2]
                    ],
                }
            )
    return {"ref": ref, "verdict": cell.verdict, "measures": told}


class _Packer:
    """Packs what the panels show into as few bytes as they need: every text once, rows that share a file together."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.texts: dict[str, int] = {}
        self.agencies = {agency["agency"]: place for place, agency in enumerate(reading.agencies)}
        verdicts = max(1, len(reading.document["verdicts"]))
        self.rows_a_verdict = max(5, min(_ROWS_A_VERDICT, _ROWS_A_PAGE // verdicts))

    def pack(self) -> dict[str, Any]:
        document = self.reading.document
        cells = {}
        for clause_place, clause in enumerate(document["clauses"]):
            for agency, place in self.agencies.items():
                cell = self.reading.cell(clause["ref"], agency)
                if cell:
                    cells[f"{clause_place}.{place}"] = [self._verdict(cell.verdict), *map(self._entry, cell.entries)]
        return {
            "agencies": [
                [agency["name"], agency["block"] or "", self.reading.files[agency["agency"]], agency["agency"]]
                for agency in self.reading.agencies
            ],
            "clauses": [
                {"ref": clause["ref"], "text": clause["text"], "due": _pack_due(clause["due"])}
                for clause in document["clauses"]
            ],
            "measures": {name: self._measure(name) for name in document["measures"]},
            "whys": _pack_words(all_whys(document, None)),
            "tables": _pack_words({table: table_words(table) for table in sorted(self._tables())}),
            "verdicts": [[name, _both(VERDICTS[name].letter), _both(VERDICTS[name].words)] for name in VERDICT_ORDER],
            "outcomes": [[name, _both(OUTCOMES[name])] for name in _OUTCOME_ORDER],
            "unread": self._unread(),
            "cells": cells,
            "texts": list(self.texts),
        }

    def _text(self, text: str | None) -> int:
        return self.texts.setdefault(text or "", len(self.texts))

    @staticmethod
    def _verdict(verdict: str) -> int:
        return VERDICT_ORDER.index(verdict)

    def _tables(self) -> set[str]:
        document = self.reading.document
        told = {row["table"] for entry in document["verdicts"] for row in entry["rows"]}
        return {table for table in told | {row["table"] for row in document["unread"]} if table}

    def _measure(self, name: str) -> dict[str, Any]:
        measure = self.reading.document["measures"][name]
        return {key: measure[key] for key in ("title", "how", "parts", "whys", "law")}

    def _entry(self, entry: VerdictEntry) -> dict[str, Any]:
        rows = entry["rows"][: self.rows_a_verdict]
        return {
            "m": entry["measure"],
            "v": self._verdict(entry["verdict"]),
            "n": entry["numerator"],
            "d": entry["denominator"],
            "p": [[p["part"], p["passed"], p["failed"], p["unknown"], p["exempt"], p["share"]] for p in entry["parts"]],
            "w": [[self._text(r["why"]), _OUTCOME_ORDER.index(r["outcome"]), r["count"]] for r in entry["reasons"]],
            "r": [self._group(key, list(members)) for key, members in groupby(rows, _row_key)],
            "t": entry["rows_total"],
        }

    def _group(self, key: _RowKey, rows: list[Row]) -> list[Any]:
        part, outcome, why, table, file = key
        places = [value for row in rows for value in (self._text(row["subject"]), row["line"])]
        head = [self._text(part), _OUTCOME_ORDER.index(outcome), *map(self._text, (why, table, file))]
        return [*head, places]

    def _unread(self) -> dict[str, list[Any]]:
        """Pack the first unread rows of each agency; place -1 holds those of the department's own files."""
        packed = {}
        for agency, rows in self.reading.unread_by_agency.items():
            shown = [[row["table"], row["file"], row["line"], row["why"]] for row in rows[:_ROWS_A_VERDICT]]
            packed[str(self.agencies.get(agency, -1))] = [len(rows), shown]
        return packed


def _row_key(row: Row) -> _RowKey:
    return row["part"], row["outcome"], row["why"], row["table"], row["file"]


def _both(words: Words) -> list[str]:
    return [words.vi, words.en]


def _pack_words(words: Mapping[str, Words]) -> dict[str, list[str]]:
    return {key: _both(value) for key, value in words.items()}


def _pack_due(due: Due | None) -> dict[str, object] | None:
    return {"date": due["date"], "ground": _both(ground_words(due["ground"]))} if due else None
