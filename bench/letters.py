"""How long a letter takes to read, beside the least that any reader has to do with its bytes."""

from __future__ import annotations

import statistics
import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from haidang import content
from haidang.engine.letters import read_letter
from haidang.engine.letters.products import ProductName, read_product_names

ROOT = Path(__file__).resolve().parents[1]
FORMATS = ROOT / "tests" / "golden" / "letters" / "formats"
LETTERS = (
    ROOT.parent / "shared" / "letters" / "000-haiphong-tet-2024.txt",
    content.folder() / "examples" / "letter.txt",
    FORMATS / "letter.docx",
    FORMATS / "letter.pdf",
)
ROUNDS = 30


def run() -> None:
    """Print the median time of each letter at hand, and its ratio to decoding and normalising its text."""
    products = read_product_names((content.folder() / "products.yaml").read_bytes())
    print(f"{'letter':28} {'kB':>4} {'ms':>6} {'decode and normalise, ms':>25} {'ratio':>7}")
    for letter in LETTERS:
        if letter.is_file():
            _measure(letter, products)
        else:
            print(f"{letter.name:28} is not at hand")


def _measure(letter: Path, products: Sequence[ProductName]) -> None:
    data = letter.read_bytes()
    text = read_letter(data, letter.name, products).text.encode()
    reading = median_milliseconds(lambda: read_letter(data, letter.name, products))
    least = median_milliseconds(lambda: unicodedata.normalize("NFC", text.decode("utf-8")))
    print(f"{letter.name:28} {len(data) / 1000:>4.0f} {reading:>6.1f} {least:>25.3f} {reading / least:>7,.0f}")


def median_milliseconds(act: Callable[[], object]) -> float:
    """Run it once to warm up, then take the median of many rounds."""
    act()
    times = []
    for _ in range(ROUNDS):
        before = time.perf_counter()
        act()
        times.append(time.perf_counter() - before)
    return 1000 * statistics.median(times)
