"""packtrail genealogy: where a battery is, what became of it, what it was made of, as a tree."""

from collections.abc import Iterator

import click

from api.cli.task import Task, open_register, say, show
from api.genealogy import genealogy_members
from service.db.lineage import StoredEdge
from service.domain.lineage import LEFT, SEEN_BACK, Link
from service.domain.names import OP_STATES
from service.genealogy import DEPTH, MAX_DEPTH, Direction, Genealogy, Node, trace
from service.lookup import resolve_battery
from service.settings import Settings


@click.command(cls=Task, undone="nothing was traced", example="genealogy 001PE12ABCDEFGG2T0000001 --direction down")
@click.argument("battery", metavar="ID")
@click.option(
    "--direction",
    type=click.Choice([each.value for each in Direction]),
    default=Direction.UP.value,
    show_default=True,
    help="up: where it is now; down: what became of it; back: what it was made of.",
)
@click.option("--depth", type=click.IntRange(1, MAX_DEPTH), default=DEPTH, show_default=True, help="Steps followed.")
def genealogy(settings: Settings, as_json: bool, battery: str, direction: str, depth: int) -> None:
    """Show how a battery follows from others, and others from it.

    Each line tells what the entry in brackets says, in English and Chinese."""
    with open_register(settings) as register:
        found = trace(register, resolve_battery(register, battery), Direction(direction), depth=depth)
    show(genealogy_members(found, whole=True), list(tree_lines(found)), as_json=as_json)
    if not found.complete:
        say("not everything is shown: look at --depth, and at `more` in --json")


def tree_lines(found: Genealogy) -> Iterator[str]:
    """The genealogy as a tree from the battery asked for. What hangs on a node is shown once, where it comes first."""
    nodes = {node.id: node for node in found.nodes}
    around: dict[str, list[StoredEdge]] = {}
    for link in found.links:
        around.setdefault(link.source, []).append(link)
        around.setdefault(link.target, []).append(link)
    shown = {found.code}
    yield _name(nodes[found.code])
    stack = [("", found.code, _below(found, found.code, around, shown))]
    while stack:
        indent, node, others = stack[-1]
        if not others:
            stack.pop()
            continue
        other, links = others.pop(0)
        told = ", ".join(_told(link, seen_from=node) for link in sorted(links, key=lambda link: link.entry))
        yield f"{indent}└─ {told}: {_name(nodes[other])}"
        if other not in shown:
            shown.add(other)
            stack.append((indent + "   ", other, _below(found, other, around, shown)))


def _below(
    found: Genealogy, node: str, around: dict[str, list[StoredEdge]], shown: set[str]
) -> list[tuple[str, list[StoredEdge]]]:
    """What is drawn below a node, with the links to it: what the direction of the genealogy leads to from there."""
    below: dict[str, list[StoredEdge]] = {}
    for link in around.get(node, ()):
        is_part = link.link is Link.BUILT_INTO or link.link in LEFT
        if link.source == node:
            other = link.target
            new = other not in shown
            drawn = {Direction.UP: True, Direction.DOWN: not is_part or new, Direction.BACK: is_part and new}
        else:
            other = link.source
            drawn = {Direction.UP: False, Direction.DOWN: is_part, Direction.BACK: True}
        if drawn[found.direction] and not (
            found.direction is Direction.BACK and link.source == node and other in shown
        ):
            below.setdefault(other, []).append(link)
    return sorted(below.items())


def _told(link: StoredEdge, *, seen_from: str) -> str:
    en, zh = (link.link.en, link.link.zh) if link.source == seen_from else SEEN_BACK[link.link]
    return f"{en} {zh} {link.occurred_at[:10]} [{link.entry}]"


def _name(node: Node) -> str:
    if node.lot is not None:
        lot = node.lot
        holds = " ".join(f"{element.en} {element.zh} {mg / 1_000:,.0f} g" for element, mg in lot.known_mg.items())
        return f"{lot.product.en} {lot.product.zh} {lot.operator}/{lot.number} {lot.mass_g:,} g {holds}".rstrip()
    if node.state is None:
        return node.id
    level = f"{node.state.level.en} {node.state.level.zh}"
    if node.run is not None and node.run.size > 1:
        return f"{node.run.size} x {level} {node.run.code()} ..."
    status = OP_STATES[node.state.op_state]
    return f"{level} {node.state.code} {status.en} {status.zh}"
