"""Products that a letter names, also when it misspells them."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from haidang.engine.errors import BadContent
from haidang.engine.letters.letter import Product, Span


@dataclass(frozen=True, slots=True)
class ProductName:
    """A product's right name and the other ways in which letters write it."""

    name: str
    written: tuple[str, ...]


def read_product_names(content: bytes) -> tuple[ProductName, ...]:
    """Read `content/products.yaml`: a list of {name, written: […]}.

    Raises:
        BadContent: it has another form.
    """
    entries = yaml.safe_load(content)
    if not isinstance(entries, list):
        raise BadContent("content/products.yaml: a list of products was expected")
    names = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or set(entry) - {"name", "written"}:
            raise BadContent(f"content/products.yaml: {entry!r}: name and written were expected")
        names.append(ProductName(entry["name"], tuple(str(written) for written in entry.get("written", ()))))
    return tuple(names)


_WORD = re.compile(r"(?<![\w@/.-])[A-Z][A-Za-z]{4,}(?![\w@])")

_BEGINS = re.compile(r"(?<![\w@/.-])[A-Za-z0-9]+")


@functools.cache
def _forms(names: tuple[ProductName, ...]) -> tuple[dict[str, str], frozenset[str], re.Pattern[str]]:
    """Give every spelling with its product's name, the words that spellings begin with, and a pattern of them all."""
    forms = {form.casefold(): product.name for product in names for form in (product.name, *product.written)}
    starts = frozenset(found[0] for form in forms if (found := re.match(r"[a-z0-9]+", form)))
    anything = "|".join(re.escape(form).replace(r"\ ", r"[\s-]+") for form in sorted(forms, key=len, reverse=True))
    return forms, starts, re.compile(rf"(?:{anything})(?![\w@]|-\w)", re.IGNORECASE)


def find_products(text: str, spans: Sequence[Span], names: Sequence[ProductName]) -> tuple[Product, ...]:
    """List products in order of appearance, each once; a word one letter away from a name counts as misspelt.

    Returns:
        `written` differs from `name` where the letter writes it otherwise.
    """
    forms, starts, pattern = _forms(tuple(names))
    single = {form: name for form, name in forms.items() if form.isalpha() and len(form) >= 5}
    near: dict[str, str | None] = {}
    found: dict[str, Product] = {}
    for start, end in spans:
        taken: list[Span] = []
        for word in _BEGINS.finditer(text, start, end):
            match = pattern.match(text, word.start(), end) if word[0].casefold() in starts else None
            if match is None or (taken and match.start() < taken[-1][1]):
                continue
            name = (
                forms.get(re.sub(r"[\s-]+", " ", match[0]).casefold())
                or forms.get(match[0].casefold())
                or _loose(match[0], forms)
            )
            taken.append(match.span())
            _keep(found, Product(name, match[0], match.span()))
        covered = {at for span in taken for at in range(*span)}
        for match in _WORD.finditer(text, start, end):
            written = match[0].casefold()
            if match.start() in covered:
                continue
            if written not in near:
                near[written] = next((name for form, name in single.items() if _one_off(written, form)), None)
            if right := near[written]:
                _keep(found, Product(right, match[0], match.span()))
    return tuple(sorted(found.values(), key=lambda product: product.span))


def _keep(found: dict[str, Product], product: Product) -> None:
    known = found.get(product.name)
    if known is None or (product.span < known.span):
        found[product.name] = product


def _loose(written: str, forms: dict[str, str]) -> str:
    bare = re.sub(r"[\s-]+", "", written).casefold()
    return next(name for form, name in forms.items() if re.sub(r"[\s-]+", "", form) == bare)


def is_misspelt(product: Product, names: Sequence[ProductName]) -> bool:
    """Tell a spelling that is none of the product's own."""
    bare = re.sub(r"[\s-]+", "", product.written).casefold()
    known = next(entry for entry in names if entry.name == product.name)
    return all(re.sub(r"[\s-]+", "", form).casefold() != bare for form in (known.name, *known.written))


def _one_off(word: str, name: str) -> bool:
    """Tell one missing, added, changed or swapped letter (but never a mere plural "s")."""
    if word == name or abs(len(word) - len(name)) > 1 or word + "s" == name or word == name + "s":
        return False
    start = 0
    while start < min(len(word), len(name)) and word[start] == name[start]:
        start += 1
    a, b = word[start:], name[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (len(a) == len(b) > 1 and a[:2] == b[1::-1] and a[2:] == b[2:])
