"""The slow way to find indicators in a line, one expression a kind: what the fast way has to agree with.

It also serves where the fast way only says that something may be there, and where nothing can be compiled.

What stands in a line:

    IPv4    four decimal numbers to 255 (zeros before them are none of it), not within a longer chain of numbers or
            glued to a letter; a fifth number at its end is a port
    IPv6    as in RFC 4291, in hexadecimal parts; a part that is glued to a word is none of it
    name    labels of letters, digits, hyphens and underscores, and bytes from 0x80 on, parted by single dots. A domain
            is found as the whole name or as its end after a dot; a host or file only as the whole name
    URL     a host, a port that is not the default, a path: an indicator is found where the URL is it, or goes on after
            it with a new part (/ ? # & ; , …)
    mailbox the letters, digits and ._%+- before an @ and a name
    hash    32, 40 or 64 hexadecimal digits, not glued to more letters or digits
    literal whatever else: as it is written, blind to case, between other characters than a name's
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterator
from typing import Final, Protocol

from haidang.engine.hunting import alphabet, kernel

Hit = tuple[int, int, int]  # where in the line it starts and ends, and the number of the value

_NAME: Final = re.compile(rb"[0-9A-Za-z_\-\x80-\xff]+(?:\.[0-9A-Za-z_\-\x80-\xff]+)+")
_QUAD: Final = re.compile(
    rb"(?<![0-9A-Za-z.])\d{1,3}(?:\.\d{1,3}){3}(?=(?:\.\d{1,5})?+(?!\d|[0-9A-Za-z]|\.[0-9A-Za-z]))"
)
_HASH: Final = re.compile(rb"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})(?![0-9A-Za-z])")
_IPV6: Final = re.compile(rb"[0-9A-Fa-f:]*:[0-9A-Fa-f:]*")
_WORD: Final = re.compile(rb"[0-9A-Za-z_\-\x80-\xff]+")
_ESCAPE: Final = re.compile(rb"%[0-9A-Fa-f]{2}|\\(?:[nrtbf]|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})")
_PORT: Final = re.compile(rb"(:\d*)?(?=/|\\/)")
_ALNUM: Final = re.compile(rb"[0-9A-Za-z]")
_GLUED: Final = re.compile(rb"[0-9A-Za-z\x80-\xff]")
_HIVES: Final = {
    "hklm": (rb"hkey_local_machine", rb"\\registry\\machine"),
    "hkcu": (rb"hkey_current_user",),
    "hku": (rb"hkey_users", rb"\\registry\\user"),
    "hkcr": (rb"hkey_classes_root",),
    "hkcc": (rb"hkey_current_config",),
}


class Lookup(Protocol):
    """Where values are looked up; each way gives the numbers of the values found."""

    def networks(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[int]:
        """Find an address and the networks that it lies in."""

    def names(self, name: str, *kinds: int) -> list[int]:
        """Find a name in lower case as entries of some of the kernel's kinds."""

    def urls(self, url: bytes) -> list[int]:
        """Find a URL without its scheme and default port."""

    def words(self, word: bytes) -> list[int]:
        """Find the literals that are looked for by a word."""

    def hashes(self, digits: str) -> list[int]:
        """Find the hash of a file."""

    def value(self, number: int) -> tuple[str, str]:
        """Give the type and the value of a number."""


def find(line: bytes, lookup: Lookup) -> list[Hit]:
    """Find every indicator in a line, in order, each place and value once."""
    found = {
        *_find_quads(line, lookup),
        *_find_ipv6(line, lookup),
        *_find_names(line, lookup),
        *_find_hashes(line, lookup),
        *_find_literals(line, lookup),
    }
    return sorted(found)


def _find_quads(line: bytes, lookup: Lookup) -> Iterator[Hit]:
    for match in _QUAD.finditer(line):
        address = _read_quad(match)
        if address is None:
            continue
        start, end = match.span()
        numbers = lookup.networks(address)
        yield from ((start, end, number) for number in numbers if lookup.value(number)[0] != "url")
        urls = [number for number in numbers if lookup.value(number)[0] == "url"]
        yield from ((start, end, number) for number in urls if is_whole_host(lookup.value(number)[1]))
        if urls:
            yield from _find_urls(line, start, end, lookup)


def _read_quad(match: re.Match[bytes] | None) -> ipaddress.IPv4Address | None:
    parts = [int(part) for part in match[0].split(b".")] if match else [256]
    return ipaddress.IPv4Address(bytes(parts)) if max(parts) < 256 else None


def is_whole_host(url: str) -> bool:
    """Tell whether a URL names no more than a host: then it is found wherever that host is."""
    host, _, path = url.split("://", 1)[1].partition("/")
    port = host.rpartition(":")[2] if ":" in host else ""
    return not path and (not port or port in ("80", "443"))


def _find_urls(line: bytes, start: int, end: int, lookup: Lookup) -> Iterator[Hit]:
    """Find what goes on behind a host that some listed URL has."""
    port = _PORT.match(line, end)
    if not port:
        return
    said = port[1] or b""
    url = line[start:end].lower() + (b"" if said in (b":80", b":443") else said)
    at = port.end()
    stop = at + kernel.LONGEST_URL
    while at < min(stop, len(line)) and line[at] not in alphabet.URL_ENDS:
        if line[at] == ord("\\"):
            if line[at + 1 : at + 2] != b"/":
                return
            at += 1
        url += line[at : at + 1]
        at += 1
        if url.endswith(b"/") or not _goes_on(line, at):
            yield from ((start, at, number) for number in lookup.urls(url))


def _goes_on(line: bytes, at: int) -> bool:
    at += line[at : at + 1] == b"."
    return line[at : at + 1] != b"" and line[at] in alphabet.URL_GOES_ON


def _find_ipv6(line: bytes, lookup: Lookup) -> Iterator[Hit]:
    for match in _IPV6.finditer(line):
        start, end = match.span()
        if match[0].count(b":") < 2 or not 3 <= end - start <= kernel.LONGEST_IPV6:
            continue
        if start and _GLUED.match(line, start - 1):
            start = line.index(b":", start)
            start += line[start + 1 : start + 2] != b":"
        if _GLUED.match(line, end):
            end = line.rindex(b":", start, end) + 1
        if end - start > 2 and line[end - 1 : end] == b":" and line[end - 2 : end - 1] != b":":
            end -= 1
        if line[start : start + 1] == b":" and line[start + 1 : start + 2] != b":":
            start += 1
        last = line.rfind(b":", start, end)
        if last < 0 or _read_quad(_QUAD.match(line, last + 1)):  # ::ffff:192.0.2.1 is found as 192.0.2.1
            continue
        try:
            address = ipaddress.IPv6Address(line[start:end].decode())
        except ValueError:
            continue
        if int(address):  # "::" stands for any address
            yield from ((start, end, number) for number in lookup.networks(address))


def _find_hashes(line: bytes, lookup: Lookup) -> Iterator[Hit]:
    for match in _HASH.finditer(line):
        for number in lookup.hashes(match[0].decode().lower()):
            yield *match.span(), number


def _find_names(line: bytes, lookup: Lookup) -> Iterator[Hit]:
    for match in _NAME.finditer(line):
        start = match.start() + len(match[0]) - len(match[0].lstrip(b"-"))
        end = start + len(line[start : match.end()].rstrip(b"-."))
        if b"." not in line[start:end]:
            continue
        escape = _ESCAPE.match(line, start - 1) if start else None
        behind = escape.end() if escape else start
        starts = [start, *({behind} - {start}), *(at + 1 for at in range(start, end) if line[at] == ord("."))]
        for at in starts:
            yield from _find_name(line, at, end, at == start, at in (start, behind), lookup)
        if start and line[start - 1] == ord("@"):
            yield from _find_mailbox(line, start, end, lookup)


def _find_name(line: bytes, start: int, end: int, is_whole: bool, is_host: bool, lookup: Lookup) -> Iterator[Hit]:
    if start >= end or b"." not in line[start:end]:
        return
    name = to_ascii(line[start:end])
    kinds = (kernel.DOMAIN, kernel.EXACT) if is_whole else (kernel.DOMAIN,)
    yield from ((start, end, number) for number in lookup.names(name, *kinds))
    if is_host and lookup.names(name, kernel.HOST_OF_URL):
        yield from _find_urls(line, start, end, lookup)


def to_ascii(name: bytes) -> str:
    """Write a name in lower case, labels in other letters in their form for the domain name system."""
    if name.isascii():
        return name.decode().lower()
    try:
        return name.decode().lower().encode("idna").decode()
    except UnicodeError:
        return name.decode("latin-1").lower()


def _find_mailbox(line: bytes, start: int, end: int, lookup: Lookup) -> Iterator[Hit]:
    at = start - 1
    while at and line[at - 1] in alphabet.MAILBOX:
        at -= 1
    mailbox = f"{line[at : start - 1].decode()}@{to_ascii(line[start:end])}".lower()
    yield from ((at, end, number) for number in lookup.names(mailbox, kernel.EMAIL))


def _find_literals(line: bytes, lookup: Lookup) -> Iterator[Hit]:
    seen: set[int] = set()
    for word in {match[0].lower() for match in _WORD.finditer(line)}:
        for number in lookup.words(word):
            if number not in seen:
                seen.add(number)
                yield from ((*span, number) for span in find_literal(line, *lookup.value(number)))


def find_literal(line: bytes, type_: str, value: str) -> Iterator[tuple[int, int]]:
    """Find where a value stands as it is written, blind to case, between other characters than a name's."""
    for match in _literal(type_, value).finditer(line):
        yield match.span()


@functools.lru_cache(1_000)
def _literal(type_: str, value: str) -> re.Pattern[bytes]:
    if type_ == "registry_key":
        hive, _, rest = value.partition("\\")
        spellings = b"|".join(
            [re.escape(hive.encode()), *(one.replace(b"\\\\", rb"\\+") for one in _HIVES.get(hive, ()))]
        )
        keys = rb"\\+".join(re.escape(part.encode()) for part in rest.split("\\"))
        pattern = rb"(?<![0-9A-Za-z_\-\x80-\xff])(?:" + spellings + rb")\\+" + keys
    else:
        pattern = rb"(?<![0-9A-Za-z_\-.\x80-\xff])" + re.escape(
            value.split("://")[-1].encode() if type_ == "url" else value.encode()
        )
    return re.compile(pattern + rb"(?![0-9A-Za-z_\-\x80-\xff])(?!\.[0-9A-Za-z_\-\x80-\xff])", re.IGNORECASE)
