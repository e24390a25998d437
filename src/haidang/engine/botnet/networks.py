"""Whose a network was, and when: all agencies' networks as a tree of ranges with the days on which each was held."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from haidang.engine.botnet.addresses import AddressSpan, read_address
from haidang.engine.calendar import end_of, start_of
from haidang.engine.records import Source, Unread

Keys = npt.NDArray[np.bytes_]
Numbers = npt.NDArray[np.int64]
FOREVER = np.iinfo(np.int64).max
NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """Networks of one version, each range once, in order: a range stands before the ranges within it.

    Attributes:
        first: first address of each, as 16 bytes that sort as numbers do.
        last: last address of each.
        parent: the place of the smallest range around it, or -1.
        text: how it is written.
        begin: place in `holder`, `held_from`, `held_to` where each range's holdings begin; one more at the end.
        holder: number of an agency. A holding of a range counts the wider ranges of the same agency in.
        held_from: first instant, in microseconds of UTC.
        held_to: last instant.
    """

    first: Keys
    last: Keys
    parent: Numbers
    text: list[str]
    begin: Numbers
    holder: Numbers
    held_from: Numbers
    held_to: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """The networks of all agencies.

    Attributes:
        agencies: their keys; a holder is a place in it.
        ranges: by version, 4 and 6.
        unread: rows that are no network.
    """

    agencies: tuple[str, ...]
    ranges: dict[int, Ranges]
    unread: tuple[Unread, ...] = ()


def make_networks(table: pl.DataFrame) -> Networks:
    """Build the tree from the table `networks`: agency, network, valid_from, valid_to, file, line."""
    agencies = tuple(sorted(table["agency"].cast(pl.String).unique().to_list()))
    number = {agency: place for place, agency in enumerate(agencies)}
    held: dict[int, dict[tuple[int, int], list[tuple[int, int, int]]]] = {4: {}, 6: {}}
    unread: list[Unread] = []
    rows = table.select(
        pl.col("agency").cast(pl.String), "network", "valid_from", "valid_to", pl.col("file").cast(pl.String), "line"
    )
    for agency, written, since, until, file, line in rows.iter_rows():
        span = read_address(written)
        if isinstance(span, str):
            unread.append(Unread(Source(file, line), f"“{written[:60]}”: {span}", "networks", agency))
        elif since and until and since > until:
            why = "hết hiệu lực trước khi có hiệu lực / it ends before it begins"
            unread.append(Unread(Source(file, line), why, "networks", agency))
        else:
            for first, last in _as_networks(span):
                held[span.version].setdefault((first, last), []).append((number[agency], *_validity(since, until)))
    return Networks(agencies, {version: _make_ranges(version, found) for version, found in held.items()}, tuple(unread))


def _validity(since: dt.date | None, until: dt.date | None) -> tuple[int, int]:
    first = _micro(start_of(since)) if since else NEVER
    return first, _micro(end_of(until)) - 1 if until else FOREVER


def _micro(at: dt.datetime) -> int:
    return (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def _as_networks(span: AddressSpan) -> list[tuple[int, int]]:
    """Cut a range from-to into networks, so that any two ranges lie apart or one in the other."""
    size = span.last - span.first + 1
    if size & (size - 1) == 0 and span.first % size == 0:
        return [(span.first, span.last)]
    kind = ipaddress.IPv4Address if span.version == 4 else ipaddress.IPv6Address
    parts = ipaddress.summarize_address_range(kind(span.first), kind(span.last))
    return [(int(part.network_address), int(part.broadcast_address)) for part in parts]


def _make_ranges(version: int, held: dict[tuple[int, int], list[tuple[int, int, int]]]) -> Ranges:
    order = sorted(held, key=lambda span: (span[0], -span[1]))
    parent: list[int] = []
    inside: list[int] = []  # the ranges around the one at hand, widest first
    effective: list[dict[int, list[tuple[int, int]]]] = []
    for place, (first, last) in enumerate(order):
        while inside and order[inside[-1]][1] < first:
            inside.pop()
        parent.append(inside[-1] if inside else -1)
        effective.append(_effective(held[first, last], [held[order[around]] for around in inside]))
        inside.append(place)
    counts = [sum(map(len, own.values())) for own in effective]
    flat = [(holder, *when) for own in effective for holder, spans in sorted(own.items()) for when in spans]
    columns = np.array(flat, dtype=np.int64).reshape(-1, 3)
    return Ranges(
        pack([first for first, _ in order]),
        pack([last for _, last in order]),
        np.array(parent, dtype=np.int64),
        [_write(version, *span) for span in order],
        np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64),
        columns[:, 0],
        columns[:, 1],
        columns[:, 2],
    )


def _write(version: int, first: int, last: int) -> str:
    whole = 32 if version == 4 else 128
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    return f"{kind(first)}/{whole - (last - first + 1).bit_length() + 1}"


def _effective(
    own: list[tuple[int, int, int]], around: list[list[tuple[int, int, int]]]
) -> dict[int, list[tuple[int, int]]]:
    """Join the days on which each holder of a range held it, or a range around it."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for holder, since, until in own:
        spans.setdefault(holder, []).append((since, until))
    for held in around:
        for holder, since, until in held:
            if holder in spans:
                spans[holder].append((since, until))
    return {holder: _join(found) for holder, found in spans.items()}


def _join(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for since, until in sorted(spans):
        if joined and (joined[-1][1] == FOREVER or since <= joined[-1][1] + 1):
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((since, until))
    return joined


def pack(numbers: list[int]) -> Keys:
    """Write addresses as bytes that sort as the numbers do."""
    return np.array([number.to_bytes(16, "big") for number in numbers], dtype="S16")


def pack_columns(high: pl.Series, low: pl.Series) -> Keys:
    """Do what `pack` does for a column of addresses in two halves."""
    both = np.empty((len(high), 2), dtype=">u8")
    both[:, 0], both[:, 1] = high.to_numpy(), low.to_numpy()
    return both.view("S16").reshape(-1)
