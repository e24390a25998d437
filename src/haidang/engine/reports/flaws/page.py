"""The page of a check for the department, and an annex for each agency with its own machines only."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from typing import Any

from haidang.engine.advisories.findings import COLUMNS, FINDING_STATES
from haidang.engine.advisories.priority import DECISIONS
from haidang.engine.reports.flaws import words
from haidang.engine.reports.flaws.evidence import MOST_ACTIONS, MOST_BOUND, MOST_MACHINES, MOST_QUESTIONS
from haidang.engine.reports.page import Html, both, make_page, read_template

_MOST_GROUPS = 60  # lines of work on the department's page
_FIRST_GROUPS = 12  # of them shown without unfolding
_MOST_NAMED = 8  # agencies named in one line
_MOST_FLAWS = 60
_MOST_UNREAD = 50
_MOST_LINES = 250  # actions of one agency, those without grounds included
_MOST_LACKS = 60
_HOSTS_SHOWN = 24  # machines named without unfolding
_HOSTS_MOST = 120
# Kinds of lacks, and the lists of machines of which the same is asked by name.
_ASKED = {"no_build": "system_unknown", "no_software": "no_software_list"}
_EXCEL_ROWS = 1_048_576
_HEAVY = 20_000_000  # bytes that an old machine opens slowly


def make_index(document: Mapping[str, Any]) -> bytes:
    """Write the department's page from the document of a check."""
    agencies = document["agencies"]
    groups = _groups(agencies)
    board = {
        "totals": {state: sum(one["pairs"][state] for one in agencies) for state in FINDING_STATES},
        "hosts": sum(one["hosts"] for one in agencies),
        "hosts_affected": sum(one["hosts_affected"] for one in agencies),
        "hosts_not_fully_seen": sum(one["hosts_not_fully_seen"] for one in agencies),
        "rows": sorted((_row(one, document["as_of"]) for one in agencies), key=lambda row: row["order"]),
        "groups": groups[:_MOST_GROUPS],
        "groups_total": len(groups),
        "first_groups": _FIRST_GROUPS,
        "most_named": _MOST_NAMED,
        "most_flaws": _MOST_FLAWS,
        "most_unread": _MOST_UNREAD,
        "letters": [_letter(one) for one in document["letters"]],
    }
    board["urgent"] = _urgent(board["rows"])
    return _page("flaws.html", ("page.js", "flaws.js"), _context(document) | board)


def make_annex(document: Mapping[str, Any], agency: Mapping[str, Any], shown: Mapping[str, Any], size: int) -> bytes:
    """Write an agency's annex.

    Args:
        document: of the check.
        agency: its entry in the document.
        shown: what `evidence.gather` gives.
        size: of the CSV file beside the annex, in bytes; 0 where there is none.
    """
    as_of = document["as_of"]
    actions = [_with_grounds(one, proofs) for one, proofs in zip(agency["actions"], shown["actions"], strict=False)]
    asked = zip(agency["questions"], shown["questions"], strict=True)
    questions = sorted(({**one, "proof": proof} for one, proof in asked), key=_pressing)
    lacks = _lacks(agency)
    annex = {
        "agency": agency,
        "sum": _row(agency, as_of),
        "actions": actions,
        "more_actions": agency["actions"][MOST_ACTIONS:_MOST_LINES],
        "actions_total": len(agency["actions"]),
        "questions": questions[:MOST_QUESTIONS],
        "questions_total": len(questions),
        "lacks": lacks[:_MOST_LACKS],
        "lacks_total": len(lacks),
        "letters": _bound(document["letters"], shown["bound"], agency["hosts"]),
        "most_bound": MOST_BOUND,
        "machines": shown["machines"][:MOST_MACHINES],
        "hosts_shown": _HOSTS_SHOWN,
        "hosts_most": _HOSTS_MOST,
        "csv": {
            "rows": shown["rows"],
            "kilobytes": -(-size // 1000),
            "megabytes": round(size / 1e6, 1),
            "too_long": shown["rows"] >= _EXCEL_ROWS,
            "heavy": size > _HEAVY,
            "excel_rows": _EXCEL_ROWS,
        },
        "columns": {name: words.COLUMN_WORDS[name] for name in COLUMNS},
    }
    return _page("flaws_annex.html", ("page.js",), _context(document) | annex)


def _context(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "document": document,
        "as_of": document["as_of"],
        "tones": words.TONES,
        "states": words.STATE_WORDS,
        "meanings": words.STATE_MEANINGS,
        "order": FINDING_STATES,
        "decisions": words.DECISION_WORDS,
        "decision_meanings": words.DECISION_MEANINGS,
        "looks": words.DECISION_LOOKS,
        "sure": words.SURE_WORDS,
        "due_words": words.DUE_WORDS,
        "answers": words.ANSWER_WORDS,
        "reply": words.REPLY,
        "days": words.days_words,
        "named": words.product_and_version,
        "rule": words.rule_words,
        "matched": words.match_words,
        "cut": words.cut,
        "two": _two,
        "score": _score,
    }


def _two(text: str, file: str = "") -> Html:
    """Show a reason, without the file that it begins with, in the chosen language; one in one language is English."""
    told = text.removeprefix(f"{file} ") if file else text
    parts = words.in_two(told)
    return both(parts.vi, parts.en) if parts else Html(f'<span lang="en-GB">{escape(told)}</span>')


def _score(score: float) -> Html:
    """Write a CVSS score as it is always written, with one decimal."""
    text = f"{score:.1f}"
    return both(text.replace(".", ","), text)


def _page(template: str, scripts: tuple[str, ...], context: Mapping[str, Any]) -> bytes:
    """Make a page that wears the style of flaws over the shared one; its policy names both by one hash."""
    style, policy_of = _style()
    return make_page(template, scripts, {**context, "whole_style": style, "style_hashes": policy_of})


@cache
def _style() -> tuple[Html, tuple[str, str]]:
    shared = read_template("style.css")
    whole = shared + read_template("flaws.css")
    return Html(whole), (_hash(shared), _hash(whole))


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _soonest(action: Mapping[str, Any]) -> tuple[Any, ...]:
    """Put what presses most first: SSVC's decision, a letter's order, exploitation, the day."""
    return (
        DECISIONS.index(action["decision"]), not action["letters"], not action["exploited"], action["due"] or "9",
        -action["hosts_total"], action["product"],
    )  # fmt: skip


def _pressing(question: Mapping[str, Any]) -> tuple[Any, ...]:
    proof = question["proof"]
    soon = len(DECISIONS) if proof["soon"] is None else proof["soon"]
    return (not proof["bound"], soon, not proof["exploited"], -question["flaws"], question["product"] or "")


def _groups(agencies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Lay the same update of different agencies together: the department calls for it once."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for one in agencies:
        for action in one["actions"]:
            group = groups.setdefault(((action["product"] or "").casefold(), action["fix"]), {**action, "agencies": []})
            place = {"name": one["name"], "file": one["file"], "hosts": action["hosts_total"]}
            if group["agencies"]:
                _join(group, action)
            group["agencies"].append(place)
    for group in groups.values():
        group["agencies"].sort(key=lambda place: (-place["hosts"], place["name"]))
    return sorted(groups.values(), key=_soonest)


def _join(group: dict[str, Any], action: Mapping[str, Any]) -> None:
    if _soonest(action) < _soonest(group):
        group |= {name: action[name] for name in ("worst", "score", "decision")}
    group["due"] = min((day for day in (group["due"], action["due"]) if day), default=None)
    group["flaws"] = max(group["flaws"], action["flaws"])
    group["exploited"] = max(group["exploited"], action["exploited"])
    group["hosts_total"] += action["hosts_total"]
    letters = [*group["letters"].split("; "), *action["letters"].split("; ")]
    group["letters"] = "; ".join(dict.fromkeys(filter(None, letters)))


def _row(agency: Mapping[str, Any], as_of: str) -> dict[str, Any]:
    """Sum up an agency for its line of the table, and for what its annex begins with."""
    by_decision = dict.fromkeys(DECISIONS, 0)
    late = 0
    for action in agency["actions"]:
        by_decision[action["decision"]] += 1
        late += bool(action["due"] and action["due"] < as_of)
    unseen = agency["hosts_not_fully_seen"]
    order = (
        *(-by_decision[decision] for decision in DECISIONS[:2]), -late, -agency["hosts_affected"],
        -agency["pairs"]["cannot_tell"], -unseen, agency["name"],
    )  # fmt: skip
    return {
        **agency,
        "by_decision": by_decision,
        "late": late,
        "questions_total": len(agency["questions"]),
        "order": order,
        "stand": _stand(agency),
    }


def _stand(agency: Mapping[str, Any]) -> str:
    """Say how an agency stands as a whole: what was not seen or can't be told is never “fixed”."""
    if agency["pairs"]["affected"]:
        return "affected"
    open_ends = agency["hosts_not_fully_seen"] or agency["pairs"]["cannot_tell"] or agency["unread_total"]
    return "cannot_tell" if open_ends else "fixed"


def _urgent(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count what the department has to press for, over all agencies."""
    return {
        "act": sum(row["by_decision"]["act"] for row in rows),
        "act_agencies": sum(1 for row in rows if row["by_decision"]["act"]),
        "late": sum(row["late"] for row in rows),
        "late_agencies": sum(1 for row in rows if row["late"]),
        "unseen": sum(row["hosts_not_fully_seen"] for row in rows),
        "unseen_agencies": sum(1 for row in rows if row["hosts_not_fully_seen"]),
        "questions": sum(row["questions_total"] for row in rows),
        "questions_agencies": sum(1 for row in rows if row["questions_total"]),
    }


def _letter(letter: Mapping[str, Any]) -> dict[str, Any]:
    hosts = {state: sum(flaw["hosts"][state] for flaw in letter["flaws"]) for state in FINDING_STATES}
    return {**letter, "hosts": hosts, "unknown": sum(1 for flaw in letter["flaws"] if not flaw["known"])}


def _with_grounds(action: Mapping[str, Any], grounds: Mapping[str, Any]) -> dict[str, Any]:
    """Give an action what its deciding rows say: the rule, the update behind a build, whose day it is."""
    proofs, target = grounds["proofs"], grounds["target"]
    worst: Mapping[str, Any] = next((one for one in proofs if one["flaw"] == action["worst"]), {})
    by_letter = any(one["due_ground"] == "letter" for one in proofs)
    patch = target["fix"] if target and target["fix"] != action["fix"] else ""
    return {
        **action,
        "title": worst.get("title") or "",
        "patch": patch or "",
        "ground": "letter" if by_letter else worst.get("due_ground") or "",
        "deciding": target or next(iter(proofs), None),
        "proofs": proofs,
    }


def _lacks(agency: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Ask for the same thing once, whatever number of files and machines lack it, and not for what is asked already."""
    asked = {what for what, name in _ASKED.items() if agency[name]}
    groups: dict[str, dict[str, Any]] = {}
    for lack in agency["lacks"]:
        if lack["what"] not in asked:
            group = groups.setdefault(lack["ask"], {"ask": lack["ask"], "places": []})
            group["places"].append({"host": lack["host"], "file": lack["file"], "line": lack["line"]})
    return list(groups.values())


def _bound(
    letters: Iterable[Mapping[str, Any]], bound: Mapping[str, Sequence[Mapping[str, Any]]], hosts: int
) -> list[dict[str, Any]]:
    """Say of each letter's flaws what this agency's machines show; machines without the product are not present."""
    out = []
    for letter in letters:
        flaws = []
        for flaw in letter["flaws"]:
            groups = bound.get(flaw["flaw"], ())
            counts = dict.fromkeys(FINDING_STATES, 0)
            for group in groups:
                counts[group["state"]] += group["hosts_total"]
            counts["not_present"] += max(0, hosts - sum(counts.values()))
            flaws.append({**flaw, "hosts": counts, "groups": groups})
        flaws.sort(key=lambda flaw: [-flaw["hosts"][state] for state in FINDING_STATES[:4]])
        sums = {state: sum(flaw["hosts"][state] for flaw in flaws) for state in FINDING_STATES}
        out.append({**letter, "flaws": flaws[:MOST_BOUND], "flaws_total": len(flaws), "hosts": sums})
    return out
