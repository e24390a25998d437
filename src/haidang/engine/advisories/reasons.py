"""Why a machine has its state, in words: the rule that decided, and what to ask where nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WhyWords:
    """A rule in both languages, and what to ask for when it leaves the state open; `ask` may be empty.

    In the texts {product}, {version}, {said}, {fix}, {modules} stand for the product installed, its version, what the
    advisory says of versions, what mends the flaw, and the parts that it is limited to.
    """

    rule_vi: str
    rule_en: str
    ask_vi: str = ""
    ask_en: str = ""


WHY_WORDS: Mapping[str, WhyWords] = {
    "in_range": WhyWords("phiên bản {version} thuộc khoảng “{said}”", "version {version} lies in “{said}”"),
    "by_default": WhyWords(
        "văn bản cảnh báo nói chung cho mọi phiên bản khác", "what the advisory says of all versions not named"
    ),
    "first_fixed": WhyWords(
        "phiên bản {version} không cũ hơn bản vá đầu tiên “{said}”", "version {version} is not older than the first fix “{said}”"
    ),
    "by_update": WhyWords("bản vá {fix} đã cài", "update {fix} is installed"),
    "no_version": WhyWords(
        "danh mục không ghi phiên bản", "the inventory gives no version",
        "Cho biết phiên bản của {product}.", "Tell the version of {product}.",
    ),
    "unreadable_version": WhyWords(
        "không đọc được phiên bản “{version}”", "version “{version}” can't be read",
        "Cho biết phiên bản của {product} đúng như phần mềm hiển thị.", "Tell the version of {product} as it shows it itself.",
    ),
    "incomplete_version": WhyWords(
        "phiên bản “{version}” chưa đủ để phân biệt với “{said}”", "version “{version}” is too short to tell from “{said}”",
        "Cho biết bản dựng đầy đủ của {product} (Windows: lệnh winver; F5: tmsh show sys version; Zimbra: zmcontrol -v).",
        "Tell the full build of {product} (Windows: winver; F5: tmsh show sys version; Zimbra: zmcontrol -v).",
    ),
    "prose": WhyWords(
        "văn bản cảnh báo chỉ nói bằng lời: “{said}”", "the advisory says it in words only: “{said}”",
        "Đọc văn bản cảnh báo và đối chiếu với {product} {version}.", "Read the advisory and compare with {product} {version}.",
    ),
    "not_spoken_of": WhyWords(
        "văn bản cảnh báo không nói gì về phiên bản {version}", "the advisory does not speak of version {version}",
        "Hỏi hãng xem {product} {version} có bị ảnh hưởng không; dòng đã hết hỗ trợ thì nâng cấp.",
        "Ask the maker about {product} {version}; if its line is out of support, upgrade.",
    ),
    "not_listed": WhyWords(
        "hãng liệt kê mọi phiên bản bị ảnh hưởng, không có {version}", "the maker lists every affected version, not {version}"
    ),
    "module": WhyWords(
        "chỉ ảnh hưởng khi phân hệ {modules} được dùng", "only where the module {modules} is in use",
        "Cho biết phân hệ {modules} của {product} có được bật không.", "Tell whether module {modules} of {product} is in use.",
    ),
    "base_version": WhyWords(
        "phiên bản hiển thị của sản phẩm này không đổi khi vá", "the version shown for this product does not move with updates",
        "Cho biết bản vá hoặc bản dựng thực của {product} (bản vá đầu tiên: {fix}).",
        "Tell the updates or the true build of {product} (first fix: {fix}).",
    ),
    "only_the_name": WhyWords(
        "chỉ trùng tên sản phẩm, chưa rõ có cùng hãng không", "only the product's name fits, its maker is not sure",
        "Xác nhận hãng của {product}.", "Confirm who makes {product}.",
    ),
    "backport": WhyWords(
        "gói của bản phân phối: có thể đã vá mà không đổi số phiên bản gốc",
        "a distribution's package: it may be mended without a newer upstream version",
        "Đối chiếu gói {product} {version} với cảnh báo của bản phân phối.",
        "Compare package {product} {version} with the distribution's own advisories.",
    ),
    "update_without_build": WhyWords(
        "có bản vá {fix}, nhưng văn bản không ghi bản dựng sau khi vá", "update {fix} exists, but not which build it brings",
        "Cho biết đã cài {fix} cho {product} chưa.", "Tell whether {fix} is installed for {product}.",
    ),
    "out_of_support": WhyWords(
        "dòng sản phẩm đã hết hỗ trợ, hãng không còn xét", "the line is out of support, its maker no longer looks at it",
        "Nâng cấp {product} lên dòng còn được hỗ trợ.", "Upgrade {product} to a line that is still supported.",
    ),
    "workaround": WhyWords(
        "chưa có bản vá; biện pháp giảm thiểu đã ghi nhận", "no update yet; a work-around is on record"
    ),
    "update_after_workaround": WhyWords(
        "đã có bản vá, biện pháp giảm thiểu không còn đủ", "there is an update now, the work-around no longer counts"
    ),
}  # fmt: skip
