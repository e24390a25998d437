"""Files made to break a reader: one clear sentence or rows, quickly, and never anything else."""

import contextlib
import io
import random
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory.formats import find_format, formats, read_inventory
from haidang.engine.inventory.inventory import KINDS, SCHEMAS

GOLDEN = Path(__file__).parents[2] / "golden"
EXAMPLES = sorted((GOLDEN / "inventory").glob("*/in.*"))
MOST_SECONDS = 5.0  # of the processor, so that a busy machine fails nothing


@contextmanager
def quickly() -> Iterator[None]:
    before = time.process_time()
    yield
    took = time.process_time() - before
    assert took < MOST_SECONDS, f"{took:.1f} s"


def read_or_refuse(data: bytes, name: str = "tệp.txt") -> None:
    """Read; what comes out is an inventory in its schemas, or one sentence."""
    sentence = ""
    try:
        inventory = read_inventory(data, name)
    except UnreadableParcel as error:
        sentence = str(error)
    if sentence:
        assert sentence.startswith(name)
        assert "\n" not in sentence
        assert len(sentence) < 300
        return
    for kind in KINDS:
        frame = inventory.frame(kind)
        assert dict(frame.schema) == dict(SCHEMAS[kind])
        assert frame["host"].null_count() == 0
        assert (frame["line"] >= 1).all()
    assert inventory.software["product"].null_count() == 0
    assert inventory.hotfixes["update"].null_count() == 0


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=3_000))
def test_any_bytes_are_an_inventory_or_are_refused(data: bytes) -> None:
    read_or_refuse(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=1_500))
def test_any_bytes_behind_a_mark_that_a_form_goes_by_are_read_or_refused(data: bytes) -> None:
    for start in (
        b"<nmaprun>",
        b'{"bomFormat":"CycloneDX","specVersion":"1.5",',
        b"SPDXVersion: SPDX-2.3\n",
        b"PK\x03\x04",
    ):
        read_or_refuse(start + data)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_is_read_or_refused(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        what = chance.randrange(4)
        if what == 0:
            data[at] = chance.randrange(256)
        elif what == 1:
            del data[at : at + chance.randint(1, 40)]
        elif what == 2:
            data[at:at] = chance.choice(
                [b'"', b"<", b"]", b"}", b"\0", b"\r\n", b"\xff\xfe", b"999999999999999999999", b"[[["]
            )
        else:
            data = data[: at + 1]
        if not data:
            break
    read_or_refuse(bytes(data), path.name)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_every_form_reads_or_refuses_every_other_forms_file(path: Path) -> None:
    """A file that comes to the wrong reader, by a profile or by chance, breaks nothing."""
    data = path.read_bytes()
    for module in formats():
        with contextlib.suppress(UnreadableParcel):
            module.read(data, path.name)


def bomb(kind: str) -> bytes:
    entities = '<!ENTITY z "zzzzzzzzzz">'
    for before, name in pairwise("zabcdefgh"):
        entities += f'<!ENTITY {name} "{f"&{before};" * 10}">'
    return f"<?xml version='1.0'?><!DOCTYPE {kind} [{entities}]><{kind}><host>&h;</host></{kind}>".encode()


def outside(kind: str) -> bytes:
    return f"<?xml version='1.0'?><!DOCTYPE {kind} [<!ENTITY ee SYSTEM 'file:///etc/passwd'>]><{kind}>&ee;</{kind}>".encode()


def book(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return out.getvalue()


SHEET = b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>"
REFUSED: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "white space": lambda: b" \r\n\t " * 50,
    "only a mark": lambda: b"\xff\xfe\r\0\n\0",
    "random bytes": lambda: random.Random(7).randbytes(20_000),
    "only nuls": lambda: b"\0" * 5_000,
    "a letter": lambda: (GOLDEN / "letters" / "markdown" / "letter.txt").read_bytes(),
    "prose with commas": lambda: "Máy, phần mềm, bản vá, đơn vị.\nTrời đẹp.\nTàu rời cảng lúc sáng sớm\n".encode() * 20,
    "html": lambda: b"<html><body><p>Hello</p></body></html>",
    "json of something else": lambda: b'{"name": "x", "version": 1}',
    "json list of numbers": lambda: b"[1, 2, 3]",
    "jpeg": lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + random.Random(8).randbytes(5_000),
    "pdf": lambda: b"%PDF-1.7\n1 0 obj\n",
    "old workbook": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4_000,
    "entity bomb in nmap": lambda: bomb("nmaprun"),
    "entity bomb in an envelope": lambda: bomb("AVReport"),
    "entity bomb in GLPI": lambda: bomb("REQUEST").replace(b"host>", b"CONTENT>"),
    "file from outside in nmap": lambda: outside("nmaprun"),
    "file from outside in a bill": lambda: outside("bom").replace(
        b"<bom>", b"<bom xmlns='http://cyclonedx.org/schema/bom/1.4'>"
    ),
    "parameter entity": lambda: b"<!DOCTYPE nmaprun [<!ENTITY % x SYSTEM 'http://127.0.0.1/x'> %x;]><nmaprun/>",
    "cut nmap": lambda: b"<nmaprun><host><address addr='10.0.0.1'",
    "deep nmap": lambda: b"<nmaprun>" + b"<host>" * 100_000,
    "unknown encoding": lambda: b"<?xml version='1.0' encoding='martian'?><nmaprun/>",
    "cut bill": lambda: b'{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [',
    "deep bill": lambda: b'{"bomFormat": "CycloneDX", "components": ' + b"[" * 100_000,
    "bill of a version to come": lambda: b'{"bomFormat": "CycloneDX", "specVersion": "9.9"}',
    "bill that is a list": lambda: b'{"bomFormat": ["CycloneDX"]}',
    "spdx of a version to come": lambda: b"SPDXVersion: SPDX-9.9\nPackageName: x\n",
    "envelope without a report": lambda: b"<AVReport2/>",
    "zip without a workbook": lambda: book({"hello.txt": b"hello"}),
    "workbook of nothing": lambda: book({"xl/workbook.xml": b"<workbook/>"}),
    "cut workbook": lambda: (GOLDEN / "inventory" / "table-workbook" / "in.xlsx").read_bytes()[:3_000],
    "workbook bomb": lambda: book({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b" " * 900_000_000}),
    "workbook with a far corner": lambda: book(
        {
            "xl/workbook.xml": b"<workbook/>",
            "xl/worksheets/sheet1.xml": SHEET
            + b"<row r='1'><c r='A1'/></row><row r='1048576'><c r='XFD1048576'/></row>",
        }
    ),
    "report of flaws": lambda: b"Host,CVE,Severity,Name\nPC-01,CVE-2023-1,High,x\n",
    "receipts of scans": lambda: (
        b"host,finished,rule_set,rules_from,canary,not_checked,found,left\nPC-01,2024-02-09 07:30,x,2024-02-01,seen,0,0,0\n"
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_inventory_is_refused_in_one_sentence_and_quickly(what: str) -> None:
    data = REFUSED[what]()
    with quickly(), pytest.raises(UnreadableParcel) as error:
        read_inventory(data, "tệp.bin")
    sentence = str(error.value)
    assert sentence.startswith("tệp.bin")
    assert "\n" not in sentence
    assert len(sentence) < 300


SLOW: dict[str, Callable[[], bytes]] = {
    "systeminfo entries": lambda: (GOLDEN / "inventory/systeminfo-english/in.txt").read_bytes() + b"      [01]: KB1\r\n" * 100_000,
    "systeminfo blocks": lambda: (GOLDEN / "inventory/systeminfo-english/in.txt").read_bytes() * 300,
    "spaces": lambda: (GOLDEN / "inventory/systeminfo-english/in.txt").read_bytes() + b" " * 3_000_000,
    "colons": lambda: b"a: " * 500_000,
    "titles of updates": lambda: b"KB5029244: a title\n" * 100_000,
    "table of updates": lambda: b"Source HotFixID InstalledOn\n" + b"PC-01  KB5029244\n" * 100_000,
    "a line of 3 MB": lambda: b"Source HotFixID InstalledOn\n" + b"x" * 3_000_000,
    "packages": lambda: b"adduser\t3.134\n" * 100_000,
    "packages of rpm": lambda: b"bash-5.1.8-6.el9_1.x86_64\n" * 60_000,
    "dashes": lambda: b"bash-5.1.8-6.el9_1.x86_64\n" * 9 + b"a-" * 500_000,
    "comments in xml": lambda: b"<!-- -->" * 100_000 + b"<nmaprun/>",
    "open comments in xml": lambda: b"<!--" * 500_000,
    "hosts": lambda: b"<nmaprun>" + b"<host><address addrtype='ipv4' addr='10.0.0.1'/></host>" * 60_000 + b"</nmaprun>",
    "text in xml": lambda: b"<nmaprun>" + b"a&amp;\n" * 400_000 + b"</nmaprun>",
    "attributes": lambda: b"<nmaprun " + b" ".join(b"a%d='x'" % at for at in range(50_000)) + b"/>",
    "components": lambda: b'{"bomFormat":"CycloneDX","specVersion":"1.5","components":[' + b",\n".join([b'{"type":"library","name":"a","version":"1"}'] * 60_000) + b"]}",
    "osquery lines": lambda: b'{"hostIdentifier":"a","action":"snapshot","name":"q","snapshot":[{"name":"x","version":"1","publisher":"y"}]}\n' * 2_000,
    "registry keys": lambda: b"REGEDIT4\n\n" + b'[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\a]\n"DisplayName"="a"\n' * 30_000,
    "quotes in a table": lambda: b'host,product,version\n' + b'"a"",b,c\n' * 20_000,
    "separators": lambda: b"host,product,version\n" + b"," * 1_000_000,
    "wide table": lambda: b"host,product," + b",".join(b"c%d" % at for at in range(1_500)) + b"\n" + b"," * 1_501 + b"\n",
    "brackets in headings": lambda: b"host,product," + b"(" * 70 + b"," + b"[" * 70 + b"\na,b,c,d\n",
    "notes in a table": lambda: b"host,os,product\n" + "Tổng cộng: 5,,\n".encode() * 50_000,
}  # fmt: skip


@pytest.mark.parametrize("what", SLOW)
def test_no_file_makes_a_reader_slow(what: str) -> None:
    data = SLOW[what]()
    with quickly():
        read_or_refuse(data)


def test_a_name_that_would_steer_a_spreadsheet_or_a_terminal_stays_as_it_was_written() -> None:
    inventory = read_inventory(b'host,product,version\n=cmd|calc,"\x1b[31mred",1\n', "x.csv")
    assert inventory.software.select("host", "product").rows() == [("=cmd|calc", "\x1b[31mred")]


def test_json_that_says_a_name_twice_is_read_without_lines() -> None:
    data = b'{"bomFormat":"CycloneDX","specVersion":"1.4",\n"metadata":{},"metadata":{},\n"components":[\n{"type":"library","name":"a"}]}'
    assert find_format(data, "x") is not None
    assert read_inventory(data, "x").software["line"].to_list() == [1]
