"""packtrail operator: who may record what, and who wants to."""

from typing import Any

import click

from api.cli.applications import apply, approve, list_applications, reject
from api.cli.enrolments import enrolment_body, enrolment_options
from api.cli.founding import FIRST_KEY
from api.cli.licences import format_licence
from api.cli.standings import end, reinstate, standing_line, standing_value, suspend
from api.cli.task import USAGE, Failed, Task, in_columns, open_register, say, show
from service.domain.events import body_mapping
from service.errors import NotFoundError
from service.operators import authority, current_registry, enrol_operator, make_custodial_key
from service.programs.keeping import NewKey, make_key
from service.recording.recorder import Recorder
from service.recording.registry import Operator, Registry
from service.settings import Settings


@click.group()
def operator() -> None:
    """Operators: those who record events.

    Enrolling one is an entry that the authority signs."""


for command in (apply, list_applications, approve, reject, suspend, end, reinstate):
    operator.add_command(command)


@operator.command(
    cls=Task,
    undone="the operator was not enrolled",
    example="operator add --id cq-repair --name 重庆维修 --role workshop --region 500107",
)
@click.option("--id", "operator_id", required=True, help="Lower-case letters, digits and hyphens; for ever.")
@enrolment_options
@click.option("--own-key", is_flag=True, help="It will sign with a key of its own: see `packtrail key add`.")
@click.option("--renew", is_flag=True, help="Replace the enrolment of an operator that is enrolled; its keys stay.")
def add(settings: Settings, as_json: bool, own_key: bool, renew: bool, **given: Any) -> None:
    """Enrol an operator: with a signing key that the service holds, and an API key that is shown once."""
    body = enrolment_body(given)
    id_: str = given["operator_id"]
    with open_register(settings) as register:
        known = id_ in current_registry(register).operators
        if known is not renew:
            word = "enrolled already: --renew replaces its enrolment" if known else "not enrolled: leave out --renew"
            raise Failed(f"the operator was not enrolled: {id_} is {word}", USAGE)
        recorder = Recorder(register)
        index = enrol_operator(recorder, body).index
        value: dict[str, Any] = {"operator": id_, "index": index, "api_key": None, "key": None}
        if not renew and not own_key:
            make_custodial_key(recorder, id_)
            value["key"] = current_registry(register).held[id_]
        if not renew:
            made = make_key(recorder, NewKey(id_, label=FIRST_KEY), by=authority(register))
            value["api_key"] = made.text
    rows = [(name, str(each)) for name, each in value.items() if each is not None]
    show(value, in_columns(rows), as_json=as_json)
    if value["api_key"]:
        say("The API key is shown once and kept nowhere: hand it over now.")


@operator.command("list", cls=Task, undone="no operators were listed", example="operator list --json")
def list_(settings: Settings, as_json: bool) -> None:
    """List the operators."""
    with open_register(settings) as register:
        registry = current_registry(register)
    operators = [registry.operators[id_] for id_ in sorted(registry.operators)]
    told = [(each.id, each.enrolment) for each in operators]
    rows = [(id_, ",".join(e.roles), e.region, e.name, _not_active(registry, id_)) for id_, e in told]
    show([_members(registry, each) for each in operators], in_columns(rows), as_json=as_json)


@operator.command("show", cls=Task, undone="no operator was shown", example="operator show cq-repair")
@click.argument("operator_id", metavar="ID")
def show_(settings: Settings, as_json: bool, operator_id: str) -> None:
    """Show an operator with its signing keys."""
    with open_register(settings) as register:
        registry = current_registry(register)
    found = registry.operators.get(operator_id)
    if found is None:
        raise NotFoundError(f"{operator_id} is not enrolled: `packtrail operator list` shows who is")
    value = _members(registry, found) | {"keys": _keys_of(registry, operator_id)}
    texts = {name: each for name, each in value.items() if not isinstance(each, list) and name != "standing"}
    rows = [(name, "-" if each is None else str(each)) for name, each in texts.items()]
    rows += [("standing", standing_line(registry.standings.get(operator_id)))]
    rows += [("role", role) for role in found.enrolment.roles]
    rows += [("licence", format_licence(each)) for each in found.enrolment.licences or ()]
    rows += [("key", f"{key['kid']} ({key['state']})") for key in value["keys"]]
    show(value, in_columns(rows), as_json=as_json)


def _not_active(registry: Registry, operator_id: str) -> str:
    """What the list says of an operator that does not take part."""
    return "" if registry.is_active(operator_id) else registry.standings[operator_id].standing.value


def _members(registry: Registry, found: Operator) -> dict[str, Any]:
    enrolment = found.enrolment
    return {
        "operator": found.id,
        "name": enrolment.name,
        "name_en": enrolment.name_en,
        "roles": [role.value for role in enrolment.roles],
        "region": enrolment.region,
        "uscc": enrolment.uscc,
        "licences": body_mapping(enrolment).get("licences", []),
        "standing": standing_value(registry.standings.get(found.id)),
    }


def _keys_of(registry: Registry, operator_id: str) -> list[dict[str, str]]:
    owned = [key for key in registry.keys.values() if key.header.operator == operator_id]
    return [{"kid": key.header.kid, "state": "valid" if key.until is None else "revoked"} for key in owned]
