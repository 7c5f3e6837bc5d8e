"""The figures computed the slow and obvious way: every entry replayed by the rules of recording, one by one.

What an event did to a battery is the difference of its states before and after it, as the register itself keeps them.
"""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from ledger.entry import parse_entry
from service.db.engine import open_engine, sqlite_url, writing
from service.db.migrate import migrate
from service.db.store import SqlTransaction
from service.domain.rules_use import date_in_china
from service.domain.states import BatteryState
from service.recording.listings import load_known
from service.recording.rebuilding import clear
from service.recording.replay import Replay
from service.work import Register

Key = tuple[Any, ...]
Sums = dict[Key, tuple[int, ...]]


class Oracle:
    """What the entries of a register come to."""

    def __init__(self, register: Register, folder: Path) -> None:
        self.flow: Counter[Key] = Counter()
        self.health: Counter[Key] = Counter()
        self.states: dict[str, BatteryState] = {}
        self._added: dict[str, list[tuple[Key, int]]] = defaultdict(list)
        self._told: dict[str, tuple[str, str]] = {}
        engine = open_engine(sqlite_url(folder / "oracle.db"))
        migrate(engine)
        with register.read() as reader, engine.connect() as connection:
            target = SqlTransaction(writing(connection))
            clear(connection)
            replay = Replay(target, SqlTransaction(reader.connection), register.vault)
            for entry in list(reader.entries(0, reader.size())):
                before = self._named(replay, connection, entry)
                replay.run([entry])
                self._take_in(entry, before, self._named(replay, connection, entry))
        engine.dispose()

    def flows(self) -> Sums:
        """The rows of `figure_flow` by organisation and model."""
        keys = {key[:-1] for key, amount in self.flow.items() if amount}
        return {key: tuple(self.flow[*key, name] for name in ("count", "mass_g", "energy_wh")) for key in keys}

    def stock(self) -> Sums:
        """The rows of `figure_stock` by organisation and model."""
        found: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
        for code, state in self.states.items():
            month = f"{date_in_china(state.last_occurred_at):%Y-%m}"
            key = (state.holder, state.model_id or "", state.op_state.value, month, code[3])
            for at, amount in enumerate((1, state.mass_g, state.energy_wh)):
                found[key][at] += amount
        return {key: tuple(amounts) for key, amounts in found.items()}

    def _named(self, replay: Replay, connection: Any, entry: bytes) -> dict[str, BatteryState]:
        return load_known(connection, parse_entry(entry).event.subjects, replay.registry.models)

    def _take_in(self, entry: bytes, before: dict[str, BatteryState], after: dict[str, BatteryState]) -> None:
        event = parse_entry(entry).event
        month, id_, actor = f"{date_in_china(event.occurred_at):%Y-%m}", event.id, event.actor
        self._told[id_] = (month, actor)
        if event.type == "correct":
            wrong = event.body["event_id"]
            if event.body["reason"] == "did_not_occur":
                for key, amount in self._added.pop(wrong, []):
                    self.flow[key] -= amount
                self.states |= after
                return
            id_ = wrong
            month, actor = self._told[wrong]
        for code, state in after.items():
            old = before.get(code)
            if old is not None and code not in self.states:  # a listed part that nothing had named
                self._count("", f"{date_in_china(old.last_occurred_at):%Y-%m}", old.maker, None, old)
            self._count(id_, month, actor, old, state)
            if event.type in ("export", "import_back") and old is not None:
                abroad = event.body["country"]
                borders = ("CN", abroad) if event.type == "export" else (abroad, "CN")
                key = (actor, state.model_id or "", month, "shipped", code[3], *borders)
                self._add(id_, key, 1, old.mass_g, old.energy_wh)
        self.states |= after

    def _count(self, id_: str, month: str, actor: str, old: BatteryState | None, new: BatteryState) -> None:
        about, level = (actor, new.model_id or "", month), new.code[3]
        if old is None:
            self._add(id_, (*about, "moved", level, "", new.op_state.value), 1, new.mass_g, new.energy_wh)
            return
        if old.op_state is not new.op_state:
            key = (*about, "moved", level, old.op_state.value, new.op_state.value)
            self._add(id_, key, 1, old.mass_g, old.energy_wh)
        if old.holder != new.holder:
            self._add(id_, (*about, "handed", level, old.holder, new.holder), 1, new.mass_g, new.energy_wh)
        more = (new.mass_g - old.mass_g, new.energy_wh - old.energy_wh)
        if any(more):
            self._add(id_, (*about, "weighed", level, new.op_state.value, new.op_state.value), 0, *more)

    def _add(self, id_: str, key: Key, *amounts: int) -> None:
        for name, amount in zip(("count", "mass_g", "energy_wh"), amounts, strict=True):
            self.flow[*key, name] += amount
            self._added[id_].append(((*key, name), amount))
