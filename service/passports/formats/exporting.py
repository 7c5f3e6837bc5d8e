"""One passport in one of the formats, by name."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

from service.domain.passport.datapoints import APPLIES_FROM
from service.domain.passport.passport import Passport
from service.domain.words import Category
from service.errors import ConflictError
from service.passports.formats.batterypass import batterypass_document
from service.passports.formats.gefeg import gefeg_document
from service.passports.formats.jsonld import linked_document
from service.passports.formats.rows import Filled, Profile, Source


class Format(StrEnum):
    GEFEG = "gefeg"
    BATTERYPASS = "batterypass"
    JSONLD = "jsonld"


_MAKERS: Mapping[Format, Callable[[Source], Filled]] = {
    Format.GEFEG: gefeg_document,
    Format.BATTERYPASS: batterypass_document,
    Format.JSONLD: linked_document,
}


def export_passport(passport: Passport, form: Format, profile: Profile, *, base_url: str, today: date) -> Filled:
    """The passport in `form`, with what its reader may see. JSON-LD has no profiles: it requires nothing.

    Before the law applies a passport is judged as if it did. Raises ConflictError for a battery that has no passport
    or lacks data points, NotPermittedError where the profile needs what the reader may not see.
    """
    category = passport.category
    if category is None or category is Category.SLI:
        raise ConflictError(f"{passport.code} is of no category that has a passport")
    return _MAKERS[form](Source(passport, category, base_url, max(today, APPLIES_FROM), profile))
