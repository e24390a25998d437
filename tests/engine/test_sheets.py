"""Sheets are read as they were sent: every line is a row, or told why not."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from haidang.engine.errors import UnreadableParcel
from haidang.engine.sheets import Sheet, read_sheet


def lines(sheet: Sheet) -> list[tuple[int, tuple[object, ...]]]:
    return list(zip(sheet.lines.to_list(), sheet.rows.rows(), strict=True))


def unread(sheet: Sheet) -> list[int]:
    return [row.source.line for row in sheet.unread]


def make_workbook(rows: list[list[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "dd/mm/yyyy hh:mm"}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return out.getvalue()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_line_ends_and_marks_make_no_difference(separator: str, end: str, mark: bytes) -> None:
    text = end.join(["Tên máy|Loại", "MÁY-1|server", "MÁY-2|", ""]).replace("|", separator)
    sheet = read_sheet(mark + text.encode(), "hosts.csv")
    assert sheet.headings == ("Tên máy", "Loại")
    assert lines(sheet) == [(2, ("MÁY-1", "server")), (3, ("MÁY-2", None))]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_known_by_its_mark(encoding: str) -> None:
    mark = {"utf-16": "", "utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}[encoding]
    assert lines(read_sheet((mark + "máy\tloại\nA\tB\n").encode(encoding), "x.csv")) == [(2, ("A", "B"))]


def test_a_first_line_that_only_names_the_separator_is_no_heading() -> None:
    assert lines(read_sheet(b"sep=;\na;b,c\n1;2\n", "x.csv")) == [(3, ("1", "2"))]


def test_quotes_keep_separators_quotes_and_line_breaks() -> None:
    sheet = read_sheet('a,b\n"x,""y""",2\n"dòng\nhai",3\n4,5\n'.encode(), "x.csv")
    assert lines(sheet) == [(2, ('x,"y"', "2")), (3, ("dòng\nhai", "3")), (5, ("4", "5"))]


def test_blank_lines_are_no_rows_and_lines_keep_their_numbers() -> None:
    assert lines(read_sheet(b"\n a,b\n\n1,2\n,\n  ,  \n3,4\n", "x.csv")) == [(4, ("1", "2")), (7, ("3", "4"))]
    assert lines(read_sheet(b"a,b\n,\n1,2\n , \n", "x.csv")) == [(3, ("1", "2"))]


def test_a_row_of_another_width_is_told_and_the_others_are_read() -> None:
    sheet = read_sheet(b"a,b\n1\n2,3\n4,5,6\n7,8,\n", "x.csv")
    assert lines(sheet) == [(3, ("2", "3")), (5, ("7", "8"))]
    assert unread(sheet) == [2, 4]


def test_two_wrong_widths_that_even_out_are_not_overlooked() -> None:
    assert unread(read_sheet(b"a,b,c\n1,2\n1,2,3,4\n5,6,7\n", "x.csv")) == [2, 3]


def test_bytes_that_are_not_utf_8_spoil_their_row_only() -> None:
    sheet = read_sheet(b"a,b\n1,\xff\n2,3\n", "x.csv")
    assert lines(sheet) == [(3, ("2", "3"))]
    assert unread(sheet) == [2]


def test_half_a_utf_16_character_spoils_its_row_only() -> None:
    sheet = read_sheet("\ufeffa,b\n1,\ud800\n2,3\n".encode("utf-16-le", "surrogatepass"), "x.csv")
    assert lines(sheet) == [(3, ("2", "3"))]
    assert unread(sheet) == [2]


def test_an_open_quote_swallows_no_line_but_its_own() -> None:
    body = "".join(f"{n},x\n" for n in range(1000))
    sheet = read_sheet(f'a,b\n1,"mở\n{body}'.encode(), "x.csv")
    assert unread(sheet) == [2]
    assert sheet.rows.height == 1000


@pytest.mark.parametrize("data", [b"", b" \n\n", b"%PDF-1.4 ...", b"PK\x03\x04 no zip", b'a,"b\n1,2'])
def test_what_is_no_table_gets_one_sentence(data: bytes) -> None:
    with pytest.raises(UnreadableParcel, match=r"\Ax\.csv[^\n]+\Z"):
        read_sheet(data, "x.csv")


def test_a_file_over_the_limit_is_refused() -> None:
    with pytest.raises(UnreadableParcel, match="larger than 10 bytes"):
        read_sheet(b"a,b\n1,2\n3,4\n", "x.csv", max_bytes=10)


def test_a_workbook_reads_as_its_csv_would() -> None:
    sheet = read_sheet(make_workbook([[], ["Tên máy", "Số"], ["A", 3], [], ["B", 4.5], ["C", True]]), "x.xlsx")
    assert sheet.headings == ("Tên máy", "Số")
    assert lines(sheet) == [(3, ("A", "3")), (5, ("B", "4.5")), (6, ("C", "1"))]


def test_a_cell_beside_the_headings_of_a_workbook_is_told() -> None:
    assert unread(read_sheet(make_workbook([["a", "b"], [1, 2, 3], [4, 5]]), "x.xlsx")) == [2]


def test_a_stray_cell_far_outside_does_not_fill_the_memory() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1_000_000, 16_000, "x")
    with pytest.raises(UnreadableParcel, match="stray cells"):
        read_sheet(out.getvalue(), "x.xlsx")


def test_a_zip_bomb_is_refused_by_what_it_declares() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    with pytest.raises(UnreadableParcel, match="unpacks to more"):
        read_sheet(out.getvalue(), "x.xlsx", max_unpacked_bytes=1_000_000)


def test_a_zip_bomb_that_lies_about_its_size_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    lying = out.getvalue().replace((5_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != out.getvalue()
    with pytest.raises(UnreadableParcel, match="damaged"):
        read_sheet(lying, "x.xlsx", max_unpacked_bytes=1_000_000)


def test_entities_in_a_workbook_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><workbook/>')
    with pytest.raises(UnreadableParcel, match="no spreadsheet program"):
        read_sheet(out.getvalue(), "x.xlsx")


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n", exclude_characters="\ufeff"),
    max_size=6,
)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8), st.sampled_from(",;\t"), st.booleans())
def test_what_the_csv_module_writes_is_read_back(rows: list[tuple[str, str, str]], separator: str, quote: bool) -> None:
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=separator, lineterminator="\n", quoting=quoting)
    writer.writerows([("một", "hai", "ba"), *rows])
    sheet = read_sheet(out.getvalue().encode(), "x.csv")
    kept = [tuple(cell or None for cell in row) for row in rows if any(cell.strip() for cell in row)]
    assert not sheet.unread
    assert [tuple(cell or None for cell in row) for row in sheet.rows.rows()] == kept


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=60).map(lambda tail: b"a,b\n" + tail))
def test_no_bytes_crash_the_reader_and_no_line_with_text_is_lost(data: bytes) -> None:
    try:
        sheet = read_sheet(data, "x.csv")
    except UnreadableParcel:
        return
    assert sheet.rows.height == len(sheet.lines)
    assert sheet.rows.width == len(sheet.headings)
