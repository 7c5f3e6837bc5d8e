"""Why a passport is not given in a format: parts that the reader may not see, or data points that are not there."""

from collections.abc import Iterable

from service.domain.passport.datapoints import DATA_POINTS
from service.domain.passport.tiers import Tier
from service.errors import ConflictError, Fault, NotPermittedError

Place = tuple[tuple[str, ...], tuple[int, ...]]
"""Where a member stands in the format, and the data points it tells."""


def not_yours(tiers: Iterable[Tier]) -> NotPermittedError:
    """schema-complete was asked for by one who may not see all of it."""
    names = ", ".join(sorted(set(tiers)))
    fault = Fault(
        "/profile",
        "tier",
        f"schema-complete holds values of {names} of Annex XIII, which you may not see; launch leaves them out",
        f"schema-complete含有附件XIII中您无权查看的部分（{names}）；launch可略去这些内容",
        "Regulation (EU) 2023/1542, Art. 77(2)",
    )
    return NotPermittedError(fault.message_en, (fault,))


def incomplete(places: Iterable[Place], numbers: Iterable[int]) -> ConflictError:
    """Members of the format that are missing, and data points missing beside them."""
    wanted = [*places, *(((DATA_POINTS[nr].element,), (nr,)) for nr in numbers)]
    named = ", ".join(f"#{nr}" for nr in sorted({nr for _, points in wanted for nr in points}))
    message = f"the passport is not complete for this format: {named or 'see errors'}"
    return ConflictError(message, [_fault(path, points) for path, points in wanted])


def _fault(path: tuple[str, ...], numbers: tuple[int, ...]) -> Fault:
    pointer = "/" + "/".join(path)
    if not numbers:
        return Fault(pointer, "missing", f"missing: {path[-1]}", f"缺少：{path[-1]}")
    points = [DATA_POINTS[nr] for nr in numbers]
    said = ", ".join(f"#{each.nr}" for each in points)
    return Fault(
        pointer,
        "missing_" + "_".join(map(str, numbers)),
        f"missing: {said} {'; '.join(each.en for each in points)}",
        f"缺少：{said} {'；'.join(each.zh for each in points)}",
        points[0].source,
    )
