"""The application: everything the edge serves, put together around one open register."""

from flask import Flask

from api import auth, headers, limits, problems, target, tracing
from api.documentation import publish
from api.edge import Edge, attach
from api.known_keys import KnownKeys
from api.metrics import Metrics
from api.parts import PARTS
from service.programs.generation import Generation
from service.recording.recorder import Recorder
from service.work import Register


def create_app(register: Register, recorder: Recorder) -> Flask:
    """The WSGI application. Raises TypeError where a route has not declared its audience."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = register.settings.max_body_bytes
    app.url_map.merge_slashes = False  # a redirect built from the request's own path is one we would not control
    app.url_map.strict_slashes = True
    attach(app, open_edge(register, recorder))
    tracing.install(app)
    headers.install(app)
    target.install(app)
    app.before_request(auth.refuse_key_in_address)
    limits.install(app)
    problems.install(app)
    for routes in PARTS:
        routes.register(app)
    publish(app)
    return app


def open_edge(register: Register, recorder: Recorder) -> Edge:
    """What the application holds, with counts of its own."""
    generation = Generation(register.settings.data)
    limiter = limits.open_limiter(register, generation)
    return Edge(register, recorder, tracing.make_logger(), Metrics(), KnownKeys(generation), limiter)
