"""Incidents reported to the national coordination platform in time, and a focal point that is there."""

from __future__ import annotations

import datetime as dt

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.subjects import day_of, days_before, decide, gather, latest


def test_coordination(facts: Facts, question: Question) -> pl.DataFrame:
    """Test each incident's report, and each agency's focal point."""
    allowed = dt.timedelta(days=question.law.whole("incident_report_days"))
    incidents = facts.table("incidents").with_columns((day_of("detected") + allowed).alias("due"))
    points = facts.table("contacts").filter(pl.col("role") == "focal_point")
    return gather(
        decide(
            incidents,
            "incidents",
            "incidents",
            "incident",
            (pl.col("reported").is_null() & (pl.col("due") >= question.as_of), "exempt", "not_due"),
            (pl.col("reported").is_null(), "fail", "not_reported"),
            (pl.col("reported") < pl.col("detected"), "unknown", "reported_before"),
            (day_of("reported") > pl.col("due"), "fail", "reported_late"),
            (pl.col("reference").is_null(), "unknown", "no_reference"),
        ),
        # One focal point that is confirmed is enough; the one confirmed last speaks for the agency.
        decide(
            latest(points, ["agency"], "confirmed_on"),
            "focal_point",
            "contacts",
            "person",
            (pl.col("confirmed_on").is_null(), "fail", "not_confirmed"),
            (
                pl.col("confirmed_on") < days_before(question, "focal_point_confirmed_days"),
                "fail",
                "confirmed_long_ago",
            ),
        ),
    )


MEASURE = Measure(
    name="national_coordination",
    title=Words("Điều phối quốc gia (IRLab)", "National coordination (IRLab)"),
    asks=(
        r"\birlab\b",
        r"nen tang[^.;]{0,60}dieu phoi",
        r"dieu phoi[^.;]{0,40}(xu ly|ung cuu)[^.;]{0,20}su co",
        r"mang luoi ung cuu su co",
    ),
    how=Words(
        "Sự cố phải được báo cáo lên nền tảng điều phối quốc gia đúng hạn, có mã hồ sơ; chưa đến hạn thì chưa "
        "tính. Đơn vị phải có đầu "
        "mối điều phối mới được xác nhận.",
        "Incidents have to be reported to the national platform in time, with a reference; those not yet due "
        "don't count. The agency "
        "needs a focal point confirmed lately.",
    ),
    parts=(
        Part("incidents", Words("sự cố", "incidents"), zero="not_applicable"),
        Part("focal_point", Words("đầu mối điều phối", "focal point"), zero="not_met"),
    ),
    needs=("incidents", "contacts"),
    law=("incident_report_days", "focal_point_confirmed_days"),
    whys={
        "not_due": Words("chưa đến hạn báo cáo", "not yet due"),
        "not_reported": Words("quá hạn mà chưa báo cáo", "due and not reported"),
        "reported_before": Words("giờ báo cáo trước giờ phát hiện", "reported before it was found"),
        "reported_late": Words("báo cáo muộn", "reported late"),
        "no_reference": Words("không có mã hồ sơ trên nền tảng", "no reference on the platform"),
        "not_confirmed": Words("đầu mối chưa được xác nhận", "the focal point was never confirmed"),
        "confirmed_long_ago": Words("xác nhận đầu mối đã quá lâu", "the focal point was confirmed too long ago"),
    },
    test=test_coordination,
)
