"""Secrets that are sent, rightly and wrongly, are found nowhere that others read: log, problems, metrics."""

from pathlib import Path

import pytest

from tests.api.checking import CheckedClient
from tests.api.town import MAKER, Town
from tests.service.domain.story import PACK

PLANTED = "pt_plantedplant_" + "P" * 43


def wanderings(secret: str) -> list[tuple[str, str, dict[str, str], bytes]]:
    """Requests that carry a secret wherever one can stand."""
    bearer = {"Authorization": f"Bearer {secret}"}
    return [
        ("GET", "/v1/operators", bearer, b""),
        ("GET", "/v1/operators", {"Authorization": f"Basic {secret}"}, b""),
        ("GET", f"/v1/operators?api_key={secret}", {}, b""),
        ("GET", f"/v1/operators?x={secret}", bearer, b""),
        ("GET", f"/v1/operators/{secret}", {}, b""),
        ("GET", f"/nowhere/{secret}/x", {}, b""),
        ("GET", f"/b/{secret}", {}, b""),
        ("GET", f"/find?q={secret}", {}, b""),
        ("DELETE", f"/v1/operators/{MAKER}/api-keys/{secret}", bearer, b""),
        ("POST", "/v1/events", bearer | {"Content-Type": "application/json"}, b'{"' + secret.encode() + b'": 1}'),
        ("POST", "/v1/events", bearer | {"Content-Type": "application/json"}, secret.encode()),
        ("POST", "/v1/events:batch", {"Content-Type": secret}, secret.encode()),
        ("GET", f"/v1/batteries/{PACK}", {"User-Agent": secret, "Referer": secret, "Cookie": f"a={secret}"}, b""),
        ("GET", "/log/checkpoint", {"traceparent": secret, "X-Forwarded-For": secret}, b""),
    ]


@pytest.mark.parametrize("kind", ["good", "planted"])
def test_a_secret_that_is_sent_is_written_nowhere(
    kind: str, capfdbinary: pytest.CaptureFixture[bytes], client: CheckedClient, town: Town
) -> None:
    secret = town.keys[MAKER] if kind == "good" else PLANTED
    part = secret.split("_", 2)[2].encode()
    answers = [
        client.open(path, method=method, headers=headers, data=body)
        for method, path, headers, body in wanderings(secret)
    ]
    written = capfdbinary.readouterr()
    assert written.err.count(b'"event":"answered"') == len(answers)
    assert part not in written.err + written.out
    assert part not in client.get("/metrics").data
    problems = [each for each in answers if each.content_type == "application/problem+json"]
    assert len(problems) > 6
    for (_, path, _, body), answer in zip(wanderings(secret), answers, strict=True):
        is_asked_for = secret in path.partition("?")[0] or body.startswith(b'{"')  # told back: instance, pointer
        assert is_asked_for or part not in answer.data, path


def test_the_data_folder_holds_no_api_key(client: CheckedClient, town: Town) -> None:
    client.get("/v1/operators", headers=town.bearer(MAKER))
    part = town.keys[MAKER].split("_", 2)[2].encode()
    files = [file for file in Path(town.settings.data).rglob("*") if file.is_file()]
    assert len(files) > 4
    assert [file.name for file in files if part in file.read_bytes()] == []
