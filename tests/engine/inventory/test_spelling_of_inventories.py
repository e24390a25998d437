"""Processors, updates, days, CPE names and package URLs come out in one spelling; code pages are told apart."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.engine.inventory.decoding import decode, lines_of
from haidang.engine.inventory.naming import host_in, host_of_file, lone_name
from haidang.engine.inventory.spelling import (
    arch_of,
    day_of,
    kind_of,
    lacks_revision,
    purl_of,
    updates_in,
    windows_version,
)


@pytest.mark.parametrize(
    ("written", "arch"),
    [
        ("x64-based PC", "x64"),
        ("AMD64", "x64"),
        ("64-bit", "x64"),
        ("64 bit", "x64"),
        ("X86-based PC", "x86"),
        ("i686", "x86"),
        ("ARM 64-bit Processor", "arm64"),
        ("aarch64", "arm64"),
        ("arm64-v8a,armeabi-v7a", "arm64"),
        ("s390x", "s390x"),
        ("noarch", None),
        ("all", None),
        ("", None),
        (None, None),
    ],
)
def test_a_processor_has_one_spelling(written: str | None, arch: str | None) -> None:
    assert arch_of(written) == arch


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Máy chủ", "server"),
        ("may chu ao", "server"),
        ("Laptop", "workstation"),
        ("Máy tính xách tay", "workstation"),
        ("PC", "workstation"),
        ("Tường lửa", "network"),
        ("Switch L3", "network"),
        ("Máy in", "other"),
        ("-", None),
    ],
)
def test_a_kind_of_machine_is_one_of_four(written: str, kind: str | None) -> None:
    assert kind_of(written) == kind


@pytest.mark.parametrize(
    ("text", "updates"),
    [
        ("KB5029244", ["KB5029244"]),
        ("KB893803v2 - Update", ["KB893803"]),
        ("KB2803821-v2", ["KB2803821"]),
        ("Q147222", ["KB147222"]),
        ("943729", ["KB943729"]),
        ("KB5030219, 5030560; KB 5029263", ["KB5030219", "KB5030560", "KB5029263"]),
        ("{7A068575-C5DB-43D9-BE20-3895D0C69B17}", []),
        ("File 1", []),
        ("1.289.501.0", []),
    ],
)
def test_updates_come_out_as_kb_and_number(text: str, updates: list[str]) -> None:
    assert updates_in(text) == updates


def test_days_come_out_iso_where_they_can_be_told() -> None:
    assert day_of("5/22/2015", american=True) == "2015-05-22"
    assert day_of("22/05/2015") == "2015-05-22"
    assert day_of("20190321") == "2019-03-21"
    assert day_of("01d4dfd0fb4eb361") == "2019-03-21"
    assert day_of("2023-08-22T01:02:03Z") == "2023-08-22"
    assert day_of("31/31/2015") == "31/31/2015"
    assert day_of("Tuesday") == "Tuesday"
    assert day_of(" ") is None


def test_a_package_url_follows_its_specification() -> None:
    url = purl_of("deb", "debian", "libstdc++6", "1:12.2+x~1", arch="amd64", distro="debian-12", epoch="")
    assert url == "pkg:deb/debian/libstdc%2B%2B6@1:12.2%2Bx~1?arch=amd64&distro=debian-12"
    assert purl_of("rpm", "rhel", "bash", "5.1").startswith("pkg:rpm/redhat/")


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_package_url_holds_no_sign_that_would_part_it(name: str, version: str) -> None:
    url = purl_of("deb", "debian", name, version, arch=version)
    assert re.fullmatch(r"pkg:deb/debian/[A-Za-z0-9%._~:-]*@[A-Za-z0-9%._~:-]*(\?arch=[A-Za-z0-9%._~:-]+)?", url)


def test_only_windows_10_and_later_lack_a_revision() -> None:
    assert windows_version("10.0.19045", "3324") == "10.0.19045.3324"
    assert windows_version("10.0.19045.3324", "9") == "10.0.19045.3324"
    assert lacks_revision("Microsoft Windows 10 Pro", "10.0.19045")
    assert not lacks_revision("Microsoft Windows 10 Pro", "10.0.19045.3324")
    assert not lacks_revision("Microsoft Windows 7", "6.1.7601")
    assert not lacks_revision("Debian", "10.0")


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Nombre del sistema operativo: Microsoft Windows 10\nVersión del sistema: España, Compilación\n", "cp850"),
        ("Имя узла: BUH\nНазвание ОС: Microsoft Windows 7 Профессиональная\n", "cp866"),
        ("Имя узла: BUH\nНазвание ОС: Microsoft Windows 7 Профессиональная\n", "cp1251"),
        ("主机名: PC\nOS 名称: Microsoft Windows 10 企业版\n", "gbk"),
        ("Betriebssystemname: Microsoft Windows 7, Eigenständige Arbeitsstation, Verfügbarer\n", "cp850"),
        ("Système d’exploitation: Windows, modèle, propriétaire, mémoire physique\n".replace("’", "'"), "cp1252"),
    ],
)
def test_a_text_of_a_code_page_is_read_as_its_writer_saw_it(text: str, page: str) -> None:
    assert decode(text.encode(page))[0] == text


def test_vietnamese_of_windows_1258_is_read_with_its_tone_marks() -> None:
    text, page = decode("Ph\u00e2\u0300n m\u00ea\u0300m k\u00ea\u0301 toa\u0301n, ma\u0301y chu\u0309".encode("cp1258"))
    assert page == "cp1258"
    assert unicodedata.normalize("NFC", text) == "Phần mềm kế toán, máy chủ"


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1))
def test_utf_8_and_marked_utf_16_are_never_guessed(text: str) -> None:
    assert decode(text.encode())[0].removeprefix("\ufeff") == text.removeprefix("\ufeff")
    assert decode(b"\xff\xfe" + text.encode("utf-16-le")) == (text, "")


@given(st.binary())
def test_any_bytes_decode_to_some_text(data: bytes) -> None:
    text, _ = decode(data)
    assert len(lines_of(text)) >= 1


def test_lines_are_counted_as_editors_count_them() -> None:
    assert lines_of("a\r\r\nb\r\nc\rd\n") == ["a", "b", "c", "d"]
    assert lines_of("a\x0bb\x85c\n") == ["a\x0bb\x85c"]


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("PC-KETOAN_systeminfo.txt", "PC-KETOAN"),
        ("systeminfo.txt", "systeminfo"),
        ("so-y-te/pc01/systeminfo.txt", "pc01"),
        ("web01.dpkg.txt", "web01"),
        ("hotfix PC2.csv", "PC2"),
        ("kiểm kê.csv", "kiểm kê"),
    ],
)
def test_a_file_that_names_no_machine_names_it_by_its_own_name(name: str, host: str) -> None:
    assert host_of_file(name) == host


def test_lines_that_name_a_machine_are_told_from_all_others() -> None:
    assert host_in("# host: web01.example.vn") == "web01.example.vn"
    assert host_in("Tên máy: KT-01") == "KT-01"
    assert host_in("[root@bigip1:Active:Standalone] config # tmsh show sys version") == "bigip1"
    assert host_in("root@web01:~# dpkg -l") == "web01"
    assert host_in("Xin gửi về admin@example.vn trước ngày 5") is None
    assert host_in("Máy chủ này: rất cũ") is None
    assert lone_name("PC-01") == "PC-01"
    assert lone_name("2024") is None
    assert lone_name("two words") is None
