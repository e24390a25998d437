"""Made-up documents of verdicts, of any size."""

from __future__ import annotations

import random
from typing import Any

import polars as pl

BLOCKS = (
    "Cơ quan Đảng",
    "Cơ quan trung ương theo ngành dọc",
    "Sở, ban, ngành",
    "Quận, huyện",
    "Đơn vị sự nghiệp",
    "Tổ chức chính trị – xã hội",
    "Doanh nghiệp",
)
_NAMES = ("Văn phòng Cảng Gió", "Cục Hải đăng", "Sở Thủy triều", "Huyện Đảo Mây", "Trung tâm Phao tiêu", "Hội Người giữ đèn",
          "Công ty Cầu tàu")  # fmt: skip
_MEASURES = {
    "system_levels": ("Cấp độ an toàn hệ thống thông tin", "Security levels of systems", "hệ thống", "systems"),
    "flaws_fixed": ("Khắc phục lỗ hổng", "Flaws fixed", "cặp máy và lỗ hổng", "host and flaw pairs"),
    "threat_hunt": ("Săn lùng mối nguy hại", "Threat hunt", "nguồn nhật ký", "log sources"),
    "watch_24_7": ("Trực giám sát 24/7", "Watch day and night", "phút", "minutes"),
    "monitoring_coverage": ("Độ phủ giám sát tập trung", "Monitoring coverage", "máy", "hosts"),
    "antimalware_coverage": ("Độ phủ phòng, chống mã độc", "Anti-malware coverage", "máy", "hosts"),
    "malware_sweep": ("Rà quét, bóc gỡ mã độc", "Malware sweep", "máy", "hosts"),
    "botnet_cleanup": ("Xử lý địa chỉ trong danh sách botnet", "Botnet addresses cleaned", "địa chỉ", "addresses"),
    "advisories_fixed": ("Khắc phục lỗ hổng đã được cảnh báo", "Advisories fixed", "cặp máy và lỗ hổng", "pairs"),
    "national_coordination": ("Điều phối sự cố quốc gia", "National coordination", "sự cố", "incidents"),
    "digital_forensics": ("Điều tra số", "Digital forensics", "sự cố", "incidents"),
    "awareness": ("Tuyên truyền, tập huấn", "Awareness", "cán bộ", "staff"),
    "provider_staffing": ("Nhân lực trực của doanh nghiệp", "Provider staffing", "phút", "minutes"),
    "provider_blocking": ("Ngăn chặn theo yêu cầu", "Block orders applied", "yêu cầu", "orders"),
    "authority_requests": ("Thực hiện yêu cầu của cơ quan có thẩm quyền", "Authority requests", "yêu cầu", "requests"),
    "incident_contact": ("Đầu mối ứng cứu sự cố", "Incident contact", "đầu mối", "contacts"),
}
# How sixteen measures stand in ten clauses, as such letters put them.
_LETTER = {
    "1.a": ["system_levels", "flaws_fixed", "threat_hunt"],
    "1.b": ["watch_24_7", "monitoring_coverage", "antimalware_coverage"],
    "1.c": ["malware_sweep", "botnet_cleanup"],
    "1.d": ["advisories_fixed"],
    "1.đ": ["national_coordination", "digital_forensics"],
    "1.e": ["awareness"],
    "2.a": ["provider_staffing"],
    "2.b": ["provider_blocking"],
    "2.c": ["authority_requests"],
    "3": ["incident_contact"],
}
_WORST = ("not_met", "not_provable", "met", "not_applicable")


def make_city(
    agencies: int = 14, *, one_measure_a_clause: bool = False, rows: int = 12, seed: int = 7
) -> dict[str, Any]:
    """Make a document with every verdict in it.

    Args:
        agencies: how many, spread over seven blocks.
        one_measure_a_clause: sixteen clauses of one measure each instead of ten clauses.
        rows: deciding rows of each verdict.
        seed: of the chance that deals the verdicts.
    """
    dice = random.Random(seed)
    letter = {f"{i}": [name] for i, name in enumerate(_MEASURES, 1)} if one_measure_a_clause else _LETTER
    listed = [make_agency(i, agencies) for i in range(agencies)]
    verdicts = [
        make_verdict(ref, agency["agency"], measure, _deal(dice, ref, agency, measure), rows=rows, dice=dice)
        for ref, measures in letter.items()
        for agency in listed
        for measure in measures
    ]
    return make_document(
        agencies=listed,
        clauses=[make_clause(ref, measures) for ref, measures in letter.items()],
        verdicts=verdicts,
        measures={name: make_measure(name) for name in _MEASURES},
    )


def _deal(dice: random.Random, ref: str, agency: dict[str, Any], measure: str) -> str:
    if measure.startswith(("provider", "authority")):
        return "not_applicable" if agency["kind"] == "agency" else dice.choice(_WORST[:3])
    return dice.choices(_WORST, weights=(2, 2, 9, 0.4))[0]


def make_document(**parts: Any) -> dict[str, Any]:
    """Make a document; obligations follow from the verdicts unless they are given."""
    worst: dict[tuple[str, str], str] = {}
    for verdict in parts.get("verdicts", []):
        place = (verdict["clause"], verdict["agency"])
        worst[place] = min(worst.get(place, "not_applicable"), verdict["verdict"], key=_WORST.index)
    return {
        "format": "haidang-verdicts/1",
        "letter": {
            "number": "27/SKHCN-ATTT",
            "date": "2026-02-02",
            "issuer": "Sở Khoa học và Công nghệ thành phố Cảng Mây",
            "subject": "V/v tăng cường bảo đảm an toàn thông tin mạng trong dịp Tết Nguyên đán Bính Ngọ 2026",
            "sha256": "ab" * 32,
            "gaps": [
                {"kind": "no_deadline", "text": "Văn bản không nêu thời hạn hoàn thành."},
                {"kind": "order_without_recipient", "text": "Khoản 2 giao việc cho doanh nghiệp viễn thông nhưng phụ lục không có doanh nghiệp nào."},
            ],
        },
        "as_of": "2026-02-23",
        "period": {"from": "2026-02-09", "to": "2026-02-22", "ground": "default"},
        "agencies": [],
        "clauses": [],
        "measures": {},
        "obligations": [{"clause": c, "agency": a, "verdict": v} for (c, a), v in worst.items()],
        "verdicts": [],
        "unread": [
            {"agency": agency["agency"], "table": "hosts", "file": f"{agency['agency']}/hosts.csv", "line": 17, "why": "Cột “host” trống."}
            for agency in parts.get("agencies", [])[::5]
        ],
        "inputs": [
            {"file": f"{agency['agency']}/hosts.csv", "sha256": "cd" * 32, "rows": 120} for agency in parts.get("agencies", [])
        ],
        **parts,
    }  # fmt: skip


def make_agency(place: int, of: int = 14) -> dict[str, Any]:
    """Make the agency at a place of a list of that length."""
    block = place * len(BLOCKS) // max(of, 1)
    kind = "provider" if block == len(BLOCKS) - 1 else "agency"
    return {
        "agency": f"don-vi-{place + 1:02}",
        "name": f"{_NAMES[block]} số {place + 1}",
        "block": BLOCKS[block],
        "kind": kind,
    }


def make_clause(ref: str, measures: list[str], **parts: Any) -> dict[str, Any]:
    """Make an order of the letter."""
    asked = "; ".join(_MEASURES[name][0].lower() for name in measures if name in _MEASURES)
    text = f"Rà soát toàn bộ hệ thống thông tin thuộc phạm vi quản lý, triển khai đầy đủ việc {asked or 'được giao'}; kịp thời báo cáo kết quả."
    audience = "providers" if ref.startswith("2.") else "everyone"
    due = {"date": "2026-02-13", "ground": "letter"} if ref == "1.a" else None
    return {"ref": ref, "text": text, "kind": "order", "audience": audience, "measures": measures, "due": due, **parts}


def make_measure(name: str) -> dict[str, Any]:
    """Make the words of a measure."""
    vi, en, unit_vi, unit_en = _MEASURES[name]
    return {
        "title": {"vi": vi, "en": en},
        "how": {"vi": f"Đếm {unit_vi} đã đạt trên tổng số {unit_vi}; chưa rõ thì không tính là đạt.", "en": f"Counts {unit_en} that pass out of all {unit_en}; what can't be told does not pass."},
        "parts": {"first": {"vi": unit_vi, "en": unit_en}, "second": {"vi": "cuộc gọi kiểm tra", "en": "challenge calls"}},
        "whys": {"late": {"vi": "quá hạn", "en": "too late"}, "silent": {"vi": "không có tín hiệu", "en": "silent"}},
        "law": [
            {"key": f"{name}.share", "value": 1, "unit": "", "since": "2022-07-01", "reference": "Thông tư 12/2022/TT-BTTTT, Điều 9", "sure": True},
            {"key": f"{name}.days", "value": 7, "unit": "ngày", "since": "2026-01-01", "reference": "Chính sách của Sở", "sure": False},
        ],
    }  # fmt: skip


def make_row(agency: str, place: int, outcome: str, **parts: Any) -> dict[str, Any]:
    """Make a deciding row."""
    why = {"fail": "late", "unknown": "silent"}.get(outcome, "")
    row = {"part": "first", "subject": f"may-{place:04}", "outcome": outcome, "why": why, "table": "hosts"}
    return {**row, "file": f"{agency}/hosts.csv", "line": place + 2, **parts}


def make_verdict(
    clause: str,
    agency: str,
    measure: str | None,
    verdict: str,
    *,
    rows: int = 12,
    dice: random.Random | None = None,
    **parts: Any,
) -> dict[str, Any]:
    """Make the verdict of one measure, with rows that agree with it."""
    dice = dice or random.Random(1)
    whole = 20_160 if measure in ("watch_24_7", "provider_staffing") else dice.randint(rows, rows + 300) if rows else 0
    failed = dice.randint(1, max(1, rows)) if verdict == "not_met" else 0
    unknown = dice.randint(1, max(1, rows - failed)) if verdict in ("not_met", "not_provable") else 0
    if verdict == "not_applicable":
        why = [make_row(agency, 1, "exempt", why="other_audience", subject="", file="", line=0)]
        return {"clause": clause, "agency": agency, "measure": measure, "verdict": verdict, "numerator": None, "denominator": None,
                "unit": {"vi": "", "en": ""}, "as_of": "2026-02-23", "parts": [], "reasons": [{"why": "other_audience", "outcome": "exempt", "count": 1}],
                "rows": why, "rows_total": 1, **parts}  # fmt: skip
    outcomes = ["fail"] * failed + ["unknown"] * unknown + ["pass"] * max(0, rows - failed - unknown)
    counts = {
        "passed": whole - failed - unknown,
        "failed": failed,
        "unknown": unknown,
        "exempt": 2,
        "total": whole,
        "share": 1.0,
    }
    reasons = [("late", "fail", failed), ("silent", "unknown", unknown)]
    return {
        "clause": clause,
        "agency": agency,
        "measure": measure,
        "verdict": verdict,
        "numerator": counts["passed"],
        "denominator": whole,
        "unit": {"vi": "máy", "en": "hosts"},
        "as_of": "2026-02-23",
        "parts": [{"part": "first", "verdict": verdict, **counts}],
        "reasons": [{"why": w, "outcome": o, "count": n} for w, o, n in reasons if n],
        "rows": [make_row(agency, place, outcome) for place, outcome in enumerate(outcomes)],
        "rows_total": whole,
        **parts,
    }  # fmt: skip


def rows_of(document: dict[str, Any]) -> pl.DataFrame:
    """Give the rows that the verdicts carry, as the judge hands them to the reports."""
    lines = [
        {"clause": v["clause"], "agency": v["agency"], "measure": v["measure"], "weight": 1, **row}
        for v in document["verdicts"]
        for row in v["rows"]
    ]
    return pl.DataFrame(lines) if lines else pl.DataFrame()
