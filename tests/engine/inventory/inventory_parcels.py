"""Real inventories that stand beside a checkout (`../shared/data`), unpacked in memory; without them tests are skipped."""

import io
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import zstandard

DATA = Path(__file__).parents[4] / "shared" / "data"
INVENTORIES = DATA / "inventory"

needs_real_files = pytest.mark.skipif(
    not INVENTORIES.is_dir(), reason="the shared inventories are not beside this checkout"
)


@cache
def archive(path: str) -> dict[str, bytes]:
    """Give the files of a tar.zst by their names."""
    with (DATA / path).open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed) as plain:
        data = io.BytesIO(plain.read())
    with tarfile.open(fileobj=data) as files:
        return {
            member.name: held.read()
            for member in files
            if member.isfile() and (held := files.extractfile(member)) is not None
        }


def plain_files(folder: str) -> Iterator[tuple[str, bytes]]:
    """Give the files of a folder, those that are packed one by one unpacked; archives left out."""
    for path in sorted((INVENTORIES / folder).iterdir()):
        if path.name.endswith(".tar.zst"):
            continue
        data = path.read_bytes()
        if path.suffix == ".zst":
            data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
        yield path.name.removesuffix(".zst"), data
