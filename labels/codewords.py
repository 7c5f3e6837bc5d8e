"""The codewords of a QR code: its text as bits, padded, with Reed-Solomon error correction, in blocks.

Source: ISO/IEC 18004, 7.4 to 7.6. The tables of block sizes and capacities are those of the package qrcode, and so is
the field GF(256). The arithmetic is done here, on whole numbers of many bytes at once, because sheets need thousands.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate, product
from typing import Literal

from qrcode import base, util

from labels.errors import LabelError

_Mode = Literal[1, 2, 4, 8]
_DIGITS: _Mode = 1
_CAPITAL: _Mode = 2
_BYTES: _Mode = 4
_MODES = {_DIGITS: "numeric", _CAPITAL: "alphanumeric", _BYTES: "byte"}
# A run of fewer characters is not worth the header of a segment of its own.
_SEGMENT = re.compile(rb"[0-9]{20,}|[0-9A-Z $%*+\-./:]{20,}")
_CAPITALS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_PAIRS = {f"{one}{other}": f"{n:011b}" for n, (one, other) in enumerate(product(_CAPITALS, repeat=2))}
_LAST = {one: f"{n:06b}" for n, one in enumerate(_CAPITALS)}
_DIGIT_BITS = (0, 4, 7, 10)
_PADDING = bytes((0xEC, 0x11))

Segment = tuple[_Mode, int, str]
"""Mode, number of characters, bits."""


def segments_of(text: bytes) -> list[Segment]:
    """The text cut so that capitals and digits take 5.5 bits each, or 3.3, instead of 8."""
    segments, at = [], 0
    for found in _SEGMENT.finditer(text):
        segments += [_segment(text[at : found.start()]), _segment(found[0])]
        at = found.end()
    segments.append(_segment(text[at:]))
    return [segment for segment in segments if segment[1]]


def mode_names(segments: list[Segment]) -> str:
    """Such as "byte+alphanumeric"."""
    return "+".join(_MODES[mode] for mode, _, _ in segments)


def smallest_version(segments: list[Segment], level: int) -> int:
    """The first version, from 1 to 40, that holds the segments. Raises LabelError where none does."""
    limits = util.BIT_LIMIT_TABLE[level]
    for first, last in ((1, 9), (10, 26), (27, 40)):  # the width of a segment's header grows with these
        needed = sum(4 + util.length_in_bits(mode, first) + len(bits) for mode, _, bits in segments)
        version = bisect_left(limits, needed, first, last + 1)
        if version <= last:
            return version
    raise LabelError(f"{sum(count for _, count, _ in segments)} characters do not fit into any QR code at this level")


def codewords(segments: list[Segment], version: int, level: int) -> bytes:
    """Data and error correction in the order in which they are placed; the segments fit the version."""
    counts, corrected = _blocks(version, level)
    capacity = sum(counts)
    bits = "".join(f"{mode:04b}{count:0{util.length_in_bits(mode, version)}b}{bits}" for mode, count, bits in segments)
    bits += "0" * min(4, 8 * capacity - len(bits))
    bits += "0" * (-len(bits) % 8)
    used = len(bits) // 8
    data = int(bits, 2).to_bytes(used, "big") + (_PADDING * capacity)[: capacity - used]
    ends = [*accumulate(counts)]
    parts = [data[end - count : end] for count, end in zip(counts, ends, strict=True)]
    shortest = counts[0]  # the longer blocks come last and have one codeword more
    tail = b"".join(part[shortest:] for part in parts)
    corrections = [_correction(part, corrected) for part in parts]
    return _in_turn([part[:shortest] for part in parts]) + tail + _in_turn(corrections)


@lru_cache(maxsize=64)
def _blocks(version: int, level: int) -> tuple[tuple[int, ...], int]:
    """The number of data codewords of each block, and of error correction codewords of any."""
    blocks = base.rs_blocks(version, level)
    return tuple(block.data_count for block in blocks), blocks[0].total_count - blocks[0].data_count


def _in_turn(parts: list[bytes]) -> bytes:
    """One byte of each, again and again; all have one length."""
    mixed = bytearray(sum(map(len, parts)))
    for at, part in enumerate(parts):
        mixed[at :: len(parts)] = part
    return bytes(mixed)


def _segment(text: bytes) -> Segment:
    word = text.decode("latin-1")
    if text.isdigit():
        threes = [word[at : at + 3] for at in range(0, len(word), 3)]
        return _DIGITS, len(text), "".join(f"{int(three):0{_DIGIT_BITS[len(three)]}b}" for three in threes)
    try:
        bits = "".join([_PAIRS[word[at : at + 2]] for at in range(0, len(word) - 1, 2)])
        return _CAPITAL, len(text), bits + (_LAST[word[-1]] if len(word) % 2 else "")
    except KeyError:
        return _BYTES, len(text), f"{int.from_bytes(text, 'big'):0{8 * len(text)}b}"


def _correction(data: bytes, count: int) -> bytes:
    """The remainder of the data, as a polynomial, by the generator of `count` codewords."""
    multiples, top = _multiples(count), 8 * (count - 1)
    kept = (1 << top) - 1
    rest = 0
    for byte in data:
        rest = ((rest & kept) << 8) ^ multiples[byte ^ (rest >> top)]
    return rest.to_bytes(count, "big")


@lru_cache(maxsize=32)
def _multiples(count: int) -> tuple[int, ...]:
    """The generator polynomial times each element of the field, without its highest coefficient, as whole numbers."""
    generator = base.Polynomial([1], 0)
    for power in range(count):
        generator = generator * base.Polynomial([1, base.gexp(power)], 0)
    logs = [base.glog(each) for each in list(generator)[1:]]
    products = (bytes(base.gexp(base.glog(each) + log) for log in logs) for each in range(1, 256))
    return (0, *(int.from_bytes(each, "big") for each in products))
