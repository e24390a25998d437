"""Logs from paths: files, folders, archives, packed or not, standard input; each with the reader of its form."""

from __future__ import annotations

import codecs
import datetime as dt
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import polars as pl

from haidang.archives import DAMAGES, is_archive, open_files, open_stream
from haidang.engine.errors import UnreadableParcel
from haidang.engine.hunting.blocks import Stream
from haidang.engine.hunting.reading import detect
from haidang.engine.hunting.record import LineReader
from haidang.engine.records import Source, Unread

_HEAD: Final = 1 << 16
_ROWS: Final = 20_000  # of a Parquet file, turned into lines at once
# What is left of a rotated log's name: "fw.log.2.gz", "dns-2026-02-23.log", "access_log.1".
_ROTATION: Final = re.compile(
    r"(?:\.(?:gz|zst|bz2|xz|log|txt|csv|tsv|json|jsonl|parquet|\d{1,8})|[-_.]?\d{4}-?\d\d-?\d\d(?:T?\d+)?)+$"
)
_WIDE: Final = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(slots=True)
class LogFile:
    """A log that lies on a disk, in an archive, or comes in on standard input."""

    name: str
    source: str
    reader: LineReader
    stream: Stream = field(repr=False)

    def open(self) -> Stream:
        """Give its bytes, from the beginning, once."""
        return self.stream


def open_logs(
    paths: Sequence[Path], zone: dt.tzinfo, today: dt.date, source: str, unread: list[Unread]
) -> Iterator[LogFile]:
    """Open logs one after the other, each with the reader of its form.

    Args:
        paths: files, folders (links in them are not followed), archives; "-" is standard input.
        zone: of times that name none.
        today: the day, for times that name no year.
        source: the log source that all belong to; where empty, the first folder below a path, or the file's name, says.
        unread: what can't be opened is added here.
    """
    for path in paths:
        for name, of, opened in _opened(path):
            if isinstance(opened, UnreadableParcel):
                unread.append(Unread(Source(name, 0), str(opened)))
                continue
            try:
                with opened:
                    yield _log(name, source or of, opened, zone, today)
            except (OSError, *DAMAGES) as error:
                unread.append(Unread(Source(name, 0), f"{type(error).__name__}: {error}"))


def _log(name: str, source: str, stream: IO[bytes], zone: dt.tzinfo, today: dt.date) -> LogFile:
    head = stream.read(_HEAD)
    whole: io.RawIOBase = _Behind(head, stream)
    wide = next((name for mark, name in _WIDE.items() if head.startswith(mark)), "")
    if wide:
        whole = _Narrow(whole, wide)
        head = head.decode(wide, "replace").encode()
    return LogFile(name, source, detect(head, name, today, zone), whole)


class _Behind(io.RawIOBase):
    """A stream, with what was already read of it before it; whatever its library calls damage is an `OSError`."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head = head
        # At most one read at a time: what came before damage is given, and not lost with it.
        self._read: Callable[[memoryview], int] = getattr(stream, "readinto1", None) or stream.readinto  # type: ignore[attr-defined]

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        if self._head:
            taken = min(len(into), len(self._head))
            into[:taken], self._head = self._head[:taken], self._head[taken:]
            return taken
        try:
            return self._read(into)
        except (*DAMAGES, pl.exceptions.PolarsError) as error:
            raise OSError(f"{type(error).__name__}: {error}") from error


class _Narrow(io.RawIOBase):
    """A stream of UTF-16 as UTF-8."""

    def __init__(self, stream: io.RawIOBase, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            wide = self._stream.read(1 << 18) or b""
            self._ready = self._decoder.decode(wide, final=not wide).encode("utf-8", "replace")
            if not wide:
                break
        taken = min(len(into), len(self._ready))
        into[:taken], self._ready = self._ready[:taken], self._ready[taken:]
        return taken


Opened = tuple[str, str, IO[bytes] | UnreadableParcel]  # name, source, bytes


def _opened(path: Path) -> Iterator[Opened]:
    if str(path) == "-":
        yield "-", "stdin", sys.stdin.buffer
    elif not path.exists():
        raise UnreadableParcel(f"{path} is not there")
    elif path.is_dir():
        yield from _in_folder(path)
    elif is_archive(path):
        for name, data in open_files(path):
            yield name, _source_of(name), io.BytesIO(data) if isinstance(data, bytes) else data
    else:
        name = _text(path.name)
        yield name, _source_of(name), _open(path, name)


def _in_folder(root: Path) -> Iterator[Opened]:
    closed: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=closed.append, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked = [name for name in folders if (Path(folder) / name).is_symlink()]
        for entry in sorted([*files, *linked]):
            path = Path(folder) / entry
            inner = path.relative_to(root)
            name = _text(str(inner)).replace(os.sep, "/")
            source = _text(inner.parts[0]) if len(inner.parts) > 1 else _source_of(name)
            if path.is_symlink() or not path.is_file():
                yield name, source, UnreadableParcel(f"{name} is a link or no ordinary file; it is not followed")
            elif is_archive(path):
                for member, data in open_files(path, root):
                    yield member, source, io.BytesIO(data) if isinstance(data, bytes) else data
            else:
                yield name, source, _open(path, name)
    for error in closed:  # a folder that nobody read must not count as clean
        name = _text(os.path.relpath(error.filename, root)).replace(os.sep, "/")
        yield name, "", UnreadableParcel(f"{name} can't be opened: {error.strerror}")


def _text(name: str) -> str:
    """Write a name as text, whatever bytes somebody's system put into it."""
    return os.fsencode(name).decode("utf-8", "replace")


class _Rows(io.RawIOBase):
    """The rows of a Parquet file, each as a line of JSON."""

    def __init__(self, path: Path) -> None:
        self._table = pl.scan_parquet(path)
        self._at = 0
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        if not self._ready:
            out = io.BytesIO()
            self._table.slice(self._at, _ROWS).collect().write_ndjson(out)
            self._at += _ROWS
            self._ready = memoryview(out.getvalue())
        taken = min(len(into), len(self._ready))
        into[:taken] = self._ready[:taken]
        self._ready = self._ready[taken:]
        return taken


def _open(path: Path, name: str) -> IO[bytes] | UnreadableParcel:
    try:
        if name.lower().endswith(".parquet"):
            pl.read_parquet_schema(path)
            return io.BufferedReader(_Rows(path), 1 << 20)
        return open_stream(path, name)
    except OSError as error:
        return UnreadableParcel(f"{name} can't be opened: {error.strerror or error}")
    except pl.exceptions.PolarsError as error:
        return UnreadableParcel(f"{name} is no Parquet: {error}")


def _source_of(name: str) -> str:
    last = name.rpartition("/")[2]
    return _ROTATION.sub("", last) or last
