"""Whose passport a page is about: a model of one's own, or a battery whose passport one answers for."""

from dataclasses import dataclass

from api.desk.opening import person_caller
from api.edge import current_register
from service.lookup import resolve_battery
from service.passports.publishing import Author, author_of_battery, author_of_model

MODELS, PACKS = "models", "packs"
PATH = f"/desk/<any({MODELS}, {PACKS}):kind>/<subject>/passport"


@dataclass(frozen=True, slots=True)
class Subject:
    """path: of its own page. code: of a battery, None for a model."""

    author: Author
    path: str
    code: str | None

    @property
    def passport(self) -> str:
        """Where its passport is written."""
        return f"{self.path}/passport"

    @property
    def model_path(self) -> str | None:
        """Of a battery with a model: where the model's passport is written."""
        model = self.author.model
        return f"/desk/{MODELS}/{model.body.model_id}/passport" if self.code and model else None

    @property
    def names(self) -> tuple[str, str]:
        """Its name for people in English and Chinese."""
        model = self.author.model
        if self.code is not None or model is None:
            return self.code or "", self.code or ""
        return model.body.names


def find_subject(kind: str, text: str) -> Subject:
    """Raises NotFoundError, InvalidCode, and NotPermittedError where another organisation answers for it."""
    register, operator = current_register(), person_caller().operator
    if kind == MODELS:
        return Subject(author_of_model(register, text, operator), f"/desk/{MODELS}/{text}", None)
    code = resolve_battery(register, text)
    return Subject(author_of_battery(register, code, operator), f"/desk/{PACKS}/{code}", code)
