"""An agency's workbook: its listed addresses, with cells to fill in that read back as closings."""

from __future__ import annotations

import datetime as dt
import io

import polars as pl
import xlsxwriter

from haidang.engine.reports.botnet.tables import HEADS, TO_FILL, annex_lines
from haidang.engine.reports.botnet.words import FILL_IN

_CELL = 32_000
_ROWS = 1_048_000


def make_workbook(name: str, rows: pl.DataFrame, as_of: str) -> bytes:
    """Write an agency's workbook; its date is the day of the check, so that the bytes can be made again.

    Args:
        name: of the agency.
        rows: its own answers.
        as_of: the day of the check.
    """
    out = io.BytesIO()
    plain = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
    book = xlsxwriter.Workbook(out, {"in_memory": True, **dict.fromkeys(plain, False)})
    day = dt.datetime.combine(dt.date.fromisoformat(as_of), dt.time(), dt.UTC).replace(tzinfo=None)
    book.set_properties({"title": f"Hải Đăng {name}".strip(), "author": "Hải Đăng", "created": day})
    edge = {"valign": "top", "text_wrap": True, "border": 1, "border_color": "#D3DBE2"}
    head = book.add_format({**edge, "bold": True, "bg_color": "#0B3C57", "font_color": "#FFFFFF"})
    head_to_fill = book.add_format({**edge, "bold": True, "bg_color": "#7A5200", "font_color": "#FFFFFF"})
    text = book.add_format(edge)
    to_fill = book.add_format({**edge, "bg_color": "#FFF6DD", "num_format": "dd/mm/yyyy hh:mm"})
    sheet = book.add_worksheet("Địa chỉ botnet · Botnet")
    for column, (words, width) in enumerate(HEADS):
        sheet.write_string(0, column, words, head_to_fill if column in TO_FILL else head)
        sheet.set_column(column, column, width)
    last = 0
    for last, line in enumerate(annex_lines(rows.head(_ROWS)), 1):
        for column, value in enumerate(line):
            if column in TO_FILL:
                sheet.write_blank(last, column, None, to_fill)
            elif isinstance(value, int):
                sheet.write_number(last, column, value, text)
            else:
                sheet.write_string(last, column, str(value or "")[:_CELL], text)
    sheet.data_validation(1, 1, max(last, 1), 1, {"validate": "list", "source": list(FILL_IN)})
    sheet.autofilter(0, 0, max(last, 1), len(HEADS) - 1)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    book.close()
    return out.getvalue()
