"""Which Linux a list of packages comes from, and on which machine: what stands before the list or around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from haidang.engine.inventory.naming import host_in, lone_name
from haidang.engine.inventory.spelling import arch_of, purl_of

# os-release(5): NAME="Debian GNU/Linux"
_PAIR = re.compile(r"""^([A-Z][A-Z0-9_]{1,40})=("?'?)(.{0,300}?)\2\s*$""")
# /etc/redhat-release: "CentOS Linux release 7.9.2009 (Core)"
_RELEASE = re.compile(r"^(CentOS|Red Hat|Rocky|AlmaLinux|Oracle|Fedora|Amazon)\b.{0,60}? release ([\d.]+)")
_IDS = {
    "CentOS": "centos", "Red Hat": "rhel", "Rocky": "rocky", "AlmaLinux": "almalinux", "Oracle": "ol",
    "Fedora": "fedora", "Amazon": "amzn",
}  # fmt: skip
# uname -a: "Linux web01 5.10.0-23-amd64 #1 SMP Debian 5.10.179-1 (2023-05-12) x86_64 GNU/Linux"
_UNAME = re.compile(r"^Linux (\S{1,80}) \d+\.\d+\S* .*?\b(x86_64|aarch64|i[3-6]86|armv\dl)\b")
_KEPT = {"ID", "ID_LIKE", "VERSION_ID", "PRETTY_NAME", "NAME", "VERSION", "VERSION_CODENAME", "HOME_URL"}


@dataclass(slots=True)
class Surroundings:
    """What the lines around a list of packages say of its machine.

    Attributes:
        host: the machine; None when it is not said.
        id: of the distribution, as os-release has it ("debian", "rhel"); empty when not said.
        version: of the distribution ("12", "7.9"); empty when not said.
        os: its name for people; None when not said.
        arch: of the machine's processor; None when not said.
        line: where the distribution or the machine is said.
    """

    host: str | None = None
    id: str = ""
    version: str = ""
    os: str | None = None
    arch: str | None = None
    line: int = 1

    def take(self, line: str, number: int) -> bool:
        """Learn from a line; False when it says nothing of the machine or its distribution."""
        line = line.strip()
        if host := host_in(line):
            self.host, self.line = host, number
        elif found := _PAIR.match(line):
            self._pair(found[1], found[3], number)
        elif found := _RELEASE.match(line):
            self.id, self.version, self.os, self.line = _IDS[found[1]], found[2], line, number
        elif found := _UNAME.match(line):
            self.host, self.arch = self.host or found[1], arch_of(found[2])
        elif self.host is None and not self.id and (host := lone_name(line)):
            self.host, self.line = host, number
        else:
            return False
        return True

    def _pair(self, name: str, value: str, number: int) -> None:
        if name == "ID":
            self.id, self.line = value.lower(), number
        elif name == "VERSION_ID":
            self.version = value
        elif name == "PRETTY_NAME" or (name == "NAME" and self.os is None):
            self.os = value
        elif name in ("HOSTNAME", "HOST"):
            self.host = value

    def purl(self, kind: str, package: str, version: str, arch: str | None, epoch: str = "") -> str | None:
        """Name a package of this distribution; None when the distribution is not said."""
        if not self.id or not version:
            return None
        distro = f"{self.id}-{self.version}" if self.version else self.id
        return purl_of(kind, self.id, package, version, arch=arch or "", distro=distro, epoch=epoch)


def says_something(line: str) -> bool:
    """Tell a line of os-release, of a release file or of `uname`; a lone word is not enough."""
    bare = line.strip()
    found = _PAIR.match(bare)
    return bool((found and found[1] in _KEPT) or _RELEASE.match(bare) or _UNAME.match(bare) or host_in(bare))


def sections(lines: list[str]) -> Iterator[list[tuple[int, str]]]:
    """Part a file at each line that names another machine than the one before: numbered lines, a list a machine."""
    section: list[tuple[int, str]] = []
    current: str | None = None
    for number, line in enumerate(lines, 1):
        host = host_in(line)
        if host and current and host != current:
            yield section
            section = []
        current = host or current
        section.append((number, line))
    yield section
