"""Under which names the pages for people answer."""

from collections.abc import Iterator

import pytest

from tests.api.desk.door import Door

BASE_URL = "https://id.example.cn"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    door = Door(tmp_path_factory.mktemp("door") / "data", BASE_URL)
    yield door
    door.close()


@pytest.mark.parametrize(
    "host", [BASE_URL, f"{BASE_URL}:443", "https://ID.example.cn", "http://127.0.0.1:8000", "http://localhost"]
)
def test_people_sign_in_under_the_configured_name_and_on_the_machine_itself(door: Door, host: str) -> None:
    assert door.app.test_client().get("/login", base_url=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "https://evil.example",
        "https://id.example.cn.evil.example",
        "https://id.example.cn:8443",
        "https://192.0.2.1",
        "https://localhost.evil.example",
        "https://127.0.0.1.evil.example",
    ],
)
def test_under_another_name_there_is_no_form_to_sign_in(door: Door, host: str) -> None:
    for path in ("/login", "/desk", "/account", "/login/factor", "/recover"):
        answer = door.app.test_client().get(path, base_url=host, headers={"Accept": "text/html"})
        assert answer.status_code == 421 and BASE_URL in answer.text, path
        assert "Set-Cookie" not in answer.headers and "password" not in answer.text
        assert "evil" not in answer.text.replace(path, "")


def test_a_forwarded_name_is_not_looked_at(door: Door) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Host": "evil.example"}
    answer = door.app.test_client().get("/login", base_url=BASE_URL, headers=headers)
    assert answer.status_code == 200 and "evil" not in answer.text
    page = door.app.test_client().get("/", base_url="https://evil.example", headers=headers)
    assert page.status_code == 200 and "evil" not in page.text
