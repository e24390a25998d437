"""Loops that are compiled to machine code where numba is there; without it they run as the Python that they are."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """Compile a loop over arrays when it is first called, and keep the machine code on disk.

    Each array that a compiled function is given costs some nanoseconds a call, so tables are handed over as one array
    of several rows.
    """
    if find_spec("numba") is None:  # slower, and just as right
        return loop
    return _to_machine_code(loop, {})


def compiled_bare(loop: Loop) -> Loop:
    """Compile a loop that makes no array: those it is given cost it nothing then, however often it hands them on."""
    if find_spec("numba") is None:
        return loop
    return _to_machine_code(loop, {"_nrt": False})


def _to_machine_code(loop: Loop, options: dict[str, Any]) -> Loop:
    import numba

    try:
        return cast("Loop", numba.njit(cache=True, nogil=True, **options)(loop))
    except RuntimeError:  # nowhere to keep the machine code: it is made anew each time
        return cast("Loop", numba.njit(nogil=True, **options)(loop))
