"""The example city is what `content/examples/README.md` says: invented, whole, and each story ends as told."""

from __future__ import annotations

import email
import email.policy
import ipaddress
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from python_calamine import CalamineWorkbook

from haidang.cli.main import main
from haidang.engine.tables import TABLES

CITY = Path(__file__).parents[2] / "content" / "examples"
FILES = sorted(path for path in CITY.rglob("*") if path.is_file())
FOR_DOCUMENTS = [
    ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
FORMATS = Path(__file__).parents[1] / "golden" / "letters" / "formats"

ALL_BUT_THE_LIST = (
    "system_levels flaws_fixed threat_hunt watch_24_7 monitoring_coverage antimalware_coverage malware_sweep "
    "advisories_fixed national_coordination digital_forensics awareness incident_contact"
)
# agency, verdict, measures: how each story of the README ends.
STORIES = (
    ("so-tai-chinh", "met", ALL_BUT_THE_LIST + " botnet_cleanup"),
    ("so-tai-chinh", "not_applicable", "provider_staffing provider_blocking authority_requests"),
    ("so-y-te", "not_provable", "malware_sweep threat_hunt"),
    ("so-y-te", "met", "system_levels flaws_fixed watch_24_7 awareness"),
    ("so-xay-dung", "not_met", "botnet_cleanup threat_hunt antimalware_coverage"),
    ("so-xay-dung", "met", "malware_sweep advisories_fixed national_coordination"),
    ("phuong-cua-song", "not_met", "watch_24_7 system_levels"),
    ("phuong-cua-song", "met", "awareness malware_sweep"),
    ("xa-ben-trai", "not_provable", "malware_sweep flaws_fixed watch_24_7 incident_contact"),
    ("xa-ben-trai", "not_met", "awareness"),
    ("dac-khu-hon-nhan", "not_provable", ALL_BUT_THE_LIST),
    ("thue-thanh-pho", "not_met", "national_coordination digital_forensics malware_sweep flaws_fixed advisories_fixed"),
    ("van-phong-thanh-uy", "not_applicable", "monitoring_coverage national_coordination digital_forensics"),
    ("van-phong-thanh-uy", "met", "system_levels malware_sweep watch_24_7"),
    (
        "benh-vien-da-khoa",
        "not_met",
        "system_levels flaws_fixed threat_hunt monitoring_coverage antimalware_coverage malware_sweep botnet_cleanup "
        "advisories_fixed digital_forensics awareness",
    ),
    ("benh-vien-da-khoa", "met", "watch_24_7 national_coordination incident_contact"),
    ("cao-dang-hang-hai", "not_met", "watch_24_7 awareness incident_contact malware_sweep"),
    ("cao-dang-hang-hai", "not_provable", "threat_hunt flaws_fixed botnet_cleanup"),
    ("mat-tran-to-quoc", "not_applicable", "system_levels"),
    ("mat-tran-to-quoc", "not_provable", "watch_24_7 flaws_fixed"),
    ("cap-nuoc-hai-trieu", "met", "flaws_fixed advisories_fixed"),
    ("cap-nuoc-hai-trieu", "not_provable", "threat_hunt"),
    ("cap-nuoc-hai-trieu", "not_met", "watch_24_7"),
    ("vien-thong-song-bien", "not_met", "provider_blocking"),
    ("vien-thong-song-bien", "met", "provider_staffing authority_requests malware_sweep"),
    ("internet-hai-au", "met", "provider_blocking"),
    ("internet-hai-au", "not_met", "provider_staffing authority_requests"),
    ("internet-hai-au", "not_provable", "incident_contact"),
)
PROVIDERS = {"provider_staffing", "provider_blocking", "authority_requests"}
MEASURES = {*ALL_BUT_THE_LIST.split(), "botnet_cleanup", *PROVIDERS}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Check and judge the city with the commands of `make demo`."""
    folder = tmp_path_factory.mktemp("city")
    shared = ["--agencies", CITY / "agencies.csv", "--intel", CITY / "intel", "--on", "2026-02-23"]
    looked = ["check", CITY / "facts", "--advisories", CITY / "advisories", "--letter", CITY / "letter.txt", *shared]
    flaws_are_open = 10
    assert main([*map(str, looked), "--out", str(folder / "check"), "--cache", str(folder)]) == flaws_are_open
    asked = ["judge", CITY / "letter.txt", "--facts", CITY / "facts", "--intel", folder / "check" / "intel", *shared]
    assert main([*map(str, asked), "--out", str(folder / "judge")]) == 0
    judged: dict[str, Any] = json.loads((folder / "judge" / "verdicts.json").read_bytes())
    return judged


def verdicts_of(document: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    return {(entry["agency"], entry["measure"]): entry["verdict"] for entry in document["verdicts"] if entry["measure"]}


def words_of(path: Path) -> str:
    """Everything that is written in a file, the cells of a workbook one a line."""
    if path.suffix != ".xlsx":
        return path.read_text(encoding="utf-8-sig")
    book = CalamineWorkbook.from_path(str(path))
    return "\n".join(
        str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
    )


def addresses_in(text: str) -> list[str]:
    four = re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", text)
    six = [word for word in re.findall(r"[0-9a-fA-F:]*::?[0-9a-fA-F:]*", text) if "::" in word or word.count(":") > 3]
    return four + [word for word in six if re.search(r"\w", word)]


def test_every_address_is_kept_for_documentation() -> None:
    found = {(path.name, text) for path in FILES for text in addresses_in(words_of(path))}
    assert len(found) > 100
    nobodys = (*FOR_DOCUMENTS, ipaddress.ip_network("10.0.0.0/8"))  # behind which logs see machines
    assert not [pair for pair in found if not any(ipaddress.ip_address(pair[1]) in network for network in nobodys)]


def test_every_domain_is_an_example() -> None:
    named = re.compile(r"(?<![\w.-])(?:[\w-]+\.)+(?:vn|com|net|org|gov|edu|info|io)(?![\w-])", re.IGNORECASE)
    assert not {name for path in FILES for name in named.findall(words_of(path))}


def test_every_table_of_facts_stands_in_the_example() -> None:
    written_by_check = {"flaw_receipts", "known_flaws"}
    tables = [
        path for path in FILES if path.parent.name not in ("indicators", "botnet") and path.suffix in {".csv", ".xlsx"}
    ]
    stems = {path.stem for path in tables} - {"agencies"}
    assert set(TABLES) == stems | written_by_check


def test_the_readme_tells_a_story_of_every_agency() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \|", (CITY / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    listed = [line.split(",")[0] for line in (CITY / "agencies.csv").read_text(encoding="utf-8").splitlines()[1:]]
    assert told == listed
    assert {path.name for path in (CITY / "facts").iterdir()} == set(listed) - {"dac-khu-hon-nhan"}


def test_the_word_file_says_what_the_text_says() -> None:
    document = docx.Document(str(FORMATS / "letter.docx"))
    written = [part.text for part in document.element.body.iter() if part.tag.endswith("}t") and part.text]
    text = (CITY / "letter.txt").read_text(encoding="utf-8")
    assert sorted(" ".join(written).split()) == sorted(text.split())


def test_the_pdf_says_what_the_text_says_on_four_pages() -> None:
    document = pypdfium2.PdfDocument(FORMATS / "letter.pdf")
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    # PDFium gives a hyphen at the end of a line as U+0002 or U+FFFE; each page has its number.
    printed = re.sub("[\x02\ufffe]", "-", "".join(pages))
    text = (CITY / "letter.txt").read_text(encoding="utf-8")
    assert len(pages) == 4
    assert sorted("".join(printed.split())) == sorted("".join(text.split()) + "1234")


def test_the_mail_carries_the_pdf_and_the_scan_has_no_text() -> None:
    mail = email.message_from_bytes((FORMATS / "letter.eml").read_bytes(), policy=email.policy.default)
    attached = [part.get_content() for part in mail.iter_attachments()]
    assert attached == [(FORMATS / "letter.pdf").read_bytes()]
    scan = pypdfium2.PdfDocument(FORMATS / "scan.pdf")
    assert [page.get_textpage().get_text_range() for page in scan] == [""]
    scan.close()


def test_the_letter_asks_all_sixteen_measures_in_the_clauses_of_its_kind(document: Mapping[str, Any]) -> None:
    asked = {clause["ref"]: set(clause["measures"]) for clause in document["clauses"]}
    assert asked == {
        "1.a": {"system_levels", "flaws_fixed", "threat_hunt"},
        "1.b": {"watch_24_7", "monitoring_coverage", "antimalware_coverage"},
        "1.c": {"malware_sweep", "botnet_cleanup"},
        "1.d": {"advisories_fixed"},
        "1.đ": {"national_coordination", "digital_forensics"},
        "1.e": {"awareness"},
        "2.a": {"provider_staffing"},
        "2.b": {"provider_blocking"},
        "2.c": {"authority_requests"},
        "3": {"incident_contact"},
        "4": set(),
    }


@pytest.mark.parametrize(("agency", "verdict", "measures"), STORIES)
def test_each_story_ends_as_told(document: Mapping[str, Any], agency: str, verdict: str, measures: str) -> None:
    found = verdicts_of(document)
    assert {name: found[agency, name] for name in measures.split()} == dict.fromkeys(measures.split(), verdict)


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_somebody_meets_each_measure_and_somebody_does_not(document: Mapping[str, Any], measure: str) -> None:
    found = {verdict for (_, name), verdict in verdicts_of(document).items() if name == measure}
    assert {"met", "not_met"} <= found
    assert ("not_applicable" if measure in PROVIDERS else "not_provable") in found


def test_only_the_planted_row_is_unread(document: Mapping[str, Any]) -> None:
    unread = [(row["agency"], row["table"], row["file"], row["line"]) for row in document["unread"]]
    assert unread == [("xa-ben-trai", "scan_receipts", "xa-ben-trai/scan_receipts.xlsx", 5)]
    assert "30/02/2026" in document["unread"][0]["why"]
