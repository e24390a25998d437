"""`verdicts.xlsx`: the board, the verdicts line by line, what could not be read, and the inputs."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from haidang.engine.reports.document import VERDICT_ORDER, Reading
from haidang.engine.reports.flat import HEADS, flat_lines
from haidang.engine.reports.words import VERDICTS, day_words, fraction_words, ground_words, measure_title

# Limits of the file format: characters in a cell, rows in a sheet.
_CELL = 32_000
_ROWS = 1_048_000

_COLOURS: Mapping[str, Mapping[str, Any]] = {
    "not_met": {"bg_color": "#B3261E", "font_color": "#FFFFFF", "bold": True},
    "not_provable": {"bg_color": "#FFE8B0", "font_color": "#583900", "border": 3, "border_color": "#A87400"},
    "met": {"bg_color": "#D9EEE7", "font_color": "#0A4D3D"},
    "not_applicable": {"font_color": "#55636F"},
}


@dataclass(frozen=True, slots=True)
class _Formats:
    head: Format
    title: Format
    verdicts: Mapping[str, Format]


def render(reading: Reading) -> Iterator[tuple[str, bytes]]:
    """Write `verdicts.xlsx`; its date is the day of judgement, so that the bytes can be made again."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "constant_memory": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    number = reading.document["letter"]["number"] or ""
    workbook.set_properties({"title": f"Hải Đăng {number}".strip(), "author": "Hải Đăng", "created": _day(reading)})
    formats = _make_formats(workbook)
    _write_board(workbook.add_worksheet("Bảng · Board"), formats, reading)
    _write_verdicts(workbook.add_worksheet("Kết luận · Verdicts"), formats, reading)
    _write_unread(workbook.add_worksheet("Không đọc được · Unread"), formats, reading)
    _write_inputs(workbook.add_worksheet("Đầu vào · Inputs"), formats, reading)
    workbook.close()
    yield "verdicts.xlsx", out.getvalue()


def _day(reading: Reading) -> dt.datetime:
    day = dt.date.fromisoformat(reading.document["as_of"])
    return dt.datetime.combine(day, dt.time(), dt.UTC).replace(tzinfo=None)


def _make_formats(workbook: xlsxwriter.Workbook) -> _Formats:
    centred = {"align": "center", "valign": "vcenter"}
    edge = {"border": 1, "border_color": "#D3DBE2"}
    head = {"bold": True, "bg_color": "#0B3C57", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
    return _Formats(
        head=workbook.add_format(head),
        title=workbook.add_format({"bold": True, "font_size": 14}),
        verdicts={name: workbook.add_format({**edge, **centred, **_COLOURS[name]}) for name in VERDICT_ORDER},
    )


def _write_board(sheet: Worksheet, formats: _Formats, reading: Reading) -> None:
    document = reading.document
    clauses = document["clauses"]
    letter, period = document["letter"], document["period"]
    heading = " · ".join(text for text in (letter["number"], letter["issuer"], letter["subject"]) if text)
    _text(sheet, 0, 0, f"Bảng kết luận · {heading}", formats.title)
    days = f"{day_words(period['from']).vi} – {day_words(period['to']).vi} ({ground_words(period['ground']).vi})"
    _text(sheet, 1, 0, f"Ngày kết luận {day_words(document['as_of']).vi}; giai đoạn {days}")
    _text(sheet, 2, 0, "; ".join(f"{VERDICTS[name].letter.vi} {VERDICTS[name].words.vi}" for name in VERDICT_ORDER))
    _text(sheet, 3, 0, "; ".join(f"{VERDICTS[name].letter.en} {VERDICTS[name].words.en}" for name in VERDICT_ORDER))
    for column, head in enumerate(("Đơn vị · Agency", "Khối · Block")):
        _text(sheet, 4, column, head, formats.head)
    for column, clause in enumerate(clauses, 2):
        titles = ", ".join(measure_title(document, name).vi for name in clause["measures"])
        _text(sheet, 4, column, f"{clause['ref']} {titles}".strip(), formats.head)
    for line, agency in enumerate(reading.agencies, 5):
        _text(sheet, line, 0, agency["name"])
        _text(sheet, line, 1, agency["block"] or "")
        for column, clause in enumerate(clauses, 2):
            cell = reading.cell(clause["ref"], agency["agency"])
            if cell:
                letters = VERDICTS[cell.verdict].letter.vi
                count = fraction_words(cell.numerator, cell.denominator)
                told = f"{letters} {count.vi}" if count else letters
                _text(sheet, line, column, told, formats.verdicts[cell.verdict])
    sheet.freeze_panes(5, 2)
    sheet.set_row(4, 48)
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, max(2, 1 + len(clauses)), 13)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(4)


def _write_verdicts(sheet: Worksheet, formats: _Formats, reading: Reading) -> None:
    last = _write_table(
        sheet, formats, HEADS, flat_lines(reading), (8, 16, 34, 24, 18, 30, 20, 14, 11, 11, 16, 12, 60, 20)
    )
    sheet.autofilter(0, 0, max(last, 1), len(HEADS) - 1)


def _write_unread(sheet: Worksheet, formats: _Formats, reading: Reading) -> None:
    heads = ("Mã đơn vị · Agency", "Tệp · File", "Dòng · Line", "Bảng · Table", "Vì sao · Why")
    rows = reading.document["unread"]
    lines = ((row["agency"], row["file"], row["line"], row["table"], row["why"]) for row in rows)
    _write_table(sheet, formats, heads, lines, (18, 40, 10, 18, 80))


def _write_inputs(sheet: Worksheet, formats: _Formats, reading: Reading) -> None:
    inputs = reading.document["inputs"]
    lines: list[tuple[object, ...]] = [(file["file"], file["rows"], file["sha256"]) for file in inputs]
    lines.append(("Văn bản · Letter", None, reading.document["letter"]["sha256"]))
    _write_table(sheet, formats, ("Tệp · File", "Số dòng · Rows", "SHA-256"), lines, (50, 14, 70))


def _write_table(
    sheet: Worksheet, formats: _Formats, heads: Sequence[str], lines: Iterable[Sequence[object]], widths: Sequence[int]
) -> int:
    """Write a table with a frozen head; give the place of its last row."""
    for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
        _text(sheet, 0, column, head, formats.head)
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    last = 0
    for last, line in enumerate(lines, 1):
        if last > _ROWS:
            break
        for column, value in enumerate(line):
            if isinstance(value, int):
                sheet.write_number(last, column, value)
            elif value is not None:
                _text(sheet, last, column, str(value))
    return last


def _text(sheet: Worksheet, row: int, column: int, text: str, look: Format | None = None) -> None:
    """Write a text as a text, whatever it begins with."""
    shown = text if len(text) <= _CELL else text[:_CELL] + "…"
    sheet.write_string(row, column, shown, look)
