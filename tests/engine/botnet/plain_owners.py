"""Who answered for an address, the slow way: one row at a time, with the standard library. What `match` has to agree with."""

import datetime as dt
import ipaddress
from typing import Any

from haidang.engine.calendar import end_of, start_of

RANK = ("held", "unclear", "not_then")


def owners(row: dict[str, Any], networks: list[dict[str, Any]]) -> dict[str, str]:
    """Give agency → how it stands to a row."""
    kind = ipaddress.IPv4Address if row["version"] == 4 else ipaddress.IPv6Address
    first, last = kind(row["first"]), kind(row["last"])
    stands: dict[str, list[str]] = {}
    touched = [
        net
        for net in networks
        if (n := parse(net["network"])).version == row["version"] and n[0] <= last and first <= n[-1]
    ]
    for net in touched:
        network = parse(net["network"])
        # Days on which the agency held this network by itself or by one around it.
        days = [
            validity(one)
            for one in touched
            if one["agency"] == net["agency"] and parse(one["network"]).supernet_of(network)
        ]
        stands.setdefault(net["agency"], []).append(stand(row["seen"], row["seen_until"], days))
    return {agency: min(found, key=RANK.index) for agency, found in stands.items()}


def outcome(stands: dict[str, str], *, reserved: bool) -> str:
    held = sum(one == "held" for one in stands.values())
    if held:
        return "owned" if held == 1 else "several_owners"
    if "unclear" in stands.values():
        return "unclear_time"
    return "not_then" if stands else "private_or_reserved" if reserved else "unowned"


def parse(text: str) -> Any:
    return ipaddress.ip_network(text, strict=False)


def validity(net: dict[str, Any]) -> tuple[dt.datetime, dt.datetime]:
    tick = dt.timedelta(microseconds=1)
    first = start_of(net["valid_from"]) if net["valid_from"] else dt.datetime.min.replace(tzinfo=dt.UTC)
    last = end_of(net["valid_to"]) - tick if net["valid_to"] else dt.datetime.max.replace(tzinfo=dt.UTC)
    return first, last


def stand(since: dt.datetime | None, until: dt.datetime | None, days: list[tuple[dt.datetime, dt.datetime]]) -> str:
    since = since or dt.datetime.min.replace(tzinfo=dt.UTC)
    until = until or dt.datetime.max.replace(tzinfo=dt.UTC)
    inside = sorted((max(a, since), min(b, until)) for a, b in days if a <= until and b >= since)
    if not inside:
        return "not_then"
    reached = since
    for first, last in inside:
        if first > reached:
            return "unclear"
        reached = max(reached, last + dt.timedelta(microseconds=1) if last < until else last)
    return "held" if inside[0][0] <= since and max(b for _, b in inside) >= until and reached >= until else "unclear"
