"""Administrative divisions, GB/T 2260: the 38 districts and counties of Chongqing, and the provinces of China.

A region is written as its 6 digits. Outside Chongqing only the province part is checked; inside it the code must be one
of the rows, 500000 meaning the whole municipality.
"""

from __future__ import annotations

from typing import NamedTuple


class District(NamedTuple):
    code: str
    zh: str
    en: str


CHONGQING: dict[str, District] = {
    row.code: row
    for row in (
        District("500101", "万州区", "Wanzhou"),
        District("500102", "涪陵区", "Fuling"),
        District("500103", "渝中区", "Yuzhong"),
        District("500104", "大渡口区", "Dadukou"),
        District("500105", "江北区", "Jiangbei"),
        District("500106", "沙坪坝区", "Shapingba"),
        District("500107", "九龙坡区", "Jiulongpo"),
        District("500108", "南岸区", "Nan'an"),
        District("500109", "北碚区", "Beibei"),
        District("500110", "綦江区", "Qijiang"),
        District("500111", "大足区", "Dazu"),
        District("500112", "渝北区", "Yubei"),
        District("500113", "巴南区", "Banan"),
        District("500114", "黔江区", "Qianjiang"),
        District("500115", "长寿区", "Changshou"),
        District("500116", "江津区", "Jiangjin"),
        District("500117", "合川区", "Hechuan"),
        District("500118", "永川区", "Yongchuan"),
        District("500119", "南川区", "Nanchuan"),
        District("500120", "璧山区", "Bishan"),
        District("500151", "铜梁区", "Tongliang"),
        District("500152", "潼南区", "Tongnan"),
        District("500153", "荣昌区", "Rongchang"),
        District("500154", "开州区", "Kaizhou"),
        District("500155", "梁平区", "Liangping"),
        District("500156", "武隆区", "Wulong"),
        District("500229", "城口县", "Chengkou"),
        District("500230", "丰都县", "Fengdu"),
        District("500231", "垫江县", "Dianjiang"),
        District("500233", "忠县", "Zhongxian"),
        District("500235", "云阳县", "Yunyang"),
        District("500236", "奉节县", "Fengjie"),
        District("500237", "巫山县", "Wushan"),
        District("500238", "巫溪县", "Wuxi"),
        District("500240", "石柱土家族自治县", "Shizhu"),
        District("500241", "秀山土家族苗族自治县", "Xiushan"),
        District("500242", "酉阳土家族苗族自治县", "Youyang"),
        District("500243", "彭水苗族土家族自治县", "Pengshui"),
    )
}

PROVINCES: dict[str, District] = {
    row.code: row
    for row in (
        District("110000", "北京市", "Beijing"),
        District("120000", "天津市", "Tianjin"),
        District("130000", "河北省", "Hebei"),
        District("140000", "山西省", "Shanxi"),
        District("150000", "内蒙古自治区", "Inner Mongolia"),
        District("210000", "辽宁省", "Liaoning"),
        District("220000", "吉林省", "Jilin"),
        District("230000", "黑龙江省", "Heilongjiang"),
        District("310000", "上海市", "Shanghai"),
        District("320000", "江苏省", "Jiangsu"),
        District("330000", "浙江省", "Zhejiang"),
        District("340000", "安徽省", "Anhui"),
        District("350000", "福建省", "Fujian"),
        District("360000", "江西省", "Jiangxi"),
        District("370000", "山东省", "Shandong"),
        District("410000", "河南省", "Henan"),
        District("420000", "湖北省", "Hubei"),
        District("430000", "湖南省", "Hunan"),
        District("440000", "广东省", "Guangdong"),
        District("450000", "广西壮族自治区", "Guangxi"),
        District("460000", "海南省", "Hainan"),
        District("500000", "重庆市", "Chongqing"),
        District("510000", "四川省", "Sichuan"),
        District("520000", "贵州省", "Guizhou"),
        District("530000", "云南省", "Yunnan"),
        District("540000", "西藏自治区", "Tibet"),
        District("610000", "陕西省", "Shaanxi"),
        District("620000", "甘肃省", "Gansu"),
        District("630000", "青海省", "Qinghai"),
        District("640000", "宁夏回族自治区", "Ningxia"),
        District("650000", "新疆维吾尔自治区", "Xinjiang"),
        District("710000", "台湾省", "Taiwan"),
        District("810000", "香港特别行政区", "Hong Kong"),
        District("820000", "澳门特别行政区", "Macao"),
    )
}
_DIGITS = frozenset("0123456789")


CENTRAL = District("500A01", "中心城区", "Central urban area")
NEW_URBAN = District("500A02", "主城新区", "New urban area")
NORTH_EAST = District("500A03", "渝东北三峡库区城镇群", "North-eastern cluster, Three Gorges reservoir")
SOUTH_EAST = District("500A04", "渝东南武陵山区城镇群", "South-eastern cluster, Wuling mountains")
ZONES: dict[str, District] = {
    code: zone
    for zone, codes in (
        (CENTRAL, "500103 500104 500105 500106 500107 500108 500109 500112 500113"),
        (NEW_URBAN, "500102 500110 500111 500115 500116 500117 500118 500119 500120 500151 500152 500153"),
        (NORTH_EAST, "500101 500154 500155 500229 500230 500231 500233 500235 500236 500237 500238"),
        (SOUTH_EAST, "500114 500156 500240 500241 500242 500243"),
    )
    for code in codes.split()
}
"""The zone of each district of Chongqing: one area and two clusters (一区两群). The codes of zones are our own.

Source: source needed (the municipality's planning; its act was not at hand).
"""


def zone_of(code: str) -> District | None:
    """The zone that a district of Chongqing belongs to; None elsewhere, and for the municipality as a whole."""
    return ZONES.get(code)


def is_region(code: str) -> bool:
    """Whether these 6 digits can name a region of China."""
    if len(code) != 6 or not _DIGITS.issuperset(code):
        return False
    return code in CHONGQING if code[:2] == "50" and code != "500000" else f"{code[:2]}0000" in PROVINCES


def region_of(code: str) -> District | None:
    """The row that names this region best: the district of Chongqing, or the province; None where there is none."""
    return CHONGQING.get(code) or PROVINCES.get(f"{code[:2]}0000")
