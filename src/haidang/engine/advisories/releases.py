"""Releases of distributions: one name for each, however advisories, package URLs and builds write it.

A distribution mends a flaw in each of its releases with a build of its own, so that a build of one release says nothing
of another. "debian-12", "bookworm" and "Debian:12" are one release; so are "rhel-9.4", "almalinux-9" and ".el9_4".
"""

from __future__ import annotations

import re

# Names of releases that stand instead of their numbers.
_CODENAMES = {
    "stretch": "debian-9", "buster": "debian-10", "bullseye": "debian-11", "bookworm": "debian-12",
    "trixie": "debian-13", "forky": "debian-14", "trusty": "ubuntu-14.04", "xenial": "ubuntu-16.04",
    "bionic": "ubuntu-18.04", "focal": "ubuntu-20.04", "jammy": "ubuntu-22.04", "noble": "ubuntu-24.04",
}  # fmt: skip
# Rebuilds of Red Hat Enterprise Linux, whose packages carry its mark.
_ENTERPRISE = re.compile(
    r"(?:enterprise[ _]linux\D{0,40}|rhel|redhat|red hat|centos|alma ?linux|rocky ?linux|rocky|oracle ?linux|\bol|\bel)"
    r"[-: _]*(?:server|linux)?[-: _]*(\d+)"
)
_SUSE = re.compile(r"(?:sles|sled|(?:suse[-: ]+)?linux enterprise(?: [a-z ]+?)?)[-: ]*(\d+)(?:[-. ]*(?:sp)?(\d+))?")
_LEAP = re.compile(r"leap[-: ]*(\d+\.\d+)")
_MARK = re.compile(r"\.(el|fc|amzn)(\d+)(?![0-9])")
_NUMBERED = re.compile(
    r"^(debian|ubuntu|alpine|fedora|amzn|photon|wolfi)[-: ]+(?:linux[-: ]*)?v?(\d+(?:\.\d+)?)", re.IGNORECASE
)
_WHOLE = {"debian", "fedora", "amzn"}  # their releases are told by the first number alone


def release_of(text: str) -> str:
    """Give the release that a distribution's name and number, or codename, mean; "" where the text names none."""
    lowered = text.strip().lower()
    if lowered in _CODENAMES:
        return _CODENAMES[lowered]
    if found := _NUMBERED.match(lowered):
        number = found[2].partition(".")[0] if found[1] in _WHOLE else found[2]
        return f"{found[1]}-{number}"
    if found := _ENTERPRISE.search(lowered):
        return f"el{found[1]}"
    if found := _LEAP.search(lowered):
        return f"leap-{found[1]}"
    if found := _SUSE.search(lowered):
        return f"sle-{found[1]}.{found[2] or 0}"
    return re.sub(r"[^a-z0-9.]+", "-", lowered).strip("-") if re.search(r"\d", lowered) else ""


def release_in_build(build: str) -> str:
    """Give the release whose mark a package's build carries (".el9_4.1"); "" where it carries none."""
    found = _MARK.search(build)
    return f"{found[1]}{found[2]}" if found else ""
