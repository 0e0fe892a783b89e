"""/v1/credits and /v1/accounts/{id}/credits"""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import queries as accounts
from apps.clocks.queries import now_for
from apps.credits import queries
from apps.credits.actions.grant import grant
from apps.credits.actions.void import void
from apps.credits.models import Grant
from apps.credits.objects import CreditObject, credit_objects
from apps.credits.rules import Source
from apps.kernel.errors import Invalid, NotFound, Problem
from apps.rest import inputs
from apps.rest.filters import MetadataFilterMixin, ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation


class CreditInput(inputs.Input):
    """What POST takes; the currency is the account's."""

    account_id = inputs.UUIDField()
    amount = inputs.AmountField(min_value=1)
    currency = inputs.CurrencyField()
    reason = inputs.CharField(max_length=500)
    expires_at = inputs.DateTimeField(required=False, allow_null=True)
    metadata = inputs.MetadataField()


class CreditFilter(MetadataFilterMixin, ResourceFilterSet):
    account_id = filters.UUIDFilter(field_name="account_id")
    source = filters.ChoiceFilter(choices=[(source.value, source.value) for source in Source])

    class Meta:
        model = Grant
        fields: list[str] = []


class CreditViewSet(ResourceViewSet):
    """Credits: money in an account's favour. Invoices use them by themselves when they become final."""

    resource = "credits"
    queryset = queries.grants()
    object_class = CreditObject
    filterset_class = CreditFilter

    def render(self, rows: Any) -> list[CreditObject]:
        return credit_objects(rows)

    @operation(input=CreditInput, output=CreditObject, status=201)
    def create(self, request: Request) -> Response:
        """Give credit out of goodwill; invoices issued from now on use it."""
        body = self.parse(CreditInput)
        account = accounts.accounts().filter(pk=body["account_id"]).first()
        if account is None:
            detail = f"There is no account {body['account_id']}."
            raise Invalid(
                "account_unknown",
                detail,
                hint="Look it up with GET /v1/accounts?external_key=...",
                errors=[Problem("/account_id", "account_unknown", detail)],
            )
        return self.created(grant(**body, at=now_for(account), actor=self.actor))

    @operation(output=CreditObject)
    def void(self, request: Request, **kwargs: Any) -> Response:
        """Take back what remains of a goodwill credit; what it has paid stays paid."""
        credit = self.get_object()
        account = accounts.accounts().get(pk=credit.account_id)
        return self.ok(void(credit_id=credit.pk, at=now_for(account), actor=self.actor))


class AccountCreditViewSet(ResourceViewSet):
    """The credits of an account."""

    resource = "credits"
    queryset = queries.grants()
    object_class = CreditObject

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return queries.grants()
        account_id = self.path_id("account_id")
        if not accounts.accounts().filter(pk=account_id).exists():
            raise NotFound("account_not_found", "There is no account with this id.", hint="Check the id in the path.")
        return queries.grants().filter(account_id=account_id)

    def render(self, rows: Any) -> list[CreditObject]:
        return credit_objects(rows)
