"""Every rule refuses what it is there to refuse: one row or more for each slug."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from service.domain.breaches import RULES
from service.domain.errors import InvalidCode, RuleBreach
from service.domain.states import LifeStatus, OpState
from service.domain.words import Decision
from tests.service.domain.scenes import Scene, scene
from tests.service.domain.story import (
    CAR,
    MODULE_MODEL,
    MODULES,
    NEW_MODULE,
    OTHER_CAR,
    PACK,
    PACK_MODEL,
    SECOND_LIFE,
    SPARE,
    VIN,
    World,
)

CELL = "001CE12ABCDEFGG2R0000001"
REUSED_PACK = "001PE12G2T0000001RP"


def put(kind: str, code: str, state: dict[str, Any], **changes: Any) -> Callable[[], Scene]:
    """The scene of `kind` with something else recorded about `code`."""

    def build() -> Scene:
        happening = scene(kind, **changes)
        happening.world.put(code, **state)
        return happening

    return build


def said(kind: str, **changes: Any) -> Callable[[], Scene]:
    """The scene of `kind` with something else in the event."""
    return lambda: scene(kind, **changes)


def published(**changes: Any) -> Callable[[], Scene]:
    def build() -> Scene:
        world = World()
        return Scene(world, world.event("publish_model", **changes))

    return build


def registered_twice() -> Scene:
    world, event = scene("register")
    world.states.update(world.decide(event))
    return Scene(world, world.event("register", PACK))


def of_another_maker() -> Scene:
    world, event = scene("register")
    world.models["CQ-150"] = world.models["CQ-150"]._replace(maker="other-maker")
    return Scene(world, event)


def module_gone(**changes: Any) -> Callable[[], Scene]:
    return said("dismantle", **({"subjects": (PACK, *MODULES[:2]), "missing": []} | changes))


def reported(**changes: Any) -> Callable[[], Scene]:
    def build() -> Scene:
        world, event = scene("report_soh")
        world.states.update(world.decide(event))
        return Scene(world, world.event("report_soh", PACK, **changes))

    return build


SALTS = {"material": "nickel_sulfate", "lot": "L"}

REFUSED: list[tuple[str, str, Callable[[], Scene]]] = [
    ("role", "/actor", said("install", actor="cq-lab")),
    ("subject-count", "/subjects", said("sell", subjects=(PACK, SPARE))),
    ("subject-count", "/subjects", said("swap", subjects=(PACK,), vehicle=CAR)),
    ("subject-count", "/subjects", said("register", subjects=())),
    ("subject-count", "/subjects", lambda: Scene(w := World(), w.event("enrol_operator", PACK))),
    ("subject-repeated", "/subjects/2", said("recycle", subjects=(MODULES[0], MODULES[1], MODULES[0]))),
    ("subject-unknown", "/subjects/0", said("sell", subjects=("001PE12ABCDEFGG2T0000099",))),
    ("already-registered", "/subjects/0", registered_twice),
    ("already-registered", "/subjects/0", said("repurpose", subjects=(SPARE, MODULES[0]))),
    ("life-ended", "/subjects/0", put("report_soh", PACK, {"op_state": OpState.RECYCLED})),
    ("in-the-future", "/occurred_at", lambda: in_the_future()),
    ("before-production", "/occurred_at", put("report_soh", PACK, {"made_on": date(2026, 3, 11)})),
    ("level", "/subjects/0", said("install", subjects=(NEW_MODULE,))),
    ("level", "/subjects/1", said("swap", subjects=(PACK, NEW_MODULE), vehicle=CAR)),
    ("state", "/subjects/0", put("sell", PACK, {"op_state": OpState.IN_USE})),
    ("part-of-another", "/subjects/2", put("assemble", MODULES[1], {"parent": SPARE})),
    ("part-of-another", "/subjects/0", said("retire", subjects=(MODULES[0],))),
    ("part-of-another", "/subjects/2", put("repair", NEW_MODULE, {"parent": SPARE})),
    ("part-of-another", "/subjects/0", put("recycle", MODULES[0], {"parent": PACK})),
    ("part-of-another", "/subjects/2", put("repurpose", MODULES[1], {"parent": PACK})),
    ("part-of-another", "/subjects/0", put("repair", PACK, {"parent": SPARE})),
    ("in-a-vehicle", "/subjects/0", put("install", PACK, {"vehicle": OTHER_CAR})),
    ("in-a-vehicle", "/subjects/1", put("swap", SPARE, {"vehicle": OTHER_CAR})),
    ("in-a-vehicle", "/subjects/1", put("assemble", MODULES[0], {"vehicle": OTHER_CAR})),
    ("in-a-vehicle", "/subjects/0", put("collect", PACK, {"vehicle": CAR})),
    ("in-a-vehicle", "/subjects/0", put("test", PACK, {"vehicle": CAR})),
    ("in-a-vehicle", "/subjects/0", put("dismantle", PACK, {"vehicle": CAR})),
    ("code-form", "/subjects/0", said("register", subjects=(REUSED_PACK,))),
    ("code-form", "/subjects/0", said("repurpose", subjects=("001PE12ABCDEFGG2T0000077", MODULES[0]))),
    ("made-on", "/body/made_on", said("register", made_on="2026-02-25")),
    ("made-on", "/body/made_on", said("repurpose", made_on="2034-06-20")),
    ("not-the-maker", "/body/model_id", of_another_maker),
    ("not-the-maker", "/subjects/0", put("assemble", PACK, {"maker": "other-maker"})),
    ("model-published", "/body/model_id", published()),
    ("composition-mass", "/body/composition_g", published(model_id="X", composition_g={"nickel": 299_999, "iron": 2})),
    ("model-unknown", "/body/model_id", said("register", model_id="CQ-151")),
    ("model-mismatch", "/subjects/0", said("register", model_id="CQ-50M")),
    ("model-mismatch", "/subjects/0", said("register", subjects=("002PE12ABCDEFGG2T0000001",))),
    ("model-mismatch", "/subjects/0", said("register", subjects=("001PB12ABCDEFGG2T0000001",))),
    ("model-mismatch", "/subjects/0", said("register", subjects=("001PE13ABCDEFGG2T0000001",))),
    ("gtin-mismatch", "/body/gtin", said("register", gtin=MODULE_MODEL["gtin"])),
    ("child-level", "/subjects/1", said("assemble", subjects=(PACK, SPARE))),
    ("child-level", "/subjects/1", said("assemble", subjects=(MODULES[0], NEW_MODULE))),
    ("child-level", "/subjects/2", said("repair", subjects=(PACK, MODULES[2], SPARE), inserted=SPARE)),
    ("parts-mass", "/body/mass_g", said("assemble", mass_g=264_705)),
    ("vehicle-needed", "/body/vin", said("install", vehicle=None)),
    ("vehicle-needed", "/body/vin", said("swap", vehicle=None)),
    ("vehicle-mismatch", "/subjects/0", said("swap", vehicle=OTHER_CAR)),
    ("vehicle-mismatch", "/body/vin", said("retire", vehicle=OTHER_CAR, vin=VIN)),
    ("unsafe", "/subjects/0", put("install", PACK, {"flags": ("quarantined",)})),
    ("unsafe", "/subjects/1", put("swap", SPARE, {"flags": ("unsafe",)})),
    ("sold-on", "/body/sold_on", said("sell", sold_on="2026-02-25")),
    ("sold-on", "/body/sold_on", said("sell", sold_on="2026-03-22")),
    ("cycles-decrease", "/body/full_cycles", reported(full_cycles=639)),
    ("soce-rise", "/body/soce_ppm", reported(soce_ppm=885_001)),
    ("replacement-incomplete", "/body/inserted", said("repair", inserted=None)),
    ("replacement-incomplete", "/body/removed", said("repair", removed=None)),
    ("repair-subjects", "/subjects", said("repair", subjects=(PACK, MODULES[2]))),
    ("repair-subjects", "/subjects", said("repair", subjects=(PACK, MODULES[2], MODULES[1]))),
    ("repair-subjects", "/subjects", said("repair", subjects=(PACK, NEW_MODULE), removed=NEW_MODULE)),
    ("repair-subjects", "/subjects", said("repair", removed=None, inserted=None)),
    ("not-a-part", "/body/removed", said("repair", subjects=(PACK, SPARE, NEW_MODULE), removed=SPARE)),
    ("not-a-part", "/subjects/4", said("dismantle", subjects=(PACK, *MODULES, NEW_MODULE))),
    ("operator-unknown", "/body/from_operator", said("collect", from_operator="nobody")),
    ("parts-missing", "/subjects", module_gone()),
    ("missing-unlisted", "/body/missing/0", module_gone(missing=[MODULES[2]])),
    ("missing-unlisted", "/body/missing/0", module_gone(missing=[PACK])),
    ("dismantled-mass", "/body/residual_mass_g", said("dismantle", casing_mass_g=120_000)),
    ("dismantled-mass", "/body/residual_mass_g", said("dismantle", residual_mass_g=0, casing_mass_g=0)),
    ("chemistry-mismatch", "/subjects/1", said("repurpose", subjects=("001MB12R6M0000001RM", MODULES[0]))),
    (
        "made-before-parts",
        "/body/made_on",
        put(
            "repurpose",
            MODULES[0],
            {"made_on": date(2034, 6, 21)},
            subjects=("001ME12R6L0000001RM", MODULES[0]),
            made_on="2034-06-20",
        ),
    ),
    ("input-untested", "/subjects/2", put("repurpose", MODULES[1], {"decision": Decision.RECYCLE})),
    ("input-untested", "/subjects/1", put("repurpose", MODULES[0], {"decision": None})),
    ("operation-status", "/subjects/1", said("repurpose", operation="repurposing")),
    ("operation-status", "/subjects/2", put("repurpose", MODULES[1], {"life_status": LifeStatus.ORIGINAL})),
    (
        "remanufactured-capacity",
        "/body/capacity_mah",
        said("repurpose", operation="remanufacturing", application="traction", capacity_mah=134_999),
    ),
    ("output-energy", "/body/energy_wh", said("repurpose", energy_wh=23_801)),
    ("application-banned", "/body/application", said("repurpose", application="electric_bicycle")),
    ("input-mass", "/body/input_mass_g", said("recycle", input_mass_g=91_801, loss_mass_g=11_801)),
    ("input-mass", "/body/input_mass_g", said("recycle", input_mass_g=88_199, loss_mass_g=8_199)),
    ("batch-mass", "/body/outputs", said("recycle", loss_mass_g=11_801)),
    ("batch-mass", "/body/outputs", said("recycle", loss_mass_g=8_199)),
    ("element-mass", "/body/outputs", said("recycle", outputs=[SALTS | {"mass_g": 80_000}])),
]


def in_the_future() -> Scene:
    world, event = scene("sell")
    world.now = world.now.replace(year=2025)
    return Scene(world, event)


@pytest.mark.parametrize(("slug", "pointer", "build"), REFUSED, ids=[row[0] for row in REFUSED])
def test_the_rule_refuses(slug: str, pointer: str, build: Callable[[], Scene]) -> None:
    world, event = build()
    before = dict(world.states)
    with pytest.raises(RuleBreach) as caught:
        world.decide(event)
    breach = caught.value
    assert (breach.rule, breach.pointer) == (slug, pointer)
    assert breach.source == RULES[slug].source
    assert breach.message_en
    assert breach.message_zh
    assert "{" not in breach.message_en + breach.message_zh
    assert "token" not in str(breach.current)
    assert world.states == before


def test_every_rule_has_a_row_here() -> None:
    assert {slug for slug, _, _ in REFUSED} == set(RULES)


ACCEPTED: list[tuple[str, Callable[[], Scene]]] = [
    ("a model whose materials weigh exactly what the battery weighs",
     published(model_id="X", composition_g={"nickel": 299_999, "iron": 1})),
    ("a GTIN that is the model's", said("register", gtin=PACK_MODEL["gtin"])),
    ("parts 2 % heavier than the whole", said("assemble", mass_g=264_706)),
    ("the same health and cycles again", reported()),
    ("a sale on the day itself", said("sell", sold_on="2026-03-21")),
    ("a sale on the day of production", said("sell", sold_on="2026-02-26")),
    ("a repair that replaces nothing", said("repair", subjects=(PACK,), removed=None, inserted=None)),
    ("a retirement that names the right vehicle", said("retire", vehicle=CAR, vin=VIN)),
    ("the missing module counted in the mass", said("dismantle", casing_mass_g=20_000)),
    ("the missing module not counted in the mass", said("dismantle", casing_mass_g=110_000)),
    ("no module missing", said("dismantle", subjects=(PACK, *MODULES), missing=[], casing_mass_g=20_000)),
    ("remanufacturing to exactly 90 %",
     said("repurpose", operation="remanufacturing", application="traction", capacity_mah=135_000)),
    ("all the energy that was tested", said("repurpose", energy_wh=23_800)),
    ("all the nickel there is", said("recycle", outputs=[SALTS | {"mass_g": 53_738}, {
        "material": "slag", "mass_g": 26_262, "lot": "S"}])),
    ("an input 2 % off the recorded mass", said("recycle", input_mass_g=91_800, loss_mass_g=11_800)),
    ("a batch 2 % short", said("recycle", loss_mass_g=8_200)),
]  # fmt: skip


@pytest.mark.parametrize("build", [row[1] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_what_just_keeps_the_rule_is_accepted(build: Callable[[], Scene]) -> None:
    world, event = build()
    assert set(world.decide(event)) == set(event.subjects)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("register", "001PE12ABCDEFGG2X0000001"),
        ("register", "001pE12ABCDEFGG2T0000001"),
        ("register", "001PE12ABCDEFGG310000001"),
        ("repurpose", "001ME12R6N0000001RM"),
        ("repurpose", "nonsense"),
    ],
)
def test_a_new_battery_needs_a_real_code_of_a_day_that_has_come(kind: str, code: str) -> None:
    world, event = scene(kind)
    event = world.event(kind, code, *event.subjects[1:])
    with pytest.raises(InvalidCode):
        world.decide(event)


def test_health_may_rise_after_a_repair_and_only_once() -> None:
    world, event = scene("report_soh")
    world.states.update(world.decide(event))
    world.tell("repair", PACK, soce_ppm=880_000)
    world.tell("report_soh", PACK, soce_ppm=950_000)
    with pytest.raises(RuleBreach) as caught:
        world.tell("report_soh", PACK, soce_ppm=950_001)
    assert caught.value.rule == "soce-rise"


def test_a_new_part_may_go_into_remanufacturing_and_into_nothing_else() -> None:
    world, _ = scene("repurpose")
    subjects = (SECOND_LIFE, MODULES[0], NEW_MODULE)
    details = {"application": "traction", "capacity_mah": 150_000, "energy_wh": 28_900}
    after = world.decide(world.event("repurpose", *subjects, operation="remanufacturing", **details))
    assert after[SECOND_LIFE].life_status is LifeStatus.REMANUFACTURED
    with pytest.raises(RuleBreach) as caught:
        world.decide(world.event("repurpose", *subjects, operation="preparation_for_reuse", **details))
    assert caught.value.rule == "input-untested"


def test_the_conflict_with_what_is_recorded_is_told_with_the_breach() -> None:
    world, event = registered_twice()
    with pytest.raises(RuleBreach) as caught:
        world.decide(event)
    assert caught.value.current is not None
    assert caught.value.current["maker"] == "cq-cells"
    assert caught.value.current["made_on"] == "2026-02-26"


def test_every_rule_names_its_source_in_words() -> None:
    for slug, rule in RULES.items():
        assert slug == rule.slug
        assert rule.source
        assert rule.en
        assert rule.zh
