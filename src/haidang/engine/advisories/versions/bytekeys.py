"""Bytes that sort as versions do: what every scheme builds its keys from.

A key compares byte by byte, so whole columns of versions are compared without parsing them again. No key is the
beginning of another, so that a key with one more byte lies between a version and whatever comes next.
"""

from __future__ import annotations

from typing import NamedTuple

MOST_CHARACTERS = 200

# In this order wherever a version goes on or ends: 1.0-rc1 < 1.0 < 1.0 patch 1 < 1.0.1.
PRE = b"\x10"
END = b"\x20"
POST = b"\x30"
NUMBER = b"\x40"
TEXT = b"\x50"
LAST = b"\xff"


class Interval(NamedTuple):
    """All the versions that a text may stand for: from `low`, which belongs to it, to `high`, which does not."""

    low: bytes
    high: bytes


# All versions there are.
EVERYTHING = Interval(b"", LAST * 2)


def number(digits: str | int) -> bytes:
    """Write a whole number, of however many digits, so that it sorts by value."""
    value = int(digits)
    body = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return NUMBER + bytes([len(body)]) + body


def word(tag: bytes, text: str) -> bytes:
    """Write a word in ASCII after a tag that says where words stand."""
    return tag + text.encode("ascii", "replace") + b"\x00"


def exactly(key: bytes) -> Interval:
    """Give the interval that holds one version only."""
    return Interval(key, key + b"\x00")


def beginning(prefix: bytes) -> Interval:
    """Give the interval of every version that begins so; `prefix` lacks its end."""
    return Interval(prefix, prefix + LAST)
