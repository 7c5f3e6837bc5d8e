"""What a limit says to who has reached it.

FaultyError (service.errors)
└── LimitReachedError   so many units are not there yet: `seconds` says when they will be
"""

from math import ceil

from service.errors import Fault, FaultyError
from service.limits.leases import Standing


class LimitReachedError(FaultyError):
    """Nothing was looked at, nothing was done. The fault names the limit in English and Chinese."""

    def __init__(self, standing: Standing) -> None:
        limit, self.seconds = standing.limit, max(1, ceil(standing.wait))
        en = f"the limit {limit.name} is reached ({limit.amount} units in {limit.seconds} seconds: {limit.meaning_en})"
        zh = f"已达到限额{limit.name}（{limit.seconds}秒内{limit.amount}单位：{limit.meaning_zh}）"
        advice = f"send the same again in {self.seconds} seconds", f"请在{self.seconds}秒后重发"
        super().__init__(f"{en}: {advice[0]}", [Fault("", "limit", f"{en}: {advice[0]}", f"{zh}，{advice[1]}")])
