"""Versions in a record's own description, where it names no product otherwise: "ZCS before 8.8.15 Patch 46, …".

The sentence has to follow the grammar that numbering authorities use; what does not follow it says nothing.
"""

from __future__ import annotations

import re

from haidang.engine.advisories.record import Span

_VERSION = r"\d[\w.]*\d(?:\.x)?|\d+(?:\.x)?"
_PATCHED = rf"(?:{_VERSION})(?:\s+(?:GA\s+)?(?:Patch|P|Update|SP|CU|Build)[ .-]?\d+)?"
# What may stand between a product's name and its versions.
_LEAD = re.compile(
    r"\s*(?:(?:\([A-Za-z0-9 ]{1,20}\)|Suite|Server|Client|Edition|Webmail|versions?|software|Kepler|GA)\s*|,)*\s*",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"(?:(?P<low>{_PATCHED})\s+(?:and later\s+)?)?"
    r"(?:(?P<before>before|prior to)|(?P<through>through|up to and including))\s+(?:Kepler\s+)?"
    rf"(?P<high>{_PATCHED})(?:\s+GA)?"
    rf"|(?P<last>{_PATCHED})\s+and\s+(?:earlier|prior|below)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:,\s*(?:and\s+)?|and\s+|or\s+)(?:versions?\s+)?", re.IGNORECASE)
_ALSO = re.compile(
    rf"(?:is|are|was|were)\s+(?:also\s+)?(?:fixed|addressed|resolved|patched)\s+in\s+(?P<list>(?:{_PATCHED})(?:\s*(?:,|,?\s*and)\s*(?:{_PATCHED}))*)",
    re.IGNORECASE,
)


def versions_after(text: str, end: int) -> tuple[Span, ...]:
    """Read the versions that follow a product's name.

    Args:
        text: a description.
        end: where the product's name ends in it.

    Returns:
        Spans, or nothing where no such sentence follows.
    """
    spans, place = _ranges(text, end)
    # "before 8.7.4 and 8.8.2" are two lines; which builds of the second have the flaw is not said.
    if not spans or re.match(_PATCHED, text[place:], re.IGNORECASE):
        return ()
    also = _ALSO.search(text, end)
    mended = re.findall(_PATCHED, also["list"], re.IGNORECASE) if also else []
    return (*spans, *(Span("unaffected", version, f"{_line(version)}.*", high_in=True) for version in mended))


def _ranges(text: str, place: int) -> tuple[list[Span], int]:
    """Read the ranges from a place on, and give where they end."""
    spans: list[Span] = []
    lead = _LEAD.match(text, place)
    place = lead.end() if lead else place
    while found := _RANGE.match(text, place):
        if found["last"]:
            spans.append(Span("affected", "", found["last"], high_in=True))
        else:
            low = (found["low"] or "").removesuffix(".x")
            spans.append(Span("affected", low, found["high"], high_in=bool(found["through"])))
        place = found.end()
        gap = _AND.match(text, place)
        if gap is None:
            break
        place = gap.end()
    return spans, place


def _line(version: str) -> str:
    """Give the line of releases to which a mended version belongs: its first two numbers."""
    numbers = re.findall(r"\d+", version)
    return ".".join(numbers[:2])
