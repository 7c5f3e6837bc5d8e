"""What can go wrong with single sign-on. People are told that it did not work, and what else they can do.

SingleSignOnError        the provider did not answer, or not with what it should; the message is for the log
"""

from service.errors import Fault, NotPermittedError, ServiceError

FAILED = Fault(
    "",
    "single-sign-on-failed",
    "Signing in there did not work. Nothing was changed; try again, or sign in with your password.",
    "在该处登录未成功。未作任何更改；请重试或使用密码登录。",
)
NOT_LINKED = Fault(
    "",
    "not-linked",
    "That account is linked to nobody here. Sign in with your password and link it on the page of your account.",
    "该账户尚未关联。请先用密码登录，并在“我的账户”页面关联。",
)
LINKED_ELSEWHERE = Fault(
    "",
    "linked-elsewhere",
    "That account is linked to another person here. Nothing was changed.",
    "该账户已关联到其他人员。未作任何更改。",
)


class SingleSignOnError(ServiceError):
    """The provider did not answer, or not with what it should."""


def refusal(fault: Fault) -> NotPermittedError:
    """The error that tells this fault to a person."""
    return NotPermittedError(fault.message_en, [fault])
