"""/v1/accounts/{id}/balance and /v1/accounts/{id}/statement"""

import re
from datetime import date, timedelta
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account
from apps.accounts.queries import accounts
from apps.clocks.queries import now_for
from apps.kernel.errors import Invalid, NotFound, Problem
from apps.kernel.periods import local_date
from apps.payments.statement import BalanceObject, StatementObject, balance, statement
from apps.rest.renderers import JSONRenderer
from apps.rest.viewsets import ResourceViewSet, operation

MOST_DAYS = 366
USUAL_DAYS = 90

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_RANGE = [
    OpenApiParameter("from", date, description=f"First local date; {USUAL_DAYS} days before `to` when left out."),
    OpenApiParameter("to", date, description=f"Last local date, at most {MOST_DAYS} days on; today when left out."),
]


class AccountBalanceViewSet(ResourceViewSet):
    """What an account owes and has in its favour."""

    resource = "accounts"
    queryset = accounts()
    object_class = BalanceObject
    files = {"statement": [JSONRenderer]}
    action_parameters = {"statement": ("from", "to")}

    @operation(output=BalanceObject)
    def balance(self, request: Request, **kwargs: Any) -> Response:
        """Open, overdue and credit, summed from rows."""
        account = self._account()
        return Response(balance(account, local_date(now_for(account), account.timezone)))

    @operation(output=StatementObject, parameters=_RANGE)
    def statement(self, request: Request, **kwargs: Any) -> Response:
        """Invoices, payments and credits in order, with the balance after each."""
        account = self._account()
        last = self._day("to") or local_date(now_for(account), account.timezone)
        first = self._day("from") or last - timedelta(days=min(USUAL_DAYS, (last - date.min).days))
        if not 0 <= (last - first).days <= MOST_DAYS:
            detail = f"From {first} to {last} is not a range of 0 to {MOST_DAYS} days."
            raise Invalid(
                "range_invalid",
                detail,
                hint=f"Let `from` lie before `to`, by {MOST_DAYS} days at most.",
                errors=[Problem("?from", "range_invalid", detail)],
            )
        return Response(statement(account, first, last))

    def _day(self, name: str) -> date | None:
        text = self.request.query_params.get(name)
        if not text:
            return None
        try:
            if not _DAY.fullmatch(text):
                raise ValueError("not a date")
            return date.fromisoformat(text)
        except ValueError:
            raise Invalid(
                "parameter_invalid",
                f"`{name}` is not a date.",
                hint="Write it as 2026-04-01.",
                errors=[Problem(f"?{name}", "invalid", "Not a date such as 2026-04-01.")],
            ) from None

    def _account(self) -> Account:
        account = accounts().filter(pk=self.path_id("account_id")).first()
        if account is None:
            raise NotFound("account_not_found", "There is no account with this id.", hint="Check the id in the path.")
        return account
