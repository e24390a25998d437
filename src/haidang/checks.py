"""Checking inventories against advisories, from paths to findings: what the command line and the portal both do."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import polars as pl
import yaml

from haidang import __version__, content
from haidang.archives import is_archive, open_files
from haidang.engine.advisories import store as stores
from haidang.engine.advisories.cited import BOUND, CitedLetter, bind, read_cited, reviews
from haidang.engine.advisories.compile import Compiler
from haidang.engine.advisories.findings import Circumstances, Findings, find
from haidang.engine.advisories.formats import read_advisories
from haidang.engine.advisories.installed import find_installed
from haidang.engine.advisories.match import Index, match
from haidang.engine.advisories.priority import DecisionTable, read_decisions
from haidang.engine.advisories.products import Products, read_products
from haidang.engine.advisories.store import Store
from haidang.engine.advisories.windows import Windows, read_windows
from haidang.engine.errors import BadRequest, UnreadableParcel
from haidang.engine.inventory.formats import read_inventory
from haidang.engine.inventory.headings import Profile, read_profiles
from haidang.engine.inventory.inventory import KINDS, Inventory, join
from haidang.engine.law import Law, read_law
from haidang.engine.letters.letter import Letter
from haidang.engine.obligations.facts import Agencies, Agency, FactFile, Facts, read_facts
from haidang.engine.obligations.subjects import letter_key, letter_keys
from haidang.engine.records import Source, Unread
from haidang.engine.tables import TABLES
from haidang.engine.text import fold, squeeze

# Tables of facts that lie beside inventories and have a say in what is found; all others are left alone.
_FACTS = ("systems", "flaws")
# Months that follow each other: "tháng 5 đến tháng 11 năm 2023", "tháng 11/2023 và tháng 02/2024".
_ITEM = r"(\d{1,2})(?!\d)(?:\s*(?:/|nam)\s*(\d{4}))?"
_JOINT = r"\s*(den(?:\s+het)?|toi|-|,\s*va|,|va)\s*"
_MONTHS = re.compile(rf"(?<!ngay \d )(?<!ngay \d\d )\bthang\s+{_ITEM}(?:{_JOINT}(?:thang\s+)?{_ITEM})*")
_MONTH = re.compile(rf"(?:{_JOINT})?(thang\s+)?{_ITEM}")
_SEAL = "sha256"  # the file of a kept store that says how its others were written


class Shelf:
    """What analysts keep under `content/` and a check stands on, each part read when it is first needed."""

    @cached_property
    def products(self) -> Products:
        """The reviewed table of names."""
        return read_products(content.files("aliases", ".yaml"))

    @cached_property
    def windows(self) -> Windows:
        """The lines of Windows."""
        return read_windows((content.folder() / "windows.yaml").read_bytes())

    @cached_property
    def letters(self) -> tuple[CitedLetter, ...]:
        """The advisory letters."""
        return read_cited(content.files("advisories", ".yaml"))

    @cached_property
    def table(self) -> DecisionTable:
        """SSVC's decisions."""
        return read_decisions((content.folder() / "ssvc.yaml").read_bytes())

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """Known layouts of inventory tables."""
        return read_profiles(content.files("mappings/inventory", ".yaml"))

    @cached_property
    def mentioned(self) -> list[str]:
        """Names of products that descriptions are searched for."""
        entries = yaml.safe_load((content.folder() / "products.yaml").read_bytes())
        return [name for entry in entries for name in (entry["name"], *entry.get("written", ()))]

    def law(self, day: dt.date) -> Law:
        """Give the numbers in force."""
        return read_law(content.files("law", ".yaml")).at(day)

    def digest(self) -> str:
        """Give a hash of all that decides how advisories are compiled."""
        found = hashlib.sha256(f"{stores.FORMAT} {__version__}".encode())
        for folder in ("aliases", "advisories"):
            for name, data in content.files(folder, ".yaml"):
                found.update(name.encode() + data)
        for name in ("windows.yaml", "products.yaml"):
            found.update((content.folder() / name).read_bytes())
        for path in sorted(Path(stores.__file__).parent.rglob("*.py")):
            found.update(path.read_bytes())
        return found.hexdigest()


def compile_advisories(paths: Sequence[Path], shelf: Shelf, cache: Path | None, *, reviewed: bool = True) -> Store:
    """Read advisories and make a store of them, or take the one that was made of the same files before.

    Args:
        paths: files, archives and folders of advisories, KEV and EPSS files among them.
        shelf: what analysts keep.
        cache: where compiled stores are kept; None: nowhere.
        reviewed: whether our own reviews count too; without paths they are all that there is.

    Raises:
        UnreadableParcel: a path is not there, or nothing in them is an advisory.
    """
    kept = cache / _key(paths, shelf) if cache else None
    if kept and (store := _kept(kept)):
        return store
    compiler = Compiler(shelf.products, shelf.windows, shelf.mentioned)
    if reviewed:
        compiler.add(reviews(shelf.letters))
    digest = hashlib.sha256()
    read = 0
    for path in paths:
        for name, data in open_files(path):
            try:
                if isinstance(data, UnreadableParcel):
                    raise data
                compiler.add(read_advisories(data, name))
                digest.update(hashlib.sha256(data).digest())
                read += 1
            except UnreadableParcel as error:
                compiler.leave_out(Unread(Source(name, 1), str(error), "advisory"))
    if paths and not read:
        raise UnreadableParcel(f"{', '.join(map(str, paths))}: no advisory of a form that can be read")
    store = compiler.done(digest.hexdigest())
    if kept:
        _keep(kept, stores.dump(store))
    return store


def _key(paths: Sequence[Path], shelf: Shelf) -> str:
    """Name a store after what it is made of: files by path, size and time of change."""
    found = hashlib.sha256(shelf.digest().encode())
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                stat = file.stat()
                found.update(
                    f"{file.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode("utf-8", "surrogateescape")
                )
    return found.hexdigest()[:32]


def _kept(folder: Path) -> Store | None:
    """Load a store that was kept; None where there is none, or not as it was written."""
    try:
        files = {path.name: path.read_bytes() for path in folder.glob("*.parquet")}
        whole = (folder / _SEAL).read_text() == _seal(files)
    except (OSError, UnicodeDecodeError):
        return None
    return stores.load(files) if whole else None


def _seal(files: dict[str, bytes]) -> str:
    found = hashlib.sha256()
    for name in sorted(files):
        found.update(name.encode() + hashlib.sha256(files[name]).digest())
    return found.hexdigest()


def _keep(folder: Path, files: dict[str, bytes]) -> None:
    """Keep a store for the next time; a place that can't be written to only costs that time."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as fresh:
            place = Path(fresh) / "store"
            place.mkdir()
            for name, data in files.items():
                (place / name).write_bytes(data)
            (place / _SEAL).write_text(_seal(files))
            shutil.rmtree(folder, ignore_errors=True)
            place.rename(folder)
    except OSError:
        return


def default_cache() -> Path:
    """Give where compiled stores are kept unless another place is asked for."""
    base = os.environ.get("HAIDANG_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "haidang" / "advisories"


@dataclass(frozen=True, slots=True, eq=False)
class Handed:
    """What agencies handed in.

    Attributes:
        inventory: everything that machines and software were read from, each row with its agency.
        facts: the tables that have a say besides (levels of systems, work-arounds).
        files: name → what form it was read as, or why it was not.
        left: files that are no inventory and were left alone.
    """

    inventory: Inventory
    facts: Facts
    files: dict[str, str]
    left: tuple[str, ...]


def read_handed(paths: Sequence[Path], shelf: Shelf, agencies: Agencies | None = None) -> Handed:
    """Read inventories. In a folder, each folder in it is an agency's, named after it.

    Args:
        paths: files, and folders of agencies' folders.
        shelf: what analysts keep.
        agencies: the list of agencies; without it, the folders' names are the list.

    Raises:
        UnreadableParcel: a path is not there, or a file that was asked for by itself can't be read.
    """
    parts: list[Inventory] = []
    files: dict[str, str] = {}
    left: list[str] = []
    facts: list[FactFile] = []
    unread: list[Unread] = []
    for path in paths:
        # An archive is a folder that was packed: what it holds goes by the folders in it.
        alone = path.is_file() and not is_archive(path)
        packed = f"{path.name}/" if path.is_file() else ""
        for name, data in open_files(path):
            inner = name.removeprefix(packed)
            agency = "" if alone or "/" not in inner else inner.split("/")[0]
            stem = PurePosixPath(name).stem.lower()
            if stem in _FACTS and agency and isinstance(data, bytes):
                facts.append(FactFile(agency, name, data))
            elif stem in TABLES and stem not in KINDS:  # a table that has no say here, or belongs to no agency
                left.append(name)
            else:
                _read_one(name, data, agency, shelf, parts, files, unread, alone=alone)
    known = agencies or _by_folders(parts, facts)
    whole = join(parts)
    inventory = Inventory(
        whole.form, whole.hosts, whole.software, whole.hotfixes, (*whole.unread, *unread), whole.lacks
    )
    return Handed(inventory, read_facts(facts, known), files, tuple(left))


def _read_one(
    name: str,
    data: bytes | UnreadableParcel,
    agency: str,
    shelf: Shelf,
    parts: list[Inventory],
    files: dict[str, str],
    unread: list[Unread],
    *,
    alone: bool,
) -> None:
    try:
        if isinstance(data, UnreadableParcel):
            raise data
        read = read_inventory(data, name, shelf.profiles).of(agency)
    except UnreadableParcel as error:
        if alone:
            raise
        files[name] = str(error)
        unread.append(Unread(Source(name, 1), str(error), "software", agency))
        return
    parts.append(read)
    files[name] = read.form


def _by_folders(parts: Iterable[Inventory], facts: Iterable[FactFile]) -> Agencies:
    names = {agency for part in parts for kind in KINDS for agency in part.frame(kind)["agency"].unique().to_list()}
    names |= {one.agency for one in facts}
    return Agencies(tuple(Agency(name, name, "", "agency") for name in sorted(names) if name))


def months_in(letter: Letter) -> set[str]:
    """Find Microsoft's months of which a letter speaks: "sản phẩm Microsoft từ tháng 5 đến tháng 11 năm 2023".

    A day ("trước ngày 15 tháng 3") is no month of updates. A month without a year has that of the next one, or the
    letter's own.
    """
    found: set[str] = set()
    for said in re.finditer(r"microsoft([^.;]{0,160})", squeeze(fold(letter.text))):
        for run in _MONTHS.finditer(said[1]):
            found |= _months_of(run[0], letter.date.year if letter.date else 0)
    return found


def _months_of(run: str, year: int) -> set[str]:
    """Read one run of months, from its end: what has no year takes that of what follows it."""
    told: list[tuple[int, int, bool]] = []
    following = False
    for joint, word, month, own in reversed(_MONTH.findall(run)):
        to = bool(joint) and joint[0] not in ",v"
        if not own and not told and joint and not word and not to:
            continue  # "tháng 5 và 11 lỗ hổng"
        its = int(own) if own else told[0][1] if told else year
        if not own and following and int(month) > told[0][0]:
            its -= 1  # "tháng 11 đến tháng 2 năm 2024"
        told.insert(0, (int(month), its, to))
        following = to
    found: set[str] = set()
    last = 0
    for month, its, to in told:
        at = its * 12 + month - 1
        if its and 1 <= month <= 12:
            begun = min(last + 1, at) if to and last else at
            found |= {f"{one // 12}-{one % 12 + 1:02}" for one in range(begun, at + 1)}
            last = at
    return found


def bind_letter(
    letter: Letter | None, shelf: Shelf, store: Store, register: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Bind a letter to the flaws that it and the advisories it cites name; no letter binds nothing.

    Args:
        letter: the directive letter.
        shelf: the advisory letters that analysts keep.
        store: for the flaws of whole months.
        register: the department's own table `advisories`.
    """
    if letter is None:
        return pl.DataFrame(schema=BOUND)
    numbers = {citation.number for citation in letter.citations}
    own = f"{letter.number or ''}/{letter.notation}" if letter.notation else ""
    if own and letter.number:
        numbers.add(own)
    named = dict.fromkeys(letter.cves, own or letter.subject or "?")
    bound = bind(shelf.letters, numbers, months_in(letter), named, store)
    if register is None or register.is_empty():
        return bound
    cited = {letter_key(number): number for number in numbers}
    told = register.with_columns(letter_keys(register["letter"]).alias("by")).filter(pl.col("by").is_in(list(cited)))
    rows = told.select(
        pl.col("by").replace_strict(cited, return_dtype=pl.String).alias("letter"),
        pl.col("published").alias("date"), pl.col("flaw").str.to_uppercase(), sure=pl.lit("read"),
        ground=pl.format("sổ của Sở · the department's register, {}:{}", pl.col("file").cast(pl.String), "line"),
    )  # fmt: skip
    return pl.concat([bound, rows.select(BOUND.keys())]).unique(["letter", "flaw"], keep="first", maintain_order=True)


def read_register(folders: Sequence[Path]) -> pl.DataFrame | None:
    """Read the department's table of advisory letters from its folders of facts; None where there is none."""
    files = [
        FactFile("", f"intel/{name}", data)
        for folder in folders
        for name, data in open_files(folder)
        if PurePosixPath(name).stem.lower() == "advisories" and isinstance(data, bytes)
    ]
    return read_facts(files, Agencies(())).table("advisories") if files else None


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """What a check found, and what it stood on."""

    findings: Findings
    store: Store
    handed: Handed
    as_of: dt.date


def check(
    handed: Handed,
    store: Store,
    shelf: Shelf,
    as_of: dt.date,
    letter: Letter | None = None,
    register: pl.DataFrame | None = None,
) -> Checked:
    """Lay advisories beside what agencies handed in.

    Args:
        handed: inventories, levels, work-arounds.
        store: the advisories.
        shelf: what analysts keep.
        as_of: the day.
        letter: the directive letter whose flaws are listed one by one.
        register: the department's own table of advisory letters.

    Raises:
        BadRequest: the inventories name no machine.
    """
    inventory = handed.inventory
    if not any(inventory.frame(kind).height for kind in KINDS):
        raise BadRequest("the inventories name no machine; `haidang inventory` says what each file holds")
    index = Index(store)
    truncated = frozenset(
        (lack.agency, " ".join(lack.host.lower().split())) for lack in inventory.lacks if lack.what == "truncated"
    )
    installed = find_installed(
        inventory.hosts,
        inventory.software,
        inventory.hotfixes,
        shelf.products,
        shelf.windows,
        index.known,
        truncated,
    )
    bound = bind_letter(letter, shelf, store, register)
    deadlines = [date.date for date in letter.dates if date.kind == "deadline"] if letter else []
    matched = match(index, installed, bound["flaw"].unique().to_list(), as_of)
    known = Circumstances(
        as_of=as_of,
        law=shelf.law(as_of),
        table=shelf.table,
        levels=_levels(handed.facts),
        workarounds=_workarounds(handed.facts, as_of),
        bound=bound,
        due=min(deadlines, default=None),
    )
    return Checked(find(index, installed, matched, known), store, handed, as_of)


def _levels(facts: Facts) -> pl.DataFrame:
    systems = facts.table("systems").drop_nulls("level")
    return systems.select(pl.col("agency").cast(pl.String), "system", pl.col("level").cast(pl.Int64))


def _workarounds(facts: Facts, as_of: dt.date) -> pl.DataFrame:
    """Take the work-arounds on record: a line without evidence is only a word."""
    recorded = facts.table("flaws").filter(
        (pl.col("state") == "mitigated") & pl.col("evidence").is_not_null() & (pl.col("checked_on") <= as_of)
    )
    names = ("agency", "host", "flaw", "evidence", "file", "line")
    return recorded.select(names).with_columns(
        pl.col("agency", "file").cast(pl.String), pl.col("flaw").str.to_uppercase()
    )
