"""Batteries of the demonstration that a visitor may look at first; none in a register of its own."""

from sqlalchemy import func, select

from service.db import tables
from service.db.views import load_states
from service.domain.states import OpState
from service.settings import Settings
from service.work import Register

MARK = "demo.json"
"""The file in the data folder that says what is played there; see `service.demo.staging`."""
_LOOKED_AT = 200
_LEVEL = 4
"""The character of a code that says whether it is a pack. Source: GB/T 34014-2017."""
_WANTED = (OpState.IN_USE, OpState.RETIRED, OpState.RECYCLED)


def is_demonstration(settings: Settings) -> bool:
    """Whether the register holds the story."""
    return (settings.data / MARK).exists()


def sample_codes(register: Register) -> tuple[str, ...]:
    """A battery in use, one that waits, one that was recycled, and one in its second life, as far as there are such."""
    if not is_demonstration(register.settings):
        return ()
    column, link = tables.battery.c.code, tables.lineage.c
    packs = select(column).where(func.substr(column, _LEVEL, 1) == "P").order_by(column).limit(_LOOKED_AT)
    with register.read() as reader:
        some = reader.connection.execute(packs).scalars().all()
        born = select(link.target).where(link.link == "consumed_into").order_by(link.target).limit(1)
        second = reader.connection.execute(born).scalars().all()
        states = load_states(reader.connection, [*some, *second])
    found = {state.op_state: code for code, state in reversed(states.items()) if code in some and state.model_id}
    return tuple(dict.fromkeys([found[each] for each in _WANTED if each in found] + [*second]))
