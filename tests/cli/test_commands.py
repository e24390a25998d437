"""Every command has help with an example that works, and says in one sentence what is wrong."""

from __future__ import annotations

import importlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from haidang.cli.main import command_names, main

HOUSE = Path(__file__).parents[2]
CITY = HOUSE / "content" / "examples"


@pytest.mark.parametrize("name", command_names())
def test_help_ends_with_an_example_that_names_the_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([name, "--help"])
    assert stopped.value.code == 0
    told = capsys.readouterr().out
    assert told.rstrip().endswith(importlib.import_module(f"haidang.cli.{name}").EXAMPLE)


@pytest.mark.parametrize("name", command_names())
def test_every_command_stands_in_both_readmes(name: str) -> None:
    for readme in ("README.md", "README.vi.md"):
        assert f"haidang {name}" in (HOUSE / readme).read_text(encoding="utf-8")


def test_read_gives_the_letter_from_a_file_and_from_standard_input_alike(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["read", str(CITY / "letter.txt"), "--json"]) == 0
    from_file = capsysbinary.readouterr().out
    held = io.TextIOWrapper(io.BytesIO((CITY / "letter.txt").read_bytes()))
    monkeypatch.setattr("sys.stdin", held)
    assert main(["read", "-", "--json"]) == 0
    assert capsysbinary.readouterr().out == from_file


def test_the_object_has_exactly_the_keys_that_were_promised(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["read", str(CITY / "letter.txt"), "--json"]) == 0
    letter = json.loads(capsysbinary.readouterr().out)
    assert " ".join(letter) == (
        "issuer number notation date place subject addressees clauses citations cves products dates contacts "
        "signatory recipients annexes gaps"
    )
    assert " ".join(letter["clauses"][0]) == "ref label text span kind audience measures children"
    assert " ".join(letter["citations"][0]) == "number date issuer about span"
    assert " ".join(letter["dates"][0]) == "date text kind clause"
    assert " ".join(letter["contacts"][0]) == "organisation person phones emails clause"


def test_read_prints_a_page_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(CITY / "letter.txt")]) == 0
    told = capsys.readouterr().out
    assert "1.đ" in told
    assert "→ " in told
    assert "Chỗ thiếu" in told


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "none of the formats"),
        (b"Dear all,\nlunch is at noon.\n", "no directive letter"),
        (b"%PDF-1.7\nnothing", "broken PDF"),
        (b"PK\x03\x04 not a zip", "broken Word document"),
    ],
)
def test_read_says_in_one_sentence_why_a_file_is_no_letter(
    what: bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(what)
    assert main(["read", str(path), "--json"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert words in told.err
    assert told.err.count("\n") == 1


def test_read_says_that_a_file_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "no-such-file.pdf"]) == 2
    assert "no-such-file.pdf is not there" in capsys.readouterr().err


def test_read_never_opens_a_file_of_200_megabytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as stream:
        stream.truncate(200_000_000)
    assert main(["read", str(path)]) == 2
    assert "200 MB" in capsys.readouterr().err


def judge(out: Path, *more: str, agencies: Path = CITY / "agencies.csv") -> int:
    days = more or ("--on", "2026-02-23")
    facts = ["--agencies", str(agencies), "--facts", str(CITY / "facts"), "--intel", str(CITY / "intel")]
    return main(["judge", str(CITY / "letter.txt"), *facts, "--out", str(out), *days])


def test_judging_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    assert judge(tmp_path / "a") == 0
    assert judge(tmp_path / "b") == 0
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert {"verdicts.json", "board.html", "verdicts.csv", "verdicts.xlsx"} <= {str(path) for path in files}
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file


def test_an_earlier_result_is_replaced_and_anything_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "result"
    assert judge(out) == 0
    (out / "board.html").write_text("old")
    assert judge(out) == 0
    assert (out / "board.html").read_text(encoding="utf-8") != "old"
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("dear")
    assert judge(mine) == 2
    assert "no earlier result" in capsys.readouterr().err
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]
    assert {path.name for path in tmp_path.iterdir()} == {"result", "mine"}


def test_judging_says_where_the_pages_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judge(tmp_path / "out") == 0
    last = capsys.readouterr().out.splitlines()[-2:]
    assert str(tmp_path / "out" / "board.html") in last[0]
    assert str(tmp_path / "out" / "annex") in last[1]


def test_what_somebody_put_beside_an_earlier_result_is_not_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "result"
    assert judge(out) == 0
    (out / "notes.txt").write_text("dear")
    assert judge(out) == 2
    assert "no earlier result" in capsys.readouterr().err
    assert (out / "notes.txt").read_text() == "dear"


def test_results_go_neither_among_the_facts_nor_under_ones_feet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert judge(CITY / "facts" / "result") == 2
    assert "where it would be read" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    assert judge(Path()) == 2
    assert "the folder you are in" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_place_that_can_not_be_written_is_told_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("dear")
    assert judge(tmp_path / "file" / "out") == 2
    told = capsys.readouterr().err
    assert told.startswith("haidang judge: ")
    assert told.count("\n") == 1


def test_names_of_files_neither_stop_a_judgement_nor_speak_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = tmp_path / "facts"
    for name in (b"so-y-te/h\xff.csv", b"so-y-te/a\n\x1b[31mred.csv", b"x\xfe/hosts.csv"):
        path = os.path.join(os.fsencode(facts), name)  # noqa: PTH118 - bytes that are no text
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(path, "wb") as stream:  # noqa: PTH123
            stream.write(b"host\nm1\n")
    more = ["--agencies", str(CITY / "agencies.csv"), "--facts", str(facts), "--on", "2026-02-23"]
    assert main(["judge", str(CITY / "letter.txt"), *more, "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "so-y-te/h\ufffd.csv" in told


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--on", "30/02/2026"), "is not a day"),
        (("--on", "2026-02-23", "--period", "2026-03-01..2026-03-31"), "has not begun"),
        (("--on", "2026-02-23", "--period", "February"), "is no period"),
    ],
)
def test_a_day_that_is_no_day_is_told_and_nothing_is_written(
    more: tuple[str, ...], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judge(tmp_path / "out", *more) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_agency_that_would_leave_its_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = tmp_path / "agencies.csv"
    listed.write_text("agency,name\n../../etc,Somebody\n", encoding="utf-8")
    told = judge(tmp_path / "out", agencies=listed)
    assert told == 2
    assert "agencies.csv, line 2" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_link_in_a_folder_of_facts_is_not_followed(tmp_path: Path) -> None:
    from haidang.parcels import fact_files

    agency = tmp_path / "facts" / "a"
    agency.mkdir(parents=True)
    secret = tmp_path / "secret.csv"
    secret.write_text("host\nx\n")
    (agency / "hosts.csv").symlink_to(secret)
    (tmp_path / "facts" / "b").symlink_to(agency)
    told = list(fact_files(tmp_path / "facts"))
    assert [file.file for file in told] == ["a/hosts.csv", "b"]
    assert all(file.trouble and not file.data for file in told)


def test_explain_lists_sixteen_measures_and_explains_each_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert len(names) == 16
    for name in names:
        for lang in ("vi", "en"):
            assert main(["explain", name, "--lang", lang, "--on", "2026-02-23"]) == 0
            told = capsys.readouterr().out
            assert told.startswith(f"{name}: ")
            assert ".csv" in told
            assert max(map(len, told.splitlines())) <= 100


def test_explain_names_every_value_that_a_cell_may_take(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "malware_sweep"]) == 0
    told = capsys.readouterr().out
    assert "= flaw | botnet | indicator | rule | malware" in told
    assert " 30 ngày " in told


def test_explain_without_a_measure_writes_every_table(tmp_path: Path) -> None:
    assert main(["explain", "--template", str(tmp_path)]) == 0
    assert {"hosts.csv", "shifts.csv", "contacts.csv", "training.csv"} <= {path.name for path in tmp_path.iterdir()}


def test_explain_writes_empty_tables_and_keeps_filled_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "hosts.csv").write_text("host\nmine\n")
    assert main(["explain", "malware_sweep", "--template", str(tmp_path)]) == 0
    assert (tmp_path / "hosts.csv").read_text() == "host\nmine\n"
    assert (tmp_path / "scan_receipts.csv").read_text(encoding="utf-8-sig").startswith("host,finished,")
    assert main(["explain", "nothing-like-it"]) == 2
    assert "haidang explain" in capsys.readouterr().err


def test_a_reader_who_stops_early_breaks_nothing() -> None:
    told = subprocess.run(
        f"{sys.executable} -c 'from haidang.cli.main import main; main()' read {CITY / 'letter.txt'} | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert not re.search("Traceback", told.stderr)
    assert told.stdout.startswith("Cơ quan ban hành")
