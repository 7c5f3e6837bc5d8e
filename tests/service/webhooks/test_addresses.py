"""Where webhooks may not lead: hostile URLs, hostile addresses, names that change what they lead to."""

from collections.abc import Sequence
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.webhooks.addresses import Reach, Target, find_address, is_allowed, parse_url, read_reach, resolve_name
from service.webhooks.errors import DeliveryError, WebhookRefusedError
from service.webhooks.outcomes import Outcome

PUBLIC, TRIAL = Reach(), Reach(private=True)
HOSTILE_URLS = (
    *("http://hooks.example.cn/", "HTTPS://hooks.example.cn/", "ftp://hooks.example.cn/", "file:///etc/passwd"),
    *("gopher://hooks.example.cn/_x", "javascript:alert(1)", "//hooks.example.cn/", "https:hooks.example.cn", ""),
    *("https://127.0.0.1/", "https://127.1/", "https://127.0.1/", "https://0/", "https://0.0.0.0/"),
    *("https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0x7f.1/", "https://0177.0.0.1/"),
    *("https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[fe80::1%25eth0]/"),
    *("https://169.254.169.254/latest/meta-data/", "https://100.100.100.200/", "https://8.8.8.8/"),
    *("https://localhost/", "https://localhost./", "https://hooks.localhost/", "https://printer.local/"),
    *("https://metadata.google.internal/", "https://router.lan/", "https://a.home.arpa/", "https://x.onion/"),
    *("https://hooks.example.cn:22/", "https://hooks.example.cn:8443/", "https://hooks.example.cn:99999/"),
    *("https://hooks.example.cn:0443/", "https://hooks.example.cn:/", "https://hooks.example.cn:-1/"),
    *("https://user@hooks.example.cn/", "https://user:word@hooks.example.cn/", "https://a@b@hooks.example.cn/"),
    *("https://hooks.example.cn@127.0.0.1/", "https://127.0.0.1\\@hooks.example.cn/", "https:\\\\hooks.example.cn/"),
    *("https://hooks.example.cn#@127.0.0.1/", "https://hooks.example.cn/#part", "https://"),
    *("https://hooks.example.cn/\r\nX-Evil: 1", "https://hooks.example.cn/ x", "https://hooks.example.cn\t/"),
    *("https://hooks.example.cn\x00.evil.cn/", " https://hooks.example.cn/", "https://hooks.example.cn/\n"),
    *("https://钩子.example.cn/", "https://①②⑦.⓪.⓪.①/", "https://hooks。example.cn/", "https://hooks.exаmple.cn/"),
    *("https://%31%32%37.0.0.1/", "https://hooks%2eexample.cn/", "https://hooks_1.example.cn/", "https://-a.cn/"),
    *("https://a..cn/", "https://.cn/", "https://intranet/", f"https://{'a' * 64}.cn/", f"https://a.cn/{'a' * 2000}"),
    *("https://[v1.x]/", "https://[::1", "https://hooks.example.cn.", "https://hooks.example.123/"),
)
HOSTILE_ADDRESSES = (
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "169.254.169.254"),
    *("169.254.170.2", "168.63.129.16", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1"),
    *("192.168.0.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8"),
    *("::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1"),
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::"),
    *(
        "2002:a00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ),
)
NEVER = (
    *("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fe80::1", "0.0.0.0"),
    *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "224.0.0.1", "255.255.255.255"),
)
TARGET = Target(True, "hooks.example.cn", 443, "/")


def refused(url: str, reach: Reach = PUBLIC) -> str:
    with pytest.raises(WebhookRefusedError) as caught:
        parse_url(url, reach)
    [fault] = caught.value.faults
    assert fault.pointer == "/url" and fault.message_en and any(letter >= "\u4e00" for letter in fault.message_zh)
    return fault.code


def found(answer: Sequence[str], reach: Reach = PUBLIC) -> str:
    return find_address(TARGET, reach, lambda _: answer)


def test_the_tables_are_long_enough_to_mean_something() -> None:
    assert len(set(HOSTILE_URLS)) >= 70 and len(set(HOSTILE_ADDRESSES)) >= 45


@pytest.mark.parametrize("url", HOSTILE_URLS, ids=ascii)
def test_a_hostile_url_is_refused_before_anything_is_resolved(url: str) -> None:
    assert refused(url) in ("url", "scheme", "host", "port")


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_no_name_leads_to_an_address_that_is_not_public(address: str) -> None:
    assert not is_allowed(ip_address(address), PUBLIC)
    for answer in ([address], ["93.184.215.14", address], [address, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]):
        with pytest.raises(DeliveryError) as caught:
            found(answer)
        assert caught.value.outcome is Outcome.ADDRESS


@pytest.mark.parametrize("address", NEVER)
def test_not_even_a_trial_reaches_what_gives_machines_their_credentials(address: str) -> None:
    assert not is_allowed(ip_address(address), TRIAL)


def test_public_addresses_are_connected_to() -> None:
    for address in ("93.184.215.14", "1.1.1.1", "223.5.5.5", "2606:4700::1111", "2400:3200::1"):
        assert found([address]) == address


@pytest.mark.parametrize("answer", [[], ["fe80::1%eth0"], ["no address"], ["1.2.3"], ["127.0.0.01"]])
def test_an_answer_that_is_no_address_is_none(answer: list[str]) -> None:
    with pytest.raises(DeliveryError):
        found(answer, TRIAL)


def test_a_name_that_is_not_known_and_one_that_is_private_look_alike() -> None:
    """Who makes a webhook learns nothing of the names inside our network."""

    def unknown(_host: str) -> Sequence[str]:
        raise OSError("no such name")

    with pytest.raises(DeliveryError) as missing:
        find_address(TARGET, PUBLIC, unknown)
    with pytest.raises(DeliveryError) as private:
        found(["10.0.0.7"])
    assert str(missing.value) == str(private.value)


def test_what_is_taken_is_taken_apart_as_it_is_sent() -> None:
    assert parse_url("https://Hooks.Example.cn/a/b?c=%E7%94%B5", PUBLIC) == Target(
        True, "hooks.example.cn", 443, "/a/b?c=%E7%94%B5"
    )
    assert parse_url("https://hooks.example.cn", PUBLIC).path == "/"
    assert parse_url("https://xn--fiq228c.xn--fiqs8s/", PUBLIC).host == "xn--fiq228c.xn--fiqs8s"
    more = Reach(frozenset({443, 8443}))
    assert parse_url("https://hooks.example.cn:8443/", more).authority == "hooks.example.cn:8443"


def test_a_trial_may_use_this_machine_and_http_only_there() -> None:
    assert parse_url("http://127.0.0.1:8080/x", TRIAL).authority == "127.0.0.1:8080"
    assert parse_url("http://[::1]:8080/x", TRIAL).authority == "[::1]:8080"
    assert refused("http://hooks.example.cn/", TRIAL) == "scheme"
    assert refused("http://10.0.0.1/", TRIAL) == "scheme"
    loop = parse_url("http://localhost:80/", TRIAL)
    with pytest.raises(DeliveryError):
        find_address(loop, TRIAL, lambda _: ["10.0.0.1"])
    assert find_address(loop, TRIAL, lambda _: ["127.0.0.1"]) == "127.0.0.1"


def test_the_reach_is_read_from_the_environment_and_passed_on() -> None:
    reach = read_reach({"PACKTRAIL_WEBHOOK_PORTS": "443, 8443", "PACKTRAIL_WEBHOOK_PRIVATE": "1"})
    assert reach == Reach(frozenset({443, 8443}), True) == read_reach(reach.environment())
    assert read_reach({}) == PUBLIC
    for wrong in ({"PACKTRAIL_WEBHOOK_PORTS": "443x"}, {"PACKTRAIL_WEBHOOK_PRIVATE": "yes"}):
        with pytest.raises(ValueError, match="PACKTRAIL_WEBHOOK"):
            read_reach(wrong)


@given(st.text(max_size=60) | st.from_regex(r"https://[a-z0-9.:@\[\]/\\%#?-]{1,40}", fullmatch=True))
def test_any_text_is_taken_or_refused(url: str) -> None:
    try:
        target = parse_url(url, PUBLIC)
    except WebhookRefusedError:
        return
    assert target.tls and target.port == 443 and target.host.isascii() and "." in target.host
    assert not set(target.path + target.host) & set(" \r\n\t\\#")


@given(st.ip_addresses())
def test_no_address_is_allowed_that_the_standard_library_calls_private(address: object) -> None:
    wanted = ip_address(str(address))
    if is_allowed(wanted, PUBLIC):
        assert wanted.is_global and not wanted.is_multicast and not wanted.is_reserved


def test_the_machines_own_resolver_gives_addresses() -> None:
    assert {ip_address(each).is_loopback for each in resolve_name("localhost")} == {True}
