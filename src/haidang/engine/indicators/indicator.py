"""An indicator: one thing to look for, in its one spelling, with all that is known of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class Skipped:
    """An indicator that is not hunted, and why: expired, on a warning list, of a kind that logs don't show.

    Attributes:
        indicator: what was skipped.
        reason: a word of `content/messages` ("expired", "not_yet_valid", "warning_list", "too_wide", "revoked").
        detail: the list, the day, or the like.
    """

    indicator: Indicator
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What one file of indicators says.

    Attributes:
        form: the name of its form, for people ("STIX 2.1").
        indicators: in the order of the file.
        unread: what could not be read, each with its reason.
    """

    form: str
    indicators: tuple[Indicator, ...] = ()
    unread: tuple[Unread, ...] = ()
