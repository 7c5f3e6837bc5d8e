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


class Route(Word):
    HYDROMETALLURGY = "hydrometallurgy", "hydrometallurgy", "湿法冶金"
    PYROMETALLURGY = "pyrometallurgy", "pyrometallurgy", "火法冶金"
    DIRECT = "direct", "direct regeneration", "直接修复"


class Product(Word):
    """What leaves a recycling batch. Its content of each element: composition.CONTENT_PPM."""

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
    SLAG = "slag", "slag", "炉渣"
