"""Every restricted field of every event, every kind of reader, every output: nobody is shown a field outside his set.

Rows and columns are made from the product's own tables: the fields from `service.domain.restricted`, the addresses from
the routes that are there. A route or a field that is added is searched without a word here. The API is asked with keys;
the pages and files of the desk and of the workshop, which want a person, with sessions. Passports, part by part, have
the same test in tests/api/v1/test_passport_gate.py.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path
from threading import Event
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from api.routes import declarations
from ledger.entry import parse_entry
from service.access import SCOPES, make_api_key
from service.clock import wall_clock
from service.domain.reported import Reason
from service.domain.restricted import RESTRICTED, Audience
from service.exporting import export_register
from service.figures.following import Follower
from service.imports.working import ImportWork
from service.operators import enrol_operator, make_custodial_key
from service.packlist.following import follow
from service.recording.recorder import Recorder
from service.reported.noting import Problem, note_problem
from service.webhooks.choosing import Choice
from service.webhooks.messages import Place
from service.work import Register
from tests.api.checking import CHOICES
from tests.api.desk.visiting import browser_of, new_person, send
from tests.applications import app_on
from tests.journeys.test_nothing_restricted import ROLES, TOLD, given_away, tell_life
from tests.scene import set_scene
from tests.service.documents.files import picture

BUYER = TOLD["transfer_ownership"]["new_owner"]
MORE = {
    "rest-bureau": "regulator",
    "rest-union": "market_surveillance",
    "rest-recycler": "recycler",
    "rest-other-maker": "maker",
    "rest-insurer": "insurer",
    BUYER: "fleet",
}
FIELDS = {f"{kind}.{name}": row for kind, rows in RESTRICTED.items() for name, row in rows.items()}
INTEREST = {name for name, row in FIELDS.items() if row.audience is Audience.INTEREST}
OF_PASSPORTS = {name for name in INTEREST if "Annex XIII" in FIELDS[name].source}
"""What a passport takes from entries for part 4: how the battery is and was used, and nothing of people."""
SEES: dict[str, set[str]] = {
    "": set(),
    "rest-insurer": set(),
    "rest-other-maker": set(),
    "rest-union": set(),
    "rest-recycler": OF_PASSPORTS,
    BUYER: OF_PASSPORTS | {"transfer_ownership.new_owner"},
    "rest-bureau": INTEREST,
    "scene-maker": INTEREST,
}
"""The public, a stranger, another maker, an authority of the Union, one with a legitimate interest, the owner, the
regulator, and the maker, who also answers for the passports."""
OWN_NAME = ("/epcis/bizLocations", "/v1/operators")
"""The owner's pseudonym is the id of an operator here, which stands in lists of operators for what it is."""
REPORTED = {"cn2018-install": "rest-motors", "cn2018-sale": "rest-dealer", "cn2018-scrap": "rest-scrap"}
"""Duties whose reports have restricted columns, and who has to report."""
STATIC = ("/verifier", "/docs", "/static", "/apply", "/v1/openapi.json", "/v1/duties", "/problems", "/v1/datapoints")
"""What is the same whatever was told."""
ROOMS = ("/desk", "/w", "/account")
"""Where people are, and programs are not."""
PEOPLE = (*filter(None, SEES), "authority", "rest-motors")
"""Whose administrators look into ROOMS: each reader's, the authority's and those of one who told much of the life."""
OF_ONE_ROUTE = 2
"""So many addresses of a route of ROOMS are asked for, by everybody."""
PASSPORT = "/desk/<any(models, packs):kind>/<subject>/passport/"
ELSEWHERE = (
    f"{PASSPORT}publish", f"{PASSPORT}versions/<int:older>/<int:newer>", "/w/code/<version>/<path:name>", "/w/sw.js",
    "/w/offline", "/w/token", "/account/factors/app", "/w/find", "/w/photo",
)  # fmt: skip
"""Of a passport that somebody writes, which nobody does here; programs of the page, secrets of one's own, ways back to
the start: nothing of batteries."""
LINK = re.compile(rb'(?:href|src)="(/[^"?#]+)')
OFFERED = re.compile(rb"<option(?![^>]* selected)[^>]*>[^<]*</option>")
"""The words that a form of a page offers; but for the one that is chosen, they are everybody's, as CHOICES are."""


@dataclass(frozen=True)
class Town:
    """The register after the life was told, asked without a network."""

    register: Register
    client: FlaskClient
    keys: Mapping[str, str]
    packs: tuple[str, ...]
    refusals: dict[str, bytes] = field(default_factory=dict)
    made: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What was made by forms: by the name that routes have for it."""

    def ask(self, path: str, operator: str = "", accept: str = "*/*", body: object = None) -> tuple[int, bytes]:
        headers = {"Accept": accept} | ({"Authorization": f"Bearer {self.keys[operator]}"} if operator else {})
        method = "GET" if body is None else "POST"
        answer = self.client.open(path, method=method, headers=headers, json=body)
        heads = "".join(f"{name}: {value}\n" for name, value in answer.headers)
        return answer.status_code, answer.data if body is not None else heads.encode() + b"\n" + answer.data


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    scene = set_scene(tmp_path_factory.mktemp("matrix") / "var", packs=2)
    register = Register(scene.settings)
    recorder = Recorder(register)
    keys = {"scene-maker": scene.api_key}
    for operator, role in (ROLES | MORE).items():
        enrol_operator(recorder, {"operator_id": operator, "name": "经营者", "roles": [role], "region": "500112"})
        make_custodial_key(recorder, operator)
        with register.write_beside() as connection:
            keys[operator] = make_api_key(connection, operator, now=wall_clock(), scopes=SCOPES)
    made = Town(register, app_on(register, recorder).test_client(), keys, scene.packs)
    tell_life(made)  # type: ignore[arg-type]
    Follower(register).catch_up()
    follow(register, Event())
    furnish(made)
    yield made
    register.close()


def furnish(town: Town) -> None:
    """A document, a list, a webhook and an import of the maker; a report of the public; figures that were frozen."""
    [maker, bureau] = [browser(town, each) for each in ("scene-maker", "rest-bureau")]
    form = {"subject": town.packs[0], "kind": "photo", "file": (io.BytesIO(picture()), "a.jpg")}
    sent = [
        send(maker, "/desk/documents", **form),
        send(maker, "/desk/packs/lists", names=" ".join(town.packs)),
        send(maker, "/desk/webhooks", url="https://hooks.example.cn/packtrail"),
        send(bureau, "/desk/figures/freeze"),
    ]
    assert [each.status_code for each in sent[:2]] == [303, 303]
    reported = note_problem(town.register, Problem(town.packs[0], Reason.DAMAGED, "scratched", picture()))
    _imported(town, orjson.dumps({"type": "test", "subjects": list(town.packs)}), "scene-maker")

    def found(page: str, pattern: str) -> tuple[str, ...]:
        return tuple(set(re.findall(pattern, maker.get(page).text)))

    uuid = "[0-9a-f]{8}-[0-9a-f-]{27}"
    made = {
        "document_id": found("/desk/documents", f"/desk/documents/({uuid})"),
        "list_id": (sent[1].headers["Location"].rpartition("/")[2],),
        "webhook_id": found("/desk/webhooks", f"/desk/webhooks/({uuid})"),
        "import_id": found("/desk/imports", f"/desk/imports/({uuid})"),
        "digest": (sent[3].headers["Location"].rpartition("/")[2],),
        "reference": (reported,),
        "slug": ("state-of-health", "overdue", "flows"),
    }
    town.made.update(made)
    assert [name for name, ids in made.items() if not all(ids) or not ids] == []


def browser(town: Town, operator: str) -> FlaskClient:
    """Where an administrator of this operator is signed in."""
    return browser_of(town.client.application, new_person(town.register, operator=operator))


def addresses(town: Town) -> list[str]:
    """Every address that can be asked for with GET, with what is there to ask for, in all its forms."""
    with town.register.read() as reader:
        entries = [parse_entry(entry).event for entry in reader.entries(0, reader.size())]
        size = reader.size()
    fill = {
        "identifier": town.packs, "_code": town.packs, "dpp_id": town.packs, "product_id": town.packs,
        "model_id": ("T-1",), "operator": ("scene-maker", BUYER), "index": tuple(map(str, range(size))),
        "element_path": ("$.stateOfCertifiedEnergy", "$.batteryStatus"), "resource": ("epcs", "bizLocations"),
        "event_id": tuple(f"urn:uuid:{each.id}" for each in entries if each.subjects), "tile": ("0/000.p/1",),
        "bundle": (f"000.p/{size}",), "word": (f"https:%2F%2Fx%2Fb%2F{town.packs[0]}",),
        "code": town.packs, "text": town.packs, "organisation": (BUYER, "rest-motors"), **town.made,
    }  # fmt: skip
    paths = []
    for each in declarations(town.client.application):
        if each.method != "GET" or each.rule.startswith(STATIC):
            continue
        found = [each.rule]
        while any("<" in path for path in found):
            found = [filled for path in found for filled in _filled(path, fill)]
        paths += found
    forms = ("format=gefeg", "format=batterypass", "format=jsonld", "view=completeness")
    paths += [f"/v1/batteries/{code}/passport?{form}" for code in town.packs for form in forms]
    paths += [f"/v1/dpps/{code}?representation=full" for code in town.packs]
    paths += [f"/v1/batteries/{code}/label?format={form}" for code in town.packs for form in ("svg", "zpl")]
    paths += ["/epcis/events", "/epcis/events?perPage=100&eventType=ObjectEvent"]
    paths += [f"/v1/documents?subject={code}" for code in town.packs]
    paths += [f"/?q={code}" for code in town.packs]
    return sorted(set(paths))


def _filled(path: str, fill: Mapping[str, tuple[str, ...]]) -> list[str]:
    start = path.find("<")
    if start < 0:
        return [path]
    name = path[start + 1 : path.index(">")].rpartition(":")[2]
    return [path[:start] + value + path[path.index(">") + 1 :] for value in fill.get(name, ())]


def outputs(town: Town, reader: str) -> dict[str, bytes]:
    """Everything that this reader can get out of the register."""
    found = {}
    for path in addresses(town):
        if path.startswith(ROOMS) and reader not in ("", "rest-insurer"):
            continue  # no key opens them
        accepts = (
            ("text/html", "application/json", "application/ld+json") if path.startswith(("/b/", "/B/")) else ("*/*",)
        )
        for accept in accepts:
            status, data = town.ask(path, reader, accept)
            assert status < 500, (path, data)
            found[f"{path} as {accept}"] = CHOICES.sub(b"", data)
    if reader:
        for duty, operator in REPORTED.items():
            asked = f"/v1/reports?duty={duty}&from=2026-01-01&to=2026-12-31&format=json&operator={operator}"
            found[f"report {duty} of {operator}"] = town.ask(asked, reader)[1]
    for name in (TOLD["install"]["vin"], *town.packs):
        found[f"found by {name}"] = town.ask("/v1/batteries:find", reader, body={"name": name})[1].replace(
            f'"value":"{TOLD["install"]["vin"]}"'.encode(), b""
        )  # what the asker asked with
    return found


Shown = Callable[[str], Mapping[str, bytes]]


@pytest.fixture(scope="module")
def shown(town: Town) -> Shown:
    """By reader all that he gets, asked for once."""
    return cache(lambda reader: outputs(town, reader))


@pytest.fixture(scope="module")
def visited(town: Town) -> Mapping[str, Mapping[str, tuple[int, bytes]]]:
    """By reader and address what a person of that reader gets: of each address that anybody's page leads to, from all.

    At most OF_ONE_ROUTE addresses of a route.
    """
    browsers = {reader: browser(town, reader) for reader in PEOPLE}
    routes = town.client.application.url_map.bind("")
    with town.register.read() as reader:
        kinds = [(index, parse_entry(entry).event.type) for index, entry in enumerate(reader.entries(0, reader.size()))]
    todo = [f"/desk/register/{index}" for index, kind in kinds if kind == "register"]
    todo += [f"/desk/entries/{index}" for index, kind in kinds if kind == "test"]
    todo += [f"/w/done/{index}{more}" for index, kind in kinds if kind == "report_soh" for more in ("", "/again")]
    todo += [f"/desk/labels/preview?code={town.packs[0]}", "/desk/ledger/consistency.json?old=1&new=5"]
    todo += [each for each in addresses(town) if each.startswith(ROOMS)]
    found: dict[str, dict[str, tuple[int, bytes]]] = {reader: {} for reader in browsers}
    asked, seen = Counter[str](), set[str]()
    for path in todo:  # which grows
        endpoint = _endpoint(routes, path)
        if path in seen or endpoint is None or asked[endpoint] == OF_ONE_ROUTE:
            continue
        seen.add(path)
        asked[endpoint] += 1
        for reader, client in browsers.items():
            answer = client.get(path, headers={"Accept": "text/html"})
            assert answer.status_code < 500, (reader, path)
            found[reader][path] = answer.status_code, OFFERED.sub(b"", CHOICES.sub(b"", answer.data))
            todo += [each for link in LINK.findall(answer.data) if (each := unescape(link.decode())).startswith(ROOMS)]
    return found


def _endpoint(routes: Any, path: str) -> str | None:
    """The route that answers this address; None for none."""
    try:
        return str(routes.match(path.partition("?")[0])[0])
    except HTTPException:
        return None


def fields_in(shown: Mapping[str, bytes]) -> set[str]:
    """The restricted fields whose values are found there."""
    return {each.partition(" in ")[0] for each in given_away(shown)}


def test_there_is_much_to_ask(town: Town) -> None:
    asked = addresses(town)
    assert len(asked) > 150
    for path in ("history", "evidence", "passport", "genealogy", "label", ""):
        assert f"/v1/batteries/{town.packs[0]}{'/' if path else ''}{path}" in asked
    assert {path for path in asked if path.startswith("/v1/entries/")}


@pytest.mark.parametrize("reader", SEES, ids=lambda reader: reader or "the public")
def test_no_reader_gets_a_field_outside_its_set_by_any_output(shown: Shown, reader: str) -> None:
    outside = [each for each in given_away(shown(reader)) if each.partition(" in ")[0] not in SEES[reader]]
    assert [each for each in outside if not is_a_name(each)] == []


@pytest.mark.parametrize("reader", PEOPLE)
def test_no_person_gets_a_field_outside_the_set_by_any_page_or_file(visited: Any, reader: str) -> None:
    sees = SEES.get(reader, INTEREST)
    found = given_away({path: data for path, (_, data) in visited[reader].items()})
    assert [each for each in found if each.partition(" in ")[0] not in sees and not is_a_name(each)] == []


def test_the_pages_and_files_are_answered_to_somebody_and_a_good_part_of_them_to_everybody(
    town: Town, visited: Mapping[str, Mapping[str, tuple[int, bytes]]]
) -> None:
    """So that what is searched is pages and not refusals; and who may see a field finds it on one."""
    routes = town.client.application.url_map.bind("")
    answered = {
        _endpoint(routes, path) for got in visited.values() for path, (status, _) in got.items() if status == 200
    }
    there = {
        each.endpoint: each.rule
        for each in town.client.application.url_map.iter_rules()
        if each.rule.startswith(ROOMS) and "GET" in (each.methods or ()) and each.rule not in ELSEWHERE
    }
    assert sorted(rule for endpoint, rule in there.items() if endpoint not in answered) == []
    shares = {reader: sum(status == 200 for status, _ in got.values()) / len(got) for reader, got in visited.items()}
    assert min(shares.values()) > 0.2
    assert {reader for reader, share in shares.items() if share > 0.5} >= {"rest-bureau", "authority"}
    for reader in ("rest-bureau", "scene-maker"):
        pages = {path: data for path, (status, data) in visited[reader].items() if status == 200}
        assert {"test.remaining_capacity_mah", "report_soh.full_cycles", "repair.reason"} <= fields_in(pages), reader


def is_a_name(found: str) -> bool:
    """The owner's pseudonym where it stands as the id of an operator, which it is here."""
    name, _, place = found.partition(" in ")
    return name == "transfer_ownership.new_owner" and place.startswith((*OWN_NAME, "webhook", "export"))


@pytest.mark.parametrize(
    ("reader", "fields"),
    [
        ("rest-motors", INTEREST),
        ("rest-bureau", INTEREST),
        ("rest-recycler", {"test.soce_ppm", "correct.full_cycles", "report_incident.incident"}),
        (BUYER, {"test.soce_ppm", "correct.full_cycles", "report_incident.incident"}),
    ],
)
def test_who_may_see_a_field_finds_it_so_the_search_would_find_it(shown: Shown, reader: str, fields: set[str]) -> None:
    assert fields - fields_in(shown(reader)) == set()


def test_a_vehicle_is_shown_to_nobody_but_who_told_it_and_then_only_in_its_own_report(shown: Shown) -> None:
    register_only = {name for name, row in FIELDS.items() if row.audience is Audience.REGISTER}
    found = [each.partition(" in ") for each in given_away(shown("rest-motors"))]
    places = {place for name, _, place in found if name in register_only}
    assert places
    assert all(place.startswith("report ") and place.endswith(" of rest-motors") for place in places)


def test_what_is_refused_sent_or_exported_holds_no_restricted_value(town: Town, tmp_path: Path) -> None:
    """Errors as another than the teller sees them, deliveries of webhooks, results of imports, the whole register."""
    found: dict[str, bytes] = {}
    events = [
        {"type": kind, "subjects": [code], "occurred_at": "2026-04-01T01:00:00.000Z", "body": dict.fromkeys(body)}
        for code in town.packs
        for kind, body in TOLD.items()
    ]
    for event in events:
        found[f"{event['type']} refused"] = town.ask("/v1/events", "rest-insurer", body=event)[1]
    found["refused in a batch"] = town.ask("/v1/events:batch", "rest-other-maker", body=events)[1]
    found["imported"] = _imported(town, b"\n".join(map(orjson.dumps, events)), "rest-insurer")
    with town.register.read() as reader:
        for index, entry in enumerate(reader.entries(0, reader.size())):
            subjects = parse_entry(entry).event.subjects
            found[f"webhook {index}"] = (
                Place("https://x.example", "w").message(index, entry, Choice(True, subjects)).body
            )
    export_register(town.register, tmp_path / "export")
    found |= {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert len(found) > 50
    assert b"refused" in found["imported"]
    assert [each for each in given_away(found) if not is_a_name(each)] == []


def _imported(town: Town, data: bytes, operator: str) -> bytes:
    headers = {"Authorization": f"Bearer {town.keys[operator]}", "Content-Type": "application/x-ndjson"}
    path = "/v1/imports?kind=events&mode=good&again=true"
    job: dict[str, Any] = json.loads(town.client.post(path, data=data, headers=headers).data)
    ImportWork(town.register, Event()).work()
    return town.ask(f"/v1/imports/{job['id']}/rows?format=csv", operator)[1]
