"""All indicators of a hunt as the arrays that the compiled loops look into, made in a second and kept on disk."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from haidang.engine.compiled import compiled
from haidang.engine.hunting import kernel
from haidang.engine.hunting.alphabet import LOWER

Array = Any  # of numpy

FORMAT: Final = 2  # of what is kept on disk
_NAME: Final = r"^[0-9A-Za-z_](?:[0-9A-Za-z_\-]|\.[0-9A-Za-z_\-])*\.[0-9A-Za-z_\-]*[0-9A-Za-z_]$"
_QUAD: Final = r"^\d{1,3}(?:\.\d{1,3}){3}$"
_URL: Final = r"^[a-z][a-z0-9+.\-]*://(?:[^/@]*@)?(\[[^\]]*\]|[^/:\[\]]*)(?::(\d*))?(/.*)?$"
_KINDS: Final = {"domain": kernel.DOMAIN, "host": kernel.EXACT, "file_name": kernel.EXACT, "email": kernel.EMAIL}
_HASHES: Final = {"md5": 32, "sha1": 40, "sha256": 64}
_OF_NETWORKS: Final = sum(
    1 << kind for kind in (kernel.ADDRESS, kernel.NETWORK, kernel.ADDRESS6, kernel.NETWORK6, kernel.HOST_OF_URL)
)
_ARRAYS: Final = ("starts", "rows", "packed")
WORD: Final = re.compile(rb"[0-9a-z_\-\x80-\xff]+")
_AFTER_BACKSLASH: Final = re.compile(rb"\\([0-9a-z_\-\x80-\xff]+)")


@dataclass(frozen=True)
class Index:
    """What to look for.

    Attributes:
        values: type and value, each pair once, in the order of their numbers.
        starts: rows of the list of indicators that say value n are `rows[starts[n]:starts[n + 1]]`.
        rows: see `starts`.
        packed: uint64, as the kernel reads it: a head, the table of entries, a map of bits that most keys of a log
            don't pass, a map of IPv4 areas, the lengths of networks.
    """

    values: pl.DataFrame
    starts: Array
    rows: Array
    packed: Array

    def rows_of(self, value: int) -> list[int]:
        """Give the rows of the list of indicators that say a value."""
        return [int(row) for row in self.rows[self.starts[value] : self.starts[value + 1]]]

    def value(self, number: int) -> tuple[str, str]:
        """Give the type and the value of a number."""
        return self.values["type"][number], self.values["value"][number]

    def networks(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[int]:
        """Find an address and the networks that it lies in: numbers of values, the wider ones first."""
        number, found = int(address), []
        at, count = (
            (kernel.LENGTHS_AT, kernel.LENGTHS) if address.version == 4 else (kernel.LENGTHS6_AT, kernel.LENGTHS6)
        )
        first = int(self.packed[at])
        for length in self.packed[first : first + int(self.packed[count])].tolist():
            base = number >> (address.max_prefixlen - length) << (address.max_prefixlen - length)
            if address.version == 4:
                key = kernel.key_of_network(base, length)
            else:
                key = kernel.key_of_network6(np.uint64(base >> 64), np.uint64(base & (2**64 - 1)), length)
            found += self._find(key, _OF_NETWORKS)
        return found

    def names(self, name: str, *kinds: int) -> list[int]:
        """Find a name (in lower case) as entries of some kinds."""
        return self._find(_key_of_name(name.encode()), sum(1 << kind for kind in kinds))

    def urls(self, url: bytes) -> list[int]:
        """Find a URL without its scheme and default port."""
        return self._find(_key_of_text(url), 1 << kernel.URL)

    def words(self, word: bytes) -> list[int]:
        """Find the literals that are looked for by a word."""
        return self._find(_key_of_text(word), 1 << kernel.LITERAL)

    def hashes(self, digits: str) -> list[int]:
        """Find the hash of a file."""
        return self._find(kernel.key_of_hash(np.uint64(int(digits[:16], 16)), len(digits)), 1 << kernel.HASH)

    def _find(self, key: int, kinds: int) -> list[int]:
        found = np.zeros(16, np.int64)
        while (count := kernel.find_entries(self.packed, np.uint64(key), kinds, found)) > found.size:
            found = np.zeros(count, np.int64)
        return [int(number) for number in found[:count]]


def make_index(indicators: pl.DataFrame) -> Index:
    """Build the index of a list of indicators.

    Args:
        indicators: type and value (in their one spelling), a row each.
    """
    values, starts, rows = _numbered(indicators.select("type", "value"))
    entries = _Entries()
    _add_networks(values, entries)
    _add_networks6(values, entries)
    _add_hashes(values, entries)
    told = _add_urls(values, entries)
    _add_names(values, entries)
    literals = _literals(values, told)
    _add_literals(literals, entries)
    has_other_letters = (
        values.filter(pl.col("type").is_in(list(_KINDS)))["value"].str.contains("xn--", literal=True).any()
    )
    flags = kernel.OTHER_LETTERS if has_other_letters else 0
    if literals.height:
        flags |= kernel.AFTER_BACKSLASH if (literals["type"] == "registry_key").all() else kernel.ANY_WORD
    return Index(
        values.drop("at"),
        starts,
        rows,
        entries.packed(flags),
    )


def _numbered(told: pl.DataFrame) -> tuple[pl.DataFrame, Array, Array]:
    """Number the values, each once: values with `at`, and `starts` and `rows` of `Index`."""
    if not told.is_duplicated().any():
        every = np.arange(told.height + 1, dtype=np.int64)
        return told.with_row_index("at"), every, every[:-1]
    grouped = told.with_row_index("row").group_by("type", "value", maintain_order=True).agg("row")
    counts = grouped["row"].list.len().to_numpy().astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return (
        grouped.select("type", "value").with_row_index("at"),
        starts,
        grouped["row"].explode().to_numpy().astype(np.int64),
    )


def save_index(index: Index, folder: Path) -> None:
    """Keep an index in a folder that is empty."""
    index.values.write_ipc(folder / "values.arrow")
    for name in _ARRAYS:
        np.save(folder / f"{name}.npy", getattr(index, name))


def load_index(folder: Path) -> Index:
    """Open an index that was kept."""
    values = pl.scan_ipc(folder / "values.arrow").collect()
    return Index(values, *(np.load(folder / f"{name}.npy") for name in _ARRAYS))


class _Entries:
    """Entries on their way into the table, and the maps of bits that let them pass."""

    def __init__(self) -> None:
        self.parts: list[tuple[Array, Array, int]] = []  # numbers of values, keys, kind
        self.near: list[Array] = []
        self.nets = np.zeros(kernel.NETS, np.uint64)
        self.lengths: set[int] = set()
        self.lengths6: set[int] = set()

    def add(self, values: pl.DataFrame, keys: Array, kind: int, near: Array | None = None) -> None:
        """Add a kind of entries; `near` are the keys that let them pass the map of bits."""
        self.parts.append((_numbers(values), keys.astype(np.uint64), kind))
        if near is not None:
            self.near.append(near.astype(np.uint64))

    def add_quads(self, values: pl.DataFrame, quads: pl.Series, length: Array, kind: int) -> None:
        """Add IPv4 addresses or networks."""
        bases = _quad_numbers(quads)
        self.add(values, _keys_of_networks(bases, length), kind)
        _mark_areas(self.nets, bases, length)
        self.lengths |= {int(one) for one in np.unique(length)}

    def packed(self, flags: int) -> Array:
        """Give `packed` of `Index`."""
        count = sum(keys.size for _, keys, _ in self.parts)
        slots, near = _size(count * 2), _size(count * 20, 1 << 16)
        lengths, lengths6 = (np.array(sorted(one), np.uint64) for one in (self.lengths, self.lengths6))
        sizes = [kernel.HEAD, 2 * slots, near // 64, kernel.NETS, lengths.size, lengths6.size]
        starts = [int(one) for one in np.cumsum(sizes)]
        packed = np.zeros(starts[-1], np.uint64)
        packed[: kernel.FLAGS + 1] = [
            starts[0], slots - 1, starts[1], near - 1, starts[2], starts[3], lengths.size, starts[4],
            lengths6.size, flags,
        ]  # fmt: skip
        packed[starts[2] : starts[3]] = self.nets
        packed[starts[3] : starts[4]] = lengths
        packed[starts[4] :] = lengths6
        for numbers, keys, kind in self.parts:
            _insert_all(packed, keys, numbers, kind)
        for keys in self.near:
            _mark_all(packed, keys)
        return packed


def _size(least: int, floor: int = 64) -> int:
    """Give the next power of two."""
    return max(floor, 1 << max(least - 1, 1).bit_length())


def _numbers(values: pl.DataFrame) -> Array:
    return values["at"].to_numpy().astype(np.int64)


def _add_networks(values: pl.DataFrame, entries: _Entries) -> None:
    told = values.filter(pl.col("type").is_in(["ipv4", "cidr"]) & ~pl.col("value").str.contains(":", literal=True))
    told = told.with_columns(length=pl.col("value").str.extract(r"/(\d+)$").cast(pl.Int64).fill_null(32))
    for single, kind in ((True, kernel.ADDRESS), (False, kernel.NETWORK)):
        part = told.filter((pl.col("type") == "ipv4") == single)
        quads = part["value"].str.split("/").list.first()
        entries.add_quads(part, quads, part["length"].to_numpy().astype(np.int64), kind)


def _quad_numbers(quads: pl.Series) -> Array:
    """Give IPv4 addresses as numbers."""
    parts = quads.str.split_exact(".", 3).struct.unnest()
    number = np.zeros(quads.len(), np.int64)
    for name in parts.columns:
        number = (number << 8) | parts[name].cast(pl.Int64).to_numpy().astype(np.int64)
    return number


def _add_networks6(values: pl.DataFrame, entries: _Entries) -> None:
    told = values.filter(pl.col("type").is_in(["ipv6", "cidr"]) & pl.col("value").str.contains(":", literal=True))
    for single, kind in ((True, kernel.ADDRESS6), (False, kernel.NETWORK6)):
        part = told.filter((pl.col("type") == "ipv6") == single)
        _add_networks_of(part, part["value"].to_list(), kind, entries)


def _add_networks_of(part: pl.DataFrame, texts: list[str], kind: int, entries: _Entries) -> None:
    networks = [ipaddress.IPv6Network(text) for text in texts]
    bases = [int(network.network_address) for network in networks]
    lengths = np.array([network.prefixlen for network in networks], np.int64)
    high = np.array([base >> 64 for base in bases], np.uint64)
    low = np.array([base & (2**64 - 1) for base in bases], np.uint64)
    keys = _keys_of_networks6(high, low, lengths)
    entries.add(part, keys, kind, keys)
    entries.lengths6 |= {int(one) for one in np.unique(lengths)}


def _add_hashes(values: pl.DataFrame, entries: _Entries) -> None:
    for name, length in _HASHES.items():
        part = values.filter(pl.col("type") == name)
        halves = [part["value"].str.slice(start, 8).str.to_integer(base=16, dtype=pl.UInt64) for start in (0, 8)]
        first = (halves[0].to_numpy() << np.uint64(32)) | halves[1].to_numpy()
        keys = _keys_of_hashes(first.astype(np.uint64), length)
        entries.add(part, keys, kernel.HASH, keys)


def _add_names(values: pl.DataFrame, entries: _Entries) -> None:
    for name, kind in _KINDS.items():
        part = values.filter(pl.col("type") == name)
        if name != "email":
            part = part.filter(pl.col("value").str.contains(_NAME))
        entries.add(part, *_with_near(part["value"], kind))


def _with_near(names: pl.Series, kind: int) -> tuple[Array, int, Array]:
    """Give the keys of names and the keys of their last two labels, in the order in which `add` takes them."""
    data, ends = _joined(names)
    whole, near = np.zeros(names.len(), np.uint64), np.zeros(names.len(), np.uint64)
    _hash_names(data, ends, whole, near)
    return whole, kind, near


def _add_urls(values: pl.DataFrame, entries: _Entries) -> pl.DataFrame:
    """Add URLs by their host and by the whole; give those that were added."""
    urls = (
        values.filter(pl.col("type") == "url")
        .with_columns(
            host=pl.col("value").str.extract(_URL, 1),
            port=pl.col("value").str.extract(_URL, 2),
            path=pl.col("value").str.extract(_URL, 3),
        )
        .with_columns(pl.col("port").fill_null(""), pl.col("path").fill_null("/"))
    )
    is_default = pl.col("port").is_in(["", "80", "443"])
    urls = urls.with_columns(
        whole=pl.concat_str("host", pl.when(is_default).then(pl.lit("")).otherwise(":" + pl.col("port")), "path"),
        is_host=(pl.col("path") == "/") & is_default,
    )
    quads = urls.filter(pl.col("host").str.contains(_QUAD))
    names = urls.filter(pl.col("host").str.contains(_NAME) & ~pl.col("host").str.contains(_QUAD))
    sixes = urls.filter(pl.col("host").str.starts_with("["))
    for is_host, kind in ((True, None), (False, kernel.HOST_OF_URL)):
        part = quads.filter(pl.col("is_host") == is_host)
        entries.add_quads(
            part, part["host"], np.full(part.height, 32, np.int64), kernel.ADDRESS if kind is None else kind
        )
        part = names.filter(pl.col("is_host") == is_host)
        entries.add(part, *_with_near(part["host"], kernel.EXACT if kind is None else kind))
    _add_networks_of(sixes, sixes["host"].str.strip_chars("[]").to_list(), kernel.HOST_OF_URL, entries)
    told = pl.concat([quads, names, sixes])
    longer = told.filter(~pl.col("is_host"))
    entries.add(longer, _keys_of_texts(longer["whole"]), kernel.URL)
    return told


def _literals(values: pl.DataFrame, urls: pl.DataFrame) -> pl.DataFrame:
    """Give the values that the loops for names and addresses don't find."""
    is_name = pl.col("type").is_in(["domain", "host", "file_name"])
    left = pl.col("type").is_in(["registry_key"]) | (is_name & ~pl.col("value").str.contains(_NAME))
    others = values.filter(pl.col("type") == "url").join(urls, on="at", how="anti")
    return pl.concat([values.filter(left), others])


def _add_literals(literals: pl.DataFrame, entries: _Entries) -> None:
    """Add them by one of their words: the longest; of a registry key, the last that follows a backslash."""
    words = [anchor(*row) for row in literals.select("type", "value").iter_rows()]
    keys = _keys_of_texts(pl.Series(words, dtype=pl.String))
    entries.add(literals, keys, kernel.LITERAL, keys)


def anchor(type_: str, value: str) -> str:
    """Give the word by which a value is found that has to be looked for as it is written."""
    words = WORD.findall(value.lower().encode())
    if type_ == "registry_key":
        words = _AFTER_BACKSLASH.findall(value.lower().encode())[-1:]
    return max(words, key=len, default=b"").decode("utf-8", "replace")


def _keys_of_texts(texts: pl.Series) -> Array:
    data, ends = _joined(texts)
    keys = np.zeros(texts.len(), np.uint64)
    _hash_texts(data, ends, keys)
    return keys


def _joined(texts: pl.Series) -> tuple[Array, Array]:
    """Give the bytes of texts one behind the other, and where each ends."""
    data = np.frombuffer("".join(texts.to_list()).encode() + b"\n", np.uint8)
    return data, texts.str.len_bytes().cum_sum().to_numpy().astype(np.int64)


def _key_of_name(name: bytes) -> Any:  # noqa: ANN401 - uint64 of numpy
    key = np.zeros(1, np.uint64)
    _hash_names(np.frombuffer(name + b"\n", np.uint8), np.array([len(name)]), key, np.zeros(1, np.uint64))
    return key[0]


def _key_of_text(text: bytes) -> Any:  # noqa: ANN401 - uint64 of numpy
    key = np.zeros(1, np.uint64)
    _hash_texts(np.frombuffer(text + b"\n", np.uint8), np.array([len(text)]), key)
    return key[0]


@compiled
def _insert_all(index: Array, keys: Array, numbers: Array, kind: int) -> None:
    for at in range(keys.size):
        kernel.insert(index, keys[at], numbers[at], kind)


@compiled
def _mark_all(index: Array, keys: Array) -> None:
    for at in range(keys.size):
        kernel.mark_near(index, keys[at])


@compiled
def _mark_areas(nets: Array, bases: Array, lengths: Array) -> None:
    """Mark the areas that networks touch: by 16 bits, and behind those by 24."""
    one = np.uint64(1)
    for at in range(bases.size):
        last = bases[at] + (1 << (32 - lengths[at])) - 1
        for area in range(bases[at] >> 16, (last >> 16) + 1):
            nets[area >> 6] |= one << np.uint64(area & 63)
        for area in range(bases[at] >> 8, (last >> 8) + 1):
            nets[1024 + (area >> 6)] |= one << np.uint64(area & 63)


@compiled
def _keys_of_networks(bases: Array, lengths: Array) -> Array:
    keys = np.zeros(bases.size, np.uint64)
    for at in range(bases.size):
        keys[at] = kernel.key_of_network(bases[at], lengths[at])
    return keys


@compiled
def _keys_of_networks6(high: Array, low: Array, lengths: Array) -> Array:
    keys = np.zeros(high.size, np.uint64)
    for at in range(high.size):
        keys[at] = kernel.key_of_network6(high[at], low[at], lengths[at])
    return keys


@compiled
def _keys_of_hashes(first: Array, length: int) -> Array:
    keys = np.zeros(first.size, np.uint64)
    for at in range(first.size):
        keys[at] = kernel.key_of_hash(first[at], length)
    return keys


@compiled
def _hash_names(data: Array, ends: Array, whole: Array, near: Array) -> None:
    """Hash names from their ends, as the kernel meets them; of a mailbox, the name behind the @ lets it pass."""
    begin = 0
    for at in range(ends.size):
        key, dots = kernel.SEED, 0
        place = ends[at]
        while place > begin:
            place -= 1
            byte = data[place]
            if (byte == 46 or byte == 64) and dots < 2:
                dots += 1 if byte == 46 else 2
                if dots >= 2:
                    near[at] = key
            key = kernel.go_on(key, LOWER[byte])
        if dots < 2:
            near[at] = key
        whole[at] = key
        begin = ends[at]


@compiled
def _hash_texts(data: Array, ends: Array, keys: Array) -> None:
    begin = 0
    for at in range(ends.size):
        key = kernel.SEED
        for place in range(begin, ends[at]):
            key = kernel.go_on(key, data[place])
        keys[at] = key
        begin = ends[at]
