"""Names of products as CPE writes them: the formatted string of 2.3 and the URI of 2.2."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

_PREFIX = "cpe:2.3:"
_PARTS = 11
_PART = re.compile(r"((?:\\.|[^\\:])*):", re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z0-9_.-]")
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Cpe:
    """A CPE name: part a, o or h; vendor, product, version and update unescaped; "*" any, "-" none."""

    part: str
    vendor: str
    product: str
    version: str
    update: str
    target_software: str
    target_hardware: str


@functools.lru_cache(maxsize=200_000)
def parse_cpe(name: str) -> Cpe | None:
    """Read a CPE name; None when it is none."""
    written = formatted(name)
    if not written:
        return None
    parts = [unescaped(part) for part in split_cpe(written)]
    parts += ["*"] * (_PARTS - len(parts))
    return Cpe(parts[0], parts[1], parts[2], parts[3], parts[4], parts[8], parts[9])


@functools.lru_cache(maxsize=200_000)
def formatted(name: str) -> str:
    """Give a name as 2.3 writes it, a URI of 2.2 rewritten; empty for what is neither.

    References:
        - NISTIR 7695, Common Platform Enumeration: Naming Specification 2.3
    """
    bare = name.strip()
    if len(bare) > _LONGEST:
        return ""
    if not bare.startswith(_PREFIX):
        bare = _from_uri(bare) if bare.lower().startswith("cpe:/") else ""
    parts = bare.removeprefix(_PREFIX).split(":", 2)
    return bare if len(parts) == 3 and parts[0] in ("a", "o", "h", "*") else ""


def split_cpe(written: str) -> tuple[str, ...]:
    """Take a name in the form of 2.3 apart: part, vendor, product, version …, still escaped."""
    bare = written.removeprefix(_PREFIX)
    return tuple(_PART.findall(f"{bare}:") if "\\" in bare else bare.split(":"))


def unescaped(part: str) -> str:
    """Take the escapes out of a part."""
    return re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) if "\\" in part else part


def _from_uri(uri: str) -> str:
    parts = uri[5:].split(":")
    if len(parts) < 3:
        return ""
    # "~edition~software edition~target software~target hardware~other" (NISTIR 7695, 6.1.2.4)
    packed = parts[5].split("~") if len(parts) > 5 and parts[5].startswith("~") else None
    bound = [_bind(part) for part in parts[:7]]
    bound += ["*"] * (7 - len(bound))
    extra = ["*"] * 4
    if packed:
        packed += [""] * (6 - len(packed))
        bound[5], extra = _bind(packed[1]), [_bind(part) for part in packed[2:6]]
    return _PREFIX + ":".join([*bound, *extra])


def _bind(part: str) -> str:
    """Write a part of a URI as 2.3 does: escapes instead of percent signs, * for what may be anything."""
    if part in ("", "-"):
        return part or "*"
    raw = re.sub(r"%([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), part)
    wild = raw.replace("\x01", "?").replace("\x02", "*")
    bound = "".join(sign if _PLAIN.match(sign) or (sign in "?*" and sign not in part) else f"\\{sign}" for sign in wild)
    return "\\-" if bound == "-" else bound
