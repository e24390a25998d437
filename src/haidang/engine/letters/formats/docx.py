"""Word documents (DOCX), with the numbers that Word counts itself and does not write down."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from haidang.engine.errors import UnreadableParcel
from haidang.engine.letters.lines import Line, Manuscript, lines_of_text
from haidang.engine.text import normalise, squeeze

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ORDER = 20

# A letter's own text is far below this; a zip that unfolds to more is not read at all.
MOST_UNFOLDED_BYTES = 60_000_000

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# The same text box a second time, for older programs.
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def is_mine(data: bytes) -> bool:
    """Take zip files, and the older Word form in order to say what it is."""
    return data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def read(data: bytes, name: str) -> Manuscript:
    """Read the body's paragraphs and tables in order.

    Raises:
        UnreadableParcel: encrypted, an old .doc, no Word document, broken, or a zip bomb.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableParcel(f"{name} is an old .doc or an encrypted document; save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            body = _part(package, "word/document.xml", name)
            numbering = _Numbering.of(
                _part(package, "word/numbering.xml", name), _part(package, "word/styles.xml", name)
            )
        content = body.find(f"{_W}body") if body is not None else None
        lines = tuple(_lines(content, numbering)) if content is not None else ()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise UnreadableParcel(f"{name} is a broken Word document: {error}") from error
    if body is None:
        raise UnreadableParcel(f"{name} is a zip file but no Word document")
    return Manuscript(lines)


def _part(package: zipfile.ZipFile, part: str, name: str) -> Element | None:
    try:
        info = package.getinfo(part)
    except KeyError:
        return None
    if info.file_size > MOST_UNFOLDED_BYTES:
        raise UnreadableParcel(f"{name} unfolds to more than {MOST_UNFOLDED_BYTES // 1_000_000} MB; that is no letter")
    with package.open(info) as stream:
        content = stream.read(MOST_UNFOLDED_BYTES + 1)  # the declared size may lie
    if len(content) > MOST_UNFOLDED_BYTES:
        raise UnreadableParcel(f"{name} unfolds to more than {MOST_UNFOLDED_BYTES // 1_000_000} MB; that is no letter")
    try:
        root: Element = fromstring(content)
    except (ParseError, DefusedXmlException) as error:
        raise UnreadableParcel(f"{name} is a broken Word document: {part}: {error}") from error
    return root


def _lines(body: Element, numbering: _Numbering) -> Iterator[Line]:
    blank = False
    for block in _blocks(body):
        if block.tag == f"{_W}p":
            for line in _paragraph(block, numbering, whole=True):
                if line is None:
                    blank = True
                    continue
                yield _with_blank(line, blank=blank)
                blank = False
        elif block.tag == f"{_W}tbl":
            yield from _table(block, numbering)


def _blocks(parent: Element) -> Iterator[Element]:
    """Walk paragraphs and tables, through content controls and tracked insertions."""
    for child in parent:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _blocks(child)


def _with_blank(line: Line, *, blank: bool) -> Line:
    return Line(line.text, line.cells, after_blank=blank, whole=line.whole) if blank else line


def _paragraph(paragraph: Element, numbering: _Numbering, *, whole: bool) -> Iterator[Line | None]:
    """Give the paragraph's lines (a line break inside makes two); None for an empty one."""
    text = normalise("".join(_words(paragraph)))
    label = numbering.label(paragraph)
    if not text.strip():
        yield None
        return
    for number, line in enumerate(lines_of_text(text)):
        words = f"{label} {line.text}" if label and number == 0 else line.text
        cells = line.cells if len(line.cells) > 1 and not (label and number == 0) else (words,)
        yield Line(words, cells, whole=whole)


def _words(paragraph: Element) -> Iterator[str]:
    """Give the text as a reader sees it: insertions in, deletions and field codes out."""
    for child in paragraph:
        tag = child.tag
        if tag == f"{_W}t":
            yield child.text or ""
        elif tag in (f"{_W}tab", f"{_W}ptab"):
            yield "\t"
        elif tag in (f"{_W}br", f"{_W}cr"):
            yield "\f" if child.get(f"{_W}type") == "page" else "\n"
        elif tag == f"{_W}noBreakHyphen":
            yield "-"
        elif tag not in (
            f"{_W}del",
            f"{_W}moveFrom",
            f"{_W}pPr",
            f"{_W}rPr",
            f"{_W}instrText",
            f"{_W}delText",
            _FALLBACK,
        ):
            yield from _words(child)


def _table(table: Element, numbering: _Numbering) -> Iterator[Line]:
    """A table without numbers in its first column sets a page in columns: read it column by column; else row by row."""
    rows = [[list(_blocks(cell)) for cell in row.iter(f"{_W}tc")] for row in table.iter(f"{_W}tr")]
    texts = [[_cell_text(cell, numbering) for cell in row] for row in rows]
    if _is_layout(texts):
        for column in range(max(len(row) for row in texts)):
            for row in texts:
                if column < len(row):
                    for words in row[column].split("\n"):
                        if squeeze(words):
                            yield Line(squeeze(words), (squeeze(words),), whole=True)
        return
    for row in texts:
        cells = tuple(squeeze(cell) for cell in row)
        if any(cells):
            yield Line(" ".join(cell for cell in cells if cell), cells, whole=True, row=True)


def _cell_text(blocks: list[Element], numbering: _Numbering) -> str:
    parts: list[str] = []
    for block in blocks:
        if block.tag == f"{_W}p":
            parts.extend(line.text for line in _paragraph(block, numbering, whole=True) if line is not None)
            if not parts:
                # an automatic row number stands in a paragraph without words
                parts.extend([label] if (label := numbering.last_label) else [])
        else:
            parts.extend(line.text for line in _table(block, numbering))
    return "\n".join(parts)


def _is_layout(rows: list[list[str]]) -> bool:
    """Tell the two columns of a letter's head or foot from a list: a head has few rows and long, unnumbered cells."""
    if len(rows) > 4 or max((len(row) for row in rows), default=0) > 2:
        return False
    first = [row[0].strip().rstrip(".") for row in rows if row]
    return not any(cell.isdecimal() or cell.lower() in ("stt", "tt", "số tt") for cell in first)


@dataclass
class _Numbering:
    """Counts list labels as Word does."""

    levels: dict[str, dict[int, tuple[str, str, int]]] = field(default_factory=dict)
    """abstract list of a list id → level → (number format, label text, first number)."""
    style_lists: dict[str, tuple[str, int]] = field(default_factory=dict)
    counters: dict[tuple[str, int], int] = field(default_factory=dict)
    abstract_of: dict[str, str] = field(default_factory=dict)
    last_label: str = ""

    @classmethod
    def of(cls, numbering: Element | None, styles: Element | None) -> _Numbering:
        """Read the two parts that define lists; either may be absent."""
        made = cls()
        abstracts: dict[str, dict[int, tuple[str, str, int]]] = {}
        for abstract in numbering.findall(f"{_W}abstractNum") if numbering is not None else ():
            abstracts[abstract.get(f"{_W}abstractNumId", "")] = {
                int(level.get(f"{_W}ilvl", "0")): (
                    _value(level, "numFmt", "decimal"),
                    _value(level, "lvlText", ""),
                    int(_value(level, "start", "1")),
                )
                for level in abstract.findall(f"{_W}lvl")
            }
        for concrete in numbering.findall(f"{_W}num") if numbering is not None else ():
            number = concrete.get(f"{_W}numId", "")
            made.abstract_of[number] = _value(concrete, "abstractNumId", "")
            made.levels[number] = abstracts.get(made.abstract_of[number], {})
        for style in styles.findall(f"{_W}style") if styles is not None else ():
            place = _list_place(style.find(f"{_W}pPr"))
            if place and place[0] is not None:
                made.style_lists[style.get(f"{_W}styleId", "")] = (place[0], place[1])
        return made

    def label(self, paragraph: Element) -> str:
        """Give the label of this paragraph and count on; "" where it has none."""
        self.last_label = ""
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            return ""
        place = _list_place(properties)
        style = properties.find(f"{_W}pStyle")
        from_style = self.style_lists.get(style.get(f"{_W}val", "")) if style is not None else None
        number, level = (
            (place[0] or (from_style[0] if from_style else None), place[1]) if place else (from_style or (None, 0))
        )
        if number is None or number not in self.levels or level not in self.levels[number]:
            return ""
        self.last_label = self._count(number, level)
        return self.last_label

    def _count(self, number: str, level: int) -> str:
        shared = self.abstract_of[number]
        kind, pattern, first = self.levels[number][level]
        self.counters[shared, level] = self.counters.get((shared, level), first - 1) + 1
        for deeper in [place for place in self.counters if place[0] == shared and place[1] > level]:
            del self.counters[deeper]
        if kind == "bullet":
            return "-"
        if kind == "none":
            return ""
        for above in range(level + 1):
            shape, _, start = self.levels[number].get(above, ("decimal", "", 1))
            pattern = pattern.replace(f"%{above + 1}", _numeral(self.counters.get((shared, above), start), shape))
        return squeeze(pattern)


def _value(parent: Element, name: str, default: str) -> str:
    child = parent.find(f"{_W}{name}")
    return default if child is None else child.get(f"{_W}val", default)


def _list_place(properties: Element | None) -> tuple[str | None, int] | None:
    place = properties.find(f"{_W}numPr") if properties is not None else None
    if place is None:
        return None
    number = place.find(f"{_W}numId")
    return (None if number is None else number.get(f"{_W}val")), int(_value(place, "ilvl", "0"))


def _numeral(number: int, shape: str) -> str:
    if shape in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26)
        return letter if shape == "lowerLetter" else letter.upper()
    if shape in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        roman = _roman(number)
        return roman.lower() if shape == "lowerRoman" else roman
    return f"{number:02d}" if shape == "decimalZero" else str(number)


def _roman(number: int) -> str:
    out = ""
    for value, sign in ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            out += sign
            number -= value
    return out
