"""How soon a phone shows something on a slow line: 1.6 Mbit/s down, 150 ms there and back, nothing kept.

A real browser without windows, slowed by its own means. What is measured is the first contentful paint as the browser
tells it; the floor is that of an answer of a few bytes on the same line.
"""

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.figures import Figure, figure
from tests.browsers import find_shell
from tests.pages.life import PACK
from tests.pages.phones import Hall, open_hall

GROUP = "First contentful paint on a phone at 1.6 Mbit/s, 150 ms, nothing kept"
TARGET_MS = 1_000.0
LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
"""Bytes a second."""
FLOOR = "/healthz"
PAGES = {
    "/b/CODE": f"/b/{PACK}",
    "/w": "/w",
    "/w/b/CODE": f"/w/b/{PACK}",
    "/w/b/CODE/report_soh": f"/w/b/{PACK}/report_soh",
    "/w/batch": "/w/batch",
    "/w/queue": "/w/queue",
}
PAINTED = """() => new Promise((resolve) => new PerformanceObserver((list) => {
  const [paint] = list.getEntriesByName("first-contentful-paint");
  if (paint) resolve(paint.startTime);
}).observe({ type: "paint", buffered: true }))"""


def run(*, quick: bool) -> Iterator[Figure]:
    """Milliseconds each. Nothing where there is no browser."""
    shell, count = find_shell(), 1 if quick else 5
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    if shell is None:
        return
    with (
        tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name,
        open_hall(Path(name) / "register") as hall,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shell, args=["--no-sandbox"])
        floor = figure(GROUP, "a few bytes", tuple(_paint(browser, hall, FLOOR) for _ in range(count)), "ms")
        beside = {"beside": floor.value, "beside_name": "a few bytes", "target": TARGET_MS}
        for shown, path in list(PAGES.items())[: 2 if quick else None]:
            found = tuple(_paint(browser, hall, path) for _ in range(count))
            yield figure(GROUP, shown, found, "ms", **beside)
        browser.close()


def _paint(browser: Browser, hall: Hall, path: str) -> float:
    """Of a phone that was never here before."""
    phone = hall.phone(browser, "cq-repair", service_workers="block")
    page = phone.new_page()
    phone.new_cdp_session(page).send("Network.emulateNetworkConditions", LINE)
    page.goto(f"{hall.address}{path}", wait_until="commit")
    painted = float(page.evaluate(PAINTED))
    phone.close()
    return painted
