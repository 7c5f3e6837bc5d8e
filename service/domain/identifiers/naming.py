"""Which other names an event gives its battery, and which GTIN it ties to which beginning of battery codes.

A GTIN stands for one model, and so for one beginning of codes, positions 1 to 7; that beginning has one GTIN. The tie
is made when a model is published with its GTIN, or a battery is registered with a GTIN that its model does not tell,
and holds for ever (conservation rule 1). GTIN and serial number then lead to the code, and the code to them, by
arithmetic: `code_of_item` and `item_of_code`. A GIAI and an identification link belong to one battery for ever. Two
that differ only in capitals are the same name, because nobody who types one would see the difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from service.domain.bodies import PublishModel
from service.domain.errors import InvalidCode
from service.domain.events import Event
from service.domain.gbt34014 import LETTER_OF_LEVEL, parse_code
from service.domain.gs1 import code_from_serial, gtin_serial_for
from service.domain.identifiers.identification_link import link_key
from service.domain.identifiers.recognition import Scheme, identify
from service.domain.states import Model

PREFIX = 7
"""Positions 1 to 7 of a battery code: maker, level, chemistry and specification."""


class Tie(NamedTuple):
    """A GTIN and the beginning of codes that it stands for. pointer: where the event tells the GTIN."""

    gtin: str
    prefix: str
    pointer: str


class Name(NamedTuple):
    """A name of one battery as it is filed: scheme, colon, value. pointer: where the event tells it."""

    filed: str
    code: str
    pointer: str


class Given(NamedTuple):
    """What one event names."""

    ties: tuple[Tie, ...] = ()
    names: tuple[Name, ...] = ()


_NOTHING = Given()


def names_given(event: Event, models: Mapping[str, Model]) -> Given:
    """The ties and names that `event` makes. What its own rules refuse is left out: they say so."""
    body = event.body
    if isinstance(body, PublishModel):
        return Given((Tie(body.gtin, prefix_of_model(body), "/body/gtin"),)) if body.gtin else _NOTHING
    gtin: str | None = getattr(body, "gtin", None)
    giai: str | None = getattr(body, "giai", None)
    link: str | None = getattr(body, "identification_link", None)
    if not (gtin or giai or link) or not event.subjects:
        return _NOTHING
    code = event.subjects[0]
    names = []
    if giai:
        names.append(Name(giai_name(giai), code, "/body/giai"))
    if link:
        names.append(Name(link_name(link), code, "/body/identification_link"))
    ties = (Tie(gtin, code[:PREFIX], "/body/gtin"),) if gtin and not _told_by_model(event, gtin, models) else ()
    return Given(ties, tuple(names))


def prefix_of_model(model: PublishModel) -> str:
    """Positions 1 to 7 of the codes of this model."""
    return f"{model.manufacturer_code}{LETTER_OF_LEVEL[model.level]}{model.chemistry}{model.specification}"


def giai_name(giai: str) -> str:
    """How a GIAI is filed."""
    return f"giai:{giai.upper()}"


def link_name(link: str) -> str:
    """How an identification link is filed."""
    return f"link:{link_key(link)}"


def code_of_item(prefix: str, serial: str) -> str | None:
    """The battery code of a serial number (AI 21) whose GTIN is tied to `prefix`; None where it can be none."""
    try:
        return code_from_serial(prefix, serial).text
    except InvalidCode:
        return None


def item_of_code(gtin: str, code: str) -> tuple[str, str]:
    """GTIN and serial number of a battery whose code's beginning is tied to `gtin`."""
    return gtin, gtin_serial_for(parse_code(code))


def named_by_link(link: str) -> str | None:
    """The battery code that an identification link itself spells out, as an address of a register does."""
    try:
        found = identify(link)
    except InvalidCode:
        return None
    return found.value if found.scheme is Scheme.CODE else None


def _told_by_model(event: Event, gtin: str, models: Mapping[str, Model]) -> bool:
    model = models.get(getattr(event.body, "model_id", ""))
    return model is not None and model.body.gtin == gtin
