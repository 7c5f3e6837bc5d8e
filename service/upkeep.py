"""What a served register does by itself: the list of its chores. Whoever has another one adds a line."""

from service.chores import Chore, Chores
from service.disclosure.collecting import EVERY_SECONDS as COLLECT_SECONDS
from service.disclosure.collecting import PRUNE_SECONDS, collect_readings, prune_readings
from service.figures.following import EVERY_SECONDS as FIGURES_SECONDS
from service.figures.following import Follower as FigureFollower
from service.imports.working import CLEAR_SECONDS, ImportWork, clear_away
from service.imports.working import EVERY_SECONDS as IMPORT_SECONDS
from service.limits.counting import CLEAR_SECONDS as LIMITS_CLEAR_SECONDS
from service.limits.counting import clear_full
from service.packlist.following import EVERY_SECONDS as PACKLIST_SECONDS
from service.packlist.following import follow as follow_packlist
from service.packlist.pasting import CLEAR_SECONDS as LISTS_CLEAR_SECONDS
from service.packlist.pasting import forget_old as forget_lists
from service.people.tidying import EVERY_SECONDS as TIDY_SECONDS
from service.people.tidying import tidy_people
from service.recording.mapping import keep_map
from service.recording.recorder import Recorder
from service.reported.reading import FORGET_SECONDS as REPORTS_FORGET_SECONDS
from service.reported.reading import forget_old as forget_reports
from service.scans.noting import FORGET_SECONDS, forget_old
from service.verification.selfcheck import EVERY_SECONDS, SelfCheck
from service.webhooks.working import CLEAR_SECONDS as WEBHOOKS_CLEAR_SECONDS
from service.webhooks.working import EVERY_SECONDS as WEBHOOK_SECONDS
from service.webhooks.working import WebhookWork
from service.webhooks.working import clear_away as clear_webhooks
from service.witnessing.rounds import PACE_SECONDS
from service.witnessing.submission import Submission


def chores_of(recorder: Recorder, chores: Chores) -> tuple[Chore, ...]:
    """The chores of a served register. Long ones look at `chores.stopping`; `chores.tell` is for what fails apart."""
    register = recorder.register
    figures = FigureFollower(register)
    return (
        Chore("map", register.settings.map_seconds / 4, lambda: keep_map(register)),
        Chore("witness-submission", PACE_SECONDS, Submission(register, chores.tell).work),
        Chore("verification", EVERY_SECONDS, SelfCheck(register, chores.stopping).work),
        Chore("imports", IMPORT_SECONDS, ImportWork(register, chores.stopping).work),
        Chore("readings", COLLECT_SECONDS, lambda: collect_readings(register)),
        Chore("readings-pruned", PRUNE_SECONDS, lambda: prune_readings(register)),
        Chore("limits-cleared", LIMITS_CLEAR_SECONDS, lambda: clear_full(register.settings)),
        Chore("sightings-forgotten", FORGET_SECONDS, lambda: forget_old(register)),
        Chore("reports-forgotten", REPORTS_FORGET_SECONDS, lambda: forget_reports(register)),
        Chore("imports-cleared", CLEAR_SECONDS, lambda: clear_away(register)),
        Chore("webhooks", WEBHOOK_SECONDS, WebhookWork(register, chores.stopping, chores.tell).work),
        Chore("webhooks-cleared", WEBHOOKS_CLEAR_SECONDS, lambda: clear_webhooks(register)),
        Chore("packlist", PACKLIST_SECONDS, lambda: follow_packlist(register, chores.stopping)),
        Chore("lists-cleared", LISTS_CLEAR_SECONDS, lambda: forget_lists(register)),
        Chore("figures", FIGURES_SECONDS, lambda: figures.work(chores.stopping)),
        Chore("people-tidied", TIDY_SECONDS, lambda: tidy_people(register)),
    )
