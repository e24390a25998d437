"""Known flaws fixed or mitigated on every machine that has them."""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.hosts import list_hosts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.patches import (
    LAW,
    WHYS,
    decide_fixed,
    host_rules,
    latest_pairs,
    list_checks,
    list_receipts,
    pair_name,
    pair_rules,
    with_last_checks,
)
from haidang.engine.obligations.subjects import decide, gather


def test_flaws(facts: Facts, question: Question) -> pl.DataFrame:
    """Test each pair of machine and flaw, and that each machine was looked at."""
    checks, receipts = list_checks(facts), list_receipts(facts)
    hosts = with_last_checks(list_hosts(facts), checks, receipts)
    return gather(
        decide(latest_pairs(checks), "pairs", "flaws", pair_name(), *pair_rules(question)),
        decide_fixed(receipts, question),
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
        "đạt, không rõ hoặc kiểm tra quá cũ là chưa chứng minh được. Kết quả đối chiếu của Sở (haidang check) được "
        "ưu tiên hơn dòng đơn vị tự ghi. Máy nào cũng phải được kiểm tra, đủ hệ điều hành và phần mềm.",
        "The latest check of each pair of machine and flaw counts: fixed or mitigated passes, open fails; "
        "“cannot tell” and "
        "checks that are too old can't be told. The department's own check (haidang check) outranks an agency's line. "
        "Every machine has to be looked at, its system and its software.",
    ),
    parts=(
        Part("pairs", Words("cặp máy và lỗ hổng", "pairs of machine and flaw"), zero="not_applicable"),
        Part("hosts_checked", Words("máy được kiểm tra", "machines looked at"), zero="not_applicable"),
    ),
    needs=("flaws", "hosts"),
    uses=("findings", "flaw_receipts"),
    law=LAW,
    whys=WHYS,
    test=test_flaws,
)
