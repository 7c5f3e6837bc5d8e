"""The vehicle identification number: 17 characters without I O Q, the ninth a check digit.

Check: sum of transliterated value * weight modulo 11, 10 written as X. Source: GB 16735-2019, which requires it of
vehicles made in China; European makers need not fill it, so `parse_vin` takes `checked=False` for imports.
"""

from __future__ import annotations

from service.domain.errors import InvalidCode

_VALUE = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin_check_digit(text: str) -> str:
    """The digit that position 9 of this 17-character VIN should hold; what stands there does not matter."""
    total = sum(_VALUE[each] * weight for each, weight in zip(text, _WEIGHTS, strict=True))
    return "0123456789X"[total % 11]


def parse_vin(text: str, *, checked: bool = True) -> str:
    """`text` itself when it is a VIN in upper case; otherwise InvalidCode."""
    if len(text) != 17:
        raise InvalidCode(f"a VIN has 17 characters; this has {len(text)}", f"车架号为17位，此处为{len(text)}位")
    for position, each in enumerate(text):
        if each not in _VALUE:
            raise InvalidCode(
                "a VIN uses digits and A-Z without I, O, Q", "车架号只用数字和A-Z（不含I、O、Q）", position
            )
    if checked and vin_check_digit(text) != text[8]:
        raise InvalidCode(f"the check digit should be {vin_check_digit(text)}", f"校验位应为{vin_check_digit(text)}", 8)
    return text
