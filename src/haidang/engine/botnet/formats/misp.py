"""MISP, events as JSON: attributes that are addresses, with the time at which they were seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import cast

import orjson
import polars as pl

from haidang.engine.botnet.address_list import AddressList, make_list
from haidang.engine.errors import UnreadableParcel

ORDER = 10
_TYPES = ("ip-src", "ip-dst", "ip-src|port", "ip-dst|port")
_COLUMNS = ("address", "port", "seen", "last_seen", "family", "list")
_Node = Mapping[str, object]


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take JSON that speaks of an event or of attributes as MISP does."""
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")):
        return False
    return b'"Attribute"' in head or (b'"Event"' in head[:8_192] and b'"info"' in head)


def read(data: bytes, name: str) -> AddressList:
    """Read the addresses of every event; lines count attributes.

    Raises:
        UnreadableParcel: broken, or without an attribute that is an address.
    """
    try:
        content = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableParcel(f"{name} is broken JSON: {error}") from error
    rows: list[dict[str, object]] = []
    guessed = 0
    for number, (event, attribute) in enumerate(_attributes(content), 1):
        if attribute.get("type") not in _TYPES or attribute.get("deleted") is True:
            continue
        row = _row(event, attribute)
        guessed += not row.pop("sighted")
        rows.append({**row, "line": number})
    if not rows:
        raise UnreadableParcel(f"{name} has no attribute that is an address (ip-src, ip-dst)")
    cells = pl.DataFrame(rows, schema={**dict.fromkeys(_COLUMNS, pl.String), "line": pl.Int64})
    note = (
        f"{guessed} thuộc tính chỉ có thời điểm sửa trong MISP, dùng làm lúc ghi nhận / "
        f"{guessed} attributes have only the time of their last edit, taken for the sighting's"
    )
    return make_list("MISP JSON", name, cells, zone=dt.UTC, notes=(note,) if guessed else ())


def _attributes(content: object) -> Iterator[tuple[_Node, _Node]]:
    events = content if isinstance(content, list) else [content]
    if isinstance(content, dict) and isinstance(content.get("response"), list | dict):
        response = content["response"]
        events = response if isinstance(response, list) else [response]
    for one in events:
        node = one.get("Event", one) if isinstance(one, dict) else {}
        if isinstance(node, dict):
            yield from ((node, attribute) for attribute in _list(node, "Attribute"))
            for thing in _list(node, "Object"):
                yield from ((node, attribute) for attribute in _list(thing, "Attribute"))


def _list(node: _Node, name: str) -> list[_Node]:
    found = node.get(name)
    return [cast("_Node", one) for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _row(event: _Node, attribute: _Node) -> dict[str, object]:
    value, bar, port = str(attribute.get("value", "")).partition("|")
    sightings = [str(one["date_sighting"]) for one in _list(attribute, "Sighting") if one.get("date_sighting")]
    seen = max(sightings, default="") or attribute.get("first_seen") or attribute.get("last_seen")
    last = attribute.get("last_seen") if not sightings else None
    when = seen or attribute.get("timestamp") or event.get("date")
    return {
        "address": value,
        "port": port if bar else None,
        "seen": str(when) if when else None,
        "last_seen": str(last) if last else None,
        "family": _family(event, attribute),
        "list": str(event["info"])[:200] if event.get("info") else None,
        "sighted": bool(seen),
    }


def _family(event: _Node, attribute: _Node) -> str | None:
    """Take the malware's name from tags: misp-galaxy:botnet="Mozi"."""
    for tag in (*_list(attribute, "Tag"), *_list(event, "Tag")):
        name = str(tag.get("name", ""))
        kind, equals, value = name.partition("=")
        if equals and any(word in kind for word in ("botnet", "malware", "malpedia", "rat", "banker", "tool")):
            return value.strip('"').split(" - ")[0]
    comment = str(attribute.get("comment") or "").strip()
    return comment if 0 < len(comment) <= 40 else None
