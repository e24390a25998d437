"""One block of a log against all indicators: the lines that hold one, and what they hold."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from haidang.engine.hunting import kernel, plain
from haidang.engine.hunting.blocks import Block
from haidang.engine.hunting.index import Index

Array = Any  # of numpy

_ROOM: Final = 4_096  # hits of a block; where there are more it is scanned again
_BY_NAME: Final = {kernel.DOMAIN, kernel.EXACT, kernel.EMAIL, kernel.URL}


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line with indicators.

    Attributes:
        number: of the line in its block, from 0.
        start: where it starts in the block's buffer.
        line: its bytes, without the end.
        hits: where in the line each indicator starts and ends, and the number of its value.
        has_host_of_url: whether a host of listed URLs stands in it, which may have its path elsewhere in the line.
    """

    number: int
    start: int
    line: bytes
    hits: tuple[plain.Hit, ...]
    has_host_of_url: bool


def scan_block(block: Block, index: Index) -> tuple[list[FoundLine], int]:
    """Find the lines of a block that hold indicators, and how many lines it has."""
    hits, lines = _candidates(block, index)
    return list(_lines(block, index, hits)), lines + (not block.ends_line)


def _candidates(block: Block, index: Index) -> tuple[Array, int]:
    """Give what the kernel found, in order of place, and how many line ends there are."""
    scratch = np.empty((3, kernel.SCRATCH), np.uint64)
    room = _ROOM
    while True:
        hits = np.empty((room, 4), np.int64)
        count, lines = kernel.scan(block.data, block.size, index.packed, hits, scratch)
        if int(index.packed[kernel.FLAGS]) & (kernel.AFTER_BACKSLASH | kernel.ANY_WORD):
            count = kernel.scan_words(block.data, block.size, index.packed, hits, scratch, count)
        if count <= room:
            hits = hits[:count]
            return hits[np.argsort(hits[:, kernel.START], kind="stable")], lines
        room = count


def _lines(block: Block, index: Index, hits: Array) -> Iterator[FoundLine]:
    """Compare candidates with what really stands there, line by line."""
    buffer, stop = block.buffer, kernel.EDGE + block.size
    number, counted, at = 0, kernel.EDGE, 0
    rows = hits.tolist()
    while at < len(rows):
        start = buffer.rfind(b"\n", 0, rows[at][kernel.START]) + 1
        end = buffer.find(b"\n", rows[at][kernel.START], stop)
        end = stop if end < 0 else end
        first = at
        while at < len(rows) and rows[at][kernel.START] < end:
            at += 1
        number += kernel.count_lines(block.data, counted, start)
        counted = start
        line = bytes(buffer[start:end])
        found, split = _verify(line, start, rows[first:at], index)
        if found or split:
            yield FoundLine(number, start, line, found, split)


def _verify(line: bytes, start: int, rows: list[list[int]], index: Index) -> tuple[tuple[plain.Hit, ...], bool]:
    if any(row[kernel.KIND] == kernel.ODD for row in rows):
        return tuple(plain.find(line, index)), any(row[kernel.KIND] == kernel.HOST_OF_URL for row in rows)
    found: set[plain.Hit] = set()
    split = False
    for begin, end, value, kind in rows:
        if kind == kernel.HOST_OF_URL:
            split = True
        elif kind == kernel.LITERAL:
            found |= {(*span, value) for span in plain.find_literal(line, *index.value(value))}
        elif _is(line[begin - start : end - start], kind, *index.value(value)):
            found.add((begin - start, end - start, value))
    return tuple(sorted(found)), split


def _is(text: bytes, kind: int, type_: str, value: str) -> bool:
    """Tell whether a stretch of a line is a value: the kernel compares no more than 64 bits."""
    if kind in _BY_NAME and type_ != "url":
        return plain.to_ascii(text) == value if kind != kernel.EMAIL else text.lower() == value.encode()
    if kind in (kernel.ADDRESS, kernel.NETWORK, kernel.ADDRESS6, kernel.NETWORK6) and type_ != "url":
        return _lies_in(text.decode(), value)
    if kind == kernel.HASH:
        return text.lower() == value.encode()
    return type_ == "url" and _is_url(text.replace(b"\\/", b"/"), value.split("://", 1)[1].encode())


def _is_url(text: bytes, value: bytes) -> bool:
    """Compare a URL of a line with a listed one, both without a scheme."""
    ends = [one.partition(b"/") for one in (text, value)]
    hosts = [_without_default_port(_unpadded(host.lower())) for host, _, _ in ends]
    paths = [path for _, _, path in ends]
    return hosts[0] == hosts[1] and paths[0] == paths[1]


def _without_default_port(host: bytes) -> bytes:
    return host.removesuffix(b":80").removesuffix(b":443")


def _unpadded(host: bytes) -> bytes:
    """Write an IPv4 host without zeros before its numbers."""
    name, _, port = host.partition(b":")
    parts = name.split(b".")
    if len(parts) == 4 and all(part.isdigit() for part in parts):
        name = b".".join(b"%d" % int(part) for part in parts)
    return name + (b":" + port if port else b"")


def _lies_in(text: str, value: str) -> bool:
    if ":" not in text:
        text = ".".join(str(int(part)) for part in text.split("."))
    address = ipaddress.ip_address(text)
    return address in ipaddress.ip_network(value) if "/" in value else str(address) == value
