"""Every problem this interface can answer with, as rows, and which error of ours stands for which.

A row's slug is part of its address, `/problems/<slug>`, and of what programs compare with: it never changes.
"""

from dataclasses import dataclass

from gunicorn.http.errors import ParseException
from marshmallow import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from api.errors import ForgedRequestError, KeyInAddressError, MisdirectedError, SignInNeededError, UnauthenticatedError
from labels.errors import LabelError
from ledger.errors import MalformedError, RollbackError
from service.domain.errors import InvalidCode
from service.epcis.errors import NotOfferedError, QueryParameterError, QueryTooLargeError, TooManyEventsError
from service.errors import (
    BusyError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    SettingsError,
)
from service.imports.errors import FileRefusedError
from service.limits.errors import LimitReachedError
from service.people.tries import TooManyTriesError
from service.webhooks.errors import WebhookRefusedError


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One row. `advice` says what the one who meets it can do."""

    slug: str
    status: int
    title_en: str
    title_zh: str
    advice_en: str
    advice_zh: str


_ROWS = (
    ProblemKind(
        "malformed", 400, "The request cannot be read", "无法解析请求",
        "The body is not strict JSON, or the request breaks HTTP. Nothing of it was looked at further.",
        "请求体不是严格的JSON，或请求不符合HTTP规范。未作进一步处理。",
    ),
    ProblemKind(
        "query-parameter", 400, "A parameter of the query cannot be used", "查询参数无效",
        "errors names the parameter. docs/epcis.md lists those that are known.",
        "errors指出该参数。可用参数见docs/epcis.md。",
    ),
    ProblemKind(
        "key-in-address", 400, "An API key stands in the address", "地址中含有API密钥",
        "Addresses end up in logs. Revoke the key, make a new one, and send it in the Authorization header.",
        "地址会进入日志。请吊销该密钥，另建新密钥，并通过Authorization请求头发送。",
    ),
    ProblemKind(
        "unauthenticated", 401, "A valid API key or a session is needed", "需要有效的API密钥或登录",
        "Programs send Authorization: Bearer with a key that is neither revoked nor expired. People sign in at /login.",
        "程序请发送Authorization: Bearer及未吊销、未过期的密钥；个人请在/login登录。",
    ),
    ProblemKind(
        "forged-request", 403, "The request was not made by a page of this register", "请求并非由本登记簿的页面发出",
        "Open the page anew and send its form again. Scripts send X-CSRF-Token. Nothing was changed.",
        "请重新打开页面并再次提交表单；脚本须发送X-CSRF-Token。未作任何更改。",
    ),
    ProblemKind(
        "not-permitted", 403, "You may not do this", "无权执行此操作",
        "The key is valid, but its operator, role, scope or signature does not allow this. Nothing was stored.",
        "密钥有效，但其经营者、角色、权限范围或签名不允许此操作。未存储任何内容。",
    ),
    ProblemKind(
        "not-found", 404, "There is no such thing in this register", "登记簿中没有此项",
        "The code may be mistyped, or not registered yet.", "编码可能有误，或尚未登记。",
    ),
    ProblemKind(
        "method-not-allowed", 405, "This address does not take that method", "该地址不支持此方法",
        "The Allow header lists the methods it takes.", "Allow响应头列出了可用的方法。",
    ),
    ProblemKind(
        "not-acceptable", 406, "There is no such form of the answer", "没有此种形式的应答",
        "Ask for one of the media types that the API's description names.", "请改用接口说明中列出的媒体类型。",
    ),
    ProblemKind(
        "conflict", 409, "What is recorded stands against it", "与已记录内容冲突",
        "Look at what is recorded (index, current), and record what follows from it. Nothing was stored.",
        "请查看已记录的内容（index、current）并据此重新记录。未存储任何内容。",
    ),
    ProblemKind(
        "too-large", 413, "The body is too large", "请求体过大",
        "Split it into several batches.", "请拆分为多个批次。",
    ),
    ProblemKind(
        "query-too-large", 413, "The query finds more events than it allows", "查询结果超出所允许的数量",
        "Ask for fewer events, or without maxEventCount, page by page.",
        "请缩小查询范围，或去掉maxEventCount逐页查询。",
    ),
    ProblemKind(
        "address-too-long", 414, "The address is too long", "地址过长",
        "Shorten the address.", "请缩短地址。",
    ),
    ProblemKind(
        "unsupported-media-type", 415, "The body is of a kind that is not read here", "不支持的内容类型",
        "Send uncompressed UTF-8 JSON and say so in Content-Type.",
        "请发送未压缩的UTF-8 JSON，并在Content-Type中注明。",
    ),
    ProblemKind(
        "misdirected", 421, "This register has another address", "本登记簿使用其他地址",
        "Open it at the address that detail names. A proxy in front has to pass on the Host header.",
        "请使用detail中的地址访问。前置代理须转发Host请求头。",
    ),
    ProblemKind(
        "refused", 422, "The event is not accepted", "事件未被接受",
        "errors lists every reason, each with its place and its source. Nothing was stored.",
        "errors列出所有原因、位置及依据。未存储任何内容。",
    ),
    ProblemKind(
        "file", 422, "The file is not accepted", "文件未被接受",
        "detail says what is wrong with it. Nothing of it was recorded.", "detail说明了原因。未记录其中任何内容。",
    ),
    ProblemKind(
        "invalid-request", 422, "The request does not have the right form", "请求格式不正确",
        "errors lists every place that is wrong. Nothing was stored.", "errors列出所有错误位置。未存储任何内容。",
    ),
    ProblemKind(
        "invalid-code", 422, "This can be no identifier of a battery", "不是有效的电池标识",
        "errors names the first character that cannot be right.", "errors指出第一个有误的字符。",
    ),
    ProblemKind(
        "webhook", 422, "The webhook is not accepted", "Webhook未被接受",
        "errors says what is wrong with it. Nothing was stored.", "errors说明了原因。未存储任何内容。",
    ),
    ProblemKind(
        "label", 422, "This label cannot be drawn", "无法绘制该标签",
        "Choose another template, format or resolution.", "请选择其他模板、格式或分辨率。",
    ),
    ProblemKind(
        "too-many-requests", 429, "Too many requests", "请求过于频繁",
        "Nothing was done. Send the same again after the seconds in Retry-After. docs/limits.md lists the limits.",
        "未作任何处理。请在Retry-After所示秒数后重发。各项限额见docs/limits.md。",
    ),
    ProblemKind(
        "too-many-tries", 429, "Too many tries", "尝试次数过多",
        "Send the same again after the seconds in Retry-After. Nothing was looked at or changed.",
        "请在Retry-After所示秒数后重试。未作核对，也未作任何更改。",
    ),
    ProblemKind(
        "headers-too-large", 431, "The headers are too large", "请求头过大",
        "Send fewer or shorter headers.", "请减少或缩短请求头。",
    ),
    ProblemKind(
        "internal", 500, "Something failed on our side", "服务器内部错误",
        "Report the trace_id. Sending the same event again is safe: it is recorded at most once.",
        "请报告trace_id。可安全地重发同一事件：最多只会记录一次。",
    ),
    ProblemKind(
        "not-offered", 501, "This part of the standard is not offered here", "本登记簿不提供该功能",
        "detail says what to do instead.", "detail说明了替代方法。",
    ),
    ProblemKind(
        "busy", 503, "The register is busy", "登记簿繁忙",
        "Nothing was stored. Send the same again after the seconds in Retry-After.",
        "未存储任何内容。请在Retry-After所示秒数后重发。",
    ),
    ProblemKind(
        "unavailable", 503, "The register cannot answer now", "登记簿暂时不可用",
        "Send the same event with the same id again later: it is recorded at most once.",
        "请稍后以相同的id重发同一事件：最多只会记录一次。",
    ),
)  # fmt: skip

PROBLEMS: dict[str, ProblemKind] = {row.slug: row for row in _ROWS}

BY_ERROR: dict[type[Exception], str] = {
    MalformedError: "malformed",
    ParseException: "malformed",  # a chunked body that breaks off or lies about its chunks
    KeyInAddressError: "key-in-address",
    MisdirectedError: "misdirected",
    UnauthenticatedError: "unauthenticated",
    SignInNeededError: "unauthenticated",
    ForgedRequestError: "forged-request",
    NotPermittedError: "not-permitted",
    TooManyTriesError: "too-many-tries",
    LimitReachedError: "too-many-requests",
    NotFoundError: "not-found",
    ConflictError: "conflict",
    RefusedError: "refused",
    FileRefusedError: "file",
    WebhookRefusedError: "webhook",
    QueryParameterError: "query-parameter",
    QueryTooLargeError: "query-too-large",
    TooManyEventsError: "too-large",
    NotOfferedError: "not-offered",
    ValidationError: "invalid-request",
    InvalidCode: "invalid-code",
    LabelError: "label",
    BusyError: "busy",
    SettingsError: "unavailable",
    RollbackError: "unavailable",
    SQLAlchemyError: "unavailable",
    OSError: "unavailable",  # a disk that is full or fails, met by the pin: what was committed is told at the next try
}
"""Subclasses count as their nearest superclass that is listed. What is not here is `internal`."""

WITHHELD = frozenset({"internal", "unavailable"})
"""Problems whose cause is logged and not told."""

BY_STATUS: dict[int, str] = {
    400: "malformed",
    401: "unauthenticated",
    403: "not-permitted",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    408: "malformed",
    409: "conflict",
    413: "too-large",
    414: "address-too-long",
    415: "unsupported-media-type",
    422: "invalid-request",
    429: "too-many-requests",
    431: "headers-too-large",
    503: "unavailable",
}
"""For the errors that Flask and Werkzeug raise."""


def slug_of(error: Exception) -> str:
    """The problem that stands for an error of ours."""
    return next((BY_ERROR[kind] for kind in type(error).__mro__ if kind in BY_ERROR), "internal")
