"""Which documents an operator may add to a battery or a model: what each is, who may see it, and who adds it.

What a document is decides who sees it: nobody chooses an audience, and no photo is ever for everybody, since people,
number plates and places are on photos.
"""

from __future__ import annotations

from typing import NamedTuple

from service.domain.passport.tiers import Tier
from service.domain.words import Word


class Paper(Word):
    """What a document is."""

    DECLARATION_OF_CONFORMITY = "declaration_of_conformity", "EU declaration of conformity", "欧盟符合性声明"
    DUE_DILIGENCE_REPORT = "due_diligence_report", "report on due diligence", "尽职调查报告"
    WASTE_INFORMATION = "waste_information", "information on waste batteries", "废旧电池信息"
    DISMANTLING_MANUAL = "dismantling_manual", "dismantling information", "拆解信息"
    TEST_REPORT = "test_report", "test report on conformity", "符合性测试报告"
    PHOTO = "photo", "photo", "照片"
    INCIDENT_EVIDENCE = "incident_evidence", "evidence of an incident", "事故证据"


class PaperRule(NamedTuple):
    """One row. party: also whoever took part in the battery's life may add it, not only who answers for its passport.

    images: it may be an image instead of a PDF.
    """

    paper: Paper
    tier: Tier
    party: bool
    images: bool
    source: str


_ANNEX = "Regulation (EU) 2023/1542, Annex XIII, part"

RULES: dict[Paper, PaperRule] = {
    row.paper: row
    for row in (
        PaperRule(Paper.DECLARATION_OF_CONFORMITY, Tier.PT1, False, False, f"{_ANNEX} 1; Art. 18"),
        PaperRule(Paper.DUE_DILIGENCE_REPORT, Tier.PT1, False, False, f"{_ANNEX} 1; Art. 52(3)"),
        PaperRule(Paper.WASTE_INFORMATION, Tier.PT1, False, False, f"{_ANNEX} 1; Art. 74(1)"),
        PaperRule(Paper.DISMANTLING_MANUAL, Tier.PT2, False, True, f"{_ANNEX} 2"),
        PaperRule(Paper.TEST_REPORT, Tier.PT3, False, False, f"{_ANNEX} 3"),
        PaperRule(Paper.PHOTO, Tier.PT4, True, True, "Regulation (EU) 2016/679, Art. 5(1)(c); PIPL, Art. 6"),
        PaperRule(Paper.INCIDENT_EVIDENCE, Tier.PT4, True, True, f"{_ANNEX} 4"),
    )
}
