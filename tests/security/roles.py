"""A town with somebody in each of the six roles that an attacker may have."""

from pathlib import Path

from service.access import SCOPES, make_api_key
from service.clock import wall_clock
from service.operators import enrol_operator, make_custodial_key
from service.recording.recorder import Recorder
from service.work import Register
from tests.api.town import AUTHORITY, BUREAU, MAKER, Town

RECYCLER, STRANGER = "cq-circle", "xx-stranger"
WHO: dict[str, str | None] = {
    "public": None,
    "maker": MAKER,
    "recycler": RECYCLER,
    "regulator": BUREAU,
    "authority": AUTHORITY,
    "stranger": STRANGER,
}
"""By role, whose API key is used. The recycler repairs and dismantles too; the stranger has to do with no battery."""


def peopled(town: Town, folder: Path) -> Town:
    """A copy of `town` in `folder` with everybody in it."""
    copy = town.copied(folder)
    register = Register(copy.settings)
    recorder, keys = Recorder(register), dict(copy.keys)
    for operator, roles in ((RECYCLER, ["recycler", "dismantler", "workshop"]), (STRANGER, ["dealer"])):
        enrol_operator(recorder, {"operator_id": operator, "name": "经营者", "roles": roles, "region": "500112"})
        make_custodial_key(recorder, operator)
        with register.write_beside() as connection:
            keys[operator] = make_api_key(connection, operator, now=wall_clock(), scopes=SCOPES)
    register.close()
    return Town(copy.settings, keys)


def headers_of(town: Town, role: str) -> dict[str, str]:
    """What a request of this role carries."""
    operator = WHO[role]
    return {} if operator is None else town.bearer(operator)
