"""The one shape of a refusal: a stable code, an HTTP status and a hint that says how to mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Problem:
    """One fault inside a document. `pointer` is a JSON pointer (RFC 6901) to it."""

    pointer: str
    code: str
    detail: str


class DomainError(Exception):
    """A refusal that a caller can understand and mend. Rendered once, by `rest.errors`."""

    status: ClassVar[int] = 422

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        hint: str,
        errors: Sequence[Problem] = (),
        retry_after: int | None = None,
    ) -> None:
        """`code` is stable snake_case; `retry_after` is in seconds, for 429 and 503."""
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.hint = hint
        self.errors = tuple(errors)
        self.retry_after = retry_after


class Malformed(DomainError):
    """400: the request cannot be parsed."""

    status = 400


class Unauthenticated(DomainError):
    """401: nobody is known to be calling."""

    status = 401


class Forbidden(DomainError):
    """403: the caller may not do this."""

    status = 403


class NotFound(DomainError):
    """404: nothing has this id."""

    status = 404


class Conflict(DomainError):
    """409: the state of things forbids it, or a unique key is taken."""

    status = 409


class PreconditionFailed(DomainError):
    """412: what the caller saw is no longer so."""

    status = 412


class TooLarge(DomainError):
    """413: the body is larger than what is taken."""

    status = 413


class Invalid(DomainError):
    """422: parsed, but the content is wrong."""

    status = 422


class TooManyRequests(DomainError):
    """429: over a limit; `retry_after` says when to come back."""

    status = 429


class Unavailable(DomainError):
    """503: something that we depend on is away."""

    status = 503


def in_one_line(error: Exception) -> str:
    """A refusal or a fault as staff read it, at most 1,000 characters: what PostgreSQL says below its first line holds
    values of the row."""
    if isinstance(error, DomainError):
        return f"{error.code}: {error.detail}"[:1000]
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}"[:1000]
