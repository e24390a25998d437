"""A parcel of JSON taken apart: one document, a list of them or one a line; and where its shape is not as expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

import orjson

from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread

# What a place of a document should hold: `str`, `float` (any number) or `bool`, a list of one shape, or the keys of an
# object that are looked at. `object` allows anything. To say "a list of objects with a text `id`", write [{"id": str}].
Shape: TypeAlias = "type | list[Any] | dict[str, Any]"

_BOM = b"\xef\xbb\xbf"
_MOST_FAULTS = 50
_EXPECTED: Mapping[type, tuple[str, str]] = {
    str: ("chữ", "a text"),
    float: ("số", "a number"),
    bool: ("true hoặc false", "true or false"),
}


class Piece(NamedTuple):
    """One document of a parcel: its content, the JSON pointer to it ("", "/3") or "line N", and its line."""

    content: Any
    pointer: str
    line: int


def pieces(data: bytes, name: str, unread: list[Unread], table: str) -> list[Piece]:
    """Take a parcel apart; a line that is no JSON goes to `unread`.

    Raises:
        UnreadableParcel: neither JSON nor JSON lines.
    """
    data = data.removeprefix(_BOM)
    try:
        content = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return _lines(data, name, unread, table, f"{name} is no sound JSON: {error}")
    if isinstance(content, list):
        return [Piece(one, f"/{place}", 1) for place, one in enumerate(content)]
    return [Piece(content, "", 1)]


def _lines(data: bytes, name: str, unread: list[Unread], table: str, why: str) -> list[Piece]:
    found: list[Piece] = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(Piece(orjson.loads(line), f"line {number}", number))
        except orjson.JSONDecodeError as error:
            # A broken document is told as one; only what begins as JSON lines is read as such.
            if not found:
                raise UnreadableParcel(why) from error
            unread.append(Unread(Source(name, number), f"không phải JSON / no sound JSON: {error}", table))
    if not any(isinstance(piece.content, dict) for piece in found):
        raise UnreadableParcel(why)
    return found


def told(pointer: str, vietnamese: str, english: str) -> str:
    """Word why something at a place could not be read."""
    return f"{pointer or '/'}: {vietnamese} / {english}"


def misshapen(piece: Piece, shape: Shape, name: str, table: str) -> Iterator[Unread]:
    """Tell each place of a document that holds another kind of value than it should; null counts as absent.

    Such a value is as good as absent for whoever reads the document with `json_shape`; this is what keeps it from being
    lost without a word.
    """
    source = Source(name, piece.line)
    waiting: list[tuple[Any, Shape, str]] = [(piece.content, shape, piece.pointer)]
    count = 0
    while waiting:
        value, expected, pointer = waiting.pop()
        if value is None or expected is object:
            continue
        fault = _take(value, expected, pointer, waiting)
        if fault:
            count += 1
            if count <= _MOST_FAULTS:
                yield Unread(source, told(pointer, f"không phải {fault[0]}", f"not {fault[1]}"), table)
    if count > _MOST_FAULTS:
        more = count - _MOST_FAULTS
        yield Unread(source, told(piece.pointer, f"còn {more} chỗ sai kiểu nữa", f"{more} more of the kind"), table)


def _take(
    value: object, expected: Shape, pointer: str, waiting: list[tuple[Any, Shape, str]]
) -> tuple[str, str] | None:
    """Look at one value; what it holds goes to `waiting`, last first, so that faults come in the document's order."""
    if isinstance(expected, list):
        if not isinstance(value, list):
            return "danh sách", "a list"
        inner = expected[0]
        if inner is str and all(type(one) is str for one in value):
            return None
        waiting += [(value[at], inner, f"{pointer}/{at}") for at in range(len(value) - 1, -1, -1)]
        return None
    if isinstance(expected, dict):
        if not isinstance(value, dict):
            return "đối tượng", "an object"
        waiting += [(value[key], expected[key], f"{pointer}/{key}") for key in reversed(expected) if key in value]
        return None
    if expected is float:
        sound = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        sound = isinstance(value, expected)
    return None if sound else _EXPECTED[expected]
