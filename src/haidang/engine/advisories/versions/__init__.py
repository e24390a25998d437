"""How versions compare: one file a scheme, found by listing. A scheme turns a text into an interval of keys.

A scheme's module has `NAMES` (what publishers call it) and `interval(text) -> Interval | None`.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping

from haidang.engine.advisories.versions.bytekeys import MOST_CHARACTERS, Interval

_TOOLS = {"bytekeys"}
# What no order can be made of: a commit says nothing about the version that somebody installed.
WITHOUT_ORDER = frozenset({"git"})


@functools.cache
def schemes() -> Mapping[str, Callable[[str], Interval | None]]:
    """Give every scheme by each of its names."""
    modules = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
        if module.name not in _TOOLS
    ]
    return {name: module.interval for module in modules for name in module.NAMES}


def scheme_name(written: str) -> str:
    """Give the name of the scheme that a publisher's word means; "dotted" for words that mean none."""
    lowered = written.strip().lower()
    return lowered if lowered in schemes() or lowered in WITHOUT_ORDER else "dotted"


@functools.lru_cache(maxsize=500_000)
def interval(scheme: str, text: str) -> Interval | None:
    """Read a version by a scheme; None where it is none, and always where there is no order."""
    if len(text) > MOST_CHARACTERS or scheme in WITHOUT_ORDER:
        return None
    return schemes()[scheme](text)
