"""Listed addresses against networks: who answered for each at the minute in which it was seen."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from haidang.engine.botnet.addresses import RESERVED
from haidang.engine.botnet.networks import FOREVER, NEVER, Keys, Networks, Numbers, Ranges, make_networks, pack_columns

OUTCOMES = (
    "owned", "several_owners", "unclear_time", "not_then", "unowned", "private_or_reserved", "unreadable",
)  # fmt: skip
# How an agency stands to a row: it answered for the address, that depends on the hour, or it did at another time.
STANDS = ("held", "unclear", "not_then")
ANSWERS: dict[str, pl.DataType] = {
    "row": pl.UInt32(),
    "agency": pl.String(),
    "stand": pl.Enum(STANDS),
    "network": pl.String(),
}
_CHUNK = 200_000
_Flags = npt.NDArray[np.bool_]


def match(rows: pl.DataFrame, networks: Networks) -> tuple[pl.Series, pl.DataFrame]:
    """Find who answered for each row.

    An agency *held* an address when one of its networks that holds it was valid at the instant it was seen, or over
    the whole stretch in which it can have been seen; *unclear*: over a part of the stretch. A network that somebody
    declares goes before what is reserved: inside a city, private addresses have owners.

    Args:
        rows: `address_list.ROWS`.
        networks: whose is what.

    Returns:
        (outcome of each row, `ANSWERS`: a row for each listed row and agency, its narrowest network that tells).
    """
    parts: list[pl.DataFrame] = []
    numbered = rows.select(
        "version", "first_hi", "first_lo", "last_hi", "last_lo", "seen", "seen_until"
    ).with_row_index("row")
    for version, ranges in networks.ranges.items():
        of_version = numbered.filter(pl.col("version") == version)
        starts = range(0, of_version.height, _CHUNK)
        parts += [_answers(of_version.slice(start, _CHUNK), ranges) for start in starts]
    blank = pl.DataFrame(schema={"row": pl.UInt32, "holder": pl.Int64, "stand": pl.Int8, "network": pl.String})
    found = pl.concat([blank, *parts]).sort("row", "holder")
    counts = found.group_by("row").agg(
        (pl.col("stand") == 0).sum().alias("held"), (pl.col("stand") == 1).sum().alias("unclear")
    )
    outcome = numbered.select("row").join(counts, on="row", how="left", maintain_order="left").select(
        pl.when(pl.col("held") > 1).then(pl.lit("several_owners"))
        .when(pl.col("held") == 1).then(pl.lit("owned"))
        .when(pl.col("unclear") > 0).then(pl.lit("unclear_time"))
        .when(pl.col("held").is_not_null()).then(pl.lit("not_then"))
        .when(pl.Series(is_reserved(rows))).then(pl.lit("private_or_reserved"))
        .otherwise(pl.lit("unowned")).cast(pl.Enum(OUTCOMES)).alias("outcome")
    ).to_series()  # fmt: skip
    answers = found.select(
        "row",
        pl.Series("agency", networks.agencies, dtype=pl.String).gather(found["holder"]).alias("agency")
        if networks.agencies
        else pl.lit(None, pl.String()).alias("agency"),
        pl.Series(STANDS, dtype=pl.Enum(STANDS)).gather(found["stand"].cast(pl.UInt32)).alias("stand"),
        "network",
    )
    return outcome, answers


def is_reserved(rows: pl.DataFrame) -> _Flags:
    """Tell the rows all of whose addresses are private or otherwise nobody's."""
    out = np.zeros(rows.height, dtype=bool)
    for version, ranges in _reserved().ranges.items():
        mask = (rows["version"] == version).to_numpy()
        of_version = rows.filter(pl.Series(mask))
        if of_version.height and len(ranges.first):
            first = pack_columns(of_version["first_hi"], of_version["first_lo"])
            last = pack_columns(of_version["last_hi"], of_version["last_lo"])
            at = np.searchsorted(ranges.first, first, side="right") - 1
            out[mask] = (at >= 0) & (ranges.last[np.maximum(at, 0)] >= last)
    return out


@cache
def _reserved() -> Networks:
    return make_networks(
        pl.DataFrame(
            {
                "agency": ["-"] * len(RESERVED), "network": RESERVED, "valid_from": None, "valid_to": None,
                "file": "", "line": 0,
            }
        )
    )  # fmt: skip


def _answers(rows: pl.DataFrame, ranges: Ranges) -> pl.DataFrame:
    """Give (row, holder, stand, network): the best stand of each holder, by the narrowest range that shows it."""
    first = pack_columns(rows["first_hi"], rows["first_lo"])
    last = pack_columns(rows["last_hi"], rows["last_lo"])
    places, touched = _touched(first, last, ranges)
    counts = ranges.begin[touched + 1] - ranges.begin[touched]
    holdings = _spread(ranges.begin[touched], counts)
    places, touched = np.repeat(places, counts), np.repeat(touched, counts)
    since = rows["seen"].dt.epoch("us").fill_null(NEVER).to_numpy()[places]
    until = rows["seen_until"].dt.epoch("us").fill_null(FOREVER).to_numpy()[places]
    held_from, held_to = ranges.held_from[holdings], ranges.held_to[holdings]
    whole = (held_from <= since) & (until <= held_to)
    none = (until < held_from) | (since > held_to)
    stand = np.where(whole, 0, np.where(none, 2, 1)).astype(np.int8)
    found = pl.DataFrame(
        {"place": places, "holder": ranges.holder[holdings], "stand": stand, "range": touched},
        schema={"place": pl.UInt32, "holder": pl.Int64, "stand": pl.Int8, "range": pl.Int64},
    )
    # Of ranges within each other the narrowest stands last in their order.
    best = found.sort("place", "holder", "stand", -pl.col("range")).unique(
        ["place", "holder"], keep="first", maintain_order=True
    )
    return best.select(
        rows["row"].gather(best["place"]).alias("row"),
        "holder",
        "stand",
        pl.Series("network", ranges.text, dtype=pl.String).gather(best["range"]).alias("network"),
    )


def _touched(first: Keys, last: Keys, ranges: Ranges) -> tuple[Numbers, Numbers]:
    """Give (place of row, place of range) for every range that a row's addresses lie in or run over."""
    after = np.searchsorted(ranges.first, first, side="right")
    at = (after - 1).astype(np.int64)
    places = np.arange(len(first), dtype=np.int64)
    found = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    # Ranges that begin within a wide row.
    inner = np.searchsorted(ranges.first, last, side="right") - after
    found[0].append(np.repeat(places, inner))
    found[1].append(_spread(after, inner))
    # Ranges around its first address: the last that begins before it, and upwards.
    here, at = places[at >= 0], at[at >= 0]
    while len(here):
        around = ranges.last[at] >= first[here]
        found[0].append(here[around])
        found[1].append(at[around])
        at = ranges.parent[at]
        here, at = here[at >= 0], at[at >= 0]
    return np.concatenate(found[0]), np.concatenate(found[1])


def _spread(begin: npt.NDArray[np.integer], counts: npt.NDArray[np.integer]) -> Numbers:
    """Give begin, begin + 1, … for each, as many as it counts."""
    whole = int(counts.sum())
    starts = np.repeat(begin - (np.cumsum(counts) - counts), counts)
    spread: Numbers = np.arange(whole, dtype=np.int64) + starts.astype(np.int64)
    return spread
