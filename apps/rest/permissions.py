"""Who may call what: the role table decides, by the resource of the view and the kind of the method."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from apps.kernel.errors import Forbidden


class MayUseResource(BasePermission):
    """Reading needs the right to read, everything else the right to write. A view without a resource is closed.

    Whoever sees one account alone (`account_id` of the principal) gets no further than the actions that a view names as
    `customer_actions`: those read nothing but through its narrowed queryset.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the caller's role has the right; False for nobody (401)."""
        principal = request.user
        if principal is None or not hasattr(principal, "may"):
            return False
        action = getattr(view, "action", None)
        resource = getattr(view, "action_resources", {}).get(action) or view.resource
        demand(principal, resource, "read" if request.method in SAFE_METHODS else "write")
        if getattr(principal, "account_id", None) is not None and action not in getattr(view, "customer_actions", ()):
            raise Forbidden(
                "customer_scope",
                "A customer's token shows its account, subscriptions, invoices, payments and usage alone.",
                hint="Ask with an API key, from your server.",
            )
        return True


class Known(BasePermission):
    """Anybody who is known. What they may is asked of each part of the answer."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """False for nobody (401)."""
        return hasattr(request.user, "may")


def demand(principal: Any, resource: str, right: str) -> None:
    """Refuse (403) whoever has not the right."""
    if not principal.may(resource, right):
        raise Forbidden(
            "forbidden",
            f"Your role may not {right} {resource}.",
            hint=f"Ask a Super Admin for a key or a role that may {right} {resource}; /docs lists the roles.",
        )
