"""Orders as other programs have them, on generated versions: `packaging`, `univers`, dpkg and rpm themselves."""

import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.version import Version
from univers import versions as univers

from haidang.engine.advisories.versions import interval

thorough = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Ordered(Protocol):
    def __lt__(self, other: Any) -> bool: ...


def sign(one: Ordered, other: Ordered) -> int:
    return -1 if one < other else 1 if other < one else 0


def ours(scheme: str, one: str, other: str) -> int:
    first, second = interval(scheme, one), interval(scheme, other)
    assert first is not None, one
    assert second is not None, other
    return sign(first.low, second.low)


def built(*parts: Sequence[str]) -> st.SearchStrategy[str]:
    """Draw one of each part and put them together."""
    return st.tuples(*map(st.sampled_from, parts)).map("".join)


NUMBERS = ("0", "1", "2", "9", "10", "11", "100", "00", "01")


def numbers(least: int, most: int, of: Sequence[str] = NUMBERS) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(of), min_size=least, max_size=most).map(".".join)


def joined(first: st.SearchStrategy[str], rest: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    return st.tuples(first, st.lists(rest, max_size=most)).map(lambda drawn: drawn[0] + "".join(drawn[1]))


PYTHON = st.tuples(
    st.sampled_from(("", "", "v", "0!", "1!")),
    numbers(1, 4),
    st.sampled_from(("", "", "a1", "b2", "rc1", "a", "-alpha.1", "c1", ".pre1", "_preview2", "B10")),
    st.sampled_from(("", "", ".post1", "-1", ".rev2", "post", "-r10")),
    st.sampled_from(("", "", ".dev1", ".dev", "-dev2", ".dev10")),
    st.sampled_from(("", "", "+local.1", "+1", "+abc", "+ubuntu-1", "+2.a", "+10")),
).map("".join)
SEMANTIC_FIELD = st.sampled_from(("alpha", "beta", "0", "1", "10", "2", "rc", "x-y", "A", "a1", "1a", "-", "Beta"))
SEMANTIC = st.tuples(
    numbers(3, 3, ("0", "1", "2", "9", "10", "11")),
    st.lists(SEMANTIC_FIELD, max_size=4).map(lambda fields: "-" + ".".join(fields) if fields else ""),
).map("".join)
GEM = st.tuples(
    numbers(1, 5, ("0", "1", "2", "10")),
    st.sampled_from(("", "", ".rc1", ".alpha", ".beta.2", ".beta2", ".pre", ".b1.0", ".a.b", "-rc1", ".A", ".beta.0")),
).map("".join)
NUGET = st.tuples(
    numbers(1, 4, ("0", "1", "2", "10", "01")),
    st.sampled_from(("", "", "-rc1", "-alpha", "-beta.2", "-Beta.2", "-beta.10", "-preview.1.23", "+abc", "-RC1+x")),
).map("".join)
MAVEN = st.tuples(
    numbers(1, 4, ("0", "1", "2", "10")),
    st.sampled_from(
        ("", "", "-rc1", "-RC2", "-alpha1", "-beta-2", "-SNAPSHOT", ".Final", ".GA", "-sp", "-jre8", "-M1", "-1", "-b2")
    ),
).map("".join)  # fmt: skip
DEBIAN_PIECE = built(("", ".", "~", "+", ".", "~~", "-"), ("0", "1", "2", "10", "a", "b", "rc", "Z", "z", "ubuntu1"))
DEBIAN = st.tuples(
    st.sampled_from(("", "", "0:", "1:", "10:")),
    joined(st.sampled_from(("1", "2", "10", "01", "0")), DEBIAN_PIECE, 5),
    st.sampled_from(("", "-1", "-0", "-0ubuntu1", "-1~bpo1", "-1+b1", "-1.1")),
).map("".join)
RPM_PIECE = built(("", ".", "~", "^", "_", "+", "..", "."), ("0", "1", "2", "10", "a", "b", "rc", "el8", "B", "git"))
RPM = joined(st.sampled_from(("1", "2", "10", "a1", "01")), RPM_PIECE, 5)
RPM_WHOLE = st.tuples(
    st.sampled_from(("", "", "0:", "1:", "10:")), RPM, st.sampled_from(("", "-1", "-1.el8", "-2.el8_4", "-10.fc33"))
).map("".join)

# Where `univers` 32 departs from a specification, what it is asked stays away from that:
# - SemVer: it orders by build metadata; "Build metadata MUST be ignored when determining version precedence" (10).
# - Maven: it drops zeros between two hyphens and parts of a qualifier; "the trailing "null" values (0, "", "final",
#   "ga") are trimmed. This process is repeated at each remaining hyphen from end to start" (POM reference). And it does
#   not know "release", which Maven itself takes for "" today.
# - Composer: it takes -p1 for a pre-release; "-patch (-p)" follows a release (getcomposer.org, 04-schema.md, version).
PROGRAMS: dict[str, tuple[str, Callable[[str], Ordered], st.SearchStrategy[str]]] = {
    "packaging": ("pypi", Version, PYTHON),
    "univers, SemVer": ("semver", univers.SemverVersion, SEMANTIC),
    "univers, Go": ("go", univers.GolangVersion, SEMANTIC),
    "univers, RubyGems": ("rubygems", univers.RubygemsVersion, GEM),
    "univers, NuGet": ("nuget", univers.NugetVersion, NUGET),
    "univers, Maven": ("maven", univers.MavenVersion, MAVEN),
    "univers, Debian": ("deb", univers.DebianVersion, DEBIAN),
    "univers, RPM": ("rpm", univers.RpmVersion, RPM_WHOLE),
    "univers, PyPI": ("pypi", univers.PypiVersion, PYTHON),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_order_is_that_of_the_program(program: str) -> None:
    scheme, read, versions = PROGRAMS[program]

    @thorough
    @given(st.lists(versions, min_size=2, max_size=8))
    def holds(drawn: list[str]) -> None:
        for one, other in zip(drawn, drawn[1:], strict=False):
            assert ours(scheme, one, other) == sign(read(one), read(other)), (one, other)

    holds()


def pairs(versions: Sequence[str], number: int) -> list[tuple[str, str]]:
    """Choose pairs, most of them of neighbours in plain order: these are the hard ones."""
    dice = random.Random(20231101)
    ordered = sorted(set(versions))
    found = []
    for _ in range(number):
        at = dice.randrange(len(ordered))
        other = (
            dice.randrange(max(0, at - 4), min(len(ordered), at + 5))
            if dice.random() < 0.7
            else dice.randrange(len(ordered))
        )
        found.append((ordered[at], ordered[other]))
    return found


def made(
    first: Sequence[str], joints: Sequence[str], pieces: Sequence[str], ends: Sequence[str], number: int
) -> list[str]:
    dice = random.Random(20231212)
    return [
        dice.choice(first)
        + "".join(dice.choice(joints) + dice.choice(pieces) for _ in range(dice.randint(0, 4)))
        + dice.choice(ends)
        for _ in range(number)
    ]


def by_dpkg(one: str, other: str) -> int:
    for relation, result in (("lt", -1), ("gt", 1)):
        if subprocess.run(["dpkg", "--compare-versions", one, relation, other], check=False).returncode == 0:
            return result
    return 0


@pytest.mark.skipif(not shutil.which("dpkg"), reason="dpkg is not on this machine")
def test_debian_versions_are_ordered_as_dpkg_itself_does() -> None:
    pieces = ("0", "1", "2", "10", "a", "b", "rc", "Z", "z", "ubuntu1")
    drawn = made(
        ("1", "2", "10", "01", "1:1", "0:1"),
        ("", ".", "~", "+", "~~", "-"),
        pieces,
        ("", "-1", "-0", "-1~bpo1", "-1+b1"),
        2000,
    )
    for one, other in pairs(drawn, 600):
        assert ours("deb", one, other) == by_dpkg(one, other), (one, other)


@pytest.mark.skipif(not shutil.which("rpm"), reason="rpm is not on this machine")
def test_rpm_versions_are_ordered_as_rpm_itself_does() -> None:
    pieces = ("0", "1", "2", "10", "a", "b", "rc", "el8", "B", "git", "")
    asked = pairs(made(("1", "2", "10", "a1", "01"), ("", ".", "~", "^", "_", "+", ".."), pieces, ("",), 6000), 4000)
    for begin in range(0, len(asked), 500):
        some = asked[begin : begin + 500]
        lua = "".join(f'print(rpm.vercmp("{one}","{other}").." ")' for one, other in some)
        told = subprocess.run(["rpm", "--eval", f"%{{lua:{lua}}}"], check=True, capture_output=True, text=True).stdout
        compare = partial(ours, "rpm")
        assert [compare(*pair) for pair in some] == [int(result) for result in told.split()]
