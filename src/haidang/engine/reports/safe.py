"""Cells that a spreadsheet program must not take for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import polars as pl

# What starts a formula or a command in Excel, LibreOffice and their kin, after any white space; full-width forms too,
# which some of them fold.
_STARTS = r"^(\s*[=+\-@＝＋－＠|]|[\t\r\n])"
_FIRST = "=+-@＝＋－＠|"


def plain_text(text: str) -> str:
    """Put an apostrophe before a text that would be run as a formula."""
    if text[:1] in ("\t", "\r", "\n") or text.lstrip()[:1] in tuple(_FIRST):
        return f"'{text}"
    return text


def plain_column(name: str) -> pl.Expr:
    """Do what `plain_text` does for a column of text."""
    column = pl.col(name)
    return pl.when(column.str.contains(_STARTS)).then(pl.lit("'") + column).otherwise(column).alias(name)


def write_csv(heads: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    """Write a table for Excel: UTF-8 with its mark, every text neutral."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([plain_text(value) if isinstance(value, str) else value for value in line] for line in lines)
    return b"\xef\xbb\xbf" + out.getvalue().encode()
