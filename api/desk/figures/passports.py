"""The passports that the Union asks for, for the authority: what they lack by part, and declared carbon footprints.

No figure of the sixteen: charts that stand beside them, with their table, file and what they were counted from.
"""

from collections.abc import Sequence

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from api.auth import AUDITOR, present_registry
from api.charts.bars import Stack, draw_stacks
from api.charts.canvas import Frame
from api.charts.dots import Strip, draw_strips
from api.desk.figures.pages import OFFERED, present_speaker
from api.desk.figures.words import Speaker
from api.desk.files import answer_csv
from api.desk.opening import desk_routes, show
from api.edge import current_register
from api.routes import Terms
from service.domain.passport.tiers import Tier
from service.errors import NotFoundError
from service.packlist.supervising import Footprint, Overview, PartGiven, read_overview

routes = desk_routes("passports for supervision desk")

PATH = "/desk/passports"
HEADER = ("model", "part", "packs", "asked", "given", "missing")
FOOTPRINTS = ("model", "packs", "grams_co2e_per_kwh", "performance_class")


@routes.get(PATH, Terms(AUDITOR, "What passports for the Union lack, and declared carbon footprints"))
def show_passports() -> ResponseReturnValue:
    model, found = _read()
    speaker, models = present_speaker(), present_registry().models
    return show(
        "desk/passports.html",
        kept={"model": model} if model else None,
        model=model,
        models=sorted(models) if len(models) <= OFFERED else [],
        found=found,
        parts=_parts_picture(found.parts, speaker) if found.parts else None,
        footprints=_footprint_picture(found.footprints, speaker) if found.footprints else None,
        speaker=speaker,
    )


@routes.get(f"{PATH}.csv", Terms(AUDITOR, "What passports for the Union lack, as a file"))
def show_file() -> ResponseReturnValue:
    model, found = _read()
    rows = [
        (each.model, each.tier.value, each.packs, each.asked, each.given, each.asked - each.given)
        for each in found.parts
    ]
    return answer_csv("eu-passports", _asked(model, found), HEADER, rows)


@routes.get(f"{PATH}/footprints.csv", Terms(AUDITOR, "The carbon footprints that models declare, as a file"))
def show_footprints() -> ResponseReturnValue:
    model, found = _read()
    return answer_csv("carbon-footprints", _asked(model, found), FOOTPRINTS, found.footprints)


def _read() -> tuple[str, Overview]:
    model = request.args.get("model", "")
    if model and model not in present_registry().models:
        raise NotFoundError("there is no such model")
    return model, read_overview(current_register(), model=model)


def _asked(model: str, found: Overview) -> dict[str, str]:
    return ({"model": model} if model else {}) | {"entries": str(found.size)}


def _parts_picture(parts: Sequence[PartGiven], speaker: Speaker) -> Markup:
    """One bar for each part of Annex XIII: of the data points asked of all packs, those given and those that lack."""
    say, bars = speaker.say, list[Stack]()
    for tier in Tier:
        asked = sum(each.asked for each in parts if each.tier is tier)
        given = sum(each.given for each in parts if each.tier is tier)
        if asked:
            share = f"{given * 100 // asked} % · {asked:,d}"
            bars.append(Stack(say(f"fig.tier.{tier.value}"), (float(given), float(asked - given)), share))
    title = say("fig.passports_title")
    frame = Frame("chart-passports", title, say("fig.chart_desc", title=title, count=len(parts)))
    return draw_stacks(frame, bars, (say("fig.points_given"), say("fig.points_missing")))


def _footprint_picture(found: Sequence[Footprint], speaker: Speaker) -> Markup:
    """A dot for each model, a row for each class of performance that is declared."""
    say, classes = speaker.say, dict[str, list[float]]()
    for each in found:
        classes.setdefault(each.performance, []).append(float(each.grams))
    rows = list[Strip]()
    for name, own in sorted(classes.items()):
        label = say("fig.performance", name=name) if name else say("fig.no_performance")
        rows.append(Strip(say("fig.with_n", name=label, n=len(own)), tuple(own)))
    title = say("fig.footprint_title")
    frame = Frame("chart-footprints", title, say("fig.chart_desc", title=title, count=len(found)))
    return draw_strips(frame, rows, say("fig.grams"))
