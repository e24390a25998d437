"""MISP: events, lists of them, and answers of its search, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import orjson

from haidang.engine.errors import UnreadableParcel
from haidang.engine.indicators.indicator import Bulletin, Indicator, IndicatorType, Tlp, frame_of
from haidang.engine.indicators.spelling import address_type, spell
from haidang.engine.indicators.times import read_time
from haidang.engine.records import Source, Unread

ORDER: Final = 20
_HEAD: Final = 20_000
# A type of MISP: what its value is; of two values in one, what each is (None: what logs don't show).
_TYPES: Final[Mapping[str, tuple[IndicatorType | None, ...]]] = {
    "ip-src": ("ipv4",),
    "ip-dst": ("ipv4",),
    "ip-src|port": ("ipv4", None),
    "ip-dst|port": ("ipv4", None),
    "domain": ("domain",),
    "hostname": ("domain",),
    "hostname|port": ("domain", None),
    "domain|ip": ("domain", "ipv4"),
    "url": ("url",),
    "link": ("url",),
    "uri": ("url",),
    "email": ("email",),
    "email-src": ("email",),
    "email-dst": ("email",),
    "email-reply-to": ("email",),
    "md5": ("md5",),
    "sha1": ("sha1",),
    "sha256": ("sha256",),
    "filename": ("file_name",),
    "filename|md5": (None, "md5"),
    "filename|sha1": (None, "sha1"),
    "filename|sha256": (None, "sha256"),
    "malware-sample": (None, "md5"),
    "attachment": ("file_name",),
    "regkey": ("registry_key",),
    "regkey|value": ("registry_key", None),
}
_CONFIDENCE: Final = {
    "completely-confident": 100,
    "usually-confident": 75,
    "fairly-confident": 50,
    "rarely-confident": 25,
}


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001
    """Take JSON with MISP's words in its head."""
    head = data[:_HEAD]
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")) and (
        b'"Event"' in head or b'"Attribute"' in head or (b'"Orgc"' in head and b'"info"' in head)
    )


def read(data: bytes, name: str) -> Bulletin:
    """Read events and attributes, those within objects too."""
    try:
        told = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableParcel(f"{name} is no JSON: {error}") from error
    reader = _Reader(name)
    indicators = list(reader.read(told))
    if not reader.seen:
        raise UnreadableParcel(f"{name} holds no event and no attribute of MISP")
    return Bulletin("MISP", frame_of(indicators), tuple(reader.unread))


class _Reader:
    """Walks through events, objects and attributes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.unread: list[Unread] = []
        self.seen = 0

    def read(self, told: object) -> Iterator[Indicator]:
        """Read whatever holds events."""
        if isinstance(told, list):
            for one in told:
                yield from self.read(one)
        elif isinstance(told, dict):
            inner = told.get("response", told.get("Event"))
            if isinstance(inner, (dict, list)):
                yield from self.read(inner)
            else:
                self.seen += "Attribute" in told or "Object" in told
                yield from self._event(told)

    def _event(self, event: Mapping[str, Any]) -> Iterator[Indicator]:
        tags = _tags(event)
        org = event.get("Orgc") or event.get("Org")
        publisher = str(org.get("name", "")) if isinstance(org, dict) else ""
        for attribute in _list(event, "Attribute"):
            yield from self._attribute(attribute, str(event.get("info", "")), publisher, tags)
        for one in _list(event, "Object"):
            if not one.get("deleted"):
                for attribute in _list(one, "Attribute"):
                    yield from self._attribute(attribute, str(event.get("info", "")), publisher, tags)

    def _attribute(
        self, attribute: Mapping[str, Any], info: str, publisher: str, tags: Sequence[str]
    ) -> Iterator[Indicator]:
        self.seen += 1
        place = Source(self._name, self.seen)
        kind, text = str(attribute.get("type", "")), str(attribute.get("value", ""))
        if attribute.get("deleted"):
            return
        if attribute.get("to_ids") in (False, "0", 0):
            self._refuse(place, f"không dùng để phát hiện (to_ids) / not meant for detection: {kind} {text}")
            return
        types = _TYPES.get(kind)
        if types is None:
            self._refuse(place, f"loại không tìm được trong nhật ký / not looked for in logs: {kind}")
            return
        own = [*tags, *_tags(attribute)]
        parts = text.split("|", 1) if len(types) > 1 else [text]
        for type_, part in zip(types, parts, strict=False):
            spelled = _spell(type_, part) if type_ else None
            if spelled:
                yield Indicator(
                    *spelled,
                    name=_family(own) or info,
                    publisher=publisher,
                    tlp=_tlp(own),
                    confidence=next(
                        (number for word, number in _CONFIDENCE.items() if any(word in tag for tag in own)), None
                    ),
                    valid_from=read_time(attribute.get("first_seen")),
                    written=part,
                    source=place,
                    id=str(attribute.get("uuid", "")),
                )
            elif type_:
                self._refuse(place, f"không đúng dạng {type_} / no {type_}: {part}")

    def _refuse(self, place: Source, why: str) -> None:
        self.unread.append(Unread(place, why[:300], "indicator"))


def _spell(type_: IndicatorType, text: str) -> tuple[IndicatorType, str] | None:
    if type_ == "ipv4":
        value = spell("cidr", text) if "/" in text else spell("ipv6" if text.count(":") > 1 else "ipv4", text)
        return (address_type(value), value) if value else None
    if type_ == "url" and "://" not in text:
        text = f"http://{text}"
    value = spell(type_, text)
    return (type_, value) if value else None


def _list(one: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = one.get(name)
    found = [found] if isinstance(found, dict) else found
    return [member for member in found if isinstance(member, dict)] if isinstance(found, list) else []


def _tags(one: Mapping[str, Any]) -> list[str]:
    return [str(tag.get("name", "")).lower() for tag in _list(one, "Tag")]


def _tlp(tags: Sequence[str]) -> Tlp:
    told = {tag.removeprefix("tlp:").replace("white", "clear").strip() for tag in tags if tag.startswith("tlp:")}
    order = ("red", "amber+strict", "amber", "green", "clear")
    return cast("Tlp", next((tlp for tlp in order if tlp in told), ""))


def _family(tags: Sequence[str]) -> str:
    """Give the malware or actor that a galaxy's tag names: `misp-galaxy:malpedia="Emotet"`."""
    named = (tag.partition("=")[2].strip('"') for tag in tags if tag.startswith("misp-galaxy:"))
    return next((name for name in named if name), "")
