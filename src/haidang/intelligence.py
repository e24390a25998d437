"""Indicators from paths: files, folders, archives and letters, joined, and kept from striking the innocent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from haidang import content
from haidang.archives import open_files
from haidang.engine.errors import UnreadableParcel
from haidang.engine.indicators.catalogue import Catalogue, gather
from haidang.engine.indicators.formats import read_indicators
from haidang.engine.indicators.formats.plain_text import read as read_text
from haidang.engine.indicators.indicator import SCHEMA, Bulletin
from haidang.engine.indicators.warning_lists import WarningList, read_warning_list
from haidang.engine.letters.formats import read_manuscript
from haidang.engine.records import Source, Unread

CLOSED = "–"  # the form of a file that could not be read at all
_LETTERS = (".pdf", ".docx", ".eml")


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """The indicators of some paths: all of them, and file by file what each held."""

    catalogue: Catalogue
    files: tuple[tuple[str, str, int, int], ...]  # name, form, indicators, unread


def read_lists(paths: Sequence[Path] | None) -> tuple[WarningList, ...]:
    """Read warning lists, our own where no paths are given.

    Raises:
        UnreadableParcel: a file is no warning list.
    """
    if paths is None:
        return tuple(read_warning_list(data, name) for name, data in content.files("warning_lists", ".yaml"))
    found = []
    for path in paths:
        for name, data in open_files(path):
            if isinstance(data, UnreadableParcel):
                raise data
            found.append(read_warning_list(data, name))
    return tuple(found)


def gather_indicators(
    paths: Sequence[Path], lists: Sequence[WarningList], expired_on: dt.datetime | None = None
) -> Gathered:
    """Read indicators from files, folders, archives and letters.

    Args:
        paths: where they lie.
        lists: what is never looked for.
        expired_on: as of `catalogue.gather`.
    """
    bulletins = list(_read(paths))
    files = tuple((name, one.form, one.frame.height, len(one.unread)) for name, one in bulletins)
    return Gathered(gather([one for _, one in bulletins], lists, expired_on), files)


def _read(paths: Sequence[Path]) -> Iterator[tuple[str, Bulletin]]:
    for path in paths:
        for name, data in open_files(path):
            try:
                if isinstance(data, UnreadableParcel):
                    raise data
                yield name, _read_file(data, name)
            except UnreadableParcel as error:
                why = (Unread(Source(name, 0), str(error), "indicator"),)
                yield name, Bulletin(CLOSED, pl.DataFrame(schema=SCHEMA), why)


def _read_file(data: bytes, name: str) -> Bulletin:
    """Read a file; a letter by its text, annexes included."""
    if not name.lower().endswith(_LETTERS):
        return read_indicators(data, name)
    text = "\n".join(line.text for line in read_manuscript(data, name).lines)
    return Bulletin("letter", *_parts(read_text(text.encode(), name)))


def _parts(bulletin: Bulletin) -> tuple[pl.DataFrame, tuple[Unread, ...]]:
    return bulletin.frame, bulletin.unread
