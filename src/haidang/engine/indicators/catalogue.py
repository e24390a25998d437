"""All indicators at hand as one list: each once, with what is not looked for and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from haidang.engine.indicators.indicator import SCHEMA, Bulletin
from haidang.engine.indicators.warning_lists import WarningList, find_kept_off
from haidang.engine.records import Unread

_WIDEST: Final = {4: 8, 6: 20}  # shorter prefixes are half the internet
_TLP: Final = ("", "clear", "green", "amber", "amber+strict", "red")
_BY: Final = ["type", "value", "together"]


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Indicators at hand.

    Attributes:
        frame: what is looked for; columns as in `indicator.SCHEMA`, type, value and together once each.
        skipped: what is not, with `reason` ("warning_list", "too_wide", "expired") and `detail`.
        unread: what could not be read.
        doubles: rows that said again what others say.
    """

    frame: pl.DataFrame
    skipped: pl.DataFrame
    unread: tuple[Unread, ...]
    doubles: int


def gather(
    bulletins: Sequence[Bulletin], lists: Sequence[WarningList], expired_on: dt.datetime | None = None
) -> Catalogue:
    """Join what many files say.

    Args:
        bulletins: the files.
        lists: what is never looked for.
        expired_on: leave out what has ended by then; None keeps it, because logs are older than the day they are read.
    """
    every = pl.concat([pl.DataFrame(schema=SCHEMA), *(one.frame for one in bulletins)])
    merged = _merge(every)
    kept_off = find_kept_off(merged, lists)
    width = pl.col("value").str.extract(r"/(\d+)$").cast(pl.Int64)
    is_six = pl.col("value").str.contains(":", literal=True)
    too_wide = (pl.col("type") == "cidr") & (width < pl.when(is_six).then(_WIDEST[6]).otherwise(_WIDEST[4]))
    ended = pl.col("valid_until") <= expired_on if expired_on else pl.lit(value=False)
    told = (
        merged.with_columns(kept_off)
        .with_columns(
            reason=pl.when(pl.col("list").is_not_null())
            .then(pl.lit("warning_list"))
            .when(too_wide)
            .then(pl.lit("too_wide"))
            .when(ended)
            .then(pl.lit("expired")),
            detail=pl.col("list").fill_null(""),
        )
        .drop("list")
    )
    # Where one part of a pattern is left out, the others alone would mean something else.
    broken = told.filter(pl.col("reason").is_not_null() & (pl.col("together") != ""))["together"].unique()
    is_broken = pl.col("together").is_in(broken.to_list()) & pl.col("reason").is_null()
    told = told.with_columns(reason=pl.when(is_broken).then(pl.lit("part_skipped")).otherwise("reason"))
    unread = tuple(row for one in bulletins for row in one.unread)
    kept = told.filter(pl.col("reason").is_null()).drop("reason", "detail")
    return Catalogue(kept, told.filter(pl.col("reason").is_not_null()), unread, every.height - merged.height)


def _merge(every: pl.DataFrame) -> pl.DataFrame:
    """Make one row of those that say the same: the widest time, the strictest light, every publisher."""
    again = pl.struct(_BY).is_duplicated()
    single = every.filter(~again)
    if single.height == every.height:
        return every
    light = pl.col("tlp").replace_strict({tlp: at for at, tlp in enumerate(_TLP)}, default=0, return_dtype=pl.Int64)
    several = every.filter(again)
    grouped = several.group_by(_BY, maintain_order=True).agg(
        pl.col("name").filter(pl.col("name") != "").first().fill_null(""),
        pl.col("publisher").filter(pl.col("publisher") != "").unique(maintain_order=True).head(5).str.join("; "),
        light.max().replace_strict(dict(enumerate(_TLP)), return_dtype=pl.String).alias("tlp"),
        pl.col("confidence").max(),
        pl.when(pl.col("valid_from").null_count() == 0).then(pl.col("valid_from").min()),
        pl.when(pl.col("valid_until").null_count() == 0).then(pl.col("valid_until").max()),
        pl.col("written", "file", "line", "id").first(),
    )
    return pl.concat([single, grouped.select(list(SCHEMA))])
