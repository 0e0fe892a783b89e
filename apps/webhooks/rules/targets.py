"""What may be called: addresses out in the world, never this machine, its network or a cloud's metadata."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

LONGEST = 2048
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_EMBEDDING = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
"""IPv6 that a gateway turns into the IPv4 address in its last four bytes."""


class Refused(Exception):
    """What is asked for may not be called; says why."""


@dataclass(frozen=True)
class Target:
    """A URL taken apart: what is connected to, and what the request's first line and Host say."""

    tls: bool
    host: str
    port: int
    path: str
    authority: str


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as settings name them."""
    return tuple(ip_network(text) for text in texts)


def may_call(address: Address, exempt: Sequence[Network]) -> bool:
    """Whether an address may be connected to. Embedded IPv4 counts as itself."""
    if any(address in network for network in exempt if network.version == address.version):
        return True
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and any(address in network for network in _EMBEDDING):
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return may_call(inner, exempt)
        if address.teredo is not None:
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    )


def target(url: str, *, tls_only: bool) -> Target:
    """The parts of a URL, or Refused. What stands between the slashes has to be a host and perhaps a port."""
    if len(url) > LONGEST or not url.isascii() or any(ord(each) <= 32 or ord(each) == 127 for each in url):
        raise Refused(f"A URL has at most {LONGEST} visible ASCII characters; write other names in punycode.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"The URL cannot be read: {error}.") from error
    if parts.scheme not in ("https", "http") or (tls_only and parts.scheme != "https"):
        raise Refused("The URL begins with https://." if tls_only else "The URL begins with https:// or http://.")
    if not parts.hostname or "@" in parts.netloc or "\\" in url or parts.fragment:
        raise Refused("The URL names a host, without user, password, backslash or fragment.")
    tls = parts.scheme == "https"
    if port == 0:
        raise Refused("Port 0 cannot be called.")
    return Target(
        tls=tls,
        host=parts.hostname,
        port=port or (443 if tls else 80),
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        authority=parts.netloc,
    )


def literal(host: str) -> Address | None:
    """The address that a host is, if it is one. `127.1` and `0x7f.1` are names here: what they resolve to counts."""
    try:
        return ip_address(host)
    except ValueError:
        return None
