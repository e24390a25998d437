"""PDF, by its text layer; a page that is only a picture goes through OCR when that is installed."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from haidang.engine.errors import UnreadableParcel
from haidang.engine.letters.formats import plain_text
from haidang.engine.letters.lines import Line, Manuscript
from haidang.engine.text import normalise, squeeze

if TYPE_CHECKING:
    import pypdfium2

ORDER = 10

MOST_PAGES = 300
MOST_OCR_PAGES = 40
# Beyond this a page is no page of a letter; OCR of it would take all memory.
_MOST_POINTS = 3000
_OCR_DPI = 200


def is_mine(data: bytes) -> bool:
    """Take what has the PDF mark near its start."""
    return b"%PDF-" in data[:1024]


def read(data: bytes, name: str) -> Manuscript:
    """Read every page's text with its place on the page.

    Raises:
        UnreadableParcel: encrypted, broken, too long, or a scan that can't be recognised here.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise UnreadableParcel(f"{name} is encrypted; send it without a password") from error
        raise UnreadableParcel(f"{name} is a broken PDF: {error}") from error
    try:
        if len(document) > MOST_PAGES:
            raise UnreadableParcel(f"{name} has {len(document)} pages; a letter has at most {MOST_PAGES}")
        return _read_pages(document, name)
    except pypdfium2.PdfiumError as error:
        raise UnreadableParcel(f"{name} has a page that can't be read: {error}") from error
    finally:
        document.close()


def _read_pages(document: pypdfium2.PdfDocument, name: str) -> Manuscript:
    pages: list[list[list[_Run]]] = []
    pictures: dict[int, list[Line]] = {}
    for number in range(len(document)):
        page = document[number]
        pages.append(_rows(_runs(page)))
        if not pages[-1] and any(True for _ in page.get_objects(max_depth=3)):
            pictures[number] = _ocr_lines(page, number, name, len(pictures) + 1)
    lines = list(_set_in_lines(pages))
    lines = sorted([*lines, *(line for found in pictures.values() for line in found)], key=lambda line: line.page)
    scanned = list(pictures)
    note = f"pages {', '.join(str(page + 1) for page in scanned)} are pictures, read by OCR: check them against the original"
    return Manuscript(tuple(lines), (("read_by_ocr", note),) if scanned else ())


@dataclass(slots=True)
class _Run:
    """Characters side by side, without a wide gap. Sizes in points, y upwards."""

    left: float
    right: float
    bottom: float
    top: float
    text: str


def _set_in_lines(pages: list[list[list[_Run]]]) -> Iterator[Line]:
    """Turn rows of runs into lines; how far a line reaches is measured over all pages."""
    every = [row for rows in pages for row in rows]
    if not every:
        return
    left_edge = min(row[0].left for row in every)
    width = max(max(row[-1].right for row in every) - left_edge, 1.0)
    heights = sorted(run.top - run.bottom for row in every for run in row)
    for number, rows in enumerate(pages):
        usual = _usual_step(rows, heights[len(heights) // 2])
        before: float | None = None
        for row in rows:
            cells = tuple(text for run in row if (text := squeeze(normalise(run.text))))
            if not cells:
                continue
            text = " ".join(cells)
            wide = before is not None and before - row[0].bottom > 1.35 * usual
            fill = (row[-1].right - left_edge) / width
            pitch = sum(run.right - run.left for run in row) / len(text) / width
            yield Line(text, cells, after_blank=wide, page=number, fill=fill, pitch=pitch)
            before = row[0].bottom


def _runs(page: pypdfium2.PdfPage) -> list[_Run]:
    """Gather characters into runs, straight from the library's own boxes (one call a character is the slow part)."""
    import pypdfium2.raw as pdfium

    textpage = page.get_textpage()
    count = textpage.count_chars()
    if count <= 0:
        return []
    text = textpage.get_text_range(0, count, errors="ignore")
    if len(text) != count:  # characters outside the basic plane: go by the library's own indices
        text = "".join(chr(pdfium.FPDFText_GetUnicode(textpage.raw, at)) for at in range(count))
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    runs: list[_Run] = []
    for at, character in enumerate(text):
        if character in "\x02\ufffe":
            character = "-"  # how PDFium gives a hyphen at the end of a line
        if character in "\r\n\x00" or not pdfium.FPDFText_GetCharBox(textpage.raw, at, left, right, bottom, top):
            continue
        blank = character.isspace()
        if blank and right.value <= left.value:
            if runs and not runs[-1].text.endswith(" "):
                runs[-1].text += " "
            continue
        _add(runs, _Run(left.value, right.value, bottom.value, top.value, " " if blank else character))
    return [run for run in runs if run.text.strip()]


def _add(runs: list[_Run], new: _Run) -> None:
    """Put a character on the run before it when it stands right behind it on the same line, else begin a run."""
    last = runs[-1] if runs else None
    if last is not None:
        height = max(last.top - last.bottom, new.top - new.bottom, 1.0)
        same_line = min(last.top, new.top) - max(last.bottom, new.bottom) > -0.35 * height
        near = -0.6 * height <= new.left - last.right <= 1.6 * height
        drop = abs(last.bottom - new.bottom) < 0.9 * height
        if same_line and near and drop:
            last.text += new.text
            last.right = max(last.right, new.right)
            if new.text.strip():
                last.bottom, last.top = min(last.bottom, new.bottom), max(last.top, new.top)
            return
    if new.text.strip():
        runs.append(new)


def _rows(runs: list[_Run]) -> list[list[_Run]]:
    """Put runs of one base line together, top to bottom, left to right."""
    rows: list[list[_Run]] = []
    for run in sorted(runs, key=lambda run: (-(run.bottom + run.top) / 2, run.left)):
        middle = (run.bottom + run.top) / 2
        if rows and rows[-1][0].bottom - 1 <= middle <= rows[-1][0].top + 1:
            rows[-1].append(run)
        else:
            rows.append([run])
    for row in rows:
        row.sort(key=lambda run: run.left)
    return rows


def _usual_step(rows: list[list[_Run]], height: float) -> float:
    steps = sorted(a[0].bottom - b[0].bottom for a, b in pairwise(rows))
    steps = [step for step in steps if step > 0.5 * height]
    return steps[len(steps) // 3] if steps else 2 * height


def _ocr_lines(page: pypdfium2.PdfPage, number: int, name: str, done: int) -> list[Line]:
    if done > MOST_OCR_PAGES:
        raise UnreadableParcel(f"{name} is a scan of more than {MOST_OCR_PAGES} pages")
    if max(page.get_size()) > _MOST_POINTS:
        raise UnreadableParcel(f"{name} has a page of {page.get_size()} points; that is no letter")
    picture = page.render(scale=_OCR_DPI / 72, grayscale=True)
    text = _recognise(picture, name)
    return [_on_page(line, number) for line in plain_text.read_text(text)]


def _on_page(line: Line, number: int) -> Line:
    return Line(line.text, line.cells, after_blank=line.after_blank, page=number)


def _recognise(picture: pypdfium2.PdfBitmap, name: str) -> str:
    """Read a picture with Tesseract's Vietnamese data.

    Raises:
        UnreadableParcel: it is not installed.
    """
    how = "install Tesseract with its Vietnamese data (Debian: tesseract-ocr-vie) and the extra “haidang[ocr]”"
    try:
        import pytesseract
    except ImportError as error:
        raise UnreadableParcel(f"{name} is a scan, and OCR is not installed: {how}") from error
    try:
        if "vie" not in pytesseract.get_languages():
            raise UnreadableParcel(f"{name} is a scan, and OCR has no Vietnamese data: {how}")
        image = picture.to_pil()
        return str(pytesseract.image_to_string(image, lang="vie"))
    except pytesseract.TesseractNotFoundError as error:
        raise UnreadableParcel(f"{name} is a scan, and OCR is not installed: {how}") from error
    except pytesseract.TesseractError as error:
        raise UnreadableParcel(f"{name} is a scan that OCR could not read: {error}") from error
