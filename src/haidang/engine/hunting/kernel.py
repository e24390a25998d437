"""The compiled loops that look at every byte of a log and report what may be an indicator.

A block is scanned in chunks that fit the first cache. Eight bytes at a time are turned into masks of dots, hexadecimal
digits and colons; only there is anything looked at more closely: a dot may stand in an address or a name, sixteen
hexadecimal digits in a hash, a colon in an IPv6 address. What stands there is hashed and looked up: first in small maps
of bits, which nearly everything fails, then in one table of all indicators.

A block has EDGE bytes of line ends before its first byte and behind its last, so that no loop has to look where it is.
All that is found is a candidate: whoever calls compares the bytes themselves.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from haidang.engine.compiled import compiled_bare
from haidang.engine.hunting.alphabet import (
    CLASSES,
    ENDS_URL,
    IN_IPV6,
    IN_MAILBOX,
    IN_NAME,
    IN_URL,
    IS_ALNUM,
    IS_DIGIT,
    IS_HEX,
    IS_HIGH,
    LOWER,
)

Array = Any  # of numpy; the loops are compiled for what they are given
Bits = Any  # uint64 of numpy: all arithmetic on it wraps around

EDGE: Final = 64
# What a row of hits holds.
START, END, VALUE, KIND = range(4)
# Kinds of entries in the table and of hits. ODD: a name in other letters than ASCII; HOST_OF_URL: the host of a listed
# URL, whose path does not follow it, as in logs that keep them apart.
ADDRESS, NETWORK, DOMAIN, EXACT, EMAIL, HASH, URL, HOST_OF_URL, ADDRESS6, NETWORK6, LITERAL, ODD = range(12)

# What the head of the packed index says: where its parts begin, the last number of a slot or bit, how many lengths of
# networks there are. The table holds, slot by slot, a key and 1 + (value << 4 | kind), or 0.
TABLE_AT, TABLE_LAST, NEAR_AT, NEAR_LAST, NETS_AT, LENGTHS_AT, LENGTHS, LENGTHS6_AT, LENGTHS6, FLAGS = range(10)
HEAD: Final = 16
NETS: Final = 1024 + (1 << 18)  # a bit for each /16, then for each /24
# Bits of the index's flags: names in other letters are looked for; literals are, behind backslashes or at any word.
OTHER_LETTERS, AFTER_BACKSLASH, ANY_WORD = 1, 2, 4

_CHUNK: Final = 16_384
SCRATCH: Final = _CHUNK // 8
_DOT, _COLON, _SLASH, _BACKSLASH, _AT, _HYPHEN, _PERCENT = (ord(c) for c in ".:/\\@-%")
_NEWLINE: Final = 10
_U: Any = np.uint64
_I: Any = np.int64
_TOP: Final = _U(0x8080808080808080)
_LOW7: Final = _U(0x7F7F7F7F7F7F7F7F)
_SPACES: Final = _U(0x2020202020202020)
_DOTS: Final = _U(0x2E2E2E2E2E2E2E2E)
_BACKSLASHES: Final = _U(0x5C5C5C5C5C5C5C5C)
_COLONS: Final = _U(0x3A3A3A3A3A3A3A3A)
_ONES = 0x0101010101010101
_FROM_0, _TO_9 = _U((0x80 - 48) * _ONES), _U((0x80 - 58) * _ONES)
_FROM_A, _TO_F = _U((0x80 - 97) * _ONES), _U((0x80 - 103) * _ONES)
_PLACES: Final = _U(0x0001020304050607)  # multiplies a lone bit into the number of its byte
SEED: Final = _U(0xCBF29CE484222325)
_PRIME: Final = _U(0x100000001B3)
_GOLDEN: Final = _U(0x9E3779B97F4A7C15)
_LOW_HALF: Final = _U(0x80808080)
_LOW_BYTES: Final = _U(0xFFFFFFFF)
_GATHER: Final = _U(0x10204080)  # brings the marks of four bytes together, in the bits from 28 on
# How many digits stand at the end of four bytes, by which of them are none; 4 where that is none, or all.
_BEFORE: Final = np.array([4, 3, 2, 2, 1, 1, 1, 1, 4, 4, 4, 4, 4, 4, 4, 4], np.int64)
_8, _10, _15, _16, _100 = _U(8), _U(10), _U(15), _U(16), _U(100)
_ONE, _SEVEN, _6, _32, _56, _63 = _U(1), _U(7), _U(6), _U(32), _U(56), _U(63)
LONGEST_IPV6: Final = 60
LONGEST_URL: Final = 8_192
_HASH_LENGTHS: Final = (32, 40, 64)


@compiled_bare
def mix(key: Bits) -> Bits:
    """Spread a number over 64 bits."""
    key = _U(key) * _GOLDEN
    return key ^ (key >> _32)


@compiled_bare
def go_on(name: Bits, byte: int) -> Bits:
    """Take one more byte into the hash of a name."""
    return (_U(name) ^ _U(byte)) * _PRIME


@compiled_bare
def key_of_network(base: int, length: int) -> Bits:
    """Give the key of an IPv4 network; an address is one of length 32."""
    return mix((_U(length) << _32) | _U(base))


@compiled_bare
def key_of_network6(high: Bits, low: Bits, length: int) -> Bits:
    """Give the key of an IPv6 network; an address is one of length 128."""
    return mix(mix(_U(high)) ^ _U(low)) + _U(length)


@compiled_bare
def key_of_hash(first: Bits, length: int) -> Bits:
    """Give the key of a file's hash by its first 16 digits and how many it has."""
    return mix(_U(first)) + _U(length)


@compiled_bare
def is_near(key: Bits, index: Array) -> bool:
    """Tell whether the map of bits knows a key: most keys end here."""
    bit = mix(key) & index[NEAR_LAST]
    return bool((index[index[NEAR_AT] + (bit >> _6)] >> (bit & _63)) & _ONE)


@compiled_bare
def count_lines(data: Array, begin: int, end: int) -> int:
    """Count the line ends in a stretch."""
    count = 0
    for at in range(begin, end):
        count += data[at] == _NEWLINE
    return count


@compiled_bare
def _mark(words: Array, begin: int, count: int, dots: Array, digits: Array) -> None:
    """Mark dots and hexadecimal digits by the top bit of their byte; bytes from 0x80 on are neither."""
    for at in range(count):
        word = words[begin + at]
        dot = word ^ _DOTS
        dots[at] = ~(((dot & _LOW7) + _LOW7) | dot) & _TOP
        plain = word & _LOW7
        letter = plain | _SPACES
        is_digit = (plain + _FROM_0) & ~(plain + _TO_9)
        is_letter = (letter + _FROM_A) & ~(letter + _TO_F)
        digits[at] = (is_digit | is_letter) & ~word & _TOP


@compiled_bare
def _mark_signs(words: Array, begin: int, count: int, sign: Bits, marks: Array) -> None:
    """Mark the bytes that are a sign, which is given eight times over."""
    for at in range(count):
        word = words[begin + at] ^ sign
        marks[at] = ~(((word & _LOW7) + _LOW7) | word) & _TOP


@compiled_bare
def _keep(hits: Array, count: int, start: int, end: int, value: int, kind: int) -> int:
    """Write a hit down; one that finds no room is only counted, and the block is scanned again with more."""
    if count < hits.shape[0]:
        hits[count, START] = start
        hits[count, END] = end
        hits[count, VALUE] = value
        hits[count, KIND] = kind
    return count + 1


@compiled_bare
def _report(key: Bits, kinds: int, start: int, end: int, index: Array, hits: Array, count: int) -> int:
    """Report every entry of the table with a key and of one of some kinds (a bit each)."""
    slot = mix(key) & index[TABLE_LAST]
    while True:
        at = index[TABLE_AT] + slot + slot
        if index[at + _ONE] == _U(0):
            return count
        if index[at] == key:
            entry = _I(index[at + _ONE]) - 1
            if (kinds >> (entry & 15)) & 1:
                count = _keep(hits, count, start, end, entry >> 4, entry & 15)
        slot = (slot + _ONE) & index[TABLE_LAST]


@compiled_bare
def insert(index: Array, key: Bits, value: int, kind: int) -> None:
    """Put an entry into the table; entries of the same key stand beside each other."""
    slot = mix(key) & index[TABLE_LAST]
    while index[index[TABLE_AT] + slot + slot + _ONE] != _U(0):
        slot = (slot + _ONE) & index[TABLE_LAST]
    at = index[TABLE_AT] + slot + slot
    index[at] = key
    index[at + _ONE] = _U(((value << 4) | kind) + 1)


@compiled_bare
def mark_near(index: Array, key: Bits) -> None:
    """Set the bit of a key."""
    bit = mix(key) & index[NEAR_LAST]
    index[index[NEAR_AT] + (bit >> _6)] |= _ONE << (bit & _63)


# --- Addresses --------------------------------------------------------------------------------------------------------


@compiled_bare
def _load(words: Array, place: int) -> Bits:
    """Give the eight bytes from a place on, the first one lowest."""
    at, shift = place >> 3, _U((place & 7) * 8)
    return (words[at] >> shift) | ((words[at + 1] << (_63 - shift)) << _ONE)


@compiled_bare
def _not_digits(word: Bits) -> Bits:
    """Mark the bytes that are no decimal digits."""
    plain = word & _LOW7
    return ~((plain + _FROM_0) & ~(plain + _TO_9) & ~word) & _TOP


@compiled_bare
def _first_byte(mask: Bits) -> Bits:
    """Give the number of the lowest byte that a mask marks."""
    return _I((((mask & (~mask + _ONE)) >> _SEVEN) * _PLACES) >> _56)


@compiled_bare
def _number(word: Bits, first: int, length: int) -> Bits:
    """Read up to three decimal digits out of a word."""
    digits = (word >> _U(8 * first)) << _U(8 * (3 - length))
    return _I((digits & _15) * _100 + ((digits >> _8) & _15) * _10 + ((digits >> _16) & _15))


@compiled_bare
def _read_quad(data: Array, dot: int) -> tuple[int, int, int]:
    """Read the IPv4 address whose first dot this is: where it starts and ends, and its number; an end of 0 is none.

    Addresses are what logs hold most, and the lengths of their parts follow no pattern that a processor could foresee:
    so the parts are measured on words of eight bytes, without a branch for each digit.
    """
    words = data.view(np.uint64)
    front = _load(words, dot - 4)
    gaps = _not_digits(front) & _LOW_HALF
    before = _BEFORE[_I(((gaps >> _SEVEN) * _GATHER) >> _U(28)) & 15]
    middle = _load(words, dot + 1)
    gaps = _not_digits(middle)
    second = _first_byte(gaps)
    rest = gaps & (gaps - _ONE)
    third = _first_byte(rest) - second - 1
    if not rest or before > 3 or not 1 <= second <= 3 or not 1 <= third <= 3:
        return 0, 0, 0
    last_dot = dot + second + third + 2
    tail = _load(words, last_dot + 1)
    fourth = _first_byte(_not_digits(tail) | _U(0x8000000000))
    start, end = dot - before, last_dot + 1 + fourth
    if data[dot + 1 + second] != _DOT or data[last_dot] != _DOT or not 1 <= fourth <= 3:
        return 0, 0, 0
    if data[start - 1] == _DOT or CLASSES[data[start - 1]] & IS_ALNUM or not _ends_quad(data, end):
        return 0, 0, 0
    one, two = _number(front & _LOW_BYTES, 4 - before, before), _number(middle, 0, second)
    three, four = _number(middle, second + 1, third), _number(tail, 0, fourth)
    if one > 255 or two > 255 or three > 255 or four > 255:
        return 0, 0, 0
    return start, end, (one << 24) | (two << 16) | (three << 8) | four


@compiled_bare
def _ends_quad(data: Array, end: int) -> bool:
    """Tell whether an address may end here: before no letter or digit, nor a further part but a port (tcpdump)."""
    if data[end] != _DOT:
        return not CLASSES[data[end]] & IS_ALNUM
    at = end + 1
    while CLASSES[data[at]] & IS_DIGIT:
        at += 1
    goes_on = CLASSES[data[at]] & IS_ALNUM or (at > end + 1 and data[at] == _DOT and CLASSES[data[at + 1]] & IS_ALNUM)
    return not goes_on and at - end <= 6


@compiled_bare
def _look_up_quad(data: Array, start: int, end: int, number: int, index: Array, hits: Array, count: int) -> int:
    """Look up an IPv4 address, and the networks that it lies in."""
    nets, lengths = _I(index[NETS_AT]), _I(index[LENGTHS_AT])
    area = number >> 16
    if not (index[nets + (area >> 6)] >> _U(area & 63)) & _ONE:
        return count
    area = number >> 8
    if not (index[nets + 1024 + (area >> 6)] >> _U(area & 63)) & _ONE:
        return count
    first = count
    for at in range(lengths, lengths + _I(index[LENGTHS])):
        length = _I(index[at])
        base = (number >> (32 - length)) << (32 - length)
        count = _report(key_of_network(base, length), -1, start, end, index, hits, count)
    return _follow_urls(data, end, index, hits, first, count)


@compiled_bare
def _follow_urls(data: Array, end: int, index: Array, hits: Array, first: int, count: int) -> int:
    """Where a host of URLs was just found: look up the URL that follows it."""
    for at in range(first, min(count, hits.shape[0])):
        if hits[at, KIND] == HOST_OF_URL:
            return _look_up_url(data, hits[at, START], end, index, hits, count)
    return count


@compiled_bare
def _look_up_url(data: Array, start: int, end: int, index: Array, hits: Array, count: int) -> int:
    """Look up the URL that goes on behind a host: whole, and each beginning that ends where a part of it ends.

    A default port is left out, and `\\/`, as some programs write JSON, is `/`.
    """
    key = SEED
    for at in range(start, end):
        key = go_on(key, LOWER[data[at]])
    at = end
    if data[at] == _COLON:
        after = at + 1
        while CLASSES[data[after]] & IS_DIGIT:
            after += 1
        is_default = (after - at == 3 and data[at + 1] == 56 and data[at + 2] == 48) or (
            after - at == 4 and data[at + 1] == 52 and data[at + 2] == 52 and data[at + 3] == 51
        )
        if not is_default:
            for place in range(at, after):
                key = go_on(key, data[place])
        at = after
    if not (data[at] == _SLASH or (data[at] == _BACKSLASH and data[at + 1] == _SLASH)):
        return count
    stop = at + LONGEST_URL
    while at < stop and not ENDS_URL[data[at]]:
        if data[at] == _BACKSLASH:
            if data[at + 1] != _SLASH:
                break
            at += 1
        key = go_on(key, data[at])
        at += 1
        if data[at - 1] == _SLASH or not _goes_on(data, at):
            count = _report(key, 1 << URL, start, at, index, hits, count)
    return count


@compiled_bare
def _goes_on(data: Array, at: int) -> bool:
    """Tell whether the part of a URL that ends before a byte goes on with it; a dot does where more follows."""
    if data[at] == _DOT:
        at += 1
    return bool(CLASSES[data[at]] & IN_URL)


# --- Names ------------------------------------------------------------------------------------------------------------


@compiled_bare
def _name_start(data: Array, dot: int) -> int:
    start = dot
    while True:
        while CLASSES[data[start - 1]] & IN_NAME:
            start -= 1
        if data[start - 1] == _DOT and start < dot and CLASSES[data[start - 2]] & IN_NAME:
            start -= 1
        else:
            break
    while data[start] == _HYPHEN:
        start += 1
    return start


@compiled_bare
def _name_end(data: Array, dot: int) -> int:
    end = dot + 1
    while True:
        while CLASSES[data[end]] & IN_NAME:
            end += 1
        if data[end] == _DOT and CLASSES[data[end + 1]] & IN_NAME:
            end += 1
        else:
            break
    return end


@compiled_bare
def _after_escape(data: Array, start: int) -> int:
    """Give where a name may begin behind an escape that is glued to it (%2F, \\n, \\u003c); else its own start."""
    before = data[start - 1]
    if before == _PERCENT and CLASSES[data[start]] & IS_HEX and CLASSES[data[start + 1]] & IS_HEX:
        return start + 2
    if before != _BACKSLASH:
        return start
    first = data[start]
    length = 0
    if first in (110, 114, 116, 98, 102):  # n r t b f
        length = 1
    elif first == 117:  # u003c
        length = 5
    elif first == 120:  # x3c
        length = 3
    for at in range(start + 1, start + length):
        if not CLASSES[data[at]] & IS_HEX:
            return start
    return start + length


@compiled_bare
def _is_far(data: Array, end: int, index: Array) -> bool:
    """Tell whether the last two of three or more labels are those of nothing that is listed: most names end here."""
    key = SEED
    dots = 0
    at = end
    while True:
        at -= 1
        byte = data[at]
        if byte == _DOT:
            if dots:
                return not is_near(key, index)
            dots = 1
        elif not CLASSES[byte] & IN_NAME:
            return False
        key = go_on(key, LOWER[byte])


@compiled_bare
def _look_up_name(data: Array, start: int, end: int, index: Array, hits: Array, count: int) -> int:
    """Look up a name of several labels: itself, what it lies below, and the mailbox or URL that it is the host of."""
    while end > start and data[end - 1] in (_HYPHEN, _DOT):
        end -= 1
    behind = _after_escape(data, start)
    key = SEED
    dots = 0
    at = end
    first = count
    while at > start:
        at -= 1
        if data[at] == _DOT:
            dots += 1
        key = go_on(key, LOWER[data[at]])
        is_boundary = at == start or data[at - 1] == _DOT
        if dots == 0 or not (is_boundary or at == behind):
            continue
        if dots == 1 and not is_near(key, index):
            if is_boundary:
                break
            continue
        kinds = 1 << DOMAIN
        if at == start:
            kinds |= (1 << EXACT) | (1 << HOST_OF_URL)
        elif at == behind:
            kinds |= 1 << HOST_OF_URL
        count = _report(key, kinds, at, end, index, hits, count)
    if data[start - 1] == _AT and start == at:
        count = _look_up_mailbox(data, start, end, key, index, hits, count)
    return _follow_urls(data, end, index, hits, first, count)


@compiled_bare
def _look_up_mailbox(data: Array, start: int, end: int, key: Bits, index: Array, hits: Array, count: int) -> int:
    key = go_on(key, _AT)
    at = start - 1
    while CLASSES[data[at - 1]] & IN_MAILBOX:
        at -= 1
        key = go_on(key, LOWER[data[at]])
    return _report(key, 1 << EMAIL, at, end, index, hits, count)


@compiled_bare
def _is_odd(data: Array, start: int, end: int) -> bool:
    classes = 0
    for at in range(start, end):
        classes |= CLASSES[data[at]]
    return bool(classes & IS_HIGH)


# --- Hashes and IPv6 --------------------------------------------------------------------------------------------------


@compiled_bare
def _look_up_hash(data: Array, inside: int, index: Array, hits: Array, count: int) -> tuple[int, int]:
    """Look up the run of hexadecimal digits around a place: the hits so far, and where the run ends."""
    start, end = inside, inside
    while CLASSES[data[start - 1]] & IS_HEX:
        start -= 1
    while CLASSES[data[end]] & IS_HEX:
        end += 1
    length = end - start
    if length not in _HASH_LENGTHS or CLASSES[data[start - 1]] & IS_ALNUM or CLASSES[data[end]] & IS_ALNUM:
        return count, end
    first = _U(0)
    for at in range(start, start + 16):
        byte = data[at]
        first = (first << _U(4)) | _U(byte - 48 if byte < 58 else (byte | 32) - 87)
    key = key_of_hash(first, length)
    if is_near(key, index):
        count = _report(key, 1 << HASH, start, end, index, hits, count)
    return count, end


@compiled_bare
def _read_ipv6(data: Array, start: int, end: int) -> tuple[bool, Bits, Bits]:
    """Read an IPv6 address in hexadecimal parts: whether it is one, and its two halves."""
    high = low = _U(0)
    parts, gap, at = 0, -1, start
    if data[at] == _COLON:
        gap, at = 0, at + 2
    while at < end and parts < 9:
        part, first = 0, at
        while at < end and data[at] != _COLON and at - first < 5:
            part = part * 16 + (data[at] - 48 if data[at] < 58 else (data[at] | 32) - 87)
            at += 1
        if not 1 <= at - first <= 4:
            return False, high, low
        high = (high << _U(16)) | (low >> _U(48))
        low = (low << _U(16)) | _U(part)
        parts += 1
        if at == end:
            break
        at += 1
        if at == end or (data[at] == _COLON and gap >= 0):
            return False, high, low
        if data[at] == _COLON:
            gap, at = parts, at + 1
    if gap < 0:
        return parts == 8, high, low
    if parts > 7 or not parts:
        return False, high, low
    for _ in range(8 - parts):  # make room in the gap, a part at a time
        high, low = _widen(high, low, parts - gap)
    return True, high, low


@compiled_bare
def _widen(high: Bits, low: Bits, behind: int) -> tuple[Bits, Bits]:
    """Insert a part of zeros before the last parts of an address."""
    if behind < 4:
        kept = low & ((_ONE << _U(16 * behind)) - _ONE)
        moved = low - kept
        return (high << _U(16)) | (moved >> _U(48)), (moved << _U(16)) | kept
    kept = high & ((_ONE << _U(16 * (behind - 4))) - _ONE)
    return ((high - kept) << _U(16)) | kept, low


@compiled_bare
def _look_up_ipv6(data: Array, inside: int, index: Array, hits: Array, count: int) -> tuple[int, int]:
    """Look up the address around a colon: the hits so far, and where its run ends."""
    start, end, colons = inside, inside, 0
    while CLASSES[data[start - 1]] & IN_IPV6:
        start -= 1
    while CLASSES[data[end]] & IN_IPV6:
        colons += data[end] == _COLON
        end += 1
    stop = end
    if colons < 2 or not 3 <= end - start <= LONGEST_IPV6:
        return count, stop
    # A part that is glued to a word is none of the address: "inside:2001:db8::1", "2001:db8::1:zone".
    if CLASSES[data[start - 1]] & (IS_ALNUM | IS_HIGH):
        while data[start] != _COLON:
            start += 1
        start += data[start + 1] != _COLON
    if CLASSES[data[end]] & (IS_ALNUM | IS_HIGH):
        while end > start and data[end - 1] != _COLON:
            end -= 1
    if end - start > 2 and data[end - 1] == _COLON and data[end - 2] != _COLON:
        end -= 1
    if data[start] == _COLON and data[start + 1] != _COLON:
        start += 1
    if data[end] == _DOT and _read_quad(data, end)[1]:  # ::ffff:192.0.2.1 is found as 192.0.2.1
        return count, stop
    found, high, low = _read_ipv6(data, start, end)
    if found and high | low:  # "::" stands for any address
        count = _report6(high, low, start, end, index, hits, count)
    return count, stop


@compiled_bare
def _report6(high: Bits, low: Bits, start: int, end: int, index: Array, hits: Array, count: int) -> int:
    lengths = _I(index[LENGTHS6_AT])
    for at in range(lengths, lengths + _I(index[LENGTHS6])):
        length = _I(index[at])
        above, below = _U(high), _U(low)
        if length < 64:
            above = (above >> _U(64 - length)) << _U(64 - length) if length else _U(0)
            below = _U(0)
        elif length < 128:
            below = (below >> _U(128 - length)) << _U(128 - length) if length > 64 else _U(0)
        key = key_of_network6(above, below, length)
        if is_near(key, index):
            count = _report(key, -1, start, end, index, hits, count)
    return count


# --- The scan ---------------------------------------------------------------------------------------------------------


@compiled_bare
def _at_dot(
    data: Array, dot: int, done: int, named: int, index: Array, hits: Array, count: int
) -> tuple[int, int, int]:
    """Look at what stands around a dot: the hits so far, and up to where addresses and names are done."""
    before, after = CLASSES[data[dot - 1]], CLASSES[data[dot + 1]]
    if dot >= done and before & after & IS_DIGIT:
        start, end, number = _read_quad(data, dot)
        if end:
            count = _look_up_quad(data, start, end, number, index, hits, count)
            done = end
            if not CLASSES[data[end]] & IN_NAME:
                return count, done, max(named, end)
    if dot < named or not before & after & IN_NAME:
        return count, done, named
    end = _name_end(data, dot)
    if data[end - 1] != _HYPHEN and not _I(index[FLAGS]) & OTHER_LETTERS and _is_far(data, end, index):
        return count, done, end
    start = _name_start(data, dot)
    if _I(index[FLAGS]) & OTHER_LETTERS and _is_odd(data, start, end):
        return _keep(hits, count, start, end, 0, ODD), done, end
    return _look_up_name(data, start, end, index, hits, count), done, end


@compiled_bare
def scan(data: Array, size: int, index: Array, hits: Array, scratch: Array) -> tuple[int, int]:
    """Look for indicators in a block.

    Args:
        data: uint8; EDGE line ends, `size` bytes of log, and line ends up to a multiple of 8 and EDGE more.
        size: bytes of log.
        index: `arrays` of `index.Index`.
        hits: int64 [n, 4], written: start and end in `data`, number of the value, kind.
        scratch: uint64 [3, SCRATCH].

    Returns:
        How many hits there are (more than `hits` has rows: give a longer one), and how many lines.
    """
    words = data.view(np.uint64)
    dots, digits, colons = scratch[0], scratch[1], scratch[2]
    count = lines = 0
    done = named = hashed = done6 = 0
    stop = EDGE + size
    for begin in range(EDGE, stop, _CHUNK):
        length = (min(_CHUNK, stop - begin) + 7) // 8
        _mark(words, begin // 8, length, dots, digits)
        was_full = True  # a run may have begun in the chunk before
        for at in range(length):
            mask = dots[at]
            is_full = digits[at] == _TOP
            if is_full and was_full and begin + at * 8 >= hashed:
                count, hashed = _look_up_hash(data, begin + at * 8, index, hits, count)
            was_full = is_full
            while mask:
                dot = begin + at * 8 + _I((((mask & (~mask + _ONE)) >> _SEVEN) * _PLACES) >> _56)
                mask &= mask - _ONE
                if dot >= done or dot >= named:
                    count, done, named = _at_dot(data, dot, done, named, index, hits, count)
        if index[LENGTHS6]:
            _mark_signs(words, begin // 8, length, _COLONS, colons)
            for at in range(length):
                mask = colons[at]
                while mask:
                    place = begin + at * 8 + _I((((mask & (~mask + _ONE)) >> _SEVEN) * _PLACES) >> _56)
                    mask &= mask - _ONE
                    if place >= done6 and _may_be_ipv6(data, place):
                        count, done6 = _look_up_ipv6(data, place, index, hits, count)
        lines += count_lines(data, begin, min(begin + length * 8, stop))
    return count, lines


@compiled_bare
def _may_be_ipv6(data: Array, place: int) -> bool:
    """Tell whether a colon may stand in an IPv6 address: between digits or colons, or as the first of two."""
    before, after = CLASSES[data[place - 1]], CLASSES[data[place + 1]]
    return bool(data[place + 1] == _COLON or before & after & IN_IPV6)


@compiled_bare
def _look_up_word(data: Array, start: int, index: Array, hits: Array, count: int) -> tuple[int, int]:
    """Look up a word as one of a literal: the hits so far, and where it ends."""
    key = SEED
    at = start
    while CLASSES[data[at]] & IN_NAME:
        key = go_on(key, LOWER[data[at]])
        at += 1
    if at > start and is_near(key, index):
        count = _report(key, 1 << LITERAL, start, at, index, hits, count)
    return count, at


@compiled_bare
def scan_words(data: Array, size: int, index: Array, hits: Array, scratch: Array, count: int) -> int:
    """Look for words of literals in a block, behind those hits that `scan` found.

    Args:
        data: as of `scan`.
        size: as of `scan`.
        index: as of `scan`.
        hits: as of `scan`; its first `count` rows are kept.
        scratch: as of `scan`.
        count: how many hits there are already.
    """
    stop = EDGE + size
    if not _I(index[FLAGS]) & ANY_WORD:
        return _scan_behind_backslashes(data, stop, index, hits, scratch[0], count)
    at = EDGE
    while at < stop:
        if CLASSES[data[at]] & IN_NAME:
            count, at = _look_up_word(data, at, index, hits, count)
        at += 1
    return count


@compiled_bare
def _scan_behind_backslashes(data: Array, stop: int, index: Array, hits: Array, marks: Array, count: int) -> int:
    words = data.view(np.uint64)
    for begin in range(EDGE, stop, _CHUNK):
        length = (min(_CHUNK, stop - begin) + 7) // 8
        _mark_signs(words, begin // 8, length, _BACKSLASHES, marks)
        for at in range(length):
            mask = marks[at]
            while mask:
                place = begin + at * 8 + _I((((mask & (~mask + _ONE)) >> _SEVEN) * _PLACES) >> _56)
                mask &= mask - _ONE
                count, _ = _look_up_word(data, place + 1, index, hits, count)
    return count


@compiled_bare
def find_entries(index: Array, key: Bits, kinds: int, found: Array) -> int:
    """Write down the numbers of the values that stand under a key, as far as there is room; give how many."""
    slot = mix(key) & index[TABLE_LAST]
    count = 0
    while True:
        at = index[TABLE_AT] + slot + slot
        if index[at + _ONE] == _U(0):
            return count
        entry = _I(index[at + _ONE]) - 1
        if index[at] == key and (kinds >> (entry & 15)) & 1:
            if count < found.size:
                found[count] = entry >> 4
            count += 1
        slot = (slot + _ONE) & index[TABLE_LAST]
