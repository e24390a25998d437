"""The words that every form of the report uses: verdicts, outcomes, reasons that no measure owns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from haidang.engine.obligations.measure import Words
from haidang.engine.reports.document import Document
from haidang.engine.tables import AGENCIES, TABLES


@dataclass(frozen=True, slots=True)
class VerdictWords:
    """How a verdict is lettered and called; `letter` is what remains where there is no colour."""

    letter: Words
    words: Words


VERDICTS: Mapping[str, VerdictWords] = {
    "not_met": VerdictWords(Words("K", "N"), Words("không đạt", "not met")),
    "not_provable": VerdictWords(Words("?", "?"), Words("chưa chứng minh được", "not provable")),
    "met": VerdictWords(Words("Đ", "M"), Words("đạt", "met")),
    "not_applicable": VerdictWords(Words("–", "–"), Words("không áp dụng", "not applicable")),
}

OUTCOMES: Mapping[str, Words] = {
    "fail": Words("không đạt", "fails"),
    "unknown": Words("chưa rõ", "can't tell"),
    "pass": Words("đạt", "passes"),
    "exempt": Words("được miễn", "exempt"),
}

GROUNDS: Mapping[str, Words] = {
    "asked": Words("theo yêu cầu khi kết luận", "as asked for this judgement"),
    "letter": Words("theo văn bản", "set by the letter"),
    "law": Words("theo quy định pháp luật", "set by law"),
    "department": Words("do Sở ấn định", "set by the department"),
    "default": Words("mặc định, văn bản không nêu", "default: the letter sets none"),
}

AUDIENCES: Mapping[str, Words] = {
    "everyone": Words("mọi đơn vị", "everyone"),
    "providers": Words("doanh nghiệp Internet, viễn thông", "Internet and telecommunication providers"),
}

# Why a measure could not be tested at all: rows of their own that no measure declares (docs/verdicts.md).
_WHYS: Mapping[str, Words] = {
    "no_table": Words("chưa gửi bảng số liệu", "the table was not handed in"),
    "nothing_to_count": Words("bảng đã gửi không có gì để đếm", "the table handed in holds nothing to count"),
    "unread_row": Words("có dòng không đọc được", "a row can't be read"),
    "no_measure": Words("chưa có cách đo cho yêu cầu này", "no measure tests this order yet"),
    "other_audience": Words("yêu cầu dành cho đơn vị khác", "the clause binds others, not this agency"),
    "declared": Words("đơn vị khai không áp dụng", "declared not applicable by the agency"),
    "": Words("", ""),
}

_NO_MEASURE = Words("Chưa có cách đo", "No measure yet")


def why_words(document: Document, measure: str | None, why: str) -> Words:
    """Say a reason in words; a key that nobody words stands for itself."""
    entry = document["measures"].get(measure or "")
    own = entry["whys"].get(why) if entry else None
    if own:
        return Words(own["vi"], own["en"])
    return _WHYS.get(why, Words(why, why))


def all_whys(document: Document, measure: str | None) -> dict[str, Words]:
    """Give every reason that can stand beside a measure, in words."""
    entry = document["measures"].get(measure or "")
    own = {key: Words(text["vi"], text["en"]) for key, text in entry["whys"].items()} if entry else {}
    return {**_WHYS, **own}


def measure_title(document: Document, measure: str | None) -> Words:
    """Call a measure by its title; None is an order that no measure recognises."""
    entry = document["measures"].get(measure or "")
    if entry:
        return Words(entry["title"]["vi"], entry["title"]["en"])
    return Words(measure, measure) if measure else _NO_MEASURE


def part_unit(document: Document, measure: str | None, part: str) -> Words:
    """Say what a part counts."""
    entry = document["measures"].get(measure or "")
    unit = entry["parts"].get(part) if entry else None
    return Words(unit["vi"], unit["en"]) if unit else Words(part, part)


def table_words(table: str) -> Words:
    """Say what a table of facts holds."""
    known = AGENCIES if table == AGENCIES.name else TABLES.get(table)
    return Words(known.vi, known.en) if known else Words(table, table)


def ground_words(ground: str) -> Words:
    """Say where a day comes from; a ground that is already a sentence stands for itself."""
    return GROUNDS.get(ground, Words(ground, ground))


def number_words(number: float) -> Words:
    """Write a number as each language does: 1.234,5 and 1,234.5."""
    english = f"{number:,}" if isinstance(number, int) else f"{number:,.1f}".removesuffix(".0")
    return Words(english.translate(str.maketrans(",.", ".,")), english)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: str | None) -> Words:
    """Write a day as each language does: 23/02/2026 and 23 Feb 2026; what is no day stands for itself."""
    try:
        read = dt.date.fromisoformat(day or "")
    except ValueError:
        return Words(day or "", day or "")
    return Words(f"{read:%d/%m/%Y}", f"{read.day} {_MONTHS[read.month - 1]} {read.year}")


def fraction_words(numerator: int | None, denominator: int | None) -> Words | None:
    """Write a cell's count: 12/14, a percentage when it would not fit, None when there is nothing to say."""
    if numerator is None or not denominator:
        return None
    if denominator <= 9_999:
        plain = f"{numerator}/{denominator}"
        return Words(plain, plain)
    # Cut, not rounded: 99,97 % of the minutes is not 100 %.
    tenths = numerator * 1000 // denominator
    whole, rest = divmod(tenths, 10)
    return Words(f"{whole},{rest}%" if rest else f"{whole}%", f"{whole}.{rest}%" if rest else f"{whole}%")
