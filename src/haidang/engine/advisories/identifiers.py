"""Names that many publishers share: CPE, package URL, CVE id; and the short names of publishers."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_CVE = re.compile(r"CVE-\d{4}-\d{4,19}", re.ASCII)
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?([^/:?#\s]+)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|[\w.+-]+@)([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
# Labels under which a country registers names, so that the publisher's own label is the one before.
_SECOND_LEVEL = {"co", "com", "org", "net", "gov", "go", "gouv", "ac", "edu", "or", "ne", "bund", "mil"}
_PURL = re.compile(r"pkg:/*([A-Za-z][A-Za-z0-9.+-]*)/([^@?#]+?)/*(?:@([^?#]*))?(?:\?([^#]*))?(?:#.*)?")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_UNSAFE = re.compile(r"[^A-Za-z0-9._~/:-]")
_MOST_CHARACTERS = 2_000
# Parts of a version, or of one file, in a package URL's qualifiers.
_VERSION_QUALIFIERS = {"epoch", "checksum", "download_url", "vcs_url", "upstream"}

# Type of package URL → how its versions compare, as publishers call it.
PURL_SCHEMES: Mapping[str, str] = {
    "rpm": "rpm",
    "deb": "deb",
    "apk": "apk",
    "alpm": "alpm",
    "pypi": "pypi",
    "npm": "npm",
    "maven": "maven",
    "golang": "go",
    "cargo": "semver",
    "nuget": "nuget",
    "gem": "rubygems",
    "composer": "packagist",
    "hex": "semver",
    "pub": "semver",
    "swift": "semver",
}


class Purl(NamedTuple):
    """A package URL taken apart: type, namespace and name decoded, version, qualifiers in their order."""

    kind: str
    namespace: str
    name: str
    version: str
    qualifiers: tuple[tuple[str, str], ...]


def decoded(text: str) -> str:
    """Undo percent-encoding; bytes that are no UTF-8 become marks of replacement."""
    if "%" not in text:
        return text
    return _PERCENT.sub(lambda run: bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "replace"), text)


def encoded(text: str) -> str:
    """Percent-encode what may not stand in a package URL's name."""
    return _UNSAFE.sub(lambda one: "".join(f"%{byte:02X}" for byte in one[0].encode("utf-8", "replace")), text)


def is_cve(text: str) -> bool:
    """Tell a CVE id."""
    return bool(_CVE.fullmatch(text))


def only_cve(ids: Iterable[str]) -> str:
    """Give the CVE id among ids when there is exactly one; else empty."""
    found = {one.strip().upper() for one in ids if is_cve(one.strip().upper())}
    return found.pop() if len(found) == 1 else ""


@functools.lru_cache(maxsize=100_000)
def parse_purl(text: str) -> Purl | None:
    """Take a package URL apart; None when it is none."""
    found = _PURL.fullmatch(text.strip()) if len(text) <= _MOST_CHARACTERS else None
    if not found:
        return None
    kind, path, version, qualifiers = found.groups()
    namespace, _, package = path.rpartition("/")
    pairs = [pair.partition("=") for pair in (qualifiers or "").split("&") if "=" in pair]
    return Purl(
        kind.lower(),
        decoded(namespace),
        decoded(package),
        decoded(version or ""),
        tuple((key.lower(), decoded(value)) for key, _, value in pairs),
    )


def bare_purl(text: str) -> str:
    """Give a package URL without its version; empty when it is none."""
    purl = parse_purl(text)
    if purl is None:
        return ""
    kept = "&".join(f"{key}={encoded(value)}" for key, value in purl.qualifiers if key not in _VERSION_QUALIFIERS)
    path = encoded(f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name)
    return f"pkg:{purl.kind}/{path}{'?' if kept else ''}{kept}"


def purl_version(purl: Purl) -> str:
    """Give the version of a package URL, with its epoch where it is an RPM's or a DEB's."""
    epoch = dict(purl.qualifiers).get("epoch", "")
    return f"{epoch}:{purl.version}" if epoch and purl.version and ":" not in purl.version else purl.version


def host_of(address: str) -> str:
    """Give the host of an address, lower case; empty when there is none."""
    found = _HOST.match(address.strip()[:_MOST_CHARACTERS])
    return found[1].lower() if found and "." in found[1] else ""


def short_name(host: str) -> str:
    """Give the short name of whoever owns a host: "www.cisa.gov" is "cisa", "fortiguard.fortinet.com" is "fortinet"."""
    labels = host.lower().strip(".").split(".")
    place = -3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else -2
    return labels[place] if len(labels) >= -place else host.lower()


def publisher_in(contact: str) -> str:
    """Give the short name of whoever a contact text belongs to, by its first address; empty when there is none."""
    found = _ADDRESS.search(contact[:_MOST_CHARACTERS])
    return short_name(found[1]) if found else ""
