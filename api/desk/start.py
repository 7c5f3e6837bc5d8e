"""The first page after sign-in, and what all pages for people need of the application."""

from flask import Flask, Response
from flask.typing import ResponseReturnValue

from api.auth import PERSON
from api.desk.opening import desk_routes, go, person_caller, show
from api.edge import current_register
from api.errors import SignInNeededError
from api.routes import Terms
from service.people.accounts import find_person

routes = desk_routes("desk")


@routes.get("/desk", Terms(PERSON, "The start after sign-in"))
def show_desk() -> ResponseReturnValue:
    with current_register().read() as reader:
        person = find_person(reader.connection, str(person_caller().person))
    return show("desk/start.html", person=person)


@routes.on_app
def set_up(app: Flask) -> None:
    """Send whoever has to sign in first to the page for that."""
    app.register_error_handler(SignInNeededError, _send_in)


def _send_in(error: SignInNeededError) -> Response:
    return go(error.place)
