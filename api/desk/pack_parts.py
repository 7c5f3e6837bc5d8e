"""What a battery is made of now, and what it is built into, as a tree of two levels: pack, modules, cells."""

from dataclasses import dataclass, field

from api.desk.pack_filters import words_of
from api.language import Catalogue
from service.domain.lineage import Link
from service.domain.names import OP_STATES
from service.genealogy import Direction, Genealogy, Node, trace
from service.recording.registry import Registry
from service.work import Register

SHOWN = 12
"""Parts of each whole that are shown unless all are asked for."""


@dataclass(slots=True)
class Part:
    """A part, or a run of listed parts that nothing has happened to. `more`: parts of it that are not shown."""

    code: str
    last: str
    count: int
    level: str
    status: str
    tone: str
    parts: list["Part"] = field(default_factory=list)
    more: int = 0


def tree_of(register: Register, code: str, *, every: bool, say: Catalogue) -> Part:
    """The battery with the parts that are built into it now, each with its own.

    Bounded by what `service.genealogy` shows at once. Raises NotFoundError.
    """
    found = trace(register, code, Direction.BACK, depth=2)
    nodes = {node.id: node for node in found.nodes}
    children: dict[str, list[str]] = {}
    for link in found.links:
        if link.link is Link.BUILT_INTO and _is_there(nodes.get(link.source), link.target):
            children.setdefault(link.target, []).append(link.source)

    def made(name: str, depth: int) -> Part:
        part = _part(nodes[name], register.registry, say)
        names = sorted(children.get(name, ())) if depth else []
        part.parts = [made(each, depth - 1) for each in (names if every else names[:SHOWN])]
        part.more = len(names) - len(part.parts) + _unread(found, name)
        return part

    return made(code, 2)


def _is_there(node: Node | None, whole: str) -> bool:
    """Whether what the link told still holds; listed parts that nothing has happened to are where they were."""
    return node is not None and (node.run is not None or (node.state is not None and node.state.parent == whole))


def _unread(found: Genealogy, name: str) -> int:
    """At least one more, where not all links of a node were read."""
    return sum(1 for each in found.more if each.node == name)


def _part(node: Node, registry: Registry, say: Catalogue) -> Part:
    assert node.state is not None, "what a battery is built of are batteries"
    state, run = node.state, node.run
    return Part(
        code=run.code() if run else node.id,
        last=run.code(run.size - 1) if run else node.id,
        count=run.size if run else 1,
        level=words_of("level", state.level.value, registry, say),
        status=words_of("state", state.op_state.value, registry, say),
        tone=OP_STATES[state.op_state].tone,
    )
