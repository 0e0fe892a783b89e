"""/v1/invoices"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from apps.accounts.objects import account_objects
from apps.accounts.queries import accounts
from apps.invoices import queries
from apps.invoices.models import Invoice
from apps.invoices.objects import InvoiceObject, invoice_objects
from apps.invoices.rules import Kind, Status
from apps.rest.filters import MetadataFilterMixin, ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet


class InvoiceFilter(MetadataFilterMixin, ResourceFilterSet):
    account_id = filters.UUIDFilter(field_name="account_id")
    subscription_id = filters.UUIDFilter(method="of_subscription", label="Invoices with a line of this subscription.")
    status = filters.MultipleChoiceFilter(choices=[(status.value, status.value) for status in Status])
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
    expandable = {"account": _account}

    def render(self, rows: Any) -> list[InvoiceObject]:
        return invoice_objects(rows)
