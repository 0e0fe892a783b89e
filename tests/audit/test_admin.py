"""The log's page, and the books', as staff see them."""

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from apps.access.models import User
from apps.access.rules import Role
from apps.audit.models import Entry
from apps.clocks.models import TestClock
from apps.kernel.actors import Actor, system
from apps.kernel.transactions import unit_of_work
from apps.ledger import actions, rules
from apps.ledger.models import Entry as LedgerEntry

AT = datetime(2026, 4, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def staff(role: Role) -> Client:
    user = User.objects.create(username=role.value, is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def routes(settings: object, tmp_path: Path) -> None:
    settings.ROOT_URLCONF = "tests.ledger.pages"
    settings.STATIC_ROOT = tmp_path


def test_a_super_admin_reads_the_log() -> None:
    with unit_of_work(Actor("user", "7")):
        clock = TestClock.objects.create(name="<b>first</b>", frozen_time=AT)
    client = staff(Role.SUPER_ADMIN)
    page = client.get("/admin/audit/entry/", {"table": "clocks_testclock", "actor": "user", "q": str(clock.pk)})
    assert str(clock.pk) in page.text
    assert str(clock.pk) not in client.get("/admin/audit/entry/", {"actor": "sql"}).text
    entry = Entry.objects.get(row_id=str(clock.pk))
    detail = client.get(f"/admin/audit/entry/{entry.pk}/change/").text
    assert "&lt;b&gt;first&lt;/b&gt;" in detail
    assert "<th>frozen time</th>" in detail


@pytest.mark.parametrize("role", [Role.BILLING_ADMIN, Role.SUPPORT_REP, Role.FINANCE_VIEWER])
def test_nobody_else_reads_the_log(role: Role) -> None:
    assert staff(role).get("/admin/audit/entry/").status_code == 403


def test_nobody_writes_the_log_by_its_page() -> None:
    client = staff(Role.SUPER_ADMIN)
    assert client.get("/admin/audit/entry/add/").status_code == 403
    TestClock.objects.create(name="x", frozen_time=AT)
    entry = Entry.objects.filter(table_name="clocks_testclock").get()
    assert client.post(f"/admin/audit/entry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"/admin/audit/entry/{entry.pk}/change/", {"actor": "x"}).status_code == 403


def test_finance_reads_the_books_and_the_trial_balance() -> None:
    with unit_of_work(system("tests")):
        issued = rules.issue(
            deferred=4900, tax=931, currency="EUR", source_type="invoice", source_id=uuid4(), account_id=uuid4(),
            on=date(2026, 4, 1),
        )  # fmt: skip
        actions.post([issued], at=AT)
    client = staff(Role.FINANCE_VIEWER)
    entry = LedgerEntry.objects.get()
    assert str(issued.source_id) in client.get("/admin/ledger/entry/", {"kind": "issue"}).text
    assert "58.31 EUR" in client.get(f"/admin/ledger/entry/{entry.pk}/change/").text
    page = client.get("/admin/ledger/entry/trial-balance/")
    assert page.status_code == 200
    assert "deferred_revenue" in page.text
    assert "UNBALANCED" not in page.text


def test_support_does_not_read_the_books() -> None:
    client = staff(Role.SUPPORT_REP)
    assert client.get("/admin/ledger/entry/").status_code == 403
    assert client.get("/admin/ledger/entry/trial-balance/").status_code == 403
    assert client.get("/admin/clocks/testclock/").status_code == 200
