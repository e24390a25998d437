"""The page of a hunt: what was found on which machine, what was read, and what could not be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from haidang.engine.obligations.measure import Words
from haidang.engine.reports.page import make_page

_MOST_GROUPS = 400
_MOST_LOGS = 300
TYPES: Mapping[str, Words] = {
    "ipv4": Words("địa chỉ IPv4", "IPv4 address"),
    "ipv6": Words("địa chỉ IPv6", "IPv6 address"),
    "cidr": Words("dải địa chỉ", "network"),
    "domain": Words("tên miền", "domain"),
    "host": Words("tên máy", "host name"),
    "url": Words("URL", "URL"),
    "email": Words("thư điện tử", "e-mail"),
    "md5": Words("mã băm MD5", "MD5"),
    "sha1": Words("mã băm SHA-1", "SHA-1"),
    "sha256": Words("mã băm SHA-256", "SHA-256"),
    "file_name": Words("tên tệp", "file name"),
    "registry_key": Words("khóa registry", "registry key"),
}
_CANARY = {
    "seen": Words("đã thấy mã thử", "test mark seen"),
    "missing": Words("không thấy mã thử", "test mark missing"),
    "none": Words("không cấp mã thử", "no test mark issued"),
}
_ANSWERS = {
    "found": Words("tìm thấy dấu hiệu", "indicators found"),
    "clean": Words("không thấy dấu hiệu nào trong phần đã đọc", "no indicator in what was read"),
    "not_checked": Words("chưa kết luận được", "nothing can be concluded"),
}
_LOOKS = {"found": "not_met", "clean": "met", "not_checked": "not_provable"}


def make_hunt_page(document: Mapping[str, Any]) -> bytes:
    """Write the page from the receipt of a hunt (`receipt.json`)."""
    return make_page(
        "hunt.html",
        ("page.js",),
        {
            "document": document,
            "groups": document["groups"][:_MOST_GROUPS],
            "logs": document["logs"][:_MOST_LOGS],
            "types": TYPES,
            "canary_words": _CANARY,
            "answer": _ANSWERS[document["answer"]],
            "look": _LOOKS[document["answer"]],
            "size": _size,
            "when": _when,
        },
    )


def _when(text: str | None) -> str:
    """Write a time of the receipt as people here do, to the minute."""
    return dt.datetime.fromisoformat(text).strftime("%d/%m/%Y %H:%M") if text else "–"


def _size(count: int) -> str:
    """Write a number of bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit in ("B", "kB") else f"{count:.1f} {unit}"
        count = count / 1000  # type: ignore[assignment]
    return ""
