"""One file a form of advisory: bytes in, records out. A new form is a new file here.

A format module has `ORDER` (who is asked first, low first), `is_mine(data, name) -> bool`, which looks at the bytes
and only where they can't tell at the name, and `read(data, name) -> Bulletin`.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType

from haidang.engine.advisories.record import Bulletin
from haidang.engine.errors import UnreadableParcel


@functools.cache
def formats() -> tuple[ModuleType, ...]:
    """List the formats, in the order in which they are asked."""
    found = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(sorted(found, key=lambda module: int(module.ORDER)))


def read_advisories(data: bytes, name: str) -> Bulletin:
    """Read a file of advisories of any known form.

    Raises:
        UnreadableParcel: empty, broken, hostile, or of no known form.
    """
    if not data.strip():
        raise UnreadableParcel(f"{name} is empty")
    for module in formats():
        if module.is_mine(data, name):
            bulletin: Bulletin = module.read(data, name)
            return bulletin
    raise UnreadableParcel(f"{name} is none of the forms of advisory that can be read")
