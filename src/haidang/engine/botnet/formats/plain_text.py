"""Plain text: an address a line, or lines like those of a table, with port, time and family in whatever order."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from haidang.engine.botnet.address_list import AddressList, make_list
from haidang.engine.botnet.addresses import read_address
from haidang.engine.botnet.times import read_moment
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread

ORDER = 90
_DOT = r"(?:\.|[\[({]\s*(?:\.|dot)\s*[\])}]|\\\.)"
_V4 = rf"\d{{1,4}}(?:{_DOT}\d{{1,4}}){{3}}"
_V6 = r"(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}"
_ADDRESS = re.compile(
    rf"(?<![\w.:\[])(?:(?:h[tx]{{2}}ps?://)?{_V4}(?:/\d[\d.]*|\s?[-–]\s?{_V4}|-\d{{1,3}}(?![\d/.-])|\[?:\]?\d{{1,5}}(?![\d:]))?"
    rf"|\[{_V6}\](?::\d{{1,5}})?|{_V6}(?:/\d{{1,3}})?)(?![\w:]|\.\d)",
    re.IGNORECASE,
)
_MASKED = re.compile(r"(?<![\w.])\d{1,3}\.\d{1,3}\.(?:\d{1,3}|[x*]{1,3})\.[x*]{1,3}(?![\w.])", re.IGNORECASE)
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]m)?"
_DAY = r"(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/]\d{1,2}[-/]\d{4})"
_TIME = re.compile(
    rf"(?<![\d.])(?:{_DAY}(?:[T ,]+{_CLOCK}(?:\s?(?:Z|UTC|[+-]\d\d:?\d\d))?)?|{_CLOCK}[ ,]+{_DAY}"
    r"|1\d{9}(?:\d{3})?)(?![\d:])",
    re.IGNORECASE,
)
_PORT = re.compile(r"(?<![\w.:/-])(\d{2,5})(?![\w.:/-])")
_PROTOCOL = re.compile(r"(?<!\w)(tcp|udp)(?!\w)", re.IGNORECASE)
_FAMILY = re.compile(r"[^\W\d][\w.!-]*(?:[ /][^\W\d_][\w.!-]*){0,3}")
_COMMENT = ("#", "//", ";", "--")
_SHARE = 0.5  # of lines with addresses, from which on a line without one is a row that can't be read


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001 - the bytes say it
    """Take text in which an address stands somewhere, or one that is masked."""
    if data.startswith((b"PK", b"%PDF", b"\xd0\xcf\x11\xe0")):
        return False
    text = _decode(data)
    return "\0" not in text[:4096] and bool(_ADDRESS.search(text) or _MASKED.search(text))


def read(data: bytes, name: str) -> AddressList:
    """Read each line that has an address.

    Raises:
        UnreadableParcel: there is none.
    """
    return read_lines(_decode(data).replace("\r\n", "\n").split("\n"), name)


def read_lines(lines: list[str], name: str, form: str = "plain text") -> AddressList:
    """Read lines of text, as of a PDF's pages.

    Raises:
        UnreadableParcel: no line has an address.
    """
    rows: list[dict[str, Any]] = []
    others: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        if not bare or bare.startswith(_COMMENT):
            continue
        row = _read_line(re.split(r"\s(?:#|//)\s?", bare)[0])
        if row:
            rows.append({**row, "line": number})
        else:
            others.append((number, bare))
    if not rows and not any(_MASKED.search(text) for _, text in others):
        raise UnreadableParcel(f"{name} has no address")
    is_list = len(rows) >= _SHARE * (len(rows) + len(others))
    begins = rows[0]["line"] if rows else 0  # above the first row stand titles and headings
    unread = tuple(
        Unread(Source(name, number), f"“{text[:60]}”: {_why(text)}", "botnet_rows")
        for number, text in others
        if (is_list and number > begins) or _MASKED.search(text) or re.search(r"\d+\.\d+\.\d+\.", text)
    )
    left = len(others) - len(unread)
    notes = (
        (f"{left} dòng chữ không có địa chỉ, bỏ qua / {left} lines of words without an address, left out",)
        if left
        else ()
    )
    schema = dict.fromkeys(("address", "port", "seen", "family", "cc_address", "protocol"), pl.String)
    cells = pl.DataFrame(rows, schema={**schema, "line": pl.Int64})
    return make_list(form, name, cells, unread=unread, notes=notes)


def _read_line(line: str) -> dict[str, Any] | None:
    # Times first: 21:05:06 looks like the end of an IPv6 address.
    when = next((found for found in _TIME.finditer(line) if read_moment(found[0])), None)
    rest = line.replace(when[0], " \t ", 1) if when else line
    found = [match for match in _ADDRESS.finditer(rest) if _is_address(match[0])]
    if not found:
        return None
    before, after = rest[: found[0].start()], rest[found[0].end() : found[1].start() if len(found) > 1 else None]
    tail = rest[found[1].end() :] if len(found) > 1 else ""
    port = _PORT.match(after.strip(" \t,;|:"))
    if port and not 0 < int(port[1]) < 65536:
        port = None
    protocol = _PROTOCOL.search(f"{after} {tail}")
    words = re.sub(r"[\t|,;]+", "\t", f"{before}\t{after}\t{tail}")
    family = next((one[0] for one in _FAMILY.finditer(_PROTOCOL.sub("\t", words)) if len(one[0]) > 2), None)
    return {
        "address": found[0][0],
        "port": port[1] if port else None,
        "seen": when[0] if when else None,
        "family": family,
        "cc_address": found[1][0] if len(found) > 1 else None,
        "protocol": protocol[1] if protocol else None,
    }


def _why(line: str) -> str:
    masked = _MASKED.search(line)
    told = read_address(masked[0]) if masked else ""
    return told if isinstance(told, str) and told else "không có địa chỉ đọc được / no address that can be read"


def _is_address(text: str) -> bool:
    # A part above 255 was meant as an address and is told as unread by the list; a lone “::” is punctuation.
    return not isinstance(read_address(text), str) or bool(re.match(rf"{_V4}", text))


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
