"""The machine behind a public address: by session, by block of ports, by destination alone, by lease, or not at all."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haidang.engine.botnet.nat import NatRow, from_rows, join_logs, no_logs, read_log, resolve
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source

HOSTS = pl.DataFrame(
    {"agency": ["a", "a", "b"], "host": ["PC1", "PC2", "PCB"], "address": ["10.0.0.1", "10.0.0.2", "10.0.0.1"]}
)
NAT = "start,end,private ip,src port,public ip,public port,dst ip\n"
SECOND = dt.timedelta(seconds=1)


def sighting(
    port: int | None = 51544,
    seen: str = "2026-01-26T02:00:00",
    cc: str | None = None,
    precision: str = "exact",
    address: str = "203.0.113.2",
) -> pl.DataFrame:
    at = dt.datetime.fromisoformat(seen).replace(tzinfo=dt.UTC)
    until = at + dt.timedelta(days=1) if precision == "day" else at
    return pl.DataFrame(
        {
            "row": [0],
            "agency": ["a"],
            "address": [address],
            "port": [port],
            "seen": [at],
            "seen_until": [until],
            "precision": [precision],
            "cc_address": [cc],
        },
        schema_overrides={
            "row": pl.UInt32,
            "port": pl.UInt16,
            "seen": pl.Datetime("us", "UTC"),
            "seen_until": pl.Datetime("us", "UTC"),
            "cc_address": pl.String,
        },
    )


def find(asked: pl.DataFrame, *files: str, skew: dt.timedelta = SECOND) -> dict[str, Any]:
    log = join_logs([read_log(text.encode(), f"log{n}.csv") for n, text in enumerate(files)])
    return resolve(asked, log, HOSTS, skew).to_dicts()[0]


def session(start: str, end: str, inner: str, port: str, far: str = "198.51.100.7") -> str:
    return f"2026-01-26 {start},{'2026-01-26 ' + end if end else ''},{inner},1234,203.0.113.2,{port},{far}\n"


def test_a_session_over_the_instant_with_the_port_is_exact() -> None:
    log = (
        NAT
        + session("08:59:00", "09:01:00", "10.0.0.1", "51544")
        + session("08:59:00", "09:01:00", "10.0.0.2", "51545")
    )
    found = find(sighting(), log)
    assert (found["confidence"], found["inner"], found["host"], found["log_line"]) == ("exact", "10.0.0.1", "PC1", 2)


def test_a_session_that_ended_before_is_no_candidate_but_for_the_skew_of_clocks() -> None:
    log = NAT + session("08:50:00", "08:59:50", "10.0.0.1", "51544") + session("10:00:00", "10:00:01", "10.0.0.2", "9")
    assert (find(sighting(), log)["confidence"], find(sighting(), log)["ground"]) == ("none", "no_session")
    assert find(sighting(), log, skew=10 * SECOND)["confidence"] == "exact"


def test_two_machines_with_the_port_at_that_time_are_several_and_none_is_named() -> None:
    log = (
        NAT
        + session("08:59:00", "09:01:00", "10.0.0.1", "51544")
        + session("08:59:30", "09:01:00", "10.0.0.2", "51544")
    )
    found = find(sighting(), log)
    assert (found["confidence"], found["inner"], found["candidates"]) == ("several", None, 2)


def test_of_two_sessions_the_one_to_the_listed_far_end_is_it() -> None:
    log = (
        NAT
        + session("08:59:00", "09:01:00", "10.0.0.1", "51544")
        + session("08:59:30", "09:01:00", "10.0.0.2", "51544", "192.0.2.9")
    )
    assert find(sighting(cc="198.51.100.7"), log)["inner"] == "10.0.0.1"
    other = NAT + session("08:59:30", "09:01:00", "10.0.0.2", "51544", "192.0.2.9")
    assert find(sighting(cc="198.51.100.7"), other)["confidence"] == "likely"
    assert find(sighting(cc="c2.example"), other)["confidence"] == "exact"


def test_a_session_whose_end_is_not_logged_is_only_likely_later_on() -> None:
    log = NAT + session("08:58:00", "", "10.0.0.1", "51544")
    assert find(sighting(), log)["confidence"] == "likely"
    assert find(sighting(seen="2026-01-26T01:58:00"), log)["confidence"] == "exact"
    assert find(sighting(seen="2026-01-26T02:30:00"), log)["confidence"] == "none"


def test_without_a_port_one_machine_that_spoke_to_the_far_end_is_likely() -> None:
    log = (
        NAT
        + session("08:58:00", "08:58:10", "10.0.0.1", "5")
        + session("08:59:00", "08:59:10", "10.0.0.2", "6", "192.0.2.9")
    )
    found = find(sighting(port=None, cc="198.51.100.7"), log)
    assert (found["confidence"], found["inner"]) == ("likely", "10.0.0.1")
    assert find(sighting(port=None), log)["confidence"] == "several"


def test_a_block_of_ports_names_its_subscriber() -> None:
    log = "Bắt đầu,Kết thúc,IP nội bộ,IP công cộng,Dải cổng\n26/01/2026 08:00,26/01/2026 10:00,10.0.0.1,203.0.113.2,51200-51711\n26/01/2026 08:00,26/01/2026 10:00,10.0.0.2,203.0.113.2,51712-52223\n"
    assert find(sighting(), log)["inner"] == "10.0.0.1"
    assert find(sighting(port=51712), log)["inner"] == "10.0.0.2"
    assert find(sighting(port=1024), log)["confidence"] == "none"


def test_a_day_alone_is_never_exact() -> None:
    log = NAT + session("09:00:00", "09:01:00", "10.0.0.1", "51544")
    assert find(sighting(seen="2026-01-25T17:00:00", precision="day"), log)["confidence"] == "likely"


def test_the_lease_of_that_minute_names_the_machine() -> None:
    log = NAT + session("08:59:00", "09:01:00", "10.0.0.1", "51544")
    leases = "IP,MAC,Tên máy,Bắt đầu,Hết hạn\n10.0.0.1,AA-BB-CC-00-11-22,LAPTOP-7,26/01/2026 08:00,26/01/2026 12:00\n10.0.0.1,AA-BB-CC-00-11-33,LAPTOP-8,26/01/2026 13:00,26/01/2026 14:00\n"
    found = find(sighting(), log, leases)
    assert (found["host"], found["mac"]) == ("LAPTOP-7", "aa:bb:cc:00:11:22")


def test_a_proxy_names_a_machine_of_the_agency_alone() -> None:
    proxy = "time,client ip,url\n2026-01-26 09:01:00,10.0.0.2,http://198.51.100.7/gate.php\n"
    found = find(sighting(port=None, cc="198.51.100.7"), proxy)
    assert (found["confidence"], found["host"], found["ground"]) == ("likely", "PC2", "proxy")
    stranger = "time,client ip,url\n2026-01-26 09:01:00,10.9.9.9,http://198.51.100.7/gate.php\n"
    assert find(sighting(port=None, cc="198.51.100.7"), stranger)["confidence"] == "none"


def test_a_machine_with_the_listed_address_is_itself() -> None:
    found = find(sighting(address="10.0.0.2"))
    assert (found["confidence"], found["host"], found["ground"]) == ("exact", "PC2", "hosts")


def test_no_log_of_an_address_and_none_of_that_time_are_told_apart() -> None:
    assert find(sighting())["ground"] == "no_log"
    assert find(sighting(), NAT + session("01:00:00", "01:10:00", "10.0.0.1", "51544"))["ground"] == "not_covered"


def test_records_of_another_reader_count_like_rows_of_a_table() -> None:
    at = dt.datetime(2026, 1, 26, 2, 0, tzinfo=dt.UTC)
    log = from_rows([NatRow(at, at + SECOND, "10.0.0.1", "203.0.113.2", 51544, source=Source("fw.log", 7))])
    found = resolve(sighting(), log, HOSTS, SECOND).to_dicts()[0]
    assert (found["confidence"], found["host"], found["log_file"], found["log_line"]) == ("exact", "PC1", "fw.log", 7)


def test_a_table_of_something_else_is_refused() -> None:
    with pytest.raises(UnreadableParcel, match="inner addresses"):
        read_log(b"a,b\n1,2\n", "x.csv")


def test_rows_without_time_or_address_are_told() -> None:
    log = read_log(
        (NAT + session("09:00:00", "", "10.0.0.1", "5") + "x,,10.0.0.1,1,203.0.113.2,5,\n").encode(), "x.csv"
    )
    assert [row.source.line for row in log.unread] == [3]
    assert log.translations.height == 1
    assert no_logs().visits.is_empty()


MINUTES = st.integers(0, 4000)
BEGIN = dt.datetime(2026, 1, 26, tzinfo=dt.UTC)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            MINUTES,
            st.none() | st.integers(0, 3000),
            st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
            st.sampled_from([None, (100, 100), (100, 109)]),
            st.sampled_from(["", "198.51.100.7"]),
        ),
        max_size=8,
    ),
    st.lists(
        st.tuples(MINUTES, st.none() | st.integers(99, 110), st.sampled_from([None, "198.51.100.7", "198.51.100.8"])),
        min_size=1,
        max_size=4,
    ),
)
def test_the_fast_way_finds_the_machines_that_the_plain_way_finds(logged: list[Any], seen: list[Any]) -> None:
    log = from_rows(
        NatRow(
            BEGIN + dt.timedelta(minutes=at),
            None if lasts is None else BEGIN + dt.timedelta(minutes=at + lasts),
            inner,
            "203.0.113.2",
            *(ports or (0, 0)),
            destination=far,
        )
        for at, lasts, inner, ports, far in logged
    )
    asked = pl.concat(
        [
            sighting(port, (BEGIN + dt.timedelta(minutes=at)).replace(tzinfo=None).isoformat(), cc).with_columns(
                row=pl.lit(n, pl.UInt32)
            )
            for n, (at, port, cc) in enumerate(seen)
        ]
    )
    found = resolve(asked, log, HOSTS.clear(), SECOND)
    for row, (at, port, cc) in zip(found.to_dicts(), seen, strict=True):
        assert (row["confidence"], row["inner"]) == plainly(logged, at, port, cc)


def plainly(logged: list[Any], at: int, port: int | None, cc: str | None) -> tuple[str, str | None]:
    """Find the machine one row at a time; clocks differ by a second, so minutes touch where they are equal."""
    ranks: dict[int, set[str]] = {}
    for begin, lasts, inner, ports, far in logged:
        end = None if lasts is None else begin + lasts
        there, elsewhere = bool(far) and far == cc, bool(far and cc) and far != cc
        if port is not None:
            fits = (ports is None or ports[0] <= port <= ports[1]) and begin <= at <= (
                begin + 5 if end is None else end
            )
            sure = (end is not None or at == begin or ports is None) and not elsewhere
        else:
            fits = not elsewhere and begin - 5 <= at <= (begin if end is None else end) + 5
            sure = False
        if fits:
            ranks.setdefault(0 if sure and there else 1 if sure else 2, set()).add(inner)
    if not ranks:
        return "none", None
    best = min(ranks)
    inners = ranks[best]
    return ("several", None) if len(inners) > 1 else ("likely" if best == 2 else "exact", next(iter(inners)))
