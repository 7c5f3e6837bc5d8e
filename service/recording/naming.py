"""Names under the log's lock: what a commit's events name is looked up at once, and given once, for ever.

The rules are in `service.domain.identifiers.naming`; here is what they need to know of the names given before.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from service.db import views
from service.domain.breaches import breach
from service.domain.events import Event
from service.domain.identifiers.naming import Given, names_given
from service.recording.registry import Registry


@dataclass(frozen=True, slots=True)
class NamesMark:
    """A point to go back to: how many names and ties were given until then."""

    named: int
    tied: int


class Names:
    """The names of a commit: those that its events ask about, as they stand, and those that they give."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asked: set[str] = set()
        self._codes: dict[str, str] = {}
        self._prefixes: dict[str, str] = {}
        self._gtins: dict[str, str] = {}
        self._named: list[tuple[str, str]] = []
        self._tied: list[tuple[str, str]] = []

    def look_up(self, events: Iterable[Event], registry: Registry) -> None:
        """Learn what is known of everything that these events name."""
        self._ask([names_given(event, registry.models) for event in events])

    def give(self, event: Event, registry: Registry) -> None:
        """File what `event` names. Raises RuleBreach where it is another's, and has then filed nothing."""
        given = names_given(event, registry.models)
        if not given.ties and not given.names:
            return
        self._ask([given])
        self._check(given)
        for tie in given.ties:
            if tie.gtin not in self._prefixes:
                self._tie(tie.gtin, tie.prefix)
                self._tied.append((tie.gtin, tie.prefix))
        for name in given.names:
            self._codes[name.filed] = name.code
            self._named.append((name.filed, name.code))

    def save(self, connection: Connection) -> None:
        """Store what was given."""
        views.save_identifiers(connection, self._named)
        views.save_trade_items(connection, self._tied)

    def mark(self) -> NamesMark:
        """Remember the present point."""
        return NamesMark(len(self._named), len(self._tied))

    def back_to(self, mark: NamesMark) -> None:
        """Forget what was given since `mark`."""
        for filed, _ in self._named[mark.named :]:
            del self._codes[filed]
        for gtin, prefix in self._tied[mark.tied :]:
            del self._prefixes[gtin], self._gtins[prefix]
        del self._named[mark.named :]
        del self._tied[mark.tied :]

    def _check(self, given: Given) -> None:
        for tie in given.ties:
            prefix, gtin = self._prefixes.get(tie.gtin), self._gtins.get(tie.prefix)
            if prefix is not None and prefix != tie.prefix:
                raise breach("gtin-taken", tie.pointer, gtin=tie.gtin, prefix=prefix)
            if gtin is not None and gtin != tie.gtin:
                raise breach("gtin-given", tie.pointer, gtin=gtin, prefix=tie.prefix)
        for name in given.names:
            if name.filed in self._codes:
                raise breach("name-taken", name.pointer, code=self._codes[name.filed])

    def _ask(self, given: Iterable[Given]) -> None:
        """Look up what was not looked up yet: each name once in a commit."""
        names, ties = set[str](), set[tuple[str, str]]()
        for each in given:
            names |= {name.filed for name in each.names}
            ties |= {(tie.gtin, tie.prefix) for tie in each.ties}
        new = sorted(names - self._asked)
        if new:
            self._codes.update(views.find_codes(self._connection, new))
            self._asked.update(new)
        gtins = sorted({gtin for gtin, _ in ties} - self._asked)
        prefixes = sorted({prefix for _, prefix in ties} - self._asked)
        if gtins or prefixes:
            for gtin, prefix in views.find_trade_items(self._connection, gtins, prefixes):
                self._tie(gtin, prefix)
            self._asked.update(gtins, prefixes)

    def _tie(self, gtin: str, prefix: str) -> None:
        self._prefixes[gtin] = prefix
        self._gtins[prefix] = gtin
