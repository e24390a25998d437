"""Small records that every noun shares."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from: walk back from any sentence to a line of a file.

    Attributes:
        file: path relative to the folder that was handed in, with forward slashes.
        line: 1 is the first line of the file (of the first sheet, for a workbook).
    """

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that could not be read. It is kept and told, never dropped.

    Attributes:
        source: the row's place.
        why: one sentence, for the person who has to mend the row.
        table: the table that the row was meant for.
        agency: who handed it in; empty for the department's own files.
    """

    source: Source
    why: str
    table: str = ""
    agency: str = ""
