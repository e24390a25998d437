"""Closings, and list beside list."""

import datetime as dt

import polars as pl
import pytest

from haidang.engine.botnet.address_list import make_list
from haidang.engine.botnet.closing import close, read_closings, write_closings
from haidang.engine.botnet.compare import compare
from haidang.engine.errors import UnreadableParcel

HEAD = "address,closed,outcome,host,evidence\n"


def state(seen: str, *closings: str) -> str:
    listed = make_list("x", "x.csv", pl.DataFrame({"address": ["203.0.113.2"], "seen": [seen], "line": [2]}))
    rows = listed.rows.with_row_index("row").with_columns(agency=pl.lit("a"))
    frame, unread = read_closings((HEAD + "".join(f"{one}\n" for one in closings)).encode(), "c.csv", "a")
    assert not unread
    return str(close(rows, frame)["state"][0])


def test_what_nobody_closed_is_open() -> None:
    assert state("26/01/2026 10:00") == "open"
    assert state("26/01/2026 10:00", "203.0.113.3,27/01/2026 10:00,cleaned,,") == "open"


def test_a_closing_after_the_sighting_counts() -> None:
    assert state("26/01/2026 10:00", "203.000.113.002,27/01/2026 10:00,đã làm sạch,PC,") == "cleaned"
    assert (
        state("26/01/2026 10:00", "203.0.113.2,27/01/2026 10:00,moved,,", "203.0.113.2,28/01/2026 10:00,off,,") == "off"
    )


def test_a_sighting_after_the_closing_opens_it_again() -> None:
    assert state("28/01/2026 10:00", "203.0.113.2,27/01/2026 10:00,cleaned,,") == "listed_again"


def test_a_sighting_of_the_day_on_which_it_was_closed_is_unclear() -> None:
    assert state("27/01/2026", "203.0.113.2,27/01/2026 10:00,cleaned,,") == "unclear"
    assert state("26/01/2026", "203.0.113.2,27/01/2026,cleaned,,") == "cleaned"


def test_an_annex_that_is_filled_in_reads_as_closings_and_empty_rows_are_not_told() -> None:
    text = "Địa chỉ IP · Address,Kết quả · Outcome,Xử lý xong lúc · Closed,Máy · Host,Minh chứng · Evidence\n203.0.113.2,Không thuộc đơn vị,27/01/2026 10:00,,\n203.0.113.3,,,,\n203.0.113.4,xong,27/01/2026 10:00,,\n203.0.113.5,máy tắt,,,\n"
    frame, unread = read_closings(text.encode(), "c.csv", "a")
    assert frame.select("address", "outcome").rows() == [("203.0.113.2", "not_ours")]
    assert [row.source.line for row in unread] == [4, 5]


def test_closings_are_written_as_they_are_read() -> None:
    frame, _ = read_closings((HEAD + "203.0.113.2,2026-01-27 10:00:05,off,PC,x\n").encode(), "c.csv", "a")
    again, _ = read_closings(write_closings(frame), "c.csv", "a")
    assert again.equals(frame)


def test_what_is_no_table_of_closings_is_refused() -> None:
    with pytest.raises(UnreadableParcel, match="no table of closings"):
        read_closings(b"a,b\n1,2\n", "c.csv")


def rows(*listed: tuple[str, str]) -> pl.DataFrame:
    cells = pl.DataFrame(
        {"address": [a for a, _ in listed], "family": [f for _, f in listed], "line": list(range(len(listed)))}
    )
    return make_list("x", "x.csv", cells).rows


def test_lists_are_compared_by_address() -> None:
    before, now = (
        rows(("203.0.113.2", "Mozi"), ("203.0.113.3", "Mozi")),
        rows(("203.000.113.3", "Mirai"), ("203.0.113.4", "")),
    )
    told = compare(now, before).select("address", "family", "change").rows()
    assert told == [
        ("203.0.113.2", "Mozi", "gone"),
        ("203.0.113.3", "Mirai", "persists"),
        ("203.0.113.4", None, "appeared"),
    ]


def test_lists_are_compared_by_family_too_when_asked() -> None:
    told = compare(rows(("203.0.113.3", "Mirai")), rows(("203.0.113.3", "mozi")), by_family=True)
    assert told.select("family", "change").rows() == [("mirai", "appeared"), ("mozi", "gone")]


def test_the_last_sighting_of_each_list_is_kept() -> None:
    cells = pl.DataFrame(
        {"address": ["203.0.113.3"] * 2, "seen": ["26/01/2026 10:00", "27/01/2026 10:00"], "line": [1, 2]}
    )
    told = compare(make_list("x", "x", cells).rows, rows())
    assert told["last_now"][0] == dt.datetime(2026, 1, 27, 3, tzinfo=dt.UTC)
