"""Between signing in and the back office: the second factor, and how long somebody may look away."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.core import signing
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from apps.access.actions.second_factor import required
from apps.backoffice.policy import ADMIN
from apps.kernel import clock

PASSED = "second_factor_passed"
"""In the session of who has shown the second factor: when that was set up, so that another one is asked for anew."""
SEEN = "staff_seen"
OPEN = ("login/", "logout/", "jsi18n/", "second-factor/")


class GateMiddleware:
    """Below /admin/: sends whoever has a second factor to show, or one to set up, to its page, and the idle to sign in.

    When somebody was last here stands in a signed cookie of the session, so looking costs no write.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(ADMIN):
            return self.get_response(request)
        user: Any = request.user
        if user.is_authenticated and _idle(request):
            logout(request)
            return HttpResponseRedirect(f"{reverse('admin:login')}?next={request.path}")
        inside = request.path_info.removeprefix(ADMIN)
        if user.is_authenticated and not inside.startswith(OPEN) and not passed(request):
            return HttpResponseRedirect(f"{reverse('admin:second_factor')}?next={request.path}")
        response = self.get_response(request)
        if request.user.is_authenticated:
            _saw(request, response)
        return response


def passed(request: HttpRequest) -> bool:
    """Whether nothing is missing: the second factor was shown, or there is none and none is required."""
    user: Any = request.user
    if user.second_factor_at is None:
        return not required(user)
    return request.session.get(PASSED) == user.second_factor_at.isoformat()


def passes(request: HttpRequest) -> None:
    """The second factor was shown just now: under another session key, lest one that was known before counts."""
    user: Any = request.user
    user.refresh_from_db(fields=["second_factor_at"])
    request.session.cycle_key()
    request.session[PASSED] = user.second_factor_at.isoformat()


def _idle(request: HttpRequest) -> bool:
    """Whether this session was last seen longer ago than staff may look away; without a stamp, since it signed in."""
    user: Any = request.user
    now = clock.wall().timestamp()
    try:
        seen = float(signing.loads(request.COOKIES.get(SEEN, ""), salt=_salt(request)))
    except (signing.BadSignature, ValueError, TypeError):
        seen = user.last_login.timestamp() if user.last_login else now
    return now - seen > settings.STAFF_IDLE_MINUTES * 60


def _saw(request: HttpRequest, response: HttpResponseBase) -> None:
    response.set_cookie(
        SEEN,
        signing.dumps(int(clock.wall().timestamp()), salt=_salt(request)),
        path=ADMIN,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _salt(request: HttpRequest) -> str:
    return f"seen:{request.user.pk}"
