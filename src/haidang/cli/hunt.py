"""`haidang hunt`: logs of any kind against indicators; every hit, and a receipt of what was read."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from haidang.hunts import HuntRun, Question

HELP = "săn dấu hiệu trong nhật ký · look for indicators in logs of any kind"
EXAMPLE = (
    "haidang hunt content/examples/logs --indicators content/examples/indicators --agency so-y-te "
    "--canary canary-2f6c1d.haidang.example --on 2026-02-23 --out san-lung"
)
MARK = "receipt.json"
RESULT = {MARK, "index.html", "hits.parquet", "groups.csv", "facts", "intel"}
_SHOWN = 15
_FOUND, _NOT_CHECKED = 10, 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "logs", metavar="LOGS", nargs="+", type=Path, help="files, folders, archives; - is standard input"
    )
    parser.add_argument(
        "--indicators",
        metavar="PATH",
        nargs="+",
        required=True,
        type=Path,
        help="files, folders and archives of indicators",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help="where hits and receipt go")
    parser.add_argument(
        "--jobs", metavar="N", type=_jobs, default=1, help="how many cores work at once; 1 if not given"
    )
    parser.add_argument("--source", metavar="NAME", default="", help="the log source that all the logs belong to")
    parser.add_argument("--agency", metavar="KEY", default="", help="whose logs they are")
    parser.add_argument("--networks", metavar="FILE", type=Path, help="the agency's own addresses (CSV or XLSX)")
    parser.add_argument(
        "--canary", metavar="MARK", default="", help="the department's test mark, which has to be in the logs"
    )
    parser.add_argument(
        "--warning-lists", metavar="PATH", nargs="*", type=Path, help="what is never hunted; our own lists if not given"
    )
    parser.add_argument(
        "--silence", metavar="HOURS", type=_hours, default=24.0, help="how long a log may say nothing; 24"
    )
    parser.add_argument("--on", metavar="DATE", help="the day, for times without a year; today if not given")
    parser.add_argument(
        "--cache", metavar="DIR", type=Path, help="where prepared indicators are kept for the next time"
    )


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 3 or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"“{text}” is no number of jobs from 1 to 256")
    return int(text)


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = -1.0
    if not 0 <= hours <= 100_000:  # nan is neither
        raise argparse.ArgumentTypeError(f"“{text}” is no number of hours")
    return hours


def run(args: argparse.Namespace) -> int:
    """Hunt, write the results whole or not at all, and print what matters most."""
    from haidang.cli.folder import check_out, written
    from haidang.engine.calendar import ICT, parse_day
    from haidang.hunts import Question, hunt_logs

    if args.out is not None:
        check_out(args.out, [path for path in (*args.logs, *args.indicators) if str(path) != "-"], MARK, RESULT)
    today = parse_day(args.on) if args.on else dt.datetime.now(ICT).date()
    question = Question(
        tuple(args.logs),
        tuple(args.indicators),
        args.jobs,
        args.source,
        args.agency,
        args.networks,
        args.canary,
        None if args.warning_lists is None else tuple(args.warning_lists),
        dt.timedelta(hours=args.silence),
        today,
        args.cache,
    )

    def now() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    if args.out is None:
        done = hunt_logs(question, lambda _: None, now)
    else:
        with written(args.out) as folder:
            done = _hunt_into(folder, question, now)
    print("\n".join(_summary(done, args.out)))
    return {"found": _FOUND, "clean": 0, "not_checked": _NOT_CHECKED}[done.answer]


def _hunt_into(folder: Path, question: Question, now: Callable[[], dt.datetime]) -> HuntRun:
    """Hunt, and write hits as they come: they may be many."""
    import orjson
    import polars as pl

    from haidang.engine.hunting.hunt import HITS
    from haidang.engine.reports.hunt import make_hunt_page
    from haidang.hunt_receipts import findings, make_receipt, receipts
    from haidang.hunts import hunt_logs

    parts = folder / ".hits"
    parts.mkdir()

    def take(batch: pl.DataFrame) -> None:
        batch.write_parquet(parts / f"{len(list(parts.iterdir())):06}.parquet")

    take(pl.DataFrame(schema=HITS))
    done = hunt_logs(question, take, now)
    pl.scan_parquet(parts / "*.parquet").sink_parquet(folder / "hits.parquet", maintain_order=True)
    for path in parts.iterdir():
        path.unlink()
    parts.rmdir()
    document = make_receipt(done)
    (folder / MARK).write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    (folder / "index.html").write_bytes(make_hunt_page(document))
    (folder / "groups.csv").write_bytes(_for_excel(done.hunt.grouped()))
    facts = folder / "facts" / (question.agency or "agency")
    facts.mkdir(parents=True)
    told = receipts(done.hunt, done.finished, done.rule_set, question.canary, question.silence)
    told.write_parquet(facts / "hunt_receipts.parquet")
    if question.agency:
        (folder / "intel").mkdir()
        findings(done).write_parquet(folder / "intel" / "findings.parquet")
    return done


def _for_excel(groups: pl.DataFrame) -> bytes:
    from haidang.engine.reports.safe import write_csv

    rows = ([str(value) if isinstance(value, dt.datetime) else value for value in row] for row in groups.iter_rows())
    return write_csv(groups.columns, rows)


def _summary(done: HuntRun, out: Path | None) -> list[str]:
    """Say what was looked for, what was read, and what was found."""
    hunt, catalogue = done.hunt, done.gathered.catalogue
    lines = [
        f"Dấu hiệu · indicators:       {catalogue.frame.height:,}, bỏ qua · skipped {catalogue.skipped.height:,}, "
        f"không đọc được · unread {len(catalogue.unread):,}",
        f"Nhật ký · logs:              {len(hunt.logs)} tệp · files, {sum(log.lines for log in hunt.logs):,} dòng · lines, "
        f"{sum(log.bytes for log in hunt.logs) / 1e6:,.1f} MB",
    ]
    for log in hunt.logs[:_SHOWN]:
        span = (
            f"{min(log.times):%d/%m/%Y %H:%M} – {max(log.times):%d/%m/%Y %H:%M} UTC"
            if log.times
            else "không rõ giờ · no times"
        )
        lines.append(f"  {log.source:20} {log.name:32} {log.form:14} {log.lines:>12,}  {span} {log.trouble}".rstrip())
    if done.question.canary:
        missing = [log.source for log in hunt.logs if log.source not in hunt.canaries]
        lines.append(
            f"Mã thử · test mark:          {'không thấy · missing: ' + ', '.join(dict.fromkeys(missing)) if missing else 'đã thấy · seen'}"
        )
    lines += [f"  không mở được · not opened: {one.source.file}: {one.why}" for one in done.unread[:_SHOWN]]
    lost = [one for one in catalogue.unread if not one.source.line]
    lines += [f"  không mở được · not opened: {one.source.file}: {one.why}" for one in lost[:_SHOWN]]
    groups = hunt.grouped()
    words = {
        "found": f"{groups.height:,} cặp máy – dấu hiệu · pairs of machine and indicator",
        "clean": "không thấy dấu hiệu nào trong phần đã đọc · no indicator in what was read",
        "not_checked": "chưa kết luận được · nothing can be concluded",
    }
    lines += ["", f"Kết quả · result:            {words[done.answer]}"]
    for row in groups.head(_SHOWN).iter_rows(named=True):
        last = f"{row['last']:%d/%m/%Y %H:%M}" if row["last"] else "–"
        lines.append(
            f"  {row['host'] or '?':24} {row['type']:9} {row['value'][:48]:48} {row['hits']:>8,}  {last}  {row['name'][:40]}".rstrip()
        )
    if groups.height > _SHOWN:
        lines.append(f"  … {groups.height - _SHOWN:,} nữa · more")
    if out is not None:
        lines += [
            "",
            f"Trang · page:                {out / 'index.html'}",
            f"Biên nhận · receipt:         {out / MARK}",
        ]
    return ["".join(c if c.isprintable() else " " for c in line) for line in lines]
