"""R-21: a phone that captures records without a network, over a bad one, in tabs that die, signed out and in again."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, expect, sync_playwright

from ledger.entry import parse_entry
from service.people.accounts import Invited
from service.people.acts import By
from service.people.entering import make_person
from service.people.roles import PersonRole
from service.work import Register
from tests.browsers import find_shell
from tests.gate import Gate, gate_before
from tests.pages.phones import know_the_shell, stored
from tests.scene import MAKER, Scene, Server, running_server, set_scene
from tests.torture.verdict import Verdict, require

KIND = "load_bms_software"
LOGIN = "phone.one"
PATIENCE_MS = 30_000


@dataclass
class Phone:
    """A browser on a gate, and what may happen to either. `page` is the tab in use."""

    context: BrowserContext
    page: Page
    gate: Gate
    server: Server
    password: str
    tabs_lost: int = 0

    def sign_in(self) -> None:
        self.page.goto(f"{self.gate.address}/login?lang=en")
        self.page.get_by_label("Login").fill(LOGIN)
        self.page.get_by_label("Password").fill(self.password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/desk*")

    def sign_out(self) -> None:
        self.page.goto(f"{self.gate.address}/w?lang=en")
        self.page.get_by_role("button", name="Sign out").click()
        self.page.wait_for_url("**/login*")

    def be_known(self) -> None:
        """Have the pages kept that open offline, with the forms."""
        know_the_shell(self.page, self.gate.address)

    def capture(self, codes: list[str]) -> None:
        """Say that software was loaded into these, on the page for many batteries."""
        page = self.page
        page.goto(f"{self.gate.address}/w/batch")
        expect(page.locator("[data-scan-open]")).to_be_visible()  # the script is there
        page.locator("[name=codes]").fill("\n".join(codes))
        page.locator("[name=kind]").select_option(KIND)
        page.locator("form#batch button[value=look]").click()
        page.locator("[name=software_version]").fill("4.2")
        page.locator("[name=software_maker]").fill("Test cells")
        if self.gate.shut:
            page.locator("select[name=reset_used]").select_option("false")
        else:
            page.locator("[name=reset_used][value=false]").check()
        page.locator(f"form[data-kind={KIND}] button").first.click()
        page.wait_for_url("**/w/queue*")

    def go_offline(self, offline: bool) -> None:
        self.gate.shut = offline
        self.context.set_offline(offline)

    def open_tab(self) -> None:
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)

    def lose_tab(self) -> None:
        """The tab is closed without being asked, perhaps while it is sending."""
        dying = self.page
        self.open_tab()
        dying.close(run_before_unload=False)
        self.tabs_lost += 1

    def crash_tab(self) -> None:
        """The tab's process dies, perhaps while it is sending; the browser lives on."""
        dying = self.page
        self.open_tab()
        with dying.expect_event("crash"), suppress(Error):  # there is nobody left to answer
            dying.goto("chrome://crash")
        self.tabs_lost += 1

    def send_all(self) -> None:
        """Press until nothing waits."""
        self.page.goto(f"{self.gate.address}/w/queue")
        expect(self.page.locator("[data-sum=waiting]")).to_have_text("0", timeout=PATIENCE_MS)
        expect(self.page.locator("[data-sum=sending]")).to_have_text("0", timeout=PATIENCE_MS)


def scan_offline(events: int, seed: int) -> Verdict:
    """Capture so many records, in groups with a misfortune each, and look what the register has in the end."""
    with tempfile.TemporaryDirectory() as folder:
        scene = set_scene(Path(folder) / "register", packs=events)
        password = _enrol(scene)
        with (
            running_server(scene, workers=1) as server,
            gate_before(server.port, seed) as gate,
            _phone(folder) as context,
        ):
            phone = Phone(context, context.pages[0], gate, server, password)
            phone.sign_in()
            phone.be_known()
            size = max(1, events // 50, 8)
            groups = [list(scene.packs[at : at + size]) for at in range(0, events, size)]
            for codes, misfortune in zip(groups, cycle(MISFORTUNES), strict=False):
                misfortune(phone, codes)
            gate.loses = 0.2
            phone.send_all()
            kept = [(each["id"], each["state"], each.get("index", -1)) for each in stored(phone.page, "done")]
            counts = {"captured": events, "tabs lost": phone.tabs_lost, "answers lost": gate.lost}
        return _compare(scene, kept, counts)


def offline(phone: Phone, codes: list[str]) -> None:
    """No network at all while they are captured, and the page is loaded again."""
    phone.go_offline(True)
    phone.capture(codes)
    phone.page.reload()
    phone.go_offline(False)


def unheard(phone: Phone, codes: list[str]) -> None:
    """Every second answer is lost, and two tabs send."""
    phone.gate.loses = 0.5
    phone.capture(codes)
    other = phone.context.new_page()
    other.goto(f"{phone.gate.address}/w/queue")
    other.locator("[data-send]").click()
    other.close()
    phone.gate.loses = 0.1


def killed(phone: Phone, codes: list[str]) -> None:
    """The tab dies as soon as they are captured."""
    phone.capture(codes)
    phone.lose_tab()


def crashed(phone: Phone, codes: list[str]) -> None:
    """The tab's process dies as soon as they are captured."""
    phone.capture(codes)
    phone.crash_tab()


def signed_out(phone: Phone, codes: list[str]) -> None:
    """Captured without a network, signed out, signed in again."""
    phone.go_offline(True)
    phone.capture(codes)
    phone.go_offline(False)
    phone.sign_out()
    phone.sign_in()


def restarted(phone: Phone, codes: list[str]) -> None:
    """The server dies while they are sent, and comes again."""
    phone.capture(codes)
    phone.server.kill_all()
    phone.server.start()


MISFORTUNES = (offline, unheard, crashed, signed_out, restarted, killed)


@contextmanager
def _phone(folder: str) -> Iterator[BrowserContext]:
    options: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            f"{folder}/browser", executable_path=find_shell(), args=["--no-sandbox"], locale="en-GB", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        yield context
        context.close()


def _enrol(scene: Scene) -> str:
    """A person of the maker, and the password."""
    register = Register(scene.settings)
    with register.write_beside() as connection:
        by = By("", register.clock())
        _, password = make_person(connection, Invited(MAKER, LOGIN, "Phone", PersonRole.RECORDER), by)
    register.close()
    return password


def _compare(scene: Scene, kept: list[tuple[str, str, int]], counts: dict[str, int]) -> Verdict:
    register = Register(scene.settings)
    with register.read() as reader:
        entries = [parse_entry(entry) for entry in reader.entries(0, reader.size())]
    register.close()
    reports = {at: entry.event for at, entry in enumerate(entries) if entry.event.type == KIND}
    times = Counter(code for event in reports.values() for code in event.subjects)
    return Verdict({}) + require(
        counts | {"recorded": len(reports), "receipts": len(kept)},
        every_record_arrived=set(times) == set(scene.packs),
        none_arrived_twice=set(times.values()) == {1},
        every_receipt_is_of_its_entry={(each.id, "recorded", at) for at, each in reports.items()} == set(kept),
        answers_were_lost=counts["answers lost"] > 0,
    )
