"""What is being collected of an invoice counts as paid: nothing that comes meanwhile takes it off a second time."""

import pytest

from apps.credits.queries import balances as credit_balances
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.invoices.registry import under_way
from apps.invoices.rules import Kind, LineKind, Status
from apps.monitoring.invariants import broken
from apps.payments.models import Payment
from tests.factories.invoices import ACTOR, AT, draft, invoice, issued, line, payer
from tests.factories.payments import known_method

pytestmark = pytest.mark.django_db


def give_back(charged: Invoice, amount: int) -> None:
    issued([
        draft(
            charged.account,
            line(-amount, kind=LineKind.PRORATION_CREDIT),
            kind=Kind.PRORATION,
            reduces=[charged.pk],
        )
    ])  # fmt: skip


def test_what_is_given_back_while_the_card_is_charged_becomes_credit() -> None:
    account = payer()
    known_method(account, is_default=True)
    charged = invoice(9900, account=account)
    payment = Payment.objects.get(invoice=charged)
    assert under_way([charged.pk]) == {charged.pk: 9900}
    give_back(charged, 4000)
    assert balances([charged.pk])[charged.pk].balance == 9900
    assert credit_balances([account.pk]) == {account.pk: 4000}
    excess = record_payment(invoice_id=charged.pk, payment_id=payment.pk, amount=9900, paid_at=AT, actor=ACTOR)
    charged.refresh_from_db()
    assert (excess, charged.status) == (0, Status.PAID)


def test_only_what_nobody_collects_is_reduced() -> None:
    account = payer()
    known_method(account, is_default=True)
    charged = invoice(9900, account=account)
    Payment.objects.filter(invoice=charged).update(amount=6000)
    give_back(charged, 5000)
    charged.refresh_from_db()
    assert (balances([charged.pk])[charged.pk].balance, charged.status) == (6000, Status.OPEN)
    assert credit_balances([account.pk]) == {account.pk: 1100}


def test_what_nobody_collects_is_reduced_whole() -> None:
    charged = invoice(9900, account=payer())
    assert under_way([charged.pk]) == {charged.pk: 0}
    give_back(charged, 9900)
    charged.refresh_from_db()
    assert (balances([charged.pk])[charged.pk].balance, charged.status) == (0, Status.PAID)
    assert broken() == []
