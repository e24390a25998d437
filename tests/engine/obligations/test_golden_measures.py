"""Every measure has golden cases: facts in, verdict and deciding rows out."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest
import townhall as city
import yaml

from haidang.engine.obligations.measures import all_measures

ROOT = Path(__file__).parents[2] / "golden" / "obligations"
CASES = sorted(path.parent if path.is_file() else path for path in ROOT.glob("*/*") if path.is_dir())


def answer(folder: Path) -> dict[str, object]:
    """Judge the case's one agency, “dv”."""
    settings = folder / "case.yaml"
    case = yaml.safe_load(settings.read_text("utf-8")) if settings.exists() else {}
    agencies = city.list_agencies("dv", kind=case.get("kind", "agency"))
    files = {
        f"{'intel' if path.parent.name == 'intel' else 'dv'}/{path.name}": path.read_bytes()
        for path in sorted(folder.glob("*/*.csv"))
    }
    first = case.get("first")
    question = city.ask(
        first=first if isinstance(first, dt.date) else None,
        cited=tuple(case.get("cited", ())),
        flaws=tuple(case.get("flaws", ())),
    )
    entry = city.verdicts(city.hand_in(agencies, files), question, folder.parent.name)["dv", folder.parent.name]
    parts = [{key: value for key, value in part.items() if key != "share"} for part in entry["parts"]]
    return {"verdict": entry["verdict"], "parts": parts, "reasons": entry["reasons"], "rows": entry["rows"]}


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_golden_case_comes_out_as_expected(folder: Path) -> None:
    expected = folder / "expected.json"
    got = answer(folder)
    if os.environ.get("HAIDANG_REWRITE_GOLDEN"):
        expected.write_text(json.dumps(got, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert json.loads(expected.read_text("utf-8")) == got
    if folder.name in ("met", "not_met", "not_provable", "not_applicable"):
        assert got["verdict"] == folder.name


@pytest.mark.parametrize("name", all_measures())
def test_every_measure_has_a_golden_case_of_each_verdict(name: str) -> None:
    cases = {path.name for path in (ROOT / name).iterdir()}
    assert {"met", "not_met", "not_provable", "not_applicable"} <= cases


@pytest.mark.parametrize("name", all_measures())
def test_every_reason_of_a_measure_is_given_by_a_golden_case(name: str) -> None:
    given = {
        reason["why"]
        for path in (ROOT / name).glob("*/expected.json")
        for reason in json.loads(path.read_text("utf-8"))["reasons"]
    }
    missing = set(all_measures()[name].whys) - given
    # The provider's roster is judged by the same code as the agency's, and is not shown twice.
    assert not missing or name == "provider_staffing", missing


@pytest.mark.parametrize("name", all_measures())
def test_every_reason_that_a_golden_case_gives_has_words(name: str) -> None:
    general = {"no_table", "unread_row", "declared", "other_audience", "no_measure", "nothing_to_count"}
    for path in (ROOT / name).glob("*/expected.json"):
        for reason in json.loads(path.read_text("utf-8"))["reasons"]:
            assert reason["why"] in general | set(all_measures()[name].whys)
