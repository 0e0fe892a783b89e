"""How a request is made and repeated. Every write carries an Idempotency-Key, so a repetition changes nothing twice."""

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from billing_client.errors import ApiError, ConnectionFailed

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
AGAIN = frozenset({429, 500, 502, 503, 504})
LONGEST_WAIT = 60.0


@dataclass(frozen=True)
class Call:
    """One request, as often as it is sent."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str | None:
        return self.headers.get("Idempotency-Key")


class Sends(Protocol):
    """Sends a call and waits for its answer."""

    def send(self, call: Call) -> Any: ...


class AsyncSends(Protocol):
    """The same without holding the thread."""

    async def send(self, call: Call) -> Any: ...


def prepared(
    method: str,
    path: str,
    *,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    idempotency_key: str | None = None,
    if_match: str | None = None,
    wait: int | None = None,
) -> Call:
    """The call with what every call of its kind carries."""
    headers: dict[str, str] = {}
    if method in WRITES:
        headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
    if if_match:
        headers["If-Match"] = if_match if if_match.startswith('"') else f'"{if_match}"'
    if wait is not None:
        headers["Prefer"] = f"wait={wait}"
    kept = {name: _text(value) for name, value in _flat(query or {}) if value is not None}
    return Call(method, path, kept, body, headers)


def arguments(call: Call) -> dict[str, Any]:
    """As httpx takes it."""
    found: dict[str, Any] = {"params": dict(call.query), "headers": dict(call.headers)}
    if call.body is not None:
        found["json"] = call.body
    return found


def again(response: httpx.Response | None, attempt: int, retries: int) -> float | None:
    """Seconds to wait before it is sent again; None: no more."""
    if attempt >= retries:
        return None
    own = min(0.25 * 2**attempt, 8.0) * random.uniform(0.75, 1.25)
    if response is None:
        return own
    if response.status_code not in AGAIN and not _in_progress(response):
        return None
    asked = response.headers.get("Retry-After", "")
    return min(max(own, float(asked) if asked.isdigit() else 0.0), LONGEST_WAIT)


def content(response: httpx.Response) -> Any:
    """What was answered, or ApiError."""
    if response.status_code >= 400:
        raise ApiError(response.status_code, _problem(response))
    if response.status_code == 204 or not response.content:
        return None
    return response.json() if "json" in response.headers.get("Content-Type", "") else response.content


def failed(error: Exception, call: Call) -> ConnectionFailed:
    """The exception for a call that never got an answer."""
    return ConnectionFailed(f"{type(error).__name__}: {error}", call.key)


def _in_progress(response: httpx.Response) -> bool:
    return response.status_code == 409 and "progress" in _problem(response).get("code", "")


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"detail": response.text[:500]}


def _flat(query: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Parameters by name; of `metadata`, which has members, `metadata[key]` each."""
    for name, value in query.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}[{key}]", each) for key, each in value.items())
        else:
            yield name, value


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(str(each) for each in value)
    return value.isoformat() if hasattr(value, "isoformat") else value
