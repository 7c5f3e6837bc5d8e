"""Where more about a battery is to be had, as rows: the link types of the GS1 Web Vocabulary and what each leads to.

A row whose path is the battery's own page is answered in place. Any other leads to an address of this register, which
`linkType` in an address sends a client on to: the path is made of the row and of the registered code, never of the
request, and never leads to another host.

Sources: GS1-Conformant Resolver Standard 1.2: 2.5 (every link has a target, a type and a title), 2.5.8 (one default
link), 2.6.2 (a type that is asked for and not there is not found), 2.10 (linkset), 2.14 (namespace), 3 (description
file); RFC 9264; RFC 8288.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from api.language import LANGUAGES, Catalogue
from api.pages.facts import Facts
from api.pages.negotiation import Form
from service.domain.identifiers.digital_link import DigitalLink, format_path
from service.domain.words import Level

VOCABULARY = "https://ref.gs1.org/voc/"
_SPELLINGS = (VOCABULARY, "https://gs1.org/voc/", "http://gs1.org/voc/", "https://www.gs1.org/voc/", "gs1:")
CONTEXT = "https://ref.gs1.org/standards/resolver/linkset-context"
"""Makes JSON-LD of a linkset. Source: GS1-Conformant Resolver Standard 1.2, 2.10."""
_PAGE = "/b/{code}"
_PASSPORT = "/v1/batteries/{code}/passport"
_HISTORY = "/v1/batteries/{code}/history"
_EVENTS = "/epcis/events?MATCH_anyEPC={epc}"


class LinkType(NamedTuple):
    """One row. media: what the target answers in. levels: of the batteries that have such a link."""

    name: str
    path: str
    media: str
    en: str
    zh: str
    levels: frozenset[Level] = frozenset(Level)

    @property
    def in_place(self) -> Form | None:
        """The form of the battery's own address that this link is, if it is one."""
        return Form(self.media) if self.path == _PAGE else None


_WITH_PASSPORT = frozenset({Level.PACK})

LINK_TYPES: tuple[LinkType, ...] = (
    LinkType("pip", _PAGE, Form.HTML, "What this battery is", "电池基本信息"),
    LinkType("masterData", _PAGE, Form.JSON, "Facts for programs", "供程序读取的信息"),
    LinkType("safetyInfo", _PAGE, Form.HTML, "Hazards and extinguishing agent", "危险说明与灭火剂"),
    LinkType("traceability", _HISTORY, Form.JSON, "What happened to it, with proofs", "经历及证明"),
    LinkType("epcis", _EVENTS, Form.JSON, "Its events as EPCIS 2.0", "EPCIS 2.0事件"),
    LinkType("dpp", _PASSPORT, Form.JSON, "Battery passport", "电池护照", _WITH_PASSPORT),
    LinkType("certificationInfo", _PASSPORT, Form.JSON, "Declaration of conformity", "符合性声明", _WITH_PASSPORT),
    LinkType("sustainabilityInfo", _PASSPORT, Form.JSON, "Recycled content", "再生材料含量", _WITH_PASSPORT),
    LinkType("recyclingInfo", _PASSPORT, Form.JSON, "Returning and recycling it", "回收信息", _WITH_PASSPORT),
    LinkType("instructions", _PASSPORT, Form.JSON, "Instructions", "使用说明", _WITH_PASSPORT),
)
"""The first row is the default link."""


def find_link(asked: str, facts: Facts) -> LinkType | None:
    """The link of this type that the battery has: `gs1:pip`, or the address of the term, in any of its spellings."""
    name = next((asked[len(each) :] for each in _SPELLINGS if asked.startswith(each)), None)
    if name == "defaultLink":
        return LINK_TYPES[0]
    return next((row for row in links_of(facts) if row.name == name), None)


def links_of(facts: Facts) -> tuple[LinkType, ...]:
    """The links that the battery has."""
    return tuple(row for row in LINK_TYPES if facts.state.level in row.levels)


def target(row: LinkType, facts: Facts, base_url: str) -> str:
    """The path that a link leads to, with its query: an address of this register."""
    code = quote(facts.code.text, safe="")
    epc = gs1_address(base_url, facts) or f"{base_url}/b/{code}"
    return row.path.format(code=code, epc=quote(epc, safe=""))


def linkset_document(facts: Facts, base_url: str, say: Catalogue) -> dict[str, Any]:
    """All links as JSON. Source: RFC 9264, 4.2; languages in two letters, as GS1's schema of a linkset wants them."""
    links: dict[str, list[Mapping[str, object]]] = {}
    for row in links_of(facts):
        link = {"href": base_url + target(row, facts, base_url), "title": say.pick(row.en, row.zh), "type": row.media}
        links.setdefault(VOCABULARY + row.name, []).append(_in_languages(row, link))
    first = LINK_TYPES[0]
    default = {"href": base_url + target(first, facts, base_url), "title": say.pick(first.en, first.zh)}
    anchor = gs1_address(base_url, facts) or base_url + target(first, facts, base_url)
    level = facts.state.level
    description = f"{say.pick(level.en, level.zh)} {facts.code.text}"
    return {"linkset": [{"anchor": anchor, "description": description, f"{VOCABULARY}defaultLink": [default], **links}]}


def link_header(facts: Facts, base_url: str) -> str:
    """The Link header of every form of the answer. Source: RFC 8288; RFC 9264, 7.1 (rel=linkset)."""
    address = f"{base_url}/b/{quote(facts.code.text, safe='')}"
    links = [f'<{address}>; rel="canonical"']
    for row in links_of(facts):
        if row.name in ("pip", "traceability", "dpp"):
            links.append(
                f'<{base_url}{target(row, facts, base_url)}>; rel="{VOCABULARY}{row.name}"; type="{row.media}"'
            )
    links.append(f'<{address}?linkType=linkset>; rel="linkset"; type="{Form.LINKSET}"')
    return ", ".join(links)


def context_link() -> str:
    """The Link header that lets a reader take a linkset for JSON-LD."""
    return f'<{CONTEXT}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'


def gs1_address(base_url: str, facts: Facts) -> str | None:
    """The Digital Link of the battery, where it has a GTIN."""
    if facts.gs1 is None:
        return None
    gtin, serial = facts.gs1
    return base_url + format_path(DigitalLink("01", gtin, (("21", serial),)))


def description_file(base_url: str, authority: str) -> dict[str, object]:
    """What `/.well-known/gs1resolver` says. Source: GS1-Conformant Resolver Standard 1.2, 3, and its JSON schema."""
    return {
        "name": "PackTrail 电池履历",
        "resolverRoot": base_url,
        "supportedPrimaryKeys": ["01", "8004"],
        "supportedLinkType": [{"namespace": VOCABULARY, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
        "contact": {"fn": authority},
        "jsonLdContextLocation": CONTEXT,
    }


def _in_languages(row: LinkType, link: Mapping[str, object]) -> Mapping[str, object]:
    """The page speaks both languages; JSON has words for programs."""
    return {**link, "hreflang": list(LANGUAGES)} if row.media == Form.HTML else link
