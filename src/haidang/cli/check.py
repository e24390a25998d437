"""`haidang check`: which machine has which flaw, by which rule; whose the addresses on a botnet list are."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from haidang.cli import list_check
from haidang.engine.errors import BadRequest

if TYPE_CHECKING:
    import polars as pl

    from haidang.checks import Checked
    from haidang.engine.letters.letter import Letter
    from haidang.engine.obligations.facts import Agencies
    from haidang.engine.reports.flaws.document import CheckRun

HELP = "đối chiếu máy với cảnh báo lỗ hổng, danh sách botnet với dải mạng · advisories × inventories, lists × networks"
EXAMPLE = (
    "haidang check content/examples/facts --advisories content/examples/advisories --letter content/examples/letter.txt "
    "--on 2026-02-23 --out doi-chieu"
)
MARK = "findings.json"
RESULT = {MARK, "findings.parquet", "index.html", "annex", "vex", "intel"}
_SHOWN = 12
_FOUND, _NOT_CHECKED = 10, 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "inventories",
        metavar="INVENTORY",
        nargs="+",
        type=Path,
        help="files, or a folder with a folder an agency; with --networks, botnet lists",
    )
    parser.add_argument(
        "--advisories",
        metavar="PATH",
        nargs="+",
        default=[],
        type=Path,
        help="folders, files and archives of advisories",
    )
    parser.add_argument("--kev", metavar="FILE", type=Path, help="CISA's catalogue of exploited flaws (JSON or CSV)")
    parser.add_argument("--epss", metavar="FILE", type=Path, help="EPSS scores (CSV)")
    parser.add_argument("--letter", metavar="LETTER", help="the directive letter: which flaws it binds")
    parser.add_argument(
        "--intel",
        metavar="DIR",
        type=Path,
        action="append",
        default=[],
        help="the department's own tables: advisory letters",
    )
    parser.add_argument("--agencies", metavar="FILE", help="CSV or XLSX: agency, name; for the names of agencies")
    parser.add_argument("--on", metavar="DATE", help="the day; today if not given")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where the results go")
    parser.add_argument(
        "--cache", metavar="DIR", type=Path, help="where compiled advisories are kept for the next time"
    )
    list_check.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Check inventories against advisories, or botnet lists against networks."""
    if args.networks and args.advisories:
        raise BadRequest("give --advisories (flaws of inventories) or --networks (owners of a list), not both at once")
    if args.networks:
        return list_check.run(args)
    if not args.advisories:
        raise BadRequest("give --advisories PATH for inventories, or --networks PATH for botnet lists")
    return _check_inventories(args)


def _check_inventories(args: argparse.Namespace) -> int:
    """Check, write the results whole or not at all, and print what matters most."""
    from haidang.checks import Shelf, check, compile_advisories, default_cache, read_handed, read_register
    from haidang.cli.folder import check_out
    from haidang.engine.calendar import ICT, parse_day
    from haidang.parcels import MOST_FACT_BYTES, read_bytes, read_letter_file

    if args.out is not None:
        check_out(args.out, [*args.inventories, *args.advisories], MARK, RESULT)
    day = parse_day(args.on) if args.on else dt.datetime.now(ICT).date()
    shelf = Shelf()
    letter = read_letter_file(args.letter).letter if args.letter else None
    agencies = None
    if args.agencies:
        from haidang.engine.obligations.facts import read_agencies

        agencies = read_agencies(read_bytes(args.agencies, MOST_FACT_BYTES), Path(args.agencies).name)
    paths = [*args.advisories, *(path for path in (args.kev, args.epss) if path)]
    store = compile_advisories(paths, shelf, args.cache or default_cache())
    handed = read_handed(args.inventories, shelf, agencies)
    checked = check(handed, store, shelf, day, letter, read_register(args.intel))
    told = _told(checked, letter, agencies)
    if args.out is not None:
        _write(args.out, checked, told)
    print("\n".join(_summary(checked, told, args.out)))
    return _exit_code(checked)


def _exit_code(checked: Checked) -> int:
    hosts = checked.findings.hosts
    if hosts["affected"].sum():
        return _FOUND
    seen = hosts["os_known"].all() and hosts["supported"].all() and hosts["listed"].all()
    return 0 if seen and not hosts["cannot_tell"].sum() and not checked.handed.inventory.unread else _NOT_CHECKED


def _told(checked: Checked, letter: Letter | None, agencies: Agencies | None) -> CheckRun:
    from haidang.engine.reports.flaws.document import CheckRun

    number = f"{letter.number or '…'}/{letter.notation or '…'}" if letter else None
    head = (
        {"number": number, "date": letter.date.isoformat() if letter.date else None, "subject": letter.subject}
        if letter
        else {}
    )
    inventory = checked.handed.inventory
    lacks: list[dict[str, Any]] = [
        {
            "agency": lack.agency,
            "host": lack.host,
            "what": lack.what,
            "ask": lack.ask,
            "file": lack.source.file,
            "line": lack.source.line,
        }
        for lack in inventory.lacks
    ]
    return CheckRun(
        checked.as_of,
        checked.findings,
        {row.agency: row.name for row in agencies.rows} if agencies else {},
        checked.store.notes,
        head,
        lacks,
        inventory.unread,
        checked.store.unread,
        checked.handed.files,
    )


def _write(out: Path, checked: Checked, told: CheckRun) -> None:
    from haidang.cli.folder import written

    with written(out) as folder:
        for name, data in _files(folder, checked, told):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _files(folder: Path, checked: Checked, told: CheckRun) -> Iterator[tuple[str, bytes]]:
    """Give the files of the result; rows go to disk agency by agency, so that no size of city fills the memory."""
    import io

    import orjson
    import polars as pl

    from haidang.engine.reports.flaws.document import make_document
    from haidang.engine.reports.flaws.page import make_index
    from haidang.engine.reports.flaws.tables import advisory_facts, blank_rows, flaw_facts, known_flaws, receipts

    def parquet(frame: pl.DataFrame) -> bytes:
        out = io.BytesIO()
        frame.write_parquet(out)
        return out.getvalue()

    document = make_document(told)
    yield MARK, orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"
    yield "index.html", make_index(document)
    parts = folder / ".rows"
    parts.mkdir()
    facts = [flaw_facts(blank_rows(), told.as_of)]
    listed = [pl.DataFrame(schema={"agency": pl.String, "host": pl.String, "fixed": pl.Int64})]
    blank_rows().write_parquet(parts / "00000.parquet")
    waiting = {entry["agency"]: entry for entry in document["agencies"]}
    for at, rows in enumerate(checked.findings.rows(), 1):
        entry = waiting.pop(str(rows["agency"][0]))
        rows.write_parquet(parts / f"{at:05}.parquet")
        yield from _of_agency(document, entry, rows, told)
        facts.append(flaw_facts(rows, told.as_of))
        fixed = facts[-1].filter(pl.col("state") == "fixed")
        listed.append(fixed.group_by("agency", "host", maintain_order=True).agg(fixed=pl.len().cast(pl.Int64)))
    for entry in waiting.values():
        yield from _of_agency(document, entry, blank_rows(), told)
    yield "intel/flaws.parquet", parquet(pl.concat(facts))
    looked = receipts(checked.findings, pl.concat(listed), told.as_of, checked.store)
    yield "intel/flaw_receipts.parquet", parquet(looked)
    yield "intel/known_flaws.parquet", parquet(known_flaws(checked.store))
    if not checked.findings.letters.is_empty():
        yield "intel/advisories.parquet", parquet(advisory_facts(checked.findings))
    pl.scan_parquet(parts / "*.parquet").sink_parquet(folder / "findings.parquet", maintain_order=True)
    for path in parts.iterdir():
        path.unlink()
    parts.rmdir()


def _of_agency(
    document: dict[str, Any], entry: dict[str, Any], rows: pl.DataFrame, told: CheckRun
) -> Iterator[tuple[str, bytes]]:
    """Give an agency's own files: its rows, its annex, its workbook, its answers for others."""
    import orjson

    from haidang.engine.reports.flaws.evidence import gather
    from haidang.engine.reports.flaws.page import make_annex
    from haidang.engine.reports.flaws.tables import rows_for_excel
    from haidang.engine.reports.flaws.vex import make_vex
    from haidang.engine.reports.flaws.workbook import make_workbook

    name, shown = entry["file"], gather(rows, told.findings, entry["agency"])
    size = 0
    if rows.height:
        table = rows_for_excel(rows)
        size = len(table)
        yield f"annex/{name}.csv", table
    yield f"annex/{name}.html", make_annex(document, entry, shown, size)
    yield f"annex/{name}.xlsx", make_workbook(entry, shown, document["as_of"])
    vex = make_vex(entry["agency"], entry["name"], document["as_of"], rows)
    if vex:
        yield f"vex/{name}.json", orjson.dumps(vex) + b"\n"


def _summary(checked: Checked, told: CheckRun, out: Path | None) -> list[str]:
    """Say what was looked at, what is open, and the first things to do."""
    hosts = checked.findings.hosts
    lines = [
        f"Kho cảnh báo · advisories:   {checked.store.notes['records']} bản ghi · records",
        f"Máy · machines:              {hosts.height}, {hosts['agency'].n_unique()} đơn vị · agencies",
    ]
    words = {
        "affected": "còn lỗ hổng · affected", "cannot_tell": "chưa rõ · cannot tell", "mitigated": "đã giảm thiểu · mitigated",
        "fixed": "đã vá · fixed",
    }  # fmt: skip
    lines += [f"  {hosts[state].sum():>12,}  {text}" for state, text in words.items()]
    unseen = hosts.filter(~hosts["os_known"] | ~hosts["listed"]).height
    ended = hosts.filter(~hosts["supported"]).height
    if unseen:
        lines.append(f"  {unseen:>12,}  máy chưa xem được hết · machines not fully seen (hệ điều hành, phần mềm)")
    if ended:
        lines.append(f"  {ended:>12,}  máy hết hỗ trợ · machines out of support")
    lines += ["", *_letters(checked)] if not checked.findings.letters.is_empty() else []
    actions = checked.findings.actions
    if actions.height:
        lines += ["", "Việc phải làm, gấp trước · most pressing first:"]
        for row in _pressing(actions).head(_SHOWN).iter_rows(named=True):
            target = row["fix"] or "chưa có bản vá / no update known"
            lines.append(
                f"  {row['decision']:7} {_fit(row['agency'] or '-', 22)} {_fit(row['product'] or '?', 36)} → {_fit(target, 34)} "
                f"{len(row['hosts']):>5} máy  {row['flaws']:>4} lỗ hổng  {_day(row['due'], checked.as_of)}"
            )
        if actions.height > _SHOWN:
            lines.append(f"  … {actions.height - _SHOWN} nữa · more")
    if told.unread or checked.store.unread.height:
        lines += [
            "",
            f"Không đọc được · not read: {len(told.unread)} (danh mục · inventories), {checked.store.unread.height} (cảnh báo · advisories)",
        ]
        lines += [f"  {row.source.file}:{row.source.line}  {row.why}" for row in told.unread[:5]]
    if out is not None:
        lines += [
            "",
            f"Trang · page:                {out / 'index.html'}",
            f"Cho haidang judge · for it:  --intel {out / 'intel'}",
        ]
    return ["".join(c if c.isprintable() else " " for c in line) for line in lines]


def _pressing(actions: pl.DataFrame) -> pl.DataFrame:
    """Order what has to be done: SSVC's decision, a letter's order, exploitation, the day."""
    import polars as pl

    return actions.sort(
        "decision", pl.col("letters") == "", pl.col("exploited") == 0, "due", "agency", "product", "fix"
    )


def _day(due: dt.date | None, as_of: dt.date) -> str:
    if due is None:
        return "–"
    return f"{due:%d/%m/%Y}" + (" quá hạn · overdue" if due < as_of else "")


def _fit(text: str, width: int) -> str:
    """Fit a name into its column; one that is cut shows that it goes on."""
    return f"{text:{width}}" if len(text) <= width else f"{text[: width - 1]}…"


def _letters(checked: Checked) -> Iterator[str]:
    import polars as pl

    findings = checked.findings
    counts = findings.letters.join(findings.bound, on="flaw", how="left")
    for letter, rows in counts.partition_by("letter", as_dict=True, maintain_order=True).items():
        told = {
            state: rows.filter(pl.col("state") == state)["hosts"].sum()
            for state in ("affected", "cannot_tell", "mitigated", "fixed")
        }
        missing = rows.filter(~pl.col("known"))["flaw"].n_unique()
        note = f", {missing} chưa có bản ghi · without a record" if missing else ""
        yield (
            f"{letter[0]}: {rows['flaw'].n_unique()} lỗ hổng · flaws{note}; còn {told['affected']}, chưa rõ {told['cannot_tell']}, "
            f"giảm thiểu {told['mitigated']}, đã vá {told['fixed']}"
        )
