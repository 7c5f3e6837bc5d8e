"""packtrail operator apply|applications|approve|reject: organisations that want to take part."""

from typing import Any

import click

from api.cli.enrolments import enrolment_body, enrolment_options
from api.cli.people import link_address
from api.cli.task import Task, in_columns, open_register, say, show
from ledger.entry import format_time
from service.domain.events import body_mapping
from service.people import applications
from service.people.accounts import check_login
from service.people.acts import By
from service.people.applications import Application
from service.people.links import INVITATION
from service.recording.recorder import Recorder
from service.settings import Settings


@click.command(
    cls=Task,
    undone="the application was not handed in",
    example="operator apply --name 重庆维修 --role workshop --region 500107 --contact 023-1234",
)
@enrolment_options
@click.option("--contact", required=True, help="Whom to ask, and how; erased 30 days after the decision.")
def apply(settings: Settings, as_json: bool, contact: str, **given: Any) -> None:
    """Hand in an application that came on paper. Anybody else uses the page /apply."""
    body = enrolment_body(given)
    with open_register(settings) as register, register.write_beside() as connection:
        received = applications.apply(connection, body, contact, now=register.clock())
    show(_members(received), [received.id], as_json=as_json)


@click.command("applications", cls=Task, undone="no applications were listed", example="operator applications")
@click.option("--all", "every", is_flag=True, help="Those that are decided too.")
def list_applications(settings: Settings, as_json: bool, every: bool) -> None:
    """List the applications that wait for a decision."""
    with open_register(settings) as register, register.read() as reader:
        found = applications.list_applications(reader.connection, state=None if every else applications.OPEN)
    rows = [(each.id, each.state, ",".join(each.enrolment.roles), each.enrolment.name, each.contact) for each in found]
    show([_members(each) for each in found], in_columns(rows) if rows else [], as_json=as_json)


@click.command(
    cls=Task,
    undone="the application was not approved",
    example="operator approve 01890a5d-ac96-774b-bcce-b302099a8057 --id cq-repair --login li.wei --name 李伟",
)
@click.argument("application")
@click.option("--id", "operator_id", required=True, help="Lower-case letters, digits and hyphens; for ever.")
@click.option("--login", required=True, help="Of its first administrator.")
@click.option("--name", required=True, help="Of its first administrator.")
def approve(settings: Settings, as_json: bool, application: str, operator_id: str, login: str, name: str) -> None:
    """Enrol who applied, make a signing key for them, and invite their first administrator."""
    with open_register(settings) as register:
        admin = applications.first_admin(operator_id, check_login(login), name)
        approved = applications.approve(Recorder(register), application, admin, By("", register.clock()))
    link = link_address(settings, INVITATION, approved.invitation) if approved.invitation else None
    show({"operator": approved.operator, "link": link}, [link or approved.operator], as_json=as_json)
    if link:
        say("The link is shown once and works once, for seven days: hand it to this administrator and to nobody else.")


@click.command(
    cls=Task,
    undone="the application was not rejected",
    example="operator reject 01890a5d-ac96-774b-bcce-b302099a8057 --reason unlicensed",
)
@click.argument("application")
@click.option("--reason", required=True, help="Kept with the application.")
def reject(settings: Settings, as_json: bool, application: str, reason: str) -> None:
    """Turn an application down."""
    with open_register(settings) as register, register.write_beside() as connection:
        applications.reject(connection, application, reason, By("", register.clock()))
        found = applications.find_application(connection, application)
    show(_members(found), [f"{found.id}  {found.state}"], as_json=as_json)


def _members(found: Application) -> dict[str, Any]:
    enrolment = {name: value for name, value in body_mapping(found.enrolment).items() if name != "operator_id"}
    return {
        "id": found.id,
        "state": found.state,
        "enrolment": enrolment,
        "contact": found.contact or None,
        "operator": found.operator,
        "reason": found.reason or None,
        "created_at": format_time(found.created_at),
        "decided_at": format_time(found.decided_at) if found.decided_at else None,
    }
