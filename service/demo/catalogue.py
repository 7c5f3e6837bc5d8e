"""The battery models of the story: three packs with their modules, and a cell.

Ratings and masses are of the size that such batteries have; the materials of a model add up to less than its mass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from service.demo.cast import PLAYERS
from service.domain.gs1 import gtin_check_digit

MODULES_IN_A_PACK = 4
CELLS_IN_A_MODULE = 26

_CODE_OF = {player.id: player.code for player in PLAYERS}
_LETTER = {"pack": "P", "module": "M", "cell": "C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One model. `number` makes its GTIN, from the range that GS1 keeps for examples."""

    id: str
    maker: str
    name: str
    name_en: str
    level: str
    chemistry: str
    specification: str
    traceability: str
    capacity_mah: int
    voltage_mv: int
    mass_g: int
    number: int
    composition_g: dict[str, int]

    @property
    def energy_wh(self) -> int:
        return self.capacity_mah * self.voltage_mv // 1_000_000

    @property
    def gtin(self) -> str:
        first = f"0952123400{self.number:03d}"
        return first + gtin_check_digit(first)

    @property
    def prefix(self) -> str:
        """Positions 1 to 7 of the codes of this model."""
        return f"{_CODE_OF[self.maker]}{_LETTER[self.level]}{self.chemistry}{self.specification}"

    @property
    def body(self) -> dict[str, Any]:
        """The body of the event that publishes the model."""
        return {
            "model_id": self.id,
            "name": self.name,
            "name_en": self.name_en,
            "level": self.level,
            "category": "ev",
            "chemistry": self.chemistry,
            "manufacturer_code": _CODE_OF[self.maker],
            "specification": self.specification,
            "capacity_mah": self.capacity_mah,
            "energy_wh": self.energy_wh,
            "voltage_mv": self.voltage_mv,
            "mass_g": self.mass_g,
            "composition_g": self.composition_g,
            "gtin": self.gtin,
            "extinguishing_agent": "大量清水 (plenty of water)",
            "hazard_zh": "高压；受损后可能起火或释放有毒气体。",
            "hazard_en": "High voltage; may burn or release toxic gas when damaged.",
        }


@dataclass(frozen=True, slots=True)
class Line:
    """A pack model with the models of its parts. Only one of the lines registers its cells."""

    pack: ModelRow
    module: ModelRow
    cell: ModelRow | None = None


_MATERIALS = (
    "lithium", "nickel", "cobalt", "manganese", "iron", "phosphorus", "graphite", "copper", "aluminium", "electrolyte",
    "plastic", "steel", "other",
)  # fmt: skip


def _grams(*amounts: int) -> dict[str, int]:
    return {name: amount for name, amount in zip(_MATERIALS, amounts, strict=True) if amount}


_FULING = "demo-cells-fuling"
LFP = Line(
    ModelRow(
        id="DF-LFP-52", maker=_FULING, name="示例磷酸铁锂电池包52", name_en="Demo LFP pack 52", level="pack",
        chemistry="B", specification="52", traceability="FL52P01", capacity_mah=156_000, voltage_mv=332_800,
        mass_g=385_000, number=11, composition_g=_grams(
            4_600, 0, 0, 0, 37_000, 20_500, 56_000, 29_000, 88_000, 42_000, 22_000, 34_000, 40_000),
    ),
    ModelRow(
        id="DF-LFP-13M", maker=_FULING, name="示例磷酸铁锂模块13", name_en="Demo LFP module 13", level="module",
        chemistry="B", specification="13", traceability="FL13M01", capacity_mah=156_000, voltage_mv=83_200,
        mass_g=80_000, number=12, composition_g=_grams(
            1_150, 0, 0, 0, 9_250, 5_125, 14_000, 6_500, 15_500, 10_500, 4_000, 2_500, 9_000),
    ),
    ModelRow(
        id="DF-LFP-05C", maker=_FULING, name="示例磷酸铁锂单体", name_en="Demo LFP cell", level="cell",
        chemistry="B", specification="05", traceability="FL05C01", capacity_mah=156_000, voltage_mv=3_200,
        mass_g=2_900, number=13, composition_g=_grams(
            44, 0, 0, 0, 355, 197, 535, 230, 480, 400, 90, 0, 300),
    ),
)  # fmt: skip

_YUBEI = "demo-cells-yubei"
NMC = Line(
    ModelRow(
        id="DY-NMC-60", maker=_YUBEI, name="示例三元电池包60", name_en="Demo NMC pack 60", level="pack",
        chemistry="E", specification="60", traceability="YB60P01", capacity_mah=172_000, voltage_mv=350_400,
        mass_g=400_000, number=21, composition_g=_grams(
            6_400, 34_000, 8_000, 8_500, 0, 0, 55_000, 28_000, 92_000, 40_000, 20_000, 30_000, 40_000),
    ),
    ModelRow(
        id="DY-NMC-15M", maker=_YUBEI, name="示例三元模块15", name_en="Demo NMC module 15", level="module",
        chemistry="E", specification="15", traceability="YB15M01", capacity_mah=172_000, voltage_mv=87_600,
        mass_g=84_000, number=22, composition_g=_grams(
            1_600, 8_500, 2_000, 2_125, 0, 0, 13_750, 6_300, 15_000, 10_000, 3_500, 2_500, 8_000),
    ),
)  # fmt: skip

_BISHAN = "demo-cells-bishan"
SWAP = Line(
    ModelRow(
        id="DB-SWAP-46", maker=_BISHAN, name="示例换电电池包46", name_en="Demo swap pack 46", level="pack",
        chemistry="B", specification="46", traceability="BS46P01", capacity_mah=140_000, voltage_mv=332_800,
        mass_g=362_000, number=31, composition_g=_grams(
            4_100, 0, 0, 0, 33_000, 18_300, 50_000, 27_000, 86_000, 38_000, 21_000, 36_000, 38_000),
    ),
    ModelRow(
        id="DB-SWAP-11M", maker=_BISHAN, name="示例换电模块11", name_en="Demo swap module 11", level="module",
        chemistry="B", specification="11", traceability="BS11M01", capacity_mah=140_000, voltage_mv=83_200,
        mass_g=73_000, number=32, composition_g=_grams(
            1_025, 0, 0, 0, 8_250, 4_575, 12_500, 6_000, 14_500, 9_500, 3_800, 2_400, 8_500),
    ),
)  # fmt: skip

LINES = (LFP, NMC, SWAP)
MODELS: tuple[ModelRow, ...] = tuple(
    model for line in LINES for model in (line.pack, line.module, line.cell) if model is not None
)
