"""A parcel of YAML taken apart into plain texts, lists and objects; nothing in it is ever executed or multiplied."""

from __future__ import annotations

from typing import Any, TypeAlias

import yaml

from haidang.engine.advisories.json_parcel import Piece
from haidang.engine.errors import UnreadableParcel

_Open: TypeAlias = "dict[str, Any] | list[Any]"

# Deeper nesting has no meaning in any advisory, and crashes parsers that build trees by recursion.
_DEEPEST = 60
_NOTHING = {"", "~", "null", "Null", "NULL"}
# The compiled parser where there is one. Events are read, never objects: it builds nothing by itself.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def yaml_pieces(data: bytes, name: str) -> list[Piece]:
    """Take the documents of a YAML file; every scalar stays the text that it is, so that version 1.10 is not 1.1.

    Raises:
        UnreadableParcel: no sound YAML, nested too deeply, with aliases (a few bytes could stand for gigabytes), or
            with keys that are no texts.
    """
    builder = _Builder(name)
    try:
        for event in yaml.parse(data, Loader=_LOADER):
            builder.take(event)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        words = " ".join(str(error).split())[:120]
        raise UnreadableParcel(f"{name} is no sound YAML: {words}") from error
    return builder.found


class _Builder:
    """Builds documents from events, with a stack of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Piece] = []
        self.open: list[_Open] = []
        self.keys: list[str | None] = []
        self.line = 1

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._add(None if not event.style and event.value in _NOTHING else event.value)
        elif isinstance(event, yaml.MappingStartEvent):
            self._enter({})
        elif isinstance(event, yaml.SequenceStartEvent):
            self._enter([])
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.open.pop()
            self.keys.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self.line = event.start_mark.line + 1 if event.start_mark else 1
        elif isinstance(event, yaml.AliasEvent):
            raise UnreadableParcel(f"{self.name} holds YAML aliases, which no advisory needs")

    def _enter(self, container: _Open) -> None:
        if len(self.open) == _DEEPEST:
            raise UnreadableParcel(f"{self.name} is nested more than {_DEEPEST} deep")
        self._add(container)
        self.open.append(container)
        self.keys.append(None)

    def _add(self, value: str | _Open | None) -> None:
        if not self.open:
            pointer = f"line {self.line}" if self.found else ""
            self.found.append(Piece(value, pointer, self.line))
            return
        container = self.open[-1]
        if isinstance(container, list):
            container.append(value)
            return
        key = self.keys[-1]
        if key is not None:
            container[key] = value
            self.keys[-1] = None
        elif isinstance(value, str):
            self.keys[-1] = value
        else:
            raise UnreadableParcel(f"{self.name} has YAML keys that are no texts")
