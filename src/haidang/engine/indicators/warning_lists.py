"""Lists of what is no sign of harm, though somebody will list it: public resolvers, updates, everybody's websites."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson
import polars as pl
import yaml

from haidang.engine.errors import BadContent, UnreadableParcel
from haidang.engine.indicators.spelling import guess, spell

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Match = Literal["exact", "names", "networks", "below"]
_NETWORK_TYPES: Final = ("ipv4", "ipv6", "cidr")
_NAME_TYPES: Final = ("domain", "host")
_FORM: Final = {"name", "why", "match", "values"}


@dataclass(frozen=True, slots=True)
class WarningList:
    """What is kept off hunts and blocks, and why.

    Attributes:
        name: in Vietnamese and English.
        why: one sentence.
        match: how values are meant. `names`: the name itself, and lists that would strike it: a domain above it;
            `below`: also every name below it; `networks`: addresses in them; `exact`: that value alone.
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
    if not isinstance(told, dict) or set(told) != _FORM or told["match"] not in ("exact", "names", "networks", "below"):
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
    told = guess(text)
    return told[1] if told else None


def find_kept_off(indicators: pl.DataFrame, lists: Sequence[WarningList]) -> pl.Series:
    """Tell for each indicator the list that keeps it off; null where none does.

    A URL is kept off only by its exact spelling, or where it names no more than a host that is listed: a bad page of a
    good site stays what it is.
    """
    found = pl.Series("list", [None] * indicators.height, dtype=pl.String)
    for one in lists:
        told = _find(indicators, one)
        found = pl.select(pl.coalesce(found, pl.select(pl.when(told).then(pl.lit(one.name))).to_series())).to_series()
    return found.alias("list")


def _find(indicators: pl.DataFrame, one: WarningList) -> pl.Series:
    values, types = indicators["value"], indicators["type"]
    exact = values.is_in(one.values)
    if one.match == "exact":
        return exact
    if one.match == "networks":
        return exact | (types.is_in(_NETWORK_TYPES) & _within(indicators, one.values))
    hosts = pl.select(
        pl.when(types.is_in(_NAME_TYPES))
        .then(values)
        .when(types == "url")
        .then(values.str.extract(r"^[a-z0-9+.-]+://([^/:]+)(?::\d+)?/$"))
    ).to_series()
    above = {parent for value in one.values for parent in _parents(value)}
    told = hosts.is_in(one.values) | ((types == "domain") & hosts.is_in(list(above)))
    if one.match == "below":
        endings = "|".join(re.escape(value) for value in one.values)
        told = told | hosts.str.contains(rf"\.(?:{endings})$") if one.values and len(one.values) < 2_000 else told
    return told.fill_null(value=False)


def _parents(name: str) -> Iterable[str]:
    labels = name.split(".")
    return (".".join(labels[at:]) for at in range(1, len(labels) - 1))


def _within(indicators: pl.DataFrame, networks: Sequence[str]) -> pl.Series:
    """Tell which addresses and networks lie within, or hold, a listed network: few lists, so each is gone through."""
    known = [ipaddress.ip_network(text) for text in networks]
    prefixes = {(network.version, network.prefixlen) for network in known}
    bases = {(network.version, network.prefixlen, int(network.network_address)) for network in known}

    def is_within(text: str) -> bool:
        network = ipaddress.ip_network(text)
        number = int(network.network_address)
        inside = any(
            version == network.version
            and length <= network.prefixlen
            and (version, length, number >> (network.max_prefixlen - length) << (network.max_prefixlen - length))
            in bases
            for version, length in prefixes
        )
        return inside or ("/" in text and any(_holds(network, one) for one in known))

    asked = indicators.filter(pl.col("type").is_in(_NETWORK_TYPES))["value"].unique().to_list()
    return indicators["value"].is_in([text for text in asked if is_within(text)])


def _holds(wide: _Network, narrow: _Network) -> bool:
    return (
        wide.version == narrow.version
        and wide.network_address <= narrow.network_address  # type: ignore[operator]
        and narrow.broadcast_address <= wide.broadcast_address  # type: ignore[operator]
    )
