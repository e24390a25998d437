"""`haidang hunt` from logs to hits, receipts and verdicts."""

import bz2
import gzip
import json
import lzma
import os
import random
from pathlib import Path

import polars as pl
import pytest
import zstandard

from haidang.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "content" / "examples"
MARK = "canary-2f6c1d.haidang.example"


def hunt(out: Path, *arguments: str) -> tuple[int, dict[str, object]]:
    code = main(["hunt", *arguments, "--on", "2026-02-23", "--out", str(out)])
    return code, json.loads((out / "receipt.json").read_bytes())


def indicators(folder: Path, *rows: str) -> str:
    path = folder / "indicators.csv"
    path.write_text("type,value\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return str(path)


def test_the_example_is_hunted_and_every_hit_names_both_ends(tmp_path: Path) -> None:
    code, receipt = hunt(
        tmp_path / "out",
        str(EXAMPLES / "logs"),
        "--indicators",
        str(EXAMPLES / "indicators"),
        "--agency",
        "so-y-te",
        "--canary",
        MARK,
    )
    assert code == 10
    assert receipt["canary"] == "seen"
    hits = pl.read_parquet(tmp_path / "out" / "hits.parquet")
    assert sorted(set(hits["value"])) == ["203.0.113.66", "may-chu-xau.example"]
    assert set(hits["host"]) == {"10.20.1.37"}
    assert set(hits["direction"]) == {"out"}
    assert hits["time"].null_count() == 0
    assert hits.filter(pl.col("action") == "block").height == 1
    groups = receipt["groups"]
    assert isinstance(groups, list)
    assert [(one["value"], one["hits"]) for one in groups] == [("203.0.113.66", 5), ("may-chu-xau.example", 2)]
    assert (tmp_path / "out" / "index.html").read_bytes().startswith(b"<!DOCTYPE html>")


def test_receipts_and_findings_are_tables_that_judge_takes(tmp_path: Path) -> None:
    from haidang.engine.tables import TABLES

    hunt(
        tmp_path / "out",
        str(EXAMPLES / "logs"),
        "--indicators",
        str(EXAMPLES / "indicators"),
        "--agency",
        "so-y-te",
        "--canary",
        MARK,
    )
    for path, table in (("facts/so-y-te/hunt_receipts", "hunt_receipts"), ("intel/findings", "findings")):
        frame = pl.read_parquet(tmp_path / "out" / f"{path}.parquet")
        needed = {column.name for column in TABLES[table].columns if column.required}
        assert needed <= set(frame.columns)
    receipts = pl.read_parquet(tmp_path / "out" / "facts" / "so-y-te" / "hunt_receipts.parquet")
    assert set(receipts["canary"]) == {"seen"}
    assert sorted(receipts["source"]) == ["dns", "tuong-lua-bien"]
    facts = tmp_path / "facts"
    (facts / "so-y-te").mkdir(parents=True)
    receipts.write_parquet(facts / "so-y-te" / "hunt_receipts.parquet")
    (facts / "so-y-te" / "log_sources.csv").write_text("source\ndns\ntuong-lua-bien\n", encoding="utf-8")
    code = main(
        ["judge", str(EXAMPLES / "letter.txt"), "--agencies", str(EXAMPLES / "agencies.csv"), "--facts", str(facts),
         "--intel", str(tmp_path / "out" / "intel"), "--on", "2026-11-30", "--out", str(tmp_path / "judged")]
    )  # fmt: skip
    assert code in (0, 10, 20)
    told = json.loads((tmp_path / "judged" / "verdicts.json").read_bytes())["verdicts"]
    (verdict,) = (one for one in told if one["agency"] == "so-y-te" and one["measure"] == "threat_hunt")
    assert verdict["verdict"] == "not_met"  # the hits are open


def test_nothing_found_is_clean_only_where_all_was_read_with_its_times(tmp_path: Path) -> None:
    log = tmp_path / "fw.log"
    log.write_text("2026-02-01 07:00:00 10.0.0.1:5 -> 198.51.100.1:443\n", encoding="utf-8")
    listed = indicators(tmp_path, "ip,203.0.113.66")
    assert hunt(tmp_path / "a", str(log), "--indicators", listed)[0] == 0
    assert hunt(tmp_path / "b", str(log), "--indicators", listed, "--canary", "mark.example")[0] == 20
    log.write_text("nothing that tells a time\n", encoding="utf-8")
    assert hunt(tmp_path / "c", str(log), "--indicators", listed)[0] == 20
    log.write_bytes(b"")
    assert hunt(tmp_path / "d", str(log), "--indicators", listed)[0] == 20


def test_a_packed_log_that_breaks_off_is_read_as_far_as_it_goes_and_told(tmp_path: Path) -> None:
    whole = gzip.compress(b"2026-02-01 07:00:00 10.0.0.1:5 -> 203.0.113.66:443\n" * 5_000, mtime=0)
    (tmp_path / "fw.log.gz").write_bytes(whole[: len(whole) // 2])
    code, receipt = hunt(
        tmp_path / "out", str(tmp_path / "fw.log.gz"), "--indicators", indicators(tmp_path, "ip,203.0.113.66")
    )
    logs = receipt["logs"]
    assert isinstance(logs, list)
    assert logs[0]["trouble"]
    assert code in (10, 20)


@pytest.mark.parametrize("packed", ["utf-16", "nul", "long"])
def test_wide_letters_nuls_and_endless_lines_are_read(tmp_path: Path, packed: str) -> None:
    line = "2026-02-01 07:00:00 10.0.0.1:5 -> 203.0.113.66:443"
    data = {
        "utf-16": f"{line}\r\n".encode("utf-16"),
        "nul": b"\0\0\n" + line.encode() + b"\n\0",
        "long": b"x" * 9_000_000 + b" " + line.encode() + b" " + b"y" * 9_000_000,
    }[packed]
    (tmp_path / "fw.log").write_bytes(data)
    code, receipt = hunt(
        tmp_path / "out", str(tmp_path / "fw.log"), "--indicators", indicators(tmp_path, "ip,203.0.113.66")
    )
    assert code == 10
    assert receipt["groups_total"] == 1


def test_one_and_two_jobs_find_the_same(tmp_path: Path) -> None:
    arguments = (str(EXAMPLES / "logs"), "--indicators", str(EXAMPLES / "indicators"))
    for jobs in ("1", "2"):
        hunt(tmp_path / jobs, *arguments, "--jobs", jobs)
    one, two = (pl.read_parquet(tmp_path / jobs / "hits.parquet") for jobs in ("1", "2"))
    assert one.equals(two)


def test_what_everybody_uses_is_not_hunted_and_a_bad_page_of_a_good_site_is(tmp_path: Path) -> None:
    log = tmp_path / "squid.log"
    log.write_text(
        "1770597001.123 45 10.1.2.3 TCP_MISS/200 12 GET http://google.com/bad.exe - HIER_DIRECT/8.8.8.8 text/html\n",
        encoding="utf-8",
    )
    listed = indicators(tmp_path, "domain,google.com", "ip,8.8.8.8", "url,http://google.com/bad.exe")
    code, receipt = hunt(tmp_path / "out", str(log), "--indicators", listed)
    assert code == 10
    groups = receipt["groups"]
    assert isinstance(groups, list)
    assert [one["value"] for one in groups] == ["http://google.com/bad.exe"]
    told = receipt["indicators"]
    assert isinstance(told, dict)
    assert told["reasons"] == {"warning_list": 2}


def test_a_log_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hunt", str(tmp_path / "none.log"), "--indicators", indicators(tmp_path, "ip,203.0.113.66")]) == 2
    assert "is not there" in capsys.readouterr().err


def test_indicators_are_joined_into_one_list_that_hunts_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "list.csv"
    assert main(["indicators", str(EXAMPLES / "indicators"), "--out", str(listed)]) == 0
    assert "4" in capsys.readouterr().out
    code, receipt = hunt(tmp_path / "out", str(EXAMPLES / "logs"), "--indicators", str(listed))
    assert code == 10
    assert receipt["groups_total"] == 2
    assert main(["indicators", str(EXAMPLES / "indicators"), "--out", str(tmp_path / "list.txt")]) == 2


def test_rows_of_parquet_are_hunted_as_lines(tmp_path: Path) -> None:
    rows = {
        "ts": ["2026-02-01T00:00:00Z"] * 3,
        "src_ip": ["10.0.0.1"] * 3,
        "dest_ip": ["198.51.100.1", "203.0.113.66", None],
    }
    pl.DataFrame(rows).write_parquet(tmp_path / "conn.parquet")
    listed = indicators(tmp_path, "ip,203.0.113.66")
    code, receipt = hunt(tmp_path / "out", str(tmp_path / "conn.parquet"), "--indicators", listed)
    assert code == 10
    assert receipt["lines"] == 3
    (tmp_path / "conn.parquet").write_bytes(b"no parquet")
    assert hunt(tmp_path / "again", str(tmp_path / "conn.parquet"), "--indicators", listed)[0] == 20


@pytest.mark.parametrize(
    "wrong",
    [
        ("--jobs", "0"),
        ("--jobs", "x"),
        ("--jobs", "00019999"),
        ("--silence", "nan"),
        ("--silence", "-5"),
        ("--on", "2026-99-01"),
    ],
)
def test_a_wrong_number_or_day_is_one_sentence(wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(["hunt", str(EXAMPLES / "logs"), "--indicators", str(EXAMPLES / "indicators"), *wrong])
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    assert code == 2
    assert wrong[1] in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ("--agency", "../../elsewhere"), ("--agency", ".."), ("--agency", "/elsewhere"), ("--agency", "\udcff"),
        ("--source", "\udcff"), ("--canary", "\udcff"), ("--canary", " "), ("--canary", "!!"), ("--canary", "10.0.0.1"),
    ],
)  # fmt: skip
def test_an_agency_a_source_or_a_mark_that_is_none_is_refused_before_anything_is_written(
    tmp_path: Path, wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    out = tmp_path / "a" / "b" / "out"
    told = ("--indicators", str(EXAMPLES / "indicators"), "--out", str(out))
    assert main(["hunt", str(EXAMPLES / "logs"), *told, *wrong]) == 2
    assert "haidang hunt: " in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b"]


def test_a_list_that_calls_its_own_indicator_the_canary_hides_no_hit_and_shows_no_mark(tmp_path: Path) -> None:
    log = tmp_path / "fw.log"
    log.write_text("2026-02-01 07:00:00 10.0.0.1:5 -> 203.0.113.66:443\n", encoding="utf-8")
    event = {
        "info": "canary", "Orgc": {"name": "canary"},
        "Attribute": [{"type": "ip-dst", "value": "203.0.113.66", "to_ids": True}],
    }  # fmt: skip
    (tmp_path / "event.json").write_text(json.dumps({"Event": event}), encoding="utf-8")
    code, receipt = hunt(
        tmp_path / "out", str(log), "--indicators", str(tmp_path / "event.json"), "--canary", "mark.example"
    )
    assert code == 10
    assert receipt["groups_total"] == 1
    assert receipt["canary"] == "missing"


def test_a_name_that_is_no_text_is_hunted_and_told_as_far_as_it_is_one(tmp_path: Path) -> None:
    log = tmp_path / os.fsdecode(b"fw\xff.log")
    log.write_text("2026-02-01 07:00:00 10.0.0.1:5 -> 203.0.113.66:443\n", encoding="utf-8")
    code, receipt = hunt(tmp_path / "out", str(log), "--indicators", indicators(tmp_path, "ip,203.0.113.66"))
    assert code == 10
    assert receipt["lines"] == 1


def test_a_linked_folder_and_a_closed_one_keep_a_hunt_from_being_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "logs"
    (logs / "shut").mkdir(parents=True)
    (logs / "fw.log").write_text("2026-02-01 07:00:00 10.0.0.1:5 -> 198.51.100.1:443\n", encoding="utf-8")
    listed = indicators(tmp_path, "ip,203.0.113.66")
    assert hunt(tmp_path / "a", str(logs), "--indicators", listed)[0] == 0
    (logs / "link").symlink_to(tmp_path)
    code, receipt = hunt(tmp_path / "b", str(logs), "--indicators", listed)
    assert (code, len(receipt["unread"])) == (20, 1)  # type: ignore[arg-type]
    (logs / "link").unlink()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if os.fspath(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # a test may run as one to whom nothing is closed
    code, receipt = hunt(tmp_path / "c", str(logs), "--indicators", listed)
    assert (code, len(receipt["unread"])) == (20, 1)  # type: ignore[arg-type]


def test_a_row_that_is_no_network_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "networks.csv"
    told = ("--indicators", str(EXAMPLES / "indicators"), "--networks", str(own))
    own.write_text("network\n203.0.113.0/24\n198.51.100.0-99\n", encoding="utf-8")
    assert main(["hunt", str(EXAMPLES / "logs"), *told]) == 2
    assert "“198.51.100.0-99” is no network" in capsys.readouterr().err
    own.write_text("network\n203.0.113.0/24\n", encoding="utf-8")
    assert main(["hunt", str(EXAMPLES / "logs"), *told]) == 10


def test_a_file_of_indicators_that_can_not_be_read_or_holds_none_keeps_a_hunt_from_being_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "fw.log"
    log.write_text("2026-02-01 07:00:00 10.0.0.1:5 -> 198.51.100.1:443 mark.example\n", encoding="utf-8")
    listed = indicators(tmp_path, "ip,203.0.113.66")
    broken = tmp_path / "broken.json"
    broken.write_text('{"type": "bundle", "objects": [', encoding="utf-8")
    assert hunt(tmp_path / "a", str(log), "--indicators", listed)[0] == 0
    assert hunt(tmp_path / "b", str(log), "--indicators", listed, str(broken))[0] == 20
    assert "broken.json is no JSON" in capsys.readouterr().out
    none = indicators(tmp_path)
    assert hunt(tmp_path / "c", str(log), "--indicators", none, "--canary", "mark.example")[0] == 20


@pytest.mark.parametrize("broken", ["indicators.arrow", "values.arrow", "packed.npy", "rows.npy", "prepared.json"])
def test_prepared_indicators_that_are_damaged_are_made_anew(tmp_path: Path, broken: str) -> None:
    listed = ("--indicators", str(EXAMPLES / "indicators"), "--cache", str(tmp_path / "cache"))
    hunt(tmp_path / "a", str(EXAMPLES / "logs"), *listed)
    (kept,) = (tmp_path / "cache").iterdir()
    whole = {path.name: path.read_bytes() for path in kept.iterdir()}
    for damage in (b"", b"junk", whole[broken][: len(whole[broken]) // 2]):
        (kept / broken).write_bytes(damage)
        code, receipt = hunt(tmp_path / "b", str(EXAMPLES / "logs"), *listed)
        assert (code, receipt["groups_total"]) == (10, 2)
        assert {path.name: path.read_bytes() for path in kept.iterdir()} == whole


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_our_own_list_keeps_names_and_what_has_to_stand_together(tmp_path: Path, ending: str) -> None:
    pattern = "[domain-name:value = 'xau.example' AND ipv4-addr:value = '203.0.113.66']"
    told = {"type": "indicator", "id": "indicator--1", "name": "Ngư Tặc", "pattern": pattern, "pattern_type": "stix"}
    (tmp_path / "bundle.json").write_text(json.dumps({"type": "bundle", "objects": [told]}), encoding="utf-8")
    listed = tmp_path / f"list.{ending}"
    assert main(["indicators", str(tmp_path / "bundle.json"), "--out", str(listed)]) == 0
    log = tmp_path / "fw.log"
    log.write_text("2026-02-01 07:00:00 10.0.0.1:5 -> 203.0.113.66:443\n", encoding="utf-8")
    assert hunt(tmp_path / "a", str(log), "--indicators", str(listed))[0] == 0
    log.write_text("2026-02-01 07:00:00 10.0.0.1:5 -> 203.0.113.66:443 xau.example\n", encoding="utf-8")
    code, receipt = hunt(tmp_path / "b", str(log), "--indicators", str(listed))
    groups = receipt["groups"]
    assert isinstance(groups, list)
    assert (code, {one["name"] for one in groups}) == (10, {"Ngư Tặc"})


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst"])
def test_what_stands_before_the_damage_of_a_packed_log_is_hunted_and_the_damage_told(
    tmp_path: Path, ending: str
) -> None:
    dice = random.Random(ending)
    lines = [f"2026-02-01 07:00:00 10.0.0.1:5 -> 203.0.113.66:443 {dice.getrandbits(256):x}" for _ in range(20_000)]
    pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress}[ending]
    packed = pack("\n".join(lines).encode())
    (tmp_path / f"fw.log.{ending}").write_bytes(packed[: len(packed) * 3 // 4] + b"\xff" * 9_000)
    code, receipt = hunt(
        tmp_path / "out", str(tmp_path / f"fw.log.{ending}"), "--indicators", indicators(tmp_path, "ip,203.0.113.66")
    )
    (log,) = receipt["logs"]  # type: ignore[attr-defined]
    assert code == 10
    assert log["trouble"]
    assert log["hits"] > 5_000
