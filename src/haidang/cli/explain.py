"""`haidang explain`: what a measure asks, how it is judged, and which facts it needs."""

from __future__ import annotations

import argparse
import datetime as dt
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
    parser.add_argument("--template", metavar="DIR", type=Path, help="write an empty CSV of each table it needs")


def run(args: argparse.Namespace) -> int:
    """Explain one measure, or list all."""
    from haidang.engine.obligations.measures import all_measures, get_measure

    if not args.measure:
        for name, measure in all_measures().items():
            print(f"{name:24} {_in(measure.title, args.lang)}")
        return 0
    chosen = get_measure(args.measure)
    print("\n".join(_page(chosen, args.lang, args.on)))
    if args.template:
        _write_templates(chosen, args.template)
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
        f"  {_in(measure.how, lang)}",
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
            lines.append(f"  {name} = {value.value} {value.unit} [{heads[f'sure_{value.sure}']}] {value.reference}")
    lines += ["", heads["reasons"], *(f"  {name}: {_in(words, lang)}" for name, words in measure.whys.items())]
    for table in (*measure.needs, *measure.uses):
        needed = heads["needed"] if table in measure.needs else heads["used"]
        lines += ["", *_table(table, lang, needed)]
    return lines


def _table(name: str, lang: str, needed: str) -> list[str]:
    from haidang.engine.tables import TABLES

    table = TABLES[name]
    lines = [f"{name}.csv / {name}.xlsx ({needed}): {table.vi if lang == 'vi' else table.en}"]
    lines += [
        f"  {column.name:14} {_type(column):34} {column.vi if lang == 'vi' else column.en}" for column in table.columns
    ]
    return [*lines, "  " + _heading(name)]


def _type(column: Column) -> str:
    kind = "|".join(column.choices) if column.choices else column.type
    unit = f" ({column.unit})" if column.unit else ""
    return (
        f"{kind}{unit}{' *' if column.required else ''}"
        if len(kind) < 30
        else f"choice{' *' if column.required else ''}"
    )


def _heading(name: str) -> str:
    from haidang.engine.tables import TABLES

    return ",".join(column.name for column in TABLES[name].columns)


def _write_templates(measure: Measure, folder: Path) -> None:
    """Write empty tables, never over a file that is there: it may be filled in already."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*measure.needs, *measure.uses):
        path = folder / f"{name}.csv"
        try:
            with path.open("x", encoding="utf-8-sig", newline="") as stream:
                stream.write(_heading(name) + "\r\n")
            print(path)
        except FileExistsError:
            print(f"{path} (có rồi, giữ nguyên · kept as it is)")


_HEADS = {
    "vi": {
        "how": "Xét thế nào", "counted": "Đếm gì", "law": "Hạn và ngưỡng (ngày {day})", "reasons": "Lý do có thể gặp",
        "needed": "bắt buộc có", "used": "dùng nếu có", "sure_law": "luật", "sure_policy": "mặc định của Sở",
    },
    "en": {
        "how": "How it is judged", "counted": "What is counted", "law": "Deadlines and thresholds ({day})", "reasons": "Reasons it may give",
        "needed": "needed", "used": "used when there", "sure_law": "law", "sure_policy": "department's default",
    },
}  # fmt: skip
