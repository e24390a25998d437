"""Annexes: lists of recipients in blocks, and tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from haidang.engine.letters.letter import Annex, Block, Unit
from haidang.engine.letters.lines import Line
from haidang.engine.letters.paragraphs import join
from haidang.engine.letters.regions import ANNEX, is_caps
from haidang.engine.text import fold, squeeze

_ROW = re.compile(r"(?P<row>\d{1,3})\s*(?:[.)/](?!\d)\s*|\s+)(?P<name>\S.*)")
_ROMAN_ROW = re.compile(r"(?P<row>[IVX]{1,5}|[A-H])\s*[.)]?\s+(?P<name>\S.*)")
_BARE_ROW = re.compile(r"\d{1,3}\.")
_HEADING = re.compile(r"(?:stt|tt|so\s*tt|so\s+thu\s+tu)\b")
_UNIT_WORDS = re.compile(r"don\s+vi|co\s+quan|noi\s+nhan|to\s+chuc|danh\s+sach\s+(?:nhan|gui)|doanh\s+nghiep|so,\s*ban")
_ORGANISATION = re.compile(
    r"(?:van\s+phong|so|ban|bo|cuc|chi\s+cuc|ubnd|uy\s+ban|quan|huyen|xa|phuong|thi\s+(?:xa|tran)|thanh\s+(?:pho|uy|tra)|cong\s+(?:ty|an)|truong|trung\s+tam|"
    r"hoi|lien|doan|bao|dai|quy|vien|toa|kho\s+bac|bao\s+hiem|benh\s+vien|ngan\s+hang|chi\s+nhanh|vnpt|viettel|mobifone|fpt|tap\s+doan|tong|nha|vuon|cang|dac\s+khu|dang\s+uy|mat\s+tran)\b"
)
_ATTACHED = re.compile(r"\(?\s*(?:ban\s+hanh\s+)?kem\s+theo|\(?\s*dinh\s+kem")
_CODE = re.compile(r"CVE-\d{4}-\d{4,7}|https?://\S+")


def split_annexes(lines: Sequence[Line]) -> list[list[Line]]:
    """Cut the annexes apart at their headings."""
    out: list[list[Line]] = []
    for line in lines:
        found = ANNEX.match(fold(line.text))
        rest = line.text[found.end() :].strip(" .:-") if found else ""
        if not out or (found and (not rest or is_caps(line.text[: found.end()]) or is_caps(rest))):
            out.append([])
        out[-1].append(line)
    return out


def paragraphs_of(lines: Sequence[Line], *, blanks_speak: bool) -> list[str]:
    """Join an annex's wrapped lines; inside a running list the next number tells what a line belongs to."""
    out: list[str] = []
    pending: list[Line] = []
    last_row = 0
    for line in lines:
        row = _row_number(line)
        if row is None:
            pending.append(line)
            continue
        _flush(out, pending, inside=last_row > 0 and row == last_row + 1, blanks_speak=blanks_speak)
        out.append(line.text if not line.text.isdecimal() else f"{line.text}.")
        pending = []
        last_row = row
    _flush(out, pending, inside=False, blanks_speak=blanks_speak)
    return out


def _row_number(line: Line) -> int | None:
    if line.text.isdecimal() and len(line.text) < 4:
        return int(line.text)
    found = _ROW.fullmatch(line.text)
    if not found:
        return None
    dotted = bool(re.match(r"\d{1,3}\s*[.)/]\s*[^\W\d_]", line.text))
    return int(found["row"]) if dotted or len(line.cells) > 1 or re.match(r"\d{1,3}\s+\S", line.text) else None


def _flush(out: list[str], pending: list[Line], *, inside: bool, blanks_speak: bool) -> None:
    """Place unnumbered lines: inside a running list they belong to the row before them."""
    if not pending:
        return
    if inside and out and not any(line.row or ANNEX.match(fold(line.text)) for line in pending):
        out[-1] = " ".join([out[-1], *(line.text for line in pending)])
        return
    if out and _BARE_ROW.fullmatch(out[-1]):
        if _HEADING.match(fold(pending[0].text)):  # no row's number, the page's
            out.pop()
        else:
            out[-1] = f"{out[-1]} {pending[0].text}"
            pending = pending[1:]
            while pending and pending[0].text[0].islower():
                out[-1] = f"{out[-1]} {pending[0].text}"
                pending = pending[1:]
    if not pending:
        return
    heading = next((at for at, line in enumerate(pending) if _HEADING.match(fold(line.text)) and not line.row), None)
    if heading:
        _flush(out, pending[:heading], inside=False, blanks_speak=blanks_speak)
        pending = pending[heading:]
    start = 0
    if out and _is_row(out[-1]) and not pending[0].row:
        # Before a restart: what begins in the middle of a word group still belongs to the last row.
        while start < len(pending) and (pending[start].text[0].islower() or _full(out[-1], pending, start)):
            out[-1] = f"{out[-1]} {pending[start].text}"
            start += 1
    out.extend(join(pending[start:], page_width=80.0, blanks_speak=blanks_speak))


def _full(row: str, pending: Sequence[Line], start: int) -> bool:
    """Tell whether the last row was cut by the page: long, and a single word or two go on."""
    line = pending[start]
    return len(row) + len(line.text.split(" ", 1)[0]) > 66 and len(line.text.split()) <= 2 and not is_caps(line.text)


def _is_row(words: str) -> bool:
    return bool(_ROW.fullmatch(words))


@dataclass(slots=True)
class _Reading:
    title: list[str] = field(default_factory=list)
    blocks: list[tuple[str, list[Unit]]] = field(default_factory=list)
    tables: list[list[tuple[str, ...]]] = field(default_factory=list)
    heading: str = ""
    about_units: bool = False


def read_annex(paragraphs: Sequence[tuple[str, tuple[str, ...]]]) -> Annex:
    """Read one annex from its paragraphs, each with the cells of its table row (one cell: words)."""
    reading = _Reading()
    start = _read_title(paragraphs, reading)
    reading.about_units = bool(_UNIT_WORDS.search(fold(" ".join(reading.title))))
    for words, cells in paragraphs[start:]:
        _take(words, cells, reading)
    if reading.blocks and not _are_units(reading):
        rows: list[tuple[str, ...]] = [(str(unit.row), unit.name) for _, units in reading.blocks for unit in units]
        reading.tables.append(rows)
        reading.blocks = []
    return Annex(
        squeeze(" ".join(reading.title)),
        tuple(Block(squeeze(name), tuple(units)) for name, units in reading.blocks if units),
        tuple(tuple(table) for table in reading.tables if len(table) > 1 or (table and not reading.blocks)),
    )


def _read_title(paragraphs: Sequence[tuple[str, tuple[str, ...]]], reading: _Reading) -> int:
    at = 0
    while at < len(paragraphs):
        words, cells = paragraphs[at]
        folded = fold(words)
        first = at == 0
        if not first and (
            len(cells) > 2 or _HEADING.match(folded) or _ROW.fullmatch(words) or _ROMAN_ROW.fullmatch(words)
        ):
            break
        if not first and not is_caps(words) and not _ATTACHED.match(folded):
            break
        if first or not _ATTACHED.match(folded):
            reading.title.append(words)
        at += 1
    return at


def _take(words: str, cells: tuple[str, ...], reading: _Reading) -> None:
    if _HEADING.match(fold(words)):
        reading.about_units = reading.about_units or bool(
            _UNIT_WORDS.search(fold(words)) and not re.search(r"cve|ioc|ip\b|lo hong", fold(words))
        )
        reading.tables.append([_cells(words, cells)])
        return
    row = _ROW.fullmatch(words)
    if row and reading.about_units and not _CODE.search(words):
        _add_unit(int(row["row"]), _unit_name(row["name"], cells), reading)
        if len(cells) > 2 and reading.tables:
            reading.tables[-1].append(cells)
        return
    if len(cells) > 1 or (row and reading.tables and len(reading.tables[-1][0]) > 1):
        if not reading.tables:
            reading.tables.append([])
        reading.tables[-1].append(_cells(words, cells))
        heading = _ROMAN_ROW.fullmatch(words)
        if heading and reading.about_units:
            _open_block(heading["name"], reading)
        return
    if row:
        _add_unit(int(row["row"]), row["name"], reading)
        return
    heading = _ROMAN_ROW.fullmatch(words)
    name = heading["name"] if heading else words
    if reading.about_units or not heading:
        _open_block(name, reading)
        if not reading.about_units and not heading and reading.tables and len(reading.tables[-1][0]) == 1:
            reading.tables[-1].append((words,))
            reading.blocks.pop()
    else:
        reading.tables.append([(name,)])


def _unit_name(name: str, cells: tuple[str, ...]) -> str:
    return cells[1] if len(cells) > 1 and cells[0].strip(" .)").isdecimal() and cells[1] else name


def _open_block(name: str, reading: _Reading) -> None:
    if reading.blocks and not reading.blocks[-1][1]:
        reading.blocks[-1] = (f"{reading.blocks[-1][0]} {name}", [])
    else:
        reading.blocks.append((name.strip(" :"), []))


def _add_unit(row: int, name: str, reading: _Reading) -> None:
    if not reading.blocks:
        reading.blocks.append(("", []))
    reading.blocks[-1][1].append(Unit(row, squeeze(name).strip(" ;")))


def _cells(words: str, cells: tuple[str, ...]) -> tuple[str, ...]:
    """Cut a row that lost its columns where the cells can be told: its number, codes, links."""
    if len(cells) > 1:
        return cells
    if _HEADING.match(fold(words)):
        heading = _HEADING.match(fold(words))
        rest = words[heading.end() :].strip() if heading else ""
        columns = [rest] if is_caps(rest) else re.split(r"\s+(?=[^\W\d_a-z][\w]*(?:\s|$))", rest)
        return (words[: heading.end()] if heading else "", *(column for column in columns if column))
    row = _ROW.fullmatch(words)
    rest, out = (row["name"], [row["row"]]) if row else (words, [])
    last = 0
    for code in _CODE.finditer(rest):
        if squeeze(rest[last : code.start()]):
            out.append(squeeze(rest[last : code.start()]))
        out.append(code[0])
        last = code.end()
    if squeeze(rest[last:]):
        out.append(squeeze(rest[last:]))
    return tuple(out)


def _are_units(reading: _Reading) -> bool:
    """Tell a list of organisations from numbered advice."""
    names = [unit.name for _, units in reading.blocks for unit in units]
    if not names:
        return False
    alike = sum(bool(_ORGANISATION.match(fold(name))) for name in names)
    return alike >= 0.5 * len(names) or (reading.about_units and not any(name.endswith(".") for name in names))
