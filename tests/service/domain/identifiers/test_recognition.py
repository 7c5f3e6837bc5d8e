"""Whatever somebody types, pastes or scans is recognised, or it is said why not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.domain.errors import InvalidCode
from service.domain.gbt34014 import parse_code
from service.domain.identifiers.digital_link import DigitalLink, format_path
from service.domain.identifiers.folding import fold
from service.domain.identifiers.recognition import LONGEST, Form, Scheme, identify, suggest
from tests.service.domain.identifiers.written import GLN, GTIN, anything, links

CODE = "001PE12ABCDEFGG2T0000001"
DIGITS = str.maketrans("OQIL", "0011")
FULL_WIDTH = "".join(chr(ord(each) + 0xFEE0) for each in CODE)


@pytest.mark.parametrize(
    ("text", "scheme", "value", "form"),
    [
        (CODE, Scheme.CODE, CODE, Form.PLAIN),
        ("001PE12G2T0000001RP", Scheme.CODE, "001PE12G2T0000001RP", Form.PLAIN),
        (f"https://id.example.cn/b/{CODE}", Scheme.CODE, CODE, Form.ADDRESS),
        (f"HTTPS://ID.EXAMPLE.CN/B/{CODE}", Scheme.CODE, CODE, Form.ADDRESS),
        (f"https://x.cn/base/b/{CODE}?lang=en", Scheme.CODE, CODE, Form.ADDRESS),
        (f"https://x.cn/01/{GTIN}/21/ABC", Scheme.ITEM, f"{GTIN}/ABC", Form.DIGITAL_LINK),
        (f"https://x.cn/s/01/{GTIN}/21/ABC?17=290101", Scheme.ITEM, f"{GTIN}/ABC", Form.DIGITAL_LINK),
        (f"/01/{GTIN}/21/ABC", Scheme.ITEM, f"{GTIN}/ABC", Form.DIGITAL_LINK),
        (f"/01/{GTIN}/10/LOT", Scheme.LOT, f"{GTIN}/LOT", Form.DIGITAL_LINK),
        (f"/01/{GTIN}", Scheme.TRADE_ITEM, GTIN, Form.DIGITAL_LINK),
        ("/8004/9521234A7", Scheme.ASSET, "9521234A7", Form.DIGITAL_LINK),
        (f"/414/{GLN}", Scheme.PLACE, GLN, Form.DIGITAL_LINK),
        (f"/414/{GLN}/254/x", Scheme.PLACE, f"{GLN}/x", Form.DIGITAL_LINK),
        (f"/417/{GLN}", Scheme.PARTY, GLN, Form.DIGITAL_LINK),
        (f"(01){GTIN}(21)ABC", Scheme.ITEM, f"{GTIN}/ABC", Form.ELEMENT_STRING),
        (f"]d201{GTIN}21ABC", Scheme.ITEM, f"{GTIN}/ABC", Form.ELEMENT_STRING),
        (f"01{GTIN}21ABC", Scheme.ITEM, f"{GTIN}/ABC", Form.ELEMENT_STRING),
        (f"{GTIN}/ABC", Scheme.ITEM, f"{GTIN}/ABC", Form.PLAIN),
        (GLN, Scheme.TRADE_ITEM, GTIN, Form.PLAIN),
        ("LSVAU2A34N2183294", Scheme.VEHICLE, "LSVAU2A34N2183294", Form.PLAIN),
        ("91350100M000100Y43", Scheme.ORGANISATION, "91350100M000100Y43", Form.PLAIN),
        ("https://id.maker.example/p/7", Scheme.LINK, "https://id.maker.example/p/7", Form.ADDRESS),
    ],
)
def test_every_scheme_is_recognised(text: str, scheme: Scheme, value: str, form: Form) -> None:
    found = identify(text)
    assert (found.scheme, found.value, found.form, found.exact) == (scheme, value, form, True)


@pytest.mark.parametrize(
    "text",
    [CODE.lower(), FULL_WIDTH, " ".join(CODE), "-".join((CODE[:12], CODE[12:])), f"\u3000{CODE}\u200b", f"{CODE}\n"],
    ids=["lower case", "full width", "blanks", "hyphen", "wide blank", "line feed"],
)
def test_a_folded_code_is_found_and_is_not_exact(text: str) -> None:
    found = identify(text)
    assert (found.value, found.exact) == (CODE, False)
    with pytest.raises(InvalidCode):
        parse_code(text)


@given(links)
def test_a_digital_link_on_any_host_names_the_same_thing(link: DigitalLink) -> None:
    found = identify(f"https://id.example.cn{format_path(link)}")
    assert found.link == link
    assert identify(format_path(link)).value == found.value


@given(
    anything
    | st.text(max_size=40).map(lambda text: "https://" + text)
    | st.text("0123456789ABCDEFGHIJKLP", max_size=26)
)
def test_any_text_is_recognised_or_refused_at_a_place_in_it(text: str) -> None:
    try:
        found = identify(text)
    except InvalidCode as error:
        assert error.position is None or 0 <= error.position <= len(text)
        assert error.reason_en
        assert error.reason_zh
    else:
        assert found.value
    assert isinstance(suggest(text), tuple)


def test_a_text_without_end_is_refused_unread() -> None:
    with pytest.raises(InvalidCode, match="no name has more"):
        identify("A" * (LONGEST + 1))


@pytest.mark.parametrize(
    ("text", "position"),
    [
        (CODE[:4] + "X" + CODE[5:], 4),
        ("001 pe12 abcdefg g2i 0000001", 19),
        (f"https://x.cn/b/{CODE[:4]}X{CODE[5:]}", 19),
        (f"https://x.cn/01/{GTIN[:-1]}4/21/A", 29),
        (f"{GTIN}/AB C", 17),
    ],
)
def test_a_fault_is_told_at_its_place_in_the_text_as_it_was_given(text: str, position: int) -> None:
    with pytest.raises(InvalidCode) as caught:
        identify(text)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("OO1PE12ABCDEFGG2TOOOOOO1", CODE),
        ("001PE12ABCDEFGG2T000000I", CODE),
        ("001pe12abcdefgg2t000000l", CODE),
        ("LSVAU2A34N2I83294", "LSVAU2A34N2183294"),
        ("9I350100MO00100Y43", "91350100M000100Y43"),
        ("O9521234OOOO13", GTIN),
    ],
)
def test_characters_that_look_alike_are_suggested(typed: str, meant: str) -> None:
    assert meant in suggest(typed)


@example("010000110101100I0")
@given(st.text("0O1IQLA", min_size=24, max_size=24) | st.text("0O1I", min_size=17, max_size=19))
def test_a_suggestion_is_valid_and_differs_in_look_alike_characters_only(text: str) -> None:
    for each in suggest(text):
        assert each != text
        assert each.translate(str.maketrans("OQILoil", "0011011")) == text.translate(
            str.maketrans("OQILoil", "0011011")
        )
        assert identify(each).exact


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text)
    assert len(once.text) == len(once.origins)
    assert fold(once.text).text == once.text
