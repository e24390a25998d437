"""From records to a store: later revisions replace earlier ones, withdrawn ones withdraw, versions become bytes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from haidang.engine.advisories.descriptions import versions_after
from haidang.engine.advisories.identifiers import parse_purl
from haidang.engine.advisories.ladder import read_month
from haidang.engine.advisories.products import (
    DISTRIBUTIONS,
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
from haidang.engine.advisories.record import NUMBERING, Bulletin, Exploited, Fix, Likelihood, Record, Score, Statement
from haidang.engine.advisories.releases import release_in_build, release_of
from haidang.engine.advisories.rungs import Rungs
from haidang.engine.advisories.spans import (
    MOST_TEXT,
    UNKNOWN,
    CompiledSpan,
    after_all,
    compile_spans,
    cut,
    in_words,
    is_left_standing,
)
from haidang.engine.advisories.store import (
    ALL_UPDATES,
    ARCHES,
    FORMAT,
    FRAMES,
    HAS_UPDATE,
    HAS_WORKAROUND,
    LADDER,
    LEFT_STANDING,
    MENTION,
    MOVES,
    NO_BUILD,
    OF_A_MODULE,
    SCHEMAS,
    STATUSES,
    SYSTEMS,
    UNSUPPORTED,
    WHOLE_LIST,
    Store,
)
from haidang.engine.advisories.versions import WITHOUT_ORDER, scheme_name
from haidang.engine.advisories.windows import Windows
from haidang.engine.cpe import parse_cpe
from haidang.engine.records import Unread

# Documents whose records' ids end in one of their flaws: how many slashes their own ids have.
_OF_MANY_FLAWS = {"csaf": 2, "cvrf": 2, "msrc": 1}
_NEWEST_SCALE_FIRST = ("4.0", "3.1", "3.0", "2.0")


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
        # Issue of a document → its latest revision, and the records of that.
        self._issues: dict[str, tuple[str, dict[Record, None]]] = {}
        self._exploited: dict[str, Exploited] = {}
        self._likelihoods: dict[str, Likelihood] = {}
        self._unread: list[Unread] = []
        self._files = 0

    def add(self, bulletin: Bulletin) -> None:
        """Take what one file held."""
        self._files += 1
        self._unread += bulletin.unread
        for record in bulletin.records:
            issue = _issue(record)
            known = self._issues.get(issue)
            if known is None or record.revision > known[0]:
                self._issues[issue] = (record.revision, {record: None})
            elif record.revision == known[0]:
                known[1][record] = None
        for row in bulletin.exploited:
            self._exploited[row.flaw] = row
        for chance in bulletin.likelihoods:
            known_day = self._likelihoods.get(chance.flaw)
            if known_day is None or chance.day >= known_day.day:
                self._likelihoods[chance.flaw] = chance

    def leave_out(self, unread: Unread) -> None:
        """Keep word of a file that could not be read."""
        self._unread.append(unread)

    def done(self, digest: str = "") -> Store:
        """Compile what was taken.

        Args:
            digest: a hash of all the files, kept in the store's notes so that a finding says what it stands on.
        """
        records = [record for _, held in self._issues.values() for record in held]
        records.sort(key=lambda record: (record.flaw, record.rank, record.document, record.place))
        compilation = _Compilation(records, self._products, self._windows, self._mentions)
        compilation.run(self._exploited, self._likelihoods)
        compilation.rows["unread"] += [(row.source.file, row.source.line, row.why) for row in self._unread]
        alive = len(compilation.alive)
        notes = {
            "format": FORMAT,
            "files": str(self._files),
            "records": str(alive),
            "withdrawn": str(len(records) - alive),
            "sha256": digest,
        }
        return Store(**compilation.frames(), notes=notes)


def _issue(record: Record) -> str:
    """Give what a later revision replaces as a whole: a document that speaks of many flaws may also drop one."""
    whole = re.sub(r"~\d+$", "", record.document).removesuffix(f"/{record.flaw}")
    slashes = _OF_MANY_FLAWS.get(whole.partition("/")[0])
    return record.document if slashes is None or whole.count("/") < slashes else whole


class _Compilation:
    """One run over all records."""

    def __init__(
        self, records: Sequence[Record], products: Products, windows: Windows, mentions: re.Pattern[str] | None
    ) -> None:
        self.records = records
        # A rejected id is no flaw, whatever a database that lags behind still says of it.
        rejected = {record.flaw for record in records if record.withdrawn and record.rank == NUMBERING}
        self.alive = [
            record
            for record in records
            if not record.withdrawn and not (record.flaw in rejected and record.rank >= NUMBERING)
        ]
        self.products = products
        self.windows = windows
        self.mentions = mentions
        self.rungs = Rungs(self.alive, products, windows)
        self.rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in FRAMES}
        self.seen: set[tuple[object, ...]] = set()

    def run(self, exploited: Mapping[str, Exploited], likelihoods: Mapping[str, Likelihood]) -> None:
        by_flaw: dict[str, list[Record]] = {flaw: [] for flaw in exploited}
        by_flaw |= {record.flaw: [] for record in self.records}
        for record in self.alive:
            by_flaw[record.flaw].append(record)
        for at, flaw in enumerate(sorted(by_flaw)):
            held = by_flaw[flaw]
            self.rows["flaws"].append(_flaw_row(flaw, held, exploited.get(flaw), likelihoods.get(flaw)))
            for record in held:
                named = [self._take(at, record, statement) for statement in _with_an_order(record.statements)]
                # A record that names no product in its fields may do so in its words; others' fields come after those.
                if not any(named) and record.rank <= NUMBERING:
                    self._take_mentions(at, record)
                self._take_later_lines(at, record)
                if record.document.startswith("msrc/"):
                    self._take_ended(at, record)
        said = ((record.document, record.flaw, record.publisher, record.revision) for record in self.alive)
        self.rows["documents"] += dict.fromkeys(said)
        for key, ladder in self.rungs.ladders.items():
            self.rows["rungs"] += [(key, at, rung.kb, rung.update) for at, rung in enumerate(ladder.rungs, 1)]

    def frames(self) -> dict[str, pl.DataFrame]:
        """Give the store's frames."""
        frames = {name: pl.DataFrame(self.rows[name], schema=SCHEMAS[name], orient="row") for name in FRAMES}
        names = frames["names"].unique(["key", "sid"], keep="first", maintain_order=True).sort("key", "rank", "sid")
        return frames | {"names": names}

    def _take(self, flaw: int, record: Record, statement: Statement) -> bool:
        """Compile a statement; False where it names no product."""
        names = self._names(statement)
        if not names:
            return False
        keys = list(dict.fromkeys(identity.key for identity, _ in names))
        rules = next((known for one, _ in names if (known := self.products.rules_of(one)).why), ProductRules(keys[0]))
        limited = next((identity for identity, _ in names if identity.floor), Identity(""))
        scheme, spans = self._spans(statement, keys, rules, limited)
        modules = self._modules(statement, names)
        has_versions = bool(statement.spans) or scheme == LADDER
        traits = _traits(statement, rules, of_a_module=bool(modules), has_versions=has_versions)
        default = "unknown" if limited.floor else statement.default
        limits = (*_limits(statement), traits, _bits(self.products.modules, modules))
        proofs = self.rungs.proofs(statement, keys)
        said = (flaw, record.rank, scheme, default, *limits, tuple(keys), tuple(spans), proofs)
        if said in self.seen:
            return True  # the same again, for another edition or from another file of the same document
        self.seen.add(said)
        told = (record.rank, scheme, STATUSES.index(default), *limits, statement.vendor[:100])
        product = (statement.product or keys[0])[:MOST_TEXT]
        sid = self._add(
            flaw, told, product, ", ".join(statement.modules), _fix_text(statement.fixes), record, statement.place
        )
        self.rows["names"] += [(identity.key, record.rank, sid, how) for identity, how in names]
        self.rows["spans"] += [(sid, *span) for span in spans]
        self.rows["proofs"] += [(sid, kb, group) for kb, group in proofs]
        return True

    def _take_later_lines(self, flaw: int, record: Record) -> None:
        """Say that lines which came out after all that a record names were released with the fix, where that holds."""
        limits: dict[str, list[Identity]] = {}
        for statement in record.statements:
            for identity, _ in self._names(statement):
                if identity.floor:
                    limits.setdefault(identity.key, []).append(identity)
        for key, found in limits.items():
            rules = self.products.rules_of(found[0])
            if rules.later_lines == "unaffected" and (spans := after_all(found, rules.scheme, rules.line)):
                facts = (record.rank, rules.scheme, UNKNOWN, 0, 0, MOVES | HAS_UPDATE, 0, "")
                sid = self._add(flaw, facts, key, "", "", record, record.place)
                self.rows["names"].append((key, record.rank, sid, "a later line than any named"))
                self.rows["spans"] += [(sid, *span) for span in spans]

    def _modules(self, statement: Statement, names: Sequence[tuple[Identity, str]]) -> set[str]:
        """Give the parts that a statement concerns, by its product's name and by its list."""
        listed = (f"{statement.product} {module}" for module in _parts_listed(statement))
        told = [self.products.identify(statement.vendor, name).module for name in listed]
        return {module for module in (*told, *(identity.module for identity, _ in names)) if module}

    def _take_ended(self, flaw: int, record: Record) -> None:
        """Say of every Windows that was out of support by then that its maker no longer looks at it."""
        month = read_month(record.document.split("/")[1])
        named = {identity.key for statement in record.statements for identity, _ in self._names(statement)}
        if not month[1] or not any(self.windows.line_of(key) for key in named):
            return
        ended = [key for key in self.windows.ended_before(dt.date(*month, 1)) if key not in named]
        facts = (record.rank, "quad", UNKNOWN, 0, 0, MOVES | UNSUPPORTED, 0, "Microsoft")
        sid = self._add(flaw, facts, "Windows, out of support", "", "", record, record.place)
        self.rows["names"] += [(key, record.rank, sid, "not named: out of support") for key in ended]

    def _add(
        self, flaw: int, told: tuple[object, ...], product: str, modules: str, fix: str, record: Record, place: str
    ) -> int:
        sid = len(self.rows["statements"])
        row = (sid, flaw, *told, product, modules[:MOST_TEXT], record.publisher, fix, record.file, place)
        self.rows["statements"].append(row)
        return sid

    def _spans(
        self, statement: Statement, keys: Sequence[str], rules: ProductRules, limited: Identity
    ) -> tuple[str, list[CompiledSpan]]:
        """Give the scheme of a statement, and its spans in it."""
        on_ladder = self.rungs.spans(statement, keys)
        if on_ladder:
            return LADDER, on_ladder
        line = next((found for key in keys if (found := self.windows.line_of(key))), None)
        purl = next((key for key in keys if key.startswith("pkg:")), "")
        scheme = "quad" if line else rules.scheme or scheme_name(statement.scheme or _scheme_of_purl(purl))
        return scheme, compile_spans(statement, scheme, rules, limited, line, self.windows)

    def _take_mentions(self, flaw: int, record: Record) -> None:
        """Where a record names no product, take its description for the reviewed ones that it speaks of.

        Versions are taken where the sentence gives them plainly; otherwise the mention only asks.
        """
        found: dict[Identity, re.Match[str]] = {}
        for mention in self.mentions.finditer(record.text) if self.mentions else ():
            found.setdefault(self.products.identify("", mention[0]), mention)
        for identity, mention in found.items():
            key, rules = identity.key, self.products.rules_of(identity)
            if not key:
                continue
            scheme = rules.scheme or "dotted"
            told = Statement(product=mention[0], spans=versions_after(record.text, mention.end()))
            spans = compile_spans(told, scheme, rules, identity, None, self.windows) if told.spans else []
            if not spans or any(span.prose for span in spans):
                spans = [in_words(record.text)]
            traits = MENTION | MOVES * rules.moves | OF_A_MODULE * bool(identity.module)
            parts = _bits(self.products.modules, [identity.module])
            facts = (record.rank + 1, scheme, UNKNOWN, 0, 0, traits, parts, "")
            sid = self._add(flaw, facts, mention[0], "", "", record, f"{record.place}/descriptions")
            self.rows["names"].append((key, record.rank + 1, sid, f"description names “{mention[0]}”"))
            self.rows["spans"] += [(sid, *span) for span in spans]

    def _names(self, statement: Statement) -> list[tuple[Identity, str]]:
        """Give the keys by which a statement names its product, each with the way."""
        names = [
            (Identity(_of_release(key, purl, statement)), f"purl {purl}")
            for purl in statement.purls
            if (key := purl_key(purl))
        ]
        if any(identity.key.startswith(DISTRIBUTIONS) for identity, _ in names):
            return names  # a distribution's package: its versions are the distribution's own
        if statement.product and not is_nothing(plain_name(statement.product)):
            identity = self.products.identify(statement.vendor, split_name(statement.product).text)
            if identity.key:
                names.append((identity, f"name {statement.vendor} {statement.product}".strip()))
        for cpe in statement.cpes:
            names += [(identity, cpe) for identity in self.products.identify_cpe(cpe)]
        return names


def _of_release(key: str, purl: str, statement: Statement) -> str:
    """Add the release of the distribution that a statement on a package is about, where it says so."""
    package = parse_purl(purl)
    if package is None or not key.startswith(DISTRIBUTIONS):
        return key
    platforms = (text for text in statement.platforms if not arches_in(text))
    told = (dict(package.qualifiers).get("distro", ""), *platforms)
    marks = (release_in_build(end) for span in statement.spans for end in (span.low, span.high))
    release = next((found for found in (*map(release_of, told), *marks) if found), "")
    return f"{key}#{release}" if release else key


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


def _with_an_order(statements: Sequence[Statement]) -> list[Statement]:
    """Leave out commits where the same product is told by versions as well."""
    ordered = {(s.vendor, s.product) for s in statements if s.scheme not in WITHOUT_ORDER}
    return [s for s in statements if s.scheme not in WITHOUT_ORDER or (s.vendor, s.product) not in ordered]


def _limits(statement: Statement) -> tuple[int, int]:
    """Give the processors and systems to which a statement is limited, as bits."""
    name, platforms = split_name(statement.product), " ".join(statement.platforms)
    arches = name.arches | (arches_in(platforms) if platforms else set())
    systems = name.systems | systems_in(platforms) | _required_systems(statement.requires)
    return _bits(ARCHES, arches), _bits(SYSTEMS, systems)


def _traits(statement: Statement, rules: ProductRules, *, of_a_module: bool, has_versions: bool) -> int:
    kinds = {fix.kind for fix in statement.fixes}
    return (
        MOVES * rules.moves
        | WHOLE_LIST * (rules.lists_are_whole and _lists_versions(statement))
        | OF_A_MODULE * bool(of_a_module or (_parts_listed(statement) and rules.modules_are_optional))
        | ALL_UPDATES * rules.needs_all_updates
        | NO_BUILD * bool(not has_versions and any(fix.kb for fix in statement.fixes))
        | HAS_UPDATE * ("update" in kinds or any(span.status == "unaffected" for span in statement.spans))
        | HAS_WORKAROUND * ("workaround" in kinds)
        | LEFT_STANDING * is_left_standing(statement)
    )


def _parts_listed(statement: Statement) -> Sequence[str]:
    """Give the parts to which a statement is limited; none where all of them are in its list."""
    whole = any(module.strip().lower() == "all modules" for module in statement.modules)
    return () if whole else statement.modules


def _lists_versions(statement: Statement) -> bool:
    """Tell a statement that lists single versions as affected."""
    return any(span.status == "affected" and span.low and span.low == span.high for span in statement.spans)


def _scheme_of_purl(key: str) -> str:
    kind = key.removeprefix("pkg:").partition("/")[0]
    return kind if kind in ("pypi", "npm", "maven", "deb", "rpm", "apk", "golang", "cargo", "nuget") else ""


def _fix_text(fixes: Sequence[Fix]) -> str:
    """Say in one line what mends a flaw: updates first."""
    updates = [
        f"KB{fix.kb}" + (f" ({fix.build})" if fix.build else "") if fix.kb else fix.build or fix.text
        for fix in fixes
        if fix.kind == "update"
    ]
    others = [fix.text for fix in fixes if fix.kind == "workaround" and fix.text]
    return cut("; ".join(dict.fromkeys(updates[:4] or others[:1])))


def _flaw_row(
    flaw: str, records: Sequence[Record], exploited: Exploited | None, likelihood: Likelihood | None
) -> tuple[object, ...]:
    score = _score([score for record in records for score in record.scores])
    ssvc = next((record.ssvc for record in records if record.ssvc), None)
    return (
        flaw,
        next((record.title for record in records if record.title), "")
        or cut(next((r.text for r in records if r.text), "")),
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
