"""The symbol on its template, the room that is left beside it, and what is said where something finds none."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from labels.collection import Mark, put_mark
from labels.errors import FitError
from labels.layout import Page
from labels.template import Template

_TOLERANCE_MM = 0.001
_MARK_GAP_MM = 2.0


@dataclass(frozen=True, slots=True)
class Frame:
    """`dark_mm` is the side of the symbol without quiet zone; the column is the room at its right, and at the left of
    the symbol for separate collection where there is one.
    """

    template: Template
    dark_mm: float
    quiet_mm: float
    module_mm: float
    mark: Mark | None = None

    @property
    def column_mm(self) -> float:
        return self.template.margin_mm + self.dark_mm + max(self.quiet_mm, self.template.margin_mm)

    @property
    def column_width_mm(self) -> float:
        return self.column_end_mm - self.column_mm

    @property
    def column_end_mm(self) -> float:
        return self.right_mm - (self.mark.width_mm + _MARK_GAP_MM if self.mark else 0.0)

    @property
    def right_mm(self) -> float:
        return self.template.width_mm - self.template.margin_mm

    @property
    def bottom_mm(self) -> float:
        return self.template.height_mm - self.template.margin_mm

    @property
    def under_symbol_mm(self) -> float:
        return self.template.margin_mm + self.dark_mm + self.quiet_mm

    def put_mark(self, page: Page, *, floor_mm: float, beside_mm: float) -> None:
        """Put the symbol for separate collection, if any, at the right of the column. Raises FitError where it passes
        the floor or leaves the column less than `beside_mm`."""
        if self.mark is None:
            return
        missing = (
            max(beside_mm - self.column_width_mm, 0.0),
            max(self.template.margin_mm + self.mark.height_mm - floor_mm, 0.0),
        )
        if max(missing) > _TOLERANCE_MM:
            side = self.mark.side_mm
            raise self.misfit(f"the symbol for separate collection, {side:.1f} x {side:.1f} mm by law,", missing)
        put_mark(page, self.mark, self.right_mm - self.mark.width_mm, self.template.margin_mm)

    def check_symbol(self, *, floor_mm: float, beside_mm: float = 0.0) -> None:
        """Raises FitError where the quiet zone passes the floor or the column is narrower than `beside_mm`."""
        too_high = self.under_symbol_mm - floor_mm
        if beside_mm:
            too_wide = self.column_mm + beside_mm - self.right_mm
        else:
            too_wide = self.under_symbol_mm - self.template.width_mm
        if too_high > _TOLERANCE_MM or too_wide > _TOLERANCE_MM:
            side = self.dark_mm + 2 * self.quiet_mm
            name = "Data Matrix" if self.template.symbology == "datamatrix" else "QR code"
            what = f"the {name}, {side:.1f} mm square with its quiet zone at {self.module_mm:.2f} mm a module,"
            raise self.misfit(what, (max(too_wide, 0.0), max(too_high, 0.0)))

    def misfit(self, what: str, missing_mm: tuple[float, float]) -> FitError:
        """`what` stands at the beginning of a sentence; `missing_mm` is how much wider and higher a label had to be."""
        row = self.template
        needed = (ceil(row.width_mm + missing_mm[0]), ceil(row.height_mm + missing_mm[1]))
        size = f"{row.width_mm:g} x {row.height_mm:g} mm"
        return FitError(
            f"{what} does not fit label {row.name} ({size}); {needed[0]} x {needed[1]} mm would hold it", needed
        )
