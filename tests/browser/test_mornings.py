"""What each role's morning holds: the customer, the newest invoice, its PDF, why a payment failed, the last run."""

from dataclasses import dataclass

import pytest

from apps.accounts.models import Account
from apps.invoices.models import Invoice
from apps.subscriptions.models import BillingRun, Subscription
from tests.browser.conftest import Desk
from tests.factories.invoices import AT, payer
from tests.factories.payments import attach, run_sweep
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

ROLES = ("super_admin", "billing_admin", "support_rep", "finance_viewer")
EACH = [pytest.param(role, marks=() if role in ("super_admin", "support_rep") else pytest.mark.long) for role in ROLES]


@dataclass
class Company:
    account: Account
    subscription: Subscription
    invoice: Invoice
    run: BillingRun


@pytest.fixture
def company(server: str) -> Company:
    """Grace, whose card is declined, and a run that has ended."""
    account = payer(email="grace@example.com", name="Grace Hopper")
    attach(account, "pm_card_chargeCustomerFail")
    subscription = make_subscription(account=account, plan=make_plan())
    run_sweep()
    run = BillingRun.objects.create(at=AT, status="FINISHED", due=1, done=1, invoices=1, failed=0, finished_at=AT)
    return Company(account, subscription, Invoice.objects.get(account=account), run)


def detail(of: object) -> str:
    meta = of._meta  # type: ignore[attr-defined]
    return f"/admin/{meta.app_label}/{meta.model_name}/{of.pk}/change/"  # type: ignore[attr-defined]


@pytest.mark.fr("FR-005", "FR-046")
@pytest.mark.parametrize("role", EACH)
def test_a_morning(desk: Desk, company: Company, role: str) -> None:
    page = desk.page
    desk.sign_in(role)
    assert desk.open("/admin/accounts/account/") == 200
    page.locator("input[name=q]").first.fill("grace@example.com")
    page.locator("input[name=q]").first.press("Enter")
    page.locator(f"a[href*='{company.account.pk}']").first.click()
    page.wait_for_url(f"**/{company.account.pk}/**")
    text = page.locator("body").inner_text()
    assert "Grace Hopper" in text
    assert "bank refused" in text  # why the payment failed

    page.locator(f"a[href*='{company.invoice.pk}']").first.click()
    page.wait_for_url(f"**/{company.invoice.pk}/**")
    assert company.invoice.number in page.locator("body").inner_text()
    pdf = page.locator("a[href*='pdf']").first.get_attribute("href")
    assert pdf
    answer = page.request.get(desk.url + pdf if pdf.startswith("/") else pdf)
    assert (answer.status, answer.headers["content-type"], answer.body()[:5]) == (200, "application/pdf", b"%PDF-")

    assert desk.open("/admin/subscriptions/billingrun/") == 200
    page.locator(f"a[href*='{company.run.pk}']").first.click()
    page.wait_for_url(f"**/{company.run.pk}/**")
    assert "FINISHED" in page.locator("body").inner_text().upper()


REFUSED = {
    "super_admin": [],
    "billing_admin": ["/admin/access/apikey/", "/admin/access/user/", "/admin/audit/entry/"],
    "support_rep": ["/admin/access/apikey/", "/admin/access/user/", "/admin/audit/entry/", "/admin/ledger/entry/"],
    "finance_viewer": [
        "/admin/access/apikey/", "/admin/access/user/", "/admin/audit/entry/", "/admin/events/event/",
    ],
}  # fmt: skip
EVERYTHING = {path for paths in REFUSED.values() for path in paths}


@pytest.mark.parametrize("role", EACH)
def test_what_the_table_refuses_is_neither_linked_nor_answered(desk: Desk, company: Company, role: str) -> None:
    desk.sign_in(role)
    shown = {path for path in EVERYTHING if desk.has_link(path)}
    assert shown == EVERYTHING - set(REFUSED[role])
    answers = {path: desk.open(path) for path in sorted(EVERYTHING)}
    assert answers == {path: 403 if path in REFUSED[role] else 200 for path in sorted(EVERYTHING)}


@pytest.mark.parametrize("role", EACH)
def test_who_may_cancel(desk: Desk, company: Company, role: str) -> None:
    """Support may end a subscription, a Finance Viewer may only look at it."""
    desk.sign_in(role)
    page, allowed = desk.page, role != "finance_viewer"
    assert desk.open(detail(company.subscription)) == 200
    assert desk.has_link("/cancel") is allowed
    assert desk.open(detail(company.subscription).replace("/change/", "/cancel")) == (200 if allowed else 403)
    assert Subscription.objects.get().status == "ACTIVE"
    assert page.url.endswith("/cancel")


def test_a_wrong_password_lets_nobody_in(desk: Desk) -> None:
    assert desk.open("/admin/accounts/account/") == 200
    desk.page.get_by_label("Username").fill("nobody")
    desk.page.locator("input[type=password]").fill("nothing at all")
    desk.page.locator("input[type=password]").press("Enter")
    desk.page.get_by_text("Please enter the correct").first.wait_for()
    assert "/admin/login/" in desk.page.url
