"""Versions as the branches of a product tree name them: the vers: notation, and what publishers write in its place."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from haidang.engine.advisories.identifiers import decoded
from haidang.engine.advisories.ranges import from_text
from haidang.engine.advisories.record import Span, Status
from haidang.engine.text import fold, squeeze

_VERS = re.compile(r"vers:([a-z0-9.+-]+)/(.*)", re.IGNORECASE | re.DOTALL)
_OPERATOR = re.compile(r"(<=|>=|=<|=>|!=|==|<|>|=|≤|≥)")
_SAME_OPERATOR = {"=<": "<=", "≤": "<=", "=>": ">=", "≥": ">=", "==": "="}
# What vers calls its schemes → what publishers call them elsewhere; "all" and "generic" promise no order.
_SCHEMES = {"all": "", "generic": "", "none": "", "unknown": "", "gem": "rubygems", "golang": "go", "cargo": "semver",
            "composer": "packagist", "github": "semver"}  # fmt: skip
_EVERYTHING = re.compile(r"\*|all|any|(?:all|any)(?: (?:software|firmware))? (?:versions?|releases?)\.?", re.IGNORECASE)
_LEAD = re.compile(r"(?:all )?(?:(?:software|firmware) )?(?:versions?|releases?|ver\.?)?:?", re.IGNORECASE)
_EXACT_LEAD = re.compile(r"(?:versions?|releases?|ver\.)[:\s]\s*(?=\S)", re.IGNORECASE)
_LINE = re.compile(r"(?:all )?([vV]?\d+(?:\.\d+)*)(?:\.[xX*])? (?:all )?(?:versions|releases)", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:\s*[|,;&]+|\s+(?:and|or))?\s*$", re.IGNORECASE)
_LIST = re.compile(r"\s*[|,;]\s*|\s+and\s+", re.IGNORECASE)
_FIRST_PIECE = re.compile(r"[a-z]{0,4}[.-]?\d[\w.+~:-]*(?:\(\w+\)\w*)*(?:\.\*)?", re.IGNORECASE)
# Words that may follow a version's numbers and say more about it, with or without a number of their own.
_QUALIFIER = (
    r"(?:p|patch|sp|service|pack|servicepack|update|upd|u|build|bld|b|hf|hotfix|hotfixrev|cu|tcu|mr|r|s|ap|qu|fp|feature"
    r"|featurepack|fixpack|fix|sr|mp|rev|ru|uc|rc|beta|alpha|kit|release|rel|ga|lts)"
)
_BARE_QUALIFIER = re.compile(_QUALIFIER, re.IGNORECASE)
_COUNTED_QUALIFIER = re.compile(rf"{_QUALIFIER}[.-]?\d[\w.]*", re.IGNORECASE)
_COUNT = re.compile(r"\d[\w.]*")
# Two versions with a hyphen between, or the placeholders of a serial number: no one version.
_NO_VERSION = re.compile(r"-\s*[vV]?\d+\.\d|-[vV]\d|^\d+-\d+$|[xX*]{3}")
_NUMBERS = re.compile(r"[vV]?(?:(\d+)[:!])?(\d+(?:\.\d+)*)")  # an epoch, and plain numbers
_MOST_CHARACTERS = 300


class Versions(NamedTuple):
    """What a branch's name says about versions: how they compare, where that is said, and the spans."""

    scheme: str
    spans: tuple[Span, ...]


@functools.lru_cache(maxsize=100_000)
def read_versions(text: str, status: Status, product: str = "") -> Versions:
    """Read the name of a branch of versions; what is not unambiguous stays prose.

    Args:
        text: as written: "vers:npm/>=2.2.0|<2.3.0", "<V2.3", ">= 1.0 | <= 1.6", "FortiOS/7.4 all versions".
        status: what is said of these versions.
        product: the product's name, which some publishers write before the versions once more.

    Returns:
        At least one span.
    """
    scheme, bare = "", squeeze(text)
    if found := _VERS.fullmatch(bare):
        written = found[1].lower()
        scheme, bare = _SCHEMES.get(written, written), squeeze(decoded(found[2]))
    bare = _without_product(bare, product).rstrip(".;,| ")
    spans = _read(bare, status) if bare and len(bare) <= _MOST_CHARACTERS else None
    return Versions(scheme, spans or (Span(status, prose=squeeze(text)[:_MOST_CHARACTERS] or "-"),))


def is_version(text: str) -> bool:
    """Tell a text that is one version, with its service pack, update or build, from any other text."""
    first, *rest = re.split(r"[_\s]+", text)
    if not _FIRST_PIECE.fullmatch(first) or _NO_VERSION.search(first):
        return False
    counted = True  # whether the last qualifier has its number
    for piece in rest:
        if _BARE_QUALIFIER.fullmatch(piece):
            counted = False
        elif _COUNTED_QUALIFIER.fullmatch(piece) or (not counted and _COUNT.fullmatch(piece)):
            counted = True
        else:
            return False
    return True


def _without_product(text: str, product: str) -> str:
    if product and fold(text).startswith(fold(product)) and text[len(product) : len(product) + 1] in ("/", ":", " "):
        return text[len(product) :].lstrip("/: ")
    return text


def _read(text: str, status: Status) -> tuple[Span, ...] | None:
    if _EVERYTHING.fullmatch(text):
        return (Span(status),)
    if found := _LINE.fullmatch(text):
        return (_one(f"{found[1]}.*", status),)
    if _OPERATOR.search(text):
        return _from_constraints(text, status)
    bare = _EXACT_LEAD.sub("", text, count=1)
    versions = _LIST.split(bare)
    if all(is_version(version) for version in versions):
        return tuple(_one(version, status) for version in versions)
    spans = from_text(text, status)
    ends = [end for span in spans for end in (span.low, span.high) if end]
    return spans if all(not span.prose for span in spans) and ends and all(map(is_version, ends)) else None


def _one(version: str, status: Status) -> Span:
    return Span(status, version, version, high_in=True)


def _from_constraints(text: str, status: Status) -> tuple[Span, ...] | None:
    """Read ">=1.0|<1.4", "1.1 | >= 2.0 <= 2.3", "<1.2|>=2.0": in the order of the versions, as vers has it."""
    before, *rest = _OPERATOR.split(text)
    before = _BETWEEN.sub("", before)
    spans: list[Span] = []
    if not _LEAD.fullmatch(before):
        exact = _LIST.split(before)
        # "1.0 <= 2.0" is neither a list nor a range.
        if not text[len(before) :].lstrip().startswith("|") or not all(map(is_version, exact)):
            return None
        spans += [_one(version, status) for version in exact]
    reader = _Constraints(status, spans)
    for operator, words in zip(rest[::2], rest[1::2], strict=True):
        joint = _BETWEEN.search(words)
        version, *more = _LIST.split(words[: joint.start()] if joint else words)
        exact_joint = joint[0].strip() if joint else ""
        if not reader.take(_SAME_OPERATOR.get(operator, operator), version.strip(), exact_joint):
            return None
        for one in more:
            if not reader.take("=", one.strip(), exact_joint):
                return None
    return reader.finish()


class _Constraints:
    """Joins comparisons, in their order, into spans; refuses what does not follow from the order."""

    def __init__(self, status: Status, spans: list[Span]) -> None:
        self.status: Status = status
        self.spans = spans
        self.low: tuple[str, bool] | None = None
        self.joint = "|"

    def take(self, operator: str, version: str, joint: str) -> bool:
        """Take one comparison, and what stands between it and the next; False where it makes no sense."""
        if not is_version(version):
            return False
        sound = {
            ">": lambda: self._begin(version, included=False),
            ">=": lambda: self._begin(version, included=True),
            "<": lambda: self._end(version, included=False),
            "<=": lambda: self._end(version, included=True),
            "=": lambda: self._exactly(version),
            "!=": lambda: self._leave_out(version),
        }[operator]()
        self.joint = joint.lower()
        return sound

    def finish(self) -> tuple[Span, ...]:
        if self.low:
            self.spans.append(Span(self.status, self.low[0], "", self.low[1]))
        return tuple(self.spans)

    def _begin(self, version: str, *, included: bool) -> bool:
        if self.low or (self.spans and (self.joint not in ("|", "||", "or") or not self._follows(version))):
            return False
        self.low = version, included
        return True

    def _end(self, version: str, *, included: bool) -> bool:
        if self.low is None and self.spans:
            return False
        low, low_in = self.low or ("", True)
        if low and not _in_order(low, version):
            return False
        self.spans.append(Span(self.status, low, version, low_in, included))
        self.low = None
        return True

    def _exactly(self, version: str) -> bool:
        if self.low:
            return False
        self.spans.append(_one(version, self.status))
        return True

    def _leave_out(self, version: str) -> bool:
        if self.low is None and self.spans:
            return False
        low, low_in = self.low or ("", True)
        self.spans.append(Span(self.status, low, version, low_in))
        self.low = version, False
        return True

    def _follows(self, version: str) -> bool:
        """Tell whether a version lies behind all said before: "<= 1.4 | >= 1.0" is not two ranges but a slip."""
        last = self.spans[-1].high
        return _in_order(last, version)


def follows(low: str, high: str) -> bool:
    """Tell whether plain numbers say that the second version comes behind the first."""
    one, other = _NUMBERS.match(low), _NUMBERS.match(high)
    return one is not None and other is not None and _parts(one) < _parts(other)


def _in_order(low: str, high: str) -> bool:
    """Tell whether two versions follow each other, as far as plain numbers can tell; what they can't tell passes."""
    one, other = _NUMBERS.match(low), _NUMBERS.match(high)
    return one is None or other is None or _parts(one) <= _parts(other)


def _parts(found: re.Match[str]) -> list[int]:
    return [int(found[1] or 0), *(int(part) for part in found[2].split("."))]
