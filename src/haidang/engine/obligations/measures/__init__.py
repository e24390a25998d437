"""The measures: one file each, found by listing this folder. Adding one is adding its file and a golden case."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from haidang.engine.errors import BadContent, BadRequest
from haidang.engine.obligations.measure import Measure
from haidang.engine.tables import TABLES


@cache
def all_measures() -> Mapping[str, Measure]:
    """Give every measure by its name.

    Raises:
        BadContent: a file here has no sound `MEASURE`.
    """
    return {name: _load(name) for name in sorted(module.name for module in pkgutil.iter_modules(__path__))}


def get_measure(name: str) -> Measure:
    """Give the measure of that name.

    Raises:
        BadRequest: there is none.
    """
    measure = all_measures().get(name.strip().lower().replace("-", "_"))
    if measure is None:
        raise BadRequest(f"no measure is called “{name[:60]}”; `haidang explain` lists them")
    return measure


def _load(name: str) -> Measure:
    measure = getattr(importlib.import_module(f"{__name__}.{name}"), "MEASURE", None)
    if not isinstance(measure, Measure):
        raise BadContent(f"measures/{name}.py has no MEASURE")
    unknown = [table for table in (*measure.needs, *measure.uses) if table not in TABLES]
    if measure.name != name or unknown or not measure.parts or not measure.needs:
        raise BadContent(f"measures/{name}.py: name, parts or tables are wrong {unknown or ''}")
    return measure
