"""Every log source hunted over the whole period, and no hit left that nobody has looked at."""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.spans import bounds, find_gaps, name_span
from haidang.engine.obligations.subjects import ALWAYS, decide, gather, latest, same

_BY = ["agency", "name"]


def test_hunt(facts: Facts, question: Question) -> pl.DataFrame:
    """Test each log source's coverage, each hunt's hits and each open finding."""
    first, after = bounds(question)
    receipts = facts.table("hunt_receipts").with_columns(same("source").alias("name"))
    receipts = receipts.filter((pl.col("covers_from") < after) & (pl.col("covers_to") > first))
    hits = latest(receipts, [*_BY, "covers_from", "covers_to"], "finished", "untriaged")
    findings = facts.table("findings").filter(pl.col("kind").is_in(["indicator", "rule"]))
    return gather(
        _test_sources(facts, receipts, question),
        decide(
            hits,
            "hits",
            "hunt_receipts",
            pl.format("{} · {}", "source", name_span("covers_from", "covers_to")),
            (pl.col("untriaged") > 0, "fail", "untriaged"),
        ),
        decide(
            findings,
            "hits",
            "findings",
            pl.format("{} · {}", "finding", "subject"),
            (pl.col("state") == "open", "fail", "finding_open"),
        ),
    )


def _test_sources(facts: Facts, receipts: pl.DataFrame, question: Question) -> pl.DataFrame:
    sources = (
        facts.table("log_sources")
        .with_columns(same("source").alias("name"))
        .sort("file", "line")
        .unique(_BY, keep="first", maintain_order=True)
    )
    # A receipt whose end lies before its beginning covers nothing, but it does say that somebody hunted.
    spans = receipts.select(
        *_BY, pl.col("covers_from").alias("starts"), pl.col("covers_to").alias("ends"), "canary"
    ).filter(pl.col("ends") > pl.col("starts"))
    seen = spans.filter(pl.col("canary") == "seen").drop("canary")
    members = sources.select(_BY)
    holes = find_gaps(seen, members, _BY, question)
    without_proof = find_gaps(spans.drop("canary"), members, _BY, question).select(_BY).unique()
    summary = holes.group_by(_BY, maintain_order=True).agg(
        name_span().first().alias("hole"), pl.col("minutes").sum(), pl.len().alias("holes")
    )
    asked = (
        sources.join(summary, on=_BY, how="left")
        .join(without_proof.with_columns(open=ALWAYS), on=_BY, how="left")
        .join(spans.select(_BY).unique().with_columns(hunted=ALWAYS), on=_BY, how="left")
        .join(seen.select(_BY).unique().with_columns(proven=ALWAYS), on=_BY, how="left")
    )
    return decide(
        asked,
        "sources",
        "log_sources",
        _name_source(),
        (pl.col("hole").is_null(), "pass", ""),
        (pl.col("hunted").is_null(), "fail", "not_hunted"),
        (pl.col("open").is_null() | pl.col("proven").is_null(), "unknown", "no_canary"),
        (ALWAYS, "fail", "gap"),
    )


def _name_source() -> pl.Expr:
    """Name the source and, where part of the period is open, its first hole, how many more, and their length."""
    more = pl.when(pl.col("holes") > 1).then(pl.format(" (+{})", pl.col("holes") - 1)).otherwise(pl.lit(""))
    length = pl.format("{} h {} min", pl.col("minutes") // 60, pl.col("minutes") % 60)
    named = pl.format("{} · {}{} · {}", "source", "hole", more, length)
    partly = pl.col("hole").is_not_null() & pl.col("proven").is_not_null()
    return pl.when(partly).then(named).otherwise(pl.col("source"))


MEASURE = Measure(
    name="threat_hunt",
    title=Words("Săn lùng mối nguy hại", "Threat hunting"),
    asks=(
        r"san lung",
        r"san tim[^.;]{0,30}(moi nguy|nguy co|moi de doa|dau hieu)",
        r"truy tim[^.;]{0,30}(moi nguy|nguy co|moi de doa|dau hieu)",
        r"threat hunting",
        r"\b(do|ra quet|ra soat|tim kiem|cap nhat)\b[^.;]{0,40}(ma bam|dau hieu nhan biet|chi bao tan cong|\bioc)",
    ),
    how=Words(
        "Nhật ký của mỗi nguồn phải được săn lùng suốt kỳ, bằng biên nhận có mã thử của Sở; khoảng hở là không "
        "đạt, biên nhận không "
        "có mã thử là chưa chứng minh được. Không còn dấu hiệu nào chưa phân loại, không còn phát hiện nào mở.",
        "The logs of each source have to be hunted over the whole period, shown by receipts that carry the "
        "department's test mark; a "
        "hole fails, receipts without the mark prove nothing. No hit untriaged, no finding open.",
    ),
    parts=(
        Part("sources", Words("nguồn nhật ký", "log sources"), zero="not_applicable"),
        Part("hits", Words("đợt săn lùng và phát hiện", "hunts and findings"), zero="not_applicable"),
    ),
    needs=("log_sources", "hunt_receipts"),
    uses=("findings",),
    whys={
        "not_hunted": Words("không có biên nhận săn lùng nào trong kỳ", "no hunt receipt in the period"),
        "no_canary": Words("biên nhận không thấy mã thử của Sở", "the receipts don't carry the department's test mark"),
        "gap": Words("một phần của kỳ không được săn lùng", "part of the period was not hunted"),
        "untriaged": Words("còn dấu hiệu chưa ai phân loại", "hits that nobody has looked at"),
        "finding_open": Words("phát hiện còn mở", "the finding is open"),
    },
    test=test_hunt,
)
