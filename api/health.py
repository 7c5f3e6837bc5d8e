"""Whether the process lives, whether it can do its work, and its numbers."""

from datetime import UTC, datetime

import pysqlite3
from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from api import gauges, json
from api.auth import PUBLIC
from api.edge import current_edge, current_register
from api.metrics import CONTENT_TYPE
from api.problem_table import PROBLEMS
from api.problems import Problem, answer_problem
from api.routes import Answer, Routes, Terms
from api.schemas.answers import READY
from ledger.entry import format_time
from ledger.errors import RollbackError
from service.db.migrate import is_current
from service.errors import SettingsError
from service.pin import check_pin
from service.verification.selfcheck import Status, read_status
from service.witnessing.lag import Lag, lags
from service.work import Register

routes = Routes("operations")

_TEXT = {"type": "string"}
_ALIVE = {"type": "object", "required": ["alive"], "properties": {"alive": {"const": True}}}


@routes.get("/livez", Terms(PUBLIC, "Whether the process lives", answers=(Answer(200, "It does", _ALIVE),)))
def show_life() -> ResponseReturnValue:
    return json.answer({"alive": True})


@routes.get(
    "/readyz",
    Terms(
        PUBLIC,
        "Whether the process can do its work: database, tables, rollback pin",
        answers=(Answer(200, "It can", READY),),
        errors=(503,),
    ),
)
def show_readiness() -> ResponseReturnValue:
    checks = _check(current_edge().register)
    failed = [name for name, found in checks.items() if found is False]
    if failed:
        detail = f"not ready: {', '.join(failed)}"
        problem = Problem(PROBLEMS["unavailable"], detail, extra={"checks": checks}, headers={"Retry-After": "5"})
        return answer_problem(problem)
    return json.answer({"ready": True, "checks": checks})


@routes.get(
    "/metrics", Terms(PUBLIC, "Numbers for Prometheus", answers=(Answer(200, "Its text format", _TEXT, "text/plain"),))
)
def show_metrics() -> ResponseReturnValue:
    counted = current_edge().metrics.exposition()
    return Response(counted + gauges.exposition(current_register()), content_type=CONTENT_TYPE)


def _check(register: Register) -> dict[str, object]:
    """What was looked at; False is a reason not to be ready."""
    checks: dict[str, object] = {"database": False, "tables": False, "pin": False}
    try:
        with register.read() as reader:
            checks["size"] = reader.size()
            checks["database"] = True
            checks["engine"] = reader.connection.dialect.name
            checks["tables"] = is_current(reader.connection)
            checks["witnessed_size"] = reader.witnessed().size
            checks["witnesses"] = {each.witness.name: _told(each) for each in lags(reader, register.clock())}
        with register.read() as reader:  # a moment of its own, after the pin is read: others may be recording
            check_pin(register.settings.pin_file, reader)
            checks["pin"] = True
        checks["verification"] = _verification(read_status(register.settings.data))
    except (SQLAlchemyError, SettingsError, RollbackError) as error:
        current_edge().logger.error("not ready", exc_info=error)
    checks["sqlite"] = pysqlite3.sqlite_version
    return checks


def _verification(status: Status) -> dict[str, object]:
    """What the register's verification of itself says. Damage is no reason not to be ready: it must be looked at."""
    return {
        "verified_size": status.size,
        "succeeded": format_time(datetime.fromtimestamp(status.succeeded, UTC)) if status.succeeded else None,
        "failure": status.failure or None,
        "phase": status.phase or None,
        "done": status.done,
        "total": status.total,
    }


def _told(lag: Lag) -> dict[str, object]:
    """A witness that is behind or away is no reason not to be ready: recording does not need it."""
    return {"entries_behind": lag.behind, "seconds_since_cosigned": lag.seconds, "error": lag.witness.error}
