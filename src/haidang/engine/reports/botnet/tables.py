"""Tables of a check of lists: what `haidang judge` takes, all rows, and an agency's own rows for Excel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import polars as pl

from haidang.engine.calendar import end_of
from haidang.engine.obligations.measure import Words
from haidang.engine.reports.botnet import words
from haidang.engine.reports.botnet.document import written_time
from haidang.engine.reports.safe import write_csv

HEADS = (
    ("Địa chỉ IP · Address", 22), ("Kết quả · Outcome", 20), ("Xử lý xong lúc · Closed", 18), ("Máy · Host", 18),
    ("Minh chứng · Evidence", 26), ("Ghi nhận lúc · Seen", 18), ("Cổng nguồn · Source port", 9),
    ("Họ mã độc · Family", 20), ("Danh sách · List", 24), ("Máy chủ điều khiển · C2", 22), ("Dải mạng · Network", 18),
    ("Tình trạng · State", 26), ("Máy tìm được · Machine found", 24), ("Độ chắc · Confidence", 16),
    ("Căn cứ · Ground", 30), ("So với kỳ trước · Change", 16), ("Quan hệ · Stand", 20), ("Tệp:dòng · File:line", 28),
    ("Mã đơn vị · agency", 16),
)  # fmt: skip
TO_FILL = range(1, 5)


def listed_facts(answers: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Give the table `botnet_rows`, with agencies: what each held for sure when it was seen.

    Where a list gives no hour, a sighting counts as late as it can have been: only a closing after that is proven, and
    one after the earliest that it can have been is neither proven nor refuted.
    """
    last = pl.lit(end_of(as_of) - dt.timedelta(seconds=1)).cast(pl.Datetime("us", "UTC"))
    seen = pl.min_horizontal(
        pl.col("seen_until").fill_null(last), pl.when(pl.col("precision") == "exact").then("seen").otherwise(last)
    )
    ever = pl.lit(dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).cast(pl.Datetime("us", "UTC"))
    earliest = pl.when(pl.col("precision") != "exact").then(pl.col("seen").fill_null(ever))
    return answers.filter(pl.col("stand") == "held").select(
        "agency", "address", seen.dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("seen"),
        earliest.dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("seen_from"), pl.col("port").cast(pl.Int64),
        "family", pl.coalesce("list", "file").alias("list"),
    )  # fmt: skip


def annex_lines(rows: pl.DataFrame) -> Iterator[tuple[object, ...]]:
    """Give an agency's rows as `HEADS` says; what it has to fill in is empty."""
    for row in rows.iter_rows(named=True):
        port, far = row["port"], row["cc_address"] or ""
        machine = " ".join(filter(None, (row["host"], row["inner"], row["mac"])))
        ground = _two(words.GROUNDS[row["ground"]]) + (
            f" {row['log_file']}:{row['log_line']}" if row["log_file"] else ""
        )
        yield (
            row["address"], "", "", "", "",
            written_time(row["seen"], row["precision"]) or _two(words.PRECISIONS["unknown"]), port, row["family"] or "",
            row["list"] or "", f"{far}:{row['cc_port']}" if far and row["cc_port"] else far, row["network"],
            _two(words.STATES[row["state"]].words), machine, _two(words.CONFIDENCES[row["confidence"]]), ground,
            _two(words.CHANGES[row["change"]]) if row["change"] else "", _two(words.STANDS[row["stand"]]),
            f"{row['file']}:{row['line']}", row["agency"],
        )  # fmt: skip


def annex_csv(rows: pl.DataFrame) -> bytes:
    """Write an agency's rows for Excel."""
    return write_csv([head for head, _ in HEADS], annex_lines(rows))


def _two(told: Words) -> str:
    return told.vi if told.vi == told.en else f"{told.vi} · {told.en}"
