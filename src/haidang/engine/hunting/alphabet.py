"""Which bytes make up names, addresses, hashes and URLs in a log: what the fast way and the plain way share.

A log is bytes in ASCII or what keeps ASCII as it is (UTF-8, Windows code pages). Bytes from 0x80 on count as letters.
"""

from __future__ import annotations

from typing import Final

import numpy as np

# Bits of CLASSES.
IN_NAME, IS_HEX, IS_DIGIT, IS_ALNUM, IN_URL, IN_MAILBOX, IS_HIGH, IN_IPV6 = (1 << bit for bit in range(8))

_DIGITS: Final = b"0123456789"
_LETTERS: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HIGH: Final = bytes(range(0x80, 0x100))
# A path goes on over these; any other byte ends it, or ends the part that an indicator names.
URL_GOES_ON: Final = _DIGITS + _LETTERS + _HIGH + b"_-%~+=@$!*"
MAILBOX: Final = _DIGITS + _LETTERS + b"._%+-"
NAME: Final = _DIGITS + _LETTERS + _HIGH + b"_-"  # of a label; labels are parted by single dots
# What no URL holds: it ends there at the latest.
URL_ENDS: Final = bytes(range(0x21)) + b"\x7f\"'<>`|^{}"


def _classes() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    classes = np.zeros(256, np.uint8)
    for bit, members in (
        (IN_NAME, NAME),
        (IS_HEX, _DIGITS + b"abcdefABCDEF"),
        (IS_DIGIT, _DIGITS),
        (IS_ALNUM, _DIGITS + _LETTERS),
        (IN_URL, URL_GOES_ON),
        (IN_MAILBOX, MAILBOX),
        (IS_HIGH, _HIGH),
        (IN_IPV6, _DIGITS + b"abcdefABCDEF:"),
    ):
        classes[np.frombuffer(members, np.uint8)] |= bit
    return classes


def _url_ends() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    ends = np.zeros(256, np.uint8)
    ends[np.frombuffer(URL_ENDS, np.uint8)] = 1
    return ends


# By byte: its classes, itself in lower case (ASCII only), and whether a URL ends before it.
CLASSES: Final = _classes()
LOWER: Final = np.frombuffer(bytes(range(256)).lower(), np.uint8).copy()
ENDS_URL: Final = _url_ends()
