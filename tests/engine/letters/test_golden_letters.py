"""Letters in styles of many offices, each with what a person made of it: `tests/golden/letters/<style>/`.

Rewrite every `expected.json` with HAIDANG_REWRITE_GOLDEN=1, and read the diff before committing it.
"""

import os
from pathlib import Path

import orjson
import pytest

from haidang.engine.letters.shape import to_json
from haidang.parcels import read_letter_file

STYLES = sorted((Path(__file__).parents[2] / "golden" / "letters").glob("*/letter.txt"))


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.parent.name)
def test_golden_letter(path: Path) -> None:
    got = orjson.dumps(to_json(read_letter_file(str(path)).letter), option=orjson.OPT_INDENT_2) + b"\n"
    expected = path.with_name("expected.json")
    if os.environ.get("HAIDANG_REWRITE_GOLDEN"):
        expected.write_bytes(got)
    assert orjson.loads(got) == orjson.loads(expected.read_bytes())


def test_there_are_styles_enough() -> None:
    assert len(STYLES) >= 14
