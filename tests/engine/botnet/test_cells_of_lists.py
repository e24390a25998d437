"""Addresses and times of lists: a column at a time gives what one at a time gives, and what the standard library gives."""

import datetime as dt
import ipaddress

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from haidang.engine.botnet.address_list import make_list, spell
from haidang.engine.botnet.addresses import format_span, read_address, read_addresses
from haidang.engine.botnet.times import read_moment, read_times
from haidang.engine.calendar import ICT

TEXTS = (
    st.text(alphabet="0123456789.:/-[]+ abcdefx", max_size=24)
    | st.ip_addresses().map(str)
    | st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,4}){3}", fullmatch=True)
)


@settings(max_examples=500, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6))
@example(["+1.2.3.4", "1.2.3.4"])
@example([" 1.2.3.4", "1.2.3.-4", "1.2.3.4.5", "1..2.3"])
def test_a_column_of_addresses_reads_as_each_of_them(texts: list[str]) -> None:
    read = read_addresses(pl.Series(texts))
    for text, row in zip(texts, read.to_dicts(), strict=True):
        alone = read_address(text)
        if isinstance(alone, str):
            assert row["version"] is None
            assert row["why"]
        elif row["version"] is None:
            assert "quá rộng" in row["why"]
        else:
            assert row["version"] == alone.version
            assert row["first_hi"] << 64 | row["first_lo"] == alone.first
            assert row["last_hi"] << 64 | row["last_lo"] == alone.last
            assert row["port_beside"] == alone.port


@settings(max_examples=300, deadline=None)
@given(st.ip_addresses())
def test_an_address_reads_as_the_standard_library_reads_it(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    told = read_address(address.exploded)
    mapped = getattr(address, "ipv4_mapped", None) or address
    assert not isinstance(told, str)
    assert (told.version, told.first, told.last) == (mapped.version, int(mapped), int(mapped))
    assert format_span(told.version, told.first, told.last) == str(mapped)


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("1[.]2[.]3[.]4", "1.2.3.4"), ("1(.)2(.)3(.)4", "1.2.3.4"), ("1[dot]2[dot]3[dot]4", "1.2.3.4"), ("1\\.2\\.3\\.4", "1.2.3.4"),
        ("010.001.000.007", "10.1.0.7"), ("1.2.3.4/32", "1.2.3.4"), ("1.2.3.9/24", "1.2.3.0/24"), ("1.2.3.0/255.255.255.0", "1.2.3.0/24"),
        ("1.2.3.4-1.2.3.7", "1.2.3.4/30"), ("1.2.3.4 – 1.2.3.9", "1.2.3.4-1.2.3.9"), ("1.2.3.4-9", "1.2.3.4-1.2.3.9"), ("1.2.3.4 đến 1.2.3.5", "1.2.3.4/31"),
        ("2001:DB8:0:0::1", "2001:db8::1"), ("fe80::1%eth0", "fe80::1"), ("[2001:db8::1]", "2001:db8::1"), ("::ffff:102:304", "1.2.3.4"), ("2001:db8::/48", "2001:db8::/48"),
    ],
)  # fmt: skip
def test_an_address_has_one_spelling(written: str, spelled: str) -> None:
    assert spell(read_addresses(pl.Series([written])))[0] == spelled


@pytest.mark.parametrize(
    "written",
    [
        "1.2.3",
        "1.2.3.256",
        "1.2.3.4.5",
        "1.2.3.4/33",
        "1.2.3.4:0",
        "1.2.3.4:65536",
        "1.2.3.9-1.2.3.4",
        "1.2.3.4/255.0.255.0",
        "2001:db8::/129",
        "2001:db8::g",
        "0.0.0.0/0",
        "١.2.3.4",
        "1.2.3.4/٢",
    ],
)
def test_what_is_no_address_is_none(written: str) -> None:
    listed = make_list("x", "x", pl.DataFrame({"address": [written], "line": [7]}))
    assert listed.rows.is_empty()
    assert [row.source.line for row in listed.unread] == [7]


@pytest.mark.parametrize(
    "written",
    [
        "26/01/2026 21:05", "26-01-2026 21:05:00", "26.01.2026 21:05", "2026-01-26 21:05", "2026-01-26T21:05:00", "2026/01/26 21:05:00.000", "21:05 26/01/2026",
        "21h05 ngày 26/01/2026", "ngày 26 tháng 01 năm 2026, 21h05", "lúc 21 giờ 05 phút ngày 26/1/2026", "26/01/2026 9:05 PM", "26/01/2026 9:05 CH",
        "2026-01-26T14:05:00Z", "2026-01-26 14:05:00 UTC", "2026-01-26T21:05:00+07:00", "2026-01-26T16:05:00+0200", "26/01/2026 14:05 GMT", "Mon, 26 Jan 2026 21:05:00 +0700",
        "26/Jan/2026:21:05:00 +0700", "26-Jan-2026 21:05", "Jan 26, 2026 21:05", "20260126210500", "20260126T140500Z", "1769436300", "1769436300000", "1769436300000000", "46048.8784722222",
    ],
)  # fmt: skip
def test_a_time_of_any_common_form_is_the_same_instant(written: str) -> None:
    moment = read_moment(written)
    assert moment
    assert (moment.first, moment.last, moment.precision) == (dt.datetime(2026, 1, 26, 14, 5, tzinfo=dt.UTC),) * 2 + (
        "exact",
    )


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("26/01/2026", 24),
        ("2026-01-26", 24),
        ("26 tháng 1 năm 2026", 24),
        ("20260126", 24),
        ("46048", 24),
        ("01/2026", 31 * 24),
        ("tháng 1/2026", 31 * 24),
    ],
)
def test_a_day_or_a_month_alone_is_a_stretch(written: str, hours: int) -> None:
    moment = read_moment(written)
    assert moment
    assert moment.last - moment.first + dt.timedelta(microseconds=1) == dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "x",
        "30/02/2026",
        "26/13/2026",
        "26/01/26",
        "2026-01-26 25:00",
        "26/01/2026 13:05 PM",
        "12345",
        "99999999999999999",
        "1/2/3/4",
    ],
)
def test_what_is_no_time_is_none(written: str) -> None:
    assert read_moment(written) is None


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0)),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(
        ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]
    ),
    st.sampled_from([ICT, dt.UTC]),
)
def test_a_column_of_times_reads_as_each_of_them(times: list[dt.datetime], form: str, zone: dt.tzinfo) -> None:
    texts = [at.strftime(form) for at in times]
    read = read_times(pl.Series(texts), zone)
    only_midnights = all("00:00" in text and text.endswith(("00:00:00", "00:00")) for text in texts)
    for text, row in zip(texts, read.to_dicts(), strict=True):
        alone = read_moment(text, zone)
        assert alone
        assert row["seen"] == alone.first
        assert row["seen_until"] == alone.last or only_midnights


def test_a_column_with_a_month_that_is_none_is_read_month_first() -> None:
    read = read_times(pl.Series(["01/26/2026 10:00", "02/03/2026 11:00"]))
    assert read["seen"].dt.month().to_list() == [1, 2]
    both = read_times(pl.Series(["01/26/2026 10:00", "26/01/2026 11:00"]))
    assert both["seen"].null_count() == 1
