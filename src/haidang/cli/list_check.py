"""`haidang check LIST --networks FILE`: whose the addresses on a botnet list were, and which machine was behind them."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from haidang.botnets import ListChecked

MARK = "botnet.json"
RESULT = {MARK, "index.html", "rows.parquet", "annex", "intel", "closings"}
_SHOWN = 12
_FOUND, _NOT_CHECKED = 10, 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what only a check of lists takes."""
    group = parser.add_argument_group("botnet lists", "LIST is CSV, XLSX, text, PDF, Shadowserver, n6 or MISP")
    group.add_argument(
        "--networks", metavar="PATH", type=Path, help="agencies' folders of facts, or a table agency, network, …"
    )
    group.add_argument("--nat", metavar="FILE", nargs="+", type=Path, default=[], help="NAT, DHCP, proxy logs (tables)")
    group.add_argument("--hosts", metavar="FILE", type=Path, help="a table agency, host, address")
    group.add_argument(
        "--closings", metavar="PATH", type=Path, help="how addresses were closed: a table, or annexes filled in"
    )
    group.add_argument("--before", metavar="LIST", nargs="+", type=Path, default=[], help="earlier lists, to compare")
    group.add_argument(
        "--skew", metavar="SECONDS", type=int, default=60, help="by how much clocks may differ; 60 if not given"
    )


def run(args: argparse.Namespace) -> int:
    """Check, write the results whole or not at all, and print what matters most."""
    from haidang.botnets import check_lists, read_holdings, read_lists, read_logs, read_profiles
    from haidang.cli.folder import check_out
    from haidang.engine.calendar import ICT, parse_day
    from haidang.engine.errors import BadRequest
    from haidang.engine.obligations.facts import read_agencies
    from haidang.engine.reports.botnet.document import is_open, is_unproven, make_document
    from haidang.parcels import MOST_FACT_BYTES, read_bytes

    if args.skew < 0:
        raise BadRequest("--skew is a number of seconds, 0 or more")
    if args.out is not None:
        sources = [*args.inventories, args.networks, *args.nat, args.hosts, args.closings, *args.before]
        check_out(args.out, sources, MARK, RESULT)
    day = parse_day(args.on) if args.on else dt.datetime.now(ICT).date()
    agencies = (
        read_agencies(read_bytes(args.agencies, MOST_FACT_BYTES), Path(args.agencies).name) if args.agencies else None
    )
    profiles = read_profiles()
    lists = read_lists(args.inventories, profiles)
    before = read_lists(args.before, profiles) if args.before else None
    holdings = read_holdings(args.networks, agencies, args.hosts, args.closings)
    checked = check_lists(
        lists, holdings, read_logs(args.nat, day), day, before=before, skew=dt.timedelta(seconds=args.skew)
    )
    document = make_document(_told(checked))
    if args.out is not None:
        _write(args.out, checked, document, closings=args.closings is not None)
    print("\n".join(_summary(document, args.out)))
    return _FOUND if is_open(document) else _NOT_CHECKED if is_unproven(document) else 0


def _told(checked: ListChecked) -> Any:  # noqa: ANN401 - the report's own type is loaded late
    from haidang.engine.reports.botnet.document import ListRun

    return ListRun(
        checked.as_of,
        checked.rows,
        checked.answers,
        checked.changes,
        checked.lists.lists,
        checked.holdings.names,
        (*checked.lists.unread, *checked.holdings.unread, *checked.log.unread),
        checked.log.files,
        int(checked.skew.total_seconds()),
    )


def _write(out: Path, checked: ListChecked, document: dict[str, Any], *, closings: bool) -> None:
    from haidang.cli.folder import written

    with written(out) as folder:
        for name, data in _files(checked, document, closings=closings):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _files(checked: ListChecked, document: dict[str, Any], *, closings: bool) -> Iterator[tuple[str, bytes]]:
    import io

    import orjson
    import polars as pl

    from haidang.engine.botnet.closing import write_closings
    from haidang.engine.reports.botnet.page import make_index
    from haidang.engine.reports.botnet.tables import annex_csv, listed_facts
    from haidang.engine.reports.botnet.workbook import make_workbook
    from haidang.engine.reports.flaws.document import file_names

    def parquet(frame: pl.DataFrame) -> bytes:
        out = io.BytesIO()
        frame.write_parquet(out)
        return out.getvalue()

    yield MARK, orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"
    yield "index.html", make_index(document)
    yield "rows.parquet", parquet(_rows_with_agencies(checked))
    yield "intel/botnet_rows.parquet", parquet(listed_facts(checked.answers, checked.as_of))
    asked = checked.answers.filter(pl.col("stand") != "not_then")
    for entry in document["agencies"]:
        rows = asked.filter(pl.col("agency") == entry["agency"])
        yield f"annex/{entry['file']}.csv", annex_csv(rows)
        yield f"annex/{entry['file']}.xlsx", make_workbook(entry["name"], rows, document["as_of"])
    if closings:
        said = checked.holdings.closings
        for agency, name in file_names(said["agency"].unique().sort().to_list()).items():
            yield f"closings/{name}/botnet_closings.csv", write_closings(said.filter(pl.col("agency") == agency))


def _rows_with_agencies(checked: ListChecked) -> pl.DataFrame:
    """Give every listed row, as often as agencies answer for it, with all that was found."""
    import polars as pl

    more = [name for name in checked.answers.columns if name not in checked.rows.columns]
    numbered = checked.rows.with_row_index("row")
    return (
        numbered.join(
            checked.answers.select("row", *(name for name in more if name != "row")),
            on="row",
            how="left",
            maintain_order="left",
        )
        .drop("row", "first_hi", "first_lo", "last_hi", "last_lo")
        .with_columns(pl.col("why").fill_null("") if "why" in numbered.columns else pl.lit("").alias("why"))
    )


def _summary(document: dict[str, Any], out: Path | None) -> list[str]:
    """Say what was read, whose it is, and what has to be done first."""
    from haidang.engine.reports.botnet import words

    lines = [
        f"Danh sách · lists:            {document['rows']:,} dòng · rows, {document['addresses']:,} địa chỉ · addresses"
    ]
    for one in document["lists"][:_SHOWN]:
        columns = ", ".join(f"{column} ← {heading}" for column, heading in one["columns"].items())
        lines.append(f"  {one['file']}: {one['form']}" + (f" ({columns})" if columns else ""))
        lines += [f"    {note}" for note in one["notes"]]
    lines += [
        f"  {count:>12,}  {words.OUTCOMES[outcome].vi} · {words.OUTCOMES[outcome].en}"
        for outcome, count in document["outcomes"].items()
        if count
    ]
    if document["changes"]:
        told = ", ".join(f"{words.CHANGES[name].vi} {count:,}" for name, count in document["changes"].items())
        lines.append(f"  So với kỳ trước · beside earlier lists: {told}")
    waiting = sorted(document["agencies"], key=lambda one: (-one["open"], one["name"]))
    if any(one["open"] for one in waiting):
        lines += ["", "Địa chỉ chưa xử lý xong · addresses not closed:"]
    for one in [one for one in waiting if one["open"]][:_SHOWN]:
        found = one["machines"]["exact"] + one["machines"]["likely"]
        lines.append(
            f"  {one['open']:>6,}  {one['name'][:44]:44} {one['states']['listed_again']:>4} ghi nhận lại · again  {found:>4} đã rõ máy · machine found"
        )
    if document["unread_total"]:
        lines += ["", f"Không đọc được · not read: {document['unread_total']}"]
        lines += [f"  {row['file']}:{row['line']}  {row['why']}" for row in document["unread"][:5]]
    if out is not None:
        lines += [
            "",
            f"Trang · page:                {out / 'index.html'}",
            f"Cho haidang judge · for it:  --intel {out / 'intel'}",
        ]
    return ["".join(c if c.isprintable() else " " for c in line) for line in lines]
