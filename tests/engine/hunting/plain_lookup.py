"""Values in dictionaries: what the hash table of the engine has to agree with."""

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterable

from haidang.engine.hunting import kernel
from haidang.engine.hunting.index import anchor
from haidang.engine.hunting.plain import is_whole_host

_NAME = re.compile(r"[0-9A-Za-z_](?:[0-9A-Za-z_\-]|\.[0-9A-Za-z_\-])*\.[0-9A-Za-z_\-]*[0-9A-Za-z_]\Z")
_QUAD = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}\Z")
_KINDS = {"domain": kernel.DOMAIN, "host": kernel.EXACT, "file_name": kernel.EXACT, "email": kernel.EMAIL}


class Dictionaries:
    """The same questions as an index answers, answered from dictionaries and lists of networks."""

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        self._values = list(values)
        self._networks: list[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, int]] = []
        self._names: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._urls: dict[bytes, list[int]] = defaultdict(list)
        self._words: dict[bytes, list[int]] = defaultdict(list)
        self._hashes: dict[str, list[int]] = defaultdict(list)
        for number, (type_, value) in enumerate(self._values):
            self._add(number, type_, value)

    def _add(self, number: int, type_: str, value: str) -> None:
        if type_ in ("ipv4", "ipv6", "cidr"):
            self._networks.append((ipaddress.ip_network(value), number))
        elif type_ in ("md5", "sha1", "sha256"):
            self._hashes[value].append(number)
        elif type_ == "email" or (type_ in _KINDS and _NAME.match(value)):
            self._names[value, _KINDS[type_]].append(number)
        elif type_ == "url" and self._add_url(number, value):
            pass
        else:
            self._words[anchor(type_, value).encode()].append(number)

    def _add_url(self, number: int, value: str) -> bool:
        place = value.split("://", 1)[1]
        host, _, path = place.partition("/")
        name, colon, port = host.partition(":")
        if _QUAD.match(name):
            self._networks.append((ipaddress.ip_network(name), number))
        elif not _NAME.match(name):
            return False
        elif is_whole_host(value):
            self._names[name, kernel.EXACT].append(number)
        else:
            self._names[name, kernel.HOST_OF_URL].append(number)
        if not is_whole_host(value):
            said = "" if port in ("80", "443") else colon + port
            self._urls[f"{name}{said}/{path}".encode()].append(number)
        return True

    def value(self, number: int) -> tuple[str, str]:
        return self._values[number]

    def networks(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[int]:
        return [number for network, number in self._networks if address in network]

    def names(self, name: str, *kinds: int) -> list[int]:
        return [number for kind in kinds for number in self._names[name, kind]]

    def urls(self, url: bytes) -> list[int]:
        return self._urls[url]

    def words(self, word: bytes) -> list[int]:
        return self._words[word]

    def hashes(self, digits: str) -> list[int]:
        return self._hashes[digits]
