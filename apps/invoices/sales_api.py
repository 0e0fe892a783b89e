"""POST /v1/invoices, and /v1/pending-items: what is sold beside subscriptions."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account
from apps.accounts.queries import accounts
from apps.clocks.queries import now_for
from apps.invoices.actions.issue import collecting
from apps.invoices.actions.one_off import Sale, add_pending, one_off, remove_pending
from apps.invoices.api import InvoiceViewSet
from apps.invoices.fingerprint import fingerprint
from apps.invoices.models import PendingItem
from apps.invoices.objects import InvoiceObject, invoice_objects
from apps.invoices.objects_pending import PendingItemObject, pending_item_objects
from apps.kernel.errors import Invalid, Problem
from apps.kernel.periods import local_date
from apps.kernel.transactions import preview_of_work
from apps.rest import inputs
from apps.rest.filters import ResourceFilterSet
from apps.rest.objects import ApiObject
from apps.rest.viewsets import ResourceViewSet, operation
from apps.tax.rules import Behavior

MAX_LINES = 1000


class SaleInput(inputs.Input):
    """Something sold. Amounts are minor units, and may have decimals; the line is rounded once."""

    description = inputs.CharField(max_length=500)
    quantity = inputs.DecimalField(max_digits=30, decimal_places=12, min_value=Decimal(0), required=False)
    unit_amount = inputs.DecimalField(max_digits=30, decimal_places=12)
    tax_code = inputs.CharField(max_length=64, required=False)
    tax_behavior = inputs.ChoiceField(choices=[behavior.value for behavior in Behavior], required=False)
    period_start = inputs.DateField(required=False, allow_null=True)
    period_end = inputs.DateField(required=False, allow_null=True)


class OneOffInput(inputs.Input):
    """What POST takes: an invoice of its own, at once."""

    account_id = inputs.UUIDField()
    lines = SaleInput(many=True, min_length=1, max_length=MAX_LINES)  # type: ignore[call-arg]
    coupon = inputs.CharField(max_length=255, required=False, allow_null=True)
    preview = inputs.BooleanField(required=False)
    metadata = inputs.MetadataField()


class PendingInput(SaleInput):
    """What POST takes: a line that waits for the account's next invoice."""

    account_id = inputs.UUIDField()


class InvoicePreviewObject(ApiObject, kw_only=True, frozen=True):
    """What would be invoiced. Send `hash` as If-Match with the same body: 412 if it would be anything else by then."""

    hash: str
    invoice: InvoiceObject
    credit_to_balance: int
    next_invoice: InvoiceObject | None


class PendingItemFilter(ResourceFilterSet):
    account_id = filters.UUIDFilter(field_name="account_id")
    subscription_id = filters.UUIDFilter(field_name="subscription_id")
    waiting = filters.BooleanFilter(method="still_waiting", label="Those that wait, or those that do not any more.")

    class Meta:
        model = PendingItem
        fields: list[str] = []

    def still_waiting(self, rows: Any, name: str, value: bool) -> Any:  # noqa: FBT001 - as django-filter calls it
        """Neither on an invoice nor removed."""
        found = {"invoice_id": None, "removed_at": None}
        return rows.filter(**found) if value else rows.exclude(**found)


class SoldInvoiceViewSet(InvoiceViewSet):
    """Invoices, and those of what is sold beside subscriptions."""

    @operation(input=OneOffInput, output=InvoiceObject, status=201)
    def create(self, request: Request) -> Response:
        """Invoice something at once: final, numbered and owed, with tax and credit as any other.

        With `preview: true` it answers what that would be, and nothing is written.
        """
        body = self.parse(OneOffInput)
        account = _payer(body["account_id"])
        sales = [Sale(**line) for line in body["lines"]]
        wanted: dict[str, Any] = {
            "account_id": account.pk, "sales": sales, "coupon": body.get("coupon"), "metadata": body.get("metadata"),
            "at": now_for(account), "actor": self.actor,
        }  # fmt: skip
        if body.get("preview"):
            return Response(self._looked(account, wanted))
        return self.created(one_off(**wanted, expected_preview=self.expected_preview()))

    def _looked(self, account: Account, wanted: dict[str, Any]) -> InvoicePreviewObject:
        with preview_of_work(self.actor), collecting() as made:
            shown = invoice_objects([one_off(**wanted)])[0]
        today: date = local_date(wanted["at"], account.timezone)
        unnumbered = msgspec.structs.replace(shown, number=None)
        return InvoicePreviewObject(
            hash=fingerprint(None, today, made), invoice=unnumbered, credit_to_balance=0, next_invoice=None
        )


class PendingItemViewSet(ResourceViewSet):
    """Lines that wait for an invoice: of changes, and of what is sold beside a subscription."""

    resource = "invoices"
    queryset = PendingItem.objects.all()
    object_class = PendingItemObject
    filterset_class = PendingItemFilter

    def render(self, rows: Any) -> list[PendingItemObject]:
        return pending_item_objects(rows)

    @operation(input=PendingInput, output=PendingItemObject, status=201)
    def create(self, request: Request) -> Response:
        """Let a line wait for the account's next invoice of any kind but one-off."""
        body = self.parse(PendingInput)
        account = _payer(body.pop("account_id"))
        item = add_pending(account_id=account.pk, sale=Sale(**body), at=now_for(account), actor=self.actor)
        return self.created(item)

    @operation(status=204)
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Take a line back while it waits."""
        item = self.get_object()
        remove_pending(item_id=item.pk, at=now_for(accounts().get(pk=item.account_id)), actor=self.actor)
        return self.gone()


def _payer(account_id: UUID) -> Account:
    account = accounts().filter(pk=account_id).first()
    if account is None:
        detail = f"There is no account {account_id}."
        raise Invalid(
            "account_unknown",
            detail,
            hint="Look it up with GET /v1/accounts?external_key=...",
            errors=[Problem("/account_id", "account_unknown", detail)],
        )
    return account
