"""One file a form of indicators: bytes in, a list of indicators out. A new form is a new file here.

A format module has `ORDER` (who is asked first, low first), `is_mine(data, name) -> bool`, which looks at the bytes and
only where they can't tell at the name, and `read(data, name) -> Bulletin`.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType

from haidang.engine.errors import UnreadableParcel
from haidang.engine.indicators.indicator import Bulletin


@functools.cache
def formats() -> tuple[ModuleType, ...]:
    """List the forms, in the order in which they are asked."""
    found = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(sorted(found, key=lambda module: int(module.ORDER)))


def read_indicators(data: bytes, name: str) -> Bulletin:
    """Read a file of indicators of any known form.

    Raises:
        UnreadableParcel: empty, broken or hostile.
    """
    if not data.strip(b"\xef\xbb\xbf \r\n\t\0"):
        raise UnreadableParcel(f"{name} is empty")
    module = next(module for module in formats() if module.is_mine(data, name))
    bulletin: Bulletin = module.read(data, name)
    return bulletin
