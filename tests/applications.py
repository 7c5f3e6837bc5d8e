"""Applications as `create_app` makes them, without putting routes and templates together anew for each test."""

from copy import copy
from dataclasses import replace

from flask import Flask

from api.app import create_app, open_edge
from api.edge import attach, edge_of
from service.recording.recorder import Recorder
from service.work import Register

_MADE: dict[tuple[str, int], Flask] = {}
"""By what an application takes from the settings when it is made: the address, and the largest body."""


def app_on(register: Register, recorder: Recorder | None = None) -> Flask:
    """The application of this register. Its settings and what it holds are its own; it shares all that never changes
    after `create_app` with the others of its address."""
    recorder = recorder or Recorder(register)
    key = register.settings.base_url, register.settings.max_body_bytes
    if key not in _MADE:
        _MADE[key] = create_app(register, recorder)
    first = _MADE[key]
    app = copy(first)
    app.config, app.extensions = copy(first.config), dict(first.extensions)
    attach(app, replace(open_edge(register, recorder), error_page=edge_of(first).error_page))
    return app
