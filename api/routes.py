"""Routes that say what they are: each one declares its audience, what it takes and what it answers.

A module of the edge makes one `Routes` and hangs its views on it; `api.app` registers it:

    routes = Routes("operators")

    @routes.get("/v1/operators/<operator>", Terms(READER, "One operator", answers=(Answer(200, "It", OPERATOR),)))
    def show_operator(operator: str) -> ResponseReturnValue: ...

- `Terms.audience` is one of `api.auth`: PUBLIC, READER, AUDITOR, ... It is checked before the view runs; the view finds
  the caller by `present_caller()` (None for the public) or `signed_in()`.
- `Terms.body` reads the request body and hands it to the view as `body`; `Terms.query`, a marshmallow schema, hands
  over the checked query as `query`. Views raise errors of `service`; `api.problems` makes the answer.
- Pages are `Routes("pages", described=False)`: kept out of openapi.json. `identify` says how the caller is found: by
  key or session unless it says otherwise; pages for people after sign-in are made by `api.desk.opening.desk_routes`.
  The audience check is the same. What a page shows for a problem is set once: `edge_of(app).error_page =
  render_problem` (see `Routes.on_app`).

The application refuses to start with a url rule that came in by another way. HEAD and OPTIONS come with each rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any, Protocol, TypeVar

from flask import Blueprint, Flask, g, request
from flask.typing import ResponseReturnValue
from marshmallow import RAISE, Schema, ValidationError

from api.auth import Audience, check_audience, find_caller
from api.json import MAX_MEMBERS
from api.limits import identify_and_charge, tariff_of
from service.access import Caller

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
Identify = Callable[[], Caller | None]
_MARK = "packtrail_declaration"


class BodyForm(Protocol):
    """A way to read a request body."""

    def read(self) -> Any:
        """The checked body of the present request."""

    def describe(self) -> Mapping[str, Any]:
        """By media type, the schema of the body: a marshmallow schema or a JSON schema."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that a route gives when all is well. `schema` is a marshmallow schema or a JSON schema."""

    status: int
    description: str
    schema: Schema | Mapping[str, Any] | None = None
    content: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a route declares. `errors` are the statuses of its own problems, beside those that every route has."""

    audience: Audience
    summary: str
    body: BodyForm | None = None
    query: Schema | None = None
    answers: tuple[Answer, ...] = ()
    errors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """A route as the application knows it."""

    method: str
    rule: str
    terms: Terms
    tag: str
    described: bool


class Routes:
    """A Flask blueprint whose every rule carries its terms."""

    def __init__(self, name: str, *, described: bool = True, identify: Identify = find_caller) -> None:
        self.blueprint = Blueprint(name, __name__)
        self._tag = name
        self._described = described
        self._identify = identify
        self._set_up: list[Callable[[Flask], None]] = []

    def get(self, rule: str, terms: Terms) -> Callable[[View], View]:
        return self._add("GET", rule, terms)

    def post(self, rule: str, terms: Terms) -> Callable[[View], View]:
        return self._add("POST", rule, terms)

    def put(self, rule: str, terms: Terms) -> Callable[[View], View]:
        return self._add("PUT", rule, terms)

    def patch(self, rule: str, terms: Terms) -> Callable[[View], View]:
        return self._add("PATCH", rule, terms)

    def delete(self, rule: str, terms: Terms) -> Callable[[View], View]:
        return self._add("DELETE", rule, terms)

    def on_app(self, set_up: Callable[[Flask], None]) -> Callable[[Flask], None]:
        """Decorator: what to do once with the application (filters, `error_page`, context processors)."""
        self._set_up.append(set_up)
        return set_up

    def register(self, app: Flask) -> None:
        app.register_blueprint(self.blueprint)
        for set_up in self._set_up:
            set_up(app)

    def _add(self, method: str, rule: str, terms: Terms) -> Callable[[View], View]:
        declaration = Declaration(method, rule, terms, self._tag, self._described)

        def decorate(view: View) -> View:
            guarded = _guard(view, terms, partial(identify_and_charge, self._identify, tariff_of(method, rule)))
            setattr(guarded, _MARK, declaration)
            self.blueprint.add_url_rule(rule, f"{view.__name__}_{method.lower()}", guarded, methods=[method])
            return view

        return decorate


def declarations(app: Flask) -> list[Declaration]:
    """What the application's routes declare, by rule and method. Raises TypeError for a rule that declares nothing."""
    found = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        declaration = getattr(app.view_functions[rule.endpoint], _MARK, None)
        if not isinstance(declaration, Declaration):
            raise TypeError(f"{rule.rule} declares no audience: add it with api.routes.Routes")
        found[rule.rule, declaration.method] = declaration
    return [found[key] for key in sorted(found)]


def _guard(view: View, terms: Terms, identify: Identify) -> Callable[..., ResponseReturnValue]:
    @wraps(view)
    def run(**arguments: Any) -> ResponseReturnValue:
        g.caller = identify()
        check_audience(terms.audience, g.caller, arguments)
        if terms.query is not None:
            arguments["query"] = _read_query(terms.query)
        if terms.body is not None:
            arguments["body"] = terms.body.read()
        return view(**arguments)

    return run


def _read_query(schema: Schema) -> Any:
    """The checked query. A parameter given twice is refused: two readers would take two values."""
    given = request.args.to_dict(flat=False)
    if len(given) > MAX_MEMBERS:
        raise ValidationError(f"the query has more than {MAX_MEMBERS} parameters")
    if twice := {name: ["given more than once"] for name, values in given.items() if len(values) > 1}:
        raise ValidationError(twice)
    return schema.load({name: values[0] for name, values in given.items()}, unknown=RAISE)
