"""python -m tests.pages.served FOLDER FD: gunicorn on an open socket, for tests of what a server passes on."""

import sys
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from api.app import create_app
from service.recording.recorder import Recorder
from service.work import Register
from tests.pages.life import settings_of


class Served(BaseApplication):
    """One worker with threads, as the product runs it."""

    def load_config(self) -> None:
        self.cfg.set("bind", f"fd://{sys.argv[2]}")
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("loglevel", "critical")

    def load(self) -> Any:
        register = Register(settings_of(Path(sys.argv[1])))
        return create_app(register, Recorder(register))


if __name__ == "__main__":
    Served().run()
