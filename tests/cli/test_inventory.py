"""`haidang inventory` says what a file lists, what it lacks and what could not be read, and writes the rows."""

import csv
import json
import zipfile
from pathlib import Path

import pytest
import python_calamine

from haidang.cli.main import main

GOLDEN = Path(__file__).parents[1] / "golden" / "inventory"
WHOLE = GOLDEN / "systeminfo-english" / "in.txt"
ROWS_UNREAD = GOLDEN / "table-machine-and-product" / "in.csv"


def test_a_file_that_is_read_in_full_ends_with_nought(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inventory", str(WHOLE)]) == 0
    told = capsys.readouterr().out
    assert "in.txt: systeminfo: 1 máy" in told
    assert "[no_build]" in told
    assert "PC-KETOAN-01" in told


def test_rows_that_could_not_be_read_are_shown_and_end_with_twenty(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inventory", str(ROWS_UNREAD)]) == 20
    told = capsys.readouterr().out
    assert "rows that could not be read: 3" in told
    assert "in.csv:7  không có tên máy" in told
    assert "product ← Phần mềm" in told


def test_a_long_list_of_unread_rows_is_cut_after_twenty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "x.csv"
    file.write_text("host,product,version\n" + ",a,1\n" * 50)
    assert main(["inventory", str(file)]) == 20
    told = capsys.readouterr().out
    assert "could not be read: 50" in told
    assert told.count("không có tên máy") == 20
    assert "… và 30 dòng nữa" in told


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"Dear all,\nlunch is at noon.\n", "no inventory of a form that can be read"),
        (b"<!DOCTYPE nmaprun [<!ENTITY a 'b'>]><nmaprun/>", "declares entities"),
        (b"PK\x03\x04xl/ nothing", "damaged"),
    ],
)
def test_a_file_that_can_not_be_read_is_one_sentence(
    data: bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.bin"
    file.write_bytes(data)
    assert main(["inventory", str(file)]) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert told.out == ""
    assert len(told.err.strip().splitlines()) == 1


def test_a_folder_is_read_file_by_file_and_links_are_not_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "so-y-te" / "pc01"
    folder.mkdir(parents=True)
    (folder / "systeminfo.txt").write_bytes(WHOLE.read_bytes())
    (folder / "notes.txt").write_text("nothing of ours\n")
    (folder / "away.txt").symlink_to(WHOLE)
    assert main(["inventory", str(tmp_path)]) == 20
    told = capsys.readouterr().out
    assert "so-y-te/pc01/systeminfo.txt: systeminfo" in told
    assert "notes.txt: KHÔNG ĐỌC ĐƯỢC" in told
    assert "away.txt is a link" in told


def test_an_empty_folder_was_not_checked(tmp_path: Path) -> None:
    assert main(["inventory", str(tmp_path)]) == 20


def test_what_is_not_there_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inventory", "khong-co"]) == 2
    assert "is not there" in capsys.readouterr().err


def test_json_holds_counts_columns_lacks_and_unread_rows(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["inventory", str(ROWS_UNREAD), str(WHOLE), "--json"]) == 20
    told = json.loads(capsysbinary.readouterr().out)
    assert " ".join(told) == (
        "files hosts systems systems_with_build products_with_version products_without_version updates lacks unread"
    )
    assert told["hosts"] == 3
    assert (told["systems"], told["systems_with_build"]) == (1, 0)
    assert (told["products_with_version"], told["products_without_version"]) == (2, 1)
    assert told["updates"] == 3
    assert told["unread"]["count"] == len(told["unread"]["first"]) == 3
    assert told["files"][0]["columns"]["product"] == "Phần mềm"
    assert {lack["what"] for lack in told["lacks"]} == {"no_build"}


def test_rows_are_written_as_json(tmp_path: Path) -> None:
    out = tmp_path / "rows.json"
    assert main(["inventory", str(WHOLE), "--out", str(out)]) == 0
    rows = json.loads(out.read_bytes())
    assert " ".join(rows) == "form hosts software hotfixes unread lacks"
    assert rows["hosts"][0]["host"] == "PC-KETOAN-01"
    assert len(rows["hotfixes"]) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["rows.json"]


def test_a_workbook_has_three_sheets_and_no_formulas(tmp_path: Path) -> None:
    file, out = tmp_path / "x.csv", tmp_path / "rows.xlsx"
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows(
            [("host", "product", "version"), ("=1+1", "@SUM(A1)", "-2"), ("PC", "+cmd|' /C'", "1")]
        )
    assert main(["inventory", str(file), "--out", str(out)]) == 0
    book = python_calamine.load_workbook(str(out))
    assert book.sheet_names == ["hosts", "software", "hotfixes"]
    rows = book.get_sheet_by_name("software").to_python()
    assert rows[1][1] == "'=1+1"
    assert rows[1][3:5] == ["'@SUM(A1)", "'-2"]
    with zipfile.ZipFile(out) as package:
        assert not any(b"<f>" in package.read(name) for name in package.namelist() if "worksheets" in name)
    first = out.read_bytes()
    assert main(["inventory", str(file), "--out", str(out)]) == 0
    assert out.read_bytes() == first


def test_out_is_json_or_a_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inventory", str(WHOLE), "--out", str(tmp_path / "x.csv")]) == 2
    assert ".json or .xlsx" in capsys.readouterr().err


def test_guessed_columns_are_saved_and_used_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = tmp_path / "kk.yaml"
    table = GOLDEN / "table-one-row-a-machine" / "in.csv"
    assert main(["inventory", str(table), "--save-profile", str(profile)]) == 20
    capsys.readouterr()
    assert main(["inventory", str(table), "--profile", str(profile)]) == 20
    assert "table (CSV): in" in capsys.readouterr().out


def test_a_profile_that_fits_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = tmp_path / "p.yaml"
    profile.write_text("form: mine\nheadings: {host: A, product: B}\n")
    assert main(["inventory", str(ROWS_UNREAD), "--profile", str(profile)]) == 2
    assert "not all of its headings are there (A, B)" in capsys.readouterr().err
    profile.write_text("form: mine\n")
    assert main(["inventory", str(ROWS_UNREAD), "--profile", str(profile)]) == 2


def test_a_profile_is_saved_of_one_table_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inventory", str(WHOLE), "--save-profile", str(tmp_path / "p.yaml")]) == 2
    assert "exactly one table; there are 0" in capsys.readouterr().err


def test_names_in_a_file_do_not_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "x.csv"
    file.write_text("Tên máy,Phần mềm \x1b[31m,Phần mềm,Phiên bản\n\x1b[2J,a,b,1\n")
    main(["inventory", str(file)])
    assert "\x1b" not in capsys.readouterr().out
