"""Advisories against what is installed: which machine has which flaw, by which rule, and what nobody can tell."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from haidang.engine.advisories.decide import (
    CANNOT_TELL,
    KNOWN_COLUMNS,
    MISSING,
    NOT_COUNTED,
    OUT_OF_SUPPORT,
    UNREADABLE,
    Array,
    fold_components,
    fold_statements,
)
from haidang.engine.advisories.installed import NO_BUILD_SHOWN, Component, Installed, Known
from haidang.engine.advisories.ladder import Ladder
from haidang.engine.advisories.products import DISTRIBUTIONS
from haidang.engine.advisories.rungs import rung_key
from haidang.engine.advisories.store import LADDER, Store
from haidang.engine.advisories.versions import interval
from haidang.engine.advisories.versions.bytekeys import LAST, Interval
from haidang.engine.advisories.windows import InstalledWindows

STATES = ("not_present", "fixed", "cannot_tell", "affected")


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """What the advisories say of the machines.

    Attributes:
        pairs: one row a machine and flaw that is open (affected, cannot_tell), and of the flaws asked for those that
            are fixed or not present too: host_at (row of `installed.hosts`), decision (row of `decisions`), place (row
            of `installed.on`). Numbers only: there may be tens of millions.
        hosts: beside `installed.hosts` row by row: fixed and not_present count the flaws that are not given as pairs.
        decisions: what was decided once for each component: component, flaw (row of `store.flaws`), state and why
            (numbers), sid, span (row of `store.spans`; null: none).
    """

    pairs: pl.DataFrame
    hosts: pl.DataFrame
    decisions: pl.DataFrame


class Index:
    """A store made ready for the loops: names and bounds numbered, rows of statements and spans found by number."""

    def __init__(self, store: Store) -> None:
        """Number a store. It is read only, and good for any number of inventories."""
        self.store = store
        self.bounds = _sort_bounds(store.spans)
        self.schemes = {scheme: at for at, scheme in enumerate(store.statements["scheme"].unique().sort().to_list())}
        self.ranks = store.names["rank"].unique().sort().to_list()
        self.keys = {key: at for at, key in enumerate(store.names["key"].unique(maintain_order=True).to_list())}
        self.traits_of_keys = np.array([[key.startswith(DISTRIBUTIONS) for key in self.keys]], dtype=np.int64)
        self.slots, self.sids = self._number_names()
        self.statements, self.proofs = self._number_statements()
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
    def known(self) -> Known:
        """What an inventory's names may be recognised by."""
        vendors: dict[str, set[str]] = defaultdict(set)
        for key in self.keys:
            vendor, _, name = key.partition("/")
            if not key.startswith("pkg:"):
                vendors[name].add(vendor)
        proofs = self.store.names.select("key", "sid").join(self.store.proofs.select("sid", "kb"), on="sid")
        updates = {key: frozenset(kbs) for key, kbs in proofs.group_by("key").agg("kb").iter_rows()}
        return Known(self.keys, {name: frozenset(found) for name, found in vendors.items()}, updates)

    @cached_property
    def epochs_of(self) -> Mapping[str, Sequence[str]]:
        """The epochs in which statements about an RPM package count."""
        rpm = self.store.statements.filter(pl.col("scheme") == "rpm").select("sid")
        spans = self.store.spans.join(rpm, on="sid").select("sid", epoch=pl.col("text").str.extract(r"(\d+):"))
        told = spans.drop_nulls().join(self.store.names.select("key", "sid"), on="sid").select("key", "epoch").unique()
        return dict(told.group_by("key").agg("epoch").iter_rows())

    def place(self, found: Interval) -> tuple[int, int]:
        """Lay an interval of versions beside the bounds."""
        return bisect_right(self.bounds, found.low), bisect_left(self.bounds, found.high)

    def _number_names(self) -> tuple[Array, Array]:
        """Give where each key's statements begin, rank by rank, and the statements."""
        count = max(1, len(self.ranks))
        told = self.store.names.select(
            slot=_number(pl.col("key"), list(self.keys)) * count + _number(pl.col("rank"), self.ranks),
            sid="sid",
        ).sort("slot", "sid")
        return _starts(told["slot"].to_numpy(), len(self.keys) * count), told["sid"].to_numpy().astype(np.int64)

    def _number_statements(self) -> tuple[Array, Array]:
        """Give the statements as `decide` takes them, and the numbers of their proving updates."""
        told = self.store.statements
        proofs = self.store.proofs.with_columns(pl.col("kb", "group").cast(pl.Int64)).sort("sid", "kb")
        scheme = told["scheme"].replace_strict(list(self.schemes), list(self.schemes.values()), return_dtype=pl.Int64)
        columns = [told["flaw"], scheme, *(told[name] for name in ("default", "traits", "arches", "systems", "parts"))]
        rows = [np.append(column.to_numpy().astype(np.int64), 0) for column in columns]
        begins = (_starts(frame["sid"].to_numpy(), told.height) for frame in (self.store.spans, proofs))
        return np.array([*rows, *begins], dtype=np.int64), proofs.select("kb", "group").to_numpy().T.copy()

    def _number_spans(self) -> Array:
        spans = self.store.spans
        places = pl.DataFrame({"bound": pl.Series(self.bounds, dtype=pl.Binary)}).with_row_index("at")
        low, high = (
            spans.select(pl.col(end).alias("bound")).join(places, on="bound", how="left", maintain_order="left")["at"]
            for end in ("low", "high")
        )
        columns = (spans["status"], low, high, spans["first_fixed"], spans["prose"], spans["after"], spans["upto"])
        return np.array([column.to_numpy().astype(np.int64) for column in columns])


def _number(column: pl.Expr, values: Sequence[object]) -> pl.Expr:
    """Give the place of each value. Where there are none, polars would leave the column's type as it was."""
    return column.replace_strict(values, range(len(values)), return_dtype=pl.Int64) if values else pl.lit(0, pl.Int64)


def match(index: Index, installed: Installed, listed: Collection[str] = (), day: dt.date | None = None) -> Matched:
    """Decide every flaw of every machine.

    Args:
        index: the advisories.
        installed: the machines and their components.
        listed: flaws of which all states are given row by row, fixed ones and absent products included.
        day: the day of the check; what was published later is not known yet.

    Returns:
        The pairs that are open or listed, and how many more were found fixed or not present on each machine.
    """
    flaws = index.store.flaws
    decisions = decide_components(index, installed.components)
    if day is not None:
        later = (flaws["published"].str.slice(0, 10) > day.isoformat()).to_numpy()
        decisions = decisions.filter(pl.Series(~later[decisions["flaw"].to_numpy()], dtype=pl.Boolean))
    wanted = flaws["flaw"].is_in(list(listed)).to_numpy()
    on = installed.on
    components = on["component"].to_numpy()
    begins = _starts(decisions["component"].to_numpy(), len(installed.components))
    by_flaw, states = decisions["flaw"].to_numpy(), decisions["state"].to_numpy().astype(np.int8)
    _hush(decisions, installed.components, states, wanted[by_flaw])
    shown = np.concatenate([[0], np.cumsum((states >= CANNOT_TELL) | wanted[by_flaw])])
    most = int((shown[begins[1:]] - shown[begins[:-1]])[components].sum())
    counts = np.zeros((installed.hosts.height, 2), np.int64)
    out = np.empty((3, most), np.uint32)
    rows = fold_components(
        _starts(on["host_at"].to_numpy(), installed.hosts.height),
        components,
        begins,
        by_flaw,
        states,
        wanted,
        np.zeros((flaws.height, 3), np.int64),
        counts,
        out,
    )
    pairs = pl.DataFrame(dict(zip(("host_at", "decision", "place"), out[:, :rows], strict=True)))
    return Matched(pairs, pl.DataFrame({"not_present": counts[:, 0], "fixed": counts[:, 1]}), decisions)


def _hush(decisions: pl.DataFrame, components: Sequence[Component], states: Array, wanted: Array) -> None:
    """Leave it at one question for a machine whose build is not told, or that is out of support.

    What can't be told of each flaw says no more.
    """
    silent = np.array([bool(component.doubts & NO_BUILD_SHOWN) for component in components], dtype=np.bool_)
    of_silent = silent[decisions["component"].to_numpy()] if len(silent) else np.zeros(0, np.bool_)
    of_silent = of_silent | (decisions["why"].to_numpy() == OUT_OF_SUPPORT)
    states[of_silent & (states == CANNOT_TELL) & ~wanted] = NOT_COUNTED


def decide_components(index: Index, components: Sequence[Component]) -> pl.DataFrame:
    """Decide every flaw of every component: see `Matched.decisions`."""
    own = _own(index, components)
    ranks = max(1, len(index.ranks))
    most = int((index.slots[(own.keys + 1) * ranks] - index.slots[own.keys * ranks]).sum())
    out = np.empty((6, most), np.int32)
    rows = fold_statements(
        ranks,
        len(index.bounds) - 1,
        index.slots,
        index.sids,
        index.traits_of_keys,
        index.statements,
        index.proofs,
        index.spans,
        own.components,
        own.keys,
        own.versions,
        own.updates,
        np.zeros((index.store.flaws.height, KNOWN_COLUMNS), np.int64),
        out,
    )
    columns = dict(zip(("component", "flaw", "state", "why", "sid", "span"), out[:, :rows], strict=True))
    frame = pl.DataFrame(columns).with_columns(pl.col("state", "why").cast(pl.UInt8))
    return frame.with_columns(pl.when(pl.col("span") >= 0).then(pl.col("span")).alias("span"))


@dataclass(frozen=True, slots=True, eq=False)
class _Own:
    """Components as `decide` takes them."""

    components: Array
    keys: Array
    versions: Array
    updates: Array


def _own(index: Index, components: Sequence[Component]) -> _Own:
    """Number the components: their keys, and their versions in each scheme that some statement about them needs."""
    keys: list[int] = []
    updates: list[int] = []
    rows: list[tuple[int, ...]] = []
    versions = np.full((2, len(components), max(1, len(index.schemes))), MISSING, np.int64)
    for at, component in enumerate(components):
        doubts = (component.doubts, int(component.complete), component.parts)
        rows.append((len(keys), component.arches, component.systems, *doubts, len(updates)))
        known = [name for name, _ in component.names if name in index.keys]
        keys += [index.keys[name] for name in known]
        for name in known:
            for scheme in index.schemes_of[name]:
                column = index.schemes[scheme]
                if versions[0, at, column] == MISSING:
                    versions[:, at, column] = _version(index, component, name, scheme)
        updates += sorted(int(kb) for kb in component.updates & index.known_updates)
    rows.append((len(keys), 0, 0, 0, 0, 0, len(updates)))
    return _Own(
        np.array(rows, dtype=np.int64).T.copy(),
        np.array(keys, dtype=np.int64),
        versions,
        np.array(updates, dtype=np.int64),
    )


def _version(index: Index, component: Component, key: str, scheme: str) -> tuple[int, int]:
    """Lay a component's version beside the bounds of a scheme: (low, high), or a mark that there is none."""
    if scheme == LADDER:
        return _rungs(index, component, key)
    if component.windows and component.windows.update is None and component.updates:
        return index.place(_build_by_updates(index, component, component.windows))
    if not component.version:
        return MISSING, MISSING
    version = component.version
    if scheme == "rpm" and ":" not in version and (epoch := _epoch(index, component)):
        version = f"{epoch}:{version}"
    found = interval(scheme, version)
    return index.place(found) if found else (UNREADABLE, UNREADABLE)


def _epoch(index: Index, component: Component) -> str:
    """Give the epoch of an RPM package: lists of packages leave it out, and a package keeps the one that it has.

    It is the one in which all statements about the package count, of whatever release; without any, those about its
    source. Empty where they count in several or in none.
    """
    found: dict[str, set[str]] = {}
    for name, _ in component.names:
        if "rpm" in index.schemes_of.get(name, ()):
            found.setdefault(name.partition("#")[0], set()).update(index.epochs_of.get(name, ()))
    packages = dict.fromkeys(name.partition("#")[0] for name, _ in component.names)
    epochs = next((found[package] for package in packages if package in found), set())
    return next(iter(epochs)) if len(epochs) == 1 else ""


def _rungs(index: Index, component: Component, key: str) -> tuple[int, int]:
    """Lay a machine's Windows beside the rungs of a product's ladder."""
    ladder = index.ladders.get(key)
    if ladder is None or component.windows is None:
        return MISSING, MISSING
    lowest, highest = _stand(index, component, component.windows, ladder)
    return bisect_right(index.bounds, rung_key(lowest)), bisect_left(index.bounds, rung_key(highest) + b"\x00")


def _stand(index: Index, component: Component, windows: InstalledWindows, ladder: Ladder) -> tuple[int, int]:
    unknown = max(component.updates - index.known_updates, key=int, default="")
    return ladder.place(windows.update, component.updates, complete=component.complete, newest_unknown=unknown)


def _build_by_updates(index: Index, component: Component, windows: InstalledWindows) -> Interval:
    """Give the build that a machine's updates show where it is not told itself."""
    line = interval("quad", component.version)
    ladder = index.ladders.get(windows.key)
    if line is None or ladder is None:
        return line or Interval(b"", LAST)
    lowest, highest = _stand(index, component, windows, ladder)
    update = ladder.rungs[lowest - 1].update if lowest else None
    shown = interval("quad", f"{component.version}.{update}") if update is not None else None
    if shown is None:
        return line
    return shown if lowest == highest else Interval(shown.low, line.high)


def _sort_bounds(spans: pl.DataFrame) -> list[bytes]:
    """Give every end of a span in order, and the versions right after which one begins or ends."""
    before = [low[:-1] for low in spans.filter("after")["low"].to_list()]
    before += [high[:-1] for high in spans.filter("upto")["high"].to_list()]
    ends = [b"", LAST * 2, *before]
    every = pl.concat([spans["low"], spans["high"], pl.Series("low", ends, dtype=pl.Binary)])
    return sorted(every.unique().to_list())


def _starts(numbers: Array, count: int) -> Array:
    """Say where each number's rows begin in a sorted column: count + 1 places."""
    return np.searchsorted(numbers, np.arange(count + 1)).astype(np.int64)
