"""Every reason for which the register refuses a well-formed event, as rows: slug, source, English, Chinese.

Messages are filled with `str.format`; a restricted value of the battery stands in none of them. "Conservation rule N"
is what cannot happen to matter, whatever the law says:

     1 an id is unique for ever                    7 cycles never fall, health rises only by repair
     2 one parent, one vehicle at a time           8 only those with the role act
     3 parts out are parts in, or declared lost    9 nothing follows the end of a life
     4 mass and elements are conserved            10 a second life holds no more energy than was tested
     5 one battery goes into one recycling batch  11 a handover has two known sides
     6 no event before production or in future    12 both halves of a swap are one event
"""

from __future__ import annotations

from typing import NamedTuple

from service.domain.errors import RuleBreach
from service.domain.states import BatteryState


class Rule(NamedTuple):
    slug: str
    source: str
    en: str
    zh: str


_ROWS = (
    Rule("role", "Conservation rule 8", "{actor} holds none of the roles that may record this: {roles}",
         "{actor}没有可记录该事件的角色：{roles}"),
    Rule("subject-count", "Conservation rule 1", "this event names {minimum} to {maximum} batteries, not {count}",
         "该事件应涉及{minimum}至{maximum}个电池，而非{count}个"),
    Rule("subject-repeated", "Conservation rule 2", "{code} is named twice", "{code}重复出现"),
    Rule("subject-unknown", "Conservation rule 1", "{code} is not registered", "{code}未登记"),
    Rule("already-registered", "Conservation rule 1; MIIT Order 73, Art. 12",
         "{code} is registered already, by {maker}", "{code}已由{maker}登记"),
    Rule("life-ended", "Conservation rule 9", "{code} is {state}: nothing more can happen to it",
         "{code}的状态为{state}，不能再发生任何事件"),
    Rule("in-the-future", "Conservation rule 6", "the event lies in the future of the register's clock",
         "事件时间晚于登记簿时钟"),
    Rule("before-production", "Conservation rule 6", "{code} was made on {made_on}, after this event",
         "{code}的生产日期{made_on}晚于该事件"),
    Rule("level", "GB/T 34014-2017, position 4", "{code} is a {level}: this event is not for that level",
         "{code}为{level_zh}，该事件不适用"),
    Rule("state", "Conservation rule 9; lifecycle table", "{code} is {state}; this needs one of {allowed}",
         "{code}的状态为{state}；该事件要求：{allowed}"),
    Rule("part-of-another", "Conservation rule 2; GB/T 34014-2017, 4.1", "{code} is built into {parent}",
         "{code}已装入{parent}"),
    Rule("in-a-vehicle", "Conservation rule 2", "{code} is in a vehicle already", "{code}已装在车辆上"),
    Rule("code-form", "GB/T 34014-2017", "a code of {form} characters is needed here", "此处须使用{form}位编码"),
    Rule("made-on", "GB/T 34014-2017, production date", "the code says {code_date}, the event {made_on}",
         "编码中的生产日期为{code_date}，事件中为{made_on}"),
    Rule("not-the-maker", "MIIT Order 73, Art. 12", "{what} belongs to {maker}", "{what}属于{maker}"),
    Rule("model-published", "Conservation rule 1", "model {model_id} is published already, by {maker}",
         "型号{model_id}已由{maker}发布"),
    Rule("composition-mass", "Conservation rule 4", "the materials weigh {sum} g together, the battery {mass} g",
         "材料合计{sum}克，超过电池质量{mass}克"),
    Rule("model-unknown", "Regulation (EU) 2023/1542, Annex XIII, part 1", "model {model_id} is not published",
         "型号{model_id}未发布"),
    Rule("model-mismatch", "GB/T 34014-2017, positions 1 to 7",
         "{field} in the code is {found}, in the model {expected}", "编码中的{field_zh}为{found}，型号中为{expected}"),
    Rule("gtin-mismatch", "GS1 General Specifications", "the model has GTIN {expected}", "型号的GTIN为{expected}"),
    Rule("child-level", "GB/T 34014-2017, 4.1", "a {child} cannot be part of a {parent}",
         "{child_zh}不能作为{parent_zh}的部件"),
    Rule("parts-mass", "Conservation rule 4", "the parts weigh {sum} g, more than {mass} g allow (tolerance 2 %)",
         "部件合计{sum}克，超过{mass}克所允许的范围（容差2%）"),
    Rule("vehicle-needed", "MIIT Order 73, Art. 12", "the VIN of the vehicle must be given beside the event",
         "须随事件提供车架号"),
    Rule("vehicle-mismatch", "Conservation rule 2", "{code} is not in this vehicle", "{code}不在该车辆上"),
    Rule("unsafe", "Regulation (EU) 2023/1542, Art. 12", "{code} is marked {flags} and must not drive a vehicle",
         "{code}已标记为{flags}，不得装车使用"),
    Rule("sold-on", "Conservation rule 6", "the date of sale must lie between {made_on} and {today}",
         "销售日期应在{made_on}与{today}之间"),
    Rule("cycles-decrease", "Conservation rule 7", "more cycles were reported before", "此前已上报更多次循环"),
    Rule("soce-rise", "Conservation rule 7", "less was reported before; health rises only after a repair",
         "此前上报的数值更低；未经维修健康状态不会上升"),
    Rule("replacement-incomplete", "Conservation rule 3; MIIT Order 73, Art. 12",
         "a replacement names both the part removed and the part inserted", "更换部件须同时填写拆下与装入的部件"),
    Rule("repair-subjects", "Conservation rule 3", "the event names the battery and exactly the parts replaced",
         "事件对象应为该电池及所更换的部件"),
    Rule("not-a-part", "Conservation rule 3", "{code} is not a part of {parent}", "{code}不是{parent}的部件"),
    Rule("operator-unknown", "Conservation rule 11; MIIT Order 73, Art. 19", "{operator} is not enrolled",
         "{operator}未登记"),
    Rule("parts-missing", "Conservation rule 3",
         "these linked parts are neither found nor declared missing: {codes}", "以下部件既未找到也未申报缺失：{codes}"),
    Rule("missing-unlisted", "Conservation rule 3", "{code} is declared missing but is no subject of the event",
         "{code}已申报缺失，但不在事件对象中"),
    Rule("dismantled-mass", "Conservation rule 4", "the fractions weigh {sum} g together, the battery {mass} g "
         "(tolerance 2 %)", "各部分合计{sum}克，电池为{mass}克（容差2%）"),
    Rule("chemistry-mismatch", "GB/T 34014-2017, position 5", "{code} has chemistry {found}, the output {expected}",
         "{code}的电池类型为{found}，产出为{expected}"),
    Rule("made-before-parts", "Conservation rule 6", "made on {made_on}, before {code} it is made of",
         "生产日期{made_on}早于其组成部分{code}"),
    Rule("input-untested", "GB/T 34015-2017; Regulation (EU) 2023/1542, Art. 73(1)",
         "{code} was not tested and found fit for a second life", "{code}未经检测确认可再利用"),
    Rule("operation-status", "Regulation (EU) 2023/1542, Art. 3(1)(29) to (32)",
         "{operation} is not for {code}, which is {status}", "{code}的状态为{status}，不适用{operation}"),
    Rule("remanufactured-capacity", "Regulation (EU) 2023/1542, Art. 3(1)(32)",
         "remanufacturing restores at least 90 % of the rated {rated} mAh; record this as repurposing or re-use",
         "再制造须恢复至额定容量{rated}毫安时的90%以上；可记录为改变用途或再使用"),
    Rule("output-energy", "Conservation rule 10", "the inputs hold less than {energy} Wh, as tested",
         "经检测投入电池合计少于{energy}瓦时"),
    Rule("application-banned", "MIIT Order 73, Art. 22", "{application} is a banned application since {since}",
         "自{since}起禁止用于{application}"),
    Rule("input-mass", "Conservation rule 4", "the batteries named weigh {recorded} g, the input {mass} g "
         "(tolerance 2 %)", "所列电池合计{recorded}克，投料{mass}克（容差2%）"),
    Rule("batch-mass", "Conservation rule 4; Regulation (EU) 2023/1542, Annex XII; Delegated Regulation (EU) 2025/606",
         "outputs and losses weigh {sum} g together, the input {mass} g (tolerance 2 %)",
         "产出与损耗合计{sum}克，投料{mass}克（容差2%）"),
    Rule("element-mass", "Conservation rule 4; Regulation (EU) 2023/1542, Annex XII",
         "{recovered} g of {element} recovered from batteries that hold {available} g",
         "回收{element_zh}{recovered}克，而所投电池仅含{available}克"),
)  # fmt: skip

RULES: dict[str, Rule] = {row.slug: row for row in _ROWS}


def breach(slug: str, pointer: str, *, current: BatteryState | None = None, **values: object) -> RuleBreach:
    """The exception to raise. `current` where the present state of a battery, not the event as such, is in the way."""
    rule = RULES[slug]
    return RuleBreach(
        slug,
        pointer,
        messages=(rule.en.format(**values), rule.zh.format(**values)),
        source=rule.source,
        current=None if current is None else current.current(),
    )
