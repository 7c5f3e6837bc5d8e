"""The client's address: what a stranger writes into a header changes nothing."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.peer import find_client, neighbourhood

PROXIES = tuple(map(ip_network, ("10.0.0.0/8", "fd00::/8", "127.0.0.1")))

addresses = st.ip_addresses().map(str)
strangers = addresses.filter(lambda text: not text.startswith(("10.", "127.", "fd", "::ffff")) and "%" not in text)


@given(strangers, st.text())
def test_a_stranger_cannot_say_who_he_is(peer: str, forwarded: str) -> None:
    assert find_client(peer, forwarded, PROXIES) == peer


@given(strangers, st.lists(addresses).map(", ".join))
def test_the_address_that_a_proxy_added_holds_whatever_was_invented_before_it(client: str, invented: str) -> None:
    assert find_client("10.0.0.7", f"{invented}, {client}", PROXIES) == client


def test_a_chain_of_trusted_proxies_is_followed_to_the_first_stranger() -> None:
    assert find_client("127.0.0.1", "198.51.100.9, 203.0.113.5, 10.1.1.1, fd00::3", PROXIES) == "203.0.113.5"


def test_without_trusted_proxies_the_header_is_not_read() -> None:
    assert find_client("127.0.0.1", "203.0.113.5", ()) == "127.0.0.1"


def test_a_request_from_the_proxy_itself_is_the_proxys() -> None:
    assert find_client("10.0.0.7", "", PROXIES) == "10.0.0.7"


@pytest.mark.parametrize(
    "forwarded", ["unknown", "203.0.113.5, _hidden", "203.0.113.5,", "1.2.3.4:80", "１.2.3.4", "\x00"]
)
def test_a_word_that_is_no_address_ends_the_search(forwarded: str) -> None:
    assert find_client("10.0.0.7", forwarded, PROXIES) == "10.0.0.7"


def test_the_search_ends_after_a_fixed_number_of_proxies() -> None:
    assert find_client("10.0.0.7", ",".join(["203.0.113.5", *["10.0.0.8"] * 100_000]), PROXIES) == "10.0.0.8"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", ""),
        ("x", ""),
    ],
)
def test_an_address_has_one_spelling(written: str, meant: str) -> None:
    assert find_client(written, "", PROXIES) == meant


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("", ""),
    ],
)
def test_a_home_line_counts_as_one(address: str, meant: str) -> None:
    assert neighbourhood(address) == meant
