"""Quotas: limits of a day, taken whole or not at all, with no lease in between."""

from service.errors import Fault, FaultyError
from service.limits.changing import effective, load
from service.limits.counting import SECOND, Ask, open_counting
from service.limits.leases import Charge
from service.limits.rows import Limit
from service.work import Register


class QuotaError(FaultyError):
    """So much is not left of today's. The fault names the limit in English and Chinese."""

    def __init__(self, limit: Limit, wanted: int) -> None:
        en = f"{wanted:,} are wanted, and less is left of the limit {limit.name} ({limit}: {limit.meaning_en})"
        zh = f"需要{wanted:,}，超过限额{limit.name}（{limit}：{limit.meaning_zh}）的剩余量"
        super().__init__(en, [Fault("", "quota", en, zh)])


def take_quota(register: Register, name: str, operator: str, units: int) -> None:
    """Take units of an organisation's quota. Raises QuotaError, and has taken nothing, where they are not there."""
    with register.read() as reader:
        limit = effective(load(reader.connection), name, operator)
    if units > limit.amount:  # more than a full bucket is never there
        raise QuotaError(limit, units)
    bucket = Charge(limit, operator, units).bucket
    counting = open_counting(register.settings)
    try:
        ask = Ask(bucket, limit.amount, limit.seconds, units, units)
        grant = counting.take([ask], int(register.clock().timestamp() * SECOND))[bucket]
    finally:
        counting.close()
    if grant.units < units:
        raise QuotaError(limit, units)
