"""Events of every kind with any body its fields allow, as they are told."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from service.domain.events import KINDS
from service.domain.fields import FieldSpec, fields_of
from service.domain.restricted import restricted_in
from service.domain.uuid7 import make_uuid7
from service.epcis.shapes import CORRECT
from service.epcis.writing import Told
from service.private.commitments import Private, make_private

KINDS_TOLD = sorted(name for name, kind in KINDS.items() if kind.body is not None)
CODES = tuple(f"001PE12ABCDEFGG2T{n:07d}" for n in range(1, 9))
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
)
IDS = st.builds(make_uuid7, st.integers(0, 2_000_000_000_000), st.binary(min_size=10, max_size=10))


def values_of(field: FieldSpec) -> st.SearchStrategy[Any]:
    """Values of the right JSON type for a field; whether a code has the right check digit is not asked."""
    match field.kind:
        case "integer":
            few = field.unit == "count"  # of codes, each of which is written out
            return st.integers(field.minimum, 40 if few else field.maximum)
        case "boolean":
            return st.booleans()
        case "date":
            return st.dates(date(2020, 1, 1), date(2040, 1, 1)).map(date.isoformat)
        case "choice":
            return st.sampled_from([str(each) for each in field.choices])
        case "choices":
            return st.lists(st.sampled_from([str(each) for each in field.choices]), min_size=1, unique=True)
        case "codes":
            return st.lists(st.sampled_from(CODES), max_size=3, unique=True)
        case "amounts":
            words = st.sampled_from([str(each) for each in field.choices])
            return st.dictionaries(words, st.integers(field.minimum, field.maximum), min_size=1, max_size=4)
        case "items":
            return st.lists(bodies_of(field.items), min_size=1, max_size=3)
        case "code":
            return st.sampled_from(CODES)
        case "operator":
            return st.sampled_from(["cq-cells", "cq-repair"])
    return TEXT


def bodies_of(fields: tuple[FieldSpec, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping with every field that is required, and any of the others."""
    required = {field.name: values_of(field) for field in fields if field.required}
    optional = {field.name: values_of(field) for field in fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional)


@st.composite
def told_events(draw: st.DrawFn, kind: str) -> Told:
    """An event in custody: every value plain."""
    row = KINDS[kind]
    assert row.body is not None
    body = draw(bodies_of(fields_of(row.body)))
    if kind == CORRECT:
        body["event_id"] = draw(IDS)
    low, high = row.subjects.minimum, min(row.subjects.maximum, 5)
    if kind == "assemble" and not body.keys() >= {"cell_lot", "cell_count"}:
        low = 2  # without parts that have codes only where the cells have none
    subjects = list(CODES[: draw(st.integers(low, high))])
    return Told(draw(IDS), kind, draw(TIMES), subjects, body)


def committed(told: Told) -> tuple[Told, Mapping[str, Private]]:
    """The same event as it is signed: commitments in the place of restricted values, which are beside."""
    restricted = restricted_in(told.kind)
    privates = {
        name: make_private(name, value, bytes([n]) * 32)
        for n, (name, value) in enumerate(told.body.items())
        if name in restricted
    }
    body = {name: value for name, value in told.body.items() if name not in restricted}
    body |= {restricted[name].commitment: each.text for name, each in privates.items()}
    return Told(told.id, told.kind, told.occurred_at, told.subjects, body), privates
