"""From records to a store: later revisions replace earlier ones, withdrawn ones withdraw, versions become bytes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from haidang.engine.advisories.ladder import Ladder, Mended, build_ladder, read_month
from haidang.engine.advisories.products import (
    Identity,
    ProductRules,
    Products,
    arches_in,
    is_nothing,
    parse_cpe,
    plain_name,
    purl_key,
    split_name,
    systems_in,
)
from haidang.engine.advisories.record import Bulletin, Exploited, Fix, Likelihood, Record, Score, Span, Statement
from haidang.engine.advisories.store import (
    ARCHES,
    FORMAT,
    FRAMES,
    HAS_UPDATE,
    HAS_WORKAROUND,
    LADDER,
    MENTION,
    MOVES,
    OF_A_MODULE,
    SCHEMAS,
    STATUSES,
    SYSTEMS,
    WHOLE_LIST,
    Store,
)
from haidang.engine.advisories.versions import WITHOUT_ORDER, interval, scheme_name
from haidang.engine.advisories.versions.bytekeys import END, LAST, number
from haidang.engine.advisories.windows import Line, Windows
from haidang.engine.records import Unread

_DISTRIBUTIONS = ("pkg:deb/", "pkg:rpm/", "pkg:apk/", "pkg:alpm/")
_NEWEST_SCALE_FIRST = ("4.0", "3.1", "3.0", "2.0")
_MOST_TEXT = 300
_UNAFFECTED, _UNKNOWN, _AFFECTED = (STATUSES.index(status) for status in ("unaffected", "unknown", "affected"))
_WHOLE = LAST * 2


class Compiler:
    """Takes bulletins one by one and makes a store of them."""

    def __init__(self, products: Products, windows: Windows, mentioned: Sequence[str] = ()) -> None:
        """Begin with nothing.

        Args:
            products: the reviewed table of names.
            windows: the lines of Windows.
            mentioned: names of products to look for in descriptions of records that name no product otherwise.
        """
        self._products = products
        self._windows = windows
        self._mentions = _mention_pattern(mentioned)
        self._documents: dict[str, tuple[str, list[Record]]] = {}
        self._exploited: dict[str, Exploited] = {}
        self._likelihoods: dict[str, Likelihood] = {}
        self._unread: list[Unread] = []
        self._files = 0

    def add(self, bulletin: Bulletin) -> None:
        """Take what one file held."""
        self._files += 1
        self._unread += bulletin.unread
        for record in bulletin.records:
            known = self._documents.get(record.document)
            if known is None or record.revision > known[0]:
                self._documents[record.document] = (record.revision, [record])
            elif record.revision == known[0] and record not in known[1]:
                known[1].append(record)
        for row in bulletin.exploited:
            self._exploited[row.flaw] = row
        for chance in bulletin.likelihoods:
            known_day = self._likelihoods.get(chance.flaw)
            if known_day is None or chance.day >= known_day.day:
                self._likelihoods[chance.flaw] = chance

    def done(self) -> Store:
        """Compile what was taken."""
        records = [record for _, held in self._documents.values() for record in held]
        records.sort(key=lambda record: (record.flaw, record.rank, record.document, record.place))
        return _Compilation(self._products, self._windows, self._mentions).run(
            records, self._exploited, self._likelihoods, self._unread, self._files
        )


class _Compilation:
    """One run over all records."""

    def __init__(self, products: Products, windows: Windows, mentions: re.Pattern[str] | None) -> None:
        self.products = products
        self.windows = windows
        self.mentions = mentions
        self.rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in FRAMES}
        self.ladders: dict[str, Ladder] = {}
        self.positions: dict[str, dict[str, int]] = {}
        self.seen: dict[tuple[object, ...], int] = {}
        self.unreadable = 0

    def run(
        self,
        records: Sequence[Record],
        exploited: Mapping[str, Exploited],
        likelihoods: Mapping[str, Likelihood],
        unread: Sequence[Unread],
        files: int,
    ) -> Store:
        alive = [record for record in records if not record.withdrawn]
        self._build_ladders(alive)
        flaws: dict[str, int] = {}
        by_flaw: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            by_flaw[record.flaw].append(record)
        for flaw in sorted({*by_flaw, *exploited}):
            flaws[flaw] = len(flaws)
            held = [record for record in by_flaw[flaw] if not record.withdrawn]
            self.rows["flaws"].append(_flaw_row(flaw, held, exploited.get(flaw), likelihoods.get(flaw)))
            named = 0
            for record in held:
                named += sum(self._take(flaws[flaw], record, statement) for statement in record.statements)
            if not named and held:
                self._take_mentions(flaws[flaw], held[0])
        self._write_ladders()
        self.rows["unread"] += [(row.source.file, row.source.line, row.why) for row in unread]
        withdrawn = len(records) - len(alive)
        notes = {
            "format": FORMAT,
            "files": str(files),
            "records": str(len(alive)),
            "withdrawn": str(withdrawn),
            "spans_that_no_scheme_reads": str(self.unreadable),
        }
        frames = {name: pl.DataFrame(self.rows[name], schema=SCHEMAS[name], orient="row") for name in FRAMES}
        frames["names"] = (
            frames["names"].unique(["key", "sid"], keep="first", maintain_order=True).sort("key", "rank", "sid")
        )
        frames["replaced"] = frames["replaced"].unique(maintain_order=True)
        return Store(**frames, notes=notes)

    # Statements

    def _take(self, flaw: int, record: Record, statement: Statement) -> bool:
        """Compile a statement; False where it names no product."""
        names = self._names(statement)
        if not names:
            return False
        keys = dict.fromkeys(identity.key for identity, _ in names)
        rules = next(
            (self.products.rules_of(key) for key in keys if key in self.products.rules), ProductRules(next(iter(keys)))
        )
        floor = next((identity.floor for identity, _ in names if identity.floor), "")
        line = next((found for key in keys if (found := self._windows_line(key))), None)
        scheme, spans = self._spans(statement, rules, floor, line, list(keys))
        traits = _traits(statement, rules)
        name = split_name(statement.product)
        limits = " ".join(statement.platforms)
        arches = _bits(ARCHES, name.arches | (arches_in(limits) if statement.platforms else set()))
        systems = _bits(SYSTEMS, name.systems | systems_in(limits) | _required_systems(statement.requires))
        proofs = self._proofs(statement)
        said = (
            flaw,
            record.rank,
            scheme,
            statement.default,
            arches,
            systems,
            traits,
            tuple(keys),
            tuple(spans),
            proofs,
        )
        if said in self.seen:
            return True  # the same again, for another edition or from another file of the same document
        sid = len(self.rows["statements"])
        self.seen[said] = sid
        default = STATUSES.index(statement.default)
        modules = ", ".join(statement.modules)[:_MOST_TEXT]
        self.rows["statements"].append(
            (
                sid, flaw, record.rank, scheme, default, arches, systems, traits, statement.vendor[:100],
                (statement.product or next(iter(keys)))[:_MOST_TEXT], modules, record.publisher,
                _fix_text(statement.fixes), record.file, statement.place,
            )
        )  # fmt: skip
        self.rows["names"] += [(identity.key, record.rank, sid, how) for identity, how in names]
        self.rows["spans"] += [(sid, *span) for span in spans]
        self.rows["proofs"] += [(sid, kb) for kb in proofs]
        return True

    def _take_mentions(self, flaw: int, record: Record) -> None:
        """Where a record names no product, let its description ask about the reviewed ones that it speaks of."""
        if not self.mentions:
            return
        text = f"{record.title} {record.text}"
        for written in dict.fromkeys(found[0] for found in self.mentions.finditer(text)):
            identity = self.products.identify("", written)
            if identity.key:
                sid = len(self.rows["statements"])
                said = _cut(record.text or record.title)
                self.rows["statements"].append(
                    (
                        sid, flaw, record.rank, "dotted", _UNKNOWN, 0, 0, MOVES | MENTION, "", written,
                        "", record.publisher, "", record.file, f"{record.place}/descriptions",
                    )
                )  # fmt: skip
                self.rows["names"].append((identity.key, record.rank, sid, f"description names “{written}”"))
                self.rows["spans"].append((sid, _AFFECTED, b"", _WHOLE, False, True, said, ""))

    def _names(self, statement: Statement) -> list[tuple[Identity, str]]:
        """Give the keys by which a statement names its product, each with the way."""
        names: list[tuple[Identity, str]] = []
        for purl in statement.purls:
            key = purl_key(purl)
            if key:
                release = re.search(r"[?&]distro=([^&#]+)", purl)
                names.append((Identity(f"{key}#{release[1]}" if release else key), f"purl {purl}"))
        if any(identity.key.startswith(_DISTRIBUTIONS) for identity, _ in names):
            return names  # a distribution's package: its versions are the distribution's own
        if statement.product and not is_nothing(plain_name(statement.product)):
            identity = self.products.identify(statement.vendor, split_name(statement.product).text)
            if identity.key:
                names.append((identity, f"name {statement.vendor} {statement.product}".strip()))
        for cpe in statement.cpes:
            names += [(identity, cpe) for identity in self.products.identify_cpe(cpe)]
        return names

    # Versions

    def _spans(
        self, statement: Statement, rules: ProductRules, floor: str, line: Line | None, keys: Sequence[str]
    ) -> tuple[str, list[tuple[object, ...]]]:
        """Give the scheme and the spans: status, low, high, first_fixed, prose, text, fixed."""
        on_ladder = self._ladder_spans(statement, keys)
        if on_ladder:
            return LADDER, on_ladder
        purl = next((key for key in keys if key.startswith("pkg:")), "")
        scheme = "quad" if line else rules.scheme or scheme_name(statement.scheme or _scheme_of_purl(purl))
        out = [self._span(span, scheme, rules, floor, line) for span in statement.spans]
        if rules.later_lines == "unaffected" and rules.line and statement.default == "unknown":
            out += _later_lines(statement.spans, scheme, rules.line)
        return scheme, out

    def _span(self, span: Span, scheme: str, rules: ProductRules, floor: str, line: Line | None) -> tuple[object, ...]:
        """Turn a span into bytes; ends that the scheme can't read make it prose."""
        status = STATUSES.index(span.status)
        text = span.prose or _span_text(span)
        low_text, high_text = span.low, span.high
        if line:
            low_text, high_text = self._of_line(low_text, line), self._of_line(high_text, line)
        low = interval(scheme, low_text) if low_text else None
        high = interval(scheme, high_text) if high_text else None
        whole = not span.low and not span.high and not span.prose
        if (
            span.prose
            or scheme in WITHOUT_ORDER
            or (not whole and ((span.low and not low) or (span.high and not high)))
        ):
            if not span.prose:
                self.unreadable += 1
            return status, b"", _WHOLE, False, True, _cut(text), ""
        start = (low.low if span.low_in else low.high) if low else b""
        end = (high.high if span.high_in else high.low) if high else _WHOLE
        if rules.line and low and not high:
            end = _line_end(span.low, scheme, rules.line) or end
        if floor and (beginning := interval(scheme, floor)):
            start = max(start, beginning.low)
        first_fixed = bool(span.status == "affected" and span.high and not span.high_in)
        return status, start, end, first_fixed, False, _cut(text), span.high if first_fixed else ""

    def _of_line(self, build: str, line: Line) -> str:
        """Read a build as one of its product's own line: lines that are one set of files share the last number."""
        if not build:
            return ""
        update = self.windows.update_number(line, build)
        return f"{line.version}.{line.build}.{update}" if update is not None else build

    # Ladders of cumulative updates

    def _windows_line(self, key: str) -> Line | None:
        return self.windows.line_of(key)

    def _build_ladders(self, records: Iterable[Record]) -> None:
        mended: dict[str, list[Mended]] = defaultdict(list)
        builds: dict[tuple[int, str], int] = {}
        for record in records:
            if not record.document.startswith("msrc/"):
                continue
            month = read_month(record.document.split("/")[1])
            for statement in record.statements:
                key = self.products.identify(statement.vendor, split_name(statement.product).text).key
                system = key.rpartition(" on ")[2]
                line = self._windows_line(key) or self._windows_line(f"microsoft/{system}")
                if line is None:
                    continue
                for fix in statement.fixes:
                    if fix.kind != "update" or not fix.kb:
                        continue
                    update = self.windows.update_number(line, fix.build) if self._windows_line(key) else None
                    if update is not None:
                        builds[line.shares, fix.kb] = update
                    mended[key].append(Mended(record.flaw, fix.kb, update, month, fix.sort, fix.supersedes))
        for key, rows in mended.items():
            # A part of the system that comes with its cumulative updates stands on the system's own rungs.
            line = self._windows_line(f"microsoft/{key.rpartition(' on ')[2]}") if " on " in key else None
            if line:
                rows = [
                    Mended(r.flaw, r.kb, builds.get((line.shares, r.kb)), r.month, r.sort, r.supersedes) for r in rows
                ]
            self.ladders[key] = build_ladder(rows)
            self.positions[key] = {rung.kb: at for at, rung in enumerate(self.ladders[key].rungs, 1)}

    def _ladder_spans(self, statement: Statement, keys: Sequence[str]) -> list[tuple[object, ...]]:
        """Say a statement's versions as rungs: affected below the first cumulative update that mends it."""
        for key in keys:
            ladder = self.ladders.get(key)
            if ladder is None:
                continue
            rungs = [
                (position, fix)
                for fix in statement.fixes
                if fix.kind == "update" and fix.kb and (position := self.positions[key].get(fix.kb)) is not None
            ]
            if rungs:
                first, fix = min(rungs, key=lambda pair: pair[0])
                text = f"KB{fix.kb}" + (f" ({fix.build})" if fix.build else "")
                at = rung_key(first)
                below = (_AFFECTED, b"", at, True, False, f"< {text}", text)
                return [below, (_UNAFFECTED, at, _WHOLE, False, False, f"≥ {text}", "")]
        return []

    def _proofs(self, statement: Statement) -> tuple[str, ...]:
        """List the updates that prove by themselves that a flaw is mended."""
        return tuple(dict.fromkeys(fix.kb for fix in statement.fixes if fix.kind == "update" and fix.kb))

    def _write_ladders(self) -> None:
        for key, ladder in sorted(self.ladders.items()):
            self.rows["rungs"] += [(key, at, rung.kb, rung.update) for at, rung in enumerate(ladder.rungs, 1)]
            self.rows["replaced"] += [
                (kb, by) for kb, later in sorted(ladder.replaced_by.items()) for by in sorted(later)
            ]


def rung_key(position: int) -> bytes:
    """Write a rung as a version."""
    return number(position) + END


def _required_systems(requires: Sequence[str]) -> set[str]:
    """Give the kinds of operating system that a statement requires; hardware and other products are not looked at."""
    found: set[str] = set()
    for name in requires:
        cpe = parse_cpe(name)
        system = systems_in(cpe.product.replace("_", " ")) if cpe and cpe.part == "o" else set()
        if not system:
            return set()
        found |= system
    return found


def _traits(statement: Statement, rules: ProductRules) -> int:
    modules = statement.modules and not any(module.strip().lower() == "all modules" for module in statement.modules)
    kinds = {fix.kind for fix in statement.fixes}
    return (
        MOVES * rules.moves
        | WHOLE_LIST * rules.lists_are_whole
        | OF_A_MODULE * bool(modules and rules.modules_are_optional)
        | HAS_UPDATE * ("update" in kinds or any(span.status == "unaffected" for span in statement.spans))
        | HAS_WORKAROUND * ("workaround" in kinds)
    )


def _later_lines(spans: Sequence[Span], scheme: str, length: int) -> list[tuple[object, ...]]:
    """Say that lines above all those that a record names are not affected."""
    ends = [
        end for span in spans for text in (span.low, span.high) if text and (end := _line_end(text, scheme, length))
    ]
    if not ends:
        return []
    return [(_UNAFFECTED, max(ends), _WHOLE, False, False, "a later line than any named", "")]


def _line_end(text: str, scheme: str, length: int) -> bytes | None:
    """Give the end of the line of releases to which a version belongs."""
    numbers = re.findall(r"\d+", text)[:length]
    found = interval(scheme, ".".join(numbers) + ".*") if len(numbers) == length else None
    return found.high if found else None


def _scheme_of_purl(key: str) -> str:
    kind = key.removeprefix("pkg:").partition("/")[0]
    return kind if kind in ("pypi", "npm", "maven", "deb", "rpm", "apk", "golang", "cargo", "nuget") else ""


def _span_text(span: Span) -> str:
    """Write a span as people read it: "≥ 17.1.0, < 17.1.0.2"."""
    if span.low and span.low == span.high:
        return f"= {span.low}"
    ends = [
        f"{'≥' if span.low_in else '>'} {span.low}" if span.low else "",
        f"{'≤' if span.high_in else '<'} {span.high}" if span.high else "",
    ]
    return ", ".join(end for end in ends if end) or "*"


def _fix_text(fixes: Sequence[Fix]) -> str:
    """Say in one line what mends a flaw: updates first."""
    updates = [
        f"KB{fix.kb}" + (f" ({fix.build})" if fix.build else "") if fix.kb else fix.build or fix.text
        for fix in fixes
        if fix.kind == "update"
    ]
    others = [fix.text for fix in fixes if fix.kind == "workaround" and fix.text]
    return _cut("; ".join(dict.fromkeys(updates[:4] or others[:1])))


def _flaw_row(
    flaw: str, records: Sequence[Record], exploited: Exploited | None, likelihood: Likelihood | None
) -> tuple[object, ...]:
    score = _score([score for record in records for score in record.scores])
    ssvc = next((record.ssvc for record in records if record.ssvc), None)
    return (
        flaw,
        next((record.title for record in records if record.title), "")
        or _cut(next((r.text for r in records if r.text), "")),
        min((record.published for record in records if record.published), default=""),
        score.base if score else None,
        score.version if score else "",
        score.vector if score else "",
        score.giver if score else "",
        exploited is not None or any(record.exploited for record in records),
        ssvc.exploitation if ssvc else "",
        ssvc.automatable if ssvc else "",
        ssvc.impact if ssvc else "",
        exploited.added if exploited else "",
        exploited.due if exploited else "",
        exploited.ransomware if exploited else False,
        likelihood.chance if likelihood else None,
        likelihood.percentile if likelihood else None,
        likelihood.day if likelihood else "",
        not records,
    )


def _score(scores: Sequence[Score]) -> Score | None:
    """Choose the score that counts: the newest scale, and of its scores the first publisher's."""
    for version in _NEWEST_SCALE_FIRST:
        found = [score for score in scores if score.version == version]
        if found:
            return found[0]
    return None


def _bits(names: Sequence[str], chosen: Iterable[str]) -> int:
    wanted = set(chosen)
    return sum(1 << at for at, name in enumerate(names) if name in wanted)


def _mention_pattern(names: Sequence[str]) -> re.Pattern[str] | None:
    """Build the pattern of product names; single short words would be found everywhere."""
    long = sorted({name for name in names if len(name) > 4 or " " in name}, key=len, reverse=True)
    if not long:
        return None
    return re.compile(r"(?<![\w/.-])(?:" + "|".join(map(re.escape, long)) + r")(?![\w-])")


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…"
