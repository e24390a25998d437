"""`haidang indicators`: read indicators of any form, spell them one way, say what is not used and why."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from haidang.intelligence import Gathered

HELP = "đọc, chuẩn hóa, gộp dấu hiệu · read, normalise and join indicators"
EXAMPLE = "haidang indicators content/examples/indicators --out dau-hieu.csv"
_SHOWN = 12
_NOT_CHECKED = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("sources", metavar="SOURCE", nargs="+", type=Path, help="files, folders, archives, letters")
    parser.add_argument("--out", metavar="FILE", type=Path, help="where the list goes: .csv or .parquet")
    parser.add_argument(
        "--warning-lists", metavar="PATH", nargs="*", type=Path, help="what is kept off; ours if not given"
    )
    parser.add_argument("--on", metavar="DATE", help="leave out what has ended by that day; nothing if not given")


def run(args: argparse.Namespace) -> int:
    """Read the sources, write the list, and say what is in it and what is not."""
    from haidang.engine.calendar import end_of, parse_day
    from haidang.engine.errors import BadRequest
    from haidang.intelligence import gather_indicators, read_lists

    if args.out is not None and args.out.suffix.lower() not in (".csv", ".parquet"):
        raise BadRequest(f"{args.out}: .csv or .parquet was expected")
    ends = end_of(parse_day(args.on)).astimezone(dt.UTC) if args.on else None
    gathered = gather_indicators(args.sources, read_lists(args.warning_lists), ends)
    if args.out is not None:
        _write(args.out, gathered.catalogue.frame)
    lines = _summary(gathered, args.out)
    print("\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines))
    return _NOT_CHECKED if gathered.catalogue.unread else 0


def _write(out: Path, frame: pl.DataFrame) -> None:
    """Write the list beside its place, then put it there."""
    import polars as pl

    from haidang.engine.reports.safe import plain_column

    fresh = out.with_name(f".{out.name}.new")
    try:
        if out.suffix.lower() == ".parquet":
            frame.write_parquet(fresh)
        else:
            texts = [name for name, type_ in frame.schema.items() if type_ == pl.String]
            frame.with_columns(plain_column(name) for name in texts).write_csv(fresh, include_bom=True)
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)


def _summary(gathered: Gathered, out: Path | None) -> list[str]:
    catalogue = gathered.catalogue
    lines = []
    for name, form, count, unread in gathered.files[: 4 * _SHOWN]:
        more = f", không đọc được · unread {unread:,}" if unread else ""
        lines.append(f"  {name:48} {form:8} {count:>10,}{more}")
    if len(gathered.files) > 4 * _SHOWN:
        lines.append(f"  … {len(gathered.files) - 4 * _SHOWN:,} tệp nữa · more files")
    lines += ["", f"Dấu hiệu · indicators:  {catalogue.frame.height:,} (gộp · joined {catalogue.doubles:,})"]
    for type_, count in catalogue.frame.group_by("type").len().sort("len", descending=True).iter_rows():
        lines.append(f"  {count:>12,}  {type_}")
    for reason, detail, count in (
        catalogue.skipped.group_by("reason", "detail").len().sort("len", descending=True).head(_SHOWN).iter_rows()
    ):
        lines.append(f"  bỏ qua · skipped {count:,}: {reason}{f' ({detail})' if detail else ''}")
    if catalogue.unread:
        lines += ["", f"Không đọc được · unread: {len(catalogue.unread):,}"]
        lines += [f"  {one.source.file}:{one.source.line}  {one.why}" for one in catalogue.unread[:_SHOWN]]
    if out is not None:
        lines += ["", f"Danh sách · list:       {out}"]
    return lines
