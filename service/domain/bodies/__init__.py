"""The bodies of the event kinds, one class each. Field order is the order of forms and tables.

They are written as people tell them. What of them is restricted, and so stands in an entry as a commitment only, is a
row of `restricted`. A restricted field of a recorded event is None where its value was erased.
"""

from __future__ import annotations

from service.domain.bodies.ending import (
    Collect,
    Dismantle,
    HandOver,
    InputLot,
    Output,
    PrepareReuse,
    Receive,
    Recycle,
    Remanufacture,
    ReportFound,
    Repurpose,
    ResidualTest,
    Retire,
    ScrapVehicle,
    SecondLife,
)
from service.domain.bodies.keeping import (
    Correct,
    EnrolOperator,
    EraseValues,
    Licence,
    OperatorSite,
    RecordMaintenance,
    SetDeadline,
)
from service.domain.bodies.labels import PrintLabel, VoidLabel
from service.domain.bodies.listing import ListedCells, ListedModule, RegisterPack
from service.domain.bodies.making import ApproveVoid, Assemble, PlaceOnMarket, PublishModel, Register, Void
from service.domain.bodies.markers import CODE, LOT, BatteryId, check_region
from service.domain.bodies.using import (
    BeginService,
    Export,
    ImportBack,
    Install,
    IssueNotice,
    LiftNotice,
    LoadBmsSoftware,
    Repair,
    ReplacePack,
    ReportIncident,
    ReportSoh,
    Sell,
    Swap,
    TransferOwnership,
)

__all__ = [
    "CODE",
    "LOT",
    "ApproveVoid",
    "Assemble",
    "BatteryId",
    "BeginService",
    "Collect",
    "Correct",
    "Dismantle",
    "EnrolOperator",
    "EraseValues",
    "Export",
    "HandOver",
    "ImportBack",
    "InputLot",
    "Install",
    "IssueNotice",
    "Licence",
    "LiftNotice",
    "ListedCells",
    "ListedModule",
    "LoadBmsSoftware",
    "OperatorSite",
    "Output",
    "PlaceOnMarket",
    "PrepareReuse",
    "PrintLabel",
    "PublishModel",
    "Receive",
    "RecordMaintenance",
    "Recycle",
    "Register",
    "RegisterPack",
    "Remanufacture",
    "Repair",
    "ReplacePack",
    "ReportFound",
    "ReportIncident",
    "ReportSoh",
    "Repurpose",
    "ResidualTest",
    "Retire",
    "ScrapVehicle",
    "SecondLife",
    "Sell",
    "SetDeadline",
    "Swap",
    "TransferOwnership",
    "Void",
    "VoidLabel",
    "check_region",
]
