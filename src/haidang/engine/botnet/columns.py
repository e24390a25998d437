"""Which column of a list is which of ours: reviewed profiles first, then headings, then what the cells hold."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import yaml

from haidang.engine.botnet.address_list import CELLS
from haidang.engine.botnet.addresses import read_address
from haidang.engine.botnet.times import read_moment
from haidang.engine.calendar import ICT
from haidang.engine.errors import BadContent
from haidang.engine.text import key

# Other headings under which our columns come; of several in one table, the one that stands further left here.
_HEADINGS = {
    "address": "địa chỉ ip; ip nhiễm; ip bị nhiễm; infected ip; victim ip; ip công cộng; ip public; public ip; src_ip; "
    "source ip; source address; ip nguồn; địa chỉ nguồn; ip wan; ip address; address; ip; ipv4; ipv6; địa chỉ; địa chỉ "
    "ip botnet; ip botnet; địa chỉ ip nhiễm mã độc; địa chỉ ip public; attackerip; remote ip; ip/cidr; cidr; dải ip; "
    "dải địa chỉ; dải mạng; network; host ip; source.ip; srcip; ip_src; src; indicator; ip addr; địa chỉ ip nguồn; "
    "địa chỉ ip máy nhiễm",
    "port": "cổng nguồn; source port; src_port; sport; srcport; source.port; port nguồn; cổng; port; public port; "
    "port public; src port; local port",
    "seen": "timestamp; thời gian ghi nhận; thời điểm ghi nhận; ghi nhận lúc; thời gian; thời điểm; seen; ghi nhận; "
    "ngày ghi nhận; time; datetime; date time; ngày giờ; event time; time.source; detected; detected at; "
    "thời gian phát hiện; phát hiện lúc; ngày phát hiện; ngày; date; first seen; first_seen; thấy lần đầu; first; "
    "thời gian kết nối; thời gian nhiễm; log time",
    "clock": "giờ; giờ ghi nhận; time of day; hour; giờ phát hiện",
    "last_seen": "last seen; last_seen; thấy lần cuối; lần cuối; ghi nhận lần cuối; lần cuối ghi nhận; last; lastseen",
    "family": "infection; family; họ mã độc; malware family; tên mã độc; mã độc; malware; mạng botnet; tên botnet; "
    "botnet; loại mã độc; tên mạng botnet; networkname; network name; malware.name; virus; threat; threat name; "
    "signature; loại botnet; dòng mã độc; name; type; tag",
    "list": "danh sách; list; văn bản; kỳ danh sách; tháng; list name; feed",
    "cc_address": "cc_ip; c2; c&c; c2 ip; ip c2; ip c&c; máy chủ điều khiển; địa chỉ máy chủ điều khiển; "
    "ip máy chủ điều khiển; ip điều khiển; dst_ip; dip; destination ip; ip đích; địa chỉ đích; dst ip; destination.ip; "
    "command and control; cc_dns; tên miền điều khiển; c2 domain; địa chỉ ip đích",
    "cc_port": "cc_port; dst_port; dport; destination port; cổng đích; cổng điều khiển; cổng c2; dst port; "
    "destination.port; port đích",
    "protocol": "protocol; proto; giao thức; transport; protocol.transport",
    "named": "đơn vị; tên đơn vị; cơ quan; đơn vị quản lý; tên cơ quan; organization; organisation; agency",
}
_LONGEST = 80
_SAMPLE = 200
_MOST = 0.6


def _squash(heading: str) -> str:
    return re.sub(r"[\s_.+]+", "", key(heading))


_KNOWN = {
    _squash(words): (column, rank)
    for column, written in reversed(_HEADINGS.items())
    for rank, words in enumerate(written.split(";"))
}


@dataclass(frozen=True, slots=True)
class ListProfile:
    """A known layout of a list.

    Attributes:
        form: what the layout is called ("Shadowserver").
        when: headings that have to be there, all of them.
        headings: our column → headings under which it stands; of several that are there, the first.
        zone: of times that name none.
    """

    form: str
    when: tuple[str, ...]
    headings: Mapping[str, tuple[str, ...]]
    zone: dt.tzinfo


@dataclass(frozen=True, slots=True)
class ListLayout:
    """Where our columns stand in somebody's list.

    Attributes:
        places: our column → the place of its column, from 0.
        form: the profile's name; empty when the columns were guessed.
        zone: of times that name none.
    """

    places: Mapping[str, int]
    form: str = ""
    zone: dt.tzinfo = ICT


def read_list_profiles(files: Iterable[tuple[str, bytes]]) -> tuple[ListProfile, ...]:
    """Read profiles: YAML with form, when, headings and, if times are UTC, `zone: UTC`.

    Raises:
        BadContent: a file breaks its form.
    """
    return tuple(_read_profile(name, data) for name, data in files)


def _read_profile(name: str, data: bytes) -> ListProfile:
    try:
        content = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise BadContent(f"{name}: not YAML: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(content, dict) or not {"form", "headings"} <= set(content) <= {
        "form",
        "when",
        "headings",
        "zone",
        "why",
    }:
        raise BadContent(f"{name}: a profile has form, headings and, if you like, when, zone and why")
    headings, when, zone = content["headings"], content.get("when", []), content.get("zone", "Asia/Ho_Chi_Minh")
    if zone not in ("UTC", "Asia/Ho_Chi_Minh"):
        raise BadContent(f"{name}: zone is UTC or Asia/Ho_Chi_Minh")
    if not isinstance(headings, dict) or not isinstance(when, list) or "address" not in headings:
        raise BadContent(
            f"{name}: headings is a list of “our column: heading” with an address, when a list of headings"
        )
    if unknown := set(map(str, headings)) - set(CELLS):
        raise BadContent(f"{name}: no column is called {', '.join(sorted(unknown))}; there are {', '.join(CELLS)}")
    told = {str(c): tuple(map(str, h)) if isinstance(h, list) else (str(h),) for c, h in headings.items()}
    return ListProfile(str(content["form"]), tuple(map(str, when)), told, dt.UTC if zone == "UTC" else ICT)


def match_profile(headings: Sequence[str], profiles: Iterable[ListProfile]) -> ListLayout | None:
    """Find the profile whose headings are there; of several, the one that asks for most."""
    squashed = [_squash(heading) for heading in headings]
    best: tuple[int, ListLayout] | None = None
    for profile in profiles:
        if not all(_squash(words) in squashed for words in profile.when):
            continue
        places = {
            column: squashed.index(found)
            for column, written in profile.headings.items()
            if (found := next((_squash(words) for words in written if _squash(words) in squashed), ""))
        }
        # Without `when`, a profile is one fixed layout: all of it has to be there.
        if "address" in places and (profile.when or len(places) == len(profile.headings)):
            asked = len(profile.when) or len(profile.headings)
            if best is None or asked > best[0]:
                best = (asked, ListLayout(places, profile.form, profile.zone))
    return best[1] if best else None


def guess_by_headings(headings: Sequence[str]) -> dict[str, int]:
    """Guess which column is which by their headings."""
    found: dict[str, list[tuple[int, int]]] = {}
    for place, heading in enumerate(headings):
        for text in (heading, re.sub(r"\([^()]*\)", " ", heading), re.split(r"[(:\n]", heading)[0]):
            known = _KNOWN.get(_squash(text)) if 0 < len(text) <= _LONGEST else None
            if known:
                found.setdefault(known[0], []).append((known[1], place))
                break
    places = {column: min(ranked)[1] for column, ranked in found.items()}
    if "seen" in places and "clock" not in places:
        # “Ngày” and “Thời gian”, “date” and “time”: one of them is the time of day.
        named = {_squash(heading): place for place, heading in enumerate(headings)}
        for day, clock in (("ngay", "thoigian"), ("date", "time"), ("ngay", "thoidiem")):
            if day in named and clock in named:
                places |= {"seen": named[day], "clock": named[clock]}
                break
    return places


def guess_by_cells(rows: Sequence[Sequence[str]], places: Mapping[str, int] | None = None) -> dict[str, int]:
    """Guess what headings don't say by what the columns hold: most cells are addresses, times, ports, words.

    Args:
        rows: some of the first ones.
        places: what is known already.
    """
    known = dict(places or {})
    width = max((len(row) for row in rows), default=0)
    free = [place for place in range(width) if place not in known.values()]
    columns = {
        place: [row[place].strip() for row in rows[:_SAMPLE] if place < len(row) and row[place].strip()]
        for place in free
    }
    for place in free:
        cells = columns[place]
        if not cells:
            continue
        column = _kind(cells)
        if column == "address" and "address" in known:
            column = "cc_address"
        if column == "port" and ("port" in known or "address" not in known):
            column = "cc_port" if "cc_address" in known else ""
        if column and column not in known:
            known[column] = place
    return known


def _kind(cells: Sequence[str]) -> str:
    def most(test: object) -> bool:
        return callable(test) and sum(bool(test(cell)) for cell in cells) >= _MOST * len(cells)

    if most(lambda cell: not isinstance(read_address(cell), str)):
        return "address"
    if most(lambda cell: not cell.isdigit() and read_moment(cell) is not None):
        return "seen"
    if most(lambda cell: cell.isdigit() and 0 < int(cell[:9]) < 65536) and not _counts(cells):
        return "port"
    if most(lambda cell: cell.lower() in ("tcp", "udp", "icmp")):
        return "protocol"
    return "family" if most(lambda cell: re.fullmatch(r"[^\W\d][\w .:/+-]{2,40}", cell)) else ""


def _counts(cells: Sequence[str]) -> bool:
    """Tell the column that only numbers the rows."""
    numbers = [int(cell[:9]) for cell in cells if cell.isdigit()]
    return numbers[:1] in ([0], [1]) and all(after == before + 1 for before, after in pairwise(numbers))
