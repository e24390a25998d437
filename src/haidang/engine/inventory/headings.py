"""Which column of somebody's table is which of ours: headings in Vietnamese and English, and the reviewed profiles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from haidang.engine.errors import BadContent
from haidang.engine.tables import TABLES, Column
from haidang.engine.text import key

# Our columns, and other headings under which they come; those of the tables of facts are added below. One of several
# headings for the same column that stands further left here is the better one.
_HEADINGS = {
    "agency": "agency; mã đơn vị; đơn vị; tên đơn vị; cơ quan; tên cơ quan; cơ quan đơn vị; organization; organisation",
    "host": "host; hostname; tên máy; tên máy tính; computer name; machine name; device name; tên thiết bị; tên "
    "máy chủ; tên máy trạm; server name; PC name; tên PC; asset name; CS name; PSComputerName; agent "
    "name; host_hostname; netbios name; system name; computer; machine; device; máy; máy tính; máy chủ; "
    "máy trạm; server; thiết bị; tên host; tên server; DNS name; dnsHostName; FQDN; node; máy/thiết bị",
    "system": "system; hệ thống; tên hệ thống; thuộc hệ thống; hệ thống thông tin",
    "os": "os; os name; operating system; hệ điều hành; HĐH; tên HĐH; tên hệ điều hành; operating system name; "
    "os caption; os platform; phiên bản windows; windows; os full name; "
    "hệ điều hành tên; hệ điều hành tên hệ điều hành",
    "os_version": "os_version; os version; operating system version; phiên bản hệ điều hành; phiên bản HĐH; "
    "os build; build; build number; số bản dựng; bản dựng; số build; windows build; current build; "
    "os version number; hệ điều hành phiên bản; hệ điều hành bản dựng; hệ điều hành build; hệ điều hành số bản dựng",
    "address": "address; ip address; địa chỉ IP; ip; ipv4; ipv4 address; địa chỉ; địa chỉ mạng; ip máy; ip nội bộ; "
    "last ip",
    "kind": "kind; loại máy; loại thiết bị; loại; type; device type; asset type; chassis type; types; phân loại",
    "arch": "arch; architecture; kiến trúc; os architecture; system type; bit; 32/64 bit; nền tảng",
    "exposure": "exposure; mức phơi bày; internet; nối ra internet; kết nối internet",
    "vendor": "vendor; publisher; software vendor; software publisher; hãng; hãng phần mềm; nhà phát hành; nhà sản "
    "xuất; hãng sản xuất; manufacturer; nhà cung cấp; company; maker",
    "product": "product; software; phần mềm; tên phần mềm; software name; display name; application; application "
    "name; tên ứng dụng; ứng dụng; program; program name; tên chương trình; chương trình; product name; "
    "sản phẩm; tên sản phẩm; package; package name; tên gói; phần mềm cài đặt; tên phần mềm cài đặt; phần "
    "mềm đã cài; phần mềm đã cài đặt; installed software; phần mềm sử dụng; phần mềm đang dùng; phần mềm "
    "khác",
    "version": "version; phiên bản; software version; display version; product version; phiên bản phần mềm; "
    "application version; version number; ver; phiên bản ứng dụng; phiên bản sản phẩm; phần mềm phiên bản",
    "seen_on": "seen_on; ngày ghi nhận; ngày kiểm kê; last seen; thời điểm kiểm kê",
    "cpe": "cpe; cpe 2.3; mã CPE; cpe name; ProductCodeCpe",
    "purl": "purl; package url",
    "update": "update; KB; số KB; hotfix; HotFixID; bản vá; mã bản vá; KB number; bản cập nhật; hotfixes; "
    "hotfix(s); patch; patches; các bản vá; bản vá đã cài; KB ID; installed updates",
    "installed_on": "installed_on; InstalledOn; ngày cài; ngày cài đặt; install date; ngày vá; ngày cập nhật",
    "antimalware": "antivirus; anti-virus; phần mềm diệt virus; phần mềm diệt vi rút; diệt virus; "
    "phần mềm chống virus; phần mềm phòng chống mã độc; phần mềm phòng, chống mã độc; phòng chống mã độc; "
    "anti-malware; endpoint protection; phần mềm bảo vệ; phần mềm chống mã độc",
}
# A heading that is a machine in one table and a product in another.
_EITHER = ("name", "tên", "tên gọi")
# Reports of scanners name machines and products too, but their rows are flaws.
_OF_FLAWS = (
    "cve; cve id; mã CVE; plugin id; plugin name; cvss; cvss score; severity; risk; risk factor; nvt "
    "name; nvt oid; qid; lỗ hổng; vulnerability; vulnerability id; flaw; solution; exploit; ghsa; "
    "advisory"
)
_IDENTITY = frozenset(("host", "product", "update"))
_LONGEST = 80
_AGENCY_AND_HOST = "agency/host"


def squash(heading: str) -> str:
    """Bring a heading to the form in which headings are compared: "Tên phần mềm", "ten_phan_mem" and "TenPhanMem"."""
    return re.sub(r"[\s_.+]+", "", key(heading))


def _headings_of(column: Column) -> tuple[str, ...]:
    """Give the headings of a column of a table of facts: its name, what offices call it, the words that explain it."""
    return (column.name, *column.headings, re.split(r"[(,]", column.vi)[0])


def _vocabulary() -> dict[str, tuple[str, int]]:
    known: dict[str, tuple[str, int]] = {}
    for column, written in _HEADINGS.items():
        for rank, heading in enumerate(written.split(";")):
            known.setdefault(squash(heading), (column, rank))
    for table in ("hosts", "software", "hotfixes"):
        for declared in TABLES[table].columns:
            for heading in _headings_of(declared):
                known.setdefault(squash(heading), (declared.name, 50))
    return known


_KNOWN = _vocabulary()
_KNOWN_EITHER = {squash(heading) for heading in _EITHER}
_KNOWN_FLAWS = {squash(heading) for heading in _OF_FLAWS.split(";")}


@dataclass(frozen=True, slots=True)
class Profile:
    """A known layout of a table.

    Attributes:
        form: what the layout is called ("Microsoft Defender, software inventory").
        headings: our column → the heading under which it stands.
    """

    form: str
    headings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where our columns stand in somebody's table.

    Attributes:
        places: our column → the place of its column, from 0.
        headings: our column → its heading as written.
        unused: headings of columns that hold nothing for us.
        form: the profile's name; empty when the columns were guessed.
    """

    places: Mapping[str, int]
    headings: Mapping[str, str]
    unused: tuple[str, ...] = ()
    form: str = ""
    more: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """our column → the places of further columns that hold the same: several columns of products."""

    @property
    def splits_agency(self) -> bool:
        """Whether agency and machine stand in one column, parted by a slash."""
        return "agency" in self.places and self.places["agency"] == self.places.get("host")


COLUMNS = tuple(_HEADINGS)


def read_profiles(files: Iterable[tuple[str, bytes]]) -> tuple[Profile, ...]:
    """Read profiles: YAML with `form` and `headings` (our column: heading).

    Raises:
        BadContent: a file breaks its form.
    """
    profiles = []
    for name, data in files:
        try:
            content = yaml.safe_load(data)
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            raise BadContent(f"{name}: not YAML: {' '.join(str(error).split())[:200]}") from error
        if not isinstance(content, dict) or not {"form", "headings"} <= set(content) <= {"form", "headings", "why"}:
            raise BadContent(f"{name}: a profile has exactly form, headings and, if you like, why")
        headings = content["headings"]
        if not isinstance(headings, dict) or not all(isinstance(text, str) for text in headings.values()):
            raise BadContent(f"{name}: headings is not a list of “our column: heading”")
        if unknown := set(map(str, headings)) - set(COLUMNS):
            raise BadContent(
                f"{name}: no column is called {', '.join(sorted(unknown))}; there are {', '.join(COLUMNS)}"
            )
        if not _IDENTITY & set(headings):
            raise BadContent(f"{name}: a profile needs a column of at least one of host, product, update")
        profiles.append(Profile(str(content["form"]), headings))
    return tuple(profiles)


def write_profile(form: str, headings: Mapping[str, str]) -> bytes:
    """Write a profile that reads again as the columns that were guessed."""
    known = {column: heading for column, heading in headings.items() if column in COLUMNS}
    text = yaml.safe_dump({"form": form, "headings": known}, allow_unicode=True, sort_keys=False, width=1_000)
    return str(text).encode()


def match_profile(headings: Sequence[str], profiles: Iterable[Profile]) -> Layout | None:
    """Find the profile whose headings are all there; of several, the one with most. Earlier ones win."""
    squashed = [squash(heading) for heading in headings]
    best: Profile | None = None
    for profile in profiles:
        if all(squash(heading) in squashed for heading in profile.headings.values()) and (
            best is None or len(profile.headings) > len(best.headings)
        ):
            best = profile
    if best is None:
        return None
    places = {column: squashed.index(squash(heading)) for column, heading in best.headings.items()}
    return _lay_out(headings, places, form=best.form)


def guess_layout(headings: Sequence[str]) -> Layout | None:
    """Guess which column is which; None when this is no row of headings of machines or products."""
    found: dict[str, list[tuple[int, int]]] = {}
    either: list[int] = []
    for place, heading in enumerate(headings):
        if not heading.strip() or len(heading) > _LONGEST:
            continue
        squashed = squash(heading)
        if squashed in _KNOWN_FLAWS:
            return None
        if squashed in _KNOWN_EITHER:
            either.append(place)
            continue
        for column, rank in _columns_of(heading):
            found.setdefault(column, []).append((rank, place))
    places = {column: min(ranked)[1] for column, ranked in found.items()}
    _settle(places, either)
    if len(places) < 2 or not _IDENTITY & places.keys() or _is_other_fact(headings, places):
        return None
    further = tuple(place for _, place in sorted(found.get("product", [])) if place != places.get("product"))
    return _lay_out(headings, places, more={"product": further} if further else {})


def _is_other_fact(headings: Sequence[str], places: Mapping[str, int]) -> bool:
    """Tell another table of facts, such as receipts of scans, which name machines as well."""
    if places.keys() & {"os", "os_version", "version", "vendor", "update"}:
        return False
    there = {squash(heading) for heading in headings}
    for table in TABLES.values():
        required = [column for column in table.columns if column.required]
        known = ({squash(heading) for heading in _headings_of(column)} for column in required)
        if (
            table.name not in ("hosts", "software", "hotfixes")
            and len(required) > 1
            and all(one & there for one in known)
        ):
            return True
    return False


def _columns_of(heading: str) -> list[tuple[str, int]]:
    """Find what a heading means: as it stands, without its brackets, or by what stands in them or beside a slash."""
    if squash(heading) == squash(_AGENCY_AND_HOST):
        return [("agency", 0), ("host", 0)]
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", heading)
    inside = re.findall(r"[(\[]([^()\[\]]+)[)\]]", heading)
    for text in (heading, bare, *inside, *re.split(r"[/\n]", bare)):
        if found := _KNOWN.get(squash(text)):
            return [found]
    return []


def _settle(places: dict[str, int], either: list[int]) -> None:
    """Decide what a column called “name” or “version” holds, by what stands beside it."""
    of_products = bool({"vendor", "cpe", "purl"} & places.keys())
    of_products = of_products or ("version" in places and ("os" not in places or "host" in places))
    for place in either:
        if "host" not in places and ("product" in places or not of_products):
            places["host"] = place
        elif "product" not in places and of_products:
            places["product"] = place
    if "product" not in places and "os" in places and "version" in places:
        places.setdefault("os_version", places.pop("version"))
    if "product" in places and "os" not in places:
        places.pop("kind", None)  # the kind of product, not of machine
    for column in ("vendor", "version", "cpe", "purl", "seen_on"):
        if "product" not in places:
            places.pop(column, None)  # of the hardware
    if "update" not in places:
        places.pop("installed_on", None)


def _lay_out(
    headings: Sequence[str],
    places: dict[str, int],
    *,
    form: str = "",
    more: Mapping[str, tuple[int, ...]] | None = None,
) -> Layout:
    used = {*places.values(), *(place for further in (more or {}).values() for place in further)}
    unused = tuple(heading for place, heading in enumerate(headings) if place not in used and heading.strip())
    ordered = {column: places[column] for column in COLUMNS if column in places}
    written = {column: headings[place] for column, place in ordered.items()}
    return Layout(ordered, written, unused, form, more or {})
