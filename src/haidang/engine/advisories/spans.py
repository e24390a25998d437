"""Spans of versions turned into bytes that sort: by their product's scheme, its lines of releases, and its limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from haidang.engine.advisories.products import Identity, ProductRules
from haidang.engine.advisories.record import Span, Statement
from haidang.engine.advisories.store import STATUSES
from haidang.engine.advisories.versions import WITHOUT_ORDER, interval
from haidang.engine.advisories.versions.bytekeys import END, LAST, Interval
from haidang.engine.advisories.windows import Line, Windows

UNAFFECTED, UNKNOWN, AFFECTED = (STATUSES.index(status) for status in ("unaffected", "unknown", "affected"))
# Above every version.
TOP = LAST * 2
MOST_TEXT = 300


class CompiledSpan(NamedTuple):
    """A row of the store's `spans` (without its statement): see there."""

    status: int
    low: bytes
    high: bytes
    first_fixed: bool  # it ends in the first mended version; of an unaffected one: it begins with one
    prose: bool
    after: bool
    upto: bool
    text: str
    fixed: str


def compile_spans(
    statement: Statement, scheme: str, rules: ProductRules, limited: Identity, line: Line | None, windows: Windows
) -> list[CompiledSpan]:
    """Turn a statement's spans into bytes.

    Args:
        statement: whose spans.
        scheme: how its versions compare.
        rules: how its product's versions are read.
        limited: the line of releases that its name means, if it means one only.
        line: the line of Windows that it is about, if it is.
        windows: all lines of Windows.
    """
    told = _first_mended(statement.spans) if scheme in ("rpm", "deb", "apk") else statement.spans
    if limited.floor and statement.default != "unknown" and not is_left_standing(statement):
        told = (*told, Span(statement.default))  # a default holds for the line that the name means, and for no other
    if line:
        told = tuple(_of_line(span, line, windows) for span in told)
    out = [row for span in told for row in _compile(span, scheme, rules, limited)]
    if rules.later_lines == "unaffected" and rules.line and statement.default == "unknown" and not limited.floor:
        out += _later_lines(statement.spans, scheme, rules.line)
    return out


def is_left_standing(statement: Statement) -> bool:
    """Tell a default that a publisher left standing in a form.

    “Everything else is affected” beside ranges of affected versions that end, with nothing unaffected, says nothing of
    what comes after those ranges.
    """
    ends = any(span.status == "affected" and span.high for span in statement.spans)
    mended = any(span.status == "unaffected" for span in statement.spans)
    return statement.default == "affected" and ends and not mended


def _first_mended(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Read a distribution's fixed build, named alone, as the first that is mended: its builds follow each other."""
    if any(span.status == "affected" for span in spans) or not all(
        span.low and span.low == span.high for span in spans
    ):
        return tuple(spans)
    out: list[Span] = []
    for span in spans:
        is_mended = span.status == "unaffected"
        out += [Span("affected", "", span.low), Span("unaffected", span.low)] if is_mended else [span]
    return tuple(out)


def in_words(text: str) -> CompiledSpan:
    """Keep words that no machine can decide by."""
    return CompiledSpan(AFFECTED, b"", TOP, False, True, False, False, cut(text), "")


def cut(text: str) -> str:
    """Keep a text within what is shown."""
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"


def _of_line(span: Span, line: Line, windows: Windows) -> Span:
    """Read builds as those of a product's own line: lines that are one set of files share the last number."""

    def own(build: str) -> str:
        update = windows.update_number(line, build)
        return f"{line.version}.{line.build}.{update}" if update is not None else build

    low, high = (own(end) if end else "" for end in (span.low, span.high))
    return Span(span.status, low, high, span.low_in, span.high_in, span.prose)


def _compile(span: Span, scheme: str, rules: ProductRules, limited: Identity) -> list[CompiledSpan]:
    """Turn one span into bytes; ends that the scheme can't read make it prose.

    A span of a product with lines that ends in its first mended version says nothing of other lines: what follows in
    its own line is a row of its own.
    """
    status = STATUSES.index(span.status)
    low = interval(scheme, span.low) if span.low else None
    high = interval(scheme, span.high) if span.high else None
    lost = (span.low and not low) or (span.high and not high) or scheme in WITHOUT_ORDER
    if span.prose or lost:
        return [in_words(span.prose or _in_signs(span))._replace(status=status)]
    start = (low.low if span.low_in else _after(low)) if low else b""
    end = _end(span, high) if high else TOP
    if rules.line and low and not high:
        end = _line_end(span.low, scheme, rules.line) or end
    floor = _floor(scheme, limited)
    start, end = max(start, floor), min(end, _ceiling(scheme, limited) if not high else end)
    first_fixed = bool(span.status == "affected" and span.high and not span.high_in and not span.high.endswith("*"))
    fixed = span.high if first_fixed else ""
    text = cut(_in_signs(span))
    line_end = _ceiling(scheme, limited)
    if not limited.floor and rules.line:
        line_end = _line_end(span.high, scheme, rules.line) or TOP
    is_after = bool(low and not span.low_in and start == low.low + b"\x00")
    is_upto = bool(high and span.high_in and end == high.low + b"\x00" != high.high)
    if not first_fixed or line_end == TOP:
        return [CompiledSpan(status, start, end, first_fixed, False, is_after, is_upto, text, fixed)]
    mended = CompiledSpan(UNAFFECTED, max(end, floor), line_end, True, False, False, False, cut(f"≥ {span.high}"), "")
    return [CompiledSpan(status, start, end, False, False, is_after, False, text, fixed), mended]


def _end(span: Span, high: Interval) -> bytes:
    """Give where a span ends: right after the version that it counts in, or where the one begins that it leaves out.

    What goes on behind a version (3.17.1 behind 3.17) is not counted in with it; where a short version is all that
    begin so by its kind, they are.
    """
    if span.high.endswith("*"):
        return high.high
    return _after(high) if span.high_in else high.low


def _after(low: Interval) -> bytes:
    """Give what comes right after a version as it is written, or after all that begin so where it has no end."""
    return low.low + b"\x00" if low.low.endswith(END) else low.high


def _floor(scheme: str, limited: Identity) -> bytes:
    found = interval(scheme, limited.floor) if limited.floor else None
    return found.low if found else b""


def _ceiling(scheme: str, limited: Identity) -> bytes:
    found = interval(scheme, limited.ceiling) if limited.ceiling else None
    return (found.high if limited.ceiling.endswith("*") else found.low) if found else TOP


def _later_lines(spans: Sequence[Span], scheme: str, length: int) -> list[CompiledSpan]:
    """Say that lines above all those that a record names are not affected."""
    told = [text for span in spans for text in (span.low, span.high) if text]
    ends = [end for text in told if (end := _line_end(text, scheme, length))]
    if not ends:
        return []
    return [CompiledSpan(UNAFFECTED, max(ends), TOP, False, False, False, False, "a later line than any named", "")]


def after_all(limits: Sequence[Identity], scheme: str, length: int) -> list[CompiledSpan]:
    """Say that what comes after all the lines that a record names, in each edition, was released mended.

    Args:
        limits: the lines, each by its floor and ceiling.
        scheme: how the product's versions compare.
        length: how many numbers of a version name an edition.
    """
    ends: dict[bytes, bytes] = {}
    for limited in limits:
        edition = _line_end(limited.floor, scheme, length)
        if edition:
            ends[edition] = max(ends.get(edition, b""), _ceiling(scheme, limited))
    text = "a later line than any named"
    return [
        CompiledSpan(UNAFFECTED, end, top, True, False, False, False, text, "")
        for top, end in ends.items()
        if end < top
    ]


def _line_end(text: str, scheme: str, length: int) -> bytes | None:
    """Give the end of the line of releases to which a version belongs: what it begins with, so many numbers long."""
    begins = re.match(rf"(?:\D*\d+){{{length}}}", text)
    found = interval(scheme, f"{begins[0]}.*") if begins else None
    return found.high if found else None


def _in_signs(span: Span) -> str:
    """Write a span as people read it: "≥ 17.1.0, < 17.1.0.2"."""
    if span.low and span.low == span.high:
        return f"= {span.low}"
    low = f"{'≥' if span.low_in else '>'} {span.low}" if span.low else ""
    high = f"{'≤' if span.high_in else '<'} {span.high}" if span.high else ""
    return ", ".join(end for end in (low, high) if end) or "*"
