"""One file a form of botnet list: bytes in, an `AddressList` out. A new form is a new file here.

A format module has `ORDER` (who is asked first, low first), `is_mine(data, name) -> bool` and
`read(data, name) -> AddressList`. One that reads tables of any layout says `PROFILED = True`; its two functions take
known layouts as a third argument.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Sequence
from types import ModuleType

from haidang.engine.botnet.address_list import AddressList
from haidang.engine.botnet.columns import ListProfile
from haidang.engine.errors import UnreadableParcel

MAX_BYTES = 400_000_000


@functools.cache
def formats() -> tuple[ModuleType, ...]:
    """List the formats, in the order in which they are asked."""
    found = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(sorted(found, key=lambda module: int(module.ORDER)))


def find_format(data: bytes, name: str, profiles: Sequence[ListProfile] = ()) -> ModuleType | None:
    """Find the format that takes a file; None when nobody does."""
    return next((module for module in formats() if module.is_mine(data, name, *_more(module, profiles))), None)


def read_list(data: bytes, name: str, profiles: Sequence[ListProfile] = ()) -> AddressList:
    """Read a botnet list of any known form.

    Args:
        data: the file. Of a PDF, hand over its text.
        name: of the file.
        profiles: known layouts of tables, before any guess.

    Raises:
        UnreadableParcel: empty, broken, too large, or without any address.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableParcel(f"{name} is larger than {MAX_BYTES // 1_000_000} MB; split it")
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t"):
        raise UnreadableParcel(f"{name} is empty")
    module = find_format(data, name, profiles)
    if module is None:
        raise UnreadableParcel(f"{name} is no list of addresses of a form that can be read")
    found: AddressList = module.read(data, name, *_more(module, profiles))
    return found


def _more(module: ModuleType, profiles: Sequence[ListProfile]) -> tuple[Sequence[ListProfile], ...]:
    return (profiles,) if getattr(module, "PROFILED", False) else ()
