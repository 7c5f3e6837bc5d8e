"""The people, models and batteries of the Chongqing story, and short ways to say what happens to them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from service.domain.bodies import Licence
from service.domain.case import Facts, Undo
from service.domain.corrections import REVERSIBLE
from service.domain.events import Event, parse_body
from service.domain.lifecycle import decide
from service.domain.materials.lots import Lot
from service.domain.roles import Role
from service.domain.states import BatteryState, Model
from service.domain.uuid7 import make_uuid7

PACK = "001PE12ABCDEFGG2T0000001"
SPARE = "001PE12ABCDEFGG2T0000002"
MODULES = tuple(f"001ME12ABCDEFGG2R000000{n}" for n in range(1, 4))
NEW_MODULE = "001ME12ABCDEFGG2R0000004"
CELL = "001CE12ABCDEFGG2P0000001"
SECOND_LIFE = "001ME12R6M0000001RM"  # made on 2034-06-21
CAR, OTHER_CAR = "token-of-a-car", "token-of-another-car"
VIN = "LSVAU2A34N2183294"
COMMITMENT = "A" * 43 + "="

ROLES: dict[str, frozenset[Role]] = {
    "cq-cells": frozenset({Role.MAKER}),
    "cq-motors": frozenset({Role.VEHICLE_MAKER, Role.DEALER}),
    "cq-swap": frozenset({Role.SWAP_OPERATOR}),
    "cq-repair": frozenset({Role.WORKSHOP}),
    "cq-outlet": frozenset({Role.COLLECTOR}),
    "cq-lab": frozenset({Role.TESTER}),
    "cq-recycle": frozenset({Role.RECYCLER, Role.DISMANTLER}),
    "cq-fleet": frozenset({Role.FLEET, Role.INSURER}),
    "cq-export": frozenset({Role.EXPORTER, Role.IMPORTER}),
    "cq-watch": frozenset({Role.REGULATOR}),
    "cq-city": frozenset({Role.AUTHORITY}),
}

PACK_MODEL: dict[str, Any] = {
    "model_id": "CQ-150",
    "name": "长江150",
    "level": "pack",
    "category": "ev",
    "chemistry": "E",
    "manufacturer_code": "001",
    "specification": "12",
    "capacity_mah": 150_000,
    "energy_wh": 52_000,
    "voltage_mv": 350_000,
    "mass_g": 300_000,
    "composition_g": {"nickel": 36_000, "lithium": 6_000, "cobalt": 12_000, "copper": 20_000},
    "gtin": "09521234000013",
}
MODULE_MODEL = PACK_MODEL | {
    "model_id": "CQ-50M",
    "level": "module",
    "energy_wh": 17_000,
    "mass_g": 90_000,
    "composition_g": {"nickel": 12_000, "lithium": 2_000, "cobalt": 4_000},
    "gtin": "09521234000020",
}
BODIES: dict[str, dict[str, Any]] = {
    "publish_model": PACK_MODEL,
    "publish_passport": {
        "version": 1,
        "category": "ev",
        "points": ["12", "33", "45"],
        "model_id": "CQ-150",
        "pt1_sha256": COMMITMENT,
        "pt2_sha256": COMMITMENT,
    },
    "register": {
        "model_id": "CQ-150",
        "mass_g": 300_000,
        "capacity_mah": 150_000,
        "energy_wh": 52_000,
        "made_on": "2026-02-26",
        "site": "重庆两江工厂",
    },
    "register_pack": {
        "model_id": "CQ-150",
        "mass_g": 300_000,
        "capacity_mah": 150_000,
        "energy_wh": 52_000,
        "made_on": "2026-02-26",
        "site": "重庆两江工厂",
        "modules": [{"code": MODULES[0], "mass_g": 90_000, "cells": [{"first": CELL, "count": 8, "mass_g": 9_000}]}],
        "housing_mass_g": 40_000,
    },
    "set_deadline": {
        "duty": "cn73-scrap",
        "days": 15,
        "clock": "calendar_days",
        "valid_from": "2026-04-01",
        "source": "notice of the city",
    },
    "set_licence_day": {
        "role": "recycler",
        "licence": "pollutant_discharge",
        "told_from": "2026-07-01",
        "source": "notice of the city",
    },
    "set_standing": {
        "operator_id": "cq-repair",
        "standing": "suspended",
        "since": "2026-02-27",
        "reason": "its licence is being looked at",
    },
    "record_maintenance": {
        "act": "upgrade",
        "detail": "from 0.1.0, tables 0015 to 0.2.0, tables 0018",
        "version": "0.2.0",
    },
    "assemble": {"mass_g": 300_000},
    "place_on_market": {"market": "EU", "placed_on": "2026-02-27", "declaration_of_conformity": "DOC-CQ-150-1"},
    "void": {"reason": "duplicate"},
    "approve_void": {"decision_no": "CQ-2026-17"},
    "transfer_ownership": {"new_owner": "owner-7f3a", "owner_type": "fleet", "region": "500103"},
    "report_incident": {"incident": "accident", "severity": "critical", "happened_on": "2026-03-09"},
    "load_bms_software": {"software_version": "4.2.1", "software_maker": "Chongqing Cells", "reset_used": False},
    "begin_service": {"reason": "module fault"},
    "replace_pack": {"vin": VIN, "reason": "accident", "voucher": "V-2026-88"},
    "print_label": {"template": "P1", "form": "pdf", "copies": 2},
    "void_label": {"copies": 1, "voiding_reason": "spoiled"},
    "issue_notice": {"notice": "dispute", "notice_id": "R-1", "reason": "cooling plate"},
    "lift_notice": {"notice": "dispute", "notice_id": "R-1", "reason": "repaired"},
    "export": {"country": "DE", "hs_code": "850760", "customs_no": "CQ-EX-1"},
    "import_back": {"country": "DE", "customs_no": "CQ-IM-1"},
    "scrap_vehicle": {"certificate_no": "HS-500103-9", "vin": VIN, "pack_found": PACK},
    "hand_over": {"to_operator": "cq-outlet", "transport_document": "YD-2034-000"},
    "receive": {"from_operator": "cq-repair", "mass_g": 300_000},
    "report_found": {"found_on": "2034-06-20"},
    "install": {"vin": VIN, "odometer_km": 12},
    "sell": {"sold_on": "2026-03-20", "region": "500103", "owner_type": "private"},
    "report_soh": {
        "soce_ppm": 885_000,
        "remaining_capacity_mah": 133_100,
        "full_cycles": 640,
        "method": "bms",
        "temperature_mc": -5_000,
        "note": "年检",
    },
    "repair": {"reason": "module fault", "soce_ppm": 900_000, "safety_test_passed": True},
    "swap": {
        "vin": VIN,
        "station": "CQ-07",
        "soc_out_ppm": 80_000,
        "soc_in_ppm": 970_000,
        "soce_out_ppm": 880_000,
        "soce_in_ppm": 960_000,
    },
    "retire": {"reason": "capacity", "soce_ppm": 700_000},
    "collect": {"mass_g": 300_000, "from_operator": "cq-repair", "transport_document": "YD-2034-001"},
    "test": {
        "remaining_capacity_mah": 105_000,
        "soce_ppm": 700_000,
        "resistance_uohm": 1_900,
        "insulation_kohm": 20_000,
        "standard": "GB/T 34015-2017",
        "decision": "second_life",
        "visual": "sound",
    },
    "dismantle": {"casing_mass_g": 20_000, "residual_mass_g": 10_000, "missing": []},
    "prepare_reuse": {
        "application": "traction",
        "capacity_mah": 100_000,
        "energy_wh": 11_000,
        "mass_g": 95_000,
        "made_on": "2034-06-21",
    },
    "remanufacture": {
        "application": "traction",
        "capacity_mah": 135_000,
        "energy_wh": 11_000,
        "mass_g": 95_000,
        "made_on": "2034-06-21",
        "cell_spread_ppm": 30_000,
    },
    "repurpose": {
        "operation": "preparation_for_repurposing",
        "application": "stationary_storage",
        "capacity_mah": 100_000,
        "energy_wh": 11_000,
        "mass_g": 95_000,
        "made_on": "2034-06-21",
        "voltage_mv": 48_000,
        "coding_standard": "gbt_45565",
    },
    "recycle": {
        "input_mass_g": 90_000,
        "loss_mass_g": 56_956,
        "route": "hydrometallurgy",
        "outputs": [
            {"material": "nickel_sulfate", "mass_g": 50_000, "lot": "NISO4-2607", "grade": "HG/T 5919 I"},
            {"material": "lithium_carbonate", "mass_g": 10_000, "lot": "LI2CO3-2607"},
            {"material": "black_mass", "mass_g": 20_000, "lot": "BM-1"},
        ],
    },
    "correct": {
        "event_id": "0190f5fe-7c00-7000-8000-000000000000",
        "reason": "incorrect_data",
        "note": "weighed again",
        "mass_g": 310_000,
    },
    "erase_values": {"basis": "PIPL, Art. 47", "commitments": [COMMITMENT], "reason": "the owner asked for it"},
    "enrol_operator": {
        "operator_id": "cq-cells",
        "name": "重庆电芯",
        "roles": ["maker"],
        "region": "500112",
        "uscc": "91350100M000100Y43",
    },
}
ACTORS = {
    "publish_passport": "cq-cells",
    "publish_model": "cq-cells",
    "register": "cq-cells",
    "register_pack": "cq-cells",
    "set_deadline": "cq-city",
    "set_licence_day": "cq-city",
    "set_standing": "cq-city",
    "record_maintenance": "cq-city",
    "assemble": "cq-cells",
    "place_on_market": "cq-cells",
    "void": "cq-cells",
    "approve_void": "cq-watch",
    "transfer_ownership": "cq-fleet",
    "report_incident": "cq-fleet",
    "load_bms_software": "cq-repair",
    "begin_service": "cq-repair",
    "replace_pack": "cq-repair",
    "print_label": "cq-cells",
    "void_label": "cq-cells",
    "issue_notice": "cq-cells",
    "lift_notice": "cq-cells",
    "export": "cq-export",
    "import_back": "cq-export",
    "scrap_vehicle": "cq-recycle",
    "hand_over": "cq-repair",
    "receive": "cq-outlet",
    "report_found": "cq-recycle",
    "prepare_reuse": "cq-recycle",
    "remanufacture": "cq-recycle",
    "correct": "cq-cells",
    "install": "cq-motors",
    "sell": "cq-motors",
    "report_soh": "cq-motors",
    "repair": "cq-repair",
    "swap": "cq-swap",
    "retire": "cq-repair",
    "collect": "cq-outlet",
    "test": "cq-lab",
    "dismantle": "cq-recycle",
    "repurpose": "cq-recycle",
    "recycle": "cq-recycle",
    "erase_values": "cq-city",
    "enrol_operator": "cq-city",
}


def moment(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00:00+08:00").astimezone(UTC)


class World:
    """What is recorded so far. `tell` decides one event at `self.now` and keeps the new states."""

    def __init__(self) -> None:
        self.states: dict[str, BatteryState] = {}
        self.models: dict[str, Model] = {}
        self.lots: dict[str, Lot] = {}
        self.now = moment("2026-02-27")
        self.told: list[str] = []
        self.events: dict[str, Event] = {}
        self.undo: dict[str, Undo] = {}
        self.licences: dict[str, tuple[Licence, ...]] = {}
        for body in (PACK_MODEL, MODULE_MODEL):
            parsed: Any = parse_body("publish_model", body)
            self.models[parsed.model_id] = Model("cq-cells", parsed)

    def event(self, kind: str, *subjects: str, vehicle: str | None = None, actor: str = "", **body: Any) -> Event:
        mapping = {name: value for name, value in (BODIES[kind] | body).items() if value is not None}
        number = make_uuid7(int(self.now.timestamp() * 1000), len(self.told).to_bytes(10, "big"))
        return Event(number, kind, actor or ACTORS[kind], self.now, subjects, parse_body(kind, mapping), vehicle)

    def facts(self, event: Event, **changes: Any) -> Facts:
        return Facts(
            roles=ROLES[event.actor],
            states=self.states_for(event),
            models=self.models,
            operators=ROLES,
            authority="cq-city",
            received_at=self.now,
            today=self.now.date(),
            lots=self.lots,
            licences=self.licences.get(event.actor),
            fitted=self.packs_in(event.vehicle),
            corrected=self.events.get(getattr(event.body, "event_id", "")),
            undo=self.undo,
        )._replace(**changes)

    def states_for(self, event: Event) -> dict[str, BatteryState]:
        """The states of the subjects, of what they are built into, and of what is in the vehicle."""
        found: dict[str, BatteryState] = {}
        wanted = [*event.subjects, *self.packs_in(event.vehicle)]
        while wanted:
            code = wanted.pop()
            if code in self.states and code not in found:
                found[code] = state = self.states[code]
                wanted += [state.parent] if state.parent is not None else []
        return found

    def decide(self, event: Event, **facts: Any) -> dict[str, BatteryState]:
        return decide(event, self.facts(event, **facts))

    def tell(self, kind: str, *subjects: str, on: str = "", **details: Any) -> Mapping[str, BatteryState]:
        """One event, by default by its usual actor with its usual body. on: the day it happens."""
        if on:
            self.now = moment(on)
        else:
            self.now += timedelta(minutes=1)
        return self.take(self.event(kind, *subjects, **details))

    def take(self, event: Event) -> Mapping[str, BatteryState]:
        """Decide an event and keep what follows from it."""
        changed = self.decide(event)
        if event.kind in REVERSIBLE:
            self.undo |= {code: Undo(event.id, self.states[code]) for code in event.subjects}
        self.states.update(changed)
        self.told.append(event.kind)
        self.events[event.id] = event
        return changed

    def packs_in(self, vehicle: str | None) -> frozenset[str]:
        return frozenset(code for code, state in self.states.items() if vehicle and state.vehicle == vehicle)

    def put(self, code: str, **changes: Any) -> None:
        """Set what is recorded of `code` directly, to stand in for a history that does not matter here."""
        self.states[code] = self.states[code].changed(changes)


def register_modules(world: World, codes: Iterable[str] = MODULES) -> None:
    for code in codes:
        world.tell("register", code, model_id="CQ-50M", mass_g=90_000, energy_wh=17_000, made_on="2026-02-24")


def assembled_world(make: Callable[[], World] = World) -> World:
    """A pack of three modules and a spare pack without linked modules, all of one maker."""
    world = make()
    register_modules(world, (*MODULES, NEW_MODULE))
    world.tell("register", PACK)
    world.tell("register", SPARE)
    world.tell("assemble", PACK, *MODULES)
    return world
