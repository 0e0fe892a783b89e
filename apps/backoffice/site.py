"""The admin site: Django's, in unfold's look, with our dashboard, search and navigation."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.sites import UnfoldAdminSite

from apps.backoffice.dashboard import dashboard
from apps.backoffice.finding import Found, find
from apps.kernel.admin import allowed
from apps.kernel.columns import NOTHING


class BackOffice(UnfoldAdminSite):
    """What staff see below /admin/."""

    empty_value_display: ClassVar[SafeString] = NOTHING
    enable_nav_sidebar = True

    def get_urls(self) -> list[Any]:
        found: URLPattern = path("find/", self.admin_view(self.find), name="find")
        return [found, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The dashboard, by role."""
        context = {
            **self.each_context(request),
            "title": "Dashboard",
            "subtitle": None,
            "board": dashboard(request),
            **(extra_context or {}),
        }
        request.current_app = self.name  # type: ignore[attr-defined]
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

    def _found(self, request: HttpRequest, term: str) -> list[Found]:
        return [each for each in find(term) if allowed(request, each.resource)] if term else []
