"""The command line: `packtrail COMMAND`. Each command stands in a module of its own and is loaded when it is called.

Data goes to stdout, talk to stderr. Exit codes of every command: 0 ok, 1 a check failed, 2 usage or malformed input,
3 network, 4 not permitted, 5 partly done, 6 busy; 130 interrupted.
"""

import gc
import importlib
from typing import cast

import click

from service.garbage import collect_seldom
from service.log_lines import capture

COMMANDS = {
    "init": "founding:init",
    "serve": "serving:serve",
    "demo": "demonstration:demo",
    "verify": "verifying:verify",
    "inspect": "inspecting:inspect",
    "export": "exporting:export",
    "rebuild": "exporting:rebuild_tables",
    "db": "database:database",
    "import": "importing:import_file",
    "erase": "erasing:erase",
    "recovery": "recovery:recovery",
    "duties": "duties:duties",
    "deadline": "duties:deadline",
    "report": "reports:report",
    "figures": "figures:figures",
    "access-log": "access_log:access_log",
    "genealogy": "genealogy:genealogy",
    "copies": "copies:copies",
    "label": "labelling:label",
    "passport": "passports:passport",
    "operator": "operators:operator",
    "person": "people:person",
    "key": "keys:key",
    "limits": "limits:limits",
    "webhook": "webhooks:webhook",
    "witness": "witnessing:witness",
    "hammer": "hammering:hammer_command",
    "monitor": "monitoring:monitor",
    "backup": "backing_up:backup",
    "restore": "backing_up:restore",
    "restore-check": "restoring:restore_check",
    "epoch": "restoring:epoch",
}


class Commands(click.Group):
    """Finds commands by name in their modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        loaded = importlib.import_module(f"api.cli.{module}")
        if not gc.isenabled():
            collect_seldom()
        return cast(click.Command, getattr(loaded, name))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="packtrail", message="%(prog)s %(version)s")
def packtrail() -> None:
    """Keep and check a register of batteries whose history nobody can rewrite."""


def main() -> None:
    """The console script. Looking for garbage while modules are loaded would take a fifth of the time."""
    gc.disable()
    capture()
    packtrail(prog_name="packtrail")
