"""What advisories say of a flaw: every publisher's statement, how sure it is, what mends it, and how soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from haidang.engine.advisories.cited import CitedLetter
from haidang.engine.advisories.priority import DecisionTable, decide
from haidang.engine.advisories.record import COORDINATOR, DATABASE, ECOSYSTEM, NUMBERING, REVIEWED, VENDOR
from haidang.engine.advisories.store import (
    ARCHES,
    HAS_UPDATE,
    HAS_WORKAROUND,
    MENTION,
    NO_BUILD,
    STATUSES,
    SYSTEMS,
    WHOLE_LIST,
    Store,
)
from haidang.engine.text import key

_RANKS = {
    REVIEWED: "review",
    VENDOR: "vendor",
    NUMBERING: "cve record",
    ECOSYSTEM: "package database",
    COORDINATOR: "coordinator",
    DATABASE: "database",
}
_OF_FLAW = (
    "flaw", "title", "published", "withdrawn", "cvss", "cvss_version", "cvss_vector", "cvss_giver", "exploited",
    "exploitation", "automatable", "impact", "kev_added", "kev_due", "ransomware", "epss", "epss_percentile",
    "epss_day",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked for: the flaws, and the advisory letters that speak of them."""

    flaws: tuple[str, ...]
    letters: tuple[CitedLetter, ...] = ()


def look_up(store: Store, letters: Sequence[CitedLetter], asked: str) -> Asked:
    """Find a flaw by its id, a document by its own, or an advisory letter by its number.

    Args:
        store: the advisories.
        letters: the advisory letters that analysts keep.
        asked: CVE-2024-55591, RHSA-2024:1234, 1943/CATTT-NCSC …; case and spaces don't matter.
    """
    wanted = asked.strip().lower()
    number = key(asked).replace(" ", "")
    cited = tuple(one for one in letters if number and key(one.letter).replace(" ", "") == number)
    if cited:
        return Asked(tuple(dict.fromkeys(flaw.flaw for one in cited for flaw in one.flaws)), cited)
    flaws = store.flaws.filter(pl.col("flaw").str.to_lowercase() == wanted)["flaw"].to_list()
    if not flaws:
        # Documents are kept as form/publisher/id, some with the flaw behind.
        own = pl.concat_str(pl.lit("/"), pl.col("document").str.to_lowercase(), pl.lit("/"))
        named = store.documents.filter(own.str.contains(f"/{wanted}/", literal=True))
        flaws = named["flaw"].unique(maintain_order=True).to_list()
    warn = tuple(one for one in letters if {flaw.flaw for flaw in one.flaws} & set(flaws)) if len(flaws) == 1 else ()
    return Asked(tuple(flaws), warn)


def describe(store: Store, flaw: str, table: DecisionTable) -> dict[str, Any]:
    """Tell what a store says of a flaw.

    Returns:
        The row of the flaw, `decisions` by level, `documents`, and `statements`: publisher, rank, vendor, product,
        limits, default, spans, fix, doubts, file, place; the first publisher that speaks of a product decides.

    Raises:
        KeyError: the store doesn't know the flaw.
    """
    rows = store.flaws.with_row_index("at").filter(pl.col("flaw") == flaw)
    if rows.is_empty():
        raise KeyError(flaw)
    row = rows.row(0, named=True)
    decisions = decide(rows.drop("at"), table).sort("level", nulls_last=True)
    statements = store.statements.filter(pl.col("flaw") == row["at"]).sort("rank", "publisher", "product", "sid")
    spans = store.spans.filter(pl.col("sid").is_in(statements["sid"].implode()))
    said = spans.filter(pl.col("text") != "").group_by("sid").agg(pl.col("status"), pl.col("text"), pl.col("prose"))
    by_statement = {sid: list(zip(*cells, strict=True)) for sid, *cells in said.iter_rows()}
    documents = store.documents.filter(pl.col("flaw") == flaw)
    return {
        **{name: row[name] for name in _OF_FLAW},
        "decisions": {str(level or "unknown"): decision for _, level, decision in decisions.iter_rows()},
        "documents": documents.select("document", "publisher", "revision").sort("document").to_dicts(),
        "statements": [_statement(one, by_statement.get(one["sid"], [])) for one in statements.iter_rows(named=True)],
    }


def _statement(row: dict[str, Any], spans: list[tuple[int, str, bool]]) -> dict[str, Any]:
    return {
        "publisher": row["publisher"],
        "rank": _rank(row["rank"]),
        "vendor": row["vendor"],
        "product": row["product"],
        "limits": [*_named(row["arches"], ARCHES), *_named(row["systems"], SYSTEMS)],
        "default": STATUSES[row["default"]],
        "spans": [{"status": STATUSES[status], "said": text, "prose": prose} for status, text, prose in spans],
        "fix": row["fix"],
        "doubts": list(_doubts(row["traits"], row["modules"], any(prose for *_, prose in spans))),
        "file": row["file"],
        "place": row["place"],
    }


def _rank(rank: int) -> str:
    """Name a publisher's rank; the text of a description stands one below its publisher."""
    return _RANKS.get(rank) or f"{_RANKS[rank - 1]}, description"


def _named(bits: int, names: Sequence[str]) -> list[str]:
    """Name the bits that are set; all or none is no limit."""
    found = [name for at, name in enumerate(names) if bits >> at & 1]
    return found if len(found) < len(names) else []


def _doubts(traits: int, modules: str, prose: bool) -> list[str]:
    told = {
        "prose": prose,
        "module": bool(modules),
        "mention": bool(traits & MENTION),
        "no_build": bool(traits & NO_BUILD),
        "no_update": not traits & HAS_UPDATE,
        "workaround": bool(traits & HAS_WORKAROUND),
        "whole_list": bool(traits & WHOLE_LIST),
    }
    return [doubt for doubt, holds in told.items() if holds]
