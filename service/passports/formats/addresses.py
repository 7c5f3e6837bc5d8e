"""The addresses of a passport and its parts, as other formats want them: one URI each. The battery's own is #1."""

from urllib.parse import quote

from service.domain.passport.datapoints import DATA_POINTS
from service.domain.passport.passport import Passport


def passport_address(code: str, base_url: str) -> str:
    """Where the passport of a battery is read."""
    return f"{base_url}/v1/batteries/{quote(code, safe='')}/passport"


def element_address(passport: Passport, nr: int) -> str:
    """Where one data point is read, by the EN 18222 interface, at whose address the passport's identifier leads."""
    return f"{passport.id}/elements/{DATA_POINTS[nr].element}"
