"""Small random cities: every table, every awkward cell, in few rows, so that they meet."""

from __future__ import annotations

import datetime as dt
from random import Random

from townhall import DAY

from haidang.engine.tables import SHARED, TABLES, Column, Table

AGENCIES = ("dv-a", "dv-b")
_POOLS = {
    "host": ("MAY-1", "may-1", "MAY-2", "May 3"),
    "system": ("Cổng", "cổng", "Thư"),
    "control": ("Sao lưu", "SAO LƯU", "Nhật ký"),
    "kind": ("server", "workstation", "network", "Router biên", "khác"),
    "source": ("Tường lửa", "tường lửa", "Web"),
    "flaw": ("CVE-2025-0001", "cve-2025-0001", "CVE-2025-0002", "CVE-2025-0003"),
    "subject": ("CVE-2025-0001", "CVE-2025-0002", "Trojan.X"),
    "advisories": ("kho-1", "kho-2"),
    "fixed": ("0", "1", "7"),
    "letter": ("117/TTGS-CB", "117 / ttgs-cb", "118/TTGS-CB", "9/X"),
    "address": ("203.0.113.7", "2001:db8::7", "2001:0DB8:0::7", "198.51.100.1"),
    "network": ("203.0.113.0/24", "2001:db8::/32", "198.51.100.1"),
    "incident": ("SC1", "sc1", "SC2"),
    "order": ("YC1", "yc1", "YC2"),
    "item": ("xau.example", "XAU.example", "203.0.113.99"),
    "person": ("CB-1", "cb-1", "CB-2"),
    "sha256": ("ab" * 32, "AB" * 32, "ab" * 31, "zz" * 32),
    "measure": ("awareness", "watch_24_7", "Botnet Cleanup", "không có"),
    "level": ("0", "1", "3", "6"),
    "score": ("0", "69", "70", "100", "101"),
    "not_checked": ("0", "100", "101"),
}  # fmt: skip
_DAYS = (0, 0, 1, 1, 1, 2, 5, 6, 7, 8, 15, 16, 30, 31, 180, 181, -1, -3)
_CLOCKS = ("00:00", "00:01", "07:30", "08:00", "16:00", "23:59")


def cell(dice: Random, column: Column) -> str:
    if not column.required and dice.random() < 0.25:
        return ""
    if column.type in ("date", "time"):
        day = DAY - dt.timedelta(days=dice.choice(_DAYS))
        return f"{day}" if column.type == "date" else f"{day:%d/%m/%Y} {dice.choice(_CLOCKS)}"
    if column.type == "choice":
        return dice.choice(column.choices)
    if column.type == "yes_no":
        return dice.choice(("có", "không"))
    if column.name in _POOLS and (column.type != "int" or column.name in ("level", "score", "not_checked", "fixed")):
        return dice.choice(_POOLS[column.name])
    return str(dice.choice((0, 0, 1, 2))) if column.type == "int" else dice.choice(("một", "hai"))


def make_rows(dice: Random, table: Table, count: int) -> list[dict[str, str]]:
    return [{column.name: cell(dice, column) for column in table.columns} for _ in range(count)]


def write(rows: list[dict[str, str]], columns: list[str]) -> str:
    return "\n".join([",".join(columns), *(",".join(row[column] for column in columns) for row in rows)]) + "\n"


def make_city(dice: Random, agencies: tuple[str, ...] = AGENCIES) -> dict[str, str]:
    """Make the files of a city: "agency/table" and "intel/table" → CSV."""
    files: dict[str, str] = {}
    for table in TABLES.values():
        names = [column.name for column in table.columns]
        for agency in agencies:
            if table.name not in SHARED and dice.random() < 0.85:
                files[f"{agency}/{table.name}"] = write(make_rows(dice, table, dice.randint(0, 5)), names)
        if table.name in SHARED or dice.random() < 0.3:
            rows = make_rows(dice, table, dice.randint(0, 4))
            for row in rows:
                row["agency"] = dice.choice(agencies)
            files[f"intel/{table.name}"] = write(rows, names if table.name in SHARED else ["agency", *names])
    return files
