"""API keys as they are kept by organisations and by the authority: made, replaced, ended, listed with their last use.

What the authority does about a key, its own or another organisation's, is an entry: such a key acts for the register,
or in somebody else's name. An organisation's own keys, made by its own people, are its own matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from service import access
from service.access import DEFAULT_LIFE, OVERLAP, SCOPES, KeyRow
from service.domain.words import Act
from service.errors import NotFoundError
from service.limits.counting import Counting
from service.maintenance import record_act, record_done
from service.operators import authority, current_registry
from service.programs.generation import announce
from service.recording.recorder import Recorder
from service.work import Register


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a key is to be."""

    operator: str
    scopes: Sequence[str] = SCOPES[:2]
    label: str = ""
    life: timedelta = DEFAULT_LIFE


@dataclass(frozen=True, slots=True)
class WhichKey:
    """A key by its id; of this operator, where one is named."""

    id: str
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that was made: its row, and the text that is shown once."""

    row: KeyRow
    text: str


def make_key(recorder: Recorder, wanted: NewKey, *, by: str) -> MadeKey:
    """Make a key for an operator, `by` itself or the authority. Raises NotFoundError for one that is not enrolled."""
    register = recorder.register
    if wanted.operator not in current_registry(register).operators:
        raise NotFoundError("no such operator in this register")
    if _is_told(register, wanted.operator, by):
        record_act(recorder, Act.MAKE_API_KEY, f"{wanted.operator}: {' '.join(wanted.scopes)}")
    with register.write_beside() as connection:
        text = access.make_api_key(
            connection,
            wanted.operator,
            now=register.clock(),
            scopes=wanted.scopes,
            label=wanted.label,
            life=wanted.life,
        )
        return MadeKey(access.find_api_key(connection, access.id_of(text)), text)


def rotate_key(recorder: Recorder, which: WhichKey, *, by: str, overlap: timedelta = OVERLAP) -> MadeKey:
    """Make a key in the place of another, which ends after `overlap`. Raises NotFoundError, ConflictError."""
    register = recorder.register
    operator = _operator_of(register, which)
    with register.write_beside() as connection:
        text = access.rotate_api_key(connection, which.id, now=register.clock(), overlap=overlap)
        made = MadeKey(access.find_api_key(connection, access.id_of(text)), text)
    if _is_told(register, operator, by):
        record_done(recorder, Act.MAKE_API_KEY, f"{operator}: {made.row.id} in the place of {which.id}")
    return made


def end_key(recorder: Recorder, which: WhichKey, *, by: str) -> None:
    """End a key, at once in all processes of the host. Raises NotFoundError for one that is not valid."""
    register = recorder.register
    operator = _operator_of(register, which)
    with register.write_beside() as connection:
        access.revoke_api_key(connection, which.id, now=register.clock())
    announce(register.settings.data)
    if _is_told(register, operator, by):
        record_done(recorder, Act.REVOKE_API_KEY, f"{operator}: {which.id}")


def list_keys(register: Register, counting: Counting, operator: str | None = None) -> list[tuple[KeyRow, str | None]]:
    """The keys of an operator, or of all, oldest first, each with the time of its last use."""
    with register.read() as reader:
        rows = access.list_api_keys(reader.connection, operator)
    uses = counting.last_uses([row.id for row in rows])
    return [(row, uses.get(row.id)) for row in rows]


def _is_told(register: Register, operator: str, by: str) -> bool:
    """Whether what `by` does about a key of `operator` is an entry."""
    return operator != by or by == authority(register)


def _operator_of(register: Register, which: WhichKey) -> str:
    with register.read() as reader:
        operator = access.find_api_key(reader.connection, which.id).operator
    if which.operator not in (None, operator):
        raise NotFoundError(f"no API key {which.id}")
    return operator
