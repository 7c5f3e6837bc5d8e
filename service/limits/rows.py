"""The limits as rows: whom each is for, how much in which time, and why so much.

A limit is a bucket. It holds `amount` units when full and fills evenly, from empty to full in `seconds`. A request
takes units out, most of them one, dear ones more (`api.limits`); one that finds too few is refused. So `amount` may be
asked for at once, and `amount / seconds` a second for ever. A limit of a day is what is also called a quota.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

DAY = 86_400
_RATE = re.compile(r"([1-9][0-9]{0,14})/([1-9][0-9]{0,6})")


class Per(StrEnum):
    """Whom a bucket belongs to. address: all of an IPv4 /24 or an IPv6 /64 together, where nobody shows a key."""

    KEY = "key"
    ORGANISATION = "organisation"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Limit:
    """One row."""

    name: str
    per: Per
    amount: int
    seconds: int
    meaning_en: str
    meaning_zh: str

    def __str__(self) -> str:
        return f"{self.amount}/{self.seconds}"


_ROWS = (
    Limit("key", Per.KEY, 6_000, 60, "requests of one API key or signed-in person", "单个API密钥或登录人员的请求"),
    Limit("organisation", Per.ORGANISATION, 12_000, 60, "requests of one organisation", "单个组织的请求"),
    Limit("address", Per.ADDRESS, 1_200, 60, "requests without a key from one network", "同一网段的匿名请求"),
    Limit("batteries", Per.ADDRESS, 120, 120, "batteries looked at from one network", "同一网段查看的电池"),
    Limit("log", Per.ADDRESS, 12_000, 60, "checkpoints and tiles for one network", "同一网段读取的检查点和哈希块"),
    Limit("proofs", Per.ORGANISATION, 20_000, DAY, "evidence bundles and receipts a day", "每日证据包与回执"),
    Limit("public_proofs", Per.ADDRESS, 2_000, DAY, "the same, without a key", "每日匿名证据包与回执"),
    Limit("problems", Per.ADDRESS, 20, 3_600, "reports of problems from one network", "同一网段提交的问题反馈"),
    Limit("import_rows", Per.ORGANISATION, 10_000_000, DAY, "rows of imports a day", "每日导入行数"),
)

LIMITS: dict[str, Limit] = {row.name: row for row in _ROWS}


def parse_rate(text: str) -> tuple[int, int]:
    """`6000/60`: amount and seconds. Raises ValueError for anything else, and for more than a unit a microsecond."""
    match = _RATE.fullmatch(text)
    if match is None or int(match[1]) > int(match[2]) * 1_000_000:
        raise ValueError("a limit is written AMOUNT/SECONDS, e.g. 6000/60")
    return int(match[1]), int(match[2])
