"""Who may call what: the role table decides, by the resource of the view and the kind of the method."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from apps.kernel.errors import Forbidden


class MayUseResource(BasePermission):
    """Reading needs the right to read, everything else the right to write. A view without a resource is closed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the caller's role has the right; False for nobody (401)."""
        principal = request.user
        if principal is None or not hasattr(principal, "may"):
            return False
        resource = getattr(view, "action_resources", {}).get(getattr(view, "action", None)) or view.resource
        right = "read" if request.method in SAFE_METHODS else "write"
        if not principal.may(resource, right):
            raise Forbidden(
                "forbidden",
                f"Your role may not {right} {resource}.",
                hint=f"Ask a Super Admin for a key or a role that may {right} {resource}; /docs lists the roles.",
            )
        return True
