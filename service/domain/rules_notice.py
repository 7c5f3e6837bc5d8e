"""Rules of notices: recall, quarantine, theft and dispute, each a flag while one of its kind is open."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.bodies import IssueNotice, LiftNotice
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.roles import Role
from service.domain.states import DISPUTED, QUARANTINED, RECALLED, STOLEN, BatteryState
from service.domain.words import Decision, Notice

MOST_NOTICES = 16
"""Open at once on one battery."""
_R = Role
_OFFICES = frozenset({_R.REGULATOR, _R.AUTHORITY, _R.MARKET_SURVEILLANCE})


class NoticeRow(NamedTuple):
    """flag: on the battery while such a notice is open. issuers: roles that may issue it."""

    notice: Notice
    flag: str
    issuers: frozenset[Role]
    source: str


NOTICES: dict[Notice, NoticeRow] = {
    row.notice: row
    for row in (
        NoticeRow(
            Notice.RECALL, RECALLED, frozenset({_R.MAKER, _R.VEHICLE_MAKER, _R.IMPORTER}) | _OFFICES, "source needed"
        ),
        NoticeRow(
            Notice.QUARANTINE,
            QUARANTINED,
            frozenset({_R.MAKER, _R.VEHICLE_MAKER, _R.WORKSHOP, _R.TESTER, _R.COLLECTOR, _R.DISMANTLER, _R.RECYCLER})
            | _OFFICES,
            "source needed",
        ),
        NoticeRow(
            Notice.THEFT,
            STOLEN,
            frozenset({_R.FLEET, _R.LEASING, _R.INSURER, _R.DEALER, _R.VEHICLE_MAKER, _R.SWAP_OPERATOR}) | _OFFICES,
            "source needed",
        ),
        NoticeRow(Notice.DISPUTE, DISPUTED, frozenset(Role), "source needed"),
    )
}


def notice_is_the_actors(case: Case[IssueNotice]) -> None:
    row = NOTICES[case.body.notice]
    if row.issuers.isdisjoint(case.facts.roles):
        raise breach("role", "/body/notice", actor=case.event.actor, roles=", ".join(sorted(row.issuers)))


def notice_is_new(case: Case[IssueNotice]) -> None:
    name = name_of(case.body, case.event.actor)
    for at, state in enumerate(case.states):
        if name in state.notices:
            raise breach("notice-open", f"/subjects/{at}", current=state, code=state.code, number=case.body.notice_id)
        if len(state.notices) >= MOST_NOTICES:
            raise breach("notices-full", f"/subjects/{at}", current=state, code=state.code, most=MOST_NOTICES)


def notice_is_open(case: Case[LiftNotice]) -> None:
    """An issuer lifts its own notices, an office any."""
    for at, state in enumerate(case.states):
        if not lifted(case, state):
            raise breach(
                "notice-unknown", f"/subjects/{at}", current=state, code=state.code, number=case.body.notice_id
            )


def lifted(case: Case[LiftNotice], state: BatteryState) -> frozenset[str]:
    """The open notices of a battery that the event lifts."""
    if not _OFFICES.isdisjoint(case.facts.roles):
        kind, number = case.body.notice.value, case.body.notice_id
        parts = ((name, *name.split("/", 2)) for name in state.notices)
        return frozenset(name for name, one, _, other in parts if (one, other) == (kind, number))
    return frozenset({name_of(case.body, case.event.actor)}) & frozenset(state.notices)


def name_of(body: IssueNotice | LiftNotice, issuer: str) -> str:
    """How an open notice stands in the state of a battery."""
    return f"{body.notice.value}/{issuer}/{body.notice_id}"


def flags_after(state: BatteryState, notices: tuple[str, ...], decision: Decision | None) -> tuple[str, ...]:
    """The flags of a battery with these open notices and this decision of its last test."""
    own = {row.flag for row in NOTICES.values()}
    flags = {flag for flag in state.flags if flag not in own}
    flags |= {NOTICES[Notice(name.partition("/")[0])].flag for name in notices}
    if decision is Decision.QUARANTINE:
        flags.add(QUARANTINED)
    return tuple(sorted(flags))
