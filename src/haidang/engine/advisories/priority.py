"""How soon a flaw has to be dealt with: SSVC's decision, and the day by which, from the department's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import yaml

from haidang.engine.errors import BadContent
from haidang.engine.law import Law

DECISIONS = ("act", "attend", "track*", "track")
_IMPACTS = ("low", "medium", "high")
# The law's number of days for each decision.
_DAYS = {
    "act": "flaw_fix_days_act",
    "attend": "flaw_fix_days_attend",
    "track*": "flaw_fix_days_track",
    "track": "flaw_fix_days_track",
}
LAW = tuple(dict.fromkeys(_DAYS.values()))


@dataclass(frozen=True, slots=True, eq=False)
class DecisionTable:
    """SSVC's table, and how a system's level says what its failure would mean.

    Attributes:
        decisions: (exploitation, automatable, technical impact, mission and well-being) → decision.
        impacts: level of a system (1-5) → mission and well-being.
        unknown_level: the same for a machine whose system's level is not known.
        source: where the table stands.
    """

    decisions: Mapping[tuple[str, str, str, str], str]
    impacts: Mapping[int, str]
    unknown_level: str
    source: str


def read_decisions(data: bytes) -> DecisionTable:
    """Read `content/ssvc.yaml`.

    Raises:
        BadContent: it breaks its form, or leaves a combination out.
    """
    content = yaml.safe_load(data)
    if not isinstance(content, dict) or set(content) != {"source", "levels", "unknown_level", "decisions"}:
        raise BadContent("content/ssvc.yaml: source, levels, unknown_level and decisions were expected")
    impacts = {level: name for name, levels in content["levels"].items() for level in levels}
    decisions: dict[tuple[str, str, str, str], str] = {}
    for row in content["decisions"]:
        _check_row(row)
        for impact, decision in zip(_IMPACTS, row[3:], strict=True):
            decisions[row[0], row[1], row[2], impact] = decision
    if len(decisions) != 36 or set(impacts) != {1, 2, 3, 4, 5} or content["unknown_level"] not in _IMPACTS:
        raise BadContent("content/ssvc.yaml: 36 combinations, five levels and a level for the unknown were expected")
    return DecisionTable(decisions, impacts, content["unknown_level"], content["source"])


def _check_row(row: Any) -> None:  # noqa: ANN401 - what YAML holds is looked at here
    if not isinstance(row, list) or len(row) != 6 or any(decision not in DECISIONS for decision in row[3:]):
        raise BadContent(f"content/ssvc.yaml: three points and three decisions were expected: {row!r}")


def decide(flaws: pl.DataFrame, table: DecisionTable) -> pl.DataFrame:
    """Give each flaw's decision at each level: columns flaw_at, level (null: not known), decision.

    What no coordinator has said is taken from what is known: a flaw in KEV is actively exploited; automatable and total
    are read off the CVSS vector (network, low complexity, no privileges, no interaction; high on all three impacts).
    """
    exploited = pl.col("exploited") | (pl.col("kev_added") != "")
    vector = pl.col("cvss_vector")
    easy = (
        vector.str.contains("AV:N")
        & vector.str.contains("AC:L")
        & vector.str.contains("PR:N")
        & vector.str.contains("UI:N")
    )
    total = vector.str.contains(r"C:H/.*I:H/.*A:H|VC:H/.*VI:H/.*VA:H")
    said = ("none", "poc", "active")
    points = flaws.with_row_index("flaw_at").select(
        "flaw_at",
        pl.when(exploited).then(pl.lit("active"))
        .when(pl.col("exploitation").is_in(said)).then(pl.col("exploitation"))
        .otherwise(pl.lit("none")).alias("exploitation"),
        pl.when(pl.col("automatable").is_in(["yes", "no"])).then(pl.col("automatable"))
        .when(easy).then(pl.lit("yes")).otherwise(pl.lit("no")).alias("automatable"),
        pl.when(pl.col("impact").is_in(["partial", "total"])).then(pl.col("impact"))
        .when(total).then(pl.lit("total")).otherwise(pl.lit("partial")).alias("impact"),
    )  # fmt: skip
    levels: list[tuple[int | None, str]] = [(None, table.unknown_level), *table.impacts.items()]
    rows = [
        (*combination[:3], level, decision)
        for combination, decision in table.decisions.items()
        for level, impact in levels
        if impact == combination[3]
    ]
    known = pl.DataFrame(
        rows,
        schema={
            "exploitation": pl.String,
            "automatable": pl.String,
            "impact": pl.String,
            "level": pl.Int64,
            "decision": pl.String,
        },
        orient="row",
    )
    return points.join(known, on=["exploitation", "automatable", "impact"]).select("flaw_at", "level", "decision")


def days(law: Law) -> pl.DataFrame:
    """Give the days that each decision leaves: decision, days, ground (the law's key), sure."""
    rows = [(decision, law.whole(key), key, law[key].sure) for decision, key in _DAYS.items()]
    return pl.DataFrame(rows, schema=["decision", "days", "ground", "sure"], orient="row")
