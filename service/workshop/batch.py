"""Many batteries at once: what each line of a pasted list names, and whether the action may be recorded of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from hashlib import sha256

from service.domain.errors import InvalidCode, RuleBreach
from service.domain.identifiers.recognition import Scheme, identify
from service.domain.states import BatteryState
from service.domain.uuid7 import make_uuid7, uuid7_time_ms
from service.domain.wholes import seen_with_its_whole
from service.errors import NotFoundError
from service.lookup import find_battery
from service.recording.listings import load_known
from service.work import Register
from service.workshop.offers import objection
from service.workshop.reading import MOST_CODES, split_codes

MOST = MOST_CODES
"""Lines of one batch."""
_LAST_MS = 253_402_300_799_000
"""The last second that a date can name; an id can name later ones."""


class Fate(Enum):
    """What becomes of a line."""

    READY = "ready"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Line:
    """One line. text: as it was pasted. code: what it names, "" where that is nothing. breach: why it is refused."""

    text: str
    code: str
    fate: Fate
    state: BatteryState | None = None
    breach: RuleBreach | None = None


def plan_batch(register: Register, text: str, kind: str, *, operator: str, now: datetime) -> list[Line]:
    """What would become of each line of `text`, up to MOST, if `operator` recorded an event of this kind about it."""
    pieces = split_codes(text)[:MOST]
    codes = [_code(register, piece) for piece in pieces]
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        states = load_known(reader.connection, sorted({code for code in codes if code}), registry.models)
        parents = sorted({state.parent for state in states.values() if state.parent is not None})
        wholes = load_known(reader.connection, parents, registry.models)
    lines, seen = list[Line](), set[str]()
    for piece, code in zip(pieces, codes, strict=True):
        if code not in states:
            lines.append(Line(piece, "", Fate.UNKNOWN))
        elif code in seen:
            lines.append(Line(piece, code, Fate.REPEATED))
        else:
            seen.add(code)
            state = seen_with_its_whole(states[code], wholes)
            breach = objection(kind, state, registry, operator, now)
            lines.append(Line(piece, code, Fate.READY if breach is None else Fate.REFUSED, state, breach))
    return lines


def line_id(batch_id: str, code: str) -> str:
    """The id of the event about `code`: the same batch tells the same events."""
    return make_uuid7(uuid7_time_ms(batch_id), sha256(f"{batch_id} {code}".encode()).digest()[:10])


def begun_at(batch_id: str) -> datetime:
    """When the batch was begun: the time of its events, so that sending it again tells the same."""
    return datetime.fromtimestamp(min(uuid7_time_ms(batch_id), _LAST_MS) / 1000, UTC)


def _code(register: Register, piece: str) -> str:
    try:
        named = identify(piece)
        return named.value if named.scheme is Scheme.CODE else find_battery(register, named)
    except (InvalidCode, NotFoundError):
        return ""
