"""My day: what the organisation recorded today, counted by action, listed, and as a file."""

from collections import Counter
from collections.abc import Iterator, Sequence

from flask.typing import ResponseReturnValue

from api.auth import RECORDER
from api.desk.files import answer_table
from api.desk.opening import desk_routes, person_caller
from api.edge import current_register
from api.pages.answers import visit_of_request
from api.routes import Terms
from api.workshop.opening import PATH, battery_path, show_phone
from api.workshop.words import kind_title
from ledger.entry import format_time
from service.domain.events import KINDS
from service.domain.rules_use import date_in_china
from service.exports.stamp import stamp_of
from service.workshop.own_work import Done, Walk, day_of

routes = desk_routes("workshop day")

LISTED = 100
HEADER = ("entry", "action", "action_zh", "action_en", "batteries", "occurred_at", "received_at", "event_id")


@routes.get(f"{PATH}/day", Terms(RECORDER, "What the organisation recorded today"))
def show_day() -> ResponseReturnValue:
    today, say = _today(), visit_of_request(current_register()).say
    counts = Counter(done.kind for done in today.done)
    return show_phone(
        "w/day.html",
        day=date_in_china(current_register().clock()).isoformat(),
        today=today,
        counts=[(kind_title(kind, say), count) for kind, count in counts.most_common()],
        batteries=len({code for done in today.done for code in done.codes}),
        rows=[(done, kind_title(done.kind, say)) for done in today.done[:LISTED]],
        path=battery_path,
        most=LISTED,
    )


@routes.get(f"{PATH}/day.csv", Terms(RECORDER, "The same as a file"))
def download_day() -> ResponseReturnValue:
    register, operator = current_register(), person_caller().operator
    day = date_in_china(register.clock()).isoformat()
    with register.read() as reader:
        today = day_of(reader, operator, register.clock())
        stamp = stamp_of(reader, "day", {"operator": operator, "day": day, "from_entry": str(today.reached)})
    return answer_table(f"{operator}-{day}", stamp, HEADER, _rows(today.done))


def _today() -> Walk:
    register = current_register()
    with register.read() as reader:
        return day_of(reader, person_caller().operator, register.clock())


def _rows(done: Sequence[Done]) -> Iterator[Sequence[str | int]]:
    for each in done:
        titles = KINDS[each.kind].title_zh, KINDS[each.kind].title_en
        times = format_time(each.occurred_at), format_time(each.at)
        yield (each.index, each.kind, *titles, " ".join(each.codes), *times, each.id)
