"""One spelling for each indicator, however it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.engine.indicators.indicator import TYPES
from haidang.engine.indicators.spelling import guess, networks_between, refang, spell

CASES = [
    ("hxxp://evil[.]com/a%41/%2f?x#y", "url", "http://evil.com/aA/%2F?x"),
    ("hxxps[:]//1.2.3.4:8080/x", "url", "https://1.2.3.4:8080/x"),
    ("https://EVIL.com:443", "url", "https://evil.com/"),
    ("http://user:pw@evil.com/A", "url", "http://evil.com/A"),
    ("1[.]2[.]3[.]4:443", "ipv4", "1.2.3.4"),
    ("192.168.001.010", "ipv4", "192.168.1.10"),
    ("1.2.3.4/32", "ipv4", "1.2.3.4"),
    ("10.0.0.5/24", "cidr", "10.0.0.0/24"),
    ("2001:DB8:0:0::1", "ipv6", "2001:db8::1"),
    ("[2001:db8::1]:443", "ipv6", "2001:db8::1"),
    ("2001:db8::1/33", "cidr", "2001:db8::/33"),
    ("1.2.3.4|443", "ipv4", "1.2.3.4"),
    ("(1.2.3.4)", "ipv4", "1.2.3.4"),
    ("1.2.3[.4", "ipv4", "1.2.3.4"),
    ("::ffff:1.2.3.4", "ipv4", "1.2.3.4"),
    ("2001:db8::/128", "ipv6", "2001:db8::"),
    ("hxxp[://]evil[.]com", "url", "http://evil.com/"),
    ("MD5: D41D8CD98F00B204E9800998ECF8427E", "md5", "d41d8cd98f00b204e9800998ecf8427e"),
    ("Node.js", "file_name", "node.js"),
    ("*.Evil.COM.", "domain", "evil.com"),
    ("evil[dot]com", "domain", "evil.com"),
    ("evil (.) com", "domain", "evil.com"),
    ("пример.com", "domain", "xn--e1afmkfd.com"),
    ("A.B[at]evil.com", "email", "a.b@evil.com"),
    ("“D41D8CD98F00B204E9800998ECF8427E”", "md5", "d41d8cd98f00b204e9800998ecf8427e"),
    ("HKEY_LOCAL_MACHINE\\\\Software\\\\X", "registry_key", "hklm\\software\\x"),
]
NO_INDICATORS = [
    "",
    "hello",
    "not a thing",
    "example.123",
    "1.2.3",
    "1.2.3.256",
    "::",
    "http://",
    "@evil.com",
    "a..b",
    "-",
    "." * 5_000,
]
LABELS = st.from_regex(r"[a-z][a-z0-9]{0,10}", fullmatch=True)
NAMES = st.builds("{}.{}".format, LABELS, st.sampled_from(["com", "vn", "com.vn"]))
QUADS = st.lists(st.integers(0, 255), min_size=4, max_size=4).map(lambda parts: ".".join(map(str, parts)))


@pytest.mark.parametrize(("written", "type_", "value"), CASES)
def test_an_indicator_has_one_spelling(written: str, type_: str, value: str) -> None:
    assert guess(written) == (type_, value)
    assert guess(value) == (type_, value)


@pytest.mark.parametrize("written", NO_INDICATORS)
def test_what_is_no_indicator_is_none(written: str) -> None:
    assert guess(written) is None


@given(st.one_of(NAMES, QUADS), st.sampled_from(["[.]", "(.)", "{.}", "[dot]", "(dot)", " [.] ", "\\."]))
def test_what_was_defanged_is_undone(value: str, dot: str) -> None:
    assert refang(value.replace(".", dot)) == value


@given(st.text(max_size=60), st.sampled_from(TYPES))
def test_any_text_is_spelled_or_refused_and_spelling_twice_changes_nothing(text: str, type_: str) -> None:
    once = spell(type_, text)  # type: ignore[arg-type]
    if once is not None:
        assert spell(type_, once) == once  # type: ignore[arg-type]


def test_a_range_is_the_networks_that_cover_it() -> None:
    assert networks_between("192.0.2.1", "192.0.2.4") == ("192.0.2.1", "192.0.2.2/31", "192.0.2.4")
    assert networks_between("192.0.2.4", "192.0.2.1") == ()
    assert networks_between("192.0.2.4", "2001:db8::") == ()
