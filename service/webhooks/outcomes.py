"""How an attempt to deliver can end, and when the next one is made: tables of rows."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import SystemRandom


class Outcome(StrEnum):
    """What became of an attempt. Only `delivered` is success."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    """An answer other than 2xx. A redirect is one: it is not followed."""
    GONE = "gone"
    """410: the receiver wants no more."""
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    """No connection, or it broke off."""
    ADDRESS = "address"
    """The name leads to no address, or to one that nothing is sent to."""
    TLS = "tls"
    """The certificate does not hold for the name."""
    PROTOCOL = "protocol"
    """What came back is no HTTP, or too much of it."""
    UNSEEN = "unseen"
    """The operator may not see the entry, so it was not sent again."""


@dataclass(frozen=True, slots=True)
class Words:
    """An outcome for people."""

    en: str
    zh: str


WORDS = {
    Outcome.DELIVERED: Words("delivered", "已送达"),
    Outcome.REFUSED: Words("answered with an error or a redirect", "返回错误或重定向"),
    Outcome.GONE: Words("answered 410: wants no more", "返回410：不再接收"),
    Outcome.TIMEOUT: Words("did not answer in time", "未及时应答"),
    Outcome.UNREACHABLE: Words("cannot be reached, or broke off", "无法连接或连接中断"),
    Outcome.ADDRESS: Words("its name leads to no address that may be used", "域名未指向可用地址"),
    Outcome.TLS: Words("its certificate does not hold", "证书无效"),
    Outcome.PROTOCOL: Words("did not answer in HTTP", "应答不符合HTTP"),
    Outcome.UNSEEN: Words("may not be seen by the operator", "该主体无权查看"),
}

RETRIES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""How long after each failure in a row the next attempt is made. After the last one the webhook is disabled."""
JITTER = 0.2
"""A pause is longer or shorter by up to this share, so that many that fail at once do not come back at once."""
_chance = SystemRandom()


def pause_after(failures: int) -> timedelta | None:
    """How long to wait after so many failures in a row, from 1; None: it is tried no more."""
    if failures > len(RETRIES):
        return None
    return RETRIES[failures - 1] * _chance.uniform(1 - JITTER, 1 + JITTER)
