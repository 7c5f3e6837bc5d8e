"""Taking a report of a problem: what is wrong, with which battery; who says so is not asked and not kept."""

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ledger.entry import format_time
from service.db.reported_tables import reported_problem
from service.domain.errors import InvalidCode
from service.domain.reported import Reason
from service.errors import Fault, NotFoundError, RefusedError
from service.imports.errors import FileRefusedError
from service.lookup import resolve_battery
from service.recording.listings import load_known
from service.reported import photos
from service.work import Register

LONGEST_WORDS = 1000
LONGEST_CODE = 300
MOST_OPEN = 2000
"""So many reports may wait before no more photographs are taken: together at most some 2 GB."""
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_c = reported_problem.c


@dataclass(frozen=True, slots=True)
class Problem:
    """What somebody tells. told: the code as it was typed. photo: a file, as the camera made it."""

    told: str
    reason: Reason
    words: str = ""
    photo: bytes | None = None


def note_problem(register: Register, problem: Problem) -> str:
    """Keep a report; gives its reference. Raises RefusedError, FileRefusedError, BusyError: then nothing was kept."""
    _check(problem)
    picture = photos.small(problem.photo, register.settings) if problem.photo else None
    code, maker, holder = _about(register, problem.told)
    reference = make_reference()
    if picture is not None:
        _require_room(register)
        photos.store(register.settings, register.vault, reference, picture)
    row = {
        "reference": reference,
        "code": code,
        "told": problem.told,
        "reason": problem.reason.value,
        "words": problem.words,
        "has_photo": picture is not None,
        "maker": maker,
        "holder": holder,
        "reported_at": format_time(register.clock()),
    }
    try:
        with register.write_beside() as connection:
            connection.execute(reported_problem.insert().values(row))
    except BaseException:
        photos.remove(register.settings, reference)
        raise
    return reference


def make_reference() -> str:
    """`R-7K3M-9QXD`: 40 random bits in letters that are not mistaken for others."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"R-{letters[:4]}-{letters[4:]}"


def open_reports(connection: Connection, most: int) -> int:
    """How many are not handled, counted up to `most`."""
    some = select(_c.id).where(_c.handled_at.is_(None)).limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _check(problem: Problem) -> None:
    faults = []
    if len(problem.told) > LONGEST_CODE or (problem.reason.needs_code and not problem.told):
        faults.append(Fault("/code", "length", "say which battery: the code on its label", "请填写标签上的电池编码"))
    if len(problem.words) > LONGEST_WORDS:
        en, zh = f"describe it in at most {LONGEST_WORDS} letters", f"说明不得超过{LONGEST_WORDS}字"
        faults.append(Fault("/words", "length", en, zh))
    if "\x00" in problem.told + problem.words:
        faults.append(Fault("/words", "control", "the text holds a character that nobody sees", "文字中含有控制字符"))
    if faults:
        raise RefusedError(faults)


def _about(register: Register, told: str) -> tuple[str, str, str]:
    """Code, maker and holder of the battery that was meant; empty for one that is not registered."""
    if not told:
        return "", "", ""
    try:
        code = resolve_battery(register, told)
    except (InvalidCode, NotFoundError):
        return "", "", ""
    with register.read() as reader:
        models = register.current_registry(reader.connection).models
        state = load_known(reader.connection, [code], models)[code]
    return code, state.maker, state.holder


def _require_room(register: Register) -> None:
    with register.read() as reader:
        waiting = open_reports(reader.connection, MOST_OPEN)
    if waiting >= MOST_OPEN:
        en = "so many reports wait that no more photos are taken now: send it without a photo"
        raise FileRefusedError("full", en, "待处理的反馈过多，暂不接收照片，请去掉照片后重新提交")
