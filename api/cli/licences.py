"""Licences on the command line: KIND:NUMBER:FIRST_DAY[:LAST_DAY[:SCOPE]], and how they are shown."""

import click

from service.domain.bodies.keeping import Licence
from service.domain.words import LicenceKind

NAMES = ("licence", "number", "valid_from", "valid_until", "scope")
KINDS = ", ".join(kind.value for kind in LicenceKind)

licence_option = click.option(
    "--licence",
    "licences",
    multiple=True,
    metavar="KIND:NUMBER:FROM[:UNTIL[:SCOPE]]",
    callback=lambda _context, _parameter, texts: [parse_licence(text) for text in texts] or None,
    help=f"A licence with its days; may be repeated. KIND is one of {KINDS}.",
)


def parse_licence(text: str) -> dict[str, str]:
    """The licence as a member of an enrolment, which the domain checks."""
    values = text.split(":", 4)
    if len(values) < 3:
        raise click.BadParameter("written KIND:NUMBER:FROM[:UNTIL[:SCOPE]]", param_hint="--licence")
    return {name: value for name, value in zip(NAMES, values, strict=False) if value}


def format_licence(licence: Licence) -> str:
    """One line for people."""
    days = f"{licence.valid_from} to {licence.valid_until or 'further notice'}"
    return f"{licence.licence.value} {licence.number}, {days}" + (f", {licence.scope}" if licence.scope else "")
