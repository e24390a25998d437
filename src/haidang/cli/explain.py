"""`haidang explain`: what a measure asks, how it is judged, and which facts it needs."""

from __future__ import annotations

import argparse
import datetime as dt
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from haidang.engine.obligations.measure import Measure, Words
    from haidang.engine.tables import Column

HELP = "giải thích một biện pháp: hỏi gì, xét thế nào, cần số liệu gì · explain a measure and the facts it needs"
EXAMPLE = "haidang explain malware_sweep --template bieu-mau"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("measure", metavar="MEASURE", nargs="?", help="its name; without it, all are listed")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi", help="language of the explanation")
    parser.add_argument("--on", metavar="DATE", help="the day whose deadlines are shown; today if not given")
    parser.add_argument(
        "--template", metavar="DIR", type=Path, help="write an empty CSV of each table it needs, or of all"
    )


def run(args: argparse.Namespace) -> int:
    """Explain one measure, or list all."""
    from haidang.engine.obligations.measures import all_measures, get_measure

    if args.measure:
        chosen = [get_measure(args.measure)]
        print("\n".join(_page(chosen[0], args.lang, args.on)))
    else:
        chosen = list(all_measures().values())
        print("\n".join(f"{measure.name:24} {_in(measure.title, args.lang)}" for measure in chosen))
    if args.template:
        tables = dict.fromkeys(table for measure in chosen for table in (*measure.needs, *measure.uses))
        _write_templates(tables, args.template)
    return 0


def _in(words: Words, lang: str) -> str:
    return words.vi if lang == "vi" else words.en


def _page(measure: Measure, lang: str, on: str | None) -> list[str]:
    from haidang import content
    from haidang.engine.calendar import ICT, parse_day
    from haidang.engine.law import read_law

    heads = _HEADS[lang]
    day = parse_day(on) if on else dt.datetime.now(ICT).date()
    law = read_law(content.files("law", ".yaml")).at(day)
    lines = [
        f"{measure.name}: {_in(measure.title, lang)}",
        "",
        heads["how"],
        *_wrap(_in(measure.how, lang), 2),
        "",
        heads["counted"],
    ]
    lines += [
        f"  {part.name}: {_in(part.unit, lang)}" + (f" (≥ {law[part.share].value:.0%})" if part.share else "")
        for part in measure.parts
    ]
    if measure.law:
        lines += ["", heads["law"].format(day=f"{day:%d/%m/%Y}")]
        for name in measure.law:
            value = law[name]
            unit = _UNITS.get(value.unit, value.unit) if lang == "vi" else value.unit
            lines += [f"  {name} = {value.value} {unit} [{heads[f'sure_{value.sure}']}]", *_wrap(value.reference, 4)]
    lines += ["", heads["reasons"], *(f"  {name}: {_in(words, lang)}" for name, words in measure.whys.items())]
    for table in (*measure.needs, *measure.uses):
        needed = heads["needed"] if table in measure.needs else heads["used"]
        lines += ["", *_table(table, lang, needed)]
    return [*lines, "", heads["legend"]]


def _wrap(words: str, indent: int) -> list[str]:
    """Break a text into lines that a terminal shows whole."""
    blank = " " * indent
    return textwrap.wrap(words, _WIDTH, initial_indent=blank, subsequent_indent=blank, break_long_words=False)


def _table(name: str, lang: str, needed: str) -> list[str]:
    from haidang.engine.tables import TABLES

    table = TABLES[name]
    lines = [f"{name}.csv / {name}.xlsx ({needed})", *_wrap(table.vi if lang == "vi" else table.en, 2)]
    for column in table.columns:
        lines += _wrap(f"{column.name:14} {_type(column, lang):20} {column.vi if lang == 'vi' else column.en}", 4)
        lines += _wrap(f"= {' | '.join(column.choices)}", 6) if column.choices else []
    return [*lines, *_wrap(_heading(name), 2)]


def _type(column: Column, lang: str) -> str:
    kind = _TYPES[column.type] if lang == "vi" else column.type.replace("_", "/")
    unit = (_UNITS.get(column.unit, column.unit) if lang == "vi" else column.unit) if column.unit else ""
    return f"{kind}{f' ({unit})' if unit else ''}{' *' if column.required else ''}"


def _heading(name: str) -> str:
    from haidang.engine.tables import TABLES

    return ",".join(column.name for column in TABLES[name].columns)


def _write_templates(tables: Iterable[str], folder: Path) -> None:
    """Write empty tables, never over a file that is there: it may be filled in already."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in tables:
        path = folder / f"{name}.csv"
        try:
            with path.open("x", encoding="utf-8-sig", newline="") as stream:
                stream.write(_heading(name) + "\r\n")
            print(path)
        except FileExistsError:
            print(f"{path} (có rồi, giữ nguyên · kept as it is)")


_WIDTH = 100
_TYPES = {
    "text": "chữ", "int": "số nguyên", "date": "ngày", "time": "ngày giờ", "yes_no": "có/không", "choice": "chọn một",
}  # fmt: skip
_UNITS = {
    "days": "ngày", "hours": "giờ", "minutes": "phút", "share": "(tỷ lệ)", "files": "tệp", "items": "mục", "hits": "dấu hiệu",
}  # fmt: skip
_HEADS = {
    "vi": {
        "how": "Xét thế nào", "counted": "Đếm gì", "law": "Hạn và ngưỡng (ngày {day})", "reasons": "Lý do có thể gặp",
        "needed": "bắt buộc có", "used": "dùng nếu có", "sure_law": "luật", "sure_policy": "mặc định của Sở",
        "legend": "* không được để trống. Ngày: 23/02/2026 hoặc 2026-02-23; ngày giờ: 23/02/2026 07:30.",
    },
    "en": {
        "how": "How it is judged", "counted": "What is counted", "law": "Deadlines and thresholds ({day})", "reasons": "Reasons it may give",
        "needed": "needed", "used": "used when there", "sure_law": "law", "sure_policy": "department's default",
        "legend": "* must not be empty. Days: 23/02/2026 or 2026-02-23; times: 23/02/2026 07:30.",
    },
}  # fmt: skip
