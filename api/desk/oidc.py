"""Single sign-on by page: leaving for the provider, coming back from it, linking and unlinking.

Leaving is asked for by a form of ours and answered by a page with the link: a stranger's page cannot begin it, and a
form may lead nowhere else (`form-action`). Nothing of what the provider says is shown.
"""

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import PERSON, PUBLIC
from api.desk.login import login_page, present_visitor, welcome
from api.desk.opening import desk_routes, go, person_caller, show
from api.desk.passkeys import present_browser
from api.edge import current_register
from api.problems import problem_of
from api.routes import Terms
from api.sessions import present_session, visitor
from service.errors import NotFoundError, NotPermittedError
from service.people.oidc import coming_back
from service.people.oidc.coming_back import CALLBACK, Return
from service.people.oidc.links import unlink
from service.people.oidc.provider import Provider

routes = desk_routes("oidc", identify=visitor)
own = desk_routes("oidc_links")


@routes.post("/login/oidc", Terms(PUBLIC, "Leave for the provider, to sign in"))
def leave_to_sign_in() -> ResponseReturnValue:
    return _leave(holder=present_browser())


@own.post("/account/oidc", Terms(PERSON, "Leave for the provider, to link an account there"))
def leave_to_link() -> ResponseReturnValue:
    caller = person_caller()
    return _leave(holder=str(caller.session), person=caller.person)


@own.post("/account/oidc/remove", Terms(PERSON, "Remove the link to an account at the provider"))
def remove_link() -> ResponseReturnValue:
    with current_register().write_beside() as connection:
        unlink(connection, _provider().issuer, str(person_caller().person))
    return go("/account")


@routes.get(CALLBACK, Terms(PUBLIC, "Come back from the provider"))
def come_back() -> ResponseReturnValue:
    register, provider, session = current_register(), _provider(), present_session()
    came = Return(request.args.get("state", ""), request.args.get("code", ""), request.args.get("iss"))
    try:
        if session is not None and session.is_full:
            coming_back.link_account(register, provider, came, holder=session.id, person=session.person)
            return go("/account")
        device = present_visitor().device
        return welcome(coming_back.sign_in(register, provider, came, holder=present_browser(), device=device))
    except NotPermittedError as error:
        return login_page(problem=problem_of(error))


def _leave(*, holder: str, person: str | None = None) -> ResponseReturnValue:
    provider = _provider()
    try:
        address = coming_back.leave(current_register(), provider, holder=holder, person=person)
    except NotPermittedError as error:
        return login_page(problem=problem_of(error))
    return show("desk/oidc_go.html", provider=provider, address=address)


def _provider() -> Provider:
    provider = current_register().settings.oidc
    if provider is None:
        raise NotFoundError("single sign-on is not set up here")
    return provider
