"""The stage of the acceptance scenarios: a register with everybody enrolled, asked over HTTP on a day of choice.

Operators, keys and models come to it through the API too. The clock stands where a test puts it, so that a scenario
plays on the day its law is about.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from ledger.entry import format_time
from service.access import SCOPES, make_api_key
from service.domain.gbt34014 import make_code
from service.founding import Founder, found_register
from service.settings import Settings, read_settings
from service.work import Register
from tests.api.checking import checked_client
from tests.applications import app_on
from tests.service.domain.story import BODIES, MODULE_MODEL, PACK_MODEL

ORIGIN, BASE_URL = "scenarios.test/log", "https://id.example.cn"
AUTHORITY, BUREAU, BRUSSELS = "cq-city", "cq-bureau", "eu-surveillance"
MAKER, OTHER_MAKER = "cq-cells", "cd-cells"
MOTORS, DEALER, FLEET, REPAIR, SWAP = "cq-motors", "cq-dealer", "cq-fleet", "cq-repair", "cq-swap"
OUTLET, LAB, SCRAPYARD, GREEN = "cq-outlet", "cq-lab", "cq-scrapyard", "cq-green"
"""GREEN recycles; it takes batteries apart and gives them second lives too."""
ROLES = {
    BUREAU: ["regulator"],
    BRUSSELS: ["market_surveillance"],
    MAKER: ["maker"],
    OTHER_MAKER: ["maker"],
    MOTORS: ["vehicle_maker"],
    DEALER: ["dealer"],
    FLEET: ["fleet"],
    REPAIR: ["workshop"],
    SWAP: ["swap_operator"],
    OUTLET: ["collector"],
    LAB: ["tester"],
    SCRAPYARD: ["dismantler"],
    GREEN: ["recycler"],
}
SMALL_MODEL = PACK_MODEL | {
    "model_id": "CQ-100",
    "specification": "15",
    "mass_g": 100_000,
    "composition_g": {"nickel": 12_000},
    "gtin": "09521234000044",
}
LMT_MODEL = PACK_MODEL | {"model_id": "CQ-LMT", "category": "lmt", "specification": "13", "gtin": "09521234000037"}
MODELS = {"P12": PACK_MODEL, "M12": MODULE_MODEL, "P13": LMT_MODEL, "P15": SMALL_MODEL}
"""By level and specification, as in the codes. P15 weighs 100 kg, of which 12 kg are nickel."""
FOUNDED_ON = date(2025, 1, 6)
VIN, OTHER_VIN = "LSVAU2A34N2183294", "LZWADAGA0JB000001"
LONGEST_KEY = 3 * 365


def code(number: int, made_on: str = "2026-02-26", *, kind: str = "P12", maker: str = "001") -> str:
    """The code of battery `number` of that day; `kind`: a key of MODELS."""
    prefix = f"{maker}{kind[0]}E{kind[1:]}"
    return make_code(prefix, date.fromisoformat(made_on), serial=number, traceability="ABCDEFG").text


def second_life_code(number: int, made_on: str) -> str:
    """The code of a product made of used batteries."""
    return make_code("001PE12", date.fromisoformat(made_on), serial=number).text


class Clock:
    """Stands at `now`."""

    def __init__(self, day: date = FOUNDED_ON) -> None:
        self.now = datetime(day.year, day.month, day.day, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stage:
    """The open register and a client of it. keys: the API keys, by operator."""

    settings: Settings
    keys: dict[str, str]
    clock: Clock
    register: Register
    client: FlaskClient

    @classmethod
    def open(cls, settings: Settings, keys: Mapping[str, str]) -> "Stage":
        clock = Clock()
        register = Register(settings, clock=clock)
        return cls(settings, dict(keys), clock, register, checked_client(app_on(register)))

    def close(self) -> None:
        self.register.close()

    def today(self, day: str) -> None:
        """Let it be ten in the morning of that day in China."""
        self.clock.now = datetime.fromisoformat(f"{day}T10:00:00+08:00").astimezone(UTC)

    def bearer(self, operator: str | None) -> dict[str, str]:
        return {} if operator is None else {"Authorization": f"Bearer {self.keys[operator]}"}

    def told(self, kind: str, *subjects: str, at: str | None = None, **body: Any) -> dict[str, Any]:
        """An event as its operator tells it, by default of now and with the usual body; None leaves a field out."""
        moment = format_time(self.clock.now) if at is None else f"{at}T02:00:00.000Z"
        usual = {} if kind == "correct" else BODIES.get(kind, {})
        told = {name: value for name, value in (usual | body).items() if value is not None}
        return {"type": kind, "subjects": list(subjects), "occurred_at": moment, "body": told}

    def tell(self, operator: str, kind: str, *subjects: str, at: str | None = None, **body: Any) -> Any:
        """What is answered to an event."""
        self.clock.now += timedelta(seconds=1)
        return self.post("/v1/events", operator, self.told(kind, *subjects, at=at, **body))

    def must(self, operator: str, kind: str, *subjects: str, at: str | None = None, **body: Any) -> dict[str, Any]:
        """The receipt of an event that is accepted."""
        answer = self.tell(operator, kind, *subjects, at=at, **body)
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.get_json()
        return receipt

    def post(self, path: str, operator: str | None, body: object, **query: str) -> Any:
        return self.client.post(path, json=body, query_string=query or None, headers=self.bearer(operator))

    def get(self, path: str, operator: str | None = None, *, accept: str = "*/*", **query: str) -> Any:
        return self.client.get(path, query_string=query or None, headers=self.bearer(operator) | {"Accept": accept})

    def see(self, path: str, operator: str | None = None, **query: str) -> Any:
        """The JSON that is answered."""
        answer = self.get(path, operator, **query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def size(self) -> int:
        """How many entries the register says it has."""
        return int(self.get("/log/checkpoint").text.split("\n")[1])

    def register_batteries(self, *codes: str) -> None:
        """Let their maker register batteries of the models, on the day that their codes say."""
        for each in codes:
            model = MODELS[each[3] + each[5:7]]
            rated = {name: model[name] for name in ("model_id", "mass_g", "capacity_mah", "energy_wh")}
            self.must(MAKER, "register", each, at=made_on(each), **rated, made_on=made_on(each))

    def events(self, battery: str, operator: str = BUREAU) -> list[dict[str, Any]]:
        """The steps of its history as a regulator sees them."""
        steps: list[dict[str, Any]] = self.see(f"/v1/batteries/{battery}/history", operator)["steps"]
        return steps

    def state(self, battery: str, operator: str = BUREAU) -> dict[str, Any]:
        """The whole present state."""
        state: dict[str, Any] = self.see(f"/v1/batteries/{battery}", operator)["state"]
        return state

    def publish_passport(self, content: Mapping[str, Any], *, model_id: str = "CQ-150") -> Any:
        """The answer to publishing the passport content of a model."""
        path = f"/v1/models/{model_id}/passport"
        handed = self.client.put(path, json={"points": content}, headers=self.bearer(MAKER))
        assert handed.status_code == 200, handed.text
        return self.post(f"{path}:publish", MAKER, None)

    def place(self, battery: str, *, operator: str = MAKER, on: str, market: str = "EU") -> Any:
        """The answer to placing a battery on a market."""
        body = {"market": market, "placed_on": on, "declaration_of_conformity": "DoC-2026-001"}
        return self.tell(operator, "place_on_market", battery, **body)


def made_on(battery: str) -> str:
    """The day in a code of 24 characters, by its own reading of the table in GB/T 34014-2017."""
    symbols = "0123456789ABCDEFGHJKLMNPRSTVWXY"
    year, month, day = (symbols.index(each) for each in battery[14:17])
    return f"{2010 + year}-{month:02d}-{day or 31:02d}"


def found_stage(folder: Path) -> tuple[Settings, dict[str, str]]:
    """Found a register and let the authority enrol everybody over HTTP; settings and API keys."""
    settings = settings_in(folder)
    founder = Founder(ORIGIN, AUTHORITY, "重庆市", "Chongqing", "500000")
    found_register(settings, founder, clock=Clock())
    stage = Stage.open(settings, {})
    now, life = stage.register.clock(), timedelta(days=LONGEST_KEY)
    with stage.register.write_beside() as connection:
        stage.keys[AUTHORITY] = make_api_key(connection, AUTHORITY, now=now, scopes=SCOPES, life=life)
    for operator, roles in ROLES.items():
        enrol(stage, operator, roles)
        assert stage.post(f"/v1/operators/{operator}/keys", AUTHORITY, {"custody": "service"}).status_code == 201
        stage.keys[operator] = new_api_key(stage, operator)
    for model in MODELS.values():
        stage.must(MAKER, "publish_model", **model)
    stage.close()
    return settings, stage.keys


def enrol(stage: Stage, operator: str, roles: list[str], **more: Any) -> None:
    """Enrol an operator, or renew its enrolment."""
    body = {"operator_id": operator, "name": f"经营者{operator}", "name_en": operator, "region": "500112"}
    answer = stage.post("/v1/operators", AUTHORITY, body | {"roles": roles} | more)
    assert answer.status_code == 201, answer.text


def new_api_key(stage: Stage, operator: str) -> str:
    wanted = {"scopes": ["record", "read", "manage"], "days": LONGEST_KEY}
    answer = stage.post(f"/v1/operators/{operator}/api-keys", AUTHORITY, wanted)
    assert answer.status_code == 201, answer.text
    key: str = answer.get_json()["api_key"]
    return key


def settings_in(folder: Path) -> Settings:
    return read_settings({"PACKTRAIL_BASE_URL": BASE_URL}, data=folder)


def copy_of(settings: Settings, folder: Path) -> Settings:
    """The same register in another folder."""
    shutil.copytree(settings.data, folder)
    return settings_in(folder)
