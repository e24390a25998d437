"""Tables of any layout: which column is which, profiles that say it, and a million rows in seconds."""

import io
import time

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from haidang import content
from haidang.engine.errors import BadContent, UnreadableParcel
from haidang.engine.inventory.formats import find_format, read_inventory
from haidang.engine.inventory.headings import COLUMNS, guess_layout, match_profile, read_profiles, write_profile
from haidang.engine.inventory.inventory import KINDS
from haidang.engine.tables import TABLES

PROFILES = read_profiles(content.files("mappings/inventory", ".yaml"))


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        ("STT,Tên máy,Hệ điều hành,IP", "host os address"),
        ("ten may tinh,he dieu hanh,phien ban,dia chi ip", "host os os_version address"),
        ("Name,Version,Publisher", "vendor product version"),
        ("Computer,Name,Version", "host product version"),
        ("Name,Operating System,IPv4Address", "host os address"),
        ("DeviceName,SoftwareName,SoftwareVendor,SoftwareVersion", "host vendor product version"),
        ("Tên máy (Hostname),Phần mềm / Software,Phiên bản (Version)", "host product version"),
        ("host_name,OS.Name,os_version", "host os os_version"),
        ("Máy,Phần mềm,Loại", "host product"),
        ("CSName,HotFixID,InstalledOn", "host update installed_on"),
        ("agency,host,vendor,product,version", "agency host vendor product version"),
        ("Model,Serial,Price", None),
        ("Tên máy", None),
        ("host,cve,state", None),
        ("Host,Plugin ID,Name,Risk", None),
    ],
)
def test_columns_are_guessed_from_their_headings(headings: str, columns: str | None) -> None:
    layout = guess_layout(headings.split(","))
    assert (" ".join(layout.places) if layout else None) == columns


@pytest.mark.parametrize("kind", KINDS)
def test_the_tables_of_facts_are_read_by_every_heading_that_they_declare(kind: str) -> None:
    table = TABLES[kind]
    for at in range(max(len(column.headings) for column in table.columns) + 1):
        headings = [([column.name, *column.headings][at : at + 1] or [column.name])[0] for column in table.columns]
        layout = guess_layout(headings)
        assert layout is not None
        assert set(layout.places) == {column.name for column in table.columns}


def test_tables_of_other_facts_are_no_inventories() -> None:
    for table in TABLES.values():
        if table.name not in KINDS:
            data = (",".join(column.name for column in table.columns) + "\n").encode()
            assert find_format(data, f"{table.name}.csv") is None, table.name


def test_shipped_profiles_are_named_apart_and_each_says_why() -> None:
    assert len({profile.form for profile in PROFILES}) == len(PROFILES) >= 7
    for name, data in content.files("mappings/inventory", ".yaml"):
        assert "why:" in data.decode(), name


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.form)
def test_a_shipped_profile_finds_its_table_whatever_the_order_of_columns(profile) -> None:  # type: ignore[no-untyped-def]
    headings = [*reversed(profile.headings.values()), "Something else"]
    found = match_profile(headings, PROFILES)
    assert found is not None
    assert {column: headings[place] for column, place in found.places.items()} == dict(profile.headings)
    inventory = read_inventory(
        (",".join(headings) + "\n").encode() + b"KB5029244," * len(headings) + b"\n", "x", PROFILES
    )
    assert found.form in inventory.form


def test_a_profile_reads_headings_that_nobody_could_guess() -> None:
    data = b"F1;F2;F3\nPC-01;Google Chrome;116\n"
    assert find_format(data, "x.csv") is None
    profiles = read_profiles([("p.yaml", b"form: mine\nheadings: {host: F1, product: F2, version: F3}\n")])
    inventory = read_inventory(data, "x.csv", profiles)
    assert inventory.form == "table (CSV): mine"
    assert inventory.software.select("host", "product", "version").rows() == [("PC-01", "Google Chrome", "116")]


def test_columns_that_were_guessed_read_again_as_a_profile() -> None:
    data = "Tên máy,Phần mềm: tên,Ghi chú\nPC-01,x,y\n".encode()
    guessed = guess_layout(["Tên máy", "Phần mềm", "Ghi chú"])
    assert guessed is not None
    (profile,) = read_profiles([("p.yaml", write_profile("kiểm kê: quý 1", guessed.headings))])
    assert profile.form == "kiểm kê: quý 1"
    assert dict(profile.headings) == dict(guessed.headings)
    assert find_format(data, "x.csv") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1, 2]", "exactly form, headings"),
        ("form: x", "exactly form, headings"),
        ("form: x\nheadings: [a]", "is not a list"),
        ("form: x\nheadings: {host: 1}", "is not a list"),
        ("form: x\nheadings: {machine: A}", "no column is called machine"),
        ("form: x\nheadings: {version: A}", "at least one of host, product, update"),
        ("form: [", "not YAML"),
    ],
)
def test_a_profile_that_breaks_its_form_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(BadContent, match=words):
        read_profiles([("p.yaml", text.encode())])


_CELL = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20)


@given(st.lists(st.tuples(_CELL, _CELL, _CELL), min_size=1, max_size=20))
def test_every_row_is_a_product_or_told_and_none_is_lost(rows: list[tuple[str, str, str]]) -> None:
    import csv

    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([("host", "product", "version"), *rows])
    inventory = read_inventory(out.getvalue().encode(), "x.csv")
    seen = {row["line"] for row in inventory.software.to_dicts()} | {row.source.line for row in inventory.unread}
    told = [lack for lack in inventory.lacks if lack.what == "notes"]
    lines = {at for at, row in enumerate(rows, 2) if any(cell.strip() for cell in row)}
    assert seen <= lines
    assert seen == lines or told


def _book(*sheets: tuple[str, list[list[object]]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return out.getvalue()


def test_sheets_that_list_nothing_are_named_and_the_others_are_read() -> None:
    data = _book(
        ("Bìa", [["Kính gửi"]]),
        ("May tinh", [["Danh sách"], [], ["TT", "Tên máy", "HĐH"], [1, "PC-01", "Windows 11"]]),
        ("Ban va", [["Máy", "KB"], ["PC-01", "KB5029244"], ["PC-01", 5030219]]),
    )
    inventory = read_inventory(data, "kk.xlsx")
    assert inventory.hotfixes["update"].to_list() == ["KB5029244", "KB5030219"]
    assert inventory.hotfixes["file"].unique().to_list() == ["kk.xlsx#Ban va"]
    assert inventory.hosts["line"].to_list() == [4, 2]
    assert [lack.ask.split(": ")[1].split(" /")[0] for lack in inventory.lacks if lack.what == "other_sheets"] == [
        "Bìa"
    ]


def test_a_workbook_without_a_known_heading_says_what_to_do() -> None:
    with pytest.raises(UnreadableParcel, match="write a profile"):
        read_inventory(_book(("A", [["x", "y"], ["1", "2"]])), "kk.xlsx")


def test_broken_bytes_in_one_row_cost_that_row_only() -> None:
    data = "host,product,version\nPC-01,Phần mềm kế toán ở đây,1\nPC-02,".encode() + b"\xff\xfe\xfa,2\nPC-03,c,3\n"
    inventory = read_inventory(data, "x.csv")
    assert inventory.software["host"].to_list() == ["PC-01", "PC-03"]
    assert [row.source.line for row in inventory.unread] == [3]


def test_every_column_of_ours_may_stand_in_a_profile() -> None:
    headings = ", ".join(f"{column}: H{at}" for at, column in enumerate(COLUMNS))
    (profile,) = read_profiles([("p.yaml", f"form: all\nheadings: {{{headings}}}".encode())])
    assert tuple(profile.headings) == COLUMNS


@pytest.mark.parametrize("heading", ["host", "agency/host"])
def test_a_million_rows_are_read_in_seconds(heading: str) -> None:
    rows = "".join(
        f"so-{at % 88}/PC-{at // 20:05},Hãng {at % 300},Phần mềm {at % 300},{at % 97}.0.{at}\n"
        for at in range(1_000_000)
    )
    data = f"{heading},vendor,product,version\n{rows}".encode()
    before = time.process_time()
    inventory = read_inventory(data, "big.csv")
    took = time.process_time() - before
    assert inventory.software.height == 1_000_000
    assert not inventory.unread
    assert inventory.software.row(-1, named=True)["line"] == 1_000_001
    assert (inventory.software["agency"][7] == "so-7") == (heading == "agency/host")
    assert took < 15, f"{took:.1f} s"
