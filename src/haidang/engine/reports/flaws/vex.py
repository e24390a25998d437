"""What an agency answers about its products, as CSAF 2.0 in the VEX profile: for its suppliers and others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from haidang.engine.advisories.reasons import WHY_WORDS

_STATUSES: Mapping[str, str] = {
    "affected": "known_affected",
    "mitigated": "known_affected",
    "cannot_tell": "under_investigation",
    "fixed": "fixed",
    "not_present": "known_not_affected",
}
# Where machines with one product differ, the worst counts: a product is only fixed when it is fixed everywhere.
_WORST_FIRST = ("affected", "mitigated", "cannot_tell", "fixed", "not_present")
_CVE = re.compile(r"CVE-\d{4}-\d{4,}")


def make_vex(agency: str, name: str, day: str, rows: pl.DataFrame) -> dict[str, Any] | None:
    """Write one agency's answers; None where there is nothing to say.

    Args:
        agency: its key.
        name: its name.
        day: of the check, ISO.
        rows: its findings (columns: `findings.COLUMNS`).
    """
    if rows.is_empty():
        return None
    rank = (
        pl.col("state")
        .cast(pl.String)
        .replace_strict(list(_WORST_FIRST), range(len(_WORST_FIRST)), return_dtype=pl.Int64)
    )
    worst = (
        rows.with_columns(pl.col("product", "version").fill_null(""), rank=rank)
        .sort("flaw", "product", "version", "rank", "host")
        .unique(["flaw", "product", "version"], keep="first", maintain_order=True)
    )
    products = worst.select("product", "version").unique().sort("product", "version").rows()
    ids = {product: f"P{at:05}" for at, product in enumerate(products, 1)}
    flaws = worst.partition_by("flaw", as_dict=True, maintain_order=True)
    return {
        "document": _head(agency, name, day),
        "product_tree": {
            "branches": [_branch(product, version, ids[product, version]) for product, version in products]
        },
        "vulnerabilities": [_vulnerability(str(key[0]), part.to_dicts(), ids) for key, part in flaws.items()],
    }


def _head(agency: str, name: str, day: str) -> dict[str, Any]:
    moment = f"{day}T00:00:00Z"
    return {
        "category": "csaf_vex",
        "csaf_version": "2.0",
        "lang": "vi",
        "title": f"Tình trạng lỗ hổng của {name or agency or 'đơn vị'} ngày {day}",
        "publisher": {
            "category": "user",
            "name": name or agency or "?",
            "namespace": f"urn:haidang:agency:{agency or 'all'}",
        },
        "distribution": {"tlp": {"label": "AMBER"}},
        "tracking": {
            "id": f"haidang-vex-{agency or 'all'}-{day}",
            "status": "final",
            "version": "1",
            "initial_release_date": moment,
            "current_release_date": moment,
            "revision_history": [{"number": "1", "date": moment, "summary": "Kết quả đối chiếu · result of the check"}],
        },
    }


def _branch(product: str, version: str, product_id: str) -> dict[str, Any]:
    return {
        "category": "product_name",
        "name": product or "?",
        "branches": [
            {
                "category": "product_version",
                "name": version or "không rõ · unknown",
                "product": {"name": f"{product} {version}".strip() or "?", "product_id": product_id},
            }
        ],
    }


def _vulnerability(flaw: str, rows: Sequence[Mapping[str, Any]], ids: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    by_status: dict[str, list[str]] = {}
    for row in rows:
        by_status.setdefault(_STATUSES[row["state"]], []).append(ids[row["product"], row["version"]])
    out: dict[str, Any] = (
        {"cve": flaw} if _CVE.fullmatch(flaw) else {"ids": [{"system_name": "publisher", "text": flaw}]}
    )
    out["notes"] = [{"category": "description", "text": rows[0]["title"] or flaw}]
    out["product_status"] = {status: sorted(found) for status, found in sorted(by_status.items())}
    remedies = list(_remedies(rows, ids))
    if remedies:
        out["remediations"] = remedies
    if absent := by_status.get("known_not_affected"):
        out["flags"] = [{"label": "vulnerable_code_not_present", "product_ids": sorted(absent)}]
    return out


def _remedies(rows: Iterable[Mapping[str, Any]], ids: Mapping[tuple[str, str], str]) -> Iterable[dict[str, Any]]:
    """Say for each affected product what is done about it, as the profile asks."""
    for row in rows:
        product = ids[row["product"], row["version"]]
        if row["state"] == "mitigated":
            yield {"category": "workaround", "details": WHY_WORDS["workaround"].rule_en, "product_ids": [product]}
        elif row["state"] == "affected" and (row["fixed_in"] or row["fix"]):
            yield {"category": "vendor_fix", "details": row["fixed_in"] or row["fix"], "product_ids": [product]}
        elif row["state"] == "affected":
            yield {"category": "none_available", "details": "No update known", "product_ids": [product]}
