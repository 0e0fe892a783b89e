"""The admin site: Django's, in unfold's look, with our dashboard, search, navigation and refusals."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.sites import UnfoldAdminSite

from apps.backoffice.dashboard import dashboard
from apps.backoffice.finding import Found, find
from apps.backoffice.levels import levels_page
from apps.backoffice.login import SignInForm
from apps.backoffice.recovery import recovery_page
from apps.backoffice.revenue import revenue_page
from apps.backoffice.second_factor import second_factor_page
from apps.backoffice.stuck import stuck_page, tick, try_now
from apps.kernel.admin import allowed
from apps.kernel.columns import NOTHING
from apps.rest.errors import not_found


class BackOffice(UnfoldAdminSite):
    """What staff see below /admin/."""

    empty_value_display: ClassVar[SafeString] = NOTHING
    enable_nav_sidebar = True
    login_form = SignInForm

    def get_urls(self) -> list[Any]:
        found: URLPattern = path("find/", self.admin_view(self.find), name="find")
        recovery: URLPattern = path("recovery/", self.admin_view(self.recovery), name="recovery")
        revenue: URLPattern = path("revenue/", self.admin_view(self.revenue), name="revenue")
        levels: URLPattern = path("levels/", self.admin_view(self.levels), name="levels")
        stuck: list[URLPattern] = [
            path("stuck/", self.admin_view(self.stuck), name="stuck"),
            path("stuck/tick", self.admin_view(tick), name="stuck_tick"),
            path("stuck/<str:name>/<str:key>/now", self.admin_view(try_now), name="stuck_try"),
        ]
        factor: URLPattern = path("second-factor/", self.second_factor, name="second_factor")
        return [found, recovery, revenue, levels, factor, *stuck, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The dashboard, by role."""
        context = {
            **self.each_context(request),
            "title": "Dashboard",
            "subtitle": None,
            "board": dashboard(request),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, "backoffice/dashboard.html", context)

    def find(self, request: HttpRequest) -> TemplateResponse:
        """The page of everything that a number, key, e-mail or name may mean."""
        term = request.GET.get("q", "").strip()
        context = {
            **self.each_context(request),
            "title": "Search",
            "term": term,
            "found": self._found(request, term),
        }
        return TemplateResponse(request, "backoffice/find.html", context)

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The same for the box that Ctrl+K opens. Unfold's own keeps what it found in the cache: ours does not."""
        found = self._found(request, request.GET.get("s", "").strip())
        template = "command_results" if "extended" in request.GET else "search_results"
        return TemplateResponse(
            request,
            "backoffice/command.html" if template == "command_results" else "unfold/helpers/search_results.html",
            {"results": found},
            headers={"HX-Trigger": "search"},
        )

    def recovery(self, request: HttpRequest) -> HttpResponseBase:
        """What became of payments that failed."""
        request.current_app = self.name
        return recovery_page(self, request)

    def revenue(self, request: HttpRequest) -> HttpResponseBase:
        """What subscriptions bring in, and how it moved."""
        request.current_app = self.name
        return revenue_page(self, request)

    def levels(self, request: HttpRequest) -> HttpResponse:
        """What is promised, what was kept, what is left to lose."""
        request.current_app = self.name
        return levels_page(self, request)

    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """Set up or show the second factor. Nobody comes further before that, so no role is asked for."""
        request.current_app = self.name
        return second_factor_page(self, request)

    def stuck(self, request: HttpRequest) -> HttpResponse:
        """Every piece of pending work, and why it waits."""
        request.current_app = self.name
        return stuck_page(self, request)

    def _found(self, request: HttpRequest, term: str) -> list[Found]:
        return [each for each in find(term) if allowed(request, each.resource)] if term else []


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403: a page that is not for the roles of who asks. Only staff's pages raise it."""
    text = "This page is not for your role. A Super Admin can give you another one."
    return _refusal(request, 403, "Not for your role", text)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404: in the look of staff's pages below /admin/, else as the API says it."""
    if not request.path_info.startswith("/admin/"):
        return not_found(request, exception)
    return _refusal(request, 404, "Not found", "There is no such page, or what it showed is not there (any more).")


def _refusal(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, "text": text}
    return TemplateResponse(request, "backoffice/refusal.html", context, status=status).render()
