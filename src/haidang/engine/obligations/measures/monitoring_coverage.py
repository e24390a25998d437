"""Every machine heard by the central monitoring system."""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.hosts import list_hosts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.subjects import day_of, days_before, decide, gather, same


def test_monitoring(facts: Facts, question: Question) -> pl.DataFrame:
    """Test when each machine was last heard."""
    heard = (
        facts.table("monitored_hosts")
        .select("agency", same("host").alias("name"), day_of("last_heard").alias("heard_on"))
        .group_by("agency", "name")
        .agg(pl.col("heard_on").max())
    )
    return gather(
        decide(
            list_hosts(facts).join(heard, on=["agency", "name"], how="left"),
            "hosts",
            "hosts",
            "host",
            (pl.col("heard_on").is_null(), "fail", "never_heard"),
            (pl.col("heard_on") < days_before(question, "monitoring_heard_days"), "fail", "silent"),
        )
    )


MEASURE = Measure(
    name="monitoring_coverage",
    title=Words("Giám sát tập trung", "Central monitoring"),
    asks=(
        r"giam sat[^.;,]{0,60}tap trung",
        r"he thong giam sat",
        r"\bsoc\b",
        r"trung tam giam sat[^.;]{0,60}(ket noi|chia se)",
        r"(ket noi|chia se)[^.;]{0,60}(du lieu|thong tin) giam sat",
        r"(du lieu|thong tin) ma doc, (du lieu )?giam sat",
        r"(tang cuong|tang|duy tri|thuc hien|trien khai)( (cac )?(giai phap|bien phap|cong tac|hoat dong))? giam sat",
        r"(?:^|[;:.]\s*|va |, )(theo doi, )?giam sat\b(?! viec| thuc hien| cong tac)",
    ),
    how=Words(
        "Mỗi máy phải được hệ thống giám sát nghe thấy trong số ngày quy định.",
        "Each machine has to be heard by the monitoring system within the set number of days.",
    ),
    parts=(Part("hosts", Words("máy", "machines"), zero="not_applicable"),),
    needs=("hosts", "monitored_hosts"),
    law=("monitoring_heard_days",),
    whys={
        "never_heard": Words("hệ thống giám sát chưa từng nghe thấy", "the monitoring system has never heard it"),
        "silent": Words("im lặng quá lâu", "silent for too long"),
    },
    test=test_monitoring,
)
