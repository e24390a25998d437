"""The product tree of a CSAF or CVRF document: what each product id stands for, its name parted from its versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from haidang.engine.advisories import json_shape as shape
from haidang.engine.advisories.identifiers import PURL_SCHEMES, Purl, bare_purl, parse_purl, purl_version
from haidang.engine.advisories.vers import is_version
from haidang.engine.cpe import formatted
from haidang.engine.text import squeeze

# (JSON pointer, Vietnamese, English): tells what could not be read.
Teller = Callable[[str, str, str], None]

_HELPER = {
    "cpe": str,
    "purl": str,
    "purls": [str],
    "model_numbers": [str],
    "serial_numbers": [str],
    "skus": [str],
    "hashes": [object],
    "sbom_urls": [str],
    "x_generic_uris": [object],
}
_PRODUCT = {"name": str, "product_id": str, "product_identification_helper": _HELPER}
_BRANCH: dict[str, Any] = {"category": str, "name": str, "product": _PRODUCT}
_BRANCH["branches"] = [_BRANCH]
# What a tree looks like, for `json_parcel.misshapen`.
TREE_SHAPE: dict[str, Any] = {
    "branches": [_BRANCH],
    "full_product_names": [_PRODUCT],
    "relationships": [
        {
            "category": str,
            "product_reference": str,
            "relates_to_product_reference": str,
            "full_product_name": _PRODUCT,
        }
    ],
    "product_groups": [{"group_id": str, "product_ids": [str]}],
}
# Branches that name what is limited, beside vendor, product and version.
_PRODUCT_NAMES = ("product_name", "product")
_VERSIONS = ("product_version", "product_version_range", "patch_level", "service_pack")
_LIMITS = ("host_name", "language", "legacy", "specification", "realm", "resource")
_MOST_LINKS = 20
_MOST_CHARACTERS = 500
_NO_PROCESSOR = {"src", "noarch", "source", "all"}
_NEVRA = re.compile(r"(?P<name>[\w.+-]+)-(?:(?P<epoch>\d+):)?(?P<version>[^-:\s]+-[^-:\s]+)")
_ARCH_AT_END = re.compile(r"\.(src|noarch|x86_64|i[3-6]86|aarch64|ppc64(?:le)?|ppc|s390x?|armv7hl|ia64|riscv64)$")
# "redis-0:6.2.17-1.module+el8.src::redis:6" and "python36:3.6/python36": a package of a module's stream.
_STREAM_AT_END = re.compile(r"::([\w.+-]+:[\w.+-]+)$")
_STREAM_BEFORE = re.compile(r"^([\w.+-]+:[\w.+-]+)/(?=[\w.+-]+$)")
_IMAGE = re.compile(r"([\w.-]+(?:/[\w.-]+)+)(?::|@)([\w.+:-]+)")


@dataclass(frozen=True, slots=True)
class TreeProduct:
    """What a product id stands for.

    Attributes:
        vendor: as in the tree.
        product: as in the tree, without the version.
        full: the whole name that the document gives.
        versions: the words that name its versions; empty where there are none.
        exact: whether these words name one version that an identifier gave, and need no reading.
        is_range: whether the tree itself calls them a range.
        scheme: how its versions compare, where an identifier says so.
        cpes: CPE 2.3 names.
        purls: package URLs without version.
        processors: the processors that it is made for.
        systems: what it is a part of or installed on.
        modules: what else limits it: module streams, languages, specifications.
        requires: CPE 2.3 names of what it is a part of.
        ambiguous: the id stands for two different products.
    """

    vendor: str
    product: str
    full: str
    versions: str = ""
    exact: bool = False
    is_range: bool = False
    scheme: str = ""
    cpes: tuple[str, ...] = ()
    purls: tuple[str, ...] = ()
    processors: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    ambiguous: bool = False

    def platforms(self) -> tuple[str, ...]:
        """Give what limits it, each entry for itself; package URLs say the processor themselves."""
        if self.systems and self.processors and not self.purls:
            return tuple(f"{system} ({', '.join(self.processors)})" for system in self.systems)
        return self.systems or self.processors


def read_tree(tree: Mapping[str, Any], pointer: str, tell: Teller) -> dict[str, TreeProduct]:
    """Give every product id of a tree its product; ids that stand for nothing sound are told and left out."""
    found: dict[str, TreeProduct] = {}
    waiting: list[tuple[Mapping[str, Any], tuple[tuple[str, str], ...], str]] = [
        (branch, (), f"{pointer}/branches/{at}") for at, branch in reversed(list(_numbered(tree, "branches")))
    ]
    while waiting:
        branch, above, place = waiting.pop()
        path = (*above, (shape.text(branch, "category"), shape.text(branch, "name")))
        if leaf := shape.mapping(branch, "product"):
            _put(found, leaf, _of_branch(path, leaf), f"{place}/product", tell)
        below = reversed(list(_numbered(branch, "branches")))
        waiting += [(one, path, f"{place}/branches/{at}") for at, one in below]
    for at, leaf in _numbered(tree, "full_product_names"):
        _put(found, leaf, _of_branch((), leaf), f"{pointer}/full_product_names/{at}", tell)
    _relate(tree, found, pointer, tell)
    return found


def product_groups(tree: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give the product ids of each group."""
    return {
        shape.text(group, "group_id"): shape.texts(group, "product_ids")
        for group in shape.mappings(tree, "product_groups")
    }


def _numbered(holder: Mapping[str, Any], key: str) -> list[tuple[int, Mapping[str, Any]]]:
    listed = holder.get(key)
    return [(at, one) for at, one in enumerate(listed if isinstance(listed, list) else ()) if isinstance(one, dict)]


def _put(
    found: dict[str, TreeProduct], leaf: Mapping[str, Any], product: TreeProduct, pointer: str, tell: Teller
) -> None:
    own = shape.text(leaf, "product_id")
    if not own:
        tell(pointer, "sản phẩm không có product_id", "a product without product_id")
    elif own not in found:
        found[own] = product
    elif found[own].full != product.full:
        tell(pointer, f"product_id {own[:80]} đặt cho hai sản phẩm", "one product_id for two products")
        found[own] = replace(found[own], ambiguous=True)


def _of_branch(path: tuple[tuple[str, str], ...], leaf: Mapping[str, Any]) -> TreeProduct:
    """Put together what the branches down to a product say of it."""
    by_kind: dict[str, list[str]] = {}
    for kind, name in path:
        by_kind.setdefault(kind, []).append(squeeze(name))
    helper = shape.mapping(leaf, "product_identification_helper")
    purls = [text for text in (shape.text(helper, "purl"), *shape.texts(helper, "purls")) if text]
    cpe = formatted(shape.text(helper, "cpe"))
    name = next((by_kind[kind][-1] for kind in (*_PRODUCT_NAMES, "product_family") if kind in by_kind), "")
    processors = tuple(dict.fromkeys(one for one in by_kind.get("architecture", []) if one not in _NO_PROCESSOR))
    product = TreeProduct(
        vendor=by_kind.get("vendor", [""])[-1],
        product=name,
        full=squeeze(shape.text(leaf, "name")),
        versions=_versions(by_kind),
        is_range="product_version_range" in by_kind,
        cpes=(cpe,) if cpe else (),
        purls=tuple(dict.fromkeys(bare for text in purls if (bare := bare_purl(text)))),
        processors=processors,
        modules=tuple(one for kind in _LIMITS for one in by_kind.get(kind, ())),
    )
    purl = parse_purl(purls[0]) if purls else None
    if purl:
        product = replace(product, scheme=PURL_SCHEMES.get(purl.kind, ""))
    return product if name else _unnamed(product, purl)


def _versions(by_kind: Mapping[str, list[str]]) -> str:
    """Join version, service pack and patch level; one that repeats the version, as "12.2(55)SE3" does, replaces it."""
    words = by_kind.get("product_version_range", by_kind.get("product_version", [""]))[-1]
    for kind, called in (("service_pack", "SP"), ("patch_level", "Patch ")):
        for name in by_kind.get(kind, ())[-1:]:
            numbers = re.match(r"\d+(?:\.\d+)+", words)
            if not words or (numbers and name.startswith(numbers[0])):
                words = name
            else:
                words = f"{words} {called if name[:1].isdigit() else ''}{name}"
    return words


def _unnamed(product: TreeProduct, purl: Purl | None) -> TreeProduct:
    """Name a product that no branch names: by its package URL, its package's file name, its image, or its full name."""
    words = product.versions or product.full
    if len(words) > _MOST_CHARACTERS:
        return replace(product, product=product.full)
    stream = _STREAM_AT_END.search(words) or _STREAM_BEFORE.search(words)
    if stream:
        product = replace(product, modules=(*product.modules, stream[1]))
        words = _STREAM_BEFORE.sub("", _STREAM_AT_END.sub("", words))
    bare = _ARCH_AT_END.sub("", words)
    package = _NEVRA.fullmatch(bare)
    if purl and purl.kind in PURL_SCHEMES:
        named = purl.name if purl.kind in ("rpm", "deb", "apk") else product.full or purl.name
        version = purl_version(purl)
        if package and package["name"] == purl.name and package["epoch"] and ":" not in version:
            version = f"{package['epoch']}:{package['version']}"
        return replace(product, product=named, versions=version, exact=bool(version))
    if package and (bare != words or package["epoch"]):
        version = f"{package['epoch']}:{package['version']}" if package["epoch"] else package["version"]
        own = tuple(cpe for cpe in product.cpes if cpe.split(":")[4] == package["name"])
        # The CPE of what the package is delivered with, and not of the package itself.
        foreign = tuple(cpe for cpe in product.cpes if cpe not in own)
        product = replace(product, product=package["name"], versions=version, exact=True, scheme="rpm")
        return replace(product, cpes=own, requires=foreign)
    image = _IMAGE.fullmatch(words)
    if image:
        return replace(product, product=image[1], versions=image[2], exact=True)
    if is_version(words):
        at_end = product.full.endswith(f" {words}")
        return replace(product, product=product.full[: -len(words)].rstrip() if at_end else product.full)
    if product.versions:
        return replace(product, product=bare, versions="")
    return _by_cpe(product)


def _by_cpe(product: TreeProduct) -> TreeProduct:
    """Take the version out of a full name that ends in the very version of its CPE."""
    fields = product.cpes[0].split(":") if product.cpes else []
    version = re.sub(r"\\(.)", r"\1", fields[5]) if len(fields) > 5 else "*"
    if version in ("*", "-"):
        return replace(product, product=product.full)
    at_end = product.full.endswith(f" {version}")
    return replace(
        product,
        product=product.full[: -len(version)].rstrip() if at_end else product.full,
        versions=version,
        exact=True,
    )


def _relate(tree: Mapping[str, Any], found: dict[str, TreeProduct], pointer: str, tell: Teller) -> None:
    """Add the products that are made of two others; one may be made of another such, so they come in that order."""
    missing: dict[str, list[int]] = {}
    relations = dict(_numbered(tree, "relationships"))
    ready = list(reversed(relations))
    done: set[int] = set()
    while ready:
        at = ready.pop()
        relation = relations[at]
        part, whole = (shape.text(relation, key) for key in ("product_reference", "relates_to_product_reference"))
        lacking = next((one for one in (part, whole) if one not in found), None)
        if lacking is not None:
            missing.setdefault(lacking, []).append(at)
            continue
        done.add(at)
        leaf = shape.mapping(relation, "full_product_name")
        place = f"{pointer}/relationships/{at}"
        own = shape.text(leaf, "product_id")
        _put(found, leaf, _joined(found[part], found[whole], leaf), f"{place}/full_product_name", tell)
        ready += missing.pop(own, [])
    for at in sorted(relations.keys() - done):
        place = f"{pointer}/relationships/{at}"
        tell(
            place, "quan hệ giữa những product_id không có, hoặc vòng tròn", "relates unknown products, or in a circle"
        )


def _joined(part: TreeProduct, whole: TreeProduct, leaf: Mapping[str, Any]) -> TreeProduct:
    """Say of a part that it is a part of, or installed on, something else."""
    helper = shape.mapping(leaf, "product_identification_helper")
    cpe, purl = formatted(shape.text(helper, "cpe")), bare_purl(shape.text(helper, "purl"))
    if cpe in whole.cpes:  # of what the part is delivered with, and not of the part
        cpe = ""
    return replace(
        part,
        full=squeeze(shape.text(leaf, "name")) or part.full,
        cpes=_with(part.cpes, cpe),
        purls=_with(part.purls, purl),
        systems=_with(part.systems, whole.full or whole.product),
        modules=_with(part.modules, *whole.modules),
        requires=whole.cpes or whole.requires or part.requires,
        ambiguous=part.ambiguous or whole.ambiguous,
    )


def _with(before: tuple[str, ...], *more: str) -> tuple[str, ...]:
    """Add what is new; of a chain of relationships without end, the first links are enough."""
    return tuple(dict.fromkeys(one for one in (*before, *more) if one))[:_MOST_LINKS]
