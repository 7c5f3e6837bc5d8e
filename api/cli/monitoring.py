"""packtrail monitor: follow a register from outside, and keep evidence of what it does wrong."""

import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from api.cli.progress import progress
from api.cli.task import CHECK_FAILED, Failed, Task, explain, say
from ledger.__main__ import load_verifiers
from ledger.notes.policy import parse_policy
from service.monitoring.evidence import keep_evidence
from service.monitoring.misbehaviour import MisbehaviourError
from service.monitoring.source import Source, StoppedError
from service.monitoring.state import MonitorState
from service.monitoring.watching import Monitor, Round, Watch
from service.verification.remote import RemoteError

RETRIES = (1.0, 2.0, 4.0)
"""Seconds between attempts when the register does not answer and one round was asked for."""
PATIENCE = (0.5, 1.0, 2.0)
"""Seconds between attempts when the register shows a smaller checkpoint, or one that too few have cosigned."""
LONGEST_PAUSE = 300.0

_FILE = click.Path(dir_okay=False, path_type=Path)
_GIVEN_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    cls=Task,
    has_data=False,
    undone="the register was not followed",
    example="monitor https://id.example.cn --key vkeys --state cq.state --every 60",
)
@click.argument("url")
@click.option(
    "--key",
    "keys",
    multiple=True,
    required=True,
    metavar="VKEY|FILE",
    help="Verifier key of the log, or a file of them.",
)
@click.option("--state", "file", type=_FILE, required=True, metavar="FILE", help="What the monitor remembers.")
@click.option("--policy", type=_GIVEN_FILE, metavar="FILE", help="A C2SP tlog-policy that checkpoints must meet.")
@click.option("--token", metavar="API_KEY", envvar="PACKTRAIL_API_KEY", help="An auditor's API key: reads the entries.")
@click.option("--every", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Seconds between rounds.")
@click.option("--once", is_flag=True, help="One round only.")
@click.option("--stall", type=click.FloatRange(1), metavar="SECONDS", help="Nothing new for so long is wrong.")
@click.option(
    "--evidence",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where evidence goes.  [default: FILE.evidence]",
)
def monitor(as_json: bool, url: str, keys: tuple[str, ...], file: Path, **options: Any) -> None:
    """Follow the register at URL, and exit 1 with evidence when it does not hold to what it signed.

    Computes the tree again from its tiles, and with an auditor's API key all chains, signatures, keys and maps from its
    entries. Everything is fetched once: FILE remembers how far it is. Ends on SIGTERM.
    """
    stopping = threading.Event()
    token, policy, evidence = options["token"], options["policy"], options["evidence"]
    source = Source(url, token, stopping=stopping.is_set)
    if token is None:
        say("No API key: the tree is followed by its tiles, the entries are not read.")
    with _ended_by(stopping), _opened(file) as state, progress("following") as tick:
        watch = Watch(
            given=load_verifiers(keys),
            evidence=evidence or file.with_name(file.name + ".evidence"),
            policy=parse_policy(policy.read_bytes()) if policy else None,
            policy_file=policy,
            stall=options["stall"],
            patience=PATIENCE,
            wait=stopping.wait,
            tick=lambda _, done, total: tick(done, total),
        )
        follower = Monitor(source, state, watch)
        try:
            _follow(follower, partial(_show, as_json=as_json), None if options["once"] else options["every"])
        except StoppedError:
            say("stopped")
        except MisbehaviourError as error:
            folder = keep_evidence(follower, error)
            if as_json:
                found = {"ok": False, "kind": error.kind.value, "what": error.what, "evidence": str(folder)}
                click.echo(json.dumps(found, ensure_ascii=False))
            else:
                click.echo(f"FAILED: {error.kind.value}: {error.what}")
            raise Failed(f"evidence is in {folder}", CHECK_FAILED) from None


def _follow(monitor: Monitor, tell: Callable[[Round], None], every: float | None) -> None:
    """Rounds until something is wrong or the monitor is asked to end; one round where `every` is None."""
    failures = 0
    while True:
        try:
            tell(monitor.round())
            failures = 0
        except RemoteError as error:
            if every is None and failures == len(RETRIES):
                raise
            pause = RETRIES[failures] if every is None else min(every * 2**failures, LONGEST_PAUSE)
            failures = failures + 1 if every is None else min(failures + 1, 16)
            say(f"no answer: {explain(error)}; trying again in {pause:g} s")
        else:
            if every is None:
                return
            pause = every
        if monitor.watch.wait(pause):
            raise StoppedError


def _show(found: Round, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"ok": True, **asdict(found)}, ensure_ascii=False))
        return
    parts = [f"size {found.size}", f"{found.new} new entries"]
    if found.read:
        parts.append(f"{found.read} read" + (f", {found.maps} maps" if found.maps else ""))
    if found.unread:
        parts.append(f"{found.unread} not read")
    parts.append(f"{found.seconds:.2f} s")
    if found.witnesses:
        parts.append(f"witnessed by {', '.join(found.witnesses)}")
    if found.waiting:
        parts.append(f"the newest checkpoint waits: {found.waiting}")
    click.echo(f"{found.at} {', '.join(parts)}")


@contextmanager
def _opened(file: Path) -> Iterator[MonitorState]:
    state = MonitorState(file)
    try:
        yield state
    finally:
        state.close()


@contextmanager
def _ended_by(stopping: threading.Event) -> Iterator[None]:
    """SIGTERM ends the monitor between two requests."""

    def stop(_number: int, _frame: object) -> None:
        stopping.set()

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
