"""List beside list: what appeared, what persists, what is gone."""

from __future__ import annotations

import polars as pl

CHANGES = ("appeared", "persists", "gone")
CHANGED: dict[str, pl.DataType] = {
    "address": pl.String(),
    "family": pl.String(),
    "change": pl.Enum(CHANGES),
    "rows_before": pl.UInt32(),
    "rows_now": pl.UInt32(),
    "last_before": pl.Datetime("us", "UTC"),
    "last_now": pl.Datetime("us", "UTC"),
}


def compare(now: pl.DataFrame, before: pl.DataFrame, *, by_family: bool = False) -> pl.DataFrame:
    """Lay a list beside the ones before it: `CHANGED`, an address (and family) a row, in order.

    An address that is gone is not proven clean: it may only not have been seen.

    Args:
        now: `address_list.ROWS` of this list.
        before: of the earlier ones.
        by_family: tell families at one address apart; else they are listed together.
    """
    by = ["address", "family"] if by_family else ["address"]
    sides = [
        side.with_columns(pl.col("family").str.to_lowercase() if by_family else pl.col("family"))
        .group_by(by)
        .agg(
            *(
                []
                if by_family
                else [pl.col("family").drop_nulls().unique().sort().str.join("; ").alias(f"family_{name}")]
            ),
            pl.len().cast(pl.UInt32).alias(f"rows_{name}"),
            pl.col("seen_until").max().alias(f"last_{name}"),
        )
        for name, side in (("before", before), ("now", now))
    ]
    both = sides[0].join(sides[1], on=by, how="full", coalesce=True, nulls_equal=True)
    change = (
        pl.when(pl.col("rows_before").is_null())
        .then(pl.lit("appeared"))
        .when(pl.col("rows_now").is_null())
        .then(pl.lit("gone"))
    )
    if not by_family:
        both = both.with_columns(pl.coalesce("family_now", "family_before").replace("", None).alias("family"))
    return (
        both.with_columns(
            change.otherwise(pl.lit("persists")).alias("change"), pl.col("rows_before", "rows_now").fill_null(0)
        )
        .select(CHANGED.keys())
        .cast(CHANGED)  # type: ignore[arg-type]
        .sort("address", "family")
    )
