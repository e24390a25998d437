"""The JSON form of a letter: exactly the keys that the documentation of `haidang read --json` lists."""

from __future__ import annotations

from typing import Any

from haidang.engine.letters.letter import Annex, Clause, Letter


def to_json(letter: Letter) -> dict[str, Any]:
    """Give a letter as plain values; null or [] where it says nothing."""
    return {
        "issuer": letter.issuer,
        "number": letter.number,
        "notation": letter.notation,
        "date": letter.date.isoformat() if letter.date else None,
        "place": letter.place,
        "subject": letter.subject,
        "addressees": list(letter.addressees),
        "clauses": [_clause(clause) for clause in letter.clauses],
        "citations": [
            {
                "number": c.number,
                "date": c.date.isoformat() if c.date else None,
                "issuer": c.issuer,
                "about": c.about,
                "span": list(c.span),
            }
            for c in letter.citations
        ],
        "cves": list(letter.cves),
        "products": [{"name": p.name, "written": p.written, "span": list(p.span)} for p in letter.products],
        "dates": [
            {"date": d.date.isoformat(), "text": d.text, "kind": d.kind, "clause": d.clause} for d in letter.dates
        ],
        "contacts": [
            {
                "organisation": c.organisation,
                "person": c.person,
                "phones": [{"number": phone.number, "written": phone.written} for phone in c.phones],
                "emails": list(c.emails),
                "clause": c.clause,
            }
            for c in letter.contacts
        ],
        "signatory": {"title": letter.signatory.title, "name": letter.signatory.name} if letter.signatory else None,
        "recipients": list(letter.recipients),
        "annexes": [_annex(annex) for annex in letter.annexes],
        "gaps": [{"kind": gap.kind, "text": gap.text} for gap in letter.gaps],
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "ref": clause.ref,
        "label": clause.label,
        "text": clause.text,
        "span": list(clause.span),
        "kind": clause.kind,
        "audience": clause.audience or None,
        "measures": list(clause.measures),
        "children": [_clause(child) for child in clause.children],
    }


def _annex(annex: Annex) -> dict[str, Any]:
    return {
        "title": annex.title,
        "blocks": [
            {"name": block.name, "units": [{"row": unit.row, "name": unit.name} for unit in block.units]}
            for block in annex.blocks
        ],
        "tables": [[list(row) for row in table] for table in annex.tables],
    }
