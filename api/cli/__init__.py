"""The command line: `packtrail COMMAND`. Each command stands in a module of its own and is loaded when it is called.

Data goes to stdout, talk to stderr. Exit codes of every command: 0 ok, 1 a check failed, 2 usage or malformed input,
3 network, 4 not permitted, 5 partly done, 6 busy; 130 interrupted.
"""

import gc
import importlib
from typing import NamedTuple, cast

import click
from click.shell_completion import CompletionItem

from service.garbage import collect_seldom
from service.log_lines import capture


class Row(NamedTuple):
    """A command before it is loaded. place: MODULE:NAME in this package. does: the first sentence of its help."""

    place: str
    does: str


COMMANDS = {
    "init": Row("founding:init", "Found a register."),
    "serve": Row("serving:serve", "Serve the register's API and pages until SIGTERM."),
    "demo": Row("demonstration:demo", "Fill a fresh register with the Chongqing story."),
    "verify": Row("verifying:verify", "Check a register, or a part of it."),
    "inspect": Row("inspecting:inspect", "Decode a code, an address or a file."),
    "export": Row("exporting:export", "Write all entries to a file."),
    "rebuild": Row("exporting:rebuild_tables", "Derive all tables anew from the entries."),
    "db": Row("database:database", "Bring the tables to this version; keep the log from the role that serves."),
    "import": Row("importing:import_file", "Import a file: CSV, XLSX or NDJSON."),
    "erase": Row("erasing:erase", "Destroy restricted values of BATTERY."),
    "recovery": Row("recovery:recovery", "Show rates of recovery."),
    "duties": Row("duties:duties", "Show what has to be recorded or reported."),
    "deadline": Row("duties:deadline", "Set the days of a duty whose number is not known."),
    "licence-day": Row("duties:licence_day", "Set from when on a licence has to be told."),
    "report": Row("reports:report", "Write what an operator has to report under a duty."),
    "figures": Row("figures:figures", "Show a figure, or the list of them."),
    "access-log": Row("access_log:access_log", "Who read restricted data, newest first, 100 at a time."),
    "genealogy": Row("genealogy:genealogy", "Show how a battery follows from others, and others from it."),
    "copies": Row("copies:copies", "Labels that may have been copied."),
    "label": Row("labelling:label", "Draw the labels of batteries."),
    "passport": Row("passports:passport", "Write the passport of a battery as JSON."),
    "operator": Row("operators:operator", "Operators: those who record events."),
    "person": Row("people:person", "People who sign in: each belongs to one operator."),
    "key": Row("keys:key", "Signing keys of operators and of the log, the master key, and API keys."),
    "limits": Row("limits:limits", "Limits: how much a key, an organisation or a network may ask for."),
    "webhook": Row("webhooks:webhook", "Tell programs of operators of new entries, by HTTPS: see docs/webhooks.md."),
    "witness": Row(
        "witnessing:witness",
        "Be a witness: cosign checkpoints of logs you know, and only what extends what you cosigned before.",
    ),
    "hammer": Row(
        "hammering:hammer_command",
        "Load the register at URL with writers and readers, and verify every answer.",
    ),
    "monitor": Row(
        "monitoring:monitor",
        "Follow the register at URL, and exit 1 with evidence when it does not hold to what it signed.",
    ),
    "backup": Row("backing_up:backup", "Copy a register in SQLite into FOLDER, as of one moment, while it is served."),
    "restore": Row(
        "backing_up:restore",
        "Put the copy in FOLDER into a data folder that has its keys and no register; then do what restore-check does.",
    ),
    "restore-check": Row("restoring:restore_check", "Say whether the database is the newest there is."),
    "epoch": Row(
        "restoring:epoch",
        "Go on without entries that are lost for ever: under a new origin, with new keys, by a signed entry that says "
        "so.",
    ),
}
"""In the order of the help. It repeats what each command says of itself, so that nobody who asks for the list has to
wait until all are loaded; a test compares the two."""


class Commands(click.Group):
    """Finds a command by its name in the table and loads it then; lists all without loading any."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].place.partition(":")
        loaded = importlib.import_module(f"api.cli.{module}")
        if not gc.isenabled():
            collect_seldom()
        return cast(click.Command, getattr(loaded, name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl([(name, _in_short(row, limit)) for name, row in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        named = [
            CompletionItem(name, help=_in_short(row)) for name, row in COMMANDS.items() if name.startswith(incomplete)
        ]
        return named + click.Command.shell_complete(self, ctx, incomplete)


def _in_short(row: Row, limit: int = 45) -> str:
    """As click shortens the help of a command, to so many letters."""
    return click.Command(None, help=row.does).get_short_help_str(limit)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="packtrail", message="%(prog)s %(version)s")
def packtrail() -> None:
    """Keep and check a register of batteries whose history nobody can rewrite."""


def main() -> None:
    """The console script. Looking for garbage while modules are loaded would take a fifth of the time."""
    gc.disable()
    capture()
    packtrail(prog_name="packtrail")
