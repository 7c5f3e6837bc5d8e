"""The home page: one box to look up a battery, what the register is, and where it stands."""

from __future__ import annotations

from api.pages.rendering import Place, Visit, render
from ledger.entry import format_hash, parse_time
from ledger.notes.note import split_note
from ledger.notes.treehead import parse_checkpoint
from service.work import Register


def render_home(register: Register, visit: Visit) -> str:
    """The page."""
    with register.read() as reader:
        state = reader.state()
    text, _ = split_note(state.checkpoint)
    return render(
        "home.html",
        visit,
        Place("/"),
        size=state.size,
        last_received=parse_time(state.last_at),
        root=format_hash(parse_checkpoint(text).root),
    )
