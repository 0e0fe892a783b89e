"""A caller of the API with a key of a role, from an address of its own."""

import json
import random
from typing import Any

from django.test import Client

from apps.access.actions import create_api_key
from apps.kernel import clock
from apps.kernel.actors import system


class Api:
    """Calls /v1. A body that is text or bytes is sent as it is, anything else as JSON."""

    def __init__(self, role: str | None = "super_admin") -> None:
        address = ".".join(["10", *(str(random.randint(0, 255)) for _ in range(3))])
        self.client = Client(raise_request_exception=False, REMOTE_ADDR=address)
        self.headers: dict[str, str] = {}
        self.actor = ""
        if role is not None:
            key, plain = create_api_key(
                name=role, role=role, livemode=False, rate_limit=0, at=clock.wall(), actor=system("tests")
            )
            self.headers = {"Authorization": f"Bearer {plain}"}
            self.actor = f"api_key:{key.pk}"

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {**self.headers, **{name.replace("_", "-"): text for name, text in headers.items()}}
        content = body if isinstance(body, str | bytes) else b"" if body is None else json.dumps(body)
        return self.client.generic(
            method.upper(), f"/v1{path}", content, content_type="application/json", headers=named
        )

    def get(self, path: str, **headers: str) -> Any:
        return self("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("post", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("patch", path, body, **headers)


def faults(answer: Any) -> set[tuple[str, str]]:
    """Pointer and code of each fault of a refusal."""
    return {(fault["pointer"], fault["code"]) for fault in answer.json().get("errors", [])}
