"""/v1/invoices/{id}/explain"""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.explain import queries
from apps.explain.objects import ExplanationObject, explanation_object
from apps.explain.rules import derive
from apps.invoices import queries as invoices
from apps.rest.objects import builtins
from apps.rest.viewsets import ResourceViewSet, operation


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
