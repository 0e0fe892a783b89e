"""A customer's application: it knows the API over HTTP and nothing of the inside."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit


@dataclass(frozen=True)
class Answer:
    """What came back, and after how long. Status 0: no answer at all."""

    status: int
    body: Any
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def worth_a_retry(self) -> bool:
        """No word on the outcome, or a word to come again: an idempotent request is sent once more."""
        still_running = self.status == 409 and self.body["code"] == "request_in_progress"
        return self.status in (0, 429, 500, 502, 503, 504) or still_running


@dataclass(frozen=True)
class Client:
    """One connection a call, so that threads may share it."""

    url: str
    key: str

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        idempotency_key: str = "",
        timeout: float = 30,
        **more: str,
    ) -> Answer:
        where = urlsplit(self.url)
        headers = {"Authorization": f"Bearer {self.key}", **more}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=timeout)
        started = time.monotonic()
        try:
            connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return Answer(0, None, time.monotonic() - started)
        finally:
            connection.close()
        shown = json.loads(text) if text and "json" in answer.headers.get("Content-Type", "") else text
        return Answer(answer.status, shown, time.monotonic() - started, dict(answer.headers.items()))

    def get(self, path: str) -> Any:
        found = self.send("GET", path)
        assert found.status == 200, (path, found)
        return found.body

    def post(self, path: str, body: object) -> Any:
        made = self.send("POST", path, body)
        assert made.status == 201, (path, made)
        return made.body

    def every(self, path: str, **filters: str) -> list[Any]:
        """All objects of a list, page by page."""
        query = "".join(f"&{name}={quote(value)}" for name, value in filters.items())
        page = self.get(f"{path}?limit=100{query}")
        found = page["data"]
        while page["has_more"]:
            page = self.get(f"{path}?limit=100{query}&cursor={quote(page['next_cursor'])}")
            found += page["data"]
        return found

    def insist(self, method: str, path: str, body: object, *, idempotency_key: str, patience: float = 120) -> Answer:
        """Send it with one key until there is an answer that says how it ended: what every careful client does."""
        until = time.monotonic() + patience
        while True:
            answer = self.send(method, path, body, idempotency_key=idempotency_key, timeout=10)
            if not answer.worth_a_retry or time.monotonic() > until:
                return answer
            time.sleep(0.2)
