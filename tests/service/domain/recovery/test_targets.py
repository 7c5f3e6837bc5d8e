"""Every target and every share of recycled content against the reference, told a second time in per cent and days.

A row that is not here, or differs, fails. Chinese rates are of one step, the Union's of a battery as a whole.
"""

from service.domain.recovery.targets import RECYCLED_CONTENT, TARGETS

CRUSHED, POWDER, SMELTED = "pretreatment whole", "pretreatment", "own_smelting smelting whole"
BATTERY = "chain pretreatment repair whole"
FIGURES = {
    "cn-copper": ("copper", ">=", 98, CRUSHED, "", None, None),
    "cn-aluminium": ("aluminium", ">=", 98, CRUSHED, "", None, None),
    "cn-powder": ("powder", ">=", 98, POWDER, "", None, None),
    "cn-powder-aluminium": ("powder_aluminium", "<=", 1.5, POWDER, "", None, None),
    "cn-powder-copper": ("powder_copper", "<=", 1.5, POWDER, "", None, None),
    "cn-lithium": ("lithium", ">=", 90, SMELTED, "", None, None),
    "cn-nickel": ("nickel", ">=", 98, SMELTED, "", None, None),
    "cn-cobalt": ("cobalt", ">=", 98, SMELTED, "", None, None),
    "cn-manganese": ("manganese", ">=", 98, SMELTED, "", None, None),
    "cn-target-material": ("target_material", ">=", 99, "repair", "", None, None),
    "eu-efficiency-lithium-2025": ("efficiency", ">=", 65, BATTERY, "lithium", "2025-12-31", "2030-12-31"),
    "eu-efficiency-lithium-2030": ("efficiency", ">=", 70, BATTERY, "lithium", "2030-12-31", None),
    "eu-efficiency-lead_acid-2025": ("efficiency", ">=", 75, BATTERY, "lead_acid", "2025-12-31", "2030-12-31"),
    "eu-efficiency-lead_acid-2030": ("efficiency", ">=", 80, BATTERY, "lead_acid", "2030-12-31", None),
    "eu-efficiency-nickel_cadmium-2025": ("efficiency", ">=", 80, BATTERY, "nickel_cadmium", "2025-12-31", None),
    "eu-efficiency-other-2025": ("efficiency", ">=", 50, BATTERY, "other", "2025-12-31", None),
    "eu-cobalt-2027": ("cobalt", ">=", 90, BATTERY, "", "2027-12-31", "2031-12-31"),
    "eu-copper-2027": ("copper", ">=", 90, BATTERY, "", "2027-12-31", "2031-12-31"),
    "eu-lead-2027": ("lead", ">=", 90, BATTERY, "", "2027-12-31", "2031-12-31"),
    "eu-nickel-2027": ("nickel", ">=", 90, BATTERY, "", "2027-12-31", "2031-12-31"),
    "eu-lithium-2027": ("lithium", ">=", 50, BATTERY, "", "2027-12-31", "2031-12-31"),
    "eu-cobalt-2031": ("cobalt", ">=", 95, BATTERY, "", "2031-12-31", None),
    "eu-copper-2031": ("copper", ">=", 95, BATTERY, "", "2031-12-31", None),
    "eu-lead-2031": ("lead", ">=", 95, BATTERY, "", "2031-12-31", None),
    "eu-nickel-2031": ("nickel", ">=", 95, BATTERY, "", "2031-12-31", None),
    "eu-lithium-2031": ("lithium", ">=", 80, BATTERY, "", "2031-12-31", None),
}
"""Measure, bound, per cent, steps, family, first day, first day on which it no longer holds."""
SHARES = {
    ("cobalt", "2031-08-18", "2036-08-18"): 16,
    ("lead", "2031-08-18", None): 85,
    ("lithium", "2031-08-18", "2036-08-18"): 6,
    ("nickel", "2031-08-18", "2036-08-18"): 6,
    ("cobalt", "2036-08-18", None): 26,
    ("lithium", "2036-08-18", None): 12,
    ("nickel", "2036-08-18", None): 15,
}
"""Material, first day, first day on which it no longer holds, and per cent. Lead: 85 in both steps of Art. 8."""


def day(value: object) -> str | None:
    return None if value is None else str(value)


def test_every_target_has_the_figure_the_steps_and_the_days_of_the_reference() -> None:
    found = {
        row.id: (
            row.measure.value,
            "<=" if row.at_most else ">=",
            row.ppm / 10_000,
            " ".join(sorted(stage.value for stage in row.stages)),
            " ".join(sorted(family.value for family in row.families)),
            day(row.since),
            day(row.until),
        )
        for row in TARGETS
    }
    assert found == FIGURES
    assert all(row.id.startswith(row.jurisdiction.lower()) for row in TARGETS)


def test_every_share_of_recycled_content_is_that_of_the_reference() -> None:
    found = {(row.material.value, day(row.since), day(row.until)): row.ppm / 10_000 for row in RECYCLED_CONTENT}
    assert found == SHARES
    assert {row.jurisdiction for row in RECYCLED_CONTENT} == {"EU"}
    assert all("Art. 8" in row.source for row in RECYCLED_CONTENT)
