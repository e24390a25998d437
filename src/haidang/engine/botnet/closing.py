"""Where each listed address of an agency stands: closed, open, listed again after it was closed."""

from __future__ import annotations

import io

import polars as pl

from haidang.engine.botnet.address_list import spell
from haidang.engine.botnet.addresses import read_addresses
from haidang.engine.botnet.times import TIME, read_times
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread
from haidang.engine.sheets import read_sheet
from haidang.engine.text import key

OUTCOMES = ("cleaned", "moved", "off", "not_ours")
STATES = ("open", "listed_again", "unclear", *OUTCOMES)
CLOSINGS: dict[str, pl.DataType] = {
    "agency": pl.String(), "address": pl.String(), "closed": TIME, "outcome": pl.String(), "host": pl.String(),
    "evidence": pl.String(), "file": pl.String(), "line": pl.Int64(),
}  # fmt: skip
# What an agency may write for an outcome, first of all what its annex offers.
WORDS = {
    "cleaned": ("đã làm sạch", "làm sạch", "cleaned", "sạch", "đã xử lý sạch", "đã diệt mã độc", "cài lại máy"),
    "moved": ("đổi địa chỉ", "đã đổi địa chỉ", "moved", "chuyển địa chỉ"),
    "off": ("máy tắt", "đã tắt máy", "máy đã tắt", "tắt máy", "off", "ngừng sử dụng"),
    "not_ours": ("không thuộc đơn vị", "not_ours", "not ours", "không phải của đơn vị"),
}
_MEANING = {key(word).replace("_", " "): outcome for outcome, words in WORDS.items() for word in words}
_HEADINGS = {
    "agency": ("agency", "mã đơn vị", "đơn vị"),
    "address": ("address", "địa chỉ ip", "địa chỉ", "ip"),
    "closed": ("closed", "xử lý xong lúc", "thời gian", "xử lý xong", "ngày xử lý"),
    "outcome": ("outcome", "kết quả", "kết quả xử lý"),
    "host": ("host", "máy đã tìm ra", "máy", "tên máy"),
    "evidence": ("evidence", "minh chứng"),
}


def close(rows: pl.DataFrame, closings: pl.DataFrame) -> pl.DataFrame:
    """Say of each row how it was closed: state, closed, closed_host.

    A closing counts for what was seen before it. A sighting after every closing is *listed_again*; one of a day
    within which the closing lies is *unclear*; *not_ours* is what an agency says of an address that its networks hold.

    Args:
        rows: row, agency, address, seen, seen_until.
        closings: `CLOSINGS`.
    """
    said = closings.select("agency", "address", "closed", "outcome", pl.col("host").alias("closed_host"))
    pairs = rows.select("row", "agency", "address", "seen", "seen_until").join(
        said, on=["agency", "address"], how="inner"
    )
    after = (pl.col("closed") > pl.col("seen_until")).fill_null(value=False)
    again = (pl.col("closed") <= pl.col("seen")).fill_null(value=False)
    rank = pl.when(after).then(0).when(again).then(2).otherwise(1)
    best = (
        pairs.with_columns(rank.alias("rank"))
        .sort("row", "rank", "closed", descending=[False, False, True])
        .unique("row", keep="first", maintain_order=True)
    )
    state = (
        pl.when(pl.col("rank") == 0)
        .then("outcome")
        .when(pl.col("rank") == 1)
        .then(pl.lit("unclear"))
        .otherwise(pl.lit("listed_again"))
    )
    told = best.select("row", state.alias("state"), "closed", "closed_host")
    return rows.join(told, on="row", how="left", maintain_order="left").with_columns(
        pl.col("state").fill_null("open").cast(pl.Enum(STATES))
    )


def read_closings(data: bytes, name: str, agency: str = "") -> tuple[pl.DataFrame, tuple[Unread, ...]]:
    """Read closings, as a table `botnet_closings` or as an annex that an agency filled in.

    Args:
        data: the file.
        name: of the file.
        agency: whose it is where it has no column of agencies.

    Returns:
        (`CLOSINGS`, rows that can't be read). A row in which nothing was filled in yet is no closing and not told.

    Raises:
        UnreadableParcel: it is no such table.
    """
    sheet = read_sheet(data, name)
    named = [key(heading.split("·")[0].split(":")[0].split("(")[0]) for heading in sheet.headings]
    places = {
        column: next((named.index(key(word)) for word in words if key(word) in named), None)
        for column, words in _HEADINGS.items()
    }
    if places["address"] is None or places["outcome"] is None or places["closed"] is None:
        raise UnreadableParcel(f"{name} is no table of closings: it needs columns address, closed and outcome")
    cells = {
        column: sheet.rows[str(place)].str.strip_chars()
        if place is not None
        else pl.Series([None] * sheet.rows.height, dtype=pl.String)
        for column, place in places.items()
    }
    written = cells["outcome"]
    known = {text: _MEANING.get(key(text).replace("_", " ")) for text in written.drop_nulls().unique().to_list()}
    outcome = (
        written.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)
        if known
        else written
    )
    frame = pl.DataFrame(
        {
            "agency": cells["agency"].fill_null(agency),
            "address": spell(read_addresses(cells["address"].str.strip_chars_start("'"))),
            # A day alone: by its end at the latest.
            "closed": read_times(cells["closed"])["seen_until"],
            "outcome": outcome,
            "host": cells["host"],
            "evidence": cells["evidence"],
            "file": pl.Series([name] * sheet.rows.height, dtype=pl.String),
            "line": sheet.lines,
        },
        schema=CLOSINGS,
    )
    begun = written.is_not_null() | cells["closed"].is_not_null()
    good = frame.select(pl.all_horizontal(pl.col("address", "closed", "outcome").is_not_null())).to_series()
    why = "thiếu kết quả hoặc thời điểm xử lý xong, hoặc không đọc được / outcome, time or address is missing"
    bad = tuple(
        Unread(Source(name, line), why, "botnet_closings", agency) for line in frame.filter(begun & ~good)["line"]
    )
    unread = tuple(Unread(row.source, row.why, "botnet_closings", agency) for row in sheet.unread)
    return frame.filter(good), (*unread, *bad)


def write_closings(closings: pl.DataFrame) -> bytes:
    """Write closings as the table `botnet_closings` of an agency's folder of facts."""
    local = pl.col("closed").dt.convert_time_zone("Asia/Ho_Chi_Minh").dt.strftime("%Y-%m-%d %H:%M:%S")
    out = io.BytesIO()
    closings.select("address", local.alias("closed"), "outcome", "host", "evidence").write_csv(out)
    return out.getvalue()
