"""The project's routes, and Django REST framework at its barest, which checks nobody: /bare inserts one row, and
/bare/accounts/{id} (subscriptions, invoices) shows one."""

from typing import Any

from django.db import connection
from django.db.models import Model
from django.urls import path
from rest_framework import serializers
from rest_framework.generics import RetrieveAPIView
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Account
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.ids import uuid7
from apps.subscriptions.models import Subscription
from billing_project.urls import urlpatterns as ours

INSERT = """
INSERT INTO bare_event (id, subscription_id, metric, quantity, timestamp, received_at, idempotency_key, properties)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb)
"""


class BareEvent(serializers.Serializer[Any]):
    idempotency_key = serializers.CharField(max_length=255)
    subscription_id = serializers.UUIDField()
    metric = serializers.CharField(max_length=100)
    quantity = serializers.DecimalField(max_digits=31, decimal_places=12)
    timestamp = serializers.DateTimeField()
    properties = serializers.JSONField(binary=False)


class BareView(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    parser_classes = (JSONParser,)

    def post(self, request: Request) -> Response:
        serializer = BareEvent(data=request.data)
        serializer.is_valid(raise_exception=True)
        event, id, now = serializer.validated_data, uuid7(), clock.wall()
        row = [
            id, event["subscription_id"], event["metric"], event["quantity"], event["timestamp"], now,
            event["idempotency_key"], '{"region": "eu", "model": "large"}',
        ]  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(INSERT, row)
        return Response({"id": str(id), **serializer.data}, status=201)


def _shown(shown: type[Model]) -> Any:
    class Row(serializers.ModelSerializer[Any]):
        class Meta:
            model = shown
            fields = "__all__"

    return RetrieveAPIView.as_view(
        queryset=shown._default_manager.all(),
        serializer_class=Row,
        authentication_classes=(),
        permission_classes=(),
        throttle_classes=(),
    )


ROWS = {"accounts": Account, "subscriptions": Subscription, "invoices": Invoice}
urlpatterns = [
    *ours,
    path("bare", BareView.as_view()),
    *(path(f"bare/{name}/<uuid:pk>", _shown(shown)) for name, shown in ROWS.items()),
]
handler403, handler404 = "apps.backoffice.site.forbidden", "apps.backoffice.site.missing"
