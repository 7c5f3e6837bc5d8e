"""The address: both forms, its shortest spelling, and what is refused."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.errors import LabelError, LinkError
from labels.link import MAX_LINK, battery_link, digital_link, hosts_of, shortest

CODE = "04QPB76836300JGC40000903"
GTIN = "09521234543213"
SERIAL_SET = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


def test_a_battery_link_is_the_base_the_letter_b_and_the_code() -> None:
    assert battery_link("https://id.example.cn", CODE) == f"https://id.example.cn/b/{CODE}"
    assert battery_link("https://id.example.cn/", CODE) == f"https://id.example.cn/b/{CODE}"
    assert battery_link("http://127.0.0.1:8000/register/", CODE) == f"http://127.0.0.1:8000/register/b/{CODE}"


def test_a_digital_link_encodes_what_an_address_gives_a_meaning_to() -> None:
    assert digital_link("https://id.example.cn", GTIN, "A-1_b.9") == f"https://id.example.cn/01/{GTIN}/21/A-1_b.9"
    assert digital_link("https://id.example.cn", GTIN, "a/b?c%#"[:6]).endswith("/21/a%2Fb%3Fc%25")


@given(st.text(SERIAL_SET, min_size=1, max_size=20).filter(lambda serial: serial not in (".", "..")))
def test_every_serial_of_the_gs1_set_comes_back_out_of_its_digital_link(serial: str) -> None:
    link = digital_link("https://id.example.cn", GTIN, serial)
    segments = urlsplit(link).path.split("/")
    assert segments[:4] == ["", "01", GTIN, "21"]
    assert [unquote(segment) for segment in segments[4:]] == [serial]


@pytest.mark.parametrize(
    ("gtin", "serial"),
    [
        ("09521234543214", "A"),
        ("9521234543213", "A"),
        ("0952123454321٣", "A"),
        (GTIN, ""),
        (GTIN, "A" * 21),
        (GTIN, "A B"),
        (GTIN, "电池"),
        (GTIN, "A\n"),
        (GTIN, "A#"),
        (GTIN, "."),
        (GTIN, ".."),
        (None, "A"),
        (GTIN, None),
    ],
)
def test_a_digital_link_of_unsound_parts_is_refused(gtin: str, serial: str) -> None:
    with pytest.raises(LinkError):
        digital_link("https://id.example.cn", gtin, serial)


def test_the_right_check_digit_is_named() -> None:
    with pytest.raises(LinkError, match="should be 3"):
        digital_link("https://id.example.cn", "09521234543214", "A")


@pytest.mark.parametrize(
    "base",
    [
        "",
        "id.example.cn",
        "ftp://id.example.cn",
        "javascript://id.example.cn",
        "https://",
        "https://id.example.cn?x=1",
        "https://id.example.cn?",
        "https://id.example.cn#top",
        "https://id.example.cn@evil.example",
        "https://id.example.cn\\@evil.example",
        "https://id.example.cn/a b",
        "https://id.example.cn/a\n",
        "https://id.example.cn/../x",
        "https://id.example.cn/%2e%2E/x",
        "https://id.example.cn/%zz",
        "https://id.example.cn//x",
        "https://电池.example.cn",
        "https://-bad.example",
        "https://bad_name.example",
        "https://id.example.cn:0",
        "https://id.example.cn:",
        "https://id.example.cn:99999",
        "https://[::1",
        "https://[::zz]",
        "https://[1.2.3.4]",
        "https://" + "a" * 64 + ".cn",
        "https://id.example.cn/" + "a" * 255,
        "https://id.example.cn/" + "a" * 215,
        None,
        b"https://id.example.cn",
    ],
)
def test_an_unsound_base_address_is_refused(base: str) -> None:
    with pytest.raises(LinkError):
        battery_link(base, CODE)


@pytest.mark.parametrize("code", ["", "abc", "04QP B768", "04QP/..", "电池", "A" * 49, "A\n", None, 7])
def test_an_unsound_code_is_refused(code: str) -> None:
    with pytest.raises(LinkError):
        battery_link("https://id.example.cn", code)


@given(st.text(max_size=60))
def test_any_text_gives_a_value_or_a_label_error(anything: str) -> None:
    for attempt in (
        lambda: battery_link(anything, CODE),
        lambda: battery_link("https://" + anything, CODE),
        lambda: digital_link("https://a.cn", anything, anything),
        lambda: shortest(anything),
        lambda: shortest("https://" + anything),
        lambda: hosts_of("http://" + anything),
    ):
        try:
            attempt()
        except LabelError:
            continue


def test_a_link_has_at_most_255_characters() -> None:
    base = "https://id.example.cn/"
    fits = base + "a" * (MAX_LINK - len(base) - len("/b/") - len(CODE))
    assert len(battery_link(fits, CODE)) == MAX_LINK
    with pytest.raises(LinkError, match="256"):
        battery_link(fits + "a", CODE)


def test_the_shortest_spelling_is_in_capitals_where_that_is_the_same_address() -> None:
    assert shortest(f"https://id.example.cn/b/{CODE}") == f"HTTPS://ID.EXAMPLE.CN/B/{CODE}"
    assert shortest(f"http://127.0.0.1:8000/b/{CODE}") == f"HTTP://127.0.0.1:8000/B/{CODE}"
    assert shortest(f"https://id.example.cn/R1/b/{CODE}") == f"HTTPS://ID.EXAMPLE.CN/R1/B/{CODE}"
    assert shortest(f"https://id.example.cn/01/{GTIN}/21/AB%2F1") == f"HTTPS://ID.EXAMPLE.CN/01/{GTIN}/21/AB%2F1"


@pytest.mark.parametrize(
    "link",
    [
        f"https://id.example.cn/register/b/{CODE}",
        f"https://id.example.cn/b/{CODE}?a=1",
        f"https://id.example.cn/b/{CODE}?",
        f"https://id.example.cn/b/{CODE}#x",
        "https://id.example.cn/b/lower",
        "https://id.example.cn/b",
        "https://id.example.cn/b/",
        f"https://id.example.cn/01/{GTIN}/21/abc",
        f"https://id.example.cn/01/{GTIN}/21/A_B",
        f"https://[::1]/b/{CODE}",
    ],
)
def test_an_address_whose_meaning_capitals_could_change_is_kept(link: str) -> None:
    assert shortest(link) == link


def test_the_shortest_spelling_is_a_fixed_point() -> None:
    once = shortest(f"https://id.example.cn/b/{CODE}")
    assert shortest(once) == once


def test_the_hosts_of_a_link_are_what_the_browser_shows() -> None:
    assert hosts_of("HTTPS://ID.Example.CN:8443/B/X") == ("id.example.cn", "id.example.cn:8443")
