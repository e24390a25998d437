"""Wrapped lines joined into paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from haidang.engine.letters.lines import Line
from haidang.engine.letters.regions import is_caps
from haidang.engine.text import fold

# What may begin an item: "I." "1." "1.2." "1)" "1/" "(1)" "a)" "a." "-" "+" "•" "Thứ nhất," "Điều 1."
LABEL = re.compile(
    r"""(?P<roman>(?:[IVX]{1,5})\s*[.)](?=\s|\b[^\W\d]{2}))
      | (?P<nested>\d{1,2}(?:\.\d{1,2}){1,3}\s*[.)]?(?=\s+\S))
      | (?P<arabic>\d{1,2}\s*(?:[.)]|/(?!\d))(?=\s|[^\W\d_]))
      | (?P<paren>\(\d{1,2}\)|\([ivx]{1,4}\)|\([a-zđ]\))
      | (?P<letter>[a-zđA-ZĐ]\s*[.)](?=\s|[^\W\d_]{2}))
      | (?P<article>(?:Điều|Mục|Phần|PHẦN|MỤC|ĐIỀU)\s+(?:\d{1,2}|[IVX]{1,4})\s*[.:]?)
      | (?P<ordinal>Thứ\s+(?:nhất|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín|mười)(?=[\s,:]))
      | (?P<dash>[-–—−•●▪*]\s*(?=\S))
      | (?P<plus>\+\s*(?=\S))
    """,
    re.VERBOSE,
)
_ENDS = (".", ";", ":", "!", "?", "./.", ".”", '."')
_TAIL = 400  # characters of a paragraph that tell whether the next line goes on with it
# An address, a domain, a link or a hash on a line of its own is an entry of a list.
_CODE = re.compile(r"(?=\S*[.:/\]]|[0-9a-fA-F]{32})\S*\w\S*[^.,;:]")
_STARTS_ALONE = re.compile(
    r"(?:\(?kem\s+theo|stt\b|tran\s+trong|noi\s+nhan|kinh\s+gui|phu\s+luc|dau\s+moi(?:\s+lien\s+he)?\s*:|lien\s+he\s*:|de\s+nghi\b|yeu\s+cau\b|tren\s+day\b)"
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with the cells of the table row it stands for (one cell: words). Spans are of the normalised text."""

    text: str
    start: int
    cells: tuple[str, ...] = ()

    @property
    def end(self) -> int:
        """Where it ends in the normalised text."""
        return self.start + len(self.text)


def join(lines: Sequence[Line], *, page_width: float | None = None, blanks_speak: bool = True) -> list[str]:
    """Join lines that were broken to fit the page.

    A line goes on in the next one when the next word did not fit, or when the next line begins in the middle of
    a sentence; never when the next line begins an item. `blanks_speak`: an empty line ends a paragraph.
    """
    width = page_width or max((len(line.text) for line in lines), default=0)
    out: list[list[str]] = []
    tail = ""
    for at, line in enumerate(lines):
        if at and _continues(lines[at - 1], line, tail, width, blanks_speak=blanks_speak):
            glue = "" if _splits_a_code(tail, line.text) else " "
            out[-1] += (glue, line.text)
            tail = f"{tail}{glue}{line.text}"[-_TAIL:]
        else:
            out.append([line.text])
            tail = line.text[-_TAIL:]
    return ["".join(parts) for parts in out]


def _splits_a_code(before: str, after: str) -> bool:
    """Tell a number cut behind its hyphen: "CVE-2024-" and "21413", "142/TTGS-" and "CB"."""
    if re.search(r"CVE-(?:\d{4}-)?$", before[-9:]):
        return after[:1].isdecimal()
    return bool(re.search(r"/[^\s/]*\w-$", before[-40:])) and after[:1].isalnum()


def _continues(last: Line, line: Line, before: str, width: float, *, blanks_speak: bool) -> bool:
    if last.whole or line.whole or line.row or last.row:
        return False
    if LABEL.match(line.text) and not _is_false_label(before, line.text):
        return False
    if blanks_speak and line.after_blank and line.page == last.page:
        return False
    if before.count("(") > before.count(")"):
        return True
    ended = before.endswith(_ENDS)
    if len(line.text) < 300 and _CODE.fullmatch(line.text):
        return False
    if line.text[0].islower():
        return True
    if _STARTS_ALONE.match(fold(line.text)) and (ended or is_caps(before)):
        return False
    return _is_full(last, line, width)


def _is_full(last: Line, line: Line, width: float) -> bool:
    """Tell whether the next line's first word would not have fitted behind the last line."""
    word = len(line.text.split(" ", 1)[0]) + 1
    if last.fill is not None:
        reach = last.fill + last.pitch * word
        return reach > (0.93 if not last.text.endswith(_ENDS) else 0.99)
    share = 0.8 if not last.text.endswith(_ENDS) else 0.94
    return width > 40 and len(last.text) + word >= share * width


def _is_false_label(before: str, text: str) -> bool:
    """Tell a number at a line's start that belongs to the sentence ("… năm / 2. …" never; "ngày / 12. Sau đó" may)."""
    word = before.rsplit(" ", 1)[-1].lower()
    found = LABEL.match(text)
    return bool(
        found
        and (found["arabic"] or found["nested"])
        and word in ("ngày", "tháng", "điều", "khoản", "số", "quý", "mục", "phụ", "lục")
    )
