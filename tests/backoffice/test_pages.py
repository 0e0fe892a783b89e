"""Every page, part and button of the back office by role: what the role table says, and login for nobody."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from apps.access.models import ApiKey
from apps.access.rules import Role, may
from apps.clocks.models import TestClock
from apps.coupons.models import Coupon
from apps.dunning.models import Policy
from apps.kernel.admin import RecordAdmin
from apps.monitoring.models import Alert, InfrastructureCost
from apps.payments.models import BankLine
from apps.plans.models import Plan
from apps.tax.models import TaxId
from tests.accounts.test_admin import staff
from tests.backoffice.desk import detail, lists, resource_of
from tests.backoffice.world import World, world
from tests.factories.einvoices import described

pytestmark = pytest.mark.django_db

EDITED = {"users", "settings"}
"""What is changed in the back office itself; everything else is read, and acted on by buttons."""
ROLES = [
    pytest.param(role, marks=() if role in (Role.SUPER_ADMIN, Role.FINANCE_VIEWER) else pytest.mark.long)
    for role in Role
]
"""The two that differ most in every run, the others in the long one."""


@pytest.mark.fr("FR-005", "FR-139")
@pytest.mark.parametrize("role", ROLES)
def test_every_row_is_read_by_whom_the_table_says_and_edited_by_none(role: Role) -> None:
    world()
    browser = staff(role)
    for address, model, page in lists():
        row = model._default_manager.first()
        assert row is not None, f"no row of {model}"
        wanted = 200 if may(role, resource_of(page), "read") else 403
        for name in ("change", "history"):
            answer = browser.get(detail(row, name))
            assert answer.status_code == wanted, (role, row, name)
            assert "None</" not in answer.content.decode(), (row, "says None")
        assert Client().get(detail(row)).headers["Location"].startswith("/admin/login/"), address
        if isinstance(page, RecordAdmin) and getattr(page, "changed_by", None) is None:
            assert browser.post(detail(row), {"name": "Eve"}).status_code == 403, row
            # Some have a form: what is sent empty is shown again with its faults.
            made = 200 if model in ADDED and may(role, ADDED[model], "write") else 403
            assert browser.post(f"{address}add/", {}).status_code == made, row
        assert browser.post(detail(row, "delete"), {"post": "yes"}).status_code == 403, row
        assert Client().post(detail(row), {}).headers["Location"].startswith("/admin/login/"), row


ADDED: dict[Any, str] = {
    Plan: "plans", Coupon: "coupons", TestClock: "test_clocks", Policy: "dunning_policies", BankLine: "bank_transfers",
    InfrastructureCost: "pending_work", ApiKey: "api_keys",
}  # fmt: skip
"""What has a form, and its row of the role table."""


def routes(of: World) -> list[tuple[str, Any, str, str]]:
    """Each page and button beside lists and rows: name, row, and its row and right of the role table."""
    return [
        ("invoices_invoice_pdf", of.invoice, "invoices", "read"),
        ("invoices_invoice_xml", of.invoice, "invoices", "read"),
        ("invoices_invoice_send_again", of.invoice, "invoices", "write"),
        ("subscriptions_billingrun_progress", of.run, "billing_runs", "read"),
        ("subscriptions_billingrun_retry", of.run, "billing_runs", "write"),
        ("subscriptions_billingrun_dry_run", of.run, "billing_runs", "write"),
        ("subscriptions_billingrun_approve", of.run, "billing_runs", "write"),
        ("subscriptions_billingrun_pause", of.run, "billing_runs", "write"),
        ("subscriptions_billingrun_resume", of.run, "billing_runs", "write"),
        ("subscriptions_subscription_usage", of.subscription, "usage", "read"),
        ("subscriptions_subscription_change_plan", of.subscription, "subscriptions", "write"),
        ("subscriptions_subscription_unschedule", of.subscription, "subscriptions", "write"),
        ("subscriptions_subscription_detach_coupon", of.subscription, "subscriptions", "write"),
        ("subscriptions_subscription_pause", of.subscription, "subscriptions.life", "write"),
        ("subscriptions_subscription_resume", of.subscription, "subscriptions.life", "write"),
        ("subscriptions_subscription_cancel", of.subscription, "subscriptions.life", "write"),
        ("subscriptions_subscription_cancel_at_period_end", of.subscription, "subscriptions.life", "write"),
        ("subscriptions_subscription_uncancel", of.subscription, "subscriptions.life", "write"),
        ("invoices_invoice_credit_note", of.invoice, "credit_notes", "write"),
        ("invoices_invoice_apply_credit", of.invoice, "credits", "write"),
        ("invoices_invoice_write_off", of.invoice, "write_off", "write"),
        ("invoices_invoice_claim_again", of.invoice, "write_off", "write"),
        *(
            (f"monitoring_alert_{way}", Alert.objects.latest("pk"), "pending_work", "write")
            for way in ("acknowledge", "assign", "resolve")
        ),
        ("invoices_invoice_pay", of.invoice, "payments.collect", "write"),
        ("payments_payment_refund", of.payment, "refunds", "write"),
        ("payments_difference_apply", of.difference, "reconciliation", "write"),
        ("payments_difference_assign", of.difference, "reconciliation", "write"),
        ("payments_difference_dismiss", of.difference, "reconciliation", "write"),
        ("invoices_invoice_void", of.invoice, "invoices", "write"),
        ("accounts_account_one_off_invoice", of.account, "invoices", "write"),
        ("accounts_account_grant_credit", of.account, "credits", "write"),
        ("accounts_account_delete_account", of.account, "accounts", "write"),
        ("accounts_account_export", of.account, "exports", "read"),
        ("accounts_account_export_all", None, "exports", "read"),
        ("accounts_account_hold_dunning", of.account, "dispute_hold", "write"),
        ("accounts_account_release_dunning", of.account, "dispute_hold", "write"),
        ("accounts_account_send_reminder", of.account, "invoices", "write"),
        ("accounts_account_dunning_policy", of.account, "dunning_policies", "write"),
        ("dunning_policy_publish", of.policy, "dunning_policies", "write"),
        ("dunning_policy_make_default", of.policy, "dunning_policies", "write"),
        ("dunning_standing_hold_dunning", None, "dispute_hold", "write"),
        ("dunning_standing_release_dunning", None, "dispute_hold", "write"),
        ("dunning_standing_send_reminder", None, "invoices", "write"),
        ("dunning_standing_dunning_policy", None, "dunning_policies", "write"),
        ("notifications_suppression_lift", of.suppression, "invoices", "write"),
        ("notifications_wording_words", None, "dunning_policies", "read"),
        ("notifications_wording_say", ("welcome_back", "en"), "dunning_policies", "write"),
        ("notifications_wording_reset", ("account_settled", "en"), "dunning_policies", "write"),
        ("notifications_wording_try", ("welcome_back", "de"), "dunning_policies", "write"),
        ("credits_grant_void", of.grant, "credits", "write"),
        ("coupons_coupon_end", of.coupon, "coupons", "write"),
        ("tax_taxid_ask_again", TaxId.objects.latest("pk"), "tax_rates", "write"),
        ("clocks_testclock_advance", of.clock, "test_clocks", "write"),
        ("plans_plan_move_subscribers", of.subscription.plan, "bulk_moves", "write"),
        ("plans_plan_rate_again", of.subscription.plan, "reratings", "write"),
        ("subscriptions_rerating_bill", of.rerating, "reratings", "write"),
        ("plans_plan_new_version", of.subscription.plan, "plans", "write"),
        ("plans_plan_selling", of.subscription.plan, "plans", "write"),
        ("access_apikey_rotate", ApiKey.objects.latest("pk"), "api_keys", "write"),
        ("access_apikey_revoke", ApiKey.objects.latest("pk"), "api_keys", "write"),
        ("access_apikey_many_revoke", None, "api_keys", "write"),
        ("ledger_trial_balance", None, "ledger", "read"),
    ]


def test_no_route_is_forgotten() -> None:
    usual = {"changelist", "add", "history", "delete", "change"}
    own = {
        pattern.name
        for model, page in admin.site._registry.items()
        for pattern in page.get_urls()
        if pattern.name and pattern.name.rpartition("_")[2] not in usual and pattern.name != "auth_user_password_change"
    }
    assert own == {name for name, *_ in routes(world())}


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize("role", ROLES)
def test_every_button_by_role(role: Role) -> None:
    browser, posts = (
        staff(role),
        {"send_again", "retry", "dry_run", "approve", "billingrun_pause", "billingrun_resume", "wording_try"},
    )
    of = world()
    described()
    for name, row, resource, right in routes(of):
        path = reverse(f"admin:{name}", args=row if isinstance(row, tuple) else [row.pk] if row else [])
        asked, sent = browser.get(path).status_code, browser.post(path, {}).status_code
        if not may(role, resource, right):
            assert (asked, sent) == (403, 403), name
        elif name.endswith(tuple(posts)):
            assert (asked, sent) == (405, 302), name
        elif name.startswith("accounts_account_export"):
            assert (asked, sent) == (200, 405), name
        else:
            # Nobody is chosen: back to the queue.
            page = 302 if name.startswith(("dunning_standing", "access_apikey_many")) else 200
            assert (asked, sent) == (page, 302 if name == "plans_plan_selling" else page), name
        for answer in (Client().get(path), Client().post(path, {})):
            assert answer.headers["Location"].startswith("/admin/login/"), name


@pytest.mark.parametrize("role", list(Role))
def test_a_button_stands_where_it_may_be_pressed(role: Role) -> None:
    of, browser = world(), staff(role)

    def has(row: Any, text: str) -> bool:
        return text in browser.get(detail(row)).content.decode()

    assert has(of.invoice, ">PDF<")
    assert has(of.account, "/export") == may(role, "exports", "read")
    assert has(of.invoice, "/send-again") == may(role, "invoices", "write")
    assert has(of.run, "/retry") == may(role, "billing_runs", "write")
    assert has(of.subscription, "/cancel") == may(role, "subscriptions.life", "write")
    assert not has(of.subscription, "/uncancel")


@pytest.mark.parametrize("word", ["nothing", "0", "%27", "00000000-0000-0000-0000-000000000000", "9" * 40, "_00"])
def test_an_id_that_is_none_is_told_and_never_a_crash(word: str) -> None:
    browser = staff(Role.SUPER_ADMIN)
    for address, _, _ in lists():
        for part in ("change", "history", "delete"):
            assert browser.get(f"{address}{word}/{part}/").status_code in (302, 403, 404), address
    for path in ("invoices/invoice/{}/pdf", "invoices/invoice/{}/xml", "invoices/invoice/{}/send-again",
                 "subscriptions/billingrun/{}/progress", "subscriptions/billingrun/{}/retry",
                 "subscriptions/subscription/{}/cancel"):  # fmt: skip
        assert browser.post(f"/admin/{path.format(word)}").status_code in (302, 404, 405), path


QUERIES = (
    "q=%00", "q=%27%22%3B--%25_%5C", f"q={'x' * 3000}", "p=none&o=x.y", "p=99999999", "nothing__at__all=1",
    "account__id__exact=nothing", "status__exact=NOTHING",
)  # fmt: skip


@pytest.mark.long
def test_a_filter_that_is_none_is_no_crash() -> None:
    world()
    browser, crashed = staff(Role.SUPER_ADMIN), []
    browser.raise_request_exception = False

    def ask(path: str) -> Any:
        answer = browser.get(path, follow=True)
        if answer.status_code not in (200, 400):
            crashed.append(path[:80])
        return answer

    for address, _, _ in lists():
        known = [name for spec in ask(address).context["cl"].filter_specs for name in spec.expected_parameters()]
        for query in (*QUERIES, *(f"{name}={value}" for name in known for value in ("nothing", "1e9"))):
            ask(f"{address}?{query}")
    for term in ("%00", "%27%25_%5C", "x" * 3000, "%F0%9F%92%B8"):
        ask(f"/admin/?clock={term}")
        ask(f"/admin/find/?q={term}")
        ask(f"/admin/search/?s={term}")
    assert crashed == []
