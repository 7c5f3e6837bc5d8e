"""Recycling batches recorded for real: lots that go on to the next processor, and the sums that rates are read from."""

from typing import Any

import pytest

from service.db.batches import load_lots
from service.domain.recovery.sums import Measure, Stage
from service.errors import ConflictError, FaultyError, RefusedError
from service.recording.rebuilding import rebuild
from service.recording.recorder import Recorded
from service.recovery import Period, RecoveryRow, read_recovery
from tests.service.town import LAB, START, Town, module, pack
from tests.service.verification.test_register import verify

YEAR = Period("2026-01", "2026-12")
COPPER = {"material": "copper", "mass_g": 19_800, "lot": "CU-1"}
POWDER = {
    "material": "black_mass", "mass_g": 120_000, "lot": "BM-1",
    "content_ppm": {"nickel": 294_000, "lithium": 49_000, "cobalt": 98_000},
}  # fmt: skip
NICKEL = {"material": "nickel", "mass_g": 17_000, "lot": "NI-1"}
WHOLE_LOT = "cq-recycle/black_mass/BM-1"


def collected(town: Town, *codes: str) -> None:
    """Packs that serve no more and stand at the recycler."""
    town.must(*(town.tell("cq-motors", "retire", code) for code in codes))
    town.clock.move(minutes=20)
    town.must(*(town.tell("cq-recycle", "collect", code, from_operator="cq-motors") for code in codes))
    town.clock.move(minutes=20)


def crush(town: Town, code: str, *outputs: dict[str, Any], **more: Any) -> Any:
    loss = 300_000 - sum(each["mass_g"] for each in outputs)
    return town.tell(
        "cq-recycle", "recycle", code, input_mass_g=300_000, outputs=list(outputs), loss_mass_g=loss, **more
    )


def smelt(town: Town, mass_g: int, *outputs: dict[str, Any]) -> Any:
    taken = {"from_operator": "cq-recycle", "material": "black_mass", "lot": "BM-1", "mass_g": mass_g}
    loss = mass_g - sum(each["mass_g"] for each in outputs)
    return town.tell(
        "cq-recycle", "recycle", input_mass_g=mass_g, input_lots=[taken], outputs=list(outputs), loss_mass_g=loss
    )


def left(town: Town) -> int:
    with town.register.read() as reader:
        return load_lots(reader.connection, [WHOLE_LOT])[WHOLE_LOT].left_g


def rows(town: Town, **asked: Any) -> dict[tuple[str | None, Stage, Measure], RecoveryRow]:
    found = read_recovery(town.register, YEAR, **asked)
    return {(row.operator, row.key.stage, row.key.measure): row for row in found}


def refusal(town: Town, item: Any) -> tuple[type[Exception], str]:
    [outcome] = town.recorder.record([item])
    assert isinstance(outcome, FaultyError)
    return type(outcome), outcome.faults[0].code


def test_a_lot_goes_on_until_it_is_used_up(either_town: Town) -> None:
    town = either_town
    collected(town, pack(1))
    town.must(crush(town, pack(1), COPPER, POWDER))
    assert left(town) == 120_000
    town.clock.move(minutes=20)
    town.must(smelt(town, 60_000, NICKEL))
    assert left(town) == 60_000
    assert refusal(town, smelt(town, 60_001, NICKEL | {"lot": "NI-2"})) == (ConflictError, "lot-used-up")
    assert refusal(town, smelt(town, 60_000, NICKEL)) == (ConflictError, "lot-number")
    too_much = NICKEL | {"lot": "NI-2", "mass_g": 17_641}
    assert refusal(town, smelt(town, 60_000, too_much)) == (RefusedError, "element-mass")
    town.must(smelt(town, 60_000, too_much | {"mass_g": 17_640}))
    assert left(town) == 0
    nickel = rows(town)["cq-recycle", Stage.CHAIN, Measure.NICKEL]
    assert (nickel.amount.in_mg, nickel.amount.out_mg, nickel.amount.passed_mg) == (36_000_000, 34_640_000, 0)


def test_sums_and_lots_are_derived_again_to_the_last_row(either_town: Town) -> None:
    town = either_town
    collected(town, pack(1), pack(2))
    town.must(crush(town, pack(1), COPPER, POWDER), crush(town, pack(2), COPPER | {"lot": "CU-2"}))
    town.clock.move(minutes=20)
    town.must(smelt(town, 100_000, NICKEL))
    before = rows(town)
    assert verify(town.settings).failures == ()
    rebuild(town.register)
    assert rows(town) == before
    assert left(town) == 20_000
    assert verify(town.settings).failures == ()


def test_a_batch_taken_back_leaves_no_lot_and_no_sum(town: Town) -> None:
    collected(town, pack(1), pack(2))
    good, bad = crush(town, pack(1), POWDER), crush(town, pack(2), POWDER)
    outcomes = town.recorder.record([good, bad], atomic=True)
    assert not any(isinstance(each, Recorded) for each in outcomes)
    assert rows(town) == {}
    town.must(crush(town, pack(1), POWDER), crush(town, pack(2), POWDER | {"lot": "BM-2"}), atomic=True)
    assert rows(town)["cq-recycle", Stage.PRETREATMENT, Measure.NICKEL].amount.batches == 2


def test_two_batches_of_one_commit_share_a_lot(town: Town) -> None:
    collected(town, pack(1))
    first = crush(town, pack(1), POWDER)
    town.must(first, smelt(town, 60_000, NICKEL), smelt(town, 60_000, NICKEL | {"lot": "NI-2"}))
    assert left(town) == 0


@pytest.mark.parametrize("month", ["2026-04", "2026-06"])
def test_a_batch_counts_in_the_month_in_which_it_was_done(town: Town, month: str) -> None:
    collected(town, pack(1))
    town.must(crush(town, pack(1), POWDER, done_on="2026-04-30" if month == "2026-04" else None))
    for asked in ("2026-04", "2026-05", "2026-06"):
        found = read_recovery(town.register, Period(asked, asked))
        assert bool(found) is (asked == ("2026-04" if month == "2026-04" else "2026-05"))


def test_an_operator_without_batches_has_no_rates(town: Town) -> None:
    collected(town, pack(1))
    town.must(crush(town, pack(1), POWDER))
    assert rows(town, operator="cq-motors") == {}
    own = rows(town, operator="cq-recycle")
    assert {operator for operator, _, _ in own} == {"cq-recycle"}
    assert {operator for operator, _, _ in rows(town)} == {"cq-recycle", None}


def test_a_second_life_holds_no_more_nickel_than_its_origins(either_town: Town) -> None:
    """Two modules of 12 kg of nickel each become one battery: 24 kg, though nobody published what it is made of."""
    town = either_town
    modules, made = (module(1), module(2)), "001ME12G610000001RM"
    collected_parts(town, *modules)
    body: dict[str, Any] = {
        "application": "stationary_storage",
        "made_on": "2026-06-01",
        "mass_g": 180_000,
        "energy_wh": 11_000,
    }
    town.clock.now = START.replace(month=6, day=2)
    town.must(town.tell("cq-recycle", "repurpose", made, *modules, operation="preparation_for_repurposing", **body))
    town.clock.move(minutes=20)
    town.must(town.tell("cq-recycle", "retire", made, soce_ppm=None))
    town.clock.move(minutes=20)
    town.must(town.tell("cq-recycle", "collect", made, from_operator="cq-recycle", mass_g=180_000))
    town.clock.move(minutes=20)

    def recycled(nickel_g: int) -> Any:
        return town.tell(
            "cq-recycle", "recycle", made, input_mass_g=180_000, loss_mass_g=180_000 - nickel_g,
            outputs=[NICKEL | {"mass_g": nickel_g}],
        )  # fmt: skip

    assert refusal(town, recycled(24_001)) == (RefusedError, "element-mass")
    town.must(recycled(24_000))
    rebuild(town.register)
    assert rows(town)["cq-recycle", Stage.WHOLE, Measure.NICKEL].rate_ppm is None


def collected_parts(town: Town, *codes: str) -> None:
    """Modules taken out of their pack, tested and found fit for a second life."""
    whole = pack(9_000_000)
    town.must(town.tell("cq-motors", "retire", whole))
    town.clock.move(minutes=20)
    town.must(town.tell("cq-recycle", "collect", whole, from_operator="cq-motors"))
    town.clock.move(minutes=20)
    parts = [module(number) for number in (1, 2, 3)]
    town.must(town.tell("cq-recycle", "dismantle", whole, *parts, casing_mass_g=20_000, residual_mass_g=10_000))
    town.clock.move(minutes=20)
    town.must(*(town.sign(LAB, "test", code, decision="second_life") for code in codes))
    town.clock.move(minutes=20)
