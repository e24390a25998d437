"""`haidang read`: what a letter says, clause by clause, and what it leaves out."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from haidang.engine.letters.letter import Clause, Letter

HELP = "đọc công văn thành từng điểm · read a letter into clauses"
EXAMPLE = "haidang read cong-van.pdf --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("letter", metavar="LETTER", help="PDF, DOCX, TXT, EML, or - for standard input")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument(
        "--text", action="store_true", help="the normalised text that all spans index, and nothing else"
    )


def run(args: argparse.Namespace) -> int:
    """Read and print."""
    from haidang.parcels import read_letter_file

    letter = read_letter_file(args.letter).letter
    if args.json:
        import orjson

        from haidang.engine.letters.shape import to_json

        sys.stdout.buffer.write(orjson.dumps(to_json(letter), option=orjson.OPT_INDENT_2) + b"\n")
    else:
        print(letter.text if args.text else "\n".join(_page(letter)))
    return 0


def _page(letter: Letter) -> list[str]:
    date = f"{letter.date:%d/%m/%Y}" if letter.date else "…"
    lines = [
        f"Cơ quan ban hành   {letter.issuer or '…'}",
        f"Số, ký hiệu        {letter.number or '…'}/{letter.notation or '…'}",
        f"Ngày               {date}{f', {letter.place}' if letter.place else ''}",
        f"Trích yếu          {letter.subject or '…'}",
        f"Kính gửi           {'; '.join(letter.addressees) or '…'}",
        "",
    ]
    for clause in letter.clauses:
        lines += _clause(clause, 0)
    parts = [
        (
            "Văn bản viện dẫn",
            [f"{c.number} {f'{c.date:%d/%m/%Y}' if c.date else ''} {c.issuer or ''}".strip() for c in letter.citations],
        ),
        ("Lỗ hổng", list(letter.cves)),
        ("Sản phẩm", [p.name if p.name == p.written else f"{p.name} (viết: {p.written})" for p in letter.products]),
        ("Ngày nêu trong văn bản", [f"{d.date:%d/%m/%Y} {d.kind} {d.clause or ''}".strip() for d in letter.dates]),
        ("Đầu mối", [_contact_words(letter, at) for at in range(len(letter.contacts))]),
        ("Người ký", [f"{letter.signatory.title} / {letter.signatory.name or '…'}"] if letter.signatory else []),
        ("Nơi nhận", list(letter.recipients)),
        (
            "Phụ lục",
            [
                f"{a.title}: {', '.join(f'{b.name} ({len(b.units)})' for b in a.blocks) or f'{len(a.tables)} bảng'}"
                for a in letter.annexes
            ],
        ),
        ("Chỗ thiếu", [f"{gap.kind}: {gap.text}" for gap in letter.gaps]),
    ]
    for title, entries in parts:
        if entries:
            lines += ["", title, *(f"  {entry}" for entry in entries)]
    return lines


def _clause(clause: Clause, depth: int) -> list[str]:
    measures = f"  → {', '.join(clause.measures)}" if clause.measures else ""
    lines = [f"{'  ' * depth}{clause.ref}  [{clause.kind}] {clause.text}{measures}"]
    for child in clause.children:
        lines += _clause(child, depth + 1)
    return lines


def _contact_words(letter: Letter, at: int) -> str:
    contact = letter.contacts[at]
    return "; ".join(
        part
        for part in (
            contact.organisation,
            contact.person,
            *(phone.written for phone in contact.phones),
            *contact.emails,
        )
        if part
    )
