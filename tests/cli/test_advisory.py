"""`haidang advisory` tells what is said of a flaw, by whom, what mends it and how sure that is."""

import json
from pathlib import Path
from typing import Any

import pytest

from haidang.cli.main import main

CITY = Path(__file__).parents[2] / "content" / "examples"
ADVISORIES = ["--advisories", str(CITY / "advisories")]
ESCAPE = "\x1b]0;x\x07\x1b[31m"


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HAIDANG_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["advisory", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("written", ["CVE-2025-59287", "cve-2025-59287"])
def test_a_flaw_is_found_by_its_id(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = told(capsys, written, *ADVISORIES)
    assert "CVE-2025-59287  Chạy mã từ xa trong dịch vụ WSUS" in page
    assert "CVSS 3.1: 9.8" in page
    assert "đang bị khai thác · exploited" in page
    assert "cấp · level 1–2: attend; cấp · level 3–5: act; chưa rõ cấp · level unknown: act" in page
    assert "Microsoft Windows Server 2022  ← ttgs [cơ quan điều phối · coordinator]" in page
    assert "< 10.0.20348.4297" in page
    assert "KB5070884" in page
    assert "ttgs-2026-142.json /vulnerabilities/1/product_status/known_affected/2" in page
    assert "CVE-2025-53770" not in page


@pytest.mark.parametrize("written", ["1943/CATTT-NCSC", "1943 / cattt-ncsc"])
def test_an_advisory_letter_is_found_by_its_number(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = told(capsys, written)
    assert "1943/CATTT-NCSC · Cục An toàn thông tin · 01/11/2023" in page
    assert "danh sách có thể thiếu · the list may lack some" in page
    assert "CVE-2023-46747     [suy ra · inferred]" in page
    assert "F5 BIG-IP  ← haidang [Sở đã xem xét · our review]" in page


def test_a_flaw_tells_the_letters_that_warn_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert "1943/CATTT-NCSC" in told(capsys, "CVE-2023-46747")


def test_a_file_tells_all_that_it_speaks_of(capsys: pytest.CaptureFixture[str]) -> None:
    page = told(capsys, str(CITY / "advisories" / "ttgs-2026-117.json"))
    assert "CVE-2024-55591" in page
    assert "CVE-2025-27915" in page
    assert "Nâng cấp FortiOS lên 7.0.17" in page


def test_json_says_the_same_to_machines(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["advisory", "1943/CATTT-NCSC", "--json"]) == 0
    document = json.loads(capsysbinary.readouterr().out)
    assert document["letters"][0]["date"] == "2023-11-01"
    assert {flaw["sure"] for flaw in document["letters"][0]["flaws"]} == {"inferred"}
    flaw = document["flaws"][0]
    assert flaw["flaw"] == "CVE-2023-46747"
    assert set(flaw["decisions"]) == {"1", "2", "3", "4", "5", "unknown"}
    assert flaw["statements"][0]["rank"] == "review"


@pytest.mark.parametrize("written", ["CVE-1999-0001", "1/KHONG-CO", "x" * 5_000, "a\0b", "no-such-file.json"])
def test_what_nobody_speaks_of_is_one_sentence(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advisory", written, *ADVISORIES]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "no advisory at hand speaks of it" in printed.err
    assert printed.err.count("\n") == 1


def test_a_file_that_is_no_advisory_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note = tmp_path / "note.txt"
    note.write_text("lunch is at noon")
    assert main(["advisory", str(note)]) == 2
    assert "no advisory of a form that can be read" in capsys.readouterr().err


def test_exploitation_and_its_chance_come_from_their_own_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kev, epss = tmp_path / "kev.csv", tmp_path / "epss.csv"
    heads = "cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,knownRansomwareCampaignUse"
    kev.write_text(f"{heads}\nCVE-2025-59287,Microsoft,WSUS,A flaw,2025-10-24,x,Apply,2025-11-14,Known\n")
    epss.write_text(
        "#model_version:v1,score_date:2026-01-09T00:00:00Z\ncve,epss,percentile\nCVE-2025-59287,0.91,0.99\n"
    )
    page = told(capsys, "CVE-2025-59287", *ADVISORIES, "--kev", str(kev), "--epss", str(epss))
    assert "KEV 2025-10-24 → 2025-11-14" in page
    assert "ransomware" in page
    assert "EPSS 0.910 (2026-01-09)" in page


def test_names_never_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads((CITY / "advisories" / "ttgs-2026-142.json").read_text(encoding="utf-8"))
    for flaw in document["vulnerabilities"]:
        flaw["title"] = f"A {ESCAPE} flaw"
        for remedy in flaw["remediations"]:
            remedy["details"] = f"{ESCAPE} update"
    for branch in document["product_tree"]["branches"]:
        branch["name"] += ESCAPE
    path = tmp_path / f"a{ESCAPE.replace('/', '')}.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    page = told(capsys, str(path))
    assert "flaw" in page
    assert not {"\x1b", "\x07"} & set(page)
