"""The annexes: one page and one table for each agency, with its own rows and no word about anybody else."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from haidang.engine.reports.document import (
    ROW_COLUMNS,
    VERDICT_ORDER,
    Agency,
    Clause,
    Document,
    Reading,
    UnreadRow,
    VerdictEntry,
)
from haidang.engine.reports.page import make_page
from haidang.engine.reports.safe import plain_column
from haidang.engine.reports.words import (
    OUTCOMES,
    VERDICTS,
    all_whys,
    fraction_words,
    ground_words,
    measure_title,
    part_unit,
    table_words,
    why_words,
)

# Rows that a page lists, all its lists together; the table beside it has every one.
_ROWS_A_PAGE = 500
_HEADS = (
    "Điểm · Clause",
    "Biện pháp · Measure",
    "Nội dung · Part",
    "Đối tượng · Subject",
    "Kết quả · Outcome",
    "Lý do · Reason",
    "Reason (English)",
    "Bảng · Table",
    "Tệp · File",
    "Dòng · Line",
    "measure",
    "outcome",
    "why",
)


def render(reading: Reading) -> Iterator[tuple[str, bytes]]:
    """Write `annex/<agency>.csv` and `annex/<agency>.html`, agency by agency."""
    parts = reading.failing.partition_by("agency", as_dict=True, maintain_order=True)
    nothing = reading.failing.clear()
    words = _word_frame(reading.document)
    for agency in reading.agencies:
        rows = parts.get((agency["agency"],), nothing)
        stem = f"annex/{reading.files[agency['agency']]}"
        yield f"{stem}.csv", _write_table(rows, words)
        yield f"{stem}.html", _write_page(reading, agency, rows)


def _word_frame(document: Document) -> pl.DataFrame:
    """Lay the words of every (measure, part, why) of the document beside their keys."""
    lines = []
    for measure in document["measures"]:
        title = measure_title(document, measure).vi
        whys = all_whys(document, measure)
        lines += [(measure, title, why, words.vi, words.en) for why, words in whys.items()]
    lines += [("", measure_title(document, None).vi, why, w.vi, w.en) for why, w in all_whys(document, None).items()]
    names = ("measure", "title", "why", "why_vi", "why_en")
    return pl.DataFrame(lines, schema=dict.fromkeys(names, pl.String), orient="row")


def _write_table(rows: pl.DataFrame, words: pl.DataFrame) -> bytes:
    """Write every row that doesn't pass, for Excel."""
    outcomes = {name: outcome.vi for name, outcome in OUTCOMES.items()}
    frame = rows.join(words, on=["measure", "why"], how="left", maintain_order="left").select(
        "clause",
        pl.col("title").fill_null(pl.col("measure")),
        "part",
        "subject",
        pl.col("outcome").replace(outcomes).alias("outcome_vi"),
        pl.col("why_vi").fill_null(pl.col("why")),
        pl.col("why_en").fill_null(pl.col("why")),
        "table",
        "file",
        "line",
        "measure",
        "outcome",
        "why",
    )
    texts = [plain_column(name) for name, kind in frame.schema.items() if kind == pl.String]
    frame = frame.with_columns(texts)
    frame.columns = list(_HEADS)
    out = io.BytesIO()
    frame.write_csv(out, include_bom=True, line_terminator="\r\n")
    return out.getvalue()


def _write_page(reading: Reading, agency: Agency, rows: pl.DataFrame) -> bytes:
    document = reading.document
    name = agency["agency"]
    refs = [clause["ref"] for clause in document["clauses"]]
    unread = reading.unread_by_agency.get(name, ())
    clauses = _show_clauses(reading, name, rows)
    context = {
        # Only what belongs to everybody: no gaps of the letter, inputs or counts, which could name others.
        "document": {key: document[key] for key in ("letter", "as_of", "period", "format")},
        "agency": agency,
        "file": reading.files[name],
        "verdicts": VERDICTS,
        "outcomes": OUTCOMES,
        "order": VERDICT_ORDER,
        "ground": ground_words,
        "table": table_words,
        "totals": reading.count(refs, [name]),
        "clauses": clauses,
        "places": {shown["clause"]["ref"]: place for place, shown in enumerate(clauses, 1)},
        "actions": _next_actions(clauses, unread),
        "rows_total": rows.height,
        "unread": unread[:_ROWS_A_PAGE],
        "unread_total": len(unread),
    }
    return make_page("annex.html", ("page.js",), context)


def _show_clauses(reading: Reading, agency: str, rows: pl.DataFrame) -> list[dict[str, Any]]:
    lists = rows.partition_by("clause", "measure", as_dict=True, maintain_order=True)
    room = _ROWS_A_PAGE // len(lists) if lists else 0
    shown = []
    for clause in reading.document["clauses"]:
        cell = reading.cell(clause["ref"], agency)
        if cell:
            entries = [
                _show_entry(reading.document, entry, lists.get((clause["ref"], entry["measure"] or "")), room)
                for entry in cell.entries
            ]
            shown.append({"clause": clause, "verdict": cell.verdict, "entries": entries})
    return shown


def _show_entry(document: Document, entry: VerdictEntry, rows: pl.DataFrame | None, room: int) -> dict[str, Any]:
    measure = entry["measure"]
    first = entry["parts"][0]["part"] if entry["parts"] else ""
    whys = all_whys(document, measure)
    return {
        "entry": entry,
        "title": measure_title(document, measure),
        "words": document["measures"].get(measure or ""),
        "fraction": fraction_words(entry["numerator"], entry["denominator"]),
        "unit": part_unit(document, measure, first) if first else None,
        "parts": [(part_unit(document, measure, part["part"]), part) for part in entry["parts"]],
        "reasons": [
            (why_words(document, measure, reason["why"]), reason)
            for reason in entry["reasons"]
            if reason["why"] and reason["outcome"] != "pass"
        ],
        "rows": _show_rows(rows, room, whys, document, measure),
        "rows_total": 0 if rows is None else rows.height,
        "missing": sorted({row["table"] for row in entry["rows"] if row["why"] == "no_table" and row["table"]}),
    }


def _show_rows(
    rows: pl.DataFrame | None, room: int, whys: Mapping[str, Any], document: Document, measure: str | None
) -> list[dict[str, Any]]:
    if rows is None:
        return []
    return [
        {**row, "words": whys.get(row["why"]) or why_words(document, measure, row["why"])}
        for row in rows.head(room).select(ROW_COLUMNS).iter_rows(named=True)
    ]


def _next_actions(clauses: list[dict[str, Any]], unread: tuple[UnreadRow, ...]) -> list[dict[str, Any]]:
    """List what the agency has to do, most pressing first: mend, hand in, put right, prove."""
    actions: list[dict[str, Any]] = []
    if unread:
        files = sorted({row["file"] for row in unread})
        actions.append({"kind": "mend", "count": len(unread), "files": files[:5], "more": len(files) - 5, "refs": []})
    missing: dict[str, list[str]] = {}
    for shown in clauses:
        for entry in shown["entries"]:
            for table in entry["missing"]:
                missing.setdefault(table, []).append(shown["clause"]["ref"])
    actions += [
        {"kind": "hand_in", "table": table, "refs": list(dict.fromkeys(refs))} for table, refs in missing.items()
    ]
    for outcome, kind in (("fail", "put_right"), ("unknown", "prove")):
        for shown in clauses:
            for entry in shown["entries"]:
                if entry["entry"]["verdict"] in ("not_met", "not_provable"):
                    actions += _reason_actions(shown["clause"], entry, outcome, kind)
    return actions


def _reason_actions(clause: Clause, entry: dict[str, Any], outcome: str, kind: str) -> list[dict[str, Any]]:
    told = ("no_table", "unread_row")
    if entry["entry"]["measure"] is None:
        # The department's to mend, not the agency's.
        return [{"kind": "untested", "refs": [clause["ref"]]}] if kind == "prove" else []
    return [
        {"kind": kind, "title": entry["title"], "why": words, "count": reason["count"], "refs": [clause["ref"]]}
        for words, reason in entry["reasons"]
        if reason["outcome"] == outcome and reason["why"] not in told
    ]
