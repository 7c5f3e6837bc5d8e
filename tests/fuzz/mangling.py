"""Texts that are nearly right: something that a parser takes, with a few pieces cut, moved, doubled or put in.

`PACKTRAIL_FUZZ=N` makes N times as many of them; `make security` does.
"""

import os
from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st

TIMES = max(1, int(os.environ.get("PACKTRAIL_FUZZ", "1")))
PIECES = (
    b"", b"\0", b"\n", b"\r\n", b"\n\n", b" ", b"\t", b"\x1d", b"\x7f", b"\x80", b"\xff", b"\xef\xbb\xbf",
    b"\xe2\x80\xae",    b"\xed\xa0\x80", b"\xc0\xaf", b"\xe2\x80\x94 ", "Ａ".encode(), "é".encode(),
    b"e\xcc\x81", b'"', b"\\", b"\\u0000",
    b"\\ud800", b"{", b"}", b"[", b"]", b"[" * 200,
    b'{"a":' * 40, b",", b":", b"null", b"true", b"NaN", b"-0", b"1e999",
    b"0", b"-1", b"9007199254740993", b"9" * 400, b"=", b"==", b"+", b"-", b"_", b"~", b"/", b"//", b"..", b"%", b"%00",
    b"%2F", b"%25", b"%ff", b"?", b"#", b";", b"(", b")", b"(01)", b"]C1", b"\xe5\x92\xaf", b"A" * 300, b"<!DOCTYPE x>",
)  # fmt: skip


def bounded(examples: int) -> settings:
    """So many examples in the suite, more when asked."""
    return settings(max_examples=examples * TIMES)


@st.composite
def mangled(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of `seeds` after up to four changes; now and then any bytes at all."""
    data = draw(st.sampled_from(seeds) | st.binary(max_size=60))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.sampled_from((0, 0, 1, 1, 2, 8, 64, 1000))))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=4))
        match draw(st.sampled_from(("put", "double", "move", "flip"))):
            case "put":
                data = data[:at] + piece + data[end:]
            case "double":
                data = data[:end] + data[at:]
            case "move":
                data = data[:at] + data[end:] + data[at:end]
            case "flip":
                bit = draw(st.integers(0, 7))
                data = data[:at] + bytes(each ^ 1 << bit for each in data[at : at + 1]) + data[at + 1 :]
    return data
