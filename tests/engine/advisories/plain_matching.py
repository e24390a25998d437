"""The matcher once more, slow and plain: each pair of machine and flaw by itself, in the words of docs/matching.md.

The fast matcher must say the same of any records and any inventory. Nothing here uses its code but the readers' records, the
names of products, the order of versions and the components that inventory rows become. Sections have the page's headings.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from haidang.engine.advisories.descriptions import versions_after
from haidang.engine.advisories.identifiers import parse_purl
from haidang.engine.advisories.installed import DISTRIBUTION, NAME_ONLY, NO_BUILD_SHOWN, Component, Known
from haidang.engine.advisories.products import (
    Identity,
    ProductRules,
    Products,
    arches_in,
    is_nothing,
    plain_name,
    purl_key,
    split_name,
    systems_in,
)
from haidang.engine.advisories.record import NUMBERING, Fix, Record, Span, Statement
from haidang.engine.advisories.releases import release_in_build, release_of
from haidang.engine.advisories.versions import interval, scheme_name
from haidang.engine.advisories.versions.bytekeys import END
from haidang.engine.advisories.windows import Line, Windows
from haidang.engine.cpe import parse_cpe

Verdict = tuple[str, str]  # (state, why)

# The worse the later.
SEVERITY = ("not_present", "fixed", "cannot_tell", "affected")
WORSE_STATUS = ("unaffected", "unknown", "affected")
SILENT = ("prose", "not_spoken_of", "unreadable_version", "out_of_support")
# The order of the bits in which components tell processors and systems.
ARCHES = ("x86", "x64", "arm64", "arm", "ia64")
SYSTEMS = ("windows", "linux", "macos", "android", "ios")
PACKAGES = ("pkg:deb/", "pkg:rpm/", "pkg:apk/", "pkg:alpm/")
NO_RULES = ProductRules("")
FIRST, ABOVE_ALL = b"", b"\xff\xff"
# Documents of many flaws: family → how many words name the document itself.
OF_MANY_FLAWS = {"csaf": 3, "cvrf": 3, "msrc": 2}


class Stretch(NamedTuple):
    """A span, ends laid out: low counted in, high left out. Prose has no ends that count.

    `ends_mended`: it ends in the first mended version; `begins_mended`: it begins with one; `left_out`: the version as written
    right after which it begins; `counted_in`: the one as written with which it ends.
    """

    status: str
    low: bytes = FIRST
    high: bytes = ABOVE_ALL
    ends_mended: bool = False
    begins_mended: bool = False
    left_out: bytes | None = None
    counted_in: bytes | None = None
    prose: bool = False

    def touches(self, version: Shown) -> bool:
        return not self.prose and self.low < version.high and version.low < self.high and self.left_out != version.low

    def holds(self, version: Shown) -> bool:
        ends_after = version.high <= self.high or self.counted_in == version.low
        return self.touches(version) and self.low <= version.low and ends_after

    def ends_below(self, version: Shown) -> bool:
        return not self.prose and self.high <= version.low

    def begins_by(self, version: Shown) -> bool:
        return not self.prose and self.low <= version.low

    def covers_everything(self) -> bool:
        return not self.prose and self.low == FIRST and self.high == ABOVE_ALL


class Shown(NamedTuple):
    """All the versions that what an inventory shows may stand for."""

    low: bytes
    high: bytes


@dataclass(frozen=True)
class Told:
    """A statement, understood: which product it means, and what it says of versions."""

    rank: int
    names: tuple[Identity, ...]
    kind: str = ""
    spans: tuple[Stretch, ...] = ()
    default: str = "unknown"
    left_standing: bool = False
    rules: ProductRules = NO_RULES
    lists_versions: bool = False
    arches: frozenset[str] = frozenset()
    systems: frozenset[str] = frozenset()
    of_a_part: bool = False
    parts: frozenset[str] = frozenset()
    update_without_build: bool = False
    mending: tuple[frozenset[str], ...] = ()
    on_ladder: bool = False
    epochs: frozenset[str] = frozenset()
    out_of_support: bool = False

    @property
    def keys(self) -> list[str]:
        return [name.key for name in self.names]


class Said(NamedTuple):
    """What one statement comes to beside one component; `speaks`: a span of it decides, or would if it could be read."""

    state: str
    why: str
    speaks: bool


# 1. From a document to statements


def records_that_count(records: Iterable[Record]) -> list[Record]:
    """Revisions: of one document the latest counts, whole; a withdrawn record says nothing."""
    latest: dict[str, str] = {}
    for record in records:
        document = document_of(record)
        latest[document] = max(latest.get(document, ""), record.revision)
    counted = [record for record in dict.fromkeys(records) if record.revision == latest[document_of(record)]]
    counted.sort(key=lambda record: (record.rank, record.document, record.place))
    rejected = {record.flaw for record in counted if record.withdrawn and record.rank == NUMBERING}
    alive = [record for record in counted if not record.withdrawn]
    return [record for record in alive if record.rank < NUMBERING or record.flaw not in rejected]


def document_of(record: Record) -> str:
    """A document of many flaws (CSAF, CVRF, Microsoft's months) is one; its records are told apart by their flaw."""
    whole = re.sub(r"~\d+$", "", record.document).removesuffix(f"/{record.flaw}")
    words = OF_MANY_FLAWS.get(whole.partition("/")[0], 0)
    return whole if words and whole.count("/") >= words - 1 else record.document


def without_commits(statements: Sequence[Statement]) -> list[Statement]:
    """Commits are left out where the same product is told by versions as well."""
    by_version = {(told.vendor, told.product) for told in statements if told.scheme != "git"}
    return [told for told in statements if told.scheme != "git" or (told.vendor, told.product) not in by_version]


def mentions(record: Record, names: Sequence[str], products: Products) -> list[tuple[Identity, tuple[Span, ...]]]:
    """Words instead of fields: the products that a record's words name, each with the versions that follow its first name.

    The longest name that fits counts; one of a single short word is not looked for.
    """
    longest_first = sorted((name for name in names if len(name) > 4 or " " in name), key=len, reverse=True)
    found: dict[Identity, tuple[Span, ...]] = {}
    place = 0
    while place < len(record.text):
        fitting = [name for name in longest_first if is_whole_word(record.text, name, place)]
        if fitting:
            end = place + len(fitting[0])
            found.setdefault(products.identify("", fitting[0]), versions_after(record.text, end))
        place += len(fitting[0]) if fitting else 1
    return [(identity, spans) for identity, spans in found.items() if identity.key]


def is_whole_word(text: str, name: str, place: int) -> bool:
    before, after = text[:place], text[place + len(name) :]
    return text.startswith(name, place) and not re.search(r"[\w/.-]\Z", before) and not re.match(r"[\w-]", after)


# 2. Which product is meant


def names_of(statement: Statement, products: Products) -> list[Identity]:
    packages = [Identity(key) for purl in statement.purls if (key := package_key(purl, statement))]
    if any(package.key.startswith(PACKAGES) for package in packages):
        return packages  # a distribution's package is known by its package URL alone
    named = []
    if statement.product and not is_nothing(plain_name(statement.product)):
        named.append(products.identify(statement.vendor, split_name(statement.product).text))
    by_cpe = [identity for cpe in statement.cpes for identity in products.identify_cpe(cpe)]
    return [name for name in (*packages, *named, *by_cpe) if name.key]


def package_key(purl: str, statement: Statement) -> str:
    """A statement on one release of a distribution is about that release's package alone."""
    key, package = purl_key(purl), parse_purl(purl)
    if not package or not key.startswith(PACKAGES):
        return key
    qualifier = dict(package.qualifiers).get("distro", "")
    platforms = [text for text in statement.platforms if not arches_in(text)]
    marks = [release_in_build(end) for span in statement.spans for end in (span.low, span.high)]
    releases = [release for release in (*map(release_of, (qualifier, *platforms)), *marks) if release]
    return f"{key}#{releases[0]}" if releases else key


def parts_of(statement: Statement, names: Sequence[Identity], products: Products) -> frozenset[str]:
    """The reviewed parts that a statement's names and its list mean."""
    listed = [products.identify(statement.vendor, f"{statement.product} {part}") for part in parts_listed(statement)]
    return frozenset(name.module for name in (*names, *listed) if name.module)


def parts_listed(statement: Statement) -> tuple[str, ...]:
    whole = any(part.strip().lower() == "all modules" for part in statement.modules)
    return () if whole else statement.modules


def vendors_by_name(keys: Iterable[str]) -> dict[str, frozenset[str]]:
    """The vendors under which advisories know a bare name."""
    pairs = [key.split("/", 1) for key in keys if not key.startswith("pkg:")]
    return {name: frozenset(vendor for vendor, other in pairs if other == name) for _, name in pairs}


def arches_of(statement: Statement) -> frozenset[str]:
    platforms = " ".join(statement.platforms)
    return frozenset(split_name(statement.product).arches | (arches_in(platforms) if platforms else set()))


def systems_of(statement: Statement) -> frozenset[str]:
    """Systems that are required count; where other products or hardware would do as well, nothing is required."""
    required = [required_system(cpe) for cpe in statement.requires]
    told = split_name(statement.product).systems | systems_in(" ".join(statement.platforms))
    return frozenset(told.union(*required)) if all(required) else frozenset(told)


def required_system(name: str) -> set[str]:
    cpe = parse_cpe(name)
    return {*systems_in(cpe.product.replace("_", " "))} if cpe and cpe.part == "o" else set()


def excluded(limits: frozenset[str], own: frozenset[str]) -> bool:
    """Limits exclude only when both sides are told and have nothing in common."""
    return bool(limits) and bool(own) and not limits & own


def bits(names: Sequence[str], told: int) -> frozenset[str]:
    return frozenset(name for at, name in enumerate(names) if told & (1 << at))


# 3. Versions and spans


def kind_of(statement: Statement, keys: Sequence[str], rules: ProductRules, line: Line | None) -> str:
    if line:
        return "quad"
    by_package = [key.removeprefix("pkg:").partition("/")[0] for key in keys if key.startswith("pkg:")]
    package = by_package[0] if by_package else ""
    return rules.scheme or scheme_name(statement.scheme or package)


def read(kind: str, text: str) -> Shown | None:
    found = interval(kind, text)
    return Shown(*found) if found else None


def stretches(
    statement: Statement, kind: str, rules: ProductRules, limited: Identity, line: Line | None, windows: Windows
) -> list[Stretch]:
    told = statement.spans
    if kind in ("deb", "rpm", "apk"):
        told = first_mended(told)
    if limited.floor and statement.default != "unknown" and not left_standing(statement):
        told = (*told, Span(statement.default))  # a default holds for the line that the name means
    if line:
        told = tuple(in_own_line(span, line, windows) for span in told)
    out = [row for span in told for row in stretch(span, kind, rules, limited)]
    if rules.later_lines == "unaffected" and statement.default == "unknown" and not limited.floor:
        out += later_lines(statement.spans, kind, rules)
    return out


def left_standing(statement: Statement) -> bool:
    """“Everything else is affected” beside affected versions that end, with nothing unaffected."""
    ends = any(span.status == "affected" and span.high for span in statement.spans)
    return statement.default == "affected" and ends and all(span.status != "unaffected" for span in statement.spans)


def first_mended(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """A distribution's fixed build, named alone: affected before it, unaffected from it on."""
    alone = all(span.status != "affected" and is_one_version(span) for span in spans)
    if not alone:
        return spans
    out: list[Span] = []
    for span in spans:
        mended = span.status == "unaffected"
        out += [Span("affected", "", span.low), Span("unaffected", span.low)] if mended else [span]
    return tuple(out)


def is_one_version(span: Span) -> bool:
    return bool(span.low) and span.low == span.high


def in_own_line(span: Span, line: Line, windows: Windows) -> Span:
    """Lines that are one set of files share the last number."""

    def own(build: str) -> str:
        number = windows.update_number(line, build)
        return build if number is None else f"{line.version}.{line.build}.{number}"

    return replace(span, low=own(span.low), high=own(span.high))


def stretch(span: Span, kind: str, rules: ProductRules, limited: Identity) -> list[Stretch]:
    low, high = read(kind, span.low), read(kind, span.high)
    unreadable = (span.low and not low) or (span.high and not high) or kind == "git"
    if span.prose or unreadable:
        return [Stretch(span.status, prose=True)]
    begin, end = FIRST, ABOVE_ALL
    left_out = counted_in = None
    mends = False
    if low:
        begin, left_out = (low.low, None) if span.low_in else right_after(low)
    if high:
        mends = span.status == "affected" and not span.high_in and not span.high.endswith("*")
        if span.high.endswith("*"):
            end = high.high
        else:
            end, counted_in = right_after(high) if span.high_in else (high.low, None)
            if end == high.high:
                counted_in = None  # an end that is not short: a shorter version is not written as it is
    elif low:
        end = end_of_line(span.low, kind, rules) or ABOVE_ALL
    own_line_ends = end_of_line(span.high, kind, rules)
    floor, ceiling = line_of_name(limited, kind)
    if limited.floor:
        begin, own_line_ends = max(begin, floor), ceiling
        left_out = left_out if left_out and begin == left_out + b"\0" else None
        end = end if high else min(end, ceiling)
    if not mends:
        return [Stretch(span.status, begin, end, left_out=left_out, counted_in=counted_in)]
    if own_line_ends in (None, ABOVE_ALL):
        return [Stretch(span.status, begin, end, ends_mended=True, left_out=left_out)]
    # It says nothing of other lines; in its own, what follows is mended.
    after = Stretch("unaffected", max(end, floor), own_line_ends, begins_mended=True)
    return [Stretch(span.status, begin, end, left_out=left_out), after]


def right_after(low: Shown) -> tuple[bytes, bytes | None]:
    """Where a span begins that leaves its low end out: after that version as written, or after all that begin so."""
    return (low.low + b"\0", low.low) if low.low.endswith(END) else (low.high, None)


def line_of_name(limited: Identity, kind: str) -> tuple[bytes, bytes]:
    floor, ceiling = read(kind, limited.floor), read(kind, limited.ceiling)
    begin = floor.low if floor else FIRST
    if not ceiling:
        return begin, ABOVE_ALL
    return begin, ceiling.high if limited.ceiling.endswith("*") else ceiling.low


def end_of_line(version: str, kind: str, rules: ProductRules) -> bytes | None:
    """A product with lines has them told by the first numbers of a version."""
    begins = re.match(rf"(?:\D*\d+){{{rules.line}}}", version) if rules.line else None
    line = read(kind, f"{begins[0]}.*") if begins else None
    return line.high if line else None


def later_lines(spans: Sequence[Span], kind: str, rules: ProductRules) -> list[Stretch]:
    """Everything above the last line that the statement names is unaffected."""
    named = [end_of_line(version, kind, rules) for span in spans for version in (span.low, span.high) if version]
    ends = [end for end in named if end]
    return [Stretch("unaffected", max(ends))] if ends else []


def later_lines_of_names(limits: Sequence[Identity], rules: ProductRules) -> list[Stretch]:
    """In each edition, everything above the last line whose name the record bears was released mended."""
    kind = rules.scheme or "dotted"
    last: dict[bytes, bytes] = {}
    for limited in limits:
        if edition := end_of_line(limited.floor, kind, rules):
            last[edition] = max(last.get(edition, FIRST), line_of_name(limited, kind)[1])
    return [Stretch("unaffected", end, edition, begins_mended=True) for edition, end in last.items() if end < edition]


# 4. One component beside one statement


def without_version(told: Told, why: str) -> Said:
    if not told.spans:
        if told.default == "unknown":
            return Said("cannot_tell", "not_spoken_of", speaks=False)
        return Said("affected" if told.default == "affected" else "not_present", "by_default", speaks=False)
    if all(span.covers_everything() and span.status == "affected" for span in told.spans):
        return Said("affected", "in_range", speaks=True)
    if told.default == "unaffected" and all(span.status == "unaffected" for span in told.spans):
        return Said("not_present", "by_default", speaks=False)
    return Said("cannot_tell", why, speaks=True)


def closeness(span: Stretch) -> tuple[bytes, list[int], int]:
    """The later low end, then the earlier high end, then the worse status: the greater, the closer."""
    earlier_high = [-byte for byte in span.high]
    return span.low, [*earlier_high, 1], WORSE_STATUS.index(span.status)


def with_version(told: Told, version: Shown) -> Said:
    touching = [span for span in told.spans if span.touches(version)]
    if not touching:
        return untouched(told, version)
    holding = [span for span in touching if span.holds(version)]
    if not holding:
        return Said("cannot_tell", "incomplete_version", speaks=True)
    closest = max(holding, key=closeness)
    only_touching = [span for span in touching if not span.holds(version) and span.status != closest.status]
    if any(span.low >= closest.low for span in only_touching):
        return Said("cannot_tell", "incomplete_version", speaks=True)
    if closest.status == "affected":
        return Said("affected", "in_range", speaks=True)
    if closest.status == "unknown":
        return Said("cannot_tell", "not_spoken_of", speaks=True)
    everything_else = told.default == "affected" and closest.low != FIRST
    state = "fixed" if closest.begins_mended or everything_else else mended_or_never(told, version)
    return Said(state, "in_range", speaks=True)


def untouched(told: Told, version: Shown) -> Said:
    """No span touches it: the page's numbers."""
    below = [span for span in told.spans if span.status == "affected" and span.ends_below(version)]
    if told.default == "affected" and not (below and told.left_standing):  # 1
        return Said("affected", "by_default", speaks=False)
    if any(span.prose and span.status != "unaffected" for span in told.spans):  # 2
        return Said("cannot_tell", "prose", speaks=True)
    if told.default == "unaffected":  # 3
        return Said(mended_or_never(told, version), "by_default", speaks=False)
    nearest = max((span.high for span in below), default=None)
    if any(span.ends_mended for span in below if span.high == nearest):  # 4
        return Said("fixed", "first_fixed", speaks=False)
    if told.rules.lists_are_whole and told.lists_versions:  # 5
        return Said("not_present", "not_listed", speaks=False)
    return Said("cannot_tell", "not_spoken_of", speaks=False)  # 6


def mended_or_never(told: Told, version: Shown) -> str:
    is_mended = any(span.status == "affected" and span.begins_by(version) for span in told.spans)
    return "fixed" if is_mended else "not_present"


def what_the_machine_shows(said: Said, told: Told, component: Component, key: str, parts: frozenset[str]) -> Said:
    """Its updates and its doubts; `parts` are those that the inventory itself names."""
    held = [bool(group & component.updates) for group in told.mending]
    proven = any(held) and (all(held) or not told.rules.needs_all_updates)
    if said.state in ("affected", "cannot_tell") and proven:
        return Said("fixed", "by_update", speaks=True)
    if said.state != "affected":
        return said
    for holds, why in (
        (told.update_without_build and not component.complete, "update_without_build"),
        (told.of_a_part and not told.parts & parts, "module"),
        (not told.rules.moves, "base_version"),
        (bool(component.doubts & NAME_ONLY), "only_the_name"),
        (bool(component.doubts & DISTRIBUTION) and not key.startswith(PACKAGES), "backport"),
    ):
        if holds:
            return Said("cannot_tell", why, said.speaks)
    return said


# 5. All statements of one flaw about one component


def counts_more(one: Said, other: Said) -> bool:
    """Within a rank."""
    if one.speaks != other.speaks:
        return one.speaks
    decides, other_decides = one.state != "cannot_tell", other.state != "cannot_tell"
    if not one.speaks and decides != other_decides:
        return decides
    return SEVERITY.index(one.state) > SEVERITY.index(other.state)


def of_one_rank(said: Sequence[Said]) -> Said:
    """Of equal ones the first counts."""
    best = said[0]
    for other in said[1:]:
        if counts_more(other, best):
            best = other
    return best


def of_all_ranks(by_rank: Sequence[Said]) -> Said:
    """The lowest rank speaks first; a higher number overrules it only where it is silent, and only if it can tell."""
    first, *others = by_rank
    if first.state == "cannot_tell" and first.why in SILENT:
        return next((said for said in others if said.state != "cannot_tell"), first)
    return first


# 6. All components of one machine


def of_all_components(verdicts: Sequence[Verdict]) -> Verdict | None:
    """The worst state counts, of equal ones the first component."""
    return max(verdicts, key=lambda verdict: SEVERITY.index(verdict[0]), default=None)


# Windows

SINGLE = (
    "security only", "standalone", "standalone security update", "servicing stack update", "servicingstackupdate",
    "ie cumulative", "preview rollup",
)  # fmt: skip
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
Month = tuple[int, int]


class Rung(NamedTuple):
    """A cumulative update, and the last number of the build that it brings."""

    kb: str
    build: int | None


@dataclass
class Update:
    """What the monthly documents say of one update of one product."""

    kb: str
    builds: list[int]
    months: list[Month]
    flaws: set[str]
    replaces: set[str]
    single: bool

    @property
    def build(self) -> int | None:
        return max(self.builds, default=None)

    @property
    def month(self) -> Month:
        """An update is of the month in whose document it mends the most; of equal ones the latest."""
        return max(self.months, key=lambda month: (self.months.count(month), month))


@dataclass
class Ladder:
    """The cumulative updates of one product, the earliest first, and what replaces the single ones."""

    rungs: list[Rung]
    updates: dict[str, Update]

    def rung_of(self, kb: str) -> int | None:
        """The first rung is 1; 0 is below all."""
        return next((at for at, rung in enumerate(self.rungs, 1) if rung.kb == kb), None)

    def that_replace(self, kb: str) -> set[str]:
        """What replaces a single update, directly or through others; what replaces a rung stands above it anyway."""
        if self.rung_of(kb) is not None:
            return set()
        direct = {update.kb for update in self.updates.values() if kb in update.replaces}
        found = set(direct)
        for later in direct:
            rest = Ladder(self.rungs, {other: told for other, told in self.updates.items() if other != later})
            found |= rest.that_replace(later)
        return found - {kb}

    def first_that_mends(self, fixes: Iterable[Fix]) -> int | None:
        rungs = []
        for fix in fixes:
            if fix.kind == "update" and fix.kb:
                rungs += [rung for kb in {fix.kb} | self.that_replace(fix.kb) if (rung := self.rung_of(kb))]
        return min(rungs, default=None)

    def where_it_stands(self, component: Component, known: frozenset[str]) -> tuple[int, int]:
        """The lowest and the highest rung on which a machine may stand."""
        build = component.windows.update if component.windows else None
        top = len(self.rungs)
        if build is not None:
            builds = [(at, rung.build) for at, rung in enumerate(self.rungs, 1) if rung.build is not None]
            lowest, highest = 0, top
            for at, own in builds:
                if own > build:
                    highest = at - 1
                    break
                lowest = at
            return lowest, highest
        lowest = max((self.rung_of(kb) or 0 for kb in component.updates), default=0)
        if not component.complete:
            return lowest, top
        own = int(self.rungs[lowest - 1].kb) if lowest else 0
        unknown = max((int(kb) for kb in component.updates - known), default=0)
        # Numbers grow with time: an update that no document knows may hold what has a lower number.
        reached = [at for at, rung in enumerate(self.rungs, 1) if own < unknown and int(rung.kb) < unknown]
        return lowest, max([lowest, *reached])


def ladder_of(updates: dict[str, Update]) -> Ladder:
    """By build where they give it, else by month; what is only known because another replaces it lies right below that."""
    cumulative = [updates[kb] for kb in cumulative_ones(updates)]
    order = sorted((one for one in cumulative if one.build is not None), key=lambda one: (one.build, one.month, one.kb))
    built = list(order)
    for one in sorted((one for one in cumulative if one.build is None), key=lambda one: (one.month, int(one.kb))):
        # Before the first build from which on none is of an earlier month.
        places = [at for at, _ in enumerate(built) if all(other.month >= one.month for other in built[at:])]
        order.insert(order.index(built[places[0]]) if places else len(order), one)
    rungs: list[Rung] = []
    for one in order:
        held = {rung.kb for rung in rungs}
        rungs += [Rung(old, None) for old in sorted(one.replaces - held - set(updates), key=int)]
        rungs.append(Rung(one.kb, one.build))
    return Ladder(rungs, updates)


def cumulative_ones(updates: dict[str, Update]) -> list[str]:
    """Those that are of no single sort and hang together, by replacement, with what mends the most in some month."""
    candidates = {kb: one for kb, one in updates.items() if not one.single}
    months = {one.month for one in candidates.values()}
    reached = set()
    for month in months:
        of_month = [one for one in candidates.values() if one.month == month]
        reached.add(max(of_month, key=lambda one: (len(one.flaws), one.kb)).kb)
    while True:
        neighbours = {
            other
            for kb, one in candidates.items()
            for old in one.replaces
            if old not in updates or not updates[old].single
            for here, other in ((kb, old), (old, kb))
            if here in reached
        }
        if neighbours <= reached:
            return [kb for kb in candidates if kb in reached]
        reached |= neighbours


def month_of(document: str) -> Month:
    year, _, name = document.partition("-")
    name = name.partition("-")[0][:3].lower()
    return (int(year), MONTHS.index(name) + 1 if name in MONTHS else 0) if year.isdigit() else (0, 0)


def line_of_part(key: str, windows: Windows) -> Line | None:
    """Parts that come with the system are called “… on <system>”."""
    part, _, system = key.rpartition(" on ")
    return windows.line_of(f"microsoft/{system}") if part else None


class Advisories:
    """What all records together say."""

    def __init__(
        self, records: Sequence[Record], products: Products, windows: Windows, names: Sequence[str] = ()
    ) -> None:
        self.products = products
        self.windows = windows
        self.records = records_that_count(records)
        self.flaws = sorted({record.flaw for record in records})
        self.ladders, self.replaced_by = self._read_updates()
        self.told: dict[str, list[Told]] = {flaw: [] for flaw in self.flaws}
        for record in self.records:
            self.told[record.flaw] += self._statements(record, names)

    @cached_property
    def known(self) -> Known:
        """What advisories speak of, for the recognition of inventories."""
        every = [one for told in self.told.values() for one in told]
        keys = {key for one in every for key in one.keys}
        updates = {key: frozenset(kb for one in every if key in one.keys for kb in mending(one)) for key in keys}
        return Known(keys, vendors_by_name(keys), {key: found for key, found in updates.items() if found})

    @cached_property
    def known_updates(self) -> frozenset[str]:
        """Every update that mends something, replaces what does, or stands on a ladder."""
        named = {kb for told in self.told.values() for one in told for kb in mending(one)}
        return frozenset(named | {rung.kb for ladder in self.ladders.values() for rung in ladder.rungs})

    def verdict(self, components: Sequence[Component], flaw: str, *, asked: bool = True) -> Verdict | None:
        """Decide a pair of machine and flaw; None where no statement is about anything on the machine.

        Args:
            components: what is on the machine, in order.
            flaw: its id.
            asked: a letter names the flaw.
        """
        verdicts = []
        for component in components:
            said = self.of_component(component, flaw)
            if said:
                no_build = bool(component.doubts & NO_BUILD_SHOWN)
                one_question = said[0] == "cannot_tell" and (no_build or said[1] == "out_of_support")
                if asked or not one_question:
                    verdicts.append(said)
        return of_all_components(verdicts)

    def of_component(self, component: Component, flaw: str) -> Verdict | None:
        """What a distribution says of its own package goes before what anybody says of the upstream product."""
        in_order: list[Said] = []
        for own_package in (True, False):
            for rank in sorted({told.rank for told in self.told[flaw]}):
                said = [
                    self.beside(told, component, key)
                    for key, _ in component.names
                    if key.startswith(PACKAGES) == own_package
                    for told in self.told[flaw]
                    if told.rank == rank and key in told.keys and self.fits(told, component)
                ]
                if said:
                    in_order.append(of_one_rank(said))
        if not in_order:
            return None
        decided = of_all_ranks(in_order)
        return decided.state, decided.why

    def fits(self, told: Told, component: Component) -> bool:
        arches, systems = bits(ARCHES, component.arches), bits(SYSTEMS, component.systems)
        return not excluded(told.arches, arches) and not excluded(told.systems, systems)

    def beside(self, told: Told, component: Component, key: str) -> Said:
        version = self.shown(told, component, key)
        said = without_version(told, version) if isinstance(version, str) else with_version(told, version)
        if told.out_of_support:
            said = said._replace(why="out_of_support")
        return what_the_machine_shows(said, told, component, key, bits(self.products.modules, component.parts))

    def shown(self, told: Told, component: Component, key: str) -> Shown | str:
        """The version as a statement counts versions, or why there is none."""
        if told.on_ladder:
            if not component.windows:
                return "no_version"
            lowest, highest = self.ladders[key].where_it_stands(component, self.known_updates)
            return Shown(rung_text(lowest), rung_text(highest) + b"\0")
        if component.windows and component.windows.update is None and component.updates:
            return self._build_by_updates(component)
        version = component.version
        if not version:
            return "no_version"
        if told.kind == "rpm" and ":" not in version and len(epochs := self._epochs_of(component)) == 1:
            version = f"{epochs.pop()}:{version}"
        return read(told.kind, version) or "unreadable_version"

    def _epochs_of(self, component: Component) -> set[str]:
        """The epochs that statements on a package, of any release, write; without a statement, those on its source."""
        for package in dict.fromkeys(key.partition("#")[0] for key, _ in component.names):
            keys = {key for key, _ in component.names if key.partition("#")[0] == package}
            about = [one for told in self.told.values() for one in told if one.kind == "rpm" and keys & {*one.keys}]
            if about:
                return {epoch for one in about for epoch in one.epochs}
        return set()

    def _build_by_updates(self, component: Component) -> Shown:
        """Without a build, the highest rung among the installed updates counts, with the build that it brings."""
        assert component.windows
        line = read("quad", component.version)
        assert line
        ladder = self.ladders.get(component.windows.key)
        lowest, highest = ladder.where_it_stands(component, self.known_updates) if ladder else (0, 0)
        build = ladder.rungs[lowest - 1].build if ladder and lowest else None
        if build is None:
            return line
        shown = read("quad", f"{component.version}.{build}")
        assert shown
        return shown if lowest == highest else Shown(shown.low, line.high)

    def _statements(self, record: Record, names: Sequence[str]) -> list[Told]:
        told = [self._understand(record, statement) for statement in without_commits(record.statements)]
        told = [one for one in told if one.names]
        if not told and record.rank <= NUMBERING:
            told = [self._mentioned(record, name, spans) for name, spans in mentions(record, names, self.products)]
        named = [name for statement in record.statements for name in names_of(statement, self.products)]
        return [*told, *self._later_lines(record, named), *self._ended(record, named)]

    def _understand(self, record: Record, statement: Statement) -> Told:
        names = names_of(statement, self.products)
        keys = [name.key for name in names]
        if not keys:
            return Told(record.rank, ())
        reviewed = [rules for name in names if (rules := self.products.rules_of(name)).why]
        rules = reviewed[0] if reviewed else ProductRules(keys[0])
        limited = next((name for name in names if name.floor), Identity(""))
        line = next((line for key in keys if (line := self.windows.line_of(key))), None)
        kind = kind_of(statement, keys, rules, line)
        spans = stretches(statement, kind, rules, limited, line, self.windows)
        rung = self._on_ladder(statement, keys)
        if rung:
            spans = [
                Stretch("affected", FIRST, rung_text(rung), ends_mended=True),
                Stretch("unaffected", rung_text(rung)),
            ]
        parts = parts_of(statement, names, self.products)
        updates = dict.fromkeys(fix.kb for fix in statement.fixes if fix.kind == "update" and fix.kb)
        return Told(
            rank=record.rank,
            names=tuple(names),
            kind=kind,
            spans=tuple(spans),
            default="unknown" if limited.floor else statement.default,
            left_standing=left_standing(statement),
            rules=rules,
            lists_versions=any(span.status == "affected" and is_one_version(span) for span in statement.spans),
            arches=arches_of(statement),
            systems=systems_of(statement),
            of_a_part=bool(parts) or (rules.modules_are_optional and bool(parts_listed(statement))),
            parts=parts,
            update_without_build=bool(updates) and not statement.spans and not rung,
            mending=tuple(frozenset({kb} | self._replacing(keys, kb)) for kb in updates),
            on_ladder=bool(rung),
            epochs=frozenset(found[1] for span in statement.spans if (found := epoch_in(span)))
            if kind == "rpm"
            else frozenset(),
        )

    def _mentioned(self, record: Record, name: Identity, spans: tuple[Span, ...]) -> Told:
        """Default unknown; where the words give no versions plainly, they are one span of prose."""
        rules = self.products.rules_of(name)
        kind = rules.scheme or "dotted"
        read_spans = stretches(Statement(spans=spans), kind, rules, name, None, self.windows) if spans else []
        if not read_spans or any(span.prose for span in read_spans):
            read_spans = [Stretch("affected", prose=True)]
        parts = frozenset({name.module} - {""})
        return Told(record.rank + 1, (name,), kind, tuple(read_spans), rules=rules, of_a_part=bool(parts), parts=parts)

    def _later_lines(self, record: Record, named: Sequence[Identity]) -> list[Told]:
        told = []
        for key in dict.fromkeys(name.key for name in named if name.floor):
            limits = [name for name in named if name.key == key and name.floor]
            rules = self.products.rules_of(limits[0])
            if rules.later_lines == "unaffected" and (spans := later_lines_of_names(limits, rules)):
                told.append(Told(record.rank, (Identity(key),), rules.scheme or "dotted", tuple(spans)))
        return told

    def _ended(self, record: Record, named: Sequence[Identity]) -> list[Told]:
        """A Windows that was out of support by the month of a document is not looked at in it any more."""
        if not record.document.startswith("msrc/"):
            return []
        year, month = month_of(record.document.split("/")[1])
        keys = {name.key for name in named}
        if not month or not any(self.windows.line_of(key) for key in keys):
            return []
        ended = [key for key in self.windows.ended_before(dt.date(year, month, 1)) if key not in keys]
        return [Told(record.rank, tuple(map(Identity, ended)), "quad", out_of_support=True)]

    def _on_ladder(self, statement: Statement, keys: Sequence[str]) -> int | None:
        for key in keys:
            if key in self.ladders and (rung := self.ladders[key].first_that_mends(statement.fixes)):
                return rung
        return None

    def _replacing(self, keys: Sequence[str], kb: str) -> set[str]:
        """What replaces an update; of products without a ladder, whatever replaces it in any monthly document."""
        found: set[str] = set()
        for key in keys:
            found |= self.ladders[key].that_replace(kb) if key in self.ladders else all_later(self.replaced_by, kb)
        return found

    def _read_updates(self) -> tuple[dict[str, Ladder], dict[str, set[str]]]:
        """Made from Microsoft's monthly documents, for lines of Windows and the parts that come with them."""
        rows = []
        replaced_by: dict[str, set[str]] = {}
        for record in self.records:
            if record.document.startswith("msrc/"):
                for statement in record.statements:
                    key = self.products.identify(statement.vendor, split_name(statement.product).text).key
                    updates = [fix for fix in statement.fixes if fix.kind == "update" and fix.kb]
                    if self.windows.line_of(key) or line_of_part(key, self.windows):
                        rows += [(key, record, fix) for fix in updates]
                        continue
                    for fix in updates:
                        for old in fix.supersedes:
                            replaced_by.setdefault(old, set()).add(fix.kb)
        return self._ladders(rows), replaced_by

    def _ladders(self, rows: Sequence[tuple[str, Record, Fix]]) -> dict[str, Ladder]:
        brought: dict[tuple[int, str], list[int]] = {}
        for key, _, fix in rows:
            line = self.windows.line_of(key)
            build = self.windows.update_number(line, fix.build) if line else None
            if line and build is not None:
                brought.setdefault((line.shares, fix.kb), []).append(build)
        updates: dict[str, dict[str, Update]] = {}
        for key, record, fix in rows:
            own = self.windows.line_of(key)
            build = self.windows.update_number(own, fix.build) if own else None
            part_of = line_of_part(key, self.windows)
            builds = [build] if build is not None else brought.get((part_of.shares, fix.kb), []) if part_of else []
            new = Update(fix.kb, [], [], set(), set(), fix.sort.lower() in SINGLE)
            told = updates.setdefault(key, {}).setdefault(fix.kb, new)
            told.builds += builds
            told.months.append(month_of(record.document.split("/")[1]))
            told.flaws.add(record.flaw)
            told.replaces |= set(fix.supersedes) - {fix.kb}
        return {key: ladder_of(of_product) for key, of_product in updates.items()}


def mending(told: Told) -> frozenset[str]:
    return frozenset().union(*told.mending)


def all_later(replaced_by: dict[str, set[str]], kb: str) -> set[str]:
    """What replaces an update, directly or through others."""
    found = {kb}
    while True:
        more = {later for old in found for later in replaced_by.get(old, ())}
        if more <= found:
            return found - {kb}
        found |= more


def epoch_in(span: Span) -> re.Match[str] | None:
    return re.match(r"(\d+):", span.low) or re.match(r"(\d+):", span.high)


def rung_text(rung: int) -> bytes:
    return b"%06d" % rung
