"""Real advisories that stand beside a checkout (`../shared/data`), unpacked in memory; without them tests are skipped."""

import gzip
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

VULNERABILITIES = Path(__file__).parents[5] / "shared" / "data" / "vuln"

needs_data = pytest.mark.skipif(
    not VULNERABILITIES.is_dir(), reason="the shared advisories are not beside this checkout"
)


def archive(name: str) -> Iterator[tuple[str, bytes]]:
    """Give (name, content) of each file of a `.tar.zst`; inner `.gz` files are unpacked."""
    with (VULNERABILITIES / name).open("rb") as stream:
        unpacked = zstandard.ZstdDecompressor().stream_reader(stream)
        with tarfile.open(fileobj=io.BytesIO(unpacked.read()), mode="r:") as tar:
            for member in tar:
                if member.isfile():
                    held = tar.extractfile(member)
                    assert held is not None
                    content = held.read()
                    if member.name.endswith(".gz") and not member.name.endswith(".tar.gz"):
                        content = gzip.decompress(content)
                    yield member.name, content
