"""Addresses as lists write them, a column at a time into numbers: defanged, padded, with ports, ranges, networks."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

import polars as pl

ADDRESSES: dict[str, pl.DataType] = {
    "version": pl.UInt8(),
    "first_hi": pl.UInt64(),
    "first_lo": pl.UInt64(),
    "last_hi": pl.UInt64(),
    "last_lo": pl.UInt64(),
    "port_beside": pl.UInt16(),
    "why": pl.String(),
}
# What is nobody's on the Internet: RFC 6890 and what came after it.
RESERVED = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    "::/8", "100::/64", "2001:db8::/32", "3fff::/20", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip
# A row that names more than this many bits of addresses points at nobody.
WIDEST = {4: 24, 6: 112}
_LOW = (1 << 64) - 1
_LONGEST = 200
_DOT = re.compile(r"[\[({<]\s*(?:\.|dot)\s*[\])}>]|\\\.|[．。]", re.IGNORECASE)
_COLON = re.compile(r"[\[({]\s*:\s*[\])}]")
_URL = re.compile(
    r"(?:h[tx]{2}ps?|ftp|tcp|udp)\s*:?//\s*(?:[^/@\s]*@)?(\[[^\]]+\](?::\d+)?|[^/?#\s]+).*", re.IGNORECASE
)
_V4 = r"\d{1,10}(?:\.\d{1,10}){3}"
_V4_AND_MORE = re.compile(rf"({_V4})(?:\s*(:|/|-|–|\.\.|đến|den|to)\s*([\d.]+))?(?:\s*:\s*(\d+))?", re.ASCII)
_V6_AND_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)(?:%[\w.]+)?\](?::(\d{1,5}))?", re.ASCII)
_MASKED = re.compile(r"(?:\d{1,3}|[x*]+)(?:\.(?:\d{1,3}|[x*]+)){3}", re.IGNORECASE)
_NOT_ONE = "không phải địa chỉ / not an address"
_NO_RANGE = "dải địa chỉ không đọc được / a range that can't be read"


@dataclass(frozen=True, slots=True)
class AddressSpan:
    """An address, or a stretch of them.

    Attributes:
        version: 4 or 6; an IPv4 address wrapped in IPv6 is the IPv4 address that it is.
        first: its first address, as a number.
        last: its last one; the same for a single address.
        port: written beside it; None where none is.
    """

    version: int
    first: int
    last: int
    port: int | None = None


def read_address(written: str) -> AddressSpan | str:
    """Read one address, range or network as it may be written; where that is not possible, say why."""
    text = written.strip().strip("\"'`“”,;").strip()
    if not text:
        return "ô địa chỉ trống / no address"
    if len(text) > _LONGEST:
        return _NOT_ONE
    text = _COLON.sub(":", _DOT.sub(".", text))
    url = _URL.fullmatch(text)
    text = url[1] if url else text
    if text.count(":") > 1 or text.startswith("["):
        return _read_v6(text)
    found = _V4_AND_MORE.fullmatch(text)
    if found:
        return _read_v4(found)
    if _MASKED.fullmatch(text):
        return "địa chỉ bị che một phần; xin danh sách đầy đủ / part of the address is masked; ask for the whole list"
    return _NOT_ONE


def format_address(version: int, number: int) -> str:
    """Write an address in its one spelling."""
    return str(ipaddress.IPv4Address(number) if version == 4 else ipaddress.IPv6Address(number))


def format_span(version: int, first: int, last: int) -> str:
    """Write a single address, a network where the stretch is one, or both ends."""
    if first == last:
        return format_address(version, first)
    size = last - first + 1
    bits = size.bit_length() - 1
    if size == 1 << bits and not first % size:
        return f"{format_address(version, first)}/{(32 if version == 4 else 128) - bits}"
    return f"{format_address(version, first)}-{format_address(version, last)}"


def _quad(text: str) -> int | None:
    """Read four decimal parts; zeros before them are padding, never octal."""
    if not re.fullmatch(_V4, text):
        return None
    parts = [int(part) for part in text.split(".")]
    if max(parts) > 255:
        return None
    return parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]


def _read_v4(found: re.Match[str]) -> AddressSpan | str:
    base, sign, more, after = found.groups()
    first = _quad(base)
    if first is None:
        return "một phần của địa chỉ lớn hơn 255 / a part of the address is above 255"
    port = _port(after or (more if sign == ":" else None))
    if isinstance(port, str):
        return port
    if sign is None or sign == ":":
        return AddressSpan(4, first, first, port) if not (sign and after) else _NOT_ONE
    if sign == "/":
        return _network(4, first, _prefix(more), port)
    last = first & ~0xFF | int(more) if more.isdigit() and int(more) < 256 else _quad(more)
    return _NO_RANGE if last is None or last < first else AddressSpan(4, first, last, port)


def _port(text: str | None) -> int | str | None:
    if text is None:
        return None
    if text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536:
        return int(text)
    return "cổng không nằm trong 1–65535 / no port from 1 to 65535"


def _prefix(text: str) -> int | None:
    """Read what stands after the slash: a length, or a mask of IPv4."""
    if text.isdigit() and len(text) <= 3:
        return int(text)
    mask = _quad(text)
    if mask is None:
        return None
    free = mask ^ 0xFFFFFFFF
    return 32 - free.bit_length() if free & (free + 1) == 0 else None


def _network(version: int, number: int, length: int | None, port: int | None) -> AddressSpan | str:
    whole = 32 if version == 4 else 128
    if length is None or length > whole:
        return "độ dài dải mạng không hợp lệ / no valid length of a network"
    free = whole - length
    first = number >> free << free
    return AddressSpan(version, first, first | ((1 << free) - 1), port)


def _read_v6(text: str) -> AddressSpan | str:
    bracketed = _V6_AND_PORT.fullmatch(text)
    port = _port(bracketed[2]) if bracketed else None
    if isinstance(port, str):
        return port
    base, slash, length = re.sub(r"%[\w.]+", "", bracketed[1] if bracketed else text).partition("/")
    ends = re.split(r"\s*[-–]\s*|\s+(?:đến|den|to)\s+", base)
    first, last = _number6(ends[0]), _number6(ends[-1])
    if len(ends) > 2 or first is None or last is None or (slash and len(ends) > 1):
        return _NOT_ONE
    if slash:
        # ASCII digits alone: int() reads others too.
        span = _network(6, first, int(length) if re.fullmatch(r"[0-9]{1,3}", length) else None, port)
        return span if isinstance(span, str) else _unwrapped(span)
    return _unwrapped(AddressSpan(6, first, last, port)) if first <= last else _NO_RANGE


def _number6(text: str) -> int | None:
    try:
        return int(ipaddress.IPv6Address(text.strip()))
    except ValueError:
        return None


def _unwrapped(span: AddressSpan) -> AddressSpan:
    """Give the IPv4 address that an IPv6 one (::ffff:1.2.3.4) only wraps."""
    if span.first >> 32 == span.last >> 32 == 0xFFFF:
        return AddressSpan(4, span.first & 0xFFFFFFFF, span.last & 0xFFFFFFFF, span.port)
    return span


def read_addresses(written: pl.Series) -> pl.DataFrame:
    """Read a column of addresses: `ADDRESSES`, a row each; what can't be read has no numbers and says why.

    Plain IPv4 addresses are read all at once; each distinct other text is read once.
    """
    cells = written.alias("written").to_frame()
    parts = cells.select(pl.col("written").str.split_exact(".", 3)).unnest("written").cast(pl.UInt8, strict=False)
    parts.columns = ["a", "b", "c", "d"]
    dotted = cells.select(
        (pl.col("written").str.count_matches(".", literal=True) == 3)
        & ~pl.col("written").str.contains("+", literal=True)
    ).to_series()
    known = (parts.select(pl.all_horizontal(pl.all().is_not_null())).to_series() & dotted).fill_null(value=False)
    number = pl.sum_horizontal(
        pl.col(part).cast(pl.UInt64) * (1 << shift) for part, shift in zip("abcd", (24, 16, 8, 0), strict=True)
    )
    fast = _plain(parts.select(number).to_series())
    if known.all():
        return fast
    rest = written.filter(~known).unique(maintain_order=True).to_list()
    read = pl.DataFrame([_row(text) for text in rest], schema={"written": pl.String(), **ADDRESSES}, orient="row")
    slow = cells.join(read, on="written", how="left", nulls_equal=True, maintain_order="left")
    return pl.DataFrame([fast[column].zip_with(known, slow[column]) for column in ADDRESSES])


def _plain(numbers: pl.Series) -> pl.DataFrame:
    zero = pl.lit(0, pl.UInt64())
    return pl.DataFrame({"n": numbers}).select(
        pl.lit(4, pl.UInt8()).alias("version"), zero.alias("first_hi"), pl.col("n").cast(pl.UInt64).alias("first_lo"),
        zero.alias("last_hi"), pl.col("n").cast(pl.UInt64).alias("last_lo"),
        pl.lit(None, pl.UInt16()).alias("port_beside"), pl.lit(None, pl.String()).alias("why"),
    )  # fmt: skip


def _row(text: str | None) -> tuple[object, ...]:
    read = read_address(text or "")
    if isinstance(read, str):
        return (text, None, None, None, None, None, None, read)
    if (read.last - read.first) >> WIDEST[read.version]:
        why = "dải quá rộng, không chỉ ra ai / too wide to point at anybody"
        return (text, None, None, None, None, None, None, why)
    ends = (read.first >> 64, read.first & _LOW, read.last >> 64, read.last & _LOW)
    return (text, read.version, *ends, read.port, None)
