"""What a customer does on the gateway's pages."""

import http.client
import re
from urllib.parse import urlsplit


def choose(address: str, card: str, *, status: int = 303) -> str:
    """Choose a card on the sandbox's page; returns where it leads, or what it says."""
    answered, location, text = _ask("POST", address, f"card={card}")
    assert answered == status, text
    return location if status == 303 else str(re.findall(r"<strong>(.*)</strong>", text)[0])


def gone(address: str) -> str:
    """Open the bank's page, which sends its customer back."""
    answered, location, text = _ask("GET", address)
    assert answered == 303, text
    return location


def _ask(method: str, address: str, body: str | None = None) -> tuple[int, str, str]:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request(method, f"{parts.path}?{parts.query}", body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers.get("Location", ""), text
