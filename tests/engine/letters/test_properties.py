"""What holds for every text whatever: nothing is lost, nothing overlaps, and encoding changes nothing."""

import textwrap
import unicodedata
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.engine.errors import UnreadableParcel
from haidang.engine.letters import read_letter
from haidang.engine.letters.letter import Clause, Letter
from haidang.engine.letters.shape import to_json
from haidang.engine.text import squeeze

LINES = [
    "",
    "SỞ Y TẾ",
    "Số: 12/SYT-VP",
    "Số:   /SYT-VP",
    "V/v an toàn",
    "Kính gửi: Các đơn vị.",
    "Kính gửi:",
    "- Các phòng;",
    "1. Rà soát hệ thống;",
    "a) Cập nhật bản vá",
    "1.1. Báo cáo kết quả",
    "I. NHIỆM VỤ",
    "Thứ nhất, rà soát",
    "+ Máy chủ",
    "Đề nghị các đơn vị thực hiện:",
    "Trân trọng./.",
    "Nơi nhận:",
    "KT. GIÁM ĐỐC",
    "PHÓ GIÁM ĐỐC",
    "Nguyễn Văn A",
    "PHỤ LỤC",
    "STT Đơn vị",
    "1 Sở Y tế",
    "2",
    "Phòng Y tế",
    "CVE-2024-12345",
    "trước ngày 12/3/2026",
    "điện thoại 0900.000.001",
    "SỞ Y TẾ      CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "| a | b |",
    "(Kèm theo Công văn số 12/SYT-VP)",
    "\f",
    "./.",
    "(1)",
    "a)",
    "Đề nghị: (1) rà soát; (2) báo cáo; (3) cập nhật.",
    "Đề nghị Sở Y tế rà soát, báo cáo và cập nhật.",
    "trước ngày",
    "liên hệ:",
]
# Control bytes tell text from other files, so what holds of encodings holds of texts without them.
WRITTEN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
TEXTS = st.one_of(
    st.lists(st.sampled_from(LINES), max_size=40).map("\n".join),
    st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=30)), max_size=25).map("\n".join),
)
PATIENT = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(text: str) -> Letter | None:
    try:
        return read_letter(text.encode("utf-8", "surrogatepass"), "x.txt")
    except UnreadableParcel:
        return None


def check(letter: Letter) -> None:
    text = letter.text
    body = letter.preamble[0]
    at = letter.preamble[1]
    assert 0 <= body <= at
    for clause in letter.clauses:
        check_clause(clause)
        assert set(text[at : clause.span[0]]) <= {"\n", " "}, text[at : clause.span[0]]
        at = clause.span[1]
    assert set(text[at : letter.closing[0]]) <= {"\n", " "}, text[at : letter.closing[0]]
    assert letter.closing[0] <= letter.closing[1] <= len(text)
    every = [clause.ref for clause in walk(letter.clauses)]
    assert len(every) == len(set(every)), every
    for start, end in [c.span for c in letter.citations] + [p.span for p in letter.products]:
        assert 0 <= start < end <= len(text)


def check_clause(clause: Clause) -> None:
    start, end = clause.span
    assert start <= end
    at = start
    for child in clause.children:
        assert at <= child.span[0] <= child.span[1] <= end
        check_clause(child)
        at = child.span[1]


def walk(clauses: tuple[Clause, ...]) -> list[Clause]:
    return [each for clause in clauses for each in (clause, *walk(clause.children))]


@PATIENT
@given(TEXTS)
def test_no_text_breaks_the_reader_and_none_loses_a_character(text: str) -> None:
    letter = read(text)
    if letter:
        check(letter)


@PATIENT
@given(st.lists(st.one_of(st.sampled_from(LINES), WRITTEN), max_size=30).map("\n".join))
def test_encoding_changes_nothing(text: str) -> None:
    letter = read(text)
    for other in (unicodedata.normalize("NFD", text), text.replace("\n", "\r\n")):
        same = read(other)
        assert (letter is None) == (same is None)
        if letter and same:
            assert to_json(letter) == to_json(same)


WORDS = [
    "rà",
    "soát",
    "hệ",
    "thống",
    "máy",
    "chủ",
    "cập",
    "nhật",
    "bản",
    "vá",
    "của",
    "đơn",
    "vị",
    "và",
    "theo",
    "dõi",
    "nhật",
    "ký",
    "trong",
    "giờ",
    "làm",
    "việc",
    "cho",
    "đến",
    "khi",
    "xong",
]
VERBS = ["Rà soát", "Cập nhật", "Theo dõi", "Bố trí", "Kiểm tra", "Phối hợp"]
STYLES = {
    "arabic": [f"{n}." for n in range(1, 10)],
    "arabic)": [f"{n})" for n in range(1, 10)],
    "arabic/": [f"{n}/" for n in range(1, 10)],
    "paren": [f"({n})" for n in range(1, 10)],
    "roman": ["I.", "II.", "III.", "IV.", "V.", "VI."],
    "letter": ["a)", "b)", "c)", "d)", "đ)", "e)", "g)"],
    "letter.": ["a.", "b.", "c.", "d.", "đ.", "e.", "g."],
    "ordinal": [f"Thứ {n}," for n in ("nhất", "hai", "ba", "tư", "năm", "sáu")],
}
FIRST = ["arabic", "arabic)", "arabic/", "paren", "roman", "ordinal"]
SECOND = ["letter", "letter.", "dash"]


@dataclass(frozen=True)
class Made:
    text: str
    expected: list[tuple[str, str]]


@st.composite
def made_letters(draw: st.DrawFn) -> Made:
    first, second = draw(st.sampled_from(FIRST)), draw(st.sampled_from(SECOND))
    width, blanks = draw(st.integers(56, 110)), draw(st.booleans())
    sentence = st.builds(
        lambda verb, words: f"{verb} {' '.join(words)}.",
        st.sampled_from(VERBS), st.lists(st.sampled_from(WORDS), min_size=3, max_size=40),
    )  # fmt: skip
    paragraphs, expected = ["Sở Y tế đề nghị các đơn vị thực hiện:"], []
    for at in range(draw(st.integers(2, 5))):
        words, label = draw(sentence), STYLES[first][at]
        paragraphs.append(f"{label} {words}")
        ref = str(at + 1) if first == "ordinal" else label.strip("()./,")
        expected.append((ref, words))
        for below in range(draw(st.integers(0, 4))):
            words = draw(sentence)
            label = "-" if second == "dash" else STYLES[second][below]
            paragraphs.append(f"{label} {words}")
            expected.append((f"{ref}.-{below + 1}" if second == "dash" else f"{ref}.{label.strip(').')}", words))
    head = [
        "UBND TỈNH HẢI TRIỀU",
        "SỞ Y TẾ",
        "Số: 12/SYT-VP",
        "V/v an toàn thông tin",
        "Kính gửi: Các đơn vị trực thuộc.",
    ]
    lines = [*head, *(line for words in paragraphs for line in textwrap.wrap(words, width)), "Trân trọng./."]
    lines += ["Nơi nhận:", "- Như trên;", "- Lưu: VT.", "GIÁM ĐỐC", "Nguyễn Văn A"]
    return Made(("\n\n" if blanks else "\n").join(lines), expected)


@PATIENT
@given(made_letters())
def test_a_made_letter_comes_back_clause_by_clause(made: Made) -> None:
    letter = read(made.text)
    assert letter is not None
    got = [(clause.ref, squeeze(clause.text)) for clause in walk(letter.clauses)]
    assert got == made.expected
    check(letter)
