"""Every reason for which the register refuses a well-formed event, as rows: slug, source, English, Chinese.

Messages are filled with `str.format`; a restricted value of the battery stands in none of them. "Conservation rule N"
is what cannot happen to matter, whatever the law says:

     1 an id is unique for ever                    7 counters never fall, health rises only by repair
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
    Rule("gtin-taken", "Conservation rule 1", "GTIN {gtin} stands for codes that begin with {prefix}",
         "GTIN {gtin}对应以{prefix}开头的编码"),
    Rule("gtin-given", "Conservation rule 1", "codes that begin with {prefix} have GTIN {gtin}",
         "以{prefix}开头的编码对应GTIN {gtin}"),
    Rule("name-taken", "Conservation rule 1; IEC 61406-1:2022, 4.1 and 4.3", "this is a name of {code} already",
         "该标识已属于{code}"),
    Rule("link-of-another", "IEC 61406-1:2022, 4.1", "this address names {found}, not {code}",
         "该网址标识的是{found}，而非{code}"),
    Rule("child-level", "GB/T 34014-2017, 4.1", "a {child} cannot be part of a {parent}",
         "{child_zh}不能作为{parent_zh}的部件"),
    Rule("parts-mass", "Conservation rule 4", "the parts weigh {sum} g, more than {mass} g allow (tolerance 2 %)",
         "部件合计{sum}克，超过{mass}克所允许的范围（容差2%）"),
    Rule("nothing-listed", "GB/T 34014-2017, 4.1", "the registration lists neither modules nor cells",
         "登记中未列出模块或单体"),
    Rule("listed-code", "GB/T 34014-2017, positions 1 to 5", "{field} in {code} is {found}; here it must be {expected}",
         "{code}的{field_zh}为{found}，此处应为{expected}"),
    Rule("listed-run", "GB/T 34014-2017, serial number", "the codes from {code} on go beyond serial number {last}",
         "自{code}起的编码超出当日最大序列号{last}"),
    Rule("listed-twice", "Conservation rule 2", "{code} is listed twice", "{code}重复列出"),
    Rule("cells-mass", "Conservation rule 4", "the cells of {code} weigh {sum} g, the module {mass} g",
         "{code}的单体合计{sum}克，超过模块质量{mass}克"),
    Rule("vehicle-needed", "MIIT Order 73, Art. 12", "the VIN of the vehicle must be given beside the event",
         "须随事件提供车架号"),
    Rule("vehicle-mismatch", "Conservation rule 2", "{code} is not in this vehicle", "{code}不在该车辆上"),
    Rule("unsafe", "Regulation (EU) 2023/1542, Art. 12", "{code} is marked {flags}: as long as it is, this must not be",
         "{code}已标记为{flags}，标记解除前不得进行"),
    Rule("sold-on", "Conservation rule 6", "the date of sale must lie between {made_on} and {today}",
         "销售日期应在{made_on}与{today}之间"),
    Rule("counter-decrease", "Conservation rule 7", "more was reported before", "此前上报的数值更高"),
    Rule("counter-late", "Conservation rule 7", "less was reported for a later time", "此后时间上报的数值更低"),
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
         "of the input of {mass} g, outputs and losses hold {sum} g (tolerance 2 %); water and acid of salts do not "
         "count", "投料{mass}克，产出与损耗中来自投料的合计{sum}克（容差2%）；盐类的结晶水与酸根不计入"),
    Rule("element-mass", "Conservation rule 4; Regulation (EU) 2023/1542, Annex XII",
         "{recovered} g of {element} recovered from an input that holds {available} g",
         "回收{element_zh}{recovered}克，而投料仅含{available}克"),
    Rule("batch-input", "Conservation rule 5; MIIT Announcement 2024 No. 42 (rates are those of one step)",
         "a batch takes in batteries or lots of an earlier step, one of them and not both",
         "一个批次的投料为电池或上一工序的批次，二者择一"),
    Rule("lot-unknown", "Conservation rule 5", "no batch gave the lot {lot}", "批次{lot}未登记"),
    Rule("lot-final", "Conservation rule 4", "{product} is recovered already and goes into no further batch",
         "{product_zh}已计入回收，不得再次投料"),
    Rule("lot-repeated", "Conservation rule 5", "the lot {lot} is named twice", "批次{lot}重复出现"),
    Rule("lot-for-another", "Conservation rule 11", "the lot {lot} is for {operator}",
         "批次{lot}的交付对象为{operator}"),
    Rule("lot-later", "Conservation rule 6", "the lot {lot} was made at {made_at}, after this batch",
         "批次{lot}产出于{made_at}，晚于本批次"),
    Rule("lot-used-up", "Conservation rule 5", "of the lot {lot} {left} g are left", "批次{lot}仅余{left}克"),
    Rule("lot-number", "Conservation rule 1", "the lot {lot} exists already", "批次{lot}已存在"),
    Rule("content-sum", "Conservation rule 4", "the contents add up to {sum} ppm, more than the whole",
         "含量合计{sum} ppm，超过总量"),
    Rule("content-formula", "Conservation rule 4", "pure {product} holds {limit} ppm of {element}, not more",
         "纯{product_zh}的{element_zh}含量不超过{limit} ppm"),
    Rule("reagents-where", "Conservation rule 4", "what {product} holds of reagents follows from its formula",
         "{product_zh}所含辅料由其化学式确定"),
    Rule("reagents-mass", "Conservation rule 4", "reagents and contents weigh more than the {mass} g of the output",
         "辅料与各含量之和超过产出质量{mass}克"),
    Rule("site-twice", "source needed", "the site {site} is told twice", "场所{site}重复"),
    Rule("duty-unknown", "source needed", "there is no duty {duty}", "没有该报送义务：{duty}"),
    Rule("duty-settled", "source needed", "the days of {duty} follow from {article}: nobody sets them here",
         "{duty}的期限由{article}规定，不能另行设定"),
    Rule("licence", "Conservation rule 8; MIIT Order 73, Art. 18",
         "{actor} has no valid licence on the day of the event: {licence}, last day {until}",
         "事件当日{actor}的资质无效：{licence_zh}，截止日{until}"),
    Rule("out-of-order", "Conservation rule 6", "something of {last} is recorded about {code} already; an event of "
         "this kind cannot be told later", "{code}已有{last}的记录，此类事件不得补报"),
    Rule("late-reason", "Conservation rule 6", "something of {last} is recorded about {code} already: say why this is "
         "told late", "{code}已有{last}的记录，请填写迟报原因"),
    Rule("before-last-change", "Conservation rule 6", "{code} changed hands or state on {last}: what was before cannot "
         "change it now", "{code}于{last}已变更持有方或状态，更早的事件不得再改变它"),
    Rule("ended-with-whole", "Conservation rule 9", "{code} is built into {whole}, which is {state}: it ended with it",
         "{code}装于{whole}，后者状态为{state}，该部件随之终止"),
    Rule("impossible-date", "Conservation rule 6", "the date must lie between {made_on} and {today}",
         "日期应在{made_on}与{today}之间"),
    Rule("market", "Regulation (EU) 2023/1542, Art. 77(1)", "{code} cannot be placed on this market now: {market}",
         "{code}目前不能投放该市场：{market_zh}"),
    Rule("void-asked", "Conservation rule 1", "voiding {code} was asked for already", "已申请作废{code}"),
    Rule("void-not-asked", "Conservation rule 1", "the maker has not asked to void {code}", "生产企业未申请作废{code}"),
    Rule("home-country", "ISO 3166-1", "the country must be another one", "应填写其他国家"),
    Rule("vehicle-full", "Conservation rule 2", "the vehicle holds {slots} packs of this kind already, {code} has no "
         "place in it", "该车辆已装满{slots}个电池包，无法再装{code}"),
    Rule("label-of-another", "Conservation rule 8",
         "labels of {code} are for its maker {maker}, for who is responsible for it and for who has it",
         "{code}的标签只能由生产企业{maker}、责任主体或持有方打印和作废"),
    Rule("reprint-reason", "Conservation rule 1", "{code} has {count} labels already: say why there is to be another",
         "{code}已打印{count}张标签，请说明重打原因"),
    Rule("labels-too-many", "Conservation rule 1", "{code} would have more than {most} labels",
         "{code}的标签将超过{most}张"),
    Rule("labels-too-few", "Conservation rule 4", "{code} has {left} labels in use, fewer than are to be voided",
         "{code}在用标签仅{left}张，少于作废数量"),
    Rule("notice-open", "Conservation rule 1", "notice {number} is open for {code} already",
         "{code}的通知{number}已存在"),
    Rule("notices-full", "source needed", "{code} has {most} open notices already", "{code}已有{most}份未解除的通知"),
    Rule("notice-unknown", "source needed", "{code} has no open notice {number} that the actor may lift",
         "{code}没有该主体可解除的通知{number}"),
    Rule("not-the-holder", "Conservation rule 11", "{holder} has {code}, and only who has it hands it over",
         "{code}由{holder}持有，仅持有方可移交"),
    Rule("handover-self", "Conservation rule 11", "a hand-over has two sides", "移交双方不得为同一主体"),
    Rule("handed-to-another", "Conservation rule 11", "{code} was handed over to {to}", "{code}已移交给{to}"),
    Rule("handed-over-already", "Conservation rule 11",
         "{code} was handed over to {to}, who has not answered: correct that event to hand it to somebody else",
         "{code}已移交给{to}，对方尚未确认：如需移交他方，请先更正该事件"),
    Rule("received-already", "Conservation rule 11", "{code} is in your hands already", "{code}已由您持有"),
    Rule("handed-by-another", "Conservation rule 11", "{code} was handed over by {by}", "{code}由{by}移交"),
    Rule("scrap-subjects", "Conservation rule 2", "the event names exactly the pack that was found",
         "事件对象应为车上发现的电池包"),
    Rule("operation-kind", "Regulation (EU) 2023/1542, Art. 3(1)(29) and (32)",
         "{operation} is an event of its own: {kind}", "{operation}应使用单独的事件：{kind}"),
    Rule("other-purpose", "Regulation (EU) 2023/1542, Art. 3(1)(29) and (32)",
         "the purpose must stay that of {code}: {allowed}; for another one record repurpose",
         "用途应与{code}原用途相同：{allowed}；改变用途请使用repurpose"),
    Rule("cell-spread", "Regulation (EU) 2023/1542, Art. 3(1)(32)",
         "the healths of the cells of a remanufactured battery lie within 3 %",
         "再制造电池各单体健康状态差异不得超过3%"),
    Rule("output-capacity", "Conservation rule 10", "the inputs hold less than {capacity} mAh, as tested",
         "经检测投入电池合计少于{capacity}毫安时"),
    Rule("correct-unknown", "EPCIS 2.0, error declaration", "no event {event_id} is recorded",
         "没有事件{event_id}的记录"),
    Rule("not-the-teller", "Conservation rule 8", "{actor} did not tell this event: it is corrected by {teller}, a "
         "regulator or the authority", "{actor}不是该事件的报告方，仅{teller}、监管部门或登记机构可更正"),
    Rule("correct-subjects", "EPCIS 2.0, error declaration",
         "a correction names the batteries of the event, in its order",
         "更正对象应与原事件相同且顺序一致"),
    Rule("value-of-nothing", "EPCIS 2.0, error declaration", "an event that did not happen has no values",
         "未发生的事件没有数值"),
    Rule("nothing-corrected", "EPCIS 2.0, error declaration", "at least one new value is needed", "至少填写一项新值"),
    Rule("not-correctable", "EPCIS 2.0, error declaration", "of an event {kind} these can be corrected: {allowed}",
         "事件{kind}可更正的字段：{allowed}"),
    Rule("not-reversible", "EPCIS 2.0, error declaration",
         "an event {kind} cannot be undone: record by an event of its "
         "own what is so now", "事件{kind}无法撤销，请以新事件记录现状"),
    Rule("not-newest", "EPCIS 2.0, error declaration", "something later is recorded about {code}: correct that first, "
         "or record what is so now", "{code}已有更晚的记录，请先更正后者，或以新事件记录现状"),
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
