"""`verdicts.csv`: one line a clause, agency and measure, for Excel and for scripts."""

from __future__ import annotations

from collections.abc import Iterator

from haidang.engine.reports.document import Reading
from haidang.engine.reports.flat import HEADS, flat_lines
from haidang.engine.reports.safe import write_csv


def render(reading: Reading) -> Iterator[tuple[str, bytes]]:
    """Write `verdicts.csv`."""
    yield "verdicts.csv", write_csv(HEADS, flat_lines(reading))
