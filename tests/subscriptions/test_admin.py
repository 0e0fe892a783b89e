"""Staff pages of subscriptions: to read, in a fixed number of queries."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.models import User
from apps.subscriptions.models import Subscription
from tests.factories.accounts import make_account
from tests.factories.subscriptions import make_subscription

pytestmark = pytest.mark.django_db

LIST = "/admin/subscriptions/subscription/"


@pytest.fixture
def staff() -> Client:
    user = User.objects.create_user("worker", password="correct horse battery", is_staff=True)
    user.groups.add(Group.objects.get(name="support_rep"))
    client = Client()
    client.force_login(user)
    return client


def test_the_list_finds_and_filters(staff: Client) -> None:
    ada = make_subscription(account=make_account(name="Ada Lovelace", email="ada@love.example"), external_key="crm-1")
    bob = make_subscription(account=make_account(name="Bob", external_key="b"), trial_days=7)
    for query, wanted in (
        ("", {ada.pk, bob.pk}), ("?q=lovelace", {ada.pk}), ("?q=ADA@love.example", {ada.pk}), ("?q=Bob", {bob.pk}),
        ("?q=crm-1", {ada.pk}), (f"?q={bob.pk}", {bob.pk}), (f"?q={ada.account_id}", {ada.pk}), ("?q=zz", set()),
        ("?status__exact=TRIAL", {bob.pk}), ("?renewal=stopped", set()),
    ):  # fmt: skip
        page = staff.get(LIST + query)
        assert page.status_code == 200
        assert {row.pk for row in page.context["cl"].result_list} == wanted, query


def test_what_stopped_is_seen(staff: Client) -> None:
    made = make_subscription()
    Subscription.objects.filter(pk=made.pk).update(billing_error="price_missing: no price in JPY")
    assert [row.pk for row in staff.get(f"{LIST}?renewal=stopped").context["cl"].result_list] == [made.pk]
    page = staff.get(f"{LIST}{made.pk}/change/").content.decode()
    assert "price_missing: no price in JPY" in page
    assert "2026-05-01" in page
    assert 'name="quantity"' not in page


def test_as_many_queries_for_thirty_as_for_one(staff: Client) -> None:
    made = make_subscription()
    pages = (LIST, f"{LIST}{made.pk}/change/")
    counts = []
    for more in (0, 29):
        for _ in range(more):
            make_subscription()
        for path in pages:
            staff.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert staff.get(path).status_code == 200
            counts.append(len(captured))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 12


def test_nobody_changes_anything_here(staff: Client) -> None:
    made = make_subscription()
    assert staff.post(f"{LIST}{made.pk}/change/", {"quantity": 5}).status_code == 403
    assert staff.get(f"{LIST}add/").status_code == 403
    assert staff.post(f"{LIST}{made.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Client().get(LIST).status_code == 302
