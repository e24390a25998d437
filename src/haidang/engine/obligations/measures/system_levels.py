"""Information systems with an approved level of security and the controls of that level in place."""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.subjects import decide, gather, latest, same


def test_levels(facts: Facts, question: Question) -> pl.DataFrame:  # noqa: ARG001
    """Test each row of `systems` against the latest state of each of its controls."""
    controls = facts.table("controls").with_columns(same("system").alias("name"), same("control").alias("item"))
    states = (
        latest(controls, ["agency", "name", "item"], "checked_on")
        .group_by("agency", "name")
        .agg(pl.len().alias("controls"), (pl.col("state") != "full").sum().alias("short"))
    )
    systems = facts.table("systems").with_columns(same("system").alias("name"))
    return gather(
        decide(
            systems.join(states, on=["agency", "name"], how="left"),
            "systems",
            "systems",
            "system",
            (pl.col("level").is_null(), "fail", "no_level"),
            (~pl.col("level").is_between(1, 5), "unknown", "no_such_level"),
            (pl.col("decision").is_null() | pl.col("decided_on").is_null(), "fail", "no_decision"),
            (pl.col("controls").is_null(), "unknown", "no_controls"),
            (pl.col("short") > 0, "fail", "controls_short"),
        )
    )


MEASURE = Measure(
    name="system_levels",
    title=Words("Bảo vệ theo cấp độ", "Systems protected by level"),
    asks=(
        r"theo cap do",
        r"cap do an toan",
        r"(phe duyet|xac dinh|tham dinh|quan ly|ho so)[^.;]{0,40} cap do\b",
        r"ho so de xuat cap do",
        r"phuong an bao (ve|dam)[^.;]{0,60} cap do",
    ),
    how=Words(
        "Mỗi hệ thống phải có cấp độ (1-5), số và ngày quyết định phê duyệt, và mọi biện pháp đều ở mức full.",
        "Each system needs a level (1-5), number and day of the approving decision, and every control in full.",
    ),
    parts=(Part("systems", Words("hệ thống", "systems"), zero="not_applicable"),),
    needs=("systems", "controls"),
    whys={
        "no_level": Words("chưa được phê duyệt cấp độ", "no approved level"),
        "no_such_level": Words("cấp độ ghi không có trong quy định (1-5)", "there is no such level (1-5)"),
        "no_decision": Words("thiếu số hoặc ngày quyết định phê duyệt", "number or day of the decision is missing"),
        "no_controls": Words("không có dòng nào về biện pháp bảo vệ", "nothing is on file about its controls"),
        "controls_short": Words("có biện pháp chưa triển khai đầy đủ", "a control is not fully in place"),
    },
    test=test_levels,
)
