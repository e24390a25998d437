"""STIX 2.0 and 2.1: indicators by their patterns; where a bundle has none, the observables themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import orjson

from haidang.engine.errors import UnreadableParcel
from haidang.engine.indicators.indicator import Bulletin, Indicator, IndicatorType, Tlp, frame_of
from haidang.engine.indicators.spelling import address_type, spell
from haidang.engine.indicators.times import read_time
from haidang.engine.records import Source, Unread

ORDER: Final = 10
_HEAD: Final = 4_000
_HASHES: Final[Mapping[str, IndicatorType]] = {"md5": "md5", "sha1": "sha1", "sha256": "sha256"}
_TYPES: Final[Mapping[str, IndicatorType]] = {
    "ipv4-addr:value": "ipv4", "ipv6-addr:value": "ipv6", "domain-name:value": "domain", "url:value": "url",
    "email-addr:value": "email", "email-message:from_ref.value": "email", "email-message:sender_ref.value": "email",
    "file:name": "file_name", "windows-registry-key:key": "registry_key", "hostname:value": "host",
    "network-traffic:dst_ref.value": "ipv4", "network-traffic:src_ref.value": "ipv4",
    "network-traffic:extensions.'http-request-ext'.request_header.host": "domain",
}  # fmt: skip
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<sign>!=|<=|>=|[=<>()\[\],])|"
    r"(?P<path>[a-zA-Z][\w-]*:(?:[\w.\-*\[\]]|'[^']*')+)|(?P<word>[A-Za-z]\w*|-?\d+(?:\.\d+)?))"
)
_LONGEST: Final = 200_000
_DEEPEST: Final = 40
_TLP: Final[Mapping[str, Tlp]] = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}
_STRICTEST: Final[tuple[Tlp, ...]] = ("red", "amber+strict", "amber", "green", "clear")

# A pattern's alternatives, each the things that have to stand together: type and value as written.
Alternatives = list[tuple[tuple[str, str], ...]]


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001
    """Take JSON with STIX's words in its head."""
    head = data[:_HEAD]
    words = (b'"bundle"' in head, b'"spec_version"' in head, b'"pattern"' in head, b'"indicator--' in data)
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")) and any(words)


def read(data: bytes, name: str) -> Bulletin:
    """Read a bundle, one object, or a list of objects."""
    try:
        told = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableParcel(f"{name} is no JSON: {error}") from error
    objects = _latest(one for one in _objects(told, 0) if isinstance(one, dict))
    reader = _Reader(name, objects)
    indicators = list(reader.indicators())
    return Bulletin("STIX 2", frame_of(indicators), tuple(reader.unread))


def _objects(told: object, depth: int) -> Iterator[object]:
    """Give the objects of a bundle, of a list, or of what holds bundles, as a server's whole content does."""
    if depth > _DEEPEST:
        return
    if isinstance(told, list):
        for one in told:
            yield from _objects(one, depth + 1)
    elif isinstance(told, dict):
        if isinstance(told.get("objects"), list):
            yield from told["objects"]
        elif "type" in told:
            yield told
        else:
            for one in told.values():
                yield from _objects(one, depth + 1)


def _latest(objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the latest revision of each object, in the place of the first: one that was revoked is revoked."""
    kept: dict[str, dict[str, Any]] = {}
    for number, one in enumerate(objects):
        name = str(one.get("id", number))
        if name not in kept or str(one.get("modified", "")) >= str(kept[name].get("modified", "")):
            kept[name] = one
    return list(kept.values())


class _Reader:
    """Reads the objects of one bundle, and what they say of each other."""

    def __init__(self, name: str, objects: Sequence[Mapping[str, Any]]) -> None:
        self._name = name
        self._objects = objects
        self._names = {str(one.get("id")): str(one.get("name", "")) for one in objects if one.get("type") == "identity"}
        self._tlp = {
            **_TLP,
            **{str(one.get("id")): _tlp_of(one) for one in objects if one.get("type") == "marking-definition"},
        }
        self.unread: list[Unread] = []

    def indicators(self) -> Iterator[Indicator]:
        """Give the indicators; where no object is one, the observables."""
        are_indicators = any(one.get("type") == "indicator" for one in self._objects)
        for place, one in enumerate(self._objects, 1):
            if one.get("type") == "indicator":
                yield from self._indicator(one, place)
            elif not are_indicators:
                yield from self._observable(one, place)

    def _indicator(self, one: Mapping[str, Any], place: int) -> Iterator[Indicator]:
        if one.get("revoked"):
            self._refuse(place, "đã thu hồi / revoked")
            return
        kind = str(one.get("pattern_type", "stix"))
        if kind != "stix":
            self._refuse(place, f"mẫu {kind[:40]}, không phải dấu hiệu trong nhật ký / a pattern of {kind[:40]}")
            return
        try:
            alternatives = parse_pattern(str(one.get("pattern", "")))
        except ValueError as error:
            self._refuse(place, f"mẫu không dùng được / pattern not used: {error}")
            return
        for number, parts in enumerate(alternatives):
            together = f"{one.get('id', place)}/{number}" if len(parts) > 1 else ""
            yield from self._parts(one, place, parts, together)

    def _parts(
        self, one: Mapping[str, Any], place: int, parts: Sequence[tuple[str, str]], together: str
    ) -> Iterator[Indicator]:
        told = [(spelled, text) for path, text in parts if (spelled := spell_path(path, text))]
        if len(told) < len(parts):
            lost = next((f"{path} = {text}"[:120] for path, text in parts if not spell_path(path, text)), "")
            self._refuse(place, f"phần không tìm được trong nhật ký / not looked for in logs: {lost}")
            return
        for (type_, value), text in told:
            yield Indicator(
                type_,
                value,
                name=str(one.get("name") or one.get("description") or "")[:200],
                publisher=self._names.get(str(one.get("created_by_ref")), ""),
                tlp=self._strictest(one),
                confidence=one["confidence"] if isinstance(one.get("confidence"), int) else None,
                valid_from=read_time(one.get("valid_from")),
                valid_until=read_time(one.get("valid_until")),
                together=together,
                written=text,
                source=Source(self._name, place),
                id=str(one.get("id", "")),
            )

    def _observable(self, one: Mapping[str, Any], place: int) -> Iterator[Indicator]:
        kind = str(one.get("type", ""))
        members = [
            (f"{kind}:value", one.get("value")),
            (f"{kind}:name", one.get("name")),
            (f"{kind}:key", one.get("key")),
        ]
        hashes = one.get("hashes")
        if isinstance(hashes, dict):
            members += [(f"file:hashes.'{name}'", value) for name, value in hashes.items()]
        for path, value in members:
            if isinstance(value, str) and (spelled := spell_path(path, value)):
                yield from self._parts(one, place, [(path, spelled[1])], "")

    def _strictest(self, one: Mapping[str, Any]) -> Tlp:
        refs = one.get("object_marking_refs")
        told = {self._tlp.get(str(ref), "") for ref in refs} if isinstance(refs, list) else set()
        return next((tlp for tlp in _STRICTEST if tlp in told), "")

    def _refuse(self, place: int, why: str) -> None:
        self.unread.append(Unread(Source(self._name, place), why, "indicator"))


def _tlp_of(marking: Mapping[str, Any]) -> Tlp:
    definition = marking.get("definition")
    told = str(definition.get("tlp", "") if isinstance(definition, dict) else "") or str(marking.get("name", ""))
    word = told.lower().removeprefix("tlp:").replace("white", "clear")
    return next((tlp for tlp in _STRICTEST if tlp == word), "")


def spell_path(path: str, text: str) -> tuple[IndicatorType, str] | None:
    """Give the type and spelling of what a path of an object compares; None where logs don't show it."""
    type_ = _TYPES.get(path)
    if path.startswith("file:hashes"):
        name = re.sub(r"[^a-z0-9]", "", path.partition("hashes")[2].lower())
        type_ = _HASHES.get(name)
    if type_ is None:
        return None
    if type_ in ("ipv4", "ipv6"):
        value = spell("cidr", text) if "/" in text else spell("ipv6" if ":" in text else "ipv4", text)
        return (address_type(value), value) if value else None
    value = spell(type_, text)
    return (type_, value) if value else None


def parse_pattern(pattern: str) -> Alternatives:
    """Turn a pattern into alternatives of things that stand together.

    Raises:
        ValueError: it is no pattern, or asks for what one line can't show: an order, a number of times, a likeness.
    """
    tokens = list(_tokens(pattern))
    parser = _Parser(tokens)
    found = parser.either()
    if parser.at < len(tokens):
        raise ValueError(f"“{tokens[parser.at][1][:40]}”")
    return found


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    if len(pattern) > _LONGEST:
        raise ValueError("quá dài / too long")
    at = 0
    pattern = pattern.rstrip()
    while at < len(pattern):
        match = _TOKEN.match(pattern, at)
        if not match:
            raise ValueError(f"“{pattern[at : at + 30]}”")
        yield cast("str", match.lastgroup), match[cast("str", match.lastgroup)]
        at = match.end()


class _Parser:
    """Reads a pattern by recursive descent: either, both, one."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._depth = 0
        self.at = 0

    def either(self) -> Alternatives:
        """Read alternatives parted by OR."""
        found = self._both()
        while self._take("OR"):
            found += self._both()
        return found

    def _both(self) -> Alternatives:
        found = self._one()
        while self._take("AND"):
            others = self._one()
            if len(found) * len(others) > 1_000:
                raise ValueError("quá nhiều tổ hợp / too many combinations")
            found = [tuple(dict.fromkeys((*left, *right))) for left in found for right in others]
        return found

    def _one(self) -> Alternatives:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("lồng quá sâu / too deep")
        closing = {"(": ")", "[": "]"}.get(self._peek()[1])
        if closing:
            self.at += 1
            found = self.either()
            if not self._take(closing):
                raise ValueError(f"thiếu / missing “{closing}”")
        else:
            found = self._comparison()
        self._depth -= 1
        return found

    def _comparison(self) -> Alternatives:
        kind, path = self._peek()
        if kind != "path":
            raise ValueError(f"“{path[:40]}”")
        self.at += 1
        if self._take("="):
            return [((path, self._text()),)]
        if self._take("IN") and self._take("("):
            values = [self._text()]
            while self._take(","):
                values.append(self._text())
            if self._take(")"):
                return [((path, value),) for value in values]
        raise ValueError(f"{path[:60]} {self._peek()[1][:20]}")

    def _text(self) -> str:
        kind, text = self._peek()
        if kind not in ("text", "word"):
            raise ValueError(f"“{text[:40]}”")
        self.at += 1
        return re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "text" else text

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self.at] if self.at < len(self._tokens) else ("end", "")

    def _take(self, word: str) -> bool:
        kind, text = self._peek()
        if kind in ("sign", "word") and text == word:
            self.at += 1
            return True
        return False
