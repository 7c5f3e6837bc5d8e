"""Checkpoints that witnesses cosigned, or did not, and policies that ask for it."""

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from ledger.notes.cosignature import Ed25519Cosigner, MLDSA44Signer
from ledger.notes.note import Signer
from tests.verifier import forks, mutants
from tests.verifier.case import Case, bundle_case, export_case, receipt_case
from tests.verifier.scenes import FIRST, FIRST_KEYS, FRESH_KEYS, PACK, PQ_WITNESS, SECOND_KEYS, WITNESS, short_scene
from tests.verifier.script import sign_text

KINDS = ("export", "receipt", "evidence", "contradiction")
TIMELESS = Ed25519Cosigner("witness.test", b"w" * 32, timestamp=0)
NAMESAKE = Ed25519Cosigner("witness.test", b"x" * 32, timestamp=1_790_000_000)
LATER = MLDSA44Signer("witness.test/pq", b"v" * 32, timestamp=1_790_000_001)


def policy(*lines: str, logs: tuple[str, ...] = (FIRST_KEYS[0].vkey,)) -> bytes:
    """Two witnesses, `one` and `two`, and these lines."""
    witnesses = [f"witness one {WITNESS.vkey}", f"witness two {PQ_WITNESS.vkey} https://w.example"]
    return "\n".join(["# who must have seen it", *(f"log {log}" for log in logs), *witnesses, *lines, ""]).encode()


BOTH = policy("group g all one two", "quorum g")
POLICIES = {
    "nobody": policy("quorum none"),
    "one": policy("quorum one"),
    "two": policy("quorum two"),
    "either": policy("group g any one two", "quorum g"),
    "both": BOTH,
    "two of two": policy("group g 2 one two", "quorum g"),
    "a group of a group": policy("group g 1 one", "group h all g two", "quorum h"),
    "one, of any log": policy("quorum one", logs=()),
    "one, of another log": policy("quorum one", logs=(SECOND_KEYS[0].vkey,)),
    "one, of two logs": policy("quorum one", logs=(SECOND_KEYS[0].vkey, FIRST_KEYS[1].vkey)),
    "one, of a log with other keys": policy("quorum one", logs=(FRESH_KEYS[0].vkey,)),
    "the log as its own witness": policy(f"witness own {FIRST_KEYS[1].vkey}", "quorum own"),
    "a witness called none": policy(f"witness none {NAMESAKE.vkey}", "quorum none"),
    "a namesake": policy(f"witness other {NAMESAKE.vkey}", "quorum other"),
    "a group of three of two": policy("group g 3 one two", "quorum g"),
    "a group that holds itself": policy("group g any g", "quorum g"),
    "one witness in two groups": policy("group g any one", "group h any one", "quorum g"),
    "a key twice": policy(f"witness three {WITNESS.vkey}", "quorum one"),
    "an Ed25519 key of a log for a witness": policy(f"witness three {SECOND_KEYS[0].vkey}", "quorum one"),
    "two quorums": policy("quorum one", "quorum one"),
    "no quorum": policy(),
    "a quorum that is not there": policy("quorum three"),
    "a last line without its end": policy("quorum one")[:-1],
    "tabs and blanks": policy("\tquorum  one \t", "", "  # said"),
    "carriage returns": policy("quorum one").replace(b"\n", b"\r\n"),
    "a control character in what is said": policy("quorum one", "# \x1f"),
    "another in what is said": policy("quorum one", "# \x7f"),
    "bytes that are not UTF-8": policy("quorum one") + b"# \xff\xfe\n",
    "nothing": b"",
}


@cache
def cosigners() -> dict[str, list[Signer]]:
    return {
        "not cosigned": [],
        "cosigned by one": [WITNESS],
        "cosigned by two": [PQ_WITNESS],
        "cosigned by both": [WITNESS, PQ_WITNESS],
        "cosigned by both and others": [NAMESAKE, PQ_WITNESS, WITNESS, FRESH_KEYS[0]],
        "cosigned twice": [WITNESS, WITNESS, PQ_WITNESS, LATER],
        "cosigned without a time": [TIMELESS, MLDSA44Signer("witness.test/pq", b"v" * 32)],
        "cosigned with and without a time": [TIMELESS, WITNESS],
    }


def under(kind: str, signers: list[Signer]) -> Case:
    """A file of this kind, which holds, under checkpoints that are cosigned so."""
    scene = short_scene()
    own = replace(scene, note=scene.log.note([*FIRST_KEYS, *signers]))
    if kind == "export":
        return export_case("export", own)
    if kind == "receipt":
        return receipt_case("receipt", own, 4)
    if kind == "evidence":
        return bundle_case("evidence", own, PACK)
    one, other = (each.log.note([*FIRST_KEYS, *signers]) for each in forks.histories())
    return forks.contradiction_case("two histories", forks.FORK, (one, other))


def listed() -> Iterator[Case]:
    """Every policy for one cosigned receipt, and every way to cosign for each kind of file."""
    for name, text in POLICIES.items():
        for who in ("cosigned by one", "cosigned by both"):
            yield under("receipt", cosigners()[who]).but(f"{who}, policy: {name}", policy=text)
    for kind in KINDS:
        for who, signers in cosigners().items():
            for name in ("either", "both"):
                yield under(kind, signers).but(f"{who}, policy: {name}", policy=POLICIES[name])
    yield from _wrongly_cosigned()
    half = forks.histories()[0].log.note([*FIRST_KEYS, WITNESS, PQ_WITNESS]), forks.histories()[1].note
    yield forks.contradiction_case("cosigned on one side", forks.FORK, half).but("policy: either", policy=BOTH)
    yield export_case("short export", short_scene()).but("of another origin", vkeys=SECOND_KEYS[0].vkey, policy=BOTH)


def _wrongly_cosigned() -> Iterator[Case]:
    """A signature over another text, by a witness or another log, of which a policy knows or does not."""
    others = [WITNESS, PQ_WITNESS, SECOND_KEYS[0]]
    elsewhere = sign_text(f"{FIRST}\n6\n{'A' * 43}=\n", others).decode().partition("\n\n")[2]
    for kind in ("export", "receipt"):
        case = under(kind, [WITNESS])
        for line in elsewhere.splitlines(keepends=True):
            wrong = {"beside" if kind == "export" else "file": _end(case, kind) + line.encode()}
            for name in ("one", "either", "nobody", "one, of two logs"):
                yield case.but(f"and wrongly by {line.split()[1]}, policy: {name}", policy=POLICIES[name], **wrong)


def _end(case: Case, kind: str) -> bytes:
    return case.beside if kind == "export" else case.file


def drawn(rng: random.Random) -> Case:
    """A bit or a line changed: of the policy, or of the file and the checkpoint under it."""
    kind, who = rng.choice(KINDS), rng.choice(list(cosigners()))
    name = rng.choice([name for name in POLICIES if name != "nothing"])
    case = under(kind, cosigners()[who]).but(f"{who}, policy: {name}", policy=POLICIES[name])
    if rng.random() < 0.5:
        text = bytearray(POLICIES[name])
        spot, bit = rng.randrange(len(text)), rng.randrange(7)  # the eighth would make it another encoding
        text[spot] ^= 1 << bit
        return case.but(f"bit {bit} of byte {spot} of the policy", policy=bytes(text))
    return mutants.flipped(case, rng.randrange(len(case.file + case.beside)), rng.randrange(8))
