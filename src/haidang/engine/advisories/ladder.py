"""The order of Microsoft's cumulative updates: which one holds all that earlier ones mended.

A cumulative update of a product is a rung. A machine stands on the rung of the latest update that it has, shown by the
update's number or by the last number of its build, and whatever was mended on that rung or below is mended there. So a
patched machine never stays red for an update that a later one replaced.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

# Sorts of updates that hold only what they themselves mend.
_SINGLE = {
    "security only", "standalone", "standalone security update", "servicing stack update", "servicingstackupdate",
    "ie cumulative", "preview rollup",
}  # fmt: skip
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: at for at, name in enumerate(_NAMES, 1)}


@dataclass(frozen=True, slots=True)
class Mended:
    """One line of a monthly document: in that month an update mended a flaw in a product.

    Attributes:
        flaw: the flaw.
        kb: the update's number.
        update: the last number of the build that the update brings; None where the document doesn't say.
        month: of the document, as (year, month).
        sort: the publisher's sort of update.
        supersedes: numbers of updates that this one replaces.
    """

    flaw: str
    kb: str
    update: int | None
    month: tuple[int, int]
    sort: str
    supersedes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A cumulative update: its number, and the last number of its build where known."""

    kb: str
    update: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """The rungs of a product from the earliest, and what replaces single updates.

    Attributes:
        rungs: position 1 is the first; 0 means below all.
        replaced_by: an update → those that replace it directly.
    """

    rungs: tuple[Rung, ...]
    replaced_by: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def position(self, kb: str) -> int | None:
        """Give an update's rung; None when it is no cumulative update of this product."""
        return next((at for at, rung in enumerate(self.rungs, 1) if rung.kb == kb), None)

    def later(self, kb: str) -> set[str]:
        """Give the updates that replace a single one, directly or through others, up to the first cumulative one."""
        held = {rung.kb for rung in self.rungs}
        found: set[str] = set()
        waiting = [kb] if kb not in held else []
        while waiting:
            for later in self.replaced_by.get(waiting.pop(), frozenset()) - found:
                found.add(later)
                if later not in held:
                    waiting.append(later)
        return found

    def place(
        self, update: int | None, kbs: Iterable[str], *, complete: bool, newest_unknown: str = ""
    ) -> tuple[int, int]:
        """Give the lowest and the highest rung on which a machine may stand.

        Args:
            update: the last number of its build; None when it is not shown.
            kbs: numbers of the updates that it has.
            complete: whether these are all that it has.
            newest_unknown: the highest number among its updates that no document knows; it may be a later rung.
        """
        if update is not None:
            return self._by_update(update)
        held = set(kbs)
        low = max((at for at, rung in enumerate(self.rungs, 1) if rung.kb in held), default=0)
        at_low = self.rungs[low - 1].kb if low else ""
        if not complete:
            return low, len(self.rungs)
        later = bool(newest_unknown) and (not at_low or int(newest_unknown) > int(at_low))
        # Numbers grow with time: an unknown update can hold what was mended up to it, and nothing later.
        before = (at for at, rung in enumerate(self.rungs, 1) if later and int(rung.kb) < int(newest_unknown))
        return low, max(low, *before, low)

    def _by_update(self, update: int) -> tuple[int, int]:
        """A build lies on the last rung whose build is no later; rungs without a build lie between their neighbours."""
        low, high = 0, len(self.rungs)
        for at, rung in enumerate(self.rungs, 1):
            if rung.update is not None and rung.update <= update:
                low = at
            elif rung.update is not None:
                high = at - 1
                break
        return low, high


def read_month(document: str) -> tuple[int, int]:
    """Read the id of a monthly document ("2023-Jul"); (0, 0) where it names no month."""
    parts = document.split("-")
    if len(parts) < 2 or not parts[0].isdigit():
        return 0, 0
    return int(parts[0]), _MONTHS.get(parts[1][:3].lower(), 0)


def build_ladder(mended: Sequence[Mended]) -> Ladder:
    """Put the cumulative updates of one product in order.

    The order is that of their builds, where the documents give them, else of their months; an update that is only known
    because another replaces it lies right below that one. Missing documents leave no wrong order, only fewer rungs.
    """
    by_kb: dict[str, list[Mended]] = defaultdict(list)
    for row in mended:
        by_kb[row.kb].append(row)
    month = {kb: _main_month(rows) for kb, rows in by_kb.items()}
    update = {
        kb: max((row.update for row in rows if row.update is not None), default=None) for kb, rows in by_kb.items()
    }
    replaces = {kb: frozenset(old for row in rows for old in row.supersedes) - {kb} for kb, rows in by_kb.items()}
    cumulative = _cumulative(by_kb, month, replaces)
    rungs: list[str] = []
    for kb in _in_order([kb for kb in by_kb if kb in cumulative], month, update):
        rungs += [old for old in sorted(replaces[kb], key=int) if old not in by_kb and old not in rungs]
        rungs.append(kb)
    replaced_by: dict[str, set[str]] = defaultdict(set)
    for kb, olds in replaces.items():
        for old in olds:
            replaced_by[old].add(kb)
    return Ladder(
        tuple(Rung(kb, update.get(kb)) for kb in rungs), {kb: frozenset(later) for kb, later in replaced_by.items()}
    )


def _main_month(rows: Sequence[Mended]) -> tuple[int, int]:
    """An update is of the month in whose document it mends the most: later revisions name it in others too."""
    counts = Counter(row.month for row in rows)
    return max(counts, key=lambda month: (counts[month], month))


def _cumulative(
    by_kb: Mapping[str, Sequence[Mended]],
    month: Mapping[str, tuple[int, int]],
    replaces: Mapping[str, frozenset[str]],
) -> set[str]:
    """Tell cumulative updates: chains of replacement that hold the update which mends the most in some month."""
    largest: dict[tuple[int, int], tuple[int, str]] = {}
    for kb, rows in by_kb.items():
        if rows[0].sort.lower() not in _SINGLE:
            size = len({row.flaw for row in rows})
            largest[month[kb]] = max(largest.get(month[kb], (0, "")), (size, kb))
    group: dict[str, str] = {}

    def root(kb: str) -> str:
        while group.get(kb, kb) != kb:
            kb = group[kb]
        return kb

    for kb, rows in by_kb.items():
        if rows[0].sort.lower() not in _SINGLE:
            for old in replaces[kb]:
                if old not in by_kb or by_kb[old][0].sort.lower() not in _SINGLE:
                    group[root(old)] = root(kb)
    chosen = {root(kb) for _, kb in largest.values()}
    return {kb for kb, rows in by_kb.items() if rows[0].sort.lower() not in _SINGLE and root(kb) in chosen}


def _in_order(kbs: Sequence[str], month: Mapping[str, tuple[int, int]], update: Mapping[str, int | None]) -> list[str]:
    """Order by build; what has none goes by its month, before the first build that is not earlier."""
    built = sorted((kb for kb in kbs if update[kb] is not None), key=lambda kb: (update[kb] or 0, month[kb], kb))
    bare = sorted((kb for kb in kbs if update[kb] is None), key=lambda kb: (month[kb], int(kb)))
    earliest: list[tuple[int, int]] = []
    floor = (9999, 0)
    for kb in reversed(built):
        floor = min(floor, month[kb])
        earliest.append(floor)
    earliest.reverse()
    out: list[str] = []
    for kb, since in zip(built, earliest, strict=True):
        while bare and month[bare[0]] <= since:
            out.append(bare.pop(0))
        out.append(kb)
    return out + bare
