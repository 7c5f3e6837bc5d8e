"""Folding: what a person may have meant by a text, for search only. Registration takes the exact text and nothing else.

Folding loses nothing that tells two names apart: capitals for small letters, ASCII for full-width characters, no
blanks, hyphens and invisible characters. A letter that only looks like a digit is another character, so it is never
folded; `look_alikes` offers it to the person who typed it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import combinations, islice
from typing import NamedTuple

from service.domain.errors import InvalidCode

LOOK_ALIKES = {"O": "0", "0": "O", "I": "1", "1": "I", "Q": "0", "L": "1"}
"""What a character may have been. Codes print O and 0, I and 1 alike; a lower-case l is a 1."""
MOST_VARIANTS = 16


class Folded(NamedTuple):
    """The folded text, and for each of its characters where it stood in the text that was given."""

    text: str
    origins: tuple[int, ...]

    def unfolded(self, position: int | None, given: int) -> int | None:
        """A position of the folded text, counted in the text that was given, which has `given` characters."""
        if position is None:
            return None
        return self.origins[position] if position < len(self.origins) else given


def fold(text: str, *, capitals: bool = True) -> Folded:
    """`text` in ASCII forms, without blanks, hyphens and invisible characters, and in capitals unless case matters."""
    kept, origins = [], []
    for at, each in enumerate(text):
        for one in unicodedata.normalize("NFKC", each):
            for letter in one.upper() if capitals else one:
                if not letter.isspace() and unicodedata.category(letter) not in ("Pd", "Cf"):
                    kept.append(letter)
                    origins.append(at)
    return Folded("".join(kept), tuple(origins))


def narrow(text: str) -> str:
    """`text` in ASCII forms with no blanks around it; everything else is left, the separator of GS1 among it."""
    return unicodedata.normalize("NFKC", text).strip(" \t\r\n\u200b\ufeff")


def look_alikes(text: str, parse: Callable[[str], object]) -> tuple[str, ...]:
    """The texts that `parse` takes and that differ from `text` in look-alike characters only; at most 16.

    First every character that `parse` objects to is exchanged, then up to two more. The nearest come first; `text`
    itself is never among them.
    """
    start = _repaired(text, parse)
    places = [at for at, each in enumerate(start) if each in LOOK_ALIKES]
    changes = [(), *((at,) for at in places), *combinations(places, 2)]
    found = (_exchanged(start, each) for each in changes)
    taken = (each for each in found if each != text and _fault(each, parse) is None)
    return tuple(islice(taken, MOST_VARIANTS))


def _repaired(text: str, parse: Callable[[str], object]) -> str:
    """`text` with each character exchanged that `parse` stumbles over, as far as it has a look-alike."""
    for _ in text:
        error = _fault(text, parse)
        at = None if error is None else error.position
        if at is None or at >= len(text) or text[at] not in LOOK_ALIKES:
            return text
        text = _exchanged(text, (at,))
    return text


def _exchanged(text: str, places: tuple[int, ...]) -> str:
    return "".join(LOOK_ALIKES[each] if at in places else each for at, each in enumerate(text))


def _fault(text: str, parse: Callable[[str], object]) -> InvalidCode | None:
    try:
        parse(text)
    except InvalidCode as error:
        return error
    return None
