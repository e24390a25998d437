"""CISA's catalogue of known exploited vulnerabilities (KEV), as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from haidang.engine.advisories import json_shape as shape
from haidang.engine.advisories.identifiers import is_cve
from haidang.engine.advisories.json_parcel import misshapen, pieces
from haidang.engine.advisories.record import Bulletin, Exploited
from haidang.engine.advisories.stamps import day
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread

ORDER = 60
FORM = "CISA KEV"

_TABLE = "kev"
_SHAPE: dict[str, Any] = {
    "catalogVersion": str,
    "dateReleased": str,
    "count": float,
    "vulnerabilities": [
        {"cveID": str, "dateAdded": str, "dueDate": str, "requiredAction": str, "knownRansomwareCampaignUse": str}
    ],
}
_MOST_TEXT = 500


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001
    """Look for the catalogue's own keys, or for the headings of its CSV."""
    head = data[:4000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{"):
        return b'"catalogVersion"' in head and b'"vulnerabilities"' in head
    headings = head.split(b"\n", 1)[0].replace(b'"', b"").lower()
    return headings.startswith(b"cveid,") and b"dateadded" in headings


def read(data: bytes, name: str) -> Bulletin:
    """Read the catalogue row by row.

    Raises:
        UnreadableParcel: no sound JSON or CSV, or without a row that can be read.
    """
    unread: list[Unread] = []
    notes: dict[str, str] = {}
    rows: list[Exploited] = []
    is_json = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    entries = _from_json(data, name, unread, notes) if is_json else _from_csv(data, name, unread)
    for entry, line, place in entries:
        row = _row(entry)
        if isinstance(row, str):
            unread.append(Unread(Source(name, line), f"{place}: {row}", _TABLE))
        else:
            rows.append(row)
    if not rows and unread:
        raise UnreadableParcel(f"{name} is a KEV catalogue without a row that can be read")
    return Bulletin(FORM, exploited=tuple(rows), unread=tuple(unread), notes=notes)


def _from_json(
    data: bytes, name: str, unread: list[Unread], notes: dict[str, str]
) -> Iterator[tuple[Mapping[str, Any], int, str]]:
    for piece in pieces(data, name, unread, _TABLE):
        unread += misshapen(piece, _SHAPE, name, _TABLE)
        if version := shape.text(piece.content, "catalogVersion"):
            notes["catalogue version"] = version
        entries = piece.content.get("vulnerabilities") if isinstance(piece.content, dict) else None
        entries = entries if isinstance(entries, list) else []
        count = shape.number(piece.content, "count")
        if count is not None and count != len(entries):
            why = f"tệp ghi {count:g} dòng, có {len(entries)} / the file says {count:g} rows and has {len(entries)}"
            unread.append(Unread(Source(name, piece.line), f"{piece.pointer}/count: {why}", _TABLE))
        for place, entry in enumerate(entries):
            if isinstance(entry, dict):
                yield entry, piece.line, f"{piece.pointer}/vulnerabilities/{place}"


def _from_csv(data: bytes, name: str, unread: list[Unread]) -> Iterator[tuple[Mapping[str, Any], int, str]]:
    text = data.decode("utf-8-sig", "replace").replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    rows = csv.reader(io.StringIO(text))
    # SOURCE FIELDS: cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,
    # knownRansomwareCampaignUse,notes and in later files cwes
    headings: list[str] = []
    line = 1
    while True:
        try:
            cells = next(rows, None)
        except csv.Error as error:
            unread.append(Unread(Source(name, line), f"không phải CSV / no sound CSV: {error}", _TABLE))
            return
        if cells is None:
            return
        if not headings:
            headings = [cell.strip() for cell in cells]
        elif len(cells) == len(headings):
            yield dict(zip(headings, cells, strict=True)), line, f"line {line}"
        elif cells:
            why = f"có {len(cells)} ô, dòng tiêu đề có {len(headings)} / {len(cells)} cells where the headings are"
            unread.append(Unread(Source(name, line), f"{why} {len(headings)}", _TABLE))
        line = rows.line_num + 1


def _row(entry: Mapping[str, Any]) -> Exploited | str:
    """Read a row, or say in both languages what is wrong with it."""
    flaw = shape.text(entry, "cveID").strip().upper()
    if not is_cve(flaw):
        return "không có mã CVE / no CVE id"
    added, due = shape.text(entry, "dateAdded").strip(), shape.text(entry, "dueDate").strip()
    if not day(added):
        return f"{flaw}: ngày đưa vào danh mục không phải ngày / dateAdded is no day"
    if due and not day(due):
        return f"{flaw}: thời hạn không phải ngày / dueDate is no day"
    return Exploited(
        flaw,
        day(added),
        day(due),
        shape.text(entry, "requiredAction").strip()[:_MOST_TEXT],
        shape.text(entry, "knownRansomwareCampaignUse").strip().lower() == "known",
    )
