"""What a hunt leaves behind: its receipt, and the tables that judge takes."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

import polars as pl

from haidang import __version__
from haidang.engine.calendar import ICT
from haidang.engine.hunting.hunt import Hunt, LogRead
from haidang.hunts import HuntRun


def receipts(hunt: Hunt, finished: dt.datetime, rule_set: str, canary: str, silence: dt.timedelta) -> pl.DataFrame:
    """Give the hunt's receipts as rows of `hunt_receipts`: a source and a span of time each.

    Args:
        hunt: that has run.
        finished: when.
        rule_set: the hash of what was looked for.
        canary: the test mark that was issued; empty where none was.
        silence: how long a log may say nothing and still count as without a hole.
    """
    spans: dict[str, list[tuple[dt.datetime, dt.datetime]]] = {}
    for read in hunt.logs:
        if not read.trouble:
            spans.setdefault(read.source, []).extend(read.spans(silence))
    hits = {source: sum(read.hits for read in hunt.logs if read.source == source) for source in spans}
    rows = [
        (source, begin, end, finished, f"sha256:{rule_set}", _state(hunt, source, canary), hits[source], hits[source])
        for source in sorted(spans)
        for begin, end in _joined(spans[source], silence)
    ]
    time = pl.Datetime("us", "UTC")
    return pl.DataFrame(
        rows,
        schema={
            "source": pl.String, "covers_from": time, "covers_to": time, "finished": time, "rule_set": pl.String,
            "canary": pl.String, "hits": pl.Int64, "untriaged": pl.Int64,
        },
        orient="row",
    )  # fmt: skip


def _state(hunt: Hunt, source: str, canary: str) -> str:
    if not canary:
        return "none"
    return "seen" if source in hunt.canaries else "missing"


def _joined(
    spans: Iterable[tuple[dt.datetime, dt.datetime]], silence: dt.timedelta
) -> list[tuple[dt.datetime, dt.datetime]]:
    found: list[tuple[dt.datetime, dt.datetime]] = []
    for begin, end in sorted(spans):
        if found and begin - found[-1][1] <= silence:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def make_receipt(run: HuntRun) -> dict[str, Any]:
    """Write down what was looked for, what was read and what was found: the hunt receipt."""
    hunt, question, catalogue = run.hunt, run.question, run.gathered.catalogue
    groups = hunt.grouped()
    sources = [_source(run, source) for source in dict.fromkeys(log.source for log in hunt.logs)]
    states = {source["canary"] for source in sources}
    skipped = catalogue.skipped.group_by("reason").len().sort("reason")
    return {
        "form": "haidang hunt receipt 1",
        "program": f"haidang {__version__}",
        "answer": run.answer,
        "agency": question.agency,
        "started": _shown(run.started),
        "finished": _shown(run.finished),
        "canary": "none" if not question.canary else "missing" if "missing" in states or not states else "seen",
        "canaries": {source: {"file": place[0], "line": place[1]} for source, place in hunt.canaries.items()},
        "indicators": {
            "sha256": run.rule_set,
            "loaded": catalogue.frame.height,
            "types": dict(catalogue.frame.group_by("type").len().sort("type").iter_rows()),
            "skipped": catalogue.skipped.height,
            "reasons": dict(skipped.iter_rows()),
            "unread": len(catalogue.unread),
            "files": [
                dict(zip(("file", "form", "indicators", "unread"), one, strict=True)) for one in run.gathered.files
            ],
        },
        "files": len(hunt.logs),
        "lines": sum(log.lines for log in hunt.logs),
        "bytes": sum(log.bytes for log in hunt.logs),
        "sources": sources,
        "logs": [_log_entry(log) for log in hunt.logs],
        "unread": [{"file": one.source.file, "line": one.source.line, "why": one.why} for one in run.unread],
        "groups": [
            {name: _shown(value) if isinstance(value, dt.datetime) else value for name, value in row.items()}
            for row in groups.head(1_000).iter_rows(named=True)
        ],
        "groups_total": groups.height,
    }


def _source(run: HuntRun, source: str) -> dict[str, Any]:
    logs = [log for log in run.hunt.logs if log.source == source]
    spans = _joined((span for log in logs for span in log.spans(run.question.silence)), run.question.silence)
    return {
        "source": source,
        "files": len(logs),
        "lines": sum(log.lines for log in logs),
        "bytes": sum(log.bytes for log in logs),
        "from": _shown(spans[0][0]) if spans else None,
        "to": _shown(spans[-1][1]) if spans else None,
        "spans": [[_shown(begin), _shown(end)] for begin, end in spans],
        "holes": max(0, len(spans) - 1),
        "hits": sum(log.hits for log in logs),
        "canary": _state(run.hunt, source, run.question.canary),
    }


def _log_entry(log: LogRead) -> dict[str, Any]:
    return {
        "file": log.name,
        "source": log.source,
        "form": log.form,
        "bytes": log.bytes,
        "lines": log.lines,
        "from": _shown(min(log.times)) if log.times else None,
        "to": _shown(max(log.times)) if log.times else None,
        "asked": log.asked,
        "untimed": log.untimed,
        "hits": log.hits,
        "trouble": log.trouble,
    }


def _shown(time: dt.datetime) -> str:
    """Write a time in Vietnam's zone."""
    return time.astimezone(ICT).isoformat(sep=" ", timespec="seconds")


def findings(run: HuntRun) -> pl.DataFrame:
    """Give the groups as rows of the table `findings`, with the agency."""
    rows = [
        (
            row["agency"],
            "HUNT-"
            + hashlib.sha256("\t".join((row["agency"], row["host"], row["type"], row["value"])).encode()).hexdigest()[
                :12
            ],
            "indicator",
            row["value"],
            row["host"],
            run.finished,
            "open",
        )
        for row in run.hunt.grouped().iter_rows(named=True)
    ]
    text = pl.String()
    schema = {
        "agency": text,
        "finding": text,
        "kind": text,
        "subject": text,
        "host": text,
        "found_at": pl.Datetime("us", "UTC"),
        "state": text,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
