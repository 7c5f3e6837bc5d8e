"""Commands of ours as processes of their own, which can be killed, without loading the code anew for each.

A process that has loaded the commands, and holds nothing of the tests, is forked for each of them.
"""

import importlib
import os
import sys
from collections.abc import Mapping
from multiprocessing import get_context

_LOADED = get_context("forkserver")
_LOADED.set_forkserver_preload(["__main__", "tests.programs", "api.cli.importing", "service.webhooks.working"])


def run_command(*arguments: str, environment: Mapping[str, str]) -> int:
    """Run a command of `packtrail`, silent, in a session of its own; its exit code, or minus the signal it died of."""
    process = _LOADED.Process(target=_command, args=(arguments, dict(environment)))
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def _command(arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    from api.cli import main
    from service import failpoints

    os.setsid()
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.environ.clear()
    os.environ.update(environment)
    importlib.reload(failpoints)  # it reads the environment when it is loaded
    sys.argv = ["packtrail", *arguments]
    main()
