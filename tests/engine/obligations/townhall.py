"""Facts, letters and questions for tests, in as few words as they need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from haidang import content
from haidang.engine.law import Law, read_law
from haidang.engine.letters.letter import Clause, Letter
from haidang.engine.obligations.facts import Agencies, Agency, FactFile, Facts, read_facts
from haidang.engine.obligations.judge import judge
from haidang.engine.obligations.measure import Question
from haidang.engine.obligations.measures import all_measures, get_measure

DAY = dt.date(2026, 2, 23)


def law(day: dt.date = DAY) -> Law:
    return read_law(content.files("law", ".yaml")).at(day)


def ask(day: dt.date = DAY, first: dt.date | None = None, **more: Any) -> Question:
    return Question(as_of=day, first=first or day - dt.timedelta(days=29), last=day, law=law(day), **more)


def list_agencies(*keys: str, kind: str = "agency") -> Agencies:
    return Agencies(tuple(Agency(key, f"Đơn vị {key}", "Khối", kind) for key in keys))


def hand_in(agencies: Agencies, files: Mapping[str, str | bytes]) -> Facts:
    """Read files: "key/table" (or "intel/table") → CSV text."""
    parcels = []
    for name, text in files.items():
        folder, _, table = name.partition("/")
        data = text.encode() if isinstance(text, str) else text
        file = table if "." in table else f"{table}.csv"
        parcels.append(FactFile("" if folder == "intel" else folder, f"{folder}/{file}", data))
    return read_facts(parcels, agencies)


def make_letter(*measures: str, audience: str = "") -> Letter:
    clauses = tuple(
        Clause(str(number), f"{number}.", "…", (0, 1), "order", audience, (name,) if name else ())
        for number, name in enumerate(measures, 1)
    )
    nothing: tuple[Any, ...] = ()
    return Letter(
        "Sở", "1", "S", DAY, "Hải Triều", "V/v", nothing, clauses, nothing, nothing, nothing, nothing, nothing, None,
        nothing, nothing, nothing, "…", (0, 0), (0, 0),
    )  # fmt: skip


def judge_all(facts: Facts, question: Question, *measures: str) -> dict[str, Any]:
    """Judge these measures (or all), one a clause; give the document."""
    names = measures or tuple(all_measures())
    return judge(make_letter(*names), "0" * 64, facts, question, all_measures(), ground="asked").document


def verdicts(facts: Facts, question: Question, *measures: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Judge; give (agency, measure) → its entry."""
    document = judge_all(facts, question, *measures)
    return {(entry["agency"], entry["measure"]): entry for entry in document["verdicts"]}


__all__ = ["DAY", "ask", "get_measure", "hand_in", "judge_all", "law", "list_agencies", "make_letter", "verdicts"]
