"""A day at the bench: a register with batteries in every condition, and people of every trade with phones."""

import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.csrf import FIELD, token_for
from api.session_cookie import SESSION
from service.operators import enrol_operator, make_custodial_key
from service.people import sessions
from service.people.accounts import Invited
from service.people.acts import By
from service.people.entering import make_person
from service.people.roles import PersonRole
from tests.pages.asking import Page
from tests.pages.life import MADE, RATED, Story, vin, whole_story

RETIRED = tuple(f"001PE12ABCDEFGG2T000002{n}" for n in range(5))
"""Handed over by the workshop to the dismantler, who has not confirmed; the last one is not handed over."""
WITH_PARTS = "001PE12ABCDEFGG2T0000030"
"""Collected by the dismantler, of two modules."""
PARTS = ("001ME12ABCDEFGG2R0000031", "001ME12ABCDEFGG2R0000032")
FREE = "001PE12ABCDEFGG2T0000040"
"""In no vehicle, with the swap operator."""
DRIVEN = "001PE12ABCDEFGG2T0000041"
"""In a vehicle, with the swap operator."""
FIT = "001PE12ABCDEFGG2T0000042"
"""Tested by the dismantler and fit for a second life."""
STOLEN = "001PE12ABCDEFGG2T0000043"
UNSAFE = "001PE12ABCDEFGG2T0000044"
CAR = vin(77)
TRADES = {
    "cq-swap": ("渝州换电有限公司", "Yuzhou Swap", "swap_operator"),
    "cq-fleet": ("巴渝出行有限公司", "Bayu Mobility", "fleet"),
    "cq-dealer": ("江北汽车销售", "Jiangbei Motors", "dealer"),
    "cq-scrap": ("巴南报废汽车回收拆解厂", "Banan Dismantling", "dismantler"),
}
TOKEN = re.compile(r'name="event_id" value="([0-9a-f-]{36})"')


@dataclass
class Bench:
    """The register's story, and who is signed in."""

    story: Story
    cookies: dict[str, str]

    def phone(self, app: Flask, operator: str) -> "Phone":
        """A phone of this organisation, whose browser runs no script."""
        client = app.test_client()
        client.set_cookie(SESSION, self.cookies[operator])
        return Phone(client, self.cookies[operator])


@dataclass
class Phone:
    """Pages as they are asked for and forms as they are sent, in one language."""

    client: FlaskClient
    cookie: str
    language: str = "en"

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=self._headers())

    def send(self, path: str, **fields: object) -> TestResponse:
        data = fields | {FIELD: token_for(self.cookie)}
        return self.client.post(path, data=data, headers=self._headers())

    def record(self, code: str, kind: str, **fields: object) -> TestResponse:
        """Open the form, fill it in, send it: what was filled in beforehand is sent along, as a browser does."""
        path = f"/w/b/{code}/{kind}"
        shown = self.get(path)
        assert TOKEN.search(shown.text), f"{kind} is not offered for {code}"
        inputs = [each for each in Page(shown.text).all("input") if each.get("type") not in ("radio", "checkbox")]
        beforehand = {str(each["name"]): each.get("value") or "" for each in inputs}
        return self.send(path, **(beforehand | fields))

    def _headers(self) -> dict[str, str]:
        return {"Accept": "text/html", "Accept-Language": self.language}


def open_bench(folder: Path, database_url: str = "") -> Bench:
    """Everything told, up to the morning of 2026-09-03, and one recorder of each organisation signed in."""
    story = whole_story(folder, database_url)
    for operator, (name, name_en, role) in TRADES.items():
        body = {"operator_id": operator, "name": name, "name_en": name_en, "roles": [role], "region": "500105"}
        enrol_operator(story.recorder, body)
        make_custodial_key(story.recorder, operator)
    _make(story)
    story.on("2026-09-03")
    people = ("cq-cells", "cq-motors", "cq-repair", "cq-outlet", "cq-lab", "cq-recycle", *TRADES)
    return Bench(story, {operator: sign_in(story, operator) for operator in people})


def sign_in(story: Story, operator: str) -> str:
    """The cookie of a new recorder of this organisation."""
    now = story.register.clock()
    with story.register.write_beside() as connection:
        invited = Invited(operator, f"{operator}.phone", "李伟", PersonRole.RECORDER)
        person, _ = make_person(connection, invited, By("", now))
        return sessions.begin(connection, person.id, sessions.FULL, now=now)


def _make(story: Story) -> None:
    story.on("2026-09-02")
    for code in (*RETIRED, WITH_PARTS, FREE, DRIVEN, FIT, STOLEN, UNSAFE):
        story.tell("cq-cells", "register", (code,), **RATED, **MADE)
    for code in PARTS:
        story.tell(
            "cq-cells", "register", (code,), model_id="CQ-50M", mass_g=90_000, capacity_mah=150_000,
            energy_wh=17_000, made_on="2026-02-24", site="重庆两江工厂",
        )  # fmt: skip
    story.tell("cq-cells", "assemble", (WITH_PARTS, *PARTS), mass_g=300_000)
    for code in (*RETIRED, WITH_PARTS, FIT):
        story.tell("cq-repair", "retire", (code,), reason="capacity", soce_ppm=700_000)
    for code in RETIRED[:-1]:
        story.tell("cq-repair", "hand_over", (code,), to_operator="cq-scrap", transport_document="YD-77")
    for code in (WITH_PARTS, FIT):
        story.tell("cq-recycle", "collect", (code,), mass_g=300_000, from_operator="cq-repair",
                   transport_document="YD-76")  # fmt: skip
    story.tell("cq-recycle", "test", (FIT,), remaining_capacity_mah=120_000, soce_ppm=800_000, resistance_uohm=1_900,
               insulation_kohm=20_000, standard="GB/T 34015-2017", decision="second_life")  # fmt: skip
    story.tell("cq-swap", "receive", (FREE,), from_operator="cq-cells", transport_document="YD-78")
    story.tell("cq-swap", "install", (DRIVEN,), odometer_km=10, private={"vin": CAR})
    story.tell("cq-dealer", "issue_notice", (STOLEN,), notice="theft", notice_id="T-1", reason="报案")
    story.tell("cq-repair", "report_incident", (UNSAFE,), incident="fire", severity="critical",
               happened_on="2026-09-01")  # fmt: skip
