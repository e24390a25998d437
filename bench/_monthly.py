"""What Microsoft's monthly documents say of a machine, worked out by plain code that shares nothing with the program.

It is slow and knows only what this bench needs: Windows itself, and no part of it that has its own product. Its rules:

- a flaw concerns a machine whose product (line and processor, as the documents write it) is listed as affected;
- it is mended by an update named for that product and flaw, by an update that replaces that one (directly or through
  others), by a later update of the product's cumulative sort, and by a build at or above the one that is named;
- a build is shown by the number that an installed update brings, where a document says it;
- where the list of updates is cut short or holds a later update (by number) that no document names, what is not shown
  mended is unknown; so it is where only something else than a numbered update mends;
- else the machine is vulnerable, also where the product is listed and no update exists.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

VULNERABLE, MENDED, NOT_LISTED, UNKNOWN = "vulnerable", "mended", "not listed", "unknown"
_V = "{http://www.icasi.org/CVRF/schema/vuln/1.1}"
_P = "{http://www.icasi.org/CVRF/schema/prod/1.1}"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Lines whose updates, but for named sorts, each hold all that earlier ones held; on others only monthly rollups do.
_AS_ONE = re.compile(r"Windows (?:1[01]|Server 20(?:1[69]|2\d))\b")
# Sorts of updates that hold only what they themselves mend.
_SINGLE = (
    "Security Only", "Standalone", "Standalone Security Update", "IE Cumulative", "Servicing Stack Update",
    "ServicingStackUpdate",
)  # fmt: skip
# Lines that are one set of files: the build of the first and of the last.
_ONE_SET = {18362: 18363, 19041: 19045, 22621: 22631, 26100: 26200}
# Secure Boot's own updates, which the documents call "Security Update" and give a build, though they hold nothing else.
_OF_SECURE_BOOT = {"4535680", "5012170"}
CLIENTS = {
    7601: "Windows 7 for {arch} Systems Service Pack 1",
    9600: "Windows 8.1 for {arch} systems",
    10240: "Windows 10 for {arch} Systems",
    22000: "Windows 11 version 21H2 for {arch} Systems",
    22621: "Windows 11 Version 22H2 for {arch} Systems",
    22631: "Windows 11 Version 23H2 for {arch} Systems",
    26100: "Windows 11 Version 24H2 for {arch} Systems",
}
CLIENTS |= {
    build: "Windows 10 Version " + release + " for {arch} Systems"
    for build, release in zip(
        (10586, 14393, 15063, 16299, 17134, 17763, 18362, 18363, 19041, 19042, 19043, 19044, 19045),
        ("1511", "1607", "1703", "1709", "1803", "1809", "1903", "1909", "2004", "20H2", "21H1", "21H2", "22H2"),
        strict=True,
    )
}
SERVERS = {
    6002: "Windows Server 2008 for {arch} Systems Service Pack 2",
    7601: "Windows Server 2008 R2 for {arch} Systems Service Pack 1",
    9200: "Windows Server 2012",
    9600: "Windows Server 2012 R2",
    14393: "Windows Server 2016",
    17763: "Windows Server 2019",
    20348: "Windows Server 2022",
    26100: "Windows Server 2025",
}


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine as its texts show it.

    Attributes:
        product: as Microsoft's documents write it; empty for lines that they never name.
        updates: numbers of its updates.
        is_whole: whether the list of updates is all there.
        build: all four numbers, where the machine shows them.
    """

    product: str
    updates: frozenset[str]
    is_whole: bool
    build: str = ""


def read_machine(systeminfo: bytes, qfe: bytes = b"") -> Machine:
    """Read `systeminfo`, and `wmic qfe` if it is at hand, in whatever language and code page."""
    text = systeminfo.replace(b"\0", b"").decode("latin-1")
    listed = qfe.replace(b"\0", b"").decode("latin-1")
    version = re.search(r":\s+\d+\.\d+\.(\d{4,5})\b", text)
    build = int(version[1]) if version else 0
    arch = "32-bit" if re.search(r"X86-based", text) else "x64-based"
    name = next((line for line in text.splitlines() if "Windows" in line and "Microsoft" in line), "")
    if build == 6002 and "Server" not in name:
        product = "Windows Vista x64 Edition Service Pack 2" if arch == "x64-based" else "Windows Vista Service Pack 2"
    else:
        product = (SERVERS if "Server" in name else CLIENTS).get(build, "").format(arch=arch)
    updates = frozenset(re.findall(r"KB(\d{6,7})", text + listed))
    return Machine(product, updates, bool(re.search(r"KB\d{6,7}", listed)) or _has_all(text))


def _has_all(text: str) -> bool:
    """Tell whether the list of updates holds as many as it says: "[01]: KB…" follows "2 Hotfix(s) Installed."."""
    found = re.search(r":\D*(\d+)[^\n]*\n((?:\s+\[\d+\]:[^\n]*\n?)+)", text[_begin_of_updates(text) :])
    return bool(found) and len(re.findall(r"\[\d+\]: \S", found[2] if found else "")) >= int(found[1] if found else 0)


def _begin_of_updates(text: str) -> int:
    """Find the line above the first entry that is an update; the end of the text where there is none."""
    first = re.search(r"^[^\n]*\n\s+\[0?1\]:\s+(?:KB|Q|File|\{)[^\n]*", text, re.MULTILINE)
    return first.start() if first else len(text)


@dataclass(slots=True)
class _Update:
    """An update of a product: months in whose documents it mends flaws, how many, its sort and build."""

    months: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    sort: str = ""
    build: tuple[int, ...] = ()

    @property
    def is_cumulative(self) -> bool:
        """Whether it holds what earlier ones held, as far as its sort says."""
        return self.sort not in _SINGLE

    @property
    def month(self) -> int:
        """The month in whose document it mends the most; later revisions name it in others too."""
        return max(self.months, key=lambda month: (self.months[month], month))


class Tables:
    """The documents as tables: product → flaw → updates, and what replaces what."""

    def __init__(self) -> None:
        self.fixes: dict[str, dict[str, list[tuple[str, tuple[int, ...]]]]] = defaultdict(dict)
        self.updates: dict[str, dict[str, _Update]] = defaultdict(lambda: defaultdict(_Update))
        self.replaced_by: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.otherwise: set[tuple[str, str]] = (
            set()
        )  # product and flaw that something else than a numbered update mends
        self.named: set[str] = set()
        self.months: set[str] = set()

    def take(self, name: str, data: bytes) -> None:
        """Read one document."""
        root = ElementTree.fromstring(data)
        year, month, *_ = PurePosixPath(name).stem.split("-")
        at = int(year) * 12 + _MONTHS.index(month)
        names = {one.get("ProductID"): " ".join((one.text or "").split()) for one in root.iter(f"{_P}FullProductName")}
        systems = {key: name for key, name in names.items() if name.startswith("Windows ") and " on " not in name}
        for flaw in root.iter(f"{_V}Vulnerability"):
            cve = flaw.findtext(f"{_V}CVE") or ""
            for status in flaw.iter(f"{_V}Status"):
                for product in _products(status, systems):
                    if status.get("Type") == "Known Affected" and cve.startswith("CVE-"):
                        self.fixes[product].setdefault(cve, [])
                        self.months.add(f"{year}-{month}")
            for remedy in flaw.iter(f"{_V}Remediation"):
                self._take_remedy(cve, at, remedy, systems)

    def _take_remedy(self, cve: str, at: int, remedy: ElementTree.Element, systems: dict[str | None, str]) -> None:
        number = re.fullmatch(r"(?:KB)?(\d{6,7})", (remedy.findtext(f"{_V}Description") or "").strip())
        replaced = re.findall(r"\d{6,7}", remedy.findtext(f"{_V}Supercedence") or "")
        self.named |= {*replaced, *([number[1]] if number else [])}
        if remedy.get("Type") != "Vendor Fix":
            return
        if not number:
            self.otherwise |= {(product, cve) for product in _products(remedy, systems)}
            return
        build = _build((remedy.findtext(f"{_V}FixedBuild") or "").strip())
        for product in _products(remedy, systems):
            if cve in self.fixes[product]:
                self.fixes[product][cve].append((number[1], build))
            update = self.updates[product][number[1]]
            update.months[at] += 1
            update.sort = update.sort or remedy.findtext(f"{_V}SubType") or ""
            update.build = max(update.build, build)
            for old in {*replaced} - {number[1]}:
                self.replaced_by[product][old].add(number[1])

    def flaws(self) -> set[str]:
        """List the flaws of Windows itself: some system is affected, and an update is named for it."""
        return {cve for fixes in self.fixes.values() for cve, updates in fixes.items() if updates}

    def judge(self, machine: Machine) -> dict[str, str]:
        """Say of each flaw of Windows what the documents say of a machine."""
        product = machine.product
        told = self.fixes.get(product, {})
        months = self._months(product)
        known = self.updates.get(product, {})
        own = [known[kb] for kb in machine.updates - _OF_SECURE_BOOT if kb in known]
        builds = [update.build for update in own if update.build and update.is_cumulative]
        builds += [_build(machine.build)] if machine.build else []
        stands = max((months[kb] for kb in machine.updates if kb in months), default=-1.0)
        for kb, month in months.items():
            build = known[kb].build if kb in known else ()
            if build and any(build[:3] == shown[:3] and build <= shown for shown in builds):
                stands = max(stands, month)
        strange = max((int(kb) for kb in machine.updates - self.named), default=0)
        out = {}
        for cve in self.flaws():
            updates = told.get(cve)
            if updates is None:
                out[cve] = NOT_LISTED
            elif not updates:
                out[cve] = UNKNOWN if (product, cve) in self.otherwise else VULNERABLE
            elif any(
                self._holds(product, kb, machine.updates)
                or (kb in months and months[kb] <= stands)
                or any(build and build[:3] == shown[:3] and build <= shown for shown in builds)
                for kb, build in updates
            ):
                out[cve] = MENDED
            elif not machine.is_whole or strange > min(int(kb) for kb, _ in updates):
                out[cve] = UNKNOWN
            else:
                out[cve] = VULNERABLE
        return out

    def _months(self, product: str) -> dict[str, float]:
        """Place the cumulative updates of a product: by their month; what one of them replaces, right before it.

        A month's largest update is one; a later revision may name a later update in an old month's document, so what is
        replaced goes by that which replaces it.
        """
        months: dict[str, float] = {}
        own = self.updates.get(product, {})
        largest: dict[int, tuple[int, str]] = {}
        sorts = ("Security Update", "Alternate Cumulative") if _AS_ONE.match(product) else ("Monthly Rollup",)
        chain = {kb: update for kb, update in own.items() if update.sort in sorts and kb not in _OF_SECURE_BOOT}
        for kb, update in chain.items():
            if update.sort == sorts[0]:
                size = (sum(update.months.values()), kb)
                largest[update.month] = max(largest.get(update.month, (0, "")), size)
        for month, (_, kb) in largest.items():
            months[kb] = float(month)
        for old, later in self.replaced_by.get(product, {}).items():
            if old not in months and (old not in own or old in chain) and later & months.keys():
                months[old] = min(months[kb] for kb in later if kb in months) - 0.5
        for kb in chain.keys() - months.keys():
            before = [months[old] for old, later in self.replaced_by[product].items() if kb in later and old in months]
            months |= {kb: max(before) + 0.25} if before else {}
        return months

    def _holds(self, product: str, kb: str, updates: Iterable[str]) -> bool:
        """Tell whether one of the updates is this one, or replaces it through any number of others."""
        return any(one in updates for one in self._later(product, kb))

    def _later(self, product: str, kb: str) -> Iterator[str]:
        seen = {kb}
        waiting = [kb]
        while waiting:
            one = waiting.pop()
            yield one
            fresh = self.replaced_by[product].get(one, set()) - seen
            seen |= fresh
            waiting += fresh


def _build(text: str) -> tuple[int, ...]:
    """Read the four numbers of a build; lines that are one set of files count as the first of them."""
    if not re.fullmatch(r"\d+(?:\.\d+){3}", text):
        return ()
    first, second, line, last = map(int, text.split("."))
    line = next((begin for begin, end in _ONE_SET.items() if begin <= line <= end), line)
    return first, second, line, last


def read_documents(vuln: Path) -> Tables:
    """Read the monthly documents of the shared data set."""
    from haidang.archives import open_files

    tables = Tables()
    for name, data in open_files(vuln / "msrc" / "cvrf-2026-07"):
        if isinstance(data, bytes) and name.endswith(".xml"):
            tables.take(name, data)
    return tables


def _products(element: ElementTree.Element, systems: dict[str | None, str]) -> list[str]:
    return [systems[one.text] for one in element.iter(f"{_V}ProductID") if one.text in systems]
