"""The decision itself, for many components and many machines at once: loops over arrays.

The rules are those of docs/matching.md. A component and a statement give a state; statements of one flaw are folded by
the rank of their publishers; components of one machine are folded by severity.

Versions are numbers here: a bound's number is its place among all bounds in order. A version that is laid beside them
is two numbers, `low` (how many bounds lie at or below its low end) and `high` (how many lie below its high end, which
is left out).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from haidang.engine.advisories.installed import DISTRIBUTION, NAME_ONLY
from haidang.engine.advisories.store import MOVES, NO_BUILD, OF_A_MODULE, WHOLE_LIST
from haidang.engine.compiled import compiled

Array = npt.NDArray[Any]

# States, the higher the worse.
NOT_PRESENT, FIXED, CANNOT_TELL, AFFECTED = 0, 1, 2, 3
NOT_COUNTED = -1  # asked once for the machine, not flaw by flaw
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

# Rows of the tables that the loops take, each an array of whole numbers.
# statements, a column each and one more: SPANS and PROOFS say where its spans and its proving updates begin.
FLAW, SCHEME, DEFAULT, TRAITS, ARCHES, SYSTEMS, SPANS, PROOFS = range(8)
# spans: LOW and HIGH are numbers of bounds.
STATUS, LOW, HIGH, IS_FIRST_FIXED, IS_PROSE = range(5)
# components, a column each and one more: KEYS and UPDATES say where its keys and its sorted updates begin.
KEYS, OWN_ARCHES, OWN_SYSTEMS, DOUBTS, IS_COMPLETE, UPDATES = range(6)
# keys, a column each: whether it is a distribution's own package.
IS_DISTRIBUTED = 0

_UNAFFECTED, _UNKNOWN, _AFFECTED = 0, 1, 2


@compiled
def judge_pair(sid: int, low: int, high: int, top: int, statements: Array, spans: Array) -> tuple[int, int, int, int]:
    """Lay a version beside one statement.

    Args:
        sid: the statement.
        low: see above; MISSING or UNREADABLE where there is no version.
        high: see above.
        top: the number of the bound above all versions.
        statements: see above.
        spans: see above.

    Returns:
        (state, why, the span that decides or -1, 1 if a span decides and 0 if a default does).
    """
    begin, end, default = statements[SPANS, sid], statements[SPANS, sid + 1], statements[DEFAULT, sid]
    if low < 0:
        return _without_version(low, begin, end, top, default, spans)
    closest = -1
    overlapping = False
    for at in range(begin, end):
        if not spans[IS_PROSE, at] and spans[LOW, at] < high and spans[HIGH, at] >= low:
            overlapping = True
            holds = spans[LOW, at] < low and spans[HIGH, at] >= high
            if holds and (closest < 0 or _is_closer(at, closest, spans)):
                closest = at
    if not overlapping:
        return _by_default(begin, end, low, default, statements[TRAITS, sid], spans)
    for at in range(begin, end):
        if not spans[IS_PROSE, at] and spans[LOW, at] < high and spans[HIGH, at] >= low:
            holds = spans[LOW, at] < low and spans[HIGH, at] >= high
            inside = closest >= 0 and spans[LOW, at] >= spans[LOW, closest]
            if closest < 0 or (not holds and inside and spans[STATUS, at] != spans[STATUS, closest]):
                return CANNOT_TELL, INCOMPLETE_VERSION, at, 1
    if spans[STATUS, closest] == _AFFECTED:
        return AFFECTED, IN_RANGE, closest, 1
    if spans[STATUS, closest] == _UNKNOWN:
        return CANNOT_TELL, NOT_SPOKEN_OF, closest, 1
    return _mended_or_never(begin, end, low, spans), IN_RANGE, closest, 1


@compiled
def _is_closer(at: int, other: int, spans: Array) -> bool:
    """Of two spans that hold a version: the later low end, then the earlier high end, then the worse status."""
    if spans[LOW, at] != spans[LOW, other]:
        return bool(spans[LOW, at] > spans[LOW, other])
    if spans[HIGH, at] != spans[HIGH, other]:
        return bool(spans[HIGH, at] < spans[HIGH, other])
    return bool(spans[STATUS, at] > spans[STATUS, other])


@compiled
def _mended_or_never(begin: int, end: int, low: int, spans: Array) -> int:
    """An unaffected version is mended when an earlier one was affected; else it never had the flaw."""
    for at in range(begin, end):
        if spans[STATUS, at] == _AFFECTED and not spans[IS_PROSE, at] and spans[LOW, at] < low:
            return FIXED
    return NOT_PRESENT


@compiled
def _without_version(low: int, begin: int, end: int, top: int, default: int, spans: Array) -> tuple[int, int, int, int]:
    """Judge a component whose version is not told: only what holds for all versions decides."""
    why = NO_VERSION if low == MISSING else UNREADABLE_VERSION
    if begin == end:
        if default == _UNKNOWN:
            return CANNOT_TELL, NOT_SPOKEN_OF, -1, 0
        return AFFECTED if default == _AFFECTED else NOT_PRESENT, BY_DEFAULT, -1, 0
    all_affected = True
    none_affected = default == _UNAFFECTED
    for at in range(begin, end):
        whole = spans[LOW, at] == 0 and spans[HIGH, at] == top and not spans[IS_PROSE, at]
        all_affected = all_affected and whole and spans[STATUS, at] == _AFFECTED
        none_affected = none_affected and spans[STATUS, at] == _UNAFFECTED
    if all_affected:
        return AFFECTED, IN_RANGE, begin, 1
    if none_affected:
        return NOT_PRESENT, BY_DEFAULT, -1, 0
    return CANNOT_TELL, why, begin, 1


@compiled
def _by_default(begin: int, end: int, low: int, default: int, traits: int, spans: Array) -> tuple[int, int, int, int]:
    """Judge a version that no span holds."""
    if default == _AFFECTED:
        return AFFECTED, BY_DEFAULT, -1, 0
    nearest = -1
    for at in range(begin, end):
        if spans[IS_PROSE, at]:
            if spans[STATUS, at] != _UNAFFECTED:
                return CANNOT_TELL, PROSE, at, 1
        elif spans[STATUS, at] == _AFFECTED and spans[HIGH, at] < low:
            nearest = at if nearest < 0 or spans[HIGH, at] > spans[HIGH, nearest] else nearest
    if default == _UNAFFECTED:
        return _mended_or_never(begin, end, low, spans), BY_DEFAULT, nearest, 0
    if nearest >= 0 and spans[IS_FIRST_FIXED, nearest]:
        return FIXED, FIRST_FIXED, nearest, 0
    if traits & WHOLE_LIST:
        return NOT_PRESENT, NOT_LISTED, -1, 0
    return CANNOT_TELL, NOT_SPOKEN_OF, nearest, 0


@compiled
def _is_proven(begin: int, end: int, own: int, own_end: int, proofs: Array, updates: Array) -> bool:
    """Tell whether a machine has one of the updates that mend a flaw by themselves. Both lists are sorted."""
    at = begin
    while at < end and own < own_end:
        if proofs[at] == updates[own]:
            return True
        if proofs[at] < updates[own]:
            at += 1
        else:
            own += 1
    return False


@compiled
def _in_doubt(traits: int, doubts: int, is_complete: int, is_distributed: int) -> int:
    """Give why an affected version does not show by itself that a machine is affected; -1 where it does."""
    if traits & NO_BUILD and not is_complete:
        return UPDATE_WITHOUT_BUILD
    if traits & OF_A_MODULE:
        return MODULE
    if not traits & MOVES:
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
def _fits(limits: int, own: int) -> bool:
    """Tell whether a limit leaves a component in; what is not told excludes nothing."""
    return limits == 0 or own == 0 or limits & own != 0


@compiled
def _overrules(state: int, explicit: int, rank: int, flaw: int, known: Array) -> bool:
    """Tell whether a statement counts more than what is known of its flaw.

    A publisher who goes before has spoken first; he is only overruled where he says nothing that can be read of the
    version, not where the machine's own state is in doubt.
    """
    if known[4, flaw] < rank:
        silent = known[5, flaw] == PROSE or known[5, flaw] == NOT_SPOKEN_OF or known[5, flaw] == UNREADABLE_VERSION
        return bool(known[1, flaw] == CANNOT_TELL and silent and state != CANNOT_TELL)
    return bool(_counts_more(state, explicit, known[1, flaw], known[2, flaw]))


@compiled
def _write(table: Array, at: int, a: int, b: int, c: int, d: int, e: int, f: int) -> None:
    """Fill a column of six numbers, one by one: a tuple would be made an array first."""
    table[0, at] = a
    table[1, at] = b
    table[2, at] = c
    table[3, at] = d
    table[4, at] = e
    table[5, at] = f


@compiled
def fold_statements(
    ranks: int,
    top: int,
    slots: Array,
    sids: Array,
    keys: Array,
    statements: Array,
    proofs: Array,
    spans: Array,
    components: Array,
    own_keys: Array,
    versions: Array,
    updates: Array,
    known: Array,
    out: Array,
) -> int:
    """Decide every flaw of every component; publishers are asked in the order of their ranks.

    Args:
        ranks: how many ranks there are.
        top: the number of the bound above all versions.
        slots: key × rank → where its statements begin in `sids`.
        sids: statements, key by key and rank by rank.
        keys: see above.
        statements: see above.
        proofs: numbers of proving updates, statement by statement, sorted.
        spans: see above.
        components: see above.
        own_keys: keys, component by component.
        versions: (0 low, 1 high) × component × scheme.
        updates: numbers of updates, component by component, sorted.
        known: scratch, a column a flaw: component + 1, state, explicit, column of `out`, rank, why. Zero at first.
        out: component, flaw, state, why, sid and span, a column a decision; room for every statement of every key.

    Returns:
        How many columns of `out` were filled.
    """
    rows = 0
    for component in range(components.shape[1] - 1):
        for rank in range(ranks):
            for place in range(components[KEYS, component], components[KEYS, component + 1]):
                key = own_keys[place]
                slot = key * ranks + rank
                for at in range(slots[slot], slots[slot + 1]):
                    sid = sids[at]
                    if not _fits(statements[ARCHES, sid], components[OWN_ARCHES, component]):
                        continue
                    if not _fits(statements[SYSTEMS, sid], components[OWN_SYSTEMS, component]):
                        continue
                    scheme = statements[SCHEME, sid]
                    low, high = versions[0, component, scheme], versions[1, component, scheme]
                    state, why, span, explicit = judge_pair(sid, low, high, top, statements, spans)
                    if state >= CANNOT_TELL and _is_proven(
                        statements[PROOFS, sid],
                        statements[PROOFS, sid + 1],
                        components[UPDATES, component],
                        components[UPDATES, component + 1],
                        proofs,
                        updates,
                    ):
                        state, why, explicit = FIXED, BY_UPDATE, 1
                    if state == AFFECTED:
                        doubt = _in_doubt(
                            statements[TRAITS, sid],
                            components[DOUBTS, component],
                            components[IS_COMPLETE, component],
                            keys[IS_DISTRIBUTED, key],
                        )
                        if doubt >= 0:
                            state, why = CANNOT_TELL, doubt
                    flaw = statements[FLAW, sid]
                    row = rows
                    if known[0, flaw] == component + 1:
                        if not _overrules(state, explicit, rank, flaw, known):
                            continue
                        row = known[3, flaw]
                    else:
                        rows += 1
                    _write(known, flaw, component + 1, state, explicit, row, rank, why)
                    _write(out, row, component, flaw, state, why, sid, span)
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
        out: machine, decision and place of the component, a column for each flaw that is open or listed; with room for
            all of them, counted component by component.

    Returns:
        How many columns of `out` were filled.
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
                out[0, rows] = host
                out[1, rows] = known[flaw, 1]
                out[2, rows] = known[flaw, 2]
                rows += 1
            elif state != NOT_COUNTED:
                counts[host, state] += 1
    return rows
