"""`haidang judge`: every clause of a letter answered for every agency."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from haidang.cli.folder import check_out, written
from haidang.engine.errors import BadRequest

HELP = "đối chiếu công văn với thực tế từng đơn vị · answer every clause for every agency"
EXAMPLE = (
    "haidang judge content/examples/letter.txt --agencies content/examples/agencies.csv --facts content/examples/facts "
    "--intel content/examples/intel --on 2026-02-23 --out ket-qua"
)
DAYS_BY_DEFAULT = 30
_MARK = "verdicts.json"
_RESULT = {_MARK, "board.html", "verdicts.csv", "verdicts.xlsx", "annex"}
_LETTERS = {"met": "Đ", "not_met": "K", "not_provable": "?", "not_applicable": "–"}
_WORDS = {
    "met": "đạt",
    "not_met": "không đạt",
    "not_provable": "chưa chứng minh được",
    "not_applicable": "không áp dụng",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("letter", metavar="LETTER", help="PDF, DOCX, TXT, EML, or - for standard input")
    parser.add_argument("--agencies", metavar="FILE", required=True, help="CSV or XLSX: agency, name, block, kind")
    parser.add_argument("--facts", metavar="DIR", required=True, type=Path, help="a folder an agency, a table a file")
    parser.add_argument(
        "--intel",
        metavar="DIR",
        type=Path,
        action="append",
        default=[],
        help="the department's own tables, with a column agency; may be given several times (haidang check writes one)",
    )
    parser.add_argument("--on", metavar="DATE", help="the day of judgement; today if not given")
    parser.add_argument(
        "--period", metavar="FROM..TO", help=f"the days that are judged; {DAYS_BY_DEFAULT} days up to --on if not given"
    )
    parser.add_argument("--out", metavar="DIR", required=True, type=Path, help="where the results go")


def run(args: argparse.Namespace) -> int:
    """Judge, write the results whole or not at all, and print the board."""
    check_out(args.out, [args.facts, *args.intel], _MARK, _RESULT)
    day, first, last, ground = _days(args.on, args.period)

    from haidang import content
    from haidang.engine.law import read_law
    from haidang.engine.obligations.facts import read_agencies, read_facts
    from haidang.engine.obligations.judge import judge
    from haidang.engine.obligations.measure import Question
    from haidang.engine.obligations.measures import all_measures
    from haidang.engine.reports import render
    from haidang.parcels import MOST_FACT_BYTES, fact_files, read_bytes, read_letter_file

    agencies = read_agencies(read_bytes(args.agencies, MOST_FACT_BYTES), Path(args.agencies).name)
    facts = read_facts(fact_files(args.facts, args.intel), agencies)
    on_file = facts.table("advisories")["letter"].unique().to_list()
    letter = read_letter_file(args.letter, on_file)
    question = Question(
        as_of=day,
        first=first,
        last=last,
        law=read_law(content.files("law", ".yaml")).at(day),
        cited=tuple(citation.number for citation in letter.letter.citations),
        flaws=letter.letter.cves,
    )
    judgement = judge(letter.letter, letter.sha256, facts, question, all_measures(), ground=ground)
    _write(args.out, judgement.document, render(judgement.document, judgement.rows))
    print("\n".join(_plain(line) for line in _board(judgement.document)))
    print(f"\nBảng kết quả · Board:           {args.out / 'board.html'}")
    print(f"Phụ lục đơn vị · Annexes:       {args.out / 'annex'}{os.sep}")
    return 0


def _days(on: str | None, period: str | None) -> tuple[dt.date, dt.date, dt.date, str]:
    from haidang.engine.calendar import ICT, parse_day

    day = parse_day(on) if on else dt.datetime.now(ICT).date()
    if not period:
        return day, day - dt.timedelta(days=DAYS_BY_DEFAULT - 1), day, "default"
    start, dots, end = period.partition("..")
    if not dots:
        raise BadRequest(f"“{period}” is no period; write 2026-02-01..2026-02-23")
    first, last = parse_day(start), min(parse_day(end), day)
    if first > last:
        raise BadRequest(f"the period {period} has not begun on {day}, or ends before it begins")
    return day, first, last, "asked"


def _write(out: Path, document: dict[str, Any], files: Iterable[tuple[str, bytes]]) -> None:
    """Write beside the target, then swap: nobody ever sees half a result."""
    import orjson

    with written(out) as folder:
        for name, data in files:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (folder / _MARK).write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def _plain(line: str) -> str:
    """Take out what would move the cursor or colour the terminal: names of files are other people's."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in line)


def _board(document: dict[str, Any]) -> list[str]:
    """Draw clauses × agencies in letters, with what they mean and what could not be read."""
    refs = [clause["ref"] for clause in document["clauses"]]
    cells = {(entry["clause"], entry["agency"]): entry["verdict"] for entry in document["obligations"]}
    widths = [max(3, len(ref)) for ref in refs]
    name_width = min(44, max((len(agency["name"]) for agency in document["agencies"]), default=8))
    lines = [" " * name_width + "  " + "  ".join(ref.rjust(width) for ref, width in zip(refs, widths, strict=True))]
    block = None
    for agency in document["agencies"]:
        if agency["block"] != block:
            block = agency["block"]
            lines.append(block or "—")
        row = [_LETTERS[cells[ref, agency["agency"]]].rjust(width) for ref, width in zip(refs, widths, strict=True)]
        lines.append(agency["name"][:name_width].ljust(name_width) + "  " + "  ".join(row))
    counts = {verdict: sum(entry["verdict"] == verdict for entry in document["obligations"]) for verdict in _WORDS}
    lines += ["", "   ".join(f"{_LETTERS[verdict]} {words}: {counts[verdict]}" for verdict, words in _WORDS.items())]
    unread = document["unread"]
    if unread:
        lines += ["", f"Không đọc được {len(unread)} dòng · rows that could not be read: {len(unread)}"]
        lines += [f"  {row['file']}:{row['line']}  {row['why']}" for row in unread[:5]]
        if len(unread) > 5:
            lines.append("  … (verdicts.json: unread)")
    return lines
