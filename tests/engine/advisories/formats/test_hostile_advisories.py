"""Files that are no advisories, and advisories made to hurt: one sentence or rows of unread, quickly, never a traceback."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from haidang.engine.advisories.formats import csaf, cvrf, epss, kev, nvd, osv, read_advisories
from haidang.engine.errors import UnreadableParcel

MOST_SECONDS = 5.0  # of the processor
FORMS = (csaf, cvrf, epss, kev, nvd, osv)


@contextmanager
def quickly() -> Iterator[None]:
    before = time.process_time()
    yield
    took = time.process_time() - before
    assert took < MOST_SECONDS, f"{took:.1f} s"


def entity_bomb() -> bytes:
    entities = '<!ENTITY z "zzzzzzzzzz">'
    for before, name in pairwise("zabcdefgh"):
        entities += f'<!ENTITY {name} "{f"&{before};" * 10}">'
    return f"<!DOCTYPE cvrfdoc [{entities}]><cvrfdoc><DocumentTitle>&h;</DocumentTitle></cvrfdoc>".encode()


CSAF = b'{"document": {"csaf_version": "2.0", "tracking": {"id": "X"}}'
HOSTILE = {
    "empty": lambda: b"",
    "white space": lambda: b" \n\t " * 100,
    "csaf cut off": lambda: CSAF + b', "vulnerabilities": [{"cve": "CVE-2024',
    "csaf without tracking id": lambda: b'{"document": {"csaf_version": "2.0", "tracking": {}}}',
    "csaf of another version": lambda: b'{"document": {"csaf_version": "3.0", "tracking": {"id": "x"}}}',
    "csaf that is a text": lambda: b'["\\"csaf_version\\"", {"csaf_version": 2}]',
    "csaf nested 2,000 deep": lambda: CSAF + b', "product_tree": ' + b'{"branches": [' * 2000 + b"]}" * 2000 + b"}",
    "csaf of a schema": lambda: b'{"$schema": "x", "properties": {"document": {"properties": {"csaf_version": {}}}}}',
    "a huge number": lambda: CSAF + b', "x": ' + b"9" * 5000 + b"}",
    "a number without end": lambda: CSAF + b', "x": 1e999}',
    "a half of a character": lambda: CSAF + b', "x": "\\ud800"}',
    "not UTF-8": lambda: CSAF + b', "x": "\xff\xfe"}',
    "osv that is a text": lambda: b'["\\"id\\"", "\\"modified\\"", "\\"affected\\""]',
    "osv without id": lambda: b'{"id": 7, "modified": "x", "affected": []}',
    "nvd without records": lambda: b'{"format": "NVD_CVE", "a": {"vulnerabilities": 1}}',
    "nvd of one non-record": lambda: b'[{"sourceIdentifier": "x"}]',
    "kev without sound rows": lambda: b'{"catalogVersion": "x", "vulnerabilities": [{"cveID": 1}]}',
    "kev csv without sound rows": lambda: b"cveID,dateAdded,dueDate\nx,y,z\n",
    "kev csv with an endless quote": lambda: b'cveID,dateAdded,dueDate\n"' + b"x" * 300_000,
    "epss without sound rows": lambda: b"cve,epss\nx,y\n",
    "epss with an endless quote": lambda: b'cve,epss\n"' + b"x" * 300_000,
    "yaml with a bomb": lambda: (
        b"id: X\nmodified: x\naffected: &a\n" + b"- b\n" * 5 + b"details:\n- *a\n- *a\nwithdrawn: *a\n"
    ),
    "yaml of flow nested deeply": lambda: b"id: X\nmodified: x\naffected: " + b"[" * 100_000,
    "yaml of lists nested deeply": lambda: b"id: X\nmodified: x\naffected:\n " + b"- " * 100_000 + b"a",
    "yaml of keys nested deeply": lambda: b"id: X\nmodified: x\naffected:\n " + b"? " * 100_000 + b"a",
    "yaml that wants to run": lambda: b"id: X\nmodified: x\naffected: !!python/object/apply:os.system [ls]\n- x\n",
    "yaml with a key that is a list": lambda: b"id: X\nmodified: x\naffected:\n  ? [a, b]\n  : c\n",
    "yaml with control bytes": lambda: b"id: X\nmodified: x\naffected: \x01\x02\n",
    "yaml that is no record": lambda: b"id:\n- x\nmodified: 1\naffected: 2\n\nid: - y: z\n",
    "xml cut off": lambda: b"<cvrfdoc><DocumentTitle>x",
    "xml with an entity bomb": entity_bomb,
    "xml with an outer entity": lambda: b'<!DOCTYPE cvrfdoc SYSTEM "file:///etc/passwd"><cvrfdoc/>',
    "xml nested 100,000 deep": lambda: b"<cvrfdoc>" + b"<a>" * 100_000,
    "xml of an unknown encoding": lambda: b'<?xml version="1.0" encoding="klingon"?><cvrfdoc/>',
    "xml of another root": lambda: b"<feed><cvrfdoc/></feed>",
    "cvrf without an identification": lambda: b"<cvrfdoc><DocumentTitle>x</DocumentTitle></cvrfdoc>",
    "html about cvrf": lambda: b"<html><a href='cvrfdoc'>cvrfdoc</a></html>",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_advisory_is_told_in_one_sentence(what: str) -> None:
    data = HOSTILE[what]()
    with quickly(), pytest.raises(UnreadableParcel) as error:
        read_advisories(data, "file.bin")
    sentence = str(error.value)
    assert sentence.startswith("file.bin ")
    assert "\n" not in sentence
    assert len(sentence) < 240


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__.rpartition(".")[2])
@pytest.mark.parametrize("what", HOSTILE)
def test_a_reader_that_is_given_the_wrong_file_says_so(what: str, form: object) -> None:
    with quickly(), suppress(UnreadableParcel):
        form.read(HOSTILE[what](), "file.bin")  # type: ignore[attr-defined]


GOLDEN = Path(__file__).parents[3] / "golden" / "advisories"
SOUND = [
    (form, orjson.loads(path.read_bytes()))
    for form, kind in ((csaf, "csaf"), (kev, "kev"), (nvd, "nvd"), (osv, "osv"))
    for path in sorted((GOLDEN / kind).glob("*/in.json"))
]
LONG = 20_000
SLOW = {
    "letters": "a" * LONG,
    "digits": "1" * LONG,
    "hyphens": "a-" * LONG,
    "dots": "1." * LONG,
    "spaces": "1" + " " * LONG + "x",
    "slashes": "pkg:a/" + "/" * LONG + "\n",
    "colons": "a:bb" * LONG,
    "CPE": "cpe:2.3:a:" + "\\:" * LONG,
    "old CPE": "cpe:/a:" + "%7e" * LONG,
    "at": "a@" * LONG,
    "addresses": "https://" + "a." * LONG,
    "updates": "update to 1.1" * LONG,
    "update": "update to " + "1.1" * LONG,
    "vectors": "CVSS:3.1/" + "A:BB" * LONG,
    "comparisons": ">=1|" * LONG,
    "vers": "vers:npm/" + "1|" * LONG,
    "words": "all versions " * LONG,
    "streams": "a:b" * LONG + "/c",
    "operators": "<" * LONG,
}


def filled(content: object, key: str, words: str) -> object:
    """Put words under every key of a name."""
    if isinstance(content, dict):
        return {
            name: words if name == key and isinstance(value, str) else filled(value, key, words)
            for name, value in content.items()
        }
    return [filled(one, key, words) for one in content] if isinstance(content, list) else content


def keys(content: object) -> set[str]:
    if isinstance(content, dict):
        return {name for name, value in content.items() if isinstance(value, str)}.union(*map(keys, content.values()))
    return set().union(*map(keys, content)) if isinstance(content, list) else set()


@pytest.mark.parametrize("what", SLOW)
def test_no_text_makes_a_reader_slow(what: str) -> None:
    for form, content in SOUND:
        for key in keys(content):
            data = orjson.dumps(filled(content, key, SLOW[what]))
            with quickly(), suppress(UnreadableParcel):
                form.is_mine(data, "x")
                form.read(data, "x")


@pytest.mark.parametrize(
    "data",
    [
        b"agency,host,name,version\na,b,c,d\n",
        b'{"bomFormat": "CycloneDX", "specVersion": "1.5", "vulnerabilities": [{"id": "CVE-2024-1", "affects": []}]}',
        b'{"dataType": "CVE_RECORD", "cveMetadata": {"cveId": "CVE-2024-1"}, "containers": {"cna": {"affected": []}}}',
        b'{"format": "NVD_CVEHistory", "cveChanges": [{"change": {"cveId": "x", "sourceIdentifier": "y"}}]}',
        b'{"format": "NVD_CPE", "products": []}',
        b'{"results": [{"packages": [{"vulnerabilities": [{"id": "X", "modified": "x", "affected": []}]}]}]}',
        b'{"metadata_version": "2.0", "publisher": {"category": "vendor"}}',
        b'<cvrfdoc xmlns="http://www.icasi.org/CVRF/schema/cvrf/1.1"><ContactDetails>secure@microsoft.com</ContactDetails>',
        b"<?xml version='1.0'?><nmaprun/>",
        b"PK\x03\x04",
        b"Number,Name\n1,x\n",
    ],
)
def test_no_reader_claims_the_files_of_others(data: bytes) -> None:
    assert [form.__name__ for form in FORMS if form.is_mine(data, "x")] == []


def test_many_products_and_statuses_are_no_trouble() -> None:
    count = 20_000
    ids = [f"p{at}" for at in range(count)]
    branches = [
        {"category": "product_version", "name": f"1.{at}", "product": {"product_id": own, "name": own}}
        for at, own in enumerate(ids)
    ]
    document = {
        "document": {"csaf_version": "2.0", "tracking": {"id": "X"}},
        "product_tree": {"branches": branches},
        "vulnerabilities": [{"cve": "CVE-2024-0001", "product_status": {"known_affected": ids, "fixed": ids}}],
    }
    with quickly():
        bulletin = csaf.read(orjson.dumps(document), "x")
    assert len(bulletin.unread) >= count


def test_a_chain_of_relationships_is_followed_in_any_order() -> None:
    count = 5_000
    links = [
        {
            "category": "installed_on",
            "product_reference": f"r{at}",
            "relates_to_product_reference": "host",
            "full_product_name": {"product_id": f"r{at + 1}", "name": "x"},
        }
        for at in reversed(range(count))
    ]
    names = [{"product_id": "r0", "name": "App 1.0"}, {"product_id": "host", "name": "Host"}]
    document = {
        "document": {"csaf_version": "2.0", "tracking": {"id": "X"}},
        "product_tree": {"full_product_names": names, "relationships": links},
        "vulnerabilities": [{"cve": "CVE-2024-0001", "product_status": {"known_not_affected": [f"r{count}"]}}],
    }
    with quickly():
        (record,) = csaf.read(orjson.dumps(document), "x").records
    assert [(one.product, one.platforms) for one in record.statements] == [("App 1.0", ("Host",))]


def test_ranges_and_versions_without_end_are_no_trouble() -> None:
    events = [{"introduced": f"1.{at}"} for at in range(20_000)] + [{"fixed": f"2.{at}"} for at in range(20_000)]
    ranges = [{"type": "ECOSYSTEM", "events": events}, {"type": "GIT", "events": events, "repo": "x"}]
    many = [{"type": "ECOSYSTEM", "events": [{"introduced": f"{at}.0"}, {"fixed": f"{at}.1"}]} for at in range(3_000)]
    versions = [f"{at}.5" for at in range(20_000)]
    affected = [
        {"package": {"ecosystem": "PyPI", "name": "a"}, "ranges": ranges, "versions": versions},
        {"package": {"ecosystem": "PyPI", "name": "b"}, "ranges": many, "versions": versions},
    ]
    record = {"id": "X-1", "modified": "2024-01-01T00:00:00Z", "affected": affected}
    with quickly():
        osv.read(orjson.dumps(record), "x")


def test_a_configuration_nested_hundreds_deep_is_told() -> None:
    node: dict[str, object] = {"operator": "OR", "cpe_match": [{"cpe23Uri": "cpe:2.3:a:x:y:1:*:*:*:*:*:*:*"}]}
    for _ in range(300):
        node = {"operator": "AND", "children": [node]}
    item = {
        "cve": {"CVE_data_meta": {"ID": "CVE-2021-0001"}},
        "configurations": {"nodes": [node]},
    }
    with quickly():
        bulletin = nvd.read(json.dumps({"CVE_Items": [item]}).encode(), "x")
    assert "nested too deeply" in bulletin.unread[-1].why or "nested too deeply" in bulletin.unread[0].why


def test_of_a_million_faults_some_are_told_and_the_rest_counted() -> None:
    statuses = [1] * 1_000_000
    document = {
        "document": {"csaf_version": "2.0", "tracking": {"id": "X", "current_release_date": "2024-01-01T00:00:00Z"}},
        "vulnerabilities": [{"cve": "CVE-2024-0001", "product_status": {"fixed": statuses}}],
    }
    with quickly():
        bulletin = csaf.read(orjson.dumps(document), "x")
    assert len(bulletin.unread) == 51
    assert "999950" in bulletin.unread[-1].why


def test_of_two_keys_alike_the_last_counts() -> None:
    data = b'{"id": "X-1", "modified": "2024-01-01T00:00:00Z", "id": "X-2", "affected": []}'
    assert [record.flaw for record in osv.read(data, "x").records] == ["X-2"]
