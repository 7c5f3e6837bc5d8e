"""A server under load while something is done to it, and the judgement afterwards."""

import atexit
import random
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from service.settings import read_settings
from tests.scene import Scene, Server, running_server, set_scene, size_of
from tests.torture.clients import Clients, Manner
from tests.torture.journal import Journal
from tests.torture.oracle import judge
from tests.torture.verdict import Verdict

Harm = Callable[[Server, random.Random, Journal], None]
PACKS = 50


def under_load(harm: Harm, *, seed: int, manner: Manner | None = None, workers: int = 1) -> Verdict:
    """Found a register, load it, let `harm` do its worst, stop the load, and judge."""
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as folder:
        return load_scene(fresh_scene(Path(folder) / "data"), harm, seed=seed, manner=manner, workers=workers)


def load_scene(
    scene: Scene,
    harm: Harm,
    *,
    seed: int,
    manner: Manner | None = None,
    workers: int = 1,
    environment: Mapping[str, str] | None = None,
) -> Verdict:
    """The same on a register that is there."""
    before = size_of(scene)
    with running_server(scene, workers=workers, environment=environment) as server:
        clients = Clients(scene, server.port, seed=seed, manner=manner)
        clients.start()
        try:
            harm(server, random.Random(seed), clients.journal)
        finally:
            clients.stop()
    return judge(scene, clients.journal, before=before)


def fresh_scene(folder: Path) -> Scene:
    """A founded register with some packs in a new folder: a copy of one that is made once for each process."""
    scene = _founded()
    shutil.copytree(scene.settings.data, folder)
    return Scene(read_settings({}, data=folder), scene.api_key, scene.packs)


@lru_cache(maxsize=1)
def _founded() -> Scene:
    folder = Path(tempfile.mkdtemp(prefix="packtrail-torture-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return set_scene(folder / "data", packs=PACKS)
