"""The body as a tree of clauses, whatever labels it uses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from haidang.engine.letters.letter import Clause, ClauseKind
from haidang.engine.letters.paragraphs import LABEL, Paragraph
from haidang.engine.letters.wording import (
    ACTOR,
    ACTS,
    BACKGROUND,
    CLOSES,
    CONTACT,
    IMPERATIVE,
    INFORMATION,
    LISTS_INFORMATION,
    ORDERS,
    PROSE_ORDER,
    REACHABLE,
    SENTENCE,
    VERBS,
)
from haidang.engine.text import fold, squeeze

_ORDINALS = {
    "nhat": 1,
    "hai": 2,
    "ba": 3,
    "tu": 4,
    "bon": 4,
    "nam": 5,
    "sau": 6,
    "bay": 7,
    "tam": 8,
    "chin": 9,
    "muoi": 10,
}
_LETTERS = "abcdđeghiklmnopqrstuvxy"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_AROUND = "()./: "
_ROMAN = {"I": 1, "V": 5, "X": 10}
_FAR = 40  # labels to look ahead
_BEGINNING = 400  # characters that tell what a paragraph is


@dataclass(slots=True)
class Item:
    """A clause while the tree grows. Spans are of the normalised text."""

    style: str
    label: str
    order_number: int
    text: str
    start: int
    end: int
    lead: str = ""
    children: list[Item] = field(default_factory=list)
    kind: ClauseKind = "order"
    ref: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """The body, read: clauses, the spans around them, and labels that seem lost."""

    clauses: tuple[Clause, ...]
    preamble: tuple[int, int]
    closing: tuple[int, int]
    lost_labels: tuple[str, ...]


def read_body(paragraphs: Sequence[Paragraph], start: int, end: int) -> Body:
    """Build the tree.

    Args:
        paragraphs: the body's, in order.
        start: where the body starts in the normalised text.
        end: where it ends.
    """
    body, closing = _without_closing(paragraphs, end)
    if not any(_label(paragraph.text) for paragraph in body):
        body = [part for paragraph in body for part in _from_its_order(paragraph)]
    first = next((at for at, paragraph in enumerate(body) if _label(paragraph.text)), None)
    has_list = first is not None
    if first is None:
        first = next((at for at, paragraph in enumerate(body) if _is_prose_order(paragraph.text)), len(body))
    grower = _Grower(lead=body[first - 1].text if has_list and first else "", lost=[])
    labels = [_label(paragraph.text) if has_list else None for paragraph in body[first:]]
    if not has_list and (bare := _bare_list(body)):
        first, labels = bare
        has_list = True
        grower.lead = body[first - 1].text
    styles = [(label.style, label.number) for label in labels if label]
    if has_list and labels[0] and _lacks_first(body, first, labels[0]):
        first -= 1
        labels = [_Label("arabic", "", 1, body[first].text), *labels]
        styles.insert(0, ("arabic", 1))
        grower.lost.append("1.")
        grower.lead = body[first - 1].text
    seen = 0
    for paragraph, label in zip(body[first:], labels, strict=True):
        seen += label is not None
        grower.take(paragraph, label, styles[seen : seen + _FAR])
    _split_inline(body[:first] if has_list or first == len(body) else [], grower)
    roots, lost = grower.roots, grower.lost
    for item in roots:
        _settle(item, parent=None)
    _settle_prose(roots)
    _number(roots, "", {})
    clauses = tuple(_freeze(item) for item in roots)
    begins = clauses[0].span[0] if clauses else closing[0]
    return Body(clauses, (start, begins), closing, tuple(lost))


def _without_closing(paragraphs: Sequence[Paragraph], end: int) -> tuple[list[Paragraph], tuple[int, int]]:
    """Cut the body where its thanks begin, or behind the "./." that ends it."""
    body: list[Paragraph] = []
    for paragraph in paragraphs:
        folded = fold(paragraph.text)
        if re.match(
            r"(?:tran\s+trong(?:\s+cam\s+on[^.;:]{0,80})?\s*[./!]|xin\s+tran\s+trong|tran\s+trong\s*$|rat\s+mong)",
            folded,
        ):
            return body, (paragraph.start, end)
        at = paragraph.text.find("./.")
        if at >= 0 and body and _only_closes(paragraph, body[-1]):
            return body, (paragraph.start, end)
        if at >= 0:
            thanks = re.search(r"(?<=[.;])\s*tran\s+trong[^.]{0,30}$", folded[:at])
            cut = thanks.start() if thanks else at + 3
            if squeeze(paragraph.text[:cut]):
                body.append(Paragraph(paragraph.text[:cut], paragraph.start))
            return body, (paragraph.start + cut, end)
        body.append(paragraph)
    return body, (end, end)


def _lacks_first(body: Sequence[Paragraph], first: int, label: _Label) -> bool:
    """Tell whether the paragraph between "… đề nghị:" and "2." is item 1 without its label."""
    return (
        label.style == "arabic"
        and label.number == 2
        and first > 1
        and _leads(body[first - 2].text)
        and not _leads(body[first - 1].text)
    )


def _from_its_order(paragraph: Paragraph) -> list[Paragraph]:
    """Cut a paragraph of prose where a sentence begins that orders something."""
    if _is_prose_order(paragraph.text):
        return [paragraph]
    for stop in SENTENCE.finditer(paragraph.text):
        if _is_prose_order(paragraph.text[stop.end() :]):
            before, after = paragraph.text[: stop.start()], paragraph.text[stop.end() :]
            return [Paragraph(before, paragraph.start), Paragraph(after, paragraph.start + stop.end())]
    return [paragraph]


def _bare_list(body: Sequence[Paragraph]) -> tuple[int, list[_Label | None]] | None:
    """Find the list behind "… đề nghị:" whose items bear no label but begin with a verb of their own."""
    for at, paragraph in enumerate(body):
        if not (_leads(paragraph.text) and ORDERS.search(fold(paragraph.text[-200:]))):
            continue
        bare = [bool(IMPERATIVE.match(fold(item.text[:60]))) for item in body[at + 1 :]]
        if bare[:2] == [True, True]:
            labels = [
                _Label("dash", "", 0, item.text) if is_item else None
                for item, is_item in zip(body[at + 1 :], bare, strict=True)
            ]
            return at + 1, labels
    return None


def _only_closes(paragraph: Paragraph, before: Paragraph) -> bool:
    """Tell a last sentence without a label that asks for nothing ("… thông báo để các cơ quan biết, thực hiện./.")."""
    if _label(paragraph.text) or _is_prose_order(paragraph.text) or _is_contact(paragraph.text):
        return False
    return bool(_label(before.text)) and bool(CLOSES.match(fold(paragraph.text)))


@dataclass(frozen=True, slots=True)
class _Label:
    style: str
    written: str
    number: int
    rest: str


def _label(text: str) -> _Label | None:
    found = LABEL.match(text)
    if not found or not found.lastgroup:
        return None
    style, written = found.lastgroup, found[0].strip()
    rest = text[found.end() :].strip(" ,:" if style == "ordinal" else " ")
    bare = written.strip(_AROUND)
    if style == "letter" and bare in ("I", "V", "X"):
        style = "roman"
    if style == "paren":
        style = "paren-arabic" if bare.isdecimal() else "paren-letter"
    if style == "letter" and bare.isupper():
        style = "upper"
    if style == "arabic":
        style = "arabic" + written[-1].replace(".", "")
    number = _number_of(style, bare)
    return _Label(style, written, number, rest) if rest or style not in ("dash", "plus") else None


def _number_of(style: str, bare: str) -> int:
    if style in ("dash", "plus"):
        return 0
    if style == "ordinal":
        return _ORDINALS.get(fold(bare).split()[-1], 0)
    if style == "nested":
        return int(bare.rstrip(".").rsplit(".", 1)[-1])
    if style in ("letter", "upper", "paren-letter") and len(bare) == 1:
        return (_LETTERS if bare.lower() in _LETTERS else _LATIN).find(bare.lower()) + 1
    if style == "article":
        bare = bare.split()[-1].rstrip(".:")
    if bare.isdecimal():
        return int(bare)
    value, last = 0, 0
    for sign in reversed(bare.upper()):
        size = _ROMAN.get(sign, 0)
        value += size if size >= last else -size
        last = max(last, size)
    return value


class _Grower:
    """Grows the tree paragraph by paragraph: a style seen above is a sibling there, a new one is a child."""

    def __init__(self, lead: str, lost: list[str]) -> None:
        self.roots: list[Item] = []
        self.open: list[Item] = []
        self.lead = lead
        self.lost = lost

    def take(self, paragraph: Paragraph, label: _Label | None, later: Sequence[tuple[str, int]]) -> None:
        """Take the next paragraph; `later` are styles and numbers of the labels that follow."""
        if label is None:
            self._take_words(paragraph, later)
            return
        item = Item(label.style, label.written, label.number, label.rest, paragraph.start, paragraph.end)
        self._place(item, later)

    def _place(self, item: Item, later: Sequence[tuple[str, int]]) -> None:
        for depth, above in enumerate(self.open):
            if above.style == item.style:
                del self.open[depth:]
                break
        else:
            if (
                not self.open
                and item.style == "letter"
                and item.order_number == 1
                and ("arabic", 2) in later
                and ("arabic", 1) not in later[:1]
            ):
                self._open(Item("arabic", "", 1, "", item.start, item.start))
                self.lost.append("1.")
            elif self.open and _stands_above(item.style, self.open[0].style):
                self.open.clear()
        siblings = self.open[-1].children if self.open else self.roots
        last = next((sibling for sibling in reversed(siblings) if sibling.style == item.style), None)
        if last and item.order_number > last.order_number + 1 and not _skips_letter(last, item):
            self.lost.append(f"{item.label} after {last.label}")
        elif not last and item.order_number == 2 and item.style.startswith(("arabic", "roman")):
            self.lost.append(f"before {item.label}")
        self._open(item)

    def _open(self, item: Item) -> None:
        item.lead = self.lead if not self.open else ""
        (self.open[-1].children if self.open else self.roots).append(item)
        self.open.append(item)

    def _take_words(self, paragraph: Paragraph, later: Sequence[tuple[str, int]]) -> None:
        """Words without a label go on with the clause before them, or stand by themselves."""
        if self.open and not self._stands_alone(paragraph, later):
            last = self.open[-1]
            last.text = f"{last.text} {paragraph.text}".strip()
            last.end = paragraph.end
            return
        self.open.clear()
        self.lead = paragraph.text
        self.roots.append(Item("prose", "", 0, paragraph.text, paragraph.start, paragraph.end))

    def _stands_alone(self, paragraph: Paragraph, later: Sequence[tuple[str, int]]) -> bool:
        goes_on = any(
            item.style == style and item.order_number + 1 == number
            for item in self.open
            for style, number in later[:12]
            if number
        )
        if goes_on and not _leads(paragraph.text):
            return False
        if goes_on:
            # "…, cụ thể:" inside a clause whose numbering goes on after it
            return False
        text = fold(paragraph.text[:_BEGINNING])
        if _leads(paragraph.text) or _is_prose_order(paragraph.text) or _is_contact(paragraph.text):
            return True
        return bool(
            re.match(
                r"(?:tren\s+day|trong\s+qua\s+trinh|moi\s|nhan\s+duoc|can\s+cu|\(|ngoai\s+ra|chi\s+tiet|muc\s|de\s|nham\s|tai\s+lieu)",
                text,
            )
        )


def _skips_letter(last: Item, item: Item) -> bool:
    """Word counts a b c d e where people write a b c d đ e: neither is a loss."""
    return item.style in ("letter", "paren-letter", "upper") and item.order_number <= last.order_number + 2


_RANK = {
    "article": 0,
    "upper": 1,
    "roman": 1,
    "ordinal": 2,
    "arabic": 2,
    "arabic)": 2,
    "arabic/": 2,
    "paren-arabic": 2,
    "nested": 3,
    "letter": 4,
    "paren-letter": 4,
}


def _stands_above(style: str, root: str) -> bool:
    """A Roman number after Arabic ones opens a new top level; dashes never do."""
    return _RANK.get(style, 9) < _RANK.get(root, 9)


def _leads(text: str) -> bool:
    return text.rstrip().endswith(":")


def _is_prose_order(text: str) -> bool:
    return bool(PROSE_ORDER.match(fold(text[:_BEGINNING]))) and not _leads(text) and not _is_contact(text)


def _is_contact(text: str) -> bool:
    return bool(CONTACT.search(fold(text[:160])) and REACHABLE.search(text))


def _settle(item: Item, parent: Item | None) -> None:
    """Decide what a clause is there for and whom it binds."""
    item.kind = _kind(item, parent)
    item.audience = "" if item.kind == "contact" else (parent.audience if parent else "") or _audience(item)
    for child in item.children:
        _settle(child, item)
    if item.children:
        kinds = {child.kind for child in item.children}
        if item.kind == "order" and kinds == {"contact"}:
            item.kind, item.audience = "contact", ""
        elif item.kind == "information" and "order" in kinds:
            item.kind = "order"


def _kind(item: Item, parent: Item | None) -> ClauseKind:
    words = fold(item.text)
    if parent is not None and parent.kind == "contact":
        return "contact"
    if _is_contact(item.text) and not re.match(r"(?:bao\s+cao|gui|tong\s+hop|ra\s+soat|cu\s)", words):
        return "contact"
    if CONTACT.search(words[:220]) and any(REACHABLE.search(child.text) for child in item.children):
        return "contact"
    if item.style not in ("prose", "dash", "plus") and BACKGROUND.match(words):
        return "information"
    if parent is not None and parent.kind == "information" and BACKGROUND.match(fold(parent.text)):
        return "information"
    if item.style == "prose":
        return "order" if _is_prose_order(item.text) else "information"
    if INFORMATION.match(words):
        return "information"
    lead = fold(parent.text if parent and parent.text else item.lead)
    if parent is not None and parent.kind == "information" and not IMPERATIVE.match(words):
        return "information"
    if IMPERATIVE.match(words) or ACTOR.match(item.text.lower()):
        return "order"
    if ORDERS.search(lead[-200:]):
        return "order"
    if lead and LISTS_INFORMATION.search(lead.rstrip(" :")):
        return "information"
    return "order" if parent is None or parent.kind == "order" else "information"


def _audience(item: Item) -> str:
    """Give the addressees that the clause names at its start, as written."""
    if item.style == "prose" and not _is_prose_order(item.text):
        return ""
    words = fold(item.text)
    asks = r"\b(?:de\s+nghi|yeu\s+cau|giao|doi\s+voi)\s*:?\s+"
    prefix = re.search(asks, words) if item.style == "prose" else re.match(asks, words)
    start = prefix.end() if prefix else 0
    found = ACTOR.match(item.text.lower(), start)
    if not found:
        return ""
    # "Bộ Xây dựng chỉ đạo": what follows a bare "Bộ" or "Sở" is its name, whatever it means as a verb.
    acts = next(
        (act for act in ACTS.finditer(words, found.end() - 1) if " " in words[start : act.start()].strip()), None
    )
    colon = item.text.find(":", start)
    if item.children and (acts is None or acts.start() > 200) and len(item.text) < 240:
        return squeeze(item.text[start : colon if colon > 0 else len(item.text)]).strip(" .:;,")
    ends = [end for end in (acts.start() if acts else -1, colon) if end > start]
    return squeeze(item.text[start : min(ends)]).strip(" .:;,") if ends and min(ends) - start < 240 else ""


_INLINE = re.compile(r"\((\d{1,2})\)\s*|(?<=[;:.]\s)(\d{1,2})\)\s+|(?<=[;:]\s)([a-zđ])\)\s+")


def _split_inline(preamble: Sequence[Paragraph], grower: _Grower) -> None:
    """Split orders that a sentence enumerates inline: "đề nghị: (1) …; (2) …"."""
    if not grower.roots:
        for paragraph in preamble:
            if grower.roots or (ORDERS.search(fold(paragraph.text)) and _inline_marks(paragraph.text)):
                grower.roots.append(Item("prose", "", 0, paragraph.text, paragraph.start, paragraph.end))
    for item in grower.roots:
        if item.children or CONTACT.search(fold(item.text[:160])):
            continue
        marks = _inline_marks(item.text)
        offset = item.end - len(item.text)
        if not marks or not ORDERS.search(fold(item.text[: marks[0].start()])):
            continue
        edges = [*(mark.start() for mark in marks), len(item.text)]
        for mark, until in zip(marks, edges[1:], strict=True):
            number = next(
                int(group) if group.isdecimal() else _number_of("letter", group) for group in mark.groups() if group
            )
            item.children.append(
                Item(
                    "paren-arabic",
                    mark[0].strip(),
                    number,
                    item.text[mark.end() : until].strip(" ;"),
                    offset + mark.start(),
                    offset + until,
                )
            )
        item.text = item.text[: marks[0].start()].strip()


def _inline_marks(text: str) -> list[re.Match[str]]:
    marks = list(_INLINE.finditer(text))
    labels = [next(group for group in mark.groups() if group) for mark in marks]
    if len(marks) >= 2 and (
        labels == [str(number) for number in range(1, len(marks) + 1)] or labels == list(_LETTERS[: len(marks)])
    ):
        return marks
    return []


def _settle_prose(roots: list[Item]) -> None:
    """Split an order in prose into its sentences' orders, and a sentence into the acts that it lists."""
    for at in range(len(roots) - 1, -1, -1):
        item = roots[at]
        if item.style != "prose" or item.kind != "order" or item.children or item.end - item.start != len(item.text):
            continue
        parts = _sentences(item)
        roots[at : at + 1] = parts
    for item in roots:
        if item.style == "prose" and item.kind == "order" and not item.children:
            item.children = _acts(item)


def _sentences(item: Item) -> list[Item]:
    """Cut where a new order begins ("Giao …", "Đề nghị …", "Yêu cầu …")."""
    cuts = [found.end() for found in re.finditer(r"[.;]\s+(?=(?:Giao|Đề nghị|Yêu cầu)\s)", item.text)]
    edges = [0, *cuts, len(item.text)]
    out: list[Item] = []
    for start, end in pairwise(edges):
        words = item.text[start:end].strip()
        part = Item("prose", "", 0, words, item.start + start, item.start + end, lead=item.lead)
        part.kind = "order" if not out or _is_prose_order(words) or IMPERATIVE.match(fold(words)) else "information"
        part.audience = _audience(part)
        out.append(part)
    return out


def _acts(item: Item) -> list[Item]:
    """Find the acts of "đề nghị X cài bản vá, giám sát và báo cáo …": each begins with a verb after a comma or "và"."""
    head = re.match(r"(?:de\s+nghi|yeu\s+cau)\s", fold(item.text))
    if not head or len(item.text) > 400:
        return []
    folded = fold(item.text)
    first = re.search(rf"\s(?:{VERBS})(?=\s)", folded[head.end() :])
    if not first:
        return []
    starts = [head.end() + first.start() + 1]
    item.audience = item.text[head.end() : starts[0]].strip(" ,:")
    starts += [
        found.end()
        for found in re.finditer(rf"(?:,\s+|;\s+|\sva\s+)(?=(?:{VERBS})(?:\s|$))", folded)
        if found.end() > starts[0]
    ]
    if len(starts) < 2:
        return []
    edges = [*starts, len(item.text)]
    children: list[Item] = []
    for start, end in pairwise(edges):
        words = re.sub(r"(?:\s+và|[,;.])\s*$", "", item.text[start:end].strip()).strip(" ,;.")
        child = Item("act", "", len(children) + 1, words, item.start + start, item.start + end)
        child.audience = item.audience
        children.append(child)
    return children


def _number(items: list[Item], above: str, taken: dict[str, int]) -> None:
    """Give every clause its path. Where two of a level share a label, the order keeps it and the other gets "#2"."""
    counts: dict[str, int] = {}
    names: dict[int, str] = {}
    for item in items:
        if item.style in ("dash", "plus", "prose", "act"):
            mark = {"dash": "-", "plus": "+", "prose": "p", "act": "-"}[item.style]
            counts[mark] = counts.get(mark, 0) + 1
            names[id(item)] = f"{mark}{counts[mark]}"
        else:
            names[id(item)] = _name(item)
    for item in sorted(items, key=lambda item: (item.kind == "information", item.start)):
        ref = f"{above}.{names[id(item)]}" if above and item.style != "nested" else names[id(item)]
        taken[ref] = taken.get(ref, 0) + 1
        item.ref = ref if taken[ref] == 1 else f"{ref}#{taken[ref]}"
    for item in items:
        _number(item.children, item.ref, taken)


def _name(item: Item) -> str:
    if item.style == "ordinal" or (item.style == "arabic" and not item.label):
        return str(item.order_number)
    bare = item.label.strip(_AROUND)
    return bare.split()[-1].rstrip(".:") if item.style == "article" else bare


def _freeze(item: Item) -> Clause:
    children = tuple(_freeze(child) for child in item.children)
    end = max([item.end, *(child.span[1] for child in children)])
    return Clause(item.ref, item.label, item.text, (item.start, end), item.kind, item.audience, (), children)
