"""What agencies handed in and what the department knows: files in, one typed frame a table out."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath

import polars as pl

from haidang.engine.calendar import end_of
from haidang.engine.errors import UnreadableParcel
from haidang.engine.obligations.cells import COMPLAINTS, DTYPES, TIME, cast, trim
from haidang.engine.records import Source, Unread
from haidang.engine.sheets import Sheet, read_sheet
from haidang.engine.tables import AGENCIES, OF_DEPARTMENT, SHARED, TABLES, Column, Table
from haidang.engine.text import key

ENDINGS = (".csv", ".xlsx", ".parquet")
# Optional days and times that may rightly lie ahead of the day of judgement; any other one is not known yet.
_AHEAD = {"due", "valid_from", "valid_to", "until"}
_SAFE_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_AGENCY = Column("agency", "text", "Mã đơn vị", "Its key", required=True, headings=("ma don vi", "don vi"))
_UNREAD_SCHEMA: dict[str, pl.DataType] = {
    "agency": pl.String(),
    "table": pl.String(),
    "file": pl.String(),
    "line": pl.Int64(),
    "why": pl.String(),
    "happened": TIME,
    "scope": pl.String(),
}


@dataclass(frozen=True, slots=True)
class FactFile:
    """A file of facts as it was handed in.

    Attributes:
        agency: whose folder it lies in; empty for the department's own.
        file: path relative to the folder that was handed in, with forward slashes; its stem names the table.
        data: the bytes.
        trouble: why the file could not even be opened; then there are no bytes.
    """

    agency: str
    file: str
    data: bytes
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """A file that was read: its hash, and how many rows it has (those that can't be read included)."""

    file: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Agency:
    """A recipient of the letter. `kind` is agency or provider."""

    agency: str
    name: str
    block: str
    kind: str


@dataclass(frozen=True, slots=True)
class Agencies:
    """Who receives the letter, in the order of their file."""

    rows: tuple[Agency, ...]
    unread: tuple[Unread, ...] = ()
    inputs: tuple[Input, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Their keys, in order."""
        return tuple(row.agency for row in self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Every fact on file.

    Attributes:
        agencies: whom the facts are about.
        frames: table → its columns and agency, file, line. Every table is there; one nobody handed in is empty.
            Times are UTC. Rows of shared tables have no agency.
        handed_in: table → agencies for which it was handed in; the department's own file counts for all.
        unread: agency, table, file, line, why, happened (null when it can't be told) and scope: "row"; "whole" when
            nothing of the file was used; "apart" when no table depends on it. An empty agency means any of them.
        inputs: the files, in order.
    """

    agencies: Agencies
    frames: Mapping[str, pl.DataFrame]
    handed_in: Mapping[str, frozenset[str]]
    unread: pl.DataFrame
    inputs: tuple[Input, ...]

    def table(self, name: str) -> pl.DataFrame:
        """Give the rows of a table."""
        return self.frames[name]

    def missing(self, name: str) -> list[str]:
        """List the agencies for which a table was not handed in."""
        return [agency for agency in self.agencies.keys if agency not in self.handed_in.get(name, frozenset())]

    def until(self, day: dt.date) -> Facts:
        """Leave out what is not known at the end of a day: rows that happened later, later days in other columns."""
        frames = {name: _until(TABLES[name], frame, day) for name, frame in self.frames.items()}
        known = pl.col("happened").is_null() | (pl.col("happened") < end_of(day))
        return replace(self, frames=frames, unread=self.unread.filter(known))

    def only(self, agency: str) -> Facts:
        """Keep what concerns one agency."""
        rows = tuple(row for row in self.agencies.rows if row.agency == agency)
        frames = {
            name: frame if name in SHARED else frame.filter(pl.col("agency") == agency)
            for name, frame in self.frames.items()
        }
        return replace(
            self,
            agencies=replace(self.agencies, rows=rows),
            frames=frames,
            unread=self.unread.filter(pl.col("agency").is_in(["", agency])),
        )


def _until(table: Table, frame: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    def known(column: Column) -> pl.Expr:
        return pl.col(column.name) < end_of(day) if column.type == "time" else pl.col(column.name) <= day

    if frame.is_empty():
        return frame
    if table.happened:
        happened = known(table.column(table.happened))
        frame = frame.filter(happened | pl.col(table.happened).is_null())
    dated = [c for c in table.columns if c.type in ("date", "time") and not c.required and c.name not in _AHEAD]
    return frame.with_columns(pl.when(known(column)).then(pl.col(column.name)) for column in dated)


def read_agencies(data: bytes, name: str) -> Agencies:
    """Read the list of agencies.

    Raises:
        UnreadableParcel: it can't be read, names nobody, a key twice, or a key that can't name a folder.
    """
    sheet = read_sheet(data, name)
    places, missing = _match_headings(sheet.headings, AGENCIES.columns)
    if missing:
        raise UnreadableParcel(f"{name}, line 1: no column {' or '.join(missing)}")
    frame = _pick(sheet, places, AGENCIES.columns).with_columns(file=pl.lit(name))
    frame, unread = _cast_rows(AGENCIES, AGENCIES.columns, frame)
    rows = tuple(
        Agency(row["agency"], row["name"], row["block"] or "", row["kind"] or "agency")
        for row in frame.iter_rows(named=True)
    )
    _check_keys(rows, frame["line"].to_list(), name)
    told = [*_told(sheet, "agencies", ""), *_records(unread)]
    return Agencies(rows, tuple(told), (_input(name, data, sheet),))


def _check_keys(rows: Sequence[Agency], lines: Sequence[int], name: str) -> None:
    if not rows:
        raise UnreadableParcel(f"{name}: the list names no agency")
    seen: dict[str, int] = {}
    for row, line in zip(rows, lines, strict=True):
        if not _SAFE_KEY.fullmatch(row.agency) or row.agency.lower() == "intel":
            raise UnreadableParcel(
                f"{name}, line {line}: “{row.agency[:40]}” can't be an agency's key; use letters A-Z, digits, “.”, "
                "“-”, “_”, not a dot first, and not “intel”"
            )
        if row.agency.lower() in seen:
            raise UnreadableParcel(
                f"{name}, line {line}: {row.agency} stands on line {seen[row.agency.lower()]} already"
            )
        seen[row.agency.lower()] = line


def _records(unread: pl.DataFrame) -> list[Unread]:
    rows = unread.select("file", "line", "why", "table", "agency").iter_rows()
    return [Unread(Source(file, line), why, table, agency) for file, line, why, table, agency in rows]


def _told(sheet: Sheet, table: str, agency: str) -> list[Unread]:
    return [replace(row, table=table, agency=agency) for row in sheet.unread]


def _input(name: str, data: bytes, sheet: Sheet | None) -> Input:
    rows = sheet.rows.height + len(sheet.unread) if sheet else 0
    return Input(name, hashlib.sha256(data).hexdigest(), rows)


@dataclass(frozen=True, slots=True, eq=False)
class _Laid:
    """One file's cells, still text, under the names of their columns."""

    agency: str
    file: str
    cells: pl.DataFrame


class _Reading:
    """Gathers the files of one reading, table by table."""

    def __init__(self, agencies: Agencies) -> None:
        self.agencies = agencies
        self.raw: dict[str, list[_Laid]] = {}
        self.handed_in: dict[str, set[str]] = {}
        self.unread: list[tuple[str, str, str, int, str, None, str]] = []
        self.inputs: list[Input] = []
        self.of_department: set[str] = set()
        self.folders = {known.lower(): known for known in agencies.keys}

    def tell(self, agency: str, table: str, file: str, line: int, why: str, scope: str) -> None:
        self.unread.append((agency, table, file, line, why, None, scope))

    def add(self, parcel: FactFile) -> None:
        """Read one file and lay it with the others of its table."""
        path = PurePosixPath(parcel.file)
        name = path.stem.lower()
        table = TABLES.get(name)
        if path.suffix.lower() not in ENDINGS and table is None and not parcel.trouble:
            return None  # a picture, a read-me: nothing that was meant as a table
        parcel = replace(parcel, agency=self.folders.get(parcel.agency.lower(), parcel.agency))
        if parcel.agency and parcel.agency not in self.agencies.keys:
            why = parcel.trouble or "thư mục không thuộc đơn vị nào trong danh sách / no such agency in the list"
            return self._refuse(parcel, name, why, "apart")
        if table is None:
            why = parcel.trouble or "không phải bảng nào đã biết, xem haidang explain / not a table we know"
            return self._refuse(parcel, name, why, "apart")
        if parcel.agency and name in SHARED:
            return self._refuse(parcel, name, "chỉ Sở lập bảng này / only the department keeps this table", "apart")
        if parcel.agency and name in self.of_department:
            why = "Sở đã lập bảng này, bản của đơn vị không tính / the department's own table counts, not this one"
            return self._refuse(parcel, name, why, "apart")
        if not parcel.agency and name in OF_DEPARTMENT:
            self.of_department.add(name)
        self.handed_in.setdefault(name, set()).update([parcel.agency] if parcel.agency else self.agencies.keys)
        if parcel.trouble:
            return self._refuse(parcel, name, parcel.trouble, "whole")
        if path.suffix.lower() not in ENDINGS:
            why = "không phải CSV hoặc XLSX; lưu lại thành một trong hai dạng đó / neither CSV nor XLSX nor Parquet"
            return self._refuse(parcel, name, why, "whole")
        try:
            sheet = read_sheet(parcel.data, parcel.file)
        except UnreadableParcel as error:
            return self._refuse(parcel, name, str(error), "whole")
        return self._lay(parcel, table, sheet)

    def _refuse(self, parcel: FactFile, table: str, why: str, scope: str) -> None:
        self.tell(parcel.agency, table if table in TABLES else "", parcel.file, 1, why, scope)
        self.inputs.append(_input(parcel.file, parcel.data, None))

    def _lay(self, parcel: FactFile, table: Table, sheet: Sheet) -> None:
        columns = columns_of(table, of_department=not parcel.agency)
        places, missing = _match_headings(sheet.headings, columns)
        if missing:
            why = f"thiếu cột {', '.join(missing)} / a required column is missing"
            return self._refuse(parcel, table.name, why, "whole")
        self.inputs.append(_input(parcel.file, parcel.data, sheet))
        for row in sheet.unread:
            self.tell(parcel.agency, table.name, parcel.file, row.source.line, row.why, "row")
        self.raw.setdefault(table.name, []).append(_Laid(parcel.agency, parcel.file, _pick(sheet, places, columns)))
        return None


def columns_of(table: Table, *, of_department: bool) -> tuple[Column, ...]:
    """Give the columns of a table as an agency, or the department, hands it in."""
    return (_AGENCY, *table.columns) if of_department and table.name not in SHARED else table.columns


def read_facts(files: Iterable[FactFile], agencies: Agencies) -> Facts:
    """Read files of facts.

    Args:
        files: in any order; each is let go of when it has been read. What is neither CSV, XLSX nor named after
            a table is left alone.
        agencies: whose facts count; a folder of anybody else is told as unread.

    Returns:
        The facts. A file or a row that can't be read is in `unread`, and nothing is lost without a word.
    """
    reading = _Reading(agencies)
    waiting: list[FactFile] = []
    for parcel in files:
        if parcel.agency and PurePosixPath(parcel.file).stem.lower() in OF_DEPARTMENT:
            waiting.append(parcel)  # whether it counts depends on what the department hands in
        else:
            reading.add(parcel)
    for parcel in waiting:
        reading.add(parcel)
    order = pl.Enum(sorted({laid.file for table in reading.raw.values() for laid in table}))
    frames: dict[str, pl.DataFrame] = {}
    unread: list[pl.DataFrame] = []
    for table in TABLES.values():
        frame, bad = _read_table(table, reading.raw.pop(table.name, []), reading, order)
        frames[table.name] = frame
        unread.append(_settle_scope(bad, agencies))
    told = pl.DataFrame(reading.unread, schema=_UNREAD_SCHEMA, orient="row")
    everything = pl.concat([told, *unread]).sort("file", "line", "table", "why")
    handed_in = {name: frozenset(keys) for name, keys in reading.handed_in.items()}
    inputs = tuple(sorted(reading.inputs, key=lambda one: one.file))
    return Facts(agencies, frames, handed_in, everything, inputs)


def _read_table(table: Table, raw: list[_Laid], reading: _Reading, files: pl.Enum) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cast one table, all its files at once: a row that does not cast leaves the frame and is told."""
    columns = table.columns if table.name in SHARED else (_AGENCY, *table.columns)
    blank = {column.name: pl.String() for column in columns} | {"line": pl.Int64()}
    frame = pl.concat([pl.DataFrame(schema=blank), *(laid.cells for laid in raw)], how="diagonal", rechunk=True)
    frame = frame.with_columns(_repeat([laid.file for laid in raw], raw, files).alias("file"))
    if table.name not in SHARED:
        handed = _repeat([laid.agency or None for laid in raw], raw, pl.String())
        frame = frame.with_columns(pl.coalesce(handed, "agency").alias("agency"))
    raw.clear()
    good, bad = _cast_rows(table, columns, frame)
    if table.name in SHARED:
        return good.with_columns(agency=pl.lit(None, pl.Enum(reading.agencies.keys))), bad
    return _settle_agencies(table, good, reading), bad


def _repeat(values: list[str | None] | list[str], raw: list[_Laid], dtype: pl.DataType) -> pl.Series:
    """Say a word about each file once for each of its rows."""
    frame = pl.DataFrame({"value": pl.Series(values, dtype=dtype), "rows": [laid.cells.height for laid in raw]})
    frame = frame.filter(pl.col("rows") > 0).with_columns(pl.col("rows").cast(pl.UInt32))
    return frame.select(pl.col("value").repeat_by("rows").explode()).to_series().cast(dtype)


def _settle_agencies(table: Table, frame: pl.DataFrame, reading: _Reading) -> pl.DataFrame:
    """Match each row's agency with the list; rows of somebody else are told once a file, and left out."""
    keys = _ways_to_name(reading.agencies)
    given = {cell: keys.get(_spelt(cell)) for cell in frame["agency"].unique().to_list()}
    if not given:
        return frame.with_columns(pl.col("agency").cast(pl.Enum(reading.agencies.keys)))
    matched = pl.col("agency").replace_strict(
        list(given), list(given.values()), default=None, return_dtype=pl.Enum(reading.agencies.keys)
    )
    strangers = (
        frame.filter(pl.col("agency").is_in([cell for cell, known in given.items() if known is None]))
        .group_by("file", "agency")
        .agg(pl.col("line").min(), rows=pl.len())
        .sort("file", "line")
        if None in given.values()
        else frame.clear().with_columns(rows=pl.lit(0))
    )
    for row in strangers.iter_rows(named=True):
        who = f"“{_show(row['agency'])}” ({row['rows']} dòng)"
        why = f"{who} không có trong danh sách đơn vị / no such agency in the list"
        reading.tell("", table.name, row["file"], row["line"], why, "apart")
    return frame.with_columns(matched).filter(pl.col("agency").is_not_null())


def _ways_to_name(agencies: Agencies) -> dict[str, str]:
    """Map a key, and a name that no other agency bears, to the agency's key."""
    names = [_spelt(row.name) for row in agencies.rows]
    by_name = {name: row.agency for name, row in zip(names, agencies.rows, strict=True) if names.count(name) == 1}
    return by_name | {_spelt(known): known for known in agencies.keys}


def _spelt(cell: str) -> str:
    return key(cell[:300])


def _settle_scope(bad: pl.DataFrame, agencies: Agencies) -> pl.DataFrame:
    """Spell agencies as the list does; a row of somebody who is not on it concerns nobody who is."""
    keys = _ways_to_name(agencies) | {"": ""}
    cells = bad["agency"].unique().to_list()
    if not cells:
        return bad
    known = pl.col("agency").replace_strict(
        cells, [keys.get(_spelt(cell)) for cell in cells], default=None, return_dtype=pl.String
    )
    scope = pl.when(known.is_null()).then(pl.lit("apart")).otherwise(pl.col("scope"))
    return bad.with_columns(known.fill_null("").alias("agency"), scope.alias("scope"))


def _show(value: str) -> str:
    return re.sub(r"\s+", " ", value)[:60]


def _pick(sheet: Sheet, places: Mapping[str, int], columns: Sequence[Column]) -> pl.DataFrame:
    """Take the known columns under their names, and the line of each row."""
    cells = [
        sheet.rows.get_column(str(places[column.name])).alias(column.name)
        for column in columns
        if column.name in places
    ]
    return pl.DataFrame([*cells, sheet.lines.alias("line")])


@lru_cache(maxsize=1024)
def _match_headings(
    headings: tuple[str, ...], columns: tuple[Column, ...]
) -> tuple[Mapping[str, int], tuple[str, ...]]:
    """Find each column's place by its name, its other headings, or the first words of its meaning.

    Returns:
        (column → place, required columns that are not there).
    """
    written = [_heading_key(heading) for heading in headings]
    places: dict[str, int] = {}
    ways: tuple[Callable[[Column], Iterable[str]], ...] = (
        lambda column: (column.name,),
        lambda column: column.headings,
        lambda column: (_first_words(column.vi), _first_words(column.en), column.vi, column.en),
    )
    for way in ways:
        for column in columns:
            wanted = {_heading_key(words) for words in way(column)}
            free = (place for place, words in enumerate(written) if words in wanted and place not in places.values())
            if column.name not in places and (place := next(free, None)) is not None:
                places[column.name] = place
    return places, tuple(column.name for column in columns if column.required and column.name not in places)


def _heading_key(words: str) -> str:
    return key(words[:200]).replace("_", " ")


def _first_words(meaning: str) -> str:
    return re.split(r"[(:;,]", meaning, maxsplit=1)[0]


def _cast_rows(table: Table, columns: Sequence[Column], frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cast every column; give the rows that read, and why the others don't."""
    if frame.is_empty():
        return frame.with_columns(pl.lit(None, DTYPES[c.type]).alias(c.name) for c in columns), pl.DataFrame(
            schema=_UNREAD_SCHEMA
        )
    cells: dict[str, pl.Series] = {}
    bad: dict[str, pl.Series] = {}
    for column in columns:
        raw = (
            trim(frame[column.name])
            if column.name in frame.columns
            else pl.Series([None] * frame.height, dtype=pl.String)
        )
        value = cast(raw, column)
        wrong = value.is_null() if column.required else raw.is_not_null() & value.is_null()
        if wrong.any():
            bad[column.name] = wrong
            # The complaint quotes the cell; whole columns of text are not kept for it.
            cells[f"{column.name} as written"] = raw
        cells[column.name] = value.alias(column.name)
    out = pl.DataFrame([series.alias(name) for name, series in cells.items()]).with_columns(
        frame["file"].alias("file"), frame["line"].alias("line")
    )
    names = [column.name for column in columns]
    if not bad:
        return out, pl.DataFrame(schema=_UNREAD_SCHEMA)
    any_bad = pl.DataFrame(list(bad.values())).select(pl.any_horizontal(pl.all())).to_series()
    wrong_rows = out.with_columns(wrong.alias(f"{name} is wrong") for name, wrong in bad.items()).filter(any_bad)
    return out.select(*names, "file", "line").filter(~any_bad), _complaints(table, columns, wrong_rows, list(bad))


def _complaints(table: Table, columns: Sequence[Column], wrong: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    by_name = {column.name: column for column in columns}
    why = pl.coalesce(pl.when(pl.col(f"{name} is wrong")).then(_sentence(by_name[name])) for name in names)
    agency = pl.col("agency").fill_null("") if "agency" in wrong.columns and table is not AGENCIES else pl.lit("")
    happened = pl.lit(None, TIME)
    if table.happened:
        dated = pl.col(table.happened)
        happened = dated if wrong.schema[table.happened] == TIME else dated.cast(TIME)
    return wrong.select(
        agency.alias("agency"),
        pl.lit(table.name).alias("table"),
        pl.col("file").cast(pl.String),
        "line",
        why.alias("why"),
        happened.alias("happened"),
        pl.lit("row").alias("scope"),
    )


def _sentence(column: Column) -> pl.Expr:
    """Say what is wrong with a cell, naming the column and the value, of which a hostile one is cut short."""
    raw = pl.col(f"{column.name} as written")
    words = column.name + " (" + _first_words(column.vi).strip() + ")"
    shown = raw.str.slice(0, 60).str.replace_all(r"[\s\p{Cc}]+", " ")
    wrong = pl.format("cột {}: “{}” {}", pl.lit(words), shown, pl.lit(COMPLAINTS.get(column.type, "")))
    return pl.when(raw.is_null()).then(pl.lit(f"cột {words} trống / a required cell is empty")).otherwise(wrong)
