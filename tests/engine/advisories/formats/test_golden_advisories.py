"""Advisories of every form, each with what a person made of it: `tests/golden/advisories/<form>/<case>/`.

Rewrite every `expected.json` with HAIDANG_REWRITE_GOLDEN=1, and read the diff before committing it.
"""

import os
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from haidang.engine.advisories.formats import formats, read_advisories

GOLDEN = Path(__file__).parents[3] / "golden" / "advisories"
MINE = ("csaf", "cvrf", "epss", "kev", "nvd", "osv")
CASES = sorted(path for form in MINE for path in (GOLDEN / form).glob("*/*") if path.name != "expected.json")


def plain(value: Any) -> Any:
    """Turn records into JSON, without the fields that say nothing."""
    if is_dataclass(value):
        told = {field.name: getattr(value, field.name) for field in fields(value)}
        quiet = {field.name: field.default for field in fields(value) if field.default is not MISSING}
        return {name: plain(one) for name, one in told.items() if name not in quiet or one != quiet[name]}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return dict(value) if isinstance(value, dict) else value


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parts[-3]}/{path.parts[-2]}")
def test_golden_advisory(path: Path) -> None:
    got = orjson.dumps(plain(read_advisories(path.read_bytes(), path.name)), option=orjson.OPT_INDENT_2) + b"\n"
    expected = path.with_name("expected.json")
    if os.environ.get("HAIDANG_REWRITE_GOLDEN"):
        expected.write_bytes(got)
    assert orjson.loads(got) == orjson.loads(expected.read_bytes())


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parts[-3]}/{path.parts[-2]}")
def test_a_file_is_claimed_by_the_one_form_that_it_has(path: Path) -> None:
    data = path.read_bytes()
    claimed = [module.__name__.rpartition(".")[2] for module in formats() if module.is_mine(data, path.name)]
    assert claimed == [path.parts[-3]]


def test_every_form_has_cases() -> None:
    assert {path.parts[-3] for path in CASES} == set(MINE)
