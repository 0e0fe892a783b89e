"""Creation: one unit with its invoices and the wish to be paid, on the account's days, and what is refused."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from apps.accounts.models import Account
from apps.events import registry
from apps.events.models import Event
from apps.invoices.models import Invoice, Line, NumberSeries
from apps.kernel.errors import DomainError
from apps.kernel.money import MAX_AMOUNT
from apps.ledger.models import Posting
from apps.monitoring.invariants import broken
from apps.payments.models import Payment
from apps.payments.stripe import StripeGateway
from apps.plans.actions import update as update_plan
from apps.subscriptions.actions.create import NewSubscription, create
from apps.subscriptions.models import BilledPeriod, Subscription
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription, with_card
from tests.subscriptions.lives import refused

TODAY = AT.date()


@pytest.mark.django_db
@pytest.mark.fr("FR-026", "FR-041")
def test_subscription_invoice_and_wish_to_be_paid() -> None:
    account = make_account(timezone="America/New_York")
    card = with_card(account)
    made = make_subscription(account=account, quantity=3, external_key="sub-1", metadata={"seat": "a"})
    stored = Subscription.objects.get()
    for field in Subscription._meta.concrete_fields:
        assert getattr(made, field.attname) == getattr(stored, field.attname), field.name
    assert (stored.status, stored.quantity, stored.version) == ("ACTIVE", 3, 1)
    assert stored.current_period_start == datetime(2026, 4, 1, 4, tzinfo=UTC)
    assert stored.current_period_end == stored.next_billing_at == datetime(2026, 5, 1, 4, tzinfo=UTC)
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.total, invoice.kind, invoice.issue_date) == ("OPEN", 14700, "subscription", TODAY)
    line = invoice.lines.get()
    assert (line.quantity, line.unit_amount, line.description, line.plan_version) == (3, 4900, "Pro x 3", 1)
    assert (line.period_start, line.period_end) == (stored.current_period_start, stored.current_period_end)
    payment = Payment.objects.get()
    assert (payment.status, payment.amount, payment.invoice_id, payment.payment_method_id) == (
        "PENDING", 14700, invoice.pk, card.pk,
    )  # fmt: skip
    assert BilledPeriod.objects.get().line_id == line.pk
    assert broken() == []


@pytest.fixture
def failing_listener() -> Any:
    def fail(events: Sequence[Event]) -> None:
        assert Invoice.objects.exists()
        assert Payment.objects.exists()
        raise RuntimeError("the last part of the unit fails")

    registry.subscribe("invoice.created", name="tests.fails", inline=True)(fail)
    yield
    registry.unsubscribe("tests.fails")


@pytest.mark.fr("FR-026")
def test_all_of_it_is_recorded_or_none(committed_db: str, failing_listener: None) -> None:
    account, plan = make_account(), make_plan()
    with_card(account)
    events = Event.objects.count()
    with pytest.raises(RuntimeError, match="the last part"):
        make_subscription(account=account, plan=plan, start_date=TODAY - timedelta(days=40))
    for model in (Subscription, BilledPeriod, Invoice, Line, Payment, Posting, NumberSeries):
        assert not model.objects.exists(), model
    assert Event.objects.count() == events
    registry.unsubscribe("tests.fails")
    make_subscription(account=account, plan=plan, start_date=TODAY - timedelta(days=40))
    assert list(Invoice.objects.order_by("number").values_list("number", flat=True)) == [
        "INV-2026-000001", "INV-2026-000002",
    ]  # fmt: skip
    assert Payment.objects.filter(status="PENDING").count() == 2


@pytest.mark.fr("FR-026")
def test_the_gateway_is_not_called_within(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def called(*_: Any, **__: Any) -> None:
        raise AssertionError("creation called the gateway")

    names = [name for name in dir(StripeGateway) if not name.startswith("_") and callable(getattr(StripeGateway, name))]
    assert "charge" in names
    for name in names:
        monkeypatch.setattr(StripeGateway, name, called)
    account = make_account()
    with_card(account)
    make_subscription(account=account)
    assert Payment.objects.get().calls == 0


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """What each comes to, begun at one moment on connections of their own: a code of refusal, or 'made'."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> str:
        try:
            start.wait()
            call()
        except DomainError as refusal:
            return f"{refusal.status} {refusal.code}"
        finally:
            connections.close_all()
        return "made"

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


@pytest.mark.fr("FR-035")
def test_of_several_creations_at_once_one_is_made(committed_db: str) -> None:
    account, plan = make_account(), make_plan()
    with_card(account)
    outcome = at_once(*[lambda: make_subscription(account=account, plan=plan)] * 4)
    assert outcome == ["409 subscription_exists"] * 3 + ["made"]
    assert [model.objects.count() for model in (Subscription, Invoice, Payment, BilledPeriod)] == [1, 1, 1, 1]
    assert broken() == []


@pytest.mark.fr("FR-036")
def test_of_several_keys_at_once_one_is_taken(committed_db: str) -> None:
    plan, payers = make_plan(), [make_account() for _ in range(4)]
    outcome = at_once(
        *[lambda payer=payer: make_subscription(account=payer, plan=plan, external_key="k") for payer in payers]
    )
    assert outcome == ["409 external_key_taken"] * 3 + ["made"]
    assert (Subscription.objects.count(), Invoice.objects.count()) == (1, 1)
    assert broken() == []


@pytest.mark.django_db
@pytest.mark.fr("FR-035", "FR-036")
def test_what_is_there_already_is_refused() -> None:
    account, plan = make_account(), make_plan()
    first = make_subscription(account=account, plan=plan, external_key="k")
    twice = refused(account=account, plan=plan)
    assert (twice.status, twice.code) == (409, "subscription_exists")
    assert str(first.pk) in twice.detail
    taken = refused(external_key="k")
    assert (taken.status, taken.code, taken.errors[0].pointer) == (409, "external_key_taken", "/external_key")
    # Another plan, or the same one after the end of the first, is welcome; nobody's key is nobody's.
    make_subscription(account=account)
    Subscription.objects.filter(pk=first.pk).update(
        status="CANCELLED", next_billing_at=None, cancelled_at=first.created_at
    )
    make_subscription(account=account, plan=plan)
    assert Subscription.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.fr("FR-040")
def test_a_blocked_account_gets_nothing_new() -> None:
    account = make_account()
    Account.objects.filter(pk=account.pk).update(overdue_status="BLOCKED")
    refusal = refused(account=account)
    assert (refusal.status, refusal.code) == (409, "account_blocked")
    Account.objects.filter(pk=account.pk).update(overdue_status="WARNING")
    assert make_subscription(account=account).status == "ACTIVE"


@pytest.mark.django_db
@pytest.mark.fr("FR-026")
def test_what_makes_no_sense_is_refused() -> None:
    account, plan = make_account(), make_plan()
    for new, code in (
        (NewSubscription(account_id=uuid4(), plan_id=plan.pk), "account_unknown"),
        (NewSubscription(account_id=account.pk, plan_id=uuid4()), "plan_unknown"),
    ):
        with pytest.raises(DomainError) as unknown:
            create(new=new, at=AT, actor=ACTOR)
        assert (unknown.value.status, unknown.value.code) == (422, code)
    for fields, code in (
        ({"start_date": TODAY + timedelta(days=1)}, "start_in_future"),
        ({"bill_from": TODAY + timedelta(days=1)}, "bill_from_outside"),
        ({"start_date": TODAY, "bill_from": TODAY - timedelta(days=1)}, "bill_from_outside"),
        ({"trial_days": 7, "bill_from": TODAY}, "bill_from_outside"),
        ({"plan": make_plan(prices={"USD": MAX_AMOUNT}), "quantity": 2}, "amount_too_large"),
        # A free or short beginning does not hide a price that can never be billed.
        ({"plan": make_plan(prices={"USD": MAX_AMOUNT}), "quantity": 2, "trial_days": 14}, "amount_too_large"),
        ({"plan": make_plan(prices={"USD": MAX_AMOUNT}), "quantity": 10**9}, "amount_too_large"),
    ):
        refusal = refused(account=account, **{"plan": plan, **fields})
        assert (refusal.status, refusal.code) == (422, code), fields
    assert not Subscription.objects.exists()
    assert make_subscription(account=account, plan=make_plan(prices={"USD": MAX_AMOUNT})).status == "ACTIVE"


@pytest.mark.django_db
@pytest.mark.fr("FR-102")
def test_a_price_that_is_missing_and_a_plan_that_is_not_sold() -> None:
    plan = make_plan(prices={"USD": 4900, "EUR": 4500})
    missing = refused(account=make_account(currency="JPY"), plan=plan)
    assert (missing.status, missing.code) == (422, "price_missing")
    assert "EUR, USD" in missing.hint
    other = make_plan(name="Basic")
    update_plan(plan_id=plan.pk, changes={"active": False}, expected_version=None, at=AT, actor=ACTOR)
    inactive = refused(plan=plan)
    assert (inactive.status, inactive.code) == (422, "plan_inactive")
    assert other.name in inactive.hint
