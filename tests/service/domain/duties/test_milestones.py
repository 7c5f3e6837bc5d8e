"""Every milestone against the reference, told a second time: jurisdiction, first day, last day.

A row that is not here, or differs, fails. None: no day was found, so the row says that its source is needed.
"""

from datetime import date

import pytest

from service.domain.duties.milestones import MILESTONES, milestones_on

DAYS = {
    "eu-amendment-1": ("EU", None, None),
    "eu-amendment-2": ("EU", "2025-07-30", None),
    "eu-corrigendum-1": ("EU", "2024-04-17", None),
    "eu-corrigendum-2": ("EU", "2024-08-07", None),
    "eu-corrigendum-3": ("EU", "2025-10-08", None),
    "eu-corrigendum-4": ("EU", "2026-04-10", None),
    "eu-cd-pb-symbols": ("EU", "2024-02-18", None),
    "eu-separate-collection-symbol": ("EU", "2025-08-18", None),
    "eu-label": ("EU", "2026-08-18", None),
    "eu-qr-code": ("EU", "2027-02-18", None),
    "eu-passport": ("EU", "2027-02-18", None),
    "eu-passport-pending": ("EU", "2027-02-18", None),
    "eu-passport-ceases": ("EU", "2027-02-18", None),
    "eu-due-diligence": ("EU", "2027-08-18", None),
    "eu-due-diligence-guidelines": ("EU", "2026-07-26", None),
    "eu-due-diligence-report": ("EU", None, None),
    "eu-legitimate-interest": ("EU", None, None),
    "eu-registry": ("EU", "2026-07-17", None),
    "eu-harmonised-standards": ("EU", "2026-07-15", None),
    "eu-recycling-calculation": ("EU", "2025-07-24", None),
    "eu-recycled-content-documents": ("EU", None, None),
    "eu-carbon-footprint-label": ("EU", None, None),
    "cn-codes": ("CN", "2018-02-01", None),
    "cn-regime-2018": ("CN", "2018-08-01", "2026-03-31"),
    "cn-order-73": ("CN", "2026-04-01", None),
    "cn-platform": ("CN", "2026-04-01", None),
    "cn-maker-data": ("CN", "2026-04-01", None),
    "cn-digital-identity": ("CN", "2026-04-01", None),
    "cn-vehicle-and-battery": ("CN", "2026-04-01", None),
    "cn-banned-uses": ("CN", "2026-04-01", None),
    "cn-lawful-takers": ("CN", "2026-04-01", None),
    "cn-outlets": ("CN", "2026-04-01", None),
    "cn-penalty-list": ("CN", "2026-04-01", None),
    "cn-fines": ("CN", "2026-04-01", None),
    "cn-second-life-list": ("CN", None, "2026-07-29"),
    "cn-safety-standard": ("CN", "2026-07-01", None),
    "cn-lithium-codes": ("CN", "2025-11-01", None),
    "cn-chongqing-outlets": ("CN", "2025-07-16", "2027-12-31"),
}
ACTS = {
    "eu-amendment-1": "2024/1781",
    "eu-amendment-2": "2025/1561",
    "eu-due-diligence": "2025/1561",
    "eu-registry": "2026/1778",
    "eu-harmonised-standards": "2026/1736",
    "eu-recycling-calculation": "2025/606",
    "eu-passport": "Art. 77(1)",
    "eu-passport-ceases": "Art. 77(8)",
    "eu-qr-code": "Art. 13(6)",
    "cn-platform": "Art. 4",
    "cn-maker-data": "Art. 11",
    "cn-digital-identity": "Art. 12",
    "cn-lawful-takers": "Art. 19",
    "cn-banned-uses": "Art. 22",
    "cn-penalty-list": "Art. 42",
}


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def test_every_milestone_has_the_days_of_the_reference() -> None:
    told = {slug: (where, day(since), day(until)) for slug, (where, since, until) in DAYS.items()}
    assert {row.slug: (row.jurisdiction, row.since, row.until) for row in MILESTONES} == told


def test_a_milestone_without_a_first_day_says_that_its_source_is_needed() -> None:
    assert all("source needed" in row.source for row in MILESTONES if row.since is None)


@pytest.mark.parametrize("slug", ACTS)
def test_a_milestone_names_its_act_or_article(slug: str) -> None:
    [row] = [each for each in MILESTONES if each.slug == slug]
    assert row.article.endswith(ACTS[slug]) or f"{ACTS[slug]}," in row.article or f"{ACTS[slug]} " in row.article


def test_what_a_fine_amounts_to_is_not_made_up() -> None:
    [fines] = [row for row in MILESTONES if row.slug == "cn-fines"]
    assert "amounts: source needed" in fines.source
    assert not any(letter.isdigit() for letter in fines.en + fines.zh)


def test_a_milestone_is_shown_from_its_first_day_to_its_last() -> None:
    def slugs(on: str) -> set[str]:
        return {row.slug for row in milestones_on(date.fromisoformat(on))}

    assert "eu-harmonised-standards" not in slugs("2026-07-14")
    assert "eu-harmonised-standards" in slugs("2026-07-15")
    assert "cn-regime-2018" in slugs("2026-03-31")
    assert "cn-regime-2018" not in slugs("2026-04-01")
