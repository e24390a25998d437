"""The verdicts as flat lines, the same in every table."""

from __future__ import annotations

from collections.abc import Iterator

from haidang.engine.reports.document import Reading, VerdictEntry
from haidang.engine.reports.words import OUTCOMES, VERDICTS, measure_title, part_unit, why_words

HEADS = (
    "Điểm · Clause",
    "Mã đơn vị · Agency",
    "Tên đơn vị · Name",
    "Khối · Block",
    "Biện pháp · Measure",
    "Tên biện pháp · Title",
    "Kết luận · Verdict",
    "verdict",
    "Tử số · Numerator",
    "Mẫu số · Denominator",
    "Đơn vị tính · Unit",
    "Ngày · As of",
    "Lý do · Reasons",
    "Kết luận cả điểm · Clause verdict",
)

Line = tuple[str | int | None, ...]


def flat_lines(reading: Reading) -> Iterator[Line]:
    """Give one line a clause, agency and measure, in the order of the board."""
    for agency in reading.agencies:
        for clause in reading.document["clauses"]:
            cell = reading.cell(clause["ref"], agency["agency"])
            if cell is None:
                continue
            place = (clause["ref"], agency["agency"], agency["name"], agency["block"] or "")
            for entry in cell.entries:
                yield (*place, *_entry_columns(reading, entry), VERDICTS[cell.verdict].words.vi)


def _entry_columns(reading: Reading, entry: VerdictEntry) -> Line:
    measure = entry["measure"]
    first = entry["parts"][0]["part"] if entry["parts"] else ""
    return (
        measure or "",
        measure_title(reading.document, measure).vi,
        VERDICTS[entry["verdict"]].words.vi,
        entry["verdict"],
        entry["numerator"],
        entry["denominator"],
        part_unit(reading.document, measure, first).vi if first else "",
        entry["as_of"],
        _tell_reasons(reading, entry),
    )


def _tell_reasons(reading: Reading, entry: VerdictEntry) -> str:
    told = [
        f"{why_words(reading.document, entry['measure'], reason['why']).vi}"
        f" ({OUTCOMES[reason['outcome']].vi}: {reason['count']})"
        for reason in entry["reasons"]
        if reason["why"]
    ]
    return "; ".join(told)
