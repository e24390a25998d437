"""Everything that the pages of a check say has words in both languages, and files that every system takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from flaws_city import make_agency, make_document, make_shown
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.engine.advisories.findings import COLUMNS, FINDING_STATES, WHYS_OF_FINDINGS
from haidang.engine.advisories.priority import DECISIONS, LAW
from haidang.engine.advisories.reasons import WHY_WORDS
from haidang.engine.reports.flaws import words
from haidang.engine.reports.flaws.document import file_names
from haidang.engine.reports.flaws.page import make_annex, make_index
from haidang.engine.reports.flaws.workbook import make_workbook

ROW = {"product": "Ledger", "version": "1.0", "said": "< 2.0", "fix": "KB1", "modules": "the portal"}


@pytest.mark.parametrize("why", WHYS_OF_FINDINGS)
def test_every_rule_is_worded_in_both_languages(why: str) -> None:
    rule = words.rule_words({**ROW, "why": why})
    assert rule.vi
    assert rule.en
    assert rule.vi != rule.en
    assert "{" not in rule.vi + rule.en
    asked = words.ask_words({**ROW, "why": why})
    assert bool(asked["vi"]) == bool(asked["en"]) == bool(WHY_WORDS[why].ask_vi)


def test_every_state_decision_ground_and_column_has_words() -> None:
    tables: list[tuple[Mapping[str, Any], Any]] = [
        (words.STATE_WORDS, FINDING_STATES),
        (words.STATE_MEANINGS, FINDING_STATES),
        (words.TONES, FINDING_STATES),
        (words.DECISION_WORDS, DECISIONS),
        (words.DECISION_MEANINGS, DECISIONS),
        (words.DECISION_LOOKS, DECISIONS),
        (words.DUE_WORDS, ("letter", *LAW)),
        (words.COLUMN_WORDS, COLUMNS),
    ]
    for table, keys in tables:
        assert set(table) == set(keys)
    assert set(words.ANSWER_WORDS) <= {why for why, told in WHY_WORDS.items() if told.ask_vi}


@pytest.mark.parametrize(
    ("matched_by", "vi"),
    [
        ("name “Acme Ledger” = acme/ledger ← name Acme Ledger", "tên “Acme Ledger” = acme/ledger ← tên Acme Ledger"),
        ("alias of “A B” = a/b ← cpe:2.3:a:a:b:*", "tên khác của “A B” = a/b ← cpe:2.3:a:a:b:*"),
        ("build 20348 = m/w ← name W", "bản dựng 20348 = m/w ← tên W"),
        ("operating system “X 7” = x/x ← description names “X”", "hệ điều hành “X 7” = x/x ← phần mô tả nêu “X”"),
        ("comes with m/w = m/ie ← name IE", "đi kèm m/w = m/ie ← tên IE"),
        ("name “a” only, vendor “?” against “b” = b/a ← purl pkg:pypi/a", "chỉ trùng tên “a”, hãng “?” so với “b” = b/a ← purl pkg:pypi/a"),
        ("", ""),
        (None, ""),
        ("something new", "something new"),
    ],
)  # fmt: skip
def test_how_a_product_was_recognised_is_said_in_both_languages(matched_by: str | None, vi: str) -> None:
    told = words.match_words(matched_by)
    assert told.vi == vi
    assert told.en == (matched_by or "")


@pytest.mark.parametrize(
    ("due", "late", "vi", "en"),
    [
        ("2030-02-22", True, "quá hạn 1 ngày", "1 day overdue"),
        ("2029-12-25", True, "quá hạn 60 ngày", "60 days overdue"),
        ("2029-12-24", True, "quá hạn 2 tháng", "2 months overdue"),
        ("2025-02-23", True, "quá hạn 5 năm", "5 years overdue"),
        ("2030-02-23", False, "hết hạn trong ngày", "due that day"),
        ("2030-03-05", False, "còn 10 ngày", "10 days left"),
    ],
)
def test_how_far_off_a_day_is_is_said_in_words(due: str, late: bool, vi: str, en: str) -> None:
    told = words.days_words(due, "2030-02-23")
    assert told is not None
    assert (told[0], told[1].vi, told[1].en) == (late, vi, en)
    assert words.days_words(None, "2030-02-23") is None


def test_a_version_that_stands_in_the_name_is_not_said_twice() -> None:
    assert words.product_and_version("FortiOS 7.0.17", "7.0.17") == "FortiOS 7.0.17"
    assert words.product_and_version("FortiOS", "7.0.17") == "FortiOS 7.0.17"
    assert words.product_and_version("Windows 10", "10.0.19045") == "Windows 10 10.0.19045"
    assert words.product_and_version(None, None) == ""
    asked = words.ask_words({"product": "FortiOS 7.0.17", "version": "7.0.17", "said": "x" * 900, "why": "prose"})
    assert asked["en"] == "Read the advisory and compare with FortiOS 7.0.17."
    assert len(asked["rule_en"]) < 300


def test_a_text_in_both_languages_is_parted() -> None:
    two = words.in_two("không đọc được / can't be read")
    assert two is not None
    assert (two.vi, two.en) == ("không đọc được", "can't be read")
    assert words.in_two("only one") is None
    assert words.in_two("a / b / c") is None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=80), unique=True, max_size=8))
def test_every_agency_gets_a_file_name_of_its_own_that_every_system_takes(agencies: list[str]) -> None:
    names = file_names(agencies)
    assert list(names) == agencies
    assert len({name.casefold() for name in names.values()}) == len(agencies)
    for name in names.values():
        assert name
        assert not re.search(r'[\\/:*?"<>|\x00-\x1f]', name)
        assert name[0] != "."
        assert name == name.strip(" .")
        assert name.split(".")[0].casefold() not in {"con", "prn", "aux", "nul", "com1", "lpt9"}
        assert len(f"{name}.parquet".encode()) <= 255


def test_plain_keys_are_their_own_file_names() -> None:
    assert file_names(["so-y-te", "Sở Y tế", ""]) == {"so-y-te": "so-y-te", "Sở Y tế": "Sở Y tế", "": "all"}


def test_pages_and_workbooks_are_the_same_bytes_each_time() -> None:
    document = make_document()
    assert make_index(document) == make_index(make_document())
    agency = document["agencies"][0]
    shown = make_shown(make_agency("acme"))
    assert make_annex(document, agency, shown, 1) == make_annex(document, agency, shown, 1)
    assert make_workbook(agency, shown, "2030-02-23") == make_workbook(agency, shown, "2030-02-23")
