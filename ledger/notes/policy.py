"""Policies: whose logs are accepted, and how many of which witnesses must have cosigned a checkpoint.

    log <verifier key> [<url>]
    witness <name> <verifier key> [<url>]
    group <name> all|any|<k> <member> ...
    quorum <name>|none

Words are separated by spaces and tabs; empty lines and lines that start with # say nothing. A line may only use names
of lines above it. A group counts as one cosigner when k of its members have cosigned; `any` is 1, `all` is every
member. There is exactly one quorum, each name is defined once and a member of at most one group, and no key stands
twice: so no witness counts twice.

Stricter here: the file must end with a newline. `quorum X` may be all that is left of `quorum X-and-Y`, and half a
policy must not be a weaker policy.

Source: C2SP tlog-policy.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ledger.errors import MalformedError, PolicyError, SignatureError
from ledger.notes.cosignature import cosignature_time
from ledger.notes.note import NoteSignature, Verifier, parse_vkey, split_note
from ledger.notes.treehead import parse_checkpoint
from ledger.notes.vkey import ED25519, ED25519_COSIGNATURE, MLDSA44_COSIGNATURE, split_vkey
from ledger.strict import parse_decimal

MAX_POLICY = 4_000_000
"""Bytes: more than 1,000 witnesses with ML-DSA-44 keys."""

NONE = "none"
_LOG_KINDS = (ED25519, MLDSA44_COSIGNATURE)
_WITNESS_KINDS = (ED25519_COSIGNATURE, MLDSA44_COSIGNATURE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_WORD = re.compile(r"[^ \t]+")


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log whose checkpoints are accepted. Its key is named like its origin."""

    verifier: Verifier
    url: str | None = None

    @property
    def origin(self) -> str:
        return self.verifier.name


@dataclass(frozen=True, slots=True)
class KnownWitness:
    """`name` is this policy's name for the witness; the name it signs with is that of its key."""

    name: str
    verifier: Verifier
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Counts as a cosigner when `needed` of its members have cosigned. Members are witnesses and earlier groups."""

    name: str
    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """`groups` stand in the order of their definition. `quorum` is a witness, a group, or "none"."""

    logs: tuple[KnownLog, ...]
    witnesses: tuple[KnownWitness, ...]
    groups: tuple[Group, ...]
    quorum: str

    def check(self, note: bytes) -> tuple[str, ...]:
        """Give the policy's names of the witnesses that cosigned this signed checkpoint, in the policy's order.

        MalformedError if it is no signed checkpoint; SignatureError if a known key's signature is wrong, or if the
        policy names logs and none of them has signed under its own origin; PolicyError if the quorum is not met.
        """
        text, signatures = split_note(note)
        origin = parse_checkpoint(text).origin
        self._check_log(origin, text, signatures)
        cosigners = self.cosigners(text, signatures)
        if not self.is_met(cosigners):
            raise PolicyError(
                f"the quorum {self.quorum!r} is not met: {len(cosigners)} known witnesses have cosigned"
                f" ({', '.join(cosigners) or 'none'})"
            )
        return cosigners

    def cosigners(self, text: bytes, signatures: Sequence[NoteSignature]) -> tuple[str, ...]:
        """The witnesses that cosigned a checkpoint text. SignatureError if one of these signatures is wrong.

        A signature without a time (the time 0) is no cosignature: a log signs so with ML-DSA-44, and says nothing
        about what it saw.
        """
        keys = {(witness.verifier.name, witness.verifier.key_id): witness for witness in self.witnesses}
        found = set()
        for name, identity, signature in dict.fromkeys(signatures):
            if witness := keys.get((name, identity)):
                witness.verifier.verify(text, signature)
                if cosignature_time(signature):
                    found.add(witness.name)
        return tuple(witness.name for witness in self.witnesses if witness.name in found)

    def is_met(self, cosigners: Collection[str]) -> bool:
        """Whether the quorum is met if exactly the witnesses of these names have cosigned."""
        if self.quorum == NONE:
            return True
        reached = {witness.name for witness in self.witnesses}.intersection(cosigners)
        for group in self.groups:
            if sum(member in reached for member in group.members) >= group.needed:
                reached.add(group.name)
        return self.quorum in reached

    def _check_log(self, origin: str, text: bytes, signatures: Sequence[NoteSignature]) -> None:
        if not self.logs:
            return
        keys = {(log.verifier.name, log.verifier.key_id): log for log in self.logs}
        signed = False
        for name, identity, signature in signatures:
            if log := keys.get((name, identity)):
                log.verifier.verify(text, signature)
                signed = signed or log.origin == origin
        if not signed:
            raise SignatureError("no log of the policy has signed this checkpoint")


def parse_policy(text: str | bytes) -> Policy:
    """Read a policy file. MalformedError, with the number of the line, for anything else.

    Bytes that are not UTF-8 may stand in comments, names and addresses, as the specification has it.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    if len(text) > MAX_POLICY:
        raise MalformedError("policy is too long")
    if text and not text.endswith("\n"):
        raise MalformedError("the last line of the policy has no newline: it may be cut off")
    draft = _Draft()
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            draft.read(line)
        except MalformedError as error:
            raise MalformedError(f"policy, line {number}: {error}") from None
    return draft.finish()


@dataclass(slots=True)
class _Draft:
    """A policy while it is read, line by line."""

    logs: list[KnownLog] = field(default_factory=list)
    witnesses: list[KnownWitness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=lambda: {NONE})
    members: set[str] = field(default_factory=set)
    log_keys: set[bytes] = field(default_factory=set)
    witness_keys: set[bytes] = field(default_factory=set)

    def read(self, line: str) -> None:
        if _CONTROL.search(line):
            raise MalformedError("control character")
        words = _WORD.findall(line)
        if not words or words[0].startswith("#"):
            return
        match words:
            case ["log", vkey, *url] if len(url) < 2:
                self.logs.append(KnownLog(_read_key(vkey, _LOG_KINDS, self.log_keys), *url))
            case ["witness", name, vkey, *url] if len(url) < 2:
                self._define(name)
                self.witnesses.append(KnownWitness(name, _read_key(vkey, _WITNESS_KINDS, self.witness_keys), *url))
            case ["group", name, needed, *members] if members:
                self._read_group(name, needed, members)
            case ["quorum", name]:
                self._read_quorum(name)
            case _:
                raise MalformedError("expected a log, a witness, a group or the quorum")

    def finish(self) -> Policy:
        if self.quorum is None:
            raise MalformedError("policy has no quorum")
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)

    def _read_group(self, name: str, needed: str, members: list[str]) -> None:
        for member in members:
            if member == NONE or member not in self.names:
                raise MalformedError("a member of the group is not defined above")
            if member in self.members:
                raise MalformedError("a name is listed as a member twice")
            self.members.add(member)
        # Only now: a group cannot be a member of itself.
        self._define(name)
        count = {"any": 1, "all": len(members)}.get(needed) or parse_decimal(needed)
        if not 1 <= count <= len(members):
            raise MalformedError("a group needs at least one and at most all of its members")
        self.groups.append(Group(name, count, tuple(members)))

    def _read_quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise MalformedError("a second quorum")
        if name not in self.names:
            raise MalformedError("the quorum is not defined above")
        self.quorum = name

    def _define(self, name: str) -> None:
        if name in self.names:
            raise MalformedError("a name is defined twice")
        self.names.add(name)


def _read_key(vkey: str, kinds: Collection[int], seen: set[bytes]) -> Verifier:
    _, kind, public_key = split_vkey(vkey)
    if kind not in kinds:
        raise MalformedError("a key of a kind that does not belong here")
    if public_key in seen:
        raise MalformedError("a key stands twice")
    seen.add(public_key)
    return parse_vkey(vkey)
