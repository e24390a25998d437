"""From tests to verdicts, with a measure made up for the purpose; whom a clause binds; what is told besides."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import polars as pl
import pytest

from haidang import content
from haidang.engine.law import read_law
from haidang.engine.letters.letter import Clause, Letter
from haidang.engine.obligations.facts import FactFile, Facts, read_agencies, read_facts
from haidang.engine.obligations.judge import Judgement, judge
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.recognise import audience_of
from haidang.engine.obligations.subjects import decide, gather

LIST = (
    "agency,name,kind\nhealth,Sở Y tế,agency\nan,Ủy ban nhân dân xã An,agency\n"
    "anhoa,Ủy ban nhân dân xã An Hòa,agency\nisp,Công ty Viễn thông Ba,provider\n"
)
DAY = dt.date(2026, 2, 23)
NOTHING = Words("", "")


def test_by_kind(facts: Facts, question: Question) -> pl.DataFrame:
    """Test machines by their kind; findings are subjects of a part of their own."""
    kind = pl.col("kind")
    hosts = facts.table("hosts")
    return gather(
        decide(hosts, "hosts", "hosts", "host", (kind == "bad", "fail", "bad"), (kind == "none", "exempt", "none")),
        decide(facts.table("findings"), "findings", "findings", "finding"),
    )


test_by_kind.__test__ = False  # type: ignore[attr-defined]

TOY = Measure(
    name="toy",
    title=NOTHING,
    asks=(),
    how=NOTHING,
    parts=(Part("hosts", NOTHING, "not_applicable"), Part("findings", NOTHING, "not_applicable")),
    needs=("hosts", "software"),
    uses=("findings",),
    whys={"bad": Words("hỏng", "bad")},
    test=test_by_kind,
)


def answer(files: dict[str, str], audience: str = "", measures: tuple[str, ...] = ("toy",)) -> Judgement:
    agencies = read_agencies(LIST.encode(), "agencies.csv")
    given = [FactFile(name.split("/")[0].replace("intel", ""), name, data.encode()) for name, data in files.items()]
    clause = Clause("1", "1.", "Làm", (0, 3), "order", audience, measures)
    said_nothing = dict.fromkeys(field.name for field in dataclasses.fields(Letter))
    nothing = {"dates": (), "gaps": (), "citations": (), "text": "Làm", "clauses": (clause,)}
    letter = Letter(**{**said_nothing, **nothing})  # type: ignore[arg-type]
    law = read_law(content.files("law", ".yaml")).at(DAY)
    question = Question(as_of=DAY, first=DAY, last=DAY, law=law)
    return judge(letter, "", read_facts(given, agencies), question, {"toy": TOY})


def verdict(judgement: Judgement, agency: str = "health") -> dict[str, Any]:
    return next(entry for entry in judgement.document["verdicts"] if entry["agency"] == agency)


SOFTWARE = "host,product\na,Word\n"
FINDINGS = "finding,kind,subject,host,found_at,state\n"


@pytest.mark.parametrize(
    ("hosts", "more", "expected", "count"),
    [
        ("a,server\n", {}, "met", (1, 1)),
        ("a,server\nb,bad\n", {}, "not_met", (1, 2)),
        ("a,none\nb,server\n", {}, "met", (1, 1)),
        ("a,server\n,server\n", {}, "not_provable", (1, 2)),
        ("", {}, "not_applicable", (0, 0)),
        ("a,server\n", {"software": "host,product\na,\n"}, "not_provable", (1, 1)),
        ("a,server\nb,bad\n", {"software": "host,product\na,\n"}, "not_provable", (1, 2)),
        ("a,server\n", {"software": "not,these\na,b\n"}, "not_provable", (1, 1)),
        ("a,server\n", {"training": "person\n,\n"}, "met", (1, 1)),
        ("", {"findings": FINDINGS + "f,malware,x,a,never,open\n"}, "not_provable", (0, 0)),
    ],
)
def test_a_verdict_follows_from_its_subjects_and_from_what_can_not_be_read(
    hosts: str, more: dict[str, str], expected: str, count: tuple[int, int]
) -> None:
    files = {"hosts": f"host,kind\n{hosts}", "software": SOFTWARE, **more}
    entry = verdict(answer({f"health/{name}.csv": data for name, data in files.items()}))
    assert (entry["verdict"], (entry["numerator"], entry["denominator"])) == (expected, count)


def test_a_table_that_is_not_there_is_no_zero_and_stands_in_the_annex_beside_what_fails() -> None:
    judgement = answer({"health/hosts.csv": "host,kind\na,bad\n"})
    assert verdict(judgement)["verdict"] == "not_provable"
    whys = judgement.rows.filter(pl.col("agency") == "health")["why"].to_list()
    assert sorted(whys) == ["bad", "no_table"]


@pytest.mark.parametrize(
    ("audience", "asked"),
    [
        ("", "health an anhoa isp"),
        ("Sở Y tế", "health"),
        ("Giám đốc Sở Y tế", "health"),
        ("Sở Y tế, Ủy ban nhân dân xã An Hòa", "health anhoa"),
        ("Ủy ban nhân dân xã An Hòa", "anhoa"),
        ("Ủy ban nhân dân xã An", "an"),
        ("Sở Y tế và các cơ quan, đơn vị", "health an anhoa isp"),
        ("Công an thành phố, Sở Y tế", "health an anhoa isp"),
        ("Các doanh nghiệp viễn thông, Internet", "isp"),
        ("Các đơn vị doanh nghiệp cung cấp dịch vụ Internet, viễn thông", "isp"),
        ("Các cơ quan, đơn vị và doanh nghiệp viễn thông, Internet", "health an anhoa isp"),
        ("Các doanh nghiệp viễn thông, các cơ quan, đơn vị", "health an anhoa isp"),
        ("Các cơ quan, đơn vị có kết nối Internet", "health an anhoa isp"),
    ],
)
def test_nobody_is_let_off_by_a_clause_that_may_bind_them(audience: str, asked: str) -> None:
    entries = answer({}, audience).document["verdicts"]
    assert [entry["agency"] for entry in entries if entry["verdict"] != "not_applicable"] == asked.split()


def test_internet_alone_makes_no_provider() -> None:
    assert audience_of(Clause("1", "", "", (0, 0), "order", "Các đơn vị quản lý mạng Internet")) == "everyone"


def test_a_declaration_that_names_no_measure_is_told_and_not_heeded() -> None:
    head = "measure,reason,person,since,until\n"
    declared = answer({"health/not_applicable.csv": head + "Toy,không có,A,2026-01-01,\n"})
    assert verdict(declared)["reasons"] == [{"why": "declared", "outcome": "exempt", "count": 1}]
    assert declared.document["unread"] == []
    misspelt = answer({"health/not_applicable.csv": head + "toys,không có,A,2026-01-01,\n"})
    assert verdict(misspelt)["verdict"] == "not_provable"
    [told] = misspelt.document["unread"]
    assert (told["agency"], told["file"], told["line"]) == ("health", "health/not_applicable.csv", 2)
    assert "“toys”" in told["why"]


def test_an_order_that_nothing_recognises_is_not_provable() -> None:
    entry = verdict(answer({}, measures=()))
    assert (entry["measure"], entry["verdict"], entry["reasons"][0]["why"]) == (None, "not_provable", "no_measure")
