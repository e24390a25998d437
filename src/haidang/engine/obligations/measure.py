"""The form of a measure: what a clause asks, turned into a test. One file a measure under `measures/`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import polars as pl

    from haidang.engine.law import Law
    from haidang.engine.obligations.facts import Facts

Verdict = Literal["met", "not_met", "not_provable", "not_applicable"]
Audience = Literal["everyone", "providers"]
Zero = Literal["met", "not_met", "not_applicable"]

# One row a subject that was tested: (agency, part, subject, outcome, weight, why, table, file, line).
# outcome is pass, fail, unknown or exempt; weight is how much the subject counts (1, or minutes);
# why is a key of the measure's `whys`, empty for a plain pass; table, file and line name the row that decides.
TESTS_COLUMNS = ("agency", "part", "subject", "outcome", "weight", "why", "table", "file", "line")


@dataclass(frozen=True, slots=True)
class Words:
    """A text for people, Vietnamese first."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Part:
    """One count of a measure. A measure is met when each of its parts is.

    Attributes:
        name: lower_snake; the first part of a measure gives its numerator and denominator.
        unit: what is counted.
        zero: the verdict when there is nothing to count although the tables were handed in.
        share: key in `content/law` of the share that is enough; empty: all.
    """

    name: str
    unit: Words
    zero: Zero = "met"
    share: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the facts.

    Attributes:
        as_of: the day of judgement; nothing dated later is known.
        first: first day of the period that is judged.
        last: last day of it, not later than `as_of`.
        law: deadlines and shares in force.
        cited: numbers of the advisory letters that the letter cites ("1943/CATTT-NCSC").
        flaws: CVE ids that the letter names itself.
    """

    as_of: dt.date
    first: dt.date
    last: dt.date
    law: Law
    cited: tuple[str, ...] = ()
    flaws: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that letters ask for, and how it is judged.

    Attributes:
        name: lower_snake, the name of its file.
        title: what it is called on the board.
        asks: regular expressions over folded text (no case, no diacritics); one that matches makes the clause ask this.
        how: how it is judged, in a sentence or two.
        parts: what is counted.
        needs: tables without which nothing can be said; the first holds the subjects.
        uses: tables that are taken into account when they are there.
        law: keys of `content/law` that it reads.
        whys: reasons that its tests give, by key.
        test: facts of any number of agencies and a question → tests (columns: TESTS_COLUMNS), agencies apart.
        audience: whom it can concern at all.
    """

    name: str
    title: Words
    asks: tuple[str, ...]
    how: Words
    parts: tuple[Part, ...]
    needs: tuple[str, ...]
    whys: Mapping[str, Words]
    test: Callable[[Facts, Question], pl.DataFrame]
    uses: tuple[str, ...] = ()
    law: tuple[str, ...] = field(default=())
    audience: Audience = "everyone"
