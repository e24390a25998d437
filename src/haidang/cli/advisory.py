"""`haidang advisory`: what the advisories say of a flaw, a document or an advisory letter, statement by statement."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from haidang.engine.errors import BadRequest

if TYPE_CHECKING:
    from haidang.engine.advisories.describe import Asked

HELP = (
    "một lỗ hổng, một văn bản cảnh báo nói gì · what advisories say of a flaw, which builds mend it, how sure that is"
)
EXAMPLE = "haidang advisory CVE-2025-59287 --advisories content/examples/advisories"
_STATUSES = {
    "affected": "bị ảnh hưởng · affected",
    "unaffected": "không bị ảnh hưởng · not affected",
    "unknown": "không rõ · unknown",
}
_RANKS = {
    "review": "Sở đã xem xét · our review",
    "vendor": "hãng làm ra · the maker",
    "cve record": "bản ghi CVE · CVE record",
    "package database": "kho gói phần mềm · package database",
    "coordinator": "cơ quan điều phối · coordinator",
    "database": "cơ sở dữ liệu · database",
}
_SURE = {
    "named": "nêu trong công văn · named",
    "read": "nêu trong văn bản · read",
    "inferred": "suy ra · inferred",
    "month": "theo cả tháng · by the month",
}
_DOUBTS = {
    "prose": "phiên bản viết bằng lời, không so được · versions in words that can't be compared",
    "module": "chỉ khi dùng · only where in use:",
    "mention": "chỉ phần mô tả nhắc tới · only the description names it",
    "no_build": "có bản vá, không ghi bản dựng · an update without the build that it brings",
    "no_update": "chưa ghi bản vá nào · no update is told of",
    "workaround": "có biện pháp giảm thiểu · a work-around is told",
    "whole_list": "liệt kê đủ phiên bản bị ảnh hưởng · lists every affected version",
}
_MOST_FLAWS = 20
_MOST_ASKED = 100  # characters of what was asked for that an answer repeats


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("asked", metavar="ID|FILE", help="a CVE id, a document's id, a letter's number, or a file")
    parser.add_argument(
        "--advisories", metavar="PATH", nargs="+", default=[], type=Path, help="folders, files and archives"
    )
    parser.add_argument("--kev", metavar="FILE", type=Path, help="CISA's catalogue of exploited flaws (JSON or CSV)")
    parser.add_argument("--epss", metavar="FILE", type=Path, help="EPSS scores (CSV)")
    parser.add_argument("--cache", metavar="DIR", type=Path, help="where compiled advisories are kept")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a page")


def run(args: argparse.Namespace) -> int:
    """Look up what was asked for and print it."""
    from haidang.checks import Shelf, compile_advisories, default_cache
    from haidang.engine.advisories.describe import Asked, describe, look_up

    shelf = Shelf()
    file = _file(args.asked)
    paths = [*args.advisories, *(path for path in (args.kev, args.epss) if path)]
    if file:
        told = compile_advisories([file], shelf, None, reviewed=False)
        asked = Asked(tuple(told.flaws["flaw"].to_list()))
        paths = [*paths, file]
    store = compile_advisories(paths, shelf, args.cache or default_cache())
    if not file:
        asked = look_up(store, shelf.letters, args.asked)
    if not asked.flaws and not asked.letters:
        raise BadRequest(
            f"{args.asked[:_MOST_ASKED]}: no advisory at hand speaks of it; say where they are with --advisories"
        )
    known = set(store.flaws["flaw"].to_list())
    flaws = [describe(store, flaw, shelf.table) for flaw in asked.flaws if flaw in known]
    if args.json:
        import orjson

        document = {"letters": [_letter(one) for one in asked.letters], "flaws": flaws}
        sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        print("\n".join(_plain(line) for line in _page(asked, flaws)))
    return 0


def _file(asked: str) -> Path | None:
    """Take what was asked for as a file, where there is one of that name."""
    try:
        return Path(asked) if Path(asked).exists() else None
    except (OSError, ValueError):
        return None  # too long for a name, or no name at all


def _letter(letter: Any) -> dict[str, Any]:  # noqa: ANN401 - a CitedLetter; its module is only imported where a command runs
    return {
        "letter": letter.letter,
        "issuer": letter.issuer,
        "date": letter.date.isoformat() if letter.date else None,
        "about": {"vi": letter.about[0], "en": letter.about[1]},
        "whole": letter.whole,
        "flaws": [{"flaw": one.flaw, "sure": one.sure, "ground": one.ground} for one in letter.flaws],
    }


def _page(asked: Asked, flaws: list[dict[str, Any]]) -> Iterator[str]:
    for letter in asked.letters:
        day = f"{letter.date:%d/%m/%Y}" if letter.date else "–"
        yield f"{letter.called} · {letter.issuer} · {day}"
        yield f"  {letter.about[0]} · {letter.about[1]}"
        yield "  " + (
            "danh sách đầy đủ · its whole list" if letter.whole else "danh sách có thể thiếu · the list may lack some"
        )
        for one in letter.flaws:
            yield f"  {one.flaw:18} [{_SURE[one.sure]}] {one.ground}"
        yield ""
    told = {flaw["flaw"] for flaw in flaws}
    for name in asked.flaws:
        if name not in told:
            yield f"{name}: không có bản ghi nào · no record at hand"
    for flaw in flaws[:_MOST_FLAWS]:
        yield from _about(flaw)
    if len(flaws) > _MOST_FLAWS:
        yield f"… {len(flaws) - _MOST_FLAWS} nữa; --json cho tất cả · more; --json gives all"


def _about(flaw: dict[str, Any]) -> Iterator[str]:
    yield f"{flaw['flaw']}  {flaw['title'] or '(chưa có tên · untitled)'}"
    if flaw["withdrawn"]:
        yield "  ĐÃ RÚT · withdrawn by its publisher"
    if flaw["cvss"] is not None:
        yield f"  CVSS {flaw['cvss_version']}: {flaw['cvss']:g}  {flaw['cvss_vector']}  ({flaw['cvss_giver']})"
    if flaw["exploited"] or flaw["kev_added"]:
        kev = f", KEV {flaw['kev_added']} → {flaw['kev_due']}" if flaw["kev_added"] else ""
        gangs = ", mã độc tống tiền · ransomware" if flaw["ransomware"] else ""
        yield f"  đang bị khai thác · exploited{kev}{gangs}"
    if flaw["epss"] is not None:
        yield f"  EPSS {flaw['epss']:.3f} ({flaw['epss_day']})"
    yield f"  SSVC: {_decisions(flaw['decisions'])}"
    if len({one["publisher"] for one in flaw["statements"]}) > 1:
        yield "  Nơi đứng trước quyết định, với từng sản phẩm · for each product, who stands first decides:"
    for one in flaw["statements"]:
        limits = f" ({', '.join(one['limits'])})" if one["limits"] else ""
        yield f"  {one['vendor']} {one['product']}{limits}".rstrip() + f"  ← {one['publisher']} [{_rank(one['rank'])}]"
        for span in one["spans"]:
            yield f"      {span['said']:44} {_STATUSES[span['status']]}"
        yield f"      {'còn lại · anything else':44} {_STATUSES[one['default']]}"
        if one["fix"]:
            yield f"      khắc phục · fix: {one['fix']}"
        for doubt in one["doubts"]:
            yield f"      ! {_DOUBTS[doubt]}"
        yield f"      {one['file']} {one['place']}"
    yield ""


def _decisions(decisions: dict[str, str]) -> str:
    """Say the decision at each level, neighbours that are alike together: “cấp 1–2: attend; cấp 3–5: act”."""
    runs: list[tuple[list[str], str]] = []
    for level, decision in decisions.items():
        if level == "unknown":
            continue
        if runs and runs[-1][1] == decision:
            runs[-1][0].append(level)
        else:
            runs.append(([level], decision))
    told = [f"cấp · level {'–'.join(dict.fromkeys((run[0], run[-1])))}: {decision}" for run, decision in runs]
    return "; ".join([*told, f"chưa rõ cấp · level unknown: {decisions['unknown']}"])


def _rank(rank: str) -> str:
    """Name a publisher's rank in both languages; what only a description says stands one below its publisher."""
    name, comma, _ = rank.partition(", ")
    return _RANKS[name] + (", phần mô tả · description" if comma else "")


def _plain(line: str) -> str:
    """Leave out what would steer a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in line)
