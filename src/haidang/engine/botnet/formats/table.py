"""Tables, CSV and workbooks of any layout: Shadowserver's reports by their profile, offices' own by their headings."""

from __future__ import annotations

import csv
from collections.abc import Sequence

import polars as pl

from haidang.engine.botnet.address_list import AddressList, join_lists, make_list
from haidang.engine.botnet.addresses import read_address
from haidang.engine.botnet.columns import (
    ListLayout,
    ListProfile,
    guess_by_cells,
    guess_by_headings,
    match_profile,
)
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread
from haidang.engine.sheets import read_grids, read_sheet

ORDER = 50
PROFILED = True
_SEPARATORS = ",;\t|"
_LOOKED_AT = 30
_HEAD = 65_536
_SAMPLE = 200
_FOOT = ("tổng", "cộng", "ghi chú", "người lập", "nơi nhận", "total", "note", "lưu ý")


def is_mine(data: bytes, name: str, profiles: Sequence[ListProfile] = ()) -> bool:  # noqa: ARG001 - the bytes say it
    """Take workbooks, and text with a row of headings that names addresses, or rows of several cells with one."""
    return data.startswith((b"PK\x03\x04", b"PAR1")) or _find_headings(data, profiles) is not None


def read(data: bytes, name: str, profiles: Sequence[ListProfile] = ()) -> AddressList:
    """Read every table of a file.

    Raises:
        UnreadableParcel: no table with addresses, broken, or larger than the limits.
    """
    if data.startswith(b"PK\x03\x04"):
        return _read_book(data, name, profiles)
    if data.startswith(b"PAR1"):
        sheet = read_sheet(data, name)
        return _lay(name, sheet.headings, sheet.rows, sheet.lines, profiles, sheet.unread, has_headings=True)
    found = _find_headings(data, profiles)
    if found is None:
        raise UnreadableParcel(f"{name} has no row of headings that names addresses; write a profile")
    at, separator, has_headings = found
    text = _plain(data)
    start = 0
    for _ in range(at):
        start = text.find(b"\n", start) + 1
    text = text[start:]
    if separator == "|":
        text = text.replace(b"|", b"\t")
    if not has_headings:
        width = text.split(b"\n", 1)[0].count(separator.encode().replace(b"|", b"\t")) + 1
        mark = "\t" if separator == "|" else separator
        text = mark.join(f"#{place}" for place in range(width)).encode() + b"\n" + text
    sheet = read_sheet(text, name)
    shift = at - (0 if has_headings else 1)
    unread = tuple(Unread(Source(name, row.source.line + shift), row.why, "botnet_rows") for row in sheet.unread)
    return _lay(name, sheet.headings, sheet.rows, sheet.lines + shift, profiles, unread, has_headings=has_headings)


def _plain(data: bytes) -> bytes:
    """Bring a text to UTF-8 with even line ends."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    return data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def _find_headings(data: bytes, profiles: Sequence[ListProfile]) -> tuple[int, str, bool] | None:
    """Find the row of headings: (its line from 0, the separator, whether it has any); None where this is no table."""
    text = _plain(data[: _HEAD + _HEAD % 2]).decode("utf-8", "replace")
    if text.lstrip().startswith(("<", "{", "[{", "[\n")) or "\0" in text:
        return None
    lines = text.split("\n")
    for at, line in enumerate(lines[:_LOOKED_AT]):
        if line.lstrip().startswith(("#", "//")) and not any(mark in line for mark in ",;\t"):
            continue
        for separator in sorted(_SEPARATORS, key=line.count, reverse=True):
            if separator not in line:
                break
            cells = _cells(line, separator)
            if match_profile(cells, profiles) or "address" in guess_by_headings(cells):
                return at, separator, True
            if any(not isinstance(read_address(cell), str) for cell in cells):
                return (at, separator, False) if _even(lines[at : at + 20], separator) else None
    single = [line.strip().strip('"') for line in lines[:_LOOKED_AT] if line.strip()]
    if len(single) > 1 and "address" in guess_by_headings(single[:1]) and not isinstance(read_address(single[1]), str):
        return lines.index(next(line for line in lines if line.strip())), ",", True
    return None


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return line.split(separator)


def _even(lines: Sequence[str], separator: str) -> bool:
    counts = {line.count(separator) for line in lines[:-1] or lines if line.strip()}
    return len(counts) == 1


def _read_book(data: bytes, name: str, profiles: Sequence[ListProfile]) -> AddressList:
    lists: list[AddressList] = []
    others: list[str] = []
    for number, (title, grid) in enumerate(read_grids(data, name)):
        found = _read_grid(grid, name if number == 0 else f"{name}#{title}", profiles)
        if found:
            lists.append(found)
        elif any(cell.strip() for row in grid for cell in row):
            others.append(title)
    if not lists:
        raise UnreadableParcel(f"{name} has no sheet with a column of addresses; write a profile")
    notes = [note for one in lists for note in one.notes]
    if others:
        shown = ", ".join(others)[:200]
        notes.append(f"trang tính không có địa chỉ, không đọc: {shown} / sheets without addresses, not read: {shown}")
    whole = join_lists(lists) if len(lists) > 1 else lists[0]
    return AddressList(whole.form, whole.rows, whole.unread, lists[0].columns, tuple(notes))


def _read_grid(grid: Sequence[Sequence[str]], file: str, profiles: Sequence[ListProfile]) -> AddressList | None:
    for at, row in enumerate(grid[:_LOOKED_AT]):
        cells = [" ".join(cell.split()) for cell in row]
        headed = bool(match_profile(cells, profiles)) or "address" in guess_by_headings(cells)
        if headed or any(not isinstance(read_address(cell), str) for cell in cells):
            start = at + 1 if headed else at
            rows = [(number, r) for number, r in enumerate(grid[start:], start + 1) if any(map(str.strip, r))]
            frame = pl.DataFrame(
                {
                    str(place): pl.Series([r[place] if r[place].strip() else None for _, r in rows], dtype=pl.String)
                    for place in range(len(row))
                }
            )
            lines = pl.Series([number for number, _ in rows], dtype=pl.Int64)
            headings = tuple(cells) if headed else tuple(f"#{place}" for place in range(len(row)))
            return _lay(file, headings, frame, lines, profiles, (), has_headings=headed)
    return None


def _lay(
    name: str,
    headings: tuple[str, ...],
    rows: pl.DataFrame,
    lines: pl.Series,
    profiles: Sequence[ListProfile],
    unread: tuple[Unread, ...],
    *,
    has_headings: bool,
) -> AddressList:
    layout = match_profile(headings, profiles)
    if layout is None:
        places = guess_by_headings(headings) if has_headings else {}
        sample = [[cell or "" for cell in row] for row in rows.head(_SAMPLE).iter_rows()]
        layout = ListLayout(guess_by_cells(sample, places))
    if "address" not in layout.places:
        raise UnreadableParcel(f"{name} has no column of addresses; write a profile")
    cells = pl.DataFrame([rows[str(place)].alias(column) for column, place in layout.places.items()])
    cells, feet = _without_feet(cells.with_columns(lines.alias("line")))
    columns = {column: headings[place] for column, place in layout.places.items()}
    form = layout.form or "table"
    return make_list(form, name, cells, zone=layout.zone, unread=unread, columns=columns, notes=feet)


def _without_feet(cells: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Take out sums, notes and signatures below a table: rows in which nothing but words stands in one cell."""
    filled = pl.sum_horizontal(pl.col(c).is_not_null() for c in cells.columns if c != "line")
    empty = pl.col("address").is_null() & (filled == 0)
    words = pl.any_horizontal(
        pl.col(c).str.strip_chars().str.to_lowercase().str.starts_with(foot).fill_null(value=False)
        for c in cells.columns
        if c != "line"
        for foot in _FOOT
    )
    left = cells.filter(empty | ((filled == 1) & words))
    if left.is_empty():
        return cells, ()
    note = f"{left.height} dòng không phải dữ liệu (cộng, ghi chú, chữ ký) / lines that are no rows"
    return cells.filter(~(empty | ((filled == 1) & words))), (note,)
