"""Every form of botnet list, small examples of each with what they have to give: `tests/golden/botnet/<form>/<case>/`.

Rewrite every `expected.json` with HAIDANG_REWRITE_GOLDEN=1, and read the diff before committing it.
"""

import os
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haidang import content
from haidang.engine.botnet.address_list import ROWS, AddressList
from haidang.engine.botnet.columns import read_list_profiles
from haidang.engine.botnet.formats import find_format, formats, read_list
from haidang.engine.errors import BadContent, UnreadableParcel

CASES = sorted(
    path for path in (Path(__file__).parents[2] / "golden" / "botnet").glob("*/*/in.*") if path.suffix != ".pdf"
)
PROFILES = read_list_profiles(content.files("mappings/botnet", ".yaml"))
LEFT_OUT = ("file", "version", "first_hi", "first_lo", "last_hi", "last_lo")


def shape(listed: AddressList) -> dict[str, Any]:
    """Rows without what is empty, and everything that is told."""
    rows = [
        {
            name: str(cell) if name.startswith("seen") else cell
            for name, cell in row.items()
            if cell not in (None, False)
        }
        for row in listed.rows.drop(LEFT_OUT).with_columns(pl.col("precision").cast(pl.String)).to_dicts()
    ]
    unread = [f"{row.source.line}: {row.why}" for row in listed.unread]
    return {
        "form": listed.form,
        "columns": dict(listed.columns),
        "rows": rows,
        "unread": unread,
        "notes": list(listed.notes),
    }


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parents[1].name}/{path.parent.name}")
def test_golden_list(path: Path) -> None:
    listed = read_list(path.read_bytes(), path.name, PROFILES)
    assert dict(listed.rows.schema) == ROWS
    got = orjson.dumps(shape(listed), option=orjson.OPT_INDENT_2) + b"\n"
    expected = path.with_name("expected.json")
    if os.environ.get("HAIDANG_REWRITE_GOLDEN"):
        expected.write_bytes(got)
    assert orjson.loads(got) == orjson.loads(expected.read_bytes())


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parents[1].name}/{path.parent.name}")
def test_each_case_goes_to_the_form_it_is_filed_under(path: Path) -> None:
    module = find_format(path.read_bytes(), path.name, PROFILES)
    assert module is not None
    assert module.__name__.rpartition(".")[2] == path.parents[1].name


@pytest.mark.parametrize("module", formats(), ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_form_has_its_example(module: Any) -> None:
    assert any(path.parents[1].name == module.__name__.rpartition(".")[2] for path in CASES)


WHOLE = [path.read_bytes() for path in CASES if path.suffix != ".xlsx"]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(WHOLE), st.integers(0, 4000), st.binary(max_size=12), st.integers(0, 30))
def test_damaged_lists_are_read_or_refused_and_nothing_else(data: bytes, at: int, put: bytes, cut: int) -> None:
    at %= len(data)
    try:
        listed = read_list(data[:at] + put + data[at + cut :], "x", PROFILES)
    except UnreadableParcel:
        return
    assert dict(listed.rows.schema) == ROWS
    assert listed.rows["address"].null_count() == 0


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789.:/-[] \n,;abcdefx#%=\"'", max_size=120) | st.binary(max_size=80))
def test_anything_at_all_is_read_or_refused(text: str | bytes) -> None:
    try:
        read_list(text.encode() if isinstance(text, str) else text, "x", PROFILES)
    except UnreadableParcel:
        return


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "form: x",
        "form: x\nheadings: {nothing: a}",
        "form: x\nheadings: {address: ip}\nzone: CET",
        "form: x\nheadings: {seen: t}",
    ],
)
def test_a_profile_that_breaks_its_form_stops_the_build(text: str) -> None:
    with pytest.raises(BadContent):
        read_list_profiles([("x.yaml", text.encode())])


def test_an_empty_file_and_one_without_addresses_are_refused() -> None:
    for data in (b"", b"\xef\xbb\xbf\r\n", b"hello\nworld\n", b"a,b\n1,2\n", b"{}", b"%PDF-1.4"):
        with pytest.raises(UnreadableParcel):
            read_list(data, "x.csv", PROFILES)
