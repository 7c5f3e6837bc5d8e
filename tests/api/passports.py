"""The market of 2027 over HTTP: a client that checks every answer, and the content of a model published through it."""

from typing import Any

from tests.api.checking import CheckedClient, checked_client
from tests.applications import app_on
from tests.service.passports.contents import content
from tests.service.passports.market import MAKER, Market


def client_of(market: Market) -> CheckedClient:
    return checked_client(app_on(market.register, market.recorder))


def publish_content(client: CheckedClient, market: Market, model_id: str = "CQ-150", **changes: dict[str, Any]) -> None:
    """The maker hands in what a passport of this model needs, with `changes` by number of the data point."""
    path, maker = f"/v1/models/{model_id}/passport", market.bearer(MAKER)
    handed = client.put(path, json={"points": content(**changes)}, headers=maker)
    assert handed.status_code == 200, handed.text
    done = client.post(f"{path}:publish", headers=maker)
    assert done.status_code == 201, done.text
