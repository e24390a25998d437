"""Pairs of machine and flaw: the latest state of each, and which machines were looked at."""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Question, Words
from haidang.engine.obligations.subjects import Rule, day_of, days_before, latest, letter_keys, same

LAW = ("flaw_check_days",)
WHYS = {
    "affected": Words("còn lỗ hổng", "still open"),
    "cannot_tell": Words("không rõ còn lỗ hổng hay không", "can't be told whether it is open"),
    "stale": Words("kết quả kiểm tra đã quá cũ", "the check is too old"),
    "not_settled": Words("phát hiện đã xem nhưng chưa có kết luận", "the finding was looked at but not settled"),
    "not_looked_at": Words("máy chưa được kiểm tra", "the machine was not looked at"),
    "checks_too_old": Words("mọi kết quả kiểm tra của máy đã quá cũ", "every check of the machine is too old"),
}
# Of two checks of the same day the worse one counts: nobody gets better by writing a line below another.
_WORST_LAST = ["not_present", "fixed", "mitigated", "cannot_tell", "triaged", "affected"]
_STATE = pl.Enum(_WORST_LAST)
_FINDING_STATES = {
    "open": "affected",
    "triaged": "triaged",
    "fixed": "fixed",
    "mitigated": "mitigated",
    "false_positive": "not_present",
}


def list_checks(facts: Facts) -> pl.DataFrame:
    """Lay checks and findings of flaws together.

    Returns:
        agency, host, name, flaw, cve (to compare by), state, checked_on, in_letter (to compare by; null: none),
        table, file, line.
    """
    checks = facts.table("flaws").select(
        "agency", "host", "flaw", "state", "checked_on", "letter", pl.lit("flaws").alias("table"), "file", "line"
    )
    found = facts.table("findings").filter(pl.col("kind") == "flaw")
    found = found.select(
        "agency",
        pl.col("host").fill_null(""),
        pl.col("subject").alias("flaw"),
        pl.col("state").replace(_FINDING_STATES),
        day_of("found_at").alias("checked_on"),
        "letter",
        pl.lit("findings").alias("table"),
        "file",
        "line",
    )
    both = pl.concat([checks, found])
    return both.with_columns(
        same("host").alias("name"),
        same("flaw").alias("cve"),
        letter_keys(both["letter"]).alias("in_letter"),
        pl.col("state").cast(_STATE),
    )


def latest_pairs(checks: pl.DataFrame) -> pl.DataFrame:
    """Keep the latest state of each machine and flaw, those apart that the machine doesn't have at all."""
    pairs = latest(checks, ["agency", "name", "cve"], "checked_on", "state")
    return pairs.filter(pl.col("state") != "not_present")


def last_checks(checks: pl.DataFrame) -> pl.DataFrame:
    """Give the day of each machine's last check: agency, name, last_check. A finding alone is no look at a machine."""
    looked = checks.filter(pl.col("table") == "flaws")
    return looked.group_by("agency", "name").agg(last_check=pl.col("checked_on").max())


def pair_name() -> pl.Expr:
    """Write a pair of machine and flaw."""
    return pl.when(pl.col("host") == "").then(pl.col("flaw")).otherwise(pl.format("{} · {}", "host", "flaw"))


def pair_rules(question: Question) -> tuple[Rule, ...]:
    """Say what a pair's latest state means. Matchers keep findings up to date, so only checks grow old."""
    return (
        (
            (pl.col("table") == "flaws") & (pl.col("checked_on") < days_before(question, "flaw_check_days")),
            "unknown",
            "stale",
        ),
        (pl.col("state") == "affected", "fail", "affected"),
        (pl.col("state") == "triaged", "unknown", "not_settled"),
        (pl.col("state") == "cannot_tell", "unknown", "cannot_tell"),
    )


def host_rules(question: Question) -> tuple[Rule, ...]:
    """Say what a machine's last check (`last_check`) means."""
    return (
        (pl.col("last_check").is_null(), "unknown", "not_looked_at"),
        (pl.col("last_check") < days_before(question, "flaw_check_days"), "unknown", "checks_too_old"),
    )
