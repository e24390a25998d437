"""The page of a check for the department, and an annex for each agency with its own machines only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from haidang.engine.advisories.findings import FINDING_STATES
from haidang.engine.advisories.priority import DECISIONS
from haidang.engine.obligations.measure import Words
from haidang.engine.reports.page import make_page
from haidang.engine.reports.words import VerdictWords

# The style's four tones stand for the states of a finding as they do for verdicts.
TONES: Mapping[str, str] = {
    "affected": "not_met",
    "cannot_tell": "not_provable",
    "mitigated": "met",
    "fixed": "met",
    "not_present": "not_applicable",
}
STATE_WORDS: Mapping[str, VerdictWords] = {
    "affected": VerdictWords(Words("H", "A"), Words("còn lỗ hổng", "affected")),
    "cannot_tell": VerdictWords(Words("?", "?"), Words("chưa rõ", "can't tell")),
    "mitigated": VerdictWords(Words("G", "W"), Words("đã giảm thiểu", "mitigated")),
    "fixed": VerdictWords(Words("V", "F"), Words("đã vá", "fixed")),
    "not_present": VerdictWords(Words("–", "–"), Words("không có", "not present")),
}
DECISION_WORDS: Mapping[str, Words] = {
    "act": Words("xử lý ngay", "act"),
    "attend": Words("ưu tiên", "attend"),
    "track*": Words("theo dõi sát", "track closely"),
    "track": Words("theo dõi", "track"),
}
SURE_WORDS: Mapping[str, Words] = {
    "named": Words("nêu trong công văn", "named in the letter"),
    "read": Words("nêu trong văn bản cảnh báo", "named in the advisory letter"),
    "inferred": Words("suy ra", "inferred"),
    "month": Words("theo cả tháng", "by the whole month"),
}
_MOST_ACTIONS = 300
_MOST_FLAWS = 60


def make_pages(document: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Write `index.html` and `annex/<agency>.html` from the document of a check."""
    context = {
        "document": document,
        "tones": TONES,
        "states": STATE_WORDS,
        "order": FINDING_STATES,
        "decisions": DECISION_WORDS,
        "sure": SURE_WORDS,
        "most_flaws": _MOST_FLAWS,
    }
    yield "index.html", make_page("flaws.html", ("page.js",), context | _board(document))
    for agency in document["agencies"]:
        name = agency["agency"] or "all"
        page = make_page("flaws_annex.html", ("page.js",), context | {"agency": agency, "file": name})
        yield f"annex/{name}.html", page


def _board(document: Mapping[str, Any]) -> dict[str, Any]:
    agencies = document["agencies"]
    actions = [
        {**action, "agency": one["agency"], "name": one["name"]} for one in agencies for action in one["actions"]
    ]
    actions.sort(key=lambda action: (DECISIONS.index(action["decision"]), -action["exploited"], -action["hosts_total"]))
    return {
        "totals": {state: sum(one["pairs"][state] for one in agencies) for state in FINDING_STATES},
        "hosts": sum(one["hosts"] for one in agencies),
        "rows": [_row(one) for one in agencies],
        "actions": actions[:_MOST_ACTIONS],
        "actions_total": len(actions),
    }


def _row(agency: Mapping[str, Any]) -> dict[str, Any]:
    """Sum up an agency for its line of the table."""
    by_decision = dict.fromkeys(DECISIONS, 0)
    for action in agency["actions"]:
        by_decision[action["decision"]] += action["hosts_total"]
    return {
        **agency,
        "file": agency["agency"] or "all",
        "by_decision": by_decision,
        "not_looked": len(set(agency["system_unknown"]) | set(agency["no_software_list"])),
        "questions_total": sum(question["hosts_total"] for question in agency["questions"]),
    }
