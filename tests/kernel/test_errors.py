"""Each kind of refusal has its status and carries what a caller needs."""

import pytest

from apps.kernel import errors


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.Malformed, 400), (errors.Unauthenticated, 401), (errors.Forbidden, 403), (errors.NotFound, 404),
        (errors.Conflict, 409), (errors.PreconditionFailed, 412), (errors.TooLarge, 413), (errors.Invalid, 422),
        (errors.TooManyRequests, 429), (errors.Unavailable, 503),
    ],
)  # fmt: skip
def test_a_refusal_has_its_status_and_what_mends_it(kind: type[errors.DomainError], status: int) -> None:
    fault = errors.Problem("/name", "taken", "It is taken.")
    refusal = kind("some_code", "What happened.", hint="What to do.", errors=[fault], retry_after=3)
    assert (refusal.status, refusal.code, refusal.hint, refusal.retry_after) == (status, "some_code", "What to do.", 3)
    assert refusal.errors == (fault,)
    assert str(refusal) == "What happened."
