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
from haidang.engine.advisories.store import (
    ALL_UPDATES,
    LEFT_STANDING,
    MOVES,
    NO_BUILD,
    OF_A_MODULE,
    UNSUPPORTED,
    WHOLE_LIST,
)
from haidang.engine.compiled import compiled

Array = npt.NDArray[Any]

# States, the higher the worse.
NOT_PRESENT, FIXED, CANNOT_TELL, AFFECTED = 0, 1, 2, 3
NOT_COUNTED = -1  # asked once for the machine, not flaw by flaw
# Why a statement and a component come to their state.
IN_RANGE, BY_DEFAULT, FIRST_FIXED, BY_UPDATE, NO_VERSION, UNREADABLE_VERSION, INCOMPLETE_VERSION, PROSE = range(8)
NOT_SPOKEN_OF, NOT_LISTED, MODULE, BASE_VERSION, ONLY_THE_NAME, BACKPORT, UPDATE_WITHOUT_BUILD = range(8, 15)
OUT_OF_SUPPORT = 15
WHYS = (
    "in_range", "by_default", "first_fixed", "by_update", "no_version", "unreadable_version", "incomplete_version",
    "prose", "not_spoken_of", "not_listed", "module", "base_version", "only_the_name", "backport",
    "update_without_build", "out_of_support",
)  # fmt: skip
# What stands in the place of `low` where there is no version to lay beside the bounds.
MISSING, UNREADABLE = -2, -1

# Rows of the tables that the loops take, each an array of whole numbers.
# statements, a column each and one more: SPANS and PROOFS say where its spans and its proving updates begin.
FLAW, SCHEME, DEFAULT, TRAITS, ARCHES, SYSTEMS, PARTS, SPANS, PROOFS = range(9)
# spans: LOW and HIGH are numbers of bounds.
STATUS, LOW, HIGH, IS_FIRST_FIXED, IS_PROSE, IS_AFTER, IS_UPTO = range(7)
# components, a column each and one more: KEYS and UPDATES say where its keys and its sorted updates begin.
KEYS, OWN_ARCHES, OWN_SYSTEMS, DOUBTS, IS_COMPLETE, OWN_PARTS, UPDATES = range(7)
# proofs, a column each: the update's number, and the place of the update that it stands for.
PROOF_KB, PROOF_GROUP = 0, 1
# keys, a column each: whether it is a distribution's own package.
IS_DISTRIBUTED = 0
# known, a row a flaw: component + 1, its column of `out`, and from TURN on what counts of it; from LATER on, in the
# same order, what the turn that is being asked says where an earlier one spoke and said nothing that can be read.
OWNER, ROW, TURN, STATE_SAID, WHY_SAID, SID, SPAN, EXPLICIT = range(8)
LATER = EXPLICIT + 1 - TURN
KNOWN_COLUMNS = EXPLICIT + 1 + LATER

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
        if _touches(at, low, high, spans):
            overlapping = True
            holds = _holds(at, low, high, spans)
            if holds and (closest < 0 or _is_closer(at, closest, spans)):
                closest = at
    if not overlapping:
        return _by_default(begin, end, low, default, statements[TRAITS, sid], spans)
    for at in range(begin, end):
        if _touches(at, low, high, spans):
            holds = _holds(at, low, high, spans)
            inside = closest >= 0 and spans[LOW, at] >= spans[LOW, closest]
            if closest < 0 or (not holds and inside and spans[STATUS, at] != spans[STATUS, closest]):
                return CANNOT_TELL, INCOMPLETE_VERSION, at, 1
    if spans[STATUS, closest] == _AFFECTED:
        return AFFECTED, IN_RANGE, closest, 1
    if spans[STATUS, closest] == _UNKNOWN:
        return CANNOT_TELL, NOT_SPOKEN_OF, closest, 1
    was_affected = bool(spans[IS_FIRST_FIXED, closest]) or (default == _AFFECTED and spans[LOW, closest] > 0)
    return _mended_or_never(begin, end, low, was_affected, spans), IN_RANGE, closest, 1


@compiled
def _touches(at: int, low: int, high: int, spans: Array) -> bool:
    """Tell whether a span and a version have something in common.

    A version as it is written is not in a span that begins right after it, however short it is.
    """
    if spans[IS_PROSE, at] or (spans[IS_AFTER, at] and spans[LOW, at] == low):
        return False
    return bool(spans[LOW, at] < high and spans[HIGH, at] >= low)


@compiled
def _holds(at: int, low: int, high: int, spans: Array) -> bool:
    """Tell whether a span holds the whole of a version; one that is written as its end is in it, however short."""
    ends_here = spans[IS_UPTO, at] and spans[HIGH, at] == low
    return bool(spans[LOW, at] < low and (spans[HIGH, at] >= high or ends_here))


@compiled
def _is_closer(at: int, other: int, spans: Array) -> bool:
    """Of two spans that hold a version: the later low end, then the earlier high end, then the worse status."""
    if spans[LOW, at] != spans[LOW, other]:
        return bool(spans[LOW, at] > spans[LOW, other])
    if spans[HIGH, at] != spans[HIGH, other]:
        return bool(spans[HIGH, at] < spans[HIGH, other])
    return bool(spans[STATUS, at] > spans[STATUS, other])


@compiled
def _mended_or_never(begin: int, end: int, low: int, was_affected: bool, spans: Array) -> int:
    """An unaffected version is mended when an earlier one was affected; else it never had the flaw."""
    if was_affected:
        return FIXED
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
    nearest, prose = -1, -1
    for at in range(begin, end):
        if spans[IS_PROSE, at]:
            prose = at if prose < 0 and spans[STATUS, at] != _UNAFFECTED else prose
        elif spans[STATUS, at] == _AFFECTED and spans[HIGH, at] < low:
            nearest = at if nearest < 0 or spans[HIGH, at] > spans[HIGH, nearest] else nearest
    if default == _AFFECTED and (nearest < 0 or not traits & LEFT_STANDING):
        return AFFECTED, BY_DEFAULT, -1, 0
    if prose >= 0:
        return CANNOT_TELL, PROSE, prose, 1
    if default == _UNAFFECTED:
        return _mended_or_never(begin, end, low, False, spans), BY_DEFAULT, nearest, 0
    if nearest >= 0 and spans[IS_FIRST_FIXED, nearest]:
        return FIXED, FIRST_FIXED, nearest, 0
    if traits & WHOLE_LIST:
        return NOT_PRESENT, NOT_LISTED, -1, 0
    return CANNOT_TELL, NOT_SPOKEN_OF, nearest, 0


@compiled
def _is_proven(begin: int, end: int, own: int, own_end: int, needs_all: int, proofs: Array, updates: Array) -> bool:
    """Tell whether a machine has the updates that mend a flaw: one of those named, or all of them. Lists are sorted."""
    held, named = 0, 0
    for at in range(begin, end):
        named |= 1 << proofs[PROOF_GROUP, at]
        while own < own_end and updates[own] < proofs[PROOF_KB, at]:
            own += 1
        if own < own_end and updates[own] == proofs[PROOF_KB, at]:
            held |= 1 << proofs[PROOF_GROUP, at]
    return held != 0 and (held == named or not needs_all)


@compiled
def _in_doubt(traits: int, doubts: int, is_complete: int, is_distributed: int, is_in_use: int) -> int:
    """Give why an affected version does not show by itself that a machine is affected; -1 where it does."""
    if traits & NO_BUILD and not is_complete:
        return UPDATE_WITHOUT_BUILD
    if traits & OF_A_MODULE and not is_in_use:
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
def _is_silent(known: Array, flaw: int) -> bool:
    """Tell whether what counts so far says nothing that can be read of the version; a later turn may then overrule it.

    Where the machine's own state is in doubt it is not silent.
    """
    unread = known[flaw, WHY_SAID] in (PROSE, NOT_SPOKEN_OF, UNREADABLE_VERSION, OUT_OF_SUPPORT)
    return bool(known[flaw, STATE_SAID] == CANNOT_TELL and unread)


@compiled
def _place_of(known: Array, component: int, flaw: int, turn: int, state: int, explicit: int) -> int:
    """Tell where what a statement says of a flaw is kept: 0, LATER, or -1 where it changes nothing.

    The statements of a turn are folded among themselves before it overrules, as a whole, an earlier one.
    """
    if known[flaw, OWNER] != component + 1:
        return 0
    place = 0
    if known[flaw, TURN] != turn:
        if not _is_silent(known, flaw):
            return -1
        place = LATER
        if known[flaw, TURN + LATER] != turn:
            has_told = known[flaw, TURN + LATER] >= 0 and known[flaw, STATE_SAID + LATER] != CANNOT_TELL
            return -1 if has_told else LATER
    if _counts_more(state, explicit, known[flaw, STATE_SAID + place], known[flaw, EXPLICIT + place]):
        return place
    return -1


@compiled
def _keep(
    known: Array, flaw: int, first: int, turn: int, state: int, why: int, sid: int, span: int, explicit: int
) -> None:
    """Fill in what is known of a flaw, from `first` on, one by one: a tuple would be made an array first."""
    known[flaw, first] = turn
    known[flaw, first + 1] = state
    known[flaw, first + 2] = why
    known[flaw, first + 3] = sid
    known[flaw, first + 4] = span
    known[flaw, first + 5] = explicit


@compiled
def _write(out: Array, component: int, flaw: int, told: int, known: Array) -> None:
    """Fill in the column of `out` that is a flaw's, from what counts of it."""
    row = known[flaw, ROW]
    out[0, row] = component
    out[1, row] = flaw
    out[2, row] = known[flaw, told + 1]
    out[3, row] = known[flaw, told + 2]
    out[4, row] = known[flaw, told + 3]
    out[5, row] = known[flaw, told + 4]


@compiled
def _decide(
    sid: int,
    component: int,
    is_distributed: int,
    top: int,
    statements: Array,
    proofs: Array,
    spans: Array,
    components: Array,
    versions: Array,
    updates: Array,
) -> tuple[int, int, int, int]:
    """Lay a component beside one statement, its updates and its doubts counted in; see `judge_pair`."""
    traits, scheme = statements[TRAITS, sid], statements[SCHEME, sid]
    low, high = versions[0, component, scheme], versions[1, component, scheme]
    state, why, span, explicit = judge_pair(sid, low, high, top, statements, spans)
    if traits & UNSUPPORTED:
        why = OUT_OF_SUPPORT
    if state >= CANNOT_TELL and _is_proven(
        statements[PROOFS, sid],
        statements[PROOFS, sid + 1],
        components[UPDATES, component],
        components[UPDATES, component + 1],
        traits & ALL_UPDATES,
        proofs,
        updates,
    ):
        return FIXED, BY_UPDATE, span, 1
    if state == AFFECTED:
        is_in_use = statements[PARTS, sid] & components[OWN_PARTS, component]
        doubts, is_complete = components[DOUBTS, component], components[IS_COMPLETE, component]
        doubt = _in_doubt(traits, doubts, is_complete, is_distributed, is_in_use)
        if doubt >= 0:
            return CANNOT_TELL, doubt, span, explicit
    return state, why, span, explicit


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
        proofs: proving updates, a column each, statement by statement, sorted by number.
        spans: see above.
        components: see above.
        own_keys: keys, component by component.
        versions: (0 low, 1 high) × component × scheme.
        updates: numbers of updates, component by component, sorted.
        known: scratch, a row of KNOWN_COLUMNS a flaw (see above). Zero at first.
        out: component, flaw, state, why, sid and span, a column a decision; room for every statement of every key.

    Returns:
        How many columns of `out` were filled.
    """
    rows = 0
    for component in range(components.shape[1] - 1):
        # What a distribution says of its own package goes before what anybody says of the upstream product.
        for turn in range(2 * ranks):
            for place in range(components[KEYS, component], components[KEYS, component + 1]):
                key = own_keys[place]
                if keys[IS_DISTRIBUTED, key] != (turn < ranks):
                    continue
                slot = key * ranks + turn % ranks
                for at in range(slots[slot], slots[slot + 1]):
                    sid = sids[at]
                    if not _fits(statements[ARCHES, sid], components[OWN_ARCHES, component]):
                        continue
                    if not _fits(statements[SYSTEMS, sid], components[OWN_SYSTEMS, component]):
                        continue
                    state, why, span, explicit = _decide(
                        sid,
                        component,
                        keys[IS_DISTRIBUTED, key],
                        top,
                        statements,
                        proofs,
                        spans,
                        components,
                        versions,
                        updates,
                    )
                    flaw = statements[FLAW, sid]
                    kept = _place_of(known, component, flaw, turn, state, explicit)
                    if kept < 0:
                        continue
                    if known[flaw, OWNER] != component + 1:
                        known[flaw, OWNER], known[flaw, ROW], known[flaw, TURN + LATER] = component + 1, rows, -1
                        rows += 1
                    _keep(known, flaw, TURN + kept, turn, state, why, sid, span, explicit)
                    told = TURN + (0 if state == CANNOT_TELL else kept)  # only what tells overrules
                    _write(out, component, flaw, told, known)
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
