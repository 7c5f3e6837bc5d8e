"""What a served register does by itself: the list of its chores. Whoever has another one adds a line."""

from service.chores import Chore, Chores
from service.imports.working import CLEAR_SECONDS, ImportWork, clear_away
from service.imports.working import EVERY_SECONDS as IMPORT_SECONDS
from service.recording.mapping import keep_map
from service.recording.recorder import Recorder
from service.verification.selfcheck import EVERY_SECONDS, SelfCheck
from service.witnessing.rounds import PACE_SECONDS
from service.witnessing.submission import Submission


def chores_of(recorder: Recorder, chores: Chores) -> tuple[Chore, ...]:
    """The chores of a served register. Long ones look at `chores.stopping`; `chores.tell` is for what fails apart."""
    register = recorder.register
    return (
        Chore("map", register.settings.map_seconds / 4, lambda: keep_map(register)),
        Chore("witness-submission", PACE_SECONDS, Submission(register, chores.tell).work),
        Chore("verification", EVERY_SECONDS, SelfCheck(register, chores.stopping).work),
        Chore("imports", IMPORT_SECONDS, ImportWork(register, chores.stopping).work),
        Chore("imports-cleared", CLEAR_SECONDS, lambda: clear_away(register)),
    )
