"""The example city is what `content/examples/README.md` says: invented, whole, and each story ends as told."""

from __future__ import annotations

import email
import email.policy
import ipaddress
import re
from pathlib import Path

import docx
import pypdfium2
from python_calamine import CalamineWorkbook

from haidang.engine.tables import TABLES

CITY = Path(__file__).parents[2] / "content" / "examples"
FILES = sorted(path for path in CITY.rglob("*") if path.is_file())
FOR_DOCUMENTS = [
    ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
FORMATS = Path(__file__).parents[1] / "golden" / "letters" / "formats"


def words_of(path: Path) -> str:
    """Everything that is written in a file, the cells of a workbook one a line."""
    if path.suffix != ".xlsx":
        return path.read_text(encoding="utf-8-sig")
    book = CalamineWorkbook.from_path(str(path))
    return "\n".join(
        str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
    )


def addresses_in(text: str) -> list[str]:
    four = re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", text)
    six = [word for word in re.findall(r"[0-9a-fA-F:]*::?[0-9a-fA-F:]*", text) if "::" in word or word.count(":") > 3]
    return four + [word for word in six if re.search(r"\w", word)]


def test_every_address_is_kept_for_documentation() -> None:
    found = {(path.name, text) for path in FILES for text in addresses_in(words_of(path))}
    assert len(found) > 100
    assert not [
        pair for pair in found if not any(ipaddress.ip_address(pair[1]) in network for network in FOR_DOCUMENTS)
    ]


def test_every_domain_is_an_example() -> None:
    named = re.compile(r"(?<![\w.-])(?:[\w-]+\.)+(?:vn|com|net|org|gov|edu|info|io)(?![\w-])", re.IGNORECASE)
    assert not {name for path in FILES for name in named.findall(words_of(path))}


def test_every_table_of_facts_stands_in_the_example() -> None:
    assert set(TABLES) == {path.stem for path in FILES if path.suffix in {".csv", ".xlsx"}} - {"agencies"}


def test_the_readme_tells_a_story_of_every_agency() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \|", (CITY / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    listed = [line.split(",")[0] for line in (CITY / "agencies.csv").read_text(encoding="utf-8").splitlines()[1:]]
    assert told == listed
    assert {path.name for path in (CITY / "facts").iterdir()} == set(listed) - {"dac-khu-hon-nhan"}


def test_the_word_file_says_what_the_text_says() -> None:
    document = docx.Document(str(FORMATS / "letter.docx"))
    written = [part.text for part in document.element.body.iter() if part.tag.endswith("}t") and part.text]
    text = (CITY / "letter.txt").read_text(encoding="utf-8")
    assert sorted(" ".join(written).split()) == sorted(text.split())


def test_the_pdf_says_what_the_text_says_on_four_pages() -> None:
    document = pypdfium2.PdfDocument(FORMATS / "letter.pdf")
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    # PDFium gives a hyphen at the end of a line as U+0002 or U+FFFE; each page has its number.
    printed = re.sub("[\x02\ufffe]", "-", "".join(pages))
    text = (CITY / "letter.txt").read_text(encoding="utf-8")
    assert len(pages) == 4
    assert sorted("".join(printed.split())) == sorted("".join(text.split()) + "1234")


def test_the_mail_carries_the_pdf_and_the_scan_has_no_text() -> None:
    mail = email.message_from_bytes((FORMATS / "letter.eml").read_bytes(), policy=email.policy.default)
    attached = [part.get_content() for part in mail.iter_attachments()]
    assert attached == [(FORMATS / "letter.pdf").read_bytes()]
    scan = pypdfium2.PdfDocument(FORMATS / "scan.pdf")
    assert [page.get_textpage().get_text_range() for page in scan] == [""]
    scan.close()
