"""Erasures as a verifier reads them: formed strictly, of what is there, by who may."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from ledger.entry import Event, build_event, format_hash
from ledger.erasure import ErasureCheck, commitments_in, parse_erasure, with_erasures
from ledger.errors import AuthorityError, MalformedError
from ledger.verification.findings import Report

ONE, TWO = b"\x01" * 32, b"\x02" * 32
BODY: dict[str, Any] = {"basis": "PIPL, Art. 47", "commitments": [format_hash(ONE)], "reason": "asked for"}


def event(kind: str, body: object, *subjects: str, actor: str = "maker") -> Event:
    return build_event({
        "actor": actor, "body": body, "id": "01907c5e-1234-7abc-8def-0123456789ab", "log": "log.example/x",
        "occurred_at": "2026-05-01T12:30:01.123Z", "subjects": list(subjects or ("PACK1",)), "type": kind, "v": 1,
    })  # fmt: skip


def holder(*subjects: str, actor: str = "maker", **commitments: bytes) -> Event:
    body = {f"{name}_commitment": format_hash(value) for name, value in commitments.items()} | {"method": "bms"}
    return event("report", body, *subjects, actor=actor)


def test_an_erasure_says_what_from_which_law_and_why() -> None:
    erasure = parse_erasure(event("erase_values", BODY | {"commitments": [format_hash(TWO), format_hash(ONE)]}))
    assert (erasure.subject, erasure.commitments) == ("PACK1", (TWO, ONE))
    assert (erasure.actor, erasure.basis, erasure.reason) == ("maker", "PIPL, Art. 47", "asked for")


@pytest.mark.parametrize(
    "change",
    [
        {"basis": ""}, {"basis": 5}, {"reason": []}, {"more": "x"}, {"commitments": []}, {"commitments": "x"},
        {"commitments": [format_hash(ONE)] * 2}, {"commitments": [""]}, {"commitments": ["AAAA"]},
        {"commitments": ["A" * 42 + "B="]}, {"commitments": [5]},
        {"commitments": [format_hash(n.to_bytes(32)) for n in range(257)]},
    ],
)  # fmt: skip
def test_nothing_else_is_an_erasure(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        parse_erasure(event("erase_values", BODY | change))
    for name in BODY:
        with pytest.raises(MalformedError):
            parse_erasure(event("erase_values", {key: value for key, value in BODY.items() if key != name}))
    with pytest.raises(MalformedError):
        parse_erasure(event("erase_values", BODY, "PACK1", "PACK2"))


def test_256_commitments_are_the_most() -> None:
    many = [format_hash(n.to_bytes(32)) for n in range(1, 257)]
    assert len(parse_erasure(event("erase_values", BODY | {"commitments": many})).commitments) == 256


def test_commitments_are_found_in_any_kind_of_event() -> None:
    assert list(commitments_in(holder(vin=ONE, note=TWO))) == [ONE, TWO]
    odd = {"a_commitment": 5, "b_commitment": "short", "c_commitment": "!" * 44, "d": format_hash(ONE)}
    assert list(commitments_in(event("report", odd))) == []


def check(*entries: tuple[int, Event]) -> ErasureCheck:
    """The check after the erasures and then all entries."""
    found = ErasureCheck("authority")
    for index, each in entries:
        if each.type == "erase_values":
            found.add(index, each)
    for index, each in entries:
        found.see(index, each)
    return found


def erase(*subjects: str, actor: str = "maker") -> Event:
    return event("erase_values", BODY, *subjects, actor=actor)


@pytest.mark.parametrize("actor", ["maker", "authority"])
def test_who_told_a_value_and_the_authority_may_erase_it(actor: str) -> None:
    found = check((1, holder(vin=ONE)), (2, erase(actor=actor)))
    assert (found.finish(), found.count) == ([], 1)


def test_nobody_else_may() -> None:
    with pytest.raises(AuthorityError, match="entry 2"):
        check((1, holder(vin=ONE)), (2, erase(actor="stranger")))


@pytest.mark.parametrize(
    "entries",
    [
        ((1, holder(vin=TWO)), (2, erase())),
        ((2, erase()), (3, holder(vin=ONE))),
        ((1, holder("PACK2", vin=ONE)), (2, erase())),
    ],
)
def test_what_no_earlier_entry_of_the_battery_commits_to_cannot_be_erased(
    entries: tuple[tuple[int, Event], ...],
) -> None:
    assert [index for index, _ in check(*entries).finish()] == [2]


def test_a_report_says_what_was_erased_and_refuses_what_was_erased_by_others() -> None:
    sound = Report(4, b"", {"entries": 4}, ())
    opening = event("open_log", {}, "PACK1", actor="authority")
    for actor, ok in (("maker", True), ("authority", True), ("stranger", False)):
        entries = [as_entry(each) for each in (opening, holder(vin=ONE), erase(actor=actor), holder(vin=TWO))]
        report = with_erasures(sound, lambda entries=entries: entries)  # type: ignore[misc]
        assert report.ok is ok
        assert report.checked == {"entries": 4, "erased_values": 1}
        assert report.notes == ("1 values erased lawfully under entry 2",)
    assert with_erasures(sound, lambda: entries[:2]) == sound


def as_entry(each: Event) -> bytes:
    log = b'{"at":"2026-05-01T12:30:01.123Z","chain":[["PACK1",1,""]],"prev":""}'
    header = b'{"alg":"EdDSA","b64":false,"crit":["b64"],"kid":"%s/k","typ":"application/vnd.packtrail.event+json"}'
    text = urlsafe_b64encode(header % each.actor.encode()).rstrip(b"=") + b".." + b"A" * 86
    return b'{"event":' + each.data + b',"jws":"' + text + b'","log":' + log + b"}"


def test_a_value_of_an_entry_of_two_batteries_may_be_erased_for_either() -> None:
    assert check((1, holder("PACK2", "PACK1", vin=ONE)), (2, erase())).finish() == []
