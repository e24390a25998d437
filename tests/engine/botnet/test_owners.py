"""Who answered for an address at the minute: cases that people would argue about, and random ones against the plain way."""

import datetime as dt
import ipaddress
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_owners import outcome, owners

from haidang.engine.botnet.address_list import ROWS, make_list
from haidang.engine.botnet.match import is_reserved, match
from haidang.engine.botnet.networks import make_networks

UTC = dt.UTC


def nets(*rows: tuple[str, str, str | None, str | None]) -> pl.DataFrame:
    def day(text: str | None) -> dt.date | None:
        return dt.date.fromisoformat(text) if text else None

    return pl.DataFrame(
        [
            {"agency": a, "network": n, "valid_from": day(f), "valid_to": day(t), "file": "n.csv", "line": i}
            for i, (a, n, f, t) in enumerate(rows, 2)
        ],
        schema={
            "agency": pl.String,
            "network": pl.String,
            "valid_from": pl.Date,
            "valid_to": pl.Date,
            "file": pl.String,
            "line": pl.Int64,
        },
    )


def ask(
    address: str, seen: str | None, *networks: tuple[str, str, str | None, str | None]
) -> tuple[str, list[tuple[Any, ...]]]:
    listed = make_list(
        "x",
        "x.csv",
        pl.DataFrame(
            {"address": [address], "seen": [seen], "line": [2]},
            schema={"address": pl.String, "seen": pl.String, "line": pl.Int64},
        ),
    )
    assert not listed.unread
    found, answers = match(listed.rows, make_networks(nets(*networks)))
    return found[0], answers.select("agency", "stand", "network").rows()


def test_an_address_is_its_holders() -> None:
    assert ask("8.8.8.8", "2026-01-26 10:00", ("a", "8.8.8.0/24", None, None)) == (
        "owned",
        [("a", "held", "8.8.8.0/24")],
    )


def test_an_address_of_nobody_is_unowned() -> None:
    assert ask("8.8.9.8", "2026-01-26 10:00", ("a", "8.8.8.0/24", None, None)) == ("unowned", [])


def test_an_address_that_was_given_back_is_told_apart_from_unowned() -> None:
    told = ask("8.8.8.8", "2026-01-26 10:00", ("a", "8.8.8.0/24", None, "2025-12-31"))
    assert told == ("not_then", [("a", "not_then", "8.8.8.0/24")])


@pytest.mark.parametrize(("seen", "agency"), [("2025-12-31 23:59:59", "a"), ("2026-01-01 00:00:00", "b")])
def test_an_address_that_changed_hands_at_midnight_is_the_one_who_held_it_at_that_second(
    seen: str, agency: str
) -> None:
    networks = (("a", "8.8.8.0/24", None, "2025-12-31"), ("b", "8.8.8.0/24", "2026-01-01", None))
    found, answers = ask("8.8.8.8", seen, *networks)
    assert found == "owned"
    assert [row[0] for row in answers if row[1] == "held"] == [agency]


def test_a_month_in_which_an_address_changed_hands_is_unclear() -> None:
    networks = (("a", "8.8.8.0/24", None, "2026-01-15"), ("b", "8.8.8.0/24", "2026-01-16", None))
    assert ask("8.8.8.8", "01/2026", *networks)[0] == "unclear_time"


def test_a_row_without_time_is_proven_only_by_a_holding_without_an_end() -> None:
    assert ask("8.8.8.8", None, ("a", "8.8.8.0/24", None, None))[0] == "owned"
    assert ask("8.8.8.8", None, ("a", "8.8.8.0/24", "2020-01-01", None))[0] == "unclear_time"


def test_a_holding_that_was_renewed_is_one() -> None:
    networks = (("a", "8.8.8.0/24", "2024-01-01", "2025-12-31"), ("a", "8.8.8.0/25", "2026-01-01", None))
    assert ask("8.8.8.8", "26/01/2026", *networks)[0] == "owned"
    assert ask("8.8.8.8", "31/12/2025", *networks)[0] == "owned"


def test_a_renewal_within_a_wider_network_counts_over_the_day_of_change() -> None:
    networks = (("a", "8.8.0.0/16", "2024-01-01", "2026-01-15"), ("a", "8.8.8.0/24", "2026-01-16", None))
    assert ask("8.8.8.8", "01/2026", *networks)[0] == "owned"


def test_two_agencies_that_both_declare_a_network_are_both_named() -> None:
    found, answers = ask("8.8.8.8", "2026-01-26 10:00", ("a", "8.8.0.0/16", None, None), ("b", "8.8.8.8", None, None))
    assert found == "several_owners"
    assert answers == [("a", "held", "8.8.0.0/16"), ("b", "held", "8.8.8.8/32")]


def test_a_listed_network_concerns_each_agency_that_it_runs_over() -> None:
    networks = (("a", "8.8.8.0/26", None, None), ("b", "8.8.8.128/25", None, None), ("c", "8.8.9.0/24", None, None))
    found, answers = ask("8.8.8.0/24", "2026-01-26 10:00", *networks)
    assert found == "several_owners"
    assert [row[0] for row in answers] == ["a", "b"]


def test_private_addresses_are_nobodys_unless_somebody_declares_them() -> None:
    assert ask("10.1.2.3", "2026-01-26 10:00", ("a", "8.8.8.0/24", None, None))[0] == "private_or_reserved"
    assert ask("fe80::1", "2026-01-26 10:00")[0] == "private_or_reserved"
    assert ask("10.1.2.3", "2026-01-26 10:00", ("a", "10.1.0.0/16", None, None))[0] == "owned"


def test_an_address_wrapped_in_ipv6_is_the_ipv4_address() -> None:
    assert ask("::ffff:8.8.8.8", "2026-01-26 10:00", ("a", "8.8.8.0/24", None, None))[0] == "owned"


def test_a_network_written_from_to_is_held_to_its_last_address() -> None:
    network = ("a", "8.8.8.5-8.8.8.9", None, None)
    assert ask("8.8.8.9", "2026-01-26 10:00", network)[0] == "owned"
    assert ask("8.8.8.10", "2026-01-26 10:00", network)[0] == "unowned"


def test_networks_that_can_not_be_read_are_told() -> None:
    networks = make_networks(nets(("a", "8.8.8.0/33", None, None), ("a", "8.8.8.0/24", "2026-01-02", "2026-01-01")))
    assert [row.source.line for row in networks.unread] == [2, 3]


DAYS = st.none() | st.integers(0, 12).map(lambda n: dt.date(2026, 1, 1) + dt.timedelta(days=n))
BASES = {4: int(ipaddress.ip_address("8.8.8.0")), 6: int(ipaddress.ip_address("2600::"))}


@st.composite
def network(draw: st.DrawFn) -> dict[str, Any]:
    version = draw(st.sampled_from([4, 6]))
    whole = 32 if version == 4 else 128
    length = draw(st.integers(whole - 6, whole))
    base = BASES[version] + draw(st.integers(0, 63))
    since, until = draw(DAYS), draw(DAYS)
    if since and until and since > until:
        since, until = until, since
    text = str(ipaddress.ip_network((base, length), strict=False))
    return {"agency": draw(st.sampled_from("abc")), "network": text, "valid_from": since, "valid_to": until}


@st.composite
def listed(draw: st.DrawFn) -> dict[str, Any]:
    version = draw(st.sampled_from([4, 6]))
    first = BASES[version] + draw(st.integers(0, 70))
    last = first + draw(st.just(0) | st.integers(0, 20))
    seen = draw(st.none() | st.datetimes(dt.datetime(2025, 12, 30), dt.datetime(2026, 1, 16), timezones=st.just(UTC)))
    until = seen + draw(st.just(dt.timedelta()) | st.timedeltas(dt.timedelta(), dt.timedelta(days=3))) if seen else None
    return {"version": version, "first": first, "last": last, "seen": seen, "seen_until": until}


@settings(max_examples=400, deadline=None)
@given(st.lists(network(), max_size=8), st.lists(listed(), min_size=1, max_size=8))
def test_the_fast_way_agrees_with_the_plain_way(networks: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    low = (1 << 64) - 1
    frame = pl.DataFrame(
        [
            {
                "version": r["version"],
                "first_hi": r["first"] >> 64,
                "first_lo": r["first"] & low,
                "last_hi": r["last"] >> 64,
                "last_lo": r["last"] & low,
                "seen": r["seen"],
                "seen_until": r["seen_until"],
            }
            for r in rows
        ],
        schema={
            name: ROWS[name] for name in ("version", "first_hi", "first_lo", "last_hi", "last_lo", "seen", "seen_until")
        },
    )
    table = nets(*(("x", "8.8.8.8", None, None),)).clear()
    if networks:
        table = pl.DataFrame(
            networks, schema={name: table.schema[name] for name in ("agency", "network", "valid_from", "valid_to")}
        ).with_columns(file=pl.lit("n"), line=pl.lit(1, pl.Int64))
    found, answers = match(frame, make_networks(table))
    for place, row in enumerate(rows):
        expected = owners(row, networks)
        got = dict(answers.filter(pl.col("row") == place).select("agency", "stand").rows())
        assert got == expected
        assert found[place] == outcome(expected, reserved=bool(is_reserved(frame)[place]))
