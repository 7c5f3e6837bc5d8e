"""A small register for the pages: a few operators and batteries whose lives have gone different ways."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from ledger.entry import format_time
from service.db.engine import sqlite_url
from service.domain.vin import vin_check_digit
from service.founding import Founder, found_register
from service.operators import CustodialEvent, admit_custodial, enrol_operator, make_custodial_key
from service.packlist.following import follow
from service.recording.recorder import Recorded, Recorder
from service.settings import Settings
from service.work import Register
from tests.copies import copy_into

BASE_URL = "https://id.example.cn"
GTIN = "09521234000013"

PACK = "001PE12ABCDEFGG2T0000001"  # in use, of three modules
MODULES = tuple(f"001ME12ABCDEFGG2R000000{n}" for n in range(1, 4))
RECYCLED = "001PE12ABCDEFGG2T0000002"
DISMANTLED = "001PE12ABCDEFGG2T0000003"
CONSUMED = "001PE12ABCDEFGG2T0000004"
SECOND_LIFE = "001PE12G810000001RP"  # made on 2026-08-01 from CONSUMED
HOSTILE = "001PE13ABCDEFGG2T0000005"
RECALLED = "001PE12ABCDEFGG2T0004711"  # and disputed, with one module
RECALLED_PART = "001ME12ABCDEFGG2R0003344"
VOIDED = "001PE12ABCDEFGG2T0004822"
NEVER = "001PE12ABCDEFGG2T0000099"
FREED = tuple(f"001ME12ABCDEFGG2R000000{n}" for n in range(4, 6))

HOSTILE_NAME = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7 * 7 }}"

OPERATORS: Mapping[str, tuple[str, str | None, tuple[str, ...]]] = {
    "cq-cells": ("重庆两江电芯有限公司", "Chongqing Liangjiang Cells", ("maker",)),
    "cq-motors": ("重庆长江汽车有限公司", "Chongqing Yangtze Motors", ("vehicle_maker", "dealer")),
    "cq-repair": ("渝中维修服务站", None, ("workshop",)),
    "cq-outlet": ("江北回收服务网点", None, ("collector",)),
    "cq-lab": ("重庆电池检测中心", "Chongqing Battery Laboratory", ("tester",)),
    "cq-recycle": ("重庆循环科技有限公司", "Chongqing Circular", ("recycler", "dismantler")),
}

PACK_MODEL: Mapping[str, Any] = {
    "model_id": "CQ-150",
    "name": "长江150",
    "name_en": "Yangtze 150",
    "level": "pack",
    "category": "ev",
    "chemistry": "E",
    "manufacturer_code": "001",
    "specification": "12",
    "capacity_mah": 150_000,
    "energy_wh": 52_000,
    "voltage_mv": 350_000,
    "mass_g": 300_000,
    "composition_g": {"nickel": 36_000, "lithium": 6_000, "cobalt": 12_000, "manganese": 11_000, "copper": 20_000},
    "gtin": GTIN,
    "extinguishing_agent": "大量水 / plenty of water",
    "hazard_zh": "高压350 V。损坏时可能起火，释放氟化氢。",
    "hazard_en": "High voltage, 350 V. If damaged it may burn and give off hydrogen fluoride.",
}
PERMIT, OTHER_LICENCE, SCOPE = "CQ-P-17", "CQ-HW-4", "三元电池再生利用"
LICENCES: Mapping[str, Any] = {
    "cq-recycle": [
        {
            "licence": "pollutant_discharge",
            "number": PERMIT,
            "valid_from": "2024-01-01",
            "valid_until": "2036-12-31",
            "scope": SCOPE,
        },
        {"licence": "hazardous_waste", "number": OTHER_LICENCE, "valid_from": "2024-01-01"},
    ]
}
MODULE_MODEL = {
    **PACK_MODEL,
    "model_id": "CQ-50M",
    "name": "长江50模块",
    "name_en": "Yangtze 50 module",
    "level": "module",
    "capacity_mah": 150_000,
    "energy_wh": 17_000,
    "voltage_mv": 115_000,
    "mass_g": 90_000,
    "composition_g": {"nickel": 12_000, "lithium": 2_000, "cobalt": 4_000, "manganese": 3_500},
    "gtin": "09521234000020",
}
HOSTILE_MODEL = {
    key: value for key, value in PACK_MODEL.items() if key not in ("gtin", "name_en", "extinguishing_agent")
} | {
    "model_id": "CQ-X",
    "name": HOSTILE_NAME,
    "specification": "13",
    "hazard_zh": "</dd></dl><script src=//evil.example></script>",
    "hazard_en": "javascript:alert(3) </style><style>*{display:none}</style>",
}
RATED: Mapping[str, Any] = {
    "model_id": "CQ-150",
    "gtin": GTIN,
    "mass_g": 300_000,
    "capacity_mah": 150_000,
    "energy_wh": 52_000,
}
NAMES: Mapping[str, Any] = {"giai": "9521234BATT7", "identification_link": "https://id.maker.example/p/7"}
MADE: Mapping[str, Any] = {"made_on": "2026-02-26", "site": "重庆两江工厂"}


@dataclass
class Story:
    """A register being written. `tell` records one event, now or `late` days ago, and raises where it is refused."""

    register: Register
    recorder: Recorder
    now: list[datetime] = field(default_factory=list)

    def tell(self, actor: str, kind: str, subjects: tuple[str, ...], *, late: int = 0, **body: Any) -> None:
        self.now[0] += timedelta(minutes=17)
        private = body.pop("private", {})
        body = {name: value for name, value in body.items() if value is not None}
        members = {
            "type": kind,
            "subjects": list(subjects),
            "occurred_at": format_time(self.now[0] - timedelta(days=late)),
            "body": body,
        }
        admitted = admit_custodial(self.register, actor, CustodialEvent(members, private))
        [outcome] = self.recorder.record([admitted])
        if not isinstance(outcome, Recorded):
            raise outcome

    def on(self, day: str) -> None:
        self.now[0] = datetime.fromisoformat(f"{day}T10:00:00+08:00").astimezone(UTC)


def settings_of(folder: Path, database_url: str = "") -> Settings:
    """The settings of a register in `folder`, on SQLite unless it is told which database."""
    return Settings(folder, database_url or sqlite_url(folder / "register.db"), BASE_URL, folder / "keys" / "master")


def open_story(folder: Path, database_url: str = "") -> Story:
    """A founded register with the operators enrolled and three models published."""
    return _told(folder, database_url, _begin)


@contextmanager
def listed_story(folder: Path) -> Iterator[Story]:
    """With its batteries, in the lists of those who have to do with them."""
    told = open_story(folder)
    make_batteries(told)
    follow(told.register, Event())
    yield told
    told.register.close()


def _told(folder: Path, database_url: str, tell: Callable[[Story], None]) -> Story:
    """What `tell` tells in a new register. On SQLite it is told once in a process, and copied from then on."""
    if database_url:
        story = _found(folder, database_url)
        tell(story)
        return story

    def once(original: Path) -> datetime:
        story = _found(original)
        tell(story)
        story.register.close()
        return story.now[0]

    return _open(settings_of(folder), copy_into(folder, tell, once))


def _found(folder: Path, database_url: str = "") -> Story:
    settings, began = settings_of(folder, database_url), datetime(2026, 2, 20, 2, 0, tzinfo=UTC)
    founder = Founder("register.example.cn/cq", "cq-city", "重庆市登记机构", "Chongqing Registry", "500103")
    found_register(settings, founder, clock=lambda: began)
    return _open(settings, began)


def _open(settings: Settings, moment: datetime) -> Story:
    now = [moment]
    register = Register(settings, clock=lambda: now[0])
    return Story(register, Recorder(register), now)


def _begin(story: Story) -> None:
    for id_, (name, name_en, roles) in OPERATORS.items():
        body: dict[str, Any] = {"operator_id": id_, "name": name, "roles": list(roles), "region": "500103"}
        licences = {"licences": LICENCES[id_]} if id_ in LICENCES else {}
        enrol_operator(story.recorder, body | licences | ({"name_en": name_en} if name_en else {}))
        make_custodial_key(story.recorder, id_)
    for model in (PACK_MODEL, MODULE_MODEL, HOSTILE_MODEL):
        story.tell("cq-cells", "publish_model", (), **model)


def vin(number: int) -> str:
    """The vehicle identification number of car `number`, its check digit right."""
    text = f"LZWADAGA0JB{number:06d}"
    return text[:8] + vin_check_digit(text) + text[9:]


def make_batteries(story: Story) -> None:
    """Register and assemble everything, and sell the packs in cars."""
    story.on("2026-02-27")
    for code in (*MODULES, *FREED):
        story.tell(
            "cq-cells", "register", (code,), model_id="CQ-50M", mass_g=90_000, capacity_mah=150_000,
            energy_wh=17_000, made_on="2026-02-24", site="重庆两江工厂",
        )  # fmt: skip
    for code in (PACK, RECYCLED, DISMANTLED, CONSUMED):
        story.tell("cq-cells", "register", (code,), **RATED, **MADE, **(NAMES if code == PACK else {}))
    story.tell("cq-cells", "register", (HOSTILE,), **{**RATED, "model_id": "CQ-X", "gtin": None}, **MADE)
    story.tell("cq-cells", "assemble", (PACK, *MODULES), mass_g=300_000)
    story.tell("cq-cells", "assemble", (DISMANTLED, *FREED), mass_g=300_000)
    for day, code, car in (("2026-03-05", PACK, vin(1)), ("2026-03-06", RECYCLED, vin(2))):
        story.on(day)
        story.tell("cq-motors", "install", (code,), odometer_km=12, private={"vin": car})
        story.tell("cq-motors", "sell", (code,), sold_on=day, region="500103", owner_type="private")


def live(story: Story) -> None:
    """What happens to each of them."""
    story.on("2026-05-04")
    story.tell("cq-motors", "report_soh", (PACK,), soce_ppm=985_000, remaining_capacity_mah=148_000, full_cycles=61,
               method="bms")  # fmt: skip
    story.tell("cq-repair", "repair", (PACK,), late=6, reason="接插件更换", soce_ppm=984_000, safety_test_passed=True,
               late_reason="found_later")  # fmt: skip
    for code in (RECYCLED, DISMANTLED, CONSUMED):
        story.on("2026-06-01")
        story.tell("cq-repair", "retire", (code,), reason="accident", soce_ppm=800_000)
        story.tell("cq-outlet", "collect", (code,), mass_g=300_000, from_operator="cq-repair",
                   transport_document="YD-2026-001")  # fmt: skip
    story.on("2026-07-01")
    for code in (DISMANTLED, CONSUMED):
        story.tell("cq-lab", "test", (code,), remaining_capacity_mah=120_000, soce_ppm=800_000,
                   resistance_uohm=1_900, insulation_kohm=20_000, standard="GB/T 34015-2017",
                   decision="second_life" if code == CONSUMED else "dismantle")  # fmt: skip
    story.tell("cq-recycle", "recycle", (RECYCLED,), input_mass_g=300_000, loss_mass_g=120_000,
               route="hydrometallurgy",
               outputs=[{"material": "black_mass", "mass_g": 180_000, "lot": "BM-1"}])  # fmt: skip
    story.tell("cq-recycle", "dismantle", (DISMANTLED, *FREED), casing_mass_g=100_000, residual_mass_g=20_000,
               missing=[])  # fmt: skip
    story.on("2026-08-02")
    story.tell("cq-recycle", "repurpose", (SECOND_LIFE, CONSUMED), operation="preparation_for_repurposing",
               application="stationary_storage", capacity_mah=110_000, energy_wh=40_000, mass_g=310_000,
               made_on="2026-08-01")  # fmt: skip


def warn(story: Story) -> None:
    """A pack in use that is recalled, and one that was registered by mistake."""
    story.on("2026-08-05")
    for code in (RECALLED, VOIDED):
        story.tell("cq-cells", "register", (code,), **RATED, **MADE)
    story.tell(
        "cq-cells", "register", (RECALLED_PART,), model_id="CQ-50M", mass_g=90_000, capacity_mah=150_000,
        energy_wh=17_000, made_on="2026-02-24", site="重庆两江工厂",
    )  # fmt: skip
    story.tell("cq-cells", "assemble", (RECALLED, RECALLED_PART), mass_g=300_000)
    story.tell("cq-motors", "install", (RECALLED,), odometer_km=12, private={"vin": vin(9)})
    story.tell("cq-motors", "sell", (RECALLED,), sold_on="2026-08-05", region="500103", owner_type="private")
    story.tell("cq-cells", "issue_notice", (RECALLED,), notice="dispute", notice_id="D-1", reason="归属待定")
    story.tell("cq-cells", "issue_notice", (RECALLED,), notice="recall", notice_id="R-1", reason="冷却板焊缝")
    story.tell("cq-cells", "void", (VOIDED,), reason="not_made")
    story.tell("cq-city", "approve_void", (VOIDED,), decision_no="CQ-2026-1")


def whole_story(folder: Path, database_url: str = "") -> Story:
    """Everything told, up to 2026-09-01."""
    return _told(folder, database_url, _tell_all)


def _tell_all(story: Story) -> None:
    _begin(story)
    make_batteries(story)
    live(story)
    story.on("2026-09-01")
