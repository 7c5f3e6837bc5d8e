"""An organisation that is suspended or ended: nothing of it is taken any more, and nothing of it is lost."""

from datetime import date

import pytest

from service.domain.words import Standing
from service.errors import ConflictError, FaultyError, NotPermittedError, RefusedError
from service.imports.outcomes import Status
from service.imports.results import result_rows
from service.operators import current_registry, rotate_custodial_key
from service.programs.generation import Generation
from service.recording.admission import Admitted
from service.recording.rebuilding import rebuild
from service.standing import Ruling, set_standing
from service.verification.register import verify_database
from service.webhooks import delivering as module
from service.work import Register
from tests.service.imports.packs import OWN, import_bytes, pack_file
from tests.service.town import AUTHORITY, LAB, Town, pack
from tests.service.webhooks.receiver import delivering, receiving, reload, rounds, subscribe

MAKER = "cq-cells"
WHY = "its licence is being looked at"


def rule(town: Town, standing: Standing, operator: str = MAKER) -> int:
    return set_standing(town.recorder, Ruling(operator, standing, WHY)).index


def refusal(town: Town, item: Admitted) -> NotPermittedError:
    [outcome] = town.recorder.record([item])
    assert isinstance(outcome, NotPermittedError)
    return outcome


def test_nothing_of_a_suspended_organisation_is_recorded_until_it_is_reinstated(either_town: Town) -> None:
    town = either_town
    event = town.tell(MAKER, "register", pack(700))
    generation = Generation(town.settings.data)
    mark = generation.mark()
    rule(town, Standing.SUSPENDED)
    assert generation.mark() != mark, "every process of the host looks up its keys anew"
    size, refused = town.size(), refusal(town, event)  # which was admitted before the ruling
    assert [fault.code for fault in refused.faults] == ["operator-suspended"]
    assert WHY in refused.faults[0].message_en and "已暂停" in refused.faults[0].message_zh
    with pytest.raises(NotPermittedError):
        rotate_custodial_key(town.recorder, f"{MAKER}/custody-1")
    assert town.size() == size
    fresh = Register(town.settings, clock=town.clock)
    with fresh.read() as reader, pytest.raises(NotPermittedError, match=WHY):
        fresh.current_registry(reader.connection).require_active(MAKER)
    fresh.close()
    rule(town, Standing.ACTIVE)
    town.must(event)
    assert verify_database(town.settings.database_url, town.register.verifiers).ok


def test_its_own_key_signs_nothing_more_and_what_it_signed_stays_valid(town: Town) -> None:
    town.must(town.tell(MAKER, "register", pack(700)))
    town.must(town.sign(LAB, "report_soh", pack(700)))
    late = town.sign(LAB, "report_soh", pack(700), full_cycles=701)
    rule(town, Standing.ENDED, "cq-lab")
    assert [fault.code for fault in refusal(town, late).faults] == ["operator-ended"]
    report = verify_database(town.settings.database_url, town.register.verifiers, vault=town.register.vault)
    assert (report.failures, report.size) == ((), town.size())


def test_a_renewed_enrolment_does_not_bring_it_back_and_a_rebuild_finds_the_same(town: Town) -> None:
    rule(town, Standing.SUSPENDED)
    town.must(town.tell(AUTHORITY, "enrol_operator"))
    before = current_registry(town.register)
    assert not before.is_active(MAKER)
    rebuild(town.register)
    fresh = Register(town.settings, clock=town.clock)
    assert current_registry(fresh).standings == before.standings
    fresh.close()


@pytest.mark.parametrize(
    ("ruling", "error", "code"),
    [
        (Ruling(AUTHORITY, Standing.ENDED, WHY), RefusedError, "standing-of-authority"),
        (Ruling("cq-nobody", Standing.ENDED, WHY), RefusedError, "standing-unknown"),
        (Ruling(MAKER, Standing.ACTIVE, WHY), ConflictError, "standing-same"),
        (Ruling(MAKER, Standing.ENDED, WHY, date(2126, 5, 2)), RefusedError, "standing-day"),
        (Ruling(MAKER, Standing.ENDED, ""), RefusedError, "length"),
    ],
)
def test_what_cannot_be_ruled_changes_nothing(town: Town, ruling: Ruling, error: type[FaultyError], code: str) -> None:
    size = town.size()
    with pytest.raises(error) as caught:
        set_standing(town.recorder, ruling)
    assert [fault.code for fault in caught.value.faults] == [code]
    assert town.size() == size


def test_the_rows_of_an_import_under_way_say_why_they_are_refused(town: Town) -> None:
    rule(town, Standing.SUSPENDED)
    job = import_bytes(town, pack_file(range(1, 4)))
    assert (job.recorded, job.refused) == (0, 3)
    for _, outcome in result_rows(town.register, job):
        assert (outcome.status, [each.code for each in outcome.faults]) == (Status.REFUSED, ["operator-suspended"])


def test_its_webhooks_wait_and_are_told_afterwards(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NOTE_SECONDS", 0.0)
    with receiving() as receiver, delivering(town) as deliverer:
        hook, _ = subscribe(town, receiver)
        [told] = town.must(town.tell(MAKER, "register", pack(OWN)))
        rounds(deliverer, lambda: reload(town, hook).cursor == town.size())
        rule(town, Standing.SUSPENDED)
        [notice] = town.must(town.tell(AUTHORITY, "issue_notice", pack(OWN)))
        for _ in range(3):
            assert deliverer.round(), "the process stays, for there is a webhook that is enabled"
        assert receiver.accepted == [told.index]
        rule(town, Standing.ACTIVE)
        rounds(deliverer, lambda: reload(town, hook).cursor == town.size())
        assert receiver.accepted == [told.index, notice.index]
