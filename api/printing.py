"""An order for labels, from the interface or a page: drawn first, then recorded, so that what cannot be drawn leaves no
entry."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from api.edge import current_edge
from api.labelling import CONTENT_TYPES, Look, draw_labels, look_of, template_of
from service.domain.errors import InvalidCode
from service.domain.gbt34014 import parse_code
from service.domain.uuid7 import make_uuid7
from service.errors import Fault, RefusedError
from service.labelling import PrintJob, batteries_now, record_print


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be printed. `id`: None for a job that is not to be told apart from another."""

    codes: tuple[str, ...]
    look: Look
    copies: int = 1
    reprint_reason: str | None = None
    id: str | None = None
    dry_run: bool = False

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Self:
        """From a request's members, which a schema has checked."""
        codes, metals = tuple(members["batteries"]), tuple(members["metals"])
        look = look_of({**members, "metals": metals})
        return cls(codes, look, members["copies"], members["reprint_reason"], members["id"], members["dry_run"])


@dataclass(frozen=True, slots=True)
class Printed:
    """A file of labels. `entries`: that record it, by index."""

    data: bytes
    content_type: str
    name: str
    entries: tuple[int, ...]


def print_labels(order: Order, *, operator: str) -> Printed:
    """Draw and record. Raises LabelError, RefusedError, NotFoundError, or why the register refuses it."""
    edge = current_edge()
    register, look = edge.register, order.look
    _check_codes(order.codes)
    id_ = order.id or make_uuid7(int(register.clock().timestamp() * 1000), os.urandom(10))
    job = PrintJob(id_, operator, order.codes, look.template or "", look.form, order.copies, order.reprint_reason)
    job.check()
    batteries = batteries_now(register, order.codes)
    job = job.with_template(template_of(batteries, look))
    data = draw_labels(batteries, register.settings.base_url, look, copies=order.copies)
    entries = () if order.dry_run else tuple(each.index for each in record_print(edge.recorder, job))
    name = order.codes[0] if len(order.codes) == 1 else f"labels-{id_}"
    return Printed(data, CONTENT_TYPES[look.form], f"{name}.{look.form}", entries)


def _check_codes(codes: tuple[str, ...]) -> None:
    faults = []
    for at, code in enumerate(codes):
        try:
            parse_code(code)
        except InvalidCode as error:
            faults.append(Fault(f"/batteries/{at}", "code", str(error), error.reason_zh))
    if faults:
        raise RefusedError(faults[:100])
