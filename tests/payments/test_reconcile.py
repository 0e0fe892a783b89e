"""The hourly look, with the real gateway code against the sandbox: what was lost is found, what differs is a task."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.schedule import Scope
from apps.ledger.models import Posting
from apps.monitoring.readings import reconciliation_differences
from apps.payments import due
from apps.payments.actions import differences
from apps.payments.actions.reconcile import begin
from apps.payments.models import Difference, GatewayCustomer, GatewayMovement, GatewayNotice, Payment, Reconciliation
from tests.factories.invoices import payer
from tests.factories.payments import ACTOR, attach, owing, run_sweep
from tests.factories.returns import clearing, paid, standing
from tests.stripe_sandbox.conftest import Sandbox


class Hours:
    """Time that goes on by hours, each with its look; the rows' own times stay those of the wall."""

    def __init__(self) -> None:
        # Early in a day: what is looked at once a day is the same day for a while. And soon after the charges, which
        # are not listed any more once a look of a day later has ended.
        now = clock.wall()
        self.at = now if now.hour < 12 else (now + timedelta(days=1)).replace(hour=1)

    def look(self, *, hours: int = 2) -> Reconciliation:
        """A look some hours later, worked off, and whatever it asks for."""
        self.at += timedelta(hours=hours)
        assert begin(at=self.at, actor=ACTOR) == 1
        run_sweep()
        row = Reconciliation.objects.order_by("-pk")[0]
        assert row.finished_at, row.last_error
        return row


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Sandbox]:
    """A gateway of the test's own: whatever it lists, this test has charged."""
    sandbox = Sandbox(tmp_path / "sandbox", "--retry-base", "0.05")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def hours(books: str, sandbox: Sandbox) -> Hours:
    return Hours()


def tasks(**fields: Any) -> list[tuple[str, str, str, int, int]]:
    rows = Difference.objects.filter(**fields).order_by("kind", "pk")
    return [(row.kind, row.status, row.fix, row.outside_amount, row.our_amount) for row in rows]


def charge_at_gateway(sandbox: Sandbox, account: Any, amount: int, **metadata: str) -> str:
    """A charge that somebody makes in the gateway's dashboard."""
    customer = GatewayCustomer.objects.get(account=account).gateway_id
    client = sandbox.client()
    [card, *_] = client.v1.customers.payment_methods.list(customer).data
    intent = client.v1.payment_intents.create(
        {
            "amount": amount, "currency": "usd", "customer": customer, "payment_method": card.id, "confirm": True,
            "off_session": True, "metadata": metadata,
        }
    )  # fmt: skip
    return str(intent.id)


def ended_unheard(sandbox: Sandbox, amount: int = 4900) -> Payment:
    """A payment that was charged while we died: PENDING, and nobody is going to ask about it."""
    account, payment = owing(amount)
    charge_at_gateway(sandbox, account, amount, payment_id=str(payment.pk))
    Payment.objects.filter(pk=payment.pk).update(next_call_at=None, calls=1, version=F("version") + 1)
    return payment


@pytest.mark.fr("FR-071", "B-11")
def test_a_charge_that_nobody_heard_of_is_found_and_its_invoice_paid(hours: Hours, sandbox: Sandbox) -> None:
    payment = ended_unheard(sandbox)
    assert run_sweep() == 0
    assert standing(payment) == ("OPEN", 4900)
    look = hours.look()
    assert (look.asked, look.found) == (1, 0)
    payment.refresh_from_db()
    assert payment.status == "SUCCEEDED"
    assert standing(payment) == ("PAID", 0)
    assert len(sandbox.charges(payment_id=str(payment.pk))) == 1
    assert tasks() == []
    assert (hours.look().asked, tasks()) == (0, [])


@pytest.mark.fr("FR-071")
def test_what_agrees_is_no_task_and_what_is_under_way_neither(hours: Hours, sandbox: Sandbox) -> None:
    paid(5000)
    look = hours.look()
    assert (look.whole, look.asked, look.found) == (True, 0, 0)
    assert look.listed >= 1
    ended_unheard(sandbox)
    again = hours.look(hours=1)
    assert again.whole is False
    Payment.objects.filter(status="PENDING").update(next_call_at=clock.wall())
    Reconciliation.objects.all().delete()
    hours.at = clock.wall()
    assert begin(at=hours.at, actor=ACTOR) == 1
    late = Reconciliation.objects.get()
    run_sweep()
    late.refresh_from_db()
    assert (late.asked, tasks()) == (0, []), "within the hour it is left to the worker"


@pytest.mark.fr("FR-071", "B-11")
def test_a_failed_payment_that_was_charged_is_recorded_by_one_click(hours: Hours, sandbox: Sandbox) -> None:
    account, payment = owing(4900, "pm_card_chargeCustomerFail")
    run_sweep()
    payment.refresh_from_db()
    assert (payment.status, payment.next_retry_at is None) == ("FAILED", False)
    attach(account, set_as_default=True)
    Payment.objects.filter(status="PENDING").delete()
    card = sandbox.client().v1.customers.payment_methods.list(GatewayCustomer.objects.get(account=account).gateway_id)
    assert card.data
    charge_id = charge_with(sandbox, account, 4900, payment)
    hours.look()
    assert tasks() == [], "first it is looked into as a webhook would have said"
    hours.look()
    assert tasks() == [("charge_not_recorded", "OPEN", "record", 4900, 0)]
    [row] = Difference.objects.all()
    assert (row.subject, row.account_id, row.payment_id) == (charge_id, account.pk, payment.pk)
    assert Event.objects.get(event_type="reconciliation.difference_found").data["object"]["id"] == str(row.pk)
    assert ((["charge_not_recorded"], 1.0)) in list(reconciliation_differences())
    closed = differences.apply(difference_id=row.pk, actor=ACTOR)
    assert (closed.status, closed.closed_by, closed.reason) == (
        "RESOLVED", str(ACTOR), "Recorded as the gateway has it.",
    )  # fmt: skip
    payment.refresh_from_db()
    assert (payment.status, payment.gateway_transaction_id, payment.next_retry_at) == ("SUCCEEDED", charge_id, None)
    assert standing(payment) == ("PAID", 0)
    hours.look()
    assert Difference.objects.filter(status="OPEN").count() == 0
    assert {value for _, value in reconciliation_differences()} == {0.0}


def charge_with(sandbox: Sandbox, account: Any, amount: int, payment: Payment) -> str:
    """The gateway charges a good card for a payment of ours."""
    customer = GatewayCustomer.objects.get(account=account).gateway_id
    client = sandbox.client()
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    intent = client.v1.payment_intents.create(
        {
            "amount": amount, "currency": "usd", "customer": customer, "payment_method": card.id, "confirm": True,
            "off_session": True, "metadata": {"payment_id": str(payment.pk)},
        }
    )  # fmt: skip
    assert intent.status == "succeeded"
    return str(intent.id)


@pytest.mark.fr("B-11")
def test_another_amount_than_ours_is_recorded_as_it_came(hours: Hours, sandbox: Sandbox) -> None:
    _, payment = owing(4900)
    charge_with(sandbox, payment.account, 6000, payment)
    Payment.objects.filter(pk=payment.pk).update(next_call_at=None)
    hours.look()
    hours.look()
    assert tasks() == [("charge_not_recorded", "OPEN", "record", 6000, 0)]
    differences.apply(difference_id=Difference.objects.get().pk, actor=ACTOR)
    payment.refresh_from_db()
    assert (payment.status, payment.amount, standing(payment)) == ("SUCCEEDED", 6000, ("PAID", 0))
    assert clearing() == 6000
    credit = Posting.objects.filter(ledger_account="customer_credit").values_list("amount", flat=True)
    assert sum(credit) == -1100
    hours.look()
    assert Difference.objects.filter(status="OPEN").count() == 0


@pytest.mark.fr("B-11")
def test_a_charge_of_a_customer_of_ours_is_taken_over(hours: Hours, sandbox: Sandbox) -> None:
    first = paid(5000)
    charge_id = charge_at_gateway(sandbox, first.account, 700)
    hours.look()
    assert tasks() == [("charge_unknown", "OPEN", "take_over", 700, 0)]
    row = differences.apply(difference_id=Difference.objects.get().pk, actor=ACTOR)
    assert (row.status, row.reason) == ("RESOLVED", "Taken over for the account.")
    made = Payment.objects.get(gateway_transaction_id=charge_id)
    assert (made.status, made.amount, made.method, made.account_id) == ("SUCCEEDED", 700, "gateway", first.account_id)
    assert clearing() == 5700
    hours.look()
    assert tasks(status="OPEN") == []


@pytest.mark.fr("B-11")
def test_a_charge_of_a_stranger_is_dismissed_and_comes_back_with_another_amount(hours: Hours, sandbox: Sandbox) -> None:
    paid(5000)
    client = sandbox.client()
    customer = client.v1.customers.create({"email": "eve@example.com"})
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    intent = client.v1.payment_intents.create(
        {"amount": 900, "currency": "usd", "customer": customer.id, "payment_method": card.id, "confirm": True,
         "off_session": True}
    )  # fmt: skip
    hours.look()
    [row] = Difference.objects.filter(subject=intent.id)
    assert (row.kind, row.fix, row.account_id) == ("charge_unknown", "by_hand", None)
    gone = differences.dismiss(difference_id=row.pk, reason="The shop's own till", actor=ACTOR)
    assert (gone.status, gone.reason) == ("DISMISSED", "The shop's own till")
    hours.look()
    hours.look(hours=24)
    row.refresh_from_db()
    assert row.status == "DISMISSED"
    moved = GatewayMovement.objects.get(charge_id=intent.id)
    GatewayMovement.objects.create(
        gateway_id="txn_later", side="charge", amount=100, currency="USD", charge_id=intent.id, source_id="ch_later",
        at=moved.at,
    )  # fmt: skip
    hours.look(hours=24)
    row.refresh_from_db()
    assert (row.status, row.outside_amount, row.reason) == ("OPEN", 1000, "")
    GatewayMovement.objects.create(
        gateway_id="txn_back", side="refund", amount=-1000, currency="USD", charge_id=intent.id, source_id="re_1",
        at=moved.at,
    )  # fmt: skip
    hours.look()
    row.refresh_from_db()
    assert (row.status, row.reason) == ("RESOLVED", "Both sides agree by now."), "it was given back there"
    assert Difference.objects.filter(subject=intent.id).count() == 1


@pytest.mark.fr("FR-071", "B-11")
def test_a_lost_refund_and_a_lost_dispute_are_heard_of(hours: Hours, sandbox: Sandbox) -> None:
    refunded, disputed = paid(5000), paid(3000)
    client = sandbox.client()
    client.v1.refunds.create({"payment_intent": str(refunded.gateway_transaction_id), "amount": 1200})
    assert sandbox.call("POST", "/_sandbox/disputes", {"charge": disputed.gateway_transaction_id})[0] == 200
    assert hours.look().asked == 2
    refunded.refresh_from_db()
    disputed.refresh_from_db()
    assert (refunded.amount_refunded, disputed.amount_charged_back) == (1200, 3000)
    assert standing(disputed) == ("OPEN", 3000)
    assert clearing() == 3800
    hours.look()
    assert tasks() == []


@pytest.mark.fr("B-11")
def test_a_payment_that_the_gateway_does_not_know(hours: Hours, sandbox: Sandbox) -> None:
    payment = paid(5000)
    Payment.objects.filter(pk=payment.pk).update(gateway_transaction_id="pi_never")
    hours.look()
    assert tasks() == [
        ("charge_unknown", "OPEN", "take_over", 5000, 0),
        ("payment_not_at_gateway", "OPEN", "look_again", 0, 5000),
    ]
    row = Difference.objects.get(kind="payment_not_at_gateway")
    assert differences.apply(difference_id=row.pk, actor=ACTOR).status == "OPEN"
    run_sweep()
    again = Reconciliation.objects.order_by("-pk")[0]
    assert (again.slot, again.finished_at is None, tasks(kind="payment_not_at_gateway")[0][1]) == (None, False, "OPEN")
    Payment.objects.filter(pk=payment.pk).update(gateway_transaction_id=payment.gateway_transaction_id)
    hours.look()
    assert [(status, ours) for _, status, _, _, ours in tasks()] == [("RESOLVED", 0), ("RESOLVED", 5000)]
    assert set(Difference.objects.values_list("reason", flat=True)) == {"Both sides agree by now."}


@pytest.mark.fr("B-11", "B-04")
def test_books_that_do_not_say_what_the_payments_say(hours: Hours, sandbox: Sandbox) -> None:
    payment = paid(5000)
    Payment.objects.filter(pk=payment.pk).update(amount=5100)
    hours.look()
    assert tasks() == [
        ("amount_differs", "OPEN", "by_hand", 5000, 5100),
        ("clearing_differs", "OPEN", "by_hand", 5100, 5000),
    ]
    Payment.objects.filter(pk=payment.pk).update(amount=5000)
    hours.look()
    assert [status for _, status, _, _, _ in tasks()] == ["RESOLVED", "OPEN"], "clearing is compared once a day"
    hours.look(hours=24)
    assert [status for _, status, _, _, _ in tasks()] == ["RESOLVED", "RESOLVED"]


@pytest.mark.fr("FR-071")
def test_once_an_hour_in_full_once_a_day_and_late_after_an_outage(hours: Hours, sandbox: Sandbox) -> None:
    at = datetime.fromisoformat("2027-03-01T00:20:00+00:00")
    hour = timedelta(hours=1)
    seen = []
    for step in (0, 0.5, 1, 2, 9, 24):
        when = at + step * hour
        if due.earliest_look(when, Scope()) is not None:
            assert due.begin_look(when, Scope()) == 1
            assert due.earliest_look(when, Scope()) is None
            assert due.begin_look(when + timedelta(days=3), Scope()) == 0, "one is on its way"
            run_sweep()
            row = Reconciliation.objects.order_by("-pk")[0]
            seen.append((step, row.whole, row.until - row.since))
    assert [(step, full) for step, full, _ in seen] == [(0, True), (1, False), (2, False), (9, False), (24, True)]
    assert [span for _, _, span in seen[1:]] == [2 * hour, 2 * hour, 8 * hour, timedelta(days=7)]
    assert due.earliest_look(at, Scope(payer().pk)) is None


@pytest.mark.fr("FR-071")
def test_a_silent_gateway_is_asked_again(hours: Hours, sandbox: Sandbox) -> None:
    paid(5000)
    sandbox.fault(kind="error_before", operation="GET /v1/balance_transactions", count=1)
    hours.at += timedelta(hours=1)
    begin(at=hours.at, actor=ACTOR)
    run_sweep()
    look = Reconciliation.objects.get()
    assert (look.finished_at, look.lease_token, bool(look.last_error)) == (None, None, True)
    Reconciliation.objects.update(next_call_at=clock.wall())
    run_sweep()
    look.refresh_from_db()
    assert (look.finished_at is None, look.last_error, GatewayMovement.objects.filter(amount=5000).exists()) == (
        False, "", True,
    )  # fmt: skip
    assert Invoice.objects.get().status == "PAID"
    assert GatewayNotice.objects.count() == 0
