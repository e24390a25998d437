"""A check from paths to findings: stores that are kept, revisions, broken files, and what agencies hand in."""

import datetime as dt
import json
import os
from itertools import permutations
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from haidang import checks
from haidang.checks import Shelf, check, compile_advisories, default_cache, read_handed, read_register
from haidang.engine.advisories.store import FRAMES, Store
from haidang.engine.errors import BadRequest, UnreadableParcel
from haidang.engine.obligations.facts import Agencies, Agency

DAY = dt.date(2024, 2, 5)


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf()


def record(
    number: int, *, fixed: str = "2.0", modified: str = "2024-01-01T00:00:00Z", withdrawn: str = ""
) -> dict[str, object]:
    """Make a record of a package database about the package `lantern`."""
    made: dict[str, object] = {
        "id": f"PYSEC-2024-{number}",
        "aliases": [f"CVE-2024-{number:05}"],
        "modified": modified,
        "published": "2024-01-01T00:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "lantern"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
            }
        ],
    }
    return made | ({"withdrawn": withdrawn} if withdrawn else {})


def put(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def said(store: Store) -> dict[str, list[str]]:
    """Give what a store says of each flaw: its spans, in words."""
    rows = store.spans.join(store.statements.select("sid", "flaw"), on="sid")
    names = store.flaws["flaw"].to_list()
    out: dict[str, list[str]] = {}
    for flaw, text in rows.select("flaw", "text").iter_rows():
        out.setdefault(names[flaw], []).append(text)
    return out


def assert_same(one: Store, other: Store) -> None:
    for name in FRAMES:
        assert_frame_equal(getattr(one, name), getattr(other, name))
    assert dict(one.notes) == dict(other.notes)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often advisories are compiled anew."""
    count: list[int] = []

    class Counting(checks.Compiler):
        def done(self, digest: str = "") -> Store:
            count.append(1)
            return super().done(digest)

    monkeypatch.setattr(checks, "Compiler", Counting)
    return count


def test_the_same_files_are_compiled_once(tmp_path: Path, shelf: Shelf, compiled: list[int]) -> None:
    put(tmp_path / "advisories" / "a.json", record(1))
    paths, cache = [tmp_path / "advisories"], tmp_path / "cache"
    first = compile_advisories(paths, shelf, cache)
    second = compile_advisories(paths, shelf, cache)
    assert len(compiled) == 1
    assert_same(first, second)
    assert said(second)["CVE-2024-00001"] == ["< 2.0"]


@pytest.mark.parametrize("change", ["content", "time", "name", "more", "fewer"])
def test_changed_files_are_compiled_anew(tmp_path: Path, shelf: Shelf, compiled: list[int], change: str) -> None:
    folder, cache = tmp_path / "advisories", tmp_path / "cache"
    path = put(folder / "a.json", record(1))
    put(folder / "b.json", record(2))
    compile_advisories([folder], shelf, cache, reviewed=False)
    if change == "content":
        before = path.stat()
        put(path, record(1, fixed="3.0"))
        assert path.stat().st_size == before.st_size
    elif change == "time":
        os.utime(path, ns=(0, 0))
    elif change == "name":
        path.rename(folder / "c.json")
    elif change == "more":
        put(folder / "c.json", record(3))
    else:
        path.unlink()
    anew = compile_advisories([folder], shelf, cache, reviewed=False)
    assert len(compiled) == 2
    assert_same(anew, compile_advisories([folder], shelf, None, reviewed=False))


def test_what_analysts_change_is_compiled_anew(
    tmp_path: Path, shelf: Shelf, compiled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "a.json", record(1))
    compile_advisories([path], shelf, tmp_path / "cache")
    monkeypatch.setattr(Shelf, "digest", lambda self: "of other content")
    compile_advisories([path], shelf, tmp_path / "cache")
    assert len(compiled) == 2


def spoiled_ways() -> dict[str, bytes | None]:
    return {"cut": b"PAR1", "empty": b"", "other": b"\x00" * 5_000, "gone": None}


@pytest.mark.parametrize("way", spoiled_ways())
@pytest.mark.parametrize("name", ["spans.parquet", "notes.parquet", "sha256"])
def test_a_kept_store_that_was_damaged_is_compiled_anew(
    tmp_path: Path, shelf: Shelf, compiled: list[int], name: str, way: str
) -> None:
    path, cache = put(tmp_path / "a.json", record(1)), tmp_path / "cache"
    whole = compile_advisories([path], shelf, cache, reviewed=False)
    ((kept),) = cache.iterdir()
    content = spoiled_ways()[way]
    if content is None:
        (kept / name).unlink()
    else:
        (kept / name).write_bytes(content)
    assert_same(compile_advisories([path], shelf, cache, reviewed=False), whole)
    assert len(compiled) == 2
    # And the whole one stands in its place now.
    assert_same(compile_advisories([path], shelf, cache, reviewed=False), whole)
    assert len(compiled) == 2


def test_one_damaged_byte_of_a_kept_store_is_noticed(tmp_path: Path, shelf: Shelf, compiled: list[int]) -> None:
    path, cache = put(tmp_path / "a.json", record(1)), tmp_path / "cache"
    whole = compile_advisories([path], shelf, cache, reviewed=False)
    (kept,) = cache.iterdir()
    content = bytearray((kept / "spans.parquet").read_bytes())
    content[len(content) // 3] ^= 1
    (kept / "spans.parquet").write_bytes(bytes(content))
    assert_same(compile_advisories([path], shelf, cache, reviewed=False), whole)
    assert len(compiled) == 2


def test_a_place_that_can_not_be_written_to_only_costs_time(tmp_path: Path, shelf: Shelf, compiled: list[int]) -> None:
    path = put(tmp_path / "a.json", record(1))
    cache = put(tmp_path / "cache", "a file stands where the folder should be")
    for _ in range(2):
        assert said(compile_advisories([path], shelf, cache, reviewed=False)) == {"CVE-2024-00001": ["< 2.0"]}
    assert len(compiled) == 2


def test_without_a_place_nothing_is_kept(tmp_path: Path, shelf: Shelf) -> None:
    path = put(tmp_path / "a.json", record(1))
    compile_advisories([path], shelf, None)
    assert list(tmp_path.iterdir()) == [path]


def test_the_place_of_stores_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HAIDANG_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert default_cache() == Path.home() / ".cache" / "haidang" / "advisories"
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache")
    assert default_cache() == Path("/var/cache/haidang/advisories")
    monkeypatch.setenv("HAIDANG_CACHE", str(tmp_path))
    assert default_cache() == tmp_path / "haidang" / "advisories"


REVISIONS = [
    record(1, fixed="1.5", modified="2024-01-01T00:00:00Z"),
    record(1, fixed="1.7", modified="2024-01-02T00:00:00+07:00"),
    record(1, fixed="2.0", modified="2024-01-02T00:00:00.5Z"),
]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_latest_revision_counts_in_whatever_order_files_come(
    tmp_path: Path, shelf: Shelf, order: tuple[int, ...]
) -> None:
    for place, number in enumerate(order):
        put(tmp_path / f"{place}.json", REVISIONS[number])
    assert said(compile_advisories([tmp_path], shelf, None, reviewed=False)) == {"CVE-2024-00001": ["< 2.0"]}


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_a_record_that_was_taken_back_says_nothing(tmp_path: Path, shelf: Shelf, order: tuple[int, ...]) -> None:
    day = "2024-03-01T00:00:00Z"
    revisions = [*REVISIONS[1:], record(1, modified=day, withdrawn=day)]
    for place, number in enumerate(order):
        put(tmp_path / f"{place}.json", revisions[number])
    put(tmp_path / "other.json", record(2))
    store = compile_advisories([tmp_path], shelf, None, reviewed=False)
    assert said(store) == {"CVE-2024-00002": ["< 2.0"]}
    assert store.notes["withdrawn"] == "1"
    assert store.flaws.filter(pl.col("flaw") == "CVE-2024-00001")["withdrawn"].to_list() == [True]


@pytest.mark.parametrize("order", list(permutations(range(2))), ids=str)
def test_a_record_that_came_back_after_it_was_taken_back_speaks(
    tmp_path: Path, shelf: Shelf, order: tuple[int, ...]
) -> None:
    day = "2024-01-01T00:00:00Z"
    revisions = [record(1, modified=day, withdrawn=day), record(1, modified="2024-03-01T00:00:00Z")]
    for place, number in enumerate(order):
        put(tmp_path / f"{place}.json", revisions[number])
    assert said(compile_advisories([tmp_path], shelf, None, reviewed=False)) == {"CVE-2024-00001": ["< 2.0"]}


def test_broken_advisories_are_listed_and_the_rest_counts(tmp_path: Path, shelf: Shelf) -> None:
    put(tmp_path / "good.json", record(1))
    put(tmp_path / "half.json", json.dumps(record(2))[:-40])
    put(tmp_path / "empty.json", "")
    put(tmp_path / "readme.txt", "These are advisories.")
    (tmp_path / "broken.zip").write_bytes(b"PK nothing")
    (tmp_path / "link.json").symlink_to(tmp_path / "good.json")
    store = compile_advisories([tmp_path], shelf, None, reviewed=False)
    assert said(store) == {"CVE-2024-00001": ["< 2.0"]}
    told = dict(store.unread.select("file", "why").iter_rows())
    assert told.keys() == {"half.json", "empty.json", "readme.txt", "broken.zip", "link.json"}
    assert all(name.split(".")[0] in why for name, why in told.items())
    assert store.notes["files"] == "1"


def test_an_archive_and_a_folder_of_the_same_files_say_the_same(tmp_path: Path, shelf: Shelf) -> None:
    import zipfile

    put(tmp_path / "folder" / "a.json", record(1))
    put(tmp_path / "folder" / "b.json", record(2, fixed="3.0"))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in sorted((tmp_path / "folder").iterdir()):
            archive.write(path, path.name)
    one = compile_advisories([tmp_path / "folder"], shelf, None, reviewed=False)
    other = compile_advisories([tmp_path / "all.zip"], shelf, None, reviewed=False)
    assert said(one) == said(other)
    assert one.notes == other.notes


@pytest.mark.parametrize("content", ["", "no advisory", "[]"])
def test_only_broken_advisories_are_no_advisories(tmp_path: Path, shelf: Shelf, content: str) -> None:
    path = put(tmp_path / "a.json", content)
    with pytest.raises(UnreadableParcel, match="no advisory of a form that can be read"):
        compile_advisories([path], shelf, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_advisories_that_are_not_there_are_told(tmp_path: Path, shelf: Shelf) -> None:
    with pytest.raises(UnreadableParcel, match="nothing-here is not there"):
        compile_advisories([tmp_path / "nothing-here"], shelf, None)


def test_our_own_reviews_alone_make_a_store(shelf: Shelf) -> None:
    store = compile_advisories([], shelf, None)
    assert set(store.statements["publisher"]) == {"haidang"}
    assert compile_advisories([], shelf, None, reviewed=False).statements.is_empty()


SOFTWARE = "host,product,version,purl\nm1,lantern,1.9,pkg:pypi/lantern@1.9\n"


def test_each_folder_of_a_folder_is_an_agencys(tmp_path: Path, shelf: Shelf) -> None:
    put(tmp_path / "agency-a" / "software.csv", SOFTWARE)
    put(tmp_path / "agency-a" / "deeper" / "software.csv", SOFTWARE.replace("m1", "m2"))
    put(tmp_path / "agency-a" / "systems.csv", "system,level\nmail,3\n")
    put(tmp_path / "agency-a" / "shifts.csv", "what another measure needs\n")
    put(tmp_path / "agency-b" / "software.csv", SOFTWARE)
    put(tmp_path / "software.csv", SOFTWARE.replace("m1", "m3"))
    handed = read_handed([tmp_path], shelf)
    assert sorted(handed.inventory.software.select("agency", "host").rows()) == [
        ("", "m3"), ("agency-a", "m1"), ("agency-a", "m2"), ("agency-b", "m1"),
    ]  # fmt: skip
    assert handed.facts.table("systems").select(pl.col("agency").cast(pl.String), "level").rows() == [("agency-a", 3)]
    assert handed.left == ("agency-a/shifts.csv",)
    assert handed.files.keys() == {
        "agency-a/deeper/software.csv",
        "agency-a/software.csv",
        "agency-b/software.csv",
        "software.csv",
    }
    assert handed.inventory.unread == ()


def test_what_is_no_inventory_is_told_with_its_agency_and_stops_nobody(tmp_path: Path, shelf: Shelf) -> None:
    put(tmp_path / "agency-a" / "letter.txt", "We have nothing to declare.")
    (tmp_path / "agency-a" / "broken.zip").write_bytes(b"PK nothing")
    (tmp_path / "agency-b").mkdir()
    (tmp_path / "agency-b" / "software.csv").symlink_to("/etc/hostname")
    put(tmp_path / "agency-c" / "software.csv", SOFTWARE)
    handed = read_handed([tmp_path], shelf)
    assert handed.inventory.software["agency"].to_list() == ["agency-c"]
    told = {(row.agency, row.source.file): row.why for row in handed.inventory.unread}
    assert told.keys() == {
        ("agency-a", "agency-a/letter.txt"), ("agency-a", "agency-a/broken.zip"), ("agency-b", "agency-b/software.csv"),
    }  # fmt: skip
    assert "is a link" in told["agency-b", "agency-b/software.csv"]
    assert handed.files["agency-a/letter.txt"] == told["agency-a", "agency-a/letter.txt"]


def test_one_file_by_itself_is_of_no_agency(tmp_path: Path, shelf: Shelf) -> None:
    handed = read_handed([put(tmp_path / "machines" / "software.csv", SOFTWARE)], shelf)
    assert handed.inventory.software.select("agency", "host").rows() == [("", "m1")]
    assert handed.files == {"software.csv": "table (CSV)"}


@pytest.mark.parametrize("content", ["nothing that could be a table", ""])
def test_one_file_of_no_known_form_is_refused(tmp_path: Path, shelf: Shelf, content: str) -> None:
    path = put(tmp_path / "letter.txt", content)
    with pytest.raises(UnreadableParcel, match=r"letter\.txt"):
        read_handed([path], shelf)


def test_inventories_that_are_not_there_are_told(tmp_path: Path, shelf: Shelf) -> None:
    with pytest.raises(UnreadableParcel, match="nothing-here is not there"):
        read_handed([tmp_path / "nothing-here"], shelf)


def test_several_paths_are_read_together(tmp_path: Path, shelf: Shelf) -> None:
    put(tmp_path / "one" / "agency-a" / "software.csv", SOFTWARE)
    other = put(tmp_path / "two.csv", SOFTWARE.replace("m1", "m2"))
    handed = read_handed([tmp_path / "one", other], shelf)
    assert sorted(handed.inventory.software.select("agency", "host").rows()) == [("", "m2"), ("agency-a", "m1")]


def test_the_list_of_agencies_decides_whose_facts_count(tmp_path: Path, shelf: Shelf) -> None:
    for agency in ("agency-a", "agency-x"):
        put(tmp_path / agency / "software.csv", SOFTWARE)
        put(tmp_path / agency / "systems.csv", "system,level\nmail,3\n")
    handed = read_handed([tmp_path], shelf, Agencies((Agency("agency-a", "A", "", "agency"),)))
    assert handed.facts.table("systems")["agency"].cast(pl.String).to_list() == ["agency-a"]


def test_a_check_of_no_machine_is_refused(tmp_path: Path, shelf: Shelf) -> None:
    put(tmp_path / "agency-a" / "software.csv", "host,product,version\n")
    handed = read_handed([tmp_path], shelf)
    with pytest.raises(BadRequest, match="the inventories name no machine"):
        check(handed, compile_advisories([], shelf, None), shelf, DAY)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadRequest, match="the inventories name no machine"):
        check(read_handed([tmp_path / "empty"], shelf), compile_advisories([], shelf, None), shelf, DAY)


def counts(tmp_path: Path, shelf: Shelf) -> dict[str, tuple[int, int]]:
    """Check the machines of `handed` by the advisories of `advisories`: host → (affected, fixed) flaws."""
    store = compile_advisories([tmp_path / "advisories"], shelf, tmp_path / "cache", reviewed=False)
    checked = check(read_handed([tmp_path / "handed"], shelf), store, shelf, DAY)
    assert checked.as_of == DAY
    hosts = checked.findings.hosts.select("host", "affected", "fixed")
    return {host: (affected, fixed) for host, affected, fixed in hosts.iter_rows()}


def test_a_check_goes_by_the_latest_revision_and_leaves_out_what_was_taken_back(tmp_path: Path, shelf: Shelf) -> None:
    rows = [f"m{at},lantern,{version},pkg:pypi/lantern@{version}" for at, version in enumerate(("1.4", "1.6", "2.0"))]
    put(tmp_path / "handed" / "agency-a" / "software.csv", "host,product,version,purl\n" + "\n".join(rows) + "\n")
    put(tmp_path / "advisories" / "b.json", record(1, fixed="1.5"))
    assert counts(tmp_path, shelf) == {"m0": (1, 0), "m1": (0, 1), "m2": (0, 1)}
    # A later revision under an earlier name says that 1.5 did not mend it.
    put(tmp_path / "advisories" / "a.json", record(1, fixed="1.7", modified="2024-01-02T00:00:00Z"))
    assert counts(tmp_path, shelf) == {"m0": (1, 0), "m1": (1, 0), "m2": (0, 1)}
    put(
        tmp_path / "advisories" / "c.json", record(1, modified="2024-01-03T00:00:00Z", withdrawn="2024-01-03T00:00:00Z")
    )
    put(tmp_path / "advisories" / "d.json", record(2, fixed="1.5"))
    assert counts(tmp_path, shelf) == {"m0": (1, 0), "m1": (0, 1), "m2": (0, 1)}


def test_the_departments_register_is_found_among_its_folders(tmp_path: Path) -> None:
    put(tmp_path / "one" / "blocklist.csv", "x\n")
    assert read_register([tmp_path / "one"]) is None
    put(tmp_path / "two" / "advisories.csv", "letter,published,flaw\n77/CATTT-NCSC,2024-01-02,CVE-2024-0001\n")
    register = read_register([tmp_path / "one", tmp_path / "two"])
    assert register is not None
    assert register.select("letter", "flaw").rows() == [("77/CATTT-NCSC", "CVE-2024-0001")]
