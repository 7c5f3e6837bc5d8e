"""What a file can hold: a name for each content, and the kinds of event that its rows become.

`models`, `packs`, `units` and `events` are what people call their files; the name of a kind of event serves as well.
"""

from dataclasses import dataclass

from service.domain.events import KINDS
from service.keys.key_events import LEDGER_KINDS, OWN_KINDS

_APART = frozenset(
    {"enrol_operator", "set_standing", "set_deadline", "set_licence_day", "record_maintenance", "erase_values",
     "publish_passport"}
)  # fmt: skip
"""Done one at a time and with care, by commands and requests of their own."""

EVENT_KINDS = tuple(
    name for name, row in KINDS.items() if row.body is not None and name not in LEDGER_KINDS | OWN_KINDS | _APART
)


@dataclass(frozen=True, slots=True)
class Content:
    """kinds: of event; the first is that of a row that names none. at_once: rows have no time, they happen now."""

    name: str
    title_en: str
    title_zh: str
    kinds: tuple[str, ...]
    at_once: bool = False


_ROWS = (
    Content("models", "Models", "型号", ("publish_model",), at_once=True),
    Content("packs", "Packs", "电池包", ("register_pack", "register")),
    Content("units", "Modules and cells", "模块与单体", ("register",)),
    Content("events", "Events", "事件", ("", *EVENT_KINDS)),
    *(Content(name, KINDS[name].title_en, KINDS[name].title_zh, (name,)) for name in EVENT_KINDS),
)
CONTENTS: dict[str, Content] = {row.name: row for row in _ROWS}
