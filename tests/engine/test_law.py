"""Law is data: added, never edited, and never surer than its reference."""

from __future__ import annotations

import datetime as dt

import pytest

from haidang import content
from haidang.engine.advisories import priority
from haidang.engine.errors import BadContent, BadRequest
from haidang.engine.law import read_law
from haidang.engine.obligations.measures import all_measures

GOOD = b"""
key: days
unit: days
vi: n
en: d
values:
  - {value: 5, since: 2018-01-01, sure: law, reference: QD 05}
  - {value: 3, since: 2020-01-01, sure: policy, reference: ours}
"""


def test_the_value_of_a_day_is_the_last_one_added_before_it() -> None:
    book = read_law([("days.yaml", GOOD)])
    assert book.at(dt.date(2019, 12, 31))["days"].value == 5
    assert book.at(dt.date(2020, 1, 1))["days"].value == 3
    assert book.at(dt.date(2020, 1, 1))["days"].sure == "policy"


def test_a_day_before_any_value_gets_one_sentence() -> None:
    with pytest.raises(BadRequest, match="no days in force on 2017-01-01"):
        read_law([("days.yaml", GOOD)]).at(dt.date(2017, 1, 1))["days"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"sure: law", b"sure: maybe"),
        (b"value: 5", b"value: five"),
        (b"value: 5", b"value: -1"),
        (b"value: 5", b"value: true"),
        (b"value: 5", b"value: .nan"),
        (b"2018-01-01", b"2021-01-01"),
        (b"2018-01-01", b"yesterday"),
        (b"unit: days\n", b""),
        (b"vi: n", b"vi: ''"),
        (b"reference: ours", b"reference: ours, note: x"),
        (GOOD, b"[1"),
        (GOOD, b"\xff"),
        (GOOD, b""),
    ],
)
def test_a_file_that_breaks_its_form_stops_the_build(old: bytes, new: bytes) -> None:
    with pytest.raises(BadContent, match=r"days\.yaml"):
        read_law([("days.yaml", GOOD.replace(old, new))])


def test_two_files_may_not_speak_of_one_key() -> None:
    with pytest.raises(BadContent, match="another file"):
        read_law([("a.yaml", GOOD), ("b.yaml", GOOD)])


def test_every_law_file_is_named_after_its_key_and_used_by_a_measure_or_a_check() -> None:
    used = {key for measure in all_measures().values() for key in measure.law} | set(priority.LAW)
    keys = {value.key for value in read_law(content.files("law", ".yaml")).values}
    assert {name.removesuffix(".yaml") for name, _ in content.files("law", ".yaml")} == keys == used


def test_what_is_the_departments_own_says_so() -> None:
    for value in read_law(content.files("law", ".yaml")).values:
        if value.sure == "policy":
            assert "Mặc định của Sở" in value.reference
            assert "department" in value.reference
