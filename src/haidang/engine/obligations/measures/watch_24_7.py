"""Somebody on duty day and night, who answers when called."""

from __future__ import annotations

from haidang.engine.obligations.duty import LAW, NEEDS, PARTS, WHYS, test_duty
from haidang.engine.obligations.measure import Measure, Words

MEASURE = Measure(
    name="watch_24_7",
    title=Words("Trực 24/7", "Watch day and night"),
    asks=(
        r"\btruc\b[^.;]{0,160}\b24\s*/\s*(7|24)",
        r"\b24\s*/\s*(7|24)\b[^.;]{0,80}\b(truc|ung cuu|giam sat)",
        r"(to chuc|bo tri|cu|phan cong|duy tri|tang cuong)[^.;]{0,60}\btruc\b(?! thuoc| tuyen| tiep)",
        r"(luc luong|nguoi|can bo|nhan su|doi ngu)[^.;]{0,40}\btruc\b(?! thuoc| tuyen| tiep)",
        r"\btruc (ban|giam sat|ung cuu|ky thuat|su co|bao dam|le|tet)\b",
        r"che do truc\b",
    ),
    how=Words(
        "Mỗi phút của kỳ phải có ít nhất một người trực; từng khoảng hở được nêu. Mọi cuộc gọi kiểm tra phải "
        "được trả lời đúng hạn; "
        "không có cuộc gọi nào thì chưa chứng minh được.",
        "Each minute of the period needs somebody on shift; every hole is named. Every challenge call has to be "
        "answered in time; "
        "without any call nothing is proven.",
    ),
    parts=PARTS,
    needs=NEEDS,
    law=LAW,
    whys=WHYS,
    test=test_duty,
)
