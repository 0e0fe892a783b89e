"""POST /v1/invoices/{id}/send"""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.access.actions import create_api_key
from apps.kernel import clock
from apps.notifications.models import Message
from tests.factories.invoices import ACTOR, invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def post() -> Any:
    def call(path: str, role: str = "support_rep", body: Any = None, **headers: str) -> Any:
        key = create_api_key(name="t", role=role, livemode=False, rate_limit=0, at=clock.wall(), actor=ACTOR)[1]
        client = Client(headers={"Authorization": f"Bearer {key}", **headers})
        if body is None:
            return client.generic("POST", f"/v1/invoices/{path}")
        return client.post(f"/v1/invoices/{path}", body, content_type="application/json")

    return call


def test_sends_again(post: Any) -> None:
    one = invoice()
    answer = post(f"{one.pk}/send")
    assert answer.status_code == 202, answer.content
    shown = answer.json()
    assert (shown["invoice_id"], shown["to"], shown["status"]) == (str(one.pk), "ada@example.com", "PENDING")
    assert post(f"{one.pk}/send", body={}).status_code == 202
    assert Message.objects.count() == 2


def test_refusals(post: Any) -> None:
    one = invoice()
    assert post(f"{uuid4()}/send").status_code == 404
    assert post("x/send").status_code == 404
    assert post(f"{one.pk}/send", role="finance_viewer").status_code == 403
    assert post(f"{one.pk}/send", body={"to": "eve@example.com"}).json()["errors"][0]["code"] == "unknown_field"
    assert Client().post(f"/v1/invoices/{one.pk}/send").status_code == 401
    assert Message.objects.count() == 0
