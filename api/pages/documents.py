"""The facts of a battery for programs: JSON and JSON-LD. Nothing that the page does not show.

Words follow the language of the request; names of members, states and units never do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from api.language import TAGS, Catalogue
from api.pages.facts import Facts, PublicStep, Warned
from ledger.entry import format_time
from service.domain.events import KINDS
from service.domain.names import FLAGS, LIFE_STATUSES, OP_STATES
from service.domain.words import Word

GS1 = "https://ref.gs1.org/voc/"
_CONTEXT: Mapping[str, Any] = {
    "schema": "https://schema.org/",
    "gs1": GS1,
    "id": "@id",
    "type": "@type",
    "model": "schema:model",
    "maker": "schema:manufacturer",
    "made_on": "schema:productionDate",
    "gtin": "gs1:gtin",
    "serial": "gs1:hasSerialNumber",
    "name": "schema:name",
}


def battery_address(base_url: str, code: str) -> str:
    """The address of a battery's page by its own code."""
    return f"{base_url}/b/{quote(code, safe='')}"


def history_address(base_url: str, code: str) -> str:
    """The address of its events and proofs."""
    return f"{base_url}/v1/batteries/{quote(code, safe='')}/history"


def facts_document(facts: Facts, base_url: str, say: Catalogue) -> dict[str, Any]:
    """The JSON object."""
    state, model, rated = facts.state, facts.now.model, facts.now.model.body if facts.now.model else None
    name, life = OP_STATES[state.op_state], LIFE_STATUSES[state.life_status]
    document: dict[str, Any] = {
        "id": battery_address(base_url, facts.code.text),
        "code": facts.code.text,
        "status": {
            "op_state": state.op_state.value,
            "name": say.pick(name.en, name.zh),
            "meaning": say.pick(name.meaning_en, name.meaning_zh),
            "ended": facts.has_ended,
            "warnings": [_warning(each, facts, say) for each in facts.warnings],
        },
        "life_status": {"value": state.life_status.value, "name": say.pick(life.en, life.zh)},
        "level": _word(state.level, say),
        "maker": _maker(facts),
        "model": rated and model and _present(id=rated.model_id, name=rated.name, name_en=rated.name_en),
        "made_on": state.made_on.isoformat(),
        "chemistry": {"value": facts.chemistry.letter, "name": say.pick(facts.chemistry.en, facts.chemistry.zh)},
        "category": rated and _word(rated.category, say),
        "rated": _present(
            capacity_mah=state.rated_capacity_mah,
            energy_wh=state.rated_energy_wh,
            voltage_mv=rated and rated.voltage_mv,
        ),
        "mass_g": facts.mass_g,
        "safety": _safety(facts, say),
        "related": _related(facts),
        "timeline": [_step(step, say) for step in facts.steps],
        "timeline_skipped": facts.skipped,
        "events": facts.count,
        "register": _register(facts, base_url),
        "history": history_address(base_url, facts.code.text),
    }
    if facts.gs1:
        document["gtin"], document["serial"] = facts.gs1
    return {key: value for key, value in document.items() if value is not None}


def linked_document(facts: Facts, base_url: str, say: Catalogue) -> dict[str, Any]:
    """The same as JSON-LD: its context stands in it, so that nobody has to fetch one."""
    context = {"@version": 1.1, "@vocab": f"{base_url}/docs#", "@language": TAGS[say.language], **_CONTEXT}
    return {"@context": context, "type": "schema:Product", **facts_document(facts, base_url, say)}


def _present(**members: object) -> dict[str, object]:
    return {key: value for key, value in members.items() if value is not None}


def _word(word: Word, say: Catalogue) -> dict[str, str]:
    return {"value": word.value, "name": say.pick(word.en, word.zh)}


def _warning(warned: Warned, facts: Facts, say: Catalogue) -> dict[str, object]:
    name = FLAGS[warned.flag]
    return _present(
        flag=warned.flag,
        name=say.pick(name.en, name.zh),
        meaning=say.pick(name.meaning_en, name.meaning_zh),
        of=warned.of if warned.of != facts.code.text else None,
    )


def _maker(facts: Facts) -> dict[str, object]:
    maker = facts.now.maker
    if maker is None:
        return {"id": facts.state.maker}
    return _present(id=maker.id, name=maker.enrolment.name, name_en=maker.enrolment.name_en)


def _safety(facts: Facts, say: Catalogue) -> dict[str, object]:
    if facts.now.model is None:
        return {}
    body = facts.now.model.body
    hazard = say.pick(body.hazard_en or "", body.hazard_zh or "")
    return _present(hazard=hazard or None, extinguishing_agent=body.extinguishing_agent)


def _related(facts: Facts) -> dict[str, object]:
    related = facts.related
    members = {
        "parent": related.parent,
        "parts": list(related.parts),
        "came_apart_into": list(related.came_apart),
        "derived_from": list(related.derived_from),
        "consumed_into": related.consumed_into,
    }
    return {key: value for key, value in members.items() if value}


def _step(step: PublicStep, say: Catalogue) -> dict[str, object]:
    kind = KINDS[step.kind]
    licences = [
        _present(
            licence=e.licence.value,
            number=e.number,
            valid_from=e.valid_from.isoformat(),
            valid_until=e.valid_until and e.valid_until.isoformat(),
            scope=e.scope,
        )
        for e in step.licences
    ]
    return {
        "event": step.kind,
        "title": say.pick(kind.title_en, kind.title_zh),
        "occurred_at": format_time(step.occurred_at),
        "received_at": format_time(step.received_at),
        "by": [role.value for role in step.roles],
    } | _present(disputed=step.disputed or None, licences=licences or None)


def _register(facts: Facts, base_url: str) -> dict[str, object]:
    return {
        "size": facts.now.size,
        "last_entry": facts.last_index,
        "last_received_at": format_time(facts.last_received),
        "checkpoint": f"{base_url}/log/checkpoint",
        "keys": f"{base_url}/log/vkeys",
    }
