"""What subscriptions answer about invoices: the next one, and what a void one's days become."""

from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.queries import accounts
from apps.clocks.queries import now_for
from apps.invoices import queries as invoices
from apps.invoices.models import Invoice
from apps.invoices.objects import InvoiceObject, invoice_objects
from apps.kernel.errors import Invalid, Problem
from apps.rest.viewsets import ResourceViewSet, operation
from apps.subscriptions import bodies, queries
from apps.subscriptions.actions.preview import Before, committed, preview, upcoming
from apps.subscriptions.actions.void import Voided, void


class VoidedInvoice(InvoiceObject, kw_only=True, frozen=True):
    """The void invoice with the one in its place; null where nothing is."""

    replacement: InvoiceObject | None


class BilledInvoiceViewSet(ResourceViewSet):
    """Invoices as the contract sees them."""

    resource = "invoices"
    queryset = invoices.invoices()
    object_class = InvoiceObject
    action_parameters = {"upcoming": ("subscription_id",)}

    def render(self, rows: Any) -> list[InvoiceObject]:
        return invoice_objects(rows)

    @operation(input=bodies.VoidInput, output=VoidedInvoice)
    def void(self, request: Request, **kwargs: Any) -> Response:
        """Void an invoice: a corrected one follows at once, or with `replace: false` its days are waived.

        Credit goes back and pays the correction; what was paid becomes credit. With `preview: true` it answers what
        would be billed instead.
        """
        body = self.parse(bodies.VoidInput)
        looks = body.pop("preview", False)
        if "replace" in body:
            body["replace_it"] = body.pop("replace")
        row = self.get_object()
        account = accounts().get(pk=row.account_id)
        at = now_for(account)
        hashed = self.expected_preview()
        version = row.version if hashed else self.expected_version()
        do = partial(void, invoice_id=row.pk, expected_version=version, at=at, actor=self.actor, **body)
        before = Before(row.version, Before.of(None, account, at).today)
        if looks:
            found = preview(lambda: _nothing(do()), before=before, actor=self.actor)
            return Response(bodies.preview_object(found))
        done: Voided = committed(do, expected=hashed, before=before, actor=self.actor)
        return self.ok(done.invoice, extra=lambda: {"replacement": _replacement(done.replacement_id)})

    @operation(
        output=bodies.PreviewObject,
        parameters=[OpenApiParameter("subscription_id", UUID, required=True, description="Whose next invoice.")],
    )
    def upcoming(self, request: Request) -> Response:
        """Show the next invoice of a subscription, as it will be if nothing happens until then."""
        asked = request.query_params.get("subscription_id", "")
        try:
            row = queries.subscriptions().filter(pk=UUID(asked)).first()
        except ValueError:
            row = None
        if row is None:
            detail = f"There is no subscription {asked[:100]!r}." if asked else "Say which subscription."
            raise Invalid(
                "subscription_unknown",
                detail,
                hint="Send ?subscription_id= with the id of a subscription.",
                errors=[Problem("?subscription_id", "subscription_unknown", detail)],
            )
        before = Before.of(row, row.account, now_for(row.account))
        return Response(bodies.preview_object(upcoming(row, before=before, actor=self.actor)))


def _nothing(voided: Voided) -> None:
    """A void is no subscription: nothing comes next."""


def _replacement(invoice_id: UUID | None) -> InvoiceObject | None:
    if invoice_id is None:
        return None
    return invoice_objects([Invoice.objects.get(pk=invoice_id)])[0]
