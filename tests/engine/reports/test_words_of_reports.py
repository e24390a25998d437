"""The words and numbers that every report uses."""

from __future__ import annotations

import pytest

from haidang.engine.reports.words import day_words, fraction_words, number_words


@pytest.mark.parametrize(
    ("numerator", "denominator", "vi", "en"),
    [
        (12, 14, "12/14", "12/14"),
        (0, 14, "0/14", "0/14"),
        (20_159, 20_160, "99,9%", "99.9%"),
        (20_160, 20_160, "100%", "100%"),
        (10_080, 20_160, "50%", "50%"),
    ],
)
def test_a_count_is_short_and_never_rounded_up(numerator: int, denominator: int, vi: str, en: str) -> None:
    words = fraction_words(numerator, denominator)
    assert words is not None
    assert (words.vi, words.en) == (vi, en)


@pytest.mark.parametrize(("numerator", "denominator"), [(None, None), (0, 0), (None, 3)])
def test_nothing_to_count_says_nothing(numerator: int | None, denominator: int | None) -> None:
    assert fraction_words(numerator, denominator) is None


def test_numbers_and_days_are_written_as_each_language_does() -> None:
    assert (number_words(1_234_567).vi, number_words(1_234_567).en) == ("1.234.567", "1,234,567")
    assert (number_words(0.5).vi, number_words(2.0).en) == ("0,5", "2")
    assert (day_words("2026-02-03").vi, day_words("2026-02-03").en) == ("03/02/2026", "3 Feb 2026")
    assert day_words("hôm nay").vi == "hôm nay"
    assert day_words(None).en == ""
