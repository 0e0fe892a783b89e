"""What banks take back: owed again, a task until it is decided, and never more than was paid."""

from typing import Any

import pytest

from apps.credits.models import Grant
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.ledger.models import Entry, Posting
from apps.payments import queries
from apps.payments.actions.retry import pay
from apps.payments.models import Chargeback, Dispute, GatewayNotice, Payment, Refund
from apps.subscriptions.actions.void import void
from tests.factories.payments import ACTOR, AT, attach, owing, run_sweep
from tests.factories.returns import at_gateway, clearing, paid, standing, told
from tests.payments.signed import deliver, endpoint
from tests.payments.test_refund import again, ask
from tests.stripe_sandbox.conftest import Sandbox


class Bank:
    """The customer's bank, and Stripe that tells us of it."""

    def __init__(self, sandbox: Sandbox, client: Any, settings: Any) -> None:
        self.sandbox, self.client = sandbox, client
        endpoint(settings)

    def disputes(self, payment: Payment, **more: Any) -> str:
        charge = {"charge": payment.gateway_transaction_id, **more}
        status, opened = self.sandbox.call("POST", "/_sandbox/disputes", charge)
        assert status == 200, opened
        return str(opened["id"])

    def decides(self, dispute_id: str, outcome: str) -> None:
        body = {"dispute": dispute_id, "outcome": outcome}
        assert self.sandbox.call("POST", "/_sandbox/disputes", body)[0] == 200

    def tells(self, dispute_id: str, *kinds: str) -> None:
        for kind in kinds:
            assert deliver(self.client, f"charge.dispute.{kind}", dispute_id).status_code == 200
        run_sweep()


@pytest.fixture
def bank(books: str, sandbox: Sandbox, client: Any, settings: Any) -> Bank:
    return Bank(sandbox, client, settings)


@pytest.mark.fr("FR-061")
def test_what_is_taken_is_owed_again(bank: Bank, sandbox: Sandbox) -> None:
    payment = paid(5000)
    found = bank.disputes(payment, reason="product_not_received")
    bank.tells(found, "created", "funds_withdrawn", "created")
    row = Dispute.objects.get()
    assert (row.status, row.amount, row.withdrawn, row.reason) == ("OPEN", 5000, 5000, "product_not_received")
    payment.refresh_from_db()
    assert (payment.status, payment.amount_charged_back) == ("SUCCEEDED", 5000)
    assert standing(payment) == ("OPEN", 5000)
    assert clearing() == at_gateway(sandbox.client(), payment) == 0
    assert [each.pk for each in queries.disputes().filter(status="OPEN")] == [row.pk], "a task"
    assert told("payment.disputed", "payment.dispute_closed") == ["payment.disputed"]
    said = Event.objects.get(event_type="payment.disputed").data["object"]
    assert (said["invoice_id"], said["taken"]) == (str(payment.invoice_id), 5000)
    # Not charged again by itself, not even by another card.
    attach(payment.account, "pm_card_mastercard", set_as_default=True)
    run_sweep()
    assert Payment.objects.count() == 1


@pytest.mark.fr("FR-061")
@pytest.mark.parametrize("late", [False, True], ids=["in order", "the end before the start"])
def test_won(bank: Bank, sandbox: Sandbox, late: bool) -> None:
    payment = paid(5000)
    found = bank.disputes(payment)
    if not late:
        bank.tells(found, "created")
    bank.decides(found, "won")
    bank.tells(found, "closed", "funds_reinstated", "created", "funds_withdrawn")
    row = Dispute.objects.get()
    payment.refresh_from_db()
    assert (row.status, row.withdrawn, row.closed_at is None) == ("WON", 0, False)
    assert (payment.amount_charged_back, standing(payment)) == (0, ("PAID", 0))
    assert clearing() == at_gateway(sandbox.client(), payment) == 5000
    assert told("payment.disputed", "payment.dispute_closed") == ["payment.disputed", "payment.dispute_closed"]
    assert Entry.objects.filter(kind="chargeback_reversal").count() == (0 if late else 1)
    assert told("invoice.paid") == ["invoice.paid"] * (1 if late else 2)


@pytest.mark.fr("FR-061")
def test_lost_it_stays_owed(bank: Bank) -> None:
    payment = paid(5000)
    found = bank.disputes(payment)
    bank.decides(found, "lost")
    bank.tells(found, "closed")
    assert Dispute.objects.get().status == "LOST"
    assert standing(payment) == ("OPEN", 5000)


def test_won_after_the_customer_has_paid_again(bank: Bank) -> None:
    payment = paid(5000)
    found = bank.disputes(payment)
    bank.tells(found, "created")
    pay(invoice_id=payment.invoice_id, at=AT, actor=ACTOR)
    run_sweep()
    assert standing(payment) == ("PAID", 0)
    bank.decides(found, "won")
    bank.tells(found, "closed")
    assert standing(payment) == ("PAID", 0)
    assert (Grant.objects.get().amount, clearing()) == (5000, 10000)


def test_an_inquiry_takes_nothing(bank: Bank) -> None:
    payment = paid(5000)
    found = bank.disputes(payment, inquiry=True)
    bank.tells(found, "created")
    assert (Dispute.objects.get().status, standing(payment)) == ("INQUIRY", ("PAID", 0))
    bank.decides(found, "won")
    bank.tells(found, "closed")
    assert Dispute.objects.get().status == "WON"
    assert Chargeback.objects.count() == 0


@pytest.mark.fr("FR-061", "FR-063")
def test_a_refund_and_a_chargeback_at_once(bank: Bank, sandbox: Sandbox) -> None:
    """The bank is faster: the refund is refused, and the customer has their money once."""
    payment = paid(5000)
    row = ask(payment, 5000)
    found = bank.disputes(payment)
    assert deliver(bank.client, "charge.dispute.created", found).status_code == 200
    run_sweep()
    row.refresh_from_db()
    payment.refresh_from_db()
    assert (row.status, row.failure_code) == ("FAILED", "charge_disputed")
    assert (payment.amount_refunded, payment.amount_charged_back) == (0, 5000)
    assert clearing() == at_gateway(sandbox.client(), payment) == 0
    # The note credits it and the chargeback charges it again; what the refund left as credit pays that.
    assert (standing(payment), Grant.objects.get().amount) == (("OPEN", 5000), 5000)


@pytest.mark.fr("FR-063")
def test_what_is_charged_back_is_not_refunded(bank: Bank, sandbox: Sandbox) -> None:
    payment = paid(5000)
    ask(payment, 2000)
    run_sweep()
    found = bank.disputes(payment)
    bank.tells(found, "created")
    payment.refresh_from_db()
    assert (payment.amount_refunded, payment.amount_charged_back) == (2000, 3000)
    assert clearing() == at_gateway(sandbox.client(), payment) == 0
    with pytest.raises(Exception, match="Nothing of this payment"):
        ask(payment, 1)
    again()
    assert Refund.objects.count() == 1


def test_a_chargeback_of_a_void_invoice_is_a_loss_until_it_is_won(bank: Bank) -> None:
    payment = paid(5000)
    void(invoice_id=payment.invoice_id, reason="x", replace_it=False, at=AT, actor=ACTOR)
    found = bank.disputes(payment)
    bank.tells(found, "created")

    def loss() -> int:
        return sum(Posting.objects.filter(ledger_account="bad_debt_expense").values_list("amount", flat=True))

    assert (loss(), Invoice.objects.get().status, Grant.objects.get().amount) == (5000, "VOID", 5000)
    bank.decides(found, "won")
    bank.tells(found, "closed")
    assert (loss(), clearing(), Grant.objects.count()) == (0, 5000, 1)


@pytest.mark.fr("FR-061")
def test_a_dispute_heard_of_before_its_charge(bank: Bank, sandbox: Sandbox) -> None:
    _, payment = owing(5000, "pm_card_createDispute")
    sandbox.fault(kind="timeout_after", operation="POST /v1/payment_intents", count=1, seconds=0)
    run_sweep()
    [found] = [each for each in sandbox.client().v1.disputes.list({}).data if each.amount == 5000][:1]
    bank.tells(found.id, "created")
    payment.refresh_from_db()
    assert (payment.status, payment.amount_charged_back) == ("SUCCEEDED", 5000)
    assert standing(payment) == ("OPEN", 5000)
    assert GatewayNotice.objects.get().last_error == ""


def test_a_dispute_of_somebody_elses_charge(bank: Bank, sandbox: Sandbox) -> None:
    payment = paid(5000)
    found = bank.disputes(payment)
    Payment.objects.filter(pk=payment.pk).update(gateway_transaction_id="pi_other")
    sandbox.client().v1.payment_intents.update(
        str(payment.gateway_transaction_id), {"metadata": {"payment_id": ""}}
    )  # fmt: skip
    bank.tells(found, "created")
    assert Dispute.objects.count() == 0
    assert GatewayNotice.objects.get().last_error == "not a charge of ours"


def test_over_the_api(bank: Bank, api: Any) -> None:
    payment = paid(5000)
    bank.tells(bank.disputes(payment), "created")
    [shown] = api("get", f"/disputes?payment_id={payment.pk}&status=OPEN").json()["data"]
    assert (shown["taken"], shown["status"]) == (5000, "OPEN")
    assert api("get", f"/disputes/{shown['id']}").json() == shown
    assert api("get", "/disputes?status=LOST").json()["data"] == []
