"""Requests of the competent authorities carried out in time."""

from __future__ import annotations

import datetime as dt

import polars as pl

from haidang.engine.calendar import end_of
from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.subjects import decide, gather


def test_requests(facts: Facts, question: Question) -> pl.DataFrame:
    """Test each request against its deadline."""
    hours = dt.timedelta(hours=question.law.whole("authority_request_hours"))
    requests = facts.table("authority_requests")
    requests = requests.with_columns(pl.col("due").fill_null(pl.col("received") + hours))
    early = pl.col("due") >= end_of(question.as_of)
    return gather(
        decide(
            requests,
            "requests",
            "authority_requests",
            "request",
            (pl.col("executed").is_null() & early, "exempt", "not_due"),
            (pl.col("executed").is_null(), "fail", "not_done"),
            (pl.col("executed") < pl.col("received"), "unknown", "done_before"),
            (pl.col("executed") > pl.col("due"), "fail", "late"),
        )
    )


MEASURE = Measure(
    name="authority_requests",
    title=Words("Yêu cầu của cơ quan có thẩm quyền", "Requests of the authorities"),
    asks=(
        r"yeu cau[^.;]{0,200}co quan[^.;]{0,30}(co )?tham quyen",
        r"(thuc hien|xu ly|dap ung|tuan thu|phoi hop)[^.;]{0,60}theo (yeu cau|lenh|chi dao|de nghi) cua",
        r"lenh dieu phoi",
        r"(cung|phoi hop)[^.;]{0,60}xac minh[^.;]{0,30}(thue bao|dia chi ip|chu the)",
    ),
    how=Words(
        "Mỗi yêu cầu phải được thực hiện xong trước hạn; yêu cầu không ghi hạn thì lấy hạn chung; chưa đến hạn "
        "thì chưa tính.",
        "Each request has to be carried out by its deadline, or the general one when it states none; what is not "
        "yet due does not count.",
    ),
    parts=(Part("requests", Words("yêu cầu", "requests"), zero="not_applicable"),),
    needs=("authority_requests",),
    law=("authority_request_hours",),
    whys={
        "not_due": Words("chưa đến hạn", "not yet due"),
        "not_done": Words("quá hạn mà chưa thực hiện", "due and not carried out"),
        "done_before": Words("thực hiện trước khi nhận yêu cầu", "carried out before it was received"),
        "late": Words("thực hiện muộn", "carried out late"),
    },
    test=test_requests,
)
