"""Who has seen whose data: each page of one row, and each file, that a member of the staff gets is in the audit log.

It is noted before the answer leaves: what cannot be noted is not shown. Every page of a row counts but those of models
that are named here, so a page that somebody adds is noted until it is decided otherwise.
"""

import re
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.admin.utils import unquote
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch

from apps.access.models import User
from apps.access.principals import StaffPrincipal
from apps.accounts.models import Account
from apps.audit.actions import note_access
from apps.audit.rules import Access
from apps.backoffice.policy import ADMIN

OF_NO_CUSTOMER = frozenset({
    "access.user", "access.apikey",
    "plans.plan", "coupons.coupon", "clocks.testclock", "dunning.policy", "notifications.wording",
    "tax.taxrate", "tax.registration", "tax.seller", "invoices.numberseries", "payments.reconciliation",
    "subscriptions.billingrun", "subscriptions.bulkmove", "subscriptions.rerating",
    "webhooks.endpoint", "webhooks.resend", "events.delivery",
    "monitoring.alert", "monitoring.backup", "monitoring.infrastructurecost", "monitoring.proberesult",
})  # fmt: skip
"""Models whose pages show what we are, sell and run. Some list customers, as lists do, which are not noted."""
NO_ROWS = frozenset({"app_list"})
"""Routes of the admin whose parameters are no row's."""
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
LONGEST = 500


class WatchMiddleware:
    """Notes what an answer shows, if it is one customer's or a file, and who gets it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        kind = access_of(request, response)
        if kind is not None:
            _note(kind, request, response)
        return response


def access_of(request: HttpRequest, response: HttpResponseBase) -> Access | None:
    """What a member of the staff gets by this answer, if it is to be noted. Refusals and redirects show nothing."""
    match, staff = request.resolver_match, request.path_info.startswith(ADMIN)
    if match is None or response.status_code != 200:
        return None
    if "Content-Disposition" in response.headers or is_file(match, request.method or ""):
        return Access.EXPORT if isinstance(request.user, User | StaffPrincipal) else None
    return Access.VIEW if staff and shows_a_customer(match) and isinstance(request.user, User) else None


def is_file(match: ResolverMatch, method: str) -> bool:
    """Whether this route of the API answers with what its view declares to be a file."""
    view, actions = getattr(match.func, "cls", None), getattr(match.func, "actions", None) or {}
    action = actions.get("get" if method == "HEAD" else method.lower())
    return action is not None and action in getattr(view, "files", ())


def shows_a_customer(match: ResolverMatch) -> bool:
    """Whether this route of the admin is the page of one row that may say something of one customer."""
    if not _captured(match) or match.url_name in NO_ROWS:
        return False
    return model_of(match.route) not in OF_NO_CUSTOMER


def model_of(route: str) -> str:
    """app.model of a route of the admin, or nothing."""
    parts = f"/{route}".removeprefix(ADMIN).split("/") if f"/{route}".startswith(ADMIN) else []
    return ".".join(parts[:2]) if len(parts) > 2 and parts[0] in apps.app_configs else ""


def _note(kind: Access, request: HttpRequest, response: HttpResponseBase) -> None:
    match: Any = request.resolver_match
    table, row_id = _row(match)
    details = {
        "page": match.url_name or "/" + PARAMETER.sub(r"{\1}", match.route),
        "file": response.headers.get("Content-Disposition", "").partition("filename=")[2].strip('"'),
        "asked": request.GET.urlencode()[:LONGEST] if kind is Access.EXPORT else "",
    }
    actor = request.user.actor  # type: ignore[union-attr]
    note_access(kind, table=table, row_id=row_id, details={k: v for k, v in details.items() if v}, actor=actor)


def _row(match: ResolverMatch) -> tuple[str, str]:
    """The table and key of the row that a route shows; of none, nothing. Never what else stands in its address."""
    name, value = next(iter(_captured(match).items()), ("", ""))
    if not name:
        return "", ""
    if label := model_of(match.route):
        return apps.get_model(label)._meta.db_table, unquote(str(value))
    if name == "account_id":
        return Account._meta.db_table, str(value)
    rows = getattr(getattr(match.func, "cls", None), "queryset", None)
    return (rows.model._meta.db_table, str(value)) if rows is not None else ("", "")


def _captured(match: Any) -> dict[str, Any]:
    """What stands in the address; parameters that the route sets itself are not in it."""
    return dict(match.captured_kwargs or {})
