"""A passport before and after it is published: the check, the entry, as what others see it, and its versions."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import READER, RECORDER
from api.desk.opening import desk_routes, go, person_caller, show
from api.desk.passport import shared
from api.desk.passport_rows import content_rows, lacking
from api.desk.passport_subject import PATH, Subject, find_subject
from api.edge import current_edge, current_register
from api.language import Catalogue
from api.pages.answers import visit_of_request
from api.passport_values import value_lines
from api.problems import problem_of
from api.receipts import entry_path
from api.routes import Terms
from ledger.entry import parse_time
from service.domain.passport.content import Content
from service.domain.passport.datapoints import DATA_POINTS, Status
from service.domain.passport.sections import SECTIONS
from service.domain.passport.tiers import Reader, tiers_of
from service.errors import ConflictError, Fault, FaultyError, NotFoundError
from service.passports.editing import Writing, changed_numbers, content_at, mark_of, open_writing
from service.passports.keeping import Published, content_of, find_versions
from service.passports.publishing import find_draft_of, publish

routes = desk_routes("passport versions desk")

READERS = {
    Reader.PUBLIC.value: "passport.as_public",
    Reader.INTEREST.value: "passport.as_interest",
    Reader.EU_AUTHORITY.value: "passport.as_authority",
}
"""As what one may look at a passport beforehand, in words of the catalogue."""
HIDDEN = (Status.PENDING, Status.NONE)
"""Not displayed to anybody. Source: the guidance."""
_MOVED = (
    "the draft has changed since you looked it over: nothing was published; read the changes below, then publish",
    "您核对后草稿又有改动，未发布任何内容。请核对下方的改动后再发布",
)


@routes.get(f"{PATH}/publish", Terms(READER, "What is about to be published"))
def show_check(kind: str, subject: str) -> ResponseReturnValue:
    return _check(find_subject(kind, subject))


@routes.post(f"{PATH}/publish", Terms(RECORDER, "Publish the draft"))
def publish_draft(kind: str, subject: str) -> ResponseReturnValue:
    found = find_subject(kind, subject)
    try:
        draft = find_draft_of(current_register(), found.author)
        _require_seen(content_of(draft.parts))
        publish(current_edge().recorder, draft, operator=person_caller().operator)
    except (FaultyError, NotFoundError) as error:
        return _check(found, error=error)
    return go(f"{found.passport}/versions")


@routes.get(f"{PATH}/as/<reader>", Terms(READER, "A passport as others would see it"))
def show_as(kind: str, subject: str, reader: str) -> ResponseReturnValue:
    found = find_subject(kind, subject)
    if reader not in READERS:
        raise NotFoundError("nobody reads a passport as this")
    writing, say = open_writing(current_register(), found.author), visit_of_request(current_register()).say
    tiers = tiers_of({Reader(reader)}, writing.day)
    sections = []
    for section in SECTIONS.values():
        if section.tier in tiers:
            rows = [
                (nr, name, lines) for nr, name, lines in _shown(writing, say) if section.first <= nr <= section.last
            ]
            sections.append((say.pick(section.en, section.zh), rows))
    return show(
        "desk/passport_as.html",
        **shared(found, writing, say),
        sections=[each for each in sections if each[1]],
        reader=reader,
        readers=READERS,
        tiers=sorted(tier.value.removeprefix("pt") for tier in tiers),
    )


@routes.get(f"{PATH}/versions", Terms(READER, "The versions of a passport"))
def show_versions(kind: str, subject: str) -> ResponseReturnValue:
    found = find_subject(kind, subject)
    writing, say = open_writing(current_register(), found.author), visit_of_request(current_register()).say
    return show("desk/passport_versions.html", **shared(found, writing, say), versions=_versions(found), changes=None)


@routes.get(f"{PATH}/versions/<int:older>/<int:newer>", Terms(READER, "What two versions say differently"))
def show_changes(kind: str, subject: str, older: int, newer: int) -> ResponseReturnValue:
    found = find_subject(kind, subject)
    register, say = current_register(), visit_of_request(current_register()).say
    contents = [content_at(register, found.author, version) for version in (older, newer)]
    if None in contents:
        raise NotFoundError("there is no such version")
    before, after = (each or {} for each in contents)
    writing = open_writing(register, found.author)
    return show(
        "desk/passport_versions.html",
        **shared(found, writing, say),
        versions=_versions(found),
        changes=_changes(before, after, say),
        older=older,
        newer=newer,
    )


def _require_seen(content: Content) -> None:
    """Raises ConflictError where this is not what the page showed that the form was sent from."""
    if request.form.get("was") != mark_of(content, content):
        raise ConflictError(_MOVED[0], [Fault("", "moved", *_MOVED)])


def _check(found: Subject, *, error: Exception | None = None) -> ResponseReturnValue:
    register, say = current_register(), visit_of_request(current_register()).say
    writing = open_writing(register, found.author)
    before = content_at(register, found.author, found.author.published) or {}
    return show(
        "desk/passport_check.html",
        problem=None if error is None else problem_of(error),
        **shared(found, writing, say),
        changes=_changes(before, writing.content, say) if writing.drafted else [],
        blocking=lacking(writing.blocking, say),
        missing=lacking([nr for nr in writing.missing if nr not in writing.blocking], say),
        left=lacking(writing.left_to_batteries, say),
        following=found.author.published + 1,
        was=mark_of(writing.content, writing.content),
    )


def _changes(before: Any, after: Any, say: Catalogue) -> list[dict[str, Any]]:
    numbers = changed_numbers(before, after)
    pairs = zip(content_rows(before, numbers, say), content_rows(after, numbers, say), strict=True)
    return [
        {"nr": nr, "name": name, "before": old, "after": new, "section": row[3]}
        for ((nr, name, old), (_, _, new)), row in zip(pairs, lacking(numbers, say), strict=True)
    ]


def _shown(writing: Writing, say: Catalogue) -> list[tuple[int, str, Any]]:
    found = []
    for nr, point in writing.points.items():
        standing = (writing.standing or {}).get(nr)
        if standing is None or standing.status not in HIDDEN:
            found.append((nr, say.pick(DATA_POINTS[nr].en, DATA_POINTS[nr].zh), value_lines(nr, point.value, say)))
    return found


def _versions(found: Subject) -> list[dict[str, Any]]:
    """Newest first."""
    with current_register().read() as reader:
        versions = find_versions(reader.connection, [found.author.subject]).get(found.author.subject, [])
    return [_version(each) for each in reversed(versions)]


def _version(each: Published) -> dict[str, Any]:
    return {
        "version": each.version,
        "at": parse_time(each.at),
        "index": each.index,
        "entry": entry_path(each.index),
        "count": len(each.numbers),
        "digests": sorted((tier.value, digest) for tier, digest in each.digests.items()),
    }
