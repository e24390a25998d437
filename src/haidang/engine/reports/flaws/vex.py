"""What an agency answers about its products, as CSAF 2.0 in the VEX profile: for its suppliers and others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from haidang.engine.advisories.reasons import WHY_WORDS

# A work-around of the agency's own keeps a product “known affected”, with the work-around as its action statement.
# CSAF's “inline_mitigations_already_exist” (known not affected) speaks of protection that is built into the product;
# here somebody put it there, may take it away, and still has to update.
_STATUSES: Mapping[str, str] = {
    "affected": "known_affected",
    "mitigated": "known_affected",
    "cannot_tell": "under_investigation",
    "fixed": "fixed",
    "not_present": "known_not_affected",
}
# Where machines with one product differ, the worst counts: a product is only fixed when it is fixed everywhere.
_WORST_FIRST = ("affected", "mitigated", "cannot_tell", "fixed", "not_present")
# Findings name products that are there; of one that was never flawed in its version the code is missing, not the
# component. “component_not_present” would need a product that no machine has.
_NEVER_FLAWED = "vulnerable_code_not_present"
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}")
# What makes a version a range in a validator's eyes (CSAF 2.0, 6.1.31).
_RANGE = re.compile(r"<|>|\b(?:after|all|before|earlier|later|prior|versions)\b", re.IGNORECASE)
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_SCOPE = (
    "Kết quả đối chiếu máy và phần mềm mà đơn vị đã khai với các cảnh báo lỗ hổng. Sản phẩm hay lỗ hổng không nêu ở "
    "đây là chưa được nói tới, không phải là an toàn. · The machines and software that the agency listed, laid beside "
    "advisories. What is not named here is not spoken of, which does not mean that it is safe."
)


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
    named = ["product", "version"]
    worst = (
        rows.with_columns(*(pl.col(column).fill_null("").str.strip_chars() for column in named), rank=rank)
        .sort("flaw", *named, "rank", "host")
        .unique(["flaw", *named], keep="first", maintain_order=True)
    )
    products = worst.select(named).unique().sort(named).rows()
    ids = {product: f"P{at:05}" for at, product in enumerate(products, 1)}
    flaws = worst.partition_by("flaw", as_dict=True, maintain_order=True)
    return {
        "document": _head(agency, name, day),
        "product_tree": {"branches": _branches(products, ids)},
        "vulnerabilities": [_vulnerability(str(key[0]), part.to_dicts(), ids) for key, part in flaws.items()],
    }


def _head(agency: str, name: str, day: str) -> dict[str, Any]:
    moment = f"{day}T00:00:00Z"
    key = "".join(f"%{byte:02X}" if not _UNRESERVED.match(chr(byte)) else chr(byte) for byte in agency.encode())
    return {
        "category": "csaf_vex",
        "csaf_version": "2.0",
        "distribution": {"tlp": {"label": "AMBER"}},
        "lang": "vi",
        "notes": [{"category": "general", "text": _SCOPE, "title": "Phạm vi · Scope"}],
        "publisher": {
            "category": "user",
            "name": name or agency or "đơn vị",
            "namespace": f"urn:haidang:agency:{key or 'all'}",
        },
        "title": f"Tình trạng lỗ hổng của {name or agency or 'đơn vị'} ngày {day}",
        "tracking": {
            "current_release_date": moment,
            "id": f"haidang-vex-{key or 'all'}-{day}",
            "initial_release_date": moment,
            "revision_history": [{"date": moment, "number": "1", "summary": "Kết quả đối chiếu · result of the check"}],
            "status": "final",
            "version": "1",
        },
    }


def _branches(products: Iterable[tuple[str, str]], ids: Mapping[tuple[str, str], str]) -> list[dict[str, Any]]:
    """Hang versions under their product; what has none, or none that names a single one, stands by its whole name."""
    alone: list[dict[str, Any]] = []
    under: dict[str, list[dict[str, Any]]] = {}
    for product, version in products:
        full = f"{product} {version}".strip() or "?"
        leaf = {"name": full, "product_id": ids[product, version]}
        if product and version and not _RANGE.search(version):
            branch = {"category": "product_version", "name": version, "product": leaf}
            under.setdefault(product, []).append(branch)
        else:
            alone.append({"category": "product_name", "name": full, "product": leaf})
    whole = [{"branches": found, "category": "product_name", "name": product} for product, found in under.items()]
    return sorted([*alone, *whole], key=lambda branch: (branch["name"], "product" in branch))


def _vulnerability(flaw: str, rows: Sequence[Mapping[str, Any]], ids: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    by_status: dict[str, list[str]] = {}
    for row in rows:
        by_status.setdefault(_STATUSES[row["state"]], []).append(ids[row["product"], row["version"]])
    publisher = rows[0]["publisher"] or "publisher"
    out: dict[str, Any] = {"cve": flaw} if _CVE.fullmatch(flaw) else {"ids": [{"system_name": publisher, "text": flaw}]}
    if absent := by_status.get("known_not_affected"):
        out["flags"] = [{"label": _NEVER_FLAWED, "product_ids": sorted(absent)}]
    out["notes"] = [{"category": "description", "text": (rows[0]["title"] or "").strip() or flaw}]
    out["product_status"] = {status: sorted(found) for status, found in sorted(by_status.items())}
    if remedies := _remedies(rows, ids):
        out["remediations"] = remedies
    return out


def _remedies(rows: Iterable[Mapping[str, Any]], ids: Mapping[tuple[str, str], str]) -> list[dict[str, Any]]:
    """Say for each affected product what is done about it, as the profile asks; what is alike stands once."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        remedy = _remedy(row)
        if remedy:
            found.setdefault(remedy, []).append(ids[row["product"], row["version"]])
    return [
        {"category": category, "details": details, "product_ids": sorted(products)}
        for (category, details), products in sorted(found.items())
    ]


def _remedy(row: Mapping[str, Any]) -> tuple[str, str] | None:
    target = row["fixed_in"] or row["fix"]
    if row["state"] == "mitigated":
        words = WHY_WORDS["workaround"]
        return "workaround", f"{words.rule_vi} · {words.rule_en}"
    if row["state"] != "affected":
        return None
    return ("vendor_fix", str(target)) if target else ("none_available", "Chưa có bản vá · No update known")
