"""From inventory rows to components: each distinct thing that is installed somewhere, and the products it may be."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from haidang.engine.advisories.identifiers import Purl, parse_purl, purl_version
from haidang.engine.advisories.products import (
    DISTRIBUTIONS,
    Products,
    arches_in,
    package_key,
    plain_name,
    split_name,
    systems_in,
)
from haidang.engine.advisories.releases import release_in_build, release_of
from haidang.engine.advisories.store import ARCHES, SYSTEMS
from haidang.engine.advisories.windows import InstalledWindows, Windows
from haidang.engine.cpe import parse_cpe

# Bits of a component's `doubts`.
NAME_ONLY = 1  # its vendor is not told, or another one; only the product's name fits
DISTRIBUTION = 2  # a package of a distribution, which mends flaws without raising the upstream version
PART = 4  # comes with the system and is not listed by itself
NO_BUILD_SHOWN = 8  # neither its build nor its updates are told: one question for the machine, not one a flaw

_DEVICE = re.compile(r"network|net device|thi[eế]t b[iị]|switch|router|firewall|t[uư][oờ]ng l[uử]a", re.IGNORECASE)
_LINUX = re.compile(
    r"\b(ubuntu|debian|rocky|almalinux|centos|red hat|rhel|fedora|suse|opensuse|alpine|kali|gentoo|raspbian)\b",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"\s+-\s*[a-z]{2}-[a-z]{2,4}$", re.IGNORECASE)
_BITNESS = r"(?:x64|x86|64[- ]?bit|32[- ]?bit|arm64)"
_BITNESS_AND_LANGUAGE = re.compile(rf"\(({_BITNESS})\s+[a-z]{{2,3}}(?:-[a-z]{{2,4}})*\)", re.IGNORECASE)
_IN_BRACKETS = re.compile(rf"\s*\((?:{_BITNESS}[\s,]*)*(?:[a-z]{{2}}(?:-[a-z]{{2}})?)?\)\s*$", re.IGNORECASE)
# What devices write behind a version: "v7.2.6,build1575,230525 (GA.M)".
_FIRMWARE_TAIL = re.compile(r",\s*build\s?\d.*$", re.IGNORECASE)
_VERSION_AT_END = re.compile(
    r"[\s_-]+(?:(?:version|release|ver\.?|v)\s*)?"
    r"(\d+(?:\.\d+)+(?:[._ -]?(?:p|patch|sp|r|build)\s?\d[\w.]*)*\w*)\s*$",
    re.IGNORECASE,
)
# Names that belong to nobody in particular: alone, they say nothing.
_COMMON = {
    "agent", "api", "app", "browser", "client", "core", "desktop", "driver", "editor", "engine", "firmware",
    "framework", "gateway", "library", "manager", "monitor", "player", "plugin", "portal", "reader", "router",
    "runtime", "server", "service", "studio", "suite", "tools", "viewer", "web", "windows", "linux", "office", "update",
    "updater",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Component:
    """Something that is installed somewhere, once however many machines have it.

    Attributes:
        product: as people call it.
        version: as the inventory shows it; empty when it does not.
        names: keys of the products it may be, each with the way in which it was recognised.
        arches: bits of ARCHES; 0: not told.
        systems: bits of SYSTEMS; 0: not told.
        doubts: bits (see above).
        parts: bits of the products' modules that the inventory itself names, so that they are in use.
        windows: the line and build, for an operating system of Microsoft's and its parts.
        updates: numbers of the Microsoft updates that its machine has, for the same.
        complete: whether the list of updates holds all of them.
    """

    product: str
    version: str
    names: tuple[tuple[str, str], ...]
    arches: int = 0
    systems: int = 0
    doubts: int = 0
    parts: int = 0
    windows: InstalledWindows | None = None
    updates: frozenset[str] = frozenset()
    complete: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Installed:
    """Machines, and the components on each.

    Attributes:
        components: each once.
        hosts: one row a machine, in order: agency, host, kind, exposure, system, os, os_version; os_known: its line
            and build or updates are; supported_until: the last day on which anybody gets updates for it, where known;
            listed: its software is, or it is a device that has none; file, line.
        on: which component is where: host_at (row of `hosts`), component (number), table, file, line; by host.
    """

    components: tuple[Component, ...]
    hosts: pl.DataFrame
    on: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Known:
    """What some advisory speaks of, so that a name may be recognised by it.

    Attributes:
        keys: every product.
        vendors_of: a product's plain name → the vendors under which it is known.
        updates_of: a product → the Microsoft updates that prove something about it.
    """

    keys: Container[str]
    vendors_of: Mapping[str, frozenset[str]]
    updates_of: Mapping[str, frozenset[str]]


@dataclass(slots=True)
class _Gathering:
    """Numbers components as they come."""

    products: Products
    windows: Windows
    told: Known
    components: list[Component] = field(default_factory=list)
    numbers: dict[Component, int] = field(default_factory=dict)

    def number(self, component: Component) -> int:
        at = self.numbers.get(component)
        if at is None:
            at = self.numbers[component] = len(self.components)
            self.components.append(component)
        return at


@dataclass(frozen=True, slots=True)
class _System:
    """What is known of an operating system: a device's is all the software that it has."""

    os_known: bool
    family: str
    until: dt.date | None = None
    parts: tuple[int, ...] = ()
    is_device: bool = False


def find_installed(
    hosts: pl.DataFrame,
    software: pl.DataFrame,
    hotfixes: pl.DataFrame,
    products: Products,
    windows: Windows,
    known: Known,
    truncated: frozenset[tuple[str, str]] = frozenset(),
) -> Installed:
    """Turn the rows of an inventory into components.

    Args:
        hosts: rows of the table `hosts`, with agency, file and line. A machine may have several; what one leaves out
            another may tell.
        software: rows of the table `software`.
        hotfixes: rows of the table `hotfixes`.
        products: the reviewed table of names.
        windows: the lines of Windows.
        known: what advisories speak of.
        truncated: (agency, folded host) of machines whose list of updates is known to be cut short.
    """
    gathering = _Gathering(products, windows, known)
    machines = _with_systems(_machines(hosts, software, hotfixes), hotfixes, gathering, truncated)
    applications = _applications(machines, software, gathering)
    systems = machines.explode("parts").drop_nulls("parts")
    systems = systems.select(
        "host_at", pl.col("parts").alias("component"), pl.lit("hosts").alias("table"), "file", "line"
    )
    listed = applications.select("host_at").unique().with_columns(listed=pl.lit(value=True))
    rows = machines.join(listed, on="host_at", how="left", maintain_order="left")
    rows = rows.with_columns(listed=pl.col("listed").fill_null(value=False) | pl.col("is_device"))
    about = ("agency", "host", "kind", "exposure", "system", "os", "os_version")
    columns = (*about, "os_known", "supported_until", "listed", "file", "line")
    on = pl.concat([systems, applications]).sort("host_at", maintain_order=True)
    return Installed(tuple(gathering.components), rows.select(columns), on)


def same_host() -> pl.Expr:
    """Give the form in which two names of machines are compared."""
    return pl.col("host").str.to_lowercase().str.replace_all(r"\s+", " ").alias("same")


def _machines(hosts: pl.DataFrame, software: pl.DataFrame, hotfixes: pl.DataFrame) -> pl.DataFrame:
    """Give one row a machine: of several rows about it each column's first word counts, and the longest build."""
    told = ("kind", "exposure", "system", "os", "arch")
    absent = [pl.lit(None, pl.String).alias(column) for column in (*told, "os_version")]
    bare = [frame.select("agency", "host", *absent, "file", "line") for frame in (software, hotfixes)]
    rows = pl.concat([hosts.select("agency", "host", *told, "os_version", "file", "line"), *bare])
    length = pl.col("os_version").str.len_chars()
    return (
        rows.with_columns(same_host())
        .group_by("agency", "same", maintain_order=True)
        .agg(
            pl.col("host").first(),
            *(pl.col(column).drop_nulls().first() for column in told),
            pl.col("os_version").sort_by(length, descending=True, nulls_last=True, maintain_order=True).first(),
            pl.col("file").first(),
            pl.col("line").first(),
        )
        .with_row_index("host_at")
        .with_columns(pl.col("host_at").cast(pl.UInt32))
    )


def _with_systems(
    machines: pl.DataFrame, hotfixes: pl.DataFrame, gathering: _Gathering, truncated: frozenset[tuple[str, str]]
) -> pl.DataFrame:
    """Recognise operating systems, each distinct one once: adds os_known, family, parts, is_device."""
    numbers = hotfixes.with_columns(same_host(), kb=pl.col("update").str.extract(r"(\d{6,7})")).drop_nulls("kb")
    held = numbers.group_by("agency", "same").agg(kbs=pl.col("kb").unique().sort())
    rows = machines.join(held, on=["agency", "same"], how="left", maintain_order="left")
    known: dict[tuple[object, ...], _System] = {}
    out: list[_System] = []
    for agency, same, kind, os, os_version, arch, kbs in rows.select(
        "agency", "same", "kind", "os", "os_version", "arch", "kbs"
    ).iter_rows():
        updates = frozenset(kbs) if kbs is not None else None
        complete = updates is not None and (agency, same) not in truncated
        row = (kind, os, os_version, arch, updates, complete)
        if row not in known:
            known[row] = _recognise(gathering, kind or "", os or "", os_version or "", arch or "", updates, complete)
        out.append(known[row])
    return rows.with_columns(
        pl.Series("os_known", [one.os_known for one in out], dtype=pl.Boolean),
        pl.Series("supported_until", [one.until for one in out], dtype=pl.Date),
        pl.Series("family", [one.family for one in out], dtype=pl.String),
        pl.Series("parts", [list(one.parts) for one in out], dtype=pl.List(pl.UInt32)),
        pl.Series("is_device", [one.is_device for one in out], dtype=pl.Boolean),
    )


def _recognise(
    gathering: _Gathering,
    kind: str,
    os: str,
    os_version: str,
    arch: str,
    updates: frozenset[str] | None,
    complete: bool,
) -> _System:
    """Recognise one operating system."""
    name = split_name(os)
    arches = _bits(ARCHES, name.arches | arches_in(arch))
    found = gathering.windows.find(os, os_version, kind)
    if found:
        shown = found.update is not None or updates is not None
        components = _windows_components(gathering.windows, found, os, arches, updates or frozenset(), complete)
        if not shown:
            components = [replace(component, doubts=component.doubts | NO_BUILD_SHOWN) for component in components]
        numbers = tuple(map(gathering.number, components))
        return _System(os_known=shown, family="windows", until=found.until, parts=numbers)
    family = next(iter(sorted(systems_in(os))), "linux" if _LINUX.search(os) else "")
    is_device = bool(_DEVICE.match(kind))
    if family == "windows" and (may_be := gathering.windows.named(os)):
        names = tuple((product, f"“{os}”, release not told") for product in may_be)
        component = Component(os, "", names, arches, _bits(SYSTEMS, [family]), NO_BUILD_SHOWN)
        return _System(os_known=False, family=family, parts=(gathering.number(component),))
    text, version = clean_name(name.text, _FIRMWARE_TAIL.sub("", os_version))
    key = gathering.products.identify("", text).key if os and family != "windows" else ""
    if not key:
        return _System(os_known=family in ("linux", "macos"), family=family, is_device=is_device and bool(os))
    component = Component(os, version, ((key, f"operating system “{os}”"),), arches, _bits(SYSTEMS, [family]))
    return _System(
        os_known=True, family=family, parts=(gathering.number(component),), is_device=is_device or not family
    )


def _windows_components(
    windows: Windows, found: InstalledWindows, os: str, arches: int, updates: frozenset[str], complete: bool
) -> list[Component]:
    """Give a machine's Windows and the parts that come with it."""
    build = f"{found.line.version}.{found.line.build}" + (f".{found.update}" if found.update is not None else "")
    own = tuple((key, f"build {found.line.build}") for key in (found.key, found.other) if key)
    parts = [
        (key.removeprefix("microsoft/"), ((key, f"comes with {found.key}"),), PART) for key in windows.built_in(found)
    ]
    named = [(os or found.key.removeprefix("microsoft/"), own, 0), *parts]
    system = _bits(SYSTEMS, ["windows"])
    return [
        Component(text, build, names, arches, system, doubts, 0, found, updates, complete)
        for text, names, doubts in named
    ]


def _applications(machines: pl.DataFrame, software: pl.DataFrame, gathering: _Gathering) -> pl.DataFrame:
    """Recognise software, each distinct row once: host_at, component, table, file, line."""
    said = ["vendor", "product", "version", "cpe", "purl", "arch", "family"]
    at = machines.select("agency", "same", "host_at", "family", "kbs")
    rows = software.with_columns(same_host()).join(at, on=["agency", "same"], how="left", maintain_order="left")
    distinct = rows.select(said).unique(maintain_order=True)
    recognised = [_application(gathering, *(cell or "" for cell in row)) for row in distinct.iter_rows()]
    distinct = distinct.with_row_index("which")
    joined = rows.join(distinct, on=said, how="left", nulls_equal=True, maintain_order="left")
    numbers = _numbered(gathering, recognised, joined["which"], joined["kbs"])
    return joined.select(
        "host_at", pl.Series("component", numbers, dtype=pl.UInt32), pl.lit("software").alias("table"), "file", "line"
    )


def _numbered(
    gathering: _Gathering, recognised: Sequence[Component], which: pl.Series, held: pl.Series
) -> Sequence[int] | pl.Series:
    """Number the component of each row; where updates of its machine say something about it, they belong to it."""
    updates_of = gathering.told.updates_of
    telling = [frozenset().union(*(updates_of.get(key, frozenset()) for key, _ in one.names)) for one in recognised]
    bare = [gathering.number(one) for one in recognised]
    numbers = which.replace_strict(range(len(bare)), bare, return_dtype=pl.UInt32) if bare else which.cast(pl.UInt32)
    out = numbers.to_list() if any(telling) else numbers
    asked = pl.DataFrame({"which": which, "kbs": held}).with_row_index("row").drop_nulls("kbs")
    asked = asked.filter(pl.col("which").is_in([at for at, kbs in enumerate(telling) if kbs]))
    for row, at, kbs in asked.iter_rows():
        if own := telling[at].intersection(kbs):
            out[row] = gathering.number(replace(recognised[at], updates=own))
    return out


def _application(
    gathering: _Gathering, vendor: str, product: str, version: str, cpe: str, purl: str, arch: str, family: str
) -> Component:
    """Recognise one row of software, by every name that it bears."""
    name = split_name(_without_language(product))
    text, version = clean_name(name.text, _FIRMWARE_TAIL.sub("", version))
    names: dict[str, str] = {}
    package = parse_purl(purl)
    if package:
        version = version or purl_version(package)
        names |= _package_names(gathering.products, package, version)
    is_distributed = any(key.startswith(DISTRIBUTIONS) for key in names)
    for identity in gathering.products.identify_cpe(cpe) if cpe else ():
        names.setdefault(identity.key, cpe)
        version = version or _cpe_version(cpe)
    identity = gathering.products.identify(vendor, text)
    if identity.key:
        way = f"{vendor} {text}".strip()
        names.setdefault(identity.key, f"alias of “{way}”" if identity.rules else f"name “{way}”")
    doubts = DISTRIBUTION * is_distributed
    if not any(key in gathering.told.keys for key in names if not is_distributed or not key.startswith("pkg:")):
        guessed = _by_name_only(gathering.told.vendors_of, vendor, text)
        doubts |= NAME_ONLY * bool(guessed and not is_distributed)
        names |= guessed
    arches = _bits(ARCHES, name.arches | arches_in(arch))
    parts = _bits(gathering.products.modules, [identity.module])
    return Component(product, version, tuple(names.items()), arches, _bits(SYSTEMS, [family]), doubts, parts)


def _package_names(products: Products, package: Purl, version: str) -> dict[str, str]:
    """Give the keys of a package: its own, its source's, and both once more for the release that it is built for."""
    told = dict(package.qualifiers)
    source = told.get("upstream", "").partition("@")[0] or products.source_of(package.kind, package.name)
    keys = {package_key(package.kind, package.namespace, package.name): f"package {package.name}"}
    if source:
        keys.setdefault(package_key(package.kind, package.namespace, source), f"built from {source}")
    releases = {release_of(told.get("distro", "")), release_in_build(version)} - {""}
    of_release = {f"{key}#{release}": f"{way}, {release}" for key, way in keys.items() for release in sorted(releases)}
    return keys | of_release


def _without_language(product: str) -> str:
    """Take a language out of a bracket with a processor: "Mozilla Firefox (x64 vi)" is "Mozilla Firefox (x64)"."""
    return _BITNESS_AND_LANGUAGE.sub(r"(\1)", product)


def _by_name_only(vendors_of: Mapping[str, frozenset[str]], vendor: str, text: str) -> dict[str, str]:
    """Give the one product of that very name that advisories know, of whatever vendor; none where there are several."""
    plain = plain_name(text)
    vendors = vendors_of.get(plain, frozenset())
    if len(vendors) != 1 or plain in _COMMON or len(plain) < 4:
        return {}
    (known,) = vendors
    return {f"{known}/{plain}": f"name “{text}” only, vendor “{vendor or '?'}” against “{known}”"}


def clean_name(product: str, version: str) -> tuple[str, str]:
    """Take version, language and bitness out of a name as installers show it.

    A version that only the name tells ("7-Zip 22.01") becomes the version; one that repeats the version is left out.
    """
    text = _LANGUAGE.sub("", _IN_BRACKETS.sub("", product)).strip()
    found = _VERSION_AT_END.search(text)
    if not found or not found.start():
        return text, version
    told = found[1].lower()
    if not version:
        return text[: found.start()], found[1]
    repeats = version.lower().startswith(told) or told.startswith(version.lower())
    return (text[: found.start()] if repeats else text), version


def _cpe_version(name: str) -> str:
    cpe = parse_cpe(name)
    if cpe is None or cpe.version in ("*", "-", ""):
        return ""
    return cpe.version + (f" {cpe.update}" if cpe.update not in ("*", "-", "") else "")


def _bits(names: tuple[str, ...], chosen: Iterable[str]) -> int:
    wanted = set(chosen)
    return sum(1 << at for at, name in enumerate(names) if name in wanted)
