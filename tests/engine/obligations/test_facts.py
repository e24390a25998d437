"""Facts are what was handed in: typed, placed, and nothing lost without a word."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
import townhall as city

from haidang.engine.errors import UnreadableParcel
from haidang.engine.obligations.facts import FactFile, Facts, read_agencies, read_facts
from haidang.engine.tables import TABLES

TWO = city.list_agencies("dv-a", "dv-b")


def told(facts: Facts) -> list[tuple[str, str, str, int]]:
    return list(facts.unread.select("agency", "table", "file", "line").iter_rows())


def test_headings_are_found_by_name_by_custom_and_by_meaning() -> None:
    for heading in ("host,kind", "Tên máy,Loại máy", "HOSTNAME,Loại", "ten may,x", "Name of the machine,KIND"):
        facts = city.hand_in(TWO, {"dv-a/hosts": f"{heading}\nM1,server\n"})
        assert facts.table("hosts")["host"].to_list() == ["M1"]
        assert facts.table("hosts")["kind"].to_list() == ["server" if "x" not in heading else None]
    facts = city.hand_in(TWO, {"dv-a/hosts": "Loại máy;Tên máy;Ghi chú\nserver;M1;x\n"})
    assert facts.table("hosts").select("host", "kind").rows() == [("M1", "server")]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_the_vietnamese_meanings_of_a_table_find_all_its_columns(table: object) -> None:
    from haidang.engine.obligations.facts import _first_words, _match_headings

    columns = TABLES[table.name].columns  # type: ignore[attr-defined]
    for language in ("vi", "en"):
        places, missing = _match_headings(tuple(_first_words(getattr(c, language)) for c in columns), columns)
        assert not missing
        assert places == {column.name: place for place, column in enumerate(columns)}


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-02-09 07:30", "2026-02-09 00:30"),
        ("2026-02-09T07:30:15", "2026-02-09 00:30:15"),
        ("09/02/2026 07:30", "2026-02-09 00:30"),
        ("9/2/2026 7:05", "2026-02-09 00:05"),
        ("2026-02-09 07:30Z", "2026-02-09 07:30"),
        ("2026-02-09T07:30:00.250Z", "2026-02-09 07:30:00.250"),
        ("09/02/2026 07:30 +09:00", "2026-02-08 22:30"),
        ("2026-02-09 00:10", "2026-02-08 17:10"),
    ],
)
def test_a_time_is_vietnams_unless_it_says_otherwise(written: str, instant: str) -> None:
    facts = city.hand_in(TWO, {"dv-a/challenge_calls": f"called\n{written}\n"})
    assert facts.table("challenge_calls")["called"].to_list() == [
        dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)
    ]


@pytest.mark.parametrize(
    "written", ["2026-02-30 07:30", "2026-02-09", "26-02-09 07:30", "07:30", "mai", "2026-02-09 25:00"]
)
def test_what_is_no_time_makes_the_row_unread(written: str) -> None:
    facts = city.hand_in(TWO, {"dv-a/challenge_calls": f"called\n2026-02-09 07:30\n{written}\n"})
    assert told(facts) == [("dv-a", "challenge_calls", "dv-a/challenge_calls.csv", 3)]
    assert written in facts.unread["why"][0]
    assert facts.table("challenge_calls").height == 1


@pytest.mark.parametrize("written", ["2026-02-09", "09/02/2026", "9.2.2026", "2026-2-9", "2026-02-09 00:00:00"])
def test_days_are_read_as_offices_write_them(written: str) -> None:
    facts = city.hand_in(TWO, {"dv-a/flaws": f"host,flaw,state,checked_on\nM,C,Affected,{written}\n"})
    assert facts.table("flaws").select("state", "checked_on").rows() == [("affected", dt.date(2026, 2, 9))]


@pytest.mark.parametrize(
    ("written", "value"), [("có", True), ("CÓ", True), ("x", True), ("Khong", False), ("0", False)]
)
def test_yes_and_no_are_read_as_people_write_them(written: str, value: bool) -> None:
    facts = city.hand_in(TWO, {"dv-a/malware_alerts": f"alert,raised,verified\nA,2026-02-09 07:30,{written}\n"})
    assert facts.table("malware_alerts")["verified"].to_list() == [value]


def test_a_choice_may_lose_its_case_and_its_underscore_but_not_its_meaning() -> None:
    rows = "M,C,CANNOT TELL,2026-02-09\nM,C,Not_Present,2026-02-09\nM,C,gone,2026-02-09\n"
    facts = city.hand_in(TWO, {"dv-a/flaws": "host,flaw,state,checked_on\n" + rows})
    assert facts.table("flaws")["state"].to_list() == ["cannot_tell", "not_present"]
    assert told(facts) == [("dv-a", "flaws", "dv-a/flaws.csv", 4)]


def test_counts_are_whole_and_not_negative() -> None:
    rows = "".join(f"M,2026-02-09 07:30,R,2026-02-01,seen,{n},0,0\n" for n in ("0", "3", "-1", "2.5", "ba", ""))
    heading = "host,finished,rule_set,rules_from,canary,not_checked,found,left\n"
    facts = city.hand_in(TWO, {"dv-a/scan_receipts": heading + rows})
    assert facts.table("scan_receipts")["not_checked"].to_list() == [0, 3]
    assert [line for *_, line in told(facts)] == [4, 5, 6, 7]


def test_a_hostile_cell_is_quoted_short_and_on_one_line() -> None:
    cell = '"=cmd|' + "A" * 5000 + '\n<script>"'
    facts = city.hand_in(TWO, {"dv-a/challenge_calls": f"called\n{cell}\n"})
    why = facts.unread["why"][0]
    assert len(why) < 250
    assert "\n" not in why


def test_a_missing_required_column_leaves_the_table_unread_for_its_agency_only() -> None:
    facts = city.hand_in(TWO, {"dv-a/hosts": "loại\nserver\n", "dv-b/hosts": "host\nM1\n"})
    assert told(facts) == [("dv-a", "hosts", "dv-a/hosts.csv", 1)]
    assert facts.unread["scope"].to_list() == ["whole"]
    assert facts.handed_in["hosts"] == {"dv-a", "dv-b"}
    assert facts.table("hosts")["host"].to_list() == ["M1"]


def test_the_departments_table_counts_for_every_agency_and_says_whose_each_row_is() -> None:
    rows = "".join(f"{agency},2026-02-09 07:30\n" for agency in ("dv-b", "DV-A", "khác", "khác", ""))
    facts = city.hand_in(TWO, {"intel/challenge_calls": "agency,called\n" + rows})
    assert not facts.missing("challenge_calls")
    assert sorted(facts.table("challenge_calls")["agency"].cast(pl.String)) == ["dv-a", "dv-b"]
    assert list(facts.unread.select("agency", "line", "scope").iter_rows()) == [("", 4, "apart"), ("", 6, "row")]


def test_files_that_are_no_table_of_ours_are_told_and_notes_are_left_alone() -> None:
    files = [
        FactFile("dv-a", "dv-a/luong.csv", b"a,b\n1,2\n"),
        FactFile("dv-a", "dv-a/README.md", b"# ..."),
        FactFile("la", "la/hosts.csv", b"host\nM\n"),
        FactFile("dv-a", "dv-a/advisories.csv", b"letter,flaw\nL,C\n"),
    ]
    facts = read_facts(files, TWO)
    assert {file for *_, file, _ in told(facts)} == {"dv-a/luong.csv", "la/hosts.csv", "dv-a/advisories.csv"}
    assert set(facts.unread["scope"]) == {"apart"}
    assert all(frame.is_empty() for frame in facts.frames.values())
    assert len(facts.inputs) == 3


def test_what_happened_later_is_not_known_and_what_is_due_later_is() -> None:
    heading = "incident,detected,severity,reported,reference,needs_forensics\n"
    rows = "S1,2026-02-20 08:00,ordinary,2026-02-24 00:00,R,có\nS2,2026-02-24 00:00,ordinary,,,có\n"
    orders = "order,item,issued,due\nY,x.example,2026-02-20 08:00,2026-03-01 08:00\n"
    known = city.hand_in(TWO, {"dv-a/incidents": heading + rows, "dv-a/block_orders": orders}).until(city.DAY)
    assert known.table("incidents").select("incident", "reported").rows() == [("S1", None)]
    assert known.table("block_orders")["due"].null_count() == 0


def test_an_unread_row_that_says_it_happened_later_is_not_known_either() -> None:
    heading = "incident,detected,severity,needs_forensics\n"
    rows = "S1,2026-02-25 08:00,lớn,có\nS2,2026-02-20 08:00,lớn,có\n"
    facts = city.hand_in(TWO, {"dv-a/incidents": heading + rows})
    assert facts.unread["line"].to_list() == [2, 3]
    assert facts.until(city.DAY).unread["line"].to_list() == [3]


def test_every_file_is_listed_with_its_hash_and_its_rows() -> None:
    facts = city.hand_in(TWO, {"dv-b/hosts": "host,kind\nM1,server\nM2\n", "dv-a/hosts": "host\n"})
    assert [(one.file, one.rows, len(one.sha256)) for one in facts.inputs] == [
        ("dv-a/hosts.csv", 0, 64),
        ("dv-b/hosts.csv", 2, 64),
    ]


def test_the_list_of_agencies_is_read_in_its_order() -> None:
    data = "Mã đơn vị;Tên đơn vị;Khối;Loại\nb;Đơn vị B;Khối 1;Provider\na;Đơn vị A;;\nc;;;\n".encode()
    agencies = read_agencies(data, "agencies.csv")
    assert [(a.agency, a.name, a.block, a.kind) for a in agencies.rows] == [
        ("b", "Đơn vị B", "Khối 1", "provider"),
        ("a", "Đơn vị A", "", "agency"),
    ]
    assert [(row.source.line, row.table) for row in agencies.unread] == [(4, "agencies")]


@pytest.mark.parametrize(
    "rows",
    ["../x,Tên\n", ".an,Tên\n", "a/b,Tên\n", "sở,Tên\n", "a,Tên\nA,Tên\n", "intel,Tên\n", "", "a b,Tên\n"],
)
def test_a_list_whose_keys_can_t_name_folders_is_refused_in_one_sentence(rows: str) -> None:
    with pytest.raises(UnreadableParcel) as caught:
        read_agencies(f"agency,name\n{rows}".encode(), "agencies.csv")
    assert "agencies.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nobody_writes_the_list_by_which_it_is_judged() -> None:
    agencies = city.list_agencies("a", "b")
    own = {
        "a/botnet_rows": "address,seen,list\n",
        "intel/botnet_rows": "agency,address,seen,list\nA,192.0.2.1,2026-02-01 10:00,02\n",
    }
    for files in (own, dict(reversed(own.items()))):
        facts = city.hand_in(agencies, files)
        assert facts.table("botnet_rows")["address"].to_list() == ["192.0.2.1"]
        assert facts.unread.select("file", "scope").rows() == [("a/botnet_rows.csv", "apart")]


def test_a_list_that_only_the_agency_has_counts_for_that_agency() -> None:
    facts = city.hand_in(
        city.list_agencies("a", "b"), {"a/botnet_rows": "address,seen,list\n192.0.2.1,2026-02-01 10:00,02\n"}
    )
    assert facts.table("botnet_rows").height == 1
    assert facts.missing("botnet_rows") == ["b"]


def test_a_file_that_could_not_be_opened_costs_its_agency_alone() -> None:
    agencies = city.list_agencies("a", "b")
    files = [FactFile("a", "a/hosts.csv", b"", "a/hosts.csv has 3000 MB"), FactFile("b", "b/hosts.csv", b"host\nx\n")]
    files += [FactFile("a", "a/software.xls", b"old")]
    facts = read_facts(files, agencies)
    assert facts.unread.select("agency", "table", "scope").rows() == [
        ("a", "hosts", "whole"),
        ("a", "software", "whole"),
    ]
    assert facts.table("hosts")["agency"].to_list() == ["b"]


def test_the_departments_rows_may_name_an_agency_by_its_name() -> None:
    agencies = read_agencies("agency,name\nso-y-te,Sở Y tế\nso-tai-chinh,Sở Tài chính\n".encode(), "agencies.csv")
    rows = (
        "agency,address,seen,list\nSỞ Y TẾ,192.0.2.1,2026-02-01 10:00,02\nso-tai-chinh,192.0.2.2,2026-02-01 10:00,02\n"
    )
    facts = read_facts([FactFile("", "intel/botnet_rows.csv", rows.encode())], agencies)
    assert facts.table("botnet_rows")["agency"].to_list() == ["so-y-te", "so-tai-chinh"]
    assert facts.unread.is_empty()


def test_a_folder_is_its_agencys_whatever_its_case() -> None:
    agencies = city.list_agencies("a")
    facts = read_facts([FactFile("A", "A/hosts.csv", b"host\nx\n")], agencies)
    assert facts.table("hosts")["agency"].to_list() == ["a"]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("09/02/2026 7h30", dt.datetime(2026, 2, 9, 0, 30)),
        ("2026-02-09 17h", dt.datetime(2026, 2, 9, 10, 0)),
        ("7h30 ngày 09/02/2026", dt.datetime(2026, 2, 9, 0, 30)),
        ("07:30, 9/2/2026", dt.datetime(2026, 2, 9, 0, 30)),
        ("17 giờ 05 phút ngày 09/02/2026", dt.datetime(2026, 2, 9, 10, 5)),
        ("16/02/2026 24:00", dt.datetime(2026, 2, 16, 17, 0)),
        ("28/02/2026 24h00", dt.datetime(2026, 2, 28, 17, 0)),
        ("16/02/2026 25:00", None),
        ("16/02/2026 24:30", None),
        ("30/02/2026 24:00", None),
        ("7h30", None),
        ("09/02/2026", None),
    ],
)
def test_times_read_as_rosters_have_them(written: str, utc: dt.datetime | None) -> None:
    rows = f'person,starts,ends\nP1,"{written}",2026-03-01 08:00\n'
    facts = city.hand_in(city.list_agencies("a"), {"a/shifts": rows})
    read = facts.table("shifts")["starts"].to_list()
    assert read == ([utc.replace(tzinfo=dt.UTC)] if utc else [])
    assert facts.unread.height == (0 if utc else 1)
