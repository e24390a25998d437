"""The document of a check ("haidang-findings/1"): what was laid beside what, and what each agency has to do."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from haidang.engine.advisories.findings import FINDING_STATES, Findings
from haidang.engine.records import Unread
from haidang.engine.reports.flaws.words import ask_words

FORMAT = "haidang-findings/1"
MOST_HOSTS = 500  # names of machines that the document carries for one action; the rows have them all
MOST_UNREAD = 500
_MOST_UNREAD_OF_ONE = 50
_MOST_NAME = 60
# Names that Windows keeps for devices, whatever comes after a dot.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


@dataclass(frozen=True, slots=True, eq=False)
class CheckRun:
    """A check as it is told.

    Attributes:
        as_of: the day.
        findings: what was found.
        names: agency → its name.
        advisories: facts about the compiled advisories: files, records, withdrawn, sha256.
        letter: number, date and subject of the directive letter, by these names; empty without one.
        lacks: what the inventories do not say: agency, host, what, ask, file, line.
        unread: rows and files of inventories that could not be read.
        unread_advisories: file, line, why.
        files: inventory file → what it was read as, or why it was not.
    """

    as_of: dt.date
    findings: Findings
    names: Mapping[str, str]
    advisories: Mapping[str, str]
    letter: Mapping[str, str | None]
    lacks: Sequence[Mapping[str, Any]]
    unread: Sequence[Unread]
    unread_advisories: pl.DataFrame
    files: Mapping[str, str]


def make_document(run: CheckRun) -> dict[str, Any]:
    """Write a check as plain data, in a fixed order."""
    agencies = run.findings.hosts["agency"].unique().sort().to_list()
    files = file_names(agencies)
    return {
        "format": FORMAT,
        "as_of": run.as_of.isoformat(),
        "advisories": dict(run.advisories),
        "letter": dict(run.letter) or None,
        "letters": _letters(run.findings),
        "agencies": [_agency(run, agency, files[agency]) for agency in agencies],
        "inventories": [{"file": name, "read_as": form} for name, form in sorted(run.files.items())],
        "unread": [
            {"agency": row.agency, "file": row.source.file, "line": row.source.line, "why": row.why}
            for row in run.unread[:MOST_UNREAD]
        ],
        "unread_total": len(run.unread),
        "unread_advisories": run.unread_advisories.head(MOST_UNREAD).to_dicts(),
        "unread_advisories_total": run.unread_advisories.height,
    }


def file_names(agencies: Iterable[str]) -> dict[str, str]:
    """Give each agency the name of its files: its key as far as every file system takes it, no two alike.

    Keys are names of folders that somebody else made. Windows takes no case for a difference, and keeps some names.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for agency in agencies:
        plain = re.sub(r"[^\w.\- ]", "_", unicodedata.normalize("NFC", agency))[:_MOST_NAME].strip(" .")
        stem = f"_{plain}" if _DEVICES.fullmatch(plain) else plain or "all"
        name, number = stem, 2
        while name.casefold() in taken:
            name, number = f"{stem}~{number}", number + 1
        taken.add(name.casefold())
        names[agency] = name
    return names


def _letters(findings: Findings) -> list[dict[str, Any]]:
    counts = findings.bound.group_by("flaw", "state").agg(pl.col("hosts").sum())
    by_flaw: dict[str, dict[str, int]] = {}
    for flaw, state, hosts in counts.iter_rows():
        by_flaw.setdefault(flaw, dict.fromkeys(FINDING_STATES, 0))[state] = hosts
    out: dict[str, dict[str, Any]] = {}
    for row in findings.letters.iter_rows(named=True):
        letter = out.setdefault(row["letter"], {"letter": row["letter"], "date": row["date"], "flaws": []})
        told = {name: row[name] for name in ("flaw", "sure", "ground", "known")}
        letter["flaws"].append(told | {"hosts": by_flaw.get(row["flaw"], dict.fromkeys(FINDING_STATES, 0))})
    return [letter | {"date": letter["date"].isoformat() if letter["date"] else None} for letter in out.values()]


def _agency(run: CheckRun, agency: str, file: str) -> dict[str, Any]:
    hosts = run.findings.hosts.filter(pl.col("agency") == agency)
    actions = run.findings.actions.filter(pl.col("agency") == agency)
    questions = run.findings.questions.filter(pl.col("agency") == agency)
    unseen = hosts.filter(~pl.col("os_known") | ~pl.col("listed"))
    unread = [row for row in run.unread if row.agency == agency]
    return {
        "agency": agency,
        "name": run.names.get(agency, agency),
        "file": file,
        "hosts": hosts.height,
        "hosts_affected": hosts.filter(pl.col("affected") > 0).height,
        "hosts_not_fully_seen": unseen.height,
        "pairs": {state: int(hosts[state].sum()) for state in FINDING_STATES},
        "system_unknown": hosts.filter(~pl.col("os_known"))["host"].head(MOST_HOSTS).to_list(),
        "system_unknown_total": hosts.filter(~pl.col("os_known")).height,
        "no_software_list": hosts.filter(~pl.col("listed"))["host"].head(MOST_HOSTS).to_list(),
        "no_software_list_total": hosts.filter(~pl.col("listed")).height,
        "actions": [_action(row) for row in actions.iter_rows(named=True)],
        "questions": [_question(row) for row in questions.iter_rows(named=True)],
        "lacks": [dict(lack) for lack in run.lacks if lack["agency"] == agency],
        "unread": [
            {"file": row.source.file, "line": row.source.line, "why": row.why} for row in unread[:_MOST_UNREAD_OF_ONE]
        ],
        "unread_total": len(unread),
    }


def _action(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = ("product", "version", "fix", "flaws", "exploited", "worst", "score", "decision", "letters", "open_flaws")
    return {name: row[name] for name in plain} | {
        "due": row["due"].isoformat() if row["due"] else None,
        "hosts": row["hosts"][:MOST_HOSTS],
        "hosts_total": len(row["hosts"]),
    }


def _question(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("product", "version", "why", "flaws")} | {
        "ask": ask_words(row),
        "hosts": row["hosts"][:MOST_HOSTS],
        "hosts_total": len(row["hosts"]),
    }
