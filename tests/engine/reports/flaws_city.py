"""A made-up check: documents and evidence of any size, with any text in any place."""

from __future__ import annotations

import datetime as dt
from typing import Any

from haidang.engine.advisories.findings import FINDING_STATES
from haidang.engine.reports.flaws.document import FORMAT, file_names
from haidang.engine.reports.flaws.words import ask_words

DAY = "2030-02-23"


def make_action(number: int = 0, hosts: int = 3, **told: Any) -> dict[str, Any]:
    names = [f"PC-{number:03}-{at:04}" for at in range(hosts)]
    plain: dict[str, Any] = {
        "product": f"Ledger {number}", "version": ["1.0", "1.1"], "fix": "2.0", "flaws": 2, "exploited": 1,
        "worst": "CVE-2030-0001", "score": 9.8, "decision": ("act", "attend", "track*", "track")[number % 4],
        "letters": "12/ABC" if number % 2 == 0 else "", "open_flaws": ["CVE-2030-0001", "CVE-2030-0002"],
        "due": "2030-02-13", "hosts": names[:500], "hosts_total": hosts,
    }  # fmt: skip
    return plain | told


def make_question(number: int = 0, hosts: int = 2, **told: Any) -> dict[str, Any]:
    names = [f"SRV-{number:03}-{at:04}" for at in range(hosts)]
    plain: dict[str, Any] = {
        "product": f"Mailer {number}", "version": "3", "why": "incomplete_version", "flaws": 7,
        "hosts": names[:500], "hosts_total": hosts,
    }  # fmt: skip
    question = plain | told
    return question | {"ask": ask_words({**question, "said": "< 3.1.4", "fix": "3.1.4", "modules": "the portal"})}


def make_proof(flaw: str = "CVE-2030-0001", **told: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "flaw": flaw, "title": "A flaw in the ledger", "state": "affected", "why": "in_range", "product": "Ledger",
        "version": "1.0", "said": "< 2.0", "fixed_in": "2.0", "fix": "Update to 2.0", "publisher": "acme",
        "matched_by": "name “Acme Ledger” = acme/ledger ← name Acme Ledger", "cvss": 9.8, "cvss_version": "3.1",
        "inventory_file": "acme/software.csv", "inventory_line": 7, "advisory_file": "acme-2030-1.json",
        "advisory_place": "/vulnerabilities/0", "due_ground": "letter", "host": "PC-000-0000", "hosts_total": 2,
        "soon": 0, "bound": True, "exploited": True, "flaws_shown": ["CVE-2030-0001", "CVE-2030-0003"],
    }  # fmt: skip
    return plain | told


def make_agency(key: str = "acme", actions: int = 2, questions: int = 2, hosts: int = 9, **told: Any) -> dict[str, Any]:
    pairs = dict(zip(FINDING_STATES, (4 * actions, questions, 1, 12, 3), strict=True))
    plain: dict[str, Any] = {
        "agency": key, "name": f"Sở {key}", "file": key, "hosts": hosts, "hosts_affected": min(hosts, 3 * actions),
        "hosts_not_fully_seen": 2, "pairs": pairs, "system_unknown": ["PC-X"], "system_unknown_total": 1,
        "no_software_list": ["PC-Y"], "no_software_list_total": 1,
        "actions": [make_action(at) for at in range(actions)],
        "questions": [make_question(at) for at in range(questions)],
        "lacks": [{"agency": key, "host": "PC-Z", "what": "no_hostname", "ask": "xin ghi tên máy / ask for its name", "file": "a.csv", "line": 1}],
        "unread": [{"file": "b.csv", "line": 3, "why": "không đọc được dòng / a line that can't be read"}], "unread_total": 1,
    }  # fmt: skip
    return plain | told


def make_document(agencies: list[dict[str, Any]] | None = None, **told: Any) -> dict[str, Any]:
    chosen = [make_agency("acme"), make_agency("beta", actions=0)] if agencies is None else agencies
    files = file_names([one["agency"] for one in chosen])
    hosts = dict.fromkeys(FINDING_STATES, 0) | {"affected": 2, "cannot_tell": 1, "fixed": 4}
    flaw = {"flaw": "CVE-2030-0001", "sure": "read", "ground": "sổ của Sở", "known": True, "hosts": hosts}
    plain: dict[str, Any] = {
        "format": FORMAT, "as_of": DAY, "advisories": {"records": "1234", "sha256": "ab" * 32},
        "letter": {"number": "12/ABC", "date": "2030-01-28", "subject": "giữ vững an toàn thông tin mạng"},
        "letters": [
            {"letter": "12/ABC", "date": "2030-01-20", "flaws": [flaw, {**flaw, "flaw": "CVE-2030-0009", "known": False}]}
        ],
        "agencies": [{**one, "file": files[one["agency"]]} for one in chosen], "inventories": [],
        "unread": [{"agency": "acme", "file": "b.csv", "line": 3, "why": "không đọc được / can't be read"}], "unread_total": 1,
        "unread_advisories": [{"file": "x.json", "line": 1, "why": "hỏng / broken"}], "unread_advisories_total": 1,
    }  # fmt: skip
    return plain | told


def make_shown(agency: dict[str, Any], **told: Any) -> dict[str, Any]:
    """Make what `evidence.gather` would give for an agency."""
    proofs = [make_proof(), make_proof("CVE-2030-0002", why="by_default", said=None, exploited=False)]
    machine = {
        "host": "PC-000-0000", "system": None, "level": 3, "exposure": "", "os": "Windows Server 2022",
        "os_version": "10.0.20348.1", "os_known": True, "supported": True, "listed": False, "affected": 2, "cannot_tell": 1, "mitigated": 0,
        "fixed": 5,
    }  # fmt: skip
    work = {
        "host": "PC-000-0000", "version": "1.0", "product": "Ledger", "worst": "CVE-2030-0001", "title": "A flaw",
        "cvss": 9.8, "flaws": 2, "exploited": 1, "file": "acme/software.csv", "line": 7, "decision": "act",
        "due": dt.date(2030, 2, 13), "letters": "12/ABC", "fix": "2.0",
    }  # fmt: skip
    plain: dict[str, Any] = {
        "actions": [{"proofs": proofs, "target": proofs[0]} for _ in agency["actions"][:40]],
        "questions": [make_proof(state="cannot_tell", why=one["why"]) for one in agency["questions"]],
        "bound": {
            "CVE-2030-0001": [
                make_proof(),
                make_proof(state="fixed", why="first_fixed", version="2.0", hosts_total=4),
                make_proof(state="cannot_tell", why="no_version", version=None, hosts_total=1),
            ]
        },
        "machines": [{**machine, "host": f"PC-{at:05}"} for at in range(agency["hosts"])],
        "work": [work],
        "rows": 12,
    }
    return plain | told
