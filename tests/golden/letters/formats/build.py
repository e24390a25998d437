"""Builds the example letter as DOCX, PDF, EML and a scanned page, out of `content/examples/letter.txt`.

    python tests/golden/letters/formats/build.py

It needs the project's own libraries with the `ocr` extra (python-docx, pypdfium2, Pillow), a Chromium on the path and
the DejaVu fonts (their serif face has every Vietnamese letter). The files are kept, so only who changes the letter has
to run this.
"""

from __future__ import annotations

import datetime as dt
import html
import re
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import docx
import pypdfium2
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

HERE = Path(__file__).parent
LETTER = HERE.parents[3] / "content" / "examples" / "letter.txt"
MADE = dt.datetime(2026, 1, 28, 9, 0, tzinfo=dt.UTC)
CENTRE = WD_ALIGN_PARAGRAPH.CENTER


@dataclass(frozen=True)
class Sheet:
    """The letter's parts, as they are laid out on paper."""

    left: list[str]
    right: list[str]
    number: str
    place: str
    subject: str
    addressees: list[str]
    body: list[str]
    recipients: list[str]
    title: list[str]
    signer: str
    annex: list[str]
    blocks: list[tuple[str, list[str]]]


def take_apart(text: str) -> Sheet:
    """Cut the text at the places where its own form puts a break."""
    head, greeting, *body, copies, signature, annex = [part.split("\n") for part in text.strip().split("\n\n")]
    lines = annex[:4]
    blocks: list[tuple[str, list[str]]] = []
    for line in annex[4:]:
        if re.match(r"\d+\. ", line):
            blocks[-1][1].append(line)
        else:
            blocks.append((line, []))
    return Sheet(
        left=head[:2],
        right=head[2:4],
        number=head[4],
        place=head[5],
        subject=head[6],
        addressees=greeting[1:],
        body=[line for part in body for line in part],
        recipients=copies[1:],
        title=signature[:-1],
        signer=signature[-1],
        annex=lines,
        blocks=blocks,
    )


# --- DOCX


def _write(cell: _Cell | docx.document.Document, text: str, *, bold: bool = False, italic: bool = False) -> Paragraph:
    paragraph = cell.add_paragraph()
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic
    return paragraph


def _fill(cell: _Cell, lines: list[tuple[str, bool, bool]]) -> None:
    """Write centred lines into a cell, the first into the paragraph that every cell has."""
    for position, (text, bold, italic) in enumerate(lines):
        paragraph = cell.paragraphs[0] if position == 0 else cell.add_paragraph()
        run = paragraph.add_run(text)
        run.bold, run.italic = bold, italic
        paragraph.alignment = CENTRE


def _page_number(paragraph: Paragraph) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)
    paragraph.alignment = CENTRE


def build_docx(sheet: Sheet, path: Path) -> None:
    """A4, Times New Roman 13, a head table without borders, the annex as a table: as a clerk's Word makes it."""
    document = docx.Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin, page.right_margin, page.top_margin, page.bottom_margin = Cm(3), Cm(1.5), Cm(2), Cm(2)
    document.styles["Normal"].font.name = "Times New Roman"
    document.styles["Normal"].font.size = Pt(13)
    _page_number(page.header.paragraphs[0])

    head = document.add_table(rows=2, cols=2)
    _fill(head.cell(0, 0), [(sheet.left[0], False, False), (sheet.left[1], True, False)])
    _fill(head.cell(0, 1), [(line, True, False) for line in sheet.right])
    _fill(head.cell(1, 0), [(sheet.number, False, False), (sheet.subject, False, False)])
    _fill(head.cell(1, 1), [(sheet.place, False, True)])

    _write(document, "Kính gửi:").alignment = CENTRE
    for line in sheet.addressees:
        _write(document, line).paragraph_format.left_indent = Cm(4)
    for line in sheet.body:
        paragraph = _write(document, line, bold=bool(re.match(r"1\. ", line)))
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        paragraph.paragraph_format.first_line_indent = Cm(1.27)

    foot = document.add_table(rows=1, cols=2)
    left, right = foot.rows[0].cells
    left.paragraphs[0].add_run("Nơi nhận:").bold = True
    for line in sheet.recipients:
        _write(left, line).runs[0].font.size = Pt(11)
    signed = [*sheet.title, "", "", "", sheet.signer]
    _fill(right, [(line, True, False) for line in signed])

    document.add_page_break()
    for line, bold in zip(sheet.annex[:3], (True, True, False), strict=True):
        _write(document, line, bold=bold, italic=not bold).alignment = CENTRE
    table = document.add_table(rows=1, cols=2, style="Table Grid")
    first, second = sheet.annex[3].split(" ", 1)
    _fill(table.rows[0].cells[0], [(first, True, False)])
    _fill(table.rows[0].cells[1], [(second, True, False)])
    for name, units in sheet.blocks:
        row = table.add_row().cells
        row[0].merge(row[1]).paragraphs[0].add_run(name).bold = True
        for unit in units:
            number, text = unit.split(" ", 1)
            row = table.add_row().cells
            row[0].text, row[1].text = number, text
    document.core_properties.author = "Văn thư Sở"
    document.core_properties.created = document.core_properties.modified = MADE.replace(tzinfo=None)
    document.save(str(path))
    _freeze(path)


def _freeze(path: Path) -> None:
    """Write the zip anew with one date, so that the same letter gives the same bytes."""
    with zipfile.ZipFile(path) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, (2026, 1, 28, 9, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)


# --- PDF

_CSS = """
@page { size: A4; margin: 20mm 15mm 22mm 30mm; @bottom-center { content: counter(page); font: 11pt "DejaVu Serif"; } }
body { font: 11pt/1.38 "DejaVu Serif"; margin: 0; }
p { margin: 0 0 5pt; } .c { text-align: center; } .b { font-weight: bold; }
.order { text-align: justify; text-indent: 12mm; }
.two { display: grid; grid-template-columns: 72mm 1fr; column-gap: 4mm; font-size: 9.6pt; }
.foot { grid-template-columns: 1fr 1fr; padding-top: 10pt; break-inside: avoid; } .to { margin-left: 40mm; }
table { border-collapse: collapse; width: 100%; font-size: 10.5pt; } td, th { padding: 7.4pt 4pt; vertical-align: top; }
td:first-child { width: 14mm; text-align: right; } .annex { margin-top: 26pt; }
tr { break-inside: avoid; }
"""


def _lines(texts: list[str], css: str) -> str:
    return "".join(f'<p class="{css}">{html.escape(text)}</p>' for text in texts)


def as_html(sheet: Sheet) -> str:
    """Lay the letter out for paper. No rule of the table shows: its text layer then looks as an old PDF's does."""
    rows = f"<tr><th>{sheet.annex[3].replace(' ', '</th><th>', 1)}</th></tr>"
    for name, units in sheet.blocks:
        rows += f'<tr><td colspan="2" class="b" style="text-align:left">{html.escape(name)}</td></tr>'
        for unit in units:
            number, text = unit.split(" ", 1)
            rows += f"<tr><td>{number}</td><td>{html.escape(text)}</td></tr>"
    return (
        f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>{html.escape(sheet.subject)}</title>'
        f"<style>{_CSS}</style><body>"
        f'<div class="two"><div>{_lines(sheet.left, "c b")}</div><div>{_lines(sheet.right, "c b")}</div>'
        f"<div>{_lines([sheet.number, sheet.subject], 'c')}</div><div>{_lines([sheet.place], 'c')}</div></div>"
        f'<p class="c" style="margin-top:10pt">Kính gửi:</p>{_lines(sheet.addressees, "to")}'
        f"{_lines(sheet.body, 'order')}"
        f'<div class="two foot"><div><p class="b">Nơi nhận:</p>{_lines(sheet.recipients, "")}</div>'
        f"<div>{_lines(sheet.title, 'c b')}<br><br><br>{_lines([sheet.signer], 'c b')}</div></div>"
        f'<div class="annex">{_lines(sheet.annex[:2], "c b")}{_lines(sheet.annex[2:3], "c")}</div>'
        f"<table>{rows}</table></body></html>"
    )


def build_pdf(sheet: Sheet, path: Path) -> None:
    """Print the HTML with a headless Chromium."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        raise SystemExit("No Chromium on the path: letter.pdf can't be printed.")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "letter.html"
        page.write_text(as_html(sheet), encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        options.append(f"--user-data-dir={folder}/profile")
        subprocess.run([browser, *options, f"--print-to-pdf={path}", page.as_uri()], check=True, capture_output=True)


def build_scan(pdf: Path, path: Path) -> None:
    """Photograph the first page at 150 dpi in grey, a little askew, and bind it as a PDF without text."""
    document = pypdfium2.PdfDocument(pdf)
    image = document[0].render(scale=150 / 72).to_pil().convert("L")
    document.close()
    image = image.rotate(0.3, fillcolor=255).point(lambda value: min(255, value * 15 // 16 + 12))
    image.save(path, "PDF", resolution=150, quality=45, creationDate=MADE.timetuple(), modDate=MADE.timetuple())


def build_eml(pdf: Path, path: Path) -> None:
    """A mail of the records office: quoted-printable words, the letter attached in base64 under a Vietnamese name."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Văn thư Sở Khoa học và Công nghệ <vanthu@skhcn.haitrieu.example>"
    mail["To"] = "vanthu@so-tai-chinh.example"
    mail["Date"] = MADE
    mail["Subject"] = "Công văn 214/SKHCN-ATTT về an toàn thông tin mạng dịp Tết Bính Ngọ 2026"
    mail["Message-ID"] = "<214.skhcn-attt.20260128@skhcn.haitrieu.example>"
    mail.set_content(
        "Kính gửi quý cơ quan,\n\nVăn thư Sở xin gửi bản điện tử của công văn đính kèm.\nTrân trọng.\n",
        cte="quoted-printable",
    )
    mail.add_attachment(pdf.read_bytes(), maintype="application", subtype="pdf", filename="Công văn 214-SKHCN-ATTT.pdf")
    mail.set_boundary("=_hai-trieu-214")
    path.write_bytes(mail.as_bytes())


def main() -> None:
    """Build all four."""
    sheet = take_apart(LETTER.read_text(encoding="utf-8"))
    build_docx(sheet, HERE / "letter.docx")
    build_pdf(sheet, HERE / "letter.pdf")
    build_scan(HERE / "letter.pdf", HERE / "scan.pdf")
    build_eml(HERE / "letter.pdf", HERE / "letter.eml")


if __name__ == "__main__":
    main()
