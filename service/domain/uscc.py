"""The unified social credit code of a Chinese organisation: 18 characters, the last one a check character.

Letters I O S V Z are never used. Check: the sum of value(i) * 3^i over the first 17 characters (i from 0), taken from
31, modulo 31. Positions 3 to 8 are an administrative division and therefore digits. Source: GB 32100-2015.
"""

from __future__ import annotations

from service.domain.errors import InvalidCode

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {each: value for value, each in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, at, 31) for at in range(17))


def uscc_check_character(first17: str) -> str:
    total = sum(_VALUE[each] * weight for each, weight in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def parse_uscc(text: str) -> str:
    """`text` itself when its characters and its check character are right; otherwise InvalidCode."""
    if len(text) != 18:
        raise InvalidCode(
            f"a unified social credit code has 18 characters; this has {len(text)}",
            f"统一社会信用代码为18位，此处为{len(text)}位",
        )
    for position, each in enumerate(text):
        if each not in _VALUE:
            raise InvalidCode("not a character of a unified social credit code", "统一社会信用代码不含该字符", position)
        if 2 <= position < 8 and each not in "0123456789":
            raise InvalidCode("positions 3 to 8 are digits", "第3至8位应为数字", position)
    if uscc_check_character(text[:17]) != text[17]:
        raise InvalidCode("the check character does not fit the first 17", "校验码与前17位不符", 17)
    return text
