"""Stretches of time: what is covered, and where the holes are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from haidang.engine.calendar import end_of, start_of
from haidang.engine.obligations.measure import Question
from haidang.engine.obligations.subjects import clock_of


def bounds(question: Question) -> tuple[dt.datetime, dt.datetime]:
    """Give the first instant of the period and the first one after it."""
    return start_of(question.first), end_of(question.last)


def minutes_of(question: Question) -> int:
    """Give the length of the period."""
    first, after = bounds(question)
    return int((after - first).total_seconds()) // 60


def merge(spans: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Join spans that overlap or touch.

    Args:
        spans: `by`, starts, ends; starts before ends, or equal.
        by: columns that keep spans apart.

    Returns:
        `by`, starts, ends: apart from each other, in order.
    """
    ordered = spans.sort(*by, "starts", "ends").with_columns(
        pl.col("ends").cum_max().shift(1).over(by).alias("reached")
    )
    fresh = (pl.col("starts") > pl.col("reached")).fill_null(value=True)
    return (
        ordered.with_columns(fresh.cum_sum().over(by).alias("stretch"))
        .group_by(*by, "stretch", maintain_order=True)
        .agg(pl.col("starts").min(), pl.col("ends").max())
        .drop("stretch")
    )


def find_gaps(spans: pl.DataFrame, members: pl.DataFrame, by: Sequence[str], question: Question) -> pl.DataFrame:
    """Find what the spans leave open of the period. A day written as ending at 23:59 is whole: one minute is no hole.

    Args:
        spans: `by`, starts, ends.
        members: `by`; each is expected to cover the whole period.
        by: columns that keep spans apart.
        question: its period counts.

    Returns:
        `by`, starts, ends, minutes: one row a hole, in order.
    """
    first, after = bounds(question)
    inside = spans.filter((pl.col("starts") < after) & (pl.col("ends") > first)).select(
        *by, pl.col("starts").clip(first, after), pl.col("ends").clip(first, after)
    )
    posts = [
        members.select(*by, pl.lit(edge).cast(inside.schema["starts"]).alias("starts")).with_columns(
            pl.col("starts").alias("ends")
        )
        for edge in (first, after)
    ]
    return (
        merge(pl.concat([inside, *posts]), by)
        .with_columns(pl.col("ends").shift(1).over(by).alias("starts"), pl.col("starts").alias("ends"))
        .filter(pl.col("starts").is_not_null())
        .with_columns((pl.col("ends") - pl.col("starts")).dt.total_minutes().alias("minutes"))
        .filter(pl.col("ends") - pl.col("starts") > pl.duration(minutes=1))
    )


def name_span(starts: str = "starts", ends: str = "ends") -> pl.Expr:
    """Write a stretch of time: the day once when it begins and ends on the same."""
    first, last = clock_of(pl.col(starts)), clock_of(pl.col(ends))
    same_day = first.str.head(10) == last.str.head(10)
    return pl.format("{} – {}", first, pl.when(same_day).then(last.str.tail(5)).otherwise(last))
