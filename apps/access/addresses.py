"""Where a request comes from: the one function that decides which address to believe."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address


def client_address(request: HttpRequest) -> Address | None:
    """The caller's address, believing as many proxies as TRUSTED_PROXIES says; None when it cannot be told.

    Each trusted proxy appends the address that it saw to X-Forwarded-For, so the caller stands that many places
    before the socket's peer; anything further left is what the caller wrote there itself. A chain shorter than that
    did not come through all our proxies: then only the socket is believed.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    hops = settings.TRUSTED_PROXIES
    if hops:
        chain = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), peer]
        if len(chain) > hops:
            return _parsed(chain[-1 - hops]) or _parsed(peer)
    return _parsed(peer)


def allowed(address: Address | None, cidrs: list[str]) -> bool:
    """Whether `address` lies in one of `cidrs`. An empty list allows all; an unknown address is in none."""
    if not cidrs:
        return True
    return address is not None and any(address in ip_network(cidr) for cidr in cidrs)


def counted_as(address: Address | None) -> str:
    """The name under which an address is limited: itself, or its /64, which one household of IPv6 has to itself."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address) if address else "unknown"


def _parsed(text: str) -> Address | None:
    """An address as proxies write it, perhaps with a port; IPv4 inside IPv6 is the IPv4 address."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
