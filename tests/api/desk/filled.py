"""What stands in the boxes of a page, as a browser would send it."""

from html.parser import HTMLParser


def boxes_of_page(html: str) -> dict[str, str]:
    """By name: of texts, choices, boxes that are ticked and what is hidden, without the token of the form."""
    reader = _Reader()
    reader.feed(html)
    reader.found.pop("csrf_token", None)
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag in ("select", "textarea"):
            self._inside = name
            self.found[name] = ""
        elif tag == "option" and "selected" in given:
            self.found[self._inside] = value
        elif tag == "input" and name and (given.get("type") != "checkbox" or "checked" in given):
            self.found[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside and self.lasttag == "textarea":
            self.found[self._inside] += data
