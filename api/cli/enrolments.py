"""An organisation as the command line tells of it: its name, what it does, where it is, its licences and sites."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import click

from api.cli.licences import licence_option
from service.domain.roles import Role


def parse_site(text: str) -> dict[str, str]:
    """NAME:REGION as a member of an enrolment, which the domain checks."""
    site, colon, region = text.rpartition(":")
    if not colon:
        raise click.BadParameter("written NAME:REGION", param_hint="--site")
    return {"site": site, "region": region}


_OPTIONS = (
    click.option("--name", required=True, help="Its name."),
    click.option("--name-en", help="Its English name."),
    click.option("--role", "roles", type=click.Choice([role.value for role in Role]), multiple=True, required=True),
    click.option("--region", required=True, help="Administrative division, GB/T 2260, e.g. 500107."),
    click.option("--uscc", help="Unified social credit code."),
    licence_option,
    click.option(
        "--site",
        "sites",
        multiple=True,
        metavar="NAME:REGION",
        callback=lambda _context, _parameter, texts: [parse_site(text) for text in texts] or None,
        help="A site, by the name that events use, and its division; may be repeated.",
    ),
)


def enrolment_options(command: Callable[..., None]) -> Callable[..., None]:
    """Decorator: the options that `enrolment_body` makes an enrolment of."""
    return reduce(lambda made, option: option(made), reversed(_OPTIONS), command)


def enrolment_body(given: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an enrolment, which the domain checks, from the options that were given."""
    return {name: list(value) if name == "roles" else value for name, value in given.items() if value is not None}
