"""Which measures a clause asks for, by the phrases that each measure knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from haidang.engine.letters.letter import Clause, Letter
from haidang.engine.obligations.measure import Audience, Measure
from haidang.engine.text import fold, squeeze

_PROVIDERS = re.compile(
    r"(?:don vi,? )?(?:(?:doanh nghiep|nha cung cap|cung cap)[^.;]{0,60}?(?:internet|vien thong)|nha mang|\bisp\b)"
)
# What may stand before a group of providers without naming anybody else.
_BEFORE_PROVIDERS = re.compile(r"(?:\W|cac|moi|tat ca|nhung|rieng|doi voi|nhom|khoi|don vi)*")
_OTHERS = re.compile(r"\b(?:co quan|uy ban|ubnd|so,? ban,? nganh|cac so|don vi(?! (?:doanh nghiep|cung cap)))\b")


def recognise(letter: Letter, measures: Mapping[str, Measure]) -> Letter:
    """Fill in the measures of every clause that orders something or says whom to call."""
    return replace(letter, clauses=tuple(_fill(clause, measures) for clause in letter.clauses))


def audience_of(clause: Clause) -> Audience:
    """Tell whether a clause binds Internet and telecommunications providers, and nobody beside them."""
    words = squeeze(fold(clause.audience))
    found = _PROVIDERS.search(words)
    alone = found and _BEFORE_PROVIDERS.fullmatch(words[: found.start()]) and not _OTHERS.search(words[found.start() :])
    return "providers" if alone else "everyone"


def _fill(clause: Clause, measures: Mapping[str, Measure]) -> Clause:
    if clause.kind == "contact":
        # The parties under a contact clause are who to call, not clauses of their own.
        return replace(clause, measures=_asked(clause, measures))
    children = tuple(_fill(child, measures) for child in clause.children)
    if clause.kind != "order" or any(child.kind == "order" for child in children):
        return replace(clause, children=children)
    return replace(clause, children=children, measures=_asked(clause, measures))


def _asked(clause: Clause, measures: Mapping[str, Measure]) -> tuple[str, ...]:
    words = squeeze(fold(clause.text))
    audience = audience_of(clause)
    found = tuple(
        name
        for name, measure in measures.items()
        if (measure.audience == audience or (measure.audience == "everyone" and name not in _TWINS))
        and _kind_fits(name, clause)
        and any(re.search(pattern, words) for pattern in measure.asks)
    )
    if audience == "providers":
        found = tuple(name for name in found if measures[name].audience == "providers") or found
    # A clause that names advisories asks for those; the general duty to fix flaws stands elsewhere.
    return tuple(name for name in found if name != "flaws_fixed") if "advisories_fixed" in found else found


# What a provider's own measure asks of providers instead.
_TWINS = frozenset({"watch_24_7"})


def _kind_fits(name: str, clause: Clause) -> bool:
    return (name == "incident_contact") == (clause.kind == "contact")


def walk(clauses: tuple[Clause, ...]) -> Iterator[Clause]:
    """Give the clauses that are judged, in the letter's order: innermost orders, and clauses that ask a measure."""
    for clause in clauses:
        below = list(walk(clause.children)) if clause.kind != "contact" else []
        if clause.measures or (clause.kind == "order" and not below):
            yield clause
        yield from below
