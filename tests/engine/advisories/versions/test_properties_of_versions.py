"""What holds for versions of every scheme: an order, intervals, and an answer in no time to whatever is asked."""

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from haidang.engine.advisories.versions import interval, schemes
from haidang.engine.advisories.versions.bytekeys import LAST, MOST_CHARACTERS, Interval, number

MODULES: dict[str, Callable[[str], Interval | None]] = {
    read.__module__.rpartition(".")[2]: read for read in schemes().values()
}
PIECES = (
    "0", "1", "2", "9", "10", "19045", "00", "01", ".", ".", ".", "-", "_", "~", "^", "+", ":", "(", ")", " ", ",", "/", "*", "x",
    "v", "V", "a", "b", "rc", "alpha", "beta", "dev", "post", "SNAPSHOT", "GA", "final", "sp", "P", "p41", "patch", "Patch 41", "U3",
    "build", "Build 0.50.5", "hotfix", "Hotfix-BIGIP-", "-ENG", ".iso", "el8", "ubuntu1", "git", "2023", "07", "11", "é", "đ", "²", "٣",
)  # fmt: skip
LIKE_VERSIONS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)
TEXTS = st.one_of(LIKE_VERSIONS, st.text(max_size=30), st.from_regex(r"\A\d{1,3}(\.\d{1,5}){0,5}\Z"))
PLAIN = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda numbers: ".".join(map(str, numbers)))

each_scheme = pytest.mark.parametrize("scheme", sorted(MODULES))


@each_scheme
def test_any_text_gives_an_interval_or_none(scheme: str) -> None:
    @settings(max_examples=120, deadline=None)
    @given(TEXTS)
    @example("²58")
    @example("1.²")
    @example("\n")
    @example("1.0\n")
    def holds(text: str) -> None:
        found = MODULES[scheme](text)
        if found is not None:
            assert b"" < found.low < found.high < LAST * 2

    holds()


@each_scheme
def test_an_exact_version_holds_no_other(scheme: str) -> None:
    """No key is the beginning of another one: else a version would lie within the interval of a lower one."""

    @settings(max_examples=100, deadline=None)
    @given(st.lists(LIKE_VERSIONS, min_size=2, max_size=12))
    def holds(texts: list[str]) -> None:
        exact = {found.low for text in texts if (found := MODULES[scheme](text)) and found.high == found.low + b"\x00"}
        for one, other in pairwise(sorted(exact)):
            assert not other.startswith(one)

    holds()


@each_scheme
def test_white_space_around_a_version_says_nothing(scheme: str) -> None:
    @settings(max_examples=80, deadline=None)
    @given(LIKE_VERSIONS)
    def holds(text: str) -> None:
        assert MODULES[scheme](f" \t{text} ") == MODULES[scheme](text.strip())

    holds()


@pytest.mark.parametrize("scheme", sorted(MODULES.keys() - {"date"}))
def test_plain_numbers_are_ordered_as_numbers(scheme: str) -> None:
    numbers = st.lists(st.integers(0, 1_999), min_size=4, max_size=4)

    @settings(max_examples=80, deadline=None)
    @given(numbers, numbers)
    def holds(one: list[int], other: list[int]) -> None:
        places = {"zimbra": 3, "netscaler": 4, "acrobat": 3, "vmware": 3}.get(scheme, 4)
        joint = (
            (lambda n: f"{n[0]}.{n[1]}-{n[2]}.{n[3]}") if scheme == "netscaler" else (lambda n: ".".join(map(str, n)))
        )
        one, other = one[:places], other[:places]
        if scheme == "zimbra":
            one, other = [one[0] + 10, *one[1:]], [other[0] + 10, *other[1:]]
        first, second = MODULES[scheme](joint(one)), MODULES[scheme](joint(other))
        assert first is not None
        assert second is not None
        assert (first.low < second.low) == (one < other)

    holds()


@pytest.mark.parametrize(
    "scheme", ["dotted", "semver", "pypi", "rubygems", "nuget", "f5", "zimbra", "quad", "vmware", "acrobat"]
)
@given(PLAIN)
def test_a_leading_v_says_nothing(scheme: str, text: str) -> None:
    assert interval(scheme, f"v{text}") == interval(scheme, text)


@pytest.mark.parametrize("scheme", ["dotted", "pypi", "maven", "rubygems", "nuget"])
@given(PLAIN)
def test_a_trailing_zero_says_nothing_where_the_scheme_says_so(scheme: str, text: str) -> None:
    whole, longer = interval(scheme, text), interval(scheme, f"{text}.0")
    assume(text.count(".") < 3)
    assert whole is not None
    assert longer is not None
    assert whole.low == longer.low


@pytest.mark.parametrize("scheme", ["deb", "rpm", "quad"])
def test_a_trailing_zero_is_another_version_elsewhere(scheme: str) -> None:
    assert interval(scheme, "1.0.0.0") != interval(scheme, "1.0.0")


@pytest.mark.parametrize("scheme", ["dotted", "quad", "f5", "zimbra", "vmware", "acrobat"])
@given(PLAIN, st.integers(0, 2_000))
def test_a_version_that_goes_on_lies_within_the_shorter_one_or_both_are_exact(
    scheme: str, text: str, more: int
) -> None:
    shorter, longer = interval(scheme, text), interval(scheme, f"{text}.{more}")
    assume(shorter is not None and longer is not None)
    assert shorter is not None
    assert longer is not None
    is_exact = shorter.high == shorter.low + b"\x00"
    # A release of F5 with three numbers is x.y.z.0, of which a point release is none.
    assert is_exact or scheme == "f5" or (shorter.low <= longer.low and longer.high <= shorter.high)


@given(st.integers(0, 10**60), st.integers(0, 10**60))
def test_numbers_in_keys_sort_by_value(one: int, other: int) -> None:
    assert (number(one) < number(other)) == (one < other)
    assert not (one != other and number(other).startswith(number(one)))


def test_what_is_longer_than_any_version_is_none() -> None:
    assert interval("dotted", "1" * MOST_CHARACTERS) is not None
    assert interval("dotted", "1" * (MOST_CHARACTERS + 1)) is None
    assert all(interval(scheme, "1." * 500) is None for scheme in schemes())


HOSTILE = [
    unit * 1_000 for unit in ("1", "1.", "1-", "a", "1a", "~", "p ", "1 p", ".x", " ", "_P1", "build ", "1.0.0-", "(", "²", "patch", "-1+", "8.8.15 ,")
]  # fmt: skip


@each_scheme
def test_hostile_texts_take_no_time(scheme: str) -> None:
    begun = time.process_time()
    for text in HOSTILE:
        for length in (MOST_CHARACTERS, 1_000):
            for whole in (text[:length], "1.0 " + text[: length - 4], "8.8.15_GA_1.A1 " + text[: length - 15]):
                found = interval(scheme, whole)
                assert found is None or len(whole) <= MOST_CHARACTERS
    assert time.process_time() - begun < 2
