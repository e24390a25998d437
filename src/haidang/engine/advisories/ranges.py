"""Ranges of versions as people write them: ">= 8.0, < 8.18.10", "6.2.13 and earlier", "All versions prior to V3.4"."""

from __future__ import annotations

import functools
import re

from haidang.engine.advisories.record import Span, Status

_VERSION = (
    r"(?:[a-z]{0,3}[.-]?\d[\w.+~()*-]*"
    r"(?:[ _](?:p|patch|sp|service pack|update|u|build|hf|hotfix|cu|mr|r|s|ap)[ ._-]?\d[\w.]*)*)"
)
_LEAD = r"(?:(?:all\s+)?(?:versions?|releases?|firmware|ver\.?)\s*:?\s*)?"
_OPERATOR = r"(?:<=|>=|=<|=>|==|<|>|=|≤|≥)"
_COMPARED = re.compile(rf"{_LEAD}({_OPERATOR})\s*({_VERSION}|\*)", re.IGNORECASE)
_BETWEEN_COMPARED = re.compile(r"\s*(?:,|\||&&?|and|;)?\s*", re.IGNORECASE)
_LATER = r"(?:later|newer|above|higher|up|greater|onwards?)"
_EARLIER = r"(?:earlier|prior|before|below|older|previous|lower|under)"
_TAIL = r"(?:\s+(?:versions?|releases?|builds?))?"
_LAST = re.compile(rf"{_LEAD}({_VERSION})\s*(?:,?\s*(?:and|or|&|/)\s+)(?:all\s+)?{_EARLIER}{_TAIL}", re.IGNORECASE)
_FIRST = re.compile(rf"{_LEAD}({_VERSION})\s*(?:,?\s*(?:and|or|&|/)\s+)(?:all\s+)?{_LATER}{_TAIL}", re.IGNORECASE)
_BEFORE = re.compile(
    rf"{_LEAD}(?:(?:from\s+)?({_VERSION})\s*,?\s+)?(?:{_LEAD}(?:prior\s+to|before|earlier\s+than|older\s+than|below|lower\s+than"
    rf"|up\s+to\s*(?:,|\()?\s*(?:but\s+)?(?:not\s+including|excluding)\)?))\s+{_LEAD}({_VERSION})",
    re.IGNORECASE,
)
_THROUGH = re.compile(
    rf"{_LEAD}(?:from\s+)?(?:({_VERSION})\s*,?\s+)?(?:through|thru|up\s+to\s+and\s+including|till|until)\s+{_LEAD}({_VERSION})",
    re.IGNORECASE,
)
_FROM_TO = re.compile(rf"{_LEAD}(?:from\s+|between\s+)?({_VERSION})\s+(?:to|-|–|and)\s+({_VERSION})", re.IGNORECASE)
_HYPHENED = re.compile(r"v?(\d+\.\d+\.\d+)\s*-\s*v?(\d+\.\d+\.\d+)", re.IGNORECASE)
_EVERYTHING = re.compile(
    r"(?:\*|all(?:\s+(?:versions?|releases?))?|any(?:\s+versions?)?|vers:all/\*)\.?", re.IGNORECASE
)
_EXACT = re.compile(rf"{_LEAD}({_VERSION})", re.IGNORECASE)
_SAYS_NOTHING = {"", "-", "n/a", "na", "unspecified", "unknown", "not specified", "none", "?", "tbd", "various"}
_SAYS_NOTHING_OF_LOW = _SAYS_NOTHING | {"*", "0", "all", "any", "all versions"}
_LONGEST = 300
_WHOLE = 3  # numbers of a version that is written in full


def from_text(text: str, status: Status) -> tuple[Span, ...]:
    """Read one text that names versions; what is no plain statement about versions stays prose.

    Returns:
        One span, or several where the text joins comparisons that part the versions; never none.
    """
    return _from_text(text[:_LONGEST].strip() if len(text) <= _LONGEST else text[:_LONGEST], status)


@functools.lru_cache(maxsize=100_000)
def _from_text(text: str, status: Status) -> tuple[Span, ...]:
    if says_nothing(text):
        return (Span(status, prose=text or "n/a"),)
    if _EVERYTHING.fullmatch(text):
        return (Span(status),)
    if _COMPARED.match(text):
        return _from_comparisons(text, status) or (Span(status, prose=text),)
    span = _from_sentence(text, status) or Span(status, prose=text)
    if span.high_in and span.high != span.low and len(re.findall(r"\d+", span.high)) < _WHOLE:
        # A sentence that ends with a short version may mean all that begin so.
        return span, Span("unknown", span.high, f"{span.high}.*", low_in=False, high_in=True)
    return (span,)


def says_nothing(text: str) -> bool:
    """Tell a text that stands where there should be a version and is none."""
    return text.strip().lower() in _SAYS_NOTHING


def low_end(text: str) -> str:
    """Give the low end of a range as publishers write it: what means "from the first" becomes empty."""
    bare = text.strip()
    return "" if bare.lower() in _SAYS_NOTHING_OF_LOW else re.sub(rf"^{_OPERATOR}\s*", "", bare)


def high_end(text: str) -> str:
    """Give the high end of a range: what means "without end" becomes empty."""
    bare = re.sub(rf"^{_OPERATOR}\s*", "", text.strip())
    return "" if bare in ("*", "") else bare


def _from_comparisons(text: str, status: Status) -> tuple[Span, ...]:
    """Read ">= 1.0, < 1.4" as one span, and "< 1.4 | >= 2.0, < 2.3" as two; empty when it is anything else."""
    spans: list[Span] = []
    low, low_in = "", True
    place = 0
    opened = False
    while place < len(text):
        found = _COMPARED.match(text, place)
        if not found:
            return ()
        operator, version = (
            found[1].replace("≤", "<=").replace("≥", ">=").replace("=<", "<=").replace("=>", ">="),
            found[2],
        )
        if operator in (">", ">="):
            if opened:
                return ()
            low, low_in, opened = version, operator == ">=", True
        elif operator in ("<", "<="):
            spans.append(Span(status, low, high_end(version), low_in, operator == "<="))
            low, low_in, opened = "", True, False
        elif opened:
            return ()
        else:
            spans.append(Span(status, version, version, high_in=True))
        gap = _BETWEEN_COMPARED.match(text, found.end())
        place = gap.end() if gap else found.end()
    if opened:
        spans.append(Span(status, low, "", low_in))
    return tuple(spans)


def _from_sentence(text: str, status: Status) -> Span | None:
    if found := _LAST.fullmatch(text):
        return Span(status, "", found[1], high_in=True)
    if found := _FIRST.fullmatch(text):
        return Span(status, found[1])
    if found := _BEFORE.fullmatch(text):
        return Span(status, found[1] or "", found[2])
    if found := _THROUGH.fullmatch(text):
        return Span(status, found[1] or "", found[2], high_in=True)
    if found := _HYPHENED.fullmatch(text) or _FROM_TO.fullmatch(text):
        return Span(status, found[1], found[2], high_in=True)
    if found := _EXACT.fullmatch(text):
        return Span(status, found[1], found[1], high_in=True)
    return None
