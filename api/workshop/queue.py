"""Two pages that scripts fill from what the phone keeps: the queue, and a battery in hand without a network.

The server knows nothing of either. Both open offline, kept by the service worker.
"""

from flask.typing import ResponseReturnValue

from api.auth import RECORDER
from api.desk.opening import desk_routes
from api.routes import Terms
from api.workshop.opening import PATH, show_phone

routes = desk_routes("workshop queue")


@routes.get(f"{PATH}/queue", Terms(RECORDER, "Records that wait on this phone"))
def show_queue() -> ResponseReturnValue:
    return show_phone("w/queue.html")


@routes.get(f"{PATH}/offline", Terms(RECORDER, "What this phone knows of a battery when there is no network"))
def show_offline() -> ResponseReturnValue:
    return show_phone("w/offline.html")
