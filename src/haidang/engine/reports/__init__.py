"""The document of verdicts, told in every form that people and machines read it in.

A form is a module of this package with `render(reading) -> Iterator[tuple[path, bytes]]`; adding one is one new file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, cast

import polars as pl

from haidang.engine.reports.document import Document, Reading


def render(document: dict[str, Any], rows: pl.DataFrame) -> Iterator[tuple[str, bytes]]:
    """Write the document in every form.

    Args:
        document: as `docs/verdicts.md` says ("haidang-verdicts/1").
        rows: the rows behind the verdicts, at least those that don't pass: agency, measure, part, subject, outcome,
            why, table, file, line and, if a measure stands in several clauses with different rows, clause. Verdicts
            of which it has no row are told with the rows that the document carries.

    Yields:
        (path relative to the folder of results, content), in the same order and with the same bytes for the same input.
    """
    reading = Reading.of(cast(Document, document), rows)
    for name in form_names():
        yield from importlib.import_module(f"{__name__}.{name}").render(reading)


def form_names() -> list[str]:
    """List the forms: every module here that has a `render`."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [name for name in names if hasattr(importlib.import_module(f"{__name__}.{name}"), "render")]
