"""From an EPCIS event to an event of ours, told or signed: the inverse of `writing`, and wider.

An event that says its kind (`packtrail:type`) is read strictly: a member of our namespace that the kind does not have
is refused. An event of somebody else's is taken for the kind that its type, action, business step and disposition
mean, its measurements for the fields of the same name. What of it has no place here is not recorded, and the answer
says so. Total: any JSON object gives an event or RefusedError, whose pointers are inside the object.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Protocol

from ledger.entry import EVENT_VERSION, format_time
from service.domain.events import KINDS
from service.domain.listing import is_listable, is_serial, joined, run_of, split
from service.domain.restricted import restricted_in
from service.domain.uuid7 import make_uuid7
from service.domain.words import Outcome
from service.epcis.errors import refused
from service.epcis.event_hash import event_hash
from service.epcis.fields_read import Member, read_fields
from service.epcis.naming import Names
from service.epcis.shapes import CORRECT, FOREIGN, FOREIGN_DISPOSED, REGISTER_EVENT, shapes_of
from service.epcis.terms import EPC_LISTS, local_name, own

Json = Mapping[str, Any]
_KNOWN = frozenset(
    {
        "@context", "type", "eventTime", "eventTimeZoneOffset", "recordTime", "eventID", "action", "bizStep",
        "disposition", "persistentDisposition", "parentID", "transformationID", "errorDeclaration", *EPC_LISTS,
    }
)  # fmt: skip
"""Members that say nothing beyond the kind, the time and the batteries."""


@dataclass(frozen=True, slots=True)
class Read:
    """An event as it is to be recorded. `jws`: it is signed by its actor. dropped: members that are not recorded.

    members are those of an envelope in custody, or of the signed event.
    """

    members: dict[str, Any]
    private: dict[str, Any]
    jws: str | None
    dropped: tuple[str, ...]


class Foreign(Protocol):
    """What other events of its document tell about somebody else's: see `grouping.Unit`."""

    kind: str | None
    epcs: list[str] | None
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the events of one document. spaces: the prefixes of its context, ours among them."""

    names: Names
    actor: str
    origin: str
    spaces: Mapping[str, str]

    def read(self, event: Json, foreign: Foreign | None = None) -> Read:
        """One event. foreign: what other events of the document tell about it. Raises RefusedError."""
        if "errorDeclaration" in event:
            return self._read_correction(event)
        source = Member(event, self.spaces, _KNOWN)
        kind = (foreign and foreign.kind) or kind_of(event)
        body, dropped = read_fields(kind, source, told=own("type") in event)
        if foreign is not None and foreign.epcs is not None:
            body |= {name: self._code(epc, "childEPCs") for name, epc in foreign.parts.items()}
            subjects = [self._code(epc, "childEPCs") for epc in foreign.epcs]
        else:
            subjects = _shortened(kind, self._subjects(kind, event, body), body)
        if own("type") in event:
            _check_shape(event, kind, subjects, body)
        members = {
            "type": kind,
            "subjects": subjects,
            "occurred_at": format_time(read_time(event, "eventTime")),
            "body": body,
        }
        return self._enveloped(source, members, self._id(event), dropped)

    def _read_correction(self, event: Json) -> Read:
        """An error declaration: what it says of itself; the event around it is the one that is corrected."""
        declaration = event["errorDeclaration"]
        if not isinstance(declaration, dict) or not isinstance(event.get("eventID"), str):
            en, zh = "an error declaration names the event by its eventID", "更正须以eventID指明被更正事件"
            raise refused("/errorDeclaration", "shape", en, zh)
        source = Member(declaration, self.spaces, frozenset({"declarationTime", "reason", "correctiveEventIDs"}))
        body, dropped = read_fields(CORRECT, source, told=True, passing=(own("correctedBy"),))
        body["event_id"] = event["eventID"].removeprefix("urn:uuid:")
        if isinstance(declaration.get("reason"), str):
            body["reason"] = local_name(declaration["reason"]).removeprefix("ER-")
        given = declaration.get(own("subjects"))
        subjects = given if isinstance(given, list) else self._found(event)
        moment = format_time(read_time(declaration, "declarationTime"))
        members = {"type": CORRECT, "subjects": subjects, "occurred_at": moment, "body": body}
        id_ = declaration.get(own("correctedBy"))
        marked = {"eventID": id_} if id_ else {"eventID": event["eventID"] + moment}
        return self._enveloped(source, members, self._id({**marked, "eventTime": moment}), dropped)

    def _enveloped(self, source: Member, members: dict[str, Any], id_: str, dropped: Sequence[str]) -> Read:
        members["id"] = id_
        values = source.object(own("fieldCommitments")), source.object(own("fieldSalts"))
        jws = source.text(own("jws"))
        restricted = restricted_in(members["type"])
        if jws is None:
            return Read(members, {}, None, tuple(dropped))
        commitments, salts = values
        body, private = members["body"], {}
        for name, text in commitments.items():
            if name in restricted:
                if name in body:
                    private[name] = {"value": body.pop(name), "salt": salts.get(name, "")}
                body[restricted[name].commitment] = text
        signed = {"actor": source.text(own("actor")) or self.actor, "log": source.text(own("log")) or self.origin}
        return Read(members | signed | {"v": EVENT_VERSION}, private, jws, tuple(dropped))

    def _id(self, event: Json) -> str:
        """Our id: the one in the eventID, else one that follows from it, or from what the event says.

        So the same event captured twice is recorded once.
        """
        given = event.get("eventID")
        if given is not None and not isinstance(given, str):
            raise refused("/eventID", "type", "an eventID is a URI", "eventID应为URI")
        if given is not None:
            text = given.removeprefix("urn:uuid:")
            if len(text) == 36 and text[14] == "7":
                return text
        seed = given or event_hash(event, self.spaces)
        ms = int(read_time(event, "eventTime").timestamp() * 1000)
        return make_uuid7(min(max(ms, 0), (1 << 48) - 1), sha256(f"{self.actor}\n{seed}".encode()).digest()[:10])

    def _subjects(self, kind: str, event: Json, body: Mapping[str, Any]) -> list[str]:
        given = event.get(own("subjects"))
        if given is None:
            code = code_in_ilmd(event)
            return [code] if code is not None else self._ordered(kind, event)
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise refused(f"/{own('subjects')}", "type", "a list of codes is needed", "应为编码列表")
        known = set(given)
        for name, epc in epcs_of(event):
            code = self.names.code_of(epc)
            if code is not None and code not in known and not _is_in_run(code, body):
                en, zh = f"{epc} is not among {own('subjects')}", f"{epc}不在{own('subjects')}之列"
                raise refused(f"/{name}", "subjects", en, zh)
        return given

    def _ordered(self, kind: str, event: Json) -> list[str]:
        """The codes of the batteries in the order that the kind has them: output or parent first."""
        found = self._found(event)
        if not found and KINDS[kind].subjects.minimum:
            raise refused("/epcList", "subjects", "no battery is named", "未指明电池")
        return found

    def _found(self, event: Json) -> list[str]:
        codes: dict[str, None] = {}
        for name, epc in epcs_of(event):
            code = self.names.code_of(epc) if name == "parentID" else self._code(epc, name)
            if code is not None:
                codes[code] = None
        return list(codes)

    def _code(self, epc: str, name: str) -> str:
        code = self.names.code_of(epc)
        if code is None:
            en, zh = f"{epc} is no battery of this register", f"{epc}不是本登记簿中的电池"
            raise refused(f"/{name}", "epc", en, zh)
        return code


def _is_in_run(code: str, body: Mapping[str, Any]) -> bool:
    """Whether a run of a body that nobody has checked yet has the code."""
    runs = body.get("parts")
    for run in runs if isinstance(runs, list) else ():
        first, count = (run.get("first"), run.get("count")) if isinstance(run, dict) else (None, None)
        if isinstance(first, str) and type(count) is int and is_serial(first) and is_serial(code):
            run, (prefix, serial) = run_of(first, count), split(code)
            if run.prefix == prefix and run.first <= serial <= run.last:
                return True
    return False


def _shortened(kind: str, subjects: list[str], body: dict[str, Any]) -> list[str]:
    """The subjects that an event of ours can name; of more parts than that, those of a dismantling go into runs."""
    if kind != "dismantle" or len(subjects) <= KINDS[kind].subjects.maximum or "parts" in body:
        return subjects
    whole, *parts = subjects
    runs = joined(run_of(code) for code in parts if is_listable(code))
    body["parts"] = [{"first": run.code(), "count": run.size, "outcome": Outcome.RECOVERED.value} for run in runs]
    return [whole, *(code for code in parts if not is_listable(code))]


def _check_shape(event: Json, kind: str, subjects: Sequence[str], body: Mapping[str, Any]) -> None:
    """An event that says its kind is told as that kind is. Raises RefusedError."""
    shape = shapes_of(kind, subjects)[0]
    if shape.type == REGISTER_EVENT:
        wanted: dict[str, str | None] = {"type": shape.type}
    else:
        disposition = shape.when(body) if shape.when else shape.disposition
        wanted = {"type": shape.type, "action": shape.action, "bizStep": shape.step, "disposition": disposition}
    for name, value in wanted.items():
        if word_of(event.get(name)) != word_of(value):
            en, zh = f"of an event {kind} this is {value}", f"{kind}事件的此项应为{value}"
            raise refused(f"/{name}", "shape", en, zh)


def kind_of(event: Json) -> str:
    """The kind of event that this is here. Raises RefusedError."""
    given = event.get(own("type"))
    if given is not None:
        row = KINDS.get(given) if isinstance(given, str) else None
        if row is None or row.body is None:
            raise refused(f"/{own('type')}", "kind", f"no such kind of event: {given}", "没有此类事件")
        return row.name
    type_, action, step = event.get("type"), event.get("action"), word_of(event.get("bizStep"))
    kind = FOREIGN.get((str(type_), action if isinstance(action, str) else None, step))
    if kind is None:
        en = f"no kind of event here is told as {type_}, {action}, {step}"
        raise refused("/bizStep", "kind", en, "本登记簿没有与之对应的事件类型")
    return FOREIGN_DISPOSED.get((kind, word_of(event.get("disposition"))), kind)


def word_of(value: object) -> str:
    """A word of the CBV without what stands before it: `https://ref.gs1.org/cbv/BizStep-shipping` -> shipping."""
    return _word_of(value) if isinstance(value, str) else ""


@lru_cache(maxsize=4096)
def _word_of(value: str) -> str:
    name = local_name(value)
    return name.partition("-")[2] if name.startswith(("BizStep-", "Disp-")) else name


def epcs_of(event: Json) -> Iterator[tuple[str, str]]:
    """The EPCs of single things in an event, with the member that each stands in; outputs and parents first."""
    for name in ("outputEPCList", "parentID", "epcList", "childEPCs", "inputEPCList"):
        value = event.get(name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                yield name, each
            elif each is not None:
                raise refused(f"/{name}", "type", "an EPC is a URI", "EPC应为URI")


def code_in_ilmd(event: Json) -> str | None:
    """The code that somebody gives for what is made, as a member called gbCode of any namespace."""
    ilmd = event.get("ilmd")
    codes = [each for name, each in ilmd.items() if local_name(name) == "gbCode"] if isinstance(ilmd, dict) else []
    return codes[0] if codes and isinstance(codes[0], str) else None


def read_time(event: Json, name: str) -> datetime:
    """A time with its zone, in UTC. Raises RefusedError."""
    value = event.get(name)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise refused(f"/{name}", "time", "a time with its zone is needed", "应为带时区的时间")
