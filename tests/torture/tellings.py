"""Events for the walk through lives: made by the book, so that they add up, or on purpose do not."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from tests.scene import MODEL
from tests.service.town import vin
from tests.torture.lifebook import (
    LAB,
    MAKER,
    MOTORS,
    OPERATORS,
    OUTLET,
    SWAPS,
    TESTED_SHARE,
    WORKS,
    Book,
    Life,
    Telling,
)

CARS = (vin(1), vin(2))
WHOLES = tuple(f"0TTPB01ABCDEFGG11{number:07d}" for number in (8001, 8002, 8003))
PARTS = tuple(f"0TTMB01ABCDEFGG11{number:07d}" for number in range(8101, 8106))
LATE = ("0TTPB01ABCDEFGG110008009", "0TTMB01ABCDEFGG110008109")
"""A pack and a module that are registered during the walk, if at all."""
PRODUCTS = tuple(f"0TTMB01H11{number:07d}RM" for number in range(1, 4))
CODES = (*WHOLES, *PARTS, *LATE, *PRODUCTS)
KINDS = (
    "register", "assemble", "install", "sell", "load_bms_software", "swap", "retire", "hand_over", "receive",
    "collect", "test", "dismantle", "repurpose", "recycle",
)  # fmt: skip
MODULE = MODEL | {
    "model_id": "T-1M", "level": "module", "energy_wh": 17_000, "mass_g": 90_000, "composition_g": {"lithium": 2_000},
}  # fmt: skip


class Teller:
    """Makes events at `now` for the batteries of `book`."""

    def __init__(self, book: Book, now: datetime, make_id: Callable[[], str]) -> None:
        self.book = book
        self.now = now
        self._make_id = make_id

    def possible(self, code: str, wish: int) -> Telling | None:
        """Something that the book allows for this battery, of one kind or another by the wish; None for the ended.

        Wishes are drawn near 0 more often than not, so what was told before counts too.
        """
        start = (wish + len(self.book.told)) % len(KINDS)
        for kind in (*KINDS[start:], *KINDS[:start]):
            if kind == "load_bms_software" and kind != KINDS[start]:
                continue  # which nearly always can be told
            for telling in self._candidates(kind, code, wish // len(KINDS) + len(self.book.told)):
                if self.book.allows(telling):
                    return telling
        return None

    def _candidates(self, kind: str, code: str, wish: int) -> Iterator[Telling]:
        life = self.book.lives.get(code)
        away, car = OPERATORS[wish % len(OPERATORS)], CARS[wish % len(CARS)]
        if life is None:
            if kind == "register" and code in LATE:
                yield self.telling(kind, MAKER, [code])
            elif kind == "repurpose" and code in PRODUCTS:
                inputs = [each for each, other in self.book.lives.items() if other.test and other.state == "TESTED"]
                yield self.telling(kind, WORKS, [code, *inputs[: 1 + wish % 2]])
            return
        holder, giver = life.holder, life.got_from or life.holder
        if kind == "assemble":
            parts = [each for each, other in self.book.lives.items() if each[3] == "M" and other.state == "REGISTERED"]
            yield self.telling(kind, MAKER, [code, *parts[: 1 + wish % 2]])
        elif kind == "install":
            yield self.telling(kind, (MOTORS, SWAPS)[wish % 2], [code], car=car)
        elif kind == "swap":
            others = [each for each, other in self.book.lives.items() if other.fitted]
            for other in others:
                vehicle = self.book.vehicle_of(self.book.lives[other]) or car
                yield self.telling(kind, SWAPS, [other, code], car=vehicle)
        elif kind == "hand_over":
            yield self.telling(kind, holder, [code], other=away)
            yield self.telling(kind, giver, [code], other=holder)
        elif kind == "receive":
            yield self.telling(kind, life.given_to or away, [code], other=holder)
        elif kind == "collect":
            yield self.telling(kind, (OUTLET, WORKS)[wish % 2], [code], other=holder)
            yield self.telling(kind, WORKS, [code], other=holder)
        elif kind == "recycle" and self.book.lots and wish % 2:
            yield self.telling(kind, WORKS, [], wrong=wish % 3 == 0)
        elif kind == "dismantle":
            yield self.telling(kind, WORKS, [code, *life.parts])
        else:
            actor = {"sell": MOTORS, "test": (LAB, WORKS)[wish % 2], "recycle": WORKS, "retire": SWAPS}
            yield self.telling(kind, actor.get(kind, MAKER), [code], other=away)

    def telling(
        self, kind: str, actor: str, codes: list[str], *, other: str = MAKER, car: str = CARS[0], wrong: bool = False
    ) -> Telling:
        """An event with numbers that add up by the book, unless they are to be `wrong`."""
        lives = [self.book.lives[code] for code in codes if code in self.book.lives]
        id_, body = self._make_id(), dict[str, Any]()
        if kind == "register":
            body = made(codes[0])
        elif kind == "assemble":
            body = {"mass_g": 50_000 if wrong else 410_000}
        elif kind == "dismantle":
            rest = lives[0].mass - sum(life.mass for life in lives[1:]) if lives else 0
            body = {"casing_mass_g": max(0, rest) + 100_000 * wrong, "residual_mass_g": 0, "missing": []}
        elif kind == "repurpose":
            body = self._second_life(lives, wrong)
        elif kind == "recycle":
            body = self._batch(lives, wrong, f"L-{id_[-12:]}")
        else:
            body = _body(kind, other, car, lives[0].mass if lives else 410_000)
        return Telling(id_, kind, actor, tuple(codes), self.now, body)

    def _second_life(self, lives: list[Life], wrong: bool) -> dict[str, Any]:
        waste = any(life.status == "waste" for life in lives)
        energy = sum(life.energy for life in lives)
        return {
            "operation": "preparation_for_repurposing" if waste else "repurposing",
            "application": "stationary_storage",
            "capacity_mah": 10_000,
            "energy_wh": max(1, energy * 2 if wrong else energy // 2),
            "mass_g": max(1_000, sum(life.mass for life in lives)),
            "made_on": "2027-01-01",
        }

    def _batch(self, lives: list[Life], wrong: bool, number: str) -> dict[str, Any]:
        """A batch from batteries, or without any from the oldest lot, that gives the lot of this number."""
        body: dict[str, Any] = {"route": "hydrometallurgy"}
        mass = sum(life.mass for life in lives)
        if not lives and self.book.lots:
            oldest, lot = next(iter(self.book.lots.items()))
            mass = lot.left + 1_000 if wrong else max(1, lot.left // 2)
            body["input_lots"] = [{"from_operator": WORKS, "material": "black_mass", "lot": oldest, "mass_g": mass}]
        elif wrong:
            mass += mass // 10
        mass = max(mass, 1)
        kept = max(1, mass * 2 // 5)
        output = {"material": "black_mass", "mass_g": kept, "lot": number}
        return body | {"input_mass_g": mass, "loss_mass_g": mass - kept, "outputs": [output]}


def made(code: str) -> dict[str, Any]:
    model = MODEL if code[3] == "P" else MODULE
    body = {name: model[name] for name in ("model_id", "mass_g", "capacity_mah", "energy_wh")}
    return body | {"made_on": "2026-01-01", "site": "hall 1"}


def _body(kind: str, other: str, car: str, mass: int) -> dict[str, Any]:
    paper = {"transport_document": "YD-1"}
    bodies: dict[str, dict[str, Any]] = {
        "install": {"vin": car, "odometer_km": 12},
        "sell": {"sold_on": "2027-01-01", "region": "500103", "owner_type": "private"},
        "load_bms_software": {"software_version": "4.2.1", "software_maker": "Scene Cells", "reset_used": False},
        "swap": {"vin": car, "station": "S-1", "soc_out_ppm": 80_000, "soc_in_ppm": 970_000},
        "retire": {"reason": "capacity", "to_operator": other},
        "hand_over": {"to_operator": other, **paper},
        "receive": {"from_operator": other},
        "collect": {"mass_g": mass, "from_operator": other, **paper},
        "test": {
            "remaining_capacity_mah": 105_000, "soce_ppm": TESTED_SHARE, "resistance_uohm": 1_900,
            "insulation_kohm": 20_000, "standard": "GB/T 34015-2017", "decision": "second_life",
        },
    }  # fmt: skip
    return bodies[kind]
