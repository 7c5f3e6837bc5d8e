"""What the `type` of a problem leads to: what it means and what to do about it, from the table of problems."""

from flask import Response, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from api import json
from api.auth import PUBLIC
from api.problem_table import PROBLEMS, ProblemKind
from api.problems import language
from api.routes import Answer, Routes, Terms
from api.schemas.answers import PROBLEM_KIND, PROBLEM_KINDS
from service.errors import NotFoundError

routes = Routes("problems")

_PAGE = Markup(
    '<!doctype html>\n<html lang="{lang}">\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<title>{title} - PackTrail</title>\n<main>\n<h1>{title}</h1>\n<p>{advice}</p>\n"
    "<p>HTTP {status}, <code>{slug}</code></p>\n</main>\n</html>\n"
)


@routes.get(
    "/problems", Terms(PUBLIC, "Every kind of problem", answers=(Answer(200, "The table of problems", PROBLEM_KINDS),))
)
def list_problems() -> ResponseReturnValue:
    return _cached(json.answer([_members(kind) for kind in PROBLEMS.values()]))


@routes.get(
    "/problems/<slug>",
    Terms(
        PUBLIC,
        "One kind of problem",
        answers=(Answer(200, "What it means", PROBLEM_KIND), Answer(200, "The same", {"type": "string"}, "text/html")),
        errors=(404,),
    ),
)
def show_problem(slug: str) -> ResponseReturnValue:
    kind = PROBLEMS.get(slug)
    if kind is None:
        raise NotFoundError("no such kind of problem")
    if request.accept_mimetypes.best_match((json.JSON, "text/html"), default=json.JSON) == "text/html":
        return _cached(Response(_page(kind), content_type="text/html; charset=utf-8"))
    return _cached(json.answer(_members(kind)))


def _members(kind: ProblemKind) -> dict[str, object]:
    return {
        "type": f"/problems/{kind.slug}",
        "code": kind.slug,
        "status": kind.status,
        "title": kind.title_en,
        "title_zh": kind.title_zh,
        "advice": kind.advice_en,
        "advice_zh": kind.advice_zh,
    }


def _page(kind: ProblemKind) -> str:
    chinese = language() == "zh"
    return _PAGE.format(
        lang="zh-Hans" if chinese else "en",
        title=kind.title_zh if chinese else kind.title_en,
        advice=kind.advice_zh if chinese else kind.advice_en,
        status=kind.status,
        slug=kind.slug,
    )


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.vary.update(("Accept", "Accept-Language"))
    return response
