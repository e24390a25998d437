"""What a letter mentions wherever it does: other letters, CVE ids, days."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Callable

from haidang.engine.calendar import make_day
from haidang.engine.letters.head import NOTATION, PARTY_NOTATION
from haidang.engine.letters.letter import Citation, Clause, DateKind, QuotedDate, Span
from haidang.engine.text import fold, squeeze

# Without a word boundary: "CVE-2024-21413CVE-2024-21378" are two.
_CVE = re.compile(r"CVE\s*[-–]\s*(\d{4})\s*[-–]\s*(\d{4,7})", re.IGNORECASE)

# "CVE-2024-21413, 21378 và 21399": the year is not said again.
_MORE_CVES = re.compile(r"(?:(?:\s*,\s*|\s+và\s+)\d{5}(?!\d|[./-]\d)(?=\s*(?:[,;.()\n]|$|và\b|trên\b|trong\b|của\b)))+")

_KIND_OF_LETTER = (
    r"(?:(?:văn bản|công văn|công điện|chỉ thị|quyết định|báo cáo|thông báo|kế hoạch|nghị định|thông tư|luật|nghị quyết|tờ trình|hướng dẫn|lệnh điều phối|"
    r"cảnh báo|giấy mời|phiếu chuyển|thông tư liên tịch|văn bản hợp nhất|kết luận)(?:\s+hỏa tốc|\s+khẩn)?\s+(?:số\s*:?\s*)?|số\s*:?\s*)"
)
_NUMBERED = re.compile(
    rf"(?P<kind>{_KIND_OF_LETTER})?(?<![\w/.-])(?P<number>\d{{1,5}}[a-z]?)\s?(?:/|(?P<dash>[-–])(?=\s?[a-zđ]{{1,5}}\s?/))\s?(?P<notation>(?(dash){PARTY_NOTATION}|{NOTATION}))",
    re.IGNORECASE,
)
_NOTATION_SHAPE = re.compile(NOTATION)
_PARTY_SHAPE = re.compile(PARTY_NOTATION)
_DATED = re.compile(r"[\s,(]*ngay\s+(\d{1,2})\s*(?:[/.-]|\s*thang)\s*(\d{1,2})\s*(?:[/.-]|\s*nam)\s*(\d{4})")
_DATED_BEFORE = re.compile(
    r"ngay\s+(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})\s+(?:co|da\s+co|ban\s+hanh|da\s+ban\s+hanh|gui)\s*$"
)
_OF = re.compile(r"[\s,]*(?:\.\.\.|…)?\s*cua\s+")
_NAME_ENDS = re.compile(
    r"[,;.:()]|\svà\s+(?i:văn bản|công văn|công điện|chỉ thị|quyết định|báo cáo|thông báo|kế hoạch|nghị định|thông tư|luật|nghị quyết)\s|\s(?:về|đề nghị|yêu cầu|hướng dẫn|gửi|cảnh báo|thông báo|theo|tại|và các lỗ|và lỗ|quy định|chỉ đạo|triển khai|phê duyệt|ban hành)\b"
)
_SUBJECT_OF = re.compile(
    r"[\s,]*(?:v/v|về việc|về)\s+([^;.:()\n]{4,200}?)(?=[;.:()\n]|$|,\s+(?:Ủy ban|UBND|Sở|Bộ|Cục|Văn phòng|Trung tâm|Tổng công ty|Công an)\b)",
    re.IGNORECASE,
)
_ISSUER_BEFORE = re.compile(
    r"((?:Thủ tướng Chính phủ|Chính phủ|Bộ|Cục|Sở|UBND|Ủy ban nhân dân|Trung tâm|Công an|Văn phòng|Ban|Tiểu ban)(?:\s+(?!(?:ngày|có|đã|ban hành|nhận được)\b)[\w&,]+){0,7}?)\s+"
    r"(?:ngày\s+\S+\s+)?(?:có|đã có|ban hành|đã ban hành|gửi)\s*$"
)


def find_cves(text: str) -> tuple[str, ...]:
    """List the distinct CVE ids in order of appearance, however they are spaced or glued."""
    out: dict[str, None] = {}
    for found in _CVE.finditer(text):
        out[f"CVE-{found[1]}-{found[2]}"] = None
        more = _MORE_CVES.match(text, found.end())
        out.update((f"CVE-{found[1]}-{code}", None) for code in re.findall(r"\d+", more[0] if more else ""))
    return tuple(out)


def find_citations(text: str, spans: list[Span], own: str) -> tuple[Citation, ...]:
    """List the letters that these spans cite, each once, with what any of its mentions says of it.

    Args:
        text: the normalised letter.
        spans: where to look (the head is the letter's own).
        own: the letter's own number, "…/STTTT-BCVT", which is no citation.
    """
    found: dict[str, Citation] = {}
    for start, end in spans:
        for match in _NUMBERED.finditer(text, start, end):
            citation = _citation(text, match, start, end)
            if citation is None or citation.number == own:
                continue
            known = found.get(citation.number)
            found[citation.number] = _merge(known, citation) if known else citation
    return tuple(found.values())


def _citation(text: str, match: re.Match[str], start: int, end: int) -> Citation | None:
    shape = (_PARTY_SHAPE if match["dash"] else _NOTATION_SHAPE).fullmatch(
        match["notation"]
    )  # the search ignores case, a notation does not
    if not shape:
        return None
    notation = re.sub(r"\s*([-–/])\s*", r"\1", match["notation"])
    mark = "-" if match["dash"] else "/"
    if not match["kind"] and "-" not in notation:
        return None
    if re.fullmatch(r"[A-Z][a-z]+", notation):
        return None
    folded = fold(text[match.end() : min(end, match.end() + 260)])
    dated = _DATED.match(folded)
    after = match.end() + (dated.end() if dated else 0)
    before = text[max(start, match.start() - 200) : match.start()]
    dated = dated or _DATED_BEFORE.search(fold(before))
    day = make_day(int(dated[3]), int(dated[2]), int(dated[1])) if dated else None
    issuer, after = _issuer(text, after, end, before)
    return Citation(
        f"{match['number']}{mark}{notation}",
        day,
        issuer,
        _about(text, match, after, start, end),
        (match.start(), after),
    )


def _issuer(text: str, after: int, end: int, before: str) -> tuple[str | None, int]:
    of = _OF.match(fold(text[after : min(end, after + 30)]))
    if of:
        rest = text[after + of.end() : min(end, after + of.end() + 120)]
        stop = _NAME_ENDS.search(rest)
        name = rest[: stop.start() if stop else len(rest)].rstrip()
        return squeeze(name) or None, after + of.end() + len(name)
    named = _ISSUER_BEFORE.search(before)
    return (squeeze(named[1]) if named else None), after


def _about(text: str, match: re.Match[str], after: int, start: int, end: int) -> str | None:
    """Take what follows as "về …"; for a citation in parentheses, what stands before them."""
    subject = _SUBJECT_OF.match(text[after : min(end, after + 260)])
    if subject:
        return squeeze(subject[1]).strip(" ,")
    opened = text.rfind("(", max(start, match.start() - 60), match.start())
    if opened < 0 or ")" in text[opened : match.start()]:
        return None
    before = text[max(start, opened - 160) : opened]
    edge = max(before.rfind(sign) for sign in ",;:.)") + 1
    return squeeze(re.sub(r"^\s*(?:và|như|nhất là|đặc biệt là)\s+", "", before[edge:])) or None


def _merge(known: Citation, new: Citation) -> Citation:
    return Citation(
        known.number, known.date or new.date, known.issuer or new.issuer, known.about or new.about, known.span
    )


_DAY = re.compile(
    r"(?<![\d/.-])(?P<d>\d{1,2})\s*(?:[/.-]\s*|\s+thang\s+)(?P<m>\d{1,2})(?:\s*[/.-]\s*|\s*,?\s*nam\s+)(?P<y>(?:19|20)\d{2})(?![\d/]|-\d)"
    r"|(?<![\d/.-])(?P<y3>20\d{2})-(?P<m3>\d{2})-(?P<d3>\d{2})(?!\d)"
    r"|(?<![\d])thang\s+(?P<m2>\d{1,2})\s*(?:[/.-]|\s*nam\s*)\s*(?P<y2>20\d{2})(?!\d)"
    r"|quy\s+(?P<q>[1-4]|iv|i{1,3})\s*(?:[/.-]|\s*nam\s*)\s*(?P<y4>20\d{2})(?!\d)"
)
_BY = re.compile(
    r"(?:truoc(?:\s+\d{1,2}\s*(?:gio|h)(?:\s*\d{1,2}(?:\s*phut)?)?)?|cham\s+nhat|muon\s+nhat|han\s+(?:cuoi|chot|bao\s+cao|gui|hoan\s+thanh)?|thoi\s+han|den\s+het|het\s+ngay|khong\s+qua|"
    r"hoan\s+thanh|xong|thoi\s+gian\s+hoan\s+thanh)(?:\s*:|\s+la|\s+vao)?(?:\s+(?:trong|den|het|ngay|vao|truoc|thang|cuoi|la|cac))*[\s,]*$"
)
_FROM = re.compile(r"tu\s+(?:ngay\s+)?\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{4})?\s*(?:den|-)[^.;]{0,14}$")


def find_dates(
    text: str, span: Span, citations: tuple[Citation, ...], clause_at: Callable[[int], Clause | None]
) -> tuple[QuotedDate, ...]:
    """List the days that a letter states, apart by what they are: deadlines, cited letters' dates, events.

    A month or quarter is a day only as a deadline: then its last day counts.
    """
    folded = fold(text)
    cited = sorted(citation.span for citation in citations)
    out: list[QuotedDate] = []
    for found in _DAY.finditer(folded, *span):
        before = folded[max(span[0], found.start() - 60) : found.start()]
        kind: DateKind = "event"
        clause = clause_at(found.start())
        near = bisect_right(cited, (found.start(), len(text))) - 1
        if (near >= 0 and found.start() < cited[near][1]) or _cites(before, folded[found.end() : found.end() + 60]):
            kind = "citation"
        elif (clause and clause.kind == "order" and (found["q"] or found["m2"]) and before.endswith("trong ")) or (
            _BY.search(before) and not _FROM.search(before)
        ):
            kind = "deadline"
        day = _day(found, kind)
        if day:
            out.append(QuotedDate(day, text[found.start() : found.end()], kind, clause.ref if clause else None))
    return tuple(out)


def _cites(before: str, after: str) -> bool:
    """Tell the date of "… ngày 10/01/2023 có Báo cáo số 02/BC-CATTT" and of a number just before it."""
    return bool(
        re.search(r"\d\s?/\s?[a-z][\w&-]*[\s,(]*ngay\s+$", before)
        or re.match(r"\s+(?:co|da\s+co|ban\s+hanh)\s+[a-z\s]{4,30}so\s+\d", after)
    )


_QUARTERS = {"1": 1, "2": 2, "3": 3, "4": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4}


def _day(found: re.Match[str], kind: DateKind) -> dt.date | None:
    if found["d"]:
        return make_day(int(found["y"]), int(found["m"]), int(found["d"]))
    if found["d3"]:
        return make_day(int(found["y3"]), int(found["m3"]), int(found["d3"]))
    if kind != "deadline":
        return None
    year = int(found["y2"] or found["y4"])
    month = int(found["m2"]) if found["m2"] else 3 * _QUARTERS[found["q"]]
    return make_day(year, month, calendar.monthrange(year, month)[1]) if 1 <= month <= 12 else None
