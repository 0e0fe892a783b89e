"""GET /v1/ledger/trial-balance: `TrialBalanceViewSet.as_view({"get": "list"})`."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.ledger.models import Posting
from apps.ledger.objects import TrialBalanceObject, trial_balance_objects
from apps.ledger.queries import trial_balance
from apps.rest.viewsets import ResourceViewSet, operation


class TrialBalanceViewSet(ResourceViewSet):
    """The trial balance: every ledger account, per currency. The balances of a currency sum to zero."""

    resource = "ledger"
    queryset = Posting.objects.none()
    object_class = TrialBalanceObject
    pagination_class = None

    @operation(output=TrialBalanceObject, many=True)
    def list(self, request: Request, **kwargs: Any) -> Response:
        """All rows at once: there are at most ten a currency."""
        return Response({"data": trial_balance_objects(trial_balance())})
