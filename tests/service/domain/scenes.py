"""For every kind of event about batteries, a world in which its usual event is accepted.

A scene gives the world and the event; `codes` names one battery for each part the event gives a role to.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from service.domain.case import parts_of
from service.domain.events import KINDS, Event
from tests.service.domain.story import CAR, MODULES, NEW_MODULE, PACK, SECOND_LIFE, SPARE, World, assembled_world


class Scene(NamedTuple):
    world: World
    event: Event

    @property
    def codes(self) -> dict[str, str]:
        return dict(zip(parts_of(self.event, KINDS[self.event.kind]), self.event.subjects, strict=True))


def scene(kind: str, **changes: Any) -> Scene:
    """The scene of this kind; `changes` go into the body, or are `subjects`, `vehicle`, `actor`."""
    world, subjects, details = _SCENES[kind]()
    details |= changes
    return Scene(world, world.event(kind, *details.pop("subjects", subjects), **details))


Parts = tuple[World, tuple[str, ...], dict[str, Any]]


def _empty() -> Parts:
    return World(), (PACK,), {}


def _registered() -> Parts:
    world = assembled_world()
    world.states.pop(PACK)
    world.tell("register", PACK)
    for code in MODULES:
        world.put(code, parent=None)
    return world, (PACK, *MODULES), {}


def _assembled() -> Parts:
    return assembled_world(), (PACK,), {"vehicle": CAR}


def _assembled_only() -> Parts:
    return assembled_world(), (PACK,), {}


def _installed() -> Parts:
    world = assembled_world()
    world.tell("install", PACK, vehicle=CAR, on="2026-03-10")
    return world, (PACK,), {}


def _for_sale() -> Parts:
    world, subjects, details = _installed()
    world.now = world.now.replace(day=21)
    return world, subjects, details


def _in_workshop() -> Parts:
    world, _, _ = _installed()
    return world, (PACK, MODULES[2], NEW_MODULE), {"removed": MODULES[2], "inserted": NEW_MODULE}


def _at_station() -> Parts:
    world, _, _ = _installed()
    return world, (PACK, SPARE), {"vehicle": CAR}


def _retired() -> Parts:
    world, _, _ = _installed()
    world.tell("retire", PACK, on="2034-06-01")
    return world, (PACK,), {}


def _collected() -> Parts:
    world, _, _ = _retired()
    world.tell("collect", PACK)
    return world, (PACK, MODULES[0], MODULES[1], MODULES[2]), {"missing": [MODULES[2]], "casing_mass_g": 30_000}


def _tested() -> Parts:
    world, _, _ = _collected()
    world.tell("dismantle", PACK, *MODULES)
    world.tell("test", MODULES[0], on="2034-06-21")
    world.tell("test", MODULES[1])
    return world, (SECOND_LIFE, MODULES[0], MODULES[1]), {}


def _at_recycler() -> Parts:
    world, _, _ = _tested()
    return world, (MODULES[0],), {}


def _exported() -> Parts:
    world, _, _ = _assembled()
    world.tell("export", PACK)
    return world, (PACK,), {}


def _asked_void() -> Parts:
    world, _, _ = _registered()
    world.tell("void", PACK)
    return world, (PACK,), {}


def _to_be_voided() -> Parts:
    world, _, _ = _registered()
    return world, (PACK,), {}


def _labelled() -> Parts:
    world, _, _ = _installed()
    world.tell("print_label", PACK)
    return world, (PACK,), {}


def _recalled() -> Parts:
    world, _, _ = _installed()
    world.tell("issue_notice", PACK)
    return world, (PACK,), {}


def _to_be_replaced() -> Parts:
    world, _, _ = _installed()
    return world, (PACK, SPARE), {"vehicle": CAR}


def _for_scrap() -> Parts:
    world, _, _ = _installed()
    return world, (PACK,), {"vehicle": CAR}


def _handed_over() -> Parts:
    world, _, _ = _retired()
    world.tell("hand_over", PACK)
    return world, (PACK,), {}


def _lost() -> Parts:
    world, subjects, details = _collected()
    world.tell("dismantle", *subjects, **details, on="2034-06-20")
    return world, (MODULES[2],), {}


def _for_reuse() -> Parts:
    world, subjects, details = _tested()
    return world, subjects, details


def _weighed_wrong() -> Parts:
    world, _, _ = _empty()
    world.tell("register", PACK)
    return world, (PACK,), {"event_id": next(iter(world.events))}


_SCENES: dict[str, Callable[[], Parts]] = {
    "register": _empty,
    "register_pack": _empty,
    "assemble": _registered,
    "install": _assembled,
    "place_on_market": _assembled_only,
    "publish_passport": _assembled_only,
    "void": _to_be_voided,
    "approve_void": _asked_void,
    "transfer_ownership": _installed,
    "report_incident": _installed,
    "load_bms_software": _installed,
    "begin_service": _installed,
    "replace_pack": _to_be_replaced,
    "print_label": _installed,
    "void_label": _labelled,
    "issue_notice": _installed,
    "lift_notice": _recalled,
    "export": _assembled_only,
    "import_back": _exported,
    "scrap_vehicle": _for_scrap,
    "hand_over": _retired,
    "receive": _handed_over,
    "report_found": _lost,
    "prepare_reuse": _for_reuse,
    "remanufacture": _for_reuse,
    "correct": _weighed_wrong,
    "sell": _for_sale,
    "report_soh": _installed,
    "repair": _in_workshop,
    "swap": _at_station,
    "retire": _installed,
    "collect": _retired,
    "test": _retired,
    "dismantle": _collected,
    "repurpose": _tested,
    "recycle": _at_recycler,
    "erase_values": _installed,
}
KINDS_WITH_SCENES = tuple(_SCENES)
