"""What an inventory holds, whatever form it came in: frames of text, what could not be read, what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from haidang.engine.records import Source, Unread
from haidang.engine.tables import TABLES

# The tables of facts that an inventory fills, and no others: a reader gives rows of these.
KINDS = ("hosts", "software", "hotfixes")
SCHEMAS: Mapping[str, Mapping[str, pl.DataType]] = {
    kind: {
        "agency": pl.String(),
        **{column.name: pl.String() for column in TABLES[kind].columns},
        "file": pl.String(),
        "line": pl.Int64(),
    }
    for kind in KINDS
}


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that an inventory does not say and that somebody has to be asked for.

    Attributes:
        host: the machine; empty when it is the whole file.
        what: the kind: no_build, no_version, no_software, no_hostname, truncated, guessed, end_of_file …
        ask: what to ask for, as a sentence in both languages ("… / …").
        source: where the gap shows.
        agency: whose inventory it is.
    """

    host: str
    what: str
    ask: str
    source: Source
    agency: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Inventory:
    """Machines and what is on them.

    Attributes:
        form: what kind of file it came from ("nmap XML", "systeminfo"); several are joined with ", ".
        hosts: a row a machine and mention: agency, the columns of the table `hosts`, file, line. Absent: null.
        software: a row an installed product: agency, the columns of the table `software`, file, line.
        hotfixes: a row an installed Microsoft update: agency, the columns of the table `hotfixes`, file, line.
        unread: rows that could not be read, each with its reason.
        lacks: what it does not say.
        columns: for a guessed table: our column → the heading it was read from.
    """

    form: str
    hosts: pl.DataFrame
    software: pl.DataFrame
    hotfixes: pl.DataFrame
    unread: tuple[Unread, ...] = ()
    lacks: tuple[Lack, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    def frame(self, kind: str) -> pl.DataFrame:
        """Give one of the three frames by its table's name."""
        frames: Mapping[str, pl.DataFrame] = {
            "hosts": self.hosts,
            "software": self.software,
            "hotfixes": self.hotfixes,
        }
        return frames[kind]

    def of(self, agency: str) -> Inventory:
        """Say whose inventory it is."""
        hosts, software, hotfixes = (self.frame(kind).with_columns(agency=pl.lit(agency)) for kind in KINDS)
        unread = tuple(replace(row, agency=agency) for row in self.unread)
        lacks = tuple(replace(lack, agency=agency) for lack in self.lacks)
        return replace(self, lacks=lacks, hosts=hosts, software=software, hotfixes=hotfixes, unread=unread)


def join(inventories: Iterable[Inventory]) -> Inventory:
    """Lay several inventories together, rows in the order of the inventories."""
    parts = list(inventories)
    forms = dict.fromkeys(part.form for part in parts)
    hosts, software, hotfixes = (
        pl.concat([pl.DataFrame(schema=SCHEMAS[kind]), *(part.frame(kind) for part in parts)]) for kind in KINDS
    )
    return Inventory(
        ", ".join(forms),
        hosts,
        software,
        hotfixes,
        unread=tuple(row for part in parts for row in part.unread),
        lacks=tuple(lack for part in parts for lack in part.lacks),
    )


class Rows:
    """Gathers the rows of one file while a format reads it."""

    def __init__(self, form: str, name: str) -> None:
        """Begin with nothing.

        Args:
            form: the kind of file, as people call it.
            name: of the file.
        """
        self._form = form
        self._name = name
        self._rows: dict[str, list[dict[str, str | int | None]]] = {kind: [] for kind in KINDS}
        self._unread: list[Unread] = []
        self._lacks: list[Lack] = []

    def host(
        self,
        host: str,
        *,
        line: int,
        kind: str | None = None,
        os: str | None = None,
        os_version: str | None = None,
        arch: str | None = None,
        address: str | None = None,
    ) -> None:
        """Add a machine. `arch` is x86, x64, arm64 or as written; `kind` server, workstation, network or other."""
        given = {"host": host, "kind": kind, "os": os, "os_version": os_version, "arch": arch, "address": address}
        self._add("hosts", line, given)

    def software(
        self,
        host: str,
        product: str,
        *,
        line: int,
        vendor: str | None = None,
        version: str | None = None,
        cpe: str | None = None,
        purl: str | None = None,
        arch: str | None = None,
        seen_on: str | None = None,
    ) -> None:
        """Add an installed product; a version that the file doesn't give stays None, never a guess."""
        given = {"host": host, "vendor": vendor, "product": product, "version": version, "seen_on": seen_on}
        self._add("software", line, given | {"cpe": cpe, "purl": purl, "arch": arch})

    def hotfix(self, host: str, update: str, *, line: int, installed_on: str | None = None) -> None:
        """Add an installed Microsoft update, by its KB number with or without the letters."""
        self._add("hotfixes", line, {"host": host, "update": update, "installed_on": installed_on})

    def unread(self, line: int, why: str) -> None:
        """Keep a row that can't be read, with the reason in both languages ("… / …")."""
        self._unread.append(Unread(Source(self._name, line), why, "software"))

    def lack(self, host: str, what: str, ask: str, line: int = 1) -> None:
        """Say what is missing (see `Lack`)."""
        self._lacks.append(Lack(host, what, ask, Source(self._name, line)))

    def done(self) -> Inventory:
        """Give what was gathered."""
        hosts, software, hotfixes = (pl.DataFrame(self._rows[kind], schema=SCHEMAS[kind]) for kind in KINDS)
        return Inventory(self._form, hosts, software, hotfixes, tuple(self._unread), tuple(self._lacks))

    def _add(self, kind: str, line: int, cells: Mapping[str, str | None]) -> None:
        cleaned = {name: (cell.strip() or None) if cell else None for name, cell in cells.items()}
        self._rows[kind].append({"file": self._name, "line": line, **cleaned})
