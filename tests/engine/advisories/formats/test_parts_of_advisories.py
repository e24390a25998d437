"""What the readers of advisories share: identifiers, times, scores, shapes, trees of plain texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.engine.advisories.cvss import base_score
from haidang.engine.advisories.identifiers import (
    bare_purl,
    decoded,
    encoded,
    host_of,
    only_cve,
    parse_purl,
    publisher_in,
    purl_version,
    short_name,
)
from haidang.engine.advisories.json_parcel import Piece, misshapen, pieces
from haidang.engine.advisories.stamps import day, moment
from haidang.engine.advisories.yaml_parcel import yaml_pieces
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Unread


@pytest.mark.parametrize(
    ("written", "bare", "version"),
    [
        ("pkg:npm/%40scope/name@1.2.3", "pkg:npm/%40scope/name", "1.2.3"),
        ("pkg:rpm/redhat/c-ares@1.13-9.el8?arch=src&epoch=1", "pkg:rpm/redhat/c-ares?arch=src", "1:1.13-9.el8"),
        ("pkg:golang/example.com/mod/v2@v2.0.1#sub/path", "pkg:golang/example.com/mod/v2", "v2.0.1"),
        (
            "pkg:deb/debian/zlib@1%3A1.2.13%2Bdeb12u1?distro=bookworm",
            "pkg:deb/debian/zlib?distro=bookworm",
            "1:1.2.13+deb12u1",
        ),
        ("pkg:pypi/django", "pkg:pypi/django", ""),
    ],
)
def test_a_package_url_loses_its_version_and_nothing_else(written: str, bare: str, version: str) -> None:
    purl = parse_purl(written)
    assert purl
    assert bare_purl(written) == bare
    assert purl_version(purl) == version


@pytest.mark.parametrize("written", ["", "pkg:", "pkg:npm", "http://x/y", "pkg:npm/"])
def test_what_is_no_package_url_is_none(written: str) -> None:
    assert bare_purl(written) == ""


@given(st.text(max_size=30))
def test_percent_encoding_can_be_undone(text: str) -> None:
    assert decoded(encoded(text)) == text


def test_a_flaw_is_named_by_its_cve_only_where_there_is_one() -> None:
    assert only_cve(["GHSA-x", "cve-2024-1234", "CVE-2024-1234"]) == "CVE-2024-1234"
    assert only_cve(["CVE-2024-1234", "CVE-2024-1235"]) == ""
    assert only_cve(["CVE-24-1", "GHSA-x"]) == ""


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://www.cisa.gov/", "cisa"),
        ("https://fortiguard.fortinet.com/psirt", "fortinet"),
        ("https://www.bsi.bund.de", "bsi"),
        ("https://psirt.example.co.uk/x", "example"),
        ("msrc.microsoft.com", "microsoft"),
    ],
)
def test_a_publisher_is_called_after_its_host(address: str, name: str) -> None:
    assert short_name(host_of(address)) == name


def test_a_publisher_is_found_in_its_contact() -> None:
    assert publisher_in("Email: psirt@cisco.com\nSupport") == "cisco"
    assert publisher_in("Website: https://fortiguard.fortinet.com/faq") == "fortinet"
    assert publisher_in("ask us") == ""
    assert host_of("no address") == ""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2023-10-26T23:04:01Z", "2023-10-26T23:04:01Z"),
        ("2023-10-26T23:04:01.123456Z", "2023-10-26T23:04:01Z"),
        ("2023-11-09T06:15:24.290", "2023-11-09T06:15:24Z"),
        ("2024-03-05T02:00:00+07:00", "2024-03-04T19:00:00Z"),
        ("2022-02-04T00:00:00+0000", "2022-02-04T00:00:00Z"),
        ("2021-10-27T19:15Z", "2021-10-27T19:15:00Z"),
        ("2021-10-27", "2021-10-27T00:00:00Z"),
        ("2021-10-27 19:15:00", "2021-10-27T19:15:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00+14:00", ""),
        ("2021-13-40", ""),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_a_time_of_any_shape_becomes_one_that_sorts(written: str, expected: str) -> None:
    assert moment(written) == expected


def test_a_day_that_stands_for_none_is_none() -> None:
    assert day("2024-03-05T23:30:00-02:00") == "2024-03-06"
    assert day("0001-01-01T00:00:00Z") == ""
    assert day("1970-01-01") == ""
    assert day("soon") == ""


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", ("3.1", 9.8)),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", ("3.1", 10.0)),
        ("CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N", ("3.0", 3.3)),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", ("3.1", 0.0)),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N/E:P/RL:O/RC:C", ("3.1", 5.4)),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", ("2.0", 10.0)),
        ("(AV:N/AC:M/Au:N/C:N/I:P/A:N)", ("2.0", 4.3)),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", None),
        ("CVSS:3.1/AV:N", None),
        ("CVSS:3.1/AV:Z/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", None),
        ("HIGH", None),
    ],
)
def test_a_vector_has_the_score_that_its_standard_gives(vector: str, expected: tuple[str, float] | None) -> None:
    assert base_score(vector) == expected


def test_a_parcel_is_one_document_a_list_or_a_line_each() -> None:
    unread: list[Unread] = []
    assert pieces(b'\xef\xbb\xbf{"a": 1}', "x", unread, "t") == [Piece({"a": 1}, "", 1)]
    assert pieces(b"[1, 2]", "x", unread, "t") == [Piece(1, "/0", 1), Piece(2, "/1", 1)]
    assert pieces(b'{"a": 1}\n\n{"b": 2}\n', "x", unread, "t") == [
        Piece({"a": 1}, "line 1", 1),
        Piece({"b": 2}, "line 3", 3),
    ]
    assert unread == []
    pieces(b'{"a": 1}\n{"b": \n', "x", unread, "t")
    assert [row.source.line for row in unread] == [2]
    for broken in (b'{"a": 1', b'{\n"a": 1\n', b"1\n2\n", b"nonsense"):
        with pytest.raises(UnreadableParcel, match="no sound JSON"):
            pieces(broken, "x", unread, "t")


def test_a_shape_that_is_not_as_expected_is_told_with_its_place() -> None:
    tree: dict[str, object] = {"name": str, "size": float, "is": bool, "any": object}
    tree["below"] = [tree]
    content = {"name": 1, "size": True, "is": "yes", "any": [1], "below": [{"below": {}}, 7, {"name": None}], "else": 1}
    told = [row.why for row in misshapen(Piece(content, "/3", 1), tree, "x", "t")]
    assert told == [
        "/3/name: không phải chữ / not a text",
        "/3/size: không phải số / not a number",
        "/3/is: không phải true hoặc false / not true or false",
        "/3/below/0/below: không phải danh sách / not a list",
        "/3/below/1: không phải đối tượng / not an object",
    ]


def test_yaml_keeps_every_scalar_as_it_is_written() -> None:
    text = (
        b"version: 1.10\nday: 2024-05-06\nyes: yes\nnothing: ~\nempty:\ntext: ''\nlist: [1.0, 0x10]\n---\nsecond: 1\n"
    )
    first, second = yaml_pieces(text, "x")
    assert first.content == {
        "version": "1.10",
        "day": "2024-05-06",
        "yes": "yes",
        "nothing": None,
        "empty": None,
        "text": "",
        "list": ["1.0", "0x10"],
    }
    assert (second.content, second.pointer, second.line) == ({"second": "1"}, "line 8", 8)
