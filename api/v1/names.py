"""Finding a battery by any of its names, and an organisation by its unified social credit code.

The name stands in the body: addresses end up in logs, and a VIN is a person's.
"""

from typing import Any

from flask.typing import ResponseReturnValue

from api import json
from api.auth import PUBLIC, present_caller
from api.disclosing import note_batteries
from api.edge import current_register
from api.json import JsonBody
from api.pages.organisation import organisation_members
from api.routes import Answer, Routes, Terms
from api.schemas.names import FOUND, NAME
from service.domain.identifiers.recognition import Scheme
from service.lookup import find_batteries

routes = Routes("names")


@routes.post(
    "/v1/batteries:find",
    Terms(
        PUBLIC,
        "The batteries or the organisation that a name leads to, as the caller may find them",
        body=JsonBody(NAME),
        answers=(Answer(200, "What the name is, and the codes", FOUND),),
        errors=(400, 413, 415, 422),
    ),
)
def find(body: dict[str, Any]) -> ResponseReturnValue:
    found = find_batteries(current_register(), body["name"], present_caller())
    named = found.named
    if named.scheme is Scheme.VEHICLE:
        note_batteries(found.codes, "vehicle")
    return json.answer(
        {
            "scheme": named.scheme.value,
            "scheme_title": named.scheme.en,
            "scheme_title_zh": named.scheme.zh,
            "value": named.value,
            "form": named.form.value,
            "exact": named.exact,
            "codes": list(found.codes),
            "meant": list(found.meant),
            "organisations": [organisation_members(each) for each in found.operators],
        }
    )
