"""OpenIOC 1.0 and 1.1: trees of terms; either of them, or all together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from haidang.engine.errors import UnreadableParcel
from haidang.engine.indicators.indicator import Bulletin, Indicator, IndicatorType, frame_of
from haidang.engine.indicators.spelling import address_type, spell
from haidang.engine.records import Source, Unread

ORDER: Final = 30
_HEAD: Final = 4_000
_TERMS: Final[Mapping[str, IndicatorType]] = {
    "PortItem/remoteIP": "ipv4",
    "Network/DNS": "domain",
    "Network/URI": "url",
    "DnsEntryItem/RecordName": "domain",
    "DnsEntryItem/Host": "domain",
    "DnsEntryItem/RecordData/IPv4Address": "ipv4",
    "RouteEntryItem/Destination": "ipv4",
    "UrlHistoryItem/URL": "url",
    "UrlHistoryItem/HostName": "domain",
    "FileItem/Md5sum": "md5",
    "FileItem/Sha1sum": "sha1",
    "FileItem/Sha256sum": "sha256",
    "FileItem/FileName": "file_name",
    "RegistryItem/KeyPath": "registry_key",
    "RegistryItem/Path": "registry_key",
    "Email/From": "email",
    "ProcessItem/name": "file_name",
    "DriverItem/DriverName": "file_name",
    "ServiceItem/serviceDLLmd5sum": "md5",
    "Network/HTTP_Referr": "url",
}
_DEEPEST: Final = 40
_MOST: Final = 1_000
Terms = tuple[Element, ...]


def is_mine(data: bytes, name: str) -> bool:
    """Take XML of OpenIOC, and files named .ioc that look like XML."""
    head = data[:_HEAD].lower()
    return b"<ioc" in head or b"<openioc" in head or (name.lower().endswith(".ioc") and head.lstrip().startswith(b"<"))


def read(data: bytes, name: str) -> Bulletin:
    """Read a document.

    Raises:
        UnreadableParcel: it is no XML, or tries what no honest document does.
    """
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnreadableParcel(f"{name} is no XML that can be read: {error}") from error
    about = next((one.text or "" for one in root.iter() if _tag(one) == "short_description"), "")
    author = next((one.text or "" for one in root.iter() if _tag(one) == "authored_by"), "")
    unread: list[Unread] = []
    found: list[Indicator] = []
    tops = [one for one in root.iter() if _tag(one) in ("definition", "criteria")]
    for top in tops:
        try:
            alternatives = _alternatives(top, 0)
        except ValueError as error:
            unread.append(Unread(Source(name, 0), str(error), "indicator"))
            continue
        for number, terms in enumerate(alternatives):
            found += _indicators(
                terms, f"{root.get('id', name)}/{number}", Source(name, number + 1), (about, author), unread
            )
    return Bulletin("OpenIOC", frame_of(found), tuple(unread))


def _tag(one: Element) -> str:
    return str(one.tag).rpartition("}")[2]


def _alternatives(node: Element, depth: int) -> list[Terms]:
    """Give what has to stand together, alternative by alternative."""
    if depth > _DEEPEST:
        raise ValueError("lồng quá sâu / nested too deep")
    if _tag(node) == "IndicatorItem":
        return [(node,)]
    children = [_alternatives(child, depth + 1) for child in node if _tag(child) in ("Indicator", "IndicatorItem")]
    if node.get("operator", "OR").upper() != "AND":
        return [terms for child in children for terms in child]
    found: list[Terms] = [()]
    for child in children:
        if len(found) * len(child) > _MOST:
            raise ValueError("quá nhiều tổ hợp / too many combinations")
        found = [(*left, *right) for left in found for right in child]
    return [terms for terms in found if terms]


def _indicators(
    terms: Terms, together: str, source: Source, told: tuple[str, str], unread: list[Unread]
) -> list[Indicator]:
    found: list[Indicator] = []
    for term in terms:
        spelled = _spell(term)
        if not spelled:
            why = f"không tìm được trong nhật ký / not looked for in logs: {_words(term)}"
            unread.append(Unread(source, why[:300], "indicator"))
            return []  # what is left of a pattern would find the innocent
        type_, value, written = spelled
        part = together if len(terms) > 1 else ""
        found.append(
            Indicator(
                type_, value, told[0], told[1], together=part, written=written, source=source, id=term.get("id", "")
            )
        )
    return found


def _words(term: Element) -> str:
    context = next((child for child in term if _tag(child) == "Context"), None)
    content = next((child for child in term if _tag(child) == "Content"), None)
    search = context.get("search", "") if context is not None else ""
    return f"{search} {term.get('condition', 'is')} {(content.text or '') if content is not None else ''}".strip()


def _spell(term: Element) -> tuple[IndicatorType, str, str] | None:
    if term.get("condition", "is") not in ("is", "contains") or term.get("negate", "false") == "true":
        return None
    search, _, text = _words(term).partition(f" {term.get('condition', 'is')} ")
    type_ = _TERMS.get(search)
    if type_ is None or (term.get("condition") == "contains" and type_ not in ("domain", "url", "registry_key")):
        return None
    if type_ == "ipv4":
        value = spell("cidr", text) if "/" in text else spell("ipv6" if text.count(":") > 1 else "ipv4", text)
        return (address_type(value), value, text) if value else None
    value = spell(type_, text)
    return (type_, value, text) if value else None
