"""Recognising whatever somebody types, pastes or scans: which scheme it is of, and its value in that scheme.

An address of any host is looked at for a battery code behind `/b/`, then for a Digital Link, and is an identification
link otherwise. A text that begins with brackets or carries FNC1 is an element string. Everything else is told by its
shape: 24 or 19 characters are a battery code, 17 a VIN, 18 a credit code, 8 to 14 digits a GTIN. What has the shape of
nothing is read as a battery code, since that is what people mostly hold in hand, and the error says what is wrong.

Texts are folded first (`folding`), so this is for search and never for registration. Total: any text gives an
Identified or InvalidCode, whose position counts in the text as it was given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from service.domain.errors import InvalidCode
from service.domain.gbt34014 import PLACES, parse_code
from service.domain.gs1 import parse_gtin, parse_serial
from service.domain.identifiers.digital_link import DigitalLink, key_position, parse_path
from service.domain.identifiers.element_string import looks_raw, parse_element_string
from service.domain.identifiers.folding import Folded, fold, look_alikes, narrow
from service.domain.identifiers.identification_link import parse_identification_link
from service.domain.uscc import parse_uscc
from service.domain.vin import parse_vin
from service.domain.words import Word

LONGEST = 1000
GTIN_LENGTHS = (8, 12, 13, 14)

T = TypeVar("T")

_SCHEME = re.compile(r"https?://", re.IGNORECASE | re.ASCII)
_GTIN_SERIAL = re.compile(r"([0-9]{14})/([^/]+)", re.ASCII)
_CODE_PATH = re.compile(r"/[bB]/([^/]*)\Z")


class Scheme(Word):
    """What a name is a name of."""

    CODE = "gbt34014", "battery code", "电池编码"
    ITEM = "gtin_serial", "GTIN and serial number", "GTIN与序列号"
    LOT = "gtin_lot", "GTIN and lot", "GTIN与批号"
    TRADE_ITEM = "gtin", "GTIN", "全球贸易项目代码"
    ASSET = "giai", "individual asset (GIAI)", "单项资产代码"
    PLACE = "gln", "place (GLN)", "位置代码"
    PARTY = "party_gln", "party (GLN)", "参与方代码"
    VEHICLE = "vin", "VIN", "车架号"
    ORGANISATION = "uscc", "unified social credit code", "统一社会信用代码"
    LINK = "identification_link", "identification link", "标识链接"


class Form(Word):
    """How it was written."""

    PLAIN = "plain", "plain text", "文本"
    ADDRESS = "address", "address", "网址"
    DIGITAL_LINK = "digital_link", "GS1 Digital Link", "GS1数字链接"
    ELEMENT_STRING = "element_string", "GS1 element string", "GS1单元数据串"


@dataclass(frozen=True, slots=True)
class Identified:
    """value: in the scheme's own spelling; GTIN and serial number or lot are joined by a slash.

    exact: the text was written as registration would take it. link: the GS1 keys, where it is of GS1.
    """

    scheme: Scheme
    value: str
    form: Form
    exact: bool
    link: DigitalLink | None = None


def identify(text: str) -> Identified:
    """What `text` names. Raises InvalidCode."""
    if len(text) > LONGEST:
        raise InvalidCode(f"no name has more than {LONGEST} characters", f"任何标识都不超过{LONGEST}个字符")
    given = narrow(text)
    if _SCHEME.match(given):
        return _address(given, text)
    if given.startswith("/"):
        return _path(given, 0, exact=given == text)
    if given.startswith("(") or looks_raw(given):
        return _element_string(given, text)
    joined = _GTIN_SERIAL.fullmatch(given)
    if joined:
        link = DigitalLink("01", parse_gtin(joined[1]), (("21", _behind(parse_serial, joined[2], 15)),))
        return _of_link(link, Form.PLAIN, exact=given == text)
    return _plain(text)


def suggest(text: str) -> tuple[str, ...]:
    """What was meant if look-alike characters were mistaken for each other: names of a valid form, nearest first.

    Empty for addresses and element strings, and where nothing of the kind would be valid.
    """
    folded = fold(text[:LONGEST]).text
    parse = _PARSERS.get(len(folded))
    return look_alikes(folded, parse) if parse else ()


def _element_string(given: str, text: str) -> Identified:
    """An element string; without a mark, what reads as one to its GTIN may still be a VIN of digits."""
    try:
        return _of_link(parse_element_string(given), Form.ELEMENT_STRING, exact=given == text)
    except InvalidCode as error:
        try:
            return _plain(text)
        except InvalidCode:
            raise error from None


def _address(given: str, text: str) -> Identified:
    try:
        path = urlsplit(given).path
    except ValueError:
        raise InvalidCode("not an address", "不是有效地址", 0) from None
    start = given.find(path, given.find("//") + 2) if path else len(given)
    code = _CODE_PATH.search(path)
    at = key_position(path)
    if code is not None or at is not None:
        return _path(path if code else path[at:], start if code else start + (at or 0), exact=given == text)
    return Identified(Scheme.LINK, parse_identification_link(given), Form.ADDRESS, exact=given == text)


def _path(path: str, start: int, *, exact: bool) -> Identified:
    """A path that names a battery by its code, or is a Digital Link; it begins at `start` of the whole address."""
    code = _CODE_PATH.search(path)
    if code is None:
        return _of_link(_behind(parse_path, path, start), Form.DIGITAL_LINK, exact=exact)
    told = unquote(code[1])
    folded = fold(told)
    read = _told_at(folded, told, start + code.start(1))
    return Identified(Scheme.CODE, read, Form.ADDRESS, exact=exact and folded.text == told)


def _of_link(link: DigitalLink, form: Form, *, exact: bool) -> Identified:
    elements = link.elements
    if "10" in elements:
        return Identified(Scheme.LOT, f"{link.value}/{elements['10']}", form, exact, link)
    if "21" in elements:
        return Identified(Scheme.ITEM, f"{link.value}/{elements['21']}", form, exact, link)
    if "254" in elements:
        return Identified(Scheme.PLACE, f"{link.value}/{elements['254']}", form, exact, link)
    return Identified(_SCHEMES[link.key], link.value, form, exact, link)


_SCHEMES = {"01": Scheme.TRADE_ITEM, "8004": Scheme.ASSET, "414": Scheme.PLACE, "417": Scheme.PARTY}


def _plain(text: str) -> Identified:
    folded = fold(text)
    name, exact = folded.text, folded.text == text
    if len(name) not in PLACES:
        for scheme, parse in ((Scheme.VEHICLE, _vin), (Scheme.ORGANISATION, parse_uscc), (Scheme.TRADE_ITEM, _gtin)):
            try:
                return Identified(scheme, parse(name), Form.PLAIN, exact)
            except InvalidCode:
                continue
    return Identified(Scheme.CODE, _told_at(folded, text, 0), Form.PLAIN, exact)


def _told_at(folded: Folded, told: str, start: int) -> str:
    """The battery code of a folded text. A fault is told at its place in `told`, which begins at `start`."""
    try:
        return parse_code(folded.text).text
    except InvalidCode as error:
        position = folded.unfolded(error.position, len(told))
        position = None if position is None else start + position
        raise InvalidCode(error.reason_en, error.reason_zh, position) from None


def _behind(parse: Callable[[str], T], value: str, start: int) -> T:
    try:
        return parse(value)
    except InvalidCode as error:
        position = None if error.position is None else start + error.position
        raise InvalidCode(error.reason_en, error.reason_zh, position) from None


def _vin(text: str) -> str:
    """A VIN with or without check digit: European makers need not fill it."""
    return parse_vin(text, checked=False)


def _gtin(text: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits, as 14."""
    if len(text) not in GTIN_LENGTHS:
        raise InvalidCode("a GTIN has 8, 12, 13 or 14 digits", "GTIN为8、12、13或14位数字")
    return _behind(parse_gtin, text.zfill(14), len(text) - 14)


_PARSERS: dict[int, Callable[[str], object]] = {
    24: parse_code,
    19: parse_code,
    17: parse_vin,
    18: parse_uscc,
    **dict.fromkeys(GTIN_LENGTHS, _gtin),
}
"""By the length of a folded text, what it would have to be."""
