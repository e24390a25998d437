"""One file a form of inventory: bytes in, rows of hosts, software and updates out. A new form is a new file here.

A format module has `ORDER` (who is asked first, low first), `is_mine(data, name) -> bool`, which looks at the bytes
and only where they can't tell at the name, and `read(data, name) -> Inventory`.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType

from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory.inventory import Inventory


@functools.cache
def formats() -> tuple[ModuleType, ...]:
    """List the formats, in the order in which they are asked."""
    found = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(sorted(found, key=lambda module: int(module.ORDER)))


def find_format(data: bytes, name: str) -> ModuleType | None:
    """Find the format that takes a file; None when nobody does."""
    return next((module for module in formats() if module.is_mine(data, name)), None)


def read_inventory(data: bytes, name: str) -> Inventory:
    """Read an inventory of any known form.

    Raises:
        UnreadableParcel: empty, broken, hostile, or of no known form.
    """
    if not data.strip():
        raise UnreadableParcel(f"{name} is empty")
    module = find_format(data, name)
    if module is None:
        raise UnreadableParcel(f"{name} is no inventory of a form that can be read")
    inventory: Inventory = module.read(data, name)
    return inventory
