"""A contact for incidents that is confirmed and answers."""

from __future__ import annotations

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.subjects import days_before, decide, gather


def test_contacts(facts: Facts, question: Question) -> pl.DataFrame:
    """Test each contact for incidents."""
    since = days_before(question, "contact_confirmed_days")
    return gather(
        decide(
            facts.table("contacts").filter(pl.col("role") == "incident"),
            "contacts",
            "contacts",
            "person",
            (pl.col("confirmed_on").is_null(), "fail", "not_confirmed"),
            (pl.col("confirmed_on") < since, "fail", "confirmed_long_ago"),
            (pl.col("answered_on").is_null(), "unknown", "never_called"),
            (pl.col("answered_on") < since, "unknown", "called_long_ago"),
        )
    )


MEASURE = Measure(
    name="incident_contact",
    title=Words("Đầu mối ứng cứu sự cố", "Contact for incidents"),
    asks=(
        r"(lien he|bao|thong bao|lien lac)[^.;]{0,60}(ngay )?[^.;]{0,200}(dau moi|duong day nong|dien "
        r"thoai|email|thu dien tu)",
        r"dau moi (lien he|ho tro|ung cuu|tiep nhan|phoi hop|xu ly)",
        r"(khi|neu)?[^.;]{0,20}(gap|xay ra|co|phat hien)[^.;]{0,20} su co[^.;]{0,120}(lien he|bao ngay|thong "
        r"bao|bao cao ngay|bao )",
        r"\bbao ngay\b[^.;]{0,80}su co",
        r"lien he khi can",
    ),
    how=Words(
        "Mỗi đầu mối ứng cứu sự cố phải mới được xác nhận và đã trả lời một cuộc gọi thử; chưa gọi thử thì chưa "
        "chứng minh được.",
        "Each contact for incidents has to be confirmed lately and to have answered a test call; never called "
        "proves nothing.",
    ),
    parts=(Part("contacts", Words("đầu mối", "contacts"), zero="not_met"),),
    needs=("contacts",),
    law=("contact_confirmed_days",),
    whys={
        "not_confirmed": Words("chưa được xác nhận", "never confirmed"),
        "confirmed_long_ago": Words("xác nhận đã quá lâu", "confirmed too long ago"),
        "never_called": Words("chưa gọi thử", "never called"),
        "called_long_ago": Words("gọi thử đã quá lâu", "called too long ago"),
    },
    test=test_contacts,
)
