"""Advisories made ready for matching: versions as sortable bytes, in columns that are kept as files."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from haidang.engine.advisories.ladder import Ladder, Rung

FORMAT = "haidang-advisories/3"
LADDER = "ladder"  # the scheme of rungs: versions are positions on a product's ladder of cumulative updates
STATUSES = ("unaffected", "unknown", "affected")
ARCHES = ("x86", "x64", "arm64", "arm", "ia64")
SYSTEMS = ("windows", "linux", "macos", "android", "ios")

# Bits of a statement's `traits`.
MOVES = 1  # the version shown by machines moves with updates
WHOLE_LIST = 2  # its list of single versions names all that are affected
OF_A_MODULE = 4  # it concerns a part that may not be in use
HAS_UPDATE = 8  # an update exists
HAS_WORKAROUND = 16  # a work-around is known
MENTION = 32  # only its description names the product
NO_BUILD = 64  # an update is named, but not the build that it brings
ALL_UPDATES = 128  # several updates are named, and all of them are needed
UNSUPPORTED = 256  # its maker no longer says whether the product has the flaw
LEFT_STANDING = 512  # its default “affected” is believed only below its ranges of affected versions

FRAMES = ("flaws", "statements", "names", "spans", "proofs", "rungs", "documents", "unread")

SCHEMAS: Mapping[str, Mapping[str, pl.DataType]] = {
    "flaws": {
        "flaw": pl.String(), "title": pl.String(), "published": pl.String(), "cvss": pl.Float64(),
        "cvss_version": pl.String(),
        "cvss_vector": pl.String(), "cvss_giver": pl.String(), "exploited": pl.Boolean(), "exploitation": pl.String(),
        "automatable": pl.String(), "impact": pl.String(), "kev_added": pl.String(), "kev_due": pl.String(),
        "ransomware": pl.Boolean(), "epss": pl.Float64(), "epss_percentile": pl.Float64(), "epss_day": pl.String(),
        "withdrawn": pl.Boolean(),
    },
    "statements": {
        "sid": pl.UInt32(), "flaw": pl.UInt32(), "rank": pl.UInt8(), "scheme": pl.String(), "default": pl.UInt8(),
        "arches": pl.UInt8(), "systems": pl.UInt8(), "traits": pl.UInt16(), "parts": pl.UInt32(), "vendor": pl.String(),
        "product": pl.String(),
        "modules": pl.String(), "publisher": pl.String(), "fix": pl.String(), "file": pl.String(), "place": pl.String(),
    },
    "names": {"key": pl.String(), "rank": pl.UInt8(), "sid": pl.UInt32(), "how": pl.String()},
    "spans": {
        "sid": pl.UInt32(), "status": pl.UInt8(), "low": pl.Binary(), "high": pl.Binary(), "first_fixed": pl.Boolean(),
        "prose": pl.Boolean(), "after": pl.Boolean(), "upto": pl.Boolean(), "text": pl.String(), "fixed": pl.String(),
    },
    "proofs": {"sid": pl.UInt32(), "kb": pl.String(), "group": pl.UInt8()},
    "rungs": {"key": pl.String(), "position": pl.UInt32(), "kb": pl.String(), "update": pl.Int64()},
    "documents": {"document": pl.String(), "flaw": pl.String(), "publisher": pl.String(), "revision": pl.String()},
    "unread": {"file": pl.String(), "line": pl.Int64(), "why": pl.String()},
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Store:
    """Compiled advisories.

    Attributes:
        flaws: one row a flaw: title, scores, exploitation, KEV, EPSS. A statement names its flaw by the row's number.
        statements: one row a statement, `sid` being the row's number: rank of its publisher, scheme, limits, source;
            `parts` are bits of the modules that it concerns, as `Products.modules` orders them.
        names: key → statements about that product, with the way in which the statement names it.
        spans: the versions of each statement, `low` counted in, `high` left out, as bytes that sort; `after` where it
            begins right after a version, `upto` where it ends right after one that may be written short.
        proofs: updates that prove that a statement's flaw is mended; those of one group stand for one that it names.
        rungs: the ladders of cumulative updates, product by product.
        documents: which document speaks of which flaw, its publisher, and the revision that counts.
        unread: what could not be read in the advisories.
        notes: facts about the whole: number of files, documents, withdrawn ones.
    """

    flaws: pl.DataFrame
    statements: pl.DataFrame
    names: pl.DataFrame
    spans: pl.DataFrame
    proofs: pl.DataFrame
    rungs: pl.DataFrame
    documents: pl.DataFrame
    unread: pl.DataFrame
    notes: Mapping[str, str] = field(default_factory=dict)

    def ladders(self) -> dict[str, Ladder]:
        """Give the ladders by product."""
        return {
            str(key[0]): Ladder(tuple(Rung(kb, update) for kb, update in rows.select("kb", "update").iter_rows()))
            for key, rows in self.rungs.partition_by("key", as_dict=True, maintain_order=True).items()
        }


def dump(store: Store) -> dict[str, bytes]:
    """Write a store as files: name → bytes."""
    files = {}
    for name in FRAMES:
        out = io.BytesIO()
        getattr(store, name).write_parquet(out, compression="zstd")
        files[f"{name}.parquet"] = out.getvalue()
    notes = pl.DataFrame(
        {"name": list(store.notes), "value": list(store.notes.values())},
        schema=dict.fromkeys(("name", "value"), pl.String),
    )
    out = io.BytesIO()
    notes.write_parquet(out)
    return files | {"notes.parquet": out.getvalue()}


def load(files: Mapping[str, bytes]) -> Store:
    """Read what `dump` wrote."""
    frames = {name: pl.read_parquet(io.BytesIO(files[f"{name}.parquet"])) for name in FRAMES}
    notes = pl.read_parquet(io.BytesIO(files["notes.parquet"]))
    return Store(**frames, notes=dict(notes.iter_rows()))
