"""Providers' staff on duty day and night."""

from __future__ import annotations

from haidang.engine.obligations.duty import LAW, NEEDS, PARTS, WHYS, test_duty
from haidang.engine.obligations.measure import Measure, Words

MEASURE = Measure(
    name="provider_staffing",
    title=Words("Doanh nghiệp bố trí nhân lực trực", "Providers' staff on duty"),
    asks=(
        r"\btruc\b(?! thuoc| tuyen| tiep)",
        r"(bo tri|bao dam|du|tang cuong)[^.;]{0,40}(nhan luc|nhan su|can bo|ky su|nguoi)",
        r"(nhan luc|nhan su|ky su)[^.;]{0,60}(giam sat|ung cuu|khac phuc su co)",
    ),
    how=Words(
        "Như “Trực 24/7”, cho doanh nghiệp Internet, viễn thông.",
        "As “Watch day and night”, for Internet and telecommunication providers.",
    ),
    parts=PARTS,
    needs=NEEDS,
    law=LAW,
    whys=WHYS,
    test=test_duty,
    audience="providers",
)
