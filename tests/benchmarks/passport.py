"""The passport of a battery: read as its maker and as the public, and written in each format.

Server time inside the application, and the use-cases alone, without a network. The floor is what the same answer costs
when it is in memory: one JSON document encoded.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from api.app import create_app
from service.domain.passport.tiers import ALL
from service.domain.rules_use import date_in_china
from service.passports.formats.exporting import Format, export_passport
from service.passports.formats.registry import registry_record
from service.passports.formats.rows import Profile
from service.passports.publishing import author_of_model, hand_in, publish
from service.passports.reading import read_passport
from tests.benchmarks.figures import Figure, each_ms, figure
from tests.service.passports.contents import content
from tests.service.passports.market import BASE_URL, MAKER, PACK, Market, open_market

GROUP = "Battery passport (SQLite)"
TARGET_MS = 10.0
STEPS = 30
"""Reports of health in the battery's life."""


def run(*, quick: bool) -> Iterator[Figure]:
    """Milliseconds each: reading, writing each format, and the whole request."""
    count = 20 if quick else 300
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name, open_market(Path(name) / "data") as market:
        _tell_a_life(market)
        register = market.register
        today = date_in_china(register.clock())
        read = _read(market, count)
        yield figure(GROUP, f"read with all parts, {STEPS} reports of health", read, "ms", target=TARGET_MS)
        passport = read_passport(register, PACK, audiences=ALL)
        for form in Format:

            def make(_: int, form: Format = form) -> object:
                return export_passport(passport, form, Profile.LAUNCH, base_url=BASE_URL, today=today)

            filled = export_passport(passport, form, Profile.LAUNCH, base_url=BASE_URL, today=today)
            floor = figure(GROUP, "encoded", each_ms(lambda _, it=filled: orjson.dumps(it.document), count=count), "ms")
            beside = {"beside": floor.value, "beside_name": "the JSON alone"}
            yield figure(GROUP, f"{form.value} from a passport read", each_ms(make, count=count), "ms", **beside)
        record = each_ms(lambda _: registry_record(passport, BASE_URL, None), count=count)
        yield figure(GROUP, "registry record from a passport read", record, "ms")
        yield from _requests(market, count)


def _read(market: Market, count: int) -> tuple[float, ...]:
    def read(_: int) -> object:
        return read_passport(market.register, PACK, audiences=ALL)

    each_ms(read, count=5)
    return each_ms(read, count=count)


def _requests(market: Market, count: int) -> Iterator[Figure]:
    client = create_app(market.register, market.recorder).test_client()
    for form in Format:
        for reader in ("public", MAKER):
            headers = {} if reader == "public" else market.bearer(reader)

            def get(_: int, form: Format = form, headers: dict[str, str] = headers) -> None:
                answer = client.get(f"/v1/batteries/{PACK}/passport?format={form.value}", headers=headers)
                assert answer.status_code == 200, answer.text

            each_ms(get, count=5)
            who = "the public" if reader == "public" else "its maker"
            yield figure(GROUP, f"GET in {form.value}, {who}", each_ms(get, count=count), "ms", target=TARGET_MS)


def _tell_a_life(market: Market) -> None:
    author = author_of_model(market.register, "CQ-150", MAKER)
    publish(market.recorder, hand_in(market.register, author, content()), operator=MAKER)
    for cycles in range(STEPS):
        market.clock.move(minutes=1)
        market.must(MAKER, "report_soh", PACK, full_cycles=cycles)
