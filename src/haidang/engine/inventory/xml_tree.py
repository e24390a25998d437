"""XML from strangers as a plain tree that knows its lines; entities, depth and size are refused at the door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from haidang.engine.errors import UnreadableParcel

MOST_BYTES = 200_000_000
MOST_NODES = 4_000_000
MOST_DEPTH = 200

_ELEMENT = re.compile(r"<(?:[\w.-]{1,80}:)?([A-Za-z_][\w.-]{0,80})([^>]{0,4000})")
_BEFORE_ROOT = (("<?", "?>"), ("<!--", "-->"))


@dataclass(slots=True)
class Node:
    """An element.

    Attributes:
        tag: its name without the namespace.
        space: its namespace; empty when it has none.
        attrs: attributes by name, namespaces left out.
        line: of its start tag.
        text: its own text before, between and after its children.
        children: in order.
    """

    tag: str
    space: str
    attrs: dict[str, str]
    line: int
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def first(self, *path: str) -> Node | None:
        """Walk down by names, each time to the first child of that name."""
        node: Node | None = self
        for tag in path:
            node = next((child for child in node.children if child.tag == tag), None) if node is not None else None
        return node

    def all(self, tag: str) -> Iterator[Node]:
        """Give the children of a name."""
        return (child for child in self.children if child.tag == tag)

    def words(self, *path: str) -> str:
        """Give the text at a path, stripped; empty when it is not there."""
        node = self.first(*path)
        return node.text.strip() if node is not None else ""

    def walk(self) -> Iterator[Node]:
        """Give the node and everything below it, in the order of the file."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


def root_of(head: str) -> tuple[str, str]:
    """Give the name of the first element and its attributes as written, from the beginning of a file; else two ""."""
    at = len(head) - len(head.lstrip())
    while head.startswith("<", at):
        skipped = _skip(head, at)
        if skipped is None:
            found = _ELEMENT.match(head, at)
            return (found[1], found[2]) if found else ("", "")
        at = skipped
        while head[at : at + 1].isspace():
            at += 1
    return "", ""


def _skip(head: str, at: int) -> int | None:
    """Give the place behind a comment, an instruction or a document type; None when there is none here."""
    for start, end in _BEFORE_ROOT:
        if head.startswith(start, at):
            close = head.find(end, at + len(start))
            return close + len(end) if close >= 0 else len(head)
    if head.startswith("<!", at):
        close, bracket = head.find(">", at), head.find("[", at)
        if 0 <= bracket < close:
            inner = head.find("]", bracket)
            close = head.find(">", inner) if inner >= 0 else -1
        return close + 1 if close >= 0 else len(head)
    return None


def read_xml(data: bytes, name: str) -> Node:
    """Read XML into a tree.

    Raises:
        UnreadableParcel: broken, too large, too deep, or with entities of its own, which no inventory needs.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableParcel(f"{name} has more than {MOST_BYTES // 1_000_000} MB of XML; split it")
    target = _Grower(name)
    parser = DefusedXMLParser(target=target)
    target.parser = parser.parser
    try:
        parser.feed(data)
        parser.close()
    except DefusedXmlException as error:
        raise UnreadableParcel(
            f"{name} declares entities of its own, as attacks do; export it again without a DTD"
        ) from error
    except (ParseError, LookupError, ValueError) as error:
        raise UnreadableParcel(f"{name} is broken XML: {str(error)[:120]}; export it again") from error
    if target.root is None:
        raise UnreadableParcel(f"{name} is broken XML: it holds no element; export it again")
    return target.root


class _Grower:
    """Grows the tree while expat walks the file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Node | None = None
        self.parser: object = None
        self._open: list[Node] = []
        self._words: list[list[str]] = []
        self._count = 0

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= MOST_DEPTH:
            raise UnreadableParcel(f"{self.name} nests elements more than {MOST_DEPTH} deep; that is no inventory")
        if self._count > MOST_NODES:
            raise UnreadableParcel(f"{self.name} has more than {MOST_NODES:,} elements; split it")
        space, _, local = tag.rpartition("}")
        attrs = {name.rpartition("}")[2]: value for name, value in attrs.items()}
        node = Node(local, space.lstrip("{"), attrs, int(getattr(self.parser, "CurrentLineNumber", 1)))
        if self._open:
            self._open[-1].children.append(node)
        elif self.root is None:
            self.root = node
        self._open.append(node)
        self._words.append([])

    def end(self, _tag: str) -> None:
        self._open.pop().text = "".join(self._words.pop())

    def data(self, text: str) -> None:
        if self._words:
            self._words[-1].append(text)

    def close(self) -> None:
        """Nothing is left to do."""
