"""Refusals and failures, as exceptions."""

from typing import Any


class ApiError(Exception):
    """The API refused. Decide by `code`; `hint` says how to mend it, `errors` points at each fault of a body."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.code: str = problem.get("code", "unknown")
        self.detail: str = problem.get("detail", "")
        self.hint: str = problem.get("hint", "")
        self.errors: list[dict[str, str]] = problem.get("errors", [])
        self.request_id: str = problem.get("request_id", "")
        faults = "".join(f"\n  {fault['pointer']}: {fault['detail']}" for fault in self.errors)
        super().__init__(f"{status} {self.code}: {self.detail} {self.hint}{faults} (request {self.request_id})")


class ConnectionFailed(Exception):
    """No answer came, however often it was tried. A write may have happened: repeat it with the same key."""

    def __init__(self, reason: str, idempotency_key: str | None) -> None:
        self.idempotency_key = idempotency_key
        super().__init__(reason)
