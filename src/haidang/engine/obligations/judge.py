"""From tests to verdicts, for every clause and every agency. The document's form is `docs/verdicts.md`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from haidang.engine.letters.letter import Clause, Letter
from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Measure, Part, Question, Verdict
from haidang.engine.obligations.recognise import audience_of, walk
from haidang.engine.text import key

MOST_ROWS = 200
_WORST: tuple[Verdict, ...] = ("not_met", "not_provable", "met", "not_applicable")
_OUTCOMES = ("fail", "unknown", "pass", "exempt")
_ROW = ("part", "subject", "outcome", "why", "table", "file", "line")


@dataclass(frozen=True, slots=True)
class Judgement:
    """The document, and all rows that don't pass (measure, agency, part, subject, outcome, why, table, file, line)."""

    document: dict[str, Any]
    rows: pl.DataFrame


def judge(
    letter: Letter,
    letter_sha256: str,
    facts: Facts,
    question: Question,
    measures: Mapping[str, Measure],
    *,
    ground: str = "asked",
) -> Judgement:
    """Answer every clause of a letter for every agency.

    Args:
        letter: its measures recognised.
        letter_sha256: of the file it was read from.
        facts: all that is on file; what happened after the day of judgement does not count.
        question: the day, the period, the law in force, what the letter cites.
        measures: by name.
        ground: where the period comes from.
    """
    known = facts.until(question.as_of)
    clauses = list(walk(letter.clauses))
    asked = dict.fromkeys(name for clause in clauses for name in clause.measures)
    answers = {name: _answer(measures[name], known, question) for name in asked}
    verdicts = [entry for clause in clauses for entry in _verdicts(clause, answers, known, question, measures)]
    document = {
        "format": "haidang-verdicts/1",
        "letter": _letter(letter, letter_sha256),
        "as_of": question.as_of.isoformat(),
        "period": {"from": question.first.isoformat(), "to": question.last.isoformat(), "ground": ground},
        "agencies": [
            {"agency": a.agency, "name": a.name, "block": a.block, "kind": a.kind} for a in known.agencies.rows
        ],
        "clauses": [_clause(clause, letter) for clause in clauses],
        "measures": {name: _measure(measures[name], question) for name in asked},
        "obligations": _obligations(clauses, known, verdicts),
        "verdicts": verdicts,
        "unread": _unread(known, measures),
        "inputs": [
            {"file": one.file, "sha256": one.sha256, "rows": one.rows}
            for one in [*known.agencies.inputs, *known.inputs]
        ],
    }
    return Judgement(document, _all_rows(answers))


@dataclass(frozen=True, slots=True)
class _Answer:
    """A measure's tests, and what each agency's come to."""

    by_agency: Mapping[str, dict[str, Any]]
    failing: pl.DataFrame


def _answer(measure: Measure, facts: Facts, question: Question) -> _Answer:
    tests = measure.test(facts, question).with_columns(
        pl.col(name).cast(pl.String) for name in ("agency", "part", "subject", "outcome", "why", "table", "file")
    )
    counts = _counts(tests)
    reasons = _reasons(tests)
    shown = _shown(tests)
    unread = _unread_counts(measure, facts)
    absent = {table: frozenset(facts.missing(table)) for table in measure.needs}
    by_agency = {
        agency: _conclude(
            measure,
            question,
            counts.get(agency, {}),
            unread.get(agency, _NONE_UNREAD),
            [table for table in measure.needs if agency in absent[table]],
            reasons.get(agency, []),
            shown.get(agency, []),
        )
        for agency in facts.agencies.keys
    }
    for agency, conclusion in by_agency.items():
        conclusion["rows_total"] += sum(
            counts.get(agency, {}).get(part, {}).get("n", 0) for part in counts.get(agency, {})
        )
    doubted = [agency for agency, rows in unread.items() if rows.evidence or rows.whole]
    doubted += [agency for agencies in absent.values() for agency in agencies]
    failing = tests.filter(pl.col("outcome").is_in(["fail", "unknown"])).with_columns(
        outcome=pl.when(pl.col("agency").is_in(doubted)).then(pl.lit("unknown")).otherwise(pl.col("outcome"))
    )
    told = pl.DataFrame(
        [{"agency": agency, **row} for agency, conclusion in by_agency.items() for row in conclusion["told"]],
        schema={"agency": pl.String(), **dict.fromkeys(_ROW, pl.String()), "line": pl.Int64()},
    )
    return _Answer(by_agency, pl.concat([told, failing.select(told.columns).cast({"line": pl.Int64()})]))


def _counts(tests: pl.DataFrame) -> dict[str, dict[str, dict[str, int]]]:
    """Add up weights: agency → part → outcome → weight; "n" counts rows."""
    out: dict[str, dict[str, dict[str, int]]] = {}
    grouped = tests.group_by("agency", "part", "outcome").agg(pl.col("weight").sum(), n=pl.len())
    for agency, part, outcome, weight, n in grouped.iter_rows():
        slot = out.setdefault(agency, {}).setdefault(part, {"n": 0})
        slot[outcome] = slot.get(outcome, 0) + weight
        slot["n"] += n
    return out


def _reasons(tests: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {}
    why = tests.filter((pl.col("why") != "") & pl.col("why").is_not_null())
    grouped = why.group_by("agency", "why", "outcome").agg(count=pl.len()).sort("agency", "outcome", "why")
    for row in grouped.iter_rows(named=True):
        out.setdefault(row["agency"], []).append({"why": row["why"], "outcome": row["outcome"], "count": row["count"]})
    return out


def _shown(tests: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Keep the rows that the document carries: those that decide first, in a fixed order."""
    rank = pl.col("outcome").replace_strict(_OUTCOMES, range(len(_OUTCOMES)), return_dtype=pl.Int8)
    ordered = tests.with_columns(rank=rank).sort(
        "agency", "rank", "part", "subject", "file", "line", "why", nulls_last=True
    )
    out: dict[str, list[dict[str, Any]]] = {}
    for row in ordered.group_by("agency", maintain_order=True).head(MOST_ROWS).select("agency", *_ROW).iter_rows():
        out.setdefault(row[0], []).append(dict(zip(_ROW, row[1:], strict=True)))
    return out


@dataclass(frozen=True, slots=True)
class _UnreadRows:
    """What could not be read in the tables of a measure, for one agency."""

    subjects: int = 0
    evidence: int = 0
    whole: bool = False
    rows: tuple[dict[str, Any], ...] = ()


_NONE_UNREAD = _UnreadRows()


def _unread_counts(measure: Measure, facts: Facts) -> dict[str, _UnreadRows]:
    tables = [*measure.needs, *measure.uses]
    unread = facts.unread.filter(pl.col("table").is_in(tables) & (pl.col("scope") != "apart"))
    gathered: dict[str, list[dict[str, Any]]] = {}
    for row in unread.iter_rows(named=True):
        # A row of the department's own file whose agency can't be read may concern any of them.
        for agency in [row["agency"]] if row["agency"] else facts.agencies.keys:
            gathered.setdefault(agency, []).append(row)
    out = {}
    for agency, rows in gathered.items():
        subjects = sum(row["table"] == measure.needs[0] and row["scope"] == "row" for row in rows)
        whole = any(row["scope"] == "whole" for row in rows)
        told = tuple(_unread_row(measure, row) for row in rows)
        out[agency] = _UnreadRows(subjects, len(rows) - subjects, whole, told)
    return out


def _unread_row(measure: Measure, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "part": measure.parts[0].name,
        "subject": row["why"],
        "outcome": "unknown",
        "why": "unread_row",
        "table": row["table"],
        "file": row["file"],
        "line": row["line"],
    }


def _conclude(
    measure: Measure,
    question: Question,
    counts: Mapping[str, Mapping[str, int]],
    unread: _UnreadRows,
    absent: Sequence[str],
    reasons: list[dict[str, Any]],
    rows: list[dict[str, Any]],
) -> dict[str, Any]:
    """Turn one agency's counts into a verdict."""
    doubted = bool(absent or unread.evidence or unread.whole)
    subjects = 0 if absent else unread.subjects
    parts = [
        _part(part, counts.get(part.name, {}), subjects if at == 0 else 0, question, doubted=doubted)
        for at, part in enumerate(measure.parts)
    ]
    told = [*({**_NO_TABLE, "part": measure.parts[0].name, "table": table} for table in absent), *unread.rows]
    counted = _count_whys(told)
    verdict = _worst(part["verdict"] for part in parts)
    # With no subject at all, nothing depends on what can't be read; one that is exempt may owe that to an unread row,
    # and where there are several parts the row may have been a subject of another part.
    no_subject = len(parts) == 1 and not parts[0]["total"] + parts[0]["exempt"]
    kept = told and (verdict == "met" or (verdict == "not_applicable" and not no_subject))
    if absent or unread.whole or kept:
        verdict = "not_provable"
        parts = [{**part, "verdict": "not_provable"} if absent or unread.whole else part for part in parts]
    if doubted:
        rows, reasons = _in_doubt(rows), _in_doubt(reasons)
    if not told and not any(part["total"] + part["exempt"] for part in parts):
        # Zero is an answer, and it says so: the table was handed in and holds nothing to count.
        told = [{**_NO_TABLE, "part": measure.parts[0].name, "outcome": "exempt", "why": "nothing_to_count"}]
        told[0]["table"] = measure.needs[0]
        counted = [{"why": "nothing_to_count", "outcome": "exempt", "count": 1}]
    return {
        "verdict": verdict,
        "numerator": parts[0]["passed"],
        "denominator": parts[0]["total"],
        "unit": {"vi": measure.parts[0].unit.vi, "en": measure.parts[0].unit.en},
        "parts": parts,
        "reasons": [*counted, *reasons],
        "rows": [*told, *rows][:MOST_ROWS],
        "rows_total": len(told),
        "told": [row for row in told if row["outcome"] != "exempt"],
    }


def _in_doubt(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Where evidence is missing or unreadable, what fails for lack of evidence can only not be told."""
    return [{**entry, "outcome": "unknown"} if entry["outcome"] == "fail" else dict(entry) for entry in entries]


_NO_TABLE = {"part": "", "subject": "", "outcome": "unknown", "why": "no_table", "table": "", "file": "", "line": 0}


def _count_whys(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["why"]] = counts.get(row["why"], 0) + 1
    return [{"why": why, "outcome": "unknown", "count": count} for why, count in counts.items()]


def _part(part: Part, counts: Mapping[str, int], subjects: int, question: Question, *, doubted: bool) -> dict[str, Any]:
    """Count one part. `subjects`: unread rows that are subjects of it; `doubted`: evidence is missing or unreadable."""
    passed, failed, unknown = (counts.get(outcome, 0) for outcome in ("pass", "fail", "unknown"))
    if doubted:
        # The row that can't be read may be the very one that is missing.
        failed, unknown = 0, unknown + failed
    unknown += subjects
    share = question.law.share(part.share)
    verdict = _interval(part, passed, failed, unknown, share)
    return {
        "part": part.name,
        "verdict": "not_provable" if doubted and verdict == "not_met" else verdict,
        "passed": passed,
        "failed": failed,
        "unknown": unknown,
        "exempt": counts.get("exempt", 0),
        "total": passed + failed + unknown,
        "share": float(share),
    }


def _interval(part: Part, passed: int, failed: int, unknown: int, share: Fraction) -> Verdict:
    """Met if enough pass however the untold ones turn out; not met if too few would pass even so."""
    total = passed + failed + unknown
    if total == 0:
        return part.zero
    if passed + unknown < share * total:
        return "not_met"
    return "met" if passed >= share * total else "not_provable"


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several; what does not apply does not count beside what does."""
    return min(verdicts, key=_WORST.index)


def _verdicts(
    clause: Clause, answers: Mapping[str, _Answer], facts: Facts, question: Question, measures: Mapping[str, Measure]
) -> Iterable[dict[str, Any]]:
    only_providers = audience_of(clause) == "providers"
    named = _named(clause, facts)
    declared = _declared(facts, question)
    for agency in facts.agencies.rows:
        for name in clause.measures or (None,):
            entry: dict[str, Any] = {"clause": clause.ref, "agency": agency.agency, "measure": name}
            provider_only = only_providers or (name is not None and measures[name].audience == "providers")
            if (provider_only and agency.kind != "provider") or (named and agency.agency not in named):
                yield entry | _settled("not_applicable", "other_audience", question)
            elif name is None:
                yield entry | _settled("not_provable", "no_measure", question)
            elif (agency.agency, key(name)) in declared:
                yield entry | _settled("not_applicable", "declared", question, declared[agency.agency, key(name)])
            else:
                yield entry | _dated(answers[name].by_agency[agency.agency], question)


# Words that may stand around the names of agencies in an audience without widening it.
_AROUND_NAMES = re.compile(
    r"(?:va|cung|voi|doi|giao|de nghi|yeu cau|rieng|"
    r"thu truong|nguoi dung dau|lanh dao|giam doc|chu tich|truong|\s|&|/)*"
)


def _named(clause: Clause, facts: Facts) -> frozenset[str]:
    """Find the agencies that the clause binds by their full names, and nobody beside them; none: everyone is asked."""
    audience = f" {key(clause.audience)} "
    named = set()
    # Longest first: "xã An Hòa" does not name "xã An".
    for name in sorted({key(agency.name) for agency in facts.agencies.rows} - {""}, key=len, reverse=True):
        if f" {name} " in audience:
            named.add(name)
            audience = audience.replace(f" {name} ", "  ")
    # A clause that goes on to a group ("… và các cơ quan, đơn vị") may bind anybody.
    if not _AROUND_NAMES.fullmatch(audience):
        return frozenset()
    return frozenset(agency.agency for agency in facts.agencies.rows if key(agency.name) in named)


def _dated(conclusion: Mapping[str, Any], question: Question) -> dict[str, Any]:
    head = {name: conclusion[name] for name in ("verdict", "numerator", "denominator", "unit")}
    return {
        **head,
        "as_of": question.as_of.isoformat(),
        **{name: conclusion[name] for name in ("parts", "reasons", "rows", "rows_total")},
    }


def _settled(verdict: Verdict, why: str, question: Question, row: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give the verdict that no count decides."""
    outcome = "exempt" if verdict == "not_applicable" else "unknown"
    empty = {"part": "", "subject": "", "outcome": outcome, "why": why, "table": "", "file": "", "line": 0}
    return {
        "verdict": verdict,
        "numerator": 0,
        "denominator": 0,
        "unit": None,
        "as_of": question.as_of.isoformat(),
        "parts": [],
        "reasons": [{"why": why, "outcome": outcome, "count": 1}],
        "rows": [{**empty, **(row or {})}],
        "rows_total": 1,
    }


def _declared(facts: Facts, question: Question) -> dict[tuple[str, str], dict[str, Any]]:
    """Find the declarations in force on the day: (agency, measure) → the row."""
    day = question.as_of
    frame = facts.table("not_applicable").with_columns(pl.col("agency").cast(pl.String), pl.col("file").cast(pl.String))
    valid = frame.filter((pl.col("since") <= day) & (pl.col("until").is_null() | (pl.col("until") >= day)))
    return {
        (row["agency"], key(row["measure"])): {
            "subject": f"{row['reason']} ({row['person']})",
            "table": "not_applicable",
            "file": row["file"],
            "line": row["line"],
        }
        for row in valid.sort("file", "line", descending=True).iter_rows(named=True)
    }


def _obligations(
    clauses: Sequence[Clause], facts: Facts, verdicts: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    worst: dict[tuple[str, str], list[Verdict]] = {}
    for entry in verdicts:
        worst.setdefault((entry["clause"], entry["agency"]), []).append(entry["verdict"])
    return [
        {"clause": clause.ref, "agency": agency, "verdict": _worst(worst[clause.ref, agency])}
        for clause in clauses
        for agency in facts.agencies.keys
    ]


def _letter(letter: Letter, sha256: str) -> dict[str, Any]:
    number = f"{letter.number or '…'}/{letter.notation}" if letter.notation else letter.number
    return {
        "number": number,
        "date": letter.date.isoformat() if letter.date else None,
        "issuer": letter.issuer,
        "subject": letter.subject,
        "sha256": sha256,
        "gaps": [{"kind": gap.kind, "text": gap.text} for gap in letter.gaps],
    }


def _clause(clause: Clause, letter: Letter) -> dict[str, Any]:
    deadlines = [date.date for date in letter.dates if date.kind == "deadline" and date.clause == clause.ref]
    return {
        "ref": clause.ref,
        "text": clause.text,
        "kind": clause.kind,
        "audience": clause.audience or None,
        "measures": list(clause.measures),
        "due": {"date": min(deadlines).isoformat(), "ground": "letter"} if deadlines else None,
    }


def _measure(measure: Measure, question: Question) -> dict[str, Any]:
    values = [question.law[name] for name in measure.law]
    return {
        "title": {"vi": measure.title.vi, "en": measure.title.en},
        "how": {"vi": measure.how.vi, "en": measure.how.en},
        "parts": {part.name: {"vi": part.unit.vi, "en": part.unit.en} for part in measure.parts},
        "whys": {name: {"vi": words.vi, "en": words.en} for name, words in measure.whys.items()},
        "law": [
            {
                "key": v.key,
                "value": v.value,
                "unit": v.unit,
                "since": v.since.isoformat(),
                "reference": v.reference,
                "sure": v.sure,
            }
            for v in values
        ],
    }


def _unread(facts: Facts, measures: Mapping[str, Measure]) -> list[dict[str, Any]]:
    of_list = [
        {"agency": row.agency, "table": row.table, "file": row.source.file, "line": row.source.line, "why": row.why}
        for row in facts.agencies.unread
    ]
    rows = facts.unread.select("agency", "table", "file", "line", "why").iter_rows(named=True)
    return [*of_list, *rows, *_declared_in_vain(facts, measures)]


def _declared_in_vain(facts: Facts, measures: Mapping[str, Measure]) -> Iterable[dict[str, Any]]:
    """Tell of declarations that name no measure: nobody may think that they were heeded."""
    names = {key(name) for name in measures}
    for row in facts.table("not_applicable").sort("file", "line").iter_rows(named=True):
        if key(row["measure"]) not in names:
            why = f"“{row['measure'][:60]}” không phải tên biện pháp, xem haidang explain / not the name of a measure"
            place = {"agency": str(row["agency"]), "table": "not_applicable", "file": str(row["file"])}
            yield {**place, "line": row["line"], "why": why}


def _all_rows(answers: Mapping[str, _Answer]) -> pl.DataFrame:
    """Every row that doesn't pass, once a measure: a measure says the same in whichever clause it stands."""
    names = ("measure", "agency", *_ROW)
    blank = pl.DataFrame(schema={name: pl.Int64() if name == "line" else pl.String() for name in names})
    parts = [answer.failing.with_columns(measure=pl.lit(name)).select(names) for name, answer in answers.items()]
    return pl.concat([blank, *parts])
