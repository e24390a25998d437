"""n6, answers as JSON: a list of events, each with its addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import cast

import orjson
import polars as pl

from haidang.engine.botnet.address_list import AddressList, make_list
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread

ORDER = 20
_COLUMNS = ("address", "seen", "family", "list", "port", "cc_address", "cc_port", "protocol")


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take JSON, one list or an event a line, whose beginning has n6's fields."""
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:8_192]
    return head.startswith((b"[", b"{")) and all(mark in head for mark in (b'"time"', b'"source"', b'"category"'))


def read(data: bytes, name: str) -> AddressList:
    """Read events; times are UTC. Lines count events.

    Raises:
        UnreadableParcel: it is no JSON of that shape.
    """
    events = _events(data.removeprefix(b"\xef\xbb\xbf"), name)
    rows: list[dict[str, object]] = []
    unread: list[Unread] = []
    left = 0
    for number, event in enumerate(events, 1):
        if not isinstance(event, dict):
            unread.append(Unread(Source(name, number), "không phải một sự kiện / not an event", "botnet_rows"))
            continue
        addresses = list(_addresses(event))
        left += not addresses
        rows += [{**_about(event), "address": address, "line": number} for address in addresses]
    cells = pl.DataFrame(rows, schema={**dict.fromkeys(_COLUMNS, pl.String), "line": pl.Int64})
    notes = (f"{left} sự kiện không có địa chỉ / {left} events without an address",) if left else ()
    return make_list("n6 JSON", name, cells, zone=dt.UTC, unread=tuple(unread), notes=notes)


def _events(data: bytes, name: str) -> list[object]:
    try:
        if data.lstrip().startswith(b"["):
            return cast("list[object]", orjson.loads(data))
        return [orjson.loads(line) for line in data.splitlines() if line.strip()]
    except orjson.JSONDecodeError as error:
        raise UnreadableParcel(f"{name} is broken JSON: {error}") from error


def _addresses(event: Mapping[str, object]) -> Iterator[str]:
    listed = event.get("address")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and (ip := one.get("ip") or one.get("ipv6")):
            yield str(ip)
    if not isinstance(listed, list) and event.get("ip"):
        yield str(event["ip"])


def _about(event: Mapping[str, object]) -> dict[str, str | None]:
    def text(*names: str) -> str | None:
        return next((str(event[name]) for name in names if event.get(name) not in (None, "")), None)

    source = text("source")
    return {
        # Of events that n6 aggregated, the last one is the one to look for.
        "seen": text("until", "time"),
        "family": text("name", "category"),
        "list": f"n6 {source}" if source else None,
        "port": text("sport"),
        "cc_address": text("dip", "fqdn"),
        "cc_port": text("dport"),
        "protocol": text("proto"),
    }
