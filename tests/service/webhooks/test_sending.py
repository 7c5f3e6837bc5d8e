"""One delivery over the wire, against receivers that are slow, wrong, hostile or somebody else."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
import trustme

from service.webhooks.addresses import Reach, parse_url
from service.webhooks.errors import DeliveryError
from service.webhooks.outcomes import Outcome
from service.webhooks.sending import MAX_HEAD, Channel, Network
from tests.service.webhooks.receiver import TRIAL, Act, Receiver, answer, hang_up, receiving, status

HEADERS = {"webhook-id": "a", "content-type": "application/json"}
BODY = b'{"sequence":"1"}'


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def served(authority: trustme.CA, name: str = "localhost") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def trusting(authority: trustme.CA, **more: object) -> Network:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return Network(TRIAL, tls=context, **more)  # type: ignore[arg-type]


def channel(receiver: Receiver, network: Network | None = None) -> Channel:
    return Channel(network or Network(TRIAL, seconds=0.3), parse_url(receiver.url, TRIAL))


def outcome(act: Callable[[], object]) -> Outcome:
    with pytest.raises(DeliveryError) as caught:
        act()
    return caught.value.outcome


def test_a_delivery_goes_over_tls_with_the_name_in_sni_and_host(authority: trustme.CA) -> None:
    with receiving(tls=served(authority)) as receiver:
        way = channel(receiver, trusting(authority))
        assert [way.post(HEADERS, BODY), way.post(HEADERS, BODY)] == [200, 200]
        way.close()
        assert receiver.names == ["localhost"] and receiver.connections == 1
        assert receiver.received[0].headers["host"] == f"localhost:{receiver.port}"
        assert receiver.received[0].body == BODY


@pytest.mark.parametrize("name", ["hooks.example.cn", "127.0.0.1"])
def test_a_certificate_for_another_name_is_refused(authority: trustme.CA, name: str) -> None:
    with receiving(tls=served(authority, name)) as receiver:
        assert outcome(lambda: channel(receiver, trusting(authority)).post(HEADERS, BODY)) is Outcome.TLS
        assert receiver.received == []


def test_a_certificate_of_nobody_we_trust_and_a_receiver_without_tls_are_refused(authority: trustme.CA) -> None:
    with receiving(tls=served(authority)) as stranger, receiving() as plain:
        assert outcome(lambda: channel(stranger, Network(TRIAL)).post(HEADERS, BODY)) is Outcome.TLS
        url = plain.url.replace("http:", "https:")
        way = Channel(trusting(authority, seconds=0.3), parse_url(url, TRIAL))
        with pytest.raises(DeliveryError):
            way.post(HEADERS, BODY)
        assert stranger.received == plain.received == []


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (hang_up, Outcome.UNREACHABLE),
        (answer(b"", then=False), Outcome.UNREACHABLE),
        (answer(b"HTTP/1.1 200", then=False), Outcome.PROTOCOL),
        (answer(b"SSH-2.0-OpenSSH_9\r\n\r\n"), Outcome.PROTOCOL),
        (answer(b"HTTP/2 200\r\n\r\n"), Outcome.PROTOCOL),
        (answer(b"HTTP/1.1 0200 OK\r\n\r\n"), Outcome.PROTOCOL),
        (answer(b"HTTP/1.1 103 Early\r\n\r\n" * 9), Outcome.PROTOCOL),
        (answer(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 4 * MAX_HEAD), Outcome.PROTOCOL),
        (answer(b"HTTP/1.1 200 OK\r\n"), Outcome.TIMEOUT),
    ],
)
def test_an_answer_that_is_none_is_a_failure(receiver: Receiver, act: Act, expected: Outcome) -> None:
    receiver.acts.append(act)
    assert outcome(lambda: channel(receiver).post(HEADERS, BODY)) is expected


@pytest.mark.parametrize("code", [200, 204, 301, 307, 400, 410, 429, 500, 503])
def test_the_status_is_told_and_no_redirect_is_followed(receiver: Receiver, code: int) -> None:
    with receiving() as elsewhere:
        head = f"HTTP/1.1 {code} So\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n"
        receiver.acts.append(answer(b"HTTP/1.1 100 Continue\r\n\r\n" + head.encode()))
        assert channel(receiver).post(HEADERS, BODY) == code
        assert elsewhere.connections == 0


def drip(stop: threading.Event) -> Act:
    """A head that comes byte by byte and never ends."""

    def act(connection: socket.socket) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not stop.wait(0.02):
            connection.sendall(b"x")
        return False

    return act


def test_a_head_that_drips_in_is_cut_off_at_the_time_for_all_of_it(receiver: Receiver) -> None:
    stop, begun = threading.Event(), time.monotonic()
    receiver.acts.append(drip(stop))
    assert outcome(lambda: channel(receiver).post(HEADERS, BODY)) is Outcome.TIMEOUT
    assert time.monotonic() - begun < 1.5
    stop.set()


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 99\r\n\r\nnot all of it",
        b"Content-Length: 99999999\r\n\r\n" + b"x" * 100_000,
        b"Transfer-Encoding: chunked\r\n\r\nFFFFFF\r\nx",
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nxxx",
        b"Content-Length: 2\r\n\r\nxx and more",
        b"Connection: close\r\nContent-Length: 2\r\n\r\nok",
        b"\r\nuntil the end",
    ],
)
def test_whatever_follows_the_status_changes_nothing_and_ends_the_connection(
    receiver: Receiver, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.webhooks.sending.SPARE_SECONDS", 0.05)
    receiver.acts.append(answer(b"HTTP/1.1 200 OK\r\n" + body))
    way = channel(receiver)
    assert [way.post(HEADERS, BODY), way.post(HEADERS, BODY)] == [200, 200]
    assert receiver.connections == 2


def test_a_connection_that_the_receiver_closed_meanwhile_is_no_failure(receiver: Receiver) -> None:
    receiver.acts.append(answer(then=False))
    way = channel(receiver)
    assert [way.post(HEADERS, BODY), way.post(HEADERS, BODY)] == [200, 200]
    assert receiver.connections == 2


def test_nobody_listening_is_unreachable() -> None:
    with receiving() as receiver:
        way = channel(receiver)
    assert outcome(lambda: way.post(HEADERS, BODY)) is Outcome.UNREACHABLE


class Rebinding:
    """A resolver that is asked once before the check and would answer otherwise after it."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str) -> Sequence[str]:
        assert host == "localhost"
        self.asked += 1
        return self.answers.pop(0)


def test_a_name_that_changes_after_the_check_leads_nowhere_else() -> None:
    with receiving() as checked:
        other = Receiver(host="127.0.0.2")
        resolve = Rebinding(["127.0.0.1"], ["127.0.0.2"])
        way = channel(checked, Network(TRIAL, resolve=resolve, seconds=0.3))
        assert way.post(HEADERS, BODY) == 200
        assert (resolve.asked, len(checked.received), other.connections) == (1, 1, 0)
        other.close()


def test_a_name_that_leads_inside_at_the_next_attempt_is_not_followed_there(receiver: Receiver) -> None:
    for inside in (["169.254.169.254"], ["127.0.0.1", "100.100.100.200"], []):
        way = channel(receiver, Network(TRIAL, resolve=Rebinding(["127.0.0.1"], inside), seconds=0.3))
        assert way.post(HEADERS, BODY) == 200
        way.close()
        before = receiver.connections
        assert outcome(lambda way=way: way.post(HEADERS, BODY)) is Outcome.ADDRESS  # type: ignore[misc]
        assert receiver.connections == before


def test_a_public_reach_never_connects_to_this_machine(receiver: Receiver) -> None:
    target = parse_url("https://hooks.example.cn/", Reach())._replace(port=receiver.port)
    way = Channel(Network(Reach(), resolve=lambda _: ["127.0.0.1"]), target)
    assert outcome(lambda: way.post(HEADERS, BODY)) is Outcome.ADDRESS
    assert receiver.connections == 0


def test_an_error_with_a_body_says_its_status(receiver: Receiver) -> None:
    receiver.acts.append(status(418))
    assert channel(receiver).post(HEADERS, BODY) == 418
