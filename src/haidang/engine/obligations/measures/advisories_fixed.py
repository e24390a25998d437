"""The flaws of each advisory letter that the letter cites, fixed or mitigated."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from haidang.engine.obligations.facts import Facts
from haidang.engine.obligations.hosts import list_hosts
from haidang.engine.obligations.measure import Measure, Part, Question, Words
from haidang.engine.obligations.patches import (
    LAW,
    WHYS,
    host_rules,
    latest_pairs,
    list_checks,
    list_receipts,
    pair_name,
    pair_rules,
    with_last_checks,
)
from haidang.engine.obligations.subjects import ALWAYS, decide, everybody, gather, letter_key, letter_keys, same


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """What has to be fixed.

    Attributes:
        letters: in_letter (to compare by), letter (as cited): what has to be on file.
        flaws: agency, in_letter, letter, cve.
        on_file: in_letter, file, line of its first row in `advisories`.
    """

    letters: pl.DataFrame
    flaws: pl.DataFrame
    on_file: pl.DataFrame


def _find_wanted(facts: Facts, question: Question, checks: pl.DataFrame) -> _Wanted:
    advisories = facts.table("advisories")
    advisories = advisories.with_columns(
        letter_keys(advisories["letter"]).alias("in_letter"), same("flaw").alias("cve")
    )
    on_file = advisories.sort("file", "line").unique("in_letter", keep="first", maintain_order=True)
    if question.cited or question.flaws:
        cited = {letter_key(number): number for number in question.cited}
        letters = pl.DataFrame(
            {"in_letter": list(cited), "letter": list(cited.values())},
            schema=dict.fromkeys(("in_letter", "letter"), pl.String),
        )
    else:
        # "All flaws that were warned of", without a number: every advisory that the department has on file.
        letters = on_file.select("in_letter", "letter").sort("in_letter")
    shared = advisories.select("in_letter", "cve").join(letters, on="in_letter", how="inner")
    named = pl.DataFrame({"cve": list(question.flaws)}, schema={"cve": pl.String}).select(
        pl.lit("").alias("in_letter"), same("cve"), pl.lit(_name_flaws(question.flaws)).alias("letter")
    )
    columns = ["agency", "in_letter", "letter", "cve"]
    for_all = everybody(facts).join(pl.concat([shared.select(columns[1:]), named.select(columns[1:])]), how="cross")
    own = checks.select("agency", "in_letter", "cve").join(letters, on="in_letter", how="inner")
    flaws = pl.concat([for_all.select(columns), own.select(columns)]).unique(maintain_order=True)
    return _Wanted(letters, flaws, on_file.select("in_letter", "file", "line"))


def _name_flaws(flaws: tuple[str, ...]) -> str:
    return ", ".join(flaws[:3]) + ("…" if len(flaws) > 3 else "")


def test_advisories(facts: Facts, question: Question) -> pl.DataFrame:
    """Test the pairs of each cited letter, that each machine was looked at for them, and that the letter is on file."""
    checks, receipts = list_checks(facts), list_receipts(facts)
    wanted = _find_wanted(facts, question, checks)
    relevant = checks.join(wanted.flaws.select("agency", "cve").unique(), on=["agency", "cve"], how="semi")
    pairs = latest_pairs(relevant)
    hosts = list_hosts(facts)
    looked = with_last_checks(hosts, relevant, receipts)
    concerned = pl.concat([hosts.select("agency"), pairs.select("agency")]).unique()
    return gather(
        decide(pairs, "pairs", "flaws", pair_name(), *pair_rules(question)),
        decide(looked, "hosts_checked", "hosts", "host", *host_rules(question)),
        _test_on_file(concerned, wanted, question),
        _test_records(facts, wanted, relevant, receipts),
    )


def _test_records(facts: Facts, wanted: _Wanted, checks: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """Tell the flaws that the department's check could not look for: no advisory that it held speaks of them."""
    at_hand = facts.table("known_flaws").select("advisories", same("flaw").alias("cve"))
    used = receipts.select("agency", "advisories").unique()
    known = pl.concat([used.join(at_hand, on="advisories").select("agency", "cve"), checks.select("agency", "cve")])
    missing = wanted.flaws.join(used, on="agency", how="semi").join(known, on=["agency", "cve"], how="anti")
    named = missing.join(wanted.on_file, on="in_letter", how="left").sort("agency", "in_letter", "cve")
    subject = pl.format("{} · {}", "letter", pl.col("cve").str.to_uppercase())
    return decide(named, "advisories", "advisories", subject, (ALWAYS, "unknown", "no_record"))


def _test_on_file(concerned: pl.DataFrame, wanted: _Wanted, question: Question) -> pl.DataFrame:
    """Test that the department, or the agency itself, knows the flaws of each letter."""
    letters = wanted.letters
    if letters.is_empty() and not question.flaws:
        letters = pl.DataFrame({"in_letter": [""], "letter": ["–"]})
    known = wanted.flaws.select("agency", "in_letter").unique().with_columns(known=True)
    asked = (
        concerned.join(letters, how="cross")
        .join(known, on=["agency", "in_letter"], how="left")
        .join(wanted.on_file, on="in_letter", how="left")
    )
    unknown = pl.col("known").is_null()
    return decide(
        asked,
        "advisories",
        "advisories",
        "letter",
        (unknown & (pl.col("in_letter") == ""), "unknown", "none_on_file"),
        (unknown, "unknown", "not_on_file"),
    )


MEASURE = Measure(
    name="advisories_fixed",
    title=Words("Khắc phục lỗ hổng theo văn bản cảnh báo", "Flaws of cited advisories fixed"),
    asks=(
        r"(lo hong|diem yeu)[^.]{0,500}\b(van ban|cong van|canh bao) so\b",
        r"(lo hong|diem yeu)[^.;]{0,200}\bda (duoc|co)\b[^.;]{0,120}canh bao[^.]{0,40}\b(dac biet|nhu|gom)",
        r"(canh bao)[^.;]{0,40}(lo hong|diem yeu)[^.]{0,400}\b(van ban|cong van) so\b",
        r"(van ban|cong van) canh bao[^.;]{0,40}(lo hong|diem yeu)",
        r"(lo hong|khac phuc|ban va|ban sua)[^.;]{0,200}\bcve-\d{4}-\d{4,}",
        r"(lo hong|diem yeu|ban va|ban sua)[^.;]{0,300}\bban va thang \d",
    ),
    how=Words(
        "Như “Khắc phục lỗ hổng”, cho lỗ hổng của từng văn bản cảnh báo được nêu và mã CVE ghi ngay trong công "
        "văn. Máy nào cũng "
        "phải được kiểm tra những lỗ hổng ấy; văn bản phải có trong sổ của Sở cùng các lỗ hổng của nó.",
        "As “Flaws fixed”, for the flaws of each advisory letter cited and the CVE ids that the letter names. "
        "Every machine has "
        "to be looked at for them, and each advisory has to be on file with its flaws.",
    ),
    parts=(
        Part("pairs", Words("cặp máy và lỗ hổng", "pairs of machine and flaw"), zero="not_applicable"),
        Part(
            "hosts_checked",
            Words("máy được kiểm tra", "machines looked at"),
            zero="not_applicable",
        ),
        Part("advisories", Words("văn bản cảnh báo có trong sổ", "advisories on file"), zero="not_applicable"),
    ),
    needs=("flaws", "hosts"),
    uses=("advisories", "findings", "flaw_receipts", "known_flaws"),
    law=LAW,
    whys={
        **WHYS,
        "not_on_file": Words(
            "văn bản cảnh báo chưa có trong sổ cùng các lỗ hổng", "the advisory and its flaws are not on file"
        ),
        "no_record": Words(
            "lần đối chiếu không có bản ghi nào về lỗ hổng này", "the check held no advisory that speaks of this flaw"
        ),
        "none_on_file": Words(
            "công văn không nêu văn bản nào và sổ của Sở còn trống", "no advisory is cited and none is on file"
        ),
    },
    test=test_advisories,
)
