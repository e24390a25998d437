"""Advisories against what is installed: which machine has which flaw, by which rule, and what nobody can tell."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from haidang.engine.advisories.decide import (
    MISSING,
    UNREADABLE,
    WHYS,
    Array,
    Names,
    Owned,
    Spans,
    Statements,
    fold_components,
    fold_statements,
)
from haidang.engine.advisories.installed import DISTRIBUTIONS, Component, Installed
from haidang.engine.advisories.ladder import Ladder
from haidang.engine.advisories.rungs import rung_key
from haidang.engine.advisories.store import HAS_UPDATE, LADDER, Store
from haidang.engine.advisories.versions import interval
from haidang.engine.advisories.versions.bytekeys import LAST

STATES = ("not_present", "fixed", "cannot_tell", "affected")


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """What the advisories say of the machines.

    Attributes:
        pairs: one row a machine and flaw that is open (affected, cannot_tell), and of the flaws asked for those that
            are fixed or not present too: host_at (row of `installed.hosts`), flaw (row of `store.flaws`), state, why,
            component, sid, span (null: none), table, file, line.
        hosts: beside `installed.hosts` row by row: fixed and not_present count the flaws that are not given as pairs.
        decisions: component, flaw, state, why, sid, span: what was decided once for each component.
    """

    pairs: pl.DataFrame
    hosts: pl.DataFrame
    decisions: pl.DataFrame


class Index:
    """A store made ready for the loops: names and bounds numbered, rows of statements and spans found by number."""

    def __init__(self, store: Store) -> None:
        """Number a store. It is read only, and good for any number of inventories."""
        self.store = store
        self.bounds: list[bytes] = self._sort_bounds()
        self.schemes = {scheme: at for at, scheme in enumerate(store.statements["scheme"].unique().sort().to_list())}
        ranks = store.names["rank"].unique().sort().to_list()
        self.keys = {key: at for at, key in enumerate(store.names["key"].unique(maintain_order=True).to_list())}
        self.names = self._number_names(ranks)
        self.statements = self._number_statements()
        self.spans = self._number_spans()

    @cached_property
    def ladders(self) -> Mapping[str, Ladder]:
        """The ladders of cumulative updates, by product."""
        return self.store.ladders()

    @cached_property
    def known_updates(self) -> frozenset[str]:
        """Every update that some advisory names."""
        return frozenset(self.store.proofs["kb"].to_list()) | frozenset(self.store.rungs["kb"].to_list())

    @cached_property
    def schemes_of(self) -> Mapping[str, Sequence[str]]:
        """The schemes in which statements speak of a key."""
        told = self.store.names.select("key", "sid").join(self.store.statements.select("sid", "scheme"), on="sid")
        found: dict[str, list[str]] = defaultdict(list)
        for key, scheme in told.select("key", "scheme").unique(maintain_order=True).iter_rows():
            found[key].append(scheme)
        return found

    @cached_property
    def vendors_of(self) -> Mapping[str, frozenset[str]]:
        """A product's plain name → the vendors under which some advisory names it."""
        found: dict[str, set[str]] = defaultdict(set)
        for key in self.keys:
            vendor, _, name = key.partition("/")
            if not key.startswith("pkg:"):
                found[name].add(vendor)
        return {name: frozenset(vendors) for name, vendors in found.items()}

    def _sort_bounds(self) -> list[bytes]:
        spans = self.store.spans
        every = pl.concat([spans["low"], spans["high"], pl.Series("low", [b"", LAST * 2], dtype=pl.Binary)])
        return sorted(every.unique().to_list())

    def _number_names(self, ranks: Sequence[int]) -> Names:
        told = self.store.names.select(
            pl.col("key").replace_strict(list(self.keys), list(self.keys.values()), return_dtype=pl.Int64),
            pl.col("rank").replace_strict(ranks, list(range(len(ranks))), return_dtype=pl.Int64),
            "sid",
        ).sort("key", "rank", "sid")
        slots = (told["key"] * max(1, len(ranks)) + told["rank"]).to_numpy()
        distributed = [key.startswith(DISTRIBUTIONS) for key in self.keys]
        return Names(
            _starts(slots, len(self.keys) * max(1, len(ranks))),
            told["sid"].to_numpy().astype(np.int64),
            max(1, len(ranks)),
            np.array(distributed, dtype=np.bool_),
        )

    def _number_statements(self) -> Statements:
        told = self.store.statements
        proofs = self.store.proofs.select("sid", pl.col("kb").cast(pl.Int64)).sort("sid", "kb")
        scheme = told["scheme"].replace_strict(list(self.schemes), list(self.schemes.values()), return_dtype=pl.Int64)
        return Statements(
            flaw=told["flaw"].to_numpy().astype(np.int64),
            scheme=scheme.to_numpy(),
            default=told["default"].to_numpy(),
            traits=told["traits"].to_numpy(),
            arches=told["arches"].to_numpy(),
            systems=told["systems"].to_numpy(),
            spans=_starts(self.store.spans["sid"].to_numpy(), told.height),
            proofs=_starts(proofs["sid"].to_numpy(), told.height),
            proof=proofs["kb"].to_numpy(),
        )

    def _number_spans(self) -> Spans:
        spans = self.store.spans
        places = pl.DataFrame(
            {"bound": self.bounds, "at": range(len(self.bounds))}, schema={"bound": pl.Binary, "at": pl.Int64}
        )
        ends = spans.select("low", "high").with_row_index("row")
        low, high = (
            ends.select("row", pl.col(end).alias("bound"))
            .join(places, on="bound", how="left")
            .sort("row")["at"]
            .to_numpy()
            for end in ("low", "high")
        )
        return Spans(
            status=spans["status"].to_numpy(),
            low=low,
            high=high,
            first_fixed=spans["first_fixed"].to_numpy(),
            prose=spans["prose"].to_numpy(),
            top=len(self.bounds) - 1,
        )

    def place(self, found: Any) -> tuple[int, int]:  # noqa: ANN401 - an Interval, or None where none was read
        """Lay an interval of versions beside the bounds."""
        return (bisect_right(self.bounds, found.low), bisect_left(self.bounds, found.high))


def match(index: Index, installed: Installed, listed: Collection[str] = ()) -> Matched:
    """Decide every flaw of every machine.

    Args:
        index: the advisories.
        installed: the machines and their components.
        listed: flaws of which all states are given row by row, fixed ones and absent products included.

    Returns:
        The pairs that are open or listed, and how many more were found fixed or not present on each machine.
    """
    decisions = decide_components(index, installed.components)
    flaws = index.store.flaws
    wanted = flaws["flaw"].is_in(list(listed)).to_numpy()
    on = installed.on
    starts = _starts(on["host_at"].to_numpy(), installed.hosts.height)
    components = on["component"].to_numpy().astype(np.int64)
    begins = _starts(decisions["component"].to_numpy(), len(installed.components))
    by_flaw, states = decisions["flaw"].to_numpy().astype(np.int64), decisions["state"].to_numpy()
    room = 1 << 16
    while True:
        counts = np.zeros((installed.hosts.height, 2), np.int64)
        out = np.empty((room, 3), np.int64)
        known = np.zeros((flaws.height, 3), np.int64)
        rows = fold_components(starts, components, begins, by_flaw, states, wanted, known, counts, out)
        if rows <= room:
            break
        room = rows
    pairs = _pairs(out[:rows], decisions, on)
    hosts = pl.DataFrame({"not_present": counts[:, 0], "fixed": counts[:, 1]})
    return Matched(pairs, hosts, decisions)


def _pairs(out: Array, decisions: pl.DataFrame, on: pl.DataFrame) -> pl.DataFrame:
    chosen = decisions[out[:, 1]] if len(out) else decisions.clear()
    places = on[out[:, 2]] if len(out) else on.clear()
    return pl.DataFrame({"host_at": pl.Series(out[:, 0], dtype=pl.UInt32)}).hstack(
        [*chosen.get_columns(), *places.select("table", "file", "line").get_columns()]
    )


def decide_components(index: Index, components: Sequence[Component]) -> pl.DataFrame:
    """Decide every flaw of every component: component, flaw, state (number), why (number), sid, span (null: none)."""
    owned = _own(index, components)
    room = 1 << 16
    while True:
        out = np.empty((room, 6), np.int64)
        known = np.zeros((index.store.flaws.height, 6), np.int64)
        rows = fold_statements(index.names, index.statements, index.spans, owned, 0, len(components), known, out)
        if rows <= room:
            break
        room = rows
    frame = pl.DataFrame(out[:rows], schema=["component", "flaw", "state", "why", "sid", "span"], orient="row")
    frame = frame.cast(
        {
            "component": pl.UInt32,
            "flaw": pl.UInt32,
            "state": pl.UInt8,
            "why": pl.UInt8,
            "sid": pl.UInt32,
            "span": pl.Int32,
        }
    )
    return frame.with_columns(pl.when(pl.col("span") >= 0).then(pl.col("span")).cast(pl.UInt32).alias("span"))


def _own(index: Index, components: Sequence[Component]) -> Owned:
    """Number the components: their keys, and their versions in each scheme that some statement about them needs."""
    keys: list[int] = []
    updates: list[int] = []
    keys_from, updates_from = [0], [0]
    low = np.full((len(components), max(1, len(index.schemes))), MISSING, np.int64)
    high = np.full_like(low, MISSING)
    for at, component in enumerate(components):
        for name, _ in component.names:
            number = index.keys.get(name)
            if number is None:
                continue
            keys.append(number)
            for scheme in index.schemes_of[name]:
                column = index.schemes[scheme]
                if low[at, column] == MISSING:
                    low[at, column], high[at, column] = _version(index, component, name, scheme)
        keys_from.append(len(keys))
        updates += sorted(int(kb) for kb in component.updates & index.known_updates)
        updates_from.append(len(updates))
    return Owned(
        keys_from=np.array(keys_from),
        keys=np.array(keys, dtype=np.int64),
        arches=np.array([component.arches for component in components], dtype=np.int64),
        systems=np.array([component.systems for component in components], dtype=np.int64),
        doubts=np.array([component.doubts for component in components], dtype=np.int64),
        complete=np.array([component.complete for component in components], dtype=np.bool_),
        low=low,
        high=high,
        updates_from=np.array(updates_from),
        updates=np.array(updates, dtype=np.int64),
    )


def _version(index: Index, component: Component, key: str, scheme: str) -> tuple[int, int]:
    """Lay a component's version beside the bounds of a scheme: (low, high), or a mark that there is none."""
    if scheme == LADDER:
        return _rungs(index, component, key)
    if not component.version:
        return MISSING, MISSING
    found = interval(scheme, component.version)
    return index.place(found) if found else (UNREADABLE, UNREADABLE)


def _rungs(index: Index, component: Component, key: str) -> tuple[int, int]:
    """Lay a machine's Windows beside the rungs of a product's ladder."""
    ladder = index.ladders.get(key)
    if ladder is None or component.windows is None:
        return MISSING, MISSING
    unknown = component.updates - index.known_updates
    lowest, highest = ladder.place(
        component.windows.update,
        component.updates,
        complete=component.complete,
        newest_unknown=max(unknown, key=int, default=""),
    )
    return bisect_right(index.bounds, rung_key(lowest)), bisect_left(index.bounds, rung_key(highest) + b"\x00")


def _starts(numbers: Array, count: int) -> Array:
    """Say where each number's rows begin in a sorted column: count + 1 places."""
    return np.searchsorted(numbers, np.arange(count + 1)).astype(np.int64)


def why_words() -> pl.Enum:
    """Give the names of the reasons in the order of their numbers."""
    return pl.Enum(WHYS)


def has_update() -> pl.Expr:
    """Tell statements whose publisher has an update for the flaw."""
    return (pl.col("traits") & HAS_UPDATE) > 0
