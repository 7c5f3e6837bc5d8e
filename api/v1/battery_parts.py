"""What of a battery goes into an answer: the part for everybody, and the rest.

The public part is an allow-list. A new field of the state is restricted until somebody adds it here.
"""

import orjson

from api.receipts import proof_text
from ledger.entry import format_hash, format_time
from ledger.map import format_lookup
from service.domain.events import KINDS
from service.domain.states import BatteryState, Model
from service.history import BatteryNow, Completeness, History, Step

_RESTRICTED_FROM_ALL = frozenset({"vehicle"})
"""Which vehicle it is in is for the register alone: see `service.domain.restricted`."""


def public_members(now: BatteryNow) -> dict[str, object]:
    """For everybody. Capacity and energy are the rated ones: those of one battery are of Annex XIII, part 4(a)."""
    state = now.state
    maker = now.maker.enrolment if now.maker else None
    return {
        "code": now.code,
        "level": state.level.value,
        "op_state": state.op_state.value,
        "life_status": state.life_status.value,
        "passport": state.passport.value,
        "made_on": state.made_on.isoformat(),
        "gtin": state.gtin,
        "mass_g": state.mass_g,
        "capacity_mah": state.rated_capacity_mah,
        "energy_wh": state.rated_energy_wh,
        "flags": list(state.flags),
        "maker": {
            "operator_id": state.maker,
            "name": maker.name if maker else None,
            "name_en": maker.name_en if maker else None,
        },
        "model": None if now.model is None else _model_members(now.model),
        "size": now.size,
        "checkpoint": now.checkpoint.decode(),
    }


def state_members(state: BatteryState) -> dict[str, object]:
    """For those who see all."""
    return {name: value for name, value in state.disclosed().items() if name not in _RESTRICTED_FROM_ALL}


def history_members(history: History, *, whole: bool) -> dict[str, object]:
    """A battery's life: all steps with their entries, or the public steps without."""
    steps = history.steps if whole else history.public_steps()
    return {
        "code": history.now.code,
        "count": history.count,
        "whole": whole,
        "size": history.now.size,
        "checkpoint": history.now.checkpoint.decode(),
        "declared_in": None if history.declared is None else _declared_members(history.declared, whole=whole),
        "accounted_in": None if history.accounted is None else _declared_members(history.accounted, whole=whole),
        "map": None if history.complete is None else _map_members(history.complete),
        "steps": [_step_members(step, whole=whole) for step in steps],
    }


def _declared_members(step: Step, *, whole: bool) -> dict[str, object]:
    """The entry that lists a module or cell or accounts for it: its whole's, so it has no place in the part's life."""
    members = _step_members(step, whole=whole)
    del members["seq"]
    return {"code": step.event["subjects"][0], **members}


def _step_members(step: Step, *, whole: bool) -> dict[str, object]:
    kind = KINDS.get(step.kind)
    members: dict[str, object] = {
        "seq": step.seq,
        "index": step.index,
        "leaf_hash": format_hash(step.leaf_hash),
        "proof": proof_text(step.receipt),
        "type": step.kind,
        "title": kind.title_en if kind else step.kind,
        "title_zh": kind.title_zh if kind else step.kind,
        "roles": sorted(step.roles),
        "occurred_at": format_time(step.occurred_at),
        "received_at": format_time(step.received_at),
        "disputed": step.disputed,
    }
    if step.corrected_by:
        members["corrected_by"] = step.corrected_by
    if whole:
        members |= {"actor": step.actor, "entry": orjson.Fragment(step.entry)}
        members |= {"private": step.private} if step.private else {}
    return members


def _map_members(complete: Completeness) -> dict[str, object]:
    """The register's own statement of how many entries the battery has, with its proof. It is nobody's secret."""
    found = complete.commitment
    return {
        "size": found.index,
        "received_at": format_time(complete.at),
        "commitment": {"index": found.index, "entry": orjson.Fragment(found.entry), "proof": proof_text(found.receipt)},
        "lookup": format_lookup(complete.lookup),
    }


def _model_members(model: Model) -> dict[str, object]:
    body = model.body
    return {
        "model_id": body.model_id,
        "name": body.name,
        "name_en": body.name_en,
        "chemistry": body.chemistry,
        "category": body.category.value,
        "level": body.level.value,
        "capacity_mah": body.capacity_mah,
        "energy_wh": body.energy_wh,
        "voltage_mv": body.voltage_mv,
        "mass_g": body.mass_g,
        "extinguishing_agent": body.extinguishing_agent,
        "hazard_en": body.hazard_en,
        "hazard_zh": body.hazard_zh,
    }
