"""Base scores of CVSS vectors, for publishers that give the vector alone."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping

_METRIC = r"[A-Za-z]{1,3}:[A-Za-z]{1,2}"
_VECTOR = re.compile(rf"(?:CVSS:(3\.[01])/)?({_METRIC}(?:/{_METRIC}){{5,40}})/?")

# CVSS 3.1, section 7.4 (https://www.first.org/cvss/v3.1/specification-document)
_V3: Mapping[str, Mapping[str, float]] = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0},
    "I": {"H": 0.56, "L": 0.22, "N": 0},
    "A": {"H": 0.56, "L": 0.22, "N": 0},
}
_PRIVILEGES: Mapping[str, Mapping[str, float]] = {
    "U": {"N": 0.85, "L": 0.62, "H": 0.27},
    "C": {"N": 0.85, "L": 0.68, "H": 0.5},
}
# CVSS 2.0, section 3.2.1 (https://www.first.org/cvss/v2/guide)
_V2: Mapping[str, Mapping[str, float]] = {
    "AV": {"L": 0.395, "A": 0.646, "N": 1.0},
    "AC": {"H": 0.35, "M": 0.61, "L": 0.71},
    "Au": {"M": 0.45, "S": 0.56, "N": 0.704},
    "C": {"N": 0.0, "P": 0.275, "C": 0.66},
    "I": {"N": 0.0, "P": 0.275, "C": 0.66},
    "A": {"N": 0.0, "P": 0.275, "C": 0.66},
}


@functools.lru_cache(maxsize=20_000)
def base_score(vector: str) -> tuple[str, float] | None:
    """Give the version ("2.0", "3.0", "3.1") and the base score of a vector; None for 4.0 and what is no vector."""
    found = _VECTOR.fullmatch(vector.strip().strip("()"))
    if not found:
        return None
    metrics = dict(part.split(":", 1) for part in found[2].split("/"))
    try:
        return (found[1], _score_3(metrics, found[1])) if found[1] else ("2.0", _score_2(metrics))
    except KeyError:
        return None


def _score_3(metrics: Mapping[str, str], version: str) -> float:
    weights = {name: values[metrics[name]] for name, values in _V3.items()}
    scope = metrics["S"]
    privileges = _PRIVILEGES[scope][metrics["PR"]]
    missed = (1 - weights["C"]) * (1 - weights["I"]) * (1 - weights["A"])
    impact = 6.42 * (1 - missed)
    if scope == "C":
        impact = 7.52 * (1 - missed - 0.029) - 3.25 * (1 - missed - 0.02) ** 15
    if impact <= 0:
        return 0.0
    total = impact + 8.22 * weights["AV"] * weights["AC"] * privileges * weights["UI"]
    return _round_up(min(total * (1.08 if scope == "C" else 1), 10), version)


def _round_up(value: float, version: str) -> float:
    """Round up to one decimal; 3.1 says how to do so in floating point, Appendix A."""
    if version == "3.0":
        return math.ceil(value * 10) / 10
    whole = round(value * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10


def _score_2(metrics: Mapping[str, str]) -> float:
    weights = {name: values[metrics[name]] for name, values in _V2.items()}
    impact = 10.41 * (1 - (1 - weights["C"]) * (1 - weights["I"]) * (1 - weights["A"]))
    ease = 20 * weights["AV"] * weights["AC"] * weights["Au"]
    return round((0.6 * impact + 0.4 * ease - 1.5) * (1.176 if impact else 0), 1)
