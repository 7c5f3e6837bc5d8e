"""A person's own second factors: passkeys, the app, recovery codes; and an administrator's way to clear somebody's.

Who has to have one and has none gets here straight after the password, and signs in by setting it up. Who has one gets
here only after having shown it: else a stolen password could add a factor of the thief's.
"""

from collections.abc import Callable

from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from api import json
from api.auth import MANAGER, PERSON, present_registry
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.desk.people import OWN, visible_person
from api.desk.second_factor import SETTING_UP, enter
from api.edge import current_register
from api.errors import SignInNeededError
from api.problems import Problem, problem_of
from api.routes import Terms
from api.sessions import SECOND_FACTOR, person_entering, present_session
from labels.qr import matrix
from service.access import Caller
from service.errors import FaultyError, NotFoundError, NotPermittedError
from service.people.accounts import find_person
from service.people.acts import By
from service.people.factors import ceremonies, totp
from service.people.factors.confirming import set_up_app
from service.people.factors.dropping import clear_factors, drop_app, drop_passkey
from service.people.factors.passkeys import is_place_for_passkeys, list_passkeys, rename_passkey
from service.people.factors.recovery_codes import make_recovery_codes
from service.people.factors.state import factors_of, has_factor, required

APP = f"{SETTING_UP}/app"


def person_setting_up() -> Caller:
    """The person of a full session, or of the first stage while there is no factor yet. Raises as person_entering."""
    caller, session = person_entering(), present_session()
    if session is None or not session.is_full:
        with current_register().read() as reader:
            if has_factor(reader.connection, str(caller.person)):
                raise SignInNeededError(SECOND_FACTOR)
    return caller


routes = desk_routes("factors", identify=person_setting_up)
own = desk_routes("recovery_codes")


@routes.get("/account/factors", Terms(PERSON, "One's own second factors"))
def show_factors() -> ResponseReturnValue:
    return _page()


@routes.post("/account/factors/passkeys/options", Terms(PERSON, "What the browser makes a passkey from"))
def passkey_options() -> ResponseReturnValue:
    register, caller = current_register(), person_caller()
    with register.read() as reader:
        person = find_person(reader.connection, str(caller.person))
    owner = ceremonies.Owner(person.id, person.login)
    return json.answer(ceremonies.registration_options(register, owner, holder=str(caller.session)))


@routes.post("/account/factors/passkeys", Terms(PERSON, "Add a passkey"))
def add_passkey() -> ResponseReturnValue:
    caller, answer = person_caller(), field("credential", most=ceremonies.LONGEST_ANSWER)
    try:
        ceremonies.add_passkey(
            current_register(), str(caller.person), holder=str(caller.session), answer=answer, name=field("name")
        )
    except NotPermittedError as error:
        return _page(problem=problem_of(error))
    return enter(SETTING_UP)


@routes.post("/account/factors/app", Terms(PERSON, "Begin to set up an authenticator app"))
def begin_app() -> ResponseReturnValue:
    register = current_register()
    with register.write_beside() as connection:
        totp.begin(connection, register.vault, str(person_caller().person), now=register.clock())
    return go(APP)


@routes.get("/account/factors/app", Terms(PERSON, "The QR code for an authenticator app"))
def show_app() -> ResponseReturnValue:
    return _app_page()


@routes.post("/account/factors/app/code", Terms(PERSON, "Put an authenticator app in force by its first code"))
def confirm_app() -> ResponseReturnValue:
    try:
        set_up_app(current_register(), str(person_caller().person), field("code"))
    except NotPermittedError as error:
        return _app_page(problem=problem_of(error))
    return enter(SETTING_UP)


@own.post("/account/factors/passkeys/<id_>/name", Terms(PERSON, "Give a passkey another name"))
def rename(id_: str) -> ResponseReturnValue:
    return _change(lambda connection, person: rename_passkey(connection, person, id_, field("name")))


@own.post("/account/factors/passkeys/<id_>/remove", Terms(PERSON, "Remove a passkey"))
def remove_passkey(id_: str) -> ResponseReturnValue:
    return _change(lambda connection, person: drop_passkey(connection, person, id_, mandatory=_is_mandatory()))


@own.post("/account/factors/app/remove", Terms(PERSON, "Remove the authenticator app"))
def remove_app() -> ResponseReturnValue:
    return _change(lambda connection, person: drop_app(connection, person, mandatory=_is_mandatory()))


@own.post("/account/factors/recovery-codes", Terms(PERSON, "Make recovery codes, in place of older ones"))
def new_recovery_codes() -> ResponseReturnValue:
    register, person = current_register(), str(person_caller().person)
    with register.write_beside() as connection:
        if not has_factor(connection, person):
            raise NotFoundError("recovery codes stand in for a second factor, and there is none")
        codes = make_recovery_codes(connection, person)
    return show("desk/recovery_codes.html", codes=codes)


@own.post("/desk/people/<person>/factors", Terms(MANAGER, "Clear a person's second factors"))
def clear(person: str) -> ResponseReturnValue:
    register = current_register()
    with register.write_beside() as connection:
        found = visible_person(connection, person)
        clear_factors(connection, found, By(str(person_caller().person), register.clock()))
    return go(OWN if found.operator == person_caller().operator else f"{OWN}/of/{found.operator}")


def _change(act: Callable[[Connection, str], None]) -> ResponseReturnValue:
    try:
        with current_register().write_beside() as connection:
            act(connection, str(person_caller().person))
    except (FaultyError, NotFoundError) as error:
        return _page(problem=problem_of(error))
    return go(SETTING_UP)


def _page(*, problem: Problem | None = None) -> ResponseReturnValue:
    register, person = current_register(), str(person_caller().person)
    with register.read() as reader:
        factors = factors_of(reader.connection, person)
        passkeys = list_passkeys(reader.connection, person)
    return show(
        "desk/factors.html",
        factors=factors,
        passkeys=passkeys,
        mandatory=_is_mandatory(),
        has_place=is_place_for_passkeys(register.settings.base_url),
        problem=problem,
    )


def _app_page(*, problem: Problem | None = None) -> ResponseReturnValue:
    register, id_ = current_register(), str(person_caller().person)
    now = register.clock()
    with register.read() as reader:
        person = find_person(reader.connection, id_)
        secret = totp.waiting_secret(reader.connection, register.vault, id_, now=now)
    if secret is None:
        return go(SETTING_UP) if problem is None else _page(problem=problem)
    code = matrix(totp.address_of(secret, login=person.login, base_url=register.settings.base_url))
    return show("desk/app.html", secret=secret, code=code, problem=problem)


def _is_mandatory() -> bool:
    session = present_session()
    return session is not None and required(present_registry().roles_of(session.operator), session.role)
