"""Finding a battery by whatever somebody has of it: its code, GTIN with serial number, GIAI, identification link, VIN.

A unified social credit code finds the organisation that is enrolled with it.

One room for every address, search box and command. A look-up costs a few searches in indexes, however large the
register is. A text is folded first; what it might have been beside that, where letters look alike, is only suggested.

A VIN stands for a person's car. It is never part of an address, because addresses end up in logs. Regulators, the
authority and those who took part in the life of the battery it leads to may ask by it; everybody else learns nothing,
not even whether there is such a vehicle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from service.absence import find_absence
from service.access import Caller
from service.db import views
from service.domain.identifiers.naming import PREFIX, code_of_item, giai_name, item_of_code, link_name
from service.domain.identifiers.recognition import Identified, Scheme, identify, suggest
from service.domain.states import BatteryState
from service.domain.words import Standing
from service.errors import NotFoundError, UnknownBatteryError
from service.history import battery_history, may_read_all
from service.private.vehicles import packs_in_vehicle
from service.recording.listings import load_known
from service.recording.registry import Operator
from service.work import Register, RegisterReader

_PUBLIC = frozenset({Scheme.CODE, Scheme.ITEM, Scheme.ASSET, Scheme.LINK})
"""Schemes whose names lead everybody to one battery."""

Item = tuple[str, str]
"""GTIN and serial number (AI 21)."""


class Enrolled(NamedTuple):
    """An operator as enrolled, and whether it takes part."""

    operator: Operator
    standing: Standing


@dataclass(frozen=True, slots=True)
class Found:
    """What a text names, and the batteries it leads to. meant: others that look much like it; codes.

    operators: those that it is the credit code of, by id; several only where enrolled before rule `uscc-taken`.
    """

    named: Identified
    codes: tuple[str, ...]
    meant: tuple[str, ...]
    operators: tuple[Enrolled, ...] = ()


def resolve_battery(register: Register, text: str) -> str:
    """The code of the battery that `text`, part of an address or typed, names.

    Raises InvalidCode for what cannot be a name, NotFoundError for what leads nobody to a battery of this register,
    and of these UnknownBatteryError for what leads to a code.
    """
    return find_battery(register, identify(text))


def find_battery(register: Register, named: Identified) -> str:
    """As `resolve_battery`, of a name that was recognised. Raises NotFoundError, UnknownBatteryError."""
    if named.scheme not in _PUBLIC:
        raise NotFoundError(f"no battery of this register is found by a {named.scheme.en} in this way")
    with register.read() as reader:
        code = _code_of(reader.connection, named)
        if code is None:
            raise NotFoundError(f"{named.value} is not in this register")
        if code not in _known(register, reader, [code]):
            raise UnknownBatteryError(f"{named.value} is not in this register", find_absence(reader, code))
    return code


def find_batteries(register: Register, text: str, caller: Caller | None) -> Found:
    """Whatever `text` leads `caller` to; None is the public. Raises InvalidCode."""
    named = identify(text)
    if named.scheme is Scheme.VEHICLE:
        return Found(named, _in_vehicle(register, named.value, caller), ())
    if named.scheme is Scheme.ORGANISATION:
        return Found(named, (), (), find_organisations(register, named.value))
    try:
        return Found(named, (find_battery(register, named),), ())
    except NotFoundError:
        return Found(named, (), suggest_batteries(register, text))


def find_organisations(register: Register, uscc: str) -> tuple[Enrolled, ...]:
    """The operators enrolled with this unified social credit code, by id. Looks through all, which are in memory."""
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
    found = [registry.operators[id_] for id_ in sorted(registry.operators)]
    rulings = registry.standings
    return tuple(
        Enrolled(each, rulings[each.id].standing if each.id in rulings else Standing.ACTIVE)
        for each in found
        if each.enrolment.uscc == uscc
    )


def suggest_batteries(register: Register, text: str) -> tuple[str, ...]:
    """Batteries of this register that `text` may have meant, if characters that look alike were mistaken; codes."""
    codes = [code for code in suggest(text) if len(code) in (19, 24)]
    if not codes:
        return ()
    with register.read() as reader:
        known = _known(register, reader, codes)
    return tuple(code for code in codes if code in known)


def codes_of_items(connection: Connection, items: Iterable[Item]) -> dict[Item, str]:
    """The battery codes of GTINs with serial numbers, registered or not, as far as their GTINs are known here."""
    wanted = list(items)
    prefixes = dict(views.find_trade_items(connection, sorted({gtin for gtin, _ in wanted})))
    found = {(gtin, serial): code_of_item(prefixes[gtin], serial) for gtin, serial in wanted if gtin in prefixes}
    return {item: code for item, code in found.items() if code is not None}


def items_of_codes(connection: Connection, codes: Iterable[str]) -> dict[str, Item]:
    """GTIN and serial number of those codes whose beginning has a GTIN; also of codes that are not registered."""
    wanted = list(codes)
    ties = views.find_trade_items(connection, (), sorted({code[:PREFIX] for code in wanted}))
    gtins = {prefix: gtin for gtin, prefix in ties}
    return {code: item_of_code(gtins[code[:PREFIX]], code) for code in wanted if code[:PREFIX] in gtins}


def _code_of(connection: Connection, named: Identified) -> str | None:
    """The code that a public name leads to, registered or not."""
    if named.scheme is Scheme.CODE:
        return named.value
    if named.scheme is Scheme.ITEM:
        gtin, _, serial = named.value.partition("/")
        item = (gtin, serial.upper())
        return codes_of_items(connection, [item]).get(item)
    name = giai_name(named.value) if named.scheme is Scheme.ASSET else link_name(named.value)
    return views.find_codes(connection, [name]).get(name)


def _in_vehicle(register: Register, vin: str, caller: Caller | None) -> tuple[str, ...]:
    """The packs that are in this vehicle now and whose lives the caller may read."""
    if caller is None:
        return ()
    with register.read() as reader:
        codes = sorted(packs_in_vehicle(reader.connection, register.vault, vin))
        registry = register.current_registry(reader.connection)
    return tuple(code for code in codes if may_read_all(caller, battery_history(register, code), registry))


def _known(register: Register, reader: RegisterReader, codes: Sequence[str]) -> Mapping[str, BatteryState]:
    return load_known(reader.connection, codes, register.current_registry(reader.connection).models)
