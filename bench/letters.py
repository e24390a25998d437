"""How long a letter takes to read, beside the least that any reader has to do with its bytes."""

from __future__ import annotations

import statistics
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

from haidang import content
from haidang.engine.letters import read_letter
from haidang.engine.letters.products import read_product_names

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "letters" / "000-haiphong-tet-2024.txt"
EXAMPLE = ROOT / "content" / "examples" / "letter.txt"
ROUNDS = 30
MOST_MILLISECONDS = 50


def run() -> None:
    """Print the median time of one letter, and its ratio to decoding and normalising the same bytes."""
    letter = REAL if REAL.is_file() else EXAMPLE
    data = letter.read_bytes()
    products = read_product_names((content.folder() / "products.yaml").read_bytes())
    reading = median_milliseconds(lambda: read_letter(data, letter.name, products))
    decoding = median_milliseconds(lambda: unicodedata.normalize("NFC", data.decode("utf-8")))
    print(f"read one letter ({letter.name}, {len(data):,} bytes): {reading:.1f} ms, aim {MOST_MILLISECONDS} ms")
    print(f"decode and normalise the same bytes: {decoding:.3f} ms, reading takes {reading / decoding:,.0f} times that")


def median_milliseconds(act: Callable[[], object]) -> float:
    """Run it once to warm up, then take the median of many rounds."""
    act()
    times = []
    for _ in range(ROUNDS):
        before = time.perf_counter()
        act()
        times.append(time.perf_counter() - before)
    return 1000 * statistics.median(times)
