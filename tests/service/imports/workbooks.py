"""Workbooks made by hand, part by part, so that a test says exactly what stands in them."""

import io
import zipfile
from collections.abc import Mapping, Sequence

BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">{properties}<sheets>'
    '<sheet name="hidden" sheetId="1" state="hidden" r:id="rId9"/><sheet name="packs" sheetId="2" r:id="rId1"/>'
    "</sheets></workbook>"
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>'
)
STYLES = (
    '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '<numFmt numFmtId="165" formatCode="0.00&quot;days&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/>'
    '<xf numFmtId="22"/></cellXfs>'
    "</styleSheet>"
)


def workbook(
    rows: Sequence[str],
    texts: Sequence[str] = (),
    *,
    properties: str = "",
    others: Mapping[str, bytes | str] | None = None,
) -> bytes:
    """A workbook whose sheet has these rows of XML. texts: the shared ones, as XML."""
    shared = "".join(f"<si>{text}</si>" for text in texts)
    parts: dict[str, bytes | str] = {
        "xl/workbook.xml": BOOK.format(properties=properties),
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f"<sst>{shared}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{''.join(rows)}</sheetData></worksheet>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | dict(others or {})).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def text_row(number: int, *cells: str) -> str:
    """A row of inline texts."""
    written = "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{cell}</t></is></c>' for cell in cells)
    return f'<row r="{number}">{written}</row>'
