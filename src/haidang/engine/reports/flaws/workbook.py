"""An agency's workbook: what to do machine by machine, the questions, the machines, with cells to fill in."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import xlsxwriter

from haidang.engine.reports.flaws import words

# Limits of the file format: characters in a cell, rows in a sheet.
_CELL = 32_000
_ROWS = 1_048_000
_LATE = "#B3261E"
# (heading, width); what is to be filled in is marked by its colour.
_WORK = (
    ("Mức · Priority", 13), ("Hạn · Due", 12), ("Quá hạn (ngày) · Days overdue", 11), ("Máy · Machine", 20),
    ("Sản phẩm · Product", 32), ("Đang dùng · In use", 20), ("Cập nhật lên · Update to", 34), ("Lỗ hổng · Flaws", 10),
    ("Đang bị khai thác · Exploited", 12), ("Nặng nhất · Worst", 18), ("CVSS", 7), ("Tên lỗ hổng · Title", 44),
    ("Văn bản · Letters", 26), ("Tệp:dòng · File:line", 30),
)  # fmt: skip
_WORK_TO_FILL = (("Ngày làm xong · Done on", 15), ("Ghi chú · Note", 30))
_QUESTIONS = (
    ("Câu hỏi · Question", 62), ("Sản phẩm · Product", 30), ("Phiên bản · Version", 20), ("Số máy · Machines", 9),
    ("Máy · Which", 44), ("Lỗ hổng · Flaws", 10), ("Vì sao · Why", 52), ("Trả lời vào đâu · Where to answer", 46),
)  # fmt: skip
_QUESTIONS_TO_FILL = (("Trả lời · Answer", 50),)
_MACHINES = (
    ("Máy · Machine", 22), ("Hệ thống · System", 24), ("Cấp độ · Level", 8), ("Hệ điều hành · System", 28),
    ("Bản dựng · Build", 20), ("Còn lỗ hổng · Affected", 12), ("Chưa rõ · Can’t tell", 12),
    ("Đã giảm thiểu · Mitigated", 12), ("Đã vá · Fixed", 12), ("Còn thiếu · Missing", 40),
)  # fmt: skip


def make_workbook(agency: Mapping[str, Any], shown: Mapping[str, Any], as_of: str) -> bytes:
    """Write an agency's workbook; its date is the day of the check, so that the bytes can be made again.

    Args:
        agency: its entry in the document.
        shown: what `evidence.gather` gives.
        as_of: the day of the check.
    """
    out = io.BytesIO()
    plain = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
    book = xlsxwriter.Workbook(out, {"in_memory": True, **dict.fromkeys(plain, False)})
    day = dt.datetime.combine(dt.date.fromisoformat(as_of), dt.time(), dt.UTC).replace(tzinfo=None)
    book.set_properties({"title": f"Hải Đăng {agency['name']}".strip(), "author": "Hải Đăng", "created": day})
    writer = _Writer(book)
    writer.table("Việc phải làm · To do", _WORK, _WORK_TO_FILL, _work(shown["work"], as_of))
    writer.table("Câu hỏi · Questions", _QUESTIONS, _QUESTIONS_TO_FILL, _questions(agency, shown["questions"]))
    writer.table("Máy · Machines", _MACHINES, (), _machines(shown["machines"]))
    book.close()
    return out.getvalue()


class _Writer:
    """Writes tables with a frozen head, filters, and cells to fill in; a text stays a text, whatever it begins with."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        top = {"valign": "top", "text_wrap": True}
        edge = {"border": 1, "border_color": "#D3DBE2"}
        head = {**top, **edge, "bold": True, "bg_color": "#0B3C57", "font_color": "#FFFFFF"}
        self._head = book.add_format(head)
        self._head_to_fill = book.add_format({**head, "bg_color": "#7A5200"})
        self._text = book.add_format({**top, **edge})
        self._day = book.add_format({**top, **edge, "num_format": "dd/mm/yyyy", "align": "left"})
        self._late = book.add_format({**top, **edge, "bold": True, "font_color": _LATE})
        self._to_fill = book.add_format({**top, **edge, "bg_color": "#FFF6DD"})

    def table(
        self,
        name: str,
        heads: Sequence[tuple[str, int]],
        to_fill: Sequence[tuple[str, int]],
        lines: Iterable[Sequence[object]],
    ) -> None:
        """Write a sheet."""
        sheet = self._book.add_worksheet(name)
        for column, (head, width) in enumerate((*heads, *to_fill)):
            sheet.write_string(0, column, head, self._head if column < len(heads) else self._head_to_fill)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        last = 0
        for last, line in enumerate(lines, 1):
            if last > _ROWS:
                break
            for column, value in enumerate(line):
                if isinstance(value, dt.date):
                    sheet.write_datetime(last, column, dt.datetime.combine(value, dt.time()), self._day)
                elif isinstance(value, int | float):
                    sheet.write_number(last, column, value, self._late if heads[column] is _WORK[2] else self._text)
                else:
                    text = "" if value is None else str(value)
                    sheet.write_string(last, column, text if len(text) <= _CELL else text[:_CELL] + "…", self._text)
            for column in range(len(heads), len(heads) + len(to_fill)):
                sheet.write_blank(last, column, None, self._to_fill)
        sheet.autofilter(0, 0, max(last, 1), len(heads) + len(to_fill) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)


def _work(work: Iterable[Mapping[str, Any]], as_of: str) -> Iterator[tuple[object, ...]]:
    day = dt.date.fromisoformat(as_of)
    for row in work:
        late = (day - row["due"]).days if row["due"] and row["due"] < day else None
        decision = words.DECISION_WORDS[row["decision"]]
        yield (
            f"{decision.vi} · {decision.en}", row["due"], late, row["host"], row["product"],
            row["version"] or "không rõ · unknown", row["fix"] or "chưa có bản vá · no update known", row["flaws"],
            row["exploited"], row["worst"], row["cvss"], row["title"], row["letters"], f"{row['file']}:{row['line']}",
        )  # fmt: skip


def _questions(agency: Mapping[str, Any], proofs: Sequence[Mapping[str, Any]]) -> Iterator[tuple[object, ...]]:
    asked = (
        ("system_unknown", "Cho biết hệ điều hành và bản dựng (winver) / Tell the system and its build (winver)"),
        ("no_software_list", "Gửi danh sách phần mềm đã cài / Hand in the list of installed software"),
    )
    for name, ask in asked:
        if agency[f"{name}_total"]:
            hosts = _names(agency[name], agency[f"{name}_total"])
            yield ask, "", "", agency[f"{name}_total"], hosts, None, "", ""
    for question, proof in zip(agency["questions"], proofs, strict=True):
        ask = question["ask"]
        where = words.ANSWER_WORDS.get(question["why"])
        place = f"{proof['inventory_file']}:{proof['inventory_line']}"
        if where is None:
            where, place = words.REPLY, f"{proof['advisory_file']} {proof['advisory_place']}"
        yield (
            f"{ask['vi']} / {ask['en']}", question["product"], question["version"], question["hosts_total"],
            _names(question["hosts"], question["hosts_total"]), question["flaws"],
            f"{ask['rule_vi']} / {ask['rule_en']}", f"{where.vi} / {where.en}: {place}",
        )  # fmt: skip
    for lack in agency["lacks"]:
        yield lack["ask"], "", "", None, lack["host"], None, "", f"{lack['file']}:{lack['line']}"
    for row in agency["unread"]:
        yield row["why"], "", "", None, "", None, "không đọc được / could not be read", f"{row['file']}:{row['line']}"


def _names(hosts: Sequence[str], total: int) -> str:
    """Name machines in one cell, as many as the document does; the rows name them all."""
    return ", ".join(hosts) + (f" … +{total - len(hosts)}" if total > len(hosts) else "")


def _machines(machines: Iterable[Mapping[str, Any]]) -> Iterator[tuple[object, ...]]:
    for row in machines:
        lacks = [] if row["os_known"] else ["hệ điều hành · system"]
        lacks += [] if row["listed"] else ["danh sách phần mềm · list of software"]
        yield (
            row["host"], row["system"], row["level"], row["os"], row["os_version"], row["affected"],
            row["cannot_tell"], row["mitigated"], row["fixed"], "; ".join(lacks),
        )  # fmt: skip
