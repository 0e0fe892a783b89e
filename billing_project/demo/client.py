"""A careful client of the API: whatever has no answer is sent again with the same Idempotency-Key."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PATIENCE_SECONDS = 120
COME_AGAIN = {429, 500, 502, 503, 504}


class DemoFailed(Exception):
    """The demo cannot go on; says what to look at."""


@dataclass
class Client:
    """The public API with one key. Keys of repetition are counted, so that each write has its own."""

    url: str
    key: str
    run: str = "demo"
    writes: int = 0

    def call(
        self, method: str, path: str, body: Mapping[str, Any] | Sequence[Any] | None = None, **headers: str
    ) -> Any:
        """The answer as JSON, or as bytes where it is none."""
        if method != "GET":
            self.writes += 1
        named = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **headers}
        if method != "GET":
            named["Idempotency-Key"] = f"{self.run}-{self.writes}"
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", method=method, data=content, headers=named)  # noqa: S310 - our own http address
        until, reason = time.monotonic() + PATIENCE_SECONDS, ""
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                    content_type, text = answer.headers.get("Content-Type", ""), answer.read()
                    return json.loads(text) if "json" in content_type else text
            except urllib.error.HTTPError as error:
                reason = error.read().decode(errors="replace")[:2000]
                running = error.code == 409 and '"request_in_progress"' in reason
                if error.code not in COME_AGAIN and not running:
                    raise DemoFailed(f"{method} {path} answered {error.code}: {reason}") from error
            except (OSError, ValueError) as error:
                reason = str(error)
            time.sleep(0.3)
        raise DemoFailed(f"{method} {path} got no answer within {PATIENCE_SECONDS} s: {reason}")

    def every(self, path: str) -> Iterator[Any]:
        """All objects of a list, page by page."""
        joint = "&" if "?" in path else "?"
        page = self.call("GET", f"{path}{joint}limit=100")
        yield from page["data"]
        while page["has_more"]:
            page = self.call("GET", f"{path}{joint}limit=100&cursor={page['next_cursor']}")
            yield from page["data"]
