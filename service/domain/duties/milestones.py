"""Milestones: what the law asks from or until a certain day, where it counts no days from an event.

Targets of recovery and recycled content are rows of their own and not repeated here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from service.domain.duties.clocks import SOURCE_NEEDED

EU = "EU"
CN = "CN"
_EU = "Regulation (EU) 2023/1542"


class Milestone(NamedTuple):
    """One row. since, until: first and last day; None: not known, or without an end. article: of the law as amended.

    source: "source needed" where the text of the law was not at hand, or where sources contradict each other.
    """

    slug: str
    jurisdiction: str
    since: date | None
    until: date | None
    en: str
    zh: str
    article: str
    source: str


_READ = "guidance and consolidated text as quoted"
_CONSOLIDATED = "consolidated text of 31 July 2025, as quoted"
_LISTED = "list of corrigenda, as quoted"

MILESTONES: tuple[Milestone, ...] = (
    Milestone("eu-amendment-1", EU, None, None, "Amended by Regulation (EU) 2024/1781 (M1)",
              "经(EU) 2024/1781号条例修订（M1）", f"{_EU} as amended by Regulation (EU) 2024/1781",
              f"{_CONSOLIDATED}; first day: source needed"),
    Milestone("eu-amendment-2", EU, date(2025, 7, 30), None, "Amended by Regulation (EU) 2025/1561 (M2), published",
              "经(EU) 2025/1561号条例修订（M2，公布）", f"{_EU} as amended by Regulation (EU) 2025/1561",
              "Official Journal, 30 July 2025, as quoted"),
    *(Milestone(f"eu-corrigendum-{number}", EU, day, None, f"Corrigendum C{number}", f"更正C{number}",
                f"{_EU}, corrigendum C{number}", source)
      for number, day, source in (
          (1, date(2024, 4, 17), _CONSOLIDATED),
          (2, date(2024, 8, 7), _CONSOLIDATED),
          (3, date(2025, 10, 8), _LISTED),
          (4, date(2026, 4, 10), _LISTED))),
    Milestone("eu-cd-pb-symbols", EU, date(2024, 2, 18), None, "Symbols Cd and Pb above 0.002 % and 0.004 %",
              "镉、铅含量超过0.002%、0.004%须标注符号", f"{_EU}, Art. 13", "DIN DKE SPEC 99100:2025-02, 5.3"),
    Milestone("eu-separate-collection-symbol", EU, date(2025, 8, 18), None, "Symbol of separate collection",
              "分类收集标志", f"{_EU}, Art. 13", "DIN DKE SPEC 99100:2025-02, 5.3"),
    Milestone("eu-label", EU, date(2026, 8, 18), None, "Label with general information", "一般信息标签",
              f"{_EU}, Annex VI, part A", "DIN DKE SPEC 99100:2025-02, 5.3"),
    Milestone("eu-qr-code", EU, date(2027, 2, 18), None, "QR code on every battery", "每个电池须有二维码",
              f"{_EU}, Art. 13(6), Annex VI, part C", _READ),
    Milestone("eu-passport", EU, date(2027, 2, 18), None,
              "Passport of every LMT battery, industrial battery above 2 kWh and EV battery",
              "轻型交通工具电池、2千瓦时以上工业电池和电动汽车电池须有电池护照", f"{_EU}, Art. 77(1)", _READ),
    Milestone("eu-passport-pending", EU, date(2027, 2, 18), None,
              "Carbon footprint, due-diligence report and instructions need not be filled as of this day",
              "自该日起碳足迹、尽职调查报告、说明书暂不填写",
              f"{_EU}, Annex XIII", "Guidance of the Commission, data points by category, v1.0, 28 July 2026"),
    Milestone("eu-passport-ceases", EU, date(2027, 2, 18), None, "A passport ceases to exist after recycling",
              "电池再生利用后护照终止", f"{_EU}, Art. 77(8)", _READ),
    Milestone("eu-due-diligence", EU, date(2027, 8, 18), None, "Due diligence of the supply chain",
              "供应链尽职调查", f"{_EU} as amended by Regulation (EU) 2025/1561 (article: source needed)",
              "Official Journal, 30 July 2025, as quoted"),
    Milestone("eu-due-diligence-guidelines", EU, date(2026, 7, 26), None,
              "Guidelines on due diligence, due by this day; as published: source needed",
              "尽职调查指南应于该日前发布，发布情况待查",
              f"{_EU} as amended by Regulation (EU) 2025/1561 (article: source needed)", "secondary source"),
    Milestone("eu-due-diligence-report", EU, None, None,
              "Due-diligence report in passports: by August 2028 at the latest",
              "尽职调查报告最迟于2028年8月列入电池护照", f"{_EU}, Annex XIII, part 1(d)",
              "minespider.com, of DG GROW, May 2026; day: source needed"),
    Milestone("eu-legitimate-interest", EU, None, None,
              "Implementing act on who has a legitimate interest: due 2026-08-18, not found as adopted",
              "关于合法利益主体的实施法案：应于2026-08-18前通过，未查到", f"{_EU}, Art. 77(9)", SOURCE_NEEDED),
    Milestone("eu-registry", EU, date(2026, 7, 17), None, "Registry of digital product passports, published",
              "数字产品护照登记处（公布）", f"{_EU}, Art. 77(10); Implementing Regulation (EU) 2026/1778",
              "Official Journal, 17 July 2026, as quoted; day of application: source needed"),
    Milestone("eu-harmonised-standards", EU, date(2026, 7, 15), None,
              "Standards of digital product passports cited: EN 18216 and 18219 to 18223; EN 18239 and 18246 not as of "
              "2026-09-03",
              "数字产品护照协调标准公布：EN 18216、18219至18223；截至2026-09-03，EN 18239、18246尚未公布",
              "Implementing Decision (EU) 2026/1736", "Official Journal, 15 July 2026, as quoted"),
    Milestone("eu-recycling-calculation", EU, date(2025, 7, 24), None,
              "Calculation of recycling efficiency and material recovery", "再生利用效率与材料回收率的计算方法",
              "Delegated Regulation (EU) 2025/606", "Commission, news of entry into force"),
    Milestone("eu-recycled-content-documents", EU, None, None,
              "Documentation of recycled content: 2028-08-18 or 24 months after the delegated act; sources differ",
              "再生材料含量文件：2028-08-18或授权法案后24个月；各来源不一", f"{_EU}, Art. 8(1)", SOURCE_NEEDED),
    Milestone("eu-carbon-footprint-label", EU, None, None, "Carbon footprint: implementing act missing",
              "碳足迹：实施法案尚缺", f"{_EU}, Art. 7", SOURCE_NEEDED),
    Milestone("cn-codes", CN, date(2018, 2, 1), None, "Codes of packs, modules and cells, linked to each other",
              "电池包、模块、单体编码并相互关联", "GB/T 34014-2017, 4.1 and 4.2",
              "chinaautoregs.com, clauses 4.1 and 4.2"),
    Milestone("cn-regime-2018", CN, date(2018, 8, 1), date(2026, 3, 31), "Tracing under the rules of 2018",
              "2018年溯源管理暂行规定", "MIIT Announcement No. 35 of 2018, Art. 19; repealed by MIIT Order 73",
              "text of the announcement; repeal: secondary source"),
    Milestone("cn-order-73", CN, date(2026, 4, 1), None, "Recovery and use under Order 73",
              "新能源汽车废旧动力电池回收和综合利用管理暂行办法", "MIIT Order 73", "secondary source"),
    Milestone("cn-platform", CN, date(2026, 4, 1), None, "National platform that follows batteries through their lives",
              "全国新能源汽车动力电池溯源信息平台，监测全生命周期流向", "MIIT Order 73, Art. 4", "secondary source"),
    Milestone("cn-maker-data", CN, date(2026, 4, 1), None,
              "Battery makers give vehicle makers the data of their batteries (only the title of the article is known)",
              "电池生产企业向汽车生产企业提供电池信息（仅见条款标题）", "MIIT Order 73, Art. 11",
              "secondary source; wording: source needed"),
    Milestone("cn-digital-identity", CN, date(2026, 4, 1), None,
              "Digital identity of every cell, module and pack, carried by its code", "动力电池数字身份证，一物一码",
              "MIIT Order 73, Art. 12", "cbcu.com.cn, 2026-01-19"),
    Milestone("cn-vehicle-and-battery", CN, date(2026, 4, 1), None,
              "A vehicle scrapped without its battery counts as incomplete; swap vehicles excluded",
              "车电一体报废：电池缺失视为车辆缺失，换电车型除外", "MIIT Order 73 (article: source needed)",
              "secondary source"),
    Milestone("cn-banned-uses", CN, date(2026, 4, 1), None, "Uses that are forbidden, among them electric bicycles",
              "禁止用途（含电动自行车）", "MIIT Order 73, Art. 22", "secondary source"),
    Milestone("cn-lawful-takers", CN, date(2026, 4, 1), None,
              "Waste batteries go to lawfully established recyclers only",
              "废旧动力电池仅可交售给依法设立的综合利用企业", "MIIT Order 73, Art. 19", "secondary source"),
    Milestone("cn-outlets", CN, date(2026, 4, 1), None,
              "Battery and vehicle makers have collection points where they sell, which take all retired batteries",
              "电池、汽车生产企业在销售地设立回收服务网点，承担兜底回收", "MIIT Order 73 (article: source needed)",
              "secondary source"),
    Milestone("cn-penalty-list", CN, date(2026, 4, 1), None,
              "After an administrative penalty: two years without application to the voluntary list, or off it",
              "受行政处罚的，两年内不得申报规范公告，或撤销公告", "MIIT Order 73, Art. 42", "secondary source"),
    Milestone("cn-fines", CN, date(2026, 4, 1), None,
              "Fines for not handing over, not recycling, wrong codes and wrong reports",
              "未按规定移交、未回收利用、编码或信息报送不实的罚款", "MIIT Order 73 (article: source needed)",
              "secondary source; amounts: source needed"),
    Milestone("cn-second-life-list", CN, None, date(2026, 7, 29),
              "Voluntary list of second-life firms; its clauses deleted by MIIT Announcement No. 20 of 2026-07-30",
              "梯次利用规范条件（2026-07-30公告第20号删除）", "规范条件(2024年本)",
              "secondary source; first day: source needed"),
    Milestone("cn-safety-standard", CN, date(2026, 7, 1), None, "Safety of traction batteries", "动力电池安全要求",
              "GB 38031-2025", "standard catalogues"),
    Milestone("cn-lithium-codes", CN, date(2025, 11, 1), None,
              "Codes of lithium batteries; not for traction batteries, but for what a pack may become",
              "锂离子电池编码规则（不适用于汽车动力型）", "GB/T 45565-2025", "spc.org.cn, cesi.cn"),
    Milestone("cn-chongqing-outlets", CN, date(2025, 7, 16), date(2027, 12, 31),
              "Chongqing: collection network in 90 % of districts by 2027", "重庆：2027年回收网络覆盖90%区县",
              "重庆市培育新能源汽车动力电池回收利用产业工作方案(2025—2027年)", "difang.gmw.cn"),
)  # fmt: skip


def milestones_on(day: date | None = None, jurisdiction: str | None = None) -> Iterator[Milestone]:
    """The rows that hold on `day` (all without one) in this jurisdiction (any without one). Undated ones always."""
    for row in MILESTONES:
        if jurisdiction is not None and row.jurisdiction != jurisdiction:
            continue
        if day is None or ((row.since is None or row.since <= day) and (row.until is None or day <= row.until)):
            yield row
