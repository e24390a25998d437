"""Which rung of Microsoft's ladders of cumulative updates mends a flaw, from what its monthly documents say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from haidang.engine.advisories.ladder import Ladder, Mended, build_ladder, read_month
from haidang.engine.advisories.products import Products, split_name
from haidang.engine.advisories.record import Fix, Record, Statement
from haidang.engine.advisories.spans import AFFECTED, TOP, UNAFFECTED, CompiledSpan
from haidang.engine.advisories.versions.bytekeys import END, number
from haidang.engine.advisories.windows import Line, Windows

_MOST_GROUPS = 60


def rung_key(position: int) -> bytes:
    """Write a rung as a version."""
    return number(position) + END


class Rungs:
    """The ladders of all products of Windows and of the parts that come with it."""

    def __init__(self, records: Iterable[Record], products: Products, windows: Windows) -> None:
        """Build the ladders from the records of Microsoft's monthly documents; others are left alone."""
        self._windows = windows
        mended: dict[str, list[Mended]] = defaultdict(list)
        builds: dict[tuple[int, str], int] = {}
        replaced_by: dict[str, set[str]] = defaultdict(set)
        for record in records:
            if record.document.startswith("msrc/"):
                self._read(record, products, mended, builds, replaced_by)
        self.ladders: dict[str, Ladder] = {}
        for key, rows in sorted(mended.items()):
            self.ladders[key] = build_ladder([_with_build(row, self._part_of(key), builds) for row in rows])
        self._positions = {
            key: {rung.kb: at for at, rung in enumerate(ladder.rungs, 1)} for key, ladder in self.ladders.items()
        }
        self._replacing: dict[tuple[str, str], set[str]] = {}
        # Updates of other products replace each other too, but stand on no ladder.
        self._replaced_by = replaced_by

    def spans(self, statement: Statement, keys: Sequence[str]) -> list[CompiledSpan]:
        """Say a statement's versions as rungs: affected below the first cumulative update that mends it.

        Returns:
            Nothing where no cumulative update mends it.
        """
        for key in keys:
            found = list(self._mending(key, statement.fixes))
            if found:
                first, fix = min(found, key=lambda pair: pair[0])
                text = f"KB{fix.kb}" + (f" ({fix.build})" if fix.build else "")
                at = rung_key(first)
                below = CompiledSpan(AFFECTED, b"", at, True, False, False, False, f"< {text}", text)
                return [below, CompiledSpan(UNAFFECTED, at, TOP, False, False, False, False, f"≥ {text}", "")]
        return []

    def proofs(self, statement: Statement, keys: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """List the updates that prove that a flaw is mended: those named, and those that replace them.

        Returns:
            (number, place of the named update that it stands for), sorted.
        """
        named = dict.fromkeys(fix.kb for fix in statement.fixes if fix.kind == "update" and fix.kb)
        groups = [{kb, *(other for key in keys for other in self._later(key, kb))} for kb in named]
        return tuple(sorted((kb, min(place, _MOST_GROUPS)) for place, group in enumerate(groups) for kb in group))

    def _mending(self, key: str, fixes: Sequence[Fix]) -> Iterator[tuple[int, Fix]]:
        """Give (rung, update) for each update that stands on a ladder, or that one on it replaces."""
        positions = self._positions.get(key, {})
        for fix in fixes:
            if positions and fix.kind == "update" and fix.kb:
                for kb in {fix.kb, *self._later(key, fix.kb)} & positions.keys():
                    yield positions[kb], fix

    def _later(self, key: str, kb: str) -> set[str]:
        if key in self._positions and kb in self._positions[key]:
            return set()
        if (key, kb) not in self._replacing:
            ladder = self.ladders.get(key)
            self._replacing[key, kb] = ladder.later(kb) if ladder else self._all_later(kb)
        return self._replacing[key, kb]

    def _all_later(self, kb: str) -> set[str]:
        """Give the updates that replace one of a product without a ladder, directly or through others."""
        found: set[str] = set()
        waiting = [kb]
        while waiting:
            for later in self._replaced_by.get(waiting.pop(), set()) - found - {kb, ""}:
                found.add(later)
                waiting.append(later)
        return found

    def _read(
        self,
        record: Record,
        products: Products,
        mended: dict[str, list[Mended]],
        builds: dict[tuple[int, str], int],
        replaced_by: dict[str, set[str]],
    ) -> None:
        month = read_month(record.document.split("/")[1])
        for statement in record.statements:
            key = products.identify(statement.vendor, split_name(statement.product).text).key
            own = self._windows.line_of(key)
            if own is None and self._part_of(key) is None:
                for fix in statement.fixes:
                    for old in fix.supersedes:
                        replaced_by[old].add(fix.kb)
                continue
            for fix in statement.fixes:
                if fix.kind == "update" and fix.kb:
                    update = self._windows.update_number(own, fix.build) if own else None
                    if own and update is not None:
                        builds[own.shares, fix.kb] = update
                    mended[key].append(Mended(record.flaw, fix.kb, update, month, fix.sort, fix.supersedes))

    def _part_of(self, key: str) -> Line | None:
        """Give the line of Windows of which a product is a part ("… on windows 10 version 1809")."""
        part, _, system = key.rpartition(" on ")
        return self._windows.line_of(f"microsoft/{system}") if part else None


def _with_build(row: Mended, part_of: Line | None, builds: dict[tuple[int, str], int]) -> Mended:
    """Give a part of the system the builds of the system's own cumulative updates, with which it comes."""
    return replace(row, update=builds.get((part_of.shares, row.kb))) if part_of else row
