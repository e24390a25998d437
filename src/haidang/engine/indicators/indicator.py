"""An indicator: one thing to look for, in its one spelling, with all that is known of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from haidang.engine.records import Source, Unread

IndicatorType = Literal[
    "ipv4", "ipv6", "cidr", "domain", "host", "url", "email", "md5", "sha1", "sha256", "file_name", "registry_key"
]
Tlp = Literal["", "clear", "green", "amber", "amber+strict", "red"]

TYPES: tuple[IndicatorType, ...] = (
    "ipv4", "ipv6", "cidr", "domain", "host", "url", "email", "md5", "sha1", "sha256", "file_name", "registry_key",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing to look for.

    Attributes:
        type: what it is. `domain` means the name and all below it, `host` that one name alone; `cidr` is a network of
            either version with its host bits zero.
        value: in its one spelling (`spelling.spell`).
        name: of the malware, campaign or event that it points to.
        publisher: who says so.
        tlp: the traffic light under which it was shared; empty where nothing is said.
        confidence: 0 to 100; None where nothing is said.
        valid_from: it means nothing before; aware, UTC.
        valid_until: it means nothing from then on.
        together: of a pattern that asks for several things at once: its id, the same for all its parts. A part alone
            is no hit; all have to stand in one line.
        written: as the source wrote it, where that differs from `value`.
        source: the file and line, or place in the document's order.
        id: the publisher's own id of it.
    """

    type: IndicatorType
    value: str
    name: str = ""
    publisher: str = ""
    tlp: Tlp = ""
    confidence: int | None = None
    valid_from: dt.datetime | None = None
    valid_until: dt.datetime | None = None
    together: str = ""
    written: str = ""
    source: Source = field(default=Source("", 0))
    id: str = ""


# A list of indicators as columns; `file` and `line` say where each stands.
SCHEMA: Mapping[str, pl.DataType] = {
    "type": pl.String(), "value": pl.String(), "name": pl.String(), "publisher": pl.String(), "tlp": pl.String(),
    "confidence": pl.Int64(), "valid_from": pl.Datetime("us", "UTC"), "valid_until": pl.Datetime("us", "UTC"),
    "together": pl.String(), "written": pl.String(), "file": pl.String(), "line": pl.Int64(), "id": pl.String(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What one file of indicators says.

    Attributes:
        form: the name of its form, for people ("STIX 2").
        frame: its indicators, in the order of the file; columns as in SCHEMA.
        unread: what could not be read or is not looked for in logs, each with its reason.
    """

    form: str
    frame: pl.DataFrame
    unread: tuple[Unread, ...] = ()


def frame_of(indicators: Iterable[Indicator]) -> pl.DataFrame:
    """Write indicators as columns."""
    rows = [
        (
            one.type, one.value, one.name[:200], one.publisher[:200], one.tlp, one.confidence, one.valid_from,
            one.valid_until, one.together, one.written[:500], one.source.file, one.source.line, one.id[:200],
        )
        for one in indicators
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
