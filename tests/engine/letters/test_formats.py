"""The same letter in every format: one letter, one tree, one text."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from haidang.engine.errors import UnreadableParcel
from haidang.engine.letters.letter import Clause
from haidang.engine.letters.shape import to_json
from haidang.parcels import read_letter_file

ROOT = Path(__file__).parents[3]
FORMATS = ROOT / "tests" / "golden" / "letters" / "formats"
LETTER = ROOT / "content" / "examples" / "letter.txt"


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    return to_json(read_letter_file(str(LETTER)).letter)


@pytest.mark.parametrize("name", ["letter.docx", "letter.pdf", "letter.eml"])
def test_every_format_gives_what_the_text_gives(name: str, expected: dict[str, Any]) -> None:
    got = to_json(read_letter_file(str(FORMATS / name)).letter)
    for key, value in expected.items():
        assert got[key] == value, key


def test_every_format_gives_the_same_normalised_text_below_its_head() -> None:
    letter = read_letter_file(str(LETTER)).letter
    for name in ("letter.docx", "letter.pdf", "letter.eml"):
        other = read_letter_file(str(FORMATS / name)).letter
        assert other.text[other.preamble[0] :] == letter.text[letter.preamble[0] :], name


def has_vietnamese_ocr() -> bool:
    if shutil.which("tesseract") is None:
        return False
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False)
    return "vie" in listed.stdout.split()


@pytest.mark.skipif(not has_vietnamese_ocr(), reason="Tesseract with its Vietnamese data is not installed")
def test_a_scanned_page_reads_by_ocr_and_says_so() -> None:
    pytest.importorskip("pytesseract", reason="the extra “ocr” is not installed")
    scan = read_letter_file(str(FORMATS / "scan.pdf")).letter
    kinds = {clause.ref: clause.kind for clause in walk(scan.clauses)}
    whole = {clause.ref: clause.kind for clause in walk(read_letter_file(str(LETTER)).letter.clauses)}
    assert kinds
    assert kinds == {ref: whole.get(ref) for ref in kinds}
    assert [gap.kind for gap in scan.gaps].count("read_by_ocr") == 1


def walk(clauses: tuple[Clause, ...]) -> list[Clause]:
    return [each for clause in clauses for each in (clause, *walk(clause.children))]


def test_a_scan_without_ocr_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    pytesseract = pytest.importorskip("pytesseract", reason="the extra “ocr” is not installed")
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", "no-such-program")
    with pytest.raises(
        UnreadableParcel, match=r"^scan\.pdf is a scan, and OCR is not installed: install Tesseract"
    ) as e:
        read_letter_file(str(FORMATS / "scan.pdf"))
    assert "\n" not in str(e.value)
