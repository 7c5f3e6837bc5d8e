"""Reports of problems: kept without who reported, shown to whom they concern, closed once."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from service.domain.reported import Reason
from service.errors import ConflictError, NotFoundError, RefusedError
from service.imports.errors import FileRefusedError
from service.reported import noting, photos
from service.reported.noting import Problem, note_problem
from service.reported.reading import KEPT, Report, find_all, find_open, find_own, find_report, forget_old, handle
from tests.service.documents.files import PDF, PLACE, picture
from tests.service.town import Town, pack

PACK = pack(1)


def read(town: Town, reference: str) -> Report:
    with town.register.read() as reader:
        return find_report(reader.connection, reference)


def told(town: Town, *, whose: str | None = None, before: int | None = None, limit: int = 10) -> list[str]:
    """What was typed as the codes of reports: of all that wait, or of those that concern somebody."""
    with town.register.read() as reader:
        if whose is None:
            found = find_open(reader.connection, before=before, limit=limit)
        else:
            found = find_own(reader.connection, whose, before=before, limit=limit)
    return [each.told for each in found]


def test_a_report_reaches_those_it_concerns_and_is_closed_once(either_town: Town) -> None:
    town = either_town
    reference = note_problem(town.register, Problem(PACK.lower(), Reason.MOVED, "粘贴痕迹"))
    note_problem(town.register, Problem("no battery of ours", Reason.NOT_GENUINE))
    first = read(town, reference)
    assert (first.code, first.reason, first.words, first.has_photo) == (PACK, Reason.MOVED, "粘贴痕迹", False)
    assert told(town) == ["no battery of ours", PACK.lower()]
    assert told(town, limit=1) == ["no battery of ours"]
    assert told(town, before=first.id + 1) == [PACK.lower()]
    assert told(town, whose=first.maker) == told(town, whose=first.holder) == [PACK.lower()]
    assert told(town, whose="nobody") == []
    handle(town.register, reference, by="city", note="标签完好")
    with pytest.raises(ConflictError, match="was handled by city"):
        handle(town.register, reference, by="city", note="again")
    assert told(town) == ["no battery of ours"]
    town.clock.move(hours=(KEPT + timedelta(days=1)).total_seconds() / 3600)
    forget_old(town.register)
    with pytest.raises(NotFoundError):
        read(town, reference)
    with town.register.read() as reader:
        assert [each.told for each in find_all(reader.connection, before=None, limit=9)] == ["no battery of ours"]


def test_a_photo_is_kept_small_sealed_and_without_its_place_until_the_report_is_handled(town: Town) -> None:
    register = town.register
    data = picture("JPEG", size=(2400, 1200))
    assert PLACE.encode() in data
    reference = note_problem(register, Problem(PACK, Reason.DAMAGED, photo=data))
    sealed = photos.file_of(register.settings, reference).read_bytes()
    kept = photos.load(register.settings, register.vault, reference)
    assert kept.startswith(b"\xff\xd8") and not sealed.startswith(b"\xff\xd8")
    assert PLACE.encode() not in kept
    with Image.open(io.BytesIO(kept)) as opened:
        assert opened.size == (800, 1600)  # turned upright, as its camera said
    handle(register, reference, by="city", note="-")
    assert not read(town, reference).has_photo
    with pytest.raises(NotFoundError):
        photos.load(register.settings, register.vault, reference)


@pytest.mark.parametrize("photo", [PDF, b"\xff\xd8\xff nothing", b"GIF89a", b"\xff" * (photos.MOST_BYTES + 1)])
def test_what_is_no_photo_is_refused_and_nothing_is_kept(town: Town, photo: bytes) -> None:
    with pytest.raises(FileRefusedError):
        note_problem(town.register, Problem(PACK, Reason.COPIED, photo=photo))
    assert told(town) == []


@pytest.mark.parametrize("problem", [("", "x"), ("x" * 301, ""), (PACK, "x" * 1001), (PACK, "a\0b")])
def test_what_cannot_be_kept_whole_is_refused(town: Town, problem: tuple[str, str]) -> None:
    with pytest.raises(RefusedError):
        note_problem(town.register, Problem(problem[0], Reason.COPIED, problem[1]))
    assert told(town) == []


def test_where_too_many_wait_no_more_photos_are_taken(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noting, "MOST_OPEN", 1)
    note_problem(town.register, Problem(PACK, Reason.COPIED))
    with pytest.raises(FileRefusedError, match="without a photo"):
        note_problem(town.register, Problem(PACK, Reason.COPIED, photo=picture()))
    note_problem(town.register, Problem(PACK, Reason.COPIED))
