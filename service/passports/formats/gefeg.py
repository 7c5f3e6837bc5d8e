"""A passport as GEFEG BatteryPass-Ready JSON (data model 1.0), for the schema of its category.

Sections without any member stay, empty: a reader finds all seven.
"""

from service.domain.words import Category
from service.passports.formats.gefeg_rows import EV, LMT, OTHER, ROWS, STATIONARY, WITHOUT_BMS
from service.passports.formats.rows import Filled, Source, fill_rows

SECTIONS = tuple(dict.fromkeys(row.path[0] for row in ROWS))
_SCHEMAS = {Category.EV: EV, Category.LMT: LMT, Category.STATIONARY: STATIONARY}


def gefeg_document(source: Source) -> Filled:
    """The passport in the schema of its category. Raises as `fill_rows` does."""
    filled = fill_rows(ROWS, source, schema_of(source))
    sections = {name: filled.document.get(name, {}) for name in SECTIONS}
    return Filled({"Battery_Passport": sections}, filled.left_out, filled.withheld)


def schema_of(source: Source) -> str:
    """The name of the schema, as its file is called.

    An industrial battery counts as one without BMS where its chemistry is lead: that schema admits no other.
    """
    if source.category is Category.INDUSTRIAL:
        return WITHOUT_BMS if source.value(12).get("short_name") == "pb" else OTHER
    return _SCHEMAS[source.category]
