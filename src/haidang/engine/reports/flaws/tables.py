"""Findings as tables: an agency's rows for Excel, and the department's tables of facts that `judge` takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from haidang.engine.advisories.findings import COLUMNS, FINDING_STATES, WHYS_OF_FINDINGS, Findings
from haidang.engine.advisories.priority import DECISIONS
from haidang.engine.advisories.store import Store
from haidang.engine.reports.safe import plain_column

_OPEN = ("affected", "cannot_tell", "mitigated")
_TYPES: Mapping[str, pl.DataType] = {
    "state": pl.Enum(FINDING_STATES),
    "why": pl.Enum(WHYS_OF_FINDINGS),
    "decision": pl.Enum(DECISIONS),
    "due": pl.Date(),
    "exploited": pl.Boolean(),
    "epss": pl.Float64(),
    "cvss": pl.Float64(),
    "level": pl.Int64(),
    "inventory_line": pl.Int64(),
}


def blank_rows() -> pl.DataFrame:
    """Give no rows of findings, of the types that there would be."""
    return pl.DataFrame(schema={name: _TYPES.get(name, pl.String()) for name in COLUMNS})


def rows_for_excel(rows: pl.DataFrame) -> bytes:
    """Write an agency's rows as CSV with a mark for Excel, no cell of which can be run as a formula."""
    texts = [name for name, dtype in rows.schema.items() if dtype == pl.String]
    plain = rows.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String)).with_columns(map(plain_column, texts))
    return b"\xef\xbb\xbf" + plain.select(COLUMNS.keys()).write_csv(line_terminator="\r\n").encode()


def flaw_facts(rows: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Give rows of the table `flaws`: what is open, and what letters bind whatever its state."""
    kept = rows.filter(pl.col("state").cast(pl.String).is_in(_OPEN) | (pl.col("letters") != ""))
    ground = pl.concat_str(
        pl.format("{} {}", "product", pl.col("version").fill_null("?")),
        pl.col("said").fill_null(""),
        pl.col("why").cast(pl.String),
        separator="; ",
    )
    return kept.select(
        pl.col("agency").cast(pl.String),
        "host",
        "flaw",
        pl.col("state").cast(pl.String),
        pl.lit("").alias("letter"),
        pl.lit(as_of.isoformat()).alias("checked_on"),
        ground.alias("evidence"),
    )


def receipts(findings: Findings, listed: pl.DataFrame, as_of: dt.date, store: Store) -> pl.DataFrame:
    """Give rows of the table `flaw_receipts`: what was looked at on each machine, and how many flaws are fixed there.

    Args:
        findings: of the check.
        listed: agency, host, fixed: how many fixed flaws `flaw_facts` gives row by row; they are not counted twice.
        as_of: the day.
        store: the advisories.
    """
    hosts = findings.hosts.join(listed, on=["agency", "host"], how="left", suffix="_listed", maintain_order="left")
    yes_no = {True: "yes", False: "no"}
    return hosts.select(
        "agency",
        "host",
        pl.lit(as_of.isoformat()).alias("checked_on"),
        pl.lit(_digest(store)).alias("advisories"),
        pl.col("os_known").replace_strict(yes_no).alias("system_known"),
        pl.col("supported").replace_strict(yes_no).alias("supported"),
        pl.col("listed").replace_strict(yes_no).alias("software_listed"),
        (pl.col("fixed") - pl.col("fixed_listed").fill_null(0)).cast(pl.String).alias("fixed"),
    )


def known_flaws(store: Store) -> pl.DataFrame:
    """Give rows of the table `known_flaws`: every flaw of which the advisories speak, if only to withdraw it."""
    return store.flaws.select(pl.lit(_digest(store)).alias("advisories"), "flaw")


def _digest(store: Store) -> str:
    return str(store.notes["sha256"])[:16]


def advisory_facts(findings: Findings) -> pl.DataFrame:
    """Give rows of the table `advisories`: which flaws each letter names."""
    return findings.letters.select(
        "letter", "flaw", pl.lit("").alias("product"), pl.col("date").cast(pl.String).fill_null("").alias("published")
    )
