"""Round-the-clock duty: minutes of the period that somebody was on shift, and calls that test it."""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Part, Question, Words
from haidang.engine.obligations.spans import bounds, find_gaps, minutes_of, name_span
from haidang.engine.obligations.subjects import ALWAYS, clock_of, decide, everybody, gather

PARTS = (
    Part("minutes", Words("phút", "minutes"), zero="not_met"),
    Part("calls", Words("cuộc gọi kiểm tra", "challenge calls")),
)
# The minutes of the period stand in no table. Calls come first: rows of every table but the first count as what may be
# missing, and a shift that can't be read may be the very one that a hole lacks; an unread call mends no other call.
NEEDS = ("challenge_calls", "shifts")
LAW = ("challenge_call_minutes",)
WHYS = {
    "nobody_on_duty": Words("không có ca trực nào", "nobody was on duty"),
    "perhaps_nobody": Words(
        "chưa biết có ai trực không: có ca trực ghi sai giờ",
        "can't be told: a shift with impossible times may belong here",
    ),
    "backwards": Words("ca trực kết thúc không sau lúc bắt đầu", "the shift does not end after it begins"),
    "not_answered": Words("không ai trả lời cuộc gọi", "nobody answered the call"),
    "answered_late": Words("trả lời quá muộn", "answered too late"),
    "answered_before": Words("giờ trả lời trước giờ gọi", "answered before the call was made"),
    "no_calls": Words("trong kỳ không có cuộc gọi kiểm tra nào", "no challenge call was made in the period"),
}


def test_duty(facts: Facts, question: Question) -> pl.DataFrame:
    """Test the roster's minutes and the challenge calls of every agency."""
    return gather(*_test_minutes(facts, question), *_test_calls(facts, question))


def _test_minutes(facts: Facts, question: Question) -> tuple[pl.DataFrame, ...]:
    first, after = bounds(question)
    shifts = facts.table("shifts")
    early, late = pl.min_horizontal("starts", "ends"), pl.max_horizontal("starts", "ends")
    backwards = shifts.filter((pl.col("ends") <= pl.col("starts")) & (early < after) & (late >= first))
    sound = shifts.filter(pl.col("ends") > pl.col("starts"))
    broken = backwards.select("agency").unique().with_columns(broken=True)
    gaps = find_gaps(sound.select("agency", "starts", "ends"), everybody(facts), ["agency"], question)
    gaps = gaps.join(broken, on="agency", how="left")
    doubt = pl.col("broken").fill_null(value=False)
    covered = _covered_minutes(facts, question, sound, gaps)
    return (
        decide(
            gaps,
            "minutes",
            "shifts",
            name_span(),
            (doubt, "unknown", "perhaps_nobody"),
            (~doubt, "fail", "nobody_on_duty"),
            weight=pl.col("minutes"),
        ),
        # A shift that can't be has no length: it weighs one minute, enough to keep the roster from being whole.
        decide(backwards, "minutes", "shifts", name_span(), (ALWAYS, "unknown", "backwards")),
        decide(covered, "minutes", "shifts", pl.lit(f"{question.first} – {question.last}"), weight=pl.col("covered")),
    )


def _covered_minutes(facts: Facts, question: Question, sound: pl.DataFrame, gaps: pl.DataFrame) -> pl.DataFrame:
    first, after = bounds(question)
    begins = (
        sound.filter((pl.col("starts") < after) & (pl.col("ends") > first))
        .sort("starts", "file", "line")
        .unique("agency", keep="first", maintain_order=True)
        .select("agency", "file", "line")
    )
    open_minutes = gaps.group_by("agency").agg(pl.col("minutes").sum())
    covered = pl.lit(minutes_of(question)) - pl.col("minutes").fill_null(0)
    frame = everybody(facts).join(open_minutes, on="agency", how="left").join(begins, on="agency", how="left")
    return frame.with_columns(covered.alias("covered")).filter(pl.col("covered") > 0)


def _test_calls(facts: Facts, question: Question) -> tuple[pl.DataFrame, ...]:
    first, after = bounds(question)
    calls = facts.table("challenge_calls").filter((pl.col("called") >= first) & (pl.col("called") < after))
    never_called = everybody(facts).join(calls.select("agency").unique(), on="agency", how="anti")
    limit = question.law.whole("challenge_call_minutes")
    took = (pl.col("answered") - pl.col("called")).dt.total_seconds()
    return (
        decide(
            calls,
            "calls",
            "challenge_calls",
            clock_of(pl.col("called")),
            (pl.col("answered").is_null(), "fail", "not_answered"),
            (took < 0, "unknown", "answered_before"),
            (took > limit * 60, "fail", "answered_late"),
        ),
        decide(
            never_called,
            "calls",
            "challenge_calls",
            pl.lit(f"{question.first} – {question.last}"),
            (ALWAYS, "unknown", "no_calls"),
        ),
    )
