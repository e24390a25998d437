"""Who wrote, under which number, when, where and about what."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from haidang.engine.calendar import make_day
from haidang.engine.letters.regions import KINDS_OF_DOCUMENT, MOTTO, PLACE_DATE, SUBJECT_LINE, URGENCY, is_caps
from haidang.engine.text import fold, squeeze

# After the slash: "CATTT-NCSC", "TTCNTT&TT-QTHT", "VNCERT-ĐPƯC", "CĐ-TTg", "TB-BCA-A05", "2016/NĐ-CP"
NOTATION = r"(?:\d{4}\s?/\s?)?[A-ZĐĂÂÊÔƠƯ][A-Za-zĐđÀ-ỹ&]*\d{0,3}(?:\s?[-–]\s?[A-ZĐĂÂÊÔƠƯ][A-Za-zĐđÀ-ỹ&]*(?:\.[A-ZĐ]+)?\d{0,3})*"
# Committees of the Party write the kind behind the number, and themselves behind the slash: "123-CV/TU"
PARTY_NOTATION = r"[A-ZĐ]{1,5}\s?/\s?[A-ZĐ][A-Za-zĐđ]*(?:\s?[-–]\s?[A-ZĐ][A-Za-zĐđ]*)*"
_NUMBER = re.compile(
    rf"\b[Ss][ốoỐO]\s*(?:hiệu)?\s*[:|]?\s*(?P<number>\d+[a-zA-Z]?)?(?:[\s.…_]{{0,40}}/\s*(?P<notation>{NOTATION})|\s*[-–]\s*(?P<party>{PARTY_NOTATION}))"
)
_LOOSE_DATE = re.compile(
    r"(?:\b|\()(?:ngay(?:\s+cap\s+nhat|\s+dang)?\s*:?\s*|,\s*)(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})"
)
_TITLE_PLACE = re.compile(r"\(([^\W\d][\w .]{1,40}),\s*\d{1,2}/\d{1,2}/\d{4}\)")
_ORGANISATION = re.compile(
    r"(?:bo|tong\s+cuc|cuc|chi\s+cuc|so|ubnd|uy\s+ban|hoi\s+dong|van\s+phong|ban|trung\s+tam|cong\s+an|cong\s+ty|tap\s+doan|tong\s+cong\s+ty|"
    r"thanh\s+uy|tinh\s+uy|huyen\s+uy|quan\s+uy|dang\s+uy|vien|truong|hoi|lien\s+doan|doan|thu\s+tuong|chinh\s+phu|phong|bao|dai|ngan\s+hang|"
    r"kho\s+bac|toa\s+an|thanh\s+tra|tieu\s+ban|hiep\s+hoi|benh\s+vien|lien\s+hiep|quoc\s+hoi|chu\s+tich|vu|don\s+vi|doi)\b"
)


@dataclass(frozen=True, slots=True)
class Head:
    """What the head says; None where it says nothing. `rest` are its lines that are none of these."""

    issuer: str | None = None
    number: str | None = None
    notation: str | None = None
    date: dt.date | None = None
    place: str | None = None
    subject: str | None = None
    has_number: bool = False
    has_date: bool = False
    rest: tuple[str, ...] = ()


def read_head(lines: Sequence[str]) -> Head:
    """Read a head, its two columns on separate lines or merged on one."""
    head = Head()
    kept: list[str] = []
    subject: list[str] = []
    in_subject = False
    for raw in lines:
        line, head = _take_marks(_without_motto(raw), head)
        if not line:
            in_subject = in_subject and bool(subject) and not MOTTO.search(fold(raw))
            continue
        folded = fold(line)
        starts = SUBJECT_LINE.match(folded)
        if starts and not subject:
            subject, in_subject = [line[starts.end() :].strip(" :")], True
        elif in_subject and _continues_subject(line, folded):
            subject.append(line)
        else:
            # Under "KẾ HOẠCH", "THÔNG BÁO" stands what it is about, with or without "Về việc".
            in_subject = not subject and is_caps(line) and bool(KINDS_OF_DOCUMENT.fullmatch(folded.strip()))
            kept.append(line)
    if subject:
        head = replace(head, subject=squeeze(" ".join(subject)) or None)
    head = replace(head, issuer=_issuer(kept), rest=tuple(kept))
    return head if head.subject else replace(head, subject=_untitled_subject(kept))


def with_dateline(head: Head, first: str) -> Head:
    """Take place and day from "(Hải Triều, 06/05/2026) …" at the start of a text that has no head."""
    found = _TITLE_PLACE.match(first)
    if not found or head.has_date:
        return head
    day = re.search(r"(\d{1,2})/(\d{1,2})/(\d{4})", found[0])
    date = make_day(int(day[3]), int(day[2]), int(day[1])) if day else None
    return replace(head, place=found[1], date=date, has_date=True)


def _without_motto(line: str) -> str:
    found = MOTTO.search(fold(line))
    while found:
        line = (line[: found.start()] + " " + line[found.end() :]).strip(" *-–")
        found = MOTTO.search(fold(line))
    return line.strip()


def _take_marks(line: str, head: Head) -> tuple[str, Head]:
    """Take number and place-date off a line, wherever on it they stand."""
    found = _NUMBER.search(line)
    if found and not head.has_number and (found.start() == 0 or line[found.start() - 1] in " |") and len(line) < 160:
        notation = re.sub(r"\s*([-–/])\s*", r"\1", found["notation"] or found["party"])
        head = replace(head, number=found["number"], notation=notation, has_number=True)
        line = (line[: found.start()] + " " + line[found.end() :]).strip()
    found = PLACE_DATE.search(fold(line))
    if found and not head.has_date:
        head = replace(head, date=_day(found), place=_place(_named(line, found)), has_date=True)
        line = (line[: found.start()] + " " + line[found.end() :]).strip()
    elif not head.has_date and (loose := _LOOSE_DATE.search(fold(line))) and len(line) < 80:
        titled = _TITLE_PLACE.search(line)
        day = make_day(int(loose[3]), int(loose[2]), int(loose[1]))
        head = replace(head, date=day, place=titled[1] if titled else None, has_date=True)
    return line, head


def _day(found: re.Match[str]) -> dt.date | None:
    digits = [re.sub(r"\D", "", found[name] or found[f"{name}2"] or "") for name in ("year", "month", "day")]
    return make_day(int(digits[0]), int(digits[1]), int(digits[2])) if all(digits) else None


def _named(line: str, found: re.Match[str]) -> str:
    group = "place" if found["place"] else "place2"
    return line[found.start(group) : found.end(group)]


def _place(text: str) -> str:
    # Where two columns were merged on a line, words of the left one may stand before the place.
    words = text.split(" ")
    start = len(words)
    while (
        start > 0 and words[start - 1][:1].isupper() and not (is_caps(words[start - 1]) and len(words[start - 1]) > 2)
    ):
        start -= 1
    return " ".join(words[start:]) or text


def _continues_subject(line: str, folded: str) -> bool:
    return not (
        (
            is_caps(line)
            and (
                _ORGANISATION.match(folded)
                or KINDS_OF_DOCUMENT.fullmatch(folded)
                or URGENCY.fullmatch(folded.strip(" !"))
            )
        )
        or folded.startswith(("so:", "kinh gui"))
    )


def _issuer(lines: Sequence[str]) -> str | None:
    """Put the issuer's own name first and the body above it behind: "SỞ …, UBND TỈNH …"."""
    names: list[str] = []
    for line in lines:
        folded = fold(line)
        if not is_caps(line) or KINDS_OF_DOCUMENT.fullmatch(folded.strip()) or URGENCY.fullmatch(folded.strip(" !")):
            if names:
                break
            continue
        if _ORGANISATION.match(folded):
            names.append(line)
        elif names:
            names[-1] = f"{names[-1]} {line}"
    names = [name.strip(" -–*") for name in names]
    unique = list(dict.fromkeys(names))
    return ", ".join(reversed(unique)) if unique else None


def _untitled_subject(lines: Sequence[str]) -> str | None:
    """Take what is left when no "V/v" is: a title, "Về …", or the tail of a subject whose head was cut off."""
    titles = [
        line
        for line in lines
        if not is_caps(line) and "|" not in line and not fold(line).startswith(("ngay cap nhat", "trang thai"))
    ]
    about = next((line for line in titles if fold(line).startswith("ve ")), None)
    return squeeze(about or " ".join(titles[:3])) or None
