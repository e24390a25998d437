"""Which lines are head, addressees, body, recipients, signature and annexes, by the form of Nghị định 30/2020/NĐ-CP."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from haidang.engine.letters.lines import Line, blanks_mean_nothing
from haidang.engine.text import fold

MOTTO = re.compile(
    r"cong\s+hoa\s+xa\s+hoi\s+chu\s+nghia\s+viet\s+nam|doc\s+lap\s*-\s*tu\s+do\s*-\s*hanh\s+phuc|dang\s+cong\s+san\s+viet\s+nam"
)
SEND_TO = re.compile(r"(?:kinh\s+gui|noi\s+nhan\s+van\s+ban|.{3,90}\bdien)\s*:\s*|kinh\s+gui\b\s*:?\s*")
RECIPIENTS = re.compile(r"noi\s+nhan\s*:?\s*")
ANNEX = re.compile(r"phu\s+luc(?:\s+so)?(?:\s*\d{1,2}|\s+[ivx]{1,4})?(?=\s*$|\s*[.:(\-]|\s+[^\s])")
NUMBER_LINE = re.compile(r"\bso\s*:?[\s.…_]{0,40}(?:\d+[a-z]?)?[\s.…_]{0,40}(?:/\s*[a-z]|-\s*[a-z]{1,4}\s?/\s?[a-z])")
SUBJECT_LINE = re.compile(r"v/v\b|v\s*/\s*v\s*:|ve\s+viec\b|trich\s+yeu\s*:")
PLACE_DATE = re.compile(
    r"(?P<place>[^\W\d][\w .'-]{1,40}?)\s*,\s*(?:ngay|ngay\s)\s*(?P<day>\d{0,2}|[.…_\s]{0,40}?)[\s.…_]{0,40}thang\s*(?P<month>\d{0,2})[\s.…_]{0,40}nam\s*"
    r"(?P<year>(?:\d\s?){0,4})"
    r"|(?P<place2>[^\W\d][\w .'-]{1,40}?)\s*,\s*ngay\s*(?P<day2>\d{1,2})\s*[/.-]\s*(?P<month2>\d{1,2})\s*[/.-]\s*(?P<year2>\d{4})"
)
KINDS_OF_DOCUMENT = re.compile(
    r"(?:cong\s+van|cong\s+dien(?:\s+khan)?|chi\s+thi|thong\s+bao|ke\s+hoach|lenh\s+dieu\s+phoi|huong\s+dan|quyet\s+dinh|to\s+trinh|"
    r"bao\s+cao|thu\s+moi|giay\s+moi|canh\s+bao|phieu\s+chuyen)"
)
URGENCY = re.compile(r"(?:hoa\s+toc|thuong\s+khan|khan)(?:\s+hen\s+gio)?")

_POST = (
    r"(?:pho\s+)?(?:(?:tong\s+)?giam\s+doc|(?:tong\s+)?cuc\s+truong|chi\s+cuc\s+truong|chu\s+tich|bo\s+truong|thu\s+truong|thu\s+tuong|"
    r"chanh\s+(?:van\s+phong|thanh\s+tra)|vu\s+truong|truong\s+(?:ban|phong|cong\s+an|doan)|vien\s+truong|hieu\s+truong|bi\s+thu|"
    r"cham\s+van\s+phong|chu\s+nhiem|tong\s+bien\s+tap|chi\s+huy\s+truong|thuong\s+truc)"
)
_ON_BEHALF = r"(?:(?:kt|tm|tl|tuq|q)\.?\s*\.?|k/t|t/m|t/l)\s*"
SIGNING = re.compile(rf"(?:{_ON_BEHALF}[^\d;:,]{{3,80}}|{_POST}(?:\s+[^\d;:,.]{{0,60}})?)")
_BEHALF = re.compile(r"(?:(?:kt|tm|tl|tuq|q)\s*\.|k/t|t/m|t/l)\s*\S")
_BODY_BEGINS = re.compile(
    r"(?:[ivx]{1,4}|\d{1,2}|[a-zđ])\s*[.)/]\s|\(\d{1,2}\)\s|thu\s+nhat\b|(?:thuc\s+hien|can\s+cu|nham|de\s+)\b"
)
_DASH = re.compile(r"^\s*[-–—−+•*●▪]\s*")


@dataclass(slots=True)
class Regions:
    """The lines of a letter, each in exactly one region, all in reading order within it."""

    head: list[Line] = field(default_factory=list)
    addressees: list[Line] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    recipients: list[Line] = field(default_factory=list)
    signature: list[Line] = field(default_factory=list)
    annexes: list[Line] = field(default_factory=list)
    has_send_to: bool = False


def is_caps(text: str) -> bool:
    """Tell a line in capitals (abbreviations and one stray lower-case letter allowed)."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 2 and sum(c.isupper() for c in letters) >= 0.85 * len(letters)


def is_signing(line: str) -> bool:
    """Tell a line of the signature: the authority or the post of who signs."""
    folded = fold(line)
    if len(line) > 90 or not SIGNING.fullmatch(folded.rstrip(" .,")):
        return False
    return is_caps(line) or bool(_BEHALF.match(folded))


def split(lines: Sequence[Line]) -> Regions:
    """Find the regions."""
    regions = Regions()
    letter_end = _annex_start(lines)
    regions.annexes = list(lines[letter_end:])
    front = _columns_apart(list(lines[:letter_end]))
    send_to = next(
        (at for at, line in enumerate(front) if SEND_TO.match(fold(line.text)) and len(line.text) < 2000), None
    )
    if send_to is not None and any(line.text.rstrip().endswith("./.") for line in front[:send_to]):
        send_to = None
    foot = _foot_start(front, (send_to or 0) + 1)
    if send_to is None:
        body_start = _head_length(front[:foot])
        regions.head = front[:body_start]
    else:
        regions.has_send_to = True
        regions.head = front[:send_to]
        body_start = _after_addressees(front, send_to, foot)
        regions.addressees = front[send_to:body_start]
    regions.body = front[body_start:foot]
    _split_foot(front[foot:], regions)
    return regions


def _annex_start(lines: Sequence[Line]) -> int:
    """Find the heading of the first annex: alone on its line, after the body began."""
    seen_end = False
    for at, line in enumerate(lines):
        folded = fold(line.text)
        seen_end = seen_end or bool(RECIPIENTS.match(folded)) or "./." in line.text or is_signing(line.text)
        if at < 3:
            continue
        found = ANNEX.match(folded)
        if found and _heads_annex(line.text, found.end(), after_end=seen_end):
            return at
        if seen_end and is_caps(line.text) and folded.startswith(("danh sach", "bieu mau", "mau so", "bang tong hop")):
            return at
    return len(lines)


def _heads_annex(text: str, end: int, *, after_end: bool) -> bool:
    rest = text[end:].strip(" .:-")
    if not rest:
        return True
    if text[:7].isupper():  # "PHỤ LỤC (trích…)", "PHỤ LỤC DANH SÁCH…"
        return len(text) < 200
    return after_end and (is_caps(rest) or rest.startswith("("))


def _columns_apart(lines: list[Line]) -> list[Line]:
    """Read the two columns of head and foot one after the other where a page sets them side by side."""
    out: list[Line] = []
    at = 0
    while at < len(lines):
        if not _side_by_side(lines[at]):
            out.append(lines[at])
            at += 1
            continue
        end = at
        while end < len(lines) and (_side_by_side(lines[end]) or _joins_columns(lines, end)):
            end += 1
        run = lines[at:end]
        for column in (0, 1):
            for line in run:
                cells = line.cells if len(line.cells) == 2 else (line.text, "") if column == 0 else ("", "")
                if len(cells) > column and cells[column]:
                    out.append(
                        Line(
                            cells[column],
                            (cells[column],),
                            line.after_blank and column == 0,
                            line.page,
                            whole=line.whole,
                        )
                    )
        at = end
    return out


def _side_by_side(line: Line) -> bool:
    """Tell a line that holds something of a head or foot in each of two columns."""
    if len(line.cells) != 2 or line.row:
        return False
    left, right = (fold(cell) for cell in line.cells)
    return bool(
        MOTTO.search(right)
        or PLACE_DATE.match(right)
        or RECIPIENTS.match(left)
        or (is_signing(line.cells[1]) and (left.startswith("-") or is_caps(line.cells[1])))
    )


def _joins_columns(lines: list[Line], at: int) -> bool:
    """A list of recipients beside a signature goes on while its lines stay dashed."""
    line = lines[at]
    return (
        at > 0
        and len(line.cells) <= 2
        and bool(_DASH.match(line.text))
        and any(RECIPIENTS.match(fold(before.text)) for before in lines[max(0, at - 25) : at])
    )


def _foot_start(lines: Sequence[Line], start: int) -> int:
    for at in range(start, len(lines)):
        if RECIPIENTS.match(fold(lines[at].text)) and len(lines[at].text) < 60:
            return at
        if is_signing(lines[at].text) and at > start + 1:
            return at
    return len(lines)


_COPIES = re.compile(r"noi\s+nhan\s*:|[-–]")


def _foot_apart(line: Line) -> list[Line]:
    """Cut "- Như trên; KT. CHỦ TỊCH", where the two columns of the foot were merged on a line."""
    if len(line.text) > 200 or not _COPIES.match(fold(line.text)):
        return [line]
    for edge in re.finditer(r"(?<=[;,.:])\s+", line.text):
        left, right = line.text[: edge.start()], line.text[edge.end() :]
        if is_caps(right) and is_signing(right):
            return [replace(line, text=left, cells=(left,)), replace(line, text=right, cells=(right,))]
    return [line]


def _split_foot(lines: Sequence[Line], regions: Regions) -> None:
    here = regions.signature
    for line in (part for whole in lines for part in _foot_apart(whole)):
        folded = fold(line.text)
        if RECIPIENTS.match(folded):
            here = regions.recipients
        elif is_signing(line.text):
            here = regions.signature
        elif here is regions.signature and _DASH.match(line.text) and regions.recipients:
            here = regions.recipients
        elif here is regions.recipients and regions.signature and _ends_copies(here[-1], line):
            here = regions.signature
        here.append(line)


def _ends_copies(last: Line, line: Line) -> bool:
    """The list of recipients ends with "Lưu: …"; what follows undashed is the signer's."""
    return bool(re.match(r"[-–]?\s*luu\b", fold(last.text))) and not _DASH.match(line.text) and last.text[-1] in ".;"


def _head_length(lines: Sequence[Line]) -> int:
    """Count the lines of a head that no "Kính gửi" closes."""
    marks = [at for at, line in enumerate(lines[:40]) if _is_head_mark(line.text)]
    last = marks[-1] if marks else -1
    # A mark far inside a running text is a mention, not a head.
    if any(len(line.text) > 250 for line in lines[: last + 1]):
        last = -1
    end = last + 1
    if (
        last >= 0
        and names_its_kind(lines[last].text)
        and end < len(lines)
        and not _BODY_BEGINS.match(fold(lines[end].text))
    ):
        end += 1
        while end < min(len(lines), last + 5) and lines[end].text[0].islower():
            end += 1
    if last >= 0 and SUBJECT_LINE.match(fold(lines[last].text)):
        while (
            end < len(lines)
            and not lines[end].after_blank
            and not _BODY_BEGINS.match(fold(lines[end].text))
            and end < last + 4
        ):
            end += 1
    if end == 0 and lines and _is_title(lines):
        end = 1
        if len(lines) > 1 and re.match(r"\(?ngay\b|cap nhat", fold(lines[1].text)) and len(lines[1].text) < 60:
            end = 2
    return end


def names_its_kind(text: str) -> bool:
    """Tell the title of a document that goes out under its kind ("CHỈ THỊ", "KẾ HOẠCH"), not as a letter to somebody."""
    return is_caps(text) and bool(KINDS_OF_DOCUMENT.fullmatch(fold(text).strip()))


def _is_title(lines: Sequence[Line]) -> bool:
    first = lines[0].text
    return len(lines) > 1 and len(first) < 160 and first[-1] not in ".:;," and not _DASH.match(first)


def _is_head_mark(text: str) -> bool:
    folded = fold(text[:400])
    return bool(
        MOTTO.search(folded)
        or (len(text) < 120 and folded.startswith("so") and NUMBER_LINE.search(folded))
        or SUBJECT_LINE.match(folded)
        or (PLACE_DATE.match(folded) and len(text) < 70)
        or (is_caps(text) and (KINDS_OF_DOCUMENT.fullmatch(folded.strip()) or URGENCY.fullmatch(folded.strip(" !"))))
    )


def _after_addressees(lines: Sequence[Line], send_to: int, foot: int) -> int:
    """Find the first line of the body: the list of addressees is dashed, or goes on while lines end with “;”."""
    first = SEND_TO.sub("", fold(lines[send_to].text), count=1).strip()
    at = send_to + 1
    blanks_speak = not blanks_mean_nothing(list(lines))
    if first and not first.endswith((";", ",")) and not (at < foot and _DASH.match(lines[at].text)):
        # On one line; it goes on while the line is unfinished, begins in the middle or breaks a list.
        while at < foot and _goes_on(lines, at, blanks_speak):
            at += 1
        return at
    dashed = at < foot and bool(_DASH.match(lines[at].text))
    while at < foot:
        line, before = lines[at], lines[at - 1].text.rstrip()
        closed = at > send_to + 1 and (
            before.endswith((".", ":")) or (before.endswith(";") is False and blanks_speak and line.after_blank)
        )
        if dashed and _DASH.match(line.text):
            if closed and before.endswith("."):
                break
        elif (
            closed or (dashed and before.endswith((".", ";")) and not line.text[0].islower()) or (dashed and line.whole)
        ):
            break
        at += 1
    return at


def _goes_on(lines: Sequence[Line], at: int, blanks_speak: bool) -> bool:
    before, line = lines[at - 1].text.rstrip(), lines[at]
    if line.whole:
        return before.endswith(";")
    if before.endswith((".", ":")) or (blanks_speak and line.after_blank and not before.endswith((";", ","))):
        return False
    return before.endswith((";", ",")) or line.text[0].islower()
