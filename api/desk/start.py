"""The first page after sign-in, and what all pages for people need of the application."""

from flask import Flask, Response
from flask.typing import ResponseReturnValue

from api.auth import PERSON
from api.desk.opening import desk_routes, go, person_caller, show
from api.desk.packs import own_groups
from api.desk.start_tasks import tasks_of
from api.edge import current_register
from api.errors import SignInNeededError
from api.routes import Terms
from service.condition import MOST
from service.domain.events import KINDS
from service.domain.roles import SUPERVISORS
from service.packlist.activity import newest_acts
from service.people.accounts import find_person

routes = desk_routes("desk")


@routes.get("/desk", Terms(PERSON, "The start after sign-in: what can be done next"))
def show_desk() -> ResponseReturnValue:
    register, caller = current_register(), person_caller()
    with register.read() as reader:
        person = find_person(reader.connection, str(caller.person))
        registry, groups = own_groups(reader)
        tasks = tasks_of(reader.connection, groups)
        acts = newest_acts(reader, caller.operator)
    return show(
        "desk/start.html",
        person=person,
        tasks=tasks,
        acts=acts,
        kinds=KINDS,
        most=MOST,
        on_the_phone="record" in caller.scopes and bool(registry.roles_of(caller.operator) - SUPERVISORS),
    )


@routes.on_app
def set_up(app: Flask) -> None:
    """Send whoever has to sign in first to the page for that."""
    app.register_error_handler(SignInNeededError, _send_in)


def _send_in(error: SignInNeededError) -> Response:
    return go(error.place)
