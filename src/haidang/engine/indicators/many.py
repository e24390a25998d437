"""Spelling of a column at once: what is spelled right already is only looked at, the rest goes value by value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import polars as pl

from haidang.engine.indicators.indicator import IndicatorType
from haidang.engine.indicators.spelling import address_type, guess, spell

_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# What stands in its one spelling as it is.
_RIGHT: Final[Mapping[str, str]] = {
    "ipv4": rf"^{_OCTET}(?:\.{_OCTET}){{3}}$",
    "domain": rf"^(?:{_LABEL}\.){{1,8}}[a-z]{{2,24}}$",
    "md5": r"^[0-9a-f]{32}$",
    "sha1": r"^[0-9a-f]{40}$",
    "sha256": r"^[0-9a-f]{64}$",
    "url": rf"^https?://(?:{_LABEL}\.){{1,8}}[a-z]{{2,24}}/[A-Za-z0-9_./-]*$",
    "email": rf"^[a-z0-9._+-]{{1,64}}@(?:{_LABEL}\.){{1,8}}[a-z]{{2,24}}$",
}


def is_right(values: pl.Series) -> pl.Series:
    """Give the type of values that stand in their one spelling as they are; null for all others."""
    told = [pl.when(pl.col("raw").str.contains(pattern)).then(pl.lit(type_)) for type_, pattern in _RIGHT.items()]
    return pl.DataFrame({"raw": values}).select(type=pl.coalesce(told)).to_series()


def ipv4_numbers(values: pl.Series) -> pl.Series:
    """Give IPv4 addresses as numbers."""
    parts = values.str.split_exact(".", 3).struct.unnest()
    number = pl.lit(0, dtype=pl.Int64)
    for name in parts.columns:
        number = number * 256 + pl.col(name).cast(pl.Int64)
    return parts.select(number=number).to_series()


def guess_many(values: pl.Series) -> pl.DataFrame:
    """Give type and spelling (`spelled`; null where it is none) of values that come without a type."""
    found = pl.DataFrame({"raw": values, "type": is_right(values)})
    found = found.with_columns(spelled=pl.when(pl.col("type").is_not_null()).then("raw"))
    return _with_rest(found, {text: guess(text) for text in _rest(found)})


def spell_many(types: pl.Series, values: pl.Series) -> pl.DataFrame:
    """Give type and spelling of values whose types are told; “address” stands for addresses and networks."""
    found = pl.DataFrame({"raw": values, "told": types})
    type_of = pl.when(pl.col("told") == "address").then(pl.lit("ipv4")).otherwise("told")
    right = pl.Series("right", [False]).new_from_index(0, values.len())
    for kind in types.drop_nulls().unique().to_list():
        pattern = _RIGHT.get("ipv4" if kind == "address" else kind)
        if pattern:
            at = (types == kind).fill_null(value=False).arg_true()
            right = right.scatter(at, values.gather(at).str.contains(pattern).fill_null(value=False))
    found = found.with_columns(type=pl.when(right).then(type_of), spelled=pl.when(right).then("raw"))
    rest = found.filter(~right).select("told", "raw").unique()
    told = {(kind, text): _spell(kind, text) for kind, text in rest.iter_rows()}
    return _joined(found, ["told", "raw"], [(*key, *value) for key, value in told.items() if value])


def _spell(kind: str | None, text: str) -> tuple[IndicatorType, str] | None:
    if kind is None:
        return guess(text)
    if kind == "address":
        value = spell("cidr", text) if "/" in text else spell("ipv4", text) or spell("ipv6", text)
        return (address_type(value), value) if value else None
    value = spell(cast("IndicatorType", kind), text)
    return (cast("IndicatorType", kind), value) if value else None


def _rest(found: pl.DataFrame) -> list[str]:
    return found.filter(pl.col("spelled").is_null())["raw"].unique().to_list()


def _with_rest(found: pl.DataFrame, told: Mapping[str, tuple[IndicatorType, str] | None]) -> pl.DataFrame:
    return _joined(found, ["raw"], [(text, *value) for text, value in told.items() if value])


def _joined(found: pl.DataFrame, by: list[str], rows: list[tuple[str | None, ...]]) -> pl.DataFrame:
    if not rows:
        return found.select("type", "spelled")
    schema = {**dict.fromkeys(by, pl.String()), "type_": pl.String(), "spelled_": pl.String()}
    others = pl.DataFrame(rows, schema=schema, orient="row")
    joined = found.join(others, on=by, how="left", maintain_order="left", nulls_equal=True)
    return joined.select(type=pl.coalesce("type", "type_"), spelled=pl.coalesce("spelled", "spelled_"))
