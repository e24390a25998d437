"""Versions as vendors, inventories and consoles write them: one version in many forms, in its place, or in none."""

from itertools import pairwise

import pytest

from haidang.engine.advisories.versions import interval
from haidang.engine.advisories.versions.bytekeys import Interval


def read(scheme: str, text: str) -> Interval:
    found = interval(scheme, text)
    assert found is not None, text
    return found


def holds(scheme: str, whole: str, part: str) -> bool:
    """Tell whether the first text may stand for all that the second may."""
    one, other = read(scheme, whole), read(scheme, part)
    return one.low <= other.low and other.high <= one.high


@pytest.mark.parametrize(
    ("scheme", "texts"),
    [
        (
            "zimbra",
            [
                "8.8.15 P41",
                "8.8.15_P41",
                "8.8.15.p41",
                "8.8.15p41",
                "8.8.15 Patch 41",
                "8.8.15patch41",
                "ZCS 8.8.15 P41",
                "zimbra 8.8.15 patch 41",
                "Release 8.8.15_GA_3869.UBUNTU18.64 UBUNTU18_64 FOSS edition, Patch 8.8.15_P41.",
                "Release 8.8.15.GA.3869.RHEL7_64_20190918004220 RHEL7_64 NETWORK edition, Patch 8.8.15_P41.",
                # The patch stands on a later release than the one that was installed first.
                "Release 8.8.12_GA_3794.UBUNTU16.64 UBUNTU16_64 FOSS edition, Patch 8.8.15_P41.",
            ],
        ),
        ("zimbra", ["9.0.0 P38", "9.0.0_P38", "9.0.0_p38", "9.0.0 Kepler Patch 38", "9.0.0 GA Patch 38"]),
        ("zimbra", ["8.8.15", "8.8.15.GA.4179", "8.8.15_GA_4179", "8.8.15.GA.4179.UBUNTU20.64", "8.8.15.*",
                    "Release 8.8.15_GA_3869.RHEL7_64_20190918004220 RHEL7_64 FOSS edition."]),
        ("zimbra", ["10.0.5", "10.0.5_GA_4518", "10.0.5 GA", "Release 10.0.5_GA_4518.RHEL8_64 RHEL8_64 FOSS edition."]),
        (
            "f5",
            [
                "16.1.4.1 Build 0.50.5",
                "16.1.4.1, Build 0.50.5",
                "16.1.4.1 (Build 0.50.5)",
                "16.1.4.1 0.50.5",
                "16.1.4.1.0.50.5",
                "BIG-IP 16.1.4.1 Build 0.50.5",
                "BIGIP-16.1.4.1-0.50.5",
                "Hotfix-BIGIP-16.1.4.1.0.50.5-ENG",
                "Hotfix-BIGIP-16.1.4.1.0.50.5-ENG.iso",
                "16.1.4.1 Build 0.50.5 Engineering Hotfix",
            ],
        ),
        ("f5", ["17.1.1 Build 0.2.6", "17.1.1 Build 0.2.6 Point Release 1", "17.1.1.0.0.2.6", "17.1.1.0 Build 0.2.6"]),
        ("f5", ["16.1.4", "v16.1.4", "16.1.4.0", "16.1.4 Final"]),
        ("f5", ["16.1", "16.1.*", "16.1.x", "BIG-IP 16.1"]),
        ("quad", ["15.2.1118.26", "15.02.1118.026", "15.2 (Build 1118.26)", "Version 15.2 (Build 1118.26)", "15.2.1118 (Build 1118.26)"]),
        ("quad", ["10.0.19045", "10.0.19045.*", "10.0 Build 19045", "10.0.19045 Build 19045", "Version 10.0.19045 Build 19045"]),
        ("date", ["2023-07-11", "20230711", "2023/07/11", "2023.07.11", "2023.7.11", "11/07/2023", "11.07.2023", "11-7-2023",
                  "2023-07-11T00:00:00Z", "2023-07-11 08:30"]),
        ("date", ["2024-08-14", "14/08/2024", "08/14/2024"]),  # no fourteenth month: the day can only be the other one
        ("dotted", ["7.0.12", "v7.0.12", "V7.0.12", "Version 7.0.12", "release 7.0.12", "firmware 7.0.12", "7.0.12 GA", "7.0.12.0"]),
        ("dotted", ["8.0 U1", "8.0 Update 1", "8.0u1", "8.0 upd 1"]),
        ("dotted", ["2019 SP2", "2019 ServicePack 2", "2019-sp2", "2019sp2"]),
        ("dotted", ["5.4.*", "5.4.x", "5.4.X", "5.4.*.*", "5.4.x.x"]),
        ("go", ["1.21.5", "v1.21.5", "go1.21.5"]),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)  # fmt: skip
def test_one_version_in_many_forms(scheme: str, texts: list[str]) -> None:
    assert {text: read(scheme, text) for text in texts} == dict.fromkeys(texts, read(scheme, texts[0]))


@pytest.mark.parametrize(
    ("scheme", "texts"),
    [
        ("zimbra", ["8.7.11 P14", "8.8.15 P9", "8.8.15 P41", "8.8.15 P46", "9.0.0 P24", "9.0.0 P38", "10.0.0", "10.0.5", "10.1.0"]),
        ("f5", ["15.1.10.2 Build 0.44.2", "16.1.4 Build 0.0.6", "16.1.4.1 Build 0.13.5", "16.1.4.1 Build 0.50.5", "16.1.4.2 Build 0.0.5",
                "17.1.0.3 Build 0.0.4", "17.1.0.3 Build 0.75.4", "17.1.1 Build 0.0.2", "17.1.1 Build 0.2.6"]),
        ("dotted", ["1.0.2", "1.0.2a", "1.0.2k", "1.0.2z", "1.0.2za", "1.0.2zg", "1.1.0", "1.1.1w", "3.0.0"]),  # OpenSSL
        ("dotted", ["10.1.6", "10.1.6-h3", "10.1.6-h6", "10.1.7", "10.1.10", "10.2.0"]),  # PAN-OS: a hotfix follows
        ("dotted", ["20.4R3", "20.4R3-S8", "20.4R3-S10", "21.2R1"]),  # Junos
        ("dotted", ["7.2.5", "7.2.6", "7.4.0", "7.4.1", "7.4.10"]),  # FortiOS
        ("dotted", ["15.2(7)E2", "15.2(7)E3", "15.2(7)E10", "15.2(8)E"]),  # Cisco IOS
        ("dotted", ["1.0-dev", "1.0-alpha2", "1.0-beta1", "1.0-rc1", "1.0.0", "1.0 patch 1", "1.0.1"]),
        ("dotted", ["2.4.57", "2.4.58", "2.4.59", "2.5"]),
        ("date", ["2023-06-30", "2023-07-01", "11/07/2023", "2023-12-01", "2024-01"]),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)  # fmt: skip
def test_versions_follow_each_other(scheme: str, texts: list[str]) -> None:
    for lower, higher in pairwise(texts):
        assert read(scheme, lower).high <= read(scheme, higher).high, (lower, higher)
        assert read(scheme, lower).low < read(scheme, higher).low, (lower, higher)


@pytest.mark.parametrize(
    ("scheme", "whole", "parts"),
    [
        ("quad", "10.0", ["10.0.19045", "10.0.19045.3324"]),
        ("quad", "10.0.19045", ["10.0.19045.0", "10.0.19045.3324"]),
        ("f5", "16.1", ["16.1.0", "16.1.4", "16.1.4.1", "16.1.4.1.0.50.5"]),
        ("f5", "16.1.4.1", ["16.1.4.1 Build 0.50.5"]),
        ("zimbra", "8.8.15", ["8.8.15 P1", "8.8.15 P41"]),
        ("zimbra", "8", ["8.8", "8.8.15", "8.8.15 P41"]),
        ("zimbra", "10.0.*", ["10.0.0", "10.0.5"]),
        ("zimbra", "9.0.*", ["9.0.0", "9.0.0 P38"]),
        ("dotted", "3", ["3", "3.0.1", "3.9", "3 p1"]),
        ("dotted", "3.0", ["3.0.0", "3.0.7", "3.0 p1"]),
        ("dotted", "7.0.x", ["7.0", "7.0.0", "7.0.12"]),
        ("maven", "2.426.*", ["2.426", "2.426.3", "2.426.10"]),
        ("maven", "2.0.*", ["2.0", "2.0.1"]),
        ("date", "2023-07", ["2023-07-01", "11/07/2023"]),
    ],
)
def test_a_short_version_may_be_any_that_begins_so(scheme: str, whole: str, parts: list[str]) -> None:
    for part in parts:
        assert holds(scheme, whole, part), part


@pytest.mark.parametrize(
    ("scheme", "whole", "other"),
    [
        ("quad", "10.0.1904", "10.0.19045.1"),
        ("f5", "16.1", "16.10.0"),
        ("f5", "16.1.4", "16.1.4.1"),  # a point release is a release of its own
        ("zimbra", "8.8.15", "8.8.16 P1"),
        ("zimbra", "10.0.*", "10.1.0"),
        ("dotted", "3.0", "3.1"),
        ("dotted", "3.0", "3.0-rc1"),  # a short version is never an earlier one
        ("maven", "2.426.*", "2.427"),
        ("maven", "2.426.*", "2.425.9"),
        ("date", "2023-07", "2023-08-01"),
    ],
)
def test_a_short_version_is_none_of_another_line(scheme: str, whole: str, other: str) -> None:
    assert not holds(scheme, whole, other)


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        ("f5", "16.1.0 - 16.1.4"),  # a range is no release with a build
        ("f5", "16.1.4, 16.1.5"),
        ("f5", "16.1.4 and later"),
        ("f5", "all"),
        ("f5", ""),
        ("zimbra", "9.0.0 Patch 24.1"),
        ("zimbra", "before 8.8.15 P41, and 9.0.0"),
        ("zimbra", "unknown"),
        ("quad", "Exchange 2019 CU12"),
        ("quad", "6.1.7601 Service Pack 1"),
        ("dotted", "all versions"),
        ("dotted", "8.1 and earlier"),
        ("dotted", "from 1.0 to 2.0"),
        ("dotted", "see the vendor's page 3"),
        ("dotted", "unspecified"),
        ("date", "July 11, 2023"),
        ("date", "nightly"),
    ],
)
def test_words_about_versions_are_no_version(scheme: str, text: str) -> None:
    assert interval(scheme, text) is None


def test_a_build_told_twice_does_not_tell_what_was_mended() -> None:
    # As msinfo32 shows it: the second 19045 is the third number again, and no fourth.
    assert not holds("quad", "10.0.19045.19045", "10.0.19045 Build 19045")
    assert holds("quad", "10.0.19045 Build 19045", "10.0.19045.1")
