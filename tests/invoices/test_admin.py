"""Invoices for staff: read only, in a fixed number of queries."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.models import User
from tests.factories.invoices import draft, invoice, issued, payer

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    person = User.objects.create(username="fin", is_staff=True)
    person.groups.add(Group.objects.get(name="finance_viewer"))
    client = Client()
    client.force_login(person)
    return client


def queries(staff: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert staff.get(path).status_code == 200
    return len(captured)


def test_a_list_takes_a_fixed_number_of_queries(staff):
    account = payer()
    issued([draft(account)])
    path = "/admin/invoices/invoice/"
    queries(staff, path)
    few = queries(staff, path)
    issued([draft(payer()) for _ in range(20)])
    assert queries(staff, path) == few


def test_an_invoice_shows_its_rows_and_no_way_to_change_them(staff):
    one = invoice(4900)
    page = staff.get(f"/admin/invoices/invoice/{one.pk}/change/").content.decode()
    assert "Pro, April 2026" in page
    assert 'name="_save"' not in page
    assert staff.post(f"/admin/invoices/invoice/{one.pk}/change/", {"total": "1"}).status_code == 403
