"""EPSS: how likely a flaw is to be exploited; the CSV of FIRST in its three generations, and tables made from it."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping

from haidang.engine.advisories.identifiers import is_cve
from haidang.engine.advisories.record import Bulletin, Likelihood
from haidang.engine.advisories.stamps import day
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread

ORDER = 70
FORM = "EPSS"

_TABLE = "epss"
_MODEL = re.compile(r"model_version:([^,\s]+)")
_DAY = re.compile(r"score_date:([^,\s]+)")
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d-\d\d-\d\d)(?!\d)")
# What the columns are called: by FIRST, and in tables that join EPSS with other lists.
_COLUMNS = {
    "cve": "cve",
    "cve_id": "cve",
    "epss": "epss",
    "epss_score": "epss",
    "percentile": "percentile",
    "epss percentile": "percentile",
    "epss_percentile": "percentile",
}


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001
    """Look for the headings, after comments."""
    return bool(_headings(data[:4000].decode("utf-8-sig", "replace").replace("\r", "\n").split("\n")))


def read(data: bytes, name: str) -> Bulletin:
    """Read the table row by row; the day of the scores stands in the comment, or else in the file's name.

    Raises:
        UnreadableParcel: without a row that can be read.
    """
    text = data.decode("utf-8-sig", "replace").replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if not line.startswith("#") and line.strip()), 0)
    if not _headings(lines[start:]):
        raise UnreadableParcel(f"{name} has no columns cve and epss")
    comments = " ".join(lines[:start])
    notes = {}
    if found := _MODEL.search(comments):
        notes["model"] = found[1]
    dated = _DAY.search(comments) or _DAY_IN_NAME.search(name)
    scored = day(dated[1]) if dated else ""
    if scored:
        notes["score day"] = scored
    unread: list[Unread] = []
    likelihoods = _rows(lines, start, scored, name, unread)
    if not likelihoods and unread:
        raise UnreadableParcel(f"{name} is an EPSS table without a row that can be read")
    return Bulletin(FORM, likelihoods=tuple(likelihoods), unread=tuple(unread), notes=notes)


def _headings(lines: list[str]) -> Mapping[str, int]:
    """Give the place of each column that is known; empty when the first line that is no comment has none."""
    first = next((line for line in lines if not line.startswith("#") and line.strip()), "")
    cells = [cell.strip().strip('"').lower() for cell in first.split(",")]
    places = {_COLUMNS[cell]: place for place, cell in enumerate(cells) if cell in _COLUMNS}
    return places if {"cve", "epss"} <= places.keys() else {}


def _rows(lines: list[str], start: int, scored: str, name: str, unread: list[Unread]) -> list[Likelihood]:
    # SOURCE FIELDS: cve,epss[,percentile] of FIRST; CVE,CVSS3,EPSS,EPSS Percentile,Description,… of joined tables
    places = _headings(lines[start:])
    flaw_at, chance_at, percentile_at = places["cve"], places["epss"], places.get("percentile", -1)
    found: list[Likelihood] = []
    rows = csv.reader(lines[start + 1 :])
    line = start + 2
    while True:
        try:
            cells = next(rows, None)
        except csv.Error as error:
            unread.append(Unread(Source(name, line), f"không phải CSV / no sound CSV: {error}", _TABLE))
            break
        if cells is None:
            break
        if cells:
            percentile = cells[percentile_at] if 0 <= percentile_at < len(cells) else ""
            row = (
                _row(cells[flaw_at], cells[chance_at], percentile, scored)
                if len(cells) > max(flaw_at, chance_at)
                else "thiếu ô / too few cells"
            )
            if isinstance(row, str):
                unread.append(Unread(Source(name, line), row, _TABLE))
            else:
                found.append(row)
        line = start + 2 + rows.line_num
    return found


def _row(flaw: str, chance: str, percentile: str, scored: str) -> Likelihood | str:
    """Read a row, or say in both languages what is wrong with it."""
    flaw = flaw.strip().upper()
    if not is_cve(flaw):
        return "không có mã CVE / no CVE id"
    share, rank = _share(chance), _share(percentile)
    if share is None:
        return f"{flaw}: xác suất không phải số từ 0 đến 1 / the score is no number from 0 to 1"
    if rank is None and percentile.strip():
        return f"{flaw}: phân vị không phải số từ 0 đến 1 / the percentile is no number from 0 to 1"
    return Likelihood(flaw, share, rank, scored)


def _share(text: str) -> float | None:
    """Read a number from 0 to 1, also as 5e-05."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None
