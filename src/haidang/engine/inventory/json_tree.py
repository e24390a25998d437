"""JSON from strangers: what it holds, on which line each object begins, and a careful look into it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory.decoding import decode

MOST_BYTES = 300_000_000
# Beyond this, finding the lines would cost more than reading the file.
_MOST_LINED_BYTES = 60_000_000
_MARKS = re.compile(rb'"(?:[^"\\]|\\.)*"|[{\n]')


class Json:
    """A JSON document that knows the lines of its objects."""

    def __init__(self, data: bytes, name: str) -> None:
        """Read it.

        Raises:
            UnreadableParcel: broken, or too large.
        """
        if len(data) > MOST_BYTES:
            raise UnreadableParcel(f"{name} has more than {MOST_BYTES // 1_000_000} MB of JSON; split it")
        plain = as_utf8(data)
        try:
            self.root: Any = orjson.loads(plain)
        except orjson.JSONDecodeError as error:
            raise UnreadableParcel(
                f"{name} is broken JSON: line {error.lineno}: {error.msg}; export it again"
            ) from error
        self._plain = plain
        self._lines: dict[int, int] | None = None

    def line(self, entry: object) -> int:
        """Give the line on which an object of this document begins; 1 where that can't be told."""
        if self._lines is None:
            self._lines = _find_lines(self.root, self._plain)
        return self._lines.get(id(entry), 1)


def as_utf8(data: bytes) -> bytes:
    """Bring JSON to UTF-8: PowerShell writes it as UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")) or b"\0" in data[:4]:
        return decode(data)[0].encode("utf-8", "replace")
    return data


def _find_lines(root: object, data: bytes) -> dict[int, int]:
    if len(data) > _MOST_LINED_BYTES or data.count(b"\n") <= 1:
        return {}
    starts: list[int] = []
    line = 1
    for mark in _MARKS.finditer(data):
        if mark[0] == b"\n":
            line += 1
        elif mark[0] == b"{":
            starts.append(line)
    objects = list(_objects(root))
    # An object with a name twice has lost one; then nothing can be said.
    return dict(zip(map(id, objects), starts, strict=True)) if len(objects) == len(starts) else {}


def _objects(root: object) -> Iterator[object]:
    """Give every object in the order in which they begin."""
    stack = [root]
    while stack:
        entry = stack.pop()
        if isinstance(entry, dict):
            yield entry
            stack.extend(reversed(entry.values()))
        elif isinstance(entry, list):
            stack.extend(reversed(entry))


def starts_json(head: str, *, lists: bool = True) -> bool:
    """Tell whether a text begins as a JSON object, or a list of them."""
    return head.lstrip()[:1] in ("{[" if lists else "{") and head.strip() != ""


def mapping(content: object, *path: str) -> Mapping[str, Any]:
    """Give the object at a path; empty when there is none."""
    for key in path:
        content = content.get(key) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}


def mappings(content: object, key: str) -> list[Mapping[str, Any]]:
    """Give the objects of the list under a key; one object that stands alone counts as a list of one."""
    value = content.get(key) if isinstance(content, dict) else None
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, dict)]


def words(content: object, *path: str) -> str:
    """Give the text or the number at a path, stripped; empty when there is none."""
    for key in path:
        content = content.get(key) if isinstance(content, dict) else None
    if isinstance(content, bool) or not isinstance(content, str | int | float):
        return ""
    return str(content).strip()
