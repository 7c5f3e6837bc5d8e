"""A register in the summer of 2027, when the law asks for passports: a maker with packs, a second life, and readers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ledger.entry import format_time
from service.access import SCOPES, make_api_key
from service.founding import Founder, found_register
from service.operators import CustodialEvent, admit_custodial, enrol_operator, make_custodial_key, record_as
from service.recording.recorder import Outcome, Recorded, Recorder
from service.settings import Settings, read_settings
from service.work import Register
from tests.copies import copy_into
from tests.service.domain.story import BODIES, MODULE_MODEL, PACK_MODEL

TODAY = datetime(2027, 6, 1, 4, 0, tzinfo=UTC)
BASE_URL = "https://id.example.cn"
AUTHORITY, MAKER, MOTORS, REPAIR, LAB = "cq-city", "cq-cells", "cq-motors", "cq-repair", "cq-lab"
RECYCLER, BUREAU, BRUSSELS, OUTLET = "cq-recycle", "cq-bureau", "eu-surveillance", "cq-outlet"
DEALER, SWAP = "cq-dealer", "cq-swap"
ROLES = {
    MAKER: ["maker"],
    MOTORS: ["vehicle_maker"],
    REPAIR: ["workshop"],
    LAB: ["tester"],
    RECYCLER: ["recycler", "dismantler"],
    BUREAU: ["regulator"],
    BRUSSELS: ["market_surveillance"],
    OUTLET: ["collector"],
    DEALER: ["dealer"],
    SWAP: ["swap_operator"],
}
PACK = "001PE12ABCDEFGG2T0000001"
OTHER_PACK = "001PE12ABCDEFGG2T0000002"
LMT_MODEL = PACK_MODEL | {"model_id": "CQ-LMT", "category": "lmt", "specification": "13", "gtin": "09521234000037"}
LMT_PACK = "001PE13ABCDEFGG2T0000001"


TOLD_WHOLE = frozenset({"place_on_market", "publish_passport", "correct"})


class Clock:
    """Stands at `now` until it is moved."""

    def __init__(self, now: datetime = TODAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class Market:
    """The open register, and what everybody tells it."""

    def __init__(self, settings: Settings) -> None:
        self.clock = Clock()
        self.register = Register(settings, clock=self.clock)
        self.recorder = Recorder(self.register)
        self.keys: dict[str, str] = {}

    def tell(self, operator: str, kind: str, *subjects: str, at: str | None = None, **body: Any) -> Outcome:
        """What becomes of an event told in custody. Without `at` it happens now."""
        given = {} if kind in TOLD_WHOLE else BODIES.get(kind, {})
        members: Mapping[str, Any] = {
            "type": kind,
            "subjects": list(subjects),
            "occurred_at": at or format_time(self.clock()),
            "body": {**given, **body},
        }
        [outcome] = self.recorder.record([admit_custodial(self.register, operator, CustodialEvent(members, {}))])
        return outcome

    def must(self, operator: str, kind: str, *subjects: str, **body: Any) -> Recorded:
        """As `tell`, of an event that is accepted."""
        outcome = self.tell(operator, kind, *subjects, **body)
        if not isinstance(outcome, Recorded):
            raise outcome
        return outcome

    def place(self, code: str, *, operator: str = MAKER, placed_on: str = "2027-05-31", market: str = "EU") -> Outcome:
        """Place a battery on a market."""
        return self.tell(
            operator,
            "place_on_market",
            code,
            market=market,
            placed_on=placed_on,
            declaration_of_conformity="DoC-2026-001",
        )

    def bearer(self, operator: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[operator]}"}

    def close(self) -> None:
        self.register.close()


@contextmanager
def open_market(folder: Path, *, database_url: str = "") -> Iterator[Market]:
    """A register with everybody enrolled, two models and three packs."""
    keys = _found(folder, database_url) if database_url else copy_into(folder, "market", _found)
    market = Market(_settings(folder, database_url))
    market.keys.update(keys)
    yield market
    market.close()


def _settings(folder: Path, database_url: str) -> Settings:
    return read_settings({"PACKTRAIL_BASE_URL": BASE_URL, "PACKTRAIL_DATABASE_URL": database_url}, data=folder)


def _found(folder: Path, database_url: str = "") -> dict[str, str]:
    """Found it, enrol everybody, publish the models and register the packs; the API keys."""
    settings = _settings(folder, database_url)
    founder = Founder("market.test/log", AUTHORITY, "重庆市", "Chongqing", "500000")
    found_register(settings, founder, clock=Clock())
    market = Market(settings)
    with market.register.write_beside() as connection:
        market.keys[AUTHORITY] = make_api_key(connection, AUTHORITY, now=market.clock(), scopes=SCOPES)
    for operator, roles in ROLES.items():
        named = {"operator_id": operator, "name": f"经营者{operator}", "name_en": operator, "region": "500112"}
        enrol_operator(market.recorder, named | {"roles": roles})
        make_custodial_key(market.recorder, operator)
        with market.register.write_beside() as connection:
            market.keys[operator] = make_api_key(connection, operator, now=market.clock(), scopes=SCOPES)
    for model in (PACK_MODEL, MODULE_MODEL, LMT_MODEL):
        record_as(market.recorder, MAKER, "publish_model", model)
    for code, model_id in ((PACK, "CQ-150"), (OTHER_PACK, "CQ-150"), (LMT_PACK, "CQ-LMT")):
        market.must(MAKER, "register", code, model_id=model_id)
    market.close()
    return market.keys
