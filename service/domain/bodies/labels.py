"""Bodies of the events about labels: printed, and taken out of use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from service.domain.fields import Body, Text
from service.domain.units import COPIES
from service.domain.words import LabelForm, ReprintReason, VoidingReason

LabelTemplate = Annotated[str, Text(8, r"[A-Z][A-Z0-9]{0,7}")]


@dataclass(frozen=True, slots=True)
class PrintLabel(Body):
    """copies: of the label of each battery named. reprint_reason: why there is to be another one."""

    template: LabelTemplate
    form: LabelForm
    copies: Annotated[int, COPIES]
    reprint_reason: ReprintReason | None = None


@dataclass(frozen=True, slots=True)
class VoidLabel(Body):
    """copies: so many labels of each battery named are taken out of use."""

    copies: Annotated[int, COPIES]
    voiding_reason: VoidingReason
