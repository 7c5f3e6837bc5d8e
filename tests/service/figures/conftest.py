"""A town where everything went wrong once: recorded on each engine, and folded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.entry import parse_entry
from service.figures.following import Follower
from service.recording.recorder import Recorded
from tests.postgres import PostgresServer
from tests.service.town import (
    AUTHORITY,
    WORKSHOP_OLD,
    StillClock,
    Town,
    assemble_one,
    found_town,
    live,
    pack,
    recycle_one,
    vin,
    whole_pack,
)


def told(town: Town, operator: str, kind: str, *codes: str, **body: Any) -> Recorded:
    town.clock.move(hours=7)
    [recorded] = town.must(town.tell(operator, kind, *codes, **body))
    return recorded


def take_back(town: Town, wrong: Recorded, operator: str) -> None:
    """Say that it did not happen."""
    event = parse_entry(wrong.entry).event
    about: dict[str, Any] = {"event_id": event.id, "reason": "did_not_occur", "mass_g": None}
    told(town, operator, "correct", *event.subjects, **about)


def tell_anew(town: Town, wrong: Recorded, operator: str, **values: Any) -> None:
    event = parse_entry(wrong.entry).event
    told(town, operator, "correct", *event.subjects, **({"event_id": event.id, "mass_g": None} | values))


def go_wrong(town: Town) -> None:
    """Wrong weights, retirements that never were, a code typed wrong, scales that show too little."""
    wrong = told(town, "cq-cells", "register", pack(50))
    tell_anew(town, wrong, "cq-cells", mass_g=310_000, energy_wh=51_000)
    tell_anew(town, wrong, "cq-cells", mass_g=305_000)  # the present mass is not that of the registration any more
    take_back(town, told(town, "cq-motors", "retire", pack(1)), "cq-motors")
    for number in (3, 4, 10):
        told(town, "cq-motors", "retire", pack(number))
    light = told(town, "cq-recycle", "collect", pack(3), mass_g=280_000, from_operator="cq-motors")
    told(town, "cq-recycle", "collect", pack(10), mass_g=250_000, from_operator="cq-motors")
    gone = told(town, "cq-recycle", "collect", pack(4), mass_g=200_000, from_operator="cq-motors")
    tell_anew(town, light, "cq-recycle", mass_g=299_000)
    take_back(town, gone, "cq-recycle")
    report = told(town, "cq-motors", "report_soh", pack(5), full_cycles=900, soce_ppm=400_000)
    tell_anew(town, report, "cq-motors", soce_ppm=840_000)
    tell_anew(town, report, "cq-motors", soce_ppm=860_000)
    customs = {"customs_no": "HG-1", "country": "DE"}
    told(town, "cq-motors", "export", pack(2), hs_code="850760", **customs)
    told(town, "cq-motors", "import_back", pack(2), **customs)
    never = told(town, "cq-motors", "export", pack(2), hs_code="850760", customs_no="HG-2", country="FR")
    take_back(town, never, "cq-motors")
    like = pack(6).replace("ABCDEFGG", "ABCDEFHG")
    for code in (like, pack(7).replace("ABCDEFGG", "ABCDEFHG")):
        told(town, "cq-cells", "register", code)
    told(town, "cq-cells", "void", like)
    told(town, AUTHORITY, "approve_void", like)
    recycle_one(town, pack(8))
    told(town, "cq-recycle", "scrap_vehicle", private={"vin": vin(2)}, certificate_no="HS-2", pack_found=None)
    told(town, "cq-cells", "register_pack", pack(9_000_001), **whole_pack(9_001, modules=2, cells=2))


def build(data: Path, url: str = "") -> Town:
    town = found_town(data, StillClock(), url=url)
    assemble_one(town)
    live(town, range(1, 12))
    town.must(town.sign(WORKSHOP_OLD, "repair", pack(9), soce_ppm=905_000))
    go_wrong(town)
    Follower(town.register).catch_up()
    return town


@pytest.fixture(scope="module")
def wrong_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    town = build(tmp_path_factory.mktemp("wrong") / "data")
    yield town
    town.close()


@pytest.fixture(scope="module")
def wrong_postgres(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[Town]:
    town = build(tmp_path_factory.mktemp("wrong-pg") / "data", postgres.create_database())
    yield town
    town.close()
