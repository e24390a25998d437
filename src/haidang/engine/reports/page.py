"""How a page is made: one file, both languages, nothing fetched, nothing run that we did not write."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache, lru_cache
from html import escape
from importlib import resources
from typing import Any

import jinja2
import orjson

from haidang.engine.obligations.measure import Words
from haidang.engine.reports.words import day_words, number_words

# The end tag of a script, a comment that never ends, and the two line ends that old script engines stumble over.
_UNSAFE_IN_SCRIPT = {
    b"<": b"\\u003c",
    b">": b"\\u003e",
    b"&": b"\\u0026",
    "\u2028".encode(): b"\\u2028",
    "\u2029".encode(): b"\\u2029",
}


def make_page(template: str, scripts: tuple[str, ...], context: Mapping[str, Any]) -> bytes:
    """Fill a template of this package.

    Args:
        template: its file name.
        scripts: files of this package, put into the page in this order.
        context: what the template reads.
    """
    style = Html(read_template("style.css"))
    script = Html("".join(read_template(name) for name in scripts))
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    page = _environment().get_template(template)
    return page.render(style=style, script=script, policy=policy, **context).encode()


def make_data(value: object) -> Html:
    """Write data for `<script type="application/json">`, so that no text in it can end the script."""
    data = orjson.dumps(value)
    for raw, escaped in _UNSAFE_IN_SCRIPT.items():
        data = data.replace(raw, escaped)
    return Html(data.decode())


@cache
def read_template(name: str) -> str:
    """Read a file of the package's templates."""
    return resources.files(__package__).joinpath("templates", name).read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(read_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(t=both, own=own)
    environment.filters.update(words=_words, day=_day, number=_number)
    return environment


class Html(str):
    """A piece of a page that is already escaped."""

    __slots__ = ()

    def __html__(self) -> str:
        """Tell the template engine to leave it as it is."""
        return str(self)


@lru_cache(maxsize=4096)
def both(vi: str, en: str) -> Html:
    """Put a text into the page in both languages; the style shows the one that is chosen."""
    if vi == en:
        return Html(escape(vi))
    return Html(f'<span lang="vi">{escape(vi)}</span><span lang="en">{escape(en)}</span>')


def own(text: object) -> Html:
    """Put a text of the document itself into the page: Vietnamese, whatever language is chosen."""
    if isinstance(text, Mapping):
        return both(str(text["vi"]), str(text["en"]))
    return Html(f'<span lang="vi-VN">{escape("" if text is None else str(text))}</span>')


def _words(value: Words | Mapping[str, str]) -> Html:
    return both(value["vi"], value["en"]) if isinstance(value, Mapping) else both(value.vi, value.en)


def _day(day: str | None) -> Html:
    return Html(f'<time datetime="{escape(day or "")}">{_words(day_words(day))}</time>')


def _number(number: float) -> Html:
    return _words(number_words(number))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
