"""One file a form of inventory: bytes in, rows of hosts, software and updates out. A new form is a new file here.

A format module has `ORDER` (who is asked first, low first), `is_mine(data, name) -> bool`, which looks at the bytes
and only where they can't tell at the name, and `read(data, name) -> Inventory`. One that reads tables of any layout
says `PROFILED = True`; its two functions take known layouts as a third argument.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Sequence
from types import ModuleType

from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory.decoding import decode
from haidang.engine.inventory.headings import Profile
from haidang.engine.inventory.inventory import Inventory

_SHORT = 4_000


@functools.cache
def formats() -> tuple[ModuleType, ...]:
    """List the formats, in the order in which they are asked."""
    found = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(sorted(found, key=lambda module: int(module.ORDER)))


def find_format(data: bytes, name: str, profiles: Sequence[Profile] = ()) -> ModuleType | None:
    """Find the format that takes a file; None when nobody does."""
    return next((module for module in formats() if module.is_mine(data, name, *_more(module, profiles))), None)


def read_inventory(data: bytes, name: str, profiles: Sequence[Profile] = ()) -> Inventory:
    """Read an inventory of any known form.

    Args:
        data: the file.
        name: of the file; where the file doesn't name its machine, this does.
        profiles: known layouts of tables, the first that fits before any guess.

    Raises:
        UnreadableParcel: empty, broken, hostile, or of no known form.
    """
    if _is_blank(data):
        raise UnreadableParcel(f"{name} is empty")
    module = find_format(data, name, profiles)
    if module is None:
        raise UnreadableParcel(f"{name} is no inventory of a form that can be read")
    inventory: Inventory = module.read(data, name, *_more(module, profiles))
    return inventory


def _is_blank(data: bytes) -> bool:
    """Tell a file without anything in it; `wmic` writes one that holds only a mark and a line end."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff")) and len(data) < _SHORT
    return not (decode(data)[0].strip("\ufeff \r\n\t\0") if wide else data.strip(b"\xef\xbb\xbf \r\n\t"))


def _more(module: ModuleType, profiles: Sequence[Profile]) -> tuple[Sequence[Profile], ...]:
    return (profiles,) if getattr(module, "PROFILED", False) else ()
