"""A real directive letter bound to the flaws of what it cites, beside a flat list of Microsoft's months."""

import csv
import datetime as dt
from functools import cache
from pathlib import Path
from typing import cast

import polars as pl
import pytest

from haidang.checks import Shelf, bind_letter, compile_advisories, months_in
from haidang.engine.advisories.cited import BOUND
from haidang.engine.advisories.store import SCHEMAS, Store
from haidang.engine.letters.letter import Letter
from haidang.parcels import read_letter_file

SHARED = Path(__file__).parents[4] / "shared"
VULNERABILITIES = SHARED / "data" / "vuln"
# Months in which the whole document stands in for a letter whose list is not known, and those whose list is known.
WHOLE_MONTHS = {"2023-05": "May", "2023-06": "Jun", "2023-08": "Aug", "2023-09": "Sep", "2023-10": "Oct"}
KNOWN_LISTS = {"2023-07": "Jul", "2023-11": "Nov"}

needs_letter = pytest.mark.skipif(
    not (SHARED / "letters" / "INDEX.md").is_file() or not VULNERABILITIES.is_dir(),
    reason="the shared letters and advisories are not beside this checkout",
)


def real_letter() -> Letter:
    """Read the letter that the index calls real: the one of Tết 2024, row 000."""
    (path,) = (SHARED / "letters").glob("000-*.txt")
    return read_letter_file(str(path)).letter


@cache
def store() -> Store:
    months = VULNERABILITIES / "msrc" / "cvrf-2026-07"
    paths = [months / f"2023-{month}.xml.zst" for month in (*WHOLE_MONTHS.values(), *KNOWN_LISTS.values())]
    cve5 = VULNERABILITIES / "cve5"
    return compile_advisories(
        [*paths, cve5 / "letter-microsoft-2023-05-to-11.tar.zst", cve5 / "letter-f5-zimbra"], Shelf(), None
    )


@cache
def bound() -> pl.DataFrame:
    return bind_letter(real_letter(), Shelf(), store())


def flat(month: str) -> list[dict[str, str]]:
    with (VULNERABILITIES / "letter-microsoft-cves.csv").open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row["msrc_month"] == f"2023-{month}" and " " not in row["cve"]]


def is_by_microsoft(row: dict[str, str]) -> bool:
    return row["cna"].casefold() == "microsoft"


def of_month(month: str) -> set[str]:
    """Give the flaws that the letter is bound to by the advisory letter of one month."""
    (called,) = {letter.called for letter in Shelf().letters if letter.month == month}
    return set(bound().filter(pl.col("letter") == called)["flaw"])


@needs_letter
def test_the_letter_binds_the_two_letters_it_cites_and_seven_months() -> None:
    shelf = Shelf()
    letters = set(bound()["letter"])
    assert {"1943/CATTT-NCSC", "2216/CATTT-NCSC"} <= letters
    assert months_in(real_letter()) == {f"2023-{month:02}" for month in range(5, 12)}
    assert letters == {"1943/CATTT-NCSC", "2216/CATTT-NCSC"} | {
        letter.called for letter in shelf.letters if letter.month in WHOLE_MONTHS | KNOWN_LISTS
    }
    cited = {letter.called: {one.flaw for one in letter.flaws} for letter in shelf.letters if not letter.month}
    for called in ("1943/CATTT-NCSC", "2216/CATTT-NCSC"):
        assert set(bound().filter(pl.col("letter") == called)["flaw"]) == cited[called] != set()
    assert "CVE-2023-46747" in cited["1943/CATTT-NCSC"]


@needs_letter
@pytest.mark.parametrize("month", WHOLE_MONTHS)
def test_a_month_binds_all_flaws_that_microsoft_numbered_in_it(month: str) -> None:
    rows = flat(WHOLE_MONTHS[month])
    own = {row["cve"] for row in rows if row["kind"] == "microsoft" and is_by_microsoft(row)}
    assert own <= of_month(month)
    # Besides, nothing but flaws that its browser shares with other products of its own, such as Teams.
    browser = {row["cve"] for row in rows if row["kind"] == "edge-chromium"}
    others = {row["cve"] for row in rows if row["kind"] == "microsoft" and not is_by_microsoft(row)}
    assert of_month(month) - own - others <= browser


@needs_letter
def test_a_month_binds_flaws_of_windows_that_others_numbered() -> None:
    rows = [row for row in flat("Oct") if row["kind"] == "microsoft" and row["tag"] != "Adobe"]  # a part of its browser
    named = {row["cve"] for row in rows if not is_by_microsoft(row)}
    assert "CVE-2023-44487" in named  # HTTP/2 Rapid Reset: exploited, and mended by the month's updates of Windows
    assert named <= of_month("2023-10")


@needs_letter
@pytest.mark.parametrize("month", KNOWN_LISTS)
def test_a_month_whose_list_is_known_binds_that_list_only(month: str) -> None:
    (letter,) = (letter for letter in Shelf().letters if letter.month == month)
    assert letter.whole
    assert of_month(month) == {one.flaw for one in letter.flaws}
    assert of_month(month) < {row["cve"] for row in flat(KNOWN_LISTS[month]) if row["kind"] == "microsoft"}


@needs_letter
def test_no_flaw_is_bound_twice_by_one_letter_and_each_has_its_ground() -> None:
    assert bound().select("letter", "flaw").is_unique().all()
    assert bound()["flaw"].str.contains(r"^(?:CVE-\d{4}-\d{4,}|ADV\d{6})$").all()
    assert set(bound()["sure"]) <= {"read", "inferred", "month"}
    assert bound()["ground"].str.len_chars().min() > 0
    assert dict(bound().schema) == dict(BOUND)


@needs_letter
def test_no_package_of_microsofts_own_linux_is_bound() -> None:
    mariner = {
        row["cve"]
        for month in (*WHOLE_MONTHS.values(), *KNOWN_LISTS.values())
        for row in flat(month)
        if row["kind"] == "mariner"
    }
    own = {
        row["cve"]
        for month in (*WHOLE_MONTHS.values(), *KNOWN_LISTS.values())
        for row in flat(month)
        if row["kind"] != "mariner"
    }
    assert len(mariner) > 600
    assert not set(bound()["flaw"]) & (mariner - own)


def empty_store() -> Store:
    frames = {name: pl.DataFrame(schema=schema) for name, schema in SCHEMAS.items()}
    return Store(**frames)


def letter_saying(folder: Path, text: str) -> Letter:
    path = folder / "letter.txt"
    path.write_text(
        "UBND TỈNH X\nSỞ THÔNG TIN VÀ TRUYỀN THÔNG\nSố: 12/STTTT-CNTT\nX, ngày 05 tháng 02 năm 2024\n"
        f"Kính gửi: Các sở, ban, ngành\n\n1. {text}\n2. Báo cáo kết quả về Sở.\n",
        encoding="utf-8",
    )
    return read_letter_file(str(path)).letter


def test_a_letter_that_cites_nothing_binds_nothing(tmp_path: Path) -> None:
    letter = letter_saying(tmp_path, "Rà soát, cập nhật bản vá cho các hệ thống thông tin.")
    assert bind_letter(letter, Shelf(), empty_store()).is_empty()


def test_no_letter_binds_nothing() -> None:
    nothing = bind_letter(None, Shelf(), empty_store())
    assert nothing.is_empty()
    assert dict(nothing.schema) == dict(BOUND)


def test_flaws_that_a_letter_names_itself_are_bound_by_its_own_number(tmp_path: Path) -> None:
    letter = letter_saying(
        tmp_path, "Khắc phục ngay lỗ hổng CVE-2023-46747 và CVE-2023-38750; CVE-2023-46747 đang bị khai thác."
    )
    rows = bind_letter(letter, Shelf(), empty_store())
    assert rows.select("letter", "flaw", "sure").rows() == [
        ("12/STTTT-CNTT", "CVE-2023-46747", "named"),
        ("12/STTTT-CNTT", "CVE-2023-38750", "named"),
    ]


def test_what_the_departments_register_says_of_a_cited_letter_is_bound_too(tmp_path: Path) -> None:
    letter = letter_saying(tmp_path, "Khắc phục các lỗ hổng tại Văn bản số 77/CATTT-NCSC ngày 02/01/2024.")
    register = pl.DataFrame(
        {
            "letter": ["77/CATTT-NCSC", "77 / CATTT-NCSC", "78/CATTT-NCSC"],
            "published": [dt.date(2024, 1, 2)] * 3,
            "flaw": ["cve-2024-0001", "CVE-2024-0001", "CVE-2024-0002"],
            "file": ["intel/advisories.csv"] * 3,
            "line": [2, 3, 4],
        }
    )
    rows = bind_letter(letter, Shelf(), empty_store(), register)
    # Spaces are no other letter: the flaw is bound once.
    assert rows.select("letter", "flaw", "sure").rows() == [("77/CATTT-NCSC", "CVE-2024-0001", "read")]


def spoken(text: str, year: int | None = None) -> list[str]:
    """Give the months of Microsoft's updates that a letter of this text speaks of."""

    class Said:
        date = dt.date(year, 1, 5) if year else None

    said = Said()
    said.text = text  # type: ignore[attr-defined]
    return sorted(months_in(cast(Letter, said)))


def run(first: str, last: str) -> list[str]:
    begin, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{at // 12}-{at % 12 + 1:02}" for at in range(begin, end + 1)]


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("các sản phẩm Microsoft từ tháng 5 đến tháng 11 năm 2023", run("2023-05", "2023-11")),
        ("cac san pham Microsoft tu thang 5 den thang 11 nam 2023", run("2023-05", "2023-11")),
        ("CÁC SẢN PHẨM MICROSOFT TỪ THÁNG 5 ĐẾN HẾT THÁNG 11 NĂM 2023", run("2023-05", "2023-11")),
        ("trọng trong các sản phẩm\nMicrosoft từ tháng 5 đến\ntháng 11 năm\n2023 (Văn bản", run("2023-05", "2023-11")),
        ("sản phẩm Microsoft tháng 05-11/2023", run("2023-05", "2023-11")),
        ("sản phẩm Microsoft tháng 5 – tháng 11/2023", run("2023-05", "2023-11")),
        ("sản phẩm Microsoft công bố tháng 11/2023", ["2023-11"]),
        ("Microsoft công bố vào tháng 02 năm 2024", ["2024-02"]),
        # several years
        ("Microsoft từ tháng 11 năm 2022 đến tháng 02 năm 2023", run("2022-11", "2023-02")),
        ("Microsoft tháng 12/2023 đến tháng 02/2024", run("2023-12", "2024-02")),
        ("Microsoft từ tháng 11 đến tháng 2 năm 2024", run("2023-11", "2024-02")),
        ("Microsoft từ tháng 1/2020 đến tháng 12/2023", run("2020-01", "2023-12")),
        ("Microsoft tháng 5 năm 2022 và tháng 3 năm 2023", ["2022-05", "2023-03"]),
        ("Microsoft tháng 10, tháng 11, tháng 12 năm 2023 và tháng 01 năm 2024", run("2023-10", "2024-01")),
        # lists
        ("Microsoft tháng 5, tháng 6 và tháng 7 năm 2023", run("2023-05", "2023-07")),
        ("Microsoft tháng 5, 6 và 7 năm 2023", run("2023-05", "2023-07")),
        ("Microsoft Exchange tháng 8/2023, Microsoft Windows 10 tháng 9/2023", ["2023-08", "2023-09"]),
        # none
        ("Microsoft tháng 13 năm 2023", []),
        ("Microsoft tháng 0/2023", []),
        ("Microsoft tháng 3", []),
        ("Zimbra tháng 5 năm 2023. Sản phẩm Microsoft", []),
        ("cập nhật Microsoft trước ngày 15 tháng 3 năm 2024", []),
        ("cập nhật Microsoft trước ngày 5\ntháng 3 năm 2024", []),
        ("Microsoft trong 12 tháng gần đây", []),
        ("", []),
    ],
)  # fmt: skip
def test_months_of_microsofts_updates_are_those_that_a_letter_speaks_of(text: str, months: list[str]) -> None:
    assert spoken(text) == months


def test_a_month_without_a_year_is_of_the_letters_own_year() -> None:
    assert spoken("Microsoft tháng 3", 2024) == ["2024-03"]
    assert spoken("Microsoft tháng 10 đến tháng 12", 2023) == run("2023-10", "2023-12")
    assert spoken("Microsoft tháng 5 và 11 lỗ hổng khác", 2023) == ["2023-05"]
