"""Orders as the specifications have them: examples that they print, and cases worked out from their rules."""

from itertools import pairwise

import pytest

from haidang.engine.advisories.versions import interval, scheme_name, schemes

# (scheme, where it stands, versions from the lowest to the highest)
ASCENDING = [
    (
        "semver",
        "semver.org 2.0.0, 11",
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0",
    ),
    ("semver", "semver.org 2.0.0, 11.2", "1.0.0 2.0.0 2.1.0 2.1.1 2.1.10 2.10.0 10.0.0"),
    ("npm", "semver.org 2.0.0, 11.4: numbers below words, more fields above fewer", "1.0.0-0 1.0.0-1 1.0.0-1.0 1.0.0-a"),
    ("npm", "semver.org 2.0.0, 11.4.2: words in ASCII order", "1.0.0--1 1.0.0-Beta 1.0.0-alpha 1.0.0-alpha-1 1.0.0-b"),
    ("cargo", "semver.org 2.0.0, 9", "0.1.0-0 0.1.0-0a 0.1.0"),
    (
        "go",
        "go.dev/ref/mod, pseudo-versions",
        "v0.0.0-20191109021931-daa7c04131f5 v1.2.3-pre v1.2.3-pre.0.20191109021931-daa7c04131f5 v1.2.3 "
        "v1.2.4-0.20191109021931-daa7c04131f5 v1.2.4",
    ),
    ("go", "go.dev/doc/toolchain: go1.21rc2 comes before go1.21.0; the database's lowest bound", "1.21.0-0 1.21rc2 1.21.0"),
    (
        "pypi",
        "PEP 440, summary of permitted suffixes and relative ordering",
        "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 "
        "1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1",
    ),
    ("pypi", "PEP 440, version epochs", "2013.10 2014.04 1!1.0 1!1.1 1!2.0"),
    ("pypi", "PEP 440, final releases", "0.9 0.9.1 0.9.2 0.9.10 0.9.11 1.0 1.0.1 1.1 2.0 2.0.1"),
    ("maven", "POM reference, version order", "1-alpha-1 1-beta-1 1-milestone-1 1-rc-1 1-snapshot 1 1-sp 1-foo 1-1 1.1"),
    ("maven", "POM reference: numbers in their natural order", "1-foo2 1-foo10"),
    ("maven", "POM reference: ga counts as nothing, sp does not", "1-ga.1 1-sp.1"),
    ("maven", "POM reference: a qualifier comes before a number", "1-sp-1 1-ga-1"),
    ("maven", "ComparableVersion", "1.0.RC2 1.0-RC3 1.0.1"),
    ("maven", "POM reference: an empty token is 0", "1 1..1 1.1"),
    ("rubygems", "Gem::Version: prereleases sort between releases", "0.9 1.0.a.2 1.0.b1 1.0 1.0.1.pre 1.0.1"),
    ("rubygems", "Gem::Version: a hyphen begins a prerelease", "3.0.0-rc1 3.0.0 3.0.1"),
    (
        "nuget",
        "NuGet package versioning",
        "1.0.1-aaa 1.0.1-alpha10 1.0.1-alpha2 1.0.1-beta 1.0.1-open 1.0.1-rc.2 1.0.1-rc.10 1.0.1-zzz 1.0.1",
    ),
    ("nuget", "NuGet package versioning: a fourth number", "1.0.1-rc 1.0.1 1.0.1.1-rc 1.0.1.1 1.0.2"),
    ("deb", "Debian Policy 5.6.12: ~~, ~~a, ~, the empty part, a", "1~~ 1~~a 1~ 1 1a"),
    ("deb", "Debian Policy 5.6.12: all letters before all others", "1.0 1.0A 1.0Z 1.0a 1.0z 1.0+ 1.0."),
    ("deb", "Debian Policy 5.6.12: epoch, upstream, revision", "9-9 1:0.1-1~bpo11+1 1:0.1-1 1:0.1-1+b1 1:0.1-2 1:0.2-1 2:0.0-1"),
    ("deb", "Debian Policy 5.6.12: digits by value", "1.2 1.10 1.010a 1.11"),
    ("deb", "how backports and updates of Debian and Ubuntu are numbered", "2.4.57-2~bpo 2.4.57-2 2.4.57-2+deb12u1 2.4.57-2+deb12u2"),
    ("deb", "how Ubuntu numbers", "8.2p1-4 8.2p1-4ubuntu0.1 8.2p1-4ubuntu0.10 8.2p1-5"),
    ("rpm", "rpm-version(7): segments by value, letters below numbers", "1 1.a 1.b 1.ba 1.0 1.0.0 1.0.1"),
    ("rpm", "rpm-version(7): a longer version is newer", "2.0 2.0.a 2.0.1 2.0.1a 2.0.1a1"),
    ("rpm", "rpm-version(7): tilde before everything", "1.0~~ 1.0~ 1.0~rc1~git1 1.0~rc1 1.0~rc2 1.0"),
    ("rpm", "rpm-version(7): caret after nothing, before everything else", "1.0 1.0^ 1.0^git1~pre 1.0^git1 1.0^git2 1.0.a 1.0.1 1.01"),
    ("rpm", "rpm-version(7): caret and tilde", "1.0~rc1 1.0~rc1^git1 1.0 1.0^1~1 1.0^1"),
    ("rpm", "[epoch:]version-release", "9.9-9 1:0.9-1.el8 1:0.9-1.el8_1 1:0.9-2.el8 1:0.10-1.el8 2:0-1"),
    ("quad", "builds of Windows", "10.0.17763.5206 10.0.19045.998 10.0.19045.3324 10.0.19045.10000 10.0.22621.1"),
    ("quad", "builds of Exchange", "15.1.2507.27 15.02.1118.7 15.2.1118.026 15.2.1118.40 15.2.1258.12"),
]  # fmt: skip

# (scheme, where it stands, ways to write one version)
EQUAL = [
    ("semver", "semver.org 2.0.0, 10: build metadata", "1.0.0 1.0.0+20130313144700 1.0.0+exp.sha.5114f85 v1.0.0"),
    ("npm", "semver.org 2.0.0, 10", "1.0.0-beta 1.0.0-beta+exp.sha.5114f85"),
    ("go", "go.dev/ref/mod: +incompatible", "v2.0.0 v2.0.0+incompatible 2.0.0 go2.0.0"),
    ("pypi", "PEP 440: zeros", "1 1.0 1.0.0 01.0 1.00"),
    ("pypi", "PEP 440: case, leading v, white space", "1.1rc1 1.1RC1 v1.1rc1 V1.1rc1"),
    ("pypi", "PEP 440: pre-release spelling and separators", "1.1a1 1.1alpha1 1.1-a1 1.1.a.1 1.1_alpha-1"),
    ("pypi", "PEP 440: c, pre and preview are rc", "1.1rc2 1.1c2 1.1pre2 1.1-preview2"),
    ("pypi", "PEP 440: implicit numbers", "1.2a0 1.2a"),
    ("pypi", "PEP 440: post-releases", "1.0.post1 1.0-1 1.0-post1 1.0.rev1 1.0-r1 1.0post1"),
    ("pypi", "PEP 440: development releases", "1.2.dev0 1.2.dev 1.2-dev0 1.2dev0"),
    ("pypi", "PEP 440: local versions", "1.0+ubuntu.1 1.0+ubuntu-1 1.0+ubuntu_1 1.0+UBUNTU.1"),
    ("maven", "POM reference: trailing nothings", "1 1.0 1.0.0 1.ga 1-ga 1-0 1.final 1-release 1. 1-"),
    ("maven", "POM reference: trimmed before every hyphen", "1-foo 1.0.0-foo.0.0 1.0-foo"),
    ("maven", "POM reference: a, b and m before a number", "1-a1 1-alpha-1 1alpha1 1-A1"),
    ("maven", "POM reference: cr is rc, case does not count", "1-rc1 1-cr1 1-RC-1"),
    ("maven", "POM reference: 1.foo is 1-foo", "1.foo 1-foo 1-FOO"),
    ("rubygems", "Gem::Version: trailing zeros", "1 1.0 1.0.0 1.00 v1.0"),
    ("rubygems", "Gem::Version: a hyphen is .pre.", "1.0-1 1.0.pre.1"),
    ("nuget", "NuGet package versioning: normalized", "1 1.0 1.0.0 1.00.0.0 1.0.0+r3456 1.0+r3456"),
    ("nuget", "NuGet package versioning: case does not count", "1.0.0-Beta 1.0.0-beta 1.0-BETA"),
    ("deb", "Debian Policy 5.6.12: a missing revision is 0", "1.0 1.0-0 0:1.0 1.0-00 1.00"),
    ("rpm", "rpm-version(7): separators and leading zeros", "2.0 2_0 2..0 2.00 0:2.0 02.0"),
    ("rpm", "rpm-version(7): a letter parts as a dot does", "5.5p1 5.5.p.1 5.5p01"),
    ("quad", "leading zeros of Exchange", "15.02.1118.030 15.2.1118.30"),
]  # fmt: skip


@pytest.mark.parametrize(("scheme", "source", "versions"), ASCENDING, ids=[f"{one[0]}: {one[1]}" for one in ASCENDING])
def test_versions_ascend_as_the_specification_says(scheme: str, source: str, versions: str) -> None:
    keys = [(text, interval(scheme, text)) for text in versions.split()]
    for (lower, below), (higher, above) in pairwise(keys):
        assert below is not None, lower
        assert above is not None, higher
        assert below.low < above.low, f"{lower} < {higher}: {source}"
        assert below.high <= above.low, f"{lower} ends before {higher}: {source}"


@pytest.mark.parametrize(("scheme", "source", "versions"), EQUAL, ids=[f"{one[0]}: {one[1]}" for one in EQUAL])
def test_ways_to_write_one_version_are_one_version(scheme: str, source: str, versions: str) -> None:
    assert len({interval(scheme, text) for text in versions.split()} - {None}) == 1, source
    assert all(interval(scheme, text) for text in versions.split()), source


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        ("pypi", "1.0.x"),  # PEP 440, appendix B: no such version
        ("pypi", "french toast"),
        ("pypi", "1.0-bulbasaur"),
        ("deb", "1.0_1"),  # Policy 5.6.12: alphanumerics and . + - ~ only
        ("deb", "abc"),
        ("deb", "1:"),
        ("rpm", "1 0"),
        ("rpm", "bash-5.1-2"),  # a package's name with its version is no version
        ("rpm", "release"),
        ("maven", "unspecified"),
        ("maven", "1.²"),
        ("rubygems", "1.0_1"),
        ("rubygems", "1..0"),
        ("rubygems", "junk"),
        ("date", "20231345"),  # no thirteenth month
        ("date", "99/99/2023"),
        ("date", "2023"),
        ("git", "1.0.0"),  # commits have no order
    ],
)
def test_what_the_specification_refuses_is_no_version(scheme: str, text: str) -> None:
    assert interval(scheme, text) is None


def test_a_publishers_word_that_names_no_scheme_means_the_one_for_all_others() -> None:
    assert scheme_name(" SemVer ") == "semver"
    assert scheme_name("Patch 10") == scheme_name("") == "dotted"
    assert scheme_name("git") == "git"


def test_every_scheme_that_publishers_name_is_read_by_one_module() -> None:
    named = (
        "maven",
        "npm",
        "pypi",
        "python",
        "deb",
        "rpm",
        "nuget",
        "rubygems",
        "go",
        "semver",
        "custom",
        "date",
        "apk",
    )
    assert set(named) <= schemes().keys()
