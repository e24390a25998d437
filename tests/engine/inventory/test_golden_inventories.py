"""Every form of inventory, a small example of each with what it has to give: `tests/golden/inventory/<case>/`.

Rewrite every `expected.json` with HAIDANG_REWRITE_GOLDEN=1, and read the diff before committing it.
"""

import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from haidang.engine.inventory.formats import find_format, formats, read_inventory
from haidang.engine.inventory.inventory import KINDS, Inventory

CASES = sorted((Path(__file__).parents[2] / "golden" / "inventory").glob("*/in.*"))


def shape(inventory: Inventory) -> dict[str, Any]:
    """Rows without what is empty, and everything that is told."""
    rows = {
        kind: [
            {name: cell for name, cell in row.items() if cell is not None and name != "file"}
            for row in inventory.frame(kind).to_dicts()
        ]
        for kind in KINDS
    }
    return {
        "form": inventory.form,
        "columns": dict(inventory.columns),
        **rows,
        "unread": [f"{row.source.file}:{row.source.line}: {row.why}" for row in inventory.unread],
        "lacks": [f"{lack.host}:{lack.source.line}: {lack.what}: {lack.ask}" for lack in inventory.lacks],
    }


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_golden_inventory(path: Path) -> None:
    inventory = read_inventory(path.read_bytes(), path.name)
    got = orjson.dumps(shape(inventory), option=orjson.OPT_INDENT_2) + b"\n"
    expected = path.with_name("expected.json")
    if os.environ.get("HAIDANG_REWRITE_GOLDEN"):
        expected.write_bytes(got)
    assert orjson.loads(got) == orjson.loads(expected.read_bytes())


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_no_two_forms_want_the_same_file(path: Path) -> None:
    data = path.read_bytes()
    assert [module for module in formats() if module.is_mine(data, path.name)] == [find_format(data, path.name)]


@pytest.mark.parametrize("module", formats(), ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_form_has_its_example(module: Any) -> None:
    assert any(find_format(path.read_bytes(), path.name) is module for path in CASES)
