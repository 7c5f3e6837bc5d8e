"""The data points in sections that people read and fill in together, in the order of Annex XIII.

A section is a run of numbers of the same part, so that all of it is for the same readers. Which clause a single data
point has stands in `datapoints`.
"""

from __future__ import annotations

from typing import NamedTuple

from service.domain.passport.datapoints import DATA_POINTS, DataPoint
from service.domain.passport.tiers import Tier


class Section(NamedTuple):
    """One row: data points `first` to `last`. key: its name in addresses. place: where the law asks for them."""

    key: str
    first: int
    last: int
    en: str
    zh: str
    place: str

    @property
    def rows(self) -> tuple[DataPoint, ...]:
        return tuple(DATA_POINTS[nr] for nr in range(self.first, self.last + 1))

    @property
    def tier(self) -> Tier:
        return DATA_POINTS[self.first].tier


_ROWS = (
    Section("identity", 1, 12, "Battery and manufacturer", "电池与制造商", "Art. 77(3), VI A(1)–(7)"),
    Section("materials", 13, 16, "Hazardous substances and critical raw materials", "有害物质与关键原材料",
            "VI A(8)–(10)"),
    Section("footprint", 17, 19, "Carbon footprint and responsible sourcing", "碳足迹与负责任采购", "XIII 1(c), (d)"),
    Section("recycled", 20, 24, "Recycled and renewable content", "再生材料与可再生材料占比", "XIII 1(e), (f)"),
    Section("electrical", 25, 30, "Voltage and power", "电压与功率", "XIII 1(g)–(i)"),
    Section("lifetime", 31, 39, "Expected lifetime, efficiency and resistance", "预期寿命、效率与内阻",
            "XIII 1(j)–(p)"),
    Section("marks", 40, 44, "Marks and documents", "标志与文件", "XIII 1(q)–(t)"),
    Section("composition", 45, 49, "Composition, spare parts and dismantling", "组成、备件与拆解", "XIII 2"),
    Section("tests", 50, 50, "Test reports", "检测报告", "XIII 3"),
    Section("performance", 51, 60, "Performance and durability", "性能与耐久性", "XIII 4(a)"),
    Section("condition", 61, 66, "Present condition", "当前状况", "XIII 4(b)"),
    Section("use", 67, 71, "Status and use", "状态与使用", "XIII 4(c), (d)"),
)  # fmt: skip

SECTIONS: dict[str, Section] = {row.key: row for row in _ROWS}


def section_of(nr: int) -> Section:
    """The section of a data point."""
    return next(row for row in _ROWS if row.first <= nr <= row.last)
