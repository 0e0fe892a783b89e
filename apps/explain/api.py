"""/v1/invoices/{id}/explain and /v1/invoices/{id}/usage"""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from apps.explain import queries
from apps.explain.held import held, metered_lines
from apps.explain.objects import ExplanationObject, explanation_object
from apps.explain.rules import derive
from apps.invoices import queries as invoices
from apps.kernel.errors import Invalid, NotFound, Problem
from apps.rest.objects import builtins
from apps.rest.viewsets import ResourceViewSet, operation
from apps.usage.objects import UsageEventObject, event_objects
from apps.usage.queries import events


class ExplanationViewSet(ResourceViewSet):
    """Where every cent of an invoice comes from."""

    resource = "invoices"
    queryset = invoices.invoices()
    object_class = ExplanationObject

    @operation(output=ExplanationObject, name="invoices_explain", summary="Explain every cent of an invoice")
    def explain(self, request: Request, **kwargs: Any) -> Response:
        """Derive the invoice anew from what is stored, line by line, in figures and in sentences.

        The price of the plan's version, the days, the fraction, the rounding, discounts and the tax rule of each line.
        """
        invoice = self.get_object()
        derived = derive(queries.inputs([invoice])[0])
        return Response(builtins(explanation_object(derived, invoices.balances([invoice.pk])[invoice.pk])))


class InvoiceUsageViewSet(ResourceViewSet):
    """The usage events that an invoice holds."""

    resource = "usage"
    queryset = events.events()
    object_class = UsageEventObject
    action_parameters = {"list": ("line_id",)}

    def render(self, rows: Any) -> list[UsageEventObject]:
        return event_objects(rows, events.corrections([row.pk for row in rows]))

    @operation(
        output=UsageEventObject,
        name="invoices_usage",
        summary="List the usage events that an invoice holds",
        parameters=[OpenApiParameter("line_id", UUID, description="Those of this line alone.")],
    )
    def list(self, request: Request, **kwargs: Any) -> Response:
        """Newest arrival first: just those that its lines were made of, whatever has come or was voided since.

        A supplemental line holds what its period had come to by then, as `events` in its explanation counts them.
        """
        lines = metered_lines(self._invoice())
        if (asked := request.query_params.get("line_id")) is not None:
            lines = [line for line in lines if str(line.pk) == asked.lower()]
            if not lines:
                detail = f"The invoice has no line of usage {asked[:100]!r}."
                raise Invalid(
                    "line_unknown",
                    detail,
                    hint="Lines of usage have a usage_url in GET /v1/invoices/{id}/explain.",
                    errors=[Problem("?line_id", "line_unknown", detail)],
                )
        page = self.paginate_queryset(held(lines))
        return self.get_paginated_response(self.render(page or []))

    def _invoice(self) -> UUID:
        found: UUID = self.path_id()
        if not invoices.invoices().filter(pk=found).exists():
            raise NotFound("invoice_not_found", f"There is no invoice {found}.", hint="List them: GET /v1/invoices.")
        return found
