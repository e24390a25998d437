"""Which product is meant: one key for all the ways in which advisories and inventories call it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from haidang.engine.advisories.identifiers import parse_purl
from haidang.engine.advisories.versions import schemes
from haidang.engine.cpe import parse_cpe
from haidang.engine.errors import BadContent
from haidang.engine.text import fold, normalise, squeeze

Arch = Literal["x86", "x64", "arm64", "arm", "ia64"]
System = Literal["windows", "linux", "macos", "android", "ios"]

# Packages of distributions, whose versions are the distribution's own.
DISTRIBUTIONS = ("pkg:deb/", "pkg:rpm/", "pkg:apk/", "pkg:alpm/")

_LEGAL = re.compile(
    r"\b(?:inc|incorporated|corp|corporation|ltd|limited|llc|gmbh|ag|co|company|plc|bv|srl|oy|ab|pty|the|jsc|cty|tnhh)\b"
)
_MARKS = re.compile(r"[®™©]|\((?:r|tm|c)\)", re.IGNORECASE)
_KEEP = re.compile(r"[^\w.+#/]+|_")
_LOOSE_DOT = re.compile(r"\.(?!\d)|(?<!\d)\.(?=\d)")
_ARCHES: tuple[tuple[str, Arch], ...] = (
    (r"arm64(?:[ -]based)?", "arm64"),
    (r"(?:x64|x86[-_ ]64|amd64|64[ -]?bit)(?:[ -]based)?", "x64"),
    (r"(?:x86|i[3-6]86|32[ -]?bit)(?:[ -]based)?", "x86"),
    (r"itanium(?:[ -]based)?|ia64", "ia64"),
)
_ARCH = [
    (
        re.compile(
            rf"[\s(,-]*(?:for\s+)?\(?\b(?:{words})\b(?:\s+(?:systems?|editions?|pc|processors?))?\)?", re.IGNORECASE
        ),
        arch,
    )
    for words, arch in _ARCHES
]
_SYSTEMS: tuple[tuple[str, System], ...] = (
    ("windows", "windows"),
    ("linux", "linux"),
    ("macos", "macos"),
    ("mac os", "macos"),
    ("os x", "macos"),
    ("android", "android"),
    ("ios", "ios"),
)
# Who builds a package, as systems call themselves and as advisories do; CentOS Linux ships Red Hat's builds.
_NAMESPACES = {"rhel": "redhat", "centos": "redhat", "rocky-linux": "rocky", "rockylinux": "rocky"}
_INSTALLED_ON = re.compile(r"\s+(?:installed )?on (linux|mac ?os|windows)$", re.IGNORECASE)
_CORE = re.compile(r"\s*\(server core installation\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Name:
    """A product's name taken apart: the name itself, and what it says of processors and systems it is meant for."""

    text: str
    arches: frozenset[Arch] = frozenset()
    systems: frozenset[System] = frozenset()


@dataclass(frozen=True, slots=True)
class ProductRules:
    """How a product's versions are to be read; from `content/aliases`, each with its reason.

    Attributes:
        key: its canonical key.
        scheme: how its versions compare; empty: as the publisher says.
        line: how many numbers of a version name a line of releases, each with its own fixes; 0: there are no lines.
        later_lines: "unaffected" where a line above all that a record names was released with the fix; else "unknown".
        lists_are_whole: whether a list of single versions names all that are affected.
        moves: whether the version that inventories show moves with each update; if not, a low one proves nothing.
        modules_are_optional: whether a flaw of a part concerns only machines on which that part is in use.
        needs_all_updates: whether all updates that are named for one flaw are needed, and not any of them.
        why: the reason, with its source.
    """

    key: str
    scheme: str = ""
    line: int = 0
    later_lines: str = "unknown"
    lists_are_whole: bool = False
    moves: bool = True
    modules_are_optional: bool = False
    needs_all_updates: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which product a name means.

    Attributes:
        key: its canonical key, e.g. "f5/big ip"; empty when the name says nothing.
        floor: the first version of what the name means, where it means one line of releases only; empty otherwise.
        ceiling: the first version of the line after that; "6.0.*" means whatever comes after all that begin so.
        module: the part that the name means, where it means one that may not be in use; empty otherwise.
        rules: the key under which the reviewed table keeps it, a part of which may be open (office \\1); empty where no
            alias was needed.
    """

    key: str
    floor: str = ""
    ceiling: str = ""
    module: str = ""
    rules: str = ""


@dataclass(frozen=True, slots=True)
class _Alias:
    written: re.Pattern[str]
    key: str
    floor: str
    ceiling: str
    module: str


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    kind: str
    packages: re.Pattern[str]


@dataclass(frozen=True, eq=False)
class Products:
    """The reviewed table of products: other names of vendors and products, and how versions are to be read.

    Attributes:
        vendors: another name of a vendor, squashed → its canonical name.
        aliases: canonical vendor → the patterns of its products, in the order of the files.
        alone: patterns of names that need no vendor to be understood.
        rules: canonical key → how its versions are read.
        sources: names of packages and the sources from which distributions build them.
    """

    vendors: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, tuple[_Alias, ...]] = field(default_factory=dict)
    alone: tuple[_Alias, ...] = ()
    rules: Mapping[str, ProductRules] = field(default_factory=dict)
    sources: tuple[_Source, ...] = ()

    @functools.cached_property
    def modules(self) -> tuple[str, ...]:
        """The parts that some alias names, in alphabetical order."""
        every = [*self.alone, *(alias for aliases in self.aliases.values() for alias in aliases)]
        return tuple(sorted({alias.module for alias in every if alias.module}))

    def identify(self, vendor: str, product: str) -> Identity:
        """Tell which product is meant. Without a vendor, the name has to be plain by itself.

        A name that begins with a known vendor's ("Mozilla Firefox") counts as named in full.
        """
        squashed, name = squash_vendor(vendor), plain_name(product)
        return self._of_vendor(squashed, name) if squashed else self._alone(name)

    def identify_cpe(self, name: str) -> list[Identity]:
        """Give the products that a CPE name may mean; Microsoft's systems carry their release in the version."""
        cpe = parse_cpe(name)
        if cpe is None:
            return []
        vendor, product = cpe.vendor.replace("_", " "), cpe.product.replace("_", " ")
        found = [self.identify(vendor, product)]
        is_release = cpe.version not in ("*", "-", "") and not cpe.version.startswith(("10.0.", "6."))
        if cpe.part == "o" and vendor == "microsoft" and is_release:
            found.insert(0, self.identify(vendor, f"{product} version {cpe.version}"))
        return [identity for identity in found if identity.key]

    def _alone(self, name: str) -> Identity:
        for alias in self.alone:
            if found := alias.written.fullmatch(name):
                return _identity(alias, found)
        words = name.split(" ")
        for count in range(min(3, len(words) - 1), 0, -1):
            vendor = "".join(words[:count])
            if vendor in self.vendors:
                return self._of_vendor(vendor, " ".join(words[count:]))
        return Identity("")

    def rules_of(self, identity: Identity) -> ProductRules:
        """Give how a product's versions are read."""
        return self.rules.get(identity.rules or identity.key) or ProductRules(identity.key)

    def source_of(self, kind: str, package: str) -> str:
        """Give the source from which a distribution's package is built, where it has another name; else empty."""
        for source in self.sources:
            if source.kind == kind and (found := source.packages.fullmatch(package)):
                numbers = [group for group in found.groups() if group]
                return source.name.replace("\\1", numbers[0] if numbers else "")
        return ""

    def _of_vendor(self, vendor: str, name: str) -> Identity:
        vendor = self.vendors.get(vendor, vendor)
        if not name or is_nothing(name):
            return Identity("")
        name = self._without_vendor(vendor, name)
        for alias in self.aliases.get(vendor, ()):
            if found := alias.written.fullmatch(name):
                return _identity(alias, found)
        return Identity(f"{vendor}/{name}")

    def _without_vendor(self, vendor: str, name: str) -> str:
        words = name.split(" ")
        for count in range(min(3, len(words) - 1), 0, -1):
            first = "".join(words[:count])
            if vendor and self.vendors.get(first, first) == vendor:
                return " ".join(words[count:])
        return name


def read_products(files: Iterable[tuple[str, bytes]]) -> Products:
    """Read `content/aliases`: files of {vendors: […], products: […], sources: […]}.

    Raises:
        BadContent: a file breaks its form, a name is claimed twice, or an alias has no reason.
    """
    vendors: dict[str, str] = {}
    aliases: dict[str, list[_Alias]] = {}
    alone: list[_Alias] = []
    rules: dict[str, ProductRules] = {}
    sources: list[_Source] = []
    for name, data in sorted(files):
        content = _load(name, data)
        for entry in content.get("vendors", []):
            _read_vendor(name, entry, vendors)
        for entry in content.get("products", []):
            read = _read_rules(name, entry)
            rules.setdefault(read.key, read)
            vendor = read.key.partition("/")[0]
            aliases.setdefault(vendor, []).extend(_read_alias(name, read.key, also) for also in entry.get("also", []))
            alone.extend(_read_alias(name, read.key, bare) for bare in entry.get("alone", []))
        sources += [_read_source(name, entry) for entry in content.get("sources", [])]
    by_vendor = {vendor: tuple(found) for vendor, found in aliases.items()}
    return Products(vendors, by_vendor, tuple(alone), rules, tuple(sources))


_VENDOR_FORM = {"vendor", "also", "why"}
_SOURCE_FORM = {"source", "kind", "packages", "why"}
_PRODUCT_FORM = {
    "product", "also", "alone", "scheme", "line", "later_lines", "lists_are_whole", "moves", "modules_are_optional",
    "needs_all_updates", "why",
}  # fmt: skip


def _load(name: str, data: bytes) -> dict[str, Any]:
    try:
        content = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadContent(f"{name}: not YAML: {error}") from error
    if not isinstance(content, dict) or set(content) - {"vendors", "products", "sources"}:
        raise BadContent(f"{name}: `vendors`, `products` and `sources` were expected")
    return content


def _read_vendor(name: str, entry: dict[str, Any], vendors: dict[str, str]) -> None:
    if not isinstance(entry, dict) or set(entry) != _VENDOR_FORM or not entry["why"]:
        raise BadContent(f"{name}: a vendor needs exactly {', '.join(sorted(_VENDOR_FORM))}: {entry!r}")
    for written in [entry["vendor"], *entry["also"]]:
        squashed = squash_vendor(written)
        if vendors.setdefault(squashed, entry["vendor"]) != entry["vendor"]:
            raise BadContent(f"{name}: “{written}” is claimed by {vendors[squashed]} and {entry['vendor']}")


def _read_source(name: str, entry: dict[str, Any]) -> _Source:
    if not isinstance(entry, dict) or set(entry) != _SOURCE_FORM or entry["kind"] not in ("deb", "rpm", "apk"):
        raise BadContent(f"{name}: a source needs exactly {', '.join(sorted(_SOURCE_FORM))}: {entry!r}")
    return _Source(entry["source"], entry["kind"], re.compile("|".join(f"(?:{one})" for one in entry["packages"])))


def _read_rules(name: str, entry: dict[str, Any]) -> ProductRules:
    if not isinstance(entry, dict) or set(entry) - _PRODUCT_FORM or not entry.get("why") or "/" not in entry["product"]:
        raise BadContent(
            f"{name}: a product needs product (vendor/name), why and of {sorted(_PRODUCT_FORM)}: {entry!r}"
        )
    if entry.get("scheme", "dotted") not in schemes():
        raise BadContent(f"{name}: {entry['product']}: no scheme is called “{entry['scheme']}”")
    if entry.get("later_lines", "unknown") not in ("unaffected", "unknown"):
        raise BadContent(f"{name}: {entry['product']}: later_lines is “unaffected” or “unknown”")
    return ProductRules(
        entry["product"],
        entry.get("scheme", ""),
        entry.get("line", 0),
        entry.get("later_lines", "unknown"),
        entry.get("lists_are_whole", False),
        entry.get("moves", True),
        entry.get("modules_are_optional", False),
        entry.get("needs_all_updates", False),
        squeeze(entry["why"]),
    )


def _read_alias(name: str, key: str, entry: str | dict[str, Any]) -> _Alias:
    """Read a pattern of names, vendor left out.

    {written, floor, ceiling} where it means one line of releases only, {written, module} where it means a part.
    """
    told: Mapping[str, Any] = {"written": entry} if isinstance(entry, str) else entry
    if set(told) - {"written", "floor", "ceiling", "module"} or not isinstance(told.get("written"), str):
        raise BadContent(f"{name}: {key}: written, floor, ceiling and module were expected: {entry!r}")
    ends = (str(told.get("floor", "")), str(told.get("ceiling", "")))
    written = told["written"]
    try:
        return _Alias(re.compile(written), key, *ends, str(told.get("module", "")))
    except re.error as error:
        raise BadContent(f"{name}: “{written}” is no pattern: {error}") from error


def _identity(alias: _Alias, found: re.Match[str]) -> Identity:
    key, floor, ceiling = (
        found.expand(text) if "\\" in text else text for text in (alias.key, alias.floor, alias.ceiling)
    )
    return Identity(key, floor, ceiling, alias.module, alias.key)


def is_nothing(name: str) -> bool:
    """Tell a name that is written where there is none."""
    return name in {"n/a", "na", "unknown", "unspecified", "none", "-", "*", "any", "not applicable"}


@functools.lru_cache(maxsize=200_000)
def plain_name(text: str) -> str:
    """Bring a product's name to the form in which names are compared: "BIG-IP" and "big_ip" are both "big ip"."""
    words = _KEEP.sub(" ", fold(normalise(_MARKS.sub(" ", text[:300]))))
    words = squeeze(_LOOSE_DOT.sub(" ", words))
    return words.removesuffix(" firmware")


@functools.lru_cache(maxsize=100_000)
def squash_vendor(text: str) -> str:
    """Bring a vendor's name to the form in which vendors are compared: "F5, Inc." is "f5", "D-Link" is "dlink"."""
    words = _KEEP.sub(" ", fold(normalise(text[:200]))).replace(".", " ")
    bare = squeeze(_LEGAL.sub(" ", words)) or squeeze(words)
    return "" if is_nothing(bare) else bare.replace(" ", "")


@functools.lru_cache(maxsize=200_000)
def split_name(text: str) -> Name:
    """Take processors and systems out of a name: "Windows 10 Version 22H2 for x64-based Systems"."""
    arches: set[Arch] = set()
    systems: set[System] = set()
    text = _CORE.sub("", text)
    if found := _INSTALLED_ON.search(text):
        systems |= systems_in(found[1])
        text = text[: found.start()]
    for pattern, arch in _ARCH:
        bare = pattern.sub("", text)
        if bare != text and bare.strip():
            arches.add(arch)
            text = bare
    return Name(squeeze(text), frozenset(arches), frozenset(systems))


def arches_in(text: str) -> set[Arch]:
    """Find the processors that a text names."""
    return {arch for pattern, arch in _ARCH if pattern.search(f" {text}")}


def systems_in(text: str) -> set[System]:
    """Find the kind of operating system that a text names."""
    lowered = text.lower()
    return {system for word, system in _SYSTEMS if re.search(rf"\b{word}", lowered)}


@functools.lru_cache(maxsize=200_000)
def purl_key(text: str) -> str:
    """Give the key of a package URL: type, namespace and name, without version; empty when it is none."""
    purl = parse_purl(text)
    return package_key(purl.kind, purl.namespace, purl.name) if purl else ""


def package_key(kind: str, namespace: str, name: str) -> str:
    """Give the key of a package."""
    space = _NAMESPACES.get(namespace.lower(), namespace) if kind == "rpm" else namespace
    name = f"{space}/{name}" if space else name
    if kind in ("pypi", "deb", "rpm", "apk", "github", "bitbucket", "golang", "composer"):
        name = name.lower()
    if kind == "pypi":
        name = re.sub(r"[-_.]+", "-", name)
    return f"pkg:{kind}/{name}"
