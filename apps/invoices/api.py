"""/v1/invoices"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.objects import account_objects
from apps.accounts.queries import accounts
from apps.clocks.queries import now_for
from apps.invoices import document, queries
from apps.invoices.actions.apply import apply_now
from apps.invoices.actions.write_off import reverse_write_off, write_off
from apps.invoices.einvoice.hybrid import factur_x
from apps.invoices.einvoice.rendering import file_name, render
from apps.invoices.files import (
    FORMAT,
    PdfRenderer,
    XmlRenderer,
    answer,
    hybrid_operation,
    is_hybrid,
    syntax_of,
    xml_operation,
)
from apps.invoices.models import Invoice
from apps.invoices.objects import InvoiceObject, invoice_objects
from apps.invoices.rules import Kind, Status
from apps.rest import inputs
from apps.rest.filters import MetadataFilterMixin, ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation


class InvoiceFilter(MetadataFilterMixin, ResourceFilterSet):
    account_id = filters.UUIDFilter(field_name="account_id")
    subscription_id = filters.UUIDFilter(method="of_subscription", label="Invoices with a line of this subscription.")
    status = filters.MultipleChoiceFilter(
        choices=[(status.value, status.value) for status in Status],
        # Without it all columns of all rows would be compared, to find that no invoice is there twice.
        distinct=False,
    )
    kind = filters.ChoiceFilter(choices=[(kind.value, kind.value) for kind in Kind])
    number = filters.CharFilter()
    due_before = filters.DateFilter(field_name="due_date", lookup_expr="lt", label="Due before this day.")

    class Meta:
        model = Invoice
        fields: list[str] = []

    def of_subscription(self, rows: QuerySet[Invoice], name: str, value: UUID) -> QuerySet[Invoice]:
        """Grouped invoices hold lines of several subscriptions."""
        return queries.with_lines_of(rows, value)


def _account(invoice: Invoice) -> Any:
    return account_objects([accounts().get(pk=invoice.account_id)])[0]


class InvoiceViewSet(ResourceViewSet):
    """Invoices: final documents of what is owed. Their balance is total less payments and credits."""

    resource = "invoices"
    queryset = queries.invoices()
    object_class = InvoiceObject
    filterset_class = InvoiceFilter
    files = {"pdf": [PdfRenderer], "xml": [XmlRenderer]}
    action_parameters = {"xml": (FORMAT,), "pdf": (FORMAT,)}
    customer_actions = frozenset({"list", "retrieve", "pdf", "xml"})
    customer_expandable = frozenset({"account"})
    account_lookup = "account_id"
    expandable = {"account": _account}

    def render(self, rows: Any) -> list[InvoiceObject]:
        return invoice_objects(rows)

    @hybrid_operation
    def pdf(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Show one invoice as its document, a PDF in the language of its account.

        The same invoice in the same state is the same bytes, and so the same ETag. With `format=factur-x` the
        e-invoice is inside it, and what that lacks is refused as it is there.
        """
        hybrid, invoice = is_hybrid(request), self.get_object()
        disposition = f'inline; filename="{document.file_name(invoice)}"'
        content = factur_x(invoice) if hybrid else document.render(invoice.pk)
        return answer(request, content, PdfRenderer, disposition)

    @xml_operation
    def xml(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Export one invoice as e-invoice of EN 16931: XML that other programs book.

        It is checked first: what EN 16931 demands and is not known is refused with `einvoice_incomplete`, and each term
        that is missing stands in `errors`; what it has no words for with `einvoice_not_expressible`. Payments do not
        change it: it is as it was when it was issued.
        """
        syntax, invoice = syntax_of(request), self.get_object()
        content = render(invoice, syntax)
        disposition = f'attachment; filename="{file_name(invoice.number)}"'
        return answer(request, content, XmlRenderer, disposition)


class WriteOffInput(inputs.Input):
    """Why."""

    reason = inputs.CharField(max_length=500)


class WriteOffViewSet(ResourceViewSet):
    """What is left of an invoice given up, and claimed again."""

    resource = "write_off"
    queryset = queries.invoices()
    object_class = InvoiceObject

    def render(self, rows: Any) -> list[InvoiceObject]:
        return invoice_objects(rows)

    @operation(input=WriteOffInput, output=InvoiceObject)
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Write off what is left of an invoice: a loss in the books. It can be taken back."""
        body, invoice = self.parse(WriteOffInput), self.get_object()
        return self.ok(write_off(invoice_id=invoice.pk, at=_now(invoice), actor=self.actor, **body))

    @operation(output=InvoiceObject)
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Take a write-off back: the invoice is open again."""
        invoice = self.get_object()
        return self.ok(reverse_write_off(invoice_id=invoice.pk, at=_now(invoice), actor=self.actor))


class CreditApplicationViewSet(ResourceViewSet):
    """The account's credit put against an invoice that is open already."""

    resource = "credits"
    queryset = queries.invoices()
    object_class = InvoiceObject

    def render(self, rows: Any) -> list[InvoiceObject]:
        return invoice_objects(rows)

    @operation(output=InvoiceObject, summary="Apply credit to an open invoice")
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Pay what is left of an open invoice from the account's credits; what is granted later waits otherwise."""
        invoice = self.get_object()
        return self.ok(apply_now(invoice_id=invoice.pk, at=_now(invoice), actor=self.actor))


def _now(invoice: Invoice) -> datetime:
    return now_for(accounts().get(pk=invoice.account_id))
