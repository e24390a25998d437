"""What a letter of this kind should have and this one lacks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from haidang.engine.letters.head import Head
from haidang.engine.letters.letter import Annex, Citation, Clause, Gap, Product, QuotedDate
from haidang.engine.letters.products import ProductName, is_misspelt
from haidang.engine.text import fold, key

_REPORT = re.compile(
    r"\bbao\s+cao\b(?!\s+(?:so|nay|ky\s+thuat|viet))[^.;]{0,120}?\b(?:ve|ket\s+qua|tinh\s+hinh|gui|so\b|ubnd|cuc|truoc|dinh\s+ky|bang\s+van\s+ban|trung\s+tam)"
    r"|\bgui\b[^.;]{0,60}\b(?:bao\s+cao|ket\s+qua)\b|\bbao\s+cao\s*(?:\(|$)|tong\s+hop[^.;]{0,40}bao\s+cao|ket\s+qua[^.;]{0,60}\bgui\s+ve"
)
_ON_INCIDENT = re.compile(
    r"bao\s+cao\s+(?:ngay\s+)?khi\s+(?:co|xay|gap|phat)|khi\s+(?:co|xay\s+ra|gap)\s+su\s+co[^.;]{0,60}bao"
)
_PROVIDERS = re.compile(r"internet|vien\s+thong|isp\b|nha\s+mang")
_PROVIDER_NAMES = re.compile(
    r"vnpt|viettel|mobifone|vinaphone|fpt|cmc|netnam|spt|vien\s+thong|internet|gtel|vietnamobile|dich\s+vu\s+mang"
)
_ENCLOSED = re.compile(r"\((?:cac\s+)?(?:van\s+ban|cong\s+van)\s+(?:gui\s+)?kem\s+theo\)")
# Laws, decrees and the like carry their year in the number, and everybody has them: "85/2016/NĐ-CP".
_PUBLIC_LAW = re.compile(r"/(?:19|20)\d{2}/")
# Words that name no one in particular.
_EVERYBODY = frozenset(
    [
        "an",
        "ban",
        "bo",
        "ca",
        "cac",
        "can",
        "chuc",
        "chuyen",
        "co",
        "cong",
        "dao",
        "dau",
        "dia",
        "doan",
        "doi",
        "don",
        "dung",
        "he",
        "lanh",
        "nganh",
        "nguoi",
        "nhan",
        "phan",
        "phong",
        "phuong",
        "quan",
        "quy",
        "so",
        "the",
        "thong",
        "thu",
        "thuoc",
        "tin",
        "to",
        "toan",
        "trach",
        "truong",
        "va",
        "vi",
        "vien",
        "voi",
    ]
)


def find_gaps(
    *,
    head: Head,
    has_head: bool,
    has_addressees: bool,
    text: str,
    clauses: Sequence[Clause],
    lost_labels: Sequence[str],
    citations: Sequence[Citation],
    products: Sequence[Product],
    names: Sequence[ProductName],
    dates: Sequence[QuotedDate],
    addressees: Sequence[str],
    annexes: Sequence[Annex],
    on_file: Collection[str],
) -> tuple[Gap, ...]:
    """List the gaps, in the order of the letter."""
    gaps: list[Gap] = []
    if not has_head:
        gaps.append(Gap("head_missing", "The letter's head (issuer, number, date) is missing or cut off."))
    if head.number is None:
        gaps.append(
            Gap(
                "blank_number",
                f"The number is blank before “/{head.notation}”." if head.notation else "The letter has no number.",
            )
        )
    if head.date is None:
        gaps.append(
            Gap(
                "blank_date",
                "The letter's date is blank." if head.has_date or head.place else "The letter has no date.",
            )
        )
    if not has_addressees:
        gaps.append(Gap("no_addressee", "The letter does not say to whom it is addressed."))
    gaps.extend(Gap("lost_label", f"A label is lost: {label}") for label in lost_labels)
    orders = [clause for clause in _walk(clauses) if clause.kind == "order"]
    if not orders:
        gaps.append(Gap("no_order", "No order was recognised in the letter."))
    if not any(date.kind == "deadline" for date in dates):
        gaps.append(Gap("no_deadline", "No deadline is stated; any due date is the department's own."))
    if not any(_REPORT.search(fold(clause.text)) and not _ON_INCIDENT.search(fold(clause.text)) for clause in orders):
        gaps.append(Gap("no_reporting_clause", "No clause asks for a report on what was done."))
    gaps.extend(_without_recipient(orders, addressees, annexes))
    filed = {key(number) for number in on_file}
    gaps.extend(
        Gap("cited_letter_missing", f"{citation.number} is cited but not on file.")
        for citation in citations
        if key(citation.number) not in filed and not _PUBLIC_LAW.search(citation.number)
    )
    gaps.extend(
        Gap("unnumbered_citation", f"Letters are cited without a number: {text[found.start() : found.end()]}")
        for found in _ENCLOSED.finditer(fold(text))
    )
    gaps.extend(
        Gap("misspelled_product", f"“{product.written}” is written for {product.name}.")
        for product in products
        if is_misspelt(product, names)
    )
    return tuple(gaps)


def _walk(clauses: Sequence[Clause]) -> Iterator[Clause]:
    for clause in clauses:
        yield clause
        yield from _walk(clause.children)


def _without_recipient(orders: Sequence[Clause], addressees: Sequence[str], annexes: Sequence[Annex]) -> Iterator[Gap]:
    """Find orders to somebody who is neither in the annex nor, where there is no annex, an addressee."""
    units = [unit.name for annex in annexes for block in annex.blocks for unit in block.units]
    blocks = [block.name for annex in annexes for block in annex.blocks]
    named = units or list(addressees)
    if not named:
        return
    for order in orders:
        if not order.audience or any(child.kind == "order" for child in order.children):
            continue
        audience = fold(order.audience)
        if _PROVIDERS.search(audience):
            reached = any(_PROVIDER_NAMES.search(fold(name)) and not _is_department(name) for name in named)
        else:
            words = set(key(audience).split()) - _EVERYBODY
            reached = (
                not words
                or any(words & set(key(name).split()) for name in [*named, *blocks, *addressees])
                or _is_one_of(audience, addressees)
            )
        if not reached:
            where = "the annex names" if units else "the addressees name"
            yield Gap("order_without_recipient", f"{order.ref} binds “{order.audience}”, and {where} none of them.")


def _is_one_of(audience: str, addressees: Sequence[str]) -> bool:
    """Tell whether "các sở" among the addressees covers "Sở Tài chính"."""
    kind = audience.split(" ", 1)[0]
    return any(re.search(rf"\bcac\b[^;]*\b{re.escape(kind)}\b", fold(name)) for name in addressees)


def _is_department(name: str) -> bool:
    """Tell a department ("Sở Thông tin và Truyền thông"): no provider, whatever words its name shares with one."""
    return bool(re.match(r"(?:so|bo|cuc|phong)\b", fold(name)))
