"""The closed lists of words in the contents of a passport, each with its name in English and Chinese."""

from __future__ import annotations

from service.domain.words import Word


class ChemistryName(Word):
    """Source: GEFEG BatteryPass-Ready schemas, BatteryChemistry."""

    LCO = "li_ion_lco", "Li-ion LCO", "钴酸锂"
    LFP = "li_ion_lfp", "Li-ion LFP", "磷酸铁锂"
    LMO = "li_ion_lmo", "Li-ion LMO", "锰酸锂"
    NCA = "li_ion_nca", "Li-ion NCA", "镍钴铝"
    NMC = "li_ion_nmc", "Li-ion NMC", "镍钴锰"
    LI_METAL = "li_metal", "Li-metal", "锂金属"
    NA_ION = "na_ion", "Na-ion", "钠离子"
    NI_CD = "ni_cd", "Ni-Cd", "镍镉"
    NI_MH = "ni_mh", "Ni-MH", "镍氢"
    PB = "pb", "Pb", "铅酸"


class HazardClass(Word):
    """Source: Battery Pass data model, MaterialComposition 1.2.0."""

    ACUTE_TOXICITY = "acute_toxicity", "acute toxicity", "急性毒性"
    SKIN = "skin_corrosion_or_irritation", "skin corrosion or irritation", "皮肤腐蚀或刺激"
    EYES = "eye_damage_or_irritation", "eye damage or irritation", "眼损伤或刺激"


class DocumentKind(Word):
    """Source: Battery Pass data model, Circularity 1.2.0."""

    BILL_OF_MATERIAL = "bill_of_material", "bill of material", "物料清单"
    MODEL_3D = "model_3d", "3D model", "三维模型"
    DISMANTLING_MANUAL = "dismantling_manual", "dismantling manual", "拆解手册"
    REMOVAL_MANUAL = "removal_manual", "removal manual", "拆卸手册"
    OTHER_MANUAL = "other_manual", "other manual", "其他手册"
    DRAWING = "drawing", "drawing", "图纸"
