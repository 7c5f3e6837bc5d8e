"""What a person can do next, by the organisation's roles and the person's scopes: numbers that lead to their rows."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from api.auth import present_registry
from api.desk.opening import person_caller
from api.desk.pack_filters import address
from api.desk.packs import PATH as PACKS
from api.edge import current_register
from ledger.entry import format_time
from service.access import list_api_keys
from service.condition import read_condition
from service.domain.roles import SUPERVISORS, Role
from service.imports.jobs import Job, list_jobs
from service.packlist.reading import Counted, Filter, count, fitting
from service.people.applications import OPEN, list_applications
from service.webhooks.subscriptions import Reason, list_webhooks

MAKERS = frozenset({Role.MAKER, Role.VEHICLE_MAKER, Role.IMPORTER})
EXPIRING = timedelta(days=30)
_TO_PRINT = Filter(tie="made", level="pack", label="none")
_INCOMPLETE = Filter(tie="answers", level="pack", eu="incomplete")
_AWAITED = Filter(tie="awaited")
_HELD = Filter(tie="holds")


class Task(NamedTuple):
    """What there is to do and how much of it: title, why: keys of the catalogue. number: None for more than MOST.

    due: somebody has to act.
    """

    name: str
    number: int | None
    path: str
    due: bool = True

    @property
    def is_open(self) -> bool:
        return self.due and self.number != 0

    @property
    def title(self) -> str:
        return f"start.{self.name}"

    @property
    def why(self) -> str:
        return f"start.{self.name}_none" if self.number == 0 else f"start.{self.name}_why"


def tasks_of(connection: Connection, groups: Sequence[Counted]) -> list[Task]:
    """The tasks of the person who is signed in, the most pressing kind first. `groups`: of the list of batteries."""
    caller = person_caller()
    roles = present_registry().roles_of(caller.operator)
    found: list[Task] = []
    if roles & SUPERVISORS:
        found += _of_supervisor()
    if Role.AUTHORITY in roles and "manage" in caller.scopes:
        waiting = list_applications(connection, state=OPEN)
        found.append(Task("applications", len(waiting), "/desk/applications"))
    if "record" in caller.scopes and roles - SUPERVISORS:
        found.append(_to_fix(list_jobs(connection, caller.operator)))
    if roles & MAKERS:
        found += [_of_list("labels", groups, _TO_PRINT), _of_list("passports", groups, _INCOMPLETE)]
    if roles - SUPERVISORS - MAKERS or count(fitting(groups, _AWAITED)):
        found += [_of_list("awaited", groups, _AWAITED), _of_list("held", groups, _HELD)._replace(due=False)]
    if "manage" in caller.scopes:
        found += _of_manager(connection, caller.operator)
    return found


def _of_supervisor() -> Iterator[Task]:
    condition = read_condition(current_register())
    yield Task("late", condition.late, "/desk/cases")
    yield Task("missing", condition.missing, "/desk/cases")
    yield Task("copies", condition.copies, "/desk/cases")


def _of_list(name: str, groups: Sequence[Counted], wanted: Filter) -> Task:
    return Task(name, count(fitting(groups, wanted)), address(PACKS, wanted.asked()))


def _to_fix(jobs: Sequence[Job]) -> Task:
    """Rows that the newest import of each file refused: one of the same name that went well settles the earlier."""
    newest: dict[tuple[str, str], Job] = {}
    for job in jobs:
        newest.setdefault((job.content, job.name), job)
    faulty = [job for job in newest.values() if job.refused and job.has_rows and not job.is_open]
    path = f"/desk/imports/{faulty[0].id}" if len(faulty) == 1 else "/desk/imports"
    return Task("rows", sum(job.refused for job in faulty), address(path, {}))


def _of_manager(connection: Connection, operator: str) -> Iterator[Task]:
    """Only what wants attention: webhooks that are not told, keys that end soon."""
    hooks = list_webhooks(connection, operator)
    failing = [hook for hook in hooks if hook.failures or (hook.disabled_at and hook.reason != Reason.ASKED)]
    if failing:
        yield Task("webhooks", len(failing), "/desk/webhooks")
    now = current_register().clock()
    since, until = format_time(now), format_time(now + EXPIRING)
    keys = [key for key in list_api_keys(connection, operator) if not key.revoked_at and not key.replaced_by]
    if expiring := sum(1 for key in keys if since < key.expires_at <= until):
        yield Task("keys", expiring, "/desk/keys")
