"""The reader against a key made by hand, over letters that are not part of the project.

The letters stand beside a checkout (`../shared/letters`); without them the test is skipped. The key says what a person
found: never a sentence of a letter. Letters under 200 other than 000 are reworded fixtures: counted apart. A letter
cited twice counts once; an issuer that only the source knows, and the text does not name, is no issuer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from haidang.engine.letters.letter import Clause, Letter
from haidang.engine.text import fold
from haidang.parcels import read_letter_file

LETTERS = Path(__file__).parents[4] / "shared" / "letters"
pytestmark = pytest.mark.skipif(not LETTERS.is_dir(), reason=f"the private letters are not at {LETTERS}")

MS_03_2024 = "2024-26198 21407 21408 21334 21426 21411"


@dataclass(frozen=True)
class Key:
    """What a person reads in a letter. `top`, `sub`: refs of the orders at the first and second level."""

    issuer: str = ""
    number: str | None = None
    notation: str | None = None
    date: str | None = None
    addressees: int = 0
    top: str = ""
    sub: str = ""
    cves: str = ""
    citations: str = ""
    deadlines: str = ""
    contacts: tuple[tuple[int, int], ...] = ()


KEY = {
    "000-haiphong-tet-2024": Key(
        issuer="so thong tin va truyen thong",
        notation="STTTT-BCVT",
        addressees=6,
        top="1 2",
        sub="1.a 1.b 1.c 1.d 1.đ 1.e 2.a 2.b 2.c",
        citations="1943/CATTT-NCSC=2023-11-01 2216/CATTT-NCSC=2023-12-12",
        contacts=((2, 1), (2, 1), (1, 0)),
    ),
    "103": Key(
        "cong nghe thong tin|bo y te", "61", "CNTT-YTĐT", "2022-01-21", 4, "a b c",
        cves="2022-21907 21846 21969 21855 21857 21840 21911 21836 21841",
        citations="56/CATTT-NCSC=2022-01-12",
    ),
    "104": Key(
        "an toan thong tin", "315", "CATTT-NCSC", "2022-03-09", 4, "-7 -8",
        cves="2022-21990 23285 24459 24508 23277 21967 22006", contacts=((1, 1),),
    ),
    "105": Key(
        "an toan thong tin", "674", "CATTT-NCSC", "2022-05-11", 4, "1 2",
        cves="2022-26925 26937 29972 26923 21978", contacts=((1, 1),),
    ),
    "107": Key(
        "so thong tin va truyen thong|thai nguyen", None, "STTTT-CNTT", None, 4, "1 2 3", "1.-1 1.-2 2.-1 2.-2 3.-1",
        citations="02/BC-CATTT=2023-01-10",
    ),
    "108": Key(
        "trung tam cong nghe thong tin va truyen thong|thanh hoa", "111", "TTCNTT&TT-QTHT", "2024-03-28", 2, "1 2",
        cves=MS_03_2024, contacts=((1, 1),),
    ),
    "111": Key(
        date="2024-08-05", top="p1", sub="p1.-1 p1.-2 p1.-3",
        cves="2024-21410 21413 21378 21399 21412 21379 21384 20673 21351",
    ),
    "112": Key(
        top="1 2",
        cves="2024-43491 38018 38227 38228 43464 43461 21416 38045 38014 43463 38226 38217 43487", contacts=((1, 1),),
    ),
    "119": Key(
        "so thong tin va truyen thong|nghe an", None, "STTTT-CNTT", None, 3, "I II", "I.1 I.2 I.3 I.4 II.1 II.2",
        cves="2022-30190", citations="1684/STTTT-CNTT=2022-10-11 867/STTTT-CNTT=2022-06-02",
    ),
    "121": Key("thanh hoa", addressees=2, top="-1 -2 -3", contacts=((1, 1), (1, 1), (1, 1))),
    "126": Key(date="2020-05-06", top="p1 p2", citations="17/TB-BCA-A05=2020-04-17"),
    "127": Key(
        "ung cuu khan cap may tinh", "298", "VNCERT-ĐPƯC", "2017-09-07", 6, "1 2 3",
        deadlines="2017-09-30", contacts=((1, 1),),
    ),
    "128": Key("ung cuu khan cap may tinh", "144", "VNCERT-ĐPƯC", None, 6, "1 2 3 4"),
    "132": Key(
        "an toan thong tin", "476", "CATTT-NCSC", "2024-03-30", 3, "1 2 3 4 5 6 7",
        deadlines="2024-04-15 2024-09-30",
    ),
    "134": Key(
        "an toan thong tin", "2074", "CATTT-NCSC", "2023-11-22", 1, "1 2",
        cves="2023-36397 36400 36025 36038 36439 36033 36036 36041 36413 38177", contacts=((1, 1),),
    ),
    "202": Key("thu tuong", "47", "CĐ-TTg", "2026-07-11", 2, "1 2 3 4", "1.a 1.b"),
}  # fmt: skip
REAL = ("000-haiphong-tet-2024", "202")


def cells(name: str) -> Iterator[tuple[str, object, object]]:
    """Give (cell, what the key says, what the reader says)."""
    key, letter = KEY[name], read_letter_file(str(LETTERS / f"{name}.txt")).letter
    issuer = fold(letter.issuer or "")
    yield "issuer", True, all(part in issuer for part in key.issuer.split("|")) if key.issuer else not issuer
    yield "number", (key.number, key.notation), (letter.number, letter.notation)
    yield "date", key.date, letter.date.isoformat() if letter.date else None
    yield "addressees", key.addressees, len(letter.addressees)
    yield "top orders", key.top.split(), refs(letter.clauses)
    yield "sub orders", key.sub.split(), [ref for clause in letter.clauses for ref in refs(clause.children)]
    year, *codes = key.cves.split("-") if key.cves else ("",)
    yield "CVE ids", {f"CVE-{year}-{code}" for code in " ".join(codes).split()}, set(letter.cves)
    cited = [f"{c.number}={c.date.isoformat() if c.date else ''}" for c in letter.citations]
    yield "citations", sorted(key.citations.split()), sorted(cited)
    due = [d.date.isoformat() for d in letter.dates if d.kind == "deadline"]
    yield "deadlines", key.deadlines.split(), due
    yield "contacts", list(key.contacts), [(len(c.phones), len(c.emails)) for c in letter.contacts]


def refs(clauses: tuple[Clause, ...]) -> list[str]:
    return [clause.ref for clause in clauses if clause.kind == "order"]


@pytest.mark.parametrize("name", KEY)
def test_a_letter_reads_as_its_key_says(name: str) -> None:
    wrong = [cell for cell in cells(name) if cell[1] != cell[2]]
    assert not wrong


def test_every_letter_has_a_key() -> None:
    assert {path.stem for path in LETTERS.glob("*.txt")} == set(KEY)


def test_the_score_over_the_key(capsys: pytest.CaptureFixture[str]) -> None:
    score: dict[str, list[bool]] = {}
    for name in KEY:
        for cell, expected, got in cells(name):
            score.setdefault(f"{cell}, {'real' if name in REAL else 'reworded'}", []).append(expected == got)
    with capsys.disabled():
        print()
        for row, hits in sorted(score.items()):
            print(f"{row:28} {sum(hits):3} of {len(hits)}")
    assert all(all(hits) for hits in score.values())


@pytest.fixture(scope="module")
def real() -> Letter:
    return read_letter_file(str(LETTERS / "000-haiphong-tet-2024.txt")).letter


def test_the_real_letter_has_its_annex_whole(real: Letter) -> None:
    blocks = [block for annex in real.annexes for block in annex.blocks]
    assert [len(block.units) for block in blocks] == [26, 15, 13, 7, 12, 9, 6]
    for block in blocks:
        assert [unit.row for unit in block.units] == list(range(1, len(block.units) + 1))
    # Row by row, the names and headings give back every letter of the page behind the table's own heading.
    page = re.sub(r"\W+", "", (LETTERS / "000-haiphong-tet-2024.txt").read_text("utf-8").replace("\f", " "))
    for block in blocks:
        rows = [re.sub(r"\W+", "", f"{unit.row}{unit.name}") for unit in block.units]
        assert all(row in page for row in rows)
        assert sum("".join(pair) in page for pair in pairwise(rows)) >= len(rows) - 2


def test_the_real_letter_is_signed(real: Letter) -> None:
    assert real.signatory is not None
    assert real.signatory.title == "KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC"
    assert real.signatory.name


def test_the_real_letter_has_its_contacts_in_clause_3(real: Letter) -> None:
    assert real.clauses[2].ref == "3"
    assert real.clauses[2].kind == "contact"
    assert {contact.clause for contact in real.contacts} == {"3.-1", "3.-2", "3.-3"}
    assert [contact.person is not None for contact in real.contacts] == [False, False, True]


def test_the_real_letter_names_its_products(real: Letter) -> None:
    assert [(p.name, p.written) for p in real.products] == [
        ("F5 BIG-IP", "F5 BIG-IP"),
        ("Zimbra", "Zimba"),
        ("Microsoft", "Microsoft"),
    ]


def test_the_real_letter_lacks_what_it_lacks(real: Letter) -> None:
    kinds = [gap.kind for gap in real.gaps]
    for kind in ("blank_number", "blank_date", "lost_label", "no_deadline", "no_reporting_clause", "head_missing"):
        assert kinds.count(kind) == 1, kind
    orphans = [gap.text.split()[0] for gap in real.gaps if gap.kind == "order_without_recipient"]
    assert orphans == ["2.a", "2.b", "2.c"]
    assert kinds.count("cited_letter_missing") == 2
    assert kinds.count("misspelled_product") == 1


def test_the_real_letter_asks_for_sixteen_measures(real: Letter) -> None:
    def walk(clauses: tuple[Clause, ...]) -> Iterator[Clause]:
        for clause in clauses:
            yield clause
            yield from walk(clause.children)

    asked = {measure for clause in walk(real.clauses) for measure in clause.measures}
    assert len(asked) == 16, asked
