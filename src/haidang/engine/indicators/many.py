"""Spelling of a column at once: what is spelled right already is only looked at, the rest goes value by value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import polars as pl

from haidang.engine.indicators.indicator import IndicatorType
from haidang.engine.indicators.spelling import FILE_ENDINGS, address_type, guess, spell

_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_FILE: Final = rf"\.(?:{'|'.join(sorted(FILE_ENDINGS))})$"
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

# What a table calls a type: “address” stands for addresses and networks of both versions.
KINDS: Final[Mapping[str, str]] = {
    name: kind
    for kind, names in {
        "address": "ip; ipv4; ipv6; ip address; ip-dst; ip-src; cidr; network; ip:port; dia chi ip",
        "domain": "domain; hostname; fqdn; ten mien",
        "host": "host",
        "url": "url; uri",
        "email": "email; e-mail; thu dien tu",
        "md5": "md5; md5 hash; md5_hash; filehash-md5",
        "sha1": "sha1; sha-1; sha1 hash; sha1_hash; filehash-sha1",
        "sha256": "sha256; sha-256; sha256 hash; sha256_hash; filehash-sha256",
        "file_name": "file name; filename; file_name; ten tep",
        "registry_key": "registry_key; registry key; regkey",
    }.items()
    for name in names.split("; ")
}


def is_right(values: pl.Series) -> pl.Series:
    """Give the type of values that stand in their one spelling as they are; null for all others."""
    told = [pl.when(pl.col("raw").str.contains(pattern)).then(pl.lit(type_)) for type_, pattern in _RIGHT.items()]
    is_file = pl.col("raw").str.contains(_FILE)
    types = pl.DataFrame({"raw": values}).with_columns(type=pl.coalesce(told), is_file=is_file)
    is_doubtful = (pl.col("type") == "domain") & pl.col("is_file")
    return types.select(type=pl.when(~is_doubtful).then("type")).to_series()


def _refanged(values: pl.Series) -> pl.Series:
    """Undo the two commonest ways of defanging for a whole column."""
    return values.str.strip_chars().str.replace_all("[.]", ".", literal=True).str.replace("^hxxp(s?)://", "http${1}://")


def ipv4_numbers(values: pl.Series) -> pl.Series:
    """Give IPv4 addresses as numbers."""
    parts = values.str.split_exact(".", 3).struct.unnest()
    number = pl.lit(0, dtype=pl.Int64)
    for name in parts.columns:
        number = number * 256 + pl.col(name).cast(pl.Int64)
    return parts.select(number=number).to_series()


def guess_many(values: pl.Series) -> pl.DataFrame:
    """Give type and spelling (`spelled`; null where it is none) of values that come without a type."""
    values = _refanged(values)
    found = pl.DataFrame({"raw": values, "type": is_right(values)})
    found = found.with_columns(spelled=pl.when(pl.col("type").is_not_null()).then("raw"))
    return _with_rest(found, {text: guess(text) for text in _rest(found)})


def spell_many(types: pl.Series, values: pl.Series) -> pl.DataFrame:
    """Give type and spelling of values whose types are told; “address” stands for addresses and networks."""
    values = _refanged(values)
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
    told = {(kind, text): spell_told(kind, text) for kind, text in rest.iter_rows()}
    return _joined(found, ["told", "raw"], [(*key, *value) for key, value in told.items() if value])


def spell_told(kind: str | None, text: str) -> tuple[IndicatorType, str] | None:
    """Spell a value whose kind a table tells: “address” is an address or a network, None what is not told."""
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
