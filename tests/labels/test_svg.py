"""The SVG: its path is the QR code, its text is text, and nothing in it runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from PIL import Image

from labels.label import TEMPLATES, LabelText, Template, draw_label, render_svg
from labels.svg import qr_svg

SVG = "{http://www.w3.org/2000/svg}"
EVERY = pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)


def modules_of(root: Element, size: int) -> list[bytearray]:
    (path,) = root.iter(f"{SVG}path")
    rows = [bytearray(size) for _ in range(size)]
    steps = path.attrib["d"]
    pattern = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")
    assert pattern.sub("", steps) == ""
    for x, y, out, back in (map(int, found) for found in pattern.findall(steps)):
        assert out == back
        rows[y][x : x + out] = b"\x01" * out
    return rows


@EVERY
def test_the_path_is_the_qr_code_and_decodes(
    template: Template, text: LabelText, link: str, decode: Callable[[Image.Image], list[str]]
) -> None:
    root = fromstring(render_svg(link, text, template))
    expected = draw_label(link, text, template).matrix
    rows = modules_of(root, expected.size)
    assert tuple(map(bytes, rows)) == expected.rows
    image = Image.new("L", (expected.size + 8, expected.size + 8), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            image.putpixel((x + 4, y + 4), 0 if dark else 255)
    assert decode(image.resize((image.width * 5, image.height * 5), Image.Resampling.NEAREST)) == [link.upper()]


@EVERY
def test_sizes_are_in_millimetres(template: Template, text: LabelText, link: str) -> None:
    root = fromstring(render_svg(link, text, template))
    assert root.attrib["width"] == f"{template.width_mm:g}mm"
    assert root.attrib["height"] == f"{template.height_mm:g}mm"
    assert root.attrib["viewBox"] == f"0 0 {template.width_mm:g} {template.height_mm:g}"
    (path,) = root.iter(f"{SVG}path")
    corner = f"{draw_label(link, text, template).corner_mm:g}"
    assert path.attrib["transform"] == f"translate({corner} {corner}) scale({template.module_mm:g})"


def test_the_words_can_be_selected_and_the_whole_is_described(text: LabelText, link: str) -> None:
    root = fromstring(render_svg(link, text, TEMPLATES["P1"]))
    words = [element.text for element in root.iter(f"{SVG}text")]
    assert "重庆示例动力电池有限公司" in words
    assert "".join(word or "" for word in words if word in text.groups) == text.code
    assert root.findtext(f"{SVG}title") == f"重庆示例动力电池有限公司 {text.code}"
    assert "磷酸铁锂" in (root.findtext(f"{SVG}desc") or "")


def test_hostile_words_stay_words(text: LabelText, link: str) -> None:
    hostile = "</text><script>alert(1)</script>&amp;]]>\"'<!--"
    data = render_svg(link, replace(text, maker_zh=hostile, model=hostile, rating="<a href='x'>"), TEMPLATES["P1"])
    root = fromstring(data)
    kinds = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert kinds == {"svg", "title", "desc", "rect", "path", "text"}
    assert any((element.text or "").startswith("</text><script>") for element in root.iter(f"{SVG}text"))
    assert hostile in (root.findtext(f"{SVG}title") or "")


def test_nothing_needs_a_permission_of_the_page(text: LabelText, link: str) -> None:
    data = render_svg(link, text, TEMPLATES["P1"]).decode()
    for forbidden in ("<style", "style=", "<script", "href", "url(", "<image", "<foreignObject", "onload", "<!"):
        assert forbidden not in data


def test_the_same_label_is_the_same_file(text: LabelText, link: str) -> None:
    assert render_svg(link, text, TEMPLATES["M1"]) == render_svg(link, text, TEMPLATES["M1"])


def test_the_code_alone_has_its_quiet_zone_and_escapes_its_description() -> None:
    root = fromstring(qr_svg("https://id.example.cn/?a=1&b=<2>", x_mm=0.5, mask=0))
    size = round(float(root.attrib["width"].removesuffix("mm")) / 0.5) - 8
    (path,) = root.iter(f"{SVG}path")
    assert path.attrib["transform"] == "translate(2 2) scale(0.5)"
    assert size % 4 == 1
    assert root.findtext(f"{SVG}desc") == "https://id.example.cn/?a=1&b=<2>"
