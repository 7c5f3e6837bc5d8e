"""Thresholds of the law as lines of text: `packtrail duties`. A heading for each table that has rows."""

from collections.abc import Iterator

from api.cli.task import in_columns
from service.domain.duties.thresholds import Dated, Thresholds
from service.domain.licences import LicenceDays, Need, told_from
from service.domain.materials.batch import Family
from service.domain.recovery.targets import PPM, RecycledContent, Target
from service.domain.rules_second_life import BannedApplication
from service.domain.spans import last_day
from service.domain.words import Word

_Cells = tuple[str, ...]
_ENDS = (("jurisdiction", "from", "until", "source"), ("法域", "起", "止", "依据"))
_TARGETS = (("share", "of", "at", "batteries"), ("比率", "项目", "环节", "电池"))
_SHARES = (("share", "material"), ("比率", "材料"))
_USES = (("use",), ("用途",))
_NEEDS = (("licence", "of", "for", "state"), ("资质", "主体", "事件", "状态"))


def threshold_lines(found: Thresholds, days: LicenceDays) -> list[str]:
    """The tables under their headings, each after an empty line."""
    return [
        *_table("Recovery and recycling efficiency 材料回收率与再生利用效率", _TARGETS, map(_target, found.targets)),
        *_table("Recycled content of new batteries 新电池再生材料含量", _SHARES, map(_share, found.recycled_content)),
        *_table("Banned uses 禁止用途", _USES, map(_use, found.banned_applications)),
        *_table("Licences needed 须具备的资质", _NEEDS, (_need(row, days) for row in found.licences)),
    ]


def _table(heading: str, head: tuple[_Cells, _Cells], rows: Iterator[_Cells]) -> list[str]:
    titles = [(*names, *ends) for names, ends in zip(head, _ENDS, strict=True)]
    lines = list(rows)
    return ["", heading, *in_columns([*titles, *lines])] if lines else []


def _target(row: Target) -> _Cells:
    bound = "at most 至多" if row.at_most else "at least 至少"
    families = ", ".join(_named(family) for family in Family if family in row.families) or "all 全部"
    stages = ",".join(sorted(stage.value for stage in row.stages))
    return (f"{bound} {_percent(row.ppm)}", _named(row.measure), stages, families, *_ends(row, row.source))


def _share(row: RecycledContent) -> _Cells:
    return f"at least 至少 {_percent(row.ppm)}", _named(row.material), *_ends(row, row.source)


def _use(row: BannedApplication) -> _Cells:
    return _named(row.application), *_ends(row, row.source)


def _need(row: Need, days: LicenceDays) -> _Cells:
    state, since = "judged 可判定" if row.is_enforced else "only shown 仅提示", told_from(row, days)
    state += f", told from 须报送自 {since}" if since else ""
    return _named(row.licence), _named(row.role), ",".join(sorted(row.kinds)), state, *_ends(row, row.source)


def _ends(row: Dated, source: str) -> _Cells:
    since = "source needed 待查" if row.since is None else row.since.isoformat()
    until = last_day(row)
    return row.jurisdiction, since, "-" if until is None else until.isoformat(), source


def _percent(ppm: int) -> str:
    return f"{ppm * 100 / PPM:g} %"


def _named(word: Word) -> str:
    return f"{word.en} {word.zh}"
