"""Policies: what is read, what is refused, and when a quorum is met."""

from contextlib import suppress
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError, PolicyError, SignatureError
from ledger.notes.checkpoint import Checkpoint, format_checkpoint
from ledger.notes.cosignature import Ed25519Cosigner, MLDSA44Signer
from ledger.notes.note import Ed25519Signer, NoteSignature, Signer, format_note, sign_note, sign_text
from ledger.notes.policy import Policy, parse_policy
from ledger.notes.vkey import format_vkey, split_vkey

ORIGIN = "log.example"
NOW = 1_679_315_147
LOG = Ed25519Signer(ORIGIN, b"L" * 32)
LOG_MLDSA = MLDSA44Signer(ORIGIN, b"L" * 32)
OTHER_LOG = Ed25519Signer("other.example", b"O" * 32)
WITNESSES: list[Signer] = [
    Ed25519Cosigner("w1.example", b"1" * 32, timestamp=NOW),
    MLDSA44Signer("w2.example", b"2" * 32, timestamp=NOW),
    Ed25519Cosigner("w3.example", b"3" * 32, timestamp=NOW),
    MLDSA44Signer("w4.example", b"4" * 32, timestamp=NOW),
]
LINES = "".join(f"witness W{number} {key.vkey}\n" for number, key in enumerate(WITNESSES, start=1))
LOG_LINE = f"log {LOG.vkey}\n"
TEXT = format_checkpoint(Checkpoint(ORIGIN, 7, bytes(range(32))))


def note(*signers: Signer) -> bytes:
    return sign_note(TEXT, [LOG, *signers])


def quorum(rest: str) -> Policy:
    return parse_policy(LOG_LINE + LINES + rest)


def met(policy: Policy, chosen: tuple[Signer, ...]) -> bool:
    try:
        policy.check(note(*chosen))
    except PolicyError:
        return False
    return True


def test_a_policy_says_whom_it_knows_and_where() -> None:
    policy = parse_policy(
        f"# ours\n\n  \tlog\t{LOG.vkey}   https://log.example/ \n"
        f"witness W1 {WITNESSES[0].vkey} https://w1.example/\n#comment\ngroup G any W1\nquorum G\n"
    )
    assert [(log.origin, log.url) for log in policy.logs] == [(ORIGIN, "https://log.example/")]
    assert [(known.name, known.verifier.vkey, known.url) for known in policy.witnesses] == [
        ("W1", WITNESSES[0].vkey, "https://w1.example/")
    ]
    assert [(group.name, group.needed, group.members) for group in policy.groups] == [("G", 1, ("W1",))]
    assert policy.quorum == "G"


@pytest.mark.parametrize(
    ("rest", "needed"),
    [
        ("quorum none\n", lambda n: True),
        ("group G any W1 W2 W3 W4\nquorum G\n", lambda n: len(n) >= 1),
        ("group G 2 W1 W2 W3 W4\nquorum G\n", lambda n: len(n) >= 2),
        ("group G all W1 W2 W3 W4\nquorum G\n", lambda n: len(n) == 4),
        ("quorum W2\n", lambda n: 2 in n),
        (
            "group X all W1 W2\ngroup Y any W3 W4\ngroup Z all X Y\nquorum Z\n",
            lambda n: {1, 2} <= n and bool(n & {3, 4}),
        ),
        ("group X all W1 W2\ngroup Z 2 W3 X W4\nquorum Z\n", lambda n: ({1, 2} <= n) + (3 in n) + (4 in n) >= 2),
    ],
)
def test_a_quorum_is_met_by_exactly_the_sets_it_describes(rest: str, needed: Any) -> None:
    policy = quorum(rest)
    for count in range(5):
        for chosen in combinations(range(4), count):
            signers = tuple(WITNESSES[index] for index in chosen)
            assert met(policy, signers) == needed({index + 1 for index in chosen})


def test_the_answer_names_the_cosigners_in_the_order_of_the_policy() -> None:
    policy = quorum("group G 2 W1 W2 W3 W4\nquorum G\n")
    assert policy.check(note(WITNESSES[2], WITNESSES[0])) == ("W1", "W3")
    assert quorum("quorum none\n").check(note()) == ()


def test_signatures_of_strangers_say_nothing() -> None:
    stranger = Ed25519Cosigner("stranger.example", b"s" * 32, timestamp=NOW)
    assert quorum("quorum W1\n").check(note(stranger, WITNESSES[0])) == ("W1",)
    with pytest.raises(PolicyError):
        quorum("quorum W1\n").check(note(stranger))


@pytest.mark.parametrize("index", range(4))
def test_a_wrong_signature_of_a_known_witness_refuses_the_note_even_if_the_quorum_is_met(index: int) -> None:
    other = WITNESSES[index]
    wrong = sign_text(TEXT.replace(b"\n7\n", b"\n8\n"), [other])
    signed = sign_text(TEXT, [LOG, *(signer for signer in WITNESSES if signer is not other)])
    with pytest.raises(SignatureError):
        quorum("group G any W1 W2 W3 W4\nquorum G\n").check(format_note(TEXT, [*signed, *wrong]))


def test_a_log_that_signs_for_itself_is_no_witness() -> None:
    """Its ML-DSA-44 signature has the time 0: it says nothing about what was seen before."""
    policy = parse_policy(f"log {LOG.vkey}\nwitness W {LOG_MLDSA.vkey}\nquorum W\n")
    with pytest.raises(PolicyError):
        policy.check(note(LOG_MLDSA))
    assert policy.check(note(LOG_MLDSA.at(NOW))) == ("W",)


def test_the_log_itself_must_have_signed() -> None:
    cosigned = sign_note(TEXT, [OTHER_LOG, WITNESSES[0]])
    with pytest.raises(SignatureError):
        quorum("quorum W1\n").check(cosigned)
    known = parse_policy(LOG_LINE + f"log {OTHER_LOG.vkey}\n" + LINES + "quorum W1\n")
    with pytest.raises(SignatureError):
        known.check(cosigned)  # another log's key does not speak for this origin
    assert parse_policy(LINES + "quorum W1\n").check(cosigned) == ("W1",)  # who the log is, is known elsewhere


def test_one_of_the_keys_of_a_log_is_enough_and_a_wrong_one_is_too_much() -> None:
    policy = parse_policy(f"log {LOG.vkey}\nlog {LOG_MLDSA.vkey}\nquorum none\n")
    policy.check(sign_note(TEXT, [LOG]))
    policy.check(sign_note(TEXT, [LOG_MLDSA]))
    made = LOG_MLDSA.sign(TEXT)
    wrong = NoteSignature(ORIGIN, LOG_MLDSA.key_id, made[:-1] + bytes([made[-1] ^ 1]))
    with pytest.raises(SignatureError):
        policy.check(format_note(TEXT, [*sign_text(TEXT, [LOG]), wrong]))


ED25519_COSIGNER_AS_LOG = f"log {WITNESSES[0].vkey}\nquorum none\n"
SAME_KEY = f"witness again {format_vkey('another.example', 4, split_vkey(WITNESSES[0].vkey)[2])}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum none",
        LINES + "quorum W1",
        LINES,
        LINES + "quorum W9\n",
        "quorum W1\n" + LINES,
        LINES + "quorum W1\nquorum W1\n",
        "quorum none\nquorum none\n",
        LINES + "quorum W1 W2\n",
        "quorum\n",
        "Quorum none\n",
        LINES + "group G any\nquorum G\n",
        LINES + "group G 0 W1\nquorum G\n",
        LINES + "group G 2 W1\nquorum G\n",
        LINES + "group G 01 W1\nquorum G\n",
        LINES + "group G ½ W1\nquorum G\n",
        LINES + "group G most W1 W2\nquorum G\n",
        LINES + "group G any W1 W1\nquorum G\n",
        LINES + "group G any W1\ngroup H any W1\nquorum G\n",
        LINES + "group G any G\nquorum G\n",
        LINES + "group G any none\nquorum G\n",
        LINES + "group G any W1\ngroup G any W2\nquorum G\n",
        LINES + "group W1 any W2\nquorum W1\n",
        LINES + "group none any W2\nquorum none\n",
        LINES.replace("W2", "W1") + "quorum W1\n",
        LINES.replace("W1", "none") + "quorum W2\n",
        LINES + SAME_KEY + "quorum W1\n",
        LOG_LINE + LOG_LINE + "quorum none\n",
        ED25519_COSIGNER_AS_LOG,
        f"witness W {LOG.vkey}\nquorum W\n",
        f"log {LOG.vkey[:-4]}AAA=\nquorum none\n",
        f"log {LOG.vkey} https://a b\nquorum none\n",
        f"log\u00a0{LOG.vkey}\nquorum none\n",
        "quorum none\r\n",
        "# \x7f\nquorum none\n",
        "#\x00\nquorum none\n",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_policy(text)


def test_a_fault_is_named_with_its_line() -> None:
    with pytest.raises(MalformedError, match="line 3"):
        parse_policy("# one\n\nwitness\nquorum none\n")


def test_names_are_taken_byte_by_byte() -> None:
    """The letter K, the sign for kelvin and a byte that is not UTF-8 are three names."""
    keys = [signer.vkey.encode() for signer in WITNESSES[:3]]
    names = [b"K", "\u212a".encode(), b"\xff"]
    text = b"".join(b"witness %s %s\n" % pair for pair in zip(names, keys, strict=True)) + b"quorum \xff\n"
    assert parse_policy(text).check(note(WITNESSES[2])) == ("\udcff",)


def test_a_hundred_logs_witnesses_and_groups_are_read_and_checked() -> None:
    logs = [Ed25519Signer(f"log{number}.example", bytes([number]) * 32) for number in range(100)]
    keys = [Ed25519Cosigner(f"w{number}.example", bytes([number]) * 32, timestamp=NOW) for number in range(100)]
    lines = [f"log {log.vkey}" for log in logs] + [f"witness w{number} {key.vkey}" for number, key in enumerate(keys)]
    chain = ["group g0 all w0"] + [f"group g{number} 1 g{number - 1} w{number}" for number in range(1, 100)]
    policy = parse_policy("\n".join([*lines, *chain, "quorum g99", ""]))
    text = format_checkpoint(Checkpoint("log99.example", 0, bytes(32)))
    assert len(policy.check(format_note(text, sign_text(text, [logs[99], *keys[:99]])))) == 99
    assert policy.check(format_note(text, sign_text(text, [logs[99], keys[0]]))) == ("w0",)  # through 100 groups
    with pytest.raises(PolicyError):
        policy.check(format_note(text, sign_text(text, [logs[99]])))


@given(st.text(max_size=300) | st.binary(max_size=300))
def test_any_text_gives_a_policy_or_is_malformed(text: str | bytes) -> None:
    with suppress(MalformedError):
        parse_policy(text)


PIECES = st.sampled_from(
    ["log", "witness", "group", "quorum", "any", "all", "1", "2", "none", "W1", "W2", "G", "#", "", "\t", LOG.vkey]
    + [signer.vkey for signer in WITNESSES]
)


@given(st.lists(st.lists(PIECES, max_size=5).map(" ".join), max_size=6).map("\n".join), st.sets(st.integers(1, 4)))
def test_what_looks_like_a_policy_is_read_or_malformed_and_more_cosigners_never_unmeet_it(
    text: str, numbers: set[int]
) -> None:
    try:
        policy = parse_policy(text + "\n")
    except MalformedError:
        return
    names = {witness.name for witness in policy.witnesses}
    some = {f"W{number}" for number in numbers} & names
    if policy.is_met(some):
        assert policy.is_met(names)
    assert policy.is_met(set()) == (policy.quorum == "none")
