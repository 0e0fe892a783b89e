"""Rate limits at the door: whose requests are counted, and the headers that say what is left."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.access import window
from apps.access.addresses import client_address, counted_as
from apps.access.models import ApiKey
from apps.access.principals import CustomerPrincipal, Principal, StaffPrincipal, key_subject
from apps.kernel.errors import TooManyRequests

_COUNTED = "_access_counted"
_BUCKET_SECONDS = 60
"""Of what is counted by the hour."""
Limited = Principal | StaffPrincipal | CustomerPrincipal


def limit_principal(request: Request, principal: Limited) -> None:
    """Count a request of a key or token, once, by the hour. A limit of 0 is none."""
    if principal.rate_limit:
        _limit(request, principal.counted_as, limit=principal.rate_limit, bucket_seconds=_BUCKET_SECONDS, per="hour")


def requests_left(keys: Sequence[ApiKey]) -> dict[UUID, int | None]:
    """How many requests each key has left in the present hour, of those with a limit. None: nobody can say."""
    limited = [key for key in keys if key.rate_limit]
    used = window.used([key_subject(key.pk) for key in limited], bucket_seconds=_BUCKET_SECONDS)
    if used is None:
        return dict.fromkeys((key.pk for key in limited), None)
    return {key.pk: max(key.rate_limit - count, 0) for key, count in zip(limited, used, strict=True)}


def limit_address(request: Request) -> None:
    """Count a request of nobody known, once, by the minute, under its address."""
    subject = f"address:{counted_as(client_address(request._request))}"
    _limit(request, subject, limit=anonymous_limit(), bucket_seconds=1, per="minute")


def anonymous_limit() -> int:
    """Requests a minute from one address without a valid key."""
    return int(getattr(settings, "ANONYMOUS_RATE_LIMIT", 60))


class KeyThrottle(BaseThrottle):
    """The limits as DRF asks for them. Bearer authentication has counted already. Staff are not limited."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """True, or TooManyRequests."""
        if isinstance(request.user, Limited):
            limit_principal(request, request.user)
        elif request.user is None or request.user.is_anonymous:
            limit_address(request)
        return True


def _limit(request: Request, subject: str, *, limit: int, bucket_seconds: int, per: str) -> None:
    if getattr(request._request, _COUNTED, False):
        return
    setattr(request._request, _COUNTED, True)
    outcome = window.count(subject, limit=limit, bucket_seconds=bucket_seconds)
    headers = {
        "X-RateLimit-Limit": str(outcome.limit),
        "X-RateLimit-Remaining": str(outcome.remaining),
        "X-RateLimit-Reset": str(outcome.resets_at),
    }
    if not outcome.passed:
        headers["Retry-After"] = str(outcome.retry_after)
    # DRF copies the view's headers onto every answer, refusals included.
    request.parser_context["view"].headers.update(headers)
    if not outcome.passed:
        raise TooManyRequests(
            "rate_limited",
            f"More than {limit} requests in one {per}.",
            hint="Wait as many seconds as Retry-After says. X-RateLimit-Remaining tells how many requests are left; "
            "a key's limit is set when it is made.",
            retry_after=outcome.retry_after,
        )
