"""One file a form of logs: the head of a log in, a reader of its lines out. A new form is a new file here.

A format module has `ORDER` (who is asked first, low first) and `make(head, name, clock) -> LineReader | None`, which
looks at some lines of the log's head and gives None where they are not of its form.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Sequence
from types import ModuleType

from haidang.engine.hunting.record import LineReader
from haidang.engine.hunting.times import Clock


@functools.cache
def formats() -> tuple[ModuleType, ...]:
    """List the forms, in the order in which they are asked."""
    found = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(sorted(found, key=lambda module: int(module.ORDER)))


def find_reader(head: Sequence[str], name: str, clock: Clock) -> LineReader:
    """Find the reader for a log by the lines of its head; the last form asked takes any."""
    readers = (module.make(head, name, clock) for module in formats())
    reader: LineReader = next(reader for reader in readers if reader is not None)
    return reader
