"""packtrail hammer: load for a running register, every answer verified."""

from typing import Any

import click

from api.cli.task import CHECK_FAILED, Failed, Task, in_columns, say, show
from ledger.__main__ import load_verifiers
from service.hammering.hammer import Access, Force, Outcome, fetch_verifiers, hammer


@click.command(
    cls=Task,
    has_data=False,
    undone="the register was not hammered",
    example="hammer http://127.0.0.1:8000 --seconds 60 --writers 8",
)
@click.argument("url")
@click.option("--api-key", envvar="PACKTRAIL_API_KEY", help="Key of a maker, to write with.  [$PACKTRAIL_API_KEY]")
@click.option("--auditor-key", help="Key of an auditor: entries are read in full as well.")
@click.option("--key", "keys", multiple=True, metavar="VKEY|FILE", help="The log's keys.  [default: as it shows them]")
@click.option("--seconds", type=click.FloatRange(0.1, 86_400), default=30.0, show_default=True, help="How long.")
@click.option("--events", type=click.IntRange(1), help="Write so many events at most.")
@click.option("--writers", type=click.IntRange(0, 256), default=4, show_default=True, help="Who write.")
@click.option("--full-readers", type=click.IntRange(1, 64), default=2, show_default=True, help="Who follow the log.")
@click.option("--random-readers", type=click.IntRange(0, 256), default=4, show_default=True, help="Who read entries.")
def hammer_command(
    as_json: bool, url: str, api_key: str | None, auditor_key: str | None, keys: tuple[str, ...], **force: Any
) -> None:
    """Load the register at URL with writers and readers, and verify every answer.

    Writers publish a model, register batteries and report on them: use a register made for tests, since nothing is ever
    taken out of one. Without an API key nothing is written. Exit code 1 if any answer was wrong, or if something
    acknowledged is not in the log at the end.
    """
    verifiers = load_verifiers(keys) if keys else fetch_verifiers(url)
    if not keys:
        say("The register's own word for its keys is taken on trust: give --key to check it.")
    if api_key is None:
        say("No API key: nothing is written.")
    outcome = hammer(Access(url, api_key, auditor_key), verifiers, Force(**force))
    show(_members(outcome), _lines(outcome), as_json=as_json)
    if outcome.tally.wrong_count:
        for told in outcome.tally.wrong:
            say(f"wrong: {told}")
        raise Failed(f"{outcome.tally.wrong_count} answers were wrong", CHECK_FAILED)


def _members(outcome: Outcome) -> dict[str, Any]:
    tally = outcome.tally
    return {
        "ok": not tally.wrong_count,
        "size": outcome.size,
        "seconds": round(outcome.seconds, 3),
        "counts": dict(sorted(tally.counts.items())),
        "latencies_ms": {
            kind: {"median": each.median, "p90": each.p90, "p99": each.p99, "max": each.most}
            for kind, each in tally.latencies().items()
        },
        "wrong": tally.wrong_count,
        "what": tally.wrong,
    }


def _lines(outcome: Outcome) -> list[str]:
    rows: list[tuple[str, ...]] = [("what", "count", "/s", "median ms", "p90", "p99", "max")]
    times = outcome.tally.latencies()
    for name, count in sorted(outcome.tally.counts.items()):
        found = times.get(name)
        told = [f"{value:.1f}" for value in (found.median, found.p90, found.p99, found.most)] if found else [""] * 4
        rows.append((name, str(count), f"{count / outcome.seconds:.1f}", *told))
    return [*in_columns(rows), f"verified {outcome.size} entries in {outcome.seconds:.1f} s"]
