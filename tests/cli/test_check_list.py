"""`haidang check LIST --networks`: what it writes, how it ends, what comes back filled in, and what judge makes of it."""

import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import python_calamine
import xlsxwriter

from haidang.botnets import month_in, read_lists, read_profiles
from haidang.cli.main import main

HOUSE = Path(__file__).parents[2]
CITY = HOUSE / "content" / "examples"
SHARED = (HOUSE / ".." / "shared").resolve()
FOUND, NOT_CHECKED, WRONG, CLEAN = 10, 20, 2, 0
NETWORKS = "agency,network,valid_from,valid_to\na,8.8.8.0/24,,\nb,8.8.9.0/24,2024-01-01,2025-12-31\n"


def check(tmp_path: Path, listed: str | bytes, *more: str, networks: str = NETWORKS, name: str = "list.csv") -> int:
    (tmp_path / name).write_bytes(listed.encode() if isinstance(listed, str) else listed)
    (tmp_path / "owners.csv").write_text(networks)
    paths = [str(tmp_path / name), "--networks", str(tmp_path / "owners.csv"), "--out", str(tmp_path / "out")]
    return main(["check", *paths, "--on", "2026-02-23", *more])


def document(tmp_path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((tmp_path / "out" / "botnet.json").read_text())
    return told


def check_city(out: Path, *more: str) -> int:
    logs = [str(CITY / "botnet" / name) for name in ("nat-so-xay-dung.csv", "dhcp-so-xay-dung.csv")]
    beside = ["--networks", str(CITY / "facts"), "--agencies", str(CITY / "agencies.csv"), "--nat", *logs]
    before = ["--before", str(CITY / "botnet" / "danh-sach-01-2026.txt"), "--on", "2026-02-23", "--out", str(out)]
    return main(["check", str(CITY / "botnet" / "danh-sach-02-2026.csv"), *beside, *before, "--skew", "5", *more])


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("city") / "out"
    assert check_city(out) == FOUND
    return out


def test_the_example_list_names_agencies_machines_and_what_came_back(city: Path) -> None:
    told = json.loads((city / "botnet.json").read_text())
    assert told["outcomes"] == {
        "owned": 3,
        "several_owners": 0,
        "unclear_time": 0,
        "not_then": 1,
        "unowned": 0,
        "private_or_reserved": 0,
        "unreadable": 1,
    }
    assert told["changes"] == {"appeared": 1, "persists": 3, "gone": 6}
    agencies = {one["agency"]: one for one in told["agencies"]}
    assert set(agencies) == {"so-xay-dung", "benh-vien-da-khoa", "cao-dang-hang-hai"}
    row = agencies["so-xay-dung"]["to_do"][0]
    assert (row["state"], row["confidence"], row["host"], row["mac"]) == (
        "listed_again",
        "exact",
        "SXD-PC03",
        "00:00:5e:00:53:45",
    )
    assert told["not_then"]["rows"][0]["agencies"] == ["Sở Xây dựng"]


def test_the_same_inputs_give_the_same_bytes(city: Path, tmp_path: Path) -> None:
    assert check_city(tmp_path / "again") == FOUND
    files = {path.relative_to(city): path.read_bytes() for path in city.rglob("*") if path.is_file()}
    again = {
        path.relative_to(tmp_path / "again"): path.read_bytes()
        for path in (tmp_path / "again").rglob("*")
        if path.is_file()
    }
    assert files == again


def test_an_annex_holds_one_agencys_rows_alone(city: Path) -> None:
    text = (city / "annex" / "so-xay-dung.csv").read_text("utf-8-sig")
    assert "203.0.113.18" in text
    assert "benh-vien" not in text
    assert "203.0.113.51" not in text
    book = python_calamine.load_workbook(city / "annex" / "so-xay-dung.xlsx")
    assert len(book.get_sheet_by_index(0).to_python()) == 2


def test_judge_takes_the_rows(city: Path, tmp_path: Path) -> None:
    beside = ["--facts", str(CITY / "facts"), "--intel", str(city / "intel"), "--intel", str(CITY / "intel")]
    question = ["--agencies", str(CITY / "agencies.csv"), "--on", "2026-02-23", "--out", str(tmp_path / "judged")]
    assert main(["judge", str(CITY / "letter.txt"), *beside, *question]) == CLEAN
    told = json.loads((tmp_path / "judged" / "verdicts.json").read_text())
    verdicts = {(one["agency"], one["measure"]): one["verdict"] for one in told["verdicts"]}
    assert verdicts["so-xay-dung", "botnet_cleanup"] == "not_met"
    assert verdicts["benh-vien-da-khoa", "botnet_cleanup"] == "not_met"
    assert verdicts["so-tai-chinh", "botnet_cleanup"] == "met"


def test_an_open_address_ends_with_10(tmp_path: Path) -> None:
    assert check(tmp_path, "ip,time\n8.8.8.8,2026-01-26 10:00\n") == FOUND
    facts = pl.read_parquet(tmp_path / "out" / "intel" / "botnet_rows.parquet")
    assert facts.select("agency", "address", "seen", "list").rows() == [
        ("a", "8.8.8.8", "2026-01-26T03:00:00Z", "list.csv")
    ]


def test_nothing_of_anybodys_ends_with_0(tmp_path: Path) -> None:
    assert check(tmp_path, "ip,time\n9.9.9.9,2026-01-26 10:00\n8.8.9.1,2026-01-26 10:00\n") == CLEAN
    assert document(tmp_path)["outcomes"]["not_then"] == 1
    assert pl.read_parquet(tmp_path / "out" / "intel" / "botnet_rows.parquet").is_empty()


@pytest.mark.parametrize("row", ["999.1.1.1,2026-01-26 10:00", "8.8.9.1,12/2025 - 01/2026", "8.8.9.1,"])
def test_what_can_not_be_told_ends_with_20(tmp_path: Path, row: str) -> None:
    assert check(tmp_path, f"ip,time\n9.9.9.9,2026-01-26 10:00\n{row}\n") == NOT_CHECKED


def test_a_network_that_can_not_be_read_ends_with_20(tmp_path: Path) -> None:
    assert check(tmp_path, "ip,time\n9.9.9.9,2026-01-26 10:00\n", networks=NETWORKS + "a,x/24,,\n") == NOT_CHECKED


def test_every_row_stands_in_the_table_of_rows(tmp_path: Path) -> None:
    check(tmp_path, "ip,time\n8.8.8.8,2026-01-26 10:00\nnobody,\n9.9.9.9,26/01/2026\n")
    rows = pl.read_parquet(tmp_path / "out" / "rows.parquet")
    assert sorted(rows.select("line", pl.col("outcome").cast(pl.String)).rows()) == [
        (2, "owned"),
        (3, "unreadable"),
        (4, "unowned"),
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_annex_that_was_filled_in_closes_its_rows(tmp_path: Path, kind: str) -> None:
    listed = "ip,time\n8.8.8.8,2026-01-26 10:00\n8.8.8.9,2026-01-26 10:00\n8.8.8.10,2026-01-26 10:00\n"
    assert check(tmp_path, listed) == FOUND
    filled = tmp_path / "filled"
    filled.mkdir()
    head, *rows = read_annex(tmp_path / "out" / "annex" / f"a.{kind}")
    for row, outcome in zip(rows, ("đã làm sạch", "máy tắt", ""), strict=True):
        row[1:3] = [outcome, "27/01/2026 10:00" if outcome else ""]
    if kind == "csv":
        (filled / "a.csv").write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in [head, *rows]))
    else:
        book = xlsxwriter.Workbook(filled / "a.xlsx")
        sheet = book.add_worksheet()
        for line, row in enumerate([head, *rows]):
            sheet.write_row(line, 0, row)
        book.close()
    assert check(tmp_path, listed, "--closings", str(filled)) == FOUND
    states = document(tmp_path)["agencies"][0]["states"]
    assert (states["cleaned"], states["off"], states["open"]) == (1, 1, 1)
    assert (tmp_path / "out" / "closings" / "a" / "botnet_closings.csv").read_text().count("\n") == 3


def read_annex(path: Path) -> list[list[str]]:
    if path.suffix == ".xlsx":
        grid = python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()
        return [[str(int(cell)) if isinstance(cell, float) else str(cell) for cell in row] for row in grid]
    import csv

    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))


def test_formulas_and_tags_in_a_list_stay_text(tmp_path: Path) -> None:
    evil = "=HYPERLINK(1)<script>alert(1)</script>"
    check(tmp_path, f"ip,time,family,list\n8.8.8.8,2026-01-26 10:00,{evil},{evil}\n8.8.8.8.8,,{evil},\n")
    assert "<script>alert" not in (tmp_path / "out" / "index.html").read_text()
    assert "'=HYPERLINK" in (tmp_path / "out" / "annex" / "a.csv").read_text()
    assert b"<f>" not in read_sheet_xml(tmp_path / "out" / "annex" / "a.xlsx")


def read_sheet_xml(path: Path) -> bytes:
    import zipfile

    with zipfile.ZipFile(path) as book:
        return book.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list.csv"], "give --advisories"),
        (["list.csv", "--networks", "owners.csv", "--advisories", "x"], "not both"),
        (["nowhere.csv", "--networks", "owners.csv"], "not there"),
        (["list.csv", "--networks", "bare.csv"], "agency"),
        (["list.csv", "--networks", "owners.csv", "--nat", "list.csv"], "neither public addresses (NAT)"),
        (["list.csv", "--networks", "owners.csv", "--closings", "list.csv"], "no table of closings"),
        (["words.txt", "--networks", "owners.csv"], "no list of addresses"),
        (["list.csv", "--networks", "owners.csv", "--skew", "-1"], "--skew"),
        (["list.csv", "--networks", "owners.csv", "--out", "."], "give another --out"),
    ],
)
def test_wrong_usage_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text("ip,time\n8.8.8.8,2026-01-26 10:00\n")
    (tmp_path / "owners.csv").write_text(NETWORKS)
    (tmp_path / "bare.csv").write_text("network\n8.8.8.0/24\n")
    (tmp_path / "words.txt").write_text("nothing in here\n")
    assert main(["check", *arguments]) == WRONG
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_a_table_in_a_pdf_reads_like_its_text() -> None:
    listed = read_lists([HOUSE / "tests" / "golden" / "botnet" / "pdf" / "annex" / "in.pdf"], read_profiles())
    assert listed.rows.select("address", "port", "family").rows()[:2] == [
        ("203.0.113.18", 40122, "Mozi"),
        ("2001:db8:5b::19", 38211, "Ramnit"),
    ]
    assert not listed.unread


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("botnet_202601", "01/2026"),
        ("01/2026 (58/DS-SKHCN)", "01/2026"),
        ("thang-1-2026", "01/2026"),
        ("2026-12", "12/2026"),
        ("13/2026", None),
        ("58/2026/DS", None),
    ],
)
def test_the_month_of_a_list_is_found_in_its_name(name: str, month: str | None) -> None:
    found = month_in(name)
    assert (f"{found.last:%m/%Y}" if found else None) == month


def test_rows_without_time_take_the_month_of_their_list(tmp_path: Path) -> None:
    assert check(tmp_path, "8.8.8.8\n8.8.9.9\n", name="botnet-2026-01.txt") == FOUND
    assert document(tmp_path)["outcomes"]["not_then"] == 1


def test_real_lists_of_addresses_are_read_to_the_last_row() -> None:
    folder = SHARED / "data" / "threatintel" / "ip" / "c2-tracker"
    if not folder.is_dir():
        pytest.skip("the shared data is not here")
    for path in sorted(folder.glob("*.txt")):
        lines = [line for line in path.read_text().splitlines() if line.strip()]
        if lines:
            listed = read_lists([path], read_profiles())
            assert listed.rows.height + len(listed.unread) == len(lines), path.name
            assert not listed.unread, path.name


def test_a_firewalls_own_log_leads_to_the_machine(tmp_path: Path) -> None:
    line = (
        'date=2026-02-15 time=20:48:40 devname="FG" devid="FG1" logid="0000000013" type="traffic" subtype="forward" tz="+0700" '
        'srcip=192.0.2.69 srcport=51000 dstip=198.51.100.250 dstport=443 proto=6 action="close" duration={} '
        "transip=203.0.113.18 transport={} sentbyte=1 rcvdbyte=2\n"
    )
    (tmp_path / "fg.log").write_text(line.format(60, 40987) + line.format(5, 40988), encoding="utf-8")
    out = tmp_path / "out"
    listed = CITY / "botnet" / "danh-sach-02-2026.csv"
    main(
        ["check", str(listed), "--networks", str(CITY / "facts"), "--nat", str(tmp_path / "fg.log"), "--on", "2026-02-23",
         "--skew", "5", "--out", str(out)]
    )  # fmt: skip
    row = pl.read_parquet(out / "rows.parquet").filter(pl.col("address") == "203.0.113.18").row(0, named=True)
    assert (row["confidence"], row["inner"], row["log_line"]) == ("exact", "192.0.2.69", 1)
