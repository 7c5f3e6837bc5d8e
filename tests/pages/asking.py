"""Short ways to ask for a page and to read one."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote_to_bytes

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
VOID = {"meta", "link", "input", "br", "img", "path", "circle", "rect"}


def get(client: FlaskClient, path: str, accept: str = BROWSER, language: str = "zh-CN", **more: Any) -> TestResponse:
    return client.get(path, headers={"Accept": accept, "Accept-Language": language} | more.pop("headers", {}), **more)


def get_raw(client: FlaskClient, target: str, accept: str = BROWSER) -> TestResponse:
    """Ask for a request target exactly as written, with the environment a WSGI server makes of it."""
    path, _, query = target.partition("?")
    if "://" in path:
        path = "/" + path.split("/", 3)[3]
    decoded = unquote_to_bytes(path).decode("latin-1")
    environment = {"PATH_INFO": decoded, "QUERY_STRING": query, "RAW_URI": target, "REQUEST_URI": target}
    return client.get("/", headers={"Accept": accept}, environ_overrides=environment)


class Page(HTMLParser):
    """What a page says: its text, its tags with their attributes, and the languages its text is in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.spoken: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = []
        self.feed(html)
        assert self._open == [], "every tag is closed"

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self._open.append((tag, attributes.get("lang") or (self._open[-1][1] if self._open else "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open and self._open[-1][0] == tag, f"</{tag}> closes {self._open[-1:]}"
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] not in {"title"}:
            self.words.append(data)
            self.spoken.append((self._open[-1][1], data))


def read(response: TestResponse) -> Page:
    return Page(response.get_data(as_text=True))
