"""One file a file format: bytes in, a manuscript out. A new format is a new file here.

A format module has `is_mine(data) -> bool`, `read(data, name) -> Manuscript` and `ORDER` (who is asked first, low first).
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType

from haidang.engine.errors import UnreadableParcel
from haidang.engine.letters.lines import Manuscript


@functools.cache
def formats() -> tuple[ModuleType, ...]:
    """List the formats, in the order in which they are asked."""
    found = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(sorted(found, key=lambda module: int(module.ORDER)))


def read_manuscript(data: bytes, name: str) -> Manuscript:
    """Read a file of any known format.

    Raises:
        UnreadableParcel: empty, encrypted, broken, or of no known format.
    """
    if not data.strip():
        raise UnreadableParcel(f"{name} is empty")
    for module in formats():
        if module.is_mine(data):
            manuscript: Manuscript = module.read(data, name)
            return manuscript
    raise UnreadableParcel(f"{name} is none of the formats that can be read: text, PDF, DOCX, e-mail")
