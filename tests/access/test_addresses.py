"""Which address is believed."""

from ipaddress import ip_address
from typing import Any

import pytest
from django.test import RequestFactory

from apps.access.addresses import allowed, client_address, counted_as


def seen(settings: Any, hops: int, peer: str, forwarded: str | None = None) -> str | None:
    settings.TRUSTED_PROXIES = hops
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    address = client_address(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers))
    return None if address is None else str(address)


@pytest.mark.parametrize(
    ("hops", "peer", "forwarded", "expected"),
    [
        (0, "192.0.2.1", None, "192.0.2.1"),
        (0, "192.0.2.1", "198.51.100.7", "192.0.2.1"),  # nobody is trusted: the header is the caller's own tale
        (1, "10.0.0.1", "198.51.100.7", "198.51.100.7"),
        (1, "10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # what the caller wrote itself is further left
        (2, "10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (2, "192.0.2.1", None, "192.0.2.1"),  # came past a proxy: only the socket is believed
        (3, "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (1, "10.0.0.1", "nonsense", "10.0.0.1"),
        (1, "10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        (1, "10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        (0, "::ffff:192.0.2.1", None, "192.0.2.1"),
        (0, "", None, None),
    ],
)
def test_client_address(settings: Any, hops: int, peer: str, forwarded: str | None, expected: str | None) -> None:
    assert seen(settings, hops, peer, forwarded) == expected


@pytest.mark.parametrize(
    ("address", "cidrs", "expected"),
    [
        ("192.0.2.1", [], True),
        ("192.0.2.1", ["192.0.2.0/24"], True),
        ("192.0.2.1", ["198.51.100.0/24", "192.0.2.1/32"], True),
        ("192.0.3.1", ["192.0.2.0/24"], False),
        ("2001:db8::1", ["192.0.2.0/24"], False),
        ("2001:db8::1", ["2001:db8::/32"], True),
        (None, [], True),
        (None, ["0.0.0.0/0"], False),
    ],
)
def test_allowed(address: str | None, cidrs: list[str], expected: bool) -> None:
    assert allowed(ip_address(address) if address else None, cidrs) is expected


def test_a_household_of_ipv6_is_counted_as_one() -> None:
    assert counted_as(ip_address("2001:db8::1")) == counted_as(ip_address("2001:db8::ffff")) == "2001:db8::/64"
    assert counted_as(ip_address("192.0.2.1")) == "192.0.2.1"
    assert counted_as(None) == "unknown"
