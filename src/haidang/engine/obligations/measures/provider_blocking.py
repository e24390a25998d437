"""Block orders applied, as probes show it and not as the provider says."""

from __future__ import annotations

import datetime as dt

import polars as pl

from haidang.engine.calendar import end_of
from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.subjects import decide, gather, latest, same

_BY = ["agency", "order_key", "item_key"]


def test_blocking(facts: Facts, question: Question) -> pl.DataFrame:
    """Test each item of each order by its latest probe."""
    keys = (same("order").alias("order_key"), same("item").alias("item_key"))
    probes = facts.table("block_probes").with_columns(keys)
    # Of two probes at one instant the worse one counts.
    probes = probes.with_columns((~pl.col("blocked")).alias("leaks"))
    last = latest(probes, _BY, "probed", "leaks").select(*_BY, "blocked")
    hours = dt.timedelta(hours=question.law.whole("block_order_hours"))
    orders = facts.table("block_orders").with_columns(*keys, pl.col("due").fill_null(pl.col("issued") + hours))
    early = pl.col("due") >= end_of(question.as_of)
    return gather(
        decide(
            orders.join(last, on=_BY, how="left"),
            "items",
            "block_orders",
            pl.format("{} · {}", "order", "item"),
            (pl.col("blocked"), "pass", ""),
            (early, "exempt", "not_due"),
            (pl.col("blocked").is_null() & pl.col("claimed").is_not_null(), "unknown", "only_claimed"),
            (pl.col("blocked").is_null(), "unknown", "not_probed"),
            (~pl.col("blocked"), "fail", "not_blocked"),
        )
    )


MEASURE = Measure(
    name="provider_blocking",
    title=Words("Doanh nghiệp ngăn chặn", "Providers' blocking"),
    asks=(
        r"\b(ngan chan|chan|phong toa)\b(?! (cac )?su co)",
        r"block\b[^.;]{0,40}(ip|ten mien|domain)",
    ),
    how=Words(
        "Mỗi địa chỉ, tên miền trong yêu cầu phải bị chặn theo lần đo thử mới nhất; doanh nghiệp báo đã chặn mà "
        "chưa đo thì chưa chứng "
        "minh được; chưa đến hạn thì chưa tính.",
        "Each address or domain of an order has to be blocked as the latest probe shows; a claim without a probe "
        "proves nothing; what "
        "is not yet due does not count.",
    ),
    parts=(Part("items", Words("địa chỉ, tên miền phải chặn", "items to block"), zero="not_applicable"),),
    needs=("block_orders",),
    uses=("block_probes",),
    law=("block_order_hours",),
    whys={
        "not_due": Words("chưa đến hạn", "not yet due"),
        "only_claimed": Words("doanh nghiệp báo đã chặn, chưa đo thử", "claimed to be blocked, not probed"),
        "not_probed": Words("chưa đo thử", "not probed"),
        "not_blocked": Words("đo thử thấy chưa bị chặn", "the probe got through"),
    },
    test=test_blocking,
    audience="providers",
)
