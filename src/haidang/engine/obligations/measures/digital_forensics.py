"""Incidents that need forensics have sealed evidence and a timeline."""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.subjects import decide, gather, same

_BY = ["agency", "name"]


def test_forensics(facts: Facts, question: Question) -> pl.DataFrame:  # noqa: ARG001
    """Test the evidence of each incident that needs forensics."""
    sealed = pl.col("sha256").str.contains(r"^[0-9A-Fa-f]{64}$").fill_null(value=False)
    evidence = (
        facts.table("evidence")
        .group_by("agency", same("incident").alias("name"))
        .agg(sealed.any().alias("sealed"), (pl.col("kind") == "timeline").any().alias("timeline"))
    )
    incidents = facts.table("incidents").filter(pl.col("needs_forensics")).with_columns(same("incident").alias("name"))
    silent = pl.col("agency").cast(pl.String).is_in(facts.missing("evidence"))
    return gather(
        decide(
            incidents.join(evidence, on=_BY, how="left"),
            "incidents",
            "incidents",
            "incident",
            (silent, "unknown", "no_table_of_evidence"),
            (pl.col("sealed").is_null(), "fail", "no_evidence"),
            (~pl.col("sealed"), "fail", "not_sealed"),
            (~pl.col("timeline"), "fail", "no_timeline"),
        )
    )


MEASURE = Measure(
    name="digital_forensics",
    title=Words("Điều tra số (DFLab)", "Digital forensics (DFLab)"),
    asks=(
        r"\bdflab\b",
        r"dieu tra so\b",
        r"(thu thap|bao quan|niem phong|luu giu)[^.;]{0,30}chung cu",
        r"phap chung so|phap y so",
        r"(co lap|phat hien)[^.;]{0,60} va dieu tra\b",
    ),
    how=Words(
        "Sự cố cần điều tra số phải có ít nhất một chứng cứ niêm phong bằng mã băm SHA-256 và một dòng thời gian.",
        "Incidents that need forensics must have at least one piece of evidence sealed with a SHA-256, and a timeline.",
    ),
    parts=(Part("incidents", Words("sự cố cần điều tra số", "incidents that need forensics"), zero="not_applicable"),),
    needs=("incidents",),
    uses=("evidence",),
    whys={
        "no_table_of_evidence": Words("đơn vị chưa gửi bảng chứng cứ", "the agency has not handed in its evidence"),
        "no_evidence": Words("không có chứng cứ nào", "no evidence"),
        "not_sealed": Words("chứng cứ không có mã băm SHA-256 hợp lệ", "no evidence is sealed with a SHA-256"),
        "no_timeline": Words("thiếu dòng thời gian", "no timeline"),
    },
    test=test_forensics,
)
