"""Lines of Windows: from what an inventory shows to the product that advisories name, and to its build."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from haidang.engine.errors import BadContent

# Parts that every machine of such a system carries, as advisories name them: "internet explorer 11 on <system>".
_BUILT_IN = ("internet explorer 11", "edge edgehtml based", "edge")
_LAST_WITH_BUILT_IN = 19045
_FULL = re.compile(r"(?<![\d.])(?:(5\.[12]|6\.[0-3]|10\.0)\.)?(\d{4,5})(?:\.(\d+))?(?![\d])")
_RELEASE = re.compile(r"(?<![\w.])(2\dH\d|1[5-9]\d\d|2004)(?![\w.])", re.IGNORECASE)
_MARKETED = (
    ("windows server 2025", 26100),
    ("windows server 2022", 20348),
    ("windows server 2019", 17763),
    ("windows server 2016", 14393),
    ("windows server 2012 r2", 9600),
    ("windows server 2012", 9200),
    ("windows 8.1", 9600),
)
_FAMILY = re.compile(r"windows ((?:server (?:20\d\d)(?: r2)?)|xp|vista|7|8\.1|8|10|11)(?![\w.])")
_CLIENT = re.compile(r"windows (?:nt|2000|xp|vista|7|8|8\.1|10|11)\b|\b(?:home|professional|pro|education)\b")
_FORM = {"build", "version", "release", "client", "server", "shares", "client_until", "server_until"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of Windows.

    Attributes:
        build: the number that tells it apart, third of four.
        version: what comes before it ("10.0").
        release: its marketing name ("22H2"); empty where there is none.
        client: the product's name as a workstation; empty where there was none.
        server: the product's name as a server; empty where there was none.
        shares: the build of the first line of one set of files; its own where it stands alone.
        client_until: the last day on which anybody gets updates for it as a workstation; None where not known.
        server_until: the same as a server.
    """

    build: int
    version: str
    release: str
    client: str
    server: str
    shares: int
    client_until: dt.date | None = None
    server_until: dt.date | None = None

    def until(self, product: str) -> dt.date | None:
        """Give the last day on which anybody gets updates for one of its products."""
        return self.server_until if product == self.server else self.client_until


@dataclass(frozen=True, slots=True)
class InstalledWindows:
    """A machine's Windows.

    Attributes:
        key: the product that advisories name ("microsoft/windows 10 version 22h2").
        other: a second one, where a build is a workstation's and a server's and nothing tells which; else empty.
        line: its line.
        update: the last number of its build (UBR); None where the inventory does not show it.
    """

    key: str
    line: Line
    update: int | None
    other: str = ""

    @property
    def until(self) -> dt.date | None:
        """The last day on which anybody gets updates for it; None where that is not known."""
        days = [self.line.until(key.removeprefix("microsoft/")) for key in (self.key, self.other) if key]
        return max((day for day in days if day), default=None)


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """All lines, by build."""

    lines: Mapping[int, Line]

    def find(self, os: str, os_version: str, kind: str = "") -> InstalledWindows | None:
        """Find the line of a machine; None where what is shown fits none, or several.

        Args:
            os: as inventories show it ("Microsoft Windows 10 Pro 22H2").
            os_version: as inventories show it ("10.0.19045.3324", "22H2", "10.0.19045 N/A Build 19045"); may be empty.
            kind: of the machine; tells a server from a workstation where the name does not.
        """
        name = os.lower()
        server = "server" in name
        found = self._by_build(os_version, name) or self._by_build(os, name) or self._by_name(name, os_version, server)
        if not found:
            return None
        line, update = found
        told = f"{name} {kind.lower()}"
        if line.client and line.server and not server and not _CLIENT.search(name) and "workstation" not in told:
            if "server" not in told:
                return InstalledWindows(f"microsoft/{line.client}", line, update, f"microsoft/{line.server}")
            server = True
        product = line.server if server else line.client
        return InstalledWindows(f"microsoft/{product}", line, update) if product else None

    def named(self, os: str) -> list[str]:
        """List the products that a name without release or build may mean: "Windows 10" is any of its releases."""
        found = _FAMILY.search(os.lower())
        if not found:
            return []
        family = f"windows {found[1]}"
        products = [product for line in self.lines.values() for product in (line.client, line.server) if product]
        fitting = [product for product in products if re.match(rf"{re.escape(family)}(?![\w.])", product)]
        return [f"microsoft/{product}" for product in dict.fromkeys(fitting)]

    def line_of(self, key: str) -> Line | None:
        """Give the line of a product that advisories name; None for anything else."""
        product = key.removeprefix("microsoft/")
        return next((line for line in self.lines.values() if product in (line.client, line.server)), None)

    def ended_before(self, day: dt.date) -> list[str]:
        """List the products that nobody got updates for any more on a day."""
        until: dict[str, dt.date] = {}
        for line in self.lines.values():
            for product in filter(None, (line.client, line.server)):
                last = line.until(product) or dt.date.max
                until[product] = max(until.get(product, last), last)
        return [f"microsoft/{product}" for product, last in until.items() if last < day]

    def update_number(self, line: Line, build: str) -> int | None:
        """Give the last number of a fixed build, as it counts in a line; None where the build is of another."""
        found = re.fullmatch(r"(\d+\.\d+)\.(\d+)\.(\d+)", build.strip())
        if not found or found[1] != line.version or int(found[2]) not in self.lines:
            return None
        return int(found[3]) if self.lines[int(found[2])].shares == line.shares else None

    def built_in(self, installed: InstalledWindows) -> list[str]:
        """List the keys of the parts that come with a machine's Windows and have advisories of their own."""
        if installed.line.build > _LAST_WITH_BUILT_IN or installed.line.build < 9600:
            return []
        return [f"microsoft/{part} on {installed.key.removeprefix('microsoft/')}" for part in _BUILT_IN]

    def _by_build(self, text: str, name: str) -> tuple[Line, int | None] | None:
        for found in _FULL.finditer(text):
            line = self.lines.get(int(found[2]))
            if line and (found[1] in (None, line.version)) and (found[1] or found[3] or "windows" in name):
                return line, int(found[3]) if found[3] else None
        return None

    def _by_name(self, name: str, os_version: str, server: bool) -> tuple[Line, int | None] | None:
        for marketed, build in _MARKETED:
            if marketed in name and build in self.lines:
                return self.lines[build], None
        found = _RELEASE.search(os_version) or _RELEASE.search(name)
        if not found or "windows" not in name:
            return None
        system = "windows server" if server else "windows 11" if "windows 11" in name else "windows 10"
        fitting = [
            line
            for line in self.lines.values()
            if line.release.lower() == found[1].lower() and (line.server if server else line.client).startswith(system)
        ]
        return (fitting[0], None) if len(fitting) == 1 else None


def read_windows(data: bytes) -> Windows:
    """Read `content/windows.yaml`.

    Raises:
        BadContent: it breaks its form.
    """
    content = yaml.safe_load(data)
    if not isinstance(content, list):
        raise BadContent("content/windows.yaml: a list of lines was expected")
    return Windows({entry["build"]: _read_line(entry) for entry in map(_checked, content)})


def _checked(entry: Any) -> dict[str, Any]:  # noqa: ANN401 - what YAML holds is looked at here
    if not isinstance(entry, dict) or set(entry) - _FORM or not isinstance(entry.get("build"), int):
        raise BadContent(f"content/windows.yaml: {entry!r}: build, version and of {sorted(_FORM)} were expected")
    if not isinstance(entry.get("version"), str) or not (entry.get("client") or entry.get("server")):
        raise BadContent(f"content/windows.yaml: {entry['build']}: version, and client or server, were expected")
    return entry


def _read_line(entry: dict[str, Any]) -> Line:
    return Line(
        entry["build"],
        entry["version"],
        str(entry.get("release", "")),
        entry.get("client", ""),
        entry.get("server", ""),
        entry.get("shares", entry["build"]),
        entry.get("client_until"),
        entry.get("server_until"),
    )
