"""Folders, files and archives of files, opened one file at a time and within limits."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self, cast

import zstandard

from haidang.engine.errors import UnreadableParcel

MOST_BYTES = 400_000_000  # of one file, unpacked
MOST_UNPACKED = 20_000_000_000  # of one archive, all its files together
MOST_FILES = 2_000_000
_PACKED = (".gz", ".zst", ".bz2", ".xz")
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.bz2", ".tar.xz", ".zip")

# What the libraries raise on damaged archives; some of it only shows that they trusted a number or a name in it.
DAMAGES = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    zstandard.ZstdError,
    EOFError,
    IndexError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    gzip.BadGzipFile,
)
_ZST_CHUNK = 1_024  # a thousand bytes of Zstandard unpack to 32 MB at most, which bounds what stands in memory
_ZIP_END = 65_557  # the record at the end of a zip, with the longest comment
_ZIP64 = 0xFFFF  # in the place of a number that does not fit

Opened = tuple[str, bytes | UnreadableParcel]


def open_files(path: Path, root: Path | None = None) -> Iterator[Opened]:
    """Give the files under a path, archives unpacked: (name, bytes, or why it can't be opened).

    Args:
        path: a file, an archive or a folder of them. Links are not followed inside a folder.
        root: what names are relative to; the folder that holds `path` if not given.

    Raises:
        UnreadableParcel: the path is not there.
    """
    if not path.exists():
        raise UnreadableParcel(f"{path} is not there")
    root = root or (path if path.is_dir() else path.parent)
    if not path.is_dir():
        yield from _open_file(path, _name_of(path, root))
        return
    closed: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=closed.append, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked = [name for name in folders if (Path(folder) / name).is_symlink()]
        for entry in sorted([*files, *linked]):
            if not entry.startswith((".", "~$")):
                inner = Path(folder) / entry
                name = _name_of(inner, root)
                if inner.is_symlink():
                    yield name, UnreadableParcel(f"{name} is a link; links are not followed")
                else:
                    yield from _open_file(inner, name)
    for error in closed:
        name = _name_of(Path(error.filename), root)
        yield name, UnreadableParcel(f"{name} can't be opened: {error.strerror}")


def is_archive(path: Path) -> bool:
    """Tell an archive by its name."""
    return path.name.lower().endswith(_ARCHIVES)


def _name_of(path: Path, root: Path) -> str:
    return _shown(str(path.relative_to(root))).replace(os.sep, "/")


def _shown(name: str) -> str:
    """Write a name as text, whatever bytes somebody's system put into it."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _open_file(path: Path, name: str) -> Iterator[Opened]:
    if not path.is_file():
        yield name, UnreadableParcel(f"{name} is no ordinary file")
        return
    try:
        yield from _unpack(path, name)
    except OSError as error:
        yield name, UnreadableParcel(f"{name} can't be read: {error.strerror or error}")


def _unpack(path: Path, name: str) -> Iterator[Opened]:
    lowered = name.lower()
    if lowered.endswith(".zip"):
        yield from _open_zip(path, name)
    elif lowered.endswith(_ARCHIVES):
        yield from _open_tar(path, name)
    elif lowered.endswith(_PACKED):
        yield name.rpartition(".")[0], _read_packed(path, name)
    elif path.stat().st_size > MOST_BYTES:
        yield name, UnreadableParcel(f"{name} is larger than {MOST_BYTES // 1_000_000} MB")
    else:
        yield name, path.read_bytes()


def open_stream(path: Path, name: str) -> IO[bytes]:
    """Open a file, unpacking as its name says; what is damaged raises one of DAMAGES as it is read."""
    lowered = name.lower()
    if lowered.endswith((".gz", ".tgz")):
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if lowered.endswith(".bz2"):
        return cast("IO[bytes]", bz2.open(path, "rb"))
    if lowered.endswith(".xz"):
        return cast("IO[bytes]", lzma.open(path, "rb"))
    if lowered.endswith(".zst"):
        return io.BufferedReader(_Zstandard(path), 1 << 16)
    return path.open("rb")


class _Zstandard(io.RawIOBase):
    """Unpacks all frames of a file; the library's own stream stops after one, and takes half a frame for a whole."""

    def __init__(self, path: Path) -> None:
        self._packed = path.open("rb")
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._fed = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            self._fed = self._fed or self._packed.read(_ZST_CHUNK)
            if not self._fed:
                if self._frame:
                    raise EOFError("it ends in the middle of a frame")
                return 0
            self._frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
            self._ready = memoryview(self._frame.decompress(self._fed))
            self._fed = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame = None
        taken = min(len(into), len(self._ready))
        into[:taken] = self._ready[:taken]
        self._ready = self._ready[taken:]
        return taken

    def close(self) -> None:
        self._packed.close()
        super().close()


def _read_packed(path: Path, name: str) -> bytes | UnreadableParcel:
    try:
        with open_stream(path, name) as stream:
            data = stream.read(MOST_BYTES + 1)
    except DAMAGES as error:
        return UnreadableParcel(f"{name} is damaged: {error}")
    return data if len(data) <= MOST_BYTES else UnreadableParcel(f"{name} unpacks to more than {MOST_BYTES:,} bytes")


def _open_tar(path: Path, name: str) -> Iterator[Opened]:
    whole = 0
    try:
        with open_stream(path, name) as stream, tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as archive:
            for number, member in enumerate(archive):
                if member.isdir():
                    continue
                whole += member.size
                if number > MOST_FILES or whole > MOST_UNPACKED:
                    yield name, UnreadableParcel(f"{name} holds more than can be read; unpack it and give the parts")
                    return
                inner = f"{name}/{_shown(member.name)}"
                kind = "link" if member.issym() or member.islnk() else "" if member.isfile() else "special"
                refused = _refused(inner, kind, member.size)
                content = None if refused else archive.extractfile(member)
                yield inner, refused or (content.read() if content else b"")
    except DAMAGES as error:
        yield name, UnreadableParcel(f"{name} is damaged, the rest of it was not read: {error}")


class _Member(tarfile.TarInfo):
    """A member's header; one that is damaged or cut short does not pass for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if len(buf) == tarfile.BLOCKSIZE and not any(buf):
                raise  # the mark of the end
            raise tarfile.ReadError(str(error) if buf else "it ends without its mark of an end") from error


def _refused(name: str, kind: str, size: int) -> UnreadableParcel | None:
    """Say why a member of an archive is not opened; None where it is."""
    if kind == "link":
        return UnreadableParcel(f"{name} is a link; links are not followed")
    if kind == "special":
        return UnreadableParcel(f"{name} is no ordinary file")
    if name.lower().endswith((*_ARCHIVES, *_PACKED)):
        return UnreadableParcel(f"{name} is packed within an archive; unpack it and give its files")
    return UnreadableParcel(f"{name} is larger than {MOST_BYTES // 1_000_000} MB") if size > MOST_BYTES else None


def _open_zip(path: Path, name: str) -> Iterator[Opened]:
    try:
        with zipfile.ZipFile(path) as archive:
            listed = archive.infolist()
            # What only looks like a folder and has content is a file with a damaged name.
            members = [member for member in listed if not member.is_dir() or member.file_size]
            if len(members) > MOST_FILES or sum(member.file_size for member in members) > MOST_UNPACKED:
                yield name, UnreadableParcel(f"{name} holds more than can be read; unpack it and give the parts")
                return
            for member in members:
                yield _read_member(archive, member, f"{name}/{_shown(member.filename)}")
            told = _told_by_zip(path)
            if told is not None and told != len(listed) % _ZIP64:
                why = f"its end tells of {told} files and its list of {len(listed)}"
                yield name, UnreadableParcel(f"{name} is damaged: {why}")
    except DAMAGES as error:
        yield name, UnreadableParcel(f"{name} is damaged: {error}")


def _told_by_zip(path: Path) -> int | None:
    """Give how many files the end of a zip says there are; None where there are too many for it to say."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _ZIP_END))
        end = stream.read()
    number = int.from_bytes(end[end.rfind(b"PK\5\6") + 10 :][:2], "little")
    return None if number == _ZIP64 else number


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, inner: str) -> Opened:
    # The upper half holds the mode that Unix gave the file.
    kind = "link" if stat.S_ISLNK(member.external_attr >> 16) else ""
    if refused := _refused(inner, kind, member.file_size):
        return inner, refused
    try:
        with archive.open(member) as stream:
            data = stream.read(MOST_BYTES + 1)
    except (*DAMAGES, OSError) as error:
        return inner, UnreadableParcel(f"{inner} can't be unpacked: {error}")
    return inner, data
