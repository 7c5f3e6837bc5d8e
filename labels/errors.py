"""What can be wrong with a label.

LabelError (a ValueError)
├── LinkError     no sound address can be made of these parts
├── TextError     a text holds something that must not be printed
├── FitError      the content is larger than the template; says what size would do
└── FontError     a font package is not installed
"""

from __future__ import annotations


class LabelError(ValueError):
    """The label cannot be made from what was given. The message is fit to be shown to whoever asked for it."""


class LinkError(LabelError):
    """A base address, a code, a GTIN or a serial number is not of the form the address needs."""


class TextError(LabelError):
    """A text holds a control character or a direction override, or contradicts the address beside it."""


class FitError(LabelError):
    """Something does not fit; `needed_mm` is the (width, height) of the smallest label that would hold it."""

    def __init__(self, message: str, needed_mm: tuple[float, float]) -> None:
        super().__init__(message)
        self.needed_mm = needed_mm


class FontError(LabelError):
    """A font that the drawing needs is not installed."""
