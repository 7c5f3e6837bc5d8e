"""The duties to record or report, as rows.

A duty begins with an event of the kind `trigger` by an operator in one of its roles. It is answered by the record of
that event itself, where `answers` names the same kind, or by a later event of one of the kinds in `answers` about the
same battery. It is late when the answer is recorded after the last day.

Which row holds is told by the day of the fact, not by the day on which it is recorded: an event of 2025 stays under
the rules of 2018 for ever. A row without `days` is one whose number of days was not found in the law. It is shown,
and judges nobody, until the authority of the register sets the days by an entry (`set_deadline`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.domain.duties.clocks import SOURCE_NEEDED, Clock
from service.domain.roles import Role

ACTOR = "actor"


class Jurisdiction(StrEnum):
    CN = "CN"
    EU = "EU"
    REGISTER = "register"
    """What the register itself wants: its conservation rules."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One row.

    day_of: the field of the body that holds the day of the fact; None: the time of the event. who: ACTOR, or the field
    of the body that names the operator who has to answer. every: whether each battery of the event counts, or only the
    first. unjudged: why the register cannot judge the row, in English and Chinese.
    """

    id: str
    jurisdiction: Jurisdiction
    roles: frozenset[Role]
    trigger: str
    answers: frozenset[str]
    days: int | None
    clock: Clock
    since: date
    until: date | None
    en: str
    zh: str
    article: str
    source: str
    day_of: str | None = None
    who: str = ACTOR
    every: bool = True
    unjudged: tuple[str, str] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the number of days is for the authority to set."""
        return self.days is None and self.unjudged is None

    def holds_on(self, day: date) -> bool:
        """Whether the row is in force for a fact of this day."""
        return self.since <= day and (self.until is None or day <= self.until)


_R = Role
_MAKERS = frozenset({_R.VEHICLE_MAKER, _R.IMPORTER})
_SELLERS = frozenset({_R.VEHICLE_MAKER, _R.DEALER})
_SHOPS = frozenset({_R.WORKSHOP, _R.VEHICLE_MAKER, _R.DEALER})
_OUTLETS = frozenset({_R.COLLECTOR, _R.VEHICLE_MAKER})
_SCRAP = frozenset({_R.DISMANTLER})
_USERS = frozenset({_R.RECYCLER})
_HOLDERS = frozenset(Role) - {_R.REGULATOR, _R.AUTHORITY}
_CN, _W, _C = Jurisdiction.CN, Clock.WORKING, Clock.CALENDAR
_2018 = "MIIT Announcement No. 35 of 2018"
_READ = "text of the announcement, jdcsww.com"
_OLD = (date(2018, 8, 1), date(2026, 3, 31))
_NEW = (date(2026, 4, 1), None)
_LISTED = "secondary source"
_UNTOLD = "MIIT Order 73, Art. 24(1) to (6)"
_NO_ECHELON = (
    "the register does not tell second-life firms from recyclers",
    "登记簿不区分梯次利用企业与再生利用企业",
)
_NOT_RECORDED = ("the trigger is no event of this register", "触发事件不在本登记簿中记录")


def _itself(kind: str) -> tuple[str, frozenset[str]]:
    """Trigger and answers of a duty to record the event itself."""
    return kind, frozenset({kind})


_CHINA_2018 = (
    Duty("cn2018-install", _CN, _MAKERS, *_itself("install"), 15, _W, *_OLD,
         "Report the battery of a new vehicle, from its certificate, of an imported one from its clearance (where that "
         "is not told, the day of installation stands for it)",
         "配发合格证（进口车辆：通关检验检疫）后上传车辆电池信息（未填写时以装车日期计）",
         f"{_2018} (article: source needed)", "egb634.com, licuiping pages", "certificate_on"),
    Duty("cn2018-sale", _CN, _SELLERS, *_itself("sell"), None, _W, *_OLD, "Report the sale of the vehicle",
         "上传车辆销售信息", f"{_2018}, Art. 9 and 12", SOURCE_NEEDED, "sold_on"),
    Duty("cn2018-repair", _CN, _SHOPS, *_itself("repair"), 30, _W, *_OLD, "Report a repair", "上传维修信息",
         f"{_2018}, Art. 10 and 12", _READ, every=False),
    Duty("cn2018-replacement", _CN, _SHOPS, *_itself("replace_pack"), 30, _W, *_OLD, "Report a replacement",
         "上传更换信息", f"{_2018}, Art. 10 and 12", _READ),
    Duty("cn2018-outlet-in", _CN, _OUTLETS, *_itself("collect"), 30, _W, *_OLD,
         "Report what a collection point took in", "回收服务网点回收入库后上传信息", f"{_2018}, Art. 11", _READ),
    Duty("cn2018-outlet-out", _CN, _OUTLETS, *_itself("hand_over"), 30, _W, *_OLD,
         "Report what a collection point handed over", "回收服务网点移交出库后上传信息", f"{_2018}, Art. 11", _READ),
    Duty("cn2018-scrap", _CN, _SCRAP, *_itself("scrap_vehicle"), 15, _W, *_OLD,
         "Report the vehicle after its certificate of recovery", "出具《报废汽车回收证明》后上传信息",
         f"{_2018}, Art. 13", _READ),
    Duty("cn2018-scrap-out", _CN, _SCRAP, *_itself("hand_over"), 15, _W, *_OLD,
         "Report the battery removed and handed over", "拆卸并移交出库后上传信息", f"{_2018}, Art. 13", _READ),
    *(Duty(f"cn2018-product-{name}", _CN, _USERS, *_itself(kind), 15, _W, *_OLD, "Report a second-life product",
           "梯次利用电池产品出库后上传信息", f"{_2018}, Art. 14", _READ, every=False)
      for name, kind in (("repurposed", "repurpose"), ("reused", "prepare_reuse"), ("remade", "remanufacture"))),
    Duty("cn2018-second-life-waste", _CN, _USERS, *_itself("collect"), 15, _W, *_OLD,
         "Report waste batteries of second-life production, taken in or handed over",
         "梯次利用过程中产生的废旧电池入库、出库后上传信息", f"{_2018}, Art. 14", _READ, unjudged=_NO_ECHELON),
    Duty("cn2018-recycler-in", _CN, _USERS, *_itself("collect"), 30, _W, *_OLD, "Report waste batteries taken in",
         "再生利用企业接收入库后上传信息", f"{_2018}, Art. 15", _READ),
    Duty("cn2018-recycled", _CN, _USERS, *_itself("recycle"), 30, _W, *_OLD, "Report final treatment",
         "完成再生利用及最终处理后上传信息", f"{_2018}, Art. 15", _READ),
)  # fmt: skip

_ORDER_73 = (
    Duty("cn73-install", _CN, _MAKERS, *_itself("install"), 20, _C, *_NEW,
         "Report the battery of a new vehicle, from its certificate (where it is not told, the day of installation "
         "stands for it)",
         "合格证配发后报送电池编码等信息（未填写时以装车日期计）", "MIIT Order 73 (article: source needed)",
         "battery-tech.net; calendar days, and the day of an imported vehicle: source needed", "certificate_on"),
    Duty("cn73-sale", _CN, _SELLERS | {_R.IMPORTER}, *_itself("sell"), 20, _C, *_NEW,
         "Report the sale of the vehicle with the code of its battery", "报送车辆销售日期、电池编码等信息",
         "MIIT Order 73 (article: source needed)", "battery-tech.net; calendar days: source needed", "sold_on"),
    Duty("cn73-dismantling-guide", _CN, _MAKERS, "publish_model", frozenset(), 6, Clock.MONTHS, *_NEW,
         "File technical information for dismantling, from the product certificate (CCC)",
         "取得强制性产品认证后6个月内报送拆解技术信息", "MIIT Order 73 (article: source needed)",
         "battery-tech.net", unjudged=_NOT_RECORDED),
    Duty("cn73-recycler-in", _CN, _USERS, *_itself("collect"), 30, _C, *_NEW, "Report waste batteries taken in",
         "综合利用企业入库后报送信息", "MIIT Order 73, Art. 24(7)", _LISTED),
    *(Duty(f"cn73-product-{name}", _CN, _USERS, *_itself(kind), 30, _C, *_NEW, "Report products that leave",
           "综合利用产品出库后报送信息", "MIIT Order 73, Art. 24(7)", _LISTED, every=False)
      for name, kind in (("repurposed", "repurpose"), ("reused", "prepare_reuse"), ("remade", "remanufacture"))),
    Duty("cn73-recycled", _CN, _USERS, *_itself("recycle"), 30, _C, *_NEW, "Report a finished recycling",
         "完成再生利用后报送信息", "MIIT Order 73, Art. 24(7)", _LISTED),
    *(Duty(f"cn73-{name}", _CN, roles, *_itself(kind), None, _C, *_NEW, en, zh, _UNTOLD, SOURCE_NEEDED, every=every)
      for name, roles, kind, en, zh, every in (
          ("repair", _SHOPS, "repair", "Report a repair", "报送维修信息", False),
          ("replacement", _SHOPS, "replace_pack", "Report a replacement", "报送更换信息", True),
          ("swap", frozenset({_R.SWAP_OPERATOR}), "swap", "Report a swap", "报送换电信息", True),
          ("retirement", _HOLDERS, "retire", "Report a retired battery", "报送退役信息", True),
          ("scrap", _SCRAP, "scrap_vehicle", "Report a scrapped vehicle", "报送车辆报废信息", True),
          ("outlet-in", _OUTLETS | _SCRAP, "collect", "Report waste batteries taken in", "报送回收入库信息", True),
          ("outlet-out", _OUTLETS | _SCRAP, "hand_over", "Report waste batteries handed over", "报送移交出库信息",
           True))),
    Duty("cn73-collection", _CN, _HOLDERS, "retire", frozenset({"collect"}), None, _C, *_NEW,
         "Hand a retired battery over to a lawful collector", "退役动力电池交售给合法回收企业",
         "MIIT Order 73, Art. 19", SOURCE_NEEDED),
)  # fmt: skip

_REGISTER = (
    Duty("handover-confirmed", Jurisdiction.REGISTER, frozenset(Role), "hand_over",
         frozenset({"receive", "collect"}), None, _C, date(2018, 8, 1), None,
         "Confirm a battery that another operator handed over", "确认接收其他经营者移交的电池", "Conservation rule 11",
         SOURCE_NEEDED, who="to_operator"),
)  # fmt: skip

DUTIES: dict[str, Duty] = {row.id: row for row in (*_CHINA_2018, *_ORDER_73, *_REGISTER)}


def duties_on(day: date | None = None, jurisdiction: str | None = None) -> Iterator[Duty]:
    """The rows that hold for a fact of `day` (all without one) in this jurisdiction (any without one)."""
    for row in DUTIES.values():
        if (day is None or row.holds_on(day)) and jurisdiction in (None, row.jurisdiction.value):
            yield row
