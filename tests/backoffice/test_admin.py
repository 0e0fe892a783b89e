"""Every staff page by role, what it costs, and what its buttons do."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.access.models import User
from apps.access.rules import Role, may
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.admin import RecordAdmin
from apps.subscriptions.models import Subscription
from tests.accounts.test_admin import staff
from tests.backoffice.asking import asked
from tests.factories.subscriptions import make_subscription

pytestmark = pytest.mark.django_db


def lists() -> list[tuple[str, str]]:
    """Each list with its row of the role table."""
    pages = [(model._meta, page) for model, page in admin.site._registry.items()]
    return [
        (reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"),
         page.resource if isinstance(page, RecordAdmin) else "users")
        for meta, page in pages
    ]  # fmt: skip


FORMS = ("/plan/", "/coupon/", "/testclock/", "/policy/", "/bankline/", "/infrastructurecost/",
         "/apikey/")  # fmt: skip
ROLES = [
    pytest.param(role, marks=() if role in (Role.SUPER_ADMIN, Role.FINANCE_VIEWER) else pytest.mark.long)
    for role in Role
]
"""The two that differ most in every run, the others in the long one."""


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize("role", ROLES)
def test_every_list_is_for_whom_the_table_says(role: Role) -> None:
    browser = staff(role)
    for path, resource in lists():
        wanted = 200 if may(role, resource, "read") else 403
        assert browser.get(path).status_code == wanted, path
        assert Client().get(path).status_code == 302, path
        has_form = path.endswith(FORMS) and may(role, resource, "write")
        if resource != "users":
            assert browser.get(f"{path}add/").status_code == (200 if has_form else 403), path


def cost(browser: Client, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200, path
    return len(captured)


@pytest.mark.long
def test_pages_cost_the_same_for_one_row_and_for_twenty() -> None:
    made = make_subscription()
    invoice = Invoice.objects.get(account=made.account)
    browser = staff(Role.SUPER_ADMIN)
    details = [
        reverse("admin:accounts_account_change", args=[made.account_id]),
        reverse("admin:invoices_invoice_change", args=[invoice.pk]),
        reverse("admin:subscriptions_subscription_change", args=[made.pk]),
        "/admin/", f"/admin/find/?q={invoice.number}",
    ]  # fmt: skip
    paths = [*details, *(path for path, _ in lists())]
    before = {path: cost(browser, path) for path in paths}
    for _ in range(20):
        make_subscription()
    assert {path: cost(browser, path) for path in paths} == before
    assert max(before.values()) <= 20


def test_support_sees_no_sums_and_finance_does() -> None:
    make_subscription()
    assert "Open invoices" not in staff(Role.SUPPORT_REP).get("/admin/").content.decode()
    assert "Open invoices" in staff(Role.FINANCE_VIEWER).get("/admin/").content.decode()


@pytest.mark.parametrize(("role", "status"), [(Role.SUPPORT_REP, 302), (Role.FINANCE_VIEWER, 403)])
def test_a_subscription_is_cancelled_by_whom_may(role: Role, status: int) -> None:
    made = make_subscription(at=clock.wall())
    path = reverse("admin:subscriptions_subscription_cancel", args=[made.pk])
    browser = staff(role)
    page = asked(browser, "subscriptions_subscription_cancel", made).look(reason="moved")
    assert page.status == (200 if status == 302 else 403)
    assert browser.post(path, {"seen": page.seen, "reason": "moved"}).status_code == status
    made.refresh_from_db()
    assert (made.status == "CANCELLED") == (status == 302)
    assert (Subscription.objects.get().cancellation_reason == "moved") == (status == 302)
    if status == 302:
        # A second time, from a page that is out of date: refused, in words.
        again = browser.post(path, {"seen": page.seen, "reason": "moved"})
        assert (again.status_code, "It has ended already" in again.content.decode()) == (200, True)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT actor FROM audit_entry WHERE table_name = 'subscriptions_subscription'"
                " AND row_id = %s AND operation = 'UPDATE'",
                [str(made.pk)],
            )
            assert (str(User.objects.get().actor),) in cursor.fetchall()


def test_only_staff_pages_may_build_functions() -> None:
    assert "'unsafe-eval'" in Client().get("/admin/login/")["Content-Security-Policy"]
    assert "'unsafe-eval'" not in Client().get("/docs")["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_api_has_the_strict_policy_and_no_session() -> None:
    page, answer = Client().get("/docs"), Client().get("/v1/invoices")
    assert (page.status_code, answer.status_code) == (200, 401)
    assert answer["Content-Security-Policy"] == page["Content-Security-Policy"]
    assert not hasattr(answer.wsgi_request, "session")
    assert not hasattr(answer.wsgi_request, "_messages")
    assert hasattr(page.wsgi_request, "session")
