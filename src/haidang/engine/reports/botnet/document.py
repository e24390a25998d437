"""The document of a check of lists ("haidang-botnet/1"): whose the addresses were, and what has become of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from haidang.engine.botnet.address_list import AddressList
from haidang.engine.botnet.closing import STATES
from haidang.engine.botnet.compare import CHANGES
from haidang.engine.botnet.match import OUTCOMES
from haidang.engine.botnet.nat import CONFIDENCES
from haidang.engine.records import Unread
from haidang.engine.reports.flaws.document import file_names

FORMAT = "haidang-botnet/1"
MOST_UNREAD = 500
MOST_ROWS = 500
OPEN = ("open", "listed_again", "not_ours")
UNPROVEN = ("several_owners", "unclear_time", "unreadable")


@dataclass(frozen=True, slots=True, eq=False)
class ListRun:
    """A check of lists as it is told.

    Attributes:
        as_of: the day.
        rows: every listed row with its outcome.
        answers: one row a listed row and agency.
        changes: list beside the earlier ones; None where there were none.
        lists: file → what was read from it.
        names: agency → its name.
        unread: rows and files of anything that could not be read.
        logs: log of NAT → what it was read as.
        skew: seconds by which clocks were allowed to differ.
    """

    as_of: dt.date
    rows: pl.DataFrame
    answers: pl.DataFrame
    changes: pl.DataFrame | None
    lists: Mapping[str, AddressList]
    names: Mapping[str, str]
    unread: Sequence[Unread]
    logs: Sequence[tuple[str, str]]
    skew: int


def make_document(run: ListRun) -> dict[str, Any]:
    """Write a check of lists as plain data, in a fixed order."""
    asked = run.answers.filter(pl.col("stand") != "not_then")
    agencies = asked["agency"].unique().sort().to_list()
    files = file_names(agencies)
    parts = asked.partition_by("agency", as_dict=True, maintain_order=True)
    return {
        "format": FORMAT,
        "as_of": run.as_of.isoformat(),
        "rows": run.rows.height,
        "addresses": run.rows["address"].drop_nulls().n_unique(),
        "outcomes": _counted(run.rows["outcome"], OUTCOMES),
        "lists": [_of_list(file, listed) for file, listed in run.lists.items()],
        "skew_seconds": run.skew,
        "logs": [{"file": file, "form": form} for file, form in run.logs],
        "agencies": [_of_agency(run, agency, files[agency], parts[(agency,)]) for agency in agencies],
        "changes": None if run.changes is None else _counted(run.changes["change"], CHANGES),
        "unproven": _shown_rows(run, asked, ("several_owners", "unclear_time")),
        "not_then": _shown_rows(run, run.answers, ("not_then",)),
        "unread_total": len(run.unread),
        "unread": [
            {"file": row.source.file, "line": row.source.line, "why": row.why, "agency": row.agency}
            for row in run.unread[:MOST_UNREAD]
        ],
    }


def is_open(document: Mapping[str, Any]) -> bool:
    """Tell whether some listed address is an agency's and not closed."""
    return any(agency["open"] for agency in document["agencies"])


def is_unproven(document: Mapping[str, Any]) -> bool:
    """Tell whether something could not be told or not be read."""
    unclear = any(agency["states"]["unclear"] or agency["to_confirm"] for agency in document["agencies"])
    return bool(unclear or document["unread_total"] or any(document["outcomes"][name] for name in UNPROVEN))


def _counted(column: pl.Series, names: Sequence[str]) -> dict[str, int]:
    found = dict(column.cast(pl.String).value_counts().iter_rows())
    return {name: found.get(name, 0) for name in names}


def _of_list(file: str, listed: AddressList) -> dict[str, Any]:
    return {
        "file": file,
        "form": listed.form,
        "rows": listed.rows.height,
        "unread": len(listed.unread),
        "columns": dict(listed.columns),
        "notes": list(listed.notes),
    }


def _of_agency(run: ListRun, agency: str, file: str, rows: pl.DataFrame) -> dict[str, Any]:
    held = rows.filter(pl.col("stand") == "held")
    open_ = held.filter(pl.col("state").is_in(OPEN))
    families = held["family"].drop_nulls().value_counts(sort=True).sort("count", "family", descending=[True, False])
    return {
        "agency": agency,
        "name": run.names.get(agency, agency),
        "file": file,
        "rows": held.height,
        "addresses": held["address"].n_unique(),
        "to_confirm": rows.height - held.height,
        "open": open_["address"].n_unique(),
        "states": _counted(held["state"], STATES),
        "machines": _counted(open_["confidence"], CONFIDENCES),
        "families": families["family"].head(8).to_list(),
        "to_do": [_row(row) for row in _latest(open_).head(MOST_ROWS).iter_rows(named=True)],
    }


def _latest(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the last sighting of each address: the one whose closing counts."""
    order = rows.sort("seen_until", nulls_last=False, maintain_order=True)
    return order.unique("address", keep="last", maintain_order=True).sort(
        "seen_until", "address", descending=[True, False], nulls_last=True
    )


def _shown_rows(run: ListRun, answers: pl.DataFrame, outcomes: Sequence[str]) -> dict[str, Any]:
    told = answers.filter(pl.col("outcome").cast(pl.String).is_in(outcomes))
    rows = told.group_by("row", maintain_order=True).agg(
        pl.col("outcome", "address", "file", "line", "seen", "precision", "family").first(),
        pl.col("agency"),
        pl.col("network"),
    )
    shown = [
        {
            **{name: row[name] for name in ("outcome", "address", "file", "line", "family", "precision")},
            "seen": written_time(row["seen"], row["precision"]),
            "agencies": [run.names.get(agency, agency) for agency in row["agency"]],
            "networks": sorted(set(row["network"])),
        }
        for row in rows.head(MOST_ROWS).iter_rows(named=True)
    ]
    return {"total": rows.height, "rows": shown}


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        "address", "port", "precision", "family", "list", "network", "state", "confidence", "ground", "inner", "host",
        "mac", "candidates", "change", "file", "line", "log_file", "log_line", "cc_address", "cc_port",
    )  # fmt: skip
    return {
        **{name: row[name] for name in names},
        "seen": written_time(row["seen"], row["precision"]),
        "closed": written_time(row["closed"], "exact"),
    }


def written_time(at: dt.datetime | None, precision: str) -> str:
    """Write when, in Vietnam's time, as exactly as it is known."""
    if at is None:
        return ""
    local = at.astimezone(dt.timezone(dt.timedelta(hours=7)))
    return local.strftime(
        {"exact": "%d/%m/%Y %H:%M:%S", "day": "%d/%m/%Y", "month": "%m/%Y"}.get(precision, "%d/%m/%Y")
    )
