"""POST /v1/invoices/{id}/send"""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.notifications import queries
from apps.notifications.actions.write import send_again
from apps.notifications.objects import MessageObject, message_object
from apps.rest.inputs import Input
from apps.rest.viewsets import ResourceViewSet, operation


class NoInput(Input):
    """Nothing, or an empty object."""


class MessageViewSet(ResourceViewSet):
    """Mails to customers."""

    resource = "invoices"
    queryset = queries.messages()
    object_class = MessageObject

    def render(self, rows: Any) -> list[MessageObject]:
        return [message_object(row) for row in rows]

    @operation(output=MessageObject, status=202)
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Send the invoice's document again, to the address the account has now. The worker sends it in a moment."""
        if request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
            self.parse(NoInput)
        return self.ok(send_again(invoice_id=self.path_id("invoice_id"), actor=self.actor), status=202)
