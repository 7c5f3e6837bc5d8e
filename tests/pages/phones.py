"""A phone in a browser: signed in for an organisation of the story, on a server with the clock of today."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from api.app import create_app
from api.session_cookie import SESSION
from service.people import sessions
from service.people.accounts import Invited
from service.people.acts import By
from service.people.entering import make_person
from service.people.roles import PersonRole
from service.recording.recorder import Recorder
from service.work import Register
from tests.pages.life import settings_of, whole_story

SHELL = """async (path) => {
  for (;;) {
    const cache = await caches.open("packtrail-pages");
    if (await cache.match(path)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""
FORMS = """async () => {
  const ask = () => new Promise((resolve) => {
    const opened = indexedDB.open("packtrail-w");
    opened.onsuccess = () => {
      const asked = opened.result.transaction("known").objectStore("known").get("forms");
      asked.onsuccess = () => { opened.result.close(); resolve(asked.result); };
    };
  });
  while (!(await ask())) await new Promise((resolve) => setTimeout(resolve, 50));
}"""
STORED = """([store, key, change]) => new Promise((resolve) => {
  const opened = indexedDB.open("packtrail-w");
  opened.onsuccess = () => {
    const place = opened.result.transaction(store, "readwrite").objectStore(store);
    const asked = key === null ? place.getAll() : place.get(key);
    asked.onsuccess = () => {
      if (change) place.put({ ...asked.result, ...change }, key);
      opened.result.close();
      resolve(asked.result);
    };
  };
})"""


@dataclass(frozen=True)
class Hall:
    """A register that is served, and the cookies of one recorder for each organisation."""

    address: str
    register: Register
    cookies: dict[str, str]

    def phone(self, browser: Browser, operator: str, **more: Any) -> BrowserContext:
        """A phone on which somebody of `operator` is signed in."""
        options: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
        context = browser.new_context(**(options | {"locale": "en-GB"} | more))
        self.sign_in(context, operator)
        return context

    def sign_in(self, context: BrowserContext, operator: str) -> None:
        secure = self.address.replace("http:", "https:")
        cookie = {"name": SESSION, "value": self.cookies[operator], "url": secure, "secure": True, "httpOnly": True}
        context.add_cookies([cookie | {"sameSite": "Lax"}])  # type: ignore[list-item]


@contextmanager
def open_hall(folder: Path, database_url: str = "") -> Iterator[Hall]:
    """The whole story, served today."""
    whole_story(folder, database_url).register.close()
    register, cookies = Register(settings_of(folder, database_url)), {}
    for operator in ("cq-repair", "cq-motors"):
        with register.write_beside() as connection:
            now = register.clock()
            invited = Invited(operator, f"{operator}.1", "陈工", PersonRole.RECORDER)
            person, _ = make_person(connection, invited, By("", now))
            cookies[operator] = sessions.begin(connection, person.id, sessions.FULL, now=now)
    server = make_server("127.0.0.1", 0, create_app(register, Recorder(register)), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Hall(f"http://127.0.0.1:{server.port}", register, cookies)
    server.shutdown()
    thread.join()
    register.close()


def know_the_shell(page: Page, address: str) -> None:
    """Have the pages kept that open without a network, and what is known offline."""
    page.goto(f"{address}/w")
    for path in ("/w", "/w/batch", "/w/queue", "/w/offline"):
        page.evaluate(SHELL, path)
    page.evaluate(FORMS)


def stored(page: Page, store: str, key: str | None = None, **change: object) -> Any:
    """What the phone keeps in a store: all of it, or what stands under `key`, which may be changed."""
    return page.evaluate(STORED, [store, key, change or None])
