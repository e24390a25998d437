"""The decision itself, for many components and many machines at once: loops over arrays.

The rules are those of docs/matching.md. A component and a statement give a state; statements of one flaw are folded by
the rank of their publishers; components of one machine are folded by severity.

Versions are numbers here: a bound's number is its place among all bounds in order. A version that is laid beside them
is two numbers, `low` (how many bounds lie at or below its low end) and `high` (how many lie below its high end, which
is left out).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from haidang.engine.advisories.installed import DISTRIBUTION, NAME_ONLY
from haidang.engine.advisories.store import MOVES, NO_BUILD, OF_A_MODULE, WHOLE_LIST
from haidang.engine.compiled import compiled

Array = npt.NDArray[Any]

# States, the higher the worse.
NOT_PRESENT, FIXED, CANNOT_TELL, AFFECTED = 0, 1, 2, 3
# Why a statement and a component come to their state.
IN_RANGE, BY_DEFAULT, FIRST_FIXED, BY_UPDATE, NO_VERSION, UNREADABLE_VERSION, INCOMPLETE_VERSION, PROSE = range(8)
NOT_SPOKEN_OF, NOT_LISTED, MODULE, BASE_VERSION, ONLY_THE_NAME, BACKPORT, UPDATE_WITHOUT_BUILD = range(8, 15)
WHYS = (
    "in_range", "by_default", "first_fixed", "by_update", "no_version", "unreadable_version", "incomplete_version",
    "prose", "not_spoken_of", "not_listed", "module", "base_version", "only_the_name", "backport",
    "update_without_build",
)  # fmt: skip
# What stands in the place of `low` where there is no version to lay beside the bounds.
MISSING, UNREADABLE = -2, -1

_UNAFFECTED, _UNKNOWN, _AFFECTED = 0, 1, 2


class Statements(NamedTuple):
    """Statements by number; `spans` says where each one's spans begin, `proofs` where its proving updates do."""

    flaw: Array
    scheme: Array
    default: Array
    traits: Array
    arches: Array
    systems: Array
    spans: Array
    proofs: Array
    proof: Array


class Spans(NamedTuple):
    """Spans by number; `low` and `high` are numbers of bounds, `top` the number of the bound above all versions."""

    status: Array
    low: Array
    high: Array
    first_fixed: Array
    prose: Array
    top: int


class Names(NamedTuple):
    """Keys by number: where each one's statements begin, rank by rank; and whether it is a distribution's package."""

    sids_from: Array
    sids: Array
    ranks: int
    is_distributed: Array


class Owned(NamedTuple):
    """Components by number; `keys_from` and `updates_from` say where each one's keys and sorted updates begin.

    `complete`: the updates are all that its machine has.
    """

    keys_from: Array
    keys: Array
    arches: Array
    systems: Array
    doubts: Array
    complete: Array
    low: Array
    high: Array
    updates_from: Array
    updates: Array


@compiled
def judge_pair(sid: int, low: int, high: int, told: Statements, spans: Spans) -> tuple[int, int, int, int]:
    """Lay a version beside one statement.

    Returns:
        (state, why, the span that decides or -1, 1 if a span decides and 0 if a default does).
    """
    begin, end = told.spans[sid], told.spans[sid + 1]
    if low < 0:
        return _without_version(sid, low, begin, end, told, spans)
    closest = -1
    overlapping = False
    for at in range(begin, end):
        if not spans.prose[at] and spans.low[at] < high and spans.high[at] >= low:
            overlapping = True
            holds = spans.low[at] < low and spans.high[at] >= high
            if holds and (closest < 0 or _is_closer(at, closest, spans)):
                closest = at
    if not overlapping:
        return _by_default(sid, low, begin, end, told, spans)
    for at in range(begin, end):
        if not spans.prose[at] and spans.low[at] < high and spans.high[at] >= low:
            holds = spans.low[at] < low and spans.high[at] >= high
            inside = closest >= 0 and spans.low[at] >= spans.low[closest] and spans.status[at] != spans.status[closest]
            if closest < 0 or (not holds and inside):
                return CANNOT_TELL, INCOMPLETE_VERSION, at, 1
    if spans.status[closest] == _AFFECTED:
        return AFFECTED, IN_RANGE, closest, 1
    if spans.status[closest] == _UNKNOWN:
        return CANNOT_TELL, NOT_SPOKEN_OF, closest, 1
    return _mended_or_never(begin, end, low, spans), IN_RANGE, closest, 1


@compiled
def _is_closer(at: int, other: int, spans: Spans) -> bool:
    """Of two spans that hold a version: the later low end, then the earlier high end, then the worse status."""
    if spans.low[at] != spans.low[other]:
        return bool(spans.low[at] > spans.low[other])
    if spans.high[at] != spans.high[other]:
        return bool(spans.high[at] < spans.high[other])
    return bool(spans.status[at] > spans.status[other])


@compiled
def _mended_or_never(begin: int, end: int, low: int, spans: Spans) -> int:
    """An unaffected version is mended when an earlier one was affected; else it never had the flaw."""
    for at in range(begin, end):
        if spans.status[at] == _AFFECTED and not spans.prose[at] and spans.low[at] < low:
            return FIXED
    return NOT_PRESENT


@compiled
def _without_version(
    sid: int, low: int, begin: int, end: int, told: Statements, spans: Spans
) -> tuple[int, int, int, int]:
    """Judge a component whose version is not told: only what holds for all versions decides."""
    why = NO_VERSION if low == MISSING else UNREADABLE_VERSION
    if begin == end:
        if told.default[sid] == _UNKNOWN:
            return CANNOT_TELL, NOT_SPOKEN_OF, -1, 0
        return AFFECTED if told.default[sid] == _AFFECTED else NOT_PRESENT, BY_DEFAULT, -1, 0
    all_affected = True
    none_affected = told.default[sid] == _UNAFFECTED
    for at in range(begin, end):
        whole = spans.low[at] == 0 and spans.high[at] == spans.top and not spans.prose[at]
        all_affected = all_affected and whole and spans.status[at] == _AFFECTED
        none_affected = none_affected and spans.status[at] == _UNAFFECTED
    if all_affected:
        return AFFECTED, IN_RANGE, begin, 1
    if none_affected:
        return NOT_PRESENT, BY_DEFAULT, -1, 0
    return CANNOT_TELL, why, begin, 1


@compiled
def _by_default(sid: int, low: int, begin: int, end: int, told: Statements, spans: Spans) -> tuple[int, int, int, int]:
    """Judge a version that no span holds."""
    if told.default[sid] == _AFFECTED:
        return AFFECTED, BY_DEFAULT, -1, 0
    nearest = -1
    for at in range(begin, end):
        if spans.prose[at]:
            if spans.status[at] != _UNAFFECTED:
                return CANNOT_TELL, PROSE, at, 1
        elif (
            spans.status[at] == _AFFECTED
            and spans.high[at] < low
            and (nearest < 0 or spans.high[at] > spans.high[nearest])
        ):
            nearest = at
    if told.default[sid] == _UNAFFECTED:
        return _mended_or_never(begin, end, low, spans), BY_DEFAULT, nearest, 0
    if nearest >= 0 and spans.first_fixed[nearest]:
        return FIXED, FIRST_FIXED, nearest, 0
    if told.traits[sid] & WHOLE_LIST:
        return NOT_PRESENT, NOT_LISTED, -1, 0
    return CANNOT_TELL, NOT_SPOKEN_OF, nearest, 0


@compiled
def _is_proven(sid: int, component: int, told: Statements, owned: Owned) -> bool:
    """Tell whether a machine has one of the updates that mend a flaw by themselves. Both lists are sorted."""
    at, own = told.proofs[sid], owned.updates_from[component]
    while at < told.proofs[sid + 1] and own < owned.updates_from[component + 1]:
        if told.proof[at] == owned.updates[own]:
            return True
        if told.proof[at] < owned.updates[own]:
            at += 1
        else:
            own += 1
    return False


@compiled
def _in_doubt(sid: int, component: int, is_distributed: bool, told: Statements, owned: Owned) -> int:
    """Give why an affected version does not show by itself that a machine is affected; -1 where it does."""
    doubts = owned.doubts[component]
    if told.traits[sid] & NO_BUILD and not owned.complete[component]:
        return UPDATE_WITHOUT_BUILD
    if told.traits[sid] & OF_A_MODULE:
        return MODULE
    if not told.traits[sid] & MOVES:
        return BASE_VERSION
    if doubts & NAME_ONLY:
        return ONLY_THE_NAME
    return BACKPORT if doubts & DISTRIBUTION and not is_distributed else -1


@compiled
def _counts_more(state: int, explicit: int, old: int, old_explicit: int) -> bool:
    """Of two statements of one rank, one that speaks of the version goes before a default; then the worse one counts.

    Among defaults, one that decides goes before one that does not.
    """
    if explicit != old_explicit:
        return explicit > old_explicit
    if not explicit and (state == CANNOT_TELL or old == CANNOT_TELL):
        return old == CANNOT_TELL and state != CANNOT_TELL
    return state > old


@compiled
def _fits(sid: int, component: int, told: Statements, owned: Owned) -> bool:
    """Tell whether a statement's limits leave a component in; what is not told excludes nothing."""
    if owned.arches[component] and told.arches[sid] and not owned.arches[component] & told.arches[sid]:
        return False
    return bool(not owned.systems[component] or not told.systems[sid] or owned.systems[component] & told.systems[sid])


@compiled
def _decide(
    sid: int, key: int, component: int, names: Names, told: Statements, spans: Spans, owned: Owned
) -> tuple[int, int, int, int]:
    """Lay a component beside one statement, with all that may prove or put in doubt what its version says."""
    scheme = told.scheme[sid]
    state, why, span, explicit = judge_pair(
        sid, owned.low[component, scheme], owned.high[component, scheme], told, spans
    )
    if state >= CANNOT_TELL and _is_proven(sid, component, told, owned):
        return FIXED, BY_UPDATE, span, 1
    if state == AFFECTED:
        doubt = _in_doubt(sid, component, names.is_distributed[key], told, owned)
        if doubt >= 0:
            return CANNOT_TELL, doubt, span, explicit
    return state, why, span, explicit


@compiled
def _overrules(state: int, explicit: int, rank: int, flaw: int, known: Array) -> bool:
    """Tell whether a statement counts more than what is known of its flaw.

    A publisher who goes before has spoken first; he is only overruled where he says nothing that can be read of the
    version, not where the machine's own state is in doubt.
    """
    if known[flaw, 4] < rank:
        silent = known[flaw, 5] in (PROSE, NOT_SPOKEN_OF, UNREADABLE_VERSION)
        return bool(known[flaw, 1] == CANNOT_TELL and silent and state != CANNOT_TELL)
    return bool(_counts_more(state, explicit, known[flaw, 1], known[flaw, 2]))


@compiled
def fold_statements(
    names: Names, told: Statements, spans: Spans, owned: Owned, first: int, last: int, known: Array, out: Array
) -> int:
    """Decide every flaw of some components; publishers are asked in the order of their ranks.

    Args:
        names: keys and their statements.
        told: statements.
        spans: their spans.
        owned: components.
        first: the first component.
        last: the component after the last one.
        known: scratch, six columns a flaw: component + 1, state, explicit, row of `out`, rank, why. Zero at first.
        out: (component, flaw, state, why, sid, span) row by row, as many as fit.

    Returns:
        How many rows were needed; where more than fit, the caller tries again with more room and clean scratch.
    """
    rows = 0
    for component in range(first, last):
        for rank in range(names.ranks):
            for place in range(owned.keys_from[component], owned.keys_from[component + 1]):
                key = owned.keys[place]
                slot = key * names.ranks + rank
                for at in range(names.sids_from[slot], names.sids_from[slot + 1]):
                    sid = names.sids[at]
                    if not _fits(sid, component, told, owned):
                        continue
                    state, why, span, explicit = _decide(sid, key, component, names, told, spans, owned)
                    flaw = told.flaw[sid]
                    row = rows
                    if known[flaw, 0] == component + 1:
                        if not _overrules(state, explicit, rank, flaw, known):
                            continue
                        row = known[flaw, 3]
                    else:
                        rows += 1
                    known[flaw] = (component + 1, state, explicit, row, rank, why)
                    if row < len(out):
                        out[row] = (component, flaw, state, why, sid, span)
    return rows


@compiled
def fold_components(
    hosts_from: Array,
    components: Array,
    decisions_from: Array,
    flaws: Array,
    states: Array,
    listed: Array,
    known: Array,
    counts: Array,
    out: Array,
) -> int:
    """Decide every flaw of every machine: of its components the worst counts, of equal ones the first.

    Args:
        hosts_from: machine → where its components begin.
        components: components by machine.
        decisions_from: component → where its decisions begin.
        flaws: by decision.
        states: by decision.
        listed: by flaw: whether all its states are given, and not only those that are open.
        known: scratch, three columns a flaw: machine + 1, decision, place of the component.
        counts: machine × state, filled with the number of flaws that are not given row by row.
        out: (machine, decision, place of the component) of each flaw that is open or listed, as many as fit.

    Returns:
        How many rows were needed.
    """
    rows = 0
    touched = np.empty(len(listed), np.int64)
    for host in range(len(hosts_from) - 1):
        number = 0
        for place in range(hosts_from[host], hosts_from[host + 1]):
            component = components[place]
            for at in range(decisions_from[component], decisions_from[component + 1]):
                flaw = flaws[at]
                if known[flaw, 0] != host + 1:
                    known[flaw, 0] = host + 1
                    touched[number] = flaw
                    number += 1
                elif states[at] <= states[known[flaw, 1]]:
                    continue
                known[flaw, 1] = at
                known[flaw, 2] = place
        for at in range(number):
            flaw = touched[at]
            state = states[known[flaw, 1]]
            if state >= CANNOT_TELL or listed[flaw]:
                if rows < len(out):
                    out[rows, 0] = host
                    out[rows, 1] = known[flaw, 1]
                    out[rows, 2] = known[flaw, 2]
                rows += 1
            else:
                counts[host, state] += 1
    return rows
