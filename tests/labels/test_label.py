"""One label in every format, as its callers use it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from labels.errors import LabelError
from labels.label import TEMPLATES, LabelText, Template, render_pdf, render_png, render_svg, render_zpl
from labels.link import battery_link, digital_link

FORMATS: list[Callable[[str, LabelText, Template], bytes]] = [render_svg, render_png, render_pdf, render_zpl]


@pytest.mark.parametrize("render", FORMATS)
def test_no_format_draws_a_label_that_contradicts_its_code(
    render: Callable[[str, LabelText, Template], bytes], text: LabelText, link: str
) -> None:
    with pytest.raises(LabelError, match="leads to"):
        render(link, replace(text, host="id.example.com"), TEMPLATES["P1"])
    with pytest.raises(LabelError, match="leads to"):
        render(link, replace(text, code=text.code[::-1]), TEMPLATES["P1"])


@pytest.mark.parametrize("render", FORMATS)
def test_no_format_draws_what_does_not_fit(
    render: Callable[[str, LabelText, Template], bytes], text: LabelText
) -> None:
    with pytest.raises(LabelError, match="does not fit label M1"):
        render(battery_link("https://id.example.cn/" + "x" * 150, text.code), text, TEMPLATES["M1"])


@pytest.mark.parametrize("render", FORMATS)
def test_a_digital_link_is_drawn_too(render: Callable[[str, LabelText, Template], bytes], text: LabelText) -> None:
    assert render(digital_link("https://id.example.cn", "09521234543213", "36300JGC40000903"), text, TEMPLATES["P2"])


def test_many_threads_draw_the_same_label_as_one(text: LabelText, link: str) -> None:
    expected = render_png(link, text, TEMPLATES["M1"], 203)
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: render_png(link, text, TEMPLATES["M1"], 203), range(40)))
    assert set(drawn) == {expected}
