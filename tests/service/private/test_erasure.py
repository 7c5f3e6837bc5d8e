"""Erasure: value and salt are gone for good, the entries stand, and verification tells erased from missing."""

import orjson
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from ledger.entry import format_hash, parse_entry
from service.db import tables
from service.errors import ConflictError, NotPermittedError, RefusedError
from service.private.commitments import Private, commitments_of
from service.private.erasing import Wish, erase_values
from service.private.values import find, find_rows
from service.recording.rebuilding import rebuild
from service.settings import Settings
from service.work import Register
from tests.service.town import AUTHORITY, WORKSHOP, StillClock, Town, committed, pack, vin
from tests.service.verification.test_register import execute, inside, verify

WISH = Wish("PIPL, Art. 47(1)", "the owner asked for it")


def commitments(town: Town, code: str) -> list[tuple[str, bytes]]:
    """Names and commitments of a battery's entries."""
    with town.register.read() as reader:
        entries = reader.entries_at(reader.history(code))
    events = [parse_entry(entries[index]).event for index in sorted(entries)]
    return [pair for event in events for pair in commitments_of(event).items()]


def values(town: Town, code: str) -> list[Private]:
    """Those of them that are still there."""
    with town.register.read() as reader:
        found = find(reader.connection, town.register.vault, [each for _, each in commitments(town, code)])
    return list(found.values())


def has_key(town: Town, code: str) -> bool:
    with town.register.read() as reader:
        query = select(func.count()).select_from(tables.data_key).where(tables.data_key.c.subject == code)
        return bool(reader.connection.execute(query).scalar_one())


def test_every_restricted_value_of_the_register_is_kept_and_open_to_the_register(either_town: Town) -> None:
    found = values(either_town, pack(1))
    assert {each.name for each in found} == {
        "vin", "odometer_km", "region", "owner_type", "soce_ppm", "remaining_capacity_mah", "full_cycles",
        "temperature_mc", "note",
    }  # fmt: skip
    assert len(found) == len(commitments(either_town, pack(1))) > 15
    report = verify(either_town.settings)
    assert report.failures == ()
    assert report.checked["restricted_values"] > 1_500
    assert "erased_values" not in report.checked


def test_erasing_destroys_values_salts_and_the_key_and_verification_says_so(either_town: Town) -> None:
    town, before = either_town, len(commitments(either_town, pack(1)))
    size, there = town.size(), verify(either_town.settings).checked["restricted_values"]
    erased = erase_values(town.recorder, pack(1), WISH, operator=AUTHORITY)
    assert (erased.count, len(erased.entries), town.size()) == (before, 1, size + 1)
    event = parse_entry(erased.entries[0].entry).event
    assert (event.type, event.subjects, event.actor) == ("erase_values", (pack(1),), AUTHORITY)
    assert (event.body["basis"], event.body["reason"]) == (WISH.basis, WISH.reason)
    assert values(town, pack(1)) == []
    assert not has_key(town, pack(1))
    assert has_key(town, pack(2))
    report = verify(town.settings)
    assert report.failures == ()
    assert report.checked["erased_values"] == before
    assert report.checked["erasures"] == 1
    assert f"{before} values erased lawfully under entry {erased.entries[0].index}" in report.notes
    assert report.checked["restricted_values"] == there - before


def test_a_register_whose_every_value_was_erased_is_sound_and_can_be_rebuilt(either_town: Town) -> None:
    """The rules that need a value do not judge where it is gone; what is derived is the same, byte for byte."""
    town = either_town
    codes = [pack(n) for n in (1, 2, 3)]
    states = derived(town)
    for code in codes:
        erase_values(town.recorder, code, WISH, operator=AUTHORITY)
    inside(town.settings, lambda connection: None)
    assert {code: state for code, state in derived(town).items() if code not in codes} == {
        code: state for code, state in states.items() if code not in codes
    }
    town.close()
    register = Register(town.settings, clock=town.clock)
    rebuild(register)
    register.close()
    assert verify(town.settings).failures == ()


def derived(town: Town) -> dict[str, bytes]:
    with town.register.read() as reader:
        return {row.code: bytes(row.state) for row in reader.connection.execute(select(tables.battery))}


def test_life_goes_on_after_an_erasure(either_town: Town) -> None:
    """A pack whose VIN was erased can be swapped out of its vehicle, and its health be reported anew."""
    town = either_town
    erase_values(town.recorder, pack(1), WISH, operator=AUTHORITY)
    town.must(
        town.tell("cq-motors", "report_soh", pack(1), full_cycles=3, soce_ppm=999_000),
        town.tell("cq-swap", "swap", pack(1), pack(9_000_000), private={"vin": vin(1)}),
    )
    assert {each.name: each.value for each in values(town, pack(1))}["full_cycles"] == 3
    assert has_key(town, pack(1))
    erase_values(town.recorder, pack(9_000_000), WISH, operator=AUTHORITY)
    assert "vin" not in {each.name for each in values(town, pack(1))}
    assert verify(town.settings).failures == ()


def test_what_is_told_in_the_very_commit_that_erases_everything_before_can_be_read(either_town: Town) -> None:
    """The battery's old key goes with its last value; the new value is sealed under a new one."""
    town, there = either_town, [format_hash(each) for _, each in commitments(either_town, pack(1))]
    body = {"basis": WISH.basis, "commitments": there, "reason": WISH.reason}
    town.must(
        town.tell("cq-motors", "report_soh", pack(1), full_cycles=701, soce_ppm=400_000),
        town.tell(AUTHORITY, "erase_values", pack(1), **body),
    )
    assert {each.name: each.value for each in values(town, pack(1))}["full_cycles"] == 701
    assert verify(town.settings).failures == ()


def test_only_what_was_asked_for_is_erased(town: Town) -> None:
    wish = Wish(WISH.basis, WISH.reason, frozenset({"vin", "note"}))
    erased = erase_values(town.recorder, pack(1), wish, operator=AUTHORITY)
    names = {each.name for each in values(town, pack(1))}
    assert names == {
        "odometer_km", "region", "owner_type", "soce_ppm", "remaining_capacity_mah", "full_cycles", "temperature_mc"
    }  # fmt: skip
    assert erased.count == 1 + sum(name == "note" for name, _ in commitments(town, pack(1)))
    assert has_key(town, pack(1))
    with pytest.raises(ConflictError, match="nothing to erase"):
        erase_values(town.recorder, pack(1), wish, operator=AUTHORITY)


def test_an_operator_erases_what_it_told_itself_and_nothing_else(town: Town) -> None:
    erased = erase_values(town.recorder, pack(1), WISH, operator="cq-motors")
    assert erased.count == 4
    assert {each.name for each in values(town, pack(1))} >= {"soce_ppm", "note"}
    with pytest.raises(ConflictError, match="nothing to erase"):
        erase_values(town.recorder, pack(1), WISH, operator="cq-swap")
    foreign = [format_hash(each) for name, each in commitments(town, pack(1)) if name == "soce_ppm"][:1]
    body = {"basis": "x", "commitments": foreign, "reason": "y"}
    [refused] = town.recorder.record([town.tell("cq-motors", "erase_values", pack(1), **body)])
    assert isinstance(refused, NotPermittedError)
    members, _ = committed(town.members("cq-repair", "erase_values", pack(1), **body))
    town.must(town.sign(WORKSHOP, "erase_values", pack(1), **members["body"]))
    assert verify(town.settings).failures == ()


def test_what_cannot_be_erased_is_refused_and_nothing_is_lost(either_town: Town) -> None:
    town, before = either_town, len(values(either_town, pack(1)))
    [first, *_] = [format_hash(each) for _, each in commitments(town, pack(1))]
    cases = [
        (pack(2), [first], RefusedError),
        (pack(1), ["A" * 43 + "="], RefusedError),
        ("001PE12ABCDEFGG2T8888888", [first], RefusedError),
    ]
    for code, some, error in cases:
        [outcome] = town.recorder.record([town.tell(AUTHORITY, "erase_values", code, commitments=some)])
        assert isinstance(outcome, error)
    twice = [town.tell(AUTHORITY, "erase_values", pack(1), commitments=[first]) for _ in range(2)]
    outcomes = town.recorder.record(twice, atomic=True)
    assert all(isinstance(each, ConflictError) for each in outcomes)
    assert len(values(town, pack(1))) == before
    kept, refused = town.recorder.record(twice)
    assert (kept.index, type(refused)) == (town.size() - 1, ConflictError)  # type: ignore[union-attr]
    again = town.recorder.record([town.tell(AUTHORITY, "erase_values", pack(1), commitments=[first])])
    assert isinstance(again[0], ConflictError)
    assert len(values(town, pack(1))) == before - 1
    assert verify(town.settings).failures == ()


def test_entry_and_destruction_are_one_commit(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit that fails has erased nothing; one that succeeds has erased all."""
    before = len(values(town, pack(1)))

    def fail(*_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    with monkeypatch.context() as patch:
        patch.setattr("service.db.store.commit", fail)
        with pytest.raises(OperationalError):
            erase_values(town.recorder, pack(1), WISH, operator=AUTHORITY)
    assert len(values(town, pack(1))) == before
    assert has_key(town, pack(1))
    assert verify(town.settings).failures == ()


def test_a_battery_whose_life_has_ended_can_be_erased(town: Town) -> None:
    town.must(
        town.tell("cq-motors", "retire", pack(1)),
        town.tell("cq-outlet", "collect", pack(1), from_operator="cq-motors"),
        town.tell(
            "cq-recycle", "recycle", pack(1), input_mass_g=300_000, loss_mass_g=300_000,
            outputs=[{"material": "slag", "mass_g": 1, "lot": "S"}],
        ),
    )  # fmt: skip
    assert erase_values(town.recorder, pack(1), WISH, operator=AUTHORITY).count > 15
    assert verify(town.settings).failures == ()


# --- what is missing, and what came back


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("DELETE FROM private_value WHERE idx = 40", "missing, and no entry says that it was erased"),
        ("UPDATE private_value SET sealed = NULL WHERE idx = 40", "removed, and no entry says that it was erased"),
        ("DELETE FROM data_key", "is not the one that it commits to"),
        ("UPDATE private_value SET idx = idx + 1 WHERE idx = 40", "is filed under another entry"),
        ("UPDATE private_value SET name = 'colour' WHERE idx = 40", "is filed under another entry"),
        (
            "INSERT INTO private_value "
            "SELECT substr(sealed, 1, 32), subject, name, idx, sealed FROM private_value LIMIT 1",
            "a value for this entry that it does not commit to",
        ),
    ],
)
def test_what_is_missing_or_wrong_without_an_erasure_is_found(town: Town, statement: str, finding: str) -> None:
    with town.register.read() as reader:
        index = reader.history(pack(1))[1]
    execute(town.settings, statement.replace("40", str(index)))
    report = verify(town.settings, signatures=False)
    assert not report.ok
    assert finding in report.failures[0].what
    if finding != "belong to no entry" and "data_key" not in statement:
        assert report.failures[0].index == index


def test_an_erasure_that_no_entry_tells_of_excuses_nothing(town: Town) -> None:
    """Whoever empties a row and notes an erasure beside the log has to name an entry, and it says otherwise."""
    erased = erase_values(town.recorder, pack(1), WISH, operator=AUTHORITY)
    [victim, *_] = [each for _, each in commitments(town, pack(2))]
    execute(town.settings, f"UPDATE private_value SET sealed = NULL WHERE commitment = x'{victim.hex()}'")
    for index, finding in ((5, "this entry erases nothing"), (erased.entries[0].index, "table erasure")):
        execute(town.settings, f"INSERT INTO erasure VALUES (x'{victim.hex()}', {index})")
        report = verify(town.settings, signatures=False)
        assert finding in report.failures[0].what
        execute(town.settings, f"DELETE FROM erasure WHERE commitment = x'{victim.hex()}'")


@pytest.fixture
def half_restored(either_town: Town) -> tuple[Settings, int]:
    """A register whose entries are of today and whose values beside the log are of a backup made before an erasure."""
    town = either_town
    wanted = [each for _, each in commitments(town, pack(1))]
    with town.register.read() as reader:
        rows = [tuple(row) for row in find_rows(reader.connection, wanted)]
        key = reader.connection.execute(select(tables.data_key).where(tables.data_key.c.subject == pack(1))).one()
    erase_values(town.recorder, pack(1), WISH, operator=AUTHORITY)
    town.close()

    def put_back(connection: object) -> None:
        for row in rows:
            connection.execute(  # type: ignore[attr-defined]
                tables.private_value.update().where(tables.private_value.c.commitment == row[0]).values(sealed=row[4])
            )
        connection.execute(tables.data_key.insert().values(tuple(key)))  # type: ignore[attr-defined]

    inside(town.settings, put_back)
    return town.settings, len(rows)


def test_an_erased_value_that_came_back_with_a_backup_is_found_and_cleared(half_restored: tuple[Settings, int]) -> None:
    settings, count = half_restored
    report = verify(settings, signatures=False)
    assert len({failure.index for failure in report.failures}) == 5, "the five entries of the pack"
    assert "was erased by entry" in report.failures[0].what
    Register(settings, clock=StillClock()).close()
    report = verify(settings)
    assert report.failures == ()
    assert report.checked["erased_values"] == count


def test_a_rebuild_clears_what_was_erased_though_the_list_of_erasures_is_lost(
    half_restored: tuple[Settings, int],
) -> None:
    settings, count = half_restored
    execute(settings, "DELETE FROM erasure")
    register = Register(settings, clock=StillClock(), pinned=False)
    rebuild(register)
    register.close()
    report = verify(settings)
    assert report.failures == ()
    assert report.checked["erased_values"] == count


# --- what is left on the disk


def test_after_an_erasure_neither_the_database_file_nor_its_log_holds_what_was_sealed(town: Town) -> None:
    wanted = [each for _, each in commitments(town, pack(1))]
    with town.register.read() as reader:
        blobs = [bytes(row.sealed) for row in find_rows(reader.connection, wanted)]
        key = reader.connection.execute(
            select(tables.data_key.c.sealed).where(tables.data_key.c.subject == pack(1))
        ).scalar_one()
    blobs.append(bytes(key))
    assert found_on_disk(town.settings, blobs) == len(blobs)
    erase_values(town.recorder, pack(1), WISH, operator=AUTHORITY)
    assert found_on_disk(town.settings, blobs) == 0


def found_on_disk(settings: Settings, blobs: list[bytes]) -> int:
    stored = b"".join(file.read_bytes() for file in settings.data.glob("register.db*"))
    return sum(blob[12:44] in stored for blob in blobs)


# --- registers of older versions


def test_values_that_an_older_version_kept_unsealed_are_sealed_when_the_register_is_opened(
    either_settings: Settings,
) -> None:
    register = Register(either_settings, clock=StillClock())
    with register.read() as reader:
        rows = list(reader.connection.execute(select(tables.private_value)))
        opened = find(reader.connection, register.vault, [bytes(row.commitment) for row in rows if row.name == "vin"])
        states = {r.code: orjson.loads(r.state) for r in reader.connection.execute(select(tables.battery))}
    register.close()
    old = [(each, private.name, private.salt, private.value) for each, private in opened.items()]

    def unseal(connection: object) -> None:
        execute_ = connection.execute  # type: ignore[attr-defined]
        for commitment, name, salt, value in old:
            execute_(tables.private_value.delete().where(tables.private_value.c.commitment == commitment))
            execute_(tables.unsealed_value.insert().values(commitment=commitment, name=name, salt=salt, value=value))
        for code, state in states.items():
            if "vehicle" in state.get("committed", {}):
                del state["committed"]["vehicle"]
                state["vehicle"] = "0123456789abcdef"
                data = orjson.dumps(state, option=orjson.OPT_SORT_KEYS)
                execute_(tables.battery.update().where(tables.battery.c.code == code).values(state=data))

    inside(either_settings, unseal)
    assert not verify(either_settings).ok
    Register(either_settings, clock=StillClock()).close()
    report = verify(either_settings)
    assert report.failures == ()
    assert len(old) == 120
