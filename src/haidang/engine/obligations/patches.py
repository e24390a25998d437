"""Pairs of machine and flaw: the latest state of each, and which machines were looked at.

What `haidang check` found for the department outranks what an agency wrote of the same machine and flaw, whatever the
days: nobody writes the check by which it is judged. Where the check can't tell, an agency that says “open” is believed.
"""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Question, Words
from haidang.engine.obligations.subjects import Rule, day_of, days_before, decide, latest, letter_keys, same

LAW = ("flaw_check_days",)
WHYS = {
    "affected": Words("còn lỗ hổng", "still open"),
    "cannot_tell": Words("không rõ còn lỗ hổng hay không", "can't be told whether it is open"),
    "stale": Words("kết quả kiểm tra đã quá cũ", "the check is too old"),
    "not_settled": Words("phát hiện đã xem nhưng chưa có kết luận", "the finding was looked at but not settled"),
    "not_looked_at": Words("máy chưa được kiểm tra", "the machine was not looked at"),
    "checks_too_old": Words("mọi kết quả kiểm tra của máy đã quá cũ", "every check of the machine is too old"),
    "system_not_told": Words(
        "danh mục không cho biết hệ điều hành và bản dựng của máy",
        "the inventory doesn't tell the machine's system and build",
    ),
    "out_of_support": Words(
        "hệ điều hành đã hết hỗ trợ, hãng không còn xét lỗ hổng",
        "the system is out of support, nobody looks for its flaws",
    ),
    "software_not_listed": Words(
        "danh mục không liệt kê phần mềm của máy", "the inventory doesn't list the machine's software"
    ),
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


def list_receipts(facts: Facts) -> pl.DataFrame:
    """Keep the latest receipt of each machine: agency, name, and the columns of `flaw_receipts`."""
    return latest(
        facts.table("flaw_receipts").with_columns(same("host").alias("name")), ["agency", "name"], "checked_on"
    )


def list_checks(facts: Facts) -> pl.DataFrame:
    """Lay checks and findings of flaws together.

    A check of the department lists all that is open on a machine, so its earlier rows of the machine fall away.

    Returns:
        agency, host, name, flaw, cve (to compare by), state, checked_on, of_department, in_letter (to compare by;
        null: none), table, file, line.
    """
    of_department = pl.col("file").cast(pl.String).str.starts_with("intel/")
    checks = facts.table("flaws").select(
        "agency", "host", "flaw", "state", "checked_on", "letter", of_department.alias("of_department"),
        pl.lit("flaws").alias("table"), "file", "line",
    )  # fmt: skip
    found = facts.table("findings").filter(pl.col("kind") == "flaw")
    found = found.select(
        "agency", pl.col("host").fill_null(""), pl.col("subject").alias("flaw"),
        pl.col("state").replace(_FINDING_STATES), day_of("found_at").alias("checked_on"), "letter",
        pl.lit(value=False).alias("of_department"), pl.lit("findings").alias("table"), "file", "line",
    )  # fmt: skip
    both = pl.concat([checks, found])
    both = both.with_columns(
        same("host").alias("name"),
        same("flaw").alias("cve"),
        letter_keys(both["letter"]).alias("in_letter"),
        pl.col("state").cast(_STATE),
    )
    seen = list_receipts(facts).select("agency", "name", receipt="checked_on")
    both = both.join(seen, on=["agency", "name"], how="left", maintain_order="left")
    replaced = pl.col("of_department") & (pl.col("checked_on") < pl.col("receipt")).fill_null(value=False)
    return both.filter(~replaced).drop("receipt")


def latest_pairs(checks: pl.DataFrame) -> pl.DataFrame:
    """Keep the state that counts of each machine and flaw, those apart that the machine doesn't have at all."""
    pair = ["agency", "name", "cve"]
    last = latest(checks, [*pair, "of_department"], "checked_on", "state")
    told = pl.when(pl.col("of_department")).then(
        pl.when(pl.col("state") == "cannot_tell").then(1).otherwise(3)
    ).otherwise(pl.when(pl.col("state") == "affected").then(2).otherwise(0))  # fmt: skip
    pairs = last.with_columns(told=told).sort("told").unique(pair, keep="last", maintain_order=True).drop("told")
    return pairs.filter(pl.col("state") != "not_present")


def with_last_checks(hosts: pl.DataFrame, checks: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """Give each machine the day of its last check and what its receipt says of it.

    A finding alone is no look at a machine.

    Returns:
        The machines with last_check, system_known, supported and software_listed; null where nobody looked.
    """
    looked = checks.filter(pl.col("table") == "flaws").select("agency", "name", "checked_on")
    looked = pl.concat([looked, receipts.select("agency", "name", "checked_on")])
    days = looked.group_by("agency", "name").agg(last_check=pl.col("checked_on").max())
    told = receipts.select("agency", "name", "system_known", "supported", "software_listed")
    both = hosts.join(days, on=["agency", "name"], how="left", maintain_order="left")
    return both.join(told, on=["agency", "name"], how="left", maintain_order="left")


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
    """Say what a machine's last check (`last_check`) and receipt mean."""
    return (
        (pl.col("last_check").is_null(), "unknown", "not_looked_at"),
        (pl.col("last_check") < days_before(question, "flaw_check_days"), "unknown", "checks_too_old"),
        (~pl.col("system_known"), "unknown", "system_not_told"),
        (~pl.col("supported"), "unknown", "out_of_support"),
        (~pl.col("software_listed"), "unknown", "software_not_listed"),
    )


def decide_fixed(receipts: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Count the flaws that the department's check found fixed, a machine's at a time."""
    counted = receipts.filter(pl.col("fixed") > 0)
    too_old = pl.col("checked_on") < days_before(question, "flaw_check_days")
    return decide(counted, "pairs", "flaw_receipts", "host", (too_old, "unknown", "stale"), weight=pl.col("fixed"))
