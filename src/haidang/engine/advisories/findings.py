"""From matches to findings: priorities, days, work-arounds and letters; what each agency has to do, and is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from haidang.engine.advisories.decide import HIGH, WHYS
from haidang.engine.advisories.installed import Component, Installed, same_host
from haidang.engine.advisories.match import STATES, Index, Matched
from haidang.engine.advisories.priority import DECISIONS, DecisionTable, days, decide
from haidang.engine.advisories.store import HAS_UPDATE
from haidang.engine.law import Law

# The states of a finding, the worst first; “mitigated” is affected, with a work-around and no update to install.
FINDING_STATES = ("affected", "cannot_tell", "mitigated", "fixed", "not_present")
WHYS_OF_FINDINGS = (*WHYS, "workaround", "update_after_workaround")
_AFFECTED = STATES.index("affected")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known beside the inventory and the advisories.

    Attributes:
        as_of: the day.
        law: the numbers in force.
        table: SSVC's decisions.
        levels: agency, system, level: the approved levels of systems.
        workarounds: agency, host, flaw, evidence, file, line: work-arounds on record.
        bound: letter, date, flaw, sure, ground: the flaws that the letter binds (see `cited.bind`).
        due: the day that the letter itself sets; None where it sets none.
    """

    as_of: dt.date
    law: Law
    table: DecisionTable
    levels: pl.DataFrame
    workarounds: pl.DataFrame
    bound: pl.DataFrame
    due: dt.date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What was found, ready to tell.

    Attributes:
        hosts: one row a machine: agency, host, kind, exposure, system, level, os, os_version, os_known, supported (its
            maker still looks for flaws in it, as far as is known), supported_until, listed, file, line, and how many of
            its flaws are affected, cannot_tell, mitigated, fixed, not_present.
        actions: one row an agency, product and thing to do: agency, product, version (those in use), fix, hosts,
            flaws (how many), exploited (how many of them), worst (flaw), score, decision, due, letters, open_flaws.
        questions: one row an agency, product and reason: agency, product, version, why, said, fix, modules, hosts,
            flaws.
        letters: one row a letter and flaw: letter, flaw, sure, ground, known (a record of it is at hand).
        bound: one row an agency, flaw that a letter binds, and state: agency, flaw, state, hosts (how many).
    """

    hosts: pl.DataFrame
    actions: pl.DataFrame
    questions: pl.DataFrame
    letters: pl.DataFrame
    bound: pl.DataFrame
    _parts: _Parts

    def rows(self) -> Iterator[pl.DataFrame]:
        """Give the findings row by row, an agency's at a time: see COLUMNS."""
        return self._parts.rows()


# Columns of the rows of findings.
COLUMNS: Mapping[str, str] = {
    "agency": "whose machine",
    "host": "machine",
    "flaw": "CVE id, or the publisher's own",
    "state": "affected, cannot_tell, mitigated, fixed or not_present",
    "why": "the rule that decided (docs/matching.md)",
    "product": "as the inventory names it",
    "version": "as the inventory shows it",
    "said": "what the advisory says of versions",
    "fixed_in": "the first version that is mended, or the update",
    "fix": "what mends it, in the publisher's words",
    "publisher": "whose statement decided",
    "matched_by": "how the product was recognised on both sides",
    "decision": "SSVC: act, attend, track*, track",
    "due": "the day by which",
    "due_ground": "letter, or the law's key",
    "exploited": "known to be exploited",
    "kev_due": "the day that CISA's catalogue sets for its own agencies",
    "epss": "chance of exploitation within 30 days (0-1)",
    "cvss": "base score",
    "cvss_version": "of the scale",
    "letters": "advisory letters that warn of it, joined by “; ”",
    "exposure": "internet, internal, or empty",
    "level": "approved level of its system",
    "title": "of the flaw",
    "inventory_file": "where the product stands",
    "inventory_line": "line of it",
    "advisory_file": "where the statement stands",
    "advisory_place": "place in it",
}


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Frames from which rows are put together, by number."""

    pairs: pl.DataFrame
    decisions: pl.DataFrame
    hosts: pl.DataFrame
    on: pl.DataFrame
    components: pl.DataFrame
    statements: pl.DataFrame
    spans: pl.DataFrame
    flaws: pl.DataFrame
    ways: pl.DataFrame
    soon: pl.DataFrame
    due: dt.date | None

    def rows(self) -> Iterator[pl.DataFrame]:
        yield from map(self._rows, self.pairs.partition_by("agency", maintain_order=True))

    def _rows(self, part: pl.DataFrame) -> pl.DataFrame:
        decided = self.decisions[part["decision"]]
        place = self.on[part["place"]].select(inventory_file="file", inventory_line="line")
        frame = pl.concat(
            [part.select("host_at", "state", "why"), decided.drop("state", "why"), place], how="horizontal"
        )
        frame = (
            frame.join(self.hosts, on="host_at", how="left", maintain_order="left")
            .join(self.flaws, on="flaw_at", how="left", maintain_order="left")
            .join(self.components, on="component", how="left", maintain_order="left")
            .join(self.statements, on="sid", how="left", maintain_order="left")
            .join(self.spans, on="span", how="left", maintain_order="left")
            .join(self.ways, on=["component", "sid"], how="left", maintain_order="left")
            .join(self.soon, on=["flaw_at", "level"], how="left", nulls_equal=True, maintain_order="left")
        )
        in_letter = pl.lit(self.due is not None) & (pl.col("letters") != "")
        return frame.with_columns(
            due=pl.when(in_letter).then(pl.lit(self.due, pl.Date)).otherwise(pl.col("due")),
            due_ground=pl.when(in_letter).then(pl.lit("letter")).otherwise(pl.col("due_ground")),
        ).select(COLUMNS.keys()).sort("host", "state", "decision", "flaw")  # fmt: skip


def find(index: Index, installed: Installed, matched: Matched, known: Circumstances) -> Findings:
    """Make findings of matches.

    Args:
        index: the advisories that were matched.
        installed: the machines.
        matched: what `match` said of them; the flaws that letters bind should have been listed.
        known: the day, the law, levels, work-arounds and letters.
    """
    store = index.store
    flaws = _flaws(store.flaws, known)
    decisions = matched.decisions.rename({"flaw": "flaw_at"}).cast({"flaw_at": pl.UInt32})
    hosts = _with_levels(installed.hosts, known.levels)
    hosts = hosts.with_columns(supported=(pl.col("supported_until") >= known.as_of).fill_null(value=True))
    pairs = _with_workarounds(matched.pairs, decisions, hosts, flaws, store.statements, known)
    components = _components(installed.components)
    soon = _soon(store.flaws, known)
    parts = _Parts(
        pairs=pairs,
        decisions=decisions.select("component", "flaw_at", "sid", "span", "state", "why"),
        hosts=hosts.select("host_at", "agency", "host", "exposure", "level"),
        on=installed.on,
        components=components,
        statements=store.statements.select(
            pl.col("sid").cast(pl.Int32), "publisher", "fix", "modules", advisory_file="file", advisory_place="place"
        ),
        spans=store.spans.with_row_index("span").select(pl.col("span").cast(pl.Int32), said="text", fixed_in="fixed"),
        flaws=flaws,
        ways=_ways(installed.components, decisions, store.names),
        soon=soon,
        due=known.due,
    )
    counted = _counted(hosts, pairs, matched.hosts)
    asked = pl.concat([_questions(parts, pairs), _ended(hosts)], how="diagonal_relaxed")
    asked = asked.sort("agency", "product", "version", "why")
    actions = _actions(index, parts, pairs, known)
    letters = known.bound.with_columns(
        known=pl.col("flaw").is_in(store.flaws.filter(~pl.col("withdrawn"))["flaw"].implode())
    )
    return Findings(counted, actions, asked, letters, _bound(parts, pairs, hosts, known), parts)


def _flaws(flaws: pl.DataFrame, known: Circumstances) -> pl.DataFrame:
    letters = known.bound.group_by("flaw", maintain_order=True).agg(
        letters=pl.col("letter").unique(maintain_order=True)
    )
    letters = letters.with_columns(pl.col("letters").list.join("; "))
    frame = flaws.with_row_index("flaw_at").join(letters, on="flaw", how="left", maintain_order="left")
    return frame.select(
        pl.col("flaw_at").cast(pl.UInt32), "flaw", "title", "cvss", "cvss_version", "kev_due", "epss",
        (pl.col("exploited") | (pl.col("kev_added") != "")).alias("exploited"),
        pl.col("letters").fill_null(""),
    )  # fmt: skip


def _with_levels(hosts: pl.DataFrame, levels: pl.DataFrame) -> pl.DataFrame:
    """Give each machine the level of its system."""
    named = pl.col("system").str.to_lowercase().str.strip_chars()
    table = levels.select("agency", named.alias("of_system"), "level").unique(["agency", "of_system"], keep="last")
    frame = hosts.with_row_index("host_at").with_columns(named.alias("of_system"), pl.col("host_at").cast(pl.UInt32))
    return frame.join(table, on=["agency", "of_system"], how="left", maintain_order="left").drop("of_system")


def _with_workarounds(
    pairs: pl.DataFrame,
    decisions: pl.DataFrame,
    hosts: pl.DataFrame,
    flaws: pl.DataFrame,
    statements: pl.DataFrame,
    known: Circumstances,
) -> pl.DataFrame:
    """Give each pair its agency, state and reason, work-arounds counted where there is no update."""
    states = pl.Enum(FINDING_STATES)
    whys = pl.Enum(WHYS_OF_FINDINGS)
    decided = decisions[pairs["decision"]]
    frame = pairs.with_columns(
        decided["state"].replace_strict(range(len(STATES)), STATES, return_dtype=states).alias("state"),
        decided["why"].replace_strict(range(len(WHYS)), WHYS, return_dtype=whys).alias("why"),
        hosts["agency"].cast(pl.Categorical)[pairs["host_at"]].alias("agency"),
    )
    if known.workarounds.is_empty():
        return frame
    on_record = (
        known.workarounds.with_columns(same_host())
        .join(hosts.with_columns(same_host()).select("agency", "same", "host_at"), on=["agency", "same"])
        .join(flaws.select("flaw", "flaw_at"), on="flaw")
        .select("host_at", "flaw_at", recorded=pl.lit(value=True))
        .unique()
    )
    has_update = statements.select(pl.col("sid").cast(pl.Int32), has_update=(pl.col("traits") & HAS_UPDATE) > 0)
    frame = frame.with_columns(decided["flaw_at"].alias("flaw_at"), decided["sid"].alias("sid"))
    frame = frame.join(on_record, on=["host_at", "flaw_at"], how="left", maintain_order="left")
    frame = frame.join(has_update, on="sid", how="left", maintain_order="left")
    recorded = pl.col("recorded").fill_null(value=False) & (pl.col("state") == "affected")
    return frame.with_columns(
        state=pl.when(recorded & ~pl.col("has_update")).then(pl.lit("mitigated", states)).otherwise(pl.col("state")),
        why=pl.when(recorded & ~pl.col("has_update")).then(pl.lit("workaround", whys))
        .when(recorded).then(pl.lit("update_after_workaround", whys)).otherwise(pl.col("why")),
    ).drop("recorded", "has_update", "flaw_at", "sid")  # fmt: skip


def _components(components: Sequence[Component]) -> pl.DataFrame:
    return pl.DataFrame(
        [(at, one.product, one.version) for at, one in enumerate(components)],
        schema={"component": pl.Int32, "product": pl.String, "version": pl.String},
        orient="row",
    )


def _ways(components: Sequence[Component], decisions: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Say how a product was recognised, for each component and statement: component, sid, matched_by."""
    own = pl.DataFrame(
        [(at, key, way) for at, one in enumerate(components) for key, way in one.names],
        schema={"component": pl.Int32, "key": pl.String, "way": pl.String},
        orient="row",
    )
    pairs = decisions.select("component", "sid").unique()
    told = names.select("key", pl.col("sid").cast(pl.Int32), "how")
    both = pairs.join(own, on="component").join(told, on=["key", "sid"]).unique(["component", "sid"], keep="first")
    return both.select("component", "sid", matched_by=pl.format("{} = {} ← {}", "way", "key", "how"))


def _soon(flaws: pl.DataFrame, known: Circumstances) -> pl.DataFrame:
    """Give each flaw's decision and day at each level: flaw_at, level, decision, due, due_ground."""
    published = flaws.with_row_index("flaw_at").select(
        pl.col("flaw_at").cast(pl.UInt32),
        "flaw",
        pl.col("published").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False),
    )
    warned = known.bound.group_by("flaw").agg(warned=pl.col("date").max())
    begins = published.join(warned, on="flaw", how="left").with_columns(
        begins=pl.max_horizontal("published", "warned").fill_null(pl.lit(known.as_of))
    )
    decided = decide(flaws, known.table).with_columns(pl.col("flaw_at").cast(pl.UInt32))
    frame = decided.join(days(known.law), on="decision", how="left").join(begins, on="flaw_at", how="left")
    return frame.select(
        "flaw_at", "level", pl.col("decision").cast(pl.Enum(DECISIONS)),
        due=pl.col("begins") + pl.duration(days="days"), due_ground="ground",
    )  # fmt: skip


def _counted(hosts: pl.DataFrame, pairs: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """Count each machine's flaws by state; those that are not given row by row come on top."""
    counts = pairs.group_by("host_at").agg(
        (pl.col("state") == state).sum().cast(pl.Int64).alias(state) for state in FINDING_STATES
    )
    frame = hosts.join(counts, on="host_at", how="left", maintain_order="left")
    frame = frame.with_columns(pl.col(state).fill_null(0) for state in FINDING_STATES)
    return frame.with_columns(
        fixed=pl.col("fixed") + more["fixed"], not_present=pl.col("not_present") + more["not_present"]
    ).drop("host_at")


def _bound(parts: _Parts, pairs: pl.DataFrame, hosts: pl.DataFrame, known: Circumstances) -> pl.DataFrame:
    """Count machines by agency, bound flaw and state.

    A machine without the product counts as not present, where its system and its software were seen; else nobody can
    tell.
    """
    wanted = parts.flaws.filter(pl.col("flaw").is_in(known.bound["flaw"].unique().implode())).select("flaw_at", "flaw")
    of_flaw = parts.decisions.with_row_index("decision").join(wanted, on="flaw_at").select("decision", "flaw")
    seen = (pl.col("os_known") & pl.col("listed")).alias("seen")
    rows = pairs.join(of_flaw, on="decision").with_columns(pl.col("agency", "state").cast(pl.String))
    rows = rows.join(hosts.select("host_at", seen), on="host_at")
    told = rows.group_by("agency", "flaw", "state", "seen").agg(hosts=pl.len().cast(pl.Int64))
    every = hosts.group_by("agency", seen).agg(every=pl.len().cast(pl.Int64)).join(wanted.select("flaw"), how="cross")
    named = told.group_by("agency", "flaw", "seen").agg(pl.col("hosts").sum())
    rest = every.join(named, on=["agency", "flaw", "seen"], how="left").select(
        "agency",
        "flaw",
        state=pl.when("seen").then(pl.lit("not_present")).otherwise(pl.lit("cannot_tell")),
        hosts=pl.col("every") - pl.col("hosts").fill_null(0),
    )
    both = pl.concat([told.drop("seen"), rest]).group_by("agency", "flaw", "state").agg(pl.col("hosts").sum())
    return both.filter(pl.col("hosts") > 0).sort("agency", "flaw", "state")


def _questions(parts: _Parts, pairs: pl.DataFrame) -> pl.DataFrame:
    """Gather what nobody can tell: one row an agency, product, version and reason, with its machines."""
    open_pairs = pairs.filter(pl.col("state") == "cannot_tell")
    decided = parts.decisions[open_pairs["decision"]]
    rows = open_pairs.select("agency", "host_at", "why").hstack(
        decided.select("component", "flaw_at", "sid", "span").get_columns()
    )
    ordered = rows.sort("component", "flaw_at", "host_at", "sid", "span")  # equal inputs give equal bytes
    by_component = ordered.group_by("agency", "component", "why", maintain_order=True).agg(
        pl.col("host_at").unique().sort(), pl.col("flaw_at").unique(), pl.col("sid").first(), pl.col("span").first()
    )
    frame = (
        by_component.join(parts.components, on="component")
        .join(parts.statements.select("sid", "fix", "modules"), on="sid", how="left")
        .join(parts.spans.select("span", "said"), on="span", how="left")
    )
    names = parts.hosts["host"]
    grouped = frame.sort("component").group_by("agency", "product", "version", "why", maintain_order=True).agg(
        pl.col("host_at").explode().unique().sort(),
        flaws=pl.col("flaw_at").explode().n_unique(),
        said=pl.col("said").first(), fix=pl.col("fix").first(), modules=pl.col("modules").first(),
    )  # fmt: skip
    return _with_host_names(grouped, names).sort("agency", "product", "version", "why")


def _ended(hosts: pl.DataFrame) -> pl.DataFrame:
    """Ask about machines that are out of support: one row an agency and system."""
    ended = hosts.filter(~pl.col("supported"))
    return ended.group_by("agency", product=pl.col("os").fill_null("Windows"), version=pl.col("os_version")).agg(
        why=pl.lit("out_of_support"), flaws=pl.lit(0, pl.UInt32), said=pl.col("supported_until").max().cast(pl.String),
        hosts=pl.col("host").sort(),
    )  # fmt: skip


def _with_host_names(frame: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    exploded = frame.with_row_index("row").select("row", "host_at").explode("host_at")
    named = exploded.with_columns(names[exploded["host_at"]].alias("host")).group_by("row", maintain_order=True)
    hosts = named.agg(hosts=pl.col("host"))
    return frame.with_row_index("row").join(hosts, on="row", maintain_order="left").drop("row", "host_at")


def _actions(index: Index, parts: _Parts, pairs: pl.DataFrame, known: Circumstances) -> pl.DataFrame:
    """Gather what has to be done: one row an agency, product and target, with its machines.

    The target is the first version in which all of the open flaws of that installed version are mended.
    """
    affected = parts.decisions.with_row_index("decision").filter(pl.col("state") == _AFFECTED)
    ends = pl.Series("end", index.spans[HIGH]) if len(index.spans[HIGH]) else pl.Series("end", [], dtype=pl.Int64)
    spans = parts.spans.with_columns(ends)
    told = affected.join(spans, on="span", how="left").join(parts.statements.select("sid", "fix"), on="sid", how="left")
    ends_known = told.filter(pl.col("fixed_in") != "").sort("end", "fixed_in")
    mended = ends_known.group_by("component", maintain_order=True).agg(target=pl.col("fixed_in").last())
    in_order = told.filter(pl.col("fix").fill_null("") != "").sort("component", "flaw_at", "sid", "span")
    words = in_order.group_by("component", maintain_order=True).agg(words=pl.col("fix").first())
    target = words.join(mended, on="component", how="left").select(
        "component", fix=pl.coalesce("target", "words").fill_null("")
    )
    open_pairs = pairs.filter(pl.col("state") == "affected")
    decided = parts.decisions[open_pairs["decision"]]
    rows = open_pairs.select("agency", "host_at").hstack(decided.select("component", "flaw_at").get_columns())
    rows = rows.with_columns(parts.hosts["level"][rows["host_at"]])
    by_component = rows.group_by("agency", "component").agg(
        pl.col("host_at").unique(), pl.col("flaw_at").unique(), pl.col("level").unique()
    )
    listed = by_component.join(parts.components, on="component").join(target, on="component", how="left")
    grouped = listed.group_by("agency", "product", "fix").agg(
        pl.col("version").unique().sort(),
        pl.col("host_at").explode().unique().sort(),
        pl.col("flaw_at").explode().unique(),
        pl.col("level").explode().unique(),
    )
    flaws = grouped.with_row_index("row").select("row", "flaw_at", "level").explode("flaw_at").explode("level")
    flaws = flaws.join(parts.soon.drop("due_ground"), on=["flaw_at", "level"], how="left", nulls_equal=True)
    soonest = flaws.group_by("row", "flaw_at").agg(pl.col("decision").min(), pl.col("due").min())
    ranked = soonest.join(parts.flaws, on="flaw_at").sort(
        "row", "decision", "exploited", "cvss", "flaw", descending=[False, False, True, True, False]
    )
    summed = ranked.group_by("row", maintain_order=True).agg(
        flaws=pl.len(), exploited=pl.col("exploited").sum(), worst=pl.col("flaw").first(), score=pl.col("cvss").max(),
        decision=pl.col("decision").first(), due=pl.col("due").min(), open_flaws=pl.col("flaw").head(50),
        letters=pl.col("letters").filter(pl.col("letters") != "").unique().sort().str.join("; "),
    )  # fmt: skip
    frame = grouped.with_row_index("row").join(summed, on="row", maintain_order="left").drop("row", "flaw_at", "level")
    if known.due:
        in_letter = pl.col("letters") != ""
        frame = frame.with_columns(due=pl.when(in_letter).then(pl.lit(known.due)).otherwise(pl.col("due")))
    return _with_host_names(frame, parts.hosts["host"]).sort(
        "agency",
        "decision",
        "exploited",
        "flaws",
        "product",
        "fix",
        descending=[False, False, True, True, False, False],
    )
