"""The event kinds as rows: who may record them, about how many batteries, and with which body.

Adding a kind is adding a row here, a body in `bodies`, rows in `lifecycle.TRANSITIONS` and its rules in `rulebook`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from service.domain import bodies
from service.domain.checking import format_fields, parse_fields
from service.domain.errors import InvalidBody, Problem
from service.domain.fields import Body, FieldSpec, fields_of
from service.domain.passport.publication import PublishPassport
from service.domain.roles import Role
from service.domain.words import Level

__all__ = ["KINDS", "Event", "FieldSpec", "Kind", "Subjects", "body_mapping", "fields_of", "parse_body"]


class Subjects(NamedTuple):
    """How many batteries an event names, and which levels the first of them may have."""

    minimum: int
    maximum: int
    levels: frozenset[Level]


@dataclass(frozen=True, slots=True)
class Kind:
    """One row.

    body: None where the ledger itself parses the body. parts: what the first subject and the others are to the event.
    public: whether its happening (title and time, no field) may be shown to anybody who scans the battery.
    """

    name: str
    title_en: str
    title_zh: str
    body: type[Body] | None
    roles: frozenset[Role]
    subjects: Subjects
    public: bool
    source: str
    parts: tuple[str, str] = ("subject", "subject")


@dataclass(frozen=True, slots=True)
class Event:
    """The signed part of an entry, as far as the rules read it.

    vehicle: stands for the vehicle, equal for equal ones; `states.UNKNOWN_VEHICLE` where its VIN was erased, None where
    none was given. commitments: by name of the restricted field, as they stand in the entry.
    """

    id: str
    kind: str
    actor: str
    occurred_at: datetime
    subjects: tuple[str, ...]
    body: Body
    vehicle: str | None = None
    commitments: Mapping[str, str] = field(default_factory=dict)


_ANY = frozenset(Level)
_PACK = frozenset({Level.PACK})
_COMPOSED = frozenset({Level.PACK, Level.MODULE})
_NONE = Subjects(0, 0, frozenset())
_ONE = Subjects(1, 1, _ANY)
_MANY = Subjects(1, 64, _ANY)
_R = Role
_INSPECTORS = frozenset({_R.MARKET_SURVEILLANCE, _R.NOTIFIED_BODY, _R.COMMISSION})
_TRADE = frozenset(Role) - _INSPECTORS
"""Everybody but who only looks."""
_NOTIFIERS = _TRADE | {_R.MARKET_SURVEILLANCE}
_WASTE = frozenset({_R.COLLECTOR, _R.DISMANTLER, _R.RECYCLER, _R.PRODUCER_ORGANISATION})
_SECOND_LIFE = frozenset({_R.RECYCLER, _R.DISMANTLER})
_CODERS = frozenset({_R.MAKER, _R.IMPORTER})
"""Who gives cells, modules and packs their codes. Source: MIIT Order 73, Art. 12."""

_ROWS = (
    Kind(
        "publish_model", "Model published", "发布型号", bodies.PublishModel, _CODERS, _NONE, False,
        "Regulation (EU) 2023/1542, Annex XIII, part 1",
    ),
    Kind(
        "publish_passport", "Passport published", "发布电池护照", PublishPassport,
        frozenset({_R.MAKER, _R.VEHICLE_MAKER, _R.IMPORTER, _R.RECYCLER, _R.DISMANTLER, _R.PRODUCER_ORGANISATION}),
        Subjects(0, 1, _ANY), True, "Regulation (EU) 2023/1542, Art. 77(2) and (4)",
    ),
    Kind(
        "register", "Registered", "登记", bodies.Register, _CODERS, _ONE, True,
        "MIIT Order 73, Art. 12; GB/T 34014-2017, 4.1",
    ),
    Kind(
        "register_pack", "Registered with all its parts", "整包登记", bodies.RegisterPack, _CODERS,
        Subjects(1, 1, _PACK), True, "MIIT Order 73, Art. 12; GB/T 34014-2017, 4.1",
    ),
    Kind(
        "assemble", "Assembled", "组装关联", bodies.Assemble, _CODERS, Subjects(1, 64, _COMPOSED), True,
        "GB/T 34014-2017, 4.1 (codes of the levels are linked)", ("parent", "child"),
    ),
    Kind(
        "place_on_market", "Placed on the market", "投放市场", bodies.PlaceOnMarket,
        frozenset({_R.MAKER, _R.VEHICLE_MAKER, _R.IMPORTER, _R.RECYCLER}), Subjects(1, 1, _COMPOSED), True,
        "Regulation (EU) 2023/1542, Art. 77(1) and (3); MIIT Order 73, Art. 12",
    ),
    Kind(
        "void", "Voiding asked for", "申请作废", bodies.Void, _CODERS, _ONE, True, "Conservation rule 1",
    ),
    Kind(
        "approve_void", "Voided", "作废", bodies.ApproveVoid, frozenset({_R.REGULATOR, _R.AUTHORITY}), _ONE, True,
        "Conservation rule 1",
    ),
    Kind(
        "install", "Installed in a vehicle", "装车", bodies.Install,
        frozenset({_R.VEHICLE_MAKER, _R.IMPORTER, _R.WORKSHOP, _R.SWAP_OPERATOR}), Subjects(1, 1, _PACK), True,
        "MIIT Order 73, Art. 12",
    ),
    Kind(
        "sell", "Sold with its vehicle", "车辆销售", bodies.Sell, frozenset({_R.DEALER, _R.VEHICLE_MAKER, _R.IMPORTER}),
        Subjects(1, 1, _PACK), True, "MIIT Order 73, Art. 12",
    ),
    Kind(
        "transfer_ownership", "Owner changed", "所有权变更", bodies.TransferOwnership,
        frozenset({_R.FLEET, _R.LEASING, _R.DEALER, _R.VEHICLE_MAKER, _R.SWAP_OPERATOR, _R.INSURER}),
        Subjects(1, 1, _PACK), False, "source needed",
    ),
    Kind(
        "report_soh", "State of health reported", "健康状态上报", bodies.ReportSoh,
        frozenset({_R.VEHICLE_MAKER, _R.WORKSHOP, _R.SWAP_OPERATOR, _R.FLEET, _R.TESTER, _R.MAKER}), _ONE, False,
        "Regulation (EU) 2023/1542, Art. 14, Annex VII",
    ),
    Kind(
        "report_incident", "Incident reported", "异常事件上报", bodies.ReportIncident, _TRADE, _ONE, False,
        "Regulation (EU) 2023/1542, Annex XIII, part 4(d), and Annex VII, part B",
    ),
    Kind(
        "load_bms_software", "BMS software loaded", "装载电池管理系统软件", bodies.LoadBmsSoftware,
        frozenset({_R.MAKER, _R.VEHICLE_MAKER, _R.WORKSHOP, _R.SWAP_OPERATOR}) | _SECOND_LIFE,
        Subjects(1, 1, _COMPOSED), True, "Regulation (EU) 2023/1542, Art. 14(3)",
    ),
    Kind(
        "begin_service", "Taken in for service", "开始维修", bodies.BeginService, frozenset({_R.WORKSHOP, _R.MAKER}),
        Subjects(1, 1, _COMPOSED), True, "MIIT Order 73, Art. 12",
    ),
    Kind(
        "repair", "Repaired", "维修", bodies.Repair, frozenset({_R.WORKSHOP, _R.MAKER}), Subjects(1, 3, _COMPOSED),
        True, "MIIT Order 73, Art. 12", ("subject", "part"),
    ),
    Kind(
        "replace_pack", "Pack replaced", "更换电池包", bodies.ReplacePack,
        frozenset({_R.WORKSHOP, _R.VEHICLE_MAKER, _R.DEALER}), Subjects(2, 2, _PACK), True,
        "MIIT Order 73, Art. 12; MIIT Announcement 35 of 2018, Art. 10", ("old", "new"),
    ),
    Kind(
        "swap", "Swapped", "换电", bodies.Swap, frozenset({_R.SWAP_OPERATOR}), Subjects(2, 2, _PACK), False,
        "MIIT Order 73, Art. 12; conservation rule 12", ("out", "in"),
    ),
    Kind(
        "issue_notice", "Notice issued", "发布通知", bodies.IssueNotice, _NOTIFIERS, _MANY, True, "source needed",
    ),
    Kind(
        "lift_notice", "Notice lifted", "解除通知", bodies.LiftNotice, _NOTIFIERS, _MANY, True, "source needed",
    ),
    Kind(
        "export", "Exported", "出口", bodies.Export,
        frozenset({_R.EXPORTER, _R.MAKER, _R.VEHICLE_MAKER, _R.DEALER, _R.RECYCLER}), _MANY, True, "source needed",
    ),
    Kind(
        "import_back", "Came back from abroad", "返境", bodies.ImportBack,
        frozenset({_R.IMPORTER, _R.MAKER, _R.VEHICLE_MAKER, _R.DEALER, _R.RECYCLER}), _MANY, True, "source needed",
    ),
    Kind(
        "retire", "Retired", "退役", bodies.Retire,
        frozenset(
            {_R.FLEET, _R.VEHICLE_MAKER, _R.DEALER, _R.WORKSHOP, _R.SWAP_OPERATOR, _R.MAKER, _R.DISMANTLER,
             _R.LEASING, _R.INSURER}
        ),
        _ONE, True, "MIIT Order 73, Art. 12",
    ),
    Kind(
        "scrap_vehicle", "Vehicle scrapped", "车辆报废", bodies.ScrapVehicle, frozenset({_R.DISMANTLER}),
        Subjects(0, 1, _PACK), True, "MIIT Order 73, 车电一体报废 (article: source needed)",
    ),
    Kind(
        "hand_over", "Handed over", "移交", bodies.HandOver, _TRADE, _MANY, False,
        "Conservation rule 11; MIIT Order 73, Art. 19",
    ),
    Kind(
        "receive", "Received", "接收", bodies.Receive, _TRADE, _MANY, False,
        "Conservation rule 11; MIIT Order 73, Art. 24",
    ),
    Kind(
        "collect", "Collected as waste", "回收入库", bodies.Collect,
        _WASTE, _ONE, True,
        "MIIT Order 73, Art. 19 and 24; Regulation (EU) 2023/1542, Art. 3(1)(50)",
    ),
    Kind(
        "test", "Residual capacity tested", "余能检测", bodies.ResidualTest,
        frozenset({_R.TESTER, _R.RECYCLER, _R.DISMANTLER}), Subjects(1, 1, _COMPOSED), True, "GB/T 34015-2017",
    ),
    Kind(
        "dismantle", "Dismantled", "拆解", bodies.Dismantle, frozenset({_R.DISMANTLER, _R.RECYCLER}),
        Subjects(1, 64, _COMPOSED), True, "GB/T 33598-2017", ("subject", "module"),
    ),
    Kind(
        "report_found", "Found again", "找回", bodies.ReportFound, _TRADE, _ONE, True, "Conservation rule 3",
    ),
    Kind(
        "prepare_reuse", "Prepared for re-use", "再使用准备", bodies.PrepareReuse, _SECOND_LIFE, Subjects(2, 64, _ANY),
        True, "Regulation (EU) 2023/1542, Art. 3(1)(29) and 73; MIIT Order 73, Art. 18", ("output", "input"),
    ),
    Kind(
        "repurpose", "Given a second life", "综合利用", bodies.Repurpose, _SECOND_LIFE, Subjects(2, 64, _ANY), True,
        "Regulation (EU) 2023/1542, Art. 3(1)(30), (31) and 73; MIIT Order 73, Art. 18", ("output", "input"),
    ),
    Kind(
        "remanufacture", "Remanufactured", "再制造", bodies.Remanufacture, _SECOND_LIFE | {_R.MAKER},
        Subjects(2, 64, _ANY), True,
        "Regulation (EU) 2023/1542, Art. 3(1)(32) and 73; MIIT Order 73, Art. 18", ("output", "input"),
    ),
    Kind(
        "recycle", "Recycled", "再生利用", bodies.Recycle, frozenset({_R.RECYCLER}), Subjects(0, 64, _ANY), True,
        "Regulation (EU) 2023/1542, Art. 71, Annex XII; MIIT Order 73, Art. 24", ("input", "input"),
    ),
    Kind(
        "correct", "Corrected", "更正", bodies.Correct, _TRADE, Subjects(0, 64, _ANY), True,
        "EPCIS 2.0, error declaration; Regulation (EU) 2023/1542, Art. 77(4)",
    ),
    Kind(
        "print_label", "Label printed", "标签打印", bodies.PrintLabel, _TRADE, _MANY, False,
        "Regulation (EU) 2023/1542, Art. 13(6); GB/T 34014-2017, 6 (carrier)",
    ),
    Kind(
        "void_label", "Label taken out of use", "标签作废", bodies.VoidLabel, _TRADE, _MANY, False, "source needed",
    ),
    Kind(
        "enrol_operator", "Operator enrolled", "经营者登记", bodies.EnrolOperator, frozenset({_R.AUTHORITY}), _NONE,
        False, "source needed",
    ),
    Kind(
        "set_standing", "Standing of an operator ruled", "经营者状态裁定", bodies.SetStanding,
        frozenset({_R.AUTHORITY}), _NONE, False, "source needed",
    ),
    Kind(
        "erase_values", "Values erased", "已依法删除", bodies.EraseValues, frozenset(Role),
        Subjects(0, 1, _ANY), True, "Regulation (EU) 2016/679, Art. 17; PIPL, Art. 47",
    ),
    Kind(
        "set_deadline", "Deadline of a duty set", "报送期限设定", bodies.SetDeadline, frozenset({_R.AUTHORITY}), _NONE,
        False, "source needed",
    ),
    Kind(
        "set_licence_day", "Licences to be told of from a day on", "资质须报送起始日设定", bodies.SetLicenceDay,
        frozenset({_R.AUTHORITY}), _NONE, False, "source needed",
    ),
    Kind(
        "record_maintenance", "Work on the register", "登记簿维护", bodies.RecordMaintenance, frozenset({_R.AUTHORITY}),
        _NONE, False, "source needed",
    ),
    Kind("open_log", "Register opened", "登记簿启用", None, frozenset({_R.AUTHORITY}), _NONE, False, "source needed"),
    Kind("register_key", "Key registered", "密钥登记", None, frozenset({_R.AUTHORITY}), _NONE, False, "source needed"),
    Kind("revoke_key", "Key revoked", "密钥吊销", None, frozenset({_R.AUTHORITY}), _NONE, False, "source needed"),
    Kind("rotate_key", "Key rotated", "密钥轮换", None, frozenset(Role), _NONE, False, "source needed"),
    Kind("dispute_key", "Signatures disputed", "签名存疑声明", None, frozenset(Role), _NONE, False, "source needed"),
    Kind(
        "announce_log_keys", "Log keys announced", "登记簿密钥公告", None, frozenset({_R.AUTHORITY}), _NONE, False,
        "source needed",
    ),
    Kind(
        "new_epoch", "New epoch begun", "登记簿新纪元", None, frozenset({_R.AUTHORITY}), _NONE, False, "source needed"
    ),
    Kind("commit_map", "Map committed", "目录承诺", None, frozenset({_R.AUTHORITY}), _NONE, False, "source needed"),
)  # fmt: skip

KINDS: dict[str, Kind] = {row.name: row for row in _ROWS}


def parse_body(kind: str, mapping: object, withheld: Collection[str] = ()) -> Body:
    """The body of a `kind` event from its decoded JSON; InvalidBody with every problem at once, and for other kinds.

    Fields that are `withheld` may be missing.
    """
    row = KINDS.get(kind)
    if row is None or row.body is None:
        raise InvalidBody((Problem("", "kind", "no such kind of event can be recorded here", "没有此类事件"),))
    return parse_fields(row.body, mapping, withheld)


def body_mapping(body: Body) -> dict[str, Any]:
    """The JSON mapping of a body; `parse_body` of it gives the same body."""
    return format_fields(body)
