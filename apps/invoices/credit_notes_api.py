"""/v1/credit-notes"""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.queries import accounts
from apps.clocks.queries import now_for
from apps.invoices import document_credit_note as document
from apps.invoices import queries
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.einvoice.rendering import file_name, render_credit_note
from apps.invoices.files import FORMAT, PdfRenderer, XmlRenderer, answer, pdf_operation, syntax_of, xml_operation
from apps.invoices.models import CreditNote
from apps.invoices.objects_credit_note import CreditNoteObject, credit_note_objects
from apps.kernel.errors import Invalid, Problem
from apps.kernel.transactions import preview_of_work
from apps.rest import inputs
from apps.rest.filters import MetadataFilterMixin, ResourceFilterSet
from apps.rest.viewsets import ResourceViewSet, operation


class CreditNoteLineInput(inputs.Input):
    """What to take back of one line, net."""

    line_id = inputs.UUIDField()
    amount = inputs.AmountField(min_value=1)


class CreditNoteInput(inputs.Input):
    """What POST takes: an amount, tax included, in proportion; or net amounts of single lines."""

    invoice_id = inputs.UUIDField()
    amount = inputs.AmountField(min_value=1, required=False)
    lines = CreditNoteLineInput(many=True, required=False, max_length=1000)  # type: ignore[call-arg]
    reason = inputs.CharField(max_length=500)
    preview = inputs.BooleanField(required=False)
    metadata = inputs.MetadataField()


class CreditNoteFilter(MetadataFilterMixin, ResourceFilterSet):
    account_id = filters.UUIDFilter(field_name="account_id")
    invoice_id = filters.UUIDFilter(field_name="invoice_id")
    number = filters.CharFilter()

    class Meta:
        model = CreditNote
        fields: list[str] = []


class CreditNoteViewSet(ResourceViewSet):
    """Credit notes: what lines of an invoice charged, taken back by a final document with a number of its own."""

    resource = "credit_notes"
    queryset = queries.credit_notes()
    object_class = CreditNoteObject
    filterset_class = CreditNoteFilter
    files = {"pdf": [PdfRenderer], "xml": [XmlRenderer]}
    action_parameters = {"xml": (FORMAT,)}

    def render(self, rows: Any) -> list[CreditNoteObject]:
        return credit_note_objects(rows)

    @operation(input=CreditNoteInput, output=CreditNoteObject, status=201)
    def create(self, request: Request) -> Response:
        """Credit an invoice: its open balance is reduced, the rest becomes the account's credit.

        With `preview: true` it answers what that would be, and nothing is written.
        """
        body = self.parse(CreditNoteInput)
        looks = body.pop("preview", False)
        if "lines" in body:
            body["lines"] = _by_line(body["lines"])
        invoice = queries.invoices().filter(pk=body["invoice_id"]).first()
        if invoice is None:
            detail = f"There is no invoice {body['invoice_id']}."
            raise Invalid(
                "invoice_unknown",
                detail,
                hint="List them with GET /v1/invoices.",
                errors=[Problem("/invoice_id", "invoice_unknown", detail)],
            )
        at = now_for(accounts().get(pk=invoice.account_id))
        if looks:
            with preview_of_work(self.actor):
                shown = credit_note_objects([credit_note(**body, at=at, actor=self.actor)])[0]
            return Response(shown)
        return self.created(credit_note(**body, at=at, actor=self.actor))

    @pdf_operation
    def pdf(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Show one credit note as its document, a PDF in the language of its account."""
        note = self.get_object()
        disposition = f'inline; filename="{note.number}.pdf"'
        return answer(request, document.render(note.pk), PdfRenderer, disposition)

    @xml_operation
    def xml(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Export one credit note as e-invoice of EN 16931, which names the invoice that it credits."""
        syntax, note = syntax_of(request), self.get_object()
        content = render_credit_note(note, syntax)
        disposition = f'attachment; filename="{file_name(note.number)}"'
        return answer(request, content, XmlRenderer, disposition)


def _by_line(lines: list[dict[str, Any]]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for index, line in enumerate(lines):
        if line["line_id"] in found:
            detail = "This line is named before."
            raise Invalid(
                "line_repeated",
                detail,
                hint="Name each line once.",
                errors=[Problem(f"/lines/{index}/line_id", "line_repeated", detail)],
            )
        found[line["line_id"]] = line["amount"]
    return found
