"""Files of indicators of each form come out as lists."""

import json

import polars as pl
import pytest

from haidang.engine.errors import UnreadableParcel
from haidang.engine.indicators.catalogue import gather
from haidang.engine.indicators.formats import read_indicators
from haidang.engine.indicators.formats.stix import parse_pattern
from haidang.engine.indicators.indicator import Bulletin
from haidang.engine.indicators.warning_lists import read_warning_list

Pairs = list[tuple[str, str]]


def pairs(bulletin: Bulletin) -> Pairs:
    return list(bulletin.frame.select("type", "value").iter_rows())


def stix(*objects: dict[str, object]) -> bytes:
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": list(objects)}).encode()


def indicator(pattern: str, **more: object) -> dict[str, object]:
    return {
        "type": "indicator",
        "id": "indicator--1",
        "spec_version": "2.1",
        "pattern": pattern,
        "pattern_type": "stix",
        **more,
    }


PATTERNS: list[tuple[str, Pairs]] = [
    ("[ipv4-addr:value = '192.0.2.1']", [("ipv4", "192.0.2.1")]),
    ("[ipv4-addr:value IN ('192.0.2.1', '192.0.2.0/24')]", [("ipv4", "192.0.2.1"), ("cidr", "192.0.2.0/24")]),
    (
        "[domain-name:value = 'Evil.com' OR url:value = 'http://evil.com/x']",
        [("domain", "evil.com"), ("url", "http://evil.com/x")],
    ),
    ("[file:hashes.'SHA-256' = '" + "ab" * 32 + "']", [("sha256", "ab" * 32)]),
    (
        "[file:hashes.MD5 = '" + "AB" * 16 + "'] OR [file:name = 'a\\'b.exe']",
        [("md5", "ab" * 16), ("file_name", "a'b.exe")],
    ),
    ("[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\\\Software\\\\X']", [("registry_key", "hklm\\software\\x")]),
]


@pytest.mark.parametrize(("pattern", "expected"), PATTERNS)
def test_a_pattern_of_stix_gives_its_indicators(pattern: str, expected: Pairs) -> None:
    assert pairs(read_indicators(stix(indicator(pattern)), "x.json")) == expected


@pytest.mark.parametrize(
    "pattern",
    ["[domain-name:value LIKE 'evil%']", "[url:value MATCHES '^x']", "[file:size > 3]", "[ipv4-addr:value != '192.0.2.1']",
     "[a:b = 'x'] FOLLOWEDBY [c:d = 'y']", "[ipv4-addr:value = '192.0.2.1'", "nonsense", "", "(" * 100, "[" * 100_000]
)  # fmt: skip
def test_a_pattern_that_a_line_cannot_show_is_told_and_not_half_used(pattern: str) -> None:
    bulletin = read_indicators(stix(indicator(pattern)), "x.json")
    assert bulletin.frame.is_empty()
    assert len(bulletin.unread) == 1


def test_parts_of_a_pattern_stay_together() -> None:
    pattern = "[ipv4-addr:value = '192.0.2.1' AND (domain-name:value = 'a.com' OR domain-name:value = 'b.com')]"
    assert len(parse_pattern(pattern)) == 2
    frame = read_indicators(stix(indicator(pattern)), "x.json").frame
    assert frame["together"].n_unique() == 2
    assert frame.height == 4


def test_a_revoked_indicator_of_stix_is_not_looked_for_and_a_light_is_kept() -> None:
    red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
    told = indicator(
        "[ipv4-addr:value = '192.0.2.1']", object_marking_refs=[red], valid_until="2026-01-01T00:00:00Z", confidence=70
    )
    frame = read_indicators(stix(told), "x.json").frame
    assert frame.select("tlp", "confidence").row(0) == ("red", 70)
    assert str(frame["valid_until"][0]).startswith("2026-01-01")
    revoked = read_indicators(stix(indicator("[ipv4-addr:value = '192.0.2.1']", revoked=True)), "x.json")
    assert revoked.frame.is_empty()
    assert revoked.unread


def test_misp_gives_what_is_meant_for_detection() -> None:
    event = {
        "Event": {
            "info": "Emotet", "Orgc": {"name": "CERT X"}, "Tag": [{"name": "tlp:amber"}],
            "Attribute": [
                {"type": "ip-dst|port", "value": "192.0.2.1|443", "to_ids": True},
                {"type": "domain", "value": "evil[.]com", "to_ids": True},
                {"type": "url", "value": "http://good.com/", "to_ids": False},
                {"type": "yara", "value": "rule x {}", "to_ids": True},
                {"type": "md5", "value": "00" * 16, "to_ids": True, "deleted": True},
            ],
            "Object": [{"Attribute": [{"type": "filename|sha256", "value": "a.exe|" + "ab" * 32, "to_ids": True}]}],
        }
    }  # fmt: skip
    bulletin = read_indicators(json.dumps(event).encode(), "event.json")
    assert pairs(bulletin) == [("ipv4", "192.0.2.1"), ("domain", "evil.com"), ("sha256", "ab" * 32)]
    assert bulletin.frame.select("name", "publisher", "tlp").row(0) == ("Emotet", "CERT X", "amber")
    assert len(bulletin.unread) == 2


def test_openioc_keeps_what_stands_together_and_refuses_entities() -> None:
    item = '<IndicatorItem id="{}" condition="is"><Context search="{}"/><Content type="x">{}</Content></IndicatorItem>'
    both = (
        '<Indicator operator="AND">'
        + item.format(1, "FileItem/FileName", "a.exe")
        + item.format(2, "FileItem/Md5sum", "ab" * 16)
        + "</Indicator>"
    )
    single = item.format(3, "PortItem/remoteIP", "192.0.2.1")
    text = f'<ioc xmlns="http://schemas.mandiant.com/2010/ioc" id="i"><definition><Indicator operator="OR">{single}{both}</Indicator></definition></ioc>'
    frame = read_indicators(text.encode(), "x.ioc").frame
    assert list(frame.select("value", "together").iter_rows()) == [
        ("192.0.2.1", ""),
        ("a.exe", "i/1"),
        ("ab" * 16, "i/1"),
    ]
    with pytest.raises(UnreadableParcel):
        read_indicators(b'<!DOCTYPE x [<!ENTITY a "b">]><ioc>&a;</ioc>', "x.ioc")


def test_tables_are_read_by_their_headings_or_their_values() -> None:
    table = "Loại,Dấu hiệu,Họ mã độc\nIP,192.0.2[.]1,Mirai\nTên miền,evil[.]com,Emotet\nkhác,???,x\n"
    bulletin = read_indicators(table.encode(), "x.csv")
    assert pairs(bulletin) == [("ipv4", "192.0.2.1"), ("domain", "evil.com")]
    assert bulletin.frame["name"].to_list() == ["Mirai", "Emotet"]
    assert [one.source.line for one in bulletin.unread] == [4]
    abuse = (
        '# Feodo\n# "first_seen_utc","dst_ip","dst_port","malware"\n"2026-01-01 00:00:00","192.0.2.7","443","Dridex"\n'
    )
    assert pairs(read_indicators(abuse.encode(), "feodo.csv")) == [("ipv4", "192.0.2.7")]


def test_lists_of_any_kind_are_read_line_by_line() -> None:
    text = "# list\n192.0.2.1\n0.0.0.0 evil.com\n||bad.com^\n192.0.2.8-192.0.2.9\nhttp://x.com/a # seen\n???\n"
    bulletin = read_indicators(text.encode(), "list.txt")
    assert pairs(bulletin) == [
        ("ipv4", "192.0.2.1"), ("domain", "evil.com"), ("domain", "bad.com"), ("cidr", "192.0.2.8/31"), ("url", "http://x.com/a"),
    ]  # fmt: skip
    assert [one.source.line for one in bulletin.unread] == [7]


def test_a_letter_gives_what_it_names_and_nothing_that_only_looks_so() -> None:
    text = (
        "Công văn số 12/CATTT-NCSC ngày 05/02/2024. Phiên bản 10.0.19045.3324 và tệp svchost.exe, setup.dll.\n"
        "Máy chủ điều khiển: 192.0.2[.]66, evil[.]com:8080, hxxp://tai-ve[.]vn/cap-nhat.php.\n"
        f"Mã băm: {'ab' * 16}. Liên hệ: ais@mic.gov.vn\n"
    )
    found = pairs(read_indicators(text.encode(), "letter.txt"))
    assert ("ipv4", "192.0.2.66") in found
    assert ("domain", "evil.com") in found
    assert ("url", "http://tai-ve.vn/cap-nhat.php") in found
    assert ("md5", "ab" * 16) in found
    assert ("file_name", "svchost.exe") in found
    assert not [value for type_, value in found if type_ == "ipv4" and value.startswith("10.")]


def test_rows_that_say_the_same_become_one_with_the_strictest_light() -> None:
    one = read_indicators(b"type,value,tlp,source\nip,192.0.2.1,green,A\n", "a.csv")
    two = read_indicators(b"type,value,tlp,source\nip,192.0.2.1,red,B\nip,192.0.2.2,green,B\n", "b.csv")
    catalogue = gather([one, two], ())
    assert catalogue.doubles == 1
    rows = {row["value"]: row for row in catalogue.frame.iter_rows(named=True)}
    assert (rows["192.0.2.1"]["tlp"], rows["192.0.2.1"]["publisher"]) == ("red", "A; B")


WARNED = [
    ("domain", "gov.vn", True), ("domain", "so.hai-trieu.gov.vn", True), ("url", "http://so.gov.vn/shell.php", False),
    ("url", "http://so.gov.vn/", True), ("domain", "notgov.vn", False), ("ipv4", "8.8.8.8", True), ("cidr", "8.8.8.0/24", True),
    ("ipv4", "8.8.8.9", False), ("ipv4", "10.1.1.1", True), ("domain", "google.com", True), ("domain", "evil.google.com", False),
    ("host", "google.com", True), ("url", "http://8.8.8.8/", True), ("url", "http://8.8.8.8/x", False),
    ("url", "http://10.0.0.1/", True), ("domain", "www.facebook.com", True), ("file_name", "cmd.exe", True), ("file_name", "evil.exe", False),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "value", "kept_off"), WARNED)
def test_our_own_lists_keep_off_what_everybody_uses(type_: str, value: str, kept_off: bool) -> None:
    from haidang.intelligence import read_lists

    bulletin = read_indicators(
        f"type,value\n{type_ if type_ not in ('ipv4', 'cidr') else 'ip'},{value}\n".encode(), "x.csv"
    )
    catalogue = gather([bulletin], read_lists(None))
    assert catalogue.frame.is_empty() is kept_off


def test_a_list_of_misp_is_read_without_its_expressions() -> None:
    told = {"name": "n", "description": "d", "type": "cidr", "list": ["192.0.2.0/24"], "version": 1}
    assert read_warning_list(json.dumps(told).encode(), "x.json").values == ("192.0.2.0/24",)
    told["type"] = "regex"
    assert read_warning_list(json.dumps(told).encode(), "x.json").values == ()


def test_hostile_files_are_refused_or_read_without_harm() -> None:
    for data in (b"", b"\0\0", b"{" * 100_000, b'{"Event": {}}', b"[1, 2", b"\xff\xfe\x00", b"PK\x03\x04broken"):
        try:
            bulletin = read_indicators(data, "x.json")
        except UnreadableParcel:
            continue
        assert isinstance(bulletin.frame, pl.DataFrame)


def test_a_table_without_headings_is_read_by_the_kinds_in_it() -> None:
    rows = "2026-03-01 02:56:02,JR,domain,vidars.su,,https://x.example/1\n2026-03-01 02:57:00,JR,ip,192.0.2.1,,https://x.example/2\n"
    assert pairs(read_indicators(rows.encode(), "20260301.csv")) == [("domain", "vidars.su"), ("ipv4", "192.0.2.1")]


def test_a_row_that_names_several_things_gives_them_all() -> None:
    table = f"sha256_hash,md5_hash,signature\n{'ab' * 32},{'cd' * 16},X\n"
    assert pairs(read_indicators(table.encode(), "x.csv")) == [("sha256", "ab" * 32), ("md5", "cd" * 16)]
    assert pairs(read_indicators(b"ip,domain\n192.0.2.1,evil.com\n", "x.csv")) == [
        ("domain", "evil.com"),
        ("ipv4", "192.0.2.1"),
    ]


def test_files_in_a_list_are_no_domains() -> None:
    assert pairs(read_indicators(b"evil.com\nsvch0st.exe\ninvoice.docm\n", "x.txt")) == [
        ("domain", "evil.com"), ("file_name", "svch0st.exe"), ("file_name", "invoice.docm"),
    ]  # fmt: skip


def test_the_latest_revision_of_an_object_of_stix_counts() -> None:
    first = indicator("[domain-name:value = 'evil.com']", modified="2026-01-01T00:00:00Z")
    later = indicator("[domain-name:value = 'evil.com']", modified="2026-01-02T00:00:00Z", revoked=True)
    for order in ((first, later), (later, first)):
        assert read_indicators(stix(*order), "x.json").frame.is_empty()


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": ["http://x.com/"]}',
        b"<stix:STIX_Package/>",
        b"d41d8cd98f00b204e9800998ecf8427e,5a1b2c3d-0000-4000-8000-000000000000\n",
    ],
)
def test_what_has_a_form_of_its_own_that_is_not_known_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableParcel):
        read_indicators(data, "hashes.csv")


def test_zones_and_resolvers_lists_give_their_names() -> None:
    zone = b"$TTL 60\n@ IN SOA localhost. root. (1 2 3 4 5)\n  IN NS localhost.\nevil.com CNAME .\n*.evil.com CNAME .\nbad.net IN CNAME rpz-drop.\n"
    assert [value for _, value in pairs(read_indicators(zone, "x.rpz"))] == ["evil.com", "evil.com", "bad.net"]
    assert pairs(read_indicators(b"address=/evil.com/0.0.0.0\nlocal=/bad.net/\n", "x.conf")) == [
        ("domain", "evil.com"),
        ("domain", "bad.net"),
    ]


def test_versions_and_words_in_a_text_are_no_addresses() -> None:
    text = "Đơn vị dùng phiên bản 8.8.15.1 và bản 9.0.0.1 của hệ thống.các đơn vị khác rà soát 192.0.2.7 trong báo cáo này.\nXin cảm ơn.\n"
    assert pairs(read_indicators(text.encode(), "x.txt")) == [("ipv4", "192.0.2.7")]


def test_a_time_at_the_very_edge_of_the_calendar_is_none_and_stops_nothing() -> None:
    from haidang.engine.indicators.times import read_time

    assert read_time("0001-01-01T00:00:00+14:00") is None
    assert read_time("9999-12-31T23:59:59-14:00") is None
