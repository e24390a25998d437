"""Tables as agencies keep them, CSV or workbook: columns guessed from their headings, or told by a profile."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import polars as pl

from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory import asking
from haidang.engine.inventory.decoding import decode, head_of
from haidang.engine.inventory.headings import Layout, Profile, guess_layout, match_profile
from haidang.engine.inventory.inventory import Inventory, Lack, join
from haidang.engine.inventory.tabular import Listing, read_listing
from haidang.engine.records import Source
from haidang.engine.sheets import read_grids, read_sheet

ORDER = 90
# `read` and `is_mine` take profiles as well.
PROFILED = True

_SEPARATORS = ",;\t"
_LOOKED_AT = 40
_LONGEST_LINE = 20_000
_EVEN_SHARE = 0.5
_BOOKS = (b"xl/workbook.", b"content.xml")


def is_mine(data: bytes, name: str, profiles: Iterable[Profile] = ()) -> bool:  # noqa: ARG001 - the bytes say it
    """Take workbooks, and text with a row of headings that names machines or products and rows of as many cells."""
    if data.startswith(b"PK\x03\x04"):
        return _is_book(data)
    return _find_headings(data, tuple(profiles)) is not None


def read(data: bytes, name: str, profiles: Iterable[Profile] = ()) -> Inventory:
    """Read every table of a file.

    Args:
        data: the file.
        name: of the file.
        profiles: known layouts, tried before guessing.

    Raises:
        UnreadableParcel: no table of machines or products, broken, or larger than the limits.
    """
    known = tuple(profiles)
    if data.startswith(b"PK\x03\x04"):
        return _read_book(data, name, known)
    return _read_text(data, name, known)


def _is_book(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()[:5_000]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return b"xl/" in data[:4_096]
    return any(name.startswith(mark.decode()) for name in names for mark in _BOOKS)


def _lay(headings: Sequence[str], profiles: Sequence[Profile]) -> Layout | None:
    return match_profile(headings, profiles) or guess_layout(headings)


def _form(layout: Layout, kind: str) -> str:
    return f"{kind}: {layout.form}" if layout.form else kind


def _read_text(data: bytes, name: str, profiles: Sequence[Profile]) -> Inventory:
    found = _find_headings(data, profiles)
    if found is None:
        raise UnreadableParcel(
            f"{name} has no row of headings that names machines or software; write a profile, or name the columns "
            "as `haidang explain` shows"
        )
    at, _ = found
    plain, page = _as_utf8(data)
    sheet = read_sheet(_from_line(plain, at), name)
    layout = _lay(sheet.headings, profiles)
    if layout is None:
        raise UnreadableParcel(f"{name}, line {at + 1}: the headings can't be read; part the cells by commas")
    listing = Listing(name, sheet.headings, sheet.rows, sheet.lines + at, layout, _form(layout, "table (CSV)"))
    inventory = read_listing(listing, name)
    unread = [replace(row, source=Source(name, row.source.line + at), table="software") for row in sheet.unread]
    lacks = [Lack("", "guessed", asking.guessed_page(page), Source(name, 1))] if page else []
    return replace(
        inventory,
        unread=tuple(sorted([*inventory.unread, *unread], key=lambda row: row.source.line)),
        lacks=(*lacks, *inventory.lacks),
    )


def _as_utf8(data: bytes) -> tuple[bytes, str]:
    """Bring a text to UTF-8 and even line ends; a file that is UTF-8 but for a few bytes stays as it is."""
    if not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")) and not data.isascii():
        text, page = decode(data)
        data = text.encode("utf-8", "replace") if page or b"\0" in data else data
    elif data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        data, page = decode(data)[0].encode("utf-8", "replace"), ""
    else:
        page = ""
    return data.replace(b"\r\r\n", b"\n") if b"\r\r\n" in data else data, page


def _from_line(data: bytes, line: int) -> bytes:
    """Cut off the lines above the headings."""
    at = 0
    for _ in range(line):
        at = data.find(b"\n", at) + 1
    return data[at:]


def _find_headings(data: bytes, profiles: Sequence[Profile]) -> tuple[int, Layout] | None:
    """Find the row of headings among the first lines: the one that names most of our columns."""
    head = head_of(data)
    if not head or head.lstrip().startswith(("<", "{")):
        return None
    lines = head.replace("\r\r\n", "\n").replace("\r\n", "\n").split("\n")
    if len(head) < len(data) and len(lines) > 1:
        lines.pop()  # it may be cut
    best: tuple[int, int, Layout] | None = None
    for at, line in enumerate(lines[:_LOOKED_AT]):
        if not line.strip() or len(line) > _LONGEST_LINE:
            continue
        for separator in _SEPARATORS:
            layout = _lay_line(line, separator, profiles)
            if layout is None or not _is_even(lines[at : at + 60], separator):
                continue
            if best is None or len(layout.places) > best[0]:
                best = (len(layout.places), at, layout)
    return (best[1], best[2]) if best else None


def _lay_line(line: str, separator: str, profiles: Sequence[Profile]) -> Layout | None:
    if separator not in line:
        return None
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return None
    return _lay(cells, profiles)


def _is_even(lines: Sequence[str], separator: str) -> bool:
    """Tell a table from a text by its lines: most have as many separators as the headings, or there are none below."""
    rows = [line for line in lines if line.strip()]
    wanted = _count(rows[0], separator)
    # A row may end in separators of empty cells that the headings don't have.
    even = (_count(row, separator) == wanted or _ends_empty(row, separator, wanted) for row in rows[1:])
    return len(rows) == 1 or sum(even) >= _EVEN_SHARE * (len(rows) - 1)


def _ends_empty(row: str, separator: str, wanted: int) -> bool:
    return _count(row, separator) > wanted >= _count(row.rstrip(f" {separator}"), separator)


def _count(line: str, separator: str) -> int:
    if '"' not in line:
        return line.count(separator)
    return sum(part.count(separator) for part in line.split('"')[::2])


def _read_book(data: bytes, name: str, profiles: Sequence[Profile]) -> Inventory:
    inventories: list[Inventory] = []
    columns: dict[str, str] = {}
    others: list[str] = []
    for number, (title, grid) in enumerate(read_grids(data, name)):
        file = name if number == 0 else f"{name}#{title}"
        listing = _listing_of_grid(grid, file, profiles)
        if listing is None:
            others.extend([title] if any(cell.strip() for row in grid for cell in row) else [])
            continue
        inventory = _with_lost_zeros(read_listing(listing, name), file)
        inventories.append(inventory)
        prefix = "" if len(inventories) == 1 else f"{title}: "
        columns.update({f"{prefix}{column}": heading for column, heading in inventory.columns.items()})
    if not inventories:
        raise UnreadableParcel(
            f"{name} has no sheet whose headings name machines or software; write a profile, or name the columns "
            "as `haidang explain` shows"
        )
    whole = join(inventories)
    shown = ", ".join(others)[:300]
    ask = (
        f"trang tính không phải danh sách máy hay phần mềm, không đọc: {shown} / sheets that list no machines: {shown}"
    )
    lacks = [Lack("", "other_sheets", ask, Source(name, 1))] if others else []
    return replace(whole, lacks=(*whole.lacks, *lacks), columns=columns)


def _with_lost_zeros(inventory: Inventory, file: str) -> Inventory:
    """Say which versions may have been numbers to the spreadsheet program, which keeps 1.10 as 1.1."""
    doubtful = inventory.software.filter(pl.col("version").str.contains(r"^\d+\.\d+$"))
    if doubtful.is_empty():
        return inventory
    count = doubtful.height
    ask = (
        f"{count} phiên bản dạng “1.1” có thể đã mất số 0 ở cuối (1.10) vì ô kiểu số; xin định dạng cột là văn bản / "
        f"{count} versions like “1.1” may have lost a zero (1.10) in cells of numbers; ask for the column as text"
    )
    lack = Lack("", "lost_zeros", ask, Source(file, int(doubtful["line"][0])))
    return replace(inventory, lacks=(*inventory.lacks, lack))


def _listing_of_grid(grid: Sequence[Sequence[str]], file: str, profiles: Sequence[Profile]) -> Listing | None:
    best: tuple[int, int, int, tuple[str, ...], Layout] | None = None
    for at, height, headings in _candidates(grid):
        layout = _lay(headings, profiles)
        if layout is not None and (best is None or len(layout.places) > best[0]):
            best = (len(layout.places), at, height, headings, layout)
    if best is None:
        return None
    _, at, height, headings, layout = best
    rows = [
        (number, row) for number, row in enumerate(grid[at + height :], at + height + 1) if any(map(str.strip, row))
    ]
    frame = pl.DataFrame(
        {
            str(place): pl.Series([row[place] if row[place].strip() else None for _, row in rows], dtype=pl.String)
            for place in range(len(headings))
        }
    )
    lines = pl.Series([number for number, _ in rows], dtype=pl.Int64)
    return Listing(file, headings, frame, lines, layout, _form(layout, "table (workbook)"))


def _candidates(grid: Sequence[Sequence[str]]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Give what may be headings: each of the first rows, and each with the row below it, as merged headings have it."""
    for at in range(min(_LOOKED_AT, len(grid))):
        row = [" ".join(cell.split()) for cell in grid[at]]
        yield at, 1, tuple(row)
        if at + 1 < len(grid):
            below = [" ".join(cell.split()) for cell in grid[at + 1]]
            both = [
                upper if upper == lower or not lower else f"{upper} {lower}".strip()
                for upper, lower in zip(row, below, strict=True)
            ]
            if both != row:
                yield at, 2, tuple(both)
