"""The forms by which a person keeps filters of the list of batteries, and chooses its columns."""

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from api.auth import READER
from api.desk.opening import desk_routes, field, go, person_caller
from api.desk.pack_filters import FACETS, address, filter_of
from api.desk.packs import PATH, show_list
from api.edge import current_register
from api.problems import problem_of
from api.routes import Terms
from service.errors import RefusedError
from service.packlist.views import LONGEST_NAME, Column, choose_columns, forget_filter, keep_filter

routes = desk_routes("pack views desk")


@routes.post(f"{PATH}/filters", Terms(READER, "Keep the present filter under a name"))
def keep() -> ResponseReturnValue:
    wanted, name = filter_of({each: field(each) for each in FACETS}), field("name", most=LONGEST_NAME)
    try:
        with current_register().write_beside() as connection:
            keep_filter(connection, str(person_caller().person), name, wanted)
    except RefusedError as error:
        return show_list(wanted, problem=problem_of(error))
    return redirect(address(PATH, wanted.asked()), 303)


@routes.post(f"{PATH}/filters/forget", Terms(READER, "Delete a filter that was kept"))
def forget() -> ResponseReturnValue:
    with current_register().write_beside() as connection:
        forget_filter(connection, str(person_caller().person), field("name"))
    return go(PATH)


@routes.post(f"{PATH}/columns", Terms(READER, "Choose the columns of the list and of its file"))
def choose() -> ResponseReturnValue:
    wanted = filter_of({each: field(each) for each in FACETS})
    chosen = None if field("usual") else request.form.getlist("column")[: len(Column)]
    with current_register().write_beside() as connection:
        choose_columns(connection, str(person_caller().person), chosen)
    return redirect(address(PATH, wanted.asked()), 303)
