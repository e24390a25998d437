"""`haidang check` from files to files: what it writes, what it prints, how it ends, and what it refuses."""

import csv
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import python_calamine

from haidang.cli.main import main
from haidang.engine.advisories.findings import COLUMNS, FINDING_STATES

HOUSE = Path(__file__).parents[2]
CITY = HOUSE / "content" / "examples"
FOUND, NOT_CHECKED, WRONG, CLEAN = 10, 20, 2, 0
ESCAPE = "\x1b]0;x\x07\x1b[31m"


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Keep compiled advisories of these tests out of the home of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HAIDANG_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def check_city(out: Path, *more: str) -> int:
    letter = ["--letter", str(CITY / "letter.txt"), "--intel", str(CITY / "intel")]
    agencies = ["--agencies", str(CITY / "agencies.csv"), "--on", "2026-02-23"]
    advisories = ["--advisories", str(CITY / "advisories")]
    return main(["check", str(CITY / "facts"), *advisories, *letter, *agencies, "--out", str(out), *more])


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("city") / "out"
    assert check_city(out) == FOUND
    return out


def advisory(
    flaw: str = "CVE-2030-0001",
    product: str = "Ledger",
    mended: str | None = "2.0",
    *,
    vendor: str = "Acme",
    title: str = "A flaw",
    fix: str | None = "Update to 2.0",
    day: str = "2030-01-01",
    revision: str = "2030-01-01",
) -> dict[str, Any]:
    """Make a CSAF advisory of one flaw; `mended` None: every version is affected and no update exists."""
    versions = f"vers:generic/<{mended}" if mended else "vers:generic/*"
    leaf = {"name": f"{vendor} {product} {versions}", "product_id": "A"}
    branch = {"category": "product_version_range", "name": versions, "product": leaf}
    named = {"category": "product_name", "name": product, "branches": [branch]}
    remedy = {"category": "vendor_fix" if fix else "none_available", "details": fix or "none", "product_ids": ["A"]}
    vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    score = {"version": "3.1", "baseScore": 9.8, "baseSeverity": "CRITICAL", "vectorString": vector}
    return {
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "title": title,
            "publisher": {"category": "vendor", "name": vendor, "namespace": "https://acme.example"},
            "tracking": {
                "id": f"ACME-{flaw}",
                "status": "final",
                "version": "1",
                "initial_release_date": f"{day}T00:00:00Z",
                "current_release_date": f"{revision}T00:00:00Z",
                "revision_history": [{"number": "1", "date": f"{revision}T00:00:00Z", "summary": "x"}],
            },
        },
        "product_tree": {"branches": [{"category": "vendor", "name": vendor, "branches": [named]}]},
        "vulnerabilities": [
            {
                "cve": flaw,
                "title": title,
                "notes": [{"category": "description", "text": title}],
                "product_status": {"known_affected": ["A"]},
                "remediations": [remedy],
                "scores": [{"products": ["A"], "cvss_v3": score}],
            }
        ],
    }


class Town:
    """A small town in a temporary folder: advisories, agencies' folders, a place for results."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out"
        self.facts, self.advisories = folder / "facts", folder / "advisories"
        self.facts.mkdir()
        self.advisories.mkdir()

    def advise(self, *documents: dict[str, Any]) -> "Town":
        for at, one in enumerate(documents):
            name = f"{at}-{one['vulnerabilities'][0]['cve']}.json"
            (self.advisories / name).write_text(json.dumps(one), encoding="utf-8")
        return self

    def write(self, name: str, *lines: str) -> "Town":
        path = self.facts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return self

    def machine(self, agency: str = "acme", host: str = "PC1", product: str = "Ledger", version: str = "1.0") -> "Town":
        self.write(f"{agency}/hosts.csv", "host,os,os_version", f"{host},FortiOS,7.0.17")
        return self.write(f"{agency}/software.csv", "host,vendor,product,version", f"{host},Acme,{product},{version}")

    def check(self, *more: str) -> int:
        paths = [str(self.facts), "--advisories", str(self.advisories), "--on", "2030-01-10", "--out", str(self.out)]
        return main(["check", *paths, *more])

    def rows(self) -> list[dict[str, Any]]:
        return pl.read_parquet(self.out / "findings.parquet").to_dicts()

    def document(self) -> dict[str, Any]:
        return json.loads((self.out / "findings.json").read_bytes())


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


# ---- what is written --------------------------------------------------------------------------------------------------


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_example_city_gets_a_page_an_annex_a_workbook_and_the_tables_for_judge(city: Path) -> None:
    names = set(files_of(city))
    agencies = {path.name for path in (CITY / "facts").iterdir()}
    assert {"index.html", "findings.json", "findings.parquet"} <= names
    assert {f"annex/{one}.{form}" for one in agencies for form in ("html", "xlsx")} <= names
    assert {f"intel/{one}.parquet" for one in ("flaws", "flaw_receipts", "known_flaws", "advisories")} <= names
    assert not [name for name in names if name.startswith(".")]


def test_rows_have_the_declared_columns_and_no_others(city: Path) -> None:
    rows = pl.read_parquet(city / "findings.parquet")
    assert rows.columns == list(COLUMNS)
    assert rows.height > 50


def test_the_document_counts_what_the_rows_say(city: Path) -> None:
    document = json.loads((city / "findings.json").read_bytes())
    rows = pl.read_parquet(city / "findings.parquet").cast({"state": pl.String})
    assert document["format"] == "haidang-findings/1"
    for agency in document["agencies"]:
        mine = rows.filter(pl.col("agency") == agency["agency"])
        for state in ("affected", "cannot_tell", "mitigated"):
            assert agency["pairs"][state] == mine.filter(pl.col("state") == state).height, (agency["agency"], state)
        for state in ("fixed", "not_present"):  # those that no letter binds are only counted
            assert agency["pairs"][state] >= mine.filter(pl.col("state") == state).height
        affected = mine.filter(pl.col("state") == "affected")
        assert agency["hosts_affected"] == affected["host"].n_unique()
        assert {host for action in agency["actions"] for host in action["hosts"]} == set(affected["host"])
        flaw_by_flaw = [question for question in agency["questions"] if question["why"] != "out_of_support"]
        asked = {host for question in flaw_by_flaw for host in question["hosts"]}
        assert asked == set(mine.filter(pl.col("state") == "cannot_tell")["host"])
    assert {agency["agency"] for agency in document["agencies"]} >= set(rows["agency"])


def test_the_same_inputs_give_the_same_bytes(city: Path, tmp_path: Path) -> None:
    assert check_city(tmp_path / "again") == FOUND
    first, second = files_of(city), files_of(tmp_path / "again")
    assert list(first) == list(second)
    assert [name for name, data in first.items() if data != second[name]] == []


def test_every_link_of_the_pages_leads_to_a_file(city: Path) -> None:
    for page in (city / "index.html", *(city / "annex").glob("*.html")):
        for target in re.findall(r'href="([^"#:]+)"', page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"


def test_an_annex_holds_nothing_of_other_agencies(city: Path) -> None:
    document = json.loads((city / "findings.json").read_bytes())
    rows = pl.read_parquet(city / "findings.parquet")
    hosts = {one["agency"]: set(rows.filter(pl.col("agency") == one["agency"])["host"]) for one in document["agencies"]}
    for agency, own in hosts.items():
        told = (city / "annex" / f"{agency}.html").read_text(encoding="utf-8")
        others = {host for name, theirs in hosts.items() if name != agency for host in theirs} - own
        assert not {host for host in others if host in told}
        assert not [name for name in hosts if name != agency and f"{name}/" in told]


def test_an_agency_without_rows_still_gets_its_annex_and_its_questions(city: Path) -> None:
    told = (city / "annex" / "xa-ben-trai.html").read_text(encoding="utf-8")
    assert not (city / "annex" / "xa-ben-trai.csv").exists()
    assert "chưa kết luận được" in told
    assert "XBT-PC01" in told


def test_rows_for_excel_have_a_mark_and_no_cell_runs(town: Town) -> None:
    town.advise(advisory(product="+Ledger", title="=HYPERLINK(1)")).machine(host="=1+1", product="+Ledger")
    assert town.check() == FOUND
    data = (town.out / "annex" / "acme.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n")
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert list(row) == list(COLUMNS)
    assert row["host"] == "'=1+1"
    assert row["product"] == "'+Ledger"
    assert row["title"] == "'=HYPERLINK(1)"


def test_the_workbook_lists_the_work_the_questions_and_the_machines(city: Path) -> None:
    book = python_calamine.CalamineWorkbook.from_path(str(city / "annex" / "benh-vien-da-khoa.xlsx"))
    work, questions, machines = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    assert [row[3] for row in work[1:]] == ["BVDK-PC05", "BVDK-MAIL01"]
    assert work[0][-2:] == ["Ngày làm xong · Done on", "Ghi chú · Note"]
    assert str(work[1][1]) == "2026-02-13"
    assert work[1][2] == 10
    assert questions[0][-1] == "Trả lời · Answer"
    assert any("SharePoint Server 2019" in str(row[0]) for row in questions)
    assert len(machines) == 1 + 30


def test_the_workbook_runs_no_formula(town: Town) -> None:
    town.advise(advisory(title="=1+1")).machine(host="=1+1")
    assert town.check() == FOUND
    book = python_calamine.CalamineWorkbook.from_path(str(town.out / "annex" / "acme.xlsx"))
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    assert [cell for row in rows for cell in row].count(
        "=1+1"
    ) == 3  # still the text: twice the machine, once the title


@pytest.mark.parametrize("pair", [("SoYTe", "soyte"), ("a b", "a  b"), ("CON", "con"), ("all", "Sở Y tế")])
def test_no_two_agencies_share_a_file_on_any_system(pair: tuple[str, str], town: Town) -> None:
    town.advise(advisory())
    for at, agency in enumerate(pair):
        town.machine(agency, f"PC{at}")
    town.write("hosts.csv", "host,os,os_version", "PC9,FortiOS,7.0.17")  # in no agency's folder
    assert town.check() == FOUND
    files = {one["agency"]: one["file"] for one in town.document()["agencies"]}
    assert len({file.casefold() for file in files.values()}) == 3
    assert not {file.casefold() for file in files.values()} & {"con", "nul", ""}
    for at, agency in enumerate(pair):
        assert f"PC{at}" in (town.out / "annex" / f"{files[agency]}.html").read_text(encoding="utf-8")
    assert "PC9" in (town.out / "annex" / f"{files['']}.html").read_text(encoding="utf-8")


def test_judge_takes_what_check_hands_over(city: Path, tmp_path: Path) -> None:
    facts = ["--agencies", str(CITY / "agencies.csv"), "--facts", str(CITY / "facts"), "--intel", str(CITY / "intel")]
    taken = ["--intel", str(city / "intel"), "--on", "2026-02-23", "--out", str(tmp_path / "judged")]
    assert main(["judge", str(CITY / "letter.txt"), *facts, *taken]) == 0
    verdicts = json.loads((tmp_path / "judged" / "verdicts.json").read_bytes())
    assert {"flaws.parquet", "flaw_receipts.parquet"} <= {Path(one["file"]).name for one in verdicts["inputs"]}


# ---- how it ends ------------------------------------------------------------------------------------------------------


def test_nothing_open_and_all_seen_ends_with_nought(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.advise(advisory()).machine(version="2.0")
    assert town.check() == CLEAN
    assert "0  còn lỗ hổng" in capsys.readouterr().out
    assert "không còn lỗ hổng mở" in (town.out / "annex" / "acme.html").read_text(encoding="utf-8")


def test_an_open_flaw_ends_with_ten_and_is_told(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.advise(advisory()).machine()
    assert town.check() == FOUND
    told = capsys.readouterr().out
    assert re.search(r"track +acme +Ledger +→ 2\.0 +1 máy +1 lỗ hổng +31/01/2030$", told, re.MULTILINE)
    assert str(town.out / "index.html") in told


def test_what_nobody_can_tell_ends_with_twenty(town: Town) -> None:
    town.advise(advisory()).machine(version="")
    assert town.check() == NOT_CHECKED
    assert [row["why"] for row in town.rows()] == ["no_version"]


def test_a_machine_whose_system_is_not_told_is_never_clean(town: Town) -> None:
    town.advise(advisory()).machine(version="2.0").write("acme/hosts.csv", "host,os", "PC1,")
    assert town.check() == NOT_CHECKED
    assert "chưa kết luận được" in (town.out / "annex" / "acme.html").read_text(encoding="utf-8")


def test_one_broken_file_among_good_ones_is_told_and_the_rest_is_checked(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    town.advise(advisory()).machine(version="2.0").write("acme/scan.xml", "<nmaprun><host>")
    assert town.check() == NOT_CHECKED
    assert "acme/scan.xml" in capsys.readouterr().out
    document = town.document()
    assert [row["file"] for row in document["unread"]] == ["acme/scan.xml"]
    assert document["agencies"][0]["unread_total"] == 1
    for page in ("index.html", "annex/acme.html"):
        assert "acme/scan.xml" in (town.out / page).read_text(encoding="utf-8")


def test_a_broken_advisory_among_good_ones_is_told(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.advise(advisory()).machine()
    (town.advisories / "broken.json").write_text('{"document": {"csaf_version": "2.0"', encoding="utf-8")
    assert town.check() == FOUND
    assert "1 (cảnh báo · advisories)" in capsys.readouterr().out
    assert "broken.json" in (town.out / "index.html").read_text(encoding="utf-8")


def test_without_out_it_only_prints(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.advise(advisory()).machine()
    before = set(town.folder.rglob("*"))
    assert main(["check", str(town.facts), "--advisories", str(town.advisories), "--on", "2030-01-10"]) == FOUND
    assert "Ledger" in capsys.readouterr().out
    assert set(town.folder.rglob("*")) == before


# ---- what it refuses --------------------------------------------------------------------------------------------------


def refused(town: Town, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run what must fail: one sentence, and nothing written, not even half."""
    before = set(town.folder.rglob("*"))
    assert main(["check", *arguments]) == WRONG
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert set(town.folder.rglob("*")) == before
    return told.err


def test_wrong_paths_days_and_empty_folders_are_one_sentence(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.advise(advisory()).machine()
    empty = town.folder / "empty"
    empty.mkdir()
    facts, advisories, out = str(town.facts), str(town.advisories), ["--out", str(town.out)]
    assert "is not there" in refused(town, capsys, "no-such-folder", "--advisories", advisories, *out)
    assert "is not there" in refused(town, capsys, facts, "--advisories", "no-such-folder", *out)
    assert "30/02" in refused(town, capsys, facts, "--advisories", advisories, "--on", "30/02/2030", *out)
    assert "no advisory" in refused(town, capsys, facts, "--advisories", str(empty), *out)
    assert "name no machine" in refused(town, capsys, str(empty), "--advisories", advisories, *out)
    lost = ["--letter", "no-such-letter.pdf"]
    assert "no-such-letter.pdf" in refused(town, capsys, facts, "--advisories", advisories, *lost, *out)


def test_advisories_that_nobody_can_read_leave_nothing_behind(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.machine()
    (town.advisories / "holiday.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    paths = [str(town.facts), "--advisories", str(town.advisories), "--out", str(town.out)]
    assert "no advisory of a form that can be read" in refused(town, capsys, *paths)


def test_a_file_asked_for_by_itself_that_is_no_inventory_is_refused(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    town.advise(advisory())
    note = town.folder / "note.txt"
    note.write_text("Dear all,\nlunch is at noon.\n")
    told = refused(town, capsys, str(note), "--advisories", str(town.advisories), "--out", str(town.out))
    assert "no inventory of a form that can be read" in told


def test_somebody_elses_folder_is_left_alone(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.advise(advisory()).machine()
    town.out.mkdir()
    (town.out / "thesis.txt").write_text("dear")
    paths = [str(town.facts), "--advisories", str(town.advisories)]
    assert "no earlier result" in refused(town, capsys, *paths, "--out", str(town.out))
    assert "would be read" in refused(town, capsys, *paths, "--out", str(town.facts / "out"))
    assert "would be read" in refused(town, capsys, *paths, "--out", str(town.advisories / "out"))
    assert (town.out / "thesis.txt").read_text() == "dear"


def test_an_earlier_result_is_replaced_whole(town: Town) -> None:
    town.advise(advisory()).machine("acme").machine("gone")
    assert town.check() == FOUND
    shutil.rmtree(town.facts / "gone")
    assert town.check() == FOUND
    assert {path.stem for path in (town.out / "annex").iterdir()} == {"acme"}
    assert sorted(path.name for path in town.folder.iterdir()) == ["advisories", "facts", "out"]


def test_a_disk_that_fills_up_keeps_the_earlier_result(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.advise(advisory()).machine()
    assert town.check() == FOUND
    before = files_of(town.out)

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert town.check() == WRONG
    monkeypatch.undo()
    assert files_of(town.out) == before
    assert sorted(path.name for path in town.folder.iterdir()) == ["advisories", "facts", "out"]


# ---- priorities, letters, work-arounds --------------------------------------------------------------------------------


def test_known_exploitation_and_its_chance_change_what_is_first(town: Town) -> None:
    town.advise(advisory("CVE-2030-0002")).machine()
    kev, epss = town.folder / "kev.csv", town.folder / "epss.csv"
    heads = "cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,knownRansomwareCampaignUse"
    kev.write_text(f"{heads}\nCVE-2030-0002,Acme,Ledger,A flaw,2030-01-05,x,Apply,2030-01-26,Known\n")
    epss.write_text(
        "#model_version:v2025.03.14,score_date:2030-01-09T00:00:00Z\ncve,epss,percentile\nCVE-2030-0002,0.91,0.99\n"
    )
    assert town.check() == FOUND
    (plain,) = town.rows()
    assert not plain["exploited"]
    assert plain["epss"] is None
    assert town.check("--kev", str(kev), "--epss", str(epss)) == FOUND
    (pressed,) = town.rows()
    assert pressed["exploited"]
    assert pressed["kev_due"] == "2030-01-26"
    assert pressed["epss"] == pytest.approx(0.91)
    order = ["track", "track*", "attend", "act"]
    assert order.index(pressed["decision"]) > order.index(plain["decision"])
    assert pressed["due"] < plain["due"]
    assert "đang bị khai thác" in (town.out / "annex" / "acme.html").read_text(encoding="utf-8")


def test_the_letter_lists_its_flaws_and_sets_the_day(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads((city / "findings.json").read_bytes())
    assert document["letter"]["number"] == "214/SKHCN-ATTT"
    own = {letter["letter"]: letter for letter in document["letters"]}
    assert {flaw["flaw"] for flaw in own["214/SKHCN-ATTT"]["flaws"]} >= {"CVE-2025-59287", "CVE-2025-8088"}
    for letter in own.values():
        for flaw in letter["flaws"]:
            assert sum(flaw["hosts"].values()) == sum(agency["hosts"] for agency in document["agencies"])
    actions = [action for agency in document["agencies"] for action in agency["actions"]]
    assert {action["due"] for action in actions} == {"2026-02-13"}
    rows = pl.read_parquet(city / "findings.parquet").filter(pl.col("letters") != "")
    assert rows["due_ground"].unique().to_list() == ["letter"]
    assert set(rows["state"].cast(pl.String)) > {"affected", "fixed"}  # for bound flaws every machine is listed
    page = (city / "index.html").read_text(encoding="utf-8")
    assert "quá hạn 10 ngày" in page
    assert "142/TTGS-CB" in page


def test_a_workaround_counts_until_an_update_appears(town: Town) -> None:
    town.advise(advisory(mended=None, fix=None)).machine()
    town.write(
        "acme/flaws.csv", "host,flaw,state,checked_on,evidence", "PC1,CVE-2030-0001,mitigated,2030-01-05,port closed"
    )
    assert town.check() == CLEAN
    assert [(row["state"], row["why"]) for row in town.rows()] == [("mitigated", "workaround")]
    town.advise(advisory(revision="2030-01-08"))
    assert town.check() == FOUND
    assert [(row["state"], row["why"]) for row in town.rows()] == [("affected", "update_after_workaround")]
    assert "biện pháp giảm thiểu không còn đủ" in (town.out / "annex" / "acme.html").read_text(encoding="utf-8")


def test_a_workaround_without_evidence_is_only_a_word(town: Town) -> None:
    town.advise(advisory(mended=None, fix=None)).machine()
    town.write("acme/flaws.csv", "host,flaw,state,checked_on,evidence", "PC1,CVE-2030-0001,mitigated,2030-01-05,")
    assert town.check() == FOUND
    assert [row["state"] for row in town.rows()] == ["affected"]


# ---- what it prints ---------------------------------------------------------------------------------------------------


def test_names_never_steer_the_terminal(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.advise(advisory(product=f"Led{ESCAPE}ger", title=ESCAPE)).machine(
        host=f"PC{ESCAPE}", product=f"Led{ESCAPE}ger"
    )
    town.write(f"acme/{ESCAPE}.xml", "<nmaprun>")
    town.check()
    told = capsys.readouterr()
    assert "\x1b" not in told.out + told.err
    assert "\x07" not in told.out + told.err


def test_long_names_are_cut_with_a_sign_that_they_go_on(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    product = "Ledger of the united cities professional edition"
    town.advise(advisory(product=product)).machine("the-agency-of-the-long-name", product=product)
    assert town.check() == FOUND
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "Ledger" in line]
    assert "the-agency-of-the-lon…" in line
    assert "Ledger of the united cities profess…" in line


def test_the_states_are_those_of_the_document(city: Path) -> None:
    document = json.loads((city / "findings.json").read_bytes())
    assert all(tuple(agency["pairs"]) == FINDING_STATES for agency in document["agencies"])
    assert city.stat().st_mode & 0o055 == 0o055  # a folder that others may open
