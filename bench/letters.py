"""Reading a letter: the real one where it is at hand, else the example; beside what no reader can avoid."""

from __future__ import annotations

import statistics
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

from haidang import content
from haidang.engine.letters import read_letter
from haidang.engine.letters.products import read_product_names

HOUSE = Path(__file__).parents[1]
RUNS = 40


def run() -> None:
    """Measure each letter and format at hand: the median of many runs after the first."""
    products = read_product_names((content.folder() / "products.yaml").read_bytes())
    formats = HOUSE / "tests" / "golden" / "letters" / "formats"
    letters = [
        HOUSE.parent / "shared" / "letters" / "000-haiphong-tet-2024.txt",
        content.folder() / "examples" / "letter.txt",
        formats / "letter.docx",
        formats / "letter.pdf",
    ]
    print(f"{'letter':32} {'kB':>5} {'first ms':>9} {'median ms':>10} {'decode+NFC ms':>14} {'÷':>6}")
    for path in letters:
        if not path.is_file():
            print(f"{path.name:32} is not at hand")
            continue
        data = path.read_bytes()
        first, median = _time(lambda data=data, name=path.name: read_letter(data, name, products))  # type: ignore[misc]
        text = read_letter(data, path.name, products).text.encode()
        _, floor = _time(lambda text=text: unicodedata.normalize("NFC", text.decode()))  # type: ignore[misc]
        print(
            f"{path.name:32} {len(data) / 1000:>5.0f} {first:>9.1f} {median:>10.1f} {floor:>14.3f} {median / floor:>6.0f}"
        )


def _time(job: Callable[[], object]) -> tuple[float, float]:
    """Give the first run and the median of the others, in milliseconds."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        job()
        times.append((time.perf_counter() - start) * 1000)
    return times[0], statistics.median(times[1:])
