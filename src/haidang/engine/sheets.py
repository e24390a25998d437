"""Plain tables that people send, CSV, XLSX or Parquet, read as columns of text; nothing guessed, no row lost."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import polars as pl

from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread

MAX_BYTES = 400_000_000
MAX_UNPACKED_BYTES = 800_000_000
MAX_CELLS = 40_000_000
_MAX_MEMBERS = 5_000
_SEPARATORS = ",;\t"
# What fits in one cell of a spreadsheet is 32,767 characters; a cell longer than this is an open quote.
_MAX_CELL = 200_000
_CELL_REFERENCE = re.compile(rb"""<(?:\w+:)?(?:c|row|dimension)\b[^>]*?\br(?:ef)?\s*=\s*["']([^"']{1,40})["']""")
_COLUMN_AND_ROW = re.compile(rb"([A-Za-z]*)(\d+)")


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A table as it was sent.

    Attributes:
        headings: as written, in order; two may be alike.
        rows: columns "0", "1", … of text as written; an empty cell is null. Rows without any text are left out.
        lines: the line of the file on which each row begins.
        unread: lines that are no rows of this table.
    """

    headings: tuple[str, ...]
    rows: pl.DataFrame
    lines: pl.Series
    unread: tuple[Unread, ...]


def read_sheet(
    data: bytes,
    name: str,
    *,
    max_bytes: int = MAX_BYTES,
    max_unpacked_bytes: int = MAX_UNPACKED_BYTES,
    max_cells: int = MAX_CELLS,
) -> Sheet:
    """Read a CSV file, the first sheet of a workbook, or a Parquet file as programs write them.

    Args:
        data: the file. Commas, semicolons and tabs part cells, as its first line shows; UTF-8, or UTF-16 with a mark.
        name: what to call it in messages and in `Unread`.
        max_bytes: of the file.
        max_unpacked_bytes: of a workbook's parts together.
        max_cells: of a workbook's sheet, empty ones between the filled ones counted.

    Raises:
        UnreadableParcel: it is no table at all, or larger than the limits.
    """
    if len(data) > max_bytes:
        raise UnreadableParcel(f"{name}: larger than {max_bytes:,} bytes; split it")
    if not data.strip():
        raise UnreadableParcel(f"{name}: the file is empty; it needs at least a line of headings")
    if data.startswith(b"PK\x03\x04"):
        return _read_workbook(data, name, max_unpacked_bytes, max_cells)
    if data.startswith(b"PAR1"):
        return _read_parquet(data, name)
    if data.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")):
        raise UnreadableParcel(f"{name}: neither a CSV file nor an XLSX workbook; save it as one of them")
    return _read_csv(_as_utf8(data, name), name)


def read_grids(
    data: bytes, name: str, *, max_unpacked_bytes: int = MAX_UNPACKED_BYTES, max_cells: int = MAX_CELLS
) -> list[tuple[str, list[list[str]]]]:
    """Read every sheet of a workbook: (its name, its rows as text). Of merged cells, each carries the text.

    The first row of a list is the first row of the sheet, whether there is anything in it or not.

    Args:
        data: the workbook.
        name: what to call it in messages.
        max_unpacked_bytes: of its parts together.
        max_cells: of all its sheets together, empty ones between the filled ones counted.

    Raises:
        UnreadableParcel: it is no workbook, or larger than the limits.
    """
    import python_calamine

    packed = _unpack_safely(data, name, max_unpacked_bytes, max_cells)
    grids: list[tuple[str, list[list[str]]]] = []
    try:
        book = python_calamine.load_workbook(io.BytesIO(packed))
        for title in book.sheet_names:
            sheet = book.get_sheet_by_name(title)
            max_cells -= sheet.total_height * sheet.total_width
            if max_cells < 0:
                raise UnreadableParcel(f"{name}: the sheets span too many cells; delete stray cells far outside")
            rows = [[_cell_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
            max_cells -= _fill_merged(rows, sheet.merged_cell_ranges or ())
            grids.append((title, rows))
    except (python_calamine.CalamineError, OSError, ValueError, IndexError, KeyError) as error:
        raise UnreadableParcel(f"{name}: the workbook can't be read; save it again as XLSX") from error
    return grids


def _fill_merged(rows: list[list[str]], ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> int:
    """Write the text of merged cells into each of them; give how many cells were written."""
    written = 0
    for (top, left), (bottom, right) in ranges:
        if written > sum(map(len, rows)):
            break  # merged over one another: no program writes that
        for row in rows[top : bottom + 1]:
            for place in range(left, min(right + 1, len(row))):
                row[place] = rows[top][left]
                written += 1
    return written


def _read_parquet(data: bytes, name: str) -> Sheet:
    """Read a Parquet file's columns as text; its rows count from 1."""
    try:
        frame = pl.read_parquet(io.BytesIO(data)).cast(pl.String)
    except pl.exceptions.PolarsError as error:
        raise UnreadableParcel(
            f"{name}: the Parquet file is damaged, or holds what is no table of plain cells"
        ) from error
    headings = tuple(frame.columns)
    frame.columns = [str(place) for place in range(frame.width)]
    blank = [pl.when(pl.col(column) != "").then(pl.col(column)).alias(column) for column in frame.columns]
    return Sheet(headings, frame.with_columns(blank), _numbers(frame.height + 1).slice(1, frame.height), ())


def _as_utf8(data: bytes, name: str) -> bytes:
    """Bring a file with a mark of its encoding to UTF-8 without one; halves of characters stay to be found."""
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16", "surrogatepass").encode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise UnreadableParcel(f"{name}: the file breaks off in the middle of a character") from error
    return data


def _read_csv(data: bytes, name: str) -> Sheet:
    if b"\r" in data and data.count(b"\r") == data.count(b"\r\n"):
        data = data.replace(b"\r\n", b"\n")
    separator = _find_separator(data)
    return _read_even(data, separator) or _read_uneven(data, separator, name)


def _find_separator(data: bytes) -> str:
    """Tell the separator by the first line that has text: the one that parts it most often outside quotes."""
    start = re.search(rb"[^\n\r]*\S[^\n\r]*", data)
    line = start[0].decode("utf-8", "replace") if start else ""
    told = re.fullmatch(r'"?sep=(.)"?', line.strip(" "))
    if told and told[1] in _SEPARATORS:
        return told[1]
    bare = re.sub(r'"[^"]*"', "", line)
    return max(_SEPARATORS, key=bare.count)


def _read_even(data: bytes, separator: str) -> Sheet | None:
    """Read a file whose every line is a row of as many cells as there are headings; None if it is not so even.

    Polars pads short rows and skips blank lines without a word, so the separators are counted first.
    """
    mark = re.escape(separator.encode())
    if b"\r" in data or b"\n\n" in data or data[:1] in (b"\n", b" ") or data[:5].lstrip(b'"').startswith(b"sep="):
        return None
    bare = data
    if b'"' in data:
        quoted = rb'(?:(?<=[\n%b])|\A)"(?:[^"\n]|"")*"(?=[\n%b]|\Z)' % (mark, mark)
        bare = re.sub(quoted, b"", data)
        if b'"' in bare:
            return None
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    width = bare.split(b"\n", 1)[0].count(separator.encode()) + 1
    if bare.count(separator.encode()) != (width - 1) * lines or width < 2:
        return None
    try:
        frame = pl.read_csv(data, has_header=False, separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError:
        return None
    if frame.height != lines or frame.width != width:
        return None
    headings = tuple(str(cell or "") for cell in frame.row(0))
    rows = frame.slice(1)
    rows.columns = [str(place) for place in range(width)]
    numbers = _numbers(1 << lines.bit_length()).slice(2, lines - 1)
    # Only a row whose first cell is empty, quoted or begins with a space can be one without text.
    if rows.to_series(0).null_count() or b'"' in data or b"\n " in data or b"\n\t" in data:
        return _without_blank_rows(headings, rows, numbers)
    return Sheet(headings, rows, numbers, ())


@cache
def _numbers(count: int) -> pl.Series:
    """Give 0, 1, 2, …: most files are small and many, and slicing one series costs less than making one each."""
    return pl.int_range(0, count + 1, eager=True, dtype=pl.Int64)


def _without_blank_rows(headings: tuple[str, ...], rows: pl.DataFrame, lines: pl.Series) -> Sheet:
    filled = rows.select(pl.any_horizontal(pl.all().str.strip_chars().str.len_bytes() > 0)).to_series()
    filled = filled.fill_null(value=False)
    return Sheet(headings, rows.filter(filled), lines.filter(filled), ())


class _Lines:
    """Lines that a reader can be sent back to: an open quote must not swallow the rest of the file."""

    def __init__(self, text: str) -> None:
        self.lines = (
            text.splitlines(keepends=True)
            if not re.search("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", text)
            else (re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text))
        )
        self.place = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.place >= len(self.lines):
            raise StopIteration
        self.place += 1
        return self.lines[self.place - 1]


def _read_uneven(data: bytes, separator: str, name: str) -> Sheet:
    """Read a file with quoted line breaks, blank lines, ragged rows or broken bytes, row by row."""
    text = data.decode("utf-8", "surrogateescape") if b"\xed" not in data else _decode_halves(data)
    rows = _parse(_Lines(text), separator)
    headings: tuple[str, ...] = ()
    kept: list[list[str]] = []
    lines: list[int] = []
    unread: list[Unread] = []
    for line, cells in rows:
        if isinstance(cells, str):
            if not headings:
                raise UnreadableParcel(f"{name}, line {line}: {cells}")
            unread.append(Unread(Source(name, line), cells))
        elif not any(cell.strip() for cell in cells) or (not headings and cells[0].startswith("sep=")):
            continue
        elif not headings:
            headings = tuple(_show(cell) for cell in cells)
        elif why := _complain(cells, len(headings)):
            unread.append(Unread(Source(name, line), why))
        else:
            kept.append([*cells, *[""] * (len(headings) - len(cells))][: len(headings)])
            lines.append(line)
    if not headings:
        raise UnreadableParcel(f"{name}: no line of headings")
    return _from_lists(headings, kept, lines, unread)


def _decode_halves(data: bytes) -> str:
    """Decode text that may hold halves of UTF-16 characters; they stay as they are and make their row unread."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogateescape")


def _parse(lines: _Lines, separator: str) -> Iterator[tuple[int, list[str] | str]]:
    """Give (line, cells), or (line, why not): the reader goes on with the line after a broken one."""
    csv.field_size_limit(_MAX_CELL)
    while True:
        reader = csv.reader(lines, delimiter=separator, strict=True)
        start = lines.place
        try:
            for cells in reader:
                yield start + 1, cells
                start = lines.place
        except csv.Error:
            lines.place = start + 1
            yield start + 1, "dấu ngoặc kép không khép đúng / a quote does not close as it should"
            continue
        return


def _complain(cells: list[str], width: int) -> str:
    if any("\ud800" <= c <= "\udfff" for cell in cells if not cell.isascii() for c in cell):
        return "có byte không phải UTF-8 / bytes that are not UTF-8; save the file as “CSV UTF-8”"
    if len(cells) != width and (len(cells) < width or any(cell.strip() for cell in cells[width:])):
        return f"có {len(cells)} ô, dòng tiêu đề có {width} / {len(cells)} cells where the headings are {width}"
    return ""


def _show(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _from_lists(headings: tuple[str, ...], kept: list[list[str]], lines: list[int], unread: list[Unread]) -> Sheet:
    columns = {
        str(place): pl.Series([row[place] or None for row in kept], dtype=pl.String) for place in range(len(headings))
    }
    return Sheet(headings, pl.DataFrame(columns), pl.Series(lines, dtype=pl.Int64), tuple(unread))


def _read_workbook(data: bytes, name: str, max_unpacked_bytes: int, max_cells: int) -> Sheet:
    import python_calamine

    packed = _unpack_safely(data, name, max_unpacked_bytes, max_cells)
    try:
        book = python_calamine.load_workbook(io.BytesIO(packed))
        grid = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError, KeyError) as error:
        raise UnreadableParcel(f"{name}: the workbook can't be read; save it again as XLSX") from error
    kept: list[list[str]] = []
    lines: list[int] = []
    unread: list[Unread] = []
    headings: tuple[str, ...] = ()
    for line, row in enumerate(grid, 1):
        cells = [_cell_text(cell) for cell in row]
        if not any(cell.strip() for cell in cells):
            continue
        if not headings:
            headings = tuple(cells[: max(place for place, cell in enumerate(cells) if cell.strip()) + 1])
        elif why := _complain(cells, len(headings)):
            unread.append(Unread(Source(name, line), why))
        else:
            kept.append(cells[: len(headings)])
            lines.append(line)
    if not headings:
        raise UnreadableParcel(f"{name}: the first sheet of the workbook is empty")
    return _from_lists(headings, kept, lines, unread)


def _cell_text(cell: object) -> str:
    """Write a workbook's cell as a CSV would. A workbook can't tell a day from its midnight: both become the latter."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, dt.date):
        return f"{cell.isoformat()} 00:00:00"
    return str(cell)


def _unpack_safely(data: bytes, name: str, max_unpacked_bytes: int, max_cells: int) -> bytes:
    """Unpack within the limits and pack again without compression, so that nothing can unfold later.

    The sizes that a zip declares are checked first and enforced while unpacking: the archive may lie.
    """
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as plain:
            members = archive.infolist()
            if len(members) > _MAX_MEMBERS or sum(m.file_size for m in members) > max_unpacked_bytes:
                raise UnreadableParcel(f"{name}: the workbook unpacks to more than {max_unpacked_bytes:,} bytes")
            for member in members:
                content = archive.read(member)
                if member.filename.endswith(".xml"):
                    _check_extent(content, name, max_cells)
                plain.writestr(member.filename, content)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, MemoryError) as error:
        raise UnreadableParcel(f"{name}: the workbook is damaged, encrypted or not a workbook") from error
    except zlib.error as error:
        raise UnreadableParcel(f"{name}: the workbook is damaged") from error
    return out.getvalue()


def _check_extent(content: bytes, name: str, max_cells: int) -> None:
    """Refuse a sheet whose two far corners would make a grid that no memory holds."""
    if b"<!DOCTYPE" in content or b"\x00" in content[:200]:
        raise UnreadableParcel(f"{name}: the workbook holds what no spreadsheet program writes")
    if b"<worksheet" not in content[:4000] and b":worksheet" not in content[:4000]:
        return
    columns = rows = 1
    for reference in set(_CELL_REFERENCE.findall(content)):
        for letters, digits in _COLUMN_AND_ROW.findall(reference):
            columns, rows = max(columns, _column_number(letters)), max(rows, int(digits[:9]))
    if columns * rows > max_cells:
        raise UnreadableParcel(f"{name}: the sheet spans {rows:,} × {columns:,} cells; delete stray cells far outside")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + letter - 64
    return number
