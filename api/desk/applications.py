"""Applications of organisations: the public form, and the authority's page where they are decided."""

from flask.typing import ResponseReturnValue

from api.auth import AUTHORITY, PUBLIC
from api.desk.enrolment_form import read_form
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.desk.people import link_address
from api.edge import current_edge, current_register
from api.problems import Problem, problem_of
from api.routes import Terms
from api.sessions import visitor
from api.v1.applications import receive
from service.domain.roles import Role
from service.domain.words import LicenceKind
from service.errors import FaultyError
from service.people import applications
from service.people.accounts import check_login
from service.people.acts import By
from service.people.links import INVITATION

routes = desk_routes("apply", identify=visitor)
decisions = desk_routes("applications_desk")

LICENCES = 4
"""Of the form; more are sent through the API, or added at a renewal."""


@routes.get("/apply", Terms(PUBLIC, "The form to apply for an organisation"))
def show_form() -> ResponseReturnValue:
    return _form()


@routes.post("/apply", Terms(PUBLIC, "Apply for an organisation"))
def send_form() -> ResponseReturnValue:
    try:
        received = receive(read_form().body(), field("contact", most=applications.LONGEST_CONTACT))
    except FaultyError as error:
        return _form(problem=problem_of(error))
    return show("desk/applied.html", received=received)


@decisions.get("/desk/applications", Terms(AUTHORITY, "Applications of organisations"))
def show_applications() -> ResponseReturnValue:
    return _page()


@decisions.post("/desk/applications/<application>/approve", Terms(AUTHORITY, "Approve an application"))
def approve(application: str) -> ResponseReturnValue:
    try:
        admin = applications.first_admin(field("operator"), check_login(field("login")), field("name"))
        approved = applications.approve(current_edge().recorder, application, admin, _by())
    except FaultyError as error:
        return _page(problem=problem_of(error))
    if approved.invitation is None:
        return go("/desk/applications")
    return _page(operator=approved.operator, new_link=link_address(INVITATION, approved.invitation))


@decisions.post("/desk/applications/<application>/reject", Terms(AUTHORITY, "Reject an application"))
def reject(application: str) -> ResponseReturnValue:
    try:
        with current_register().write_beside() as connection:
            applications.reject(connection, application, field("reason"), _by())
    except FaultyError as error:
        return _page(problem=problem_of(error))
    return go("/desk/applications")


def _form(*, problem: Problem | None = None) -> ResponseReturnValue:
    return show(
        "desk/apply.html",
        typed=read_form(least=LICENCES),
        contact=field("contact"),
        roles=[role for role in Role if role is not Role.AUTHORITY],
        kinds=list(LicenceKind),
        problem=problem,
    )


def _page(
    *, operator: str | None = None, new_link: str | None = None, problem: Problem | None = None
) -> ResponseReturnValue:
    with current_register().read() as reader:
        found = applications.list_applications(reader.connection)
    return show(
        "desk/applications.html",
        open=[each for each in found if each.state == applications.OPEN],
        decided=[each for each in found if each.state != applications.OPEN],
        operator=operator,
        new_link=new_link,
        problem=problem,
    )


def _by() -> By:
    return By(str(person_caller().person), current_register().clock())
