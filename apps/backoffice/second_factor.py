"""The page on which staff set up a second factor, or show it."""

from typing import Any

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe

from apps.access.actions import second_factor
from apps.backoffice.gate import passed, passes
from apps.kernel import clock
from apps.kernel.errors import DomainError


def second_factor_page(site: Any, request: HttpRequest) -> HttpResponse:
    """Ask for the code; of who has none yet, after showing the secret to the device."""
    user: Any = request.user
    if not user.is_authenticated or not user.is_active or not user.is_staff:
        return HttpResponseRedirect(reverse("admin:login"))
    has = user.second_factor_at is not None
    if has and passed(request):
        if request.method == "POST" and "renew" in request.POST:
            return _codes(site, request, second_factor.renew_codes(user, at=clock.wall(), actor=user.actor))
        return _shown(site, request, title="Second factor", has=True, done=True)
    if request.method == "POST":
        code = request.POST.get("code", "")[:64]
        try:
            if has:
                second_factor.check(user, code, at=clock.wall(), actor=user.actor)
            else:
                codes = second_factor.confirm(user, code, at=clock.wall(), actor=user.actor)
        except DomainError as error:
            messages.error(request, f"{error.detail} {error.hint}")
        else:
            passes(request)
            return HttpResponseRedirect(_next(request)) if has else _codes(site, request, codes)
    if has:
        return _shown(site, request, title="Second factor", has=True)
    begun = second_factor.begin(user, at=clock.wall(), actor=user.actor)
    drawn = segno.make(begun.address, error="m").svg_inline(scale=5, border=2)
    return _shown(
        site, request, title="Set up a second factor", has=False,
        secret=" ".join(begun.secret[at : at + 4] for at in range(0, len(begun.secret), 4)),
        drawn=mark_safe(drawn),  # noqa: S308 - a drawing of our own making
    )  # fmt: skip


def _codes(site: Any, request: HttpRequest, codes: list[str]) -> HttpResponse:
    return _shown(site, request, title="Recovery codes", has=True, codes=codes)


def _shown(site: Any, request: HttpRequest, **context: Any) -> HttpResponse:
    whole = {**site.each_context(request), "next": _next(request), **context}
    response = TemplateResponse(request, "backoffice/second_factor.html", whole)
    add_never_cache_headers(response)
    return response


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, within this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if safe and wanted.startswith("/admin/") else reverse("admin:index")
