"""Known flaws fixed or mitigated on every machine that has them."""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.hosts import list_hosts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.patches import (
    LAW,
    WHYS,
    host_rules,
    last_checks,
    latest_pairs,
    list_checks,
    pair_name,
    pair_rules,
)
from haidang.engine.obligations.subjects import decide, gather


def test_flaws(facts: Facts, question: Question) -> pl.DataFrame:
    """Test each pair of machine and flaw, and that each machine was looked at."""
    checks = list_checks(facts)
    hosts = list_hosts(facts).join(last_checks(checks), on=["agency", "name"], how="left")
    return gather(
        decide(latest_pairs(checks), "pairs", "flaws", pair_name(), *pair_rules(question)),
        decide(hosts, "hosts_checked", "hosts", "host", *host_rules(question)),
    )


MEASURE = Measure(
    name="flaws_fixed",
    title=Words("Khắc phục lỗ hổng", "Flaws fixed"),
    asks=(
        r"(khac phuc|xu ly|va|vao|ra soat|kiem tra|danh gia|phat hien|tim)\b[^.;]{0,80}\b(lo hong|diem yeu)",
        r"(cap nhat|cai dat|cai|trien khai|ap dung)( day du| kip thoi| ngay)?( cac)? ban (va|cap nhat|sua)",
        r"va( cac)? (lo hong|loi)\b",
        r"\bcac ban va\b",
    ),
    how=Words(
        "Mỗi cặp máy và lỗ hổng lấy kết quả kiểm tra mới nhất: đã vá hoặc đã giảm thiểu là đạt, còn hở là không "
        "đạt, không rõ "
        "hoặc kiểm tra quá cũ là chưa chứng minh được. Máy nào cũng phải được kiểm tra.",
        "The latest check of each pair of machine and flaw counts: fixed or mitigated passes, open fails; "
        "“cannot tell” and "
        "checks that are too old can't be told. Every machine has to be looked at.",
    ),
    parts=(
        Part("pairs", Words("cặp máy và lỗ hổng", "pairs of machine and flaw"), zero="not_applicable"),
        Part("hosts_checked", Words("máy được kiểm tra", "machines looked at"), zero="not_applicable"),
    ),
    needs=("flaws", "hosts"),
    uses=("findings",),
    law=LAW,
    whys=WHYS,
    test=test_flaws,
)
