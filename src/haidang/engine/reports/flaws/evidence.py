"""From an agency's rows of findings to what its annex shows: why each action and question stands, from both sides."""

from __future__ import annotations

from typing import Any

import polars as pl

from haidang.engine.advisories.findings import Findings

MOST_ACTIONS = 40  # of which an annex tells the grounds
MOST_PROOFS = 4  # flaws of one action, the most pressing first
MOST_QUESTIONS = 100
MOST_BOUND = 120  # flaws that letters bind
MOST_MACHINES = 300
MOST_WORK = 50_000  # rows of the work list
_SAMPLES = 6  # ids of flaws that a question bears on

# What one deciding row says, from both sides.
_SIDES = (
    "title", "state", "why", "version", "said", "fixed_in", "fix", "publisher", "matched_by", "cvss_version",
    "inventory_file", "inventory_line", "advisory_file", "advisory_place", "due_ground",
)  # fmt: skip


def gather(rows: pl.DataFrame, findings: Findings, agency: str) -> dict[str, Any]:
    """Gather what an agency's annex shows besides the document.

    Args:
        rows: its findings (columns: `findings.COLUMNS`); may be empty.
        findings: of the check.
        agency: its key.

    Returns:
        `actions` and `questions`: for the first of the document's, in its order, the deciding rows; `bound`: flaw →
        what letters bind, by state and rule; `machines`: the worst first; `work`: one row a machine and update;
        `rows`: how many rows there are.
    """
    mine = pl.col("agency") == agency
    actions = findings.actions.filter(mine)
    return {
        "actions": _of_actions(rows, actions.head(MOST_ACTIONS)),
        "questions": _of_questions(rows, findings.questions.filter(mine)),
        "bound": _bound(rows),
        "machines": _machines(findings.hosts.filter(mine)),
        "work": _work(rows, actions),
        "rows": rows.height,
    }


def _placed(rows: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
    """Lay open rows beside the actions that they belong to: a row more for each row, `action` its number."""
    place = actions.with_row_index("action").select("action", "product", "version", "hosts")
    place = place.explode("version").explode("hosts").rename({"hosts": "host"})
    open_rows = rows.filter(pl.col("state").cast(pl.String) == "affected")
    return open_rows.join(
        place.unique(["product", "version", "host"], keep="first", maintain_order=True),
        on=["product", "version", "host"], nulls_equal=True,
    )  # fmt: skip


def _of_actions(rows: pl.DataFrame, actions: pl.DataFrame) -> list[dict[str, Any]]:
    """Give each action the rows that it stands on: `proofs`, and `target`, one that names the version to update to."""
    placed = _placed(rows, actions).with_columns(soon=pl.col("decision").to_physical(), bound=pl.col("letters") != "")
    flaws = (
        placed.group_by("action", "flaw")
        .agg(pl.col("soon").min(), pl.col("bound").max(), pl.col("exploited").max(), pl.col("cvss").max())
        .sort(
            "action", "soon", "exploited", "cvss", "flaw", descending=[False, False, True, True, False], nulls_last=True
        )
        .with_columns(rank=pl.int_range(pl.len()).over("action"))
    )
    # The most pressing flaw always, then those that the letter names, then the others by how much they press.
    chosen = flaws.sort("action", pl.col("rank") > 0, ~pl.col("bound"), "rank").group_by("action").head(MOST_PROOFS)
    shown = placed.join(chosen.select("action", "flaw"), on=["action", "flaw"]).sort(
        "host", "inventory_line", "version"
    )
    first = shown.group_by("action", "flaw").agg(
        pl.col("host").n_unique().alias("hosts_total"), pl.col("host", *_SIDES).first()
    )
    out: list[dict[str, Any]] = [{"proofs": [], "target": None} for _ in range(actions.height)]
    for row in chosen.sort("action", "rank").join(first, on=["action", "flaw"], maintain_order="left").to_dicts():
        out[row["action"]]["proofs"].append(row)
    fixes = actions.with_row_index("action").select("action", fixed_in="fix")
    aimed = placed.join(fixes, on=["action", "fixed_in"]).sort("flaw", "host", "version")
    for row in aimed.group_by("action").agg(pl.col("flaw", *_SIDES).first()).to_dicts():
        out[row["action"]]["target"] = row
    return out


def _of_questions(rows: pl.DataFrame, questions: pl.DataFrame) -> list[dict[str, Any]]:
    keys = ["product", "version", "why"]
    if questions.is_empty():
        return []
    open_rows = rows.filter(pl.col("state").cast(pl.String) == "cannot_tell")
    pressing = open_rows.with_columns(pl.col("why").cast(pl.String)).sort(
        pl.col("decision").to_physical(), "flaw", "host"
    )
    sides = pl.col("host", *(name for name in _SIDES if name not in keys))
    told = pressing.group_by(keys).agg(
        sides.first(), soon=pl.col("decision").to_physical().min(), bound=(pl.col("letters") != "").any(),
        exploited=pl.col("exploited").any(),
        flaws_shown=pl.col("flaw").unique(maintain_order=True).head(_SAMPLES),
    )  # fmt: skip
    asked = questions.select(*keys).with_columns(pl.col("why").cast(pl.String))
    return asked.join(told, on=keys, how="left", nulls_equal=True, maintain_order="left").to_dicts()


def _bound(rows: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Say of each flaw that letters bind which machines have which state, and by which rule."""
    named = rows.filter(pl.col("letters") != "").sort("host")
    keys = ["flaw", "state", "why", "product", "version"]
    grouped = named.group_by(keys).agg(
        pl.col("host").n_unique().alias("hosts_total"),
        pl.col("host", *(name for name in _SIDES if name not in keys)).first(),
    )
    out: dict[str, list[dict[str, Any]]] = {}
    for row in grouped.sort(keys).iter_rows(named=True):
        out.setdefault(row["flaw"], []).append(row)
    return dict(list(out.items())[:MOST_BOUND])


def _machines(hosts: pl.DataFrame) -> list[dict[str, Any]]:
    names = (
        "host", "system", "level", "exposure", "os", "os_version", "os_known", "supported", "listed", "affected",
        "cannot_tell", "mitigated", "fixed",
    )  # fmt: skip
    worst = hosts.sort("affected", "cannot_tell", "os_known", "listed", "host", descending=[True, True] + [False] * 3)
    return worst.select(names).to_dicts()


def _work(rows: pl.DataFrame, actions: pl.DataFrame) -> list[dict[str, Any]]:
    """List the work: a row a machine, product and version, with what it is to be updated to."""
    placed = _placed(rows, actions)
    fixes = actions.with_row_index("action").select("action", "decision", "due", "letters", "fix")
    pressing = placed.sort("exploited", "cvss", "flaw", descending=[True, True, False], nulls_last=True)
    told = pressing.group_by("action", "host", "version").agg(
        pl.col("product").first(), worst=pl.col("flaw").first(), title=pl.col("title").first(),
        cvss=pl.col("cvss").max(), flaws=pl.col("flaw").n_unique(), exploited=pl.col("exploited").sum(),
        file=pl.col("inventory_file").first(), line=pl.col("inventory_line").first(),
    )  # fmt: skip
    return told.join(fixes, on="action").sort("action", "host", "version").head(MOST_WORK).drop("action").to_dicts()
