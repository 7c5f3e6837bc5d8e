"""Entries: built, parsed, and every byte of them accounted for."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical
from ledger.entry import (
    MAX_SUBJECTS,
    Link,
    build_entry,
    build_event,
    event_bytes,
    format_hash,
    format_time,
    parse_entry,
    parse_event,
    parse_hash,
    parse_time,
)
from ledger.errors import LedgerError, MalformedError
from ledger.signing.jws import parse_jws, sign_event
from ledger.signing.keyring import KeyRing, key_body
from ledger.tree import hash_leaf
from tests.ledger.golden import AUTHORITY, MAKER, MODULE, PACK, entry, event, members, opening

GOLDEN = entry()


def test_an_entry_reads_as_it_was_built() -> None:
    parsed = parse_entry(GOLDEN)
    assert parsed.event == build_event(members())
    assert parsed.jws == parse_jws(sign_event(parsed.event.data, MAKER))
    assert parsed.at == datetime(2026, 5, 1, 12, 31, tzinfo=UTC)
    assert parsed.chain == (Link(PACK, 1, b""), Link(MODULE, 3, b"\1" * 32))
    assert parsed.previous == b"\2" * 32


def test_an_entry_is_canonical_json_of_three_members() -> None:
    document = json.loads(GOLDEN)
    assert list(document) == ["event", "jws", "log"]
    assert list(document["log"]) == ["at", "chain", "prev"]
    assert canonical.encode(document) == GOLDEN
    assert canonical.decode(GOLDEN) == document


BODIES = st.dictionaries(
    st.sampled_from(["jws", "log", "at", "event", "chain", "prev", "note"]),
    st.recursive(
        st.integers(-5, 5) | st.sampled_from(['","jws":"', ',"log":{"at":', '"}', "\\", "a", "", "重"]),
        lambda inner: (
            st.dictionaries(st.sampled_from(["at", "log", "jws"]), inner, max_size=3) | st.lists(inner, max_size=2)
        ),
        max_leaves=6,
    ),
    max_size=4,
)


@given(BODIES, st.lists(st.sampled_from([PACK, MODULE, "A1", "B2"]), unique=True, max_size=4), st.booleans())
def test_any_event_comes_out_of_its_entry_as_it_went_in(body: dict[str, Any], subjects: list[str], first: bool) -> None:
    """Also an event whose body is made to look like the other parts of an entry."""
    built = build_event(members(body=body, subjects=subjects))
    chain = [Link(subject, 1 if first else 7, b"" if first else b"\3" * 32) for subject in subjects]
    jws = sign_event(built.data, MAKER)
    data = build_entry(
        built.data, jws, at="2026-05-01T12:31:00.000Z", chain=chain, previous=b"" if first else b"\4" * 32
    )
    parsed = parse_entry(data)
    assert event_bytes(data) == built.data
    assert (parsed.event, parsed.jws, parsed.chain) == (built, parse_jws(jws), tuple(chain))
    assert parse_event(built.data) == built


def ring() -> KeyRing:
    """The keys at the golden entry, which stands at index 5."""
    keys = KeyRing()
    keys.apply(0, event(AUTHORITY, "open_log", opening()))
    keys.apply(1, event(AUTHORITY, "register_key", key_body(MAKER.header, MAKER.public_key)))
    return keys


def test_every_changed_byte_of_an_entry_is_refused_or_changes_the_leaf_hash() -> None:
    """All 255 wrong values in each place would say no more: one flipped bit and one blank in each."""
    keys = ring()
    keys.check(5, parse_entry(GOLDEN).event, parse_entry(GOLDEN).jws)
    log_part = GOLDEN.rindex(b',"log":')
    for at in range(len(GOLDEN)):
        for wrong in (GOLDEN[at] ^ 1, 0x20, 0x30):
            if wrong == GOLDEN[at]:
                continue
            data = GOLDEN[:at] + bytes([wrong]) + GOLDEN[at + 1 :]
            assert hash_leaf(data) != hash_leaf(GOLDEN)
            try:
                parsed = parse_entry(data)
                keys.check(5, parsed.event, parsed.jws)
            except LedgerError:
                continue
            # Only the log's own part is not covered by the organisation's signature; the tree covers it.
            assert at > log_part


@pytest.mark.parametrize("cut", [1, 2, 10, 50])
def test_a_longer_or_shorter_entry_is_refused(cut: int) -> None:
    for data in (GOLDEN[:-cut], GOLDEN[cut:], GOLDEN + b" " * cut, GOLDEN + GOLDEN[-cut:]):
        with pytest.raises(MalformedError):
            parse_entry(data)


@given(st.binary(max_size=300))
def test_any_bytes_give_an_entry_or_malformed_error(data: bytes) -> None:
    for attempt in (data, b'{"event":{' + data, GOLDEN[:200] + data + GOLDEN[220:]):
        for read in (parse_entry, parse_event):
            try:
                read(attempt)
            except MalformedError:
                continue
            assert attempt == GOLDEN


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"v": 2}, "version"),
        ({"v": True}, "version"),
        ({"id": "01907C5E-7B1A-7C3D-8E4F-000000000001"}, "UUID"),
        ({"id": "01907c5e-7b1a-4c3d-8e4f-000000000001"}, "UUID"),
        ({"id": "01907c5e-7b1a-7c3d-0e4f-000000000001"}, "UUID"),
        ({"id": 5}, "UUID"),
        ({"type": "Register"}, "type"),
        ({"type": ""}, "type"),
        ({"type": "a" * 41}, "type"),
        ({"actor": "Maker"}, "actor"),
        ({"actor": "m"}, "actor"),
        ({"actor": "maker\n"}, "actor"),
        ({"body": []}, "body"),
        ({"log": 5}, "log"),
        ({"subjects": PACK}, "subjects"),
        ({"subjects": [PACK, PACK]}, "twice"),
        ({"subjects": [PACK.lower()]}, "subject"),
        ({"subjects": [""]}, "subject"),
        ({"subjects": [[]]}, "subject"),
        ({"subjects": ["A" * 65]}, "subject"),
        ({"subjects": [f"S{n}" for n in range(MAX_SUBJECTS + 1)]}, "at most 64"),
        ({"occurred_at": "2026-05-01T12:30:01Z"}, "time"),
        ({"occurred_at": "2026-05-01T12:30:01.123+00:00"}, "time"),
        ({"occurred_at": "2026-02-30T12:30:01.123Z"}, "date"),
        ({"occurred_at": "2026-05-01T24:00:00.000Z"}, "date"),
        ({"occurred_at": "2026-05-01T23:59:60.000Z"}, "date"),
        ({"occurred_at": "２026-05-01T12:30:01.123Z"}, "time"),
        ({"occurred_at": 5}, "time"),
        ({"extra": 1}, "exactly the members"),
    ],
)
def test_an_event_is_refused_for_its_reason(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        build_event(members(**changes))


@pytest.mark.parametrize("name", list(members()))
def test_no_member_of_an_event_may_be_missing(name: str) -> None:
    given = members()
    del given[name]
    with pytest.raises(MalformedError, match="exactly the members"):
        build_event(given)


def changed(**log: Any) -> bytes:
    document = json.loads(GOLDEN)
    document["log"] |= log
    return canonical.encode({name: value for name, value in document.items() if value is not None})


HASH = format_hash(b"\1" * 32)


@pytest.mark.parametrize(
    "log",
    [
        {"at": "2026-05-01"},
        {"at": 5},
        {"more": 1},
        {"prev": "AAAA"},
        {"prev": HASH[:-2] + "F="},
        {"prev": HASH.rstrip("=")},
        {"prev": 0},
        {"chain": {}},
        {"chain": []},
        {"chain": [[PACK, 1, ""]]},
        {"chain": [[MODULE, 3, HASH], [PACK, 1, ""]]},
        {"chain": [[PACK, 1, ""], [MODULE, 0, HASH]]},
        {"chain": [[PACK, 1, ""], [MODULE, -1, HASH]]},
        {"chain": [[PACK, 1, ""], [MODULE, True, HASH]]},
        {"chain": [[PACK, 1, ""], [MODULE, "3", HASH]]},
        {"chain": [[PACK, 1, ""], [MODULE, 3, ""]]},
        {"chain": [[PACK, 1, HASH], [MODULE, 3, HASH]]},
        {"chain": [[PACK, 1, ""], [MODULE, 3, HASH, 1]]},
        {"chain": [[PACK, 1, ""], [MODULE, 3]]},
        {"chain": [[PACK, 1, ""], MODULE]},
        {"chain": [[PACK, 1, ""], [MODULE, 3, HASH], ["X", 1, ""]]},
    ],
)
def test_the_log_s_part_is_refused_in_every_other_shape(log: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        parse_entry(changed(**log))


def test_the_members_of_an_entry_are_these_three() -> None:
    for document in ({"event": members(), "jws": "x"}, {**json.loads(GOLDEN), "z": 1}, [], "entry", 1):
        with pytest.raises(MalformedError):
            parse_entry(canonical.encode(document))


def test_an_entry_that_would_be_too_long_is_not_built() -> None:
    built = build_event(members(body={"note": "x" * 59_600}))
    with pytest.raises(MalformedError, match="60000"):
        build_entry(built.data, sign_event(built.data, MAKER), at="2026-05-01T12:31:00.000Z", chain=[], previous=b"")


@given(st.datetimes(datetime(1970, 1, 1), datetime(9998, 12, 31)), st.integers(-14 * 60, 14 * 60))
def test_times_are_written_in_utc_and_read_back_to_the_millisecond(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    text = format_time(aware)
    cut = aware.astimezone(UTC)
    assert parse_time(text) == cut.replace(microsecond=cut.microsecond // 1000 * 1000)
    assert parse_time(text).utcoffset() == timedelta(0)
    assert format_time(parse_time(text)) == text
    assert len(text) == 24


@given(st.binary(min_size=32, max_size=32))
def test_a_hash_has_one_spelling(digest: bytes) -> None:
    text = format_hash(digest)
    assert parse_hash(text) == digest
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".index(text[42])
    for stray in (last ^ 1, last ^ 2, last ^ 3):
        wrong = text[:42] + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[stray] + "="
        with pytest.raises(MalformedError):
            parse_hash(wrong)


@pytest.mark.parametrize(
    "text", [None, 5, "A", "=", "A" * 44, "A" * 43, "A" * 42 + "==", " " + HASH, HASH + "\n", "重" * 44]
)
def test_what_is_no_hash_is_refused(text: object) -> None:
    with pytest.raises(MalformedError):
        parse_hash(text)


def test_no_hash_is_the_empty_text() -> None:
    assert (format_hash(b""), parse_hash("")) == ("", b"")
