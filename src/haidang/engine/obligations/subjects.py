"""Frames of tested subjects: how a measure says, row by row, what passes and what does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import TESTS_COLUMNS, Question
from haidang.engine.text import key

Outcome = Literal["pass", "fail", "unknown", "exempt"]
# When the condition holds, the subject has the outcome, for the reason. A condition that is null does not hold.
Rule = tuple[pl.Expr, Outcome, str]

ALWAYS = pl.lit(value=True)


def same(column: str) -> pl.Expr:
    """Give the form in which two names of machines, systems or cases are compared."""
    return pl.col(column).str.to_lowercase().str.replace_all(r"\s+", " ")


def letter_key(number: str) -> str:
    """Give the form in which two numbers of letters are compared."""
    return key(number).replace(" ", "")


def letter_keys(column: pl.Series) -> pl.Series:
    """Give that form for a column; few distinct letters are named however many rows name them."""
    numbers = column.drop_nulls().unique().to_list()
    return column.replace_strict(numbers, [letter_key(n) for n in numbers], default=None, return_dtype=pl.String)


def day_of(column: str) -> pl.Expr:
    """Give the day in Vietnam of a time in UTC."""
    return pl.col(column).dt.offset_by("7h").dt.date()


def clock_of(column: pl.Expr) -> pl.Expr:
    """Write a time as clocks in Vietnam show it."""
    return column.dt.offset_by("7h").dt.strftime("%Y-%m-%d %H:%M")


def days_before(question: Question, deadline: str) -> dt.date:
    """Give the first day that is still within the law's number of days before the day of judgement."""
    return question.as_of - dt.timedelta(days=question.law.whole(deadline))


def latest(frame: pl.DataFrame, by: Sequence[str], *order: str) -> pl.DataFrame:
    """Keep the last row of each key by the order given; of rows that are equal in it, the one that stands last."""
    return frame.sort(*order, "file", "line", nulls_last=False).unique(by, keep="last", maintain_order=True)


def everybody(facts: Facts) -> pl.DataFrame:
    """Give one row an agency."""
    keys = facts.agencies.keys
    return pl.DataFrame({"agency": pl.Series(keys, dtype=facts.table("hosts").schema["agency"])})


def decide(
    frame: pl.DataFrame,
    part: str,
    table: str,
    subject: str | pl.Expr,
    *rules: Rule,
    weight: pl.Expr | None = None,
) -> pl.DataFrame:
    """Test each row: the first rule whose condition holds decides; with none the subject passes.

    Args:
        frame: one row a subject, with agency, file and line.
        part: of the measure.
        table: where the rows come from; a column `table` of the frame goes before it.
        subject: column or expression that names the subject.
        rules: in order.
        weight: how much a subject counts; one unless given.
    """
    outcome: pl.Expr = pl.lit("pass")
    why: pl.Expr = pl.lit("")
    for condition, result, reason in reversed(rules):
        outcome = pl.when(condition).then(pl.lit(result)).otherwise(outcome)
        why = pl.when(condition).then(pl.lit(reason)).otherwise(why)
    name = pl.col(subject) if isinstance(subject, str) else subject
    return frame.select(
        "agency",
        pl.lit(part).alias("part"),
        name.cast(pl.String).alias("subject"),
        outcome.alias("outcome"),
        (pl.lit(1) if weight is None else weight).cast(pl.Int64).alias("weight"),
        why.alias("why"),
        pl.col("table") if "table" in frame.columns else pl.lit(table).alias("table"),
        pl.col("file").cast(pl.String).fill_null("") if "file" in frame.columns else pl.lit("").alias("file"),
        pl.col("line").cast(pl.Int64).fill_null(0) if "line" in frame.columns else pl.lit(0, pl.Int64).alias("line"),
    )


def gather(*tests: pl.DataFrame) -> pl.DataFrame:
    """Lay the tests of a measure's parts together."""
    return pl.concat(tests).select(TESTS_COLUMNS)
