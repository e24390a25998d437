"""One spelling for what inventories write in many: processors, kinds of machine, updates, days, CPE names, purls."""

from __future__ import annotations

import datetime as dt
import re

from haidang.engine.text import key

_ARCHES = {
    "x64": "x64 x86_64 x86-64 amd64 em64t intel64 64-bit 64bit x64-based 64",
    "x86": "x86 i386 i486 i586 i686 ia32 32-bit 32bit x86-based 32 i86pc",
    "arm64": "arm64 aarch64 armv8 arm64-based arm64-v8a",
}
_ARCH_OF = {word: arch for arch, words in _ARCHES.items() for word in words.split()}
_NO_ARCH = {"", "all", "any", "noarch", "none", "(none)", "unknown", "neutral", "n/a", "-", "src"}

_KINDS = {
    "server": r"server|may chu|mainframe|\bdc\b|hypervisor",
    "network": r"network|thiet bi mang|switch|router|firewall|tuong lua|access point|bo dinh tuyen|chuyen mach|utm|"
    r"load balancer|can bang tai|wifi|wi-fi|modem|gateway",
    "workstation": r"workstation|may tram|desktop|laptop|notebook|xach tay|de ban|\bpc\b|client|may tinh|"
    r"all in one|tablet|mini pc",
}

_UPDATE = re.compile(r"\b(?:KB|Q)\s?(\d{5,8})(?!\d)|(?<![\w.{-])(\d{6,7})(?![\w.}-])", re.IGNORECASE)
_FILETIME = re.compile(r"01[0-9a-f]{14}", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?|(\d{4})(\d\d)(\d\d)(?:\d{6}.*)?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ ,].*)?")
_EPOCH_OF_FILETIME = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)
_YEARS = range(1990, 2101)

_URL_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:")
_NAMESPACES = {
    "rhel": "redhat",
    "ol": "oracle",
    "opensuse-leap": "opensuse",
    "opensuse-tumbleweed": "opensuse",
    "sles": "suse",
}

_NOTHING = {
    "",
    "n/a",
    "na",
    "-",
    "--",
    "?",
    "none",
    "null",
    "unknown",
    "khong",
    "khong ro",
    "khong co",
    "chua ro",
    "...",
    "noassertion",
}


def is_nothing(text: str) -> bool:
    """Tell what people and programs write where there is nothing to write."""
    return text.strip().lower() in _NOTHING or key(text) in _NOTHING


def something(text: str | None) -> str | None:
    """Give a text stripped, or None when it says nothing."""
    return None if text is None or is_nothing(text) else text.strip()


def arch_of(text: str | None) -> str | None:
    """Give x86, x64 or arm64; another processor as written; None where any would do."""
    bare = (text or "").strip()
    if bare.lower() in _NO_ARCH:
        return None
    lowered = bare.lower().removesuffix(" pc")
    if lowered.startswith("arm") and "64" in lowered:
        return "arm64"
    for word in (lowered, lowered.split(" ")[0], lowered.split(",")[0]):
        if word in _ARCH_OF:
            return _ARCH_OF[word]
    return bare


def kind_of(text: str | None) -> str | None:
    """Give server, workstation, network or other; None when nothing is said."""
    if not text or is_nothing(text):
        return None
    folded = key(text)
    return next((kind for kind, words in _KINDS.items() if re.search(words, folded)), "other")


def updates_in(text: str) -> list[str]:
    """Find the Microsoft updates that a text names, each once, as KB and number: "KB893803v2 - Update" is KB893803."""
    return list(dict.fromkeys(f"KB{found[1] or found[2]}" for found in _UPDATE.finditer(text)))


def day_of(text: str | None, *, american: bool = False) -> str | None:
    """Give a day as 2024-02-09, or as written where it is of no known form; None when there is none.

    Args:
        text: ISO, 20240209, 09/02/2024, or the hexadecimal time of Windows Vista.
        american: whether the month comes first, as WMI writes it.
    """
    bare = (text or "").strip()
    if not bare or is_nothing(bare):
        return None
    if _FILETIME.fullmatch(bare):
        return (_EPOCH_OF_FILETIME + dt.timedelta(microseconds=int(bare, 16) // 10)).date().isoformat()
    if found := _DAY.fullmatch(bare):
        return _iso(*(int(part) for part in found.groups() if part is not None)) or bare
    if found := _SLASHED.fullmatch(bare):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        return _iso(year, first, second) or bare if american else _iso(year, second, first) or bare
    return bare


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return dt.date(year, month, day).isoformat() if year in _YEARS else None
    except ValueError:
        return None


def windows_version(version: str, revision: str) -> str:
    """Put the number of the update behind a build of Windows: 10.0.19045 and 3324 give 10.0.19045.3324."""
    bare = version.strip()
    return f"{bare}.{revision}" if revision.isdigit() and re.fullmatch(r"\d+\.\d+\.\d+", bare) else bare


def lacks_revision(os: str | None, version: str | None) -> bool:
    """Tell a Windows 10 or later whose version doesn't say which update it stands at."""
    if "windows" not in (os or "").lower() or not version:
        return False
    return bool(re.fullmatch(r"10\.0(?:\.\d{4,5})?(?:\s*\(\d+\))?|\d{5}", version.strip()))


def purl_of(kind: str, distribution: str, name: str, version: str, **more: str) -> str:
    """Write a package URL.

    To name a package of Debian 12, write `purl_of("deb", "debian", "curl", "7.88.1-10", distro="debian-12")`.

    References:
        - https://github.com/package-url/purl-spec
    """
    space = _NAMESPACES.get(distribution, distribution)
    qualifiers = "&".join(f"{word}={_encode(value)}" for word, value in sorted(more.items()) if value)
    tail = f"?{qualifiers}" if qualifiers else ""
    return f"pkg:{kind}/{_encode(space)}/{_encode(name)}@{_encode(version)}{tail}"


def _encode(text: str) -> str:
    return "".join(sign if sign in _URL_PLAIN else "".join(f"%{byte:02X}" for byte in sign.encode()) for sign in text)
