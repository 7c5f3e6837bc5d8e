"""The address in the QR code, and the pages around it.

These are `/b/{code}`, `/01/{gtin}/21/{serial}` and `/8004/{giai}`, `/find` and `/`.

No app, no login, no cookie and no redirect, and no script but on the two pages beside it: what a phone's own camera
opens is the answer. Only who asks for a link by its `linkType` is sent on, and never to elsewhere: see
`api.pages.links`. Paths are read from the raw request target, because WSGI decodes `%2F` before routing. Nothing here
depends on who asks.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, request, send_from_directory
from flask.typing import ResponseReturnValue

from api import json
from api.auth import PUBLIC, caller_by_key, present_registry
from api.edge import current_register, edge_of
from api.language import Language
from api.pages import documents, links, passport, proof
from api.pages.address import Asked, WrongAddressError, read_code_path, read_digital_link, read_typed
from api.pages.answers import answer_document, answer_nowhere, answer_page, visit_of_request
from api.pages.battery import Address, render_battery
from api.pages.facts import Facts, read_facts
from api.pages.home import render_home
from api.pages.negotiation import Form, choose_form
from api.pages.organisation import answer_organisations
from api.pages.rendering import Place, Visit, render
from api.pages.sighting import may_locate, render_sighting
from api.pages.unknown import Nowhere
from api.problems import Problem
from api.routes import Routes, Terms
from api.target import raw_path
from api.tracing import trace_id
from service.domain.errors import InvalidCode
from service.domain.gbt34014 import fold_code, parse_code
from service.domain.identifiers.recognition import Scheme
from service.errors import NotFoundError, UnknownBatteryError
from service.lookup import find_battery, find_organisations, suggest_batteries
from service.scans.alerts import open_signs
from service.work import Register

routes = Routes("resolver", described=False, identify=caller_by_key)

STATIC_MAX_AGE = 86_400


@routes.get("/", Terms(PUBLIC, "The home page"))
def show_home() -> ResponseReturnValue:
    register = current_register()
    visit = visit_of_request(register)
    return answer_page(render_home(register, visit), visit)


@routes.get("/find", Terms(PUBLIC, "The battery, or the organisation, that somebody typed, pasted or scanned"))
def search_battery() -> ResponseReturnValue:
    typed = request.args.get("code", "")
    if not typed.strip():
        return show_home()
    return _answer(lambda: read_typed(typed))


@routes.get("/b/<_code>/proof", Terms(PUBLIC, "The proofs of a battery, to be checked in the browser"))
def show_proof(_code: str) -> ResponseReturnValue:
    path = raw_path()
    return _answer(
        lambda: read_code_path(path.removesuffix("/proof")), page=_proof_page if path.endswith("/proof") else None
    )


@routes.get("/b/<_code>/sighting", Terms(PUBLIC, "To say about where a battery is, so that copies come to light"))
def show_sighting(_code: str) -> ResponseReturnValue:
    path = raw_path()
    return _answer(lambda: read_code_path(path.removesuffix("/sighting")), page=_sighting_page)


@routes.get("/b/<_code>/passport", Terms(PUBLIC, "The battery passport, its public part"))
def show_passport(_code: str) -> ResponseReturnValue:
    path = raw_path()
    return _answer(lambda: read_code_path(path.removesuffix("/passport")), page=_passport_page)


@routes.get("/verifier/<version>/<name>", Terms(PUBLIC, "A module of the verifier that runs in browsers"))
def show_script(version: str, name: str) -> ResponseReturnValue:
    if name not in proof.script_names():
        raise NotFoundError("no such module")
    response = send_from_directory(proof.FOLDER, name, mimetype="text/javascript")
    response.headers["Cache-Control"] = proof.FOR_EVER if version == proof.fingerprint() else "no-cache"
    return response


@routes.get("/b/<path:_code>", Terms(PUBLIC, "A battery by its code"))
def show_battery(_code: str) -> ResponseReturnValue:
    return _answer(lambda: read_code_path(raw_path()))


@routes.get("/B/<path:_code>", Terms(PUBLIC, "The same, as a QR code spells it"))
def show_battery_in_capitals(_code: str) -> ResponseReturnValue:
    return _answer(lambda: read_code_path(raw_path()))


@routes.get("/01/<path:_rest>", Terms(PUBLIC, "A battery by its GS1 Digital Link"))
def show_digital_link(_rest: str) -> ResponseReturnValue:
    return _answer(lambda: read_digital_link(raw_path()))


@routes.get("/8004/<path:_rest>", Terms(PUBLIC, "A battery by its GS1 Digital Link of an individual asset"))
def show_asset_link(_rest: str) -> ResponseReturnValue:
    return _answer(lambda: read_digital_link(raw_path()))


@routes.get("/.well-known/gs1resolver", Terms(PUBLIC, "What this resolver of GS1 Digital Links can do"))
def describe_resolver() -> ResponseReturnValue:
    register = current_register()
    authority = present_registry().operators.get(present_registry().authority)
    name = authority.enrolment.name if authority else present_registry().authority
    response = json.answer(links.description_file(register.settings.base_url, name))
    response.headers["Access-Control-Allow-Origin"] = "*"
    return json.with_etag(response)


@routes.on_app
def set_up(app: Flask) -> None:
    """Show problems as pages, and let browsers keep the stylesheet, whose address changes with its content."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_MAX_AGE
    edge_of(app).error_page = _show_problem


def _answer(read: Callable[[], Asked], *, page: Callable[[str, Visit], Response] | None = None) -> Response:
    """The battery that `read` finds asked for, in the form or by the link that the client wants, or why there is none.

    page: makes the page beside it that is asked for, which has one form, from the code.
    """
    register = current_register()
    visit = visit_of_request(register)
    form = choose_form(request.headers.get("Accept", ""), request.args.get("linkType"))
    try:
        asked = read()
    except WrongAddressError as error:
        return answer_nowhere(Nowhere(error.text, error.reason, wrong_address=True), visit, form)
    try:
        code = _resolve(register, asked)
        facts = read_facts(register, code)
    except InvalidCode as error:
        return answer_nowhere(Nowhere(asked.text, error, meant=suggest_batteries(register, asked.text)), visit, form)
    except NotFoundError as error:
        scheme = asked.named.scheme if asked.named else None
        if asked.named is not None and scheme is Scheme.ORGANISATION:
            organisations = find_organisations(register, asked.named.value)
            if organisations:
                return answer_organisations(asked.named.value, organisations, visit, form)
        meant = suggest_batteries(register, asked.text)
        absence = error.absence if isinstance(error, UnknownBatteryError) else None
        return answer_nowhere(Nowhere(asked.text, scheme=scheme, meant=meant, absence=absence), visit, form)
    if page is not None:
        return page(code, visit)
    return _answer_found(asked, facts, visit, form)


def _proof_page(code: str, visit: Visit) -> Response:
    return answer_page(proof.render_proof(code, visit, current_register().settings.base_url), visit)


def _passport_page(code: str, visit: Visit) -> Response:
    shown = passport.read_public(current_register(), code)
    return answer_page(passport.render_passport(shown, visit), visit, status=410 if shown.has_ceased else 200)


def _sighting_page(code: str, visit: Visit) -> Response:
    with current_register().read() as reader:
        signs = open_signs(reader.connection, code)
    return may_locate(answer_page(render_sighting(code, visit, signs), visit))


def _resolve(register: Register, asked: Asked) -> str:
    """The code. Raises InvalidCode for what can be none, NotFoundError for another name that is not registered."""
    if asked.named is not None:
        return find_battery(register, asked.named)
    return parse_code(fold_code(asked.text)).text


def _answer_found(asked: Asked, facts: Facts, visit: Visit, form: Form) -> Response:
    """The battery, or the link of it that `linkType` asks for.

    A Digital Link that asks for a link the battery does not have is answered "not found" (GS1-Conformant Resolver
    Standard 1.2, 2.6.2); the address of our own shows the battery all the same.
    """
    link_type = request.args.get("linkType", "")
    link = links.find_link(link_type, facts) if form is not Form.LINKSET else None
    if link is not None:
        return _follow(link, facts, visit, form)
    if asked.named is not None and link_type and form is not Form.LINKSET:
        return answer_nowhere(Nowhere(asked.text, no_link=True), visit, form)
    known = asked.named is not None or asked.text == facts.code.text
    return _answer_facts(facts, visit, form, typed=None if known else asked.text)


def _answer_facts(facts: Facts, visit: Visit, form: Form, *, typed: str | None) -> Response:
    register = current_register()
    base_url, status = register.settings.base_url, 410 if facts.has_ended else 200
    header = links.link_header(facts, base_url)
    if form is Form.HTML:
        address = Address(base_url, register.registry.log_keys.vkeys[0])
        return answer_page(render_battery(facts, visit, address, typed=typed), visit, status=status, links=header)
    make = {
        Form.JSON: documents.facts_document,
        Form.JSON_LD: documents.linked_document,
        Form.LINKSET: links.linkset_document,
    }[form]
    header += f", {links.context_link()}" if form is Form.LINKSET else ""
    return answer_document(make(facts, base_url, visit.say), visit, form, status=status, links=header)


def _follow(link: links.LinkType, facts: Facts, visit: Visit, form: Form) -> Response:
    """The link that was asked for: here, where it is this address in another form, else the way to it.

    The request's query does not travel along: it was for a resolver, and our own addresses refuse what is strange.
    """
    if link.in_place is not None:
        return _answer_facts(facts, visit, link.in_place if form is Form.HTML else form, typed=None)
    base_url = current_register().settings.base_url
    response = Response(status=307, headers={"Location": links.target(link, facts, base_url)})
    response.headers["Link"] = links.link_header(facts, base_url)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _show_problem(problem: Problem) -> Response:
    """A problem of any address of ours, to a person."""
    register = current_register()
    language: Language = "zh" if problem.lang == "zh" else "en"
    visit = Visit(language, request.args.get("lang") == language, register.clock(), register.origin)
    values = {"heading": problem.title, "advice": problem.advice, "detail": problem.detail, "trace": trace_id()}
    return Response(render("error.html", visit, Place("/"), **values), content_type="text/html; charset=utf-8")
