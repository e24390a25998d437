"""Internet addresses in one spelling, and whose range they lay in on a day."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Sequence

import polars as pl

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Validity = tuple[dt.date, dt.date]


def address_key(written: str) -> str:
    """Give an address in its one spelling; words that are no address come back as they are, in lower case."""
    text = written.strip().lower().replace("[.]", ".").replace("(.)", ".").strip("[]")
    # Lists pad the parts of an address with zeros ("010.001.000.007"); they mean decimal numbers.
    text = re.sub(r"(?<![\d:a-f])0+(?=\d+(?:\.|$))", "", text) if text.count(".") == 3 and ":" not in text else text
    try:
        address = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return text
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def address_keys(column: pl.Series) -> pl.Series:
    """Give the one spelling of a column of addresses."""
    written = column.drop_nulls().unique().to_list()
    if not written:
        return column
    return column.replace_strict(written, [address_key(text) for text in written], return_dtype=pl.String)


def owned_at(networks: pl.DataFrame, asked: Sequence[tuple[str, str, dt.date] | None]) -> list[str | None]:
    """Tell whether addresses lay in their agency's ranges on a day.

    Args:
        networks: agency, network, valid_from, valid_to (null: open).
        asked: (agency, address key, day); None where nobody asks.

    Returns:
        "yes", "no" or "unclear" (the address or a range of the agency can't be read), in the order asked.
    """
    if not any(asked):
        return [None] * len(asked)
    ranges: dict[tuple[str, int, int, int], list[_Validity]] = {}
    lengths: dict[tuple[str, int], set[int]] = {}
    unclear: set[str] = set()
    for agency, text, since, until in networks.iter_rows():
        network = _read_network(text)
        if network is None:
            unclear.add(agency)
            continue
        place = (agency, network.version, network.prefixlen, int(network.network_address))
        ranges.setdefault(place, []).append((since or dt.date.min, until or dt.date.max))
        lengths.setdefault((agency, network.version), set()).add(network.prefixlen)
    return [None if one is None else _tell(*one, ranges, lengths, unclear) for one in asked]


def _read_network(text: str) -> _Network | None:
    try:
        return ipaddress.ip_network(text.replace(" ", ""), strict=False)
    except ValueError:
        return None


def _tell(
    agency: str,
    text: str,
    day: dt.date,
    ranges: dict[tuple[str, int, int, int], list[_Validity]],
    lengths: dict[tuple[str, int], set[int]],
    unclear: set[str],
) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unclear"
    for length in lengths.get((agency, address.version), ()):
        base = int(address) >> (address.max_prefixlen - length) << (address.max_prefixlen - length)
        if any(since <= day <= until for since, until in ranges.get((agency, address.version, length, base), ())):
            return "yes"
    return "unclear" if agency in unclear else "no"
