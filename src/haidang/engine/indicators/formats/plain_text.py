"""Any text: a list, a line each; or a letter, a report, an annex, out of which addresses and names are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Final

import orjson
import polars as pl

from haidang.engine.errors import UnreadableParcel
from haidang.engine.indicators.indicator import Bulletin, Indicator, IndicatorType, frame_of
from haidang.engine.indicators.many import KINDS, is_right, spell_told
from haidang.engine.indicators.spelling import FILE_ENDINGS, address_type, guess, networks_between, refang, spell
from haidang.engine.records import Source, Unread
from haidang.engine.text import fold

ORDER: Final = 1_000
_COMMENT: Final = re.compile(r"^\s*(?:#|;|//).*$|\s#.*$")
_INVISIBLE: Final = "[\u00ad\u200b-\u200f\u2060\ufeff]"
_HOSTS: Final = re.compile(r"^\s*(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+(\S+)\s*$")
_RANGE: Final = re.compile(r"^\s*([\da-fA-F.:]+)\s*(?:-|–)\s*([\da-fA-F.:]+)\s*$")
_ADBLOCK: Final = re.compile(r"^\|\|([^/^$*]+)\^?(?:\$.*)?$")
_DEFANGED: Final = r"(?:\.|\s?[\[({]\s?(?:\.|dot)\s?[\])}]\s?)"
_URL: Final = re.compile(r"\b(?:h(?:xx|tt|\*\*)ps?|ftp)(?:\[:\]|:)(?:\[//\]|//)[^\s\"'<>«»“”]{4,2000}", re.IGNORECASE)
_EMAIL: Final = re.compile(
    rf"[\w.%+\-]{{1,64}}\s?(?:@|[\[(]@[\])]|[\[(]at[\])])\s?[\w\-]{{1,63}}(?:{_DEFANGED}[\w\-]{{1,63}}){{1,8}}",
    re.IGNORECASE,
)
_QUAD: Final = re.compile(rf"(?<![\w.])\d{{1,3}}(?:{_DEFANGED}\d{{1,3}}){{3}}(?:/\d{{1,2}})?(?!\w|\.\d)", re.IGNORECASE)
_IPV6: Final = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{1,4}:){2,7}(?::?[0-9a-fA-F]{1,4}|:)(?:/\d{1,3})?(?![\w:])")
_HASH: Final = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?![0-9A-Za-z])")
_NAME: Final = re.compile(
    rf"(?<![\w@.\-/\\])[\w\-]{{1,63}}(?:{_DEFANGED}[\w\-]{{1,63}}){{1,8}}(?![\w@\-])", re.IGNORECASE
)
_KEY: Final = re.compile(r"\b(?:HKLM|HKCU|HKU|HKCR|HKEY_[A-Z_]+)\\[^\s\"'<>|,;]{2,400}", re.IGNORECASE)
# Endings of files that are those of domains too: a bare name is a domain only where it is defanged.
_BOTH: Final = frozenset({"sh", "py", "so", "zip", "com", "md", "rs", "pl"})
_VERSION: Final = re.compile(r"(?:phien ban|ban|version|ver\.?|build|release|firmware|\bv)\s*:?\s*$")
_OF_VALUES: Final = re.compile(r"[0-9a-f]{32},[0-9a-f-]{36}\s*\Z")
_DNSMASQ: Final = re.compile(r"^(?:address|server|local)=/([^/]+)/")
_RPZ: Final = re.compile(
    r"^(?:\*\.)?([\w.-]+?)\.?\s+(?:\d+\s+)?(?:IN\s+)?CNAME\s+(?:\.|\*\.|rpz-\S+)\s*$", re.IGNORECASE
)
_ZONE_OF_POLARS: Final = r"(?i)^\$TTL|^\$ORIGIN|\bSOA\b|^\S*\s+(?:\d+\s+)?(?:IN\s+)?NS\s|^[\d\s();]*$"
_ZONE: Final = re.compile(r"^\$TTL|^\$ORIGIN|\bSOA\b|^\s*\S*\s+(?:\d+\s+)?(?:IN\s+)?NS\s", re.IGNORECASE)
_LOOKED_AT: Final = 500  # lines that tell a list from a text
_PLAIN_SHARE: Final = 0.6  # of a list's lines that are values and nothing else
_LONGEST: Final = 20_000


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001
    """Take anything."""
    return True


def read(data: bytes, name: str) -> Bulletin:
    """Read a list, or take out of a text what it names."""
    text = data.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").decode("utf-8", "replace")
    lines = text.splitlines()
    _refuse_what_is_no_text(data, lines, name)
    values = list(islice((line for raw in lines if (line := _COMMENT.sub("", raw).strip())), _LOOKED_AT))
    single = sum(1 for line in values if _of_line(line, Source(name, 0)))
    if any(_ZONE.search(line) for line in values[:50]) or (values and single >= _PLAIN_SHARE * len(values)):
        return _read_list(lines, name)
    found = [one for number, line in enumerate(lines, 1) for one in extract(line[:_LONGEST], Source(name, number))]
    return Bulletin("text", frame_of(found))


def _refuse_what_is_no_text(data: bytes, lines: Sequence[str], name: str) -> None:
    """Refuse what has a form of its own that is not known: its addresses are anything but indicators.

    Raises:
        UnreadableParcel: JSON or XML of no known form, or a feed's list of hashes of values.
    """
    start = data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    if start == b"<":
        raise UnreadableParcel(f"{name} is XML of no form of indicators that is known")
    if start in (b"{", b"["):
        try:
            orjson.loads(data)
        except orjson.JSONDecodeError:
            pass
        else:
            raise UnreadableParcel(f"{name} is JSON of no form of indicators that is known")
    if lines and all(_OF_VALUES.match(line) for line in lines[:20]):
        raise UnreadableParcel(f"{name} lists hashes of values, not of files; give the feed's events")


def _read_list(lines: list[str], name: str) -> Bulletin:
    """Read a list: what is a bare value all at once, the rest line by line."""
    raw = pl.DataFrame({"line": pl.int_range(1, len(lines) + 1, dtype=pl.Int64, eager=True), "raw": lines})
    bare = pl.col("raw").str.replace(_COMMENT.pattern, "").str.replace_all(_INVISIBLE, "").str.strip_chars()
    told = raw.with_columns(text=bare).filter((pl.col("text") != "") & ~pl.col("text").str.starts_with("!"))
    if any(_ZONE.search(line) for line in lines[:50]):
        told = told.filter(~pl.col("text").str.contains(_ZONE_OF_POLARS))
    told = told.with_columns(is_right(told["text"]))
    found = told.filter(pl.col("type").is_not_null())
    frame = frame_of(()).clear()
    columns = {"type": found["type"], "value": found["text"], "line": found["line"]}
    blank = [pl.lit("").alias(one) for one in ("name", "publisher", "tlp", "together", "written", "id")]
    none = [pl.lit(None, dtype=frame.schema[one]).alias(one) for one in ("confidence", "valid_from", "valid_until")]
    right = pl.DataFrame(columns).with_columns(*blank, *none, file=pl.lit(name)).select(frame.columns)
    rest: list[Indicator] = []
    unread: list[Unread] = []
    for number, text in told.filter(pl.col("type").is_null()).select("line", "text").iter_rows():
        source = Source(name, number)
        some = _of_line(text, source) or list(extract(text[:_LONGEST], source))
        rest += some
        if not some:
            unread.append(Unread(source, f"không phải dấu hiệu / no indicator: {text[:100]}", "indicator"))
    return Bulletin("list", pl.concat([right, frame_of(rest)]).sort("line", maintain_order=True), tuple(unread))


def _of_line(line: str, source: Source) -> list[Indicator]:
    """Read a line that is one value: bare, of a hosts file, of an ad blocker's list, or a range."""
    if len(line) > _LONGEST:
        return []
    hosts = _HOSTS.match(line) or _ADBLOCK.match(line) or _DNSMASQ.match(line) or _RPZ.match(line)
    text = hosts[1] if hosts else line
    span = _RANGE.match(text)
    if span:
        return [
            Indicator(address_type(one), one, written=text, source=source) for one in networks_between(span[1], span[2])
        ]
    if hosts:
        value = spell("domain", text)
        return [Indicator("domain", value, written=text, source=source)] if value else []
    told = guess(text) or _of_cells([cell.strip(' "') for cell in re.split(r"[\t,;|]", text)])
    return [Indicator(*told, written=text[:500], source=source)] if told else []


def _of_cells(cells: Sequence[str]) -> tuple[IndicatorType, str] | None:
    """Read a row without headings: the value behind the cell that names a type, else the first cell."""
    for kind, value in pairwise(cells):
        if kind.lower() in KINDS and (told := spell_told(KINDS[kind.lower()], value)):
            return told
    return guess(cells[0]) if len(cells) > 1 else None


def extract(text: str, source: Source) -> Iterator[Indicator]:
    """Take out of a text what it names, each stretch once: URLs before the hosts in them."""
    left = text
    kinds: tuple[tuple[re.Pattern[str], IndicatorType], ...] = (
        (_URL, "url"), (_EMAIL, "email"), (_KEY, "registry_key"), (_HASH, "md5"), (_QUAD, "ipv4"), (_IPV6, "ipv6"),
        (_NAME, "domain"),
    )  # fmt: skip
    seen: set[tuple[str, str]] = set()
    for pattern, type_ in kinds:
        for match in pattern.finditer(left):
            if type_ == "ipv4" and _VERSION.search(fold(left[max(0, match.start() - 20) : match.start()])):
                continue
            told = _told(type_, match[0])
            if told and told not in seen:
                seen.add(told)
                yield Indicator(*told, written=match[0], source=source)
        left = pattern.sub(lambda match: " " * len(match[0]), left)


def _told(type_: IndicatorType, text: str) -> tuple[IndicatorType, str] | None:
    text = text.rstrip(".,;:!?)]}") if type_ in ("url", "registry_key") else text
    if type_ == "md5":
        return guess(text)
    if type_ in ("ipv4", "ipv6"):
        value = spell("cidr", text) if "/" in text else spell(type_, text)
        return (address_type(value), value) if value else None
    if type_ == "domain":
        return _name(text)
    value = spell(type_, text)
    return (type_, value) if value else None


def _name(text: str) -> tuple[IndicatorType, str] | None:
    """Tell a domain from a file and from a word with a dot in it."""
    plain = refang(text)
    ending = plain.rpartition(".")[2].lower()
    is_defanged = plain != text
    if not is_defanged and not text.isascii():
        return None
    if (ending in FILE_ENDINGS or ending in _BOTH) and not (is_defanged and ending in _BOTH):
        value = spell("file_name", plain)
        return ("file_name", value) if value and not is_defanged else None
    value = spell("domain", plain)
    is_likely = is_defanged or (ending.isalpha() and 2 <= len(ending) <= 12 and plain.islower() and "_" not in plain)
    return ("domain", value) if value and ending.isalpha() and len(ending) > 1 and is_likely else None
