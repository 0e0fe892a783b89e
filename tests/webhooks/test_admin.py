"""Staff's pages of webhooks: who may, how many queries, sent again by a button."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.models import User
from apps.webhooks.models import Delivery, Endpoint
from tests.webhooks.endpoints import endpoint, ring
from tests.webhooks.receiver import Receiver, status

pytestmark = pytest.mark.django_db
LIST = "/admin/webhooks/delivery/"
PAGES = [LIST, "/admin/webhooks/endpoint/", "/admin/webhooks/attempt/", "/admin/webhooks/resend/"]


def staff(role: str) -> Client:
    user = User.objects.create_user(username=role, password="x" * 12, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def failed(receiver: Receiver, send: Callable[..., int]) -> Endpoint:
    """An endpoint with deliveries that were given up, and some that were made."""
    target = endpoint(receiver.url, name="CRM")
    ring(3)
    send()
    receiver.behave = status(500)
    ring(2)
    send()
    Delivery.objects.filter(status="PENDING").update(status="FAILED")
    receiver.behave = status(200)
    return target


@pytest.mark.parametrize("path", PAGES)
def test_who_may_look(failed: Endpoint, path: str) -> None:
    for role in ("super_admin", "billing_admin", "support_rep"):
        assert staff(role).get(path).status_code == 200, role
    assert staff("finance_viewer").get(path).status_code == 403
    assert Client().get(path).status_code == 302


def test_a_list_counts_no_table_and_asks_the_same_for_any_length(failed: Endpoint) -> None:
    client = staff("billing_admin")
    client.get(LIST)
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as found:
            page = client.get(LIST)
        asked.append(len(found))
        ring(20)
    assert page.status_code == 200
    assert asked[0] == asked[1]
    counts = [query["sql"] for query in found if "COUNT(*)" in query["sql"]]
    assert all("LIMIT" in sql for sql in counts), "at most ten thousand rows are counted"
    assert client.get(f"{LIST}?q={failed.pk}").content.count(b"CRM") >= 5
    assert client.get(f"{LIST}?status__exact=FAILED").status_code == 200
    assert client.get(f"/admin/webhooks/endpoint/{failed.pk}/change/").status_code == 200


def test_dead_ones_are_sent_again_by_a_button(failed: Endpoint, receiver: Receiver, send: Callable[..., int]) -> None:
    dead = list(Delivery.objects.filter(status="FAILED").values_list("pk", flat=True))
    body = {"action": "send_again", "_selected_action": [str(pk) for pk in dead]}
    before = len(receiver.got)
    staff("support_rep").post(LIST, body)
    assert send() == 0, "who may only look"
    assert staff("billing_admin").post(LIST, body, follow=True).status_code == 200
    send()
    assert sorted(receiver.numbers[before:]) == [4, 5]
    assert not Delivery.objects.filter(status="FAILED").exists()


def test_secrets_are_on_no_page(failed: Endpoint) -> None:
    client = staff("super_admin")
    pages: list[Any] = [client.get(path).content for path in [*PAGES, f"/admin/webhooks/endpoint/{failed.pk}/change/"]]
    secret = failed.secrets.get().secret
    assert not any(secret.encode() in page or b"whsec_" in page for page in pages)
