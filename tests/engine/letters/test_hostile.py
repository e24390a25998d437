"""Files that are no letter, and texts made to be slow: one sentence, quickly."""

import io
import random
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from haidang.engine.errors import UnreadableParcel
from haidang.engine.letters import read_letter
from haidang.engine.letters.products import read_product_names
from haidang.engine.letters.reader import MOST_BYTES, MOST_CHARACTERS_A_LINE

ROOT = Path(__file__).parents[3]
FORMATS = ROOT / "tests" / "golden" / "letters" / "formats"
PRODUCTS = read_product_names((ROOT / "content" / "products.yaml").read_bytes())
MOST_SECONDS = 5.0  # of the processor, so that a busy machine fails nothing
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def zipped(document: bytes, part: str = "word/document.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(part, document)
    return out.getvalue()


def lying_bomb() -> bytes:
    """A DOCX whose directory and header say that 100 bytes unfold, where it is 80 MB."""
    data = bytearray(zipped(b"<w/>" + b" " * 80_000_000))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        where = data.index(mark) + at
        data[where : where + 4] = struct.pack("<I", 100)
    return bytes(data)


def entity_bomb() -> bytes:
    entities = '<!ENTITY z "zzzzzzzzzz">'
    for before, name in pairwise("zabcdefgh"):
        entities += f'<!ENTITY {name} "{f"&{before};" * 10}">'
    body = (
        f"<!DOCTYPE w [{entities}]><w:document {W}><w:body><w:p><w:r><w:t>&h;</w:t></w:r></w:p></w:body></w:document>"
    )
    return zipped(body.encode())


def pdf(objects: list[str], trailer: str) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    return out + f"{table}trailer\n<<{trailer}>>\nstartxref\n{len(out)}\n%%EOF\n".encode()


def encrypted_pdf() -> bytes:
    key = "<" + "5a" * 32 + ">"
    lock = f"<</Filter/Standard/V 1/R 2/O {key}/U {key}/P -44>>"
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", page(), lock]
    return pdf(objects, "/Size 5/Root 1 0 R/Encrypt 4 0 R/ID[<01><01>]")


def page() -> str:
    return "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"


def many_pages(count: int) -> bytes:
    kids = " ".join(f"{3 + at} 0 R" for at in range(count))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {count}>>", *[page()] * count]
    return pdf(objects, f"/Size {count + 3}/Root 1 0 R")


ENGLISH = b"It was a fine morning, and the ship left the harbour before anybody had asked where she was bound.\n" * 20
CSV = "mã,tên,số máy\n".encode() + b"a1,So Y te,14\n" * 300
HOSTILE = {
    "empty": lambda: b"",
    "white space": lambda: b" \n\t\r\n  " * 50,
    "only rules": lambda: b"-----\n=====\n1\n",
    "random bytes": lambda: random.Random(7).randbytes(20_000),
    "jpeg": lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + random.Random(8).randbytes(5000),
    "csv": lambda: CSV,
    "english": lambda: ENGLISH,
    "nuls": lambda: b"K\0i\0n\0h\0" * 100,
    "only nuls": lambda: b"\0" * 5000,
    "html": lambda: b"<html><body><p>Hello</p></body></html>",
    "encrypted pdf": encrypted_pdf,
    "truncated pdf": lambda: (FORMATS / "letter.pdf").read_bytes()[:3000],
    "pdf mark only": lambda: b"%PDF-1.7\n",
    "pdf of 1,000 pages": lambda: many_pages(1000),
    "pdf without text": lambda: many_pages(2),
    "truncated docx": lambda: (FORMATS / "letter.docx").read_bytes()[:5000],
    "zip, no docx": lambda: zipped(b"hello", "hello.txt"),
    "docx without words": lambda: zipped(f"<w:document {W}><w:body/></w:document>".encode()),
    "docx of broken xml": lambda: zipped(b"<w:document><w:body>"),
    "zip bomb": lambda: zipped(b"<w/>" + b" " * 80_000_000),
    "lying zip bomb": lying_bomb,
    "entity bomb": entity_bomb,
    "old doc": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4000,
    "too large": lambda: b"a" * (MOST_BYTES + 1),
    "one line of 10 MB": lambda: b"a" * 10_000_000,
    "10 MB of words on one line": lambda: b"van ban " * 1_250_000,
    "mail without anything": lambda: b"From: a@example.vn\nSubject: b\nMIME-Version: 1.0\n\n",
    "json": lambda: b'{"a": [1, 2, 3], "b": "c"}' * 40,
}


@contextmanager
def quickly() -> Iterator[None]:
    before = time.process_time()
    yield
    took = time.process_time() - before
    assert took < MOST_SECONDS, f"{took:.1f} s"


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_letter_is_told_in_one_sentence(what: str) -> None:
    data = HOSTILE[what]()
    with quickly(), pytest.raises(UnreadableParcel) as error:
        read_letter(data, "file.bin", PRODUCTS)
    sentence = str(error.value)
    assert sentence.startswith("file.bin ")
    assert "\n" not in sentence
    assert len(sentence) < 240


SLOW = {
    "labels a)": "a) " * 33_000,
    "labels on lines": "a) x\n" * 20_000,
    "brackets": "(" * 100_000,
    "nested numbers": "1." * 50_000,
    "nested labels on lines": "1.1.1.1 x\n" * 10_000,
    "digits": "1" * 100_000,
    "spaced digits": "0 1 " * 25_000,
    "days": "ngày " * 20_000,
    "days with numbers": "ngày 1/1/20 " * 9_000,
    "orders": "đề nghị " * 12_000,
    "orders on lines": "đề nghị các đơn vị\n" * 5_000,
    "one paragraph of 1 MB": "Các đơn vị rà soát, cập nhật và báo cáo kết quả " * 20_000,
    "one paragraph of many lines": "Các đơn vị rà soát, cập nhật và báo cáo kết quả\n" * 20_000,
    "one paragraph without a space": "đ" * 500_000,
    "numbers": "12/ABC-" * 15_000,
    "number of …": "số " + "." * 100_000,
    "spaces": "số" + " " * 100_000 + "x",
    "CVE": "CVE-2024-" * 12_000,
    "at": "a@" * 50_000,
    "mail names": "a." * 50_000 + "@",
    "phones": "+84" * 30_000,
    "plus": "024." * 25_000,
    "bullets": "- " * 50_000,
    "bullets on lines": "- x\n" * 25_000,
    "contacts": "liên hệ: ông A " * 7_000,
    "of": "của " * 25_000,
    "capitals": "UBND " * 20_000,
    "capital lines": "SỞ Y TẾ\n" * 12_000,
    "addressees": "Kính gửi: " * 10_000,
    "addressee lines": "Kính gửi:\n- a;\n" * 6_000,
    "signing": "KT. " * 25_000,
    "signing lines": "KT. GIÁM ĐỐC\n" * 7_000,
    "annexes": "Phụ lục 1\n" * 10_000,
    "rows": "1 Sở\n" * 20_000,
    "row numbers": "".join(f"{at % 999}\n" for at in range(25_000)),
    "columns": "a   b\t\t" * 15_000,
    "pipes": "| a | b " * 12_000,
    "stars": "**a " * 25_000,
    "front matter": "---\n" + "a: b\n" * 20_000,
    "table rule": "|" + "---|" * 25_000 + "x",
    "quoted": "> " * 50_000,
    "Roman": "I. " * 30_000,
    "Microsoft": "Microsof Zimba " * 7_000,
    "inline": "(1) (2) " * 12_000,
    "sentence ends": "./. " * 25_000,
    "thanks": "Trân trọng" * 10_000,
}
FRAME = (
    "SỞ NỘI VỤ\nSố: 12/SNV-CĐS\nV/v thử\n\nKính gửi: Các sở.\n\nĐề nghị các sở:\n1. {}\n2. Báo cáo.\n{}\n"
    "Trân trọng./.\nNơi nhận:\n- Như trên.\nGIÁM ĐỐC\nNguyễn Văn A\n\nPHỤ LỤC\n{}"
)


@pytest.mark.parametrize("what", SLOW)
@pytest.mark.parametrize("where", ["alone", "in the clauses", "in the annex", "in the head"])
def test_no_text_makes_the_reader_slow(what: str, where: str) -> None:
    words = SLOW[what]
    text = {
        "alone": words,
        "in the clauses": FRAME.format(words, "", "1. a"),
        "in the annex": FRAME.format("a", "b", words),
        "in the head": words + "\n" + FRAME.format("a", "b", "c"),
    }[where]
    with quickly():
        try:
            read_letter(text.encode(), "file.txt", PRODUCTS)
        except UnreadableParcel:
            assert where != "in the clauses" or len(words) > MOST_CHARACTERS_A_LINE - 10


@pytest.mark.parametrize("what", ["empty", "jpeg", "english", "encrypted pdf", "truncated docx", "old doc"])
def test_the_command_line_says_so_and_prints_nothing(what: str, tmp_path: Path) -> None:
    file = tmp_path / "file.bin"
    file.write_bytes(HOSTILE[what]())
    done = subprocess.run(
        [sys.executable, "-m", "haidang.cli.main", "read", str(file), "--json"], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == b""
    assert len(done.stderr.decode().strip().splitlines()) == 1


def _docx(document: str, numbering: str = "") -> bytes:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        package.writestr("word/document.xml", f"<w:document {space}><w:body>{document}</w:body></w:document>")
        package.writestr("word/numbering.xml", f"<w:numbering {space}>{numbering}</w:numbering>")
    return held.getvalue()


def test_a_list_that_counts_from_a_million_million_is_no_trouble() -> None:
    level = '<w:lvl w:ilvl="0"><w:start w:val="1000000000000"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl>'
    lists = f'<w:abstractNum w:abstractNumId="0">{level}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    item = '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>Cập nhật bản vá.</w:t></w:r></w:p>'
    head = "<w:p><w:r><w:t>Kính gửi: Các đơn vị.</w:t></w:r></w:p><w:p><w:r><w:t>Đề nghị:</w:t></w:r></w:p>"
    assert "Cập nhật bản vá" in read_letter(_docx(head + item, lists), "x.docx").text


@pytest.mark.parametrize(
    "document",
    [
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="first"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>',
        "<w:p>" + "<w:ins>" * 20_000 + "<w:t>x</w:t>" + "</w:ins>" * 20_000 + "</w:p>",
    ],
    ids=["a level that is no number", "nested twenty thousand deep"],
)
def test_a_word_document_that_breaks_its_own_form_is_told(document: str) -> None:
    with pytest.raises(UnreadableParcel, match="broken Word document"):
        read_letter(_docx(document), "x.docx")
