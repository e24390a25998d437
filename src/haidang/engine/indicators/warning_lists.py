"""Lists of what is no sign of harm, though somebody will list it: public resolvers, updates, everybody's websites."""

from __future__ import annotations

import ipaddress
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, get_args

import numpy as np
import orjson
import polars as pl
import yaml

from haidang.engine.errors import BadContent, UnreadableParcel
from haidang.engine.indicators.many import ipv4_numbers
from haidang.engine.indicators.spelling import guess, spell

Match = Literal["exact", "names", "networks", "below", "files"]
_NETWORK_TYPES: Final = ("ipv4", "ipv6", "cidr")
_DEEPEST: Final = 8  # labels below a listed name
_QUAD: Final = r"^\d{1,3}(?:\.\d{1,3}){3}$"
_NAME_TYPES: Final = ("domain", "host")
_FORM: Final = {"name", "why", "match", "values"}


@dataclass(frozen=True, slots=True)
class WarningList:
    """What is kept off hunts and blocks, and why.

    Attributes:
        name: in Vietnamese and English.
        why: one sentence.
        match: how values are meant. `names`: the name itself, and lists that would strike it: a domain above it;
            `below`: also every name below it; `networks`: addresses in them; `files`: files of that
            name; `exact`: that value alone.
        values: in their one spelling.
    """

    name: str
    why: str
    match: Match
    values: tuple[str, ...]


def read_warning_list(data: bytes, name: str) -> WarningList:
    """Read a list of our own form (YAML) or of MISP's (JSON).

    Raises:
        UnreadableParcel: it is neither.
    """
    try:
        told = orjson.loads(data) if data.lstrip().startswith(b"{") else yaml.safe_load(data)
    except (orjson.JSONDecodeError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableParcel(f"{name} is no warning list: {error}") from error
    if isinstance(told, dict) and isinstance(told.get("list"), list):
        return _from_misp(told)
    if not isinstance(told, dict) or set(told) != _FORM or told["match"] not in get_args(Match):
        raise UnreadableParcel(f"{name} is no warning list: name, why, match and values were expected")
    lost = [str(value) for value in told["values"] if _spell(told["match"], str(value)) is None]
    if lost:
        raise BadContent(f"{name}: not spelled as {told['match']}: {lost[:3]}")
    values = tuple(spelled for value in told["values"] if (spelled := _spell(told["match"], str(value))))
    return WarningList(str(told["name"]), str(told["why"]), told["match"], values)


def _from_misp(told: Mapping[str, Any]) -> WarningList:
    """Read MISP's list; its `substring` and `regex` are left out: they would keep off more than they name."""
    kinds: Mapping[str, Match] = {"cidr": "networks", "hostname": "below", "string": "exact"}
    match = kinds.get(str(told.get("type", "")), "exact")
    values: tuple[str, ...] = ()
    if str(told.get("type", "")) in kinds:
        values = tuple(spelled for one in told["list"] if (spelled := _spell(match, str(one))))
    return WarningList(str(told.get("name", "")), str(told.get("description", "")), match, values)


def _spell(match: Match, text: str) -> str | None:
    if match == "networks":
        return spell("cidr", text) or spell("ipv4", text) or spell("ipv6", text)
    if match in ("names", "below"):
        bare = text.strip().lower().strip(".")
        return spell("domain", text) or (bare if re.fullmatch(r"[a-z0-9-]{2,63}", bare) else None)
    if match == "files":
        return spell("file_name", text)
    told = guess(text)
    return told[1] if told else None


def find_kept_off(indicators: pl.DataFrame, lists: Sequence[WarningList]) -> pl.Series:
    """Tell for each indicator the list that keeps it off; null where none does.

    A URL is kept off only by its exact spelling, or where it names no more than a host that is listed: a bad page of a
    good site stays what it is.
    """
    root = pl.col("value").str.extract(r"^[a-z0-9+.-]+://([^/:]+)(?::\d+)?/$")
    indicators = indicators.with_columns(place=pl.when(pl.col("type") == "url").then(root).otherwise("value"))
    four = indicators["place"].str.contains(_QUAD).fill_null(value=False).arg_true()
    number = pl.Series("number", [None], dtype=pl.Int64).new_from_index(0, indicators.height)
    indicators = indicators.with_columns(number.scatter(four, ipv4_numbers(indicators["place"].gather(four))))
    found = pl.Series("list", [None] * indicators.height, dtype=pl.String)
    for one in lists:
        told = _find(indicators, one)
        found = pl.select(pl.coalesce(found, pl.select(pl.when(told).then(pl.lit(one.name))).to_series())).to_series()
    return found.alias("list")


def _find(indicators: pl.DataFrame, one: WarningList) -> pl.Series:
    values, types = indicators["value"], indicators["type"]
    exact = values.is_in(one.values)
    if one.match in ("exact", "files"):
        return exact & (types == "file_name") if one.match == "files" else exact
    if one.match == "networks":
        return exact | (types.is_in([*_NETWORK_TYPES, "url"]) & _within(indicators, one.values))
    hosts = pl.select(pl.when(types.is_in([*_NAME_TYPES, "url"])).then(indicators["place"])).to_series()
    above = {parent for value in one.values for parent in _parents(value)}
    told = hosts.is_in([*one.values, *(f"www.{value}" for value in one.values)]) | (
        (types == "domain") & hosts.is_in(list(above))
    )
    above_it = hosts
    for _ in range(_DEEPEST if one.match == "below" else 0):
        above_it = above_it.str.extract(r"^[^.]+\.(.+)$")
        told = told | above_it.is_in(one.values)
    return told.fill_null(value=False)


def _parents(name: str) -> Iterable[str]:
    labels = name.split(".")
    return (".".join(labels[at:]) for at in range(1, len(labels) - 1))


def _within(indicators: pl.DataFrame, networks: Sequence[str]) -> pl.Series:
    """Tell which addresses and networks lie within a listed network, and which networks hold one.

    Both lists may be long: networks become stretches that don't meet, in order, and each address is looked up in them.
    """
    stretches = {version: _stretches([_span(text) for text in networks], version) for version in (4, 6)}
    firsts, lasts = (np.array(ends, np.int64) for ends in stretches[4])
    numbers = indicators["number"].fill_null(-1).to_numpy()
    at = np.searchsorted(firsts, numbers, side="right") - 1
    inside = (at >= 0) & (numbers <= lasts[at]) if firsts.size else np.zeros(numbers.size, bool)
    asked = indicators.filter(pl.col("type").is_in(["ipv6", "cidr"]))["value"].unique().to_list()
    others = [text for text in asked if _meets(_span(text), stretches)]
    return pl.Series("within", inside) | indicators["value"].is_in(others)


def _stretches(spans: Iterable[tuple[int, int, int]], version: int) -> tuple[list[int], list[int]]:
    """Give the first and the last numbers of stretches that don't meet, in order."""
    firsts: list[int] = []
    lasts: list[int] = []
    for _, first, last in sorted(span for span in spans if span[0] == version):
        if lasts and first <= lasts[-1] + 1:
            lasts[-1] = max(lasts[-1], last)
        else:
            firsts.append(first)
            lasts.append(last)
    return firsts, lasts


@lru_cache(200_000)
def _span(text: str) -> tuple[int, int, int]:
    """Give the version, the first and the last address of a network."""
    network = ipaddress.ip_network(text)
    first = int(network.network_address)
    return network.version, first, first + network.num_addresses - 1


def _meets(told: tuple[int, int, int], stretches: Mapping[int, tuple[list[int], list[int]]]) -> bool:
    version, first, last = told
    firsts, lasts = stretches[version]
    at = bisect_right(firsts, last) - 1
    return at >= 0 and first <= lasts[at]
