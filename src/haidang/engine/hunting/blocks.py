"""A stream of bytes as blocks of whole lines, in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from haidang.engine.hunting.kernel import EDGE

Array = Any  # of numpy

BLOCK: Final = 4 << 20
LONGEST_LINE: Final = 64 << 20  # a longer line is looked at in parts
_OVERLAP: Final = 16 << 10  # what two parts of a line share, so that nothing is lost between them


class Stream(Protocol):
    """Where bytes come from."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill a buffer as far as there is anything; 0 at the end."""


@dataclass(slots=True)
class Block:
    """Some whole lines.

    Attributes:
        buffer: EDGE line ends, the lines, and line ends behind them, as `kernel.scan` takes it.
        data: the same bytes as an array.
        size: bytes of lines.
        ends_line: whether the last byte ends a line; that of a stream, or of a part of too long a line, may not.
    """

    buffer: bytearray
    data: Array
    size: int = 0
    ends_line: bool = True


class Blocks:
    """Reads streams into blocks and takes blocks back, so that their memory is used again."""

    def __init__(self, size: int = BLOCK) -> None:
        self._size = size
        self._free: list[Block] = []

    def give_back(self, block: Block) -> None:
        """Take back a block that nobody looks at any more."""
        if len(block.buffer) == _room(self._size):
            self._free.append(block)

    def read(self, stream: Stream) -> Iterator[Block]:
        """Read a stream to its end.

        Raises:
            OSError: it breaks off; all that came before it was given.
        """
        rest = b""
        source = _Guarded(stream)
        while True:
            block = self._free.pop() if self._free else _make(self._size)
            block, is_end = _fill(block, rest, source)
            begin, end = EDGE, EDGE + block.size
            last = block.buffer.rfind(b"\n", begin, end) + 1 if not is_end else end
            if not is_end and not last:  # one line, and too long
                last, rest = end, bytes(block.buffer[end - _OVERLAP : end])
            else:
                rest = bytes(block.buffer[last:end])
            block.size = last - begin
            block.ends_line = block.size > 0 and block.buffer[last - 1] == 10
            block.buffer[last : last + 2 * EDGE] = b"\n" * (2 * EDGE)
            if block.size:
                yield block
            if is_end and source.trouble:
                raise source.trouble
            if is_end:
                return


class _Guarded:
    """A stream that ends where it breaks off, and remembers why."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.trouble: OSError | None = None

    def readinto(self, buffer: memoryview, /) -> int | None:
        try:
            return self._stream.readinto(buffer)
        except (OSError, EOFError) as error:
            self.trouble = error if isinstance(error, OSError) else OSError(str(error))
            return 0


def _room(size: int) -> int:
    return -(-size // 8) * 8 + 3 * EDGE


def _make(size: int) -> Block:
    buffer = bytearray(b"\n" * _room(size))
    return Block(buffer, np.frombuffer(buffer, np.uint8))


def _fill(block: Block, rest: bytes, stream: Stream) -> tuple[Block, bool]:
    """Fill a block until it is full and holds a line end; give it, or a longer one, and whether the stream ended."""
    if len(rest) >= len(block.buffer) - 3 * EDGE:
        block = _make(2 * len(rest))
    block.buffer[EDGE : EDGE + len(rest)] = rest
    at = EDGE + len(rest)
    while True:
        end = len(block.buffer) - 2 * EDGE
        view = memoryview(block.buffer)
        while at < end:
            count = stream.readinto(view[at:end])
            if not count:
                block.size = at - EDGE
                return block, True
            at += count
        block.size = at - EDGE
        if block.buffer.rfind(b"\n", EDGE, at) >= 0 or block.size >= LONGEST_LINE:
            return block, False
        longer = _make(min(2 * block.size, LONGEST_LINE))
        longer.buffer[EDGE:at] = view[EDGE:at]
        block = longer
