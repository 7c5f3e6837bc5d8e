"""The demonstration register with something waiting at every desk: for the pages walked one by one and for pictures."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.serving import make_server

from api.app import create_app
from api.cli import packtrail
from api.session_cookie import SESSION
from ledger.entry import parse_entry
from service.cases.finding import recovery_key
from service.db import tables
from service.db.engine import sqlite_url
from service.db.views import load_states
from service.domain.recovery.verdicts import Outcome
from service.domain.reported import Reason
from service.domain.states import OpState
from service.domain.words import Level
from service.figures.following import Follower
from service.history import battery_now
from service.imports.running import run_job
from service.imports.storing import Ask, take_in
from service.packlist.following import follow
from service.packlist.pasting import keep_list
from service.people import accounts, applications, sessions
from service.people.accounts import Invited, list_people
from service.people.acts import By
from service.people.roles import PersonRole
from service.recording.mapping import keep_map
from service.recording.recorder import Recorder
from service.recovery import read_recovery, usual_period
from service.reported.noting import Problem, note_problem
from service.reported.reading import handle
from service.scans.noting import note_sighting
from service.settings import Settings
from service.verification.days import Verified, note_day
from service.webhooks.subscriptions import Wanted, add_webhook
from service.work import Register
from tests.pages.life import Story
from tests.service.documents.files import picture

UNTIL = "2026-09-01T00:00:00"
PACKS = 40
BASE_URL = "https://id.example.cn"
AUTHORITY, MAKER, WORKSHOP = "authority", "demo-cells-fuling", "demo-workshop-jiulongpo"
PEOPLE = (AUTHORITY, MAKER, WORKSHOP)
CHONGQING, HAMBURG = "wm7b9", "u1x0e"


@dataclass(frozen=True, slots=True)
class Furnished:
    """A served register. names: what stands for {names} in the addresses of the table; cookies: by organisation."""

    address: str
    names: Mapping[str, str]
    cookies: Mapping[str, str]


@contextmanager
def furnished(folder: Path) -> Iterator[Furnished]:
    """Tell the story in `folder`, furnish it, and serve it on this machine. The clock stands."""
    data = folder / "register"
    story = ["demo", "--data", str(data), "--packs", str(PACKS), "--until", UNTIL]
    told = CliRunner().invoke(packtrail, story, env={"PACKTRAIL_BASE_URL": BASE_URL})
    assert told.exit_code == 0, told.output
    now = [datetime.fromisoformat(UNTIL).replace(tzinfo=UTC) + timedelta(minutes=14)]
    settings = Settings(data, sqlite_url(data / "register.db"), BASE_URL, data / "keys" / "master")
    register = Register(settings, clock=lambda: now[0])
    app = create_app(register, Recorder(register))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        names = _names(register)
        names |= _warn(register, now, names)
        keep_map(register)
        Follower(register).catch_up()
        follow(register, threading.Event())
        names |= _furnish(register, now, names)
        cookies = _cookies(register)
        names["frozen"] = _freeze(app.test_client(), cookies[AUTHORITY])
        yield Furnished(f"http://127.0.0.1:{server.port}", names, cookies)
    finally:
        server.shutdown()
        thread.join()
        register.close()


def _names(register: Register) -> dict[str, str]:
    """Batteries in each state that a page shows in its own way, and the newest entry."""
    with register.read() as reader:
        codes = reader.connection.execute(select(tables.battery.c.code).order_by(tables.battery.c.code)).scalars()
        states = load_states(reader.connection, list(codes))
        newest = reader.size() - 1
        maker = register.current_registry(reader.connection).operators[MAKER]
        events = [(index, parse_entry(data).event) for index, data in enumerate(reader.entries(0, newest + 1))]
    packs = {state.op_state: code for code, state in states.items() if state.level is Level.PACK and state.model_id}
    in_use = [code for code, state in states.items() if state.op_state is OpState.IN_USE and state.level is Level.PACK]
    second = next(code for code, state in states.items() if state.derived_from)
    own = next(state for state in states.values() if state.maker == MAKER and state.level is Level.PACK)
    return {
        "own": own.code,
        "model": own.model_id or "",
        "uscc": maker.enrolment.uscc or "",
        "in_use": packs[OpState.IN_USE],
        "recalled": next(code for code in in_use if code not in (packs[OpState.IN_USE], own.code)),
        "exported": next(code for code in reversed(in_use) if code not in (packs[OpState.IN_USE], own.code)),
        "retired": packs.get(OpState.RETIRED) or packs[OpState.COLLECTED],
        "recycled": packs[OpState.RECYCLED],
        "part": next(code for code, state in states.items() if state.parent),
        "second_life": second,
        "became": states[second].derived_from[0],
        "never": f"{second[:-3]}999" if len(second) == 24 else f"{packs[OpState.IN_USE][:-4]}9999",
        "entry": str(newest),
        "registered": str(max(at for at, each in events if (each.actor, each.type) == (MAKER, "register"))),
        "worked": str(max(at for at, each in events if each.actor == WORKSHOP)),
    }


def _warn(register: Register, now: list[datetime], names: Mapping[str, str]) -> dict[str, str]:
    """A recall, a registration that is void, and an export; and what recycling missed a target."""
    story = Story(register, Recorder(register), now)
    said = {"notice": "recall", "notice_id": "R-2026-7", "reason": "冷却板焊缝 / weld of the cooling plate"}
    story.tell(AUTHORITY, "issue_notice", (names["recalled"],), **said)
    own, voided = battery_now(register, names["own"]).state, f"{names['own'][:-4]}7531"
    rated = {name: getattr(own, name) for name in ("model_id", "gtin", "mass_g", "capacity_mah", "energy_wh")}
    story.tell(MAKER, "register", (voided,), **rated, made_on=own.made_on.isoformat(), site="涪陵工厂")
    story.tell(MAKER, "void", (voided,), reason="not_made")
    story.tell(AUTHORITY, "approve_void", (voided,), decision_no="CQ-2026-31")
    customs = {"country": "DE", "hs_code": "850760", "customs_no": "HG-2026-7"}
    story.tell(MAKER, "export", (names["exported"],), **customs)
    rates = [(row, each) for row in read_recovery(register, usual_period(now[0].date())) for each in row.verdicts]
    missed = next((row, each) for row, each in rates if each.in_force and each.outcome is Outcome.FAIL)
    return {"voided": voided, "rate": recovery_key(missed[0], missed[1].target)}


def _furnish(register: Register, now: list[datetime], names: Mapping[str, str]) -> dict[str, str]:
    """A copied label, reports, days of verification, an application, somebody who forgot a password, a webhook."""
    copied, moment = names["retired"], now[0]
    note_sighting(register, copied, cell=CHONGQING, operator=None)
    now[0] = moment + timedelta(hours=1)
    note_sighting(register, copied, cell=HAMBURG, operator=None)
    handled = note_problem(register, Problem(names["in_use"], Reason.DAMAGED, "二维码被划伤 / scratched"))
    handle(register, handled, by=AUTHORITY, note="已补贴新标签 / a new label was put on")
    waits = note_problem(register, Problem(copied, Reason.MOVED, "标签边缘翘起 / the edge is loose", picture("JPEG")))
    note_problem(register, Problem(names["never"], Reason.NOT_GENUINE))
    for before in range(60):
        day, failure = now[0].date() - timedelta(days=before), "entry 12: changed" if before == 41 else ""
        note_day(register.settings.data, day, Verified(5_000, failure))
    with register.write_beside() as connection:
        body = {"name": "示例再生", "region": "500107", "roles": ["recycler"]}
        applications.apply(connection, body, "李伟 023-1234", now=now[0])
        invited = Invited(AUTHORITY, "zhao.liu", "赵六", PersonRole.READER)
        accounts.invite(connection, invited, By("", now[0]))
        accounts.ask_for_recovery(connection, "zhao.liu", now=now[0])
        wanted = Wanted("https://hooks.example.cn/batteries", ("sell",), ("maker",))
        hook = add_webhook(connection, MAKER, wanted, reach=register.settings.webhooks, now=now[0])
        pasted = keep_list(connection, MAKER, f"{names['own']} {names['never']} nonsense", now=now[0])
    tried = _try_import(register, names)
    return {"import": tried, "copied": copied, "report": waits, "handled": handled, "webhook": hook.id, "list": pasted}


def _try_import(register: Register, names: Mapping[str, str]) -> str:
    """A dry run of the maker's file in which one row is there already, one is misspelt and one is fit; gives its id."""
    code = f"{names['own'][:-4]}75"
    rows = [f"{names['own']},300.5", f"{code}41,3E2", f"{code}42,301"]
    site = f"150000,52000,{battery_now(register, names['own']).state.made_on},涪陵工厂"
    lines = [f"{code_and_mass},{names['model']},{site}" for code_and_mass in rows]
    data = "\n".join(["电池编码,质量（千克）,型号,额定容量（毫安时）,额定能量（瓦时）,生产日期,生产厂", *lines])
    job = take_in(register, Ask(MAKER, "packs", "九月 packs.csv", dry_run=True), [data.encode()]).job
    return run_job(Recorder(register), job.id).id


def _cookies(register: Register) -> dict[str, str]:
    """Of a session of an administrator of each of PEOPLE."""
    with register.write_beside() as connection:
        now, found = register.clock(), dict[str, str]()
        for operator in PEOPLE:
            person = list_people(connection, operator)[0]
            if person.role is not PersonRole.ADMIN:
                accounts.set_role(connection, person, PersonRole.ADMIN, By("", now))
            device = sessions.Device("Firefox")
            found[operator] = sessions.begin(connection, person.id, sessions.FULL, now=now, device=device)
    return found


def _freeze(client: FlaskClient, cookie: str) -> str:
    """A report of one figure, frozen by the form on its page; gives its digest."""
    client.set_cookie(SESSION, cookie)
    page = client.get("/desk/figures/flows").text
    token = re.search(r'name="csrf_token" value="([^"]*)"', page)
    assert token is not None
    form = {"csrf_token": token[1], "figure": "flows"}
    answer = client.post("/desk/figures/freeze", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rpartition("/")[2]
