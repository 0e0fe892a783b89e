"""What a URL's name leads to today: a first look, for whoever makes an endpoint. Each call looks for itself again."""

import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from django.conf import settings

from apps.webhooks.rules.targets import Refused, literal, may_call, networks, target

SECONDS = 2.0


def leads_inside(url: str) -> str:
    """Which forbidden address the name of a URL has, in words; "" if none, or if it cannot be told now."""
    try:
        parts = target(url, tls_only=settings.BILLING_LIVEMODE)
    except Refused:
        return ""
    if literal(parts.host) is not None:
        return ""
    try:
        found: Any = (
            _threads().submit(socket.getaddrinfo, parts.host, parts.port, 0, socket.SOCK_STREAM).result(SECONDS)
        )
    except (OSError, UnicodeError, TooSlow):
        return ""
    exempt = networks(settings.WEBHOOK_ALLOWED_NETWORKS)
    for address in sorted({str(entry[4][0]).partition("%")[0] for entry in found}):
        if not may_call(ip_address(address), exempt):
            return f"{parts.host} is {address}, which is not out in the world."
    return ""


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="names")
