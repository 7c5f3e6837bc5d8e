"""The small objects of the Battery Pass submodels (data model 1.2), in their own words, misspelt ones included."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from service.domain.passport.words import ChemistryName, DocumentKind, HazardClass
from service.domain.states import LifeStatus
from service.passports.formats.gefeg_values import later
from service.passports.formats.rows import Source
from service.passports.formats.scaling import scaled

Value = Mapping[str, Any]

STATUSES = {
    LifeStatus.ORIGINAL: "Original",
    LifeStatus.RE_USED: "Reused",
    LifeStatus.REPURPOSED: "Repurposed",
    LifeStatus.REMANUFACTURED: "Remanufactured",
    LifeStatus.WASTE: "Waste",
}
_DOCUMENTS = {
    DocumentKind.BILL_OF_MATERIAL: "BillOfMaterial",
    DocumentKind.MODEL_3D: "Model3D",
    DocumentKind.DISMANTLING_MANUAL: "DismantlingManual",
    DocumentKind.REMOVAL_MANUAL: "RemovalManual",
    DocumentKind.OTHER_MANUAL: "OtherManual",
    DocumentKind.DRAWING: "Drawing",
}
_HAZARDS = {
    HazardClass.ACUTE_TOXICITY: "AcuteToxicity",
    HazardClass.SKIN: "SkinCorrosionOrIrritation",
    HazardClass.EYES: "EyeDamageOrIrritation",
}
_MAIL = re.compile(r"^[w.-]+@[w.-]+.[A-Za-z]{2,}$")
"""Of an operator, as published: it admits only the letter w. An address that does not match is left out, not bent."""
_MAIL_OF_SUPPLIER = re.compile(r"^[\w.-]+@[\w.-]+\.[A-Za-z]{2,}$", re.ASCII)
SOMEWHERE = {"componentName": "battery"}
"""Where a substance is, when no more is said: somewhere in the battery."""


def passport_urn(source: Source) -> str:
    """`urn:packtrail:` and the code in small letters: the pattern admits one colon and no capitals."""
    return f"urn:packtrail:{source.passport.code.lower()}"


def midnight(day: str) -> str:
    """A date where the schema wants a time."""
    return f"{day}T00:00:00Z"


def warranty_month(source: Source) -> object:
    """The month in which the warranty ends, without its year (xsd:gMonth), counted from the date of manufacture."""
    months = source.value(35).get("months")
    return None if months is None else f"--{later(source.passport.made_on, months).month:02d}"


def postal_address(street: str, value: Value) -> dict[str, str] | None:
    """None where country or postal code, which the schema requires, is not known."""
    if not value.get("country") or not value.get("postal_code"):
        return None
    return {"addressCountry": value["country"], "streetAddress": street, "postalCode": value["postal_code"]}


def manufacturer(source: Source) -> object:
    return _contact(source, 3, source.passport.maker.operator_id, reach=source.value(5))


def operator(source: Source) -> object:
    """Known whole where it is the manufacturer: of others the register holds no postal address."""
    passport = source.passport
    if passport.responsible.operator_id != passport.maker.operator_id:
        return None
    return _contact(source, 2, passport.responsible.operator_id, reach={})


def chemistry(value: Value) -> dict[str, str]:
    name = ChemistryName(value["short_name"])
    return {"shortName": name.en, "clearName": value.get("clear_name", name.en)}


def materials(items: Sequence[Value]) -> object:
    """The critical ones, which are all that the data points name one by one; None where one lacks its CAS or mass."""
    if any("cas" not in each or "mass_g" not in each for each in items):
        return None
    return [
        {
            "batteryMaterialName": each["name"],
            "batteryMaterialIdentifier": each["cas"],
            "batteryMaterialMass": scaled(each["mass_g"], 3),
            "batteryMaterialLocation": SOMEWHERE,
            "isCriticalRawMaterial": True,
        }
        for each in items
    ]


def hazards(items: Sequence[Value]) -> object:
    """None where a substance lacks what the schema requires."""
    needed = ("hazard_class", "cas", "concentration_ppm", "impact")
    if any(name not in each for each in items for name in needed):
        return None
    return [
        {
            "hazardousSubstanceClass": _HAZARDS[HazardClass(each["hazard_class"])],
            "hazardousSubstanceName": each["name"],
            "hazardousSubstanceIdentifier": each["cas"],
            "hazardousSubstanceConcentration": scaled(each["concentration_ppm"], 4),
            "hazardousSubstanceImpact": [each["impact"]],
            "hazardousSubstanceLocation": ({"componentName": each["location"]} if "location" in each else SOMEWHERE),
        }
        for each in items
    ]


def power_by_charge(value: Value) -> list[dict[str, int]]:
    return [{"atSoC": soc, "powerCapabilityAt": value[f"power_at_{soc}_w"]} for soc in (80, 20)]


def resistances(value: Value) -> list[dict[str, Any]]:
    """In ohms, of pack, module and cell as far as given."""
    return [
        {"batteryComponent": part, "ohmicResistance": scaled(value[f"{part}_uohm"], 6)}
        for part in ("pack", "module", "cell")
        if f"{part}_uohm" in value
    ]


def documents(items: Sequence[Value]) -> list[dict[str, str]]:
    return [
        {
            "documentType": _DOCUMENTS[DocumentKind(each["kind"])],
            "mimeType": each.get("media_type", "application/octet-stream"),
            "documentURL": each["url"],
        }
        for each in items
    ]


def suppliers(source: Source) -> object:
    """Each with all part numbers; None where one lacks what the schema requires."""
    found, parts = source.value(47).get("suppliers"), source.value(46).get("parts")
    if found is None or parts is None:
        return None
    addresses = [postal_address(each["address"], each) for each in found]
    if any(address is None for address in addresses) or not all(map(_is_reachable, found)):
        return None
    components = [{"partName": each["name"], "partNumber": each["number"]} for each in parts]
    return [
        {
            "nameOfSupplier": each["name"],
            "addressOfSupplier": address,
            "emailAddressOfSupplier": each["email"],
            "supplierWebAddress": each["web"],
            "components": components,
        }
        for each, address in zip(found, addresses, strict=True)
    ]


def _is_reachable(supplier: Value) -> bool:
    return "web" in supplier and _MAIL_OF_SUPPLIER.search(supplier.get("email", "")) is not None


def recycled_content(source: Source) -> object:
    """Lead has one share, of waste of any kind: it stands as post-consumer, pre-consumer 0."""
    shares = []
    for material, nr in (("Cobalt", 20), ("Lithium", 21), ("Nickel", 22), ("Lead", 23)):
        value = source.value(nr)
        if not value:
            return None
        shares.append(
            {
                "recycledMaterial": material,
                "preConsumerShare": scaled(value.get("pre_consumer_ppm", 0), 4),
                "postConsumerShare": scaled(value.get("post_consumer_ppm", value.get("share_ppm", 0)), 4),
            }
        )
    return shares


def labels(source: Source) -> object:
    """The symbols that stand on the battery; none without that of separate collection."""
    if "symbol" not in source.value(40):
        return None
    rows = (
        (40, "symbol", "SeparateCollection", source.value(40).get("meaning", "separate collection")),
        (41, "symbol", "HazardousMaterial", "cadmium or lead"),
        (18, "label", "CarbonFootPrint", f"carbon footprint class {source.value(18).get('performance_class')}"),
    )
    return [
        {"labelingSymbol": source.value(nr)[name], "labelingMeaning": {"en": meaning}, "labelingSubject": subject}
        for nr, name, subject, meaning in rows
        if name in source.value(nr)
    ]


def carbon_stages(value: Value) -> list[dict[str, Any]]:
    """kg CO2e for each kWh."""
    stages = (
        ("RawMaterialExtraction", "raw_material_g"),
        ("MainProduction", "production_g"),
        ("Distribution", "distribution_g"),
        ("Recycling", "end_of_life_g"),
    )
    return [{"lifecycleStage": stage, "carbonFootprint": scaled(value[name], 3)} for stage, name in stages]


def _contact(source: Source, nr: int, operator_id: str, *, reach: Value) -> object:
    value, where = source.value(nr), source.value(4)
    address = postal_address(f"{where['street']}, {where['city']}", where) if where else None
    if not value or address is None:
        return None
    members = {"contactName": value["name"], "postalAddress": address}
    members["identifier"] = value.get("identifier") or value.get("operator_id") or operator_id
    if "web" in reach:
        members["webAddress"] = reach["web"]
    if _MAIL.match(reach.get("email", "")):
        members["emailAddress"] = reach["email"]
    return members
