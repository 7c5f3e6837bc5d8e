"""Templates: the header of a file for each content, in English, Chinese, or the fields' own names. As CSV and as XLSX.

A star stands after what every row needs. Of lists the first element is there; further ones are further columns, with 2
for 1. The columns of an XLSX template are formatted as text, so that codes keep their zeros.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from service.domain.events import KINDS, fields_of
from service.domain.fields import FieldSpec
from service.domain.units import DISPLAYS
from service.imports.columns import MEMBERS
from service.imports.kinds import CONTENTS, Content

LANGUAGES = ("en", "zh", "names")


def template_header(content: str, lang: str) -> list[str]:
    """The columns that a file of this content may have. Each is read as what it says."""
    row = CONTENTS[content]
    headers = [_member(name, lang, needed=needed) for name, needed in _members(row)]
    for spec in _fields(row):
        headers += [_title(steps, lang) for steps in _flat(spec)]
    return headers


def csv_template(content: str, lang: str) -> bytes:
    """The header as CSV, in UTF-8 with the mark that spreadsheets look for."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow(template_header(content, lang))
    return buffer.getvalue().encode("utf-8-sig")


def xlsx_template(content: str, lang: str) -> bytes:
    """The header as a workbook of one sheet."""
    headers = template_header(content, lang)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _parts(headers):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


def _members(content: Content) -> Iterator[tuple[str, bool]]:
    """The members of an event that have a column, and whether each row needs it."""
    if not content.kinds[0]:
        yield "type", True
    first = KINDS[content.kinds[0] or "register"]
    if first.subjects.maximum:
        yield "subjects", first.subjects.minimum > 0
    if not content.at_once:
        yield "occurred_at", content.name not in ("packs", "units")


def _fields(content: Content) -> tuple[FieldSpec, ...]:
    """The fields of the first kind. A file of events of all kinds has the columns of whatever it holds."""
    body = KINDS[content.kinds[0]].body if content.kinds[0] else None
    return fields_of(body) if body else ()


def _member(name: str, lang: str, *, needed: bool) -> str:
    own, en, zh, *_ = MEMBERS[name]
    return {"en": en, "zh": zh}.get(lang, own) + (" *" if needed and lang != "names" else "")


Steps = tuple[FieldSpec | str, ...]
SYMBOLS = {"g": "g", "mah": "mAh", "wh": "Wh", "mv": "mV", "w": "W"}
"""Of units as they are kept; those of the others are words."""


def _flat(spec: FieldSpec) -> Iterator[Steps]:
    """The columns of a field: one, or one for each part of it."""
    if spec.kind == "amounts":
        yield from ((spec, word) for word in map(str, spec.choices))
    elif spec.kind == "items":
        for below in spec.items:
            yield from ((spec, "1", *steps) for steps in _flat(below))
    else:
        yield (spec,)


def _title(steps: Steps, lang: str) -> str:
    last = next(step for step in reversed(steps) if isinstance(step, FieldSpec))
    if lang == "names":
        return ".".join(step.name if isinstance(step, FieldSpec) else step for step in steps)
    words = {word.value: word for word in last.choices} if last.kind == "amounts" else {}
    names = []
    for step in steps:
        if isinstance(step, FieldSpec):
            names.append(step.title_zh if lang == "zh" else step.title_en)
        else:
            names.append((words[step].zh if lang == "zh" else words[step].en) if step in words else step)
    star = " *" if all(step.required for step in steps if isinstance(step, FieldSpec)) and not words else ""
    unit = DISPLAYS.get(last.unit or "")
    if unit is None or not unit.places:
        return ".".join(names) + star
    named = f"（{unit.name_zh}）" if lang == "zh" else f" [{SYMBOLS.get(unit.unit, unit.name_en)}]"
    return ".".join(names) + named + star


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _parts(headers: Sequence[str]) -> Iterator[tuple[str, str]]:
    cells = "".join(f'<c s="1" t="inlineStr"><is><t>{escape(header)}</t></is></c>' for header in headers)
    columns = f'<cols><col min="1" max="{len(headers)}" width="22" style="1" customWidth="1"/></cols>'
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    )
    yield "_rels/.rels", _relations(("officeDocument", "xl/workbook.xml"))
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="PackTrail" sheetId="1" r:id="rId1"/></sheets></workbook>',
    )
    yield "xl/_rels/workbook.xml.rels", _relations(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"))
    yield (
        "xl/styles.xml",
        f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs></styleSheet>',
    )
    yield (
        "xl/worksheets/sheet1.xml",
        f'{_XML}<worksheet xmlns="{_MAIN}">{columns}<sheetData><row r="1">{cells}</row></sheetData></worksheet>',
    )


def _relations(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'
