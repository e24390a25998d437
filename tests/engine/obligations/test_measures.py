"""What holds for every measure, whatever the facts."""

from __future__ import annotations

import datetime as dt
from random import Random

import polars as pl
import townhall as city
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain import TWINS
from random_city import AGENCIES, make_city, make_rows, write

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import TESTS_COLUMNS, Question
from haidang.engine.obligations.measures import all_measures
from haidang.engine.tables import OF_DEPARTMENT, SHARED, TABLES

# One number a city: a city drawn cell by cell is too long for Hypothesis to shrink.
RANDOM = st.integers(0, 2**32 - 1).map(Random)
FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
CITED = ((), ("117/TTGS-CB",), ("118/ttgs-cb", "404/X"))


def question(dice: Random) -> Question:
    flaws = ("CVE-2025-0003",) if dice.random() < 0.3 else ()
    return city.ask(first=city.DAY - dt.timedelta(days=2), cited=dice.choice(CITED), flaws=flaws)


def random_facts(dice: Random) -> Facts:
    return city.hand_in(city.list_agencies(*AGENCIES), make_city(dice))


def test_every_measure_has_a_plain_twin() -> None:
    assert set(TWINS) == set(all_measures())


@settings(FEW, max_examples=40)
@given(dice=RANDOM)
def test_each_measure_says_what_its_plain_twin_says(dice: Random) -> None:
    asked = question(dice)
    known = random_facts(dice).until(asked.as_of)
    columns = ("agency", "part", "subject", "outcome", "weight", "why")
    for name, twin in TWINS.items():
        frame = all_measures()[name].test(known, asked)
        assert tuple(frame.columns) == TESTS_COLUMNS
        fast = sorted(frame.with_columns(pl.col("agency").cast(pl.String)).select(columns).iter_rows())
        assert fast == sorted(test for agency in AGENCIES for test in twin(known, asked, agency)), name


@FEW
@given(dice=RANDOM)
def test_judging_all_agencies_together_is_judging_each_alone(dice: Random) -> None:
    asked = question(dice)
    files = make_city(dice)
    together = city.verdicts(city.hand_in(city.list_agencies(*AGENCIES), files), asked)
    for agency in AGENCIES:
        alone = city.verdicts(city.hand_in(city.list_agencies(agency), files), asked)
        for (key, measure), entry in alone.items():
            assert entry == together[key, measure]


@FEW
@given(dice=RANDOM)
def test_rows_of_the_future_change_no_verdict(dice: Random) -> None:
    asked = question(dice)
    files = make_city(dice)
    before = city.verdicts(city.hand_in(city.list_agencies(*AGENCIES), files), asked)
    for name in list(files):
        table = TABLES[name.partition("/")[2]]
        if not table.happened or name.startswith("intel/"):
            continue
        ahead = make_rows(dice, table, 2)
        for row in ahead:
            row[table.happened] = "2026-03-01" if table.column(table.happened).type == "date" else "2026-03-01 10:00"
        files[name] += write(ahead, [column.name for column in table.columns]).split("\n", 1)[1]
    after = city.verdicts(city.hand_in(city.list_agencies(*AGENCIES), files), asked)
    assert {key: entry["verdict"] for key, entry in before.items()} == {
        key: entry["verdict"] for key, entry in after.items()
    }


@settings(FEW, max_examples=50)
@given(dice=RANDOM)
def test_an_unread_row_never_yields_met(dice: Random) -> None:
    asked = question(dice)
    name = dice.choice(list(all_measures()))
    measure = all_measures()[name]
    files = make_city(dice)
    table = dice.choice([*measure.needs, *measure.uses])
    kept_by_department = table in SHARED or (table in OF_DEPARTMENT and f"intel/{table}" in files)
    folder = "intel" if kept_by_department else AGENCIES[0]
    heading = ",".join(column.name for column in TABLES[table].columns)
    files[f"{folder}/{table}"] = files.get(f"{folder}/{table}", heading + "\n") + "hỏng\n"
    facts = city.hand_in(city.list_agencies(*AGENCIES, kind="provider"), files)
    entry = city.verdicts(facts, asked, name)[AGENCIES[0], name]
    assert entry["verdict"] != "met"
    if entry["verdict"] == "not_applicable" and entry["rows"][0]["why"] != "declared":
        # Nothing was asked of the agency at all, so nothing depends on the row.
        assert table != measure.needs[0]
        assert not any(part["total"] or part["exempt"] for part in entry["parts"])


@FEW
@given(dice=RANDOM)
def test_the_order_of_the_files_changes_nothing(dice: Random) -> None:
    asked = question(dice)
    files = make_city(dice)
    shuffled = list(files.items())
    dice.shuffle(shuffled)
    agencies = city.list_agencies(*AGENCIES)
    assert city.judge_all(city.hand_in(agencies, files), asked) == city.judge_all(
        city.hand_in(agencies, dict(shuffled)), asked
    )
