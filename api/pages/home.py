"""The home page: one box to look up a battery, by typing, camera or photo; what the register is and is not."""

from __future__ import annotations

from api.pages.rendering import Place, Visit, render
from api.pages.scripts import script_address
from api.problems import Problem
from ledger.entry import parse_time
from service.demo.samples import sample_codes
from service.pictures.codes import MOST_BYTES
from service.work import Register


def render_home(register: Register, visit: Visit, *, problem: Problem | None = None) -> str:
    """The page. problem: why a photo led nowhere."""
    with register.read() as reader:
        state = reader.state()
    return render(
        "home.html",
        visit,
        Place("/"),
        size=state.size,
        last_received=parse_time(state.last_at),
        samples=sample_codes(register),
        script=script_address("scan.js"),
        problem=problem,
        most_mb=MOST_BYTES // 1024 // 1024,
    )
