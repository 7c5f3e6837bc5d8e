"""The closed lists of words an event may use, each with its name in English and Chinese.

A member is a plain string with two more attributes, `en` and `zh`. Adding a word is adding a line; a word in use is
never taken away, because old entries keep it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    en: str
    zh: str

    def __new__(cls, value: str, en: str = "", zh: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.en = en
        member.zh = zh
        return member


class Level(Word):
    """Source: GB/T 34014-2017, product type, position 4."""

    PACK = "pack", "pack", "电池包"
    MODULE = "module", "module", "模块"
    CELL = "cell", "cell", "单体"


class Category(Word):
    """Source: Regulation (EU) 2023/1542, Art. 3(1)(11) to (14); stationary storage: Art. 3(1)(15)."""

    EV = "ev", "electric vehicle battery", "电动汽车电池"
    LMT = "lmt", "light means of transport battery", "轻型交通工具电池"
    INDUSTRIAL = "industrial", "industrial battery", "工业电池"
    STATIONARY = "stationary", "stationary battery energy storage", "固定式储能电池"
    SLI = "sli", "starting, lighting and ignition battery", "启动照明点火电池"


class Material(Word):
    """What a battery is made of, as declared for its model. The first nine are chemical elements or pure carbon."""

    LITHIUM = "lithium", "lithium", "锂"
    NICKEL = "nickel", "nickel", "镍"
    COBALT = "cobalt", "cobalt", "钴"
    MANGANESE = "manganese", "manganese", "锰"
    COPPER = "copper", "copper", "铜"
    ALUMINIUM = "aluminium", "aluminium", "铝"
    GRAPHITE = "graphite", "graphite", "石墨"
    IRON = "iron", "iron", "铁"
    PHOSPHORUS = "phosphorus", "phosphorus", "磷"
    LEAD = "lead", "lead", "铅"
    TITANIUM = "titanium", "titanium", "钛"
    SILICON = "silicon", "silicon", "硅"
    STEEL = "steel", "steel", "钢"
    PLASTIC = "plastic", "plastics", "塑料"
    ELECTROLYTE = "electrolyte", "electrolyte", "电解液"
    OTHER = "other", "other materials", "其他材料"


class OwnerType(Word):
    PRIVATE = "private", "private owner", "个人"
    FLEET = "fleet", "fleet", "车队"
    LEASING = "leasing", "leasing company", "租赁公司"
    PUBLIC = "public", "public body", "公共机构"


class SohMethod(Word):
    BMS = "bms", "read from the battery management system", "电池管理系统读数"
    CHARGE_TEST = "charge_test", "charging test", "充电测试"
    LAB = "lab", "laboratory test", "实验室测试"


class RetireReason(Word):
    CAPACITY = "capacity", "too little capacity left", "容量不足"
    ACCIDENT = "accident", "accident", "事故"
    END_OF_VEHICLE = "end_of_vehicle", "vehicle scrapped", "车辆报废"
    RECALL = "recall", "recall", "召回"
    REPLACED = "replaced", "replaced by another battery", "已更换"
    OTHER = "other", "other reason", "其他原因"


class Decision(Word):
    """What the residual-capacity test (GB/T 34015-2017) concludes."""

    SECOND_LIFE = "second_life", "fit for a second life", "可再利用"
    DISMANTLE = "dismantle", "to be dismantled", "待拆解"
    RECYCLE = "recycle", "to be recycled", "待再生利用"
    QUARANTINE = "quarantine", "quarantined as unsafe", "隔离存放"


class VisualFinding(Word):
    """What is seen of a battery before it is measured. Source of the list: source needed."""

    SOUND = "sound", "no damage seen", "外观完好"
    DEFORMED = "deformed", "deformed or swollen", "变形或鼓胀"
    CRACKED = "cracked", "cracked or broken", "开裂或破损"
    LEAKING = "leaking", "leaking", "漏液"
    BURNT = "burnt", "burnt", "烧蚀"
    CORRODED = "corroded", "corroded or flooded", "锈蚀或浸水"
    OTHER = "other", "other damage", "其他损伤"


class Operation(Word):
    """Source: Regulation (EU) 2023/1542, Art. 3(1)(29) to (32)."""

    REPURPOSING = "repurposing", "repurposing", "改变用途"
    PREPARATION_FOR_REPURPOSING = "preparation_for_repurposing", "preparation for repurposing", "改变用途准备"
    REMANUFACTURING = "remanufacturing", "remanufacturing", "再制造"
    PREPARATION_FOR_REUSE = "preparation_for_reuse", "preparation for re-use", "再使用准备"


class Application(Word):
    TRACTION = "traction", "electric vehicle", "电动汽车"
    STATIONARY_STORAGE = "stationary_storage", "stationary storage", "固定式储能"
    BACKUP_POWER = "backup_power", "backup power", "备用电源"
    LOW_SPEED_VEHICLE = "low_speed_vehicle", "low-speed vehicle", "低速车"
    STREET_LIGHT = "street_light", "street lighting", "路灯"
    ELECTRIC_BICYCLE = "electric_bicycle", "electric bicycle", "电动自行车"
    OTHER = "other", "other application", "其他用途"


class CodingStandard(Word):
    """GB/T 45565-2025 is not for traction batteries; a re-used one is tagged -R there (as quoted: source needed)."""

    GBT_34014 = "gbt_34014", "GB/T 34014-2017", "GB/T 34014-2017编码"
    GBT_45565 = "gbt_45565", "GB/T 45565-2025, tagged -R", "GB/T 45565-2025编码（标识-R）"
    OTHER = "other", "other standard", "其他标准"


class Market(Word):
    CN = "CN", "China", "中国"
    EU = "EU", "European Union", "欧盟"


class VoidReason(Word):
    WRONG_CODE = "wrong_code", "wrong code", "编码有误"
    NOT_MADE = "not_made", "never made", "未生产"
    DUPLICATE = "duplicate", "registered twice under two codes", "重复登记"
    OTHER = "other", "other reason", "其他原因"


class Incident(Word):
    """Source: Regulation (EU) 2023/1542, Annex XIII, part 4(d), and Annex VII, part B."""

    ACCIDENT = "accident", "accident", "事故"
    FIRE = "fire", "fire", "起火"
    FLOOD = "flood", "flooding", "涉水"
    DEEP_DISCHARGE = "deep_discharge", "deep discharge", "过放电"
    OVERCHARGE = "overcharge", "overcharge", "过充电"
    OVERHEATING = "overheating", "overheating", "过热"
    MECHANICAL_DAMAGE = "mechanical_damage", "mechanical damage", "机械损伤"
    OTHER = "other", "other incident", "其他事件"


class Severity(Word):
    """A critical incident keeps a battery out of vehicles until a repair passes its safety test."""

    MINOR = "minor", "minor", "轻微"
    SERIOUS = "serious", "serious", "严重"
    CRITICAL = "critical", "critical", "危急"


class Notice(Word):
    RECALL = "recall", "recall", "召回"
    QUARANTINE = "quarantine", "quarantine", "隔离"
    THEFT = "theft", "theft", "失窃"
    DISPUTE = "dispute", "dispute", "争议"


class LateReason(Word):
    """Why an event is told after a later one of the same battery."""

    OFFLINE = "offline", "recorded offline", "离线记录"
    FOUND_LATER = "found_later", "became known later", "事后得知"
    TAKEN_OVER = "taken_over", "taken over from another system", "由其他系统转入"
    OTHER = "other", "other reason", "其他原因"


class LabelForm(Word):
    SVG = "svg", "SVG drawing", "SVG图形"
    PNG = "png", "PNG picture", "PNG图片"
    PDF = "pdf", "PDF document", "PDF文件"
    ZPL = "zpl", "ZPL for label printers", "ZPL标签机指令"


class ReprintReason(Word):
    DAMAGED = "damaged", "the label was damaged or cannot be read", "标签破损或无法识读"
    LOST = "lost", "the label came off or was lost", "标签脱落或遗失"
    MISPRINTED = "misprinted", "the print was spoiled", "打印不良"
    CHANGED = "changed", "what it says has changed", "标签内容变更"
    ADDITIONAL = "additional", "one more label, on another face or on the packaging", "加贴于其他面或包装"


class VoidingReason(Word):
    SPOILED = "spoiled", "spoiled in printing and destroyed", "打印不良已销毁"
    REMOVED = "removed", "taken off the battery and destroyed", "已揭除销毁"
    UNUSED = "unused", "never used and destroyed", "未使用已销毁"
    LOST = "lost", "lost or stolen", "遗失或被盗"


class CorrectionReason(Word):
    """Source: EPCIS 2.0, error declaration."""

    DID_NOT_OCCUR = "did_not_occur", "it did not happen", "事件未发生"
    INCORRECT_DATA = "incorrect_data", "data was incorrect", "数据有误"


class Act(Word):
    """What whoever runs the register does to it, beside what has a kind of event of its own."""

    UPGRADE = "upgrade", "program or tables of another version", "程序或数据表版本变更"
    CHANGE_SETTINGS = "change_settings", "settings changed", "设置变更"
    REBUILD = "rebuild", "tables derived anew from the entries", "由条目重建数据表"
    REWRAP = "rewrap_master_key", "secrets sealed under a new master key", "更换主密钥"
    SET_LIMIT = "set_limit", "a limit set", "限额设定"
    MAKE_API_KEY = "make_api_key", "an API key made for an operator", "为经营者创建API密钥"
    REVOKE_API_KEY = "revoke_api_key", "an API key of an operator ended", "吊销经营者的API密钥"
    ADD_WITNESS = "add_witness", "a witness asked from now on", "增加见证方"
    REMOVE_WITNESS = "remove_witness", "a witness asked no more", "移除见证方"
    OTHER = "other", "other work on the register", "其他维护"


class Standing(Word):
    """Whether an operator takes part. Nobody ruled otherwise: active."""

    ACTIVE = "active", "active", "正常"
    SUSPENDED = "suspended", "suspended", "已暂停"
    ENDED = "ended", "ended", "已终止"


class LicenceKind(Word):
    """What an operator needs leave for; which role needs which, from when: licences.NEEDED."""

    VEHICLE_DISMANTLING = (
        "vehicle_dismantling",
        "dismantling of scrapped vehicles",
        "报废机动车回收拆解资质",
    )
    POLLUTANT_DISCHARGE = "pollutant_discharge", "pollutant discharge permit or registration", "排污许可（登记）"
    ENVIRONMENTAL_ASSESSMENT = "environmental_assessment", "environmental impact assessment", "环境影响评价"
    INVESTMENT_APPROVAL = "investment_approval", "investment approval or filing", "投资核准（备案）"
    HAZARDOUS_WASTE = "hazardous_waste", "hazardous waste permit", "危险废物经营许可"
    WASTE_TREATMENT = "waste_treatment", "waste treatment permit", "废物处理许可"
    TEST_ACCREDITATION = "test_accreditation", "accreditation of a laboratory", "检验检测机构资质认定"
    OTHER = "other", "other licence", "其他资质"


class Route(Word):
    HYDROMETALLURGY = "hydrometallurgy", "hydrometallurgy", "湿法冶金"
    PYROMETALLURGY = "pyrometallurgy", "pyrometallurgy", "火法冶金"
    DIRECT = "direct", "direct regeneration", "直接修复"


class Product(Word):
    """What leaves a recycling batch. What it holds and where it comes from: materials.products.PRODUCTS."""

    NICKEL_SULFATE = "nickel_sulfate", "nickel sulfate hexahydrate", "六水硫酸镍"
    COBALT_SULFATE = "cobalt_sulfate", "cobalt sulfate heptahydrate", "七水硫酸钴"
    MANGANESE_SULFATE = "manganese_sulfate", "manganese sulfate monohydrate", "一水硫酸锰"
    LITHIUM_CARBONATE = "lithium_carbonate", "lithium carbonate", "碳酸锂"
    LITHIUM_HYDROXIDE = "lithium_hydroxide", "lithium hydroxide monohydrate", "一水氢氧化锂"
    LITHIUM_PHOSPHATE = "lithium_phosphate", "lithium phosphate", "磷酸锂"
    IRON_PHOSPHATE = "iron_phosphate", "iron phosphate", "磷酸铁"
    NICKEL = "nickel", "nickel metal", "金属镍"
    COBALT = "cobalt", "cobalt metal", "金属钴"
    COPPER = "copper", "copper", "铜"
    ALUMINIUM = "aluminium", "aluminium", "铝"
    GRAPHITE = "graphite", "graphite", "石墨"
    STEEL = "steel", "steel", "钢"
    PLASTIC = "plastic", "plastics", "塑料"
    BLACK_MASS = "black_mass", "black mass", "黑粉"
    ALLOY = "alloy", "alloy", "合金"
    MIXED_HYDROXIDE = "mixed_hydroxide", "mixed nickel cobalt hydroxide", "镍钴混合氢氧化物"
    CATHODE_MATERIAL = "cathode_material", "regenerated cathode material", "再生正极材料"
    SLAG = "slag", "slag", "炉渣"


class Outcome(Word):
    """What became of the parts of a battery that was taken apart."""

    RECOVERED = "recovered", "came out whole", "完整拆出"
    DISMANTLED = "dismantled", "taken apart too", "继续拆解"
    MISSING = "missing", "not found", "缺失"


class Fate(Word):
    """What an output is used for. Only recycling counts for the recycling efficiency.

    Source: Regulation (EU) 2023/1542, Annex XII, part B; method: Delegated Regulation (EU) 2025/606.
    """

    RECYCLING = "recycling", "recycling", "材料再生"
    ENERGY_RECOVERY = "energy_recovery", "energy recovery", "能量回收"
    BACKFILLING = "backfilling", "backfilling", "回填"
    DISPOSAL = "disposal", "disposal", "处置"
