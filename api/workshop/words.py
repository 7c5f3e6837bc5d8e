"""Words for what the workshop finds: verdicts, reasons, refusals, in both languages."""

from collections.abc import Mapping
from typing import NamedTuple

from api.language import Catalogue
from api.naming import operator_name
from service.domain.errors import RuleBreach
from service.domain.events import KINDS
from service.domain.names import OP_STATES
from service.domain.offering import before_states
from service.domain.states import OpState
from service.recording.registry import Registry
from service.workshop.forms import Others
from service.workshop.offers import Refusal
from service.workshop.verdict import Level, Reason


class Look(NamedTuple):
    """tone: of the band. word: a key of the catalogue. icon: its shape."""

    tone: str
    word: str
    icon: str


LEVELS: Mapping[Level, Look] = {
    Level.OK: Look("ok", "w.level_ok", "ok"),
    Level.CHECK: Look("attention", "w.level_check", "attention"),
    Level.STOP: Look("unknown", "w.level_stop", "stop"),
}


def reason_text(reason: Reason, registry: Registry, say: Catalogue) -> str:
    """Why the verdict is what it is."""
    values = dict(reason.values)
    if "operator" in values:
        values["operator"] = operator_name(values["operator"], registry, say)
    return say(f"w.reason_{reason.name}", **values)


def kind_title(kind: str, say: Catalogue) -> str:
    """What an event of this kind is called."""
    return say.pick(KINDS[kind].title_en, KINDS[kind].title_zh)


def refusal_text(refusal: Refusal, say: Catalogue) -> str:
    """Why something cannot be done with the battery now: in words of the trade where its state is in the way."""
    if refusal.breach.rule == "state":
        return say("w.needs_state", states=_states(before_states(refusal.kind, refusal.place), say))
    return breach_text(refusal.breach, say)


def breach_text(breach: RuleBreach, say: Catalogue) -> str:
    """What a rule objects to."""
    return say.pick(breach.message_en, breach.message_zh)


def _states(states: frozenset[str], say: Catalogue) -> str:
    named = [OP_STATES[state] for state in OpState if state in states]
    return say("punctuation.list").join(say.pick(name.en, name.zh) for name in named)


_OTHERS = {
    ("swap", False): "w.other_in",
    ("swap", True): "w.other_out",
    ("replace_pack", False): "w.other_new",
    ("replace_pack", True): "w.other_old",
    ("assemble", False): "w.other_parts",
}


def other_word(kind: str, others: Others) -> str:
    """The key of what the other batteries of an event are to it."""
    return _OTHERS.get((kind, others.before)) or ("w.other_product" if others.before else "w.other_inputs")
