"""The filter of a list of batteries: as it stands in the address, and as a row of selections with counts."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import NamedTuple
from urllib.parse import urlencode

from flask import request

from api.language import Catalogue
from service.domain.names import OP_STATES
from service.domain.states import OpState
from service.domain.words import Level
from service.packlist.groups import Eu, Label, Tie
from service.packlist.reading import Counted, Filter, count_facets
from service.recording.registry import Registry

FACETS = tuple(each.name for each in fields(Filter))
_LONGEST = 40
_TIES = tuple((tie.name or "").lower() for tie in Tie)
_STATES = [each.value for each in OpState]
_ORDER: Mapping[str, Sequence[str]] = {
    "tie": _TIES,
    "level": [each.value for each in Level],
    "state": _STATES,
    "label": [Label.NONE, Label.PRINTED],
    "eu": list(Eu),
}


class Facet(NamedTuple):
    """One selection of the filter."""

    name: str
    title: str
    chosen: str
    options: list["Option"]


class Option(NamedTuple):
    """One value of a facet with the number of batteries that it would leave."""

    value: str
    text: str
    batteries: int


def filter_of(given: Mapping[str, str]) -> Filter:
    """The filter in an address or a form. A value that nothing has leaves nothing."""
    return Filter(**{name: given.get(name, "")[:_LONGEST].strip() for name in FACETS})


def address(path: str, asked: Mapping[str, str]) -> str:
    """A path of ours with this query, in the language that the person chose."""
    language = request.args.get("lang")
    query = dict(asked) | ({"lang": language} if language in ("zh", "en") else {})
    return f"{path}?{urlencode(query)}" if query else path


def facets(groups: Sequence[Counted], wanted: Filter, registry: Registry, say: Catalogue) -> list[Facet]:
    """The selections with the values there are. One that is chosen is there even where it leaves nothing."""
    found: list[Facet] = []
    for name, counts in count_facets(groups, wanted).items():
        chosen = getattr(wanted, name)
        if chosen:
            counts.setdefault(chosen, 0)
        values = sorted(counts, key=_newest_first, reverse=True) if name == "month" else sorted(counts)
        if name in _ORDER:
            values = [value for value in _ORDER[name] if value in counts]
        some = [Option(value, words_of(name, value, registry, say), counts[value]) for value in values]
        found.append(Facet(name, say(f"packs.by_{name}"), chosen, some))
    return found


def _newest_first(month: str) -> tuple[str, bool, str]:
    """A year, then its months."""
    return month[:4], len(month) == 4, month


def words_of(name: str, value: str, registry: Registry, say: Catalogue) -> str:
    """What a value of a facet is called."""
    if name == "model" and value in registry.models:
        body = registry.models[value].body
        return f"{say.pick(*body.names)} · {value}"
    if name == "state" and value in _STATES:
        state = OP_STATES[OpState(value)]
        return say.pick(state.en, state.zh)
    if name == "level" and value in _ORDER[name]:
        level = Level(value)
        return say.pick(level.en, level.zh).capitalize()
    named = {"tie": f"packs.tie_{value}", "label": f"packs.label_{value}", "eu": f"packs.eu_{value}"}
    return str(say(named[name])) if name in named and value in _ORDER[name] else value
