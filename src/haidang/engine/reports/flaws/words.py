"""The words of a check: states, priorities, the rule that decided, how a product was recognised, where answers go."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from haidang.engine.advisories.reasons import WHY_WORDS
from haidang.engine.obligations.measure import Words
from haidang.engine.reports.words import VerdictWords

# The style's four tones stand for the states of a finding as they do for verdicts.
TONES: Mapping[str, str] = {
    "affected": "not_met",
    "cannot_tell": "not_provable",
    "mitigated": "met",
    "fixed": "met",
    "not_present": "not_applicable",
}
STATE_WORDS: Mapping[str, VerdictWords] = {
    "affected": VerdictWords(Words("H", "A"), Words("còn lỗ hổng", "affected")),
    "cannot_tell": VerdictWords(Words("?", "?"), Words("chưa rõ", "can’t tell")),
    "mitigated": VerdictWords(Words("G", "W"), Words("đã giảm thiểu", "mitigated")),
    "fixed": VerdictWords(Words("V", "F"), Words("đã vá", "fixed")),
    "not_present": VerdictWords(Words("–", "–"), Words("không có", "not present")),
}
STATE_MEANINGS: Mapping[str, Words] = {
    "affected": Words(
        "phiên bản trên máy đúng là phiên bản mà cảnh báo nói bị ảnh hưởng: phải vá",
        "the version on the machine is one that an advisory calls affected: it has to be mended",
    ),
    "cannot_tell": Words(
        "số liệu đã gửi không đủ để kết luận: phải trả lời câu hỏi, không được coi là an toàn",
        "what was handed in can’t tell: a question has to be answered, and nothing counts as safe",
    ),
    "mitigated": Words(
        "chưa có bản vá, biện pháp giảm thiểu và minh chứng đã ghi nhận; có bản vá thì phải vá",
        "no update exists and a work-around is on record; it opens again when an update appears",
    ),
    "fixed": Words(
        "có sản phẩm, phiên bản hoặc bản vá đã khắc phục", "the product is there, in a version that is mended"
    ),
    "not_present": Words(
        "không có sản phẩm, hoặc phiên bản này chưa từng có lỗ hổng",
        "the product is not there, or never had the flaw in this version",
    ),
}
DECISION_WORDS: Mapping[str, Words] = {
    "act": Words("xử lý ngay", "act"),
    "attend": Words("ưu tiên", "attend"),
    "track*": Words("theo dõi sát", "track closely"),
    "track": Words("theo dõi", "track"),
}
DECISION_MEANINGS: Mapping[str, Words] = {
    "act": Words("lãnh đạo vào cuộc, vá hoặc cô lập ngay", "leadership involved; mend or isolate at once"),
    "attend": Words("vá sớm hơn đợt cập nhật thường kỳ", "mend sooner than the usual round of updates"),
    "track*": Words("vá trong đợt thường kỳ, theo dõi diễn biến", "mend in the usual round, and watch it"),
    "track": Words("vá trong đợt cập nhật thường kỳ", "mend in the usual round of updates"),
}
# Names for the style sheet, where a star can't stand.
DECISION_LOOKS: Mapping[str, str] = {"act": "act", "attend": "attend", "track*": "closely", "track": "track"}
SURE_WORDS: Mapping[str, Words] = {
    "named": Words("nêu trong công văn", "named in the letter"),
    "read": Words("nêu trong văn bản cảnh báo", "named in the advisory letter"),
    "inferred": Words("suy ra", "inferred"),
    "month": Words("theo cả tháng", "by the whole month"),
}
DUE_WORDS: Mapping[str, Words] = {
    "letter": Words("theo công văn", "set by the letter"),
    "flaw_fix_days_act": Words("theo thời hạn của Sở cho mức “xử lý ngay”", "the department’s term for “act”"),
    "flaw_fix_days_attend": Words("theo thời hạn của Sở cho mức “ưu tiên”", "the department’s term for “attend”"),
    "flaw_fix_days_track": Words("theo thời hạn của Sở cho mức “theo dõi”", "the department’s term for “track”"),
}
# Where an answer belongs: into the agency's own file, or into a reply to the department.
_INTO_FILE = Words(
    "Sửa phiên bản trong tệp của đơn vị rồi gửi lại", "Mend the version in the agency’s own file and hand it in again"
)
_UPDATES = Words(
    "Ghi bản vá đã cài vào bảng hotfixes, hoặc bản dựng thực vào tệp của đơn vị, rồi gửi lại",
    "Put the installed update into the table hotfixes, or the true build into the agency’s own file; hand it in again",
)
REPLY = Words("Trả lời Sở, kèm nguồn", "Answer the department, with the source")
ANSWER_WORDS: Mapping[str, Words] = {
    "no_version": _INTO_FILE,
    "unreadable_version": _INTO_FILE,
    "incomplete_version": _INTO_FILE,
    "base_version": _UPDATES,
    "update_without_build": _UPDATES,
    "only_the_name": Words(
        "Ghi tên hãng vào tệp của đơn vị rồi gửi lại", "Put the maker into the agency’s own file and hand it in again"
    ),
}
# The columns of the rows for Excel, whose headings stay as machines know them.
COLUMN_WORDS: Mapping[str, Words] = {
    "agency": Words("mã đơn vị", "the agency’s key"),
    "host": Words("tên máy", "machine"),
    "flaw": Words("mã lỗ hổng (CVE hoặc mã của hãng)", "CVE id, or the publisher’s own"),
    "state": Words(
        "affected còn lỗ hổng, cannot_tell chưa rõ, mitigated đã giảm thiểu, fixed đã vá, not_present không có",
        "affected, cannot_tell, mitigated, fixed or not_present",
    ),
    "why": Words("quy tắc đã quyết định", "the rule that decided"),
    "product": Words("sản phẩm như đơn vị khai", "product, as the inventory names it"),
    "version": Words("phiên bản như đơn vị khai", "version, as the inventory shows it"),
    "said": Words("cảnh báo nói gì về phiên bản", "what the advisory says of versions"),
    "fixed_in": Words("phiên bản hoặc bản vá đầu tiên đã khắc phục", "the first version or update that mends it"),
    "fix": Words("cách khắc phục, theo lời nơi công bố", "what mends it, in the publisher’s words"),
    "publisher": Words("lời của ai đã quyết định", "whose statement decided"),
    "matched_by": Words("nhận ra sản phẩm nhờ đâu, ở cả hai phía", "how the product was recognised on both sides"),
    "decision": Words("mức SSVC: act, attend, track*, track", "SSVC: act, attend, track*, track"),
    "due": Words("hạn khắc phục", "the day by which"),
    "due_ground": Words("hạn lấy từ đâu: letter (công văn) hoặc khóa trong content/law", "letter, or the law’s key"),
    "exploited": Words("true: đã biết đang bị khai thác", "known to be exploited"),
    "kev_due": Words("hạn của CISA cho cơ quan của họ, không ràng buộc ở đây", "CISA’s day for its own agencies"),
    "epss": Words("khả năng bị khai thác trong 30 ngày (0–1)", "chance of exploitation within 30 days (0–1)"),
    "cvss": Words("điểm CVSS gốc", "CVSS base score"),
    "cvss_version": Words("phiên bản thang CVSS", "version of the scale"),
    "letters": Words("văn bản cảnh báo có nêu", "advisory letters that warn of it"),
    "exposure": Words("internet, internal hoặc trống", "internet, internal, or empty"),
    "level": Words("cấp độ đã phê duyệt của hệ thống", "approved level of its system"),
    "title": Words("tên lỗ hổng", "title of the flaw"),
    "inventory_file": Words("tệp của đơn vị có ghi sản phẩm", "the agency’s file in which the product stands"),
    "inventory_line": Words("dòng trong tệp đó", "line of that file"),
    "advisory_file": Words("tệp cảnh báo", "file of the advisory"),
    "advisory_place": Words("chỗ trong tệp đó", "place in that file"),
}
_MOST_SAID = 160
_ASKED_FOR = ("product", "version", "said", "fix", "modules")

# How the matcher words the ways of recognising a product, and the same in Vietnamese.
_WAYS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), told)
    for pattern, told in (
        (r"name “(.*)” only, vendor “(.*)” against “(.*)”", "chỉ trùng tên “{0}”, hãng “{1}” so với “{2}”"),
        (r"alias of “(.*)”", "tên khác của “{0}”"),
        (r"name “(.*)”", "tên “{0}”"),
        (r"operating system “(.*)”", "hệ điều hành “{0}”"),
        (r"build (\d+)", "bản dựng {0}"),
        (r"comes with (.+)", "đi kèm {0}"),
        (r"description names “(.*)”", "phần mô tả nêu “{0}”"),
        (r"name (.+)", "tên {0}"),
    )
)


def product_and_version(product: str | None, version: str | None) -> str:
    """Call a product with its version, which many inventories write into the name already."""
    named, numbered = (product or "").strip(), (version or "").strip()
    return named if not numbered or numbered in named.split() else f"{named} {numbered}".strip()


def cut(text: str, most: int = _MOST_SAID) -> str:
    """Keep a text short enough to be read, and show that it goes on."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].rstrip(" ,;") + " …"


def rule_words(row: Mapping[str, Any]) -> Words:
    """Say by which rule a row has its state."""
    words = WHY_WORDS[str(row["why"])]
    told = _told(row)
    return Words(words.rule_vi.format(**told), words.rule_en.format(**told))


def ask_words(row: Mapping[str, Any]) -> dict[str, str]:
    """Put what has to be asked, and the rule behind it, into words in both languages."""
    words = WHY_WORDS[str(row["why"])]
    told = _told(row)
    rule = rule_words(row)
    if told["version"] in told["product"].split():
        told = told | {"version": ""}
    vi, en = (" ".join(text.format(**told).replace(" .", ".").split()) for text in (words.ask_vi, words.ask_en))
    return {"rule_vi": rule.vi, "rule_en": rule.en, "vi": vi, "en": en}


def _told(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: cut(str(row.get(name) or "…")) for name in _ASKED_FOR}


def match_words(matched_by: str | None) -> Words:
    """Say how a product was recognised: the inventory's way, the key that both mean, the advisory's way."""
    text = matched_by or ""
    own, equals, rest = text.partition(" = ")
    key, arrow, theirs = rest.partition(" ← ")
    vi = f"{_way(own)}{equals}{key}{arrow}{_way(theirs)}"
    return Words(cut(vi, 300), cut(text, 300))


def _way(text: str) -> str:
    for pattern, told in _WAYS:
        found = pattern.fullmatch(text)
        if found:
            return told.format(*found.groups())
    return text


def days_words(due: str | None, as_of: str) -> tuple[bool, Words] | None:
    """Say how far off a day is: (whether it is past, in words); None where there is none."""
    if not due:
        return None
    days = (dt.date.fromisoformat(due) - dt.date.fromisoformat(as_of)).days
    vi, en = _span(abs(days))
    if days < 0:
        return True, Words(f"quá hạn {vi}", f"{en} overdue")
    return False, Words(f"còn {vi}", f"{en} left") if days else Words("hết hạn trong ngày", "due that day")


def _span(days: int) -> tuple[str, str]:
    if days >= 730:
        count, vi, en = days // 365, "năm", "year"
    elif days > 60:
        count, vi, en = days // 30, "tháng", "month"
    else:
        count, vi, en = days, "ngày", "day"
    return f"{count} {vi}", f"{count} {en}{'' if count == 1 else 's'}"


def in_two(text: str) -> Words | None:
    """Part a text that is written in both languages, "Vietnamese / English"; None where it is not."""
    parts = text.split(" / ")
    half = len(parts) // 2
    return None if len(parts) % 2 else Words(" / ".join(parts[:half]), " / ".join(parts[half:]))
