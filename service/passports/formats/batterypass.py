"""A passport as the seven submodels of the Battery Pass data model 1.2, by their names."""

from service.passports.formats.batterypass_rows import ROWS, SCHEMA
from service.passports.formats.rows import Filled, Source, fill_rows

SUBMODELS = tuple(dict.fromkeys(row.path[0] for row in ROWS))


def batterypass_document(source: Source) -> Filled:
    """All seven, a submodel without any member empty. Raises as `fill_rows` does."""
    filled = fill_rows(ROWS, source, SCHEMA)
    submodels = {name: filled.document.get(name, {}) for name in SUBMODELS}
    return Filled(submodels, filled.left_out, filled.withheld)
