"""Importing files through `packtrail import`, as an operator does: read, mapped, signed, judged and on the disk.

Rows are registrations, installations (two restricted values each) and reports of health (three), from CSV and XLSX.
Memory is what all processes of the command hold together, shared pages counted once.
"""

import csv
import io
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from service.domain.vin import vin_check_digit
from tests.benchmarks.figures import Figure, figure
from tests.needs import ROOT
from tests.service.town import StillClock, found_town

GROUP = "Import through packtrail import, SQLite, two processes (rows/s)"
MEMORY = "Memory of an import, all its processes (MB)"
MAKER, MOTORS = "cq-cells", "cq-motors"
REGISTER = (
    "电池编码",
    "发生时间",
    "型号",
    "质量（千克）",
    "额定容量（毫安时）",
    "额定能量（瓦时）",
    "生产日期",
    "生产厂",
)
INSTALL = ("Battery code", "Occurred at", "Vehicle (VIN)", "Odometer")
HEALTH = ("subjects", "occurred_at", "soce_ppm", "remaining_capacity_mah", "full_cycles", "method")
WHENS = ("2026-05-01T05:00:00.000Z", "2026-05-01T06:00:00.000Z", "2026-05-01T07:00:00.000Z")
Table = tuple[Sequence[str], Iterator[Sequence[str]]]


@dataclass
class Ran:
    """One import. seconds: from the command's start to its end. megabytes: the most it held at once."""

    seconds: float
    megabytes: float


def run(*, quick: bool) -> Iterator[Figure]:
    """The three kinds in CSV, registrations in XLSX, and a file of a million rows."""
    count = 500 if quick else 50_000
    for name, make, suffix in (
        ("registrations, CSV", registrations, "csv"),
        ("registrations, XLSX", registrations, "xlsx"),
        ("installations, 2 restricted values, CSV", installations, "csv"),
        ("reports of health, 3 restricted values, CSV", reports, "csv"),
    ):
        runs = tuple(count / _fresh(make, count, suffix).seconds for _ in range(1 if quick else 3))
        yield figure(GROUP, f"{name}, {count:,} rows", runs, "/s", target=5_000.0)
    many = 2_000 if quick else 1_000_000
    ran = _fresh(registrations, many, "csv")
    yield figure(GROUP, f"registrations, CSV, {many:,} rows", (many / ran.seconds,), "/s", target=5_000.0)
    yield figure(MEMORY, f"registrations, CSV, {many:,} rows", (ran.megabytes,), "MB", target=300.0)


def registrations(count: int) -> Table:
    rest = (WHENS[0], "CQ-150", "300.5", "150000", "52000", "2026-02-26", "重庆两江工厂")
    return REGISTER, ((pack(n), *rest) for n in range(1, count + 1))


def installations(count: int) -> Table:
    return INSTALL, ((pack(n), WHENS[1], vin(n), "12") for n in range(1, count + 1))


def reports(count: int) -> Table:
    return HEALTH, ((pack(n), WHENS[2], "990000", "148000", str(n % 50), "bms") for n in range(1, count + 1))


def pack(number: int) -> str:
    return f"001PE12ABCDEFGG2T{number:07d}"


def vin(number: int) -> str:
    text = f"LSVAA49J0{number:08d}"
    return text[:8] + vin_check_digit(text) + text[9:]


def write_csv(file: Path, table: Table) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(table[0])
        writer.writerows(table[1])


def write_xlsx(file: Path, table: Table) -> None:
    """With numbers as numbers and texts as shared texts, as spreadsheets write them."""
    texts: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(
            "xl/workbook.xml",
            '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
            '<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        relation = '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>'
        archive.writestr("xl/_rels/workbook.xml.rels", relation)
        with archive.open("xl/worksheets/sheet1.xml", "w") as raw, io.TextIOWrapper(raw, "utf-8") as sheet:
            sheet.write("<worksheet><sheetData>")
            for number, row in enumerate([table[0], *table[1]], 1):
                cells = (_cell(number, at, text, texts) for at, text in enumerate(row))
                sheet.write(f'<row r="{number}">{"".join(cells)}</row>')
            sheet.write("</sheetData></worksheet>")
        shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
        archive.writestr("xl/sharedStrings.xml", f"<sst>{shared}</sst>")


def _cell(row: int, column: int, text: str, texts: dict[str, int]) -> str:
    place = f"{chr(65 + column)}{row}"
    if row > 1 and text.replace(".", "", 1).isdigit() and len(text) < 15:
        return f'<c r="{place}"><v>{text}</v></c>'
    return f'<c r="{place}" t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'


def _fresh(make: object, count: int, suffix: str) -> Ran:
    """Import the rows into a register that has what they need, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name:
        folder = Path(name)
        found_town(folder / "data", StillClock()).close()
        steps = [(registrations, "register", MAKER)]
        if make is not registrations:
            steps.append((installations, "install", MOTORS))
        if make is reports:
            steps.append((reports, "report_soh", MOTORS))
        for table, kind, operator in steps:
            file = folder / f"{kind}.{suffix}"
            (write_xlsx if suffix == "xlsx" else write_csv)(file, table(count))
            ran = import_file(folder / "data", file, kind, operator)
        return ran


def import_file(data: Path, file: Path, kind: str, operator: str) -> Ran:
    """Run the command. Raises RuntimeError where a row was not recorded."""
    command = [sys.executable, "-m", "api.cli", "import", str(file), "--kind", kind, "--as", operator]
    begun = time.perf_counter()
    process = subprocess.Popen([*command, "--data", str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    peak = [0]
    watcher = threading.Thread(target=_watch, args=(process, peak))
    watcher.start()
    told, _ = process.communicate()
    seconds = time.perf_counter() - begun
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"the import ended with {process.returncode}: {told}")
    return Ran(seconds, peak[0] / 1024)


def _watch(process: "subprocess.Popen[str]", peak: list[int]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(_kilobytes(pid) for pid in _tree(process.pid)))
        time.sleep(0.2)


def _tree(pid: int) -> list[int]:
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            children = (task / "children").read_text().split()
            found += [below for child in children for below in _tree(int(child))]
    return found


def _kilobytes(pid: int) -> int:
    """Proportional set size: each shared page is divided among those that share it."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
