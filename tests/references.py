"""docs/commands.md, events.md and problems.md, from the tables that they tell of. `python -m tests.references`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields

import click

from api.cli import packtrail
from api.problem_table import PROBLEMS
from service.domain.events import KINDS, Kind
from service.domain.restricted import RESTRICTED
from service.domain.roles import Role
from tests.needs import ROOT

_MADE = "Made by `python -m tests.references` from {}; do not edit."


def tasks(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words it is called by."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from tasks(command, (*path, name))
        else:
            yield (*path, name), command


def write_commands() -> str:
    """The page of commands."""
    lines = [
        "# Commands",
        "",
        _MADE.format("the commands' own help"),
        "",
        "`packtrail COMMAND --help` tells the rest. Every command takes `--json`; data goes to stdout, talk to stderr.",
        "Exit codes: 0 ok, 1 a check failed, 2 usage or malformed input, 3 network, 4 not permitted, 5 partly done,",
        "6 busy, 130 interrupted.",
        "",
        "| command | does | options |",
        "|---|---|---|",
    ]
    for path, command in tasks(packtrail):
        words = " ".join(("packtrail", *path, *_arguments(command)))
        lines.append(f"| `{words}` | {_first_line(command)} | {' '.join(_options(command))} |")
    return "\n".join(lines) + "\n"


def write_events() -> str:
    """The page of kinds of event."""
    lines = [
        "# Events",
        "",
        _MADE.format("the tables of `service/domain`"),
        "",
        "What can be recorded, by whom, about how many batteries, with which fields. A field in brackets may be left",
        "out; one in italics is restricted: the entry commits to it, the value stands sealed beside the log",
        "([restricted-data.md](restricted-data.md)). `/docs` of a register has the JSON schema of each; which step may",
        "follow on which, by which clause, stands in [law.md](law.md).",
        "",
        "| kind | title | 标题 | recorded by | batteries | fields |",
        "|---|---|---|---|---|---|",
    ]
    for name, kind in sorted(KINDS.items()):
        told = (kind.title_en, kind.title_zh, _roles(kind), _subjects(kind), " ".join(_fields(kind)))
        lines.append(f"| `{name}` | {' | '.join(told)} |")
    return "\n".join(lines) + "\n"


def write_problems() -> str:
    """The page of problems."""
    lines = [
        "# Problems",
        "",
        _MADE.format("`api/problem_table.py`"),
        "",
        "What the interface answers with when it does not do what it was asked: `application/problem+json` (RFC 9457).",
        "`code` and the end of `type` are the words below; a register tells the same at `/problems/<code>`.",
        "",
        "| code | status | what it means | 含义 | what to do | 处理办法 |",
        "|---|--:|---|---|---|---|",
    ]
    for each in PROBLEMS.values():
        told = (each.title_en, each.title_zh, each.advice_en, each.advice_zh)
        lines.append(f"| `{each.slug}` | {each.status} | {' | '.join(told)} |")
    return "\n".join(lines) + "\n"


def _roles(kind: Kind) -> str:
    others = sorted(set(Role) - kind.roles)
    if not others:
        return "all"
    return f"all but {', '.join(others)}" if len(others) < len(kind.roles) else ", ".join(sorted(kind.roles))


def _subjects(kind: Kind) -> str:
    least, most = kind.subjects.minimum, kind.subjects.maximum
    return f"{least}" if least == most else f"{least} to {most}"


def _fields(kind: Kind) -> Iterator[str]:
    restricted = RESTRICTED.get(kind.name, {})
    for each in fields(kind.body) if kind.body else ():
        name = f"*{each.name}*" if each.name in restricted else f"`{each.name}`"
        yield name if each.default is MISSING and each.default_factory is MISSING else f"[{name}]"


def _arguments(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            name = parameter.make_metavar(click.Context(command)).replace("|", "\\|")
            yield name


def _options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not {"--json", "--data"} & set(parameter.opts):
            yield f"`{parameter.opts[-1]}`"


def _first_line(command: click.Command) -> str:
    text = (command.help or "").split("\n\n")[0]
    return " ".join(text.split()).replace("|", "\\|")


PAGES: Mapping[str, Callable[[], str]] = {
    "commands": write_commands,
    "events": write_events,
    "problems": write_problems,
}


def main() -> None:
    """Write all pages."""
    for name, write in PAGES.items():
        (ROOT / "docs" / f"{name}.md").write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
