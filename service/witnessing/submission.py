"""The chore that brings the register's checkpoints to its witnesses and keeps what they cosign.

Each request has a thread of its own: a witness that is slow, dead or hostile costs the others nothing, and appending
knows nothing of any of this. What came back is verified before it is kept. A witness that holds more than the register
(the database is an old copy) or another history (a fork) is not pressed on: it is said loudly, wherever one looks.

Source: C2SP tlog-witness.
"""

import threading
import time
from collections.abc import Sequence
from itertools import groupby

from ledger.entry import format_time
from ledger.errors import LedgerError
from ledger.log import tile_reader
from ledger.notes.checkpoint import open_checkpoint
from ledger.notes.note import NoteSignature, split_note
from ledger.notes.witness import format_add_checkpoint
from ledger.proof import prove_consistency
from service.chores import Tell
from service.witnessing.asking import WitnessError, explain, fetch_held, read_cosignatures, read_held_size, submit
from service.witnessing.head import (
    Demand,
    WitnessedHead,
    find_cosignatures,
    keep_cosignature,
    read_demand,
    read_head,
    with_cosignatures,
    write_head,
)
from service.witnessing.roll import Witness, list_witnesses, note_failure, note_success
from service.witnessing.rounds import Offer, Rounds, Standing
from service.work import Register


class AheadError(WitnessError):
    """A witness holds a larger checkpoint than the register: the database is an old copy of what was signed."""

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size


class InconsistentError(WitnessError):
    """A witness holds another history than the register: one of them was changed, or the log signed two."""


class Submission:
    """What this process knows of the witnesses and of the checkpoints on offer."""

    def __init__(self, register: Register, tell: Tell) -> None:
        self._register = register
        self._tell = tell
        self._rounds = Rounds()
        self._standings: dict[tuple[str, ...], Standing] = {}
        self._guard = threading.Lock()

    def work(self) -> None:
        """Look whether there is something to offer, and to whom. Returns without waiting for any answer."""
        with self._register.read() as reader:
            witnesses = list_witnesses(reader.connection)
            state, head = reader.state(), read_head(reader.connection)
        self._follow_policy(head, witnesses)
        if not witnesses or not state.size:
            return
        now = time.monotonic()
        with self._guard:
            newest = self._rounds.offer(state.size, state.checkpoint, now)
            if head.size == state.size:
                newest.cosignatures = find_cosignatures(head.note, witnesses) | newest.cosignatures
            groups = _by_address(witnesses)
            self._standings = {_key(group): self._standing(group, state.size) for _, group in groups}
            for url, group in groups:
                standing = self._standings[_key(group)]
                if offer := self._rounds.next_for(standing, now):
                    standing.began(now)
                    arguments = (url, group, standing, offer)
                    threading.Thread(target=self._attend, args=arguments, name="witness", daemon=True).start()

    def _standing(self, group: Sequence[Witness], size: int) -> Standing:
        """How it stands with these. What another host's process learned of the size they hold stands in the roll."""
        told = min(witness.size for witness in group)
        standing = self._standings.get(_key(group)) or Standing(told)
        if not standing.busy and standing.held < told <= size:
            standing.held = told
        return standing

    def _attend(self, url: str, group: Sequence[Witness], standing: Standing, offer: Offer) -> None:
        """Everything about one offer to the witnesses at one address. Nothing may escape: nobody would see it."""
        try:
            found = self._submit(url, group, standing, offer)
            if found:
                self._keep(group, offer, found)
        except Exception as error:
            self._fail(group, standing, error)
            return
        with self._guard:
            standing.succeeded(max(offer.size, standing.held), time.monotonic())

    def _submit(
        self, url: str, group: Sequence[Witness], standing: Standing, offer: Offer
    ) -> dict[str, NoteSignature] | None:
        """Their cosignatures by vkey; None where they hold a newer checkpoint, that another process submitted."""
        for _ in range(2):
            reply = submit(url, format_add_checkpoint(standing.held, self._prove(standing.held, offer), offer.note))
            if reply.status == 200:
                return read_cosignatures(reply, split_note(offer.note)[0], [each.verifier for each in group])
            if reply.status == 422:
                raise InconsistentError(f"holds another history than this register: {explain(reply)}")
            if reply.status != 409:
                raise WitnessError(explain(reply))
            before, standing.held = standing.held, read_held_size(reply)
            if standing.held == before == offer.size:  # as version 1.0.0 of the protocol says it
                raise InconsistentError(f"holds another history than this register, of the same {before} entries")
            if standing.held > offer.size:
                self._require_abreast(url, standing.held)
                return None
        raise WitnessError("answered 409 twice, with different sizes")

    def _prove(self, old: int, offer: Offer) -> list[bytes]:
        if old in (0, offer.size):
            return []
        with self._register.read() as reader:
            return prove_consistency(old, offer.size, tile_reader(reader, offer.size).nodes)

    def _require_abreast(self, url: str, size: int) -> None:
        """Raise AheadError if the register has fewer entries than a witness. If that is proven, stop all writing."""
        with self._register.read() as reader:
            ours = reader.size()
        if size <= ours:
            return
        if prove_ahead(self._register, url, more_than=ours):
            raise AheadError(
                f"holds our own checkpoint of more than {ours} entries: the database is an old copy. Nothing will be "
                "recorded. Run packtrail restore-check, and see docs/operating.md#rollback",
                size,
            )
        raise AheadError(f"says it holds {size} entries, here are {ours}: run packtrail restore-check", size)

    def _keep(self, group: Sequence[Witness], offer: Offer, found: dict[str, NoteSignature]) -> None:
        signed = [witness for witness in group if witness.vkey in found]
        at = format_time(self._register.clock())
        with self._guard:
            offer.cosignatures.update(found)
        demand = read_demand(self._register.settings.policy_file)
        with self._register.write_beside() as connection:
            for witness in signed:
                keep_cosignature(connection, offer.size, witness.name, found[witness.vkey], at=at)
            note_success(connection, [witness.name for witness in signed], size=offer.size, at=at)
            before = read_head(connection)
            after = self._head_of(offer, demand, list_witnesses(connection), at)
            if after is not None and (after.size >= before.size or before.policy != demand.digest):
                write_head(connection, after)
        missing = [witness.name for witness in group if witness.vkey not in found]
        if missing:
            self._record_failure(missing, WitnessError("answered without a cosignature by the key it is known by"))

    def _head_of(self, offer: Offer, demand: Demand, witnesses: list[Witness], at: str) -> WitnessedHead | None:
        """The checkpoint with all cosignatures it has by those on the roll, if that is enough."""
        with self._guard:
            signatures = [offer.cosignatures[each.vkey] for each in witnesses if each.vkey in offer.cosignatures]
        if not signatures:
            return None
        note = with_cosignatures(offer.note, signatures)
        names = demand.met_by(note, witnesses)
        return None if names is None else WitnessedHead(offer.size, note, demand.digest, names, at)

    def _follow_policy(self, head: WitnessedHead, witnesses: list[Witness]) -> None:
        """After a change of the policy: what is the newest witnessed checkpoint now? Raises SettingsError."""
        demand = read_demand(self._register.settings.policy_file)
        if demand.digest == head.policy:
            return
        at = format_time(self._register.clock())
        with self._guard:
            offers = self._rounds.newest_first()
        found = next((new for each in offers if (new := self._head_of(each, demand, witnesses, at))), None)
        if found is None and head.size and (names := demand.met_by(head.note, witnesses)) is not None:
            found = WitnessedHead(head.size, head.note, demand.digest, names, head.at)
        with self._register.write_beside() as connection:
            write_head(connection, found or WitnessedHead(0, b"", demand.digest, (), ""))

    def _fail(self, group: Sequence[Witness], standing: Standing, error: Exception) -> None:
        names = [witness.name for witness in group]
        with self._guard:
            is_stuck = isinstance(error, AheadError | InconsistentError)
            (standing.got_stuck if is_stuck else standing.failed)(time.monotonic())
        self._record_failure(names, error)

    def _record_failure(self, names: Sequence[str], error: Exception) -> None:
        size = error.size if isinstance(error, AheadError) else None
        for name in names:
            self._tell(name, error)
        try:
            with self._register.write_beside() as connection:
                at = format_time(self._register.clock())
                note_failure(connection, names, str(error) or type(error).__name__, at=at, size=size)
        except Exception as failure:  # the database is away: what failed was told, the witness is asked again
            self._tell(names[0], failure)


def prove_ahead(register: Register, url: str, *, more_than: int) -> bool:
    """Whether the witness can show a larger checkpoint that bears our own signatures. If so, the pin moves to it.

    A number alone could be a lie, and a witness should not be able to stop a register by a lie. Behind its pin no
    process of this installation records anything, now or after a restart.
    """
    try:
        reply = fetch_held(url, register.origin)
        if reply.status != 200:
            return False
        checkpoint = open_checkpoint(reply.body, register.verifiers, origin=register.origin)
    except (WitnessError, LedgerError):
        return False
    if checkpoint.size <= more_than:
        return False
    register.pin(reply.body)
    return True


def _key(group: Sequence[Witness]) -> tuple[str, ...]:
    """Tells groups apart: a witness that was removed and added again is another one, with nothing held against it."""
    return tuple(text for witness in group for text in (witness.url, witness.name, witness.added_at))


def _by_address(witnesses: Sequence[Witness]) -> list[tuple[str, list[Witness]]]:
    """Witnesses with the same address are one witness with several keys: it is asked once."""
    ordered = sorted(witnesses, key=lambda witness: witness.url)
    return [(url, list(group)) for url, group in groupby(ordered, key=lambda witness: witness.url)]
