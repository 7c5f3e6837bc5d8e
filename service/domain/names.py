"""How states are shown to people: a name and one sentence in English and Chinese, and a tone.

tone: "ok" (in order), "attention" (something must happen next), "ended" (no longer a battery in circulation), "stop"
(it must not be used).
"""

from __future__ import annotations

from typing import NamedTuple

from service.domain.states import (
    DISPUTED,
    QUARANTINED,
    RECALLED,
    STOLEN,
    UNSAFE,
    LifeStatus,
    OpState,
    PassportStatus,
)


class StateName(NamedTuple):
    en: str
    zh: str
    meaning_en: str
    meaning_zh: str
    tone: str


OP_STATES: dict[OpState, StateName] = {
    OpState.REGISTERED: StateName(
        "Registered", "已登记", "It has a code and is not yet in use.", "已有编码，尚未投入使用。", "ok"
    ),
    OpState.ASSEMBLED: StateName(
        "Assembled", "已组装", "It is complete, and its parts are known.", "已完成组装，所含部件均已关联。", "ok"
    ),
    OpState.INSTALLED: StateName(
        "Installed", "已装车", "It is in a vehicle that is not sold yet.", "已装入尚未售出的车辆。", "ok"
    ),
    OpState.IN_USE: StateName("In use", "使用中", "It drives a vehicle.", "正在车辆上使用。", "ok"),
    OpState.IN_SWAP_POOL: StateName(
        "In the swap pool",
        "换电站备用",
        "It waits in a swap station for the next vehicle.",
        "在换电站等待下一辆车。",
        "ok",
    ),
    OpState.UNDER_SERVICE: StateName(
        "Under service", "维修中", "A workshop is working on it.", "维修企业正在处理。", "attention"
    ),
    OpState.REMOVED: StateName(
        "Removed", "已拆下", "It was taken out and is in nothing now.", "已从车辆或电池包中拆下。", "attention"
    ),
    OpState.RETIRED: StateName(
        "Retired",
        "已退役",
        "Its first use is over; it must go to a collection point.",
        "首次使用已结束，须交回收服务网点。",
        "attention",
    ),
    OpState.COLLECTED: StateName(
        "Collected",
        "已回收",
        "A licensed operator has taken it as waste.",
        "已由回收企业作为废旧电池接收。",
        "attention",
    ),
    OpState.TESTED: StateName(
        "Tested",
        "已检测",
        "Its remaining capacity was measured; its further use is decided.",
        "已检测余能并确定去向。",
        "attention",
    ),
    OpState.DISMANTLED: StateName(
        "Dismantled",
        "已拆解",
        "It was taken apart; its modules go on under their own codes.",
        "已拆解，模块以各自编码继续追溯。",
        "ended",
    ),
    OpState.CONSUMED: StateName(
        "Became another battery",
        "已转为新产品",
        "It is part of a new product with a new code.",
        "已成为带有新编码的产品的一部分。",
        "ended",
    ),
    OpState.RECYCLED: StateName(
        "Recycled",
        "已再生利用",
        "Its materials were recovered; the battery no longer exists.",
        "材料已回收，电池已不存在。",
        "ended",
    ),
    OpState.EXPORTED: StateName("Exported", "已出口", "It left the country.", "已离开本国。", "ended"),
    OpState.LOST: StateName(
        "Lost",
        "下落不明",
        "It was declared missing; tell us if you have it.",
        "已申报缺失，如有发现请告知。",
        "attention",
    ),
    OpState.VOIDED: StateName(
        "Voided", "已作废", "It was registered by mistake; no such battery exists.", "登记有误，该电池不存在。", "ended"
    ),
}

LIFE_STATUSES: dict[LifeStatus, StateName] = {
    LifeStatus.ORIGINAL: StateName("Original", "原生", "In the life it was made for.", "按原设计用途使用。", "ok"),
    LifeStatus.RE_USED: StateName("Re-used", "再使用", "Used again for the same purpose.", "再次用于原用途。", "ok"),
    LifeStatus.REPURPOSED: StateName("Repurposed", "改变用途", "Used for another purpose.", "改作其他用途。", "ok"),
    LifeStatus.REMANUFACTURED: StateName(
        "Remanufactured",
        "再制造",
        "Restored to at least 90 % of its rated capacity.",
        "已恢复至额定容量的90%以上。",
        "ok",
    ),
    LifeStatus.WASTE: StateName(
        "Waste",
        "废旧电池",
        "Discarded; only licensed operators may handle it.",
        "已废弃，仅限有资质的企业处理。",
        "attention",
    ),
}

PASSPORTS: dict[PassportStatus, StateName] = {
    PassportStatus.DRAFT: StateName("Draft", "草稿", "Not yet placed on the market.", "尚未投放市场。", "attention"),
    PassportStatus.ACTIVE: StateName("Active", "有效", "In force.", "有效。", "ok"),
    PassportStatus.ARCHIVED: StateName(
        "Archived", "已归档", "A later passport continues it.", "由后续护照接续。", "ended"
    ),
    PassportStatus.CEASED: StateName(
        "Ceased", "已终止", "It ended when the battery was recycled.", "随电池再生利用而终止。", "ended"
    ),
}

FLAGS: dict[str, StateName] = {
    UNSAFE: StateName(
        "Marked unsafe",
        "已标记为不安全",
        "After an incident or a failed safety test: keep away from it, do not charge, open, use or buy it.",
        "曾发生严重异常或安全检测不合格：请远离，切勿充电、拆开、使用或购买。",
        "stop",
    ),
    RECALLED: StateName(
        "Recalled",
        "正在召回",
        "It is called back: ask its maker or seller what to do before you use it on.",
        "该电池已被召回：继续使用前，请向生产企业或销售方询问如何处理。",
        "stop",
    ),
    QUARANTINED: StateName(
        "Quarantined",
        "已隔离",
        "It must be kept apart until whoever ordered that allows its use again.",
        "须单独存放，经发布方解除后方可使用。",
        "stop",
    ),
    STOLEN: StateName(
        "Reported stolen",
        "已报失窃",
        "Do not buy it, use it or pass it on; tell the police or the authority of this register.",
        "请勿购买、使用或转交，并向公安机关或登记机构报告。",
        "stop",
    ),
    DISPUTED: StateName(
        "Disputed",
        "存在争议",
        "What the register says of it, or whose it is, is contested.",
        "登记内容或归属存在争议。",
        "attention",
    ),
}
"""What may stand against a battery, by its flag, the worst first. Everybody is told."""
