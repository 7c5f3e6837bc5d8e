"""The words of a label, refused where they could mislead.

A label is read by people who cannot ask back, so it never shows what is not there or hides what is: control
characters, direction overrides and invisible letters are refused, and the code and the host must be those of the
address in the QR code beside them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields

from labels.errors import LinkError, TextError
from labels.link import hosts_of

_CODE = re.compile(r"[A-Z0-9]{1,48}")
_OUR_CODE = re.compile(r"/b/([^/?#]+)\Z", re.IGNORECASE)
# Control, format (direction overrides among them), surrogate, private use, unassigned; line and paragraph separators.
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelText:
    """What is printed beside the QR code. Only `code` and `host` must stand; a line whose text is empty is left out.

    `code` is the exact identifier; it is printed in groups of four, without any other character. `rating` is one line
    in the maker's words, such as "102.4 V · 150 Ah · 118 kg"; `made_on` is a date as it should be read. `host` is
    what the browser shows after scanning.
    """

    code: str
    host: str
    maker_zh: str = ""
    maker_en: str = ""
    model: str = ""
    chemistry_zh: str = ""
    chemistry_en: str = ""
    rating: str = ""
    made_on: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            _check_readable(field.name, getattr(self, field.name))
        if not _CODE.fullmatch(self.code):
            raise TextError("the code has 1 to 48 capitals and digits")
        if not self.host:
            raise TextError("the host is missing: it tells people where a genuine code leads")

    @property
    def groups(self) -> tuple[str, ...]:
        """The code in fours, as it is read aloud."""
        return tuple(self.code[start : start + 4] for start in range(0, len(self.code), 4))


def verify_text_matches_link(text: LabelText, link: str) -> None:
    """Raises TextError where the printed host or the printed code is not the one in the address."""
    try:
        hosts = hosts_of(link)
    except LinkError as error:
        raise TextError(f"the text cannot be checked against its address: {error}") from error
    if text.host.lower() not in hosts:
        raise TextError(f"the label would say {text.host!a}, but its QR code leads to {hosts[1]}")
    found = _OUR_CODE.search(link)
    if found and found[1] != text.code:
        raise TextError(f"the label would say {text.code}, but its QR code leads to {found[1]}")


def _check_readable(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TextError(f"{name} is not text")
    for place, letter in enumerate(value):
        if unicodedata.category(letter) in _REFUSED:
            raise TextError(
                f"{name} holds U+{ord(letter):04X} at position {place}: control and invisible letters are not printed"
            )
