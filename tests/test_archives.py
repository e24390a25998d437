"""Folders and archives as they come in: all that can be read is read, the rest is told, nothing outside is opened."""

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang import archives
from haidang.archives import open_files
from haidang.engine.errors import UnreadableParcel

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": lambda data: bz2.compress(data, 1),
    ".xz": lambda data: lzma.compress(data, preset=0),
    ".zst": zstandard.ZstdCompressor().compress,
}
FILES = {
    "a.json": b'{"a": 1}',
    "folder/b.json": b"b" * 3_000,
    "folder/đơn vị.csv": "tên\nmáy 1\n".encode(),
    "empty.csv": b"",
}
BLOCK = tarfile.BLOCKSIZE

each_packer = pytest.mark.parametrize("ending", PACKERS)


def tar_of(files: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def zip_of(files: Iterable[tuple[str, bytes]], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, packing)
    return out.getvalue()


def opened(path: Path) -> dict[str, bytes]:
    """Give what is in a path, none of which may be unreadable."""
    found = list(open_files(path))
    assert not [str(data) for _, data in found if isinstance(data, UnreadableParcel)]
    assert len(dict(found)) == len(found)
    return {name: data for name, data in found if isinstance(data, bytes)}


def told(path: Path) -> list[str]:
    """Give why parts of a path can't be read."""
    return [str(data) for _, data in open_files(path) if isinstance(data, UnreadableParcel)]


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_folder_gives_its_files_in_order_by_their_names_in_it(tmp_path: Path) -> None:
    for name, content in FILES.items():
        put(tmp_path / "handed", name, content)
    assert opened(tmp_path / "handed") == FILES
    assert [name for name, _ in open_files(tmp_path / "handed")] == [
        "a.json",
        "empty.csv",
        "folder/b.json",
        "folder/đơn vị.csv",
    ]
    assert opened(tmp_path / "handed" / "a.json") == {"a.json": FILES["a.json"]}
    assert opened(put(tmp_path, "none/x", b"").parent) == {"x": b""}


def test_names_may_be_told_from_another_folder(tmp_path: Path) -> None:
    path = put(tmp_path, "unit/table.csv", b"x")
    assert dict(open_files(path, tmp_path)) == dict(open_files(path.parent, tmp_path)) == {"unit/table.csv": b"x"}


def test_an_empty_folder_gives_nothing_and_what_is_not_there_is_told(tmp_path: Path) -> None:
    assert list(open_files(tmp_path)) == []
    with pytest.raises(UnreadableParcel, match="nothing-here is not there"):
        list(open_files(tmp_path / "nothing-here"))


def test_files_of_editors_and_hidden_ones_are_left_alone(tmp_path: Path) -> None:
    for name in (".hidden", "~$table.xlsx", ".git/config", "table.csv"):
        put(tmp_path, name, b"x")
    assert opened(tmp_path) == {"table.csv": b"x"}


@each_packer
def test_a_packed_file_is_unpacked_and_loses_its_ending(tmp_path: Path, ending: str) -> None:
    path = put(tmp_path, f"table.csv{ending}", PACKERS[ending](FILES["folder/b.json"]))
    assert opened(path) == {"table.csv": FILES["folder/b.json"]}


@each_packer
def test_a_packed_tar_gives_its_files(tmp_path: Path, ending: str) -> None:
    path = put(tmp_path, f"all.tar{ending}", PACKERS[ending](tar_of(FILES.items())))
    assert opened(path) == {f"all.tar{ending}/{name}": content for name, content in FILES.items()}
    assert opened(tmp_path) == opened(path)


@pytest.mark.parametrize("name", ["all.tar", "ALL.TAR", "all.tgz"])
def test_a_tar_is_known_by_its_ending(tmp_path: Path, name: str) -> None:
    content = tar_of(FILES.items())
    path = put(tmp_path, name, gzip.compress(content) if name.endswith("tgz") else content)
    assert opened(path) == {f"{name}/{inner}": data for inner, data in FILES.items()}


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_gives_its_files_however_they_are_packed(tmp_path: Path, packing: int) -> None:
    path = put(tmp_path, "all.zip", zip_of([*FILES.items(), ("folder/", b"")], packing))
    assert opened(path) == {f"all.zip/{name}": content for name, content in FILES.items()}


@each_packer
def test_files_packed_one_after_another_are_one_file(tmp_path: Path, ending: str) -> None:
    path = put(tmp_path, f"table.csv{ending}", PACKERS[ending](b"head\n") + PACKERS[ending](b"row 1\n"))
    assert opened(path) == {"table.csv": b"head\nrow 1\n"}


@each_packer
@pytest.mark.parametrize("part", [0.3, 0.7, 0.99])
def test_half_a_packed_file_is_no_file(tmp_path: Path, ending: str, part: float) -> None:
    packed = PACKERS[ending](os.urandom(100_000) + b"x" * 100_000)
    path = put(tmp_path, f"table.csv{ending}", packed[: int(len(packed) * part)])
    (message,) = told(path)
    assert message.startswith(f"table.csv{ending} is damaged: ")


@each_packer
def test_what_only_bears_the_ending_is_told(tmp_path: Path, ending: str) -> None:
    for name in (f"table.csv{ending}", f"all.tar{ending}"):
        (message,) = told(put(tmp_path, name, b'{"plain": "text"}'))
        assert name in message


@each_packer
def test_of_a_tar_cut_short_what_came_before_is_read_and_the_rest_told(tmp_path: Path, ending: str) -> None:
    packed = PACKERS[ending](tar_of((f"{at:03}.json", os.urandom(4_000)) for at in range(100)))
    path = put(tmp_path, f"all.tar{ending}", packed[: len(packed) // 2])
    found = list(open_files(path))
    read = [name for name, data in found if isinstance(data, bytes)]
    assert read == [f"all.tar{ending}/{at:03}.json" for at in range(len(read))]
    assert [str(data) for _, data in found if isinstance(data, UnreadableParcel)] == [str(found[-1][1])]
    assert "damaged, the rest of it was not read" in str(found[-1][1])
    assert 0 < len(read) < 100


@pytest.mark.parametrize(
    ("what", "damage"),
    [
        ("cut between two files", lambda tar: tar[: 2 * BLOCK]),
        ("cut in a header", lambda tar: tar[: 2 * BLOCK + 100]),
        ("cut in a content", lambda tar: tar[: 3 * BLOCK + 10]),
        ("a damaged header", lambda tar: tar[: 2 * BLOCK + 5] + b"\xff" + tar[2 * BLOCK + 6 :]),
        ("a damaged size", lambda tar: tar[: 2 * BLOCK + 124] + b"99999999999" + tar[2 * BLOCK + 135 :]),
    ],
)
def test_a_damaged_tar_does_not_pass_for_a_shorter_one(
    tmp_path: Path, what: str, damage: Callable[[bytes], bytes]
) -> None:
    whole = tar_of([("a.json", b"a"), ("b.json", b"b" * 600), ("c.json", b"c")])
    found = list(open_files(put(tmp_path, "all.tar", damage(whole))))
    assert found[0] == ("all.tar/a.json", b"a")
    assert isinstance(found[-1][1], UnreadableParcel), what
    assert "the rest of it was not read" in str(found[-1][1])


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.json.xz", "x.json.bz2", "x.tar.gz", "x.tar.zst"])
def test_an_empty_archive_is_told(tmp_path: Path, name: str) -> None:
    (message,) = told(put(tmp_path, name, b""))
    assert message.startswith(name)


def test_an_archive_of_nothing_gives_nothing(tmp_path: Path) -> None:
    put(tmp_path, "x.zip", zip_of([]))
    put(tmp_path, "x.tar", tar_of([]))
    assert list(open_files(tmp_path)) == []


def test_one_damaged_file_of_a_zip_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    content = bytearray(zip_of([("a.json", b"a"), ("b.json", b"find me"), ("c.json", b"c")], zipfile.ZIP_STORED))
    content[content.index(b"find me")] ^= 1
    found = dict(open_files(put(tmp_path, "all.zip", bytes(content))))
    assert (found["all.zip/a.json"], found["all.zip/c.json"]) == (b"a", b"c")
    assert "all.zip/b.json can't be unpacked" in str(found["all.zip/b.json"])


def test_a_file_with_a_password_is_told(tmp_path: Path) -> None:
    content = bytearray(zip_of([("secret.json", b"x")], zipfile.ZIP_STORED))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1  # the bit that says "encrypted"
    (message,) = told(put(tmp_path, "all.zip", bytes(content)))
    assert "all.zip/secret.json can't be unpacked" in message
    assert "encrypted" in message


def test_a_zip_whose_list_lost_a_file_is_told(tmp_path: Path) -> None:
    content = bytearray(zip_of([("a.json", b"a"), ("b.json", b"b")]))
    last = content.rindex(b"PK\x01\x02")
    content[last - 46 - 6 + 32] = 53  # the first entry now has a comment as long as the second one
    found = list(open_files(put(tmp_path, "all.zip", bytes(content))))
    assert "its end tells of 2 files" in str(found[-1][1])


def damaged_zip() -> st.SearchStrategy[bytes]:
    packings = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for at, packing in enumerate(packings):
            archive.writestr(zipfile.ZipInfo(f"folder/{at}é.json"), bytes(range(60)) + b"abc" * 30, packing)
    whole = out.getvalue()

    def spoil(changes: list[tuple[int, int]]) -> bytes:
        content = bytearray(whole)
        for place, value in changes:
            content[place % len(content)] = value
        return bytes(content)

    return st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), min_size=1, max_size=4).map(spoil)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damaged_zip())
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_no_damage_of_a_zip_stops_the_reading_or_loses_a_file_without_a_word(tmp_path: Path, content: bytes) -> None:
    found = list(open_files(put(tmp_path, "all.zip", content)))
    for name, data in found:
        assert name.encode()
        assert isinstance(data, bytes | UnreadableParcel)
    assert len(found) >= 4 or any(isinstance(data, UnreadableParcel) for _, data in found)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 6 * BLOCK), st.integers(0, 255)), min_size=1, max_size=3))
def test_no_damage_of_a_tar_stops_the_reading(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    content = bytearray(tar_of([("a.json", b"a" * 100), ("b.json", b"b" * 100), ("c.json", b"c" * 100)]))
    for place, value in changes:
        content[place] = value
    for name, data in open_files(put(tmp_path, "all.tar", bytes(content))):
        assert name.encode()
        assert isinstance(data, bytes | UnreadableParcel)


def test_archives_within_an_archive_are_told_not_opened(tmp_path: Path) -> None:
    inner = zip_of([("a.json", b"a")])
    put(tmp_path, "outer.zip", zip_of([("inner.zip", inner), ("b.json", b"b"), ("c.json.gz", gzip.compress(b"c"))]))
    put(tmp_path, "outer.tar", tar_of([("inner.tar.zst", inner), ("d.json", b"d")]))
    found = dict(open_files(tmp_path))
    assert (found["outer.zip/b.json"], found["outer.tar/d.json"]) == (b"b", b"d")
    for name in ("outer.zip/inner.zip", "outer.zip/c.json.gz", "outer.tar/inner.tar.zst"):
        assert str(found[name]) == f"{name} is packed within an archive; unpack it and give its files"


def test_a_workbook_in_an_archive_is_a_file(tmp_path: Path) -> None:
    workbook = zip_of([("xl/workbook.xml", b"<workbook/>")])
    assert opened(put(tmp_path, "x.zip", zip_of([("table.xlsx", workbook)]))) == {"x.zip/table.xlsx": workbook}


@each_packer
def test_a_file_that_unpacks_to_too_much_is_told(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000_000)
    bomb = PACKERS[ending](bytes(1_000_001))
    assert len(bomb) < 2_000
    (message,) = told(put(tmp_path, f"bomb.json{ending}", bomb))
    assert message == f"bomb.json{ending} unpacks to more than 1,000,000 bytes"
    assert opened(put(tmp_path, f"just.json{ending}", PACKERS[ending](bytes(1_000_000)))) == {
        "just.json": bytes(1_000_000)
    }


def test_a_large_file_is_told_and_its_neighbours_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000_000)
    files = [("a.json", b"a"), ("large.json", bytes(1_000_001)), ("z.json", b"z")]
    for name, content in files:
        put(tmp_path / "plain", name, content)
    put(tmp_path, "x.zip", zip_of(files))
    put(tmp_path, "x.tar", tar_of(files))
    found = dict(open_files(tmp_path))
    for where in ("plain", "x.zip", "x.tar"):
        assert (found[f"{where}/a.json"], found[f"{where}/z.json"]) == (b"a", b"z")
        assert str(found[f"{where}/large.json"]) == f"{where}/large.json is larger than 1 MB"


def test_a_zip_that_lies_about_a_size_unpacks_no_more_than_it_said(tmp_path: Path) -> None:
    content = bytearray(zip_of([("bomb.json", bytes(5_000_000)), ("z.json", b"z")]))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + place
        content[at : at + 4] = (10).to_bytes(4, "little")
    found = dict(open_files(put(tmp_path, "x.zip", bytes(content))))
    assert "can't be unpacked" in str(found["x.zip/bomb.json"])
    assert found["x.zip/z.json"] == b"z"


@pytest.mark.parametrize(("limit", "value"), [("MOST_UNPACKED", 2_500), ("MOST_FILES", 2)])
def test_an_archive_of_too_much_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(archives, limit, value)
    files = [(f"{at}.json", bytes(1_000)) for at in range(5)]
    for path in (put(tmp_path, "x.zip", zip_of(files)), put(tmp_path, "x.tar", tar_of(files))):
        found = list(open_files(path))
        assert str(found[-1][1]) == f"{path.name} holds more than can be read; unpack it and give the parts"
        assert len(found) < 5


def test_paths_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    secret = put(tmp_path, "secret.txt", b"secret")
    names = ["../secret.txt", str(secret), "a/../../secret.txt", "..\\secret.txt", "C:\\x.txt", "a/./b.json"]
    files = [(name, b"harmless") for name in names]
    put(tmp_path / "in", "x.zip", zip_of(files))
    put(tmp_path / "in", "x.tar", tar_of(files))
    before = sorted(tmp_path.rglob("*"))
    found = list(open_files(tmp_path / "in"))
    assert len(found) == 2 * len(names)
    assert {data for _, data in found} == {b"harmless"}
    assert all(name.startswith(("x.zip/", "x.tar/")) for name, _ in found)
    assert sorted(tmp_path.rglob("*")) == before


def test_links_and_special_files_in_a_tar_are_told(tmp_path: Path) -> None:
    out = io.BytesIO()
    kinds = {
        "link": tarfile.SYMTYPE,
        "hard": tarfile.LNKTYPE,
        "disk": tarfile.BLKTYPE,
        "null": tarfile.CHRTYPE,
        "pipe": tarfile.FIFOTYPE,
    }
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in kinds.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    assert told(put(tmp_path, "x.tar", out.getvalue())) == [
        "x.tar/link is a link; links are not followed",
        "x.tar/hard is a link; links are not followed",
        "x.tar/disk is no ordinary file",
        "x.tar/null is no ordinary file",
        "x.tar/pipe is no ordinary file",
    ]


def test_links_in_a_zip_are_told(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert told(put(tmp_path, "x.zip", out.getvalue())) == ["x.zip/link is a link; links are not followed"]


def test_links_in_a_folder_are_told_wherever_they_stand(tmp_path: Path) -> None:
    secret = put(tmp_path, "outside/secret.txt", b"secret")
    inside = put(tmp_path, "handed/unit/table.csv", b"x").parent
    for folder in (inside, inside.parent):
        (folder / "file").symlink_to(secret)
        (folder / "folder").symlink_to(secret.parent)
        (folder / "gone").symlink_to(tmp_path / "nowhere")
        (folder / "circle").symlink_to(folder)
    found = dict(open_files(tmp_path / "handed"))
    assert found.pop("unit/table.csv") == b"x"
    assert {name: str(why) for name, why in found.items()} == {
        f"{place}{name}": f"{place}{name} is a link; links are not followed"
        for place in ("", "unit/")
        for name in ("file", "folder", "gone", "circle")
    }


def test_a_link_that_is_given_by_itself_is_followed(tmp_path: Path) -> None:
    secret = put(tmp_path, "real/table.csv", b"x")
    (tmp_path / "link.csv").symlink_to(secret)
    (tmp_path / "linked").symlink_to(secret.parent)
    assert opened(tmp_path / "link.csv") == {"link.csv": b"x"}
    assert opened(tmp_path / "linked") == {"table.csv": b"x"}


def test_pipes_and_devices_are_told_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "pipe.json.gz")
    assert told(tmp_path) == ["pipe is no ordinary file", "pipe.json.gz is no ordinary file"]
    assert told(tmp_path / "pipe") == ["pipe is no ordinary file"]
    assert told(Path("/dev/null")) == ["null is no ordinary file"]


def test_a_file_or_folder_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.json", b"a")
    put(tmp_path, "closed.json", b"x")
    put(tmp_path, "vault/b.json", b"b")
    read, scan = Path.read_bytes, os.scandir

    def refuse(path: Path) -> bytes:
        if path.name == "closed.json":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    def refuse_folder(path: str | Path) -> object:
        if str(path).endswith("vault"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr(os, "scandir", refuse_folder)
    found = dict(open_files(tmp_path))
    assert found.pop("a.json") == b"a"
    assert {name: str(why) for name, why in found.items()} == {
        "closed.json": "closed.json can't be read: Permission denied",
        "vault": "vault can't be opened: Permission denied",
    }


def test_files_of_one_name_are_all_given(tmp_path: Path) -> None:
    files = [("a.json", b"first"), ("a.json", b"second")]
    with pytest.warns(UserWarning, match="Duplicate name"):
        put(tmp_path, "x.zip", zip_of(files))
    put(tmp_path, "x.tar", tar_of(files))
    assert [data for _, data in open_files(tmp_path)] == [b"first", b"second"] * 2


def test_names_that_are_no_utf_8_are_shown_all_the_same(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "handed")
    Path(os.fsdecode(folder)).mkdir()
    Path(os.fsdecode(folder + b"/d\xe9p\xf4t.csv")).write_bytes(b"x")
    latin = tar_of([("d\udce9p\udcf4t.csv", b"y")])
    assert b"d\xe9p\xf4t.csv" in latin
    put(tmp_path / "handed", "x.tar", latin)
    # A zip of old Windows: no mark of UTF-8, names in the code page of DOS.
    old = zip_of([("d1p2t.csv", b"z")]).replace(b"d1p2t", b"d\x82p\x93t")
    put(tmp_path / "handed", "y.zip", old)
    names = [name for name, _ in open_files(tmp_path / "handed")]
    assert names[0] == "d�p�t.csv"
    assert names[1:] == ["x.tar/d�p�t.csv", "y.zip/dépôt.csv"]
    assert all(name.encode() for name in names)


def test_a_zip_whose_names_only_claim_to_be_utf_8_is_told(tmp_path: Path) -> None:
    content = zip_of([("dépôt.csv", b"z")]).replace(b"d\xc3\xa9", b"d\xff\xa9")
    (message,) = told(put(tmp_path, "x.zip", content))
    assert message.startswith("x.zip is damaged: ")
