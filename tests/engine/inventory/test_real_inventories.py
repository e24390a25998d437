"""What real tools wrote is read in full, counted against a plain search for the same words; attacks are refused."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from inventory_parcels import archive, needs_real_files, plain_files

from haidang.engine.errors import UnreadableParcel
from haidang.engine.inventory.decoding import decode
from haidang.engine.inventory.formats import find_format, formats, read_inventory
from haidang.engine.inventory.inventory import Inventory

pytestmark = needs_real_files


def kinds(inventory: Inventory) -> set[str]:
    return {lack.what for lack in inventory.lacks}


def windows() -> dict[str, bytes]:
    return dict(plain_files("windows"))


def test_every_systeminfo_of_every_language_gives_machine_build_and_processor() -> None:
    read = {name: read_inventory(data, name) for name, data in windows().items() if name.endswith("_systeminfo.txt")}
    assert len(read) == 24
    for name, inventory in read.items():
        (host,) = inventory.hosts.to_dicts()
        assert inventory.form == "systeminfo"
        assert "windows" in host["os"].lower()
        assert re.fullmatch(r"\d+\.\d\.\d{4,5}", host["os_version"])
        assert host["arch"] == ("x86" if "_x86_" in name else "x64")
        assert host["kind"] == ("server" if name.startswith("srv_") else "workstation")
        assert ("no_build" in kinds(inventory)) == host["os_version"].startswith("10.0.")
    chinese = read["10_1809_x64_enterprise_zh-cn_systeminfo.txt"]
    assert chinese.hosts["os"][0] == "Microsoft Windows 10 企业版 LTSC"
    assert read["7_sp1_x64_ultimaten_de_systeminfo.txt"].hosts["host"][0] == "OLI7-PC"


def test_systeminfo_gives_every_kb_number_that_stands_in_its_list() -> None:
    for name, data in windows().items():
        if name.endswith("_systeminfo.txt"):
            listed = re.findall(r"(?m)^ +\[\d+\]: ((?:KB|Q)\d{5,8}|\d{6})", decode(data)[0])
            assert read_inventory(data, name).hotfixes.height == len(listed), name


def test_a_list_that_is_cut_off_says_how_many_are_missing() -> None:
    cut = {name for name, data in windows().items() if "truncated" in kinds_of(data, name)}
    assert cut == {
        "7_sp1_x64_enterprise_en-us_20190305_systeminfo.txt",
        "7_sp1_x64_enterprise_en-us_B_systeminfo.txt",
        "7_sp1_x64_ultimaten_de_systeminfo.txt",
        "srv_2003r2_sp2_x86_standard_en-us_systeminfo.txt",
        "xp_sp2_x64_systeminfo.txt",
    }
    name = "srv_2003r2_sp2_x86_standard_en-us_systeminfo.txt"
    (row,) = read_inventory(windows()[name], name).unread
    assert "KB2862" in row.why  # its last number is cut in the middle


def kinds_of(data: bytes, name: str) -> set[str]:
    try:
        return kinds(read_inventory(data, name))
    except UnreadableParcel:
        return set()


def test_lists_of_updates_give_as_many_updates_as_they_have_lines_with_a_number() -> None:
    for name, data in windows().items():
        if not name.endswith(("_qfe.txt", "_updates.txt")):
            continue
        text = decode(data)[0]
        if not text.strip():
            with pytest.raises(UnreadableParcel, match="is empty"):
                read_inventory(data, name)
            continue
        lines = [line for line in text.splitlines() if re.search(r"\bKB\d{5,}|\bQ\d{5,}|\s\d{6}\s", line)]
        inventory = read_inventory(data, name)
        assert inventory.hotfixes.height == len(lines)
        assert not inventory.unread


def test_nmap_reports_give_the_machines_that_are_up_and_the_products_of_open_ports() -> None:
    refused = []
    for name, data in plain_files("nmap"):
        try:
            inventory = read_inventory(data, name)
        except UnreadableParcel:
            refused.append(name)
            continue
        up = data.count(b'<status state="up"') or 1
        open_products = re.findall(rb'state="open"[^>]*/>\s*<service[^>]*product="', data)
        assert inventory.hosts.height == up
        assert inventory.software.height == len(open_products)
        assert ("guessed" in kinds(inventory)) == (b"<osmatch" in data)
    assert refused == ["defused_et_included.xml", "defused_et_local_includer.xml", "dradis-invalid.xml"]


def cyclonedx() -> Iterator[tuple[str, bytes]]:
    for path, data in archive("inventory/sbom/cyclonedx.tar.zst").items():
        if path.endswith((".json", ".xml")):
            yield path, data


def count_components(bom: Any) -> int:
    """Count components the slow way: every object in a list called components, and what the bill is about."""
    found = 0
    for entry in bom.get("components") or []:
        found += 1 + count_components(entry)
    main = (bom.get("metadata") or {}).get("component")
    return found + (1 + count_components(main) if main else 0)


def test_bills_give_every_component_and_none_of_the_valid_ones_is_blamed() -> None:
    seen = 0
    for path, data in cyclonedx():
        name = path.rpartition("/")[2]
        if name.startswith("invalid-"):
            continue
        inventory = read_inventory(data, name)
        seen += 1
        assert "breaks_form" not in kinds(inventory), path
        assert not inventory.unread
        if path.endswith(".json"):
            left = sum(int(re.match(r"\d+", lack.ask)[0]) for lack in inventory.lacks if lack.what == "no_product")  # type: ignore[index]
            assert inventory.software.height + left == count_components(json.loads(data)), path
    assert seen > 180


def test_every_bill_that_the_specification_calls_invalid_is_refused_or_told() -> None:
    seen = 0
    for path, data in cyclonedx():
        name = path.rpartition("/")[2]
        if not name.startswith("invalid-"):
            continue
        seen += 1
        try:
            inventory = read_inventory(data, name)
        except UnreadableParcel:
            continue
        assert "breaks_form" in kinds(inventory) or inventory.unread, path
    assert seen == 95


def test_the_same_bill_in_json_and_xml_gives_the_same_products() -> None:
    files = dict(cyclonedx())
    pairs = [(path, path.removesuffix(".json") + ".xml") for path in files if path.endswith(".json")]
    pairs = [(one, other) for one, other in pairs if other in files and "/valid-" in one]
    assert len(pairs) > 50
    columns = ["product", "version", "purl", "cpe"]
    differ = []
    for one, other in pairs:
        left, right = (read_inventory(files[path], "x").software.select(columns).rows() for path in (one, other))
        if left != right:
            differ.append(one)
    # In these the two files themselves name different components.
    assert {path.rpartition("/")[2] for path in differ} == {
        "valid-bom-1.4.json",
        "valid-bom-1.5.json",
        "valid-compositions-1.4.json",
        "valid-compositions-1.5.json",
        "valid-dependency-1.5.json",
        "valid-component-external-with-version.json",
        "valid-cryptography-implementation-1.7.json",
    }


def test_spdx_documents_give_every_package() -> None:
    read = 0
    for path, data in archive("inventory/sbom/spdx-examples.tar.zst").items():
        if find_format(data, path) is None:
            continue
        inventory = read_inventory(data, path)
        read += 1
        if inventory.form == "SPDX JSON":
            expected = len(json.loads(data).get("packages", []))
        elif inventory.form == "SPDX tag-value":
            expected = len(re.findall(rb"(?m)^PackageName:", data))
        else:
            types = [entry.get("type", "") for entry in json.loads(data)["@graph"]]
            expected = sum(kind in ("software_Package", "ai_AIPackage", "dataset_DatasetPackage") for kind in types)
        assert inventory.software.height == expected, path
    assert read == 29


def test_glpi_documents_give_their_software() -> None:
    for name, data in plain_files("glpi"):
        if name == "inventory.schema.json":
            assert find_format(data, name) is None
            continue
        inventory = read_inventory(data, name)
        assert inventory.hosts.height == 1
        assert not inventory.unread
        if name.endswith(".xml"):
            listed = data.count(b"<SOFTWARES>") + data.count(b"<ANTIVIRUS>") + data.count(b"<FIRMWARES>")
        else:
            content = json.loads(data)["content"]
            listed = sum(len(content.get(key, [])) for key in ("softwares", "firmwares", "databases_services"))
        assert inventory.software.height + inventory.hotfixes.height == listed, name


def test_registry_exports_of_programs_are_read_and_other_keys_are_not() -> None:
    read = {}
    for path, data in archive("inventory/glpi/agent-resources.tar.zst").items():
        module = find_format(data, path)
        if module is not None:
            read[path.rpartition("/")[2]] = module.read(data, path).software.height
    assert read == {"mssql_engine-Uninstall.reg": 2, "mssql-Uninstall.reg": 7, "10_russian-Uninstall.reg": 2}


def test_wazuh_deltas_give_what_wazuh_itself_takes_from_them() -> None:
    files = archive("logs/wazuh/vulnerability-scanner-qa.tar.zst")
    deltas = {path: data for path, data in files.items() if "/input_" in path}
    assert len(deltas) == 10
    for path, data in deltas.items():
        inventory = read_inventory(data, path)
        told = json.loads(files[path.replace("input", "expected")])
        extracted = re.findall(r"Extracted package: name='(.+?)', version='(.+?)'", "\n".join(told))
        scanned = re.findall(r"Scanning package \[.*?\]: '(.+?)' .*?Version: '(.+?)'", "\n".join(told))
        rows = inventory.software.select("product", "version").rows()
        assert set(extracted) | set(scanned) <= set(rows)
        for system, version in re.findall(r"OS data loaded - (.+) (\S+) \(platform", "\n".join(told)):
            assert (system, version) in inventory.hosts.select("os", "os_version").rows()
        hotfixes = re.findall(r"Hotfix '(KB\d+)' registered", "\n".join(told))
        assert inventory.hotfixes["update"].to_list() == hotfixes


def test_events_alerts_and_reports_of_scanners_are_nobodys_inventory() -> None:
    strangers = {
        **archive("logs/wazuh/dashboard-sample-data.tar.zst"),
        **archive("inventory/osquery/windows-events.tar.zst"),
        **archive("inventory/fingerprints/recog.tar.zst"),
        **archive("inventory/scanners/defectdojo-scans.tar.zst"),
    }
    taken = {path for path, data in strangers.items() if find_format(data, path) is not None}
    ours = ("cyclonedx/", "nmap/", "wazuh/v4-8")
    assert all(any(own in path for own in ours) for path in taken), taken
    assert len(taken) == 11


def test_no_two_forms_want_the_same_real_file() -> None:
    everything = [*plain_files("windows"), *plain_files("nmap"), *plain_files("glpi"), *cyclonedx()]
    for path, data in everything:
        assert sum(module.is_mine(data, path) for module in formats()) <= 1, path
