"""The department's page of a check of botnet lists."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from haidang.engine.botnet.match import OUTCOMES
from haidang.engine.reports.botnet import words
from haidang.engine.reports.page import Html, make_page, read_template

_MOST_TO_DO = 12  # addresses of one agency on the page; its annex has them all
_MOST_LINES = 100


def make_index(document: Mapping[str, Any]) -> bytes:
    """Write the page from the document of a check of lists."""
    style, hashes = _style()
    agencies = sorted(document["agencies"], key=_pressing)
    context = {
        "document": document,
        "agencies": agencies,
        "order": OUTCOMES,
        "outcomes": words.OUTCOMES,
        "meanings": words.MEANINGS,
        "tones": words.TONES,
        "states": words.STATES,
        "state_tones": words.STATE_TONES,
        "confidences": words.CONFIDENCES,
        "grounds": words.GROUNDS,
        "changes": words.CHANGES,
        "precisions": words.PRECISIONS,
        "two": words.in_two,
        "open_total": sum(one["open"] for one in agencies),
        "open_agencies": sum(1 for one in agencies if one["open"]),
        "again_total": sum(one["states"]["listed_again"] for one in agencies),
        "found_total": sum(one["machines"]["exact"] + one["machines"]["likely"] for one in agencies),
        "most_to_do": _MOST_TO_DO,
        "most_lines": _MOST_LINES,
        "whole_style": style,
        "style_hashes": hashes,
    }
    return make_page("botnet.html", ("page.js",), context)


def _pressing(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return (-one["open"], -one["states"]["listed_again"], -one["to_confirm"], -one["rows"], one["name"])


@cache
def _style() -> tuple[Html, tuple[str, str]]:
    """Wear the style of flaws over the shared one; the page's policy names both by one hash."""
    shared = read_template("style.css")
    whole = shared + read_template("flaws.css")
    return Html(whole), (_hash(shared), _hash(whole))


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
