"""Folders, files and archives of files, opened one file at a time and within limits."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import zstandard

from haidang.engine.errors import UnreadableParcel

MOST_BYTES = 400_000_000  # of one file, unpacked
MOST_UNPACKED = 20_000_000_000  # of one archive, all its files together
MOST_FILES = 2_000_000
_PACKED = (".gz", ".zst", ".bz2", ".xz")
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.bz2", ".tar.xz", ".zip")

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
    if path.is_dir():
        for folder, folders, files in os.walk(path, followlinks=False):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if not name.startswith((".", "~$")):
                    yield from _open_file(Path(folder) / name, root)
    else:
        yield from _open_file(path, root)


def _open_file(path: Path, root: Path) -> Iterator[Opened]:
    name = os.fsencode(path.relative_to(root)).decode("utf-8", "replace").replace(os.sep, "/")
    if path.is_symlink() and path.parent != root:
        yield name, UnreadableParcel(f"{name} is a link; links are not followed")
        return
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


def _stream(path: Path, name: str) -> IO[bytes]:
    """Open a file, unpacking as its name says."""
    lowered = name.lower()
    if lowered.endswith((".gz", ".tgz")):
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if lowered.endswith(".bz2"):
        return cast("IO[bytes]", bz2.open(path, "rb"))
    if lowered.endswith(".xz"):
        return cast("IO[bytes]", lzma.open(path, "rb"))
    if lowered.endswith(".zst"):
        return cast("IO[bytes]", zstandard.open(path, "rb"))
    return path.open("rb")


def _read_packed(path: Path, name: str) -> bytes | UnreadableParcel:
    try:
        with _stream(path, name) as stream:
            data = stream.read(MOST_BYTES + 1)
    except (EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError, gzip.BadGzipFile) as error:
        return UnreadableParcel(f"{name} is damaged: {error}")
    return data if len(data) <= MOST_BYTES else UnreadableParcel(f"{name} unpacks to more than {MOST_BYTES:,} bytes")


def _open_tar(path: Path, name: str) -> Iterator[Opened]:
    whole = 0
    try:
        with _stream(path, name) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for number, member in enumerate(archive):
                if not member.isfile():
                    continue
                whole += member.size
                if number > MOST_FILES or whole > MOST_UNPACKED:
                    yield name, UnreadableParcel(f"{name} holds more than can be read; unpack it and give the parts")
                    return
                inner = f"{name}/{member.name}"
                if member.size > MOST_BYTES:
                    yield inner, UnreadableParcel(f"{inner} is larger than {MOST_BYTES // 1_000_000} MB")
                    continue
                content = archive.extractfile(member)
                yield inner, content.read() if content else b""
    except (tarfile.TarError, EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError, gzip.BadGzipFile) as error:
        yield name, UnreadableParcel(f"{name} is damaged, the rest of it was not read: {error}")


def _open_zip(path: Path, name: str) -> Iterator[Opened]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MOST_FILES or sum(member.file_size for member in members) > MOST_UNPACKED:
                yield name, UnreadableParcel(f"{name} holds more than can be read; unpack it and give the parts")
                return
            for member in members:
                yield _read_member(archive, member, f"{name}/{member.filename}")
    except zipfile.BadZipFile as error:
        yield name, UnreadableParcel(f"{name} is damaged: {error}")


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, inner: str) -> Opened:
    if member.file_size > MOST_BYTES:
        return inner, UnreadableParcel(f"{inner} is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        with archive.open(member) as stream:
            data = io.BytesIO(stream.read(MOST_BYTES + 1)).getvalue()
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        return inner, UnreadableParcel(f"{inner} can't be unpacked: {error}")
    return inner, data
