"""The measures once more, slow and plain: one row after the other, straight from the words of each measure.

The fast measures must say the same about any facts. Nothing here uses their code but the facts themselves.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

from haidang.engine.calendar import ICT, end_of, start_of
from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.measure import Question
from haidang.engine.text import key

Row = dict[str, Any]
# (agency, part, subject, outcome, weight, why)
Test = tuple[str, str, str, str, int, str]


def rows_of(facts: Facts, table: str, agency: str) -> list[Row]:
    rows = [row for row in facts.table(table).iter_rows(named=True) if row["agency"] in (agency, None)]
    return sorted(rows, key=lambda row: (row["file"], row["line"]))


def name(text: str | None) -> str | None:
    return None if text is None else " ".join(text.lower().split())


def day(instant: dt.datetime) -> dt.date:
    return instant.astimezone(ICT).date()


def clock(instant: dt.datetime) -> str:
    return instant.astimezone(ICT).strftime("%Y-%m-%d %H:%M")


def span(first: dt.datetime, last: dt.datetime) -> str:
    return f"{clock(first)} – {clock(last)[11:] if clock(first)[:10] == clock(last)[:10] else clock(last)}"


def last_of(rows: list[Row], *order: Callable[[Row], Any]) -> Row | None:
    """The last by the order given, then by place; an empty cell comes before any other."""
    best: Row | None = None
    for row in rows:
        place = [(value is not None, value) for value in (one(row) for one in order)]
        if best is None or place >= [(value is not None, value) for value in (one(best) for one in order)]:
            best = row
    return best


def limit(question: Question, law: str) -> dt.date:
    return question.as_of - dt.timedelta(days=question.law.whole(law))


def hosts_of(facts: Facts, agency: str, *, protected: bool = False) -> list[str]:
    out: dict[str, str] = {}
    for row in rows_of(facts, "hosts", agency):
        if not (protected and (row["kind"] or "").lower().startswith(("network", "router"))):
            out.setdefault(name(row["host"]) or "", row["host"])
    return list(out.values())


def system_levels(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    for row in rows_of(facts, "systems", agency):
        states: dict[str | None, list[Row]] = {}
        for control in rows_of(facts, "controls", agency):
            if name(control["system"]) == name(row["system"]):
                states.setdefault(name(control["control"]), []).append(control)
        last = [last_of(found, lambda c: c["checked_on"]) for found in states.values()]
        if row["level"] is None:
            outcome, why = "fail", "no_level"
        elif not 1 <= row["level"] <= 5:
            outcome, why = "unknown", "no_such_level"
        elif row["decision"] is None or row["decided_on"] is None:
            outcome, why = "fail", "no_decision"
        elif not last:
            outcome, why = "unknown", "no_controls"
        elif any(c and c["state"] != "full" for c in last):
            outcome, why = "fail", "controls_short"
        else:
            outcome, why = "pass", ""
        yield agency, "systems", row["system"], outcome, 1, why


_WORSE = ["not_present", "fixed", "mitigated", "cannot_tell", "triaged", "affected"]
_AS_FLAW = {
    "open": "affected",
    "triaged": "triaged",
    "fixed": "fixed",
    "mitigated": "mitigated",
    "false_positive": "not_present",
}


def receipts_of(facts: Facts, agency: str) -> dict[str | None, Row]:
    receipts: dict[str | None, Row] = {}
    for row in sorted(rows_of(facts, "flaw_receipts", agency), key=lambda row: row["checked_on"]):
        receipts[name(row["host"])] = row
    return receipts


def checks_of(facts: Facts, agency: str) -> list[Row]:
    receipts = receipts_of(facts, agency)
    checks = []
    for row in rows_of(facts, "flaws", agency):
        ours = row["file"].startswith("intel/")
        receipt = receipts.get(name(row["host"]))
        if not (ours and receipt and row["checked_on"] < receipt["checked_on"]):
            checks.append({**row, "from": "flaws", "ours": ours})
    for row in rows_of(facts, "findings", agency):
        if row["kind"] == "flaw":
            found = {"from": "findings", "host": row["host"] or "", "flaw": row["subject"], "letter": row["letter"]}
            place = {"checked_on": day(row["found_at"]), "file": row["file"], "line": row["line"], "ours": False}
            checks.append({**found, **place, "state": _AS_FLAW[row["state"]]})
    return sorted(checks, key=lambda row: (row["file"], row["line"]))


def pairs(checks: list[Row], question: Question, agency: str) -> Iterator[Test]:
    together: dict[tuple[Any, Any], list[Row]] = {}
    for row in checks:
        together.setdefault((name(row["host"]), name(row["flaw"])), []).append(row)
    for found in together.values():
        by_age = (lambda c: c["checked_on"], lambda c: _WORSE.index(c["state"]))
        own = last_of([c for c in found if not c["ours"]], *by_age)
        row = last_of([c for c in found if c["ours"]], *by_age) or own
        if row and own and row["state"] == "cannot_tell" and own["state"] == "affected":
            row = own
        assert row is not None
        if row["state"] == "not_present":
            continue
        subject = f"{row['host']} · {row['flaw']}" if row["host"] else row["flaw"]
        outcome, why = {
            "affected": ("fail", "affected"),
            "triaged": ("unknown", "not_settled"),
            "cannot_tell": ("unknown", "cannot_tell"),
        }.get(row["state"], ("pass", ""))
        if row["from"] == "flaws" and row["checked_on"] < limit(question, "flaw_check_days"):
            outcome, why = "unknown", "stale"
        yield agency, "pairs", subject, outcome, 1, why


def looked_at(facts: Facts, checks: list[Row], question: Question, agency: str) -> Iterator[Test]:
    receipts = receipts_of(facts, agency)
    for host in hosts_of(facts, agency):
        days = [c["checked_on"] for c in checks if c["from"] == "flaws" and name(c["host"]) == name(host)]
        receipt = receipts.get(name(host))
        if receipt:
            days.append(receipt["checked_on"])
        outcome, why = ("pass", "") if days else ("unknown", "not_looked_at")
        if days and max(days) < limit(question, "flaw_check_days"):
            outcome, why = "unknown", "checks_too_old"
        elif receipt and not receipt["system_known"]:
            outcome, why = "unknown", "system_not_told"
        elif receipt and receipt["supported"] is False:
            outcome, why = "unknown", "out_of_support"
        elif receipt and not receipt["software_listed"]:
            outcome, why = "unknown", "software_not_listed"
        yield agency, "hosts_checked", host, outcome, 1, why


def flaws_fixed(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    checks = checks_of(facts, agency)
    yield from pairs(checks, question, agency)
    for receipt in receipts_of(facts, agency).values():
        if receipt["fixed"]:
            old = receipt["checked_on"] < limit(question, "flaw_check_days")
            told = ("unknown", receipt["fixed"], "stale") if old else ("pass", receipt["fixed"], "")
            yield agency, "pairs", receipt["host"], *told
    yield from looked_at(facts, checks, question, agency)


def advisories_fixed(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    def number(text: str) -> str:
        return key(text).replace(" ", "")

    register: dict[str, set[str | None]] = {}
    as_written: dict[str, str] = {}
    for row in rows_of(facts, "advisories", agency):
        register.setdefault(number(row["letter"]), set()).add(name(row["flaw"]))
        as_written.setdefault(number(row["letter"]), row["letter"])
    if question.cited or question.flaws:
        as_written = {number(text): text for text in question.cited}
    checks = checks_of(facts, agency)
    for row in checks:
        if row["letter"] and number(row["letter"]) in as_written:
            register.setdefault(number(row["letter"]), set()).add(name(row["flaw"]))
    wanted = {flaw for letter in as_written for flaw in register.get(letter, ())} | {name(f) for f in question.flaws}
    relevant = [row for row in checks if name(row["flaw"]) in wanted]
    found = list(pairs(relevant, question, agency))
    yield from found
    yield from looked_at(facts, relevant, question, agency)
    if found or hosts_of(facts, agency):
        for letter, written in as_written.items():
            known = bool(register.get(letter))
            yield agency, "advisories", written, "pass" if known else "unknown", 1, "" if known else "not_on_file"
        if not as_written and not question.flaws:
            yield agency, "advisories", "–", "unknown", 1, "none_on_file"
    stores = {receipt["advisories"] for receipt in receipts_of(facts, agency).values()}
    if stores:
        spoken_of = {name(row["flaw"]) for row in relevant}
        spoken_of |= {name(r["flaw"]) for r in rows_of(facts, "known_flaws", agency) if r["advisories"] in stores}
        as_named = {name(flaw) for flaw in question.flaws}
        together = ", ".join(question.flaws[:3]) + ("…" if len(question.flaws) > 3 else "")
        named = [(written, register.get(letter, set())) for letter, written in as_written.items()]
        for written, flaws in [*named, (together, as_named)]:
            for flaw in flaws - spoken_of:
                yield agency, "advisories", f"{written} · {(flaw or '').upper()}", "unknown", 1, "no_record"


def holes(spans: list[tuple[dt.datetime, dt.datetime]], question: Question) -> list[tuple[dt.datetime, dt.datetime]]:
    """Look at every minute of the period; a run of open minutes longer than one is a hole."""
    minute = dt.timedelta(minutes=1)
    at, end = start_of(question.first), end_of(question.last)
    found: list[tuple[dt.datetime, dt.datetime]] = []
    since = None
    while at < end:
        covered = any(first <= at < last for first, last in spans)
        if not covered and since is None:
            since = at
        if covered and since is not None:
            found.append((since, at))
            since = None
        at += minute
    if since is not None:
        found.append((since, end))
    return [(first, last) for first, last in found if last - first > minute]


def minutes(first: dt.datetime, last: dt.datetime) -> int:
    return int((last - first).total_seconds()) // 60


def threat_hunt(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    begin, end = start_of(question.first), end_of(question.last)
    receipts = [r for r in rows_of(facts, "hunt_receipts", agency) if r["covers_from"] < end and r["covers_to"] > begin]
    done: set[str | None] = set()
    for row in rows_of(facts, "log_sources", agency):
        source = name(row["source"])
        if source in done:
            continue
        done.add(source)
        mine = [r for r in receipts if name(r["source"]) == source and r["covers_to"] > r["covers_from"]]
        seen = [(r["covers_from"], r["covers_to"]) for r in mine if r["canary"] == "seen"]
        open_ = holes(seen, question)
        subject, outcome, why = row["source"], "pass", ""
        if open_:
            if not mine:
                outcome, why = "fail", "not_hunted"
            elif not seen or not holes([(r["covers_from"], r["covers_to"]) for r in mine], question):
                outcome, why = "unknown", "no_canary"
            else:
                outcome, why = "fail", "gap"
            if seen:
                length = sum(minutes(*hole) for hole in open_)
                more = f" (+{len(open_) - 1})" if len(open_) > 1 else ""
                subject = f"{subject} · {span(*open_[0])}{more} · {length // 60} h {length % 60} min"
        yield agency, "sources", subject, outcome, 1, why
    hunts: dict[tuple[Any, ...], list[Row]] = {}
    for row in receipts:
        hunts.setdefault((name(row["source"]), row["covers_from"], row["covers_to"]), []).append(row)
    for found in hunts.values():
        last = last_of(found, lambda r: r["finished"], lambda r: r["untriaged"])
        assert last is not None
        bad = last["untriaged"] > 0
        subject = f"{last['source']} · {span(last['covers_from'], last['covers_to'])}"
        yield agency, "hits", subject, "fail" if bad else "pass", 1, "untriaged" if bad else ""
    for row in rows_of(facts, "findings", agency):
        if row["kind"] in ("indicator", "rule"):
            bad = row["state"] == "open"
            subject = f"{row['finding']} · {row['subject']}"
            yield agency, "hits", subject, "fail" if bad else "pass", 1, "finding_open" if bad else ""


def watch_24_7(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    begin, end = start_of(question.first), end_of(question.last)
    whole = f"{question.first} – {question.last}"
    spans, broken = [], []
    for row in rows_of(facts, "shifts", agency):
        if row["starts"] < row["ends"]:
            spans.append((row["starts"], row["ends"]))
        elif row["ends"] < end and row["starts"] >= begin:
            broken.append(row)
    open_ = holes(spans, question)
    for first, last in open_:
        told = (
            ("unknown", minutes(first, last), "perhaps_nobody")
            if broken
            else ("fail", minutes(first, last), "nobody_on_duty")
        )
        yield agency, "minutes", span(first, last), *told
    for row in broken:
        yield agency, "minutes", span(row["starts"], row["ends"]), "unknown", 1, "backwards"
    covered = minutes(begin, end) - sum(minutes(*hole) for hole in open_)
    if covered:
        yield agency, "minutes", whole, "pass", covered, ""
    calls = [row for row in rows_of(facts, "challenge_calls", agency) if begin <= row["called"] < end]
    if not calls:
        yield agency, "calls", whole, "unknown", 1, "no_calls"
    for row in calls:
        outcome, why = "pass", ""
        if row["answered"] is None:
            outcome, why = "fail", "not_answered"
        elif row["answered"] < row["called"]:
            outcome, why = "unknown", "answered_before"
        elif row["answered"] - row["called"] > dt.timedelta(minutes=question.law.whole("challenge_call_minutes")):
            outcome, why = "fail", "answered_late"
        yield agency, "calls", clock(row["called"]), outcome, 1, why


def monitoring_coverage(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    for host in hosts_of(facts, agency):
        heard = [
            day(row["last_heard"])
            for row in rows_of(facts, "monitored_hosts", agency)
            if name(row["host"]) == name(host)
        ]
        outcome, why = ("pass", "") if heard else ("fail", "never_heard")
        if heard and max(heard) < limit(question, "monitoring_heard_days"):
            outcome, why = "fail", "silent"
        yield agency, "hosts", host, outcome, 1, why


def antimalware_coverage(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    for host in hosts_of(facts, agency, protected=True):
        mine = [row for row in rows_of(facts, "antimalware_hosts", agency) if name(row["host"]) == name(host)]
        last = last_of(mine, lambda r: r["last_heard"], lambda r: r["signatures_on"])
        outcome, why = "pass", ""
        if last is None:
            outcome, why = "fail", "never_heard"
        elif day(last["last_heard"]) < limit(question, "antimalware_heard_days"):
            outcome, why = "fail", "silent"
        elif last["signatures_on"] < limit(question, "antimalware_signature_days"):
            outcome, why = "fail", "old_signatures"
        yield agency, "hosts", host, outcome, 1, why
    for row in rows_of(facts, "malware_alerts", agency):
        if not row["verified"]:
            continue
        outcome, why = "pass", ""
        if row["closed"] is None:
            outcome, why = "fail", "alert_open"
        elif row["closed"] < row["raised"]:
            outcome, why = "unknown", "closed_before"
        elif row["cause"] is None:
            outcome, why = "fail", "no_cause"
        yield agency, "alerts", row["alert"] + (f" · {row['host']}" if row["host"] else ""), outcome, 1, why


def malware_sweep(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    for host in hosts_of(facts, agency, protected=True):
        mine = [row for row in rows_of(facts, "scan_receipts", agency) if name(row["host"]) == name(host)]
        last = last_of(mine, lambda r: r["finished"], lambda r: r["left"], lambda r: r["not_checked"])
        outcome, why = "pass", ""
        if last is None:
            outcome, why = "fail", "never_scanned"
        elif last["left"]:
            outcome, why = "fail", "malware_left"
        elif day(last["finished"]) < limit(question, "scan_receipt_days"):
            outcome, why = "fail", "scan_too_old"
        elif (day(last["finished"]) - last["rules_from"]).days > question.law.whole("scan_rules_days"):
            outcome, why = "fail", "rules_too_old"
        elif last["rules_from"] > day(last["finished"]):
            outcome, why = "unknown", "rules_later"
        elif last["canary"] != "seen":
            outcome, why = "unknown", "no_canary"
        elif last["not_checked"] > question.law.whole("scan_not_checked_files"):
            outcome, why = "unknown", "much_not_checked"
        yield agency, "hosts", host, outcome, 1, why
    for row in rows_of(facts, "findings", agency):
        if row["kind"] == "malware":
            told = {"open": ("fail", "finding_open"), "triaged": ("unknown", "not_settled")}
            outcome, why = told.get(row["state"], ("pass", ""))
            yield agency, "findings", row["subject"] + (f" · {row['host']}" if row["host"] else ""), outcome, 1, why


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return text.strip().lower()


def botnet_cleanup(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    listed: dict[str, list[Row]] = {}
    for row in rows_of(facts, "botnet_rows", agency):
        listed.setdefault(_address(row["address"]), []).append(row)
    for address, sightings in listed.items():
        row = last_of(sightings, lambda r: r["seen"])
        assert row is not None
        closings = [r for r in rows_of(facts, "botnet_closings", agency) if _address(r["address"]) == address]
        outcome, why = _close(facts, question, agency, address, row, last_of(closings, lambda r: r["closed"]))
        yield agency, "addresses", row["address"], outcome, 1, why


def _close(
    facts: Facts, question: Question, agency: str, address: str, row: Row, closing: Row | None
) -> tuple[str, str]:
    if agency in facts.missing("botnet_closings"):
        return "unknown", "no_closings"
    if closing is None:
        return "fail", "not_closed"
    if closing["outcome"] == "not_ours":
        if agency in facts.missing("networks"):
            return "unknown", "no_networks"
        for network in rows_of(facts, "networks", agency):
            since, until = network["valid_from"] or dt.date.min, network["valid_to"] or dt.date.max
            inside = ipaddress.ip_address(address) in ipaddress.ip_network(network["network"], strict=False)
            if inside and since <= day(row["seen"]) <= until:
                return "fail", "ours"
        return "exempt", "not_ours"
    if closing["closed"] <= row["seen"]:
        if row["seen_from"] is not None and closing["closed"] > row["seen_from"]:
            return "unknown", "unclear_time"
        return "fail", "listed_again"
    if closing["outcome"] == "cleaned":
        for scan in rows_of(facts, "scan_receipts", agency):
            valid = scan["canary"] == "seen" and not scan["left"]
            enough = scan["not_checked"] <= question.law.whole("scan_not_checked_files")
            same = closing["host"] is not None and name(scan["host"]) == name(closing["host"])
            if same and valid and enough and scan["finished"] > row["seen"]:
                return "pass", ""
        return "unknown", "no_scan"
    return "pass", ""


def national_coordination(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    for row in rows_of(facts, "incidents", agency):
        due = day(row["detected"]) + dt.timedelta(days=question.law.whole("incident_report_days"))
        outcome, why = "pass", ""
        if row["reported"] is None:
            outcome, why = ("fail", "not_reported") if due < question.as_of else ("exempt", "not_due")
        elif row["reported"] < row["detected"]:
            outcome, why = "unknown", "reported_before"
        elif day(row["reported"]) > due:
            outcome, why = "fail", "reported_late"
        elif row["reference"] is None:
            outcome, why = "unknown", "no_reference"
        yield agency, "incidents", row["incident"], outcome, 1, why
    points = [row for row in rows_of(facts, "contacts", agency) if row["role"] == "focal_point"]
    point = last_of(points, lambda r: r["confirmed_on"])
    if point is not None:
        outcome, why = "pass", ""
        if point["confirmed_on"] is None:
            outcome, why = "fail", "not_confirmed"
        elif point["confirmed_on"] < limit(question, "focal_point_confirmed_days"):
            outcome, why = "fail", "confirmed_long_ago"
        yield agency, "focal_point", point["person"], outcome, 1, why


def digital_forensics(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    for row in rows_of(facts, "incidents", agency):
        if not row["needs_forensics"]:
            continue
        mine = [e for e in rows_of(facts, "evidence", agency) if name(e["incident"]) == name(row["incident"])]
        hashes = [e["sha256"] for e in mine if e["sha256"] and len(e["sha256"]) == 64]
        outcome, why = "pass", ""
        if agency in facts.missing("evidence"):
            outcome, why = "unknown", "no_table_of_evidence"
        elif not mine:
            outcome, why = "fail", "no_evidence"
        elif not any(set(found) <= set("0123456789abcdefABCDEF") for found in hashes):
            outcome, why = "fail", "not_sealed"
        elif not any(e["kind"] == "timeline" for e in mine):
            outcome, why = "fail", "no_timeline"
        yield agency, "incidents", row["incident"], outcome, 1, why


def awareness(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    people: dict[str | None, list[Row]] = {}
    for row in rows_of(facts, "training", agency):
        people.setdefault(name(row["person"]), []).append(row)
    for found in people.values():
        scores = [row["score"] for row in found if row["tested_on"] and row["score"] is not None]
        outcome, why = "pass", ""
        if not any(row["reached_on"] for row in found):
            outcome, why = "fail", "not_reached"
        elif not any(row["trained_on"] for row in found):
            outcome, why = "fail", "not_trained"
        elif not scores:
            outcome, why = "fail", "not_tested"
        elif max(scores) > 100:
            outcome, why = "unknown", "no_such_score"
        elif max(scores) < question.law.whole("awareness_pass_mark"):
            outcome, why = "fail", "low_score"
        yield agency, "staff", found[0]["person"], outcome, 1, why


def provider_blocking(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    for row in rows_of(facts, "block_orders", agency):
        due = row["due"] or row["issued"] + dt.timedelta(hours=question.law.whole("block_order_hours"))
        probes = [
            probe
            for probe in rows_of(facts, "block_probes", agency)
            if (name(probe["order"]), name(probe["item"])) == (name(row["order"]), name(row["item"]))
        ]
        last = last_of(probes, lambda p: p["probed"], lambda p: not p["blocked"])
        outcome, why = "pass", ""
        if last is None or not last["blocked"]:
            if due >= end_of(question.as_of):
                outcome, why = "exempt", "not_due"
            elif last is None:
                outcome, why = "unknown", "only_claimed" if row["claimed"] else "not_probed"
            else:
                outcome, why = "fail", "not_blocked"
        yield agency, "items", f"{row['order']} · {row['item']}", outcome, 1, why


def authority_requests(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    for row in rows_of(facts, "authority_requests", agency):
        due = row["due"] or row["received"] + dt.timedelta(hours=question.law.whole("authority_request_hours"))
        outcome, why = "pass", ""
        if row["executed"] is None:
            outcome, why = ("exempt", "not_due") if due >= end_of(question.as_of) else ("fail", "not_done")
        elif row["executed"] < row["received"]:
            outcome, why = "unknown", "done_before"
        elif row["executed"] > due:
            outcome, why = "fail", "late"
        yield agency, "requests", row["request"], outcome, 1, why


def incident_contact(facts: Facts, question: Question, agency: str) -> Iterator[Test]:
    since = limit(question, "contact_confirmed_days")
    for row in rows_of(facts, "contacts", agency):
        if row["role"] != "incident":
            continue
        outcome, why = "pass", ""
        if row["confirmed_on"] is None:
            outcome, why = "fail", "not_confirmed"
        elif row["confirmed_on"] < since:
            outcome, why = "fail", "confirmed_long_ago"
        elif row["answered_on"] is None:
            outcome, why = "unknown", "never_called"
        elif row["answered_on"] < since:
            outcome, why = "unknown", "called_long_ago"
        yield agency, "contacts", row["person"], outcome, 1, why


TWINS: dict[str, Callable[[Facts, Question, str], Iterator[Test]]] = {
    "system_levels": system_levels,
    "flaws_fixed": flaws_fixed,
    "advisories_fixed": advisories_fixed,
    "threat_hunt": threat_hunt,
    "watch_24_7": watch_24_7,
    "provider_staffing": watch_24_7,
    "monitoring_coverage": monitoring_coverage,
    "antimalware_coverage": antimalware_coverage,
    "malware_sweep": malware_sweep,
    "botnet_cleanup": botnet_cleanup,
    "national_coordination": national_coordination,
    "digital_forensics": digital_forensics,
    "awareness": awareness,
    "provider_blocking": provider_blocking,
    "authority_requests": authority_requests,
    "incident_contact": incident_contact,
}
