"""What organisations are called on pages."""

from api.language import Catalogue
from service.recording.registry import Registry


def operator_name(operator: str, registry: Registry, say: Catalogue) -> str:
    """The name of an operator in the language of the page; its id where it is not enrolled."""
    known = registry.operators.get(operator)
    return say.pick(*known.enrolment.names) if known else operator
