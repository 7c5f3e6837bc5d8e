"""How much a caller may ask for: each request costs units, and who has none left is answered 429.

Who shows a key pays from the bucket of the key and from that of its organisation; a person who is signed in has one in
the place of a key's. Who shows none, or a bad one, pays from the bucket of the network that the request comes from, an
IPv4 /24 or an IPv6 /64, and for looking at a battery from another one there; the log has one of its own. Proofs are
counted by the day besides. COSTS lists what costs more than one unit.

A request of the machine itself (loopback) that no proxy forwarded pays for no network. A proxy has to be named in
PACKTRAIL_TRUSTED_PROXIES, or everybody behind it is one network.

Source of the headers: draft-ietf-httpapi-ratelimit-headers-10, an expired draft. They are a courtesy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network
from math import ceil

from flask import Flask, Response, g, request

from api.edge import current_edge
from api.errors import EdgeError
from api.peer import client_address
from service.access import Caller
from service.limits.changing import LimitBook
from service.limits.counting import Counting, open_counting
from service.limits.errors import LimitReachedError
from service.limits.leases import Charge, Spending, Standing
from service.programs.generation import Generation
from service.programs.uses import Uses
from service.work import Register

COSTS = {
    ("GET", "/v1/batteries/<battery:identifier>/evidence"): 20,
    ("GET", "/v1/batteries/<battery:identifier>/genealogy"): 10,
    ("GET", "/v1/batteries/<battery:identifier>/history"): 5,
    ("GET", "/v1/batteries/<battery:identifier>/label"): 5,
    ("GET", "/v1/entries/<int:index>"): 2,
    ("GET", "/v1/duties/late"): 5,
    ("GET", "/v1/imports/<uuid:import_id>/rows"): 20,
    ("GET", "/v1/missing-batteries"): 5,
    ("GET", "/v1/recovery"): 5,
    ("GET", "/v1/reports"): 50,
    ("GET", "/log/tile/entries/<path:bundle>"): 5,
    ("GET", "/epcis/events"): 10,
    ("GET", "/epcis/queries/<query_name>/events"): 10,
    ("GET", "/epcis/<resource>/<path:word>/events"): 10,
    ("POST", "/epcis/capture"): 5,
    ("POST", "/v1/events:batch"): 5,
    ("POST", "/v1/imports"): 20,
    ("GET", "/v1/imports/<uuid:import_id>/receipts"): 20,
    ("POST", "/desk/imports"): 20,
    ("POST", "/find/photo"): 20,
    ("POST", "/check-document"): 20,
    ("POST", "/report"): 20,
}
"""Units by method and rule; of all others, 1."""
PROOFS = frozenset(
    {
        "/v1/batteries/<battery:identifier>/evidence",
        "/v1/entries/<int:index>",
        "/v1/imports/<uuid:import_id>/receipts",
    }
)
PROBLEMS = ("POST", "/report")
BATTERIES = ("/01/", "/8004/", "/b/", "/B/", "/find", "/v1/batteries", "/v1/dpps")
LOG = ("/log/checkpoint", "/log/vkeys", "/log/tile/<path:tile>", "/witness/")
EXEMPT = frozenset({"/livez", "/readyz"})
_FORWARDED = "X-Forwarded-For"


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a request of a route costs, and what it is about."""

    cost: int = 1
    is_battery: bool = False
    is_proof: bool = False
    is_log: bool = False
    is_problem: bool = False
    is_exempt: bool = False


class Limiter:
    """The limits in force, the units of this process, and what it notes of keys."""

    def __init__(self, book: LimitBook, counting: Counting) -> None:
        self._book, self.counting = book, counting
        self._spending = Spending(counting)
        self.uses = Uses(counting)

    def charge_caller(self, tariff: Tariff, caller: Caller) -> None:
        """Raises LimitReachedError."""
        operator = caller.operator
        own = caller.key_id or f"person-{caller.person}"
        charges = [
            Charge(self._book.find("key", operator), own, tariff.cost),
            Charge(self._book.find("organisation", operator), operator, tariff.cost),
        ]
        if tariff.is_proof:
            charges.append(Charge(self._book.find("proofs", operator), operator, 1))
        self._pay(charges)

    def charge_network(self, tariff: Tariff) -> None:
        """Raises LimitReachedError."""
        network = network_of(client_address(), is_forwarded=_FORWARDED in request.headers)
        if network is None:
            return
        charges = [Charge(self._book.find("log" if tariff.is_log else "address"), network, tariff.cost)]
        also = {"batteries": tariff.is_battery, "public_proofs": tariff.is_proof, "problems": tariff.is_problem}
        charges += [Charge(self._book.find(name), network, 1) for name, applies in also.items() if applies]
        self._pay(charges)

    def _pay(self, charges: Sequence[Charge]) -> None:
        standings = self._spending.spend(charges)
        g.standings = standings
        refused = [each for each in standings if each.wait]
        if refused:
            raise LimitReachedError(max(refused, key=lambda each: each.wait))


def open_limiter(register: Register, generation: Generation) -> Limiter:
    """The limiter of one process, on the counting database of its register."""
    return Limiter(LimitBook(register, generation), open_counting(register.settings))


def tariff_of(method: str, rule: str) -> Tariff:
    """What a request of this route costs."""
    return Tariff(
        COSTS.get((method, rule), 1),
        is_battery=rule.startswith(BATTERIES),
        is_proof=rule in PROOFS,
        is_log=rule.startswith(LOG),
        is_problem=(method, rule) == PROBLEMS,
        is_exempt=rule in EXEMPT,
    )


def identify_and_charge(identify: Callable[[], Caller | None], tariff: Tariff) -> Caller | None:
    """Who calls, after he has paid. Raises what `identify` raises, and LimitReachedError."""
    if tariff.is_exempt:
        return identify()
    limiter = current_edge().limiter
    try:
        g.caller = identify()  # before he pays: whoever reads the log wants to know who did not
    except EdgeError:
        limiter.charge_network(tariff)
        raise
    if g.caller is None:
        limiter.charge_network(tariff)
    else:
        limiter.charge_caller(tariff, g.caller)
    return g.caller  # type: ignore[no-any-return]


@lru_cache(maxsize=16_384)
def network_of(address: str, *, is_forwarded: bool = False) -> str | None:
    """The network that pays for an address; None for the machine itself, unless a proxy it does not know forwards."""
    if not address:
        return None
    parsed = ip_address(address)
    if parsed.is_loopback and not is_forwarded:
        return None
    return str(ip_network(f"{address}/{24 if parsed.version == 4 else 64}", strict=False))


def install(app: Flask) -> None:
    """Charge for addresses that lead nowhere, and tell callers how they stand."""

    @app.before_request
    def charge_for_nothing() -> None:
        if request.url_rule is None:
            current_edge().limiter.charge_network(Tariff())

    @app.after_request
    def tell_standing(response: Response) -> Response:
        standings: list[Standing] | None = g.get("standings")
        if standings:
            response.headers["RateLimit-Policy"] = ", ".join(_policy(each) for each in standings)
            least = min(standings, key=lambda each: each.left / each.limit.amount)
            response.headers["RateLimit"] = f'"{least.limit.name}";r={least.left};t={ceil(least.full_in)}'
        return response


def _policy(standing: Standing) -> str:
    limit = standing.limit
    return f'"{limit.name}";q={limit.amount};w={limit.seconds}'
