"""The authority sets by an entry from when on a licence has to be told; it judges what is recorded after it."""

from datetime import date
from typing import Any

import pytest

from service.domain.roles import Role
from service.domain.words import LicenceKind
from service.duties import set_licence_day
from service.errors import FaultyError, NotPermittedError
from service.operators import enrol_operator
from service.recording.rebuilding import rebuild
from service.recording.recorder import Recorded
from service.work import Register
from tests.service.town import WORKSHOP, Town, pack
from tests.service.verification.test_register import verify

GREEN = "cq-recycle"
DISCHARGE = (Role.RECYCLER, LicenceKind.POLLUTANT_DISCHARGE)


def set_day(town: Town, day: str, source: str = "notice of the city") -> int:
    body = {"role": "recycler", "licence": "pollutant_discharge", "told_from": day, "source": source}
    return set_licence_day(town.recorder, body).index


def recycle(town: Town, number: int) -> Any:
    """What becomes of a batch of one pack, which was retired and collected."""
    town.must(town.sign(WORKSHOP, "retire", pack(number)))
    town.must(town.tell("cq-outlet", "collect", pack(number), mass_g=300_000))
    town.clock.move(minutes=1)
    outputs = [{"material": "black_mass", "mass_g": 200_000, "lot": f"B-{number}"}]
    body: dict[str, Any] = {"input_mass_g": 300_000, "loss_mass_g": 100_000, "outputs": outputs}
    [outcome] = town.recorder.record([town.tell(GREEN, "recycle", pack(number), **body)])
    return outcome


def test_a_recycler_that_never_told_its_licence_is_refused_from_that_day_on(either_town: Town) -> None:
    town = either_town
    town.clock.move(days=1)
    today = town.clock().date().isoformat()
    assert isinstance(recycle(town, 1), Recorded)
    index = set_day(town, today)
    refused = recycle(town, 2)
    assert isinstance(refused, NotPermittedError)
    assert [fault.code for fault in refused.faults] == ["licence"]
    assert "排污许可" in refused.faults[0].message_zh

    licence = {"licence": "pollutant_discharge", "number": "PWX-1", "valid_from": "2024-01-01"}
    known = town.register.registry.operators[GREEN]
    roles = sorted(role.value for role in known.roles)
    body = {"operator_id": GREEN, "name": known.enrolment.name, "roles": roles, "region": "500112"}
    enrol_operator(town.recorder, body | {"licences": [licence]})
    assert isinstance(recycle(town, 3), Recorded)

    other = Register(town.settings, clock=town.clock)
    with other.read() as reader:
        [row] = other.current_registry(reader.connection).licence_days[DISCHARGE]
    other.close()
    assert (row.told_from.isoformat(), row.source, row.entry) == (today, "notice of the city", index)
    assert verify(town.settings).failures == ()
    rebuild(town.register)
    assert verify(town.settings).failures == ()


def test_the_newest_day_holds_and_the_others_stay_to_be_read(town: Town) -> None:
    town.clock.move(days=1)
    set_day(town, "2026-01-01")
    set_day(town, "2030-01-01", "postponed")
    assert isinstance(recycle(town, 2), Recorded)
    days = town.register.registry.licence_days[DISCHARGE]
    assert [(row.told_from, row.source) for row in days] == [
        (date(2026, 1, 1), "notice of the city"),
        (date(2030, 1, 1), "postponed"),
    ]


def test_only_the_authority_sets_a_day_and_only_for_what_the_law_needs(town: Town) -> None:
    size = town.size()
    body = {"role": "recycler", "licence": "pollutant_discharge", "told_from": "2026-07-01", "source": "x"}
    with pytest.raises(NotPermittedError):
        town.must(town.tell(GREEN, "set_licence_day", **body))
    with pytest.raises(FaultyError) as refused:
        set_licence_day(town.recorder, body | {"role": "workshop"})
    assert [(fault.code, fault.pointer) for fault in refused.value.faults] == [("licence-not-needed", "/body/licence")]
    assert town.size() == size
