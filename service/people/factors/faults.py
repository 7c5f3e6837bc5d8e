"""What can be wrong with a second factor, as rows: the person is told no more than these words say."""

from service.errors import Fault, NotPermittedError

WRONG_CODE = Fault(
    "/code",
    "wrong-code",
    "This code is not right, or was used before. Wait for the next one, and check that the phone's clock is right.",
    "验证码不正确或已使用过。请等待下一个验证码，并确认手机时间准确。",
)
WRONG_RECOVERY_CODE = Fault(
    "/code",
    "wrong-recovery-code",
    "This is no recovery code of yours, or it was used before. Each works once.",
    "不是您的恢复码，或已使用过。每个恢复码只能使用一次。",
)
NOT_BEGUN = Fault(
    "/code",
    "not-begun",
    "There is nothing to confirm: setting up the app was not begun, or took more than 15 minutes. Begin again.",
    "没有待确认的内容：尚未开始设置验证器应用，或已超过15分钟。请重新开始。",
)
WRONG_PASSKEY = Fault(
    "/credential",
    "wrong-passkey",
    "The passkey was not accepted. Nothing was changed; try again, or use another way.",
    "未接受该通行密钥。未作任何更改；请重试或使用其他方式。",
)
CLONED_PASSKEY = Fault(
    "/credential",
    "cloned-passkey",
    "This passkey seems to exist twice: it counted backwards. It was not accepted; remove it and make a new one.",
    "该通行密钥可能被复制：其计数器发生倒退，因此未被接受。请删除并重新创建。",
)
KNOWN_PASSKEY = Fault(
    "/credential",
    "known-passkey",
    "This passkey is registered already.",
    "该通行密钥已登记。",
)
LAST_FACTOR = Fault(
    "",
    "last-factor",
    "This is the last second factor of an account that must have one. Set up another one first.",
    "这是必须启用第二验证方式的账户的最后一种方式。请先设置另一种。",
)
TOO_MANY_PASSKEYS = Fault(
    "",
    "too-many-passkeys",
    "An account holds 20 passkeys at most. Remove one that is not used any more.",
    "每个账户最多登记20个通行密钥。请删除不再使用的。",
)
NO_PLACE = Fault(
    "",
    "no-passkeys-here",
    "Passkeys need a register with a domain name and https; use an authenticator app instead.",
    "通行密钥需要域名和https；请改用验证器应用。",
)


def refusal(fault: Fault) -> NotPermittedError:
    """The error that tells this fault."""
    return NotPermittedError(fault.message_en, [fault])
