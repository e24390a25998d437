"""A letter as it arrives: physical lines, before anybody knows what they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from haidang.engine.text import fold, squeeze

_ONLY_RULES = re.compile(r"[\s_\-=*–—.…·~]*")
_PAGE_MARK = re.compile(r"(?:trang|page)\s*\d{1,3}(?:\s*[/-]\s*\d{1,3})?|[-–—]\s*\d{1,3}\s*[-–—]|\d{1,3}\s*/\s*\d{1,3}")
_COLUMN_GAP = re.compile(r" {3,}|\t+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stands on the page.

    Attributes:
        text: the words, one space between them.
        cells: the same in columns, where the page shows a wide gap or a table.
        after_blank: an empty line (or more than usual space) stands before it.
        page: 0 is the first.
        fill: how far the line reaches to the right edge of the text, 0..1; None where only text is known.
        pitch: the mean width of its characters, as a share of the text's width.
        whole: the line is a paragraph already (word processors keep them whole), never to be joined.
        row: a row of a real table, not of words that happen to be set apart.
    """

    text: str
    cells: tuple[str, ...]
    after_blank: bool = False
    page: int = 0
    fill: float | None = None
    pitch: float = 0.0
    whole: bool = False
    row: bool = False


@dataclass(frozen=True, slots=True)
class Manuscript:
    """What a format reader hands over.

    Attributes:
        lines: in reading order.
        notes: what could not be read and why, as (kind, sentence); they become gaps of the letter.
    """

    lines: tuple[Line, ...]
    notes: tuple[tuple[str, str], ...] = field(default=())


def lines_of_text(text: str) -> list[Line]:
    """Cut normalised plain text into lines; a form feed starts a page."""
    lines: list[Line] = []
    for page, sheet in enumerate(text.split("\f")):
        blank = False
        for raw in sheet.split("\n"):
            words = squeeze(raw)
            if not words:
                blank = True
                continue
            cells = _cells_of(raw)
            row = len(cells) > 1 and words.startswith("|")
            lines.append(Line(" ".join(cells) if row else words, cells, after_blank=blank, page=page, row=row))
            blank = False
    return lines


def _cells_of(raw: str) -> tuple[str, ...]:
    if raw.count("|") >= 1 and " | " in f" {raw.strip()} ":
        return tuple(squeeze(cell) for cell in raw.strip().strip("|").split("|"))
    return tuple(squeeze(cell) for cell in _COLUMN_GAP.split(raw.strip()) if cell.strip())


def without_furniture(lines: Iterable[Line]) -> list[Line]:
    """Leave out rules, page numbers and running heads, which are the page's and not the letter's."""
    kept: list[Line] = []
    every = list(lines)
    for place, line in enumerate(every):
        if _ONLY_RULES.fullmatch(line.text) or _PAGE_MARK.fullmatch(fold(line.text)):
            if kept or line.after_blank:
                _mark_next_blank(every, place, line)
            continue
        if line.text.isdecimal() and _is_page_number(every, place):
            continue
        kept.append(line)
    return kept


def _mark_next_blank(every: list[Line], place: int, line: Line) -> None:
    """Let the line after a left-out rule keep the blank that stood before the rule."""
    if line.after_blank and place + 1 < len(every):
        every[place + 1] = replace(every[place + 1], after_blank=True)


def _is_page_number(every: list[Line], place: int) -> bool:
    """Tell a page number from a row number that stands alone in its cell.

    Row numbers come in a run (…, 4, words, 5, words, …); a page number stands by itself.
    """
    number = int(every[place].text[:9])
    if number > 999 or len(every[place].text) > 3:
        return False
    window = range(max(0, place - 5), min(len(every), place + 6))
    beside = {
        int(every[at].text) for at in window if at != place and every[at].text.isdecimal() and len(every[at].text) < 4
    }
    return not beside & {number - 1, number + 1}


def blanks_mean_nothing(lines: list[Line]) -> bool:
    """Tell whether blank lines stand between (nearly) all lines, as many PDF text layers have them."""
    return len(lines) > 8 and sum(line.after_blank for line in lines) > 0.6 * len(lines)
