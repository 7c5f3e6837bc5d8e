"""What can be wrong about a battery, its label or a page of ours, as somebody who meets it sees it."""

from service.domain.words import Word


class Reason(Word):
    """What somebody reports."""

    MOVED = "moved", "The label belongs to another battery, or was stuck on again", "标签属于另一块电池，或被重新粘贴过"
    COPIED = "copied", "The same code is on another battery as well", "另一块电池上有相同的编码"
    DAMAGED = "damaged", "The label is damaged or hard to read", "标签破损或难以辨认"
    WRONG = "wrong", "What the register says does not fit the battery", "登记内容与电池实物不符"
    NOT_GENUINE = "not_genuine", "The battery does not seem genuine", "电池疑似假冒"
    PAGE = (
        "page",
        "A page of this register keeps me out, or shows what it should not",
        "本网站的页面无法使用，或显示了不应显示的内容",
    )

    @property
    def needs_code(self) -> bool:
        """Whether it is about a battery."""
        return self is not Reason.PAGE
