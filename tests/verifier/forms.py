"""Values that are almost right: for any place in any JSON document, the ways in which a parser could be too kind."""

import random
from collections.abc import Callable, Iterator
from typing import Any

Path = tuple[str | int, ...]

NUMBERS: list[Any] = [0, 1, -1, 2**53 - 1, 2**53, -(2**53) + 1, -(2**53), 2**63, 10**30, 1.0, 1.5, -0.0, True, "1"]
TEXTS: list[Any] = ["", " ", "x", "X", "é", "e\u0301", "\ufeff", "\u0000", "a\n", "\ud800", "\U0001f50b", "A" * 65]
OTHERS: list[Any] = [None, True, False, [], {}, [[]], {"a": []}, {"": 1}, {"A": 1}, {"__proto__": 1}, {"valueof": 1}]
STAMPS = [
    "2000-02-29T00:00:00.000Z", "2100-02-29T00:00:00.000Z",
    "2026-02-29T00:00:00.000Z", "2024-02-29T00:00:00.000Z", "2026-05-01T24:00:00.000Z", "2026-05-01T12:30:60.000Z",
    "0000-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2026-05-01T12:30:01Z",
    "2026-05-01T12:30:01.123+00:00", "2026-05-01t12:30:01.123z", "2026-5-01T12:30:01.123Z",
    "\uff12\uff1026-05-01T12:30:01.123Z",
    "2026-05-01T12:30:01.123Z\n", "2026-00-10T12:30:01.123Z", "2026-13-10T12:30:01.123Z", "2026-04-31T12:30:01.123Z",
]  # fmt: skip


def nested(levels: int) -> Any:
    """A value of so many levels."""
    value: Any = 0
    for _ in range(levels - 1):
        value = [value]
    return value


def places(value: Any, at: Path = ()) -> Iterator[Path]:
    """The paths of all values in a document, its own first."""
    yield at
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from places(member, (*at, name))


def at(value: Any, path: Path) -> Any:
    for name in path:
        value = value[name]
    return value


def put(document: Any, path: Path, value: Any) -> None:
    """Replace the value at a path that is not the root."""
    at(document, path[:-1])[path[-1]] = value


def disturb(document: Any, rng: random.Random) -> str:
    """Change one value somewhere, in place. Gives what was done."""
    path = rng.choice([path for path in places(document) if path])
    old = at(document, path)
    change = rng.choice(changes_for(old, rng))
    return f"{'.'.join(map(str, path))}: {change(document, path, old)}"


Disturbance = Callable[[Any, Path, Any], str]


def changes_for(old: Any, rng: random.Random) -> list[Disturbance]:
    """What could be done to a value."""

    def become(new: Any) -> Disturbance:
        def change(document: Any, path: Path, _: Any) -> str:
            put(document, path, new)
            return f"becomes {new!r}"[:40]

        return change

    found = [become(rng.choice(OTHERS)), _remove, become(nested(rng.choice([11, 12, 13, 14, 15, 16, 17])))]
    if isinstance(old, bool):
        return [*found, become(not old)]
    if isinstance(old, int):
        return [*found, *(become(new) for new in (old + 1, old - 1, rng.choice(NUMBERS)))]
    if isinstance(old, str):
        return [*found, *map(become, _texts(old, rng))]
    if isinstance(old, list):
        return [*found, *map(become, _arrays(old, rng))]
    if isinstance(old, dict):
        extra = rng.choice(["extra", "a", "_", "9", "kid", "Extra", "ä", ""])
        return [*found, become({**old, extra: 1}), become({name: old[name] for name in list(old)[:-1]})]
    return found


def _remove(document: Any, path: Path, _: Any) -> str:
    del at(document, path[:-1])[path[-1]]
    return "removed"


def _texts(old: str, rng: random.Random) -> list[Any]:
    if not old:
        return [rng.choice(TEXTS)]
    spot = rng.randrange(len(old))
    other = chr(ord(old[spot]) ^ 1 << rng.randrange(5))
    found: list[Any] = [old[:spot] + other + old[spot + 1 :], old[:spot], old + rng.choice("=\n A\u0301")]
    found += [old.upper(), old.lower(), old.swapcase(), " " + old, old[1:], rng.choice(TEXTS)]
    found.append(old[:spot] + rng.choice("-_+/=~") + old[spot + 1 :])
    if old.endswith("Z"):
        found += [rng.choice(STAMPS)] * 4
    if old.endswith("="):
        # Same bytes to a decoder that does not look at the stray bits.
        found += [old.rstrip("="), old[:-2] + chr(ord(old[-2]) ^ 1) + "="]
    return found


def _arrays(old: list[Any], rng: random.Random) -> list[Any]:
    found: list[Any] = [old[::-1], old + old[-1:], old[1:], [*old, rng.choice(OTHERS)]]
    if len(old) > 1:
        one, other = rng.sample(range(len(old)), 2)
        swapped = list(old)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        found.append(swapped)
    return found
