"""Every address on a botnet list closed, and not listed again."""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.addresses import address_keys, owned_at
from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.subjects import day_of, decide, gather, latest, same

_BY = ["agency", "place"]


def test_botnet(facts: Facts, question: Question) -> pl.DataFrame:
    """Test each listed address by when it was last seen and how it was last closed."""
    rows, closings = facts.table("botnet_rows"), facts.table("botnet_closings")
    listed = latest(rows.with_columns(address_keys(rows["address"]).alias("place")), _BY, "seen")
    closings = closings.with_columns(address_keys(closings["address"]).alias("place"), same("host").alias("name"))
    last = latest(closings, _BY, "closed").select(*_BY, "closed", "outcome", "name")
    asked = listed.join(last, on=_BY, how="left")
    asked = _add_scans(facts, question, asked)
    asked = asked.with_columns(_owned(facts, asked))
    silent = pl.col("agency").cast(pl.String).is_in(facts.missing("botnet_closings"))
    unknown_ranges = pl.col("agency").cast(pl.String).is_in(facts.missing("networks"))
    not_ours = pl.col("outcome") == "not_ours"
    return gather(
        decide(
            asked,
            "addresses",
            "botnet_rows",
            "address",
            (silent, "unknown", "no_closings"),
            (pl.col("outcome").is_null(), "fail", "not_closed"),
            (not_ours & unknown_ranges, "unknown", "no_networks"),
            (not_ours & (pl.col("owned") == "yes"), "fail", "ours"),
            (not_ours & (pl.col("owned") == "unclear"), "unknown", "no_networks"),
            (not_ours, "exempt", "not_ours"),
            (
                (pl.col("closed") <= pl.col("seen")) & (pl.col("closed") > pl.col("seen_from")),
                "unknown",
                "unclear_time",
            ),
            (pl.col("closed") <= pl.col("seen"), "fail", "listed_again"),
            ((pl.col("outcome") == "cleaned") & pl.col("scanned").is_null(), "unknown", "no_scan"),
        )
    )


def _add_scans(facts: Facts, question: Question, asked: pl.DataFrame) -> pl.DataFrame:
    """Mark the addresses whose machine has a valid scan receipt after the sighting."""
    limit = question.law.whole("scan_not_checked_files")
    scans = (
        facts.table("scan_receipts")
        .filter((pl.col("canary") == "seen") & (pl.col("not_checked") <= limit) & (pl.col("left") == 0))
        .group_by("agency", same("host").alias("name"))
        .agg(pl.col("finished").max().alias("scanned_at"))
    )
    scanned = pl.when(pl.col("scanned_at") > pl.col("seen")).then(pl.lit(value=True)).alias("scanned")
    return asked.join(scans, on=["agency", "name"], how="left").with_columns(scanned)


def _owned(facts: Facts, asked: pl.DataFrame) -> pl.Series:
    """Tell yes, no or unclear where an agency says that an address was not its own."""
    doubted = asked.select("agency", "place", "outcome", day_of("seen").alias("day"))
    told = owned_at(
        facts.table("networks").select(pl.col("agency").cast(pl.String), "network", "valid_from", "valid_to"),
        [
            (str(row["agency"]), row["place"], row["day"]) if row["outcome"] == "not_ours" else None
            for row in doubted.iter_rows(named=True)
        ],
    )
    return pl.Series("owned", told, dtype=pl.String)


MEASURE = Measure(
    name="botnet_cleanup",
    title=Words("Xử lý địa chỉ trong mạng botnet", "Botnet addresses cleaned"),
    asks=(
        r"\bbotnet\b",
        r"mang (may tinh )?(ma|bong ma|may tinh ma)\b",
        r"danh sach[^.;]{0,40}(dia chi )?ip\b[^.;]{0,60}(ma doc|nhiem|doc hai)",
        r"(xac minh|ra soat|xu ly|kiem tra)[^.;]{0,40}dia chi ip\b",
        r"doi chieu so lieu[^.;]{0,80}(bao cao|danh sach)[^.;]{0,80}nhiem",
    ),
    how=Words(
        "Mỗi địa chỉ trong danh sách phải được xử lý sau lần ghi nhận cuối: đổi địa chỉ, tắt máy, hoặc làm sạch "
        "có biên nhận quét hợp "
        "lệ của máy. “Không thuộc đơn vị” chỉ được nhận khi địa chỉ nằm ngoài dải mạng đã đăng ký.",
        "Each listed address has to be closed after it was last seen: moved, switched off, or cleaned with a "
        "valid scan receipt of the "
        "machine. “Not ours” is accepted only for addresses outside the agency's registered ranges.",
    ),
    parts=(Part("addresses", Words("địa chỉ", "addresses")),),
    needs=("botnet_rows",),
    uses=("botnet_closings", "networks", "scan_receipts"),
    law=("scan_not_checked_files",),
    whys={
        "no_closings": Words("đơn vị chưa gửi kết quả xử lý", "the agency has not said how its addresses were closed"),
        "not_closed": Words("chưa xử lý", "not closed"),
        "ours": Words(
            "nói không thuộc đơn vị, nhưng nằm trong dải mạng của đơn vị", "said not to be ours, but within our ranges"
        ),
        "no_networks": Words("không có dải mạng để đối chiếu", "no ranges on file to tell whose it is"),
        "not_ours": Words("không thuộc đơn vị", "not the agency's"),
        "listed_again": Words("bị ghi nhận lại sau khi báo đã xử lý", "listed again after it was closed"),
        "unclear_time": Words(
            "danh sách không ghi phút: chưa biết ghi nhận trước hay sau khi xử lý",
            "the list tells no minute: seen before it was closed, or after?",
        ),
        "no_scan": Words(
            "báo đã làm sạch nhưng không có biên nhận quét hợp lệ", "said to be clean, without a valid scan receipt"
        ),
    },
    test=test_botnet,
)
