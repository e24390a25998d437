"""Microsoft's monthly security documents (CVRF XML): per flaw and product the updates that mend it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from haidang.engine.advisories.ranges import says_nothing
from haidang.engine.advisories.record import VENDOR, Bulletin, Fix, Record, Score, Span, Statement
from haidang.engine.errors import UnreadableParcel
from haidang.engine.records import Source, Unread

ORDER = 20
FORM = "MSRC CVRF"

_CVRF = "{http://www.icasi.org/CVRF/schema/cvrf/1.1}"
_PROD = "{http://www.icasi.org/CVRF/schema/prod/1.1}"
_VULN = "{http://www.icasi.org/CVRF/schema/vuln/1.1}"
_FLAW = re.compile(r"CVE-\d{4}-\d{4,19}|ADV\d{6,8}", re.ASCII)
_KB = re.compile(r"(?:KB)?\s*(\d{6,7})", re.IGNORECASE)
_LINUX = re.compile(
    r"(azl3|cbl2|azl2|cm1|cm2)\s+(\S+)\s+(\S+)\s+on\s+(?:Azure Linux|CBL Mariner)\s+(\d)", re.IGNORECASE
)
_DISTRIBUTION = re.compile(r"(Azure Linux|CBL Mariner) (\d)\.\d (x64|ARM)$")
_BUILD = re.compile(r"(?:(?:app(?:lication)?|build|version|v)\s*)*(\d+(?:\.\d+){1,4}(?:[-.~]\w+)*)[.​]*", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]+>")


def is_mine(data: bytes, name: str) -> bool:  # noqa: ARG001
    """Look for the schema, and for the publisher."""
    return b"icasi.org/CVRF" in data[:4000] and b"secure@microsoft.com" in data[:8000]


def read(data: bytes, name: str) -> Bulletin:
    """Read one document, flaw by flaw.

    Raises:
        UnreadableParcel: it is no sound XML, or holds what no such document does.
    """
    reading = _Reading(name)
    try:
        for _, element in iterparse(io.BytesIO(data), forbid_dtd=True):
            reading.take(element)
    except ParseError as error:
        raise UnreadableParcel(f"{name} is no sound XML: {error}") from error
    except (DefusedXmlException, ValueError) as error:
        raise UnreadableParcel(f"{name} holds entities or a document type, which no such document needs") from error
    # A document that was published empty and stays so is a document too.
    return Bulletin(FORM, tuple(reading.records), unread=tuple(reading.unread))


class _Reading:
    """Takes the elements of one document as they close, and lets go of what it has read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.document = ""
        self.revision = ""
        self.products: dict[str, str] = {}
        self.records: list[Record] = []
        self.unread: list[Unread] = []

    def take(self, element: Element) -> None:
        tag = element.tag
        if tag == f"{_PROD}FullProductName":
            self.products[element.get("ProductID", "")] = (element.text or "").strip()
        elif tag == f"{_CVRF}ID":
            self.document = (element.text or "").strip()
        elif tag == f"{_CVRF}CurrentReleaseDate":
            self.revision = (element.text or "").strip()[:26]
        elif tag == f"{_VULN}Vulnerability":
            self._take_flaw(element)
            element.clear()

    def _take_flaw(self, element: Element) -> None:
        flaw = _text(element, "CVE").upper()
        place = f"/Vulnerability[@Ordinal={element.get('Ordinal', '?')}]"
        if not _FLAW.fullmatch(flaw):  # also what the publisher marks so: “CVE-2023-1 MARINER - DO NOT USE THIS ONE”
            why = f"{place}: lỗ hổng không có mã / a flaw without an id: {flaw[:80]}"
            self.unread.append(Unread(Source(self.name, 1), why, "advisory"))
            return
        notes = {
            note.get("Type", ""): " ".join(_TAGS.sub(" ", note.text or "").split())
            for note in element.iter(f"{_VULN}Note")
        }
        threats = [
            _text(threat, "Description")
            for threat in element.iter(f"{_VULN}Threat")
            if threat.get("Type") == "Exploit Status"
        ]
        dates = [date.text or "" for date in element.iter(f"{_CVRF}Date")]
        self.records.append(
            Record(
                flaw=flaw,
                document=f"msrc/{self.document}/{flaw}",
                publisher=notes.get("CNA", "").lower() or "microsoft",
                rank=VENDOR,
                revision=self.revision,
                title=_text(element, "Title")[:300],
                text=(notes.get("Description") or notes.get("FAQ", ""))[:4000],
                published=min(dates, default="")[:10],
                statements=tuple(self._statements(element, place))
                if flaw.startswith("CVE-") or _is_mended(element)
                else (),
                scores=tuple(_scores(element)),
                exploited=any("Exploited:Yes" in threat for threat in threats),
                urls=(f"https://msrc.microsoft.com/update-guide/vulnerability/{flaw}",),
                file=self.name,
                place=place,
            )
        )

    def _statements(self, element: Element, place: str) -> Iterator[Statement]:
        fixes = self._fixes(element)
        for status in element.iter(f"{_VULN}Status"):
            kind = status.get("Type", "")
            for product in status.findall(f"{_VULN}ProductID"):
                name = self.products.get((product.text or "").strip(), "")
                if not name:
                    why = f"{place}: sản phẩm {product.text} không có tên / a product without a name"
                    self.unread.append(Unread(Source(self.name, 1), why, "advisory"))
                    continue
                own = tuple(fixes.get(product.text or "", ()))
                pointer = f"{place}/ProductStatuses/{product.text}"
                if kind != "Known Affected":
                    unaffected = "Not Affected" in kind or "Fixed" in kind
                    yield Statement(
                        "Microsoft", name, default="unaffected" if unaffected else "unknown", fixes=own, place=pointer
                    )
                else:
                    yield from _affected(name, own, pointer)

    @staticmethod
    def _fixes(element: Element) -> Mapping[str, list[Fix]]:
        """Give the updates and work-arounds of each product."""
        fixes: dict[str, list[Fix]] = {}
        for remediation in element.iter(f"{_VULN}Remediation"):
            fix = _fix(remediation)
            if fix:
                for product in remediation.findall(f"{_VULN}ProductID"):
                    fixes.setdefault((product.text or "").strip(), []).append(fix)
        return fixes


def _is_mended(element: Element) -> bool:
    """Tell an advisory that comes with updates from one that only gives guidance, which no version shows followed."""
    return any(one.get("Type") == "Vendor Fix" for one in element.iter(f"{_VULN}Remediation"))


def _affected(name: str, fixes: tuple[Fix, ...], pointer: str) -> Iterator[Statement]:
    """Say what a product that is affected says of its versions: up to the first fixed build, or of all."""
    linux, distribution = _LINUX.match(name), _DISTRIBUTION.match(name)
    if linux or distribution:
        yield from _linux(name, fixes, pointer)
        return
    spans = [span for fix in fixes for span in _until(fix.build)]
    yield Statement(
        "Microsoft",
        name,
        default="affected" if not spans else "unknown",
        spans=tuple(dict.fromkeys(spans)),
        fixes=fixes,
        place=pointer,
    )


def _until(build: str) -> Iterator[Span]:
    """Say that versions before a build are affected and those from it on are not; other words stay prose."""
    if says_nothing(build):
        return
    builds = [_BUILD.fullmatch(part.strip()) for part in re.split(r"\s*(?:;|&|,|\band\b|/)\s*", build) if part.strip()]
    if not builds or not all(builds):
        yield Span("affected", prose=build[:200])
        return
    for found in builds:
        if found:
            yield Span("affected", "", found[1])
            yield Span("unaffected", found[1], "")


def _linux(name: str, fixes: tuple[Fix, ...], pointer: str) -> Iterator[Statement]:
    """Turn a package of Microsoft's own Linux into a statement on that package."""
    # SOURCE FIELDS: "azl3 kernel 6.6.96.1-1 on Azure Linux 3.0", or a distribution with the package in the fix's words
    found = _LINUX.match(name)
    distribution = _DISTRIBUTION.match(name)
    for fix in fixes or (Fix("none"),):
        package = found[2] if found else fix.text
        family = "azurelinux" if "azure" in name.lower() else "mariner"
        spans: tuple[Span, ...] = (Span("affected", "", found[3] if found else "", high_in=True),)
        if fix.build and not says_nothing(fix.build):
            spans = (Span("affected", "", fix.build), Span("unaffected", fix.build, ""))
        if package and (found or distribution):
            yield Statement(
                "Microsoft",
                f"{name.rsplit(' on ', 1)[-1] if found else name} {package}",
                purls=(f"pkg:rpm/{family}/{package}",),
                spans=spans,
                scheme="rpm",
                fixes=(fix,),
                place=pointer,
            )


def _fix(remediation: Element) -> Fix | None:
    kind = remediation.get("Type", "")
    words = " ".join(_TAGS.sub(" ", _text(remediation, "Description")).split())[:500]
    if kind in ("Workaround", "Mitigation"):
        return Fix("workaround", words)
    if kind == "None Available" or kind == "Will Not Fix":
        return Fix("none", words)
    if kind != "Vendor Fix":
        return None
    number = _KB.fullmatch(words)
    replaced = tuple(dict.fromkeys(_KB.findall(_text(remediation, "Supercedence"))))
    return Fix(
        "update",
        words,
        kb=number[1] if number else "",
        build=_text(remediation, "FixedBuild").strip("\u200b\t "),
        sort=_text(remediation, "SubType"),
        supersedes=replaced,
        url=_text(remediation, "URL"),
    )


def _scores(element: Element) -> Iterator[Score]:
    """Give the highest score of each version of the scale: one flaw is scored product by product."""
    best: dict[str, Score] = {}
    for score in element.iter(f"{_VULN}ScoreSet"):
        vector = _text(score, "Vector")
        found = re.match(r"CVSS:(\d\.\d)/", vector)
        try:
            base = float(_text(score, "BaseScore"))
        except ValueError:
            continue
        version = found[1] if found else "3.0"
        if 0 <= base <= 10 and (version not in best or best[version].base < base):
            best[version] = Score(version, base, vector[:200], "microsoft")
    yield from best.values()


def _text(element: Element, name: str) -> str:
    return (element.findtext(f"{_VULN}{name}") or "").strip()
