"""The roles an operator can be enrolled in. An event kind lists the roles that may record it."""

from __future__ import annotations

from service.domain.words import Word


class Role(Word):
    MAKER = "maker", "battery maker", "电池生产企业"
    VEHICLE_MAKER = "vehicle_maker", "vehicle maker", "汽车生产企业"
    DEALER = "dealer", "dealer", "经销商"
    WORKSHOP = "workshop", "workshop", "维修企业"
    SWAP_OPERATOR = "swap_operator", "battery swap operator", "换电运营企业"
    FLEET = "fleet", "fleet operator", "车队运营企业"
    DISMANTLER = "dismantler", "vehicle dismantler", "报废机动车回收拆解企业"
    COLLECTOR = "collector", "collection point", "回收服务网点"
    TESTER = "tester", "test laboratory", "检测机构"
    RECYCLER = "recycler", "recycler", "综合利用企业"
    REGULATOR = "regulator", "regulator", "监管部门"
    AUTHORITY = "authority", "operator of the register", "登记机构"
    MARKET_SURVEILLANCE = "market_surveillance", "market surveillance authority of the EU", "欧盟市场监督机构"
    NOTIFIED_BODY = "notified_body", "notified body", "公告机构"
    COMMISSION = "commission", "European Commission", "欧盟委员会"
    IMPORTER = "importer", "importer", "进口商"
    EXPORTER = "exporter", "exporter", "出口商"
    LEASING = "leasing", "battery leasing company", "电池租赁企业"
    INSURER = "insurer", "insurer", "保险机构"
    PRODUCER_ORGANISATION = "producer_organisation", "producer responsibility organisation", "生产者责任组织"


SUPERVISORS = frozenset({Role.REGULATOR, Role.AUTHORITY})
"""Who sees the whole register."""
