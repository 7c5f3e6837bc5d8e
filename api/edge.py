"""What the application holds: the register it serves, the recorder that writes to it. There is no other global."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Response, current_app
from structlog.typing import FilteringBoundLogger

from api.known_keys import KnownKeys
from service.recording.recorder import Recorder
from service.work import Register

if TYPE_CHECKING:
    from api.limits import Limiter
    from api.metrics import Metrics

_NAME = "packtrail"


@dataclass(slots=True)
class Edge:
    """One application's parts. `error_page` is set by the pages: it shows a `Problem` to a person."""

    register: Register
    recorder: Recorder
    logger: FilteringBoundLogger
    metrics: "Metrics"
    known_keys: KnownKeys
    limiter: "Limiter"
    error_page: Callable[[Any], Response] | None = None


def attach(app: Flask, edge: Edge) -> None:
    """Give the application its parts."""
    app.extensions[_NAME] = edge


def edge_of(app: Flask) -> Edge:
    """The parts of `app`."""
    return cast(Edge, app.extensions[_NAME])


def current_edge() -> Edge:
    """The parts of the application that answers the present request."""
    return edge_of(current_app)


def current_register() -> Register:
    """The register that the present request is about."""
    return current_edge().register
