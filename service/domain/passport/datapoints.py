"""The 71 data points of a battery passport as rows, and for each category what the law wants of it on a given day.

Source of the numbers, the clauses and the statuses: European Commission, "Guidance Document: Digital Batteries Passport
- data points by category", version 1.0, 28 July 2026, Ares(2026)7579758, CC-BY-4.0. The names are our own words. What
changes after that version is a row of CHANGES, never an edit.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from service.domain.passport.tiers import Tier
from service.domain.words import Category

GUIDANCE = "Commission guidance on data points, v1.0, Ares(2026)7579758"
APPLIES_FROM = date(2027, 2, 18)
"""Source: Regulation (EU) 2023/1542, Art. 77(1)."""


class Status(StrEnum):
    """What the law wants of a data point."""

    MANDATORY = "M"
    OPTIONAL = "O"
    CONDITIONAL = "C"
    PENDING = "P"
    """Not to be filled or shown until an act that is still to come says how."""
    NONE = "-"
    """Not to be filled or shown."""


class DataPoint(NamedTuple):
    """One row. element: its name in the EN 18222 interface. item: of one battery, not of its model.

    dynamic: changes while the battery lives. ev, lmt, industrial: status from APPLIES_FROM on.
    """

    nr: int
    element: str
    en: str
    zh: str
    source: str
    tier: Tier
    item: bool
    ev: Status
    lmt: Status
    industrial: Status

    @property
    def dynamic(self) -> bool:
        """Source: Annex XIII, part 4 is what is told of the individual battery as it lives."""
        return self.tier is Tier.PT4


class Change(NamedTuple):
    """A status that the law changed from a day on. Source: the act that says so."""

    nr: int
    category: Category
    since: date
    status: Status
    source: str


CHANGES: tuple[Change, ...] = ()


def _row(nr: int, element: str, names: tuple[str, str], where: str, statuses: str) -> DataPoint:
    """where: clause and, after a slash, "item" where the value belongs to one battery."""
    clause, _, level = where.partition("/")
    part = clause.removeprefix("XIII ")[0] if clause.startswith("XIII") else "1"
    tier, source = Tier(f"pt{part}"), _clause(clause)
    ev, lmt, industrial = map(Status, statuses)
    return DataPoint(nr, element, *names, source, tier, level == "item", ev, lmt, industrial)


def _clause(text: str) -> str:
    if text == "":
        return "source needed"
    place = text if text.startswith("Art.") else f"Annex {text}"
    return f"Regulation (EU) 2023/1542, {place}"


_ROWS = (
    _row(1, "uniqueIdentifier", ("Unique identifier", "唯一标识"), "Art. 77(3)/item", "MMM"),
    _row(2, "responsibleOperator", ("Who registers the passport or answers for it", "护照登记方或责任方"),
         "Art. 77(3)/item", "MMM"),
    _row(3, "manufacturer", ("Name or mark of the manufacturer", "制造商名称或商标"), "VI A(1)", "MMM"),
    _row(4, "manufacturerAddress", ("Postal address and contact point of the manufacturer", "制造商地址及联系点"),
         "VI A(1)", "MMM"),
    _row(5, "manufacturerWeb", ("Web and e-mail address of the manufacturer", "制造商网址与电子邮箱"),
         "VI A(1)", "OOO"),
    _row(6, "batteryCategory", ("Category of the battery", "电池类别"), "VI A(2)", "MMM"),
    _row(7, "modelAndSerial", ("Model and batch or serial number", "型号及批号或序列号"), "VI A(2)/item", "MMM"),
    _row(8, "manufacturingPlace", ("Place of manufacture", "生产地点"), "VI A(3)/item", "MMM"),
    _row(9, "manufacturingDate", ("Date of manufacture", "生产日期"), "VI A(4)/item", "MMM"),
    _row(10, "mass", ("Mass", "质量"), "VI A(5)/item", "MMM"),
    _row(11, "capacity", ("Capacity", "容量"), "VI A(6)/item", "MMM"),
    _row(12, "chemistry", ("Chemistry", "化学体系"), "VI A(7)", "MMM"),
    _row(13, "hazardousSubstances",
         ("Hazardous substances except mercury, cadmium and lead", "有害物质（汞、镉、铅除外）"),
         "VI A(8)", "MMM"),
    _row(14, "extinguishingAgent", ("Usable extinguishing agent", "可用灭火剂"), "VI A(9)", "MMM"),
    _row(15, "criticalRawMaterials",
         ("Critical raw materials above 0.1 % by weight", "含量超过0.1%（质量分数）的关键原材料"),
         "VI A(10)", "MMM"),
    _row(16, "materialComposition", ("Material composition (the sum of 12, 13 and 15)", "材料组成（12、13与15的汇总）"),
         "", "---"),
    _row(17, "carbonFootprint",
         ("Carbon footprint declaration", "碳足迹声明"), "XIII 1(c)", "PPP"),
    _row(18, "carbonFootprintLabel", ("Carbon footprint label", "碳足迹标签"), "XIII 1(c)", "PPP"),
    _row(19, "responsibleSourcing",
         ("Responsible sourcing, from the due diligence report", "负责任采购（尽责管理报告）"),
         "XIII 1(d)", "PPP"),
    _row(20, "recycledCobalt", ("Recycled share of cobalt", "再生钴占比"), "XIII 1(e)", "MMM"),
    _row(21, "recycledLithium", ("Recycled share of lithium", "再生锂占比"), "XIII 1(e)", "MMM"),
    _row(22, "recycledNickel", ("Recycled share of nickel", "再生镍占比"), "XIII 1(e)", "MMM"),
    _row(23, "recycledLead", ("Recycled share of lead", "再生铅占比"), "XIII 1(e)", "MMM"),
    _row(24, "renewableContent", ("Share of renewable content", "可再生材料占比"), "XIII 1(f)", "MMM"),
    _row(25, "ratedCapacity", ("Rated capacity (said by 11 and 51)", "额定容量（见11与51）"), "XIII 1(g)", "---"),
    _row(26, "minimumVoltage", ("Minimum voltage", "最低电压"), "XIII 1(h)", "MMM"),
    _row(27, "nominalVoltage", ("Nominal voltage", "标称电压"), "XIII 1(h)", "MMM"),
    _row(28, "maximumVoltage", ("Maximum voltage", "最高电压"), "XIII 1(h)", "MMM"),
    _row(29, "originalPower", ("Original power capability", "原始功率能力"), "XIII 1(i)", "MMM"),
    _row(30, "powerLimits", ("Power limits", "功率限值"), "XIII 1(i)", "MMM"),
    _row(31, "expectedCycles", ("Expected lifetime in cycles", "预期循环寿命"), "XIII 1(j)", "MMC"),
    _row(32, "cycleReferenceTest", ("Reference test of the expected lifetime", "预期循环寿命的参考试验"),
         "XIII 1(j)", "MMC"),
    _row(33, "exhaustionThreshold", ("Capacity threshold for exhaustion", "容量耗尽阈值"), "XIII 1(k)", "M--"),
    _row(34, "idleTemperatureRange", ("Temperatures it withstands when not in use", "非使用状态耐受温度范围"),
         "XIII 1(l)", "MMM"),
    _row(35, "warrantyPeriod", ("Commercial warranty of the calendar life", "日历寿命商业质保期"), "XIII 1(m)", "CCC"),
    _row(36, "initialEfficiency", ("Round trip efficiency at first", "初始能量往返效率"), "XIII 1(n)", "MMC"),
    _row(37, "efficiencyAtHalfLife", ("Round trip efficiency at 50 % of the cycle life", "循环寿命50%时的能量往返效率"),
         "XIII 1(n)", "MMC"),
    _row(38, "initialResistance", ("Internal resistance of cell and pack", "单体与电池包内阻"), "XIII 1(o)", "MMM"),
    _row(39, "cycleTestRate", ("C-rate of the cycle life test", "循环寿命试验倍率"), "XIII 1(p)", "MMC"),
    _row(40, "collectionSymbol", ("Symbol of separate collection, Art. 13(4)", "分类收集标志（第13条第4款）"),
         "XIII 1(q)", "MMM"),
    _row(41, "metalSymbols", ("Symbols of cadmium and lead, Art. 13(5)", "镉、铅标志（第13条第5款）"),
         "XIII 1(q)", "CCC"),
    _row(42, "declarationOfConformity", ("EU declaration of conformity", "欧盟符合性声明"), "XIII 1(r)", "MMM"),
    _row(43, "wastePrevention", ("Prevention and management of waste batteries", "废电池预防与管理信息"),
         "XIII 1(s)", "MMM"),
    _row(44, "instructions", ("Instructions for use", "使用说明"), "XIII 1(t)", "PPP"),
    _row(45, "detailedComposition", ("Materials of cathode, anode and electrolyte", "正极、负极与电解液材料"),
         "XIII 2(a)", "MMM"),
    _row(46, "partNumbers", ("Part numbers of components", "部件编号"), "XIII 2(b)", "MMM"),
    _row(47, "sparePartSources", ("Sources of spare parts", "备件来源联系方式"), "XIII 2(b)", "MMM"),
    _row(48, "dismantling", ("Dismantling information", "拆解信息"), "XIII 2(c)", "MMM"),
    _row(49, "safetyMeasures", ("Safety measures", "安全措施"), "XIII 2(d)", "MMM"),
    _row(50, "testReports", ("Results of test reports", "检测报告结果"), "XIII 3", "MMM"),
    _row(51, "currentCapacity", ("Rated capacity, as it is now", "额定容量（当前）"), "XIII 4(a)/item", "MMC"),
    _row(52, "capacityFade", ("Capacity fade", "容量衰减"), "XIII 4(a)/item", "MMC"),
    _row(53, "currentPower", ("Power", "功率"), "XIII 4(a)/item", "MMC"),
    _row(54, "powerFade", ("Power fade", "功率衰减"), "XIII 4(a)/item", "MMC"),
    _row(55, "currentResistance", ("Internal resistance", "内阻"), "XIII 4(a)/item", "MMC"),
    _row(56, "resistanceIncrease", ("Increase of internal resistance", "内阻增长"), "XIII 4(a)/item", "MMC"),
    _row(57, "currentEfficiency", ("Round trip efficiency", "能量往返效率"), "XIII 4(a)/item", "CCC"),
    _row(58, "efficiencyFade", ("Fade of round trip efficiency", "能量往返效率衰减"), "XIII 4(a)/item", "CCC"),
    _row(59, "expectedLifeCycles", ("Expected life in cycles, as designed", "设计条件下预期循环寿命"),
         "XIII 4(a)/item", "MMC"),
    _row(60, "expectedLifeYears", ("Expected life in years, as designed", "设计条件下预期日历寿命"),
         "XIII 4(a)/item", "MMC"),
    _row(61, "stateOfCertifiedEnergy", ("State of certified energy", "认证能量状态"), "XIII 4(b)/item", "M--"),
    _row(62, "remainingCapacity", ("Remaining capacity", "剩余容量"), "XIII 4(b)/item", "-MC"),
    _row(63, "remainingPower", ("Remaining power capability", "剩余功率能力"), "XIII 4(b)/item", "-MC"),
    _row(64, "remainingEfficiency", ("Remaining round trip efficiency", "剩余能量往返效率"), "XIII 4(b)/item", "-MC"),
    _row(65, "selfDischarge", ("Evolution of self-discharge", "自放电率变化"), "XIII 4(b)/item", "-MC"),
    _row(66, "ohmicResistance", ("Ohmic resistance", "欧姆内阻"), "XIII 4(b)/item", "-MC"),
    _row(67, "batteryStatus", ("Status of the battery", "电池状态"), "XIII 4(c)/item", "MMM"),
    _row(68, "cycles", ("Charging and discharging cycles", "充放电循环次数"), "XIII 4(d)/item", "CCC"),
    _row(69, "negativeEvents", ("Negative events, such as accidents", "负面事件（如事故）"), "XIII 4(d)/item", "CCC"),
    _row(70, "operatingConditions", ("Operating conditions with temperature", "运行环境条件（含温度）"),
         "XIII 4(d)/item", "CCC"),
    _row(71, "stateOfCharge", ("State of charge", "荷电状态"), "XIII 4(d)/item", "CCC"),
)  # fmt: skip

DATA_POINTS: dict[int, DataPoint] = {row.nr: row for row in _ROWS}
BY_ELEMENT: dict[str, DataPoint] = {row.element: row for row in _ROWS}


RECORDED: frozenset[int] = frozenset({1, 2, 6, 7, 9, 10, 11, 51, 67, 69})
"""What the register knows from what was recorded: no content may say it."""

UNIT_OF: dict[int, str | None] = {
    10: "g", 11: "mah", 17: "g/kWh", 20: "ppm", 21: "ppm", 22: "ppm", 23: "ppm", 24: "ppm", 26: "mv", 27: "mv",
    28: "mv", 29: "w", 30: "w", 31: "cycles", 33: "ppm", 34: "mc", 35: "months", 36: "ppm", 37: "ppm", 38: "uohm",
    39: "permille of A/Ah", 51: "mah", 52: "ppm", 53: "w", 54: "ppm", 55: "uohm", 56: "ppm", 57: "ppm", 58: "ppm",
    59: "cycles", 60: "years", 61: "ppm", 62: "mah", 63: "w", 64: "ppm", 65: "ppm a month", 66: "uohm", 68: "cycles",
    70: "mc", 71: "ppm",
}  # fmt: skip
"""The unit of the numbers of a value; none for texts."""


def status_of(nr: int, category: Category, day: date) -> Status:
    """What the law wants of data point `nr` of a battery of this category on that day.

    Stationary batteries count as industrial ones. A starter battery has no passport: Status.NONE.
    """
    changed = [row for row in CHANGES if (row.nr, row.category) == (nr, category) and row.since <= day]
    if changed:
        return max(changed, key=lambda row: row.since).status
    row = DATA_POINTS[nr]
    match category:
        case Category.EV:
            return row.ev
        case Category.LMT:
            return row.lmt
        case Category.INDUSTRIAL | Category.STATIONARY:
            return row.industrial
    return Status.NONE
