"""What was done to accounts, by whom and when: the trail that the people of an organisation leave beside the log."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ledger.entry import format_time, parse_time
from service.db.people_tables import people_act
from service.domain.uuid7 import make_uuid7
from service.domain.words import Word

LISTED = 100


class Act(Word):
    INVITE = "invite", "invited", "邀请"
    JOIN = "join", "accepted the invitation", "接受邀请"
    ROLE = "role", "given another role", "变更角色"
    DISABLE = "disable", "disabled", "停用"
    ENABLE = "enable", "enabled again", "重新启用"
    RESET = "reset", "given a link for a new password", "获得重置密码链接"
    PASSWORD = "password", "chose a new password", "更改密码"
    FACTORS = "factors", "second factors removed", "清除第二因素"
    SESSIONS = "sessions", "signed out everywhere", "全部会话已结束"


@dataclass(frozen=True, slots=True)
class Done:
    """One line. actor: a person's id, "" for the command line; person: whom it was done to."""

    act: Act
    actor: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, by the person's id, and when. The command line acts as ""."""

    actor: str
    now: datetime


def note(connection: Connection, act: Act, by: By, *, operator: str, person: str) -> None:
    """Add a line to the trail of an organisation."""
    row = people_act.insert().values(
        id=make_uuid7(int(by.now.timestamp() * 1000), os.urandom(10)),
        operator=operator,
        act=act.value,
        actor=by.actor,
        person=person,
        at=format_time(by.now),
    )
    connection.execute(row)


def list_acts(connection: Connection, operator: str) -> Sequence[Done]:
    """The newest lines of an organisation, newest first."""
    column = people_act.c
    query = select(people_act).where(column.operator == operator).order_by(column.id.desc()).limit(LISTED)
    return [Done(Act(row.act), row.actor, row.person, parse_time(row.at)) for row in connection.execute(query)]
