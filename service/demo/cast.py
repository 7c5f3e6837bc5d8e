"""Who appears in the story. Every name says that it is an example; the districts are real ones of Chongqing."""

from __future__ import annotations

from typing import Any, NamedTuple

from service.domain.roles import Role
from service.domain.uscc import uscc_check_character


class Player(NamedTuple):
    """An operator of the story. `code` is its manufacturer code in battery codes, where it makes batteries."""

    id: str
    name: str
    name_en: str
    roles: tuple[Role, ...]
    region: str
    code: str = ""


_R = Role

PLAYERS: tuple[Player, ...] = (
    Player("demo-cells-fuling", "示例涪陵电池", "Demo Fuling Cells", (_R.MAKER,), "500102", "ZD1"),
    Player("demo-cells-yubei", "示例渝北电芯", "Demo Yubei Batteries", (_R.MAKER,), "500112", "ZD2"),
    Player("demo-cells-bishan", "示例璧山动力电池", "Demo Bishan Power", (_R.MAKER,), "500120", "ZD3"),
    Player("demo-motors-jiangbei", "示例江北汽车", "Demo Jiangbei Motors", (_R.VEHICLE_MAKER,), "500105"),
    Player("demo-motors-shapingba", "示例沙坪坝汽车", "Demo Shapingba Motors", (_R.VEHICLE_MAKER,), "500106"),
    Player("demo-motors-yongchuan", "示例永川汽车", "Demo Yongchuan Motors", (_R.VEHICLE_MAKER,), "500118"),
    Player("demo-dealer-yuzhong", "示例渝中汽车销售", "Demo Yuzhong Cars", (_R.DEALER,), "500103"),
    Player("demo-dealer-nanan", "示例南岸汽车销售", "Demo Nan'an Cars", (_R.DEALER,), "500108"),
    Player("demo-dealer-wanzhou", "示例万州汽车销售", "Demo Wanzhou Cars", (_R.DEALER,), "500101"),
    Player("demo-dealer-hechuan", "示例合川汽车销售", "Demo Hechuan Cars", (_R.DEALER,), "500117"),
    Player("demo-workshop-jiulongpo", "示例九龙坡维修", "Demo Jiulongpo Service", (_R.WORKSHOP,), "500107"),
    Player("demo-workshop-banan", "示例巴南维修", "Demo Banan Service", (_R.WORKSHOP,), "500113"),
    Player("demo-workshop-qianjiang", "示例黔江维修", "Demo Qianjiang Service", (_R.WORKSHOP,), "500114"),
    Player("demo-swap", "示例山城换电", "Demo Mountain City Swap", (_R.SWAP_OPERATOR,), "500105"),
    Player("demo-fleet", "示例山城出行", "Demo Mountain City Rides", (_R.FLEET,), "500112"),
    Player("demo-outlet-dadukou", "示例大渡口回收网点", "Demo Dadukou Outlet", (_R.COLLECTOR,), "500104"),
    Player("demo-outlet-jiangjin", "示例江津回收网点", "Demo Jiangjin Outlet", (_R.COLLECTOR,), "500116"),
    Player("demo-outlet-kaizhou", "示例开州回收网点", "Demo Kaizhou Outlet", (_R.COLLECTOR,), "500154"),
    Player("demo-dismantler-changshou", "示例长寿拆解", "Demo Changshou Dismantling", (_R.DISMANTLER,), "500115"),
    Player("demo-dismantler-dazu", "示例大足拆解", "Demo Dazu Dismantling", (_R.DISMANTLER,), "500111"),
    Player("demo-recycler-qijiang", "示例綦江循环", "Demo Qijiang Recycling", (_R.RECYCLER,), "500110", "ZR1"),
    Player("demo-recycler-tongliang", "示例铜梁再生", "Demo Tongliang Recovery", (_R.RECYCLER,), "500151", "ZR2"),
    Player("demo-lab", "示例北碚检测", "Demo Beibei Laboratory", (_R.TESTER,), "500109"),
    Player("demo-regulator", "示例监管部门", "Demo Regulator", (_R.REGULATOR,), "500103"),
)

STATIONS = ("CQ-YB-01", "CQ-JB-01", "CQ-NA-01", "CQ-SPB-01", "CQ-JLP-01", "CQ-BN-01")
"""The swap operator's stations."""


def with_role(role: Role) -> tuple[Player, ...]:
    """Those who may act in this role, in the order of the cast."""
    return tuple(player for player in PLAYERS if role in player.roles)


def enrolment_of(player: Player) -> dict[str, Any]:
    """The body of the player's enrolment."""
    return {
        "operator_id": player.id,
        "name": player.name,
        "name_en": player.name_en,
        "roles": [role.value for role in player.roles],
        "region": player.region,
        "uscc": _uscc(player),
    }


def _uscc(player: Player) -> str:
    """An invented credit code with a right check character; DEM0 marks it as an example."""
    first = f"91{player.region}DEM0{PLAYERS.index(player) + 1:05d}"
    return first + uscc_check_character(first)
