"""Signatures against the library that receivers use, and against forgers."""

import time
from base64 import b64decode
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Checker

from service.webhooks.signature import format_secret, sign

SECRET, OTHER = bytes(range(32)), bytes(32)
BODY = '{"id":"电池","sequence":"1"}'.encode()


def now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def is_genuine(headers: dict[str, str], body: bytes, secret: bytes = SECRET) -> bool:
    try:
        Checker(format_secret(secret)).verify(body, headers, json_parse=False)
    except Exception:
        return False
    return True


def test_the_published_example_of_the_specification_is_reproduced() -> None:
    secret = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.text(max_size=200), st.from_regex(r"[a-z0-9_-]{1,80}", fullmatch=True))
def test_what_we_sign_the_library_takes(text: str, id_: str) -> None:
    assert is_genuine(sign([SECRET], id_, now(), text.encode()), text.encode())


def test_during_a_rotation_either_secret_is_enough() -> None:
    headers = sign([SECRET, OTHER], "a", now(), BODY)
    assert is_genuine(headers, BODY, SECRET) and is_genuine(headers, BODY, OTHER)
    assert not is_genuine(headers, BODY, b"\x01" * 32)


def test_nothing_can_be_changed_forged_or_sent_again_later() -> None:
    headers = sign([SECRET], "a", now(), BODY)
    assert is_genuine(headers, BODY)
    assert not is_genuine(headers, BODY + b" ")
    assert not is_genuine(headers | {"webhook-id": "b"}, BODY)
    later = str(int(headers["webhook-timestamp"]) + 1)
    assert not is_genuine(headers | {"webhook-timestamp": later}, BODY)
    assert not is_genuine(sign([OTHER], "a", now(), BODY), BODY)
    assert not is_genuine(headers | {"webhook-signature": "v1,"}, BODY)
    old = datetime.fromtimestamp(time.time() - 600, UTC)
    assert not is_genuine(sign([SECRET], "a", old, BODY), BODY)
