"""The sixteen figures as rows: how each is grouped, narrowed down and read. What they mean: docs/figures.md."""

from __future__ import annotations

from service.figures.shapes import Column, Figure

_PERIOD = frozenset({"since", "until"})
_WHO = frozenset({"district", "operator"})
_GROUP = Column("group", "group", "group")
_CHINA = "MIIT Order 73"


def _count(key: str) -> Column:
    return Column(key, "count", "measure")


def _mass(key: str, unit: str = "g") -> Column:
    return Column(key, unit, "measure")


def _rate(key: str) -> Column:
    return Column(key, "ppm", "rate")


def _group(key: str, unit: str | None = None) -> Column:
    return Column(key, unit or key, "group")


def _text(key: str, unit: str = "none") -> Column:
    return Column(key, unit, "text")


_AMOUNTS = (_count("count"), _mass("mass_g"), Column("energy_wh", "wh", "measure"))
_SUMS = (
    _group("operator"), _group("month"), _group("stage"), _group("family"), _group("measure"),
    _mass("in_mg", "mg"), _mass("out_mg", "mg"), _mass("passed_mg", "mg"), _mass("unknown_in_g"), _rate("rate_ppm"),
    Column("impossible", "none", "flag"), _text("target"), _rate("target_ppm"), Column("at_most", "none", "flag"),
    Column("in_force", "none", "flag"), _text("outcome", "word"), _text("source"),
)  # fmt: skip

_ROWS = (
    Figure(
        1, "recovery-rate", "Regulation (EU) 2023/1542, Annex XII, part C; MIIT Announcement 2024 No. 42",
        ("period", "month"), _PERIOD | _WHO | {"jurisdiction"}, _SUMS, ("batches",),
    ),
    Figure(
        2, "recycling-efficiency", "Regulation (EU) 2023/1542, Annex XII, part B; Delegated Regulation (EU) 2025/606",
        ("period", "month"), _PERIOD | _WHO | {"jurisdiction"}, _SUMS, ("batches",),
    ),
    Figure(
        3, "flows", f"{_CHINA}, Art. 12 and 24",
        ("total", "month", "operator", "district", "model"), _PERIOD | _WHO | {"model"},
        (_GROUP, _group("flow", "word"), _group("level"), _group("before", "state"), _group("after", "state"),
         *_AMOUNTS),
        ("state",),
    ),
    Figure(
        4, "overdue", f"{_CHINA}, Art. 12, 19, 24 and 28",
        ("operator", "duty", "district", "month"), _PERIOD | _WHO,
        (_GROUP, _count("cases"), _count("answered"), _count("late"), _count("overdue"), _rate("rate_ppm"),
         Column("median_days", "days", "rate"), Column("p95_days", "days", "rate")),
        ("late",),
    ),
    Figure(
        5, "orphans", "source needed",
        ("total", "operator", "district", "model"), _PERIOD | _WHO | {"model"},
        (_GROUP, _group("state"), _group("month"), Column("months", "months", "rate"), _count("limit_months"),
         Column("over", "none", "flag"), *_AMOUNTS),
        ("orphans", "state"),
    ),
    Figure(
        6, "double-registration", "Conservation rule 1; GB/T 34014-2017, 4.1",
        ("operator", "district", "month"), _PERIOD | _WHO, (_GROUP, _count("pairs")), ("near",),
    ),
    Figure(
        7, "copied-labels", "source needed",
        ("sign", "operator", "district", "model", "month", "distance"), _PERIOD | _WHO | {"model"},
        (_GROUP, _count("open"), _count("times"), Column("newest_at", "none", "day")), ("copies", "farthest"),
    ),
    Figure(
        8, "unlicensed", f"{_CHINA}, Art. 18; conservation rule 8",
        ("operator", "district", "month"), _PERIOD | _WHO,
        (_GROUP, _group("kind"), _group("licence"), Column("told", "none", "flag"), Column("enforced", "none", "flag"),
         _count("events"),
         Column("first_day", "none", "day"), Column("last_day", "none", "day"), _text("source")),
        ("unlicensed",),
    ),
    Figure(
        9, "illegal-flow", f"{_CHINA}, Art. 12 and 24; conservation rules 5 and 11",
        ("total", "operator", "district", "month"), _PERIOD | _WHO,
        (_GROUP, _group("case", "word"), _count("count"), _mass("mass_g"), _text("source")),
        ("retired", "missing", "shortfall"),
    ),
    Figure(
        10, "recycler-capacity", "source needed",
        ("operator", "district"), _PERIOD | _WHO,
        (_GROUP, _group("year"), _mass("treated_g"), _mass("capacity_g"), _rate("share_ppm"),
         Column("over", "none", "flag"), _text("source")),
        ("batches",),
    ),
    Figure(
        11, "black-mass", f"{_CHINA}, Art. 24; conservation rule 7",
        ("total", "month", "district"), _PERIOD | _WHO,
        (_GROUP, _group("giver", "operator"), _group("product"), _group("taker", "operator"), _mass("given_g"),
         _mass("taken_g")),
        ("batches",),
    ),
    Figure(
        12, "recycled-content", "Regulation (EU) 2023/1542, Art. 8",
        ("material",), _PERIOD,
        (_group("material"), Column("since", "none", "day"), _rate("share_ppm"), _mass("needed_g"),
         _mass("recovered_g"), _rate("covered_ppm"), _count("batteries"), _count("unknown"), _text("source")),
        ("batches",),
    ),
    Figure(
        13, "chain-integrity", "Regulation (EU) 2023/1542, Art. 78(f); RFC 9162",
        ("check", "day"), frozenset(),
        (_group("check", "word"), _text("outcome", "word"), _count("value"), Column("at", "none", "day"),
         _text("detail")),
        (),
    ),
    Figure(
        14, "state-of-health", "Regulation (EU) 2023/1542, Art. 14, Annex VII",
        ("model", "age"), _PERIOD | {"model"},
        (_GROUP, _group("age", "years"), _group("band_ppm", "ppm"), _count("measurements")), (),
    ),
    Figure(
        15, "coverage", "MIIT, secondary source: source needed",
        ("year",), frozenset({"jurisdiction"}),
        (_group("year"), _group("jurisdiction"), _mass("treated_g"), _mass("national_g"), _rate("share_ppm"),
         _text("source")),
        ("batches",),
    ),
    Figure(
        16, "active-outlets", "Chongqing target for 2027: source needed",
        ("district",), frozenset({"until", "district"}),
        (_group("district"), _count("outlets"), _count("active"), Column("covered", "none", "flag"),
         Column("last_on", "none", "day")),
        ("outlets",),
    ),
)  # fmt: skip

FIGURES: dict[str, Figure] = {row.slug: row for row in _ROWS}
"""By slug, in the order of their numbers."""
