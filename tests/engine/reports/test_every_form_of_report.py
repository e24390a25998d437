"""What holds of every file that the reports write."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import time
import zipfile
from typing import Any

import polars as pl
import pytest
from city import make_agency, make_city, make_clause, make_document, make_measure, make_row, make_verdict, rows_of
from python_calamine import CalamineWorkbook

from haidang.engine.reports import form_names, render

HOSTILE = "</script><img src=x onerror=alert(1)>\u2028\u2029'\"&<!--"


def files_of(document: dict[str, Any], rows: pl.DataFrame | None = None) -> dict[str, bytes]:
    return dict(render(document, rows_of(document) if rows is None else rows))


def small(*verdicts: dict[str, Any], agencies: int = 2, **parts: Any) -> dict[str, Any]:
    listed = [make_agency(place) for place in range(agencies)]
    measures = {"flaws_fixed": make_measure("flaws_fixed")}
    clauses = [make_clause("1.a", ["flaws_fixed"])]
    return make_document(agencies=listed, clauses=clauses, measures=measures, verdicts=list(verdicts), **parts)


def test_all_forms_are_found_by_listing_the_package() -> None:
    assert form_names() == ["annex", "board", "table_csv", "workbook"]


def test_the_same_document_gives_the_same_bytes_in_the_same_order() -> None:
    first = list(render(make_city(), rows_of(make_city())))
    assert first == list(render(make_city(), rows_of(make_city())))
    assert len({path for path, _ in first}) == len(first) == 14 * 2 + 3


def test_a_city_of_88_agencies_and_16_clauses_takes_little_time_and_room() -> None:
    document = make_city(88, one_measure_a_clause=True, rows=200)
    rows = rows_of(document)
    started = time.perf_counter()
    board = files_of(document, rows)["board.html"]
    assert len(document["verdicts"]) == 1408
    assert len(board) < 5_000_000
    # The whole set, annexes included, measures some 2 s; the room is for a busy machine.
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize("path", ["board.html", "annex/don-vi-01.html"])
def test_a_page_names_no_address_to_fetch_from(path: str) -> None:
    page = files_of(make_city())[path].decode()
    assert set(re.findall(r"(?:https?:)?//[\w.]+", page)) <= {"http://www.w3.org", "//www.w3.org"}
    assert "@import" not in page
    assert not re.search(r"\bsrc=", page)


@pytest.mark.parametrize("path", ["board.html", "annex/don-vi-01.html"])
def test_the_policy_of_a_page_allows_its_own_style_and_script_only(path: str) -> None:
    page = files_of(make_city())[path].decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1].replace("&#39;", "'")
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r'\s(style|on\w+)="', page.split("</head>")[1])


def test_hostile_texts_stay_texts() -> None:
    row = make_row("x", 1, "fail", subject=HOSTILE, file=HOSTILE)
    document = small(make_verdict("1.a", "don-vi-01", "flaws_fixed", "not_met", rows=1))
    document["verdicts"][0]["rows"] = [row]
    document["agencies"][0].update(name=HOSTILE, block=HOSTILE)
    document["clauses"][0]["text"] = HOSTILE
    document["letter"].update(subject=HOSTILE, number=HOSTILE, gaps=[{"kind": HOSTILE, "text": HOSTILE}])
    document["unread"] = [{"agency": "don-vi-01", "table": HOSTILE, "file": HOSTILE, "line": 3, "why": HOSTILE}]
    document["measures"]["flaws_fixed"]["title"] = {"vi": HOSTILE, "en": HOSTILE}
    for path, content in files_of(document).items():
        if path.endswith(".html"):
            page = content.decode()
            assert "<img" not in page
            assert page.count("</script>") == page.count("<script")
            data = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
            assert data is None or not set(data[1]) & set("<>&\u2028\u2029")


def test_an_annex_has_no_word_of_another_agency() -> None:
    document = make_city(6)
    for agency in document["agencies"]:
        mark = f"DAU-{agency['agency'][-2:]}-RIENG"
        agency["name"] = f"Tên {mark}"
        agency["block"] = f"Khối {mark}"
        for verdict in document["verdicts"]:
            if verdict["agency"] == agency["agency"]:
                for row in verdict["rows"]:
                    row.update(subject=f"máy {mark}", file=f"{mark}/hosts.csv")
        document["unread"].append(
            {"agency": agency["agency"], "table": "hosts", "file": f"{mark}/hosts.csv", "line": 9, "why": f"vì {mark}"}
        )
        document["inputs"].append({"file": f"{mark}/x.csv", "sha256": "00" * 32, "rows": 1})
        document["letter"]["gaps"].append({"kind": "order_without_recipient", "text": f"thiếu {mark}"})
    for path, content in files_of(document).items():
        if path.startswith("annex/"):
            own = path.removeprefix("annex/don-vi-")[:2]
            assert set(re.findall(r"DAU-(\d\d)-RIENG", content.decode())) == {own}, path
            assert set(re.findall(r"don-vi-(\d\d)", content.decode())) <= {own}, path


def test_an_annex_lists_every_row_that_does_not_pass_in_its_table_and_the_first_500_on_its_page() -> None:
    document = small(make_verdict("1.a", "don-vi-01", "flaws_fixed", "not_met", rows=1))
    lines = [{"agency": "don-vi-01", "measure": "flaws_fixed", **make_row("a", n, "fail")} for n in range(1200)]
    lines += [{"agency": "don-vi-01", "measure": "flaws_fixed", **make_row("a", n, "pass")} for n in range(50)]
    files = files_of(document, pl.DataFrame(lines))
    table = files["annex/don-vi-01.csv"].decode("utf-8-sig").split("\r\n")
    assert len(table) == 1 + 1200 + 1
    page = files["annex/don-vi-01.html"].decode()
    assert page.count("<td>may-") == 500
    assert 'href="don-vi-01.csv"' in page
    assert "1.200" in page
    assert "1,200" in page


def test_the_rows_of_the_document_speak_where_no_others_were_handed_in() -> None:
    why = make_row("don-vi-01", 0, "unknown", why="no_table", table="flaws", subject="", file="", line=0)
    verdict = make_verdict("1.a", "don-vi-01", "flaws_fixed", "not_provable", rows=0)
    verdict.update(rows=[why], reasons=[{"why": "no_table", "outcome": "unknown", "count": 1}])
    files = files_of(small(verdict), pl.DataFrame())
    assert "chưa gửi bảng số liệu" in files["annex/don-vi-01.csv"].decode()
    page = files["annex/don-vi-01.html"].decode()
    assert "Gửi bảng" in page
    assert "Lỗ hổng trên từng máy" in page


def test_what_a_row_does_not_name_may_be_none() -> None:
    row = {**make_row("don-vi-01", 0, "unknown", why="no_table"), "part": None, "subject": None}
    verdict = make_verdict("1.a", "don-vi-01", "flaws_fixed", "not_provable", rows=0)
    verdict.update(rows=[{**row, "table": None, "file": None, "line": None}], numerator=None, denominator=None)
    document = small(verdict)
    document["agencies"][0]["block"] = None
    page = files_of(document, pl.DataFrame())["annex/don-vi-01.html"].decode()
    assert "chưa gửi bảng số liệu" in page
    assert "None" not in page


def test_a_measure_that_stands_in_two_clauses_has_its_rows_in_both() -> None:
    verdicts = [make_verdict(ref, "don-vi-01", "flaws_fixed", "not_met", rows=2) for ref in ("1.a", "1.d")]
    document = small(*verdicts)
    document["clauses"].append(make_clause("1.d", ["flaws_fixed"]))
    lines = [{"agency": "don-vi-01", "measure": "flaws_fixed", **make_row("a", n, "fail")} for n in range(3)]
    table = files_of(document, pl.DataFrame(lines))["annex/don-vi-01.csv"].decode()
    assert [line.split(",")[0] for line in table.split("\r\n")[1:-1]] == ["1.a"] * 3 + ["1.d"] * 3


def test_a_list_without_agencies_says_what_to_do() -> None:
    document = make_document(clauses=[make_clause("1.a", [])])
    files = files_of(document)
    assert set(files) == {"board.html", "verdicts.csv", "verdicts.xlsx"}
    assert "Danh sách chưa có đơn vị nào" in files["board.html"].decode()


def test_a_letter_that_orders_nothing_says_so() -> None:
    files = files_of(make_document(agencies=[make_agency(0)], unread=[]))
    assert "Văn bản không giao việc nào" in files["board.html"].decode()
    assert "Văn bản không giao việc nào" in files["annex/don-vi-01.html"].decode()


def test_a_letter_without_a_head_and_a_clause_without_a_measure_are_told() -> None:
    row = make_row("don-vi-01", 0, "unknown", part="", why="no_measure", table="", subject="", file="", line=0)
    verdict = make_verdict("1.a", "don-vi-01", None, "not_provable", rows=0, rows_total=1)
    verdict.update(rows=[row], parts=[], reasons=[{"why": "no_measure", "outcome": "unknown", "count": 1}])
    verdict.update(numerator=None, denominator=None, unit=None)
    document = small(verdict)
    document["clauses"][0]["measures"] = []
    document["letter"].update(number=None, date=None, issuer=None, subject=None)
    files = files_of(document)
    assert "Văn bản chưa ghi số" in files["board.html"].decode()
    assert "chưa có cách đo cho yêu cầu này" in files["annex/don-vi-01.html"].decode()


def test_names_of_annexes_are_safe_and_apart() -> None:
    names = ["../../etc/passwd", "CON", "Sở A", "So A", "so-a", "..", "a/b", "con.txt", "x" * 400]
    agencies = [{**make_agency(0), "agency": name} for name in names]
    document = make_document(agencies=agencies, clauses=[make_clause("1.a", [])])
    paths = [path for path in files_of(document) if path.endswith(".html") and path != "board.html"]
    assert len({path.lower() for path in paths}) == len(names)
    for path in paths:
        assert re.fullmatch(r"annex/[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.html", path)
        assert not re.match(r"annex/(con|nul)\.", path.lower())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " =", "＝"])
def test_a_cell_that_begins_like_a_formula_is_neutral_in_every_table(start: str) -> None:
    text = f'{start}HYPERLINK("x","y")'
    document = small(make_verdict("1.a", "don-vi-01", "flaws_fixed", "not_met", rows=1))
    document["agencies"][0]["name"] = text
    document["verdicts"][0]["rows"] = [make_row("a", 1, "fail", subject=text, file=text)]
    files = files_of(document)
    for path in ("verdicts.csv", "annex/don-vi-01.csv"):
        frame = pl.read_csv(io.BytesIO(files[path]), infer_schema=False)
        cells = [cell for column in frame for cell in column if cell and "HYPERLINK" in cell]
        assert cells
        assert all(cell.startswith("'") for cell in cells)
    with zipfile.ZipFile(io.BytesIO(files["verdicts.xlsx"])) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        assert not any(b"<f>" in book.read(name) or b"<hyperlink" in book.read(name) for name in sheets)


def test_the_table_for_excel_has_its_mark_and_a_line_for_every_verdict() -> None:
    document = make_city()
    table = files_of(document)["verdicts.csv"]
    assert table.startswith(b"\xef\xbb\xbf")
    assert len(pl.read_csv(io.BytesIO(table), infer_schema=False)) == len(document["verdicts"])


def test_the_workbook_has_four_sheets_and_the_day_of_judgement() -> None:
    document = make_city()
    content = files_of(document)["verdicts.xlsx"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert [name.split(" · ")[1] for name in book.sheet_names] == ["Board", "Verdicts", "Unread", "Inputs"]
    board = book.get_sheet_by_index(0).to_python()
    assert len(board) == 5 + 14
    assert {str(cell)[0] for line in board[5:] for cell in line[2:] if cell} == {"Đ", "K", "?", "–"}
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"2026-02-23T00:00:00Z" in parts.read("docProps/core.xml")
        assert b'state="frozen"' in parts.read("xl/worksheets/sheet1.xml")
