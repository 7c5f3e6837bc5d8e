"""API keys: what is taken for one, and what is not."""

from datetime import timedelta

import pytest

from service.access import make_api_key, revoke_api_key
from service.work import Register
from tests.api.checking import CheckedClient, problem
from tests.api.town import MAKER, Town

PATH = "/v1/operators"


def test_a_key_opens_what_its_scope_says(client: CheckedClient, town: Town) -> None:
    assert client.get(PATH, headers=town.bearer("read-only")).status_code == 200
    assert "scope read" in problem(client.get(PATH, headers=town.bearer("record-only")), 403)["detail"]


def test_no_key_is_answered_with_the_scheme_to_use(client: CheckedClient) -> None:
    answer = client.get(PATH)
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_revoked_and_an_expired_key_open_nothing(client: CheckedClient, town: Town, register: Register) -> None:
    id_ = town.keys[MAKER].split("_")[1]
    with register.write_beside() as connection:
        revoke_api_key(connection, id_, now=register.clock())
        expired = make_api_key(connection, MAKER, now=register.clock() - timedelta(days=2), life=timedelta(days=1))
    refusals = [
        problem(client.get(PATH, headers={"Authorization": f"Bearer {key}"}), 401)["detail"]
        for key in (town.keys[MAKER], expired, "pt_aaaaaaaaaaaa_" + "A" * 43)
    ]
    assert len(set(refusals)) == 1


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic cHQ6cHQ=",
        "Bearer x",
        "Bearer pt_a_b",
        "Bearer pt_aaaaaaaaaaaa_" + "A" * 44,
        "Bearer pt_aaaaaaaaaaaa_" + "A" * 42 + "\u00e9",
        "Bearer a b",
        "Bearer " + "x" * 100_000,
        "Bearer eyJhbGciOiJub25lIn0.e30.",
    ],
)
def test_what_is_no_key_is_refused_also_where_none_is_needed(client: CheckedClient, header: str) -> None:
    for path in (PATH, "/log/checkpoint"):
        problem(client.get(path, headers={"Authorization": header}), 401)


def test_a_key_in_the_address_is_refused_even_beside_a_good_one(client: CheckedClient, town: Town) -> None:
    key = town.keys[MAKER]
    for query in (f"api_key={key}", f"x={key}", f"access_token={key}", "api_key=x", f"a=1&API_KEY={key}"):
        refusal = problem(client.get(f"{PATH}?{query}", headers=town.bearer(MAKER)), 400)
        assert refusal["code"] == "key-in-address"
        assert key not in str(refusal)


def test_a_log_line_tells_who_called_and_never_the_secret(
    capfdbinary: pytest.CaptureFixture[bytes], client: CheckedClient, town: Town
) -> None:
    client.get(f"{PATH}?x={town.keys[MAKER]}", headers=town.bearer(MAKER))
    client.get(PATH, headers=town.bearer(MAKER))
    written = capfdbinary.readouterr().err
    assert b'"operator":"cq-cells"' in written
    assert town.keys[MAKER].split("_", 2)[2].encode() not in written
