"""The models of one's organisation: which there are, how complete their passports are, what belongs to each."""

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import READER, present_registry
from api.desk.documents import AUDIENCES
from api.desk.opening import desk_routes, person_caller, show
from api.desk.passport import shared
from api.desk.passport_rows import lacking, sections_of
from api.desk.passport_subject import MODELS, find_subject
from api.document_gate import visible_documents
from api.edge import current_register
from api.pages.answers import visit_of_request
from api.passport_values import body_lines
from api.receipts import entry_path
from api.routes import Terms
from ledger.entry import format_hash, parse_time
from service.domain.events import KINDS, body_mapping
from service.domain.fields import fields_of
from service.domain.passport.completeness import needs_passport
from service.domain.passport.datapoints import APPLIES_FROM
from service.passports.editing import open_writing
from service.passports.models import entry_of_model, list_models

routes = desk_routes("models desk")

PATH = "/desk/models"
NEW = "/desk/new-model"


def may_publish() -> bool:
    """Whether the person may publish models."""
    caller = person_caller()
    roles = present_registry().roles_of(caller.operator)
    return "record" in caller.scopes and not KINDS["publish_model"].roles.isdisjoint(roles)


@routes.get(PATH, Terms(READER, "The models of one's organisation"))
def show_models() -> ResponseReturnValue:
    after = request.args.get("after", "")[:40]
    return show(
        "desk/models.html",
        kept={"after": after} if after else None,
        found=list_models(current_register(), person_caller().operator, after=after),
        starts=not after,
        may_publish=may_publish(),
        new=NEW,
        needed=lambda body: needs_passport(body.category, body.energy_wh),
        applies_from=APPLIES_FROM,
    )


@routes.get(f"{PATH}/<model_id>", Terms(READER, "One model of one's organisation"))
def show_model(model_id: str) -> ResponseReturnValue:
    found = find_subject(MODELS, model_id)
    register, say = current_register(), visit_of_request(current_register()).say
    writing, model = open_writing(register, found.author), found.author.model
    assert model is not None, "only a model is found here"
    published = entry_of_model(register, model_id)
    return show(
        "desk/model.html",
        **shared(found, writing, say),
        body=model.body,
        lines=body_lines(fields_of(type(model.body)), body_mapping(model.body), say),
        published=published,
        leaf_hash=format_hash(published.leaf_hash),
        entry=entry_path(published.index),
        sections=[each for each in sections_of(writing, say) if each.wanted],
        missing=lacking(writing.missing, say),
        left=lacking(writing.left_to_batteries, say),
        applies_from=APPLIES_FROM,
        is_needed=needs_passport(model.body.category, model.body.energy_wh),
        documents=[(each, AUDIENCES[each.tier], parse_time(each.added_at))
                   for each in visible_documents(found.author.subject)],
        may_publish=may_publish(),
        new=NEW,
    )  # fmt: skip
