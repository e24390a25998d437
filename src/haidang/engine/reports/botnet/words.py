"""The words in which a check of botnet lists is told."""

from __future__ import annotations

from collections.abc import Mapping

from haidang.engine.obligations.measure import Words
from haidang.engine.reports.words import VerdictWords

OUTCOMES: Mapping[str, Words] = {
    "owned": Words("thuộc một đơn vị", "one agency's"),
    "several_owners": Words("thuộc nhiều đơn vị", "several agencies'"),
    "unclear_time": Words("tùy thời điểm", "depends on the hour"),
    "not_then": Words("của đơn vị, nhưng không phải lúc đó", "an agency's, but not then"),
    "unowned": Words("không thuộc ai đã khai báo", "nobody's that is declared"),
    "private_or_reserved": Words("địa chỉ riêng, dành riêng", "private or reserved"),
    "unreadable": Words("không đọc được", "unreadable"),
}
MEANINGS: Mapping[str, Words] = {
    "owned": Words("đúng một đơn vị giữ địa chỉ vào lúc ghi nhận", "one agency held the address when it was seen"),
    "several_owners": Words(
        "nhiều đơn vị cùng khai dải mạng này; phải xác định lại ai giữ",
        "several agencies declare the network; who holds it has to be settled",
    ),
    "unclear_time": Words(
        "danh sách chỉ ghi ngày, tháng hoặc không ghi thời điểm, mà dải mạng đổi chủ trong khoảng đó",
        "the list gives only a day, a month or no time, within which the network changed hands",
    ),
    "not_then": Words(
        "dải mạng có trong khai báo của đơn vị, nhưng không có hiệu lực vào lúc ghi nhận",
        "the network is one of an agency's, but was not valid when the address was seen",
    ),
    "unowned": Words("không nằm trong dải mạng nào đã khai", "in no network that anybody declares"),
    "private_or_reserved": Words(
        "địa chỉ không dùng trên Internet và không đơn vị nào khai", "not used on the Internet, and nobody declares it"
    ),
    "unreadable": Words("dòng của danh sách không đọc được", "a row of the list that can't be read"),
}
TONES: Mapping[str, str] = {
    "owned": "not_met",
    "several_owners": "not_provable",
    "unclear_time": "not_provable",
    "not_then": "not_applicable",
    "unowned": "not_applicable",
    "private_or_reserved": "not_applicable",
    "unreadable": "not_provable",
}
STATES: Mapping[str, VerdictWords] = {
    "open": VerdictWords(Words("M", "O"), Words("chưa xử lý", "open")),
    "listed_again": VerdictWords(
        Words("L", "A"), Words("bị ghi nhận lại sau khi xử lý", "listed again after it was closed")
    ),
    "not_ours": VerdictWords(Words("K", "N"), Words("đơn vị nói không phải của mình", "said not to be ours")),
    "unclear": VerdictWords(
        Words("?", "?"), Words("xử lý cùng khoảng ghi nhận, chưa rõ", "closed about when it was seen")
    ),
    "cleaned": VerdictWords(Words("S", "C"), Words("báo đã làm sạch", "said to be cleaned")),
    "moved": VerdictWords(Words("Đ", "M"), Words("đã đổi địa chỉ", "address changed")),
    "off": VerdictWords(Words("T", "F"), Words("máy đã tắt", "host off")),
}
STATE_TONES: Mapping[str, str] = {
    "open": "not_met",
    "listed_again": "not_met",
    "not_ours": "not_met",
    "unclear": "not_provable",
    "cleaned": "met",
    "moved": "met",
    "off": "met",
}
CONFIDENCES: Mapping[str, Words] = {
    "exact": Words("chắc chắn", "exact"),
    "likely": Words("có khả năng", "likely"),
    "several": Words("nhiều máy khớp", "several fit"),
    "none": Words("chưa tìm được", "not found"),
}
GROUNDS: Mapping[str, Words] = {
    "nat": Words("nhật ký NAT", "NAT log"),
    "proxy": Words("nhật ký proxy", "proxy log"),
    "hosts": Words("danh mục máy", "table of machines"),
    "no_log": Words("không có nhật ký NAT của địa chỉ này", "no NAT log of this address"),
    "not_covered": Words("nhật ký NAT không có khoảng thời gian này", "the NAT log does not cover that time"),
    "no_session": Words("nhật ký NAT không có phiên khớp", "no session of the NAT log fits"),
}
CHANGES: Mapping[str, Words] = {
    "appeared": Words("mới xuất hiện", "appeared"),
    "persists": Words("vẫn còn", "persists"),
    "gone": Words("không còn trong danh sách", "gone"),
}
STANDS: Mapping[str, Words] = {
    "held": Words("của đơn vị lúc đó", "the agency's then"),
    "unclear": Words("tùy thời điểm, cần đơn vị xác nhận", "depends on the hour; to be confirmed"),
}
PRECISIONS: Mapping[str, Words] = {
    "exact": Words("", ""),
    "day": Words("trong ngày", "that day"),
    "month": Words("trong tháng", "that month"),
    "unknown": Words("không rõ thời điểm", "time unknown"),
}
# What an agency chooses from when it fills in its annex; `botnet.closing` reads these words back.
FILL_IN = ("đã làm sạch", "đổi địa chỉ", "máy tắt", "không thuộc đơn vị")


def in_two(text: str) -> Words:
    """Part a reason that is written in both languages."""
    vi, slash, en = text.rpartition(" / ")
    return Words(vi, en) if slash else Words(text, text)
