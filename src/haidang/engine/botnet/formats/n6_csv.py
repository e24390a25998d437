"""n6, answers as CSV: twelve fixed columns; ports and the far end stand in words under `details`."""

from __future__ import annotations

import datetime as dt

import polars as pl

from haidang.engine.botnet.address_list import AddressList, make_list
from haidang.engine.sheets import read_sheet

ORDER = 30
_FIELDS = ("time", "id", "source", "category", "name", "md5", "ip", "url", "fqdn", "asn", "cc", "details")
_DETAILS = {
    "protocol": r"^(tcp|udp|icmp)\b",
    "port": r"\bfrom port (\d+)",
    "cc_address": r"\bto ([0-9A-Fa-f.:]*?[0-9A-Fa-f])(?::\d+)?(?: |$)",
    "cc_port": r"\bto (?:port |\S+:)(\d+)",
}


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take CSV that begins with the fields of n6."""
    head = data.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
    return tuple(head.strip().replace('"', "").split(",")) == _FIELDS


def read(data: bytes, name: str) -> AddressList:
    """Read events; times are UTC, and several addresses of one event are several rows.

    Raises:
        UnreadableParcel: broken, or larger than the limits.
    """
    sheet = read_sheet(data.rstrip(b"\r\n") + b"\n", name)
    frame = sheet.rows.rename(dict(zip(sheet.rows.columns, _FIELDS, strict=True)))
    cells = frame.select(
        pl.col("ip").alias("address"),
        pl.col("time").alias("seen"),
        pl.coalesce("name", "category").alias("family"),
        pl.format("n6 {}", pl.col("source")).alias("list"),
        *(pl.col("details").str.extract(pattern).alias(column) for column, pattern in _DETAILS.items()),
        sheet.lines.alias("line"),
    )
    # Events without an address (of a domain alone) concern no network.
    named = cells.filter((pl.col("address") != "").fill_null(value=False))
    left = cells.height - named.height
    notes = (f"{left} sự kiện không có địa chỉ / {left} events without an address",) if left else ()
    columns = {"address": "ip", "seen": "time", "family": "name", "port": "details", "cc_address": "details"}
    return make_list("n6 CSV", name, named, zone=dt.UTC, unread=sheet.unread, columns=columns, notes=notes)
