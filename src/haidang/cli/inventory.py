"""`haidang inventory`: what machines and software a file of any form lists, what it lacks, and what could not be read."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from haidang.engine.errors import BadRequest, UnreadableParcel

if TYPE_CHECKING:
    from haidang.engine.inventory.headings import Profile
    from haidang.engine.inventory.inventory import Inventory

HELP = "đọc danh mục máy, phần mềm, bản vá ở mọi dạng · read machines, software and updates from any form of inventory"
EXAMPLE = "haidang inventory kiem-ke.xlsx systeminfo/ --out kiem-ke.json"
_KINDS = ("hosts", "software", "hotfixes")
_UNREAD_SHOWN = 20
_HOSTS_SHOWN = 5
_MOST_ROWS = 1_048_000
_NOT_CHECKED = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("files", metavar="FILE", nargs="+", help="files or folders of them; - for standard input")
    parser.add_argument(
        "--profile", metavar="FILE", type=Path, help="a known layout of tables (YAML), instead of guessing"
    )
    parser.add_argument("--save-profile", metavar="FILE", type=Path, help="write the guessed columns as a profile")
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the rows: .json or .xlsx")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a page")


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    inventory: Inventory | None
    trouble: str = ""


def run(args: argparse.Namespace) -> int:
    """Read everything, say what there is, and write the rows where asked."""
    if args.out is not None and args.out.suffix.lower() not in (".json", ".xlsx"):
        raise BadRequest(f"{args.out}: --out writes .json or .xlsx")
    files = list(_read(args.files, _profiles(args.profile)))
    if args.profile is not None:
        _check_profile(args.profile, files)
    from haidang.engine.inventory.inventory import join

    whole = join(file.inventory for file in files if file.inventory is not None)
    if args.save_profile is not None:
        _save_profile(args.save_profile, files)
    if args.out is not None:
        _write(args.out, whole)
    if args.json:
        import orjson

        sys.stdout.buffer.write(orjson.dumps(_summary(files, whole), option=orjson.OPT_INDENT_2) + b"\n")
    else:
        print("\n".join(_plain(line) for line in _page(files, whole, args.out)))
    return _NOT_CHECKED if whole.unread or any(file.inventory is None for file in files) or not files else 0


def _profiles(path: Path | None) -> tuple[Profile, ...]:
    """Give the profile that was asked for, else all that are kept."""
    from haidang import content
    from haidang.engine.inventory.headings import read_profiles
    from haidang.parcels import read_bytes

    if path is not None:
        return read_profiles([(path.name, read_bytes(str(path), 1_000_000))])
    return read_profiles(content.files("mappings/inventory", ".yaml"))


def _read(paths: Sequence[str], profiles: tuple[Profile, ...]) -> Iterator[_File]:
    """Read files; one that was asked for alone and can't be read stops the command, among others it is told."""
    from haidang.archives import MOST_BYTES, open_files
    from haidang.engine.inventory.formats import read_inventory
    from haidang.parcels import read_bytes

    alone = len(paths) == 1 and not Path(paths[0]).is_dir()
    for path in paths:
        opened = [("standard input", read_bytes(path, MOST_BYTES))] if path == "-" else open_files(Path(path))
        for name, data in opened:
            try:
                if isinstance(data, UnreadableParcel):
                    raise data
                yield _File(name, read_inventory(data, name, profiles))
            except UnreadableParcel as error:
                if alone:
                    raise
                yield _File(name, None, str(error))


def _check_profile(path: Path, files: Sequence[_File]) -> None:
    from haidang.engine.inventory.headings import read_profiles

    (profile,) = read_profiles([(path.name, path.read_bytes())])
    if not any(file.inventory is not None and file.inventory.form.endswith(f": {profile.form}") for file in files):
        wanted = ", ".join(profile.headings.values())
        raise BadRequest(f"{path} fits none of the tables: not all of its headings are there ({wanted})")


def _save_profile(path: Path, files: Sequence[_File]) -> None:
    from haidang.engine.inventory.headings import write_profile

    tables = [file for file in files if file.inventory is not None and file.inventory.columns]
    if len(tables) != 1:
        raise BadRequest(f"--save-profile needs exactly one table; there are {len(tables)}")
    (table,) = tables
    columns = table.inventory.columns if table.inventory is not None else {}
    _replace(path, write_profile(Path(table.name).stem, columns))


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        fresh.chmod(0o644)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _write(path: Path, whole: Inventory) -> None:
    if path.suffix.lower() == ".xlsx":
        _replace(path, _workbook(whole, path))
        return
    import orjson

    rows = {kind: whole.frame(kind).to_dicts() for kind in _KINDS}
    document = {"form": whole.form, **rows, "unread": _unread(whole), "lacks": _lacks(whole)}
    _replace(path, orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def _workbook(whole: Inventory, path: Path) -> bytes:
    import datetime as dt
    import io

    import xlsxwriter

    from haidang.engine.reports.safe import plain_text

    if any(whole.frame(kind).height > _MOST_ROWS for kind in _KINDS):
        raise BadRequest(f"{path}: a workbook holds at most {_MOST_ROWS:,} rows a sheet; write .json")
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)})  # the same rows give the same bytes
    bold = book.add_format({"bold": True})
    for kind in _KINDS:
        sheet = book.add_worksheet(kind)
        sheet.freeze_panes(1, 0)
        frame = whole.frame(kind)
        sheet.write_row(0, 0, frame.columns, bold)
        for number, row in enumerate(frame.iter_rows(), 1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, plain_text(cell)[:32_000])
                elif cell is not None:
                    sheet.write_number(number, place, cell)
    book.close()
    return out.getvalue()


def _unread(whole: Inventory) -> list[dict[str, Any]]:
    return [{"file": row.source.file, "line": row.source.line, "why": row.why} for row in whole.unread]


def _lacks(whole: Inventory) -> list[dict[str, Any]]:
    return [
        {"host": lack.host, "what": lack.what, "ask": lack.ask, "file": lack.source.file, "line": lack.source.line}
        for lack in whole.lacks
    ]


def _counts(whole: Inventory) -> dict[str, int]:
    """Count machines, systems with their builds, products with versions, updates."""
    import polars as pl

    hosts = whole.hosts
    named = hosts.filter(pl.col("os").is_not_null())
    # Windows 10 and later are told in full by a build and its revision; of other systems any version will do.
    text = pl.concat_str("os", "os_version", separator=" ", ignore_nulls=True)
    windows = pl.col("os").str.to_lowercase().str.contains("windows")
    in_full = text.str.contains(r"\d{4,5}\.\d{1,5}\b|\b[56]\.\d\.\d{4}\b")
    full = pl.when(windows).then(in_full).otherwise(pl.col("os_version").is_not_null())
    versioned = whole.software["version"].count()
    return {
        "hosts": hosts.select("agency", "host").n_unique() if hosts.height else 0,
        "systems": named.select("agency", "host").n_unique() if named.height else 0,
        "systems_with_build": named.filter(full).select("agency", "host").n_unique() if named.height else 0,
        "products_with_version": versioned,
        "products_without_version": whole.software.height - versioned,
        "updates": whole.hotfixes.height,
    }


def _summary(files: Sequence[_File], whole: Inventory) -> dict[str, Any]:
    told = [
        {"file": file.name, "unreadable": file.trouble}
        if file.inventory is None
        else {
            "file": file.name,
            "form": file.inventory.form,
            "columns": file.inventory.columns,
            **_counts(file.inventory),
        }
        for file in files
    ]
    unread = {"count": len(whole.unread), "first": _unread(whole)[:_UNREAD_SHOWN]}
    return {"files": told, **_counts(whole), "lacks": _lacks(whole), "unread": unread}


def _page(files: Sequence[_File], whole: Inventory, out: Path | None) -> Iterator[str]:
    for file in files:
        yield from _about(file)
    counts = _counts(whole)
    yield ""
    yield f"Máy · machines                                {counts['hosts']:>9,}"
    yield f"  rõ hệ điều hành · system named              {counts['systems']:>9,}"
    yield f"  rõ bản dựng · build in full                 {counts['systems_with_build']:>9,}"
    yield f"Phần mềm có phiên bản · with version          {counts['products_with_version']:>9,}"
    yield f"  không rõ phiên bản · without version        {counts['products_without_version']:>9,}"
    yield f"Bản vá Microsoft · Microsoft updates          {counts['updates']:>9,}"
    yield from _about_lacks(whole)
    if whole.unread:
        yield ""
        yield f"Dòng không đọc được · rows that could not be read: {len(whole.unread):,}"
        for row in whole.unread[:_UNREAD_SHOWN]:
            yield f"  {row.source.file}:{row.source.line}  {row.why}"
        if len(whole.unread) > _UNREAD_SHOWN:
            yield f"  … và {len(whole.unread) - _UNREAD_SHOWN:,} dòng nữa · and more"
    if out is not None:
        yield ""
        yield f"Đã ghi · written: {out}"


def _about(file: _File) -> Iterator[str]:
    if file.inventory is None:
        yield f"{file.name}: KHÔNG ĐỌC ĐƯỢC · not read: {file.trouble}"
        return
    found = file.inventory
    yield (
        f"{file.name}: {found.form}: {_counts(found)['hosts']:,} máy · machines, {found.software.height:,} phần mềm · "
        f"products, {found.hotfixes.height:,} bản vá · updates"
    )
    for column, heading in found.columns.items():
        yield f"    {column} ← {' '.join(heading.split())}"


def _about_lacks(whole: Inventory) -> Iterator[str]:
    """Say what is missing, each kind of gap once, with the machines that it concerns."""
    asked: dict[tuple[str, str], list[str]] = {}
    for lack in whole.lacks:
        asked.setdefault((lack.what, lack.ask), []).append(lack.host)
    if asked:
        yield ""
        yield "Còn thiếu, cần hỏi · lacking, to be asked for"
    for (what, ask), hosts in asked.items():
        named = [host for host in dict.fromkeys(hosts) if host]
        shown = ", ".join(named[:_HOSTS_SHOWN]) + (f" … ({len(named):,})" if len(named) > _HOSTS_SHOWN else "")
        yield f"  [{what}] {ask}"
        if shown:
            yield f"      {shown}"


def _plain(line: str) -> str:
    """Leave out what would steer a terminal: names in a file are somebody else's words."""
    return "".join(sign if sign.isprintable() else "�" for sign in line)
