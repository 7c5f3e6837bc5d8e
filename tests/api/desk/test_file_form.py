"""Forms with a file, byte by byte: fields first, the file whole, and no token that stands behind it."""

from collections.abc import Sequence

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException

from api.csrf import FIELD, token_for
from api.desk.file_form import PIECE, open_file_form, sent_file
from service.work import Register
from tests.api.desk.visiting import cookie_of

PATH, BOUNDARY = "/desk/imports", "xBoundaryx"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
MOST = 2 * PIECE


def part(name: str, content: bytes, file: str | None = None) -> bytes:
    tail = "" if file is None else f'; filename="{file}"'
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{tail}\r\n\r\n'.encode() + content + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def read(app: Flask, data: bytes) -> tuple[dict[str, str], str, bytes] | None:
    """The fields, the name of the file and its content; None without a file."""
    with app.test_request_context(PATH, method="POST", data=data, content_type=FORM) as context:
        open_file_form(MOST)
        file = sent_file()
        return None if file is None else (context.request.form.to_dict(), file.name, b"".join(file.pieces))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(content=st.lists(st.sampled_from([b"\r", b"\n", b"--", BOUNDARY.encode()[:-1], b"x", b"\0\xff"])))
def test_a_file_comes_out_as_it_was_sent(app: Flask, content: list[bytes]) -> None:
    data = b"".join(content)
    assume(BOUNDARY.encode() not in data)
    assert read(app, body(part("kind", b"packs"), part("file", data, "a.csv"))) == ({"kind": "packs"}, "a.csv", data)


def test_a_file_of_many_pieces_comes_out_as_it_was_sent(app: Flask) -> None:
    data = bytes(range(256)) * (PIECE // 128)
    assert read(app, body(part("file", data, "a.csv"), part("kind", b"packs"))) == ({}, "a.csv", data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(cut=st.integers(0, 300), put=st.binary(max_size=20))
def test_a_damaged_form_gives_a_file_or_a_refusal(app: Flask, cut: int, put: bytes) -> None:
    whole = body(part("kind", b"packs"), part("file", b"a,b\r\n1,2", "a.csv"))
    try:
        read(app, whole[:cut] + put + whole[cut + len(put) :])
    except HTTPException as error:
        assert error.code in (400, 413)


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ((part("file", b"a,b", "a.csv")[:-20],), 400),
        ((part("kind", b"x" * 70_000), part("file", b"a,b", "a.csv")), 413),
        (tuple(part(f"field-{at}", b"") for at in range(30)), 413),
        ((part("x" * 600_000, b""),), 413),
        ((part("file", b"x" * (MOST + 2 * 1024 * 1024), "a.csv"),), 413),
    ],
)
def test_a_form_that_is_cut_off_or_too_large_is_refused(app: Flask, parts: Sequence[bytes], status: int) -> None:
    with pytest.raises(HTTPException) as caught:
        read(app, b"".join(parts) if status == 400 else body(*parts))
    assert caught.value.code == status


def test_a_token_is_looked_for_before_the_file_and_nowhere_else(maker: FlaskClient, register: Register) -> None:
    token = token_for(cookie_of(maker) or "").encode()
    file, kind, signed = part("file", b"a,b\r\n1,2", "a.csv"), part("kind", b"packs"), part(FIELD, token)
    folder = register.settings.data / "imports"
    before = set(folder.glob("*"))
    for parts in ((kind, file), (kind, file, signed), (kind, part(FIELD, b"wrong"), file)):
        assert maker.post(PATH, data=body(*parts), content_type=FORM).status_code == 403
    assert maker.post(f"{PATH}?{FIELD}={token.decode()}", data=body(kind, file), content_type=FORM).status_code == 403
    assert set(folder.glob("*")) == before
    answer = maker.post(PATH, data=body(signed, kind, file), content_type=FORM)
    assert answer.status_code == 303 and len(set(folder.glob("*")) - before) == 1
