"""The form of an event on a phone, made from the description of its body: one builder for all kinds.

At most what the body needs stands open; what may be left out is folded. Nothing is made up: a field is filled in
beforehand only with what is recorded, with the day, or with what the organisation enrolled with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from service.domain.effects import CREATORS
from service.domain.events import KINDS, fields_of
from service.domain.fields import FieldSpec
from service.domain.restricted import restricted_in
from service.domain.states import BatteryState
from service.domain.units import COUNTED, DISPLAYS, Display
from service.workshop.offers import LEFT_OUT, Offer

CAPITALS = frozenset({"vin", "country"})
"""Fields that are written in capitals only."""
GIVER = "from_operator"


@dataclass(frozen=True, slots=True)
class Others:
    """Other batteries of the event that stand together: before the one in hand, or after it.

    minimum, maximum: how many are typed; codes: known beforehand, then none is typed.
    """

    before: bool
    minimum: int
    maximum: int
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the body. value: filled in beforehand. suggestions: to choose from. fixed: not to be changed.

    subject: its code also stands among the batteries of the event. offered: codes to tick.
    """

    spec: FieldSpec
    restricted: bool
    value: str = ""
    suggestions: tuple[str, ...] = ()
    fixed: bool = False
    subject: bool = False
    offered: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def display(self) -> Display | None:
        """The unit that people read, where it is a quantity of one."""
        unit = self.spec.unit
        return DISPLAYS.get(unit) if unit is not None and unit not in COUNTED else None

    @property
    def places(self) -> int:
        """By how many decimal places the number that is typed is moved."""
        return self.display.places if self.display else 0

    @property
    def capitals(self) -> bool:
        return self.name in CAPITALS

    @property
    def folded(self) -> bool:
        """Whether it is put away, being optional."""
        return not self.spec.required and not self.value


@dataclass(frozen=True, slots=True)
class Form:
    """A form for one battery in hand; for the batteries of a batch, where `code` is empty."""

    kind: str
    code: str
    fields: tuple[FormField, ...]
    others: tuple[Others, ...] = ()

    @property
    def open_fields(self) -> list[FormField]:
        return [each for each in self.fields if not each.folded]

    @property
    def folded_fields(self) -> list[FormField]:
        return [each for each in self.fields if each.folded]


@dataclass(frozen=True, slots=True)
class Known:
    """What a form is filled in with. recent: by field, what the organisation told last in events of this kind."""

    operator: str
    region: str
    today: date
    recent: Mapping[str, Sequence[str]]


def make_form(offer: Offer, state: BatteryState, known: Known) -> Form:
    """The form of an offer for the battery in hand."""
    restricted = restricted_in(offer.kind)
    fields = tuple(
        _with_parts(_field(spec, known, spec.name in restricted), offer.kind, state) for spec in _specs(offer.kind)
    )
    return Form(offer.kind, state.code, fields, _others(offer, state))


def make_shared_form(kind: str, known: Known, states: Sequence[BatteryState]) -> Form:
    """The values that the batteries of a batch share: none that is measured on each of them."""
    restricted = restricted_in(kind)
    holders = {state.holder for state in states}
    fields = [_field(spec, known, spec.name in restricted) for spec in _specs(kind) if spec.kind != "integer"]
    if len(holders) == 1:
        fields = [replace(each, value=min(holders)) if each.name == GIVER else each for each in fields]
    return Form(kind, "", tuple(fields))


def fits_batch(kind: str) -> bool:
    """Whether such an event is about one battery, without any other code and without values measured on it."""
    row = KINDS[kind]
    alone = row.subjects.minimum <= 1 and row.parts[0] == row.parts[1]
    told = [spec for spec in _specs(kind) if spec.required]
    return alone and not any(spec.kind in ("code", "codes", "integer") for spec in (*told, *_codes_of(kind)))


def _specs(kind: str) -> list[FieldSpec]:
    body = KINDS[kind].body
    assert body is not None
    return [spec for spec in fields_of(body) if spec.required or spec.name not in LEFT_OUT]


def _codes_of(kind: str) -> list[FieldSpec]:
    return [spec for spec in _specs(kind) if spec.kind in ("code", "codes")]


def _field(spec: FieldSpec, known: Known, restricted: bool) -> FormField:
    value = ""
    if spec.required and spec.kind == "date":
        value = known.today.isoformat()
    elif spec.required and spec.kind == "region":
        value = known.region
    return FormField(spec, restricted, value, tuple(known.recent.get(spec.name, ())))


def _with_parts(field: FormField, kind: str, state: BatteryState) -> FormField:
    """The field with what the battery itself says to it."""
    match field.name:
        case _ if field.name == GIVER:
            return replace(field, value=state.holder, suggestions=(state.holder, *field.suggestions))
        case "pack_found":
            return replace(field, value=state.code, fixed=True)
        case "missing":
            return replace(field, offered=state.children)
        case "removed":
            return replace(field, suggestions=state.children, subject=True)
        case "inserted":
            return replace(field, subject=True)
        case "notice" | "notice_id" if kind == "lift_notice":
            at = 0 if field.name == "notice" else 2
            known = tuple(dict.fromkeys(name.split("/", 2)[at] for name in state.notices))
            return replace(field, value=known[0] if len(known) == 1 else "", suggestions=known)
    return field


def _others(offer: Offer, state: BatteryState) -> tuple[Others, ...]:
    row = KINDS[offer.kind]
    if offer.kind == "dismantle":
        return (Others(before=False, minimum=0, maximum=0, codes=state.children),) if state.children else ()
    if offer.kind == "assemble":  # of parts with codes, or of cells without
        return (Others(before=False, minimum=0, maximum=row.subjects.maximum - 1),)
    if row.subjects.minimum < 2:
        return ()
    if (offer.kind, row.parts[0]) in CREATORS:  # the product, and what else goes into it
        most = row.subjects.maximum - 2
        return (Others(before=True, minimum=1, maximum=1), Others(before=False, minimum=0, maximum=most))
    return (Others(before=offer.place == 1, minimum=1, maximum=row.subjects.maximum - 1),)
