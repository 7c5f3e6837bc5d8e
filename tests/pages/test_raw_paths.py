"""Addresses as an attacker writes them: judged before they are decoded, and never answered with a redirect."""

import socket

import pytest
from flask.testing import FlaskClient

from api.pages.address import WrongAddressError, read_code_path, read_digital_link, read_typed
from tests.pages.asking import get_raw, read
from tests.pages.life import GTIN, PACK

SERIAL = PACK[7:]

ATTACKS = [
    (f"/01/{GTIN}/21/A%2F8200%2Fevil.example", 400),  # AI 8200, a product's address, smuggled behind an encoded slash
    (f"/01/{GTIN}/21/A%2f8200%2fevil.example", 400),
    (f"/01/{GTIN}/21/{SERIAL}/8200/evil.example", 400),
    (f"/01/{GTIN}/21/{SERIAL}/21/{SERIAL}", 400),
    (f"/01/{GTIN}/21/{SERIAL}/10/LOT", 400),
    (f"/01/{GTIN}/10/LOT/21/{SERIAL}", 400),
    (f"/21/{SERIAL}/01/{GTIN}", 404),
    (f"/01/{GTIN}/21/", 400),
    (f"/01/{GTIN}/21", 400),
    (f"/01/{GTIN}", 400),
    (f"/01/{GTIN[:-1]}9/21/{SERIAL}", 400),  # check digit
    (f"/01/{GTIN[1:]}/21/{SERIAL}", 400),
    (f"/01//{GTIN}/21/{SERIAL}", 404),
    (f"//01/{GTIN}/21/{SERIAL}", 400),
    (f"/01/{GTIN}/21/..", 404),
    (f"/01/{GTIN}/21/%2e%2e", 404),
    (f"/01/{GTIN}/21/{SERIAL}%00", 400),
    (f"/01/{GTIN}/21/{SERIAL}%0d%0aLocation:%20//evil.example", 400),
    (f"/01/{GTIN}/21/{SERIAL}%C3%A9", 400),
    (f"/01/{GTIN}/21/{SERIAL}%zz", 400),
    (f"/01/{GTIN}/21/%EF%BC%A1", 400),
    (f"/b/{PACK}%2F..", 400),
    (f"/b/{PACK}%2f", 400),
    (f"/b/{PACK}/", 400),
    (f"/b/{PACK}/x", 400),
    ("/b/%2F%2Fevil.example", 404),
    ("/b/%5Cevil.example", 400),
    ("/b/..", 400),
    ("/b/.", 400),
    ("/b/%2e%2e", 400),
    ("/b/%00", 400),
    ("/b/%0d%0aSet-Cookie:a=b", 400),
    ("/b/%FF", 400),
    ("/b/%", 400),
    ("/b/%2", 400),
    ("/b/%252Fevil.example", 404),  # decoded once, it is a code with a percent sign: nobody's
    ("/b//evil.example", 404),
    ("//b/evil.example", 400),
    ("/b/", 404),
    ("/b", 404),
    ("/B/", 404),
    ("/b/%09/evil.example", 400),
    ("/b/;" + PACK, 404),
    (f"/b/{PACK};v=1", 404),
    (f"/b/{PACK}%3Fx=1", 404),
    (f"/b/{'A' * 5000}", 400),
    ("/b/https:%2F%2Fevil.example", 400),
    ("/find?code=%00", 400),
    ("/find?code=https://evil.example/%2F%2Fevil", 400),
    ("/find?code=https://evil.example", 400),
    ("/find?code=https://[::1", 400),
    ("/find?code=//evil.example", 404),
    ("/find?code=javascript:alert(1)", 404),
    ("/find?code=%2Fb%2F" + PACK + "&next=//evil.example", 404),
]  # fmt: skip


@pytest.mark.parametrize(("target", "status"), ATTACKS, ids=[target[:60] for target, _ in ATTACKS])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_smuggling_address_is_refused_and_leads_nowhere(
    client: FlaskClient, target: str, status: int, accept: str
) -> None:
    response = get_raw(client, target, accept)
    assert response.status_code == status
    assert "Location" not in response.headers
    assert "Link" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    if accept == "text/html":
        page = read(response)
        addresses = [str(each.get("href") or each.get("action")) for tag in ("a", "form") for each in page.all(tag)]
        assert [each for each in addresses if not each.startswith(("/", "#")) or each.startswith("//")] == []
    else:
        assert response.content_type.startswith("application/problem+json")


@pytest.mark.parametrize(
    "target",
    [
        f"/b/{PACK}",
        f"/B/{PACK}",
        f"/b/%30{PACK[1:]}",
        f"/b/{PACK}?utm_source=x&linkType=http://evil.example",
        f"http://other.example/b/{PACK}",
        f"HTTPS://ID.EXAMPLE.CN/B/{PACK}",
        f"/01/{GTIN}/21/{SERIAL}",
        f"/01/{GTIN}/21/%41{SERIAL[1:]}",
        f"/01/{GTIN}/21/{SERIAL}?17=290101",
    ],
)
def test_an_honest_address_shows_the_battery(client: FlaskClient, target: str) -> None:
    response = get_raw(client, target)
    assert response.status_code == 200
    assert "evil.example" not in response.get_data(as_text=True)
    assert PACK in read(response).text.replace(" ", "")


def test_what_the_server_passes_on_is_judged_the_same(gunicorn: int) -> None:
    """Each address as bytes to gunicorn, which decodes paths in its own way. It refuses what is longer than 4094."""
    expected = [(target, status) for target, status in ATTACKS if len(target) < 4000]
    expected += [(f"/B/{PACK}", 200), (f"http://other.example/b/{PACK}", 200), ("//evil.example/b/x", 404)]
    assert [(target, ask(gunicorn, target)) for target, _ in expected] == expected


def ask(port: int, target: str) -> int:
    """The status of the answer, which must not be a redirect."""
    request = f"GET {target} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request.encode())
        head = b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")[0]
    assert b"\nlocation:" not in head.lower()
    return int(head.split(b" ", 2)[1])


def test_an_encoded_slash_never_makes_a_segment() -> None:
    with pytest.raises(WrongAddressError):
        read_code_path(f"/b%2F{PACK}")
    with pytest.raises(WrongAddressError):
        read_digital_link(f"/01/{GTIN}%2F21/{SERIAL}")


def test_a_typed_text_is_never_a_path_on_this_machine() -> None:
    assert read_typed("../../etc/passwd").text == "../../etc/passwd"
    assert read_typed(f"https://other.example/B/{PACK}").text == PACK
    assert read_typed(f"(01){GTIN}(21){SERIAL}").gs1 == (GTIN, SERIAL)
