"""What staff do to invoices, customers, credits, coupons and clocks: shown before it is done, by role."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from apps.access.rules import Role
from apps.clocks.models import TestClock
from apps.coupons.models import Coupon
from apps.credits.models import Grant
from apps.credits.queries import grants
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import CreditNote, Invoice
from apps.invoices.queries import balances
from apps.kernel import clock
from apps.kernel.ids import uuid7
from apps.monitoring.invariants import broken
from apps.plans import actions as plans
from apps.subscriptions.models import BulkMove
from tests.accounts.test_admin import staff
from tests.backoffice.asking import asked
from tests.factories.credits import credit
from tests.factories.invoices import ACTOR, payer
from tests.factories.invoices import invoice as issued
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

pytestmark = pytest.mark.django_db


def invoice(**fields: Any) -> Invoice:
    return issued(at=clock.wall(), **fields)


@pytest.mark.fr("FR-092", "FR-139")
def test_a_credit_note_is_shown_in_parts_and_issued() -> None:
    one, browser = invoice(), staff(Role.SUPPORT_REP)
    page = asked(browser, "invoices_invoice_credit_note", one).look(amount="10.00", reason="late")
    for text in ("10.00 USD", "Off the open balance 10.00 USD", "To the account's credit 0.00 USD"):
        assert text in page.page, text
    assert not CreditNote.objects.exists()
    assert page.confirm(amount="10.00", reason="late") == f"A credit note for {one} is issued."
    assert (CreditNote.objects.get().total, balances([one.pk])[one.pk].balance) == (1000, 3900)
    # A second press is another state: it would be a second note.
    assert "Something has changed" in page.confirm(amount="10.00", reason="late")
    assert CreditNote.objects.count() == 1
    rest = asked(browser, "invoices_invoice_credit_note", one).look(reason="all of it")
    assert "Total with tax 39.00 USD" in rest.page
    for wrong, text in (("10.005", "2 digits"), ("-1", "greater than or equal to 0"), ("x", "number"), ("60", "left")):
        refused = asked(browser, "invoices_invoice_credit_note", one).look(amount=wrong, reason="x")
        assert (refused.seen, text in refused.page) == ("", True), (wrong, refused.page)


@pytest.mark.fr("FR-040", "FR-139")
def test_void_with_and_without_a_correction() -> None:
    browser = staff(Role.BILLING_ADMIN)
    made = make_subscription(at=clock.wall())
    first = Invoice.objects.get()
    page = asked(browser, "invoices_invoice_void", first).look(replace_it="yes", reason="wrong address")
    assert "Total 49.00 USD" in page.page
    assert page.confirm(replace_it="yes", reason="wrong address") == (
        f"{first} is void. A corrected invoice stands in its place."
    )
    second = Invoice.objects.exclude(pk=first.pk).get()
    assert (second.kind, second.replaces_id) == ("correction", first.pk)
    assert "It is void already" in asked(browser, "invoices_invoice_void", first).open().page
    waived = asked(browser, "invoices_invoice_void", second).look(replace_it="no", reason="a gift")
    assert "Nothing is billed" in waived.page
    assert "Nothing stands in its place" in waived.confirm(replace_it="no", reason="a gift")
    made.refresh_from_db()
    assert (made.status, broken()) == ("ACTIVE", [])
    assert "This field is required" in asked(browser, "invoices_invoice_void", invoice()).look(replace_it="yes").page


@pytest.mark.fr("B-24", "FR-139")
def test_a_debt_is_given_up_and_claimed_again() -> None:
    one, browser = invoice(), staff(Role.BILLING_ADMIN)
    page = asked(browser, "invoices_invoice_write_off", one).look(reason="bankrupt")
    assert "Balance 49.00 USD" in page.page
    assert page.confirm(reason="bankrupt") == f"What was left of {one} is given up."
    claimed = asked(browser, "invoices_invoice_claim_again", one).open()
    assert "Balance 49.00 USD" in claimed.page
    assert claimed.confirm() == f"{one} is claimed again."
    one.refresh_from_db()
    assert one.status == "OPEN"
    assert "It is not written off" in asked(browser, "invoices_invoice_claim_again", one).open().page
    for role in (Role.SUPPORT_REP, Role.FINANCE_VIEWER):
        assert asked(staff(role), "invoices_invoice_write_off", one).open().status == 403


@pytest.mark.fr("FR-095", "FR-139")
def test_credit_is_put_against_an_open_invoice() -> None:
    account = payer()
    one, browser = invoice(account=account), staff(Role.SUPPORT_REP)
    assert "no credit to use" in asked(browser, "invoices_invoice_apply_credit", one).open().page
    credit(account, 900)
    page = asked(browser, "invoices_invoice_apply_credit", one).open()
    assert "Paid by the account's credit 9.00 USD" in page.page
    assert "Left to pay 40.00 USD" in page.page
    assert page.confirm() == f"The account's credit is put against {one}."
    assert balances([one.pk])[one.pk].balance == 4000
    record_payment(invoice_id=one.pk, payment_id=uuid7(), amount=4000, paid_at=clock.wall(), actor=ACTOR)
    assert "Nothing of it is left to pay" in asked(browser, "invoices_invoice_apply_credit", one).open().page


@pytest.mark.fr("FR-039", "FR-139")
def test_a_one_off_invoice_of_some_lines() -> None:
    account, browser = payer(), staff(Role.SUPPORT_REP)
    given = {"what_1": "Set-up", "price_1": "120", "what_3": "Training", "quantity_3": "2.5", "price_3": "80.00"}
    page = asked(browser, "accounts_account_one_off_invoice", account).look(**given)
    for text in ("Set-up", "120.00 USD", "Training", "2.5", "200.00 USD", "Total 320.00 USD"):
        assert text in page.page, text
    assert page.confirm(**given) == "The invoice is final and owed."
    assert (Invoice.objects.get().total, Invoice.objects.get().kind) == (32000, "one_off")
    assert "Something has changed" in page.confirm(**given)
    assert Invoice.objects.count() == 1
    for wrong, text in (
        ({}, "An invoice needs a line"),
        ({"what_1": "x"}, "A line needs both"),
        ({"price_2": "1"}, "A line needs both"),
        ({"what_1": "x", "price_1": "1.001"}, "2 digits"),
        ({"what_1": "x", "price_1": "9" * 18}, "more than can be billed"),
        ({"what_1": "x", "price_1": "-5"}, "below zero"),
    ):
        refused = asked(browser, "accounts_account_one_off_invoice", account).look(**wrong)
        assert (refused.seen, text in refused.page) == ("", True), (wrong, refused.page)


@pytest.mark.fr("FR-093", "FR-139")
def test_a_credit_is_granted_and_taken_back() -> None:
    account, browser = payer(currency="JPY"), staff(Role.SUPPORT_REP)
    given = {"amount": "1500", "reason": "outage", "expires_on": "2099-01-01"}
    page = asked(browser, "accounts_account_grant_credit", account).look(**given)
    assert "1,500 JPY outage 1 Jan 2099" in page.page
    assert page.confirm(**given).startswith("The credit is granted")
    assert "Something has changed" in page.confirm(**given)
    made = Grant.objects.get()
    assert (made.amount, made.expires_at) == (1500, datetime(2099, 1, 1, tzinfo=UTC))
    back = asked(browser, "credits_grant_void", made).open()
    assert "What remained of it 1,500 JPY" in back.page
    assert back.confirm() == "What remained of the credit is taken back."
    assert grants().get().remaining == 0
    for wrong in ({"amount": "0.5"}, {"amount": "0"}, {"reason": ""}, {"expires_on": "2001-01-01"}):
        assert asked(browser, "accounts_account_grant_credit", account).look(**{**given, **wrong}).seen == "", wrong
    assert asked(staff(Role.FINANCE_VIEWER), "accounts_account_grant_credit", account).open().status == 403


@pytest.mark.fr("B-09", "FR-139")
def test_a_coupon_is_made_and_ended() -> None:
    plan, browser = make_plan(name="Team"), staff(Role.BILLING_ADMIN)
    page = asked(browser, "coupons_coupon_add")
    given = {"code": "SPRING", "name": "Spring", "percent_off": "25", "duration": "once", "plan_ids": [str(plan.pk)]}
    assert page.confirm(**given) == "The coupon SPRING can be used."
    made = Coupon.objects.get()
    assert (made.percent_off, made.amount_off, made.plan_ids) == (Decimal(25), None, [plan.pk])
    page.confirm(code="TEN", name="Ten", amount_off="10.50", currency="USD", duration="forever", redeem_by="2099-01-01")
    ten = Coupon.objects.get(code="TEN")
    assert (ten.amount_off, ten.currency, ten.redeem_by) == (1050, "USD", datetime(2099, 1, 1, tzinfo=UTC))
    for wrong, text in (
        ({"code": "SPRING", "name": "x", "percent_off": "5", "duration": "once"}, "SPRING"),
        ({"code": "A", "name": "x", "duration": "once"}, "percent_off"),
        ({"code": "A", "name": "x", "amount_off": "5", "duration": "once"}, "An amount needs its currency"),
        ({"code": "A", "name": "x", "percent_off": "101", "duration": "once"}, "less than or equal to 100"),
        ({"code": "A", "name": "x", "percent_off": "5", "duration": "repeating"}, "periods"),
    ):
        assert text in page.confirm(**wrong), (wrong, page.page)
    assert Coupon.objects.count() == 2
    assert asked(browser, "coupons_coupon_end", made).open().confirm().startswith("Nobody can take SPRING any more")
    made.refresh_from_db()
    assert not made.active
    assert "It has ended already" in asked(browser, "coupons_coupon_end", made).open().page


@pytest.mark.fr("B-01", "FR-139")
def test_a_clock_is_made_and_moved(settings: Any) -> None:
    settings.BILLING_TEST_CLOCKS = True
    browser = staff(Role.BILLING_ADMIN)
    page = asked(browser, "clocks_testclock_add")
    assert page.confirm(name="Spring", frozen_time="2028-01-31T09:00").startswith("The clock stands")
    made = TestClock.objects.get()
    assert made.frozen_time == datetime(2028, 1, 31, 9, tzinfo=UTC)
    move = asked(browser, "clocks_testclock_advance", made)
    assert "earlier" in move.confirm(frozen_time="2028-01-30T09:00") or "back" in move.page
    assert move.confirm(frozen_time="2028-02-01T09:00").startswith("The clock moves")
    made.refresh_from_db()
    assert (made.status, made.target) == ("ADVANCING", datetime(2028, 2, 1, 9, tzinfo=UTC))
    assert "It is on its way" in move.open().page
    settings.BILLING_TEST_CLOCKS = False
    assert "deployment" in page.confirm(name="x", frozen_time="2028-01-31T09:00")
    assert TestClock.objects.count() == 1


@pytest.mark.fr("FR-022", "FR-139")
def test_subscribers_are_moved_to_another_version() -> None:
    plan = make_plan(prices={"USD": 4900})
    make_subscription(plan=plan, quantity=3, at=clock.wall())
    plans.update(
        plan_id=plan.pk, changes={"prices": {"USD": 5900}}, expected_version=None, at=clock.wall(), actor=ACTOR
    )
    browser = staff(Role.BILLING_ADMIN)
    given = {
        "to_version": "2", "from_version": "", "effective": "period_end", "proration_behavior": "always_invoice",
    }  # fmt: skip
    page = asked(browser, "plans_plan_move_subscribers", plan).look(**given)
    assert "USD 1 147.00 USD 177.00 USD" in page.page
    assert not BulkMove.objects.exists()
    assert page.confirm(**given) == "1 are moved, at the end of their periods."
    assert BulkMove.objects.get().due == 1
    assert "are being moved" in asked(browser, "plans_plan_move_subscribers", plan).look(**given).page
    assert asked(staff(Role.SUPPORT_REP), "plans_plan_move_subscribers", plan).open().status == 403


@pytest.mark.fr("FR-014", "FR-139")
def test_an_account_is_deleted_or_what_is_open_is_named() -> None:
    one, browser = invoice(account=payer(name="Mistaken Ltd")), staff(Role.SUPPORT_REP)
    page = asked(browser, "accounts_account_delete_account", one.account).open()
    assert f"Invoice {one.number} is not paid." in page.page
    free = payer(name="Gone Ltd")
    page = asked(browser, "accounts_account_delete_account", free).open()
    assert page.confirm().startswith("The account is deleted")
    free.refresh_from_db()
    assert free.deleted_at is not None
    one.account.refresh_from_db()
    assert one.account.deleted_at is None
    listed = {query: browser.get(f"/admin/accounts/account/{query}").content.decode() for query in ("", "?deleted=yes")}
    assert ["Gone Ltd" in page for page in listed.values()] == [False, True]
    assert ["Mistaken Ltd" in page for page in listed.values()] == [True, False]
    shown = browser.get(f"/admin/accounts/account/{free.pk}/change/").content.decode()
    assert "Nothing is sold to it; what is held stays." in shown
    for way in ("delete_account", "one_off_invoice", "grant_credit"):
        assert "The account is deleted." in asked(browser, f"accounts_account_{way}", free).open().page
    assert asked(staff(Role.FINANCE_VIEWER), "accounts_account_delete_account", free).open().status == 403
