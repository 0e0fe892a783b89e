"""What is too little to charge waits for the next invoice, what is too much for a transfer: not a cent is lost."""

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import Account
from apps.dunning.queries import oldest_unpaid
from apps.events.models import Event
from apps.invoices.actions.give_back import record_chargeback
from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.kernel.errors import DomainError
from apps.kernel.ids import uuid7
from apps.notifications.models import Message
from apps.notifications.subscribers import announce_receipts
from apps.payments import queries
from apps.payments.actions.refund import refund
from apps.payments.actions.retry import pay
from apps.payments.actions.transfer import Transfer, record_transfer
from apps.payments.models import Payment
from apps.payments.rules import Limits, chargeable
from apps.payments.stripe.limits import limits
from tests.factories.invoices import AT, draft, invoice, issued, line, payer
from tests.factories.payments import ACTOR, attach, due_now, known_method, run_sweep
from tests.stripe_sandbox.conftest import Sandbox

LATER = AT + timedelta(days=40)


def payments(account: Account) -> list[tuple[int, int, str]]:
    rows = Payment.objects.filter(account=account).order_by("pk")
    return list(rows.values_list("amount", "carried", "status"))


def left(*invoices: Invoice) -> list[int]:
    found = balances([one.pk for one in invoices])
    return [found[one.pk].balance for one in invoices]


def statuses(account: Account) -> Counter[str]:
    return Counter(Invoice.objects.filter(account=account).values_list("status", flat=True))


@pytest.mark.fr("B-25")
@pytest.mark.parametrize(
    ("owed", "currency", "charged"),
    [
        (49, "USD", 0), (50, "USD", 50), (99_999_999, "USD", 99_999_999), (100_000_000, "USD", 0), (29, "GBP", 0),
        (30, "GBP", 30), (49, "JPY", 0), (50, "JPY", 50), (12345, "KWD", 12340), (9, "KWD", 0), (10, "KWD", 10),
        (1499, "CZK", 0), (0, "USD", 0), (1, "ZAR", 1), (100_000_009, "KWD", 0),
    ],
)  # fmt: skip
def test_what_can_be_charged(owed: int, currency: str, charged: int) -> None:
    assert chargeable(owed, limits(currency)) == charged


@given(st.integers(0, 10**15), st.integers(1, 2000), st.sampled_from([1, 10, 100]))
def test_a_charge_is_within_limits_and_within_what_is_owed(owed: int, smallest: int, multiple: int) -> None:
    taken = chargeable(owed, Limits(smallest=smallest, largest=99_999_999, multiple=multiple))
    assert 0 <= taken <= owed
    assert taken == 0 or (smallest <= taken <= 99_999_999 and taken % multiple == 0 and owed - taken < multiple)


@pytest.mark.fr("B-25")
def test_too_little_is_charged_with_the_next_invoice(books: str, sandbox: Sandbox) -> None:
    account = payer()
    attach(account)
    small = invoice(30, account=account)
    assert payments(account) == []
    assert oldest_unpaid([account.pk]) == {}, "nobody is behind with what nobody asked for"
    larger = invoice(4900, account=account)
    assert payments(account) == [(4930, 30, "PENDING")]
    run_sweep()
    assert payments(account) == [(4930, 30, "SUCCEEDED")]
    assert left(small, larger) == [0, 0]
    assert statuses(account) == {"PAID": 2}
    announce_receipts(list(Event.objects.filter(event_type="payment.succeeded")))
    text = Message.objects.get(kind="receipt").text
    assert "$49.30" in text
    assert "$0.30 for earlier invoices" in text


@pytest.mark.fr("B-25")
def test_small_ones_together_come_to_a_charge(books: str, sandbox: Sandbox) -> None:
    account = payer()
    attach(account)
    one, two = invoice(30, account=account), invoice(30, account=account)
    assert payments(account) == [(60, 30, "PENDING")]
    three = invoice(20, account=account)
    assert payments(account) == [(60, 30, "PENDING")], "what is collected already is not carried again"
    run_sweep()
    assert left(one, two, three) == [0, 0, 20]
    assert statuses(account) == {"PAID": 2, "OPEN": 1}


@pytest.mark.fr("B-25")
def test_three_decimals_are_charged_in_tens(books: str, sandbox: Sandbox) -> None:
    account = payer(currency="KWD")
    attach(account)
    one = invoice(12345, account=account)
    run_sweep()
    assert (payments(account), left(one)) == ([(12340, 0, "SUCCEEDED")], [5])
    assert oldest_unpaid([account.pk]) == {}
    two = invoice(1007, account=account)
    assert payments(account)[1] == (1010, 3, "PENDING")
    run_sweep()
    assert left(one, two) == [2, 0]
    three = invoice(998, account=account)
    run_sweep()
    assert (payments(account)[2], left(one, two, three)) == ((1000, 2, "SUCCEEDED"), [0, 0, 0])
    assert statuses(account) == {"PAID": 3}
    charge = Payment.objects.get(invoice=three)
    with pytest.raises(DomainError) as refused:
        refund(payment_id=charge.pk, amount=15, reason="too much", at=LATER, actor=ACTOR)
    assert (refused.value.code, "Refund 10" in str(refused.value.hint)) == ("refund_not_a_multiple", True)
    assert refund(payment_id=charge.pk, reason="all of it", at=LATER, actor=ACTOR).amount == 990


@pytest.mark.fr("B-25")
@pytest.mark.parametrize(("amount", "code"), [(30, "below_smallest_charge"), (100_000_000, "above_largest_charge")])
def test_nobody_can_ask_for_what_the_gateway_does_not_take(
    books: str, sandbox: Sandbox, api: Any, amount: int, code: str
) -> None:
    account = payer()
    attach(account)
    one = invoice(amount, account=account)
    answer = api("post", f"/invoices/{one.pk}/pay", {})
    assert (answer.status_code, answer.json()["code"], bool(answer.json()["hint"])) == (409, code, True)
    assert payments(account) == []
    paid = Transfer(
        account_id=account.pk, amount=amount, currency="USD", method="bank_transfer", reference="x", received_at=AT
    )
    record_transfer(paid, at=LATER, actor=ACTOR)
    assert left(one) == [0]


def test_a_charge_that_fails_leaves_the_small_one_waiting(books: str, sandbox: Sandbox) -> None:
    account = payer()
    card = attach(account)
    sandbox.call("POST", "/_sandbox/payment_methods", {"payment_method": card.gateway_id, "outcome": "do_not_honor"})
    small, larger = invoice(30, account=account), invoice(4900, account=account)
    run_sweep()
    assert (payments(account), left(small, larger)) == ([(4930, 30, "FAILED")], [30, 4900])
    sandbox.call("POST", "/_sandbox/payment_methods", {"payment_method": card.gateway_id, "outcome": None})
    pay(invoice_id=larger.pk, at=LATER, actor=ACTOR)
    assert payments(account)[1] == (4930, 30, "PENDING")
    run_sweep()
    assert left(small, larger) == [0, 0]


def test_who_pays_the_small_one_meanwhile_has_the_rest_as_credit(books: str, sandbox: Sandbox) -> None:
    account = payer()
    attach(account)
    small, larger = invoice(30, account=account), invoice(4900, account=account)
    paid = Transfer(
        account_id=account.pk, amount=30, currency="USD", method="bank_transfer", reference="x", received_at=AT,
        invoice_id=small.pk,
    )  # fmt: skip
    record_transfer(paid, at=LATER, actor=ACTOR)
    run_sweep()
    assert left(small, larger) == [0, 0]
    third = invoice(100, account=account)
    assert payments(account)[-1] == (70, 0, "PENDING"), "the rest of 30 was credit, and has paid of this"
    assert left(third) == [70]


def test_an_invoice_that_owes_more_by_then_takes_what_was_carried(committed_db: str, sandbox: Sandbox) -> None:
    account = payer()
    small, larger = invoice(30, account=account), invoice(4900, account=account)
    paid = Transfer(
        account_id=account.pk, amount=1000, currency="USD", method="bank_transfer", reference="x", received_at=AT,
        invoice_id=larger.pk,
    )  # fmt: skip
    record_transfer(paid, at=LATER, actor=ACTOR)
    attach(account)
    pay(invoice_id=larger.pk, at=LATER, actor=ACTOR)
    assert payments(account)[1:] == [(3930, 30, "PENDING")]
    record_chargeback(invoice_id=larger.pk, chargeback_id=uuid7(), amount=1000, at=LATER, actor=ACTOR)
    run_sweep()
    assert payments(account)[1:] == [(3930, 30, "SUCCEEDED")]
    assert left(small, larger) == [30, 970]


def test_together_they_are_overdue_once_they_come_to_a_charge(books: str) -> None:
    account = payer()
    one = invoice(30, account=account)
    assert queries.carried([account.pk]) == {one.pk}
    invoice(30, account=account)
    assert (queries.carried([account.pk]), oldest_unpaid([account.pk])) == (set(), {account.pk: one})


def test_what_a_bank_took_back_is_not_carried(books: str, sandbox: Sandbox) -> None:
    account = payer()
    attach(account)
    one = invoice(60, account=account)
    run_sweep()
    Payment.objects.filter(invoice=one).update(amount_charged_back=60)
    assert queries.small([account.pk]) == {}
    Payment.objects.filter(invoice=one).update(amount_charged_back=0)


def test_invoices_made_at_once_carry_it_once(books: str) -> None:
    account = payer()
    known_method(account)
    invoice(30, account=account)

    def make() -> None:
        invoice(4900, account=account)
        connections.close_all()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(payments(account)) == [(4900, 0, "PENDING")] * 3 + [(4930, 30, "PENDING")]


@pytest.mark.django_db
def test_of_invoices_made_together_one_carries() -> None:
    account = payer()
    known_method(account)
    invoice(30, account=account)
    issued([draft(account, line(amount)) for amount in (4900, 20, 4900, 4900)])
    assert payments(account) == [(4930, 30, "PENDING"), (4900, 0, "PENDING"), (4900, 0, "PENDING")]


@pytest.mark.django_db
def test_two_that_carry_at_once_are_refused_by_the_database() -> None:
    account = payer()
    known_method(account)
    issued([draft(account, line(amount)) for amount in (4900, 4900)])
    first, second = Payment.objects.filter(account=account)
    Payment.objects.filter(pk=first.pk).update(carried=30)
    with pytest.raises(IntegrityError, match="payments_one_carries_per_account"), transaction.atomic():
        Payment.objects.filter(pk=second.pk).update(carried=30)
    Payment.objects.filter(pk=first.pk).update(status="FAILED")
    Payment.objects.filter(pk=second.pk).update(carried=30)


@pytest.mark.django_db
@pytest.mark.parametrize("carried", [-1, 4900, 5000])
def test_more_than_the_amount_is_not_carried(carried: int) -> None:
    account = payer()
    known_method(account)
    one = invoice(4900, account=account)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(invoice=one).update(carried=carried)


@pytest.mark.fr("B-25")
@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 120), st.booleans()), min_size=1, max_size=8))
def test_never_more_than_is_owed_and_what_is_left_is_less_than_a_charge(
    books: str, sandbox: Sandbox, currency: str, life: list[tuple[int, bool]]
) -> None:
    account = payer(currency=currency)
    attach(account)
    for amount, end in life:
        invoice(amount, account=account)
        if end:
            due_now()
            run_sweep()
    run_sweep()
    came = sum(amount for amount, _, status in payments(account) if status == "SUCCEEDED")
    owed = sum(left(*Invoice.objects.filter(account=account)))
    assert came + owed == sum(amount for amount, _ in life), "what was charged and what is open are what was billed"
