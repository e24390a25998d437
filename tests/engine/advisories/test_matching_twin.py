"""The fast matcher says of every machine and flaw what its plain twin says, which knows only docs/matching.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_matching import Advisories, Verdict
from random_matching import FLAWS, MENTIONED, City, aliases, make_city

from haidang.checks import Shelf
from haidang.engine.advisories.compile import Compiler
from haidang.engine.advisories.decide import WHYS
from haidang.engine.advisories.installed import Installed, Known, find_installed
from haidang.engine.advisories.match import STATES, Index, Matched, decide_components, match
from haidang.engine.advisories.products import Products
from haidang.engine.advisories.record import Bulletin, Record
from haidang.engine.advisories.windows import Windows

# One number a city: a city drawn cell by cell is too long for Hypothesis to shrink.
RANDOM = st.integers(0, 2**32 - 1).map(Random)
SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def names(own: bool = True) -> Products:
    """The reviewed names, or those that these tests bring along."""
    return aliases() if own else Shelf().products


@cache
def windows() -> Windows:
    return Shelf().windows


def index_of(records: Sequence[Record], products: Products) -> Index:
    compiler = Compiler(products, windows(), MENTIONED)
    compiler.add(Bulletin("test", tuple(records)))
    return Index(compiler.done())


def installed_in(city: City, products: Products, known: Known) -> Installed:
    return find_installed(**city.frames(), products=products, windows=windows(), known=known, truncated=city.truncated)


def fast_pairs(index: Index, installed: Installed, matched: Matched) -> dict[tuple[str, str], Verdict]:
    """Give (machine, flaw) → (state, why)."""
    flaws, hosts = index.store.flaws["flaw"], installed.hosts["host"]
    decided = matched.decisions[matched.pairs["decision"]]
    return {
        (hosts[host], flaws[flaw]): (STATES[state], WHYS[why])
        for host, (flaw, state, why) in zip(
            matched.pairs["host_at"], decided.select("flaw", "state", "why").iter_rows(), strict=True
        )
    }


def fast(city: City, products: Products, asked: Sequence[str] = FLAWS) -> dict[tuple[str, str], Verdict]:
    index = index_of(city.records, products)
    installed = installed_in(city, products, index.known)
    return fast_pairs(index, installed, match(index, installed, asked))


def components_of(installed: Installed) -> dict[str, list[int]]:
    on: dict[str, list[int]] = {host: [] for host in installed.hosts["host"]}
    for host_at, component in installed.on.select("host_at", "component").iter_rows():
        on[installed.hosts["host"][host_at]].append(component)
    return on


@settings(SOME, max_examples=250)
@given(dice=RANDOM)
def test_every_machine_and_flaw_is_decided_as_the_plain_twin_decides_it(dice: Random) -> None:
    check_city(dice)


def check_city(dice: Random) -> None:
    city, products = make_city(dice), names(own=dice.random() < 0.7)
    compare(city, products)


def compare(city: City, products: Products) -> None:
    assert [*differences(city, products)] == []


def differences(city: City, products: Products) -> Iterator[str]:
    """Say where the fast matcher and the twin differ: component by component, then machine by machine."""
    index = index_of(city.records, products)
    twin = Advisories(city.records, products, windows(), MENTIONED)
    yield from differing("known", *(dict(of.known.vendors_of) | dict(of.known.updates_of) for of in (index, twin)))
    installed = installed_in(city, products, twin.known)
    flaws = index.store.flaws["flaw"].to_list()
    decided = decide_components(index, installed.components).select("component", "flaw", "state", "why")
    yield from differing(
        "component",
        {(at, flaws[flaw]): (STATES[state], WHYS[why]) for at, flaw, state, why in decided.iter_rows()},
        {
            (at, flaw): verdict
            for at, component in enumerate(installed.components)
            for flaw in twin.flaws
            if (verdict := twin.of_component(component, flaw))
        },
    )
    for asked in (FLAWS, FLAWS[:1]):
        matched = match(index, installed, asked)
        plain = {
            (host, flaw): verdict
            for host, on in components_of(installed).items()
            for flaw in twin.flaws
            if (verdict := twin.verdict([installed.components[at] for at in on], flaw, asked=flaw in asked))
        }
        shown = {pair for pair, (state, _) in plain.items() if state in ("affected", "cannot_tell") or pair[1] in asked}
        told = {pair: verdict for pair, verdict in plain.items() if pair in shown}
        yield from differing("machine", fast_pairs(index, installed, matched), told)
        rest = Counter((host, state) for (host, flaw), (state, _) in plain.items() if (host, flaw) not in shown)
        counts = zip(installed.hosts["host"], matched.hosts.iter_rows(named=True), strict=True)
        counted = {(host, state): count for host, row in counts for state, count in row.items() if count}
        yield from differing("number", counted, dict(rest))


def differing(what: str, fast: Mapping[Any, Any], plain: Mapping[Any, Any]) -> Iterator[str]:
    for key in sorted(fast.keys() | plain.keys(), key=str):
        if fast.get(key) != plain.get(key):
            yield f"{what} {key}: fast {fast.get(key)}, plain {plain.get(key)}"
