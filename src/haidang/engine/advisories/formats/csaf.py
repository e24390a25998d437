"""CSAF 2.x: security advisories and VEX of vendors and coordinators, all profiles."""

from __future__ import annotations

from collections import Counter
from functools import partial

from haidang.engine.advisories import json_shape as shape
from haidang.engine.advisories.json_parcel import Piece, misshapen, pieces, told
from haidang.engine.advisories.record import Bulletin, Record
from haidang.engine.advisories.security_advisory import ADVISORY_SHAPE, Origin, read_records
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread

ORDER = 30
FORM = "CSAF"

_TABLE = "csaf"
_MARK = b'"csaf_version"'


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001
    """Look for the one key that every CSAF document has, and no other file."""
    return data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and _MARK in data


def read(data: bytes, name: str) -> Bulletin:
    """Read one document, a list of documents, or a document a line.

    Raises:
        UnreadableParcel: no JSON, or no CSAF 2.x document in it.
    """
    unread: list[Unread] = []
    records: list[Record] = []
    notes: Counter[str] = Counter()
    for piece in pieces(data, name, unread, _TABLE):
        why = _why_none(piece.content)
        if why:
            unread.append(Unread(Source(name, piece.line), told(piece.pointer, *why), _TABLE))
            continue
        unread += misshapen(piece, ADVISORY_SHAPE, name, _TABLE)
        tell = partial(_tell, unread, name, piece.line)
        records += read_records(piece.content, Origin(name, "csaf", piece.pointer, tell, str))
        _count(piece, notes)
    if not notes:
        raise UnreadableParcel(f"{name} holds no CSAF 2.x document: {unread[0].why if unread else 'it is empty'}")
    return Bulletin(FORM, tuple(records), unread=tuple(unread), notes={key: str(count) for key, count in notes.items()})


def _why_none(content: object) -> tuple[str, str] | None:
    """Say why something is no CSAF document; None where it is one."""
    document = shape.mapping(content, "document")
    version = shape.text(document, "csaf_version")
    if not version.startswith("2."):
        return "không phải tài liệu CSAF 2.x", "no CSAF 2.x document"
    if not shape.text(shape.mapping(document, "tracking"), "id").strip():
        return "tài liệu CSAF không có mã (tracking/id)", "a CSAF document without tracking/id"
    return None


def _tell(unread: list[Unread], name: str, line: int, pointer: str, vietnamese: str, english: str) -> None:
    unread.append(Unread(Source(name, line), told(pointer, vietnamese, english), _TABLE))


def _count(piece: Piece, notes: Counter[str]) -> None:
    """Count what is worth telling of a document and has no place in its records."""
    document = shape.mapping(piece.content, "document")
    notes[f"category {shape.text(document, 'category')[:60] or '?'}"] += 1
    notes[f"status {shape.text(shape.mapping(document, 'tracking'), 'status')[:20] or '?'}"] += 1
    for flaw in shape.mappings(piece.content, "vulnerabilities"):
        for flag in shape.mappings(flaw, "flags"):
            notes[f"flag {shape.text(flag, 'label')[:60]}"] += 1
