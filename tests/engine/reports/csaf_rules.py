"""What CSAF 2.0 asks of a document: its JSON schema, and those mandatory tests (section 6.1) that can touch a VEX file."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

AFFECTED = ("first_affected", "known_affected", "last_affected")
FIXED = ("first_fixed", "fixed")
CLASSES = (AFFECTED, ("known_not_affected",), FIXED, ("under_investigation",))
JUSTIFICATIONS = {
    "component_not_present",
    "inline_mitigations_already_exist",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_not_present",
}
_RANGE = re.compile(r"<=|>=|<|>|(?<![\w-])(?:after|all|before|earlier|later|prior|versions)(?![\w-])", re.IGNORECASE)
_TYPES = {"object": dict, "array": list, "string": str, "number": (int, float), "integer": int, "boolean": bool}


def faults(document: dict[str, Any]) -> set[str]:
    """Give the numbers of the mandatory tests that a document fails, of those in CHECKED."""
    return {name for name, holds in CHECKED.items() if not holds(document)}


def _branches(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for branch in tree.get("branches", ()):
        yield branch
        yield from _branches(branch)


def defined_products(document: dict[str, Any]) -> list[str]:
    """List every product id that the tree defines, as often as it does."""
    tree = document.get("product_tree", {})
    products = [
        *tree.get("full_product_names", ()),
        *(branch["product"] for branch in _branches(tree) if "product" in branch),
    ]
    products += [one["full_product_name"] for one in tree.get("relationships", ())]
    return [one["product_id"] for one in products]


def used_products(document: dict[str, Any]) -> set[str]:
    """Give every product id that is spoken of."""
    tree = document.get("product_tree", {})
    used = {one for group in tree.get("product_groups", ()) for one in group["product_ids"]}
    for one in tree.get("relationships", ()):
        used |= {one["product_reference"], one["relates_to_product_reference"]}
    for flaw in document.get("vulnerabilities", ()):
        used |= {one for listed in flaw.get("product_status", {}).values() for one in listed}
        for name in ("flags", "remediations", "threats"):
            used |= {one for entry in flaw.get(name, ()) for one in entry.get("product_ids", ())}
        used |= {one for score in flaw.get("scores", ()) for one in score["products"]}
    return used


def _groups(document: dict[str, Any]) -> dict[str, set[str]]:
    return {
        one["group_id"]: set(one["product_ids"]) for one in document.get("product_tree", {}).get("product_groups", ())
    }


def _meant(document: dict[str, Any], entry: dict[str, Any]) -> set[str]:
    groups = _groups(document)
    return set(entry.get("product_ids", ())).union(*(groups.get(one, set()) for one in entry.get("group_ids", ())))


def _status(flaw: dict[str, Any], names: tuple[str, ...]) -> set[str]:
    return {one for name in names for one in flaw.get("product_status", {}).get(name, ())}


def _no_contradiction(document: dict[str, Any]) -> bool:
    for flaw in document.get("vulnerabilities", ()):
        seen = Counter(one for names in CLASSES for one in _status(flaw, names))
        if any(count > 1 for count in seen.values()):
            return False
    return True


def _revisions(document: dict[str, Any]) -> list[dict[str, Any]]:
    history = document["document"]["tracking"]["revision_history"]
    return sorted(history, key=lambda one: (dt.datetime.fromisoformat(one["date"]), _number(one["number"])))


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.split(r"[-+]", text)[0].split("."))


def _plain(number: str) -> str:
    return number.split("+")[0]


def _history_sorted(document: dict[str, Any]) -> bool:
    numbers = [_number(one["number"]) for one in _revisions(document)]
    return numbers == sorted(numbers)


def _latest(document: dict[str, Any]) -> bool:
    tracking = document["document"]["tracking"]
    last, version = _plain(_revisions(document)[-1]["number"]), _plain(tracking["version"])
    return last.split("-")[0] == version.split("-")[0] if tracking["status"] == "draft" else last == version


def _draft_is_draft(document: dict[str, Any]) -> bool:
    tracking = document["document"]["tracking"]
    early = _number(tracking["version"])[0] == 0 or "-" in _plain(tracking["version"])
    return not early or tracking["status"] == "draft"


def _released_history(document: dict[str, Any]) -> bool:
    tracking = document["document"]["tracking"]
    return tracking["status"] == "draft" or all(_number(one["number"])[0] for one in tracking["revision_history"])


def _no_gap(document: dict[str, Any]) -> bool:
    majors = sorted({_number(one["number"])[0] for one in document["document"]["tracking"]["revision_history"]})
    return majors[0] in (0, 1) and majors == list(range(majors[0], majors[-1] + 1))


def _one_kind_of_number(document: dict[str, Any]) -> bool:
    tracking = document["document"]["tracking"]
    numbers = [tracking["version"], *(one["number"] for one in tracking["revision_history"])]
    return len({"." in number for number in numbers}) == 1


def _is_vex(document: dict[str, Any]) -> bool:
    return document["document"]["category"] == "csaf_vex"


def _vex(holds: Any) -> Any:
    return lambda document: (
        not _is_vex(document) or all(holds(document, one) for one in document.get("vulnerabilities", ()))
    )


def _impact_told(document: dict[str, Any], flaw: dict[str, Any]) -> bool:
    told = [_meant(document, one) for one in flaw.get("flags", ())]
    told += [_meant(document, one) for one in flaw.get("threats", ()) if one["category"] == "impact"]
    return _status(flaw, ("known_not_affected",)) <= set().union(*told)


def _action_told(document: dict[str, Any], flaw: dict[str, Any]) -> bool:
    told = set().union(*(_meant(document, one) for one in flaw.get("remediations", ())))
    return _status(flaw, ("known_affected",)) <= told


def _named(flaw: dict[str, Any], name: str) -> bool:
    return all(one.get("product_ids") or one.get("group_ids") for one in flaw.get(name, ()))


def _one_justification(document: dict[str, Any]) -> bool:
    for flaw in document.get("vulnerabilities", ()):
        found: dict[str, set[str]] = {}
        for flag in flaw.get("flags", ()):
            for product in _meant(document, flag) if flag["label"] in JUSTIFICATIONS else ():
                found.setdefault(product, set()).add(flag["label"])
        if any(len(labels) > 1 for labels in found.values()):
            return False
    return True


def _unique(values: list[Any]) -> bool:
    return len(values) == len(set(values))


def _history(document: dict[str, Any]) -> list[str]:
    return [one["number"] for one in document["document"]["tracking"]["revision_history"]]


CHECKED: dict[str, Any] = {
    "6.1.1": lambda d: used_products(d) <= set(defined_products(d)),
    "6.1.2": lambda d: _unique(defined_products(d)),
    "6.1.6": _no_contradiction,
    "6.1.14": _history_sorted,
    "6.1.16": _latest,
    "6.1.17": _draft_is_draft,
    "6.1.18": _released_history,
    "6.1.19": lambda d: not any("-" in _plain(number) for number in _history(d)),
    "6.1.20": lambda d: d["document"]["tracking"]["status"] == "draft" or "-" not in _plain(d["document"]["tracking"]["version"]),
    "6.1.21": _no_gap,
    "6.1.22": lambda d: _unique(_history(d)),
    "6.1.23": lambda d: _unique([one["cve"] for one in d.get("vulnerabilities", ()) if "cve" in one]),
    "6.1.27.4": lambda d: (not _is_vex(d) and d["document"]["category"] != "csaf_security_advisory") or "product_tree" in d,
    "6.1.27.5": lambda d: (not _is_vex(d) and d["document"]["category"] != "csaf_security_advisory") or all(one.get("notes") for one in d.get("vulnerabilities", ())),
    "6.1.27.7": _vex(lambda d, one: bool(_status(one, ("fixed", "known_affected", "known_not_affected", "under_investigation")))),
    "6.1.27.8": _vex(lambda d, one: "cve" in one or "ids" in one),
    "6.1.27.9": _vex(_impact_told),
    "6.1.27.10": _vex(_action_told),
    "6.1.27.11": lambda d: d["document"]["category"] not in ("csaf_vex", "csaf_security_advisory") or "vulnerabilities" in d,
    "6.1.29": lambda d: all(_named(one, "remediations") for one in d.get("vulnerabilities", ())),
    "6.1.30": _one_kind_of_number,
    "6.1.31": lambda d: not any(
        one["category"] == "product_version" and _RANGE.search(one["name"]) for one in _branches(d.get("product_tree", {}))
    ),
    "6.1.32": lambda d: all(_named(one, "flags") for one in d.get("vulnerabilities", ())),
    "6.1.33": _one_justification,
}  # fmt: skip


def breaks(schema: dict[str, Any], value: Any, root: dict[str, Any] | None = None, place: str = "") -> list[str]:
    """Say where a value breaks a JSON schema, of the words that CSAF's schema uses; other schemas are not followed."""
    root = root or schema
    if "$ref" in schema:
        name = schema["$ref"]
        return breaks(root["$defs"][name.rpartition("/")[2]], value, root, place) if name.startswith("#") else []
    if "oneOf" in schema:
        fits = [not breaks(one, value, root, place) for one in schema["oneOf"]]
        return [] if any(fits) else [f"{place}: {sum(fits)} of oneOf"]
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or isinstance(value, bool) != (kind == "boolean")):
        return [f"{place}: no {kind}"]
    found = [] if value in schema.get("enum", [value]) else [f"{place}: {value!r} is not allowed"]
    if isinstance(value, dict):
        found += [f"{place}: lacks {name}" for name in schema.get("required", ()) if name not in value]
        most, least = schema.get("maxProperties", len(value)), schema.get("minProperties", 0)
        found += [] if least <= len(value) <= most else [f"{place}: {len(value)} properties"]
        known = schema.get("properties", {})
        for name, inner in value.items():
            found += (
                breaks(known[name], inner, root, f"{place}/{name}") if name in known else [f"{place}: {name} unknown"]
            )
    elif isinstance(value, list):
        found += [] if len(value) >= schema.get("minItems", 0) else [f"{place}: too few"]
        told = [repr(one) for one in value]
        found += [] if not schema.get("uniqueItems") or _unique(told) else [f"{place}: not unique"]
        for at, inner in enumerate(value):
            found += breaks(schema.get("items", {}), inner, root, f"{place}/{at}")
    elif isinstance(value, str):
        found += [] if len(value) >= schema.get("minLength", 0) else [f"{place}: too short"]
        found += [] if re.search(schema.get("pattern", ""), value) else [f"{place}: {value!r} does not fit"]
        found += [] if _of_format(value, schema.get("format", "")) else [f"{place}: no {schema['format']}"]
    return found


def _of_format(value: str, form: str) -> bool:
    if form == "date-time":
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value))
    return form != "uri" or bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+", value))
