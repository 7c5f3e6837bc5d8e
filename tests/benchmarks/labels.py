"""Labels: the code alone, one label in each form, and sheets.

The floor is the plainest picture of the same code that the library qrcode makes: no text, no size, no check.
"""

from collections.abc import Callable, Iterator
from io import BytesIO
from statistics import median

import qrcode
from qrcode.constants import ERROR_CORRECT_Q

from labels import datamatrix, label, png, qr
from labels.sheet import sheet_pdf
from tests.benchmarks.figures import Figure, each_ms, figure

GROUP = "Labels"
LINK = "HTTPS://ID.EXAMPLE.CN/B/{code}"


def run(*, quick: bool) -> Iterator[Figure]:
    """Milliseconds each; sheets of 24 labels in pages a second, with and without the QR matrices."""
    count = 3 if quick else 30
    p1 = label.find_template("P1")
    one = _text(1)
    link = LINK.format(code=one.code)
    forms: dict[str, Callable[[int], object]] = {
        "QR matrix, best mask": lambda n: qr.matrix(LINK.format(code=_code(n)), "Q"),
        "QR matrix, fixed mask": lambda n: qr.matrix(LINK.format(code=_code(n)), "Q", mask=3),
        "Data Matrix": lambda n: datamatrix.data_matrix(LINK.format(code=_code(n))),
        "QR as PNG, 300 dpi": lambda _: png.qr_png(link, dpi=300, x_mm=0.8),
        "label P1 as SVG": lambda _: label.render_svg(link, one, p1),
        "label P1 as PNG, 300 dpi": lambda _: label.render_png(link, one, p1, dpi=300),
        "label P1 as PDF": lambda _: label.render_pdf(link, one, p1),
    }
    plain = median(each_ms(lambda n: _plain_png(LINK.format(code=_code(n))), count=count))
    for name, work in forms.items():
        runs = each_ms(work, count=count)
        yield figure(GROUP, name, runs, "ms", beside=plain, beside_name="PNG by qrcode alone")
    pages = 2 if quick else 100
    sheet = [(LINK.format(code=_code(n)), _text(n)) for n in range(24 * pages)]
    runs = tuple(1000 * pages / each for each in each_ms(lambda _: sheet_pdf(sheet), count=1 if quick else 3))
    yield figure(GROUP, f"sheets of 24 labels, {pages} pages, everything included", runs, "pages/s")


def _plain_png(link: str) -> bytes:
    picture = BytesIO()
    qrcode.make(link, error_correction=ERROR_CORRECT_Q).save(picture)
    return picture.getvalue()


def _code(number: int) -> str:
    return f"001PE12ABCDEFGG2T{number + 1:07d}"


def _text(number: int) -> label.LabelText:
    return label.LabelText(
        code=_code(number),
        host="id.example.cn",
        maker_zh="示例动力电池",
        maker_en="Example Power Battery",
        model="EX-52",
        chemistry_zh="三元锂离子",
        chemistry_en="Li-ion NMC",
        rating="150 Ah · 52.5 kWh · 412 kg",
        made_on="2026-02-26",
    )
