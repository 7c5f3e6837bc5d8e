"""What scripts and programs are told of a battery in hand: the verdict, what may be done, and the forms for it.

The same values that the pages are made of, with every text in English and Chinese.
"""

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

from api.language import Catalogue, catalogue
from api.workshop.battery import InHand, facts_of
from api.workshop.words import LEVELS, kind_title, other_word, reason_text, refusal_text
from service.domain.names import OP_STATES
from service.domain.states import OpState
from service.recording.registry import Registry
from service.workshop.forms import Form, FormField, Others
from service.workshop.offers import Refusal
from service.workshop.snapshot import MOST, Snapshot
from service.workshop.verdict import Reason, Verdict

Members = dict[str, Any]


def battery_members(found: InHand, forms: Sequence[Form], at: str) -> Members:
    """A battery in hand. forms: of what may be done, the usual one first. at: when that was read."""
    state = found.now.state
    facts = zip(facts_of(found, catalogue("en")), facts_of(found, catalogue("zh")), strict=True)
    return {
        "code": state.code,
        "as_of": {"size": found.now.size, "at": at},
        "verdict": _verdict(found.verdict, found.registry),
        "state": {**_op_state(state.op_state), "holder": state.holder, "count": state.count},
        "identity": [
            {"name": en.name, "label": _pair(en.label, zh.label), "value": _pair(en.value, zh.value)}
            for en, zh in facts
        ],
        "actions": [_action(form, primary=number == 0) for number, form in enumerate(forms)],
        "not_now": [_refusal(refusal) for refusal in found.offers.refused],
    }


def snapshot_members(snapshot: Snapshot, operator: str, registry: Registry, at: str) -> Members:
    """What a phone takes along, with the checkpoint that it was read under."""
    return {
        "organisation": operator,
        "size": snapshot.size,
        "at": at,
        "checkpoint": snapshot.checkpoint.decode(),
        "complete": snapshot.complete,
        "most": MOST,
        "batteries": [
            {
                "code": each.state.code,
                "level": each.verdict.level.word,
                "reasons": _reasons(each.verdict.reasons, registry),
                "op_state": _op_state(each.state.op_state),
                "kinds": list(each.kinds),
            }
            for each in snapshot.batteries
        ],
    }


def form_members(form: Form) -> Members:
    """A form, as the page draws it."""
    return {
        "kind": form.kind,
        "others": [_others(form.kind, each) for each in form.others],
        "fields": [_field(each) for each in form.fields],
    }


def _action(form: Form, *, primary: bool) -> Members:
    return {"kind": form.kind, "primary": primary, **_title(form.kind), "form": form_members(form)}


def _refusal(refusal: Refusal) -> Members:
    reason = _both(lambda say: refusal_text(refusal, say))
    return {"kind": refusal.kind, **_title(refusal.kind), "reason": reason}


def _verdict(verdict: Verdict, registry: Registry) -> Members:
    words = _both(lambda say: say(LEVELS[verdict.level].word))
    return {"level": verdict.level.word, **words, "reasons": _reasons(verdict.reasons, registry)}


def _reasons(reasons: Sequence[Reason], registry: Registry) -> list[Members]:
    return [_reason(each, registry) for each in reasons]


def _reason(reason: Reason, registry: Registry) -> Members:
    words = _both(lambda say: reason_text(reason, registry, say))
    return {"reason": reason.name, "level": reason.level.word, **words}


def _others(kind: str, others: Others) -> Members:
    label = _both(lambda say: say(other_word(kind, others)))
    counts = {"before": others.before, "minimum": others.minimum, "maximum": others.maximum}
    return {**counts, "label": label, "codes": list(others.codes)}


def _field(field: FormField) -> Members:
    spec, display = field.spec, field.display
    return {
        "name": field.name,
        "type": spec.kind,
        "required": spec.required,
        "more": field.folded,
        "restricted": field.restricted,
        "label": _pair(spec.title_en, spec.title_zh),
        "unit": _pair(display.en, display.zh) if display else None,
        "places": field.places,
        "minimum": spec.minimum,
        "maximum": spec.maximum,
        "max_length": spec.max_length,
        "pattern": spec.pattern,
        "choices": [{"value": word.value, **_pair(word.en, word.zh)} for word in spec.choices],
        "value": field.value or None,
        "suggestions": list(field.suggestions),
        "offered": list(field.offered),
        "subject": field.subject,
    }


def _op_state(state: OpState) -> Members:
    return {"op_state": state.value, **_pair(OP_STATES[state].en, OP_STATES[state].zh)}


def _title(kind: str) -> dict[str, str]:
    return _both(lambda say: kind_title(kind, say))


def _both(text: Callable[[Catalogue], str]) -> dict[str, str]:
    return _pair(text(catalogue("en")), text(catalogue("zh")))


def _pair(en: str, zh: str) -> dict[str, str]:
    """Plain text: what was escaped for a page is not, here."""
    return {"en": _plain(en), "zh": _plain(zh)}


def _plain(text: str) -> str:
    return text.unescape() if isinstance(text, Markup) else text
