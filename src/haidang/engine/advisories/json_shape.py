"""Looking into JSON that somebody else wrote: whatever is not of the shape that was expected counts as absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def mapping(content: object, key: str) -> Mapping[str, Any]:
    """Give the object under a key; empty when it is none."""
    value = content.get(key) if isinstance(content, dict) else None
    return value if isinstance(value, dict) else {}


def mappings(content: object, key: str) -> list[Mapping[str, Any]]:
    """Give the objects of the list under a key, and no other kind of entry."""
    value = content.get(key) if isinstance(content, dict) else None
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def texts(content: object, key: str) -> list[str]:
    """Give the texts of the list under a key, and no other kind of entry."""
    value = content.get(key) if isinstance(content, dict) else None
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def text(content: object, key: str) -> str:
    """Give the text under a key; empty when it is none."""
    value = content.get(key) if isinstance(content, dict) else None
    return value if isinstance(value, str) else ""


def number(content: object, key: str) -> float | None:
    """Give the number under a key; None when it is none."""
    value = content.get(key) if isinstance(content, dict) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
