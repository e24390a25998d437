"""How branches name versions: what is plain becomes spans, what is not stays in the publisher's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.engine.advisories.record import Span
from haidang.engine.advisories.vers import is_version, read_versions


def spans(text: str, product: str = "") -> list[str]:
    """Word spans as intervals: "[1.0, 1.4)"."""
    return [
        f"={span.low}"
        if span.low and span.low == span.high
        else f"{'[' if span.low_in else '('}{span.low}, {span.high}{']' if span.high_in else ')'}"
        if not span.prose
        else f"? {span.prose}"
        for span in read_versions(text, "affected", product).spans
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<V2.3", ["[, V2.3)"]),
        ("<= 5.1", ["[, 5.1]"]),
        (" ≤5.1 ", ["[, 5.1]"]),
        (">4.2", ["(4.2, )"]),
        (">=1.0|<1.4", ["[1.0, 1.4)"]),
        (">= 1.0 <= 1.6", ["[1.0, 1.6]"]),
        ("> 01.19.000 | < 01.39.010", ["(01.19.000, 01.39.010)"]),
        ("=1.2", ["=1.2"]),
        ("All versions", ["[, )"]),
        ("all firmware versions", ["[, )"]),
        ("*", ["[, )"]),
        ("vers:all/*", ["[, )"]),
        ("vers:all/<V7.1.2 Update 5", ["[, V7.1.2 Update 5)"]),
        ("vers:all/>=V3.0.1<V3.0.3", ["[V3.0.1, V3.0.3)"]),
        ("vers:generic/<1.2|>=2", ["[, 1.2)", "[2, )"]),
        ("vers:deb/1.2%2Bdeb11u1|1.3", ["=1.2+deb11u1", "=1.3"]),
        ("vers:npm/>=1.0|!=1.5|!=1.6|<2.0", ["[1.0, 1.5)", "(1.5, 1.6)", "(1.6, 2.0)"]),
        ("vers:pypi/!=1.5", ["[, 1.5)", "(1.5, )"]),
        ("<= 1.12.0.27 | 1.12.13.2 | 1.12.14.5", ["[, 1.12.0.27]", "=1.12.13.2", "=1.12.14.5"]),
        ("5.1.0 | >= 6.0.0-1 | <= 6.0.0-3", ["=5.1.0", "[6.0.0-1, 6.0.0-3]"]),
        ("1.2 and prior", ["[, 1.2]", "(1.2, 1.2.*]"]),
        ("6.2.13 and earlier versions", ["[, 6.2.13]"]),
        ("7.2.8 and above", ["[7.2.8, )"]),
        ("prior to 3.4", ["[, 3.4)"]),
        ("All versions prior to V1.5.1", ["[, V1.5.1)"]),
        ("Versions 2.00 to 6.11", ["[2.00, 6.11]", "(6.11, 6.11.*]"]),
        ("V1.0 through V2.3", ["[V1.0, V2.3]", "(V2.3, V2.3.*]"]),
        ("12.4.1-12.4.11", ["[12.4.1, 12.4.11]"]),
        ("Version V4.4", ["=V4.4"]),
        ("7.4 all versions", ["=7.4.*"]),
        ("3.X versions", ["=3.*"]),
        ("5.4.x", ["=5.4.x"]),
        ("< V7.5 SP2 Update 8", ["[, V7.5 SP2 Update 8)"]),
        ("<V7.5_SP2_Update_18", ["[, V7.5_SP2_Update_18)"]),
        (">=  5.3.1 build 150410 | <= 5.4.4  Build 161125", ["[5.3.1 build 150410, 5.4.4 Build 161125]"]),
        ("<= 15.2(4a)EA5", ["[, 15.2(4a)EA5]"]),
        ("<v1.10.00.005.", ["[, v1.10.00.005)"]),
        ("2017 R2 | 2017 R2 SP1 | 2019", ["=2017 R2", "=2017 R2 SP1", "=2019"]),
    ],
)
def test_what_is_plain_becomes_spans(text: str, expected: list[str]) -> None:
    assert spans(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "see references",
        "1.03.07 (build 317)",
        "< 12.4 (firmware 1.46)",
        "4.1.1.7662 (and possibly prior versions)",
        ">= V5.2.0 < V5.3 only when running on ROX II V2.14.0",
        "All versions < V8.1 SP1 with WinCC V7.3 Upd 13",
        "<V33.017_V34.014_V35.013_V36.011",
        "<=with_the_first_5_digits_of_serial_number_24061",
        "<=B13__without_Special_Modification_Patch_installed",
        ">FW19_up_to_and_including_FW26",
        "All BIOS versions < V22.01.08",
        "16 <= 20",
        "A10 < A11",
        "3.0 and <",
        "< 1.28.16 | < 1.24.69",
        ">= 1.0 | >= 2.0",
        "<= 1.4 | >= 1.0",
        "< 1.4, >= 1.0",
        ">= 2.0 | < 1.0",
        ">= 1.0 | 1.2",
        "<May_1_2024",
        "<  january 2020",
        "20-33",
        "V191-V195",
        "1.275M—1.280S",
        "16XXXXXXXXX.",
        "2nd Edition",
        "* and >  could be affected",
        "vers:none/",
        "x" * 400,
    ],
)
def test_what_is_not_plain_stays_in_the_publishers_words(text: str) -> None:
    (span,) = read_versions(text, "affected").spans
    assert span.prose
    assert not span.low
    assert not span.high


@pytest.mark.parametrize(
    ("text", "scheme"),
    [("vers:npm/1", "npm"), ("vers:golang/1", "go"), ("vers:gem/1", "rubygems"), ("vers:generic/1", ""), ("1", "")],
)
def test_the_scheme_of_a_vers_range_is_kept_as_publishers_call_it(text: str, scheme: str) -> None:
    assert read_versions(text, "affected").scheme == scheme


def test_a_product_before_its_versions_is_left_out_where_it_is_the_branchs_own() -> None:
    assert spans("FortiOS/>=7.4.0|<=7.4.4", "FortiOS") == ["[7.4.0, 7.4.4]"]
    assert spans("FortiADC/ 7.8 all versions", "FortiADC") == ["=7.8.*"]
    assert spans("FortiNAC-F/FortiOS all versions", "FortiNAC-F") == ["? FortiNAC-F/FortiOS all versions"]
    assert spans("FortiADCManager/7.4", "FortiADC") == ["? FortiADCManager/7.4"]


def test_every_span_has_the_status_that_was_asked_for() -> None:
    assert read_versions("<1.0|>=2.0", "unaffected").spans == (
        Span("unaffected", "", "1.0"),
        Span("unaffected", "2.0", ""),
    )


@given(st.text(max_size=60) | st.from_regex(r"[<>=|!*vV. 0-9a-z_-]{0,40}"))
def test_any_text_gives_spans_that_are_words_or_versions(text: str) -> None:
    for span in read_versions(text, "affected").spans:
        assert not (span.prose and (span.low or span.high))
        assert all(is_version(end) or end.endswith(".*") for end in (span.low, span.high) if end)
