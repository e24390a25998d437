"""Staff reached, trained and tested."""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.subjects import decide, gather, same


def test_awareness(facts: Facts, question: Question) -> pl.DataFrame:
    """Test each member of staff; of several rows of one person the best days and score count."""
    staff = (
        facts.table("training")
        .sort("file", "line")
        .with_columns(same("person").alias("name"))
        .group_by("agency", "name", maintain_order=True)
        .agg(
            pl.col("person").first(),
            pl.col("reached_on").max(),
            pl.col("trained_on").max(),
            pl.col("tested_on").max(),
            pl.when(pl.col("tested_on").is_not_null()).then(pl.col("score")).max().alias("score"),
            pl.col("file").first(),
            pl.col("line").first(),
        )
    )
    return gather(
        decide(
            staff,
            "staff",
            "training",
            "person",
            (pl.col("reached_on").is_null(), "fail", "not_reached"),
            (pl.col("trained_on").is_null(), "fail", "not_trained"),
            (pl.col("tested_on").is_null() | pl.col("score").is_null(), "fail", "not_tested"),
            (pl.col("score") > 100, "unknown", "no_such_score"),
            (pl.col("score") < question.law.whole("awareness_pass_mark"), "fail", "low_score"),
        )
    )


MEASURE = Measure(
    name="awareness",
    title=Words("Tuyên truyền, nâng cao nhận thức", "Awareness"),
    asks=(
        r"nang cao (nhan thuc|ky nang|y thuc)",
        r"(tuyen truyen|pho bien|tap huan|boi duong|dao tao|quan triet|huong dan)[^.;]{0,120}(an toan thong "
        r"tin|an ninh mang|an toan, an ninh|"
        r"lua dao|tin gia|ky nang|nhan thuc)",
        r"canh giac[^.;]{0,80}(lua dao|tin gia|xau doc)",
        r"dien tap[^.;]{0,40}lua dao",
    ),
    how=Words(
        "Mỗi cán bộ phải được tuyên truyền, tập huấn và kiểm tra đạt điểm; tỷ lệ đủ theo quy định của Sở.",
        "Each member of staff has to be reached, trained and tested with a pass; the share that is enough is set "
        "by the department.",
    ),
    parts=(Part("staff", Words("cán bộ", "staff"), zero="not_met", share="awareness_share"),),
    needs=("training",),
    law=("awareness_share", "awareness_pass_mark"),
    whys={
        "not_reached": Words("chưa được tuyên truyền", "not reached"),
        "not_trained": Words("chưa tập huấn", "not trained"),
        "not_tested": Words("chưa kiểm tra hoặc không có điểm", "not tested, or no score"),
        "no_such_score": Words("điểm lớn hơn 100", "the score is above 100"),
        "low_score": Words("điểm chưa đạt", "the score is below the pass mark"),
    },
    test=test_awareness,
)
